"""The lifecycle of a record: the moves it allows, and reopening."""

from __future__ import annotations

import pytest
from record_samples import NOW, record, with_status

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.build import validate
from pytest_failtrack.record.lifecycle import (
    assigned,
    investigated,
    is_allowed,
    moved,
    opened_again,
    reclassified,
    reopened,
    require_allowed,
    resolved,
    strengthened,
)

STATUSES = ("OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED")
ALLOWED = {
    ("OPEN", "INVESTIGATING"),
    ("INVESTIGATING", "RESOLVED"),
    ("RESOLVED", "PREVENTED"),
    ("INVESTIGATING", "OPEN"),
    ("RESOLVED", "OPEN"),
    ("PREVENTED", "OPEN"),
}


class TestMoves:
    @pytest.mark.parametrize("before", STATUSES)
    @pytest.mark.parametrize("after", STATUSES)
    def test_go_forward_one_by_one_and_back_to_open(self, before, after):
        """S0-109, S0-110"""
        assert is_allowed(before, after) == ((before, after) in ALLOWED)

    def test_are_refused_with_the_way_that_is_open(self):
        """S0-109"""
        with pytest.raises(InputError) as raised:
            require_allowed("OPEN", "PREVENTED", "abc")

        assert raised.value.message == (
            "record abc cannot go from OPEN to PREVENTED; from OPEN it can go to INVESTIGATING"
        )

    def test_to_an_unknown_status_are_refused(self):
        with pytest.raises(InputError, match="'CLOSED' is no status; it is one of OPEN"):
            require_allowed("OPEN", "CLOSED")

    def test_are_refused_while_the_record_lacks_what_the_status_demands(self):
        """S0-113"""
        with pytest.raises(InputError, match=r"before it has root_cause\.analysis_status"):
            moved(record() | {"status": "INVESTIGATING"}, "RESOLVED")

    @pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
    def test_give_a_valid_copy(self, before, after):
        made = with_status(record(), "PREVENTED") | {"status": before}

        assert validate(moved(made, after))["status"] == after
        assert made["status"] == before


class TestReopening:
    @pytest.mark.parametrize("status", ["RESOLVED", "PREVENTED"])
    def test_an_ended_record_is_open_again_and_its_end_is_kept(self, status):
        """S0-110"""
        made = with_status(record(), status)

        again = reopened(made, by="the-new-one", build_id="101", at=NOW)

        assert again["status"] == "OPEN"
        assert again["root_cause"]["analysis_status"] == "PENDING"
        assert again["root_cause"]["contributing_factors"] == [
            f"recurred in build 101 at 2026-11-21T14:10:00Z as the-new-one; it was {status}"
        ]
        assert again["metadata"]["tags"][-1] == "reopened"
        assert again["resolution"] == made["resolution"]
        assert made["status"] == status
        validate(again)

    @pytest.mark.parametrize("status", ["OPEN", "INVESTIGATING"])
    def test_an_open_record_stays_as_it_is(self, status):
        made = with_status(record(), status)

        assert reopened(made, by="x", build_id="101", at=NOW) == made


class TestInvestigation:
    def test_begins_with_an_owner(self):
        """S0-112"""
        made = investigated(record(), owner=" ada ")

        assert validate(made)["status"] == "INVESTIGATING"
        assert made["metadata"]["owner"] == "ada"
        assert made["root_cause"]["analysis_status"] == "IN_PROGRESS"

    def test_of_nobody_is_refused(self):
        made = record()
        made["metadata"]["owner"] = None

        with pytest.raises(InputError, match=r"before it has metadata\.owner"):
            investigated(made)

    @pytest.mark.parametrize(
        ("owner", "said"),
        [("", "is empty"), (" \n ", "is empty"), ("x" * 201, "is too long")],
        ids=["empty", "blank", "long"],
    )
    def test_an_owner_has_a_name(self, owner, said):
        with pytest.raises(InputError, match=said):
            assigned(record(), owner)


class TestResolution:
    def test_says_what_ended_it(self):
        """S0-75..80, S0-113"""
        made = with_status(record(), "RESOLVED") | {"status": "INVESTIGATING"}

        done = resolved(
            made, kind="FIX", description=" renamed ", by="ada", at=NOW, commit="abc1234", pr="7"
        )

        assert validate(done)["status"] == "RESOLVED"
        assert done["resolution"] == {
            "resolution_type": "FIX",
            "resolution_description": "renamed",
            "resolution_commit": "abc1234",
            "resolution_pr": "7",
            "resolution_timestamp": "2026-11-21T14:10:00Z",
            "resolved_by": "ada",
        }

    def test_needs_a_complete_analysis(self):
        """S0-113: root cause identified."""
        made = investigated(record(), owner="ada")

        with pytest.raises(InputError, match=r"root_cause\.analysis_status \(COMPLETE\)"):
            resolved(made, kind="FIX", description="x", by="ada", at=NOW)


class TestPrevention:
    def test_grows_and_lists_nothing_twice(self):
        """S0-81..85"""
        made = with_status(record(), "PREVENTED")

        more = strengthened(
            made, {"test_additions": ["tests/test_contract.py::test_columns", "b", " "]}
        )

        assert more["prevention"]["test_additions"] == [
            "tests/test_contract.py::test_columns",
            "b",
        ]


class TestOpeningAgain:
    @pytest.mark.parametrize("status", ["INVESTIGATING", "RESOLVED", "PREVENTED"])
    def test_is_possible_from_every_state_for_a_reason(self, status):
        """S0-110"""
        made = opened_again(with_status(record(), status), by="ada", reason="seen", at=NOW)

        assert validate(made)["status"] == "OPEN"
        assert made["root_cause"]["contributing_factors"][-1] == (
            f"reopened at 2026-11-21T14:10:00Z by ada: seen; it was {status}"
        )

    def test_without_a_reason_is_refused(self):
        with pytest.raises(InputError, match="for a reason"):
            opened_again(with_status(record(), "RESOLVED"), by="ada", reason=" ", at=NOW)

    def test_of_an_open_record_is_refused(self):
        with pytest.raises(InputError, match="from OPEN to OPEN"):
            opened_again(record(), by="ada", reason="x", at=NOW)


class TestReclassification:
    def test_takes_category_and_priority_along(self):
        made = reclassified(
            record(), subcategory="QA_FALSE_NEGATIVE", severity="LOW", due="2026-12-21T14:10:00Z"
        )

        assert validate(made)["category"] == "QA"
        assert (made["severity"], made["metadata"]["priority"]) == ("LOW", "P3")
        assert made["metadata"]["sla_resolution_target"] == "2026-12-21T14:10:00Z"
        assert made["classification"] == record()["classification"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ({"subcategory": "QA_FALSE_NEGATVE"}, "did you mean QA_FALSE_NEGATIVE"),
            ({"severity": "URGENT"}, "is no severity; it is one of CRITICAL"),
            ({"category": "INFRA", "subcategory": "QA_UNMAPPED"}, "belongs to category QA"),
        ],
        ids=["misspelled", "severity", "apart"],
    )
    def test_to_words_that_are_none_is_refused(self, words, said):
        with pytest.raises(InputError, match=said):
            reclassified(record(), **words)
