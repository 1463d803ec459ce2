"""Recommendations: each rule speaks when its figure is out of bounds, and gives it as reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.frozen import replaced
from pytest_failtrack.policy.reports.advice import ENOUGH, RULES, Facts, advice, section

CALM = Facts(
    records=100,
    unknown=0.05,
    infra=0.1,
    flaky=0.02,
    repeat_rate=0.1,
    repeat_rate_before=0.1,
    decided=50,
    sla_hit_rate=0.95,
    ended=20,
    without_prevention=0.2,
    without_analysis=0.0,
    prevented=10,
    prevented_held=0.9,
    reclassified=0.02,
    reassigned=0.02,
    triage_in_time=0.9,
    top_cause="9c41d07be2a5",
    top_cost=0.1,
    preventable=0.05,
)
LOUD: dict[str, tuple[dict[str, Any], str]] = {
    "sla": ({"sla_hit_rate": 0.5}, "50% of 50 deadlines were met"),
    "repeats": ({"repeat_rate": 0.3}, "30% of the occurrences are repeats"),
    "prevention-missing": ({"without_prevention": 0.8}, "80% of 20 resolved records have none"),
    "prevention-weak": ({"prevented_held": 0.5}, "50% of 10 prevented causes stayed away"),
    "analysis-missing": ({"without_analysis": 0.5}, "50% of 20 resolved records"),
    "classes": ({"reclassified": 0.2}, "20% of the records were reclassified"),
    "unknown": ({"unknown": 0.4}, "40% of the failures have no known category"),
    "routing": ({"reassigned": 0.2}, "20% of the records went to another owner"),
    "unowned": ({"unowned": 3}, "3 open without one"),
    "triage": ({"triage_in_time": 0.2}, "20% were triaged within 15 minutes"),
    "flaky": ({"flaky": 0.3}, "30% of the failures passed on another attempt"),
    "infra": ({"infra": 0.6}, "60% of the failures are infrastructure"),
    "costliest": ({"top_cost": 0.5}, "it took 50% of all the time"),
    "preventable": ({"preventable": 0.5}, "50% of the failures could have been caught"),
}


def test_nothing_is_recommended_where_nothing_is_out_of_bounds() -> None:
    assert advice(CALM) == []
    assert section([]).empty.startswith("No rule asks for anything")


def test_nothing_is_recommended_where_nothing_is_known() -> None:
    assert advice(Facts(records=0)) == []


def test_every_rule_is_tried_here() -> None:
    assert [name for name, *_ in RULES] == list(LOUD)


def test_every_rule_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/reports.md").read_text(encoding="utf-8")

    assert re.findall(r"^\| `([a-z-]+)` \| [a-z]", page, re.MULTILINE) == list(LOUD)


@pytest.mark.parametrize("name", LOUD)
def test_a_figure_out_of_bounds_is_said_with_its_reason(name: str) -> None:
    """S1-150: improvement recommendations, rule-based, each with its reason"""
    changes, reason = LOUD[name]

    (found,) = advice(replaced(CALM, **changes))

    assert found.key == name
    assert reason in found.reason
    assert found.sentence == f"{found.do} Reason: {found.reason}."


def test_a_rise_of_repeats_is_said_even_when_they_are_few() -> None:
    found = advice(replaced(CALM, repeat_rate=0.12, repeat_rate_before=0.02))

    assert [one.key for one in found] == ["repeats"]


def test_few_records_say_nothing() -> None:
    few = replaced(CALM, records=ENOUGH - 1, decided=1, sla_hit_rate=0.0, unknown=1.0, flaky=1.0)

    assert advice(few) == []


def test_the_worst_failure_type_is_named() -> None:
    (found,) = advice(
        replaced(CALM, sla_hit_rate=0.1, worst_type="infrastructure", worst_type_missed=12)
    )

    assert "Give more hands to infrastructure" in found.do
    assert "infrastructure missed 12" in found.reason
