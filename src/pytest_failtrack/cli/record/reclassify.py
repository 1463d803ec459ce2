"""`failtrack record ID reclassify`: what kind of failure it really is, and how bad."""

from __future__ import annotations

import click

from pytest_failtrack.classify.taxonomy import (
    CATEGORY_MEANINGS,
    SUBCATEGORIES,
    Category,
    Severity,
)
from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.errors import InputError
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.sla import deadline
from pytest_failtrack.record.lifecycle import reclassified
from pytest_failtrack.record.times import parse_time, time_text

FIELDS = ("category", "subcategory", "severity")


@click.command(
    "reclassify",
    epilog="Example: failtrack record 0b9c7d1e reclassify --subcategory QA_FALSE_NEGATIVE",
)
@click.option("--category", metavar="NAME", default="", help="Must be that of the subcategory.")
@click.option("--subcategory", metavar="NAME", default="", help="One of the 36 subcategories.")
@click.option(
    "--severity",
    type=click.Choice([one.value for one in Severity], case_sensitive=False),
    help="Priority and deadline follow from it.",
)
@acting
@click.pass_obj
def command(
    word: str,
    category: str,
    subcategory: str,
    severity: str | None,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Correct the class or the severity of a record; what it was stays in its history.

    The deadline of another severity counts from the failure on, as the first one did.
    """
    category, subcategory = category.strip().upper(), subcategory.strip().upper()
    severity = (severity or "").upper()
    if not (category or subcategory or severity):
        raise InputError("say what it is: --subcategory, --severity, or both")
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    if category and not subcategory and category != desk.record["category"]:
        raise InputError(_which(category))
    was = desk.status
    before = {name: desk.record[name] for name in FIELDS}
    due = _due(desk, severity) if severity and severity != before["severity"] else ""
    is_changed = desk.change(
        lambda record: reclassified(
            record, category=category, subcategory=subcategory, severity=severity, due=due
        ),
        action="reclassify",
    )
    after = {name: desk.record[name] for name in FIELDS}
    said = [f"{after[name]}, was {before[name]}" for name in FIELDS if after[name] != before[name]]
    said += [f"due {desk.record['metadata']['sla_resolution_target']}"] if due else []
    sentence = "; ".join(said) if is_changed else "it is that already; nothing was changed"
    desk.tell("reclassify", was, sentence, changed=is_changed, before=before, after=after)


def _due(desk: Desk, severity: str) -> str:
    record = desk.record
    failure_type = record["classification"]["failure_type"]
    matrix = load_matrix(desk.settings.table)
    opened = parse_time(record["timestamp"])
    return time_text(deadline(failure_type, severity, opened, matrix).due)


def _which(category: str) -> str:
    known = {one.value: one for one in Category}
    if category not in known:
        return f"{category!r} is no category; it is one of {', '.join(known)}"
    named = ", ".join(one.value for one in SUBCATEGORIES[known[category]])
    return f"{category} ({CATEGORY_MEANINGS[known[category]]}) needs a --subcategory: {named}"
