"""`failtrack verify`: whether a failure is proven to be prevented; looks, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from pytest_failtrack.cli.evidence.reading import Document, Evidence
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.errors import InputError
from pytest_failtrack.sinks.plain import plain

if TYPE_CHECKING:
    from pytest_failtrack.prevention.proof import Proof

EXIT_NOT_PROVEN = 1
RECORDS_NAMED = 5
SHOWN_ID_CHARS = 8


@click.command("verify")
@click.argument("failure", metavar="ID")
@places
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.pass_context
def command(
    context: click.Context,
    failure: str,
    dir_: str | None,
    state: str | None,
    history: str | None,
    as_json: bool,
) -> None:
    """Verify that the failure of a record cannot come back; nothing is changed.

    These are the steps that a record must pass to become PREVENTED: its preconditions exist, pass
    on the tree, fail on the stored known-bad case, and the documentation has changed. They run in
    a copy of the tree. Exit code 0 when all steps hold, 1 when one does not.

    \b
    Example:
      failtrack verify 0b9c7d1e
    """
    from pytest_failtrack.prevention.prove import prove

    settings = settings_from(dir=dir_, state=state, history=history)
    record = record_of(Evidence.of(settings), failure)
    proof = prove(settings, record, now=datetime.now(timezone.utc))
    if as_json:
        click.echo(json.dumps(proof.to_dict(), indent=2))
    else:
        screen = Screen.of_stdout()
        width = max(len(one.name) for one in proof.steps)
        screen.write(
            [
                *(
                    f"{'ok' if one.ok else 'no':<4}{one.name:<{width + 2}}"
                    f"{plain(one.sentence, unicode=screen.unicode)}"
                    for one in proof.steps
                ),
                f"record {proof.failure_id} is {'proven' if proof.is_proven else 'not proven'}"
                f" to be prevented; its status is {record['status']}",
                *_next(proof, record),
            ]
        )
    if not proof.is_proven:
        context.exit(EXIT_NOT_PROVEN)


def _next(proof: Proof, record: Document) -> Iterator[str]:
    if proof.is_proven and record["status"] == "RESOLVED":
        yield f"next: failtrack record {proof.failure_id[:SHOWN_ID_CHARS]} prevent"


def record_of(evidence: Evidence, word: str) -> Document:
    """Return the one record that a word names, by its own id or by that of its cause.

    Raises:
        InputError: The word names nothing, or a cause with several records.
    """
    from pytest_failtrack.cli.evidence.finding import find
    from pytest_failtrack.cli.evidence.occurrences import occurrences

    found = find(evidence, word)
    if found.record is not None:
        return found.record
    there = set(evidence.record_ids)
    ids = dict.fromkeys(
        one
        for seen in occurrences(evidence, found)
        for one in seen.cause.record_ids
        if one in there
    )
    if len(ids) == 1 and (records := evidence.records(ids)):
        return records[0]
    named = ", ".join(list(ids)[-RECORDS_NAMED:])
    raise InputError(
        f"cause {found.cause_id} has {len(ids):,} records; name one of them, the newest last:"
        f" {named}"
    )
