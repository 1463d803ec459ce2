"""Which reviews of a third occurrence are signed; and which records belong together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from record_samples import NOW

from pytest_failtrack.record.change import Change, make_change
from pytest_failtrack.record.links import links
from pytest_failtrack.record.reviews import REQUIRED_REVIEWS, signatures

ID = "c102b697-9a1d-5917-8a68-9589e5c813f3"


def event(action: str, minutes: int = 0, by: str = "ada", **more: Any) -> Change:
    at = NOW + timedelta(minutes=minutes)
    fields = {name: more.pop(name) for name in ("before", "after") if name in more}
    return make_change(ID, action=action, by=by, at=at, more=more, **fields)


class TestSignatures:
    def test_are_told_in_the_order_in_which_they_are_asked_for(self) -> None:
        """S0-127"""
        changes = [
            event("sign", 1, item="prevention-verification"),
            event("sign", 2, item="governance-review"),
            event("sign", 3, item="precondition-review"),
        ]

        assert tuple(signatures(changes)) == REQUIRED_REVIEWS

    def test_of_other_items_and_other_events_do_not_count(self) -> None:
        changes = [
            event("sign", item="lunch"),
            event("sign"),
            event("link", item="governance-review"),
        ]

        assert signatures(changes) == {}

    def test_do_not_outlive_the_return_of_what_had_ended(self) -> None:
        """S0-127: every return is reviewed."""
        back = event("reopen", 2, before={"status": "RESOLVED"}, after={"status": "OPEN"})
        changes = [
            event("sign", 1, item="governance-review"),
            back,
            event("sign", 3, item="precondition-review", by="bob"),
        ]

        assert {name: one.by for name, one in signatures(changes).items()} == {
            "precondition review": "bob"
        }

    def test_stay_when_an_analysis_is_given_up(self) -> None:
        back = event("reopen", 2, before={"status": "INVESTIGATING"}, after={"status": "OPEN"})

        assert signatures([event("sign", 1, item="governance-review"), back])


class TestLinks:
    def test_are_those_that_were_not_taken_back(self) -> None:
        changes = [
            event("link", 1, relation="caused-by", other="a"),
            event("link", 2, relation="same-fix", other="b"),
            event("unlink", 3, relation="caused-by", other="a"),
            event("link", 4, relation="caused-by", other="c"),
            event("link", 5, relation="friend-of", other="d"),
        ]

        assert [(one.relation, one.other) for one in links(changes)] == [
            ("same-fix", "b"),
            ("caused-by", "c"),
        ]
