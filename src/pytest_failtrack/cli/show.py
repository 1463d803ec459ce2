"""`failtrack show`: everything that a person needs to know of one cause or one record."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from pytest_failtrack.classify.blame import blame_of_record
from pytest_failtrack.classify.taxonomy import MEANINGS, Subcategory
from pytest_failtrack.cli.evidence.causes import cause_of_record, is_test
from pytest_failtrack.cli.evidence.finding import find
from pytest_failtrack.cli.evidence.occurrences import Occurrence, occurrences, records_of
from pytest_failtrack.cli.evidence.reading import (
    Document,
    Evidence,
    report_problems,
    shown_path,
)
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lives import signed_reviews
from pytest_failtrack.policy.digest import Cause
from pytest_failtrack.record.reviews import DEMANDED_FROM
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.json_digest import cause_to_json
from pytest_failtrack.sinks.plain import cut, plain, plain_lines
from pytest_failtrack.sinks.terminal import cause_lines

TESTS_MAX = 20
OCCURRENCES_MAX = 10
DETAIL_LINES_MAX = 40
LABEL_WIDTH = 14
WIDTH_MIN = 40


@click.command("show", epilog="Example: failtrack show 9c41d07be2a5")
@click.argument("cause_or_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs, nothing left out.")
@places
def command(
    cause_or_id: str, as_json: bool, dir_: str | None, state: str | None, history: str | None
) -> None:
    """Show one cause or one record: what, where, whose, since when, and how to run it again.

    CAUSE_OR_ID is a cause id or a failure id as `failtrack list` prints them, or its first 4
    characters or more.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    evidence = Evidence.of(settings)
    found = find(evidence, cause_or_id)
    folder = shown_path(evidence.evidence_dir, evidence.root)
    screen = Screen.of_stdout()
    if found.record is not None and as_json:
        click.echo(json.dumps(found.record, indent=2))
    elif found.record is not None:
        cause = cause_of_record(found.record)
        cause = _as_signed(cause, [found.record], settings, evidence)
        screen.write(record_text(found.record, cause, folder, screen))
    else:
        seen = occurrences(evidence, found)
        records = records_of(evidence, seen[-1])
        newest = _as_signed(seen[-1].cause, records, settings, evidence)
        seen = [*seen[:-1], replaced(seen[-1], cause=newest)]
        if as_json:
            click.echo(json.dumps(cause_json(seen, records), indent=2))
        else:
            screen.write(cause_text(seen, records, folder, screen))
    report_problems(evidence)


def cause_json(seen: Sequence[Occurrence], records: Sequence[Document]) -> dict[str, Any]:
    """Return a cause for programs: `cause`, `occurrences` [build_id, at, failures], `records`."""
    return {
        "cause": cause_to_json(seen[-1].cause),
        "occurrences": [
            {"build_id": one.build_id, "at": one.at, "failures": one.cause.failures} for one in seen
        ],
        "records": list(records),
    }


def cause_text(
    seen: Sequence[Occurrence], records: Sequence[Document], folder: str, screen: Screen
) -> Iterator[str]:
    """Return the lines about a cause.

    Args:
        seen: Its occurrences, the newest last.
        records: The records of the newest one.
        folder: The evidence folder as it is shown.
        screen: Where the lines go.
    """
    cause = seen[-1].cause
    can_rerun = any(map(is_test, records)) if records else bool(cause.nodeids)
    yield from cause_lines([cause], width=screen.width, color=screen.color, unicode=screen.unicode)
    yield ""
    yield from _fields(
        (
            ("meaning", _meaning(cause.subcategory)),
            ("failure type", cause.failure_type),
            ("what to do", cause.recovery),
            ("retry", cause.retry if cause.is_retryable else "no"),
            ("second owner", cause.secondary),
            ("told", ", ".join(cause.notify)),
            ("due", _due(cause)),
            ("status", _statuses(records)),
            ("signature", cause.key),
            ("signatures", ", ".join(cause.signatures) if len(cause.signatures) > 1 else ""),
            ("one cause", cause.why),
            ("run", _run_url(records)),
            ("run again", f"failtrack rerun {cause.cause_id}" if can_rerun else ""),
        ),
        screen,
    )
    # What broke outside of tests has no node id.
    yield from _section("tests", tuple(filter(None, cause.nodeids)), TESTS_MAX, screen)
    history = [
        f"{_moment(one.at)}  build {one.build_id}  {wording.count(one.cause.failures, 'failure')}"
        for one in reversed(seen)
    ]
    yield from _section("occurrences", history, OCCURRENCES_MAX, screen)
    if records:
        yield from _details(records[-1], screen)
        yield from _record_files(records, folder, screen)


def _as_signed(
    cause: Cause, records: Sequence[Document], settings: Settings, evidence: Evidence
) -> Cause:
    """Return a cause with the reviews that are signed now; its run knew those of then (S0-127)."""
    if cause.occurrence < DEMANDED_FROM:
        return cause
    own = [one["failure_id"] for one in records]
    earlier = {
        name for one in records for name in one["repetition_tracking"]["previous_occurrence_ids"]
    }
    try:
        return replaced(cause, signed=signed_reviews(settings, own, earlier))
    except FailtrackError as error:
        evidence.problems.append(f"whether reviews are signed is not known: {error.message}")
        return cause


def record_text(record: Document, cause: Cause, folder: str, screen: Screen) -> Iterator[str]:
    """Return the lines about a record and the cause that it is alone."""
    yield from cause_lines([cause], width=screen.width, color=screen.color, unicode=screen.unicode)
    yield ""
    test, classification = record["test"], record["classification"]
    metadata, resolution = record["metadata"], record["resolution"]
    attempt = f", attempt {test['attempt']}" if test["attempt"] > 1 else ""
    yield from _fields(
        (
            ("record", record["failure_id"]),
            ("test", test["nodeid"]),
            ("outcome", f"{test['outcome']} in {test['when']}{attempt}"),
            ("seen", _moment(record["timestamp"])),
            ("build", record["build_id"]),
            ("status", record["status"]),
            ("priority", f"{metadata['priority']} ({record['severity']})"),
            ("phase", record["context"]["phase"]),
            ("component", record["context"]["component"]),
            ("error", record["failure_description"]["error_message"]),
            ("meaning", _meaning(record["subcategory"])),
            ("failure type", classification["failure_type"]),
            ("lies in", blame_of_record(record)),
            ("why so", "; ".join(classification["reasons"])),
            ("confidence", f"{classification['confidence']:.2f}"),
            ("what to do", classification["recovery_suggestion"]),
            ("due", _moment(metadata["sla_resolution_target"])),
            ("root cause", record["root_cause"]["root_cause_summary"]),
            ("resolution", resolution["resolution_description"]),
            ("told", ", ".join(record["escalation"]["notify"])),
            ("run", record["environment"]["run_url"]),
            ("run again", f"failtrack rerun {record['failure_id']}" if is_test(record) else ""),
        ),
        screen,
    )
    before = record["repetition_tracking"]["previous_occurrence_ids"]
    yield from _section("occurrences before", before, OCCURRENCES_MAX, screen)
    yield from _details(record, screen)
    yield from _record_files([record], folder, screen)


def _fields(pairs: Iterable[tuple[str, str | None]], screen: Screen) -> Iterator[str]:
    room = max(screen.width, WIDTH_MIN) - LABEL_WIDTH
    for label, value in pairs:
        shown = plain(value or "", unicode=screen.unicode)
        for index, line in enumerate(textwrap.wrap(shown, room, break_on_hyphens=False)):
            yield f"{'' if index else label:<{LABEL_WIDTH}}{line}"


def _section(title: str, lines: Sequence[str], limit: int, screen: Screen) -> Iterator[str]:
    if not lines:
        return
    yield ""
    yield f"{title} ({len(lines):,})"
    for line in lines[:limit]:
        yield f"  {plain(line, unicode=screen.unicode)}"
    if len(lines) > limit:
        yield f"  {len(lines) - limit:,} more: --json shows all"


def _details(record: Document, screen: Screen) -> Iterator[str]:
    text = record["failure_description"]["details"]
    if not text.strip():
        return
    yield ""
    yield f"details of {record['failure_id']}"
    for line in plain_lines(text.strip("\n"), unicode=screen.unicode, max_lines=DETAIL_LINES_MAX):
        yield cut(f"  | {line}".rstrip(), max(screen.width, WIDTH_MIN))


def _record_files(records: Sequence[Document], folder: str, screen: Screen) -> Iterator[str]:
    paths = [f"{folder}/{one['failure_id']}.json" for one in records]
    yield from _section("records", paths, OCCURRENCES_MAX, screen)


def _meaning(subcategory: str) -> str:
    return f"{subcategory}: {MEANINGS[Subcategory(subcategory)]}"


def _due(cause: Cause) -> str:
    if cause.due is None:
        return ""
    return f"{wording.moment(cause.due)} (ruled by {cause.sla_source.replace('_', ' ')})"


def _moment(text: str | None) -> str:
    return wording.moment(parse_time(text)) if text else ""


def _statuses(records: Iterable[Document]) -> str:
    numbers = Counter(one["status"] for one in records)
    return ", ".join(f"{number:,} {status}" for status, number in numbers.most_common())


def _run_url(records: Sequence[Document]) -> str:
    return records[-1]["environment"]["run_url"] or "" if records else ""
