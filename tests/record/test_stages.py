"""The five stages of a failure's way through a team."""

from __future__ import annotations

import copy
from datetime import timedelta
from itertools import pairwise
from typing import Any

from record_samples import NOW, record

from pytest_failtrack.record.change import Change, make_change
from pytest_failtrack.record.stages import STAGES, stages


def captured(owner: str | None = "@shop-team", due: str | None = "2026-11-22T14:10:00Z") -> Any:
    made = copy.deepcopy(record())
    made["metadata"] |= {"owner": owner, "sla_resolution_target": due}
    made["escalation"] |= {"notify": ["build_owner"] if owner else [], "sla_source": "severity"}
    return made


def event(action: str, minutes: int = 1, **more: Any) -> Change:
    at = NOW + timedelta(minutes=minutes)
    return make_change(captured()["failure_id"], action=action, by="ada", at=at, **more)


def by_name(made: Any, *changes: Change) -> dict[str, tuple[Any, str]]:
    return {one.name: (one.at, one.says) for one in stages(made, changes)}


class TestStages:
    def test_are_five_in_their_order(self) -> None:
        """S1-38"""
        assert STAGES == (
            "Failure Detection",
            "Domain Expert Notification",
            "Cross-Team Impact Assessment",
            "SLA Timer Activation",
            "Resolution Tracking",
        )
        assert tuple(one.name for one in stages(captured(), [])) == STAGES

    def test_follow_from_the_record_alone_as_far_as_it_says(self) -> None:
        """S1-38: nothing is written when a failure is captured."""
        assert by_name(captured()) == {
            "Failure Detection": (NOW, "in build 100"),
            "Domain Expert Notification": (NOW, "to @shop-team, build_owner"),
            "Cross-Team Impact Assessment": (
                None,
                "not assessed: `investigate --impact`, or `rca`",
            ),
            "SLA Timer Activation": (NOW, "due 2026-11-22 14:10Z, by severity"),
            "Resolution Tracking": (None, "OPEN, nobody has begun"),
        }

    def test_without_owner_and_deadline_two_more_are_ahead(self) -> None:
        found = by_name(captured(owner=None, due=None))

        assert found["Domain Expert Notification"][0] is None
        assert found["SLA Timer Activation"] == (None, "no deadline is known")

    def test_an_owner_who_is_named_later_is_notified_then(self) -> None:
        made = captured(owner="@late")
        made["escalation"]["notify"] = []
        change = event("assign", before={"metadata.owner": None}, after={"metadata.owner": "@late"})

        found = by_name(made, change)

        assert found["Domain Expert Notification"] == (NOW + timedelta(minutes=1), "to @late")

    def test_impact_is_what_was_said_last(self) -> None:
        changes = [
            event("investigate", 1, more={"impact": "us"}),
            event("assess", 2, more={"impact": "all"}),
        ]

        found = by_name(captured(), *changes)

        assert found["Cross-Team Impact Assessment"] == (NOW + timedelta(minutes=2), "all")

    def test_another_severity_sets_the_timer_anew(self) -> None:
        path = "metadata.sla_resolution_target"
        change = event("reclassify", 3, before={path: "x"}, after={path: "y"})

        found = by_name(captured(), change)

        assert found["SLA Timer Activation"] == (
            NOW + timedelta(minutes=3),
            "due 2026-11-22 14:10Z, set anew by reclassify",
        )

    def test_tracking_tells_the_way_of_the_status(self) -> None:
        way = ("OPEN", "INVESTIGATING", "RESOLVED", "OPEN")
        changes = [
            event("x", n, before={"status": before}, after={"status": after})
            for n, (before, after) in enumerate(pairwise(way))
        ]

        assert by_name(captured(), *changes)["Resolution Tracking"] == (
            NOW,
            "OPEN -> INVESTIGATING -> RESOLVED -> OPEN",
        )
