"""`failtrack catalog explain`: what an entry means, or which one a text belongs to and why."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from pytest_failtrack.classify.entry import OUTCOMES, WHENS, Entry
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.catalog.shown import as_json_of, meaning_lines, write
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.errors import InputError

SHOWN_LOSERS = 8


@click.command("explain", epilog="Example: failtrack catalog explain \"KeyError: 'customer_id'\"")
@click.argument("what", metavar="ID|TEXT|-")
@click.option("--command", "command_", metavar="LINE", help="Command that printed the text.")
@click.option("--exit-status", type=int, help="Exit status that the command ended with.")
@click.option(
    "--when",
    type=click.Choice(sorted(WHENS)),
    default="command",
    show_default=True,
    help="Phase in which the text was seen.",
)
@click.option(
    "--outcome",
    type=click.Choice(sorted(OUTCOMES)),
    default="failed",
    show_default=True,
    help="How it ended.",
)
@click.option("--all", "wants_all", is_flag=True, help="Show every entry that lost.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    what: str,
    command_: str | None,
    exit_status: int | None,
    when: str,
    outcome: str,
    wants_all: bool,
    as_json: bool,
) -> None:
    """Say what an entry means, or which entry a text belongs to, and why.

    ID is an entry of the catalog. Any other TEXT, or standard input for `-`, is taken for what a
    command or a test printed: the entry that wins is shown with its reasons, then the others that
    matched, each with the reason why it lost.
    """
    shelf = Shelf.of(settings_from())
    if what in shelf.catalog.entries:
        _explain_entry(shelf, shelf.catalog.entries[what], as_json)
        return
    text = sys.stdin.read() if what == "-" else what
    if not text.strip():
        raise InputError("there is nothing to explain: give an entry, a text, or a log on stdin")
    _explain_text(
        shelf,
        _observed(text, command_, exit_status, when, outcome),
        SHOWN_LOSERS if not wants_all else len(shelf.catalog.entries),
        as_json,
    )


def _explain_entry(shelf: Shelf, entry: Entry, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(as_json_of(entry, shelf), indent=2))
        return
    write(meaning_lines(entry, shelf))


def _observed(text: str, line: str | None, exit_status: int | None, when: str, outcome: str) -> Any:
    """Return a text as an observation, as `failtrack run` or pytest would have made it."""
    from pytest_failtrack.observe.from_log import first_error_line, tail
    from pytest_failtrack.observe.observation import Observation

    is_log = when == "command"
    error = first_error_line(text) or "" if is_log and "\n" in text.strip() else text.strip()
    return Observation(
        source=("command" if line else "log") if is_log else "pytest",
        when=when,
        nodeid=line or "(text)",
        outcome=outcome,
        text=error,
        captured={"output": tail(text)} if is_log else {},
        exit_status=exit_status,
    )


def _explain_text(shelf: Shelf, observation: Any, shown: int, as_json: bool) -> None:
    from pytest_failtrack.classify.classify import classify
    from pytest_failtrack.classify.conditions import Question
    from pytest_failtrack.classify.explain import losers_of

    answer = classify(observation, shelf.catalog)
    _, losers = losers_of(Question(observation, shelf.catalog))
    if as_json:
        lost = [{"id": one.match.entry.id, "why": one.why} for one in losers]
        document = {
            "catalog_entry_id": answer.catalog_entry_id,
            "category": answer.category,
            "subcategory": answer.subcategory,
            "failure_type": answer.failure_type,
            "severity": answer.severity,
            "confidence": answer.confidence,
            "match_type": answer.match_type,
            "retryable": answer.is_retryable,
            "recovery_mode": answer.recovery_mode,
            "suggestion": answer.recovery_suggestion,
            "best_guess": answer.best_guess,
            "reasons": list(answer.reasons),
            "lost": lost[:shown],
        }
        click.echo(json.dumps(document, indent=2))
        return
    retry = "retryable" if answer.is_retryable else "not retryable"
    lines = [
        f"{answer.catalog_entry_id or 'no entry matches'}",
        f"  {answer.category} / {answer.subcategory}    {answer.failure_type}"
        f"    {answer.severity}    {retry}",
        f"  confidence {answer.confidence:.2f} ({answer.match_type})",
        *(f"  - {reason}" for reason in answer.reasons),
        f"  next: {answer.recovery_suggestion}",
    ]
    if losers:
        lines += ["", "these match too, and lost:"]
        lines += [f"  {one.match.entry.id}: {one.why}" for one in losers[:shown]]
        if len(losers) > shown:
            lines.append(f"  ... and {len(losers) - shown} more (--all)")
    write(lines)
