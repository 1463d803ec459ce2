"""How records belong to each other: duplicate of, caused by, same fix; told as events on both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.change import Change

LINK, UNLINK = "link", "unlink"
# What it is called at the other end.
INVERSES = {
    "duplicate-of": "duplicated-by",
    "caused-by": "causes",
    "same-fix": "same-fix",
    "duplicated-by": "duplicate-of",
    "causes": "caused-by",
}
# What a person may say.
RELATIONS = ("duplicate-of", "caused-by", "same-fix")


@frozen
class Link:
    """One relation.

    Args:
        relation: One of `INVERSES`, seen from the record that has it.
        other: Id of the other record.
        by: Who said so.
        at: When, aware.
    """

    relation: str
    other: str
    by: str
    at: datetime


def links(changes: Iterable[Change]) -> list[Link]:
    """Return the relations that a record has now, in the order in which they were told.

    Args:
        changes: Its events, the oldest first.
    """
    found: dict[tuple[str, str], Link] = {}
    for one in changes:
        relation, other = one.more.get("relation"), one.more.get("other")
        if relation not in INVERSES or not isinstance(other, str):
            continue
        if one.action == LINK:
            found.setdefault((relation, other), Link(relation, other, one.by, one.at))
        elif one.action == UNLINK:
            found.pop((relation, other), None)
    return list(found.values())
