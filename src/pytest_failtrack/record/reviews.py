"""The three reviews that a third occurrence demands (S0-127), and which of them are signed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_failtrack.record.change import Change

REQUIRED_REVIEWS = ("governance review", "precondition review", "prevention verification")
# As they are typed: `failtrack record ID sign governance-review`.
ITEMS = {name.replace(" ", "-"): name for name in REQUIRED_REVIEWS}
SIGN = "sign"
DEMANDED_FROM = 3  # occurrence

_ENDED = ("RESOLVED", "PREVENTED")


def signatures(changes: Iterable[Change]) -> dict[str, Change]:
    """Return who signed which review, by its name, in the order in which they are asked for.

    A cause that had ended and comes back has to be reviewed again: what was signed before does
    not count any more.

    Args:
        changes: The events of one record, the oldest first.
    """
    found: dict[str, Change] = {}
    for change in changes:
        if change.action == SIGN and change.more.get("item") in ITEMS:
            found[ITEMS[str(change.more["item"])]] = change
        elif change.moves is not None and change.moves[0] in _ENDED and change.moves[1] == "OPEN":
            found.clear()
    return {name: found[name] for name in REQUIRED_REVIEWS if name in found}
