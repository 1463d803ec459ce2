"""An event in the life of a record: its id, its line, and what is refused when it is read."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_samples import NOW, record

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.change import (
    LINE_MAX_BYTES,
    Change,
    applied,
    change_of,
    differences,
    document_of,
    line_of,
    make_change,
)

ID = "c102b697-9a1d-5917-8a68-9589e5c813f3"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    JSON | st.dictionaries(st.text("xyz", min_size=1, max_size=3), JSON, max_size=3),
    max_size=5,
)


def event(**changes: Any) -> Change:
    values: dict[str, Any] = {
        "action": "assign",
        "by": "ada",
        "at": NOW,
        "before": {"metadata.owner": None},
        "after": {"metadata.owner": "@shop-team"},
    }
    return make_change(ID, **values | changes)


class TestId:
    def test_is_that_of_the_content(self) -> None:
        """The same event read twice is one event."""
        assert event().event_id == event().event_id == "ef32c930-fc6e-5a77-b9a9-4766440d5f7b"

    @pytest.mark.parametrize(
        "changes",
        [
            {"action": "link"},
            {"by": "bob"},
            {"at": NOW + timedelta(milliseconds=1)},
            {"after": {"metadata.owner": "@other"}},
            {"note": "x"},
            {"more": {"impact": "x"}},
        ],
        ids=lambda one: next(iter(one)),
    )
    def test_differs_with_everything_that_is_said(self, changes: dict[str, Any]) -> None:
        assert event(**changes).event_id != event().event_id

    def test_knows_no_difference_below_a_millisecond_or_between_zones(self) -> None:
        there = timezone(timedelta(hours=5, minutes=30))
        at = (NOW + timedelta(microseconds=400)).astimezone(there)

        assert event(at=at).event_id == event().event_id


class TestLine:
    def test_says_who_when_what_from_and_to(self) -> None:
        assert json.loads(line_of(event(note=" why ", more={"impact": "all"}))) == {
            "event_id": event(note="why", more={"impact": "all"}).event_id,
            "failure_id": ID,
            "at": "2026-11-21T14:10:00.000Z",
            "by": "ada",
            "action": "assign",
            "from": {"metadata.owner": None},
            "to": {"metadata.owner": "@shop-team"},
            "note": "why",
            "impact": "all",
        }

    @given(
        note=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50),
        more=st.dictionaries(st.text("abc", min_size=1), JSON, max_size=3),
        at=st.datetimes(
            datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(timezone.utc)
        ),
    )
    def test_is_read_back_as_it_was(self, note: str, more: dict[str, Any], at: datetime) -> None:
        made = event(note=note, more=more, at=at)
        line = line_of(made)

        assert change_of(json.loads(line), "x") == made
        assert line.count(b"\n") == 1
        assert document_of(made)["event_id"] == made.event_id

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"by": "  "}, "needs a name"),
            ({"action": "Assign!"}, "action is no word"),
            ({"note": "x" * LINE_MAX_BYTES}, "is too long"),
            ({"more": {"from": 1}}, "has a from of its own"),
            ({"more": {"impact": float("nan")}}, "cannot be written"),
            ({"more": {"impact": "\ud800"}}, "cannot be written"),
        ],
        ids=["nobody", "no word", "long", "taken name", "no number", "no unicode"],
    )
    def test_what_cannot_be_an_event_is_refused(self, changes: dict[str, Any], said: str) -> None:
        with pytest.raises(EvidenceError, match=said):
            line_of(event(**changes))

    def test_keeps_what_a_newer_version_adds(self) -> None:
        document = document_of(event(more={"later": [1]}))

        assert change_of(document, "x").more == {"later": [1]}


class TestReading:
    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("event_id", None, "event_id is missing"),
            ("failure_id", 7, "failure_id is missing"),
            ("at", "yesterday", "at is no date and time"),
            ("by", "", "by is missing"),
            ("action", "rm -rf", "action is no word"),
            ("from", [], "from is missing or no object"),
            ("to", None, "to is missing or no object"),
            ("note", 1, "note is no text"),
            ("note", "other words", "its id is not that of its content"),
        ],
    )
    def test_a_field_that_is_wrong_is_named(self, name: str, value: object, said: str) -> None:
        document = document_of(event()) | {name: value}

        with pytest.raises(EvidenceError, match=f"^x, line 3: {said}"):
            change_of(document, "x, line 3")


class TestDifferences:
    def test_are_named_by_block_and_field(self) -> None:
        before = record()
        after = copy.deepcopy(before)
        after["status"] = "INVESTIGATING"
        after["metadata"]["owner"] = "ada"

        assert differences(before, after) == (
            {"status": "OPEN", "metadata.owner": None},
            {"status": "INVESTIGATING", "metadata.owner": "ada"},
        )

    @given(before=FIELDS, after=FIELDS)
    def test_lead_from_one_state_to_the_other(
        self, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Whatever is added, removed or changed within blocks that stay blocks."""
        after = {
            name: value
            for name, value in after.items()
            if name not in before or isinstance(value, dict) == isinstance(before[name], dict)
        }
        old, new = differences(before, after)

        made = applied(before, make_change(ID, action="x", by="x", at=NOW, before=old, after=new))

        whole = {name: value for name, value in made.items() if value != {}}
        assert whole == {name: value for name, value in after.items() if value != {}}
