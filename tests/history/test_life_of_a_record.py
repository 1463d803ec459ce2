"""A record's life as a machine: whatever people do in whatever order, it stays lawful and told."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from record_samples import NOW, content, record

from pytest_failtrack.errors import InputError
from pytest_failtrack.history import evidence
from pytest_failtrack.history.changes import append_event, change_record, changes_dir, read_changes
from pytest_failtrack.record.analysis import analysed
from pytest_failtrack.record.build import validate
from pytest_failtrack.record.change import applied
from pytest_failtrack.record.lifecycle import (
    TRANSITIONS,
    assigned,
    investigated,
    moved,
    opened_again,
    reclassified,
    reopened,
    resolved,
    strengthened,
)
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.response import time_to_acknowledge, time_to_triage

CAPTURED = record()
ID = CAPTURED["failure_id"]
WORDS = st.sampled_from(["", "x", "two words", "# head\n- list", "ünïcode"])
LISTS = st.lists(WORDS.filter(bool), max_size=2)
PEOPLE = st.sampled_from(["ada", "@lead", "bob"])


class Life(RuleBasedStateMachine):
    """Everything that can be done to one record, and what must hold after each of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.places = SimpleNamespace(evidence_dir=self.folder / "failures")
        evidence.write_record(self.places.evidence_dir, content(CAPTURED), ID)
        self.seconds = 0
        self.events = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    @property
    def record(self) -> dict[str, Any]:
        ((_, found),) = evidence.read_records(self.places.evidence_dir, [ID])
        assert isinstance(found, dict)
        return found

    def do(self, action: str, edit: Any, by: str = "ada") -> None:
        """Do it, or have it refused; a refusal changes nothing."""
        before = self.record
        self.seconds += 1
        try:
            is_changed = change_record(self.places, ID, edit, action=action, by=by, at=self.now)
        except InputError:
            assert self.record == before
            return
        assert is_changed == (self.record != before)
        self.events += is_changed

    @rule(owner=PEOPLE | WORDS, by=PEOPLE)
    def assign(self, owner: str, by: str) -> None:
        self.do("assign", lambda one: assigned(one, owner), by)

    @rule(owner=WORDS, by=PEOPLE)
    def investigate(self, owner: str, by: str) -> None:
        self.do("investigate", lambda one: investigated(one, owner=owner), by)

    @rule(
        answers=st.fixed_dictionaries(
            {},
            optional={
                "what_happened": WORDS,
                "impact": WORDS,
                "root_cause": WORDS,
                "why_not_prevented": WORDS,
                "prevention_measures": LISTS,
                "test_additions": LISTS,
                "lessons_learned": LISTS,
            },
        )
    )
    def analyse(self, answers: dict[str, Any]) -> None:
        self.do("rca", lambda one: analysed(one, answers))

    @rule()
    def analyse_everything(self) -> None:
        answers: dict[str, Any] = dict.fromkeys(
            ("what_happened", "impact", "root_cause", "why_not_prevented"), "known"
        )
        answers |= {key: ["known"] for key in ("prevention_measures", "lessons_learned")}
        self.do("rca", lambda one: analysed(one, answers))

    @rule(description=WORDS, by=PEOPLE)
    def resolve(self, description: str, by: str) -> None:
        self.do(
            "resolve",
            lambda one: resolved(one, kind="FIX", description=description, by=by, at=self.now),
        )

    @rule(tests=LISTS)
    def strengthen(self, tests: list[str]) -> None:
        self.do("strengthen", lambda one: strengthened(one, {"test_additions": tests}))

    @rule()
    def prevent(self) -> None:
        self.do("prevent", lambda one: moved(one, "PREVENTED"))

    @rule(status=st.sampled_from([*TRANSITIONS, "CLOSED"]))
    def force(self, status: str) -> None:
        self.do("move", lambda one: moved(one, status))

    @rule(reason=WORDS)
    def open_again(self, reason: str) -> None:
        self.do("reopen", lambda one: opened_again(one, by="ada", reason=reason, at=self.now))

    @rule()
    def recur(self) -> None:
        self.do("reopen", lambda one: reopened(one, by="x", build_id="9", at=self.now))
        assert self.record["status"] in ("OPEN", "INVESTIGATING")

    @rule(
        subcategory=st.sampled_from(["", "QA_UNMAPPED", "INFRA_NETWORK", "NONE_SUCH"]),
        severity=st.sampled_from(["", "LOW", "CRITICAL"]),
    )
    def reclassify(self, subcategory: str, severity: str) -> None:
        self.do(
            "reclassify",
            lambda one: reclassified(one, subcategory=subcategory, severity=severity),
        )

    @rule(steps=st.integers(1, 5))
    def go_on(self, steps: int) -> None:
        """Walk the whole way at once; single steps taken at random rarely get far."""
        for _ in range(steps):
            before = self.record["status"]
            if before == "OPEN":
                self.investigate("ada", "bob")
            elif before == "INVESTIGATING":
                self.analyse_everything()
                self.resolve("mended", "bob")
            elif before == "RESOLVED":
                self.strengthen(["tests/test_x.py::test_x"])
                self.analyse({"why_not_prevented": "no test", "prevention_measures": ["a test"]})
                self.prevent()
            else:
                self.recur()
            assert self.record["status"] in TRANSITIONS[before]

    @rule()
    def tell(self) -> None:
        self.seconds += 1
        assert append_event(self.places, ID, action="link", by="ada", at=self.now)
        self.events += 1

    @invariant()
    def it_is_a_valid_record_in_a_state_it_may_be_in(self) -> None:
        """S0-100, S0-109..114"""
        found = validate(self.record)
        assert unmet(found, found["status"]) == ()

    @invariant()
    def every_change_is_an_event(self) -> None:
        """What was captured, and all events after each other, are what the record is."""
        told: list[str] = []
        changes = read_changes(self.places, ID, tell=told.append)
        made: dict[str, Any] = CAPTURED
        for change in changes:
            made = applied(made, change)
        assert told == []
        assert made == self.record
        assert len(changes) == self.events

    @invariant()
    def every_move_is_one_of_the_lifecycle(self) -> None:
        """S0-109, S0-110"""
        status = "OPEN"
        for change in read_changes(self.places, ID):
            if change.moves is not None:
                assert change.moves[0] == status
                assert change.moves[1] in TRANSITIONS[status]
                status = change.moves[1]
        assert status == self.record["status"]

    @invariant()
    def times_are_those_of_the_first_answers(self) -> None:
        """S1-97, S1-117"""
        changes = read_changes(self.places, ID)
        triage, acknowledged = (
            time_to_triage(CAPTURED, changes),
            time_to_acknowledge(CAPTURED, changes),
        )
        assert (triage is None) == (not any(one.moves for one in changes))
        if triage is not None:
            assert acknowledged is None or acknowledged <= triage or triage > timedelta()

    @invariant()
    def nothing_is_left_half_written(self) -> None:
        folder = changes_dir(self.places)
        names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
        assert names in ([], [f"{ID}.jsonl"])


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
