"""What a record names as its preconditions (S0-148); `precondition_runs.py` asks them.

guard:PV-001                     a rule of the guard, or of the project's own
test:tests/test_tax.py::test_x   a test, a class or a file of tests
command:contract                 a command of [tool.failtrack.prevention.commands]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

GUARD, TEST, COMMAND = "guard", "test", "command"
SHOWN_MAX_CHARS = 200
_RULE_ID = lazily(r"[A-Z][A-Z0-9]*-[A-Z]*[0-9]+\Z")
_NODEID = lazily(r"[^\s:]+\.py(::\S.*)?\Z")


@frozen
class Precondition:
    """Something that has to hold before a build is let through.

    Args:
        kind: `guard`, `test` or `command`.
        name: Id of the rule, node id, or name of the command.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        is_long = len(self.name) > SHOWN_MAX_CHARS
        return f"{self.kind}:{self.name[:SHOWN_MAX_CHARS]}{'...' if is_long else ''}"


@frozen
class Said:
    """What a precondition says of a tree.

    Args:
        outcome: `passes`, `fails`, or `unclear` when it could not be judged.
        why: What it says, as the end of a sentence.
    """

    outcome: str
    why: str = ""


PASSES = Said("passes")


def preconditions_of(prevention: Mapping[str, Any]) -> tuple[tuple[Precondition, ...], int]:
    """Return the preconditions that a record names, and how many entries are prose.

    Args:
        prevention: The block `prevention` of the record.
    """
    found: dict[Precondition, None] = {}
    prose = 0
    for entry in (*prevention["precondition_updates"], *prevention["test_additions"]):
        one = parse(entry)
        if one is None:
            prose += 1
        else:
            found[one] = None
    return tuple(found), prose


def parse(entry: str) -> Precondition | None:
    """Return the precondition that an entry names, None when it is prose."""
    text = entry.strip()
    kind, colon, name = text.partition(":")
    if colon and not name.startswith(":") and kind in (GUARD, TEST, COMMAND) and name.strip():
        name = name.strip()
        return Precondition(kind, name.upper() if kind == GUARD else _slashed(name))
    if _RULE_ID.match(text):
        return Precondition(GUARD, text)
    return Precondition(TEST, _slashed(text)) if _NODEID.match(text) else None


def _slashed(nodeid: str) -> str:
    file, colons, rest = nodeid.partition("::")
    return f"{file.replace(chr(92), '/').removeprefix('./')}{colons}{rest}"
