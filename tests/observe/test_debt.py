"""Items of test debt: what a reason says, what a marker adds, and when it is past its date."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_failtrack.observe.debt import debt_item, kind_of_skip, parse_reason


class TestReasons:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("plain", {"reason": "plain"}),
            ("later until=2026-01-31", {"reason": "later", "until": "2026-01-31"}),
            (
                "later (owner=@ann, ticket=SHOP-7, until: 2026-01-31)",
                {"reason": "later", "owner": "@ann", "ticket": "SHOP-7", "until": "2026-01-31"},
            ),
            ("until it works", {"reason": "until it works"}),
            ("", {}),
        ],
    )
    def test_words_are_taken_out_of_a_reason(self, text: str, said: dict[str, str]) -> None:
        blank = {"reason": "", "owner": "", "ticket": "", "until": ""}

        assert parse_reason(text) == blank | said

    @pytest.mark.parametrize("text", ["", "unconditional skip", "no reason given", "Skipped"])
    def test_what_pytest_says_by_itself_is_no_reason(self, text: str) -> None:
        assert not debt_item("skip", "t.py::t", "t.py", 1, text).has_reason

    def test_the_marker_gives_the_reason_that_the_skip_did_not(self) -> None:
        item = debt_item("skip", "t.py::t", "t.py", 1, "unconditional skip", {"reason": "slow"})

        assert (item.reason, item.has_reason) == ("slow", True)

    def test_the_marker_wins_over_words(self) -> None:
        declared = {"until": "2027-01-01"}
        item = debt_item("skip", "t.py::t", "t.py", 1, "x until=2026-01-01", declared)

        assert item.until == "2027-01-01"


class TestExpiry:
    @pytest.mark.parametrize(
        ("until", "expired"),
        [("2026-06-30", False), ("2026-06-29", True), ("", False), ("2026-02-31", True)],
        ids=["its last day", "the day after", "no date", "no such day"],
    )
    def test_it_is_accepted_until_the_end_of_its_day(self, until: str, expired: bool) -> None:
        item = debt_item("skip", "t.py::t", "t.py", 1, "x", {"until": until})

        assert item.is_expired(date(2026, 6, 30)) is expired


@pytest.mark.parametrize(
    ("reason", "marker", "kind"),
    [
        ("could not import 'x': No module named 'x'", "", "importorskip"),
        ("got empty parameter set ['n'], function f", "skip", "empty_parametrize"),
        ("no printer", "skipif", "skipif"),
        ("no printer", "", "skip"),
    ],
)
def test_the_kind_of_a_skip(reason: str, marker: str, kind: str) -> None:
    assert kind_of_skip(reason, marker) == kind
