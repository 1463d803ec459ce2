"""The lifecycle of a record: the moves it allows, and reopening."""

from __future__ import annotations

import pytest
from record_samples import NOW, record, with_status

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.build import validate
from pytest_failtrack.record.lifecycle import is_allowed, moved, reopened, require_allowed

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
