"""`failtrack record ID prevent`: it cannot come back, and the tool has proven it (S0-153)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.record.lifecycle import moved, require_allowed, strengthened
from pytest_failtrack.record.profile import unmet

VERIFY = "verify"


class Step(Protocol):
    """One thing that was verified."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def ok(self) -> bool:
        """Whether it holds."""

    @property
    def sentence(self) -> str:
        """What was seen."""


class Proof(Protocol):
    """What a verification came to."""

    @property
    def is_proven(self) -> bool:
        """Whether every step holds."""

    @property
    def steps(self) -> Iterable[Any]:
        """Its steps, each a `Step`."""


class Prove(Protocol):
    """`pytest_failtrack.prevention.prove`, or what stands in for it."""

    def __call__(self, settings: Settings, record: Mapping[str, Any], *, now: datetime) -> Proof:
        """Verify that the failure of a record is prevented."""


_OPTIONS = (
    ("--measure", "prevention_measures", "TEXT", "What keeps it from coming back."),
    (
        "--precondition",
        "precondition_updates",
        "NAME",
        "What catches it: guard:RULE, test:NODEID or command:NAME.",
    ),
    ("--test", "test_additions", "NODEID", "Test that was added."),
    ("--governance", "governance_updates", "PATH", "File of governance that was updated."),
    ("--doc", "documentation_updates", "PATH", "Documentation that was updated."),
)


def _additions(command: Callable[..., Any]) -> Callable[..., Any]:
    for flag, name, metavar, text in reversed(_OPTIONS):
        command = click.option(flag, name, multiple=True, metavar=metavar, help=text)(command)
    return command


@click.command(
    "prevent",
    epilog="Example: failtrack record 0b9c7d1e prevent --test tests/test_export.py::test_columns",
)
@_additions
@acting
@click.pass_obj
def command(
    word: str,
    /,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
    **additions: tuple[str, ...],
) -> None:
    """Prove that the failure cannot come back: a RESOLVED record becomes PREVENTED.

    What is given is added to the record's prevention; then the steps of `failtrack verify` run, and
    what each of them says is told in the record's history. Unless all hold, the record stays
    RESOLVED and the exit code is 2. Each option may be given more than once.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    was = desk.status
    proof = prevent(desk, additions)
    steps = [{"name": one.name, "ok": one.ok, "sentence": one.sentence} for one in proof.steps]
    proven = ", ".join(one["name"] for one in steps)
    desk.tell("prevent", was, f"proven: {proven}", steps=steps)


def prevent(
    desk: Desk, additions: Mapping[str, Iterable[str]], prove: Prove | None = None
) -> Proof:
    """Make a RESOLVED record PREVENTED, when that is proven.

    Args:
        desk: The record.
        additions: More entries by field of its prevention.
        prove: What proves it; ours by default.

    Raises:
        InputError: The record is not RESOLVED, lacks what PREVENTED demands, or it is not proven.
    """
    if prove is None:
        from pytest_failtrack.prevention.prove import prove as ours

        prove = ours
    require_allowed(desk.status, "PREVENTED", desk.failure_id)
    given = {name: [desk.redacted(one) for one in entries] for name, entries in additions.items()}
    if any(given.values()):
        desk.change(lambda record: strengthened(record, given), action="strengthen")
    missing = unmet(desk.record, "PREVENTED")
    if missing:
        flags = {f"prevention.{name}": flag for flag, name, _, _ in _OPTIONS}
        named = ", ".join(f"{one} ({flags.get(str(one), '`rca`')})" for one in missing)
        raise InputError(
            f"record {desk.word} cannot become PREVENTED before it has {named}", slug="lifecycle"
        )
    proven = desk.record["prevention"]
    proof = prove(desk.settings, desk.record, now=desk.now)
    for one in proof.steps:
        desk.event(action=VERIFY, note=one.sentence, step=one.name, ok=one.ok)
    if not proof.is_proven:
        refused = "\n".join(f"  {one.name}: {one.sentence}" for one in proof.steps if not one.ok)
        raise InputError(
            f"record {desk.word} stays RESOLVED: its prevention is not proven\n"
            f"{refused or '  nothing was verified'}",
            slug="prevention-unproven",
        )

    def edit(record: dict[str, Any]) -> Mapping[str, Any]:
        if record["prevention"] != proven:
            raise InputError(
                f"the prevention of record {desk.word} was changed meanwhile; verify it again",
                slug="prevention-unproven",
            )
        return moved(record, "PREVENTED")

    desk.change(edit, action="prevent")
    return proof
