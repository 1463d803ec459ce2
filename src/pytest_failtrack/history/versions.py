"""Which of two versions of a record stays: one rule for the files here and for a shared history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Any

from pytest_failtrack.history.changes import value_at
from pytest_failtrack.record.change import Change
from pytest_failtrack.record.digest import capture_digest


class Outcome(Enum):
    """What becomes of a version that came."""

    STAYS = "what is there is the same, or knows more"
    TAKEN = "what came knows more"
    CAPTURED = "what was captured differs; what is there stays"
    BOTH = "both were changed; what is there stays"


def decided(
    ours: Mapping[str, Any],
    our_changes: Collection[Change],
    theirs: Mapping[str, Any],
    their_changes: Collection[Change],
) -> Outcome:
    """Return what becomes of a version of a record that came.

    Who knows all changes of the other, and more, wins. Where both know the same ones, as when the
    changes came before their record, that version wins which has more of the values that they led
    to. Neither the order in which versions come nor coming twice makes a difference.

    Args:
        ours: The record that is there.
        our_changes: The events that are there.
        theirs: The record that came.
        their_changes: The events that came with it.
    """
    if ours == theirs:
        return Outcome.STAYS
    if capture_digest(ours) != capture_digest(theirs):
        return Outcome.CAPTURED
    here = {one.event_id for one in our_changes}
    there = {one.event_id for one in their_changes}
    if here != there:
        if there > here:
            return Outcome.TAKEN
        return Outcome.STAYS if there < here else Outcome.BOTH
    led_to: dict[str, tuple[bool, Any]] = {}
    for one in sorted(our_changes, key=lambda one: (one.at, one.event_id)):
        for path in (*one.before, *one.after):
            led_to[path] = (path in one.after, one.after.get(path))
    shown = [
        sum(value_at(record, path) == value for path, value in led_to.items())
        for record in (ours, theirs)
    ]
    if shown[0] == shown[1]:
        return Outcome.BOTH
    return Outcome.TAKEN if shown[1] > shown[0] else Outcome.STAYS
