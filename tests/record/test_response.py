"""Time to triage and to acknowledge: from a record and its events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from record_samples import NOW, record

from pytest_failtrack.record.change import Change, make_change
from pytest_failtrack.record.response import answers, time_to_acknowledge, time_to_triage

RECORD = record()
MOVE = {"before": {"status": "OPEN"}, "after": {"status": "INVESTIGATING"}}


def event(action: str, minutes: float, **more: Any) -> Change:
    at = NOW + timedelta(minutes=minutes)
    return make_change(RECORD["failure_id"], action=action, by="ada", at=at, **more)


class TestTriage:
    def test_is_the_first_change_of_the_status(self) -> None:
        """S1-97"""
        changes = [
            event("assign", 2, after={"metadata.owner": "@x"}),
            event("investigate", 14, **MOVE),
            event("reopen", 40, before={"status": "RESOLVED"}, after={"status": "OPEN"}),
        ]

        assert time_to_triage(RECORD, changes) == timedelta(minutes=14)

    def test_is_not_there_while_nobody_moved_it(self) -> None:
        assert time_to_triage(RECORD, [event("assign", 2)]) is None


class TestAcknowledgement:
    @pytest.mark.parametrize("action", ["assign", "investigate"])
    def test_is_the_first_assignment_or_investigation(self, action: str) -> None:
        """S1-117"""
        changes = [event("link", 1), event(action, 30), event("assign", 50)]

        assert time_to_acknowledge(RECORD, changes) == timedelta(minutes=30)

    def test_is_never_negative_when_clocks_disagree(self) -> None:
        """S3-82"""
        assert time_to_acknowledge(RECORD, [event("assign", -90)]) == timedelta()


class TestLimits:
    @pytest.mark.parametrize(
        ("minutes", "late"),
        [(15, (False, False)), (15.01, (True, False)), (60, (True, False)), (60.01, (True, True))],
        ids=["15 min", "over 15 min", "1 h", "over 1 h"],
    )
    def test_are_15_minutes_and_one_hour(self, minutes: float, late: tuple[bool, bool]) -> None:
        """S1-97, S1-117"""
        found = answers(RECORD, [event("investigate", minutes, **MOVE)], NOW)

        assert tuple(one.is_late for one in found) == late
        assert [one.by for one in found] == ["ada", "ada"]

    def test_what_is_not_answered_waits_until_now(self) -> None:
        triage, acknowledge = answers(RECORD, [], NOW + timedelta(minutes=20))

        assert (triage.taken, triage.waited, triage.is_late) == (None, timedelta(minutes=20), True)
        assert (acknowledge.taken, acknowledge.is_late) == (None, False)
