"""`failtrack validate`: holds evidence files against the schema; the hook failtrack-records."""

from __future__ import annotations

from pathlib import Path

import click

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.verify import parse, verify_record, verify_run

EXIT_EVIDENCE = 3


@click.command("validate")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Check that files are records or run documents that can be read.

    Exit code 0 when all are, 3 when one is missing, cut off, changed against its schema or of a
    foreign version: each is named with its field and reason.

    \b
    Example:
      failtrack validate governance/events/failures/*.json governance/events/runs/*.json
    """
    bad = 0
    for file in files:
        try:
            _validate(file)
        except EvidenceError as error:
            bad += 1
            click.echo(str(error), err=True)
    count = len(files)
    click.echo(f"{count - bad} of {count} document{'' if count == 1 else 's'} valid")
    if bad:
        ctx.exit(EXIT_EVIDENCE)


def _validate(file: Path) -> None:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise EvidenceError(
            f"{file} cannot be read ({error.strerror})", slug="evidence-unreadable"
        ) from None
    document = parse(content, str(file))
    if "document_id" in document:
        verify_run(document, str(file))
    else:
        verify_record(document, str(file))
