"""The rules of the gate as a project states them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.rules import AuthScope, GateRules, gate_rules


def test_without_a_table_the_defaults_hold() -> None:
    """C-33."""
    assert gate_rules() == GateRules(
        new=0,
        repeats=0,
        known=0,
        third_occurrence=0,
        overdue=None,
        flaky=None,
        debt_without_reason=None,
        expired_debt=0,
        empty_runs=0,
        max_severity="",
        max_debt=None,
        is_ratchet=False,
        required_runs=(),
        allow_infra=False,
        auth=AuthScope(),
    )


def test_every_key_is_read() -> None:
    rules = gate_rules(
        {
            "new": 1,
            "repeats": 2,
            "known": "any",
            "third_occurrence": 3,
            "overdue": 0,
            "flaky": 4,
            "debt_without_reason": 5,
            "expired_debt": "any",
            "empty_runs": 6,
            "max_severity": "MEDIUM",
            "max_debt": 7,
            "required_runs": ["tests/*"],
            "allow_infra": True,
        },
        {"paths": ["src/auth/"], "markers": ["auth"]},
    )

    assert rules == GateRules(
        new=1,
        repeats=2,
        known=None,
        third_occurrence=3,
        overdue=0,
        flaky=4,
        debt_without_reason=5,
        expired_debt=None,
        empty_runs=6,
        max_severity="MEDIUM",
        max_debt=7,
        required_runs=("tests/*",),
        allow_infra=True,
        auth=AuthScope(("src/auth/",), ("auth",)),
    )


def test_a_ratchet_reads_its_baseline() -> None:
    rules = gate_rules({"max_debt": "ratchet", "debt_baseline": 17})

    assert (rules.max_debt, rules.is_ratchet) == (17, True)


@pytest.mark.parametrize(
    ("gate", "sentence"),
    [
        ({"news": 1}, "unknown key 'news'; allowed are new, repeats"),
        ({"new": -1}, "gate.new: -1 is not allowed; it must be a whole number of 0 or more, or"),
        ({"new": True}, "gate.new: True is not allowed"),
        ({"known": "all"}, "gate.known: 'all' is not allowed"),
        ({"max_severity": "P1"}, "'CRITICAL', 'HIGH', 'MEDIUM', 'LOW'"),
        ({"max_debt": "ratchet"}, "'ratchet' needs debt_baseline"),
        ({"debt_baseline": 3}, "is read only with max_debt = 'ratchet'"),
        ({"max_debt": 1.5}, "'ratchet' or 'any'"),
        ({"required_runs": "tests"}, "a list of texts"),
        ({"allow_infra": "yes"}, "true or false"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_allowed(gate: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        gate_rules(gate)

    assert sentence in str(caught.value)


def test_a_wrong_key_of_auth_is_named() -> None:
    with pytest.raises(ConfigError, match=r"tool.failtrack.auth: unknown key 'path'"):
        gate_rules({}, {"path": []})


class TestAuthScope:
    SCOPE = AuthScope(("src/auth/", "tests/**/login_*.py"), ("auth", "oauth"))

    @pytest.mark.parametrize(
        ("files", "markers", "is_inside"),
        [
            (["src/auth/token.py"], [], True),
            (["src/shop/x.py", "tests/web/login_form.py"], [], True),
            (["src/shop/x.py"], ["slow", "oauth"], True),
            (["src/authors.py"], ["author"], False),
            ([], [], False),
        ],
    )
    def test_one_file_or_marker_is_enough(
        self, files: list[str], markers: list[str], is_inside: bool
    ) -> None:
        assert self.SCOPE.holds(files, markers) is is_inside

    def test_nothing_belongs_to_an_empty_scope(self) -> None:
        assert not AuthScope().holds(["src/auth/token.py"], ["auth"])
