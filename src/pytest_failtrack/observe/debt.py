"""Test debt: what a run did not test, where, and why; counted for the run document (S0-19)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

KINDS = (
    "skip",
    "skipif",
    "importorskip",
    "xfail",
    "xpass",
    "deselected",
    "ignored",
    "empty_parametrize",
    "unmapped",
)
UNMAPPED = "unmapped"
# Nobody is asked for a reason there.
WITHOUT_REASON = ("deselected", "ignored", "empty_parametrize", UNMAPPED)
# What pytest itself says when nobody gave a reason.
NO_REASON = {
    "",
    "unconditional skip",
    "no reason given",
    "reason unknown",
    "skipped test",
    "skip",
    "skipped",
    "xfail",
    "todo",
}
UNTIL = lazily(r"\buntil\s*[=:]\s*(\d{4}-\d{2}-\d{2})\b")
WORDS = {
    "until": UNTIL,
    "owner": lazily(r"\bowner\s*[=:]\s*([^\s,;()]+)"),
    "ticket": lazily(r"\bticket\s*[=:]\s*([^\s,;()]+)"),
}


@frozen
class DebtItem:
    """One thing that was not tested.

    Args:
        kind: One of `KINDS`.
        nodeid: Node id; for `deselected` and `ignored` the file or folder.
        file: Where it is declared, relative to the root.
        line: Line there, from 1; None when it is not known.
        reason: What the test says about it, without the words of the marker; of an unmapped test
            the marks that it lacks.
        owner: Who pays it back, ``.
        ticket: Where that is planned, ``.
        until: `YYYY-MM-DD`, the last day on which it is accepted, ``.
        count: How many tests the item stands for.
    """

    kind: str
    nodeid: str
    file: str
    line: int | None
    reason: str
    owner: str = ""
    ticket: str = ""
    until: str = ""
    count: int = 1

    @property
    def has_reason(self) -> bool:
        """Whether somebody said why; what pytest says by itself is no reason."""
        return self.reason.strip().lower() not in NO_REASON

    def is_expired(self, today: date) -> bool:
        """Return whether `until` is past; a date that is none counts as past.

        Args:
            today: The day of the run, UTC.
        """
        if not self.until:
            return False
        try:
            return date.fromisoformat(self.until) < today
        except ValueError:
            return True


def parse_reason(text: str) -> dict[str, str]:
    """Return owner, ticket, until and the rest of a reason.

    Understood are `owner=`, `ticket=` and `until=YYYY-MM-DD` (or with a colon) anywhere in it.

    Args:
        text: The reason of a skip or xfail.

    Returns:
        The keys `reason`, `owner`, `ticket`, `until`; `` where nothing was said.
    """
    found = {}
    rest = text
    for name, pattern in WORDS.items():
        match = pattern.search(text)
        found[name] = match.group(1) if match else ""
        rest = pattern.sub("", rest)
    rest = re.sub(r"\([\s,;]*\)", "", rest)
    found["reason"] = re.sub(r"\s+", " ", rest).strip(" ,;:-")
    return found


def debt_item(
    kind: str,
    nodeid: str,
    file: str,
    line: int | None,
    reason: str,
    declared: dict[str, Any] | None = None,
    count: int = 1,
) -> DebtItem:
    """Return the item made of a reason and of the words of `@pytest.mark.failtrack_debt`.

    Args:
        kind: One of `KINDS`.
        nodeid: Node id, file or folder.
        file: Where it is declared.
        line: Line there.
        reason: The reason given to skip or xfail.
        declared: Keyword arguments of the marker; they win over words in the reason.
        count: How many tests it stands for.
    """
    said = parse_reason(reason)
    marker = {name: str(value) for name, value in (declared or {}).items() if value}
    text = said["reason"]
    if text.strip().lower() in NO_REASON:
        text = marker.get("reason", text)
    return DebtItem(
        kind=kind,
        nodeid=nodeid,
        file=file,
        line=line,
        reason=text,
        owner=marker.get("owner", said["owner"]),
        ticket=marker.get("ticket", said["ticket"]),
        until=marker.get("until", said["until"]),
        count=count,
    )


def kind_of_skip(reason: str, marker: str = "") -> str:
    """Return the kind of a skip.

    Args:
        reason: What pytest reports.
        marker: Name of the marker that skipped it: `skip`, `skipif` or ``.
    """
    if reason.startswith("got empty parameter set"):
        return "empty_parametrize"
    if reason.startswith("could not import"):
        return "importorskip"
    return marker or "skip"
