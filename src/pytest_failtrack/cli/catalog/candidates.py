"""`failtrack catalog candidates`: failures that no entry knows, and what would match them.

What nobody could classify comes again (S0-134): the causes are listed by how often they came, each
with a pattern that matches all of its failures and nothing that the catalog knows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from pytest_failtrack.classify.candidate import example_texts, proved_pattern, typed_lines
from pytest_failtrack.classify.classify import CONFIDENCE_THRESHOLD
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.evidence.reading import Evidence, report_problems
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.frozen import frozen
from pytest_failtrack.sinks.wording import count

SHOWN = 20
NOT_FAILURES = frozenset({"debt", "expired"})


@frozen
class Candidate:
    """One cause that the catalog does not know.

    Args:
        cause_id: 12 hex digits.
        error: What its newest failure said, one line.
        records: Ids of its records, the oldest first.
        builds: Builds in which it came, the oldest first.
        last_seen: When it came last, ISO 8601.
        best_guess: Subcategory that was nearest, ``.
        type: Type of the exception, ``.
        pattern: Pattern that matches all of its failures, `` when there is none.
    """

    cause_id: str
    error: str
    records: tuple[str, ...]
    builds: tuple[str, ...]
    last_seen: str
    best_guess: str = ""
    type: str = ""
    pattern: str = ""

    def command(self) -> str:
        """Return the command that makes an entry of it; what only people know is left open."""
        words = ["failtrack catalog add --id NAME --title TEXT"]
        words.append(f"--subcategory {self.best_guess or 'NAME'} --failure-type TYPE")
        if self.type and not self.pattern:
            # Beside a pattern it would claim every exception of the type.
            words.append(f"--type {self.type}")
        if self.pattern:
            quoted = self.pattern.replace("'", "'\\''")
            words.append(f"--pattern '{quoted}'")
        return " ".join([*words, f"--record {self.records[-1]}"])


@click.command("candidates", epilog="Example: failtrack catalog candidates --min 3")
@click.option(
    "--min",
    "least",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Only causes of so many builds or more.",
)
@click.option(
    "--below",
    type=click.FloatRange(0, 1),
    default=CONFIDENCE_THRESHOLD,
    show_default=True,
    help="Confidence under which a class counts as unknown.",
)
@click.option("--all", "wants_all", is_flag=True, help="Show every cause.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@places
def command(
    least: int,
    below: float,
    wants_all: bool,
    as_json: bool,
    dir_: str | None,
    **options: str | None,
) -> None:
    """List recorded causes that no entry knows, with a pattern for each.

    The most frequent come first. The pattern matches every failure of the cause, and no example of
    another entry; `failtrack catalog add` proves it before anything is written.
    """
    settings = settings_from(dir=dir_, **options)
    evidence = Evidence.of(settings)
    found = candidates(evidence.records(), Shelf.of(settings), below=below)
    found = [one for one in found if len(one.builds) >= least]
    report_problems(evidence)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], indent=2))
        return
    shown = found if wants_all else found[:SHOWN]
    lines = [line for one in shown for line in _lines(one)]
    if len(shown) < len(found):
        lines.append(f"{len(found) - len(shown):,} more: --all")
    write(lines or ["every recorded failure is known to the catalog"])


def candidates(
    records: Sequence[Mapping[str, Any]], shelf: Shelf, *, below: float = CONFIDENCE_THRESHOLD
) -> list[Candidate]:
    """Return the causes that the catalog does not know, those of most builds first.

    Args:
        records: Records, the oldest first.
        shelf: The catalog with its examples.
        below: Confidence under which a class counts as unknown.
    """
    causes: dict[str, list[Mapping[str, Any]]] = {}
    for one in records:
        is_failure = one["test"]["outcome"] not in NOT_FAILURES
        if is_failure and one["classification"]["confidence"] < below:
            causes.setdefault(one["test"]["cause_id"], []).append(one)
    examples = example_texts(shelf.examples.values())
    found = [_candidate(cause_id, members, examples) for cause_id, members in causes.items()]
    return sorted(found, key=lambda one: (-len(one.builds), -len(one.records), one.cause_id))


def _candidate(
    cause_id: str, members: Sequence[Mapping[str, Any]], examples: Sequence[str]
) -> Candidate:
    newest = members[-1]
    said = [_said(one) for one in members]
    type_, bare = typed_lines(said)
    return Candidate(
        cause_id=cause_id,
        error=said[-1],
        records=tuple(one["failure_id"] for one in members),
        builds=tuple(dict.fromkeys(one["build_id"] for one in members)),
        last_seen=newest["timestamp"],
        best_guess=newest["classification"]["best_guess"] or "",
        type=type_,
        pattern=proved_pattern(bare, examples),
    )


def _said(record: Mapping[str, Any]) -> str:
    description = record["failure_description"]
    text = str(description["error_message"] or description["summary"])
    return text.partition("\n")[0].strip()


def _lines(one: Candidate) -> Iterator[str]:
    times = f"{count(len(one.records), 'failure')} in {count(len(one.builds), 'build')}"
    yield f"{one.cause_id}  {one.error}"
    yield f"  {times}, last {one.last_seen}"
    yield f"  {one.command()}"


def _as_json(one: Candidate) -> dict[str, Any]:
    return {
        "cause_id": one.cause_id,
        "error": one.error,
        "failures": len(one.records),
        "builds": list(one.builds),
        "last_seen": one.last_seen,
        "records": list(one.records),
        "best_guess": one.best_guess or None,
        "type": one.type or None,
        "pattern": one.pattern or None,
        "command": one.command(),
    }
