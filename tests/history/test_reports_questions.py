"""The questions that only reports ask, on both engines: open causes, prevention, completeness."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from record_samples import NOW, content, days_ago, record, run_document, with_status
from shared_history import SharedHistory

from pytest_failtrack.history.changes_index import store_changes
from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.questions.completeness import completeness
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.lived import deadlines_of, lived, resolution_of
from pytest_failtrack.history.questions.open_causes import (
    failing_now,
    has_more_open_than,
    not_passed_since,
    open_causes,
    still_open,
)
from pytest_failtrack.history.questions.prevented import (
    EVOLUTION,
    GOVERNANCE,
    MEASURE,
    Effect,
    deeds,
    effects,
    resolutions,
    untold_deeds,
)
from pytest_failtrack.history.questions.resolution import deadlines, time_to_resolution
from pytest_failtrack.history.run_file import write_run
from pytest_failtrack.history.store import History
from pytest_failtrack.record.change import make_change

WEEK_AGO = NOW - timedelta(days=7)
LATER = NOW + timedelta(hours=1)
OTHER = "b7c2904e11fd"
TAX = "tests/test_tax.py::test_tax"

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


@pytest.fixture
def evidence_dir(tmp_path):
    return tmp_path / "events" / "failures"


@pytest.fixture
def history(tmp_path, engine, request):
    index = tmp_path / ".failtrack" / "history.sqlite"
    if engine == "sqlite":
        made = History(index)
    else:
        made = SharedHistory(index, shared=request.getfixturevalue("postgres_url"), tenant="o/r")
    with made as held:
        yield held


@pytest.fixture
def put(evidence_dir, history):
    """Writes documents and syncs."""

    def put_all(*documents):
        for one in documents:
            if "failure_id" in one:
                write_record(evidence_dir, content(one), one["failure_id"])
            else:
                write_run(evidence_dir.parent / "runs", one)
        history.sync(evidence_dir)

    return put_all


def ended(made, *, at: datetime, measures=("a contract test",), governance=()):
    made = with_status(made, "PREVENTED" if measures else "RESOLVED")
    made["resolution"]["resolution_timestamp"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    made["prevention"]["prevention_measures"] = list(measures)
    made["prevention"]["governance_updates"] = list(governance)
    if not measures:
        made["prevention"]["test_additions"] = []
    return made


class TestOpenCauses:
    def test_are_grouped_by_signature_the_gravest_first(self, history, put):
        """S4-22: occurrences, last seen, timestamps"""
        put(
            record(build="1", at=days_ago(3)),
            record(build="2", at=days_ago(1)),
            record(build="2", at=days_ago(1), nodeid="tests/test_orders.py::test_other"),
            record(build="2", at=NOW, hash_=OTHER, nodeid=TAX),
        )

        found = history.ask(open_causes)

        assert [(one.hash == OTHER, one.failures, one.tests, one.occurrences) for one in found] == [
            (True, 1, 1, 1),
            (False, 3, 2, 2),
        ]
        assert (found[1].first_at, found[1].last_at) == (days_ago(3), days_ago(1))
        assert found[1].key == f"CI|{found[1].hash}"
        assert found[1].headline == "KeyError: 'customer_id'"

    def test_leave_out_what_ended_what_is_flaky_and_debt(self, history, put):
        put(
            record(build="1", status="RESOLVED"),
            record(build="2", outcome="flaky", hash_=OTHER, nodeid=TAX),
            record(build="3", outcome="debt", hash_="c" * 12, nodeid="tests/test_c.py::test_c"),
        )

        assert history.ask(open_causes) == []

    def test_can_be_asked_of_some(self, history, put):
        put(record(build="1"), record(build="2", hash_=OTHER, nodeid=TAX))

        found = history.ask(lambda database: open_causes(database, [OTHER, "0" * 12]))

        assert [one.hash for one in found] == [OTHER]
        assert history.ask(lambda database: still_open(database, [OTHER, "0" * 12])) == {OTHER}
        more = [history.ask(lambda one, n=n: has_more_open_than(one, n)) for n in (0, 1, 2)]
        assert more == [True, True, False]

    def test_a_plan_is_an_owner_an_investigation_and_an_analysis(self, history, put):
        """S1-36"""
        begun = with_status(record(build="1"), "INVESTIGATING")
        put(begun, record(build="2", hash_=OTHER, nodeid=TAX))

        plans = {one.hash == OTHER: one.has_plan for one in history.ask(open_causes)}

        assert plans == {True: False, False: True}

    def test_pass_again_when_the_test_passed_since_in_the_same_lane(self, history, put):
        failed = record(build="1", at=days_ago(2))
        hash_, nodeid = failed["signature"]["hash"], failed["test"]["nodeid"]
        put(failed)
        before = history.ask(failing_now)
        put(
            run_document(
                document_id="2.0123abcd",
                build_id="2",
                started_at="2026-11-21T14:00:00Z",
                outcomes={nodeid: "passed"},
            )
        )

        assert before == {(hash_, "CI")}
        assert history.ask(failing_now) == set()
        assert history.ask(lambda database: not_passed_since(database, hash_, "CI")) == set()


class TestDeeds:
    def change(self, made, at, **after):
        return make_change(
            made["failure_id"],
            action="rca",
            by="ada",
            at=at,
            before={name: [] for name in after},
            after=after,
        )

    def test_are_what_events_added_in_the_period(self, history, put):
        """S0-144: prevention measures implemented, governance updates made"""
        made = ended(record(build="1"), at=days_ago(1))
        put(made)
        events = [
            self.change(made, days_ago(20), **{MEASURE: ["too early"]}),
            self.change(made, days_ago(1), **{MEASURE: ["one", "two"], GOVERNANCE: ["POLICY.md"]}),
            self.change(made, days_ago(0.5), **{EVOLUTION: "a typed export"}),
            make_change(made["failure_id"], action="assign", by="ada", at=days_ago(1)),
        ]
        history.ask(lambda database: store_changes(database, events))

        found = history.ask(lambda database: deeds(database, WEEK_AGO, LATER))

        assert [(one.field, one.text, one.by) for one in found] == [
            (MEASURE, "one", "ada"),
            (MEASURE, "two", "ada"),
            (GOVERNANCE, "POLICY.md", "ada"),
            (EVOLUTION, "a typed export", "ada"),
        ]

    def test_without_an_event_are_counted_from_the_records(self, history, put):
        by_hand = ended(record(build="1"), at=days_ago(1), governance=("POLICY.md",))
        told = ended(record(build="2", hash_=OTHER, nodeid=TAX), at=days_ago(1))
        put(by_hand, told)
        event = self.change(told, days_ago(1), **{MEASURE: ["a contract test"]})
        history.ask(lambda database: store_changes(database, [event]))

        assert history.ask(lambda database: untold_deeds(database, WEEK_AGO, LATER)) == (1, 1)
        assert history.ask(lambda database: untold_deeds(database, LATER, LATER)) == (0, 0)

    def test_resolutions_are_counted_by_kind(self, history, put):
        put(ended(record(build="1"), at=days_ago(1)))

        found = history.ask(lambda database: resolutions(database, WEEK_AGO, LATER))

        assert [(one.kind, one.records, one.causes) for one in found] == [("FIX", 1, 1)]


class TestEffects:
    def test_say_whether_causes_stayed_away_with_and_without_prevention(self, history, put):
        """S0-146: prevention effectiveness"""
        put(
            ended(record(build="1", at=days_ago(9)), at=days_ago(8)),
            ended(
                record(build="1", at=days_ago(9), hash_=OTHER, nodeid=TAX),
                at=days_ago(8),
                measures=(),
            ),
            record(build="2", at=days_ago(1), hash_=OTHER, nodeid=TAX),
        )

        assert history.ask(lambda database: effects(database, LATER)) == [
            Effect(True, 1, 0),
            Effect(False, 1, 1),
        ]
        assert history.ask(lambda database: effects(database, days_ago(5))) == [
            Effect(True, 1, 0),
            Effect(False, 1, 0),
        ]


class TestCompleteness:
    def test_counts_what_the_scorecard_is_made_of(self, history, put):
        """S0-163"""
        totals = dict(run_document()["totals"], collected=10, failed=2)
        put(
            run_document(document_id="1.0123abcd", build_id="1", exit_status=1, totals=totals),
            run_document(document_id="2.0123abcd", build_id="2", exit_status=1, totals=totals),
            run_document(document_id="3.0123abcd", build_id="3"),
            record(build="1", at=days_ago(0.1)),
            ended(record(build="1", hash_=OTHER, nodeid=TAX, at=days_ago(1)), at=days_ago(0.5)),
            record(build="1", outcome="debt", hash_="c" * 12, nodeid="tests/test_c.py::test_c"),
        )

        found = history.ask(lambda database: completeness(database, WEEK_AGO, LATER))

        assert (found.runs, found.red_runs, found.recorded_runs) == (3, 2, 1)
        assert (found.collected, found.failed, found.failure_rate) == (20, 4, 0.2)
        assert (found.records, found.categorized, found.causes) == (2, 2, 2)
        assert (found.ended, found.analysed, found.prevented) == (1, 1, 1)

    def test_of_nothing_is_nothing(self, history, put):
        put()

        found = history.ask(lambda database: completeness(database, WEEK_AGO, LATER))

        assert (found.runs, found.records, found.repeat_rate, found.failure_rate) == (
            0,
            0,
            None,
            None,
        )


class TestLived:
    def test_says_the_same_as_the_questions_one_by_one(self, history, put):
        """One reading of all incidents gives the figures that each question gives."""
        put(
            record(build="1", at=days_ago(3)),
            ended(record(build="1", at=days_ago(4), hash_=OTHER, nodeid=TAX), at=days_ago(2)),
            ended(
                record(
                    build="2", at=days_ago(2.5), hash_="c" * 12, nodeid="tests/test_c.py::test_c"
                ),
                at=days_ago(1),
                measures=(),
            ),
        )
        for since in (None, days_ago(1.5)):
            asked = Filter(since=since, until=LATER, now=NOW)
            held = history.ask(lambda database, asked=asked: lived(database, asked))
            for by in ("", "failure_type", "owner", "severity", "category", "month"):
                names = (by,) if by else ()

                ask = history.ask
                times = ask(lambda one, a=asked, n=names: time_to_resolution(one, a, n))
                due = ask(lambda one, a=asked, n=names: deadlines(one, a, n))

                assert resolution_of(held, asked, by) == times
                assert deadlines_of(held, asked, by) == due
