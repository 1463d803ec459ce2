"""What earlier runs of a commit say of a test, and how tests went up and down: C-11, C-20."""

from __future__ import annotations

from datetime import timedelta

import pytest
from record_samples import NOW, OBSERVATION, content, days_ago, record, run_document
from shared_history import SharedHistory

from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.past import (
    FAILURES_MAX,
    RUNS_MAX,
    TESTS_MAX,
    FileNow,
    PastRun,
    chooses_tests,
    is_named,
    lane_of,
)
from pytest_failtrack.history.run_file import write_run
from pytest_failtrack.history.store import History
from pytest_failtrack.record.build import RunFacts
from pytest_failtrack.record.times import time_text

COMMIT = "3f2a91c0"
FILE = "tests/test_a.py"
TEST = f"{FILE}::test_x"
OTHER = f"{FILE}::test_y"
PLACE = ("CI", "Tests", "")
LANE = lane_of("main", PLACE)


@pytest.fixture
def events(tmp_path):
    return tmp_path / "events"


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def history(tmp_path, events, engine, request):
    if engine == "sqlite":
        made = History(tmp_path / "index.sqlite")
    else:
        url = request.getfixturevalue("postgres_url")
        made = SharedHistory(tmp_path / "index.sqlite", shared=url, tenant="o/r")
    with made as held:
        held.sync(events / "failures")
        yield held


on_both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


def put_run(events, build, *, at=NOW, commit=COMMIT, records=(), **changes):
    document = run_document(
        document_id=f"{build}.0123abcd",
        run_id=build,
        build_id=build,
        started_at=time_text(at),
        records=list(records),
        environment={"branch": "main", "commit": commit, **changes.pop("environment", {})},
        **changes,
    )
    write_run(events / "runs", document)


def put_record(events, build, *, at=NOW, nodeid=TEST, **changes):
    made = record(
        build=build,
        at=at,
        nodeid=nodeid,
        run=RunFacts(build_id=build, branch="main", commit=COMMIT),
        **changes,
    )
    write_record(events / "failures", content(made), made["failure_id"])
    return made


def a_run(**changes):
    given = {"name": "512.0123abcd.json", "build_id": "512", "started_at": NOW, "place": PLACE}
    return PastRun(**given | {"failures": {}} | changes)


@on_both_engines
class TestRunsOfACommit:
    def test_are_the_newest_first_without_the_one_that_asks(self, history, events):
        for at in range(3):
            put_run(events, f"{at}", at=NOW + timedelta(minutes=at))
        put_run(events, "other", commit="0" * 8)
        history.sync(events / "failures")

        found = history.runs_of(COMMIT, but="2.0123abcd.json")

        assert [one.build_id for one in found] == ["1", "0"]

    def test_say_what_their_document_says(self, history, events):
        made = put_record(events, "512")
        put_run(
            events,
            "512",
            records=[made["failure_id"]],
            leg="py3.11",
            environment={"order": "--randomly-seed=7", "workers": 4, "run_url": "https://ci/512"},
            totals=run_document()["totals"] | {"collected": 40, "passed": 38, "skipped": 2},
        )
        history.sync(events / "failures")

        (found,) = history.runs_of(COMMIT)

        assert found.place == ("CI", "Tests", "py3.11")
        assert (found.order, found.workers, found.collected) == ("--randomly-seed=7", 4, 40)
        assert found.run_url == "https://ci/512"
        assert found.is_whole
        assert found.failures == {TEST: [(made["signature"]["hash"], "failed")]}

    @pytest.mark.parametrize(
        "changes",
        [
            {"totals": run_document()["totals"] | {"collected": 40, "passed": 3, "failed": 1}},
            {"is_complete": False, "ended": "died"},
        ],
        ids=["-x", "died"],
    )
    def test_that_stopped_early_are_not_whole(self, history, events, changes):
        put_run(events, "1", **changes)
        history.sync(events / "failures")

        assert not history.runs_of(COMMIT)[0].is_whole

    def test_are_few(self, history, events):
        for at in range(RUNS_MAX + 5):
            put_run(events, f"{at}", at=NOW + timedelta(minutes=at))
        history.sync(events / "failures")

        assert len(history.runs_of(COMMIT)) == RUNS_MAX

    def test_of_no_commit_are_none(self, history, events):
        put_run(events, "1", commit="")
        history.sync(events / "failures")

        assert history.runs_of("") == []

    def test_whose_records_are_gone_or_too_many_do_not_say_what_failed(self, history, events):
        made = put_record(events, "1")
        put_run(events, "1", records=[made["failure_id"], "0" * 8 + made["failure_id"][8:]])
        put_run(events, "2", records=[made["failure_id"]] * (FAILURES_MAX + 1))
        history.sync(events / "failures")

        assert [one.failures for one in history.runs_of(COMMIT)] == [None, None]


def test_runs_that_cannot_be_read_are_left_out(history, events):
    put_run(events, "1")
    put_run(events, "2")
    history.sync(events / "failures")
    (events / "runs" / "1.0123abcd.json").write_bytes(b'{"schema')

    assert [one.build_id for one in history.runs_of(COMMIT)] == ["2"]


class TestHasPassed:
    NOW = FileNow(FILE, 3)

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"files": {FILE: {"passed": 3}}}, True, id="all of its file"),
            pytest.param({"files": {FILE: {"passed": 2}}}, False, id="fewer"),
            pytest.param({"files": {}}, False, id="not the file"),
            pytest.param(
                {"files": {FILE: {"passed": 3}}, "is_whole": False}, False, id="stopped early"
            ),
            pytest.param({"outcomes": {TEST: "passed"}}, True, id="told"),
            pytest.param(
                {"outcomes": {TEST: "failed"}, "files": {FILE: {"passed": 3}}}, False, id="told no"
            ),
            pytest.param(
                {
                    "files": {FILE: {"passed": 2, "failed": 1}},
                    "failures": {OTHER: [("0", "failed")]},
                },
                True,
                id="another failed",
            ),
            pytest.param(
                {
                    "files": {FILE: {"passed": 2, "failed": 1}},
                    "failures": {TEST: [("0", "failed")]},
                },
                False,
                id="it failed",
            ),
            pytest.param({"failures": {TEST: [("0", "flaky")]}}, True, id="on another attempt"),
            pytest.param(
                {"files": {FILE: {"passed": 2, "skip": 1}}}, False, id="something was skipped"
            ),
            pytest.param(
                {"files": {FILE: {"passed": 3}}, "failures": None}, False, id="failures unknown"
            ),
            pytest.param(
                {"files": {FILE: {"passed": 3}}, "command": f"pytest {OTHER}"}, False, id="chosen"
            ),
            pytest.param(
                {"files": {FILE: {"passed": 1}}, "command": f"pytest {TEST}"}, True, id="alone"
            ),
            pytest.param(
                {"files": {FILE: {"passed": 1, "skip": 1}}, "command": f"pytest {TEST} {OTHER}"},
                False,
                id="one of two",
            ),
        ],
    )
    def test_only_when_that_is_certain(self, changes, expected):
        assert a_run(**changes).has_passed(TEST, self.NOW) is expected

    @pytest.mark.parametrize(("report", "expected"), [("ruff.xml", True), ("mypy.xml", False)])
    def test_two_tools_may_report_of_one_file(self, report, expected):
        run = a_run(files={FILE: {"passed": 1}}, command=f"failtrack ingest {report}")
        now = FileNow(FILE, 1, command="failtrack ingest ruff.xml")
        assert run.has_passed(TEST, now) is expected

    def test_where_the_same_was_skipped(self):
        run = a_run(files={FILE: {"passed": 3, "skip": 2}})
        assert run.has_passed(TEST, FileNow(FILE, 3, {"skip": 2}))

    def test_where_the_same_tests_were_chosen(self):
        command = "pytest --failtrack -k total"
        run = a_run(files={FILE: {"passed": 3}}, command=command)
        assert run.has_passed(TEST, FileNow(FILE, 3, command=command))

    @pytest.mark.parametrize(
        ("command", "expected"),
        [
            ("pytest tests --failtrack", False),
            ("pytest tests/a.py::test_x", True),
            ("pytest -k total", True),
            ("pytest -m 'not slow'", True),
            ("pytest --lf", True),
            ("pytest --deselect=a", True),
            ("pytest --markers-of-mine --kind=x", False),
            ("", False),
        ],
    )
    def test_a_choice_is_told_by_the_command(self, command, expected):
        assert chooses_tests(command) is expected

    @pytest.mark.parametrize(
        ("nodeid", "command", "expected"),
        [
            ("a.py::test_x", "pytest a.py::test_x -q", True),
            ("a.py::test_x[1]", "pytest a.py::test_x", True),
            ("a.py::TestX::test_y", "pytest a.py::TestX", True),
            ("a.py::test_x[a b]", "pytest 'a.py::test_x[a b]'", True),
            ("a.py::test_xy", "pytest a.py::test_x", False),
            ("a.py::test_x", "pytest a.py::test_x -k other", False),
            ("a.py::test_x", "pytest a.py::test_x --lf", False),
            ("a.py::test_x", "pytest a.py", False),
            ("a.py::test_x", "pytest 'a.py::test_x", False),
        ],
    )
    def test_a_test_may_be_named(self, nodeid, command, expected):
        assert is_named(nodeid, command) is expected


class TestFailedAs:
    def test_knows_the_signature(self):
        run = a_run(failures={TEST: [("abc", "failed"), ("def", "debt")]})

        assert run.failed_as(TEST, {"abc"})
        assert not run.failed_as(TEST, {"def"})
        assert not run.failed_as(OTHER, {"abc"})


@on_both_engines
class TestTurns:
    def ask(self, history, nodeids=(TEST,)):
        return history.turns_of(set(nodeids), since=days_ago(90), until=NOW, but="now", here=LANE)

    def seen(self, events, days, passed, *, build="", job="Tests", status="OPEN"):
        """Put a build in which the test passed or failed, some days ago."""
        build = build or f"b{days}"
        if passed:
            put_run(events, build, at=days_ago(days), outcomes={TEST: "passed"}, job=job)
        else:
            put_record(events, build, at=days_ago(days), status=status)

    def test_are_counted_in_one_place(self, history, events):
        for days, passed in ((5, False), (4, True), (3, False), (2, True)):
            self.seen(events, days, passed)
        history.sync(events / "failures")

        assert self.ask(history) == {TEST: (2, 5)}

    def test_of_other_jobs_are_not_mixed_in(self, history, events):
        self.seen(events, 3, False)
        self.seen(events, 2, True, job="nightly")
        history.sync(events / "failures")

        assert self.ask(history)[TEST][0] == 0

    def test_count_failures_that_somebody_resolved(self, history, events):
        for days, passed in ((5, False), (4, True), (3, False), (2, True)):
            self.seen(events, days, passed, status="RESOLVED")
        history.sync(events / "failures")

        assert self.ask(history) == {TEST: (2, 5)}

    def test_at_the_desk_do_not_count(self, history, events):
        for days, passed in ((5, False), (4, True), (3, False), (2, True)):
            self.seen(events, days, passed, build=f"local-{days}")
        history.sync(events / "failures")

        assert self.ask(history) == {}

    def test_are_not_asked_for_where_everything_fails(self, history):
        assert self.ask(history, [f"{FILE}::test_{n}" for n in range(TESTS_MAX + 1)]) == {}

    def test_of_a_test_without_a_history_are_none(self, history):
        assert self.ask(history, [OBSERVATION.nodeid]) == {}
