"""`failtrack record ID show`: where a record is in its life, and how it came there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import click

from pytest_failtrack.cli.evidence.reading import Document, Evidence, report_problems
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.record.desk import found, next_step
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lives import read_changes
from pytest_failtrack.record.analysis import unanswered
from pytest_failtrack.record.change import STATUS, Change, document_of, event_time
from pytest_failtrack.record.links import Link, links
from pytest_failtrack.record.response import Answer, answers
from pytest_failtrack.record.reviews import DEMANDED_FROM, REQUIRED_REVIEWS, signatures
from pytest_failtrack.record.stages import Stage, stages
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.plain import cut, plain

LABEL_WIDTH = 13
STAGE_WIDTH = 30
VALUE_MAX_CHARS = 60
WIDTH_MIN = 60
NEVER = "-"


@frozen
class Life:
    """Everything that is known of the life of one record.

    Args:
        record: The record.
        changes: Its events, the oldest first.
        stages: The five stages.
        answers: Time to triage and to acknowledge.
        links: Records that belong to it.
        signed: Who signed which review; empty before a third occurrence.
        now: The moment at which it was asked.
    """

    record: Document
    changes: tuple[Change, ...]
    stages: tuple[Stage, ...]
    answers: tuple[Answer, ...]
    links: tuple[Link, ...]
    signed: dict[str, Change]
    now: datetime

    @classmethod
    def of(cls, record: Document, changes: Sequence[Change], now: datetime) -> Life:
        """Return the life of a record."""
        return cls(
            record=record,
            changes=tuple(changes),
            stages=stages(record, changes),
            answers=answers(record, changes, now),
            links=tuple(links(changes)),
            signed=signatures(changes),
            now=now,
        )

    @property
    def needs_reviews(self) -> bool:
        """Whether its occurrence demands the three reviews (S0-127)."""
        return bool(self.record["escalation"]["occurrence"] >= DEMANDED_FROM)


@click.command("show", epilog="Example: failtrack record 0b9c7d1e show --json")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
@click.pass_obj
def command(
    word: str, as_json: bool, dir_: str | None, state: str | None, history: str | None
) -> None:
    """Show the status of a record, the five stages, the response times, and every change."""
    settings = settings_from(dir=dir_, state=state, history=history)
    evidence = Evidence.of(settings)
    record = found(evidence, word)
    problems: list[str] = []
    changes = read_changes(settings, record["failure_id"], tell=problems.append)
    life = Life.of(record, changes, datetime.now(timezone.utc))
    if as_json:
        click.echo(json.dumps({**to_json(life), "problems": problems}, indent=2))
    else:
        screen = Screen.of_stdout()
        screen.write(text_of(life, screen))
    for sentence in problems:
        click.echo(f"failtrack: left out: {plain(sentence)}", err=True)
    report_problems(evidence)


def text_of(life: Life, screen: Screen) -> Iterator[str]:
    """Yield the lines for people."""
    width = max(screen.width, WIDTH_MIN)
    for line in _lines(life):
        yield cut(_shown(line, screen), width)


def to_json(life: Life) -> dict[str, Any]:
    """Return it for programs; keys are added in later versions, never changed.

    The `record`; `stages`, each with `name`, `at`, `by`, `says`; `response`, with `seconds` (null
    while there is no answer), `limit_seconds`, `waited_seconds`, `is_late`; `reviews` by name, null
    where not signed; `links`; `unanswered` questions of the analysis; `changes`, the oldest first.
    """
    reviews = {
        name: _signature(life.signed.get(name)) for name in REQUIRED_REVIEWS if life.needs_reviews
    }
    return {
        "record": dict(life.record),
        "stages": [
            {
                "name": one.name,
                "at": event_time(one.at) if one.at else None,
                "by": one.by,
                "says": one.says,
            }
            for one in life.stages
        ],
        "response": {one.name: _answer(one) for one in life.answers},
        "reviews": reviews,
        "links": [
            {"relation": one.relation, "other": one.other, "by": one.by, "at": event_time(one.at)}
            for one in life.links
        ],
        "unanswered": unanswered(life.record),
        "changes": [document_of(one) for one in life.changes],
    }


def _answer(one: Answer) -> dict[str, Any]:
    return {
        "seconds": None if one.taken is None else one.taken.total_seconds(),
        "limit_seconds": one.limit.total_seconds(),
        "waited_seconds": one.waited.total_seconds(),
        "is_late": one.is_late,
        "by": one.by,
    }


def _signature(change: Change | None) -> dict[str, str] | None:
    if change is None:
        return None
    return {"by": change.by, "at": event_time(change.at), "note": change.note}


def _lines(life: Life) -> Iterator[str]:
    record = life.record
    metadata, cause = record["metadata"], record["root_cause"]
    error = record["failure_description"]["error_message"].partition("\n")[0]
    due = metadata["sla_resolution_target"]
    fields = [
        ("record", record["failure_id"]),
        ("status", record["status"]),
        ("failure", error or record["failure_description"]["summary"]),
        ("owner", metadata["owner"] or "nobody"),
        (
            "class",
            f"{record['category']} / {record['subcategory']}  {record['severity']}  "
            f"{metadata['priority']}",
        ),
        ("due", wording.moment(parse_time(due)) if due else ""),
        ("occurrence", _occurrence(record)),
        *((one.name, _said(one, record["status"])) for one in life.answers),
        ("analysis", _analysis(record)),
        ("root cause", (cause["root_cause_summary"] or "").partition("\n")[0]),
        ("resolution", _resolution(record)),
    ]
    if life.needs_reviews:
        for name in REQUIRED_REVIEWS:
            fields.append(("review", f"{name}: {_review(life, name)}"))
    fields += [("link", f"{one.relation} {one.other}, said {one.by}") for one in life.links]
    yield from (f"{label:<{LABEL_WIDTH}}{value}" for label, value in fields if value)
    yield ""
    yield "stages"
    for stage in life.stages:
        at = wording.moment(stage.at) if stage.at else NEVER
        by = f" ({stage.by})" if stage.by else ""
        yield f"  {at:<17}  {stage.name:<{STAGE_WIDTH}}{stage.says}{by}"
    yield ""
    yield f"history ({len(life.changes):,})" if life.changes else "history: no change yet"
    for change in life.changes:
        yield from _change_lines(change)
    following = next_step(record)
    if following:
        yield ""
        yield f"next: failtrack record {record['failure_id'][:8]} {following}"


def _change_lines(change: Change) -> Iterator[str]:
    parts = [change.action]
    if change.moves:
        parts.append(" -> ".join(change.moves))
    parts += [
        str(change.more[name])
        for name in ("item", "relation", "other", "step")
        if name in change.more
    ]
    if "ok" in change.more:
        parts.append("holds" if change.more["ok"] else "does not hold")
    yield f"  {wording.moment(change.at)}  {'  '.join(parts)}  ({change.by})"
    if change.note:
        yield f"      {change.note}"
    for name in dict.fromkeys((*change.before, *change.after)):
        before, after = change.before.get(name), change.after.get(name)
        if name != STATUS and before != after:
            yield f"      {name}: {_difference(before, after)}"


def _difference(before: object, after: object) -> str:
    """Return what changed: of a list its entries, of all else both values."""
    if not isinstance(before, list) or not isinstance(after, list):
        return f"{_value(before)} -> {_value(after)}"
    added = [f"+ {_value(one)}" for one in after if one not in before]
    removed = [f"- {_value(one)}" for one in before if one not in after]
    return ", ".join(removed + added) or "in another order"


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(" ".join(text.split()), VALUE_MAX_CHARS)


def _occurrence(record: Document) -> str:
    escalation, repetition = record["escalation"], record["repetition_tracking"]
    said = f"{wording.ordinal(escalation['occurrence'])}, {escalation['novelty']}"
    days = repetition["days_since_last_occurrence"]
    return said if days is None else f"{said}, the last one {wording.count(days, 'day')} before"


def _said(one: Answer, status: str) -> str:
    if one.taken is None and status != "OPEN":
        return "not told"
    limit = f"limit {span(one.limit)}"
    late = ", late" if one.is_late else ""
    if one.taken is None:
        return f"not yet, since {span(one.waited)} ({limit}{late})"
    return f"after {span(one.taken)} by {one.by} ({limit}{late})"


def _analysis(record: Document) -> str:
    status = record["root_cause"]["analysis_status"]
    missing = unanswered(record)
    if status == "IN_PROGRESS" and missing:
        return f"{status}, unanswered: {'; '.join(missing)}"
    return str(status)


def _resolution(record: Document) -> str:
    resolution = record["resolution"]
    if not resolution["resolution_type"]:
        return ""
    parts = [f"{resolution['resolution_type']}: {resolution['resolution_description'] or ''}"]
    if resolution["resolution_commit"]:
        parts.append(f"commit {resolution['resolution_commit'][:12]}")
    if resolution["resolution_pr"]:
        parts.append(f"pull request {resolution['resolution_pr']}")
    return ", ".join(parts)


def _review(life: Life, name: str) -> str:
    signed = life.signed.get(name)
    if signed is None:
        item = name.replace(" ", "-")
        return f"due: failtrack record {life.record['failure_id'][:8]} sign {item}"
    note = f": {signed.note}" if signed.note else ""
    return f"signed by {signed.by}, {wording.moment(signed.at)}{note}"


def span(time: timedelta) -> str:
    """Return a span of time in words: `40 s`, `15 min`, `1 h 5 min`, `3 d 2 h`."""
    seconds = int(time.total_seconds())
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    first, second = (days, hours % 24) if days else (hours, minutes % 60)
    units = ("d", "h") if days else ("h", "min")
    return f"{first:,} {units[0]}" + (f" {second} {units[1]}" if second else "")


def _shown(line: str, screen: Screen) -> str:
    """Return a line without control characters; its columns stay."""
    return "".join(
        plain(one, unicode=screen.unicode) if one.strip(" ") else one
        for one in re.split(r"( {2,})", line)
    )
