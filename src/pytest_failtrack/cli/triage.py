"""`failtrack triage`: what the failures in reports and logs are, with nothing stored."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from pytest_failtrack.cli.options import reports, settings_from, signed_as
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.judging.triage import CauseFound, Triage, Triaged, triage
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.wording import EXPLAINED, count

if TYPE_CHECKING:
    from pytest_failtrack.observe.files import Found

SCHEMA_VERSION = "1.0"
MEMBERS_SHOWN = 5
REASONS_SHOWN = 3
CAUSES_SHOWN = 20
INDENT = " " * 8
GAP = "    "


@click.command("triage", epilog="Example: failtrack triage build/reports/junit.xml job.log --json")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document for programs.")
@click.option("--all", "shows_all", is_flag=True, help="Show every cause and every member.")
@reports
@signed_as
def command(
    files: tuple[str, ...],
    as_json: bool,
    shows_all: bool,
    coverage_min: float | None,
    exit_status: int | None,
    **options: str | None,
) -> None:
    """Say what the failures in reports and logs are, and which belong together; - reads stdin.

    Each FILE is a JUnit XML document of any runner, a report of pytest-reportlog or
    pytest-json-report, a job list of GitHub's API, a log of GitHub Actions, GitLab CI, Jenkins or
    any command, SARIF, a coverage report, a report of failtrack-guard, or observations as JSON
    lines; or a folder or an archive (.zip, .tar.gz) of them. Its kind is told by its content.
    Nothing is stored.

    Exit code 0 whatever failed: judgement is the gate's. 2 when a FILE could not be read; the
    others are shown all the same.
    """
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.files import read_all
    from pytest_failtrack.observe.reading import Wanted
    from pytest_failtrack.observe.redact import Redactor

    settings = settings_from(**options)
    builtin = Redactor.of(settings.table)
    extensions = Extensions.of_command(settings.table, builtin)
    redact = builtin.followed_by(extensions.redact)
    wanted = Wanted(str(settings.root), redact, coverage_min, exit_status)
    read = read_all(files, wanted, lambda: sys.stdin.buffer.read())
    found = triage(read.observed, settings, extensions)
    if as_json:
        click.echo(json.dumps(to_json(found, read), indent=2))
    else:
        screen = Screen.of_stdout()
        lines = list(_lines(found, read, screen, shows_all))
        if lines:
            screen.write(lines)
    for why in read.unread.values():
        click.echo(f"failtrack: {why}", err=True)
    for sentence in (*read.incomplete.values(), *read.under_way):
        click.echo(f"failtrack: {plain(sentence)}", err=True)
    # Where nothing else is shown, it stands in its place.
    if read.doubt and (as_json or found.failures):
        click.echo(f"failtrack: {plain(read.doubt)}", err=True)
    for problem in () if as_json else found.problems:
        click.echo(f"failtrack: {problem}", err=True)
    click.get_current_context().exit(2 if read.unread or read.incomplete else 0)


def to_json(found: Triage, read: Found) -> dict[str, Any]:
    """Return the document for programs.

    Args:
        found: What the failures come to.
        read: The files that they come from, and those that could not be read.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "files": [
            {
                "file": file,
                "failures": sum(one.file == file for one in found.failures),
                "problem": str(read.unread[file])
                if file in read.unread
                else read.incomplete.get(file),
            }
            for file in read.files
        ],
        "failures": [_failure_json(one) for one in found.failures],
        "causes": [_cause_json(one) for one in found.causes],
        "problems": list(found.problems),
    }


def _failure_json(one: Triaged) -> dict[str, Any]:
    seen, kind, place = one.observation, one.classification, one.place
    return {
        "file": one.file,
        "source": seen.source,
        "nodeid": seen.nodeid,
        "when": seen.when,
        "outcome": seen.outcome,
        "attempt": seen.attempt,
        "position": seen.position,
        "workflow": one.signature.workflow,
        "job": one.signature.job,
        "step": one.signature.step,
        "signature": one.signature.hash,
        "token": one.signature.token,
        "cause_id": one.cause_id,
        "error_line": one.error_line,
        "headline": one.headline,
        "place": {
            "file": (place.file if place else seen.file) or None,
            "line": place.line if place else seen.line,
            "function": (place.function if place else "") or None,
        },
        "category": kind.category,
        "subcategory": kind.subcategory,
        "failure_type": kind.failure_type,
        "severity": kind.severity,
        "confidence": kind.confidence,
        "match_type": kind.match_type,
        "catalog_entry_id": kind.catalog_entry_id or None,
        "best_guess": kind.best_guess or None,
        "is_retryable": one.retry.is_allowed,
        "retry": one.retry.words or None,
        "recovery_mode": kind.recovery_mode,
        "recovery_suggestion": kind.recovery_suggestion,
        "reasons": list(kind.reasons),
        "blame": kind.blame,
    }


def _cause_json(cause: CauseFound) -> dict[str, Any]:
    first = cause.members[0]
    return {
        "cause_id": cause.cause_id,
        "headline": cause.headline,
        "category": first.classification.category,
        "subcategory": first.classification.subcategory,
        "failure_type": first.classification.failure_type,
        "is_retryable": all(one.retry.is_allowed for one in cause.members),
        "failures": len(cause.members),
        "signatures": sorted({one.signature.hash for one in cause.members}),
        "members": list(dict.fromkeys(one.observation.nodeid for one in cause.members)),
        "why": cause.why or None,
    }


def _lines(found: Triage, read: Found, screen: Screen, shows_all: bool) -> Iterator[str]:
    """Yield what people read: the causes, each with its kind, reasons and members."""
    if not found.failures:
        instead = _instead(read)
        yield from [plain(instead, unicode=screen.unicode)] if instead else []
        return
    yield f"{count(len(found.failures), 'failure')}, {count(len(found.causes), 'root cause')}"
    yield ""
    shown = found.causes if shows_all else found.causes[:CAUSES_SHOWN]
    for cause in shown:
        head, *details = _of_cause(cause, shows_all)
        yield cut(_plain(head, screen), screen.width)
        for line in details:
            yield from _wrapped(_plain(line, screen), screen.width)
    if len(shown) < len(found.causes):
        yield f"{count(len(found.causes) - len(shown), 'more cause')}: --all"


def _wrapped(line: str, width: int) -> Iterator[str]:
    """Yield a line below a cause, on as many lines as it needs; a single word is cut."""
    room = max(width - len(INDENT), 1)
    parts = textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False)
    for part in parts:
        yield INDENT + cut(part, room)


def _instead(read: Found) -> str:
    """Return what is said where no failure was found; `no failures` only where that is known."""
    if read.doubt or read.read_files:
        return read.doubt or ("" if read.incomplete else "no failures")
    if read.passed_over:
        return f"nothing was read; passed over {read.passed_over:,} that are no reports"
    return ""


def _plain(line: str, screen: Screen) -> str:
    """Return a line made harmless; what stands in columns keeps them."""
    return GAP.join(plain(part, unicode=screen.unicode) for part in line.strip().split(GAP))


def _of_cause(cause: CauseFound, shows_all: bool) -> Iterator[str]:
    first = cause.members[0]
    kind = first.classification
    size = count(len(cause.members), "failure")
    yield f"{cause.cause_id}{GAP}{cause.headline}{GAP}{size}"
    if _place(first):
        yield INDENT + _place(first)
    retry = f"retryable ({first.retry.words})" if first.retry.is_allowed else "not retryable"
    sure = f"confidence {kind.confidence:.2f}"
    named = f"{kind.category} / {kind.subcategory}"
    yield INDENT + GAP.join([kind.blame, named, kind.failure_type, kind.severity, sure, retry])
    if kind.subcategory in EXPLAINED:
        from pytest_failtrack.classify.taxonomy import MEANINGS, Subcategory

        yield f"{INDENT}{kind.subcategory}: {MEANINGS[Subcategory(kind.subcategory)]}"
    reasons = kind.reasons if shows_all else kind.reasons[:REASONS_SHOWN]
    yield INDENT + " ".join(reasons)
    if kind.recovery_suggestion:
        yield f"{INDENT}what to do: {kind.recovery_suggestion}"
    if cause.why:
        yield f"{INDENT}one cause: {cause.why}"
    members = cause.members if shows_all else cause.members[:MEMBERS_SHOWN]
    for one in members:
        when = "" if one.observation.when in ("call", "command") else f" ({one.observation.when})"
        outcome = "" if one.observation.outcome in ("failed", "error") else one.observation.outcome
        parts = [one.signature.hash, f"{one.observation.nodeid}{when}", outcome]
        yield INDENT + GAP.join(part for part in parts if part)
    if len(members) < len(cause.members):
        yield f"{INDENT}{len(cause.members) - len(members):,} more: --all"


def _place(one: Triaged) -> str:
    if one.place is not None:
        return f"{one.place.file}:{one.place.line} in {one.place.function}"
    seen = one.observation
    return f"{seen.file}:{seen.line}" if seen.file and seen.line else seen.file
