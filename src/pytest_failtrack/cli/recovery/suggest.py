"""`failtrack recovery suggest`: how to recover from a failure, the likeliest way first."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import click

from pytest_failtrack.classify.recovery import SUGGESTIONS
from pytest_failtrack.classify.taxonomy import RecoveryMode
from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.recovery.subject import (
    Subject,
    as_json,
    first_line,
    retry_json,
    retry_words,
    subject_of,
    what_was_tried,
)
from pytest_failtrack.history.recovery import Candidate
from pytest_failtrack.match_desk import Desk
from pytest_failtrack.policy.retry import RetryDecision
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count


@click.command("suggest", epilog="Example: failtrack recovery suggest 'HTTP 429 Too Many Requests'")
@click.argument("what", metavar="ID|TEXT|-")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
@places
def command(what: str, wants_json: bool, dir_: str | None, **options: str | None) -> None:
    """Suggest how to recover from a failure, the likeliest way first.

    ID is a record, a match or a cause. Any other TEXT, or standard input for `-`, is an error as a
    program names it: a code or a message. The confidence says how often a way like this has helped;
    before anything was tried it is what the catalog says.
    """
    settings = settings_from(dir=dir_, **options)
    desk = Desk(settings)
    subject = subject_of(settings, desk, sys.stdin.read() if what == "-" else what)
    found = subject.candidates(what_was_tried(settings))
    decision = subject.decide(settings)
    if wants_json:
        document = {
            **as_json(subject),
            "candidates": [_candidate_json(one, subject) for one in found],
            "retry": retry_json(decision),
        }
        click.echo(json.dumps(document, indent=2))
        return
    write(list(_lines(subject, found, decision)))


def suggestion_for(mode: str, subject: Subject) -> str:
    """Return the sentence of a way to recover: the entry's own for what the catalog suggests."""
    if mode == subject.recovery_mode and subject.recovery_suggestion:
        return subject.recovery_suggestion
    known = {one.value: one for one in RecoveryMode}
    return SUGGESTIONS[known[mode]] if mode in known else mode.replace("_", " ").capitalize()


def _candidate_json(one: Candidate, subject: Subject) -> dict[str, object]:
    return {
        "recovery_mode": one.recovery_mode,
        "confidence": one.confidence,
        "attempts": one.attempts,
        "successes": one.successes,
        "is_catalogs": one.is_catalogs,
        "suggestion": suggestion_for(one.recovery_mode, subject),
    }


def _lines(subject: Subject, found: list[Candidate], decision: RetryDecision) -> Iterator[str]:
    yield plain(first_line(subject.error_code, subject.error_message))
    entry = subject.catalog_entry_id or "no entry of the catalog"
    yield f"  {entry} ({subject.match_type}, confidence {subject.confidence:.2f})"
    for one in found:
        tried = "never tried"
        if one.attempts:
            tried = f"helped {one.successes:,} of {count(one.attempts, 'time')}"
        yield f"  {one.confidence:.2f}  {one.recovery_mode}  {tried}"
        yield f"        {plain(suggestion_for(one.recovery_mode, subject))}"
    yield f"  retry: {retry_words(decision)}"
