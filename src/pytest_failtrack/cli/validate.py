"""`failtrack validate`: holds evidence files against the schema; the hook failtrack-records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.archives import Archive, place_of
from pytest_failtrack.history.matches import verify_match
from pytest_failtrack.record.verify import parse, verify_record, verify_run

EXIT_EVIDENCE = 3


@click.command("validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check that files are records, run documents or matches that can be read.

    An archive of `failtrack history pack` is checked as the documents that are in it. Exit code 0
    when all are, 3 when one is missing, cut off, changed against its schema or of a foreign
    version: each is named with its field and reason.

    \b
    Example:
      failtrack validate governance/events/failures/*.json governance/events/runs/*.json
    """
    bad = count = 0
    for file in files:
        for refusal in _refusals(file):
            count += 1
            if refusal is not None:
                bad += 1
                click.echo(str(refusal), err=True)
    click.echo(f"{count - bad} of {count} document{'' if count == 1 else 's'} valid")
    if bad:
        ctx.exit(EXIT_EVIDENCE)


def _refusals(file: Path) -> Iterator[EvidenceError | None]:
    """Yield for each document why it is refused, None when it is not."""
    try:
        if place_of(file.name) is not None:
            for path, member in _members(file):
                yield _refusal(path, member)
            return
        content = file.read_bytes()
    except OSError as error:
        yield EvidenceError(f"{file} cannot be read ({error.strerror})", slug="evidence-unreadable")
    except EvidenceError as error:
        yield error
    else:
        yield _refusal(str(file), content)


def _members(archive: Path) -> Iterator[tuple[str, bytes | EvidenceError]]:
    opened = Archive(str(archive))
    for entry, content in opened.read_many(opened.entries()):
        yield opened.path_of(entry.name), content


def _refusal(path: str, content: bytes | EvidenceError) -> EvidenceError | None:
    try:
        if isinstance(content, EvidenceError):
            raise content
        if path.endswith(".jsonl"):
            for number, line in enumerate(content.splitlines(), 1):
                parse(line, f"{path}, line {number}")
            return None
        document = parse(content, path)
        if "document_id" in document:
            verify_run(document, path)
        elif "failure_match_id" in document:
            verify_match(document, path)
        else:
            verify_record(document, path)
    except EvidenceError as error:
        return error
    return None
