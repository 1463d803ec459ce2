"""`failtrack signature`: hash failed jobs, check a frozen hash (S4-27..32), migrate (C-6)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pytest_failtrack.cli.options import places
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import as_dict, frozen
from pytest_failtrack.signature.signature import (
    HASH_CHARS,
    SIGNATURE_VERSION,
    STACKS_OFF,
    Entry,
    signature_hash,
)
from pytest_failtrack.signature.token import TOKEN_MAX_CHARS
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count

if TYPE_CHECKING:
    from pytest_failtrack.signature.migrate import Migration

FIXTURE = ".github/signature-fixtures/basic_jobs.json"
HASH_FILE = ".github/signature-fixtures/basic_hash.txt"
EXIT_MISMATCH = 1
MIGRATION_MAX = 40
KEYS = ("name", "step", "stack")
EXAMPLE = '[{"name": "Tests", "step": "pytest", "stack": "ValueError: boom"}]'

_HASH = re.compile(rf"[0-9a-f]{{{HASH_CHARS}}}\Z")


@frozen
class Tokens:
    """What the settings say about stacks.

    Args:
        are_enabled: False hashes `stacks-off` for every job (S4-12).
        max_chars: Longest stack (S4-13).
    """

    are_enabled: bool = True
    max_chars: int = TOKEN_MAX_CHARS


@click.group(name="signature", invoke_without_command=True)
@click.option("--jobs", metavar="JSON", help="Failed jobs as JSON, @FILE, or - for stdin.")
@click.option("--expected", metavar="HASH", help="Compare: exit 0 when equal, 1 when not.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, jobs: str | None, expected: str | None, as_json: bool) -> None:
    """Compute or check the signature of failed jobs.

    A job is {"name", "step", "stack"}; the first line of the stack is taken as it stands, up to
    STACK_TOKEN_MAX_LEN characters, or not at all with STACK_TOKENS_ENABLED=false.

    \b
    Example:
      failtrack signature --jobs '[{"name":"Tests","step":"pytest","stack":"ValueError: boom"}]' \\
          --expected 710948db01ff
    """
    if ctx.invoked_subcommand is not None:
        if jobs is not None or expected is not None:
            raise click.UsageError(f"--jobs and --expected do not go with {ctx.invoked_subcommand}")
        ctx.obj = as_json
        return
    if jobs is None:
        raise click.UsageError(f"give the failed jobs: --jobs '{EXAMPLE}'")
    wanted = None if expected is None else _parsed_hash(expected, "--expected")
    actual = signature_hash(_entries(_jobs_text(jobs), "--jobs", _tokens()))
    _report(ctx, actual, wanted, as_json, "the jobs")


@command.command(name="check")
@click.argument("fixture", default=FIXTURE, type=click.Path(path_type=Path))
@click.argument("hash_file", metavar="[HASH]", default=HASH_FILE, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(ctx: click.Context, fixture: Path, hash_file: Path, as_json: bool) -> None:
    """Hold a frozen fixture of jobs against its recorded hash.

    A change of the algorithm changes both files in one commit. Tokens are on and 160 characters
    long here, whatever the environment says: it is the algorithm that is checked.

    \b
    Example:
      failtrack signature check .github/signature-fixtures/basic_jobs.json \\
          .github/signature-fixtures/basic_hash.txt
    """
    wanted = _parsed_hash(_read(hash_file).strip(), str(hash_file))
    actual = signature_hash(_entries(_read(fixture), str(fixture), Tokens()))
    _report(ctx, actual, wanted, as_json or bool(ctx.obj), str(fixture))


@command.command(name="migrate")
@click.option("--write", is_flag=True, help="Write the aliases; without it nothing is written.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, nothing left out.")
@places
@click.pass_context
def migrate(
    ctx: click.Context,
    write: bool,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Show what this version makes of signatures that an older one made.

    Records keep the signature that they were captured with. What --write writes are aliases, old
    hash to new, in signature-aliases.json beside the evidence folder, and in the shared history
    where there is one: by them a failure that comes again is known. New records name their old
    hash themselves, so nothing has to be done for causes that neither merge nor split.

    \b
    Example:
      failtrack signature migrate
      failtrack signature migrate --write
    """
    from pytest_failtrack.cli.evidence.reading import Evidence, report_problems
    from pytest_failtrack.cli.history.shared import shared_database
    from pytest_failtrack.cli.options import settings_from
    from pytest_failtrack.history.aliases import add_aliases, aliases_path, share_aliases
    from pytest_failtrack.signature.migrate import migration

    settings = settings_from(dir=dir_, state=state, history=history)
    evidence = Evidence.of(settings)
    found = migration(evidence.records(), settings.token_max_chars)
    path = aliases_path(settings.evidence_dir)
    if write and found.aliases:
        add_aliases(path, found.aliases, "what was found now")
        if settings.is_shared:
            with shared_database(settings) as database:
                share_aliases(database, found.aliases, "what was found now")
    if as_json or ctx.obj:
        click.echo(json.dumps(_migration_json(found)))
    else:
        for line in _migration_lines(found, path, write):
            click.echo(plain(line))
    report_problems(evidence)


def _migration_json(found: Migration) -> dict[str, Any]:
    return {
        "version": SIGNATURE_VERSION,
        "current": found.current,
        "unknown": found.unknown,
        "changes": [as_dict(one) for one in found.changes],
        "merges": {new: [one.old for one in group] for new, group in found.merges.items()},
        "splits": {old: [one.new for one in group] for old, group in found.splits.items()},
        "aliases": [one.to_dict() for one in found.aliases],
    }


def _migration_lines(found: Migration, path: Path, is_written: bool) -> Iterator[str]:
    stay = sum(one.old == one.new for one in found.changes)
    yield (
        f"version {SIGNATURE_VERSION}: {count(len(found.changes) - stay, 'signature')} "
        f"of older versions would change, {stay:,} would stay; "
        f"{count(found.current, 'record')} of this version"
    )
    if found.unknown:
        yield f"{count(found.unknown, 'record')} cannot be signed again, and stay as they are"
    shown = 0
    for new, group in found.merges.items():
        shown += 1
        if shown <= MIGRATION_MAX:
            yield f"MERGE   {', '.join(one.old for one in group)} -> {new}  {group[0].token}"
    for old, group in found.splits.items():
        shown += 1
        if shown <= MIGRATION_MAX:
            yield f"SPLIT   {old} -> {', '.join(one.new for one in group)}"
    for one in found.aliases:
        if one.new not in found.merges and one.old not in found.splits:
            shown += 1
            if shown <= MIGRATION_MAX:
                yield f"RENAME  {one.old} -> {one.new}"
    if shown > MIGRATION_MAX:
        yield f"{shown - MIGRATION_MAX:,} more: --json shows all"
    if found.aliases and is_written:
        yield f"{count(len(found.aliases), 'alias', 'aliases')} written to {path}"
    elif found.aliases:
        yield "nothing was written; --write writes the aliases"


def _report(
    ctx: click.Context, actual: str, wanted: str | None, as_json: bool, subject: str
) -> None:
    """Print the hash, or the comparison, and end with its exit code."""
    is_match = wanted is None or actual == wanted
    if as_json:
        document: dict[str, Any] = {"hash": actual, "version": SIGNATURE_VERSION}
        if wanted is not None:
            document |= {"expected": wanted, "match": is_match}
        click.echo(json.dumps(document))
    elif wanted is None:
        click.echo(actual)
    elif is_match:
        click.echo(f"{actual} matches")
    else:
        click.echo(
            f"signature mismatch: {subject} hash to {actual}, expected {wanted}. If the algorithm "
            "or the jobs were changed on purpose, change jobs and hash in one commit."
        )
    ctx.exit(0 if is_match else EXIT_MISMATCH)


def _entries(text: str, source: str, tokens: Tokens) -> list[Entry]:
    """Return the entries of a JSON list of jobs.

    Raises:
        InputError: It is no JSON, no list, empty, or a job in it cannot be understood.
    """
    try:
        jobs = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: not JSON ({error}); write a list such as {EXAMPLE}") from None
    if not isinstance(jobs, list) or not jobs:
        found = "an empty list" if jobs == [] else f"a {type(jobs).__name__}"
        raise InputError(f"{source}: {found}; write a list of failed jobs such as {EXAMPLE}")
    return [_entry(job, f"{source}: job {at}", tokens) for at, job in enumerate(jobs, start=1)]


def _entry(job: Any, source: str, tokens: Tokens) -> Entry:
    if not isinstance(job, Mapping) or not any(key in job for key in KEYS):
        raise InputError(f"{source}: none of the keys {', '.join(KEYS)}; write {EXAMPLE[1:-1]}")
    for key in KEYS:
        if not isinstance(job.get(key), str | None):
            raise InputError(f"{source}: {key!r} is {job[key]!r}; write a string, or null")
    return Entry(job.get("name") or "", job.get("step") or "", _stack(job.get("stack"), tokens))


def _stack(stack: str | None, tokens: Tokens) -> str:
    """Return the token of a given stack: its first line, not normalized a second time (C-6)."""
    if not tokens.are_enabled:
        return STACKS_OFF
    lines = [line.strip() for line in (stack or "").splitlines() if line.strip()]
    return lines[0][: tokens.max_chars].rstrip() if lines else ""


def _tokens() -> Tokens:
    from pytest_failtrack.cli.options import settings_from

    settings = settings_from()
    return Tokens(settings.tokens_enabled, settings.token_max_chars)


def _jobs_text(jobs: str) -> str:
    if jobs == "-":
        return sys.stdin.read()
    return _read(Path(jobs[1:])) if jobs.startswith("@") else jobs


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{path}: cannot be read ({reason}); name an existing file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save it as UTF-8") from None


def _parsed_hash(text: str, source: str) -> str:
    """Return a recorded hash in lower case.

    Raises:
        InputError: It is not 12 hex digits.
    """
    if not _HASH.match(text.lower()):
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise InputError(f"{source}: {shown!r} is no hash; write {HASH_CHARS} hex digits")
    return text.lower()
