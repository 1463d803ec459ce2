"""What reports say of the whole run, and reports that show less than there was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from reading_kit import observed, only

START = {"pytest_version": "8.4.0", "$report_type": "SessionStart"}


def reported(outcome: str = "passed", when: str = "call") -> dict[str, Any]:
    """Return a report of one test."""
    return {
        "nodeid": "tests/test_a.py::test_b",
        "outcome": outcome,
        "when": when,
        "longrepr": {"longrepr": "E   KeyError: 'x'"} if outcome == "failed" else None,
        "$report_type": "TestReport",
    }


def finish(status: int) -> dict[str, Any]:
    """Return the last line of a report log."""
    return {"exitstatus": status, "$report_type": "SessionFinish"}


def lines(*documents: dict[str, Any]) -> str:
    """Return JSON lines."""
    return "".join(f"{json.dumps(one)}\n" for one in documents)


def gaps_of(text: str) -> list[str]:
    """Return what is said to be missing in a report."""
    gaps: list[str] = []
    observed(text, saw_gap=gaps.append)
    return gaps


class TestReportLog:
    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (1, "exit status 1 (tests failed), and no failure is shown"),
            (2, "exit status 2 (interrupted), and no failure is shown"),
            (3, "exit status 3 (internal error), and no failure is shown"),
            (70, "exit status 70, and no failure is shown"),
        ],
    )
    def test_a_session_that_ended_badly_has_failed(self, status: int, said: str) -> None:
        one = only(lines(START, reported(), finish(status)))

        assert (one.nodeid, one.exit_status) == ("pytest", status)
        assert one.text == f"the report says that pytest ended with {said}"
        assert one.outcome == ("failed" if status == 1 else "error")

    @pytest.mark.parametrize("status", [0, 5])
    def test_one_that_ended_well_has_not(self, status: int) -> None:
        assert observed(lines(START, reported(), finish(status))) == []

    @pytest.mark.parametrize("status", [1, 2])
    def test_a_failure_that_is_shown_explains_the_end(self, status: int) -> None:
        """With `--stepwise` pytest calls it an interruption."""
        one = only(lines(START, reported("failed"), finish(status)))

        assert one.nodeid == "tests/test_a.py::test_b"

    def test_that_a_test_failed_explains_no_internal_error(self) -> None:
        _, ended = observed(lines(START, reported("failed"), finish(3)))

        assert (ended.nodeid, ended.exit_status) == ("pytest", 3)
        assert "shown" not in ended.text

    def test_what_could_not_be_collected_explains_it(self) -> None:
        collected = {
            "nodeid": "tests/test_a.py",
            "outcome": "failed",
            "longrepr": "E   ImportError: x",
            "$report_type": "CollectReport",
        }

        assert only(lines(START, collected, finish(2))).when == "collect"

    def test_a_whole_one_lacks_nothing(self) -> None:
        assert gaps_of(lines(START, reported(), finish(0))) == []

    @pytest.mark.parametrize(
        "rest",
        ["", '{"nodeid": "tests/test_a.py::test_c", "outcome": "fail', lines(reported())],
        ids=["no end", "cut line", "second session"],
    )
    def test_one_without_its_end_is_incomplete(self, rest: str) -> None:
        before = lines(finish(0)) if rest.endswith("\n") else ""
        (gap,) = gaps_of(lines(START, reported()) + before + rest)

        assert gap.startswith("given: ends before its session does (no SessionFinish)")


def json_report(exitcode: int, **summary: int) -> str:
    """Return a report of pytest-json-report without tests."""
    return json.dumps(
        {"exitcode": exitcode, "environment": {}, "summary": {"total": 1, **summary}, "tests": []}
    )


class TestJsonReport:
    def test_a_run_that_ended_badly_has_failed(self) -> None:
        one = only(json_report(3, passed=1))

        assert (one.source, one.when, one.exit_status) == ("json-report", "session", 3)

    @pytest.mark.parametrize("kind", ["failed", "error"])
    def test_failures_that_are_counted_and_not_shown(self, kind: str) -> None:
        one = only(json_report(1, **{kind: 1}))

        assert (one.when, one.outcome) == ("call", "failed")
        assert one.text == "the report counts 1 failure and shows none"

    def test_a_green_run_has_not_failed(self) -> None:
        assert observed(json_report(0, passed=1)) == []


class TestJUnit:
    @pytest.mark.parametrize(
        ("counts", "said"),
        [
            ('failures="2" errors="0"', "counts 2 failures"),
            ('failures="0" errors="1"', "counts 1 failure "),
        ],
        ids=["failures", "errors"],
    )
    def test_failures_that_are_counted_and_not_shown(self, counts: str, said: str) -> None:
        case = '<testcase classname="a" name="b"/>'
        one = only(
            f'<testsuites {counts}><testsuite name="unit" tests="3" {counts}>{case}</testsuite>'
            "</testsuites>"
        )

        assert (one.nodeid, one.when, one.outcome) == ("unit", "call", "failed")
        assert said in f"{one.text} "

    def test_the_root_alone_may_count_them(self) -> None:
        one = only('<testsuites failures="1"><testsuite name="unit"/></testsuites>')

        assert one.nodeid == "testsuite"

    @pytest.mark.parametrize(
        "text",
        [
            '<testsuite name="s" tests="0" failures="0" errors="0"/>',
            '<testsuites failures="0"><testsuite tests="1" failures="none"/></testsuites>',
            "<testsuites/>",
        ],
        ids=["empty", "no number", "nothing"],
    )
    def test_a_suite_that_counts_none_has_not_failed(self, text: str) -> None:
        assert observed(text) == []

    @pytest.mark.parametrize("tag", ["failure", "error", "flakyFailure"])
    def test_what_is_shown_is_not_counted_again(self, tag: str) -> None:
        one = only(
            '<testsuites failures="1"><testsuite name="s" failures="1"><testcase name="a">'
            f'<{tag} message="boom"/></testcase></testsuite></testsuites>'
        )

        assert one.nodeid == "s::a"

    def test_a_case_that_nothing_is_told_of_is_incomplete(self) -> None:
        """What pytest writes when it is interrupted within its second test."""
        named = '<testcase classname="test_a" name="test_a" time="0.1" />'
        text = '<testsuites><testsuite name="pytest" failures="0">{}</testsuite></testsuites>'

        (gap,) = gaps_of(text.format(named + '<testcase time="0.000" />'))
        assert gap.startswith("given: holds a case without a name and a result")
        assert gaps_of(text.format(named)) == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('<testsuites tests="5" failures="0"></testsuites>', "counts 5 tests and shows none;"),
            (
                '<testsuites><testsuite name="a"><testcase name="b"/></testsuite>'
                '<testsuite name="unit" tests="1"/></testsuites>',
                "counts 1 test of unit and shows none;",
            ),
        ],
        ids=["root", "one suite"],
    )
    def test_tests_that_are_counted_and_not_shown_are_incomplete(
        self, text: str, said: str
    ) -> None:
        (gap,) = gaps_of(text)

        assert gap.startswith(f"given: {said}")

    @pytest.mark.parametrize(
        "text",
        [
            '<testsuites tests="0"><testsuite tests="0"/></testsuites>',
            '<testsuite tests="5" skipped="2" disabled="3"/>',
            '<testsuites tests="1"><testsuite tests="1"><testsuite><testcase name="a"/></testsuite>'
            "</testsuite></testsuites>",
            '<testsuite tests="2"><error message="no setup"/></testsuite>',
            '<testsuite tests="2" failures="1"/>',
            '<testsuite name="pytest" tests="10"><testcase name="a"/></testsuite>',
        ],
        ids=["none", "skipped", "nested", "an error", "counted failures", "subtests"],
    )
    def test_other_counts_of_tests_are_not_believed(self, text: str) -> None:
        assert gaps_of(text) == []

    @pytest.mark.parametrize("tag", ["failure", "skipped"])
    def test_one_with_a_result_needs_no_name(self, tag: str) -> None:
        assert gaps_of(f"<testsuite><testcase><{tag}/></testcase></testsuite>") == []


def sarif(invocation: dict[str, Any], *results: dict[str, Any]) -> str:
    """Return a SARIF log of one invocation."""
    run = {"tool": {"driver": {"name": "Trivy"}}, "results": results, "invocations": [invocation]}
    return json.dumps({"version": "2.1.0", "runs": [run]})


class TestSarif:
    def test_a_tool_that_did_not_succeed_has_failed(self) -> None:
        one = only(sarif({"executionSuccessful": False, "exitCode": 2}))

        assert (one.nodeid, one.outcome, one.exit_status) == ("Trivy", "failed", 2)
        assert one.text == ("Trivy says that it did not succeed (exit code 2) and shows no result")

    def test_what_it_says_of_that_is_the_text(self) -> None:
        notes = [
            {"level": "note", "message": {"text": "scanning"}},
            {"level": "error", "message": {"text": "db: connection refused"}},
        ]
        invocation = {"executionSuccessful": False, "toolExecutionNotifications": notes}

        assert only(sarif(invocation)).text == "db: connection refused"

    def test_results_may_be_the_reason(self) -> None:
        result = {"ruleId": "R1", "level": "error", "message": {"text": "bad"}}

        assert only(sarif({"executionSuccessful": False, "exitCode": 1}, result)).text == "R1 bad"

    def test_one_that_succeeded_has_not_failed(self) -> None:
        assert observed(sarif({"executionSuccessful": True, "exitCode": 1})) == []

    def test_one_that_says_so_and_ended_with_an_error_has_failed(self) -> None:
        notes = [{"level": "error", "message": {"text": "db: connection refused"}}]
        invocation: dict[str, Any] = {
            "executionSuccessful": True,
            "toolExecutionNotifications": notes,
        }
        result = {"ruleId": "R1", "level": "error", "message": {"text": "bad"}}

        one = only(sarif(invocation | {"exitCode": 2}))
        assert (one.text, one.exit_status) == ("db: connection refused", 2)
        assert only(sarif(invocation | {"exitCode": 2}, result)).text == "R1 bad"
        assert observed(sarif(invocation | {"exitCode": 0})) == []

    def test_a_log_without_a_run_is_incomplete(self) -> None:
        (gap,) = gaps_of('{"version": "2.1.0", "runs": []}')

        assert gap == "given: holds no run of a tool; did the scan run? Run it again"
        assert gaps_of(sarif({})) == []


class TestJobs:
    def test_a_page_of_many_is_incomplete(self) -> None:
        job = {"name": "a", "conclusion": "success"}

        (gap,) = gaps_of(json.dumps({"total_count": 200, "jobs": [job]}))
        assert gap == "given: names 1 of 200 jobs; write all pages with `gh api --paginate`"
        assert gaps_of(json.dumps([{"total_count": 2, "jobs": [job]}] * 2)) == []

    def test_a_job_that_two_pages_name_is_one(self) -> None:
        job = {"id": 1, "name": "a", "conclusion": "failure"}
        text = json.dumps([{"total_count": 2, "jobs": [job]}] * 2)

        assert gaps_of(text) == [
            "given: names 1 of 2 jobs; write all pages with `gh api --paginate`"
        ]
        assert len(observed(text)) == 1

    @pytest.mark.parametrize(
        "ends",
        [[], [None, None], ["cancelled"], ["skipped", "stale", "action_required", None]],
        ids=["no job", "waiting", "cancelled", "others"],
    )
    def test_a_list_in_which_no_job_has_a_result_is_incomplete(
        self, ends: list[str | None]
    ) -> None:
        jobs = [{"name": "a", "conclusion": one} for one in ends]

        (gap,) = gaps_of(json.dumps({"jobs": jobs}))
        assert gap.startswith("given: no job of the list has ended with a result")

    @pytest.mark.parametrize("end", ["success", "neutral", "failure", "timed_out"])
    def test_one_result_is_enough(self, end: str) -> None:
        jobs = [{"name": "a", "conclusion": one} for one in (None, "skipped", end)]

        assert gaps_of(json.dumps({"jobs": jobs})) == []

    @pytest.mark.parametrize("end", ["cancelled", "action_required", "stale"])
    def test_a_job_that_was_stopped_where_none_failed_is_a_gap(self, end: str) -> None:
        jobs = [{"name": "a", "conclusion": "success"}, {"name": "b (2)", "conclusion": end}]
        failed = {"name": "c", "conclusion": "failure"}

        assert gaps_of(json.dumps({"jobs": jobs})) == [
            "given: no job failed, and these did not come to their end: b (2); run them again"
        ]
        assert gaps_of(json.dumps({"jobs": [*jobs, failed]})) == []

    def test_of_a_job_that_was_started_again_the_last_attempt_counts(self) -> None:
        jobs = [
            {"id": 1, "run_id": 7, "run_attempt": 1, "name": "a", "conclusion": "failure"},
            {"id": 2, "run_id": 7, "run_attempt": 2, "name": "a", "conclusion": "success"},
            {"id": 3, "run_id": 8, "run_attempt": 1, "name": "a", "conclusion": "timed_out"},
        ]
        text = json.dumps({"total_count": 3, "jobs": jobs})

        assert gaps_of(text) == []
        assert [one.outcome for one in observed(text)] == ["crashed"]

    @pytest.mark.parametrize(
        ("again", "outcomes"),
        [
            pytest.param(["skipped"], ["failed"], id="skipped the second time"),
            pytest.param(["cancelled"], ["failed"], id="cancelled the second time"),
            pytest.param(["success"], ["failed"], id="one of two"),
            pytest.param(["success", "success"], [], id="both"),
            pytest.param(["success", "failure"], ["failed"], id="both, and one failed"),
        ],
    )
    def test_a_failure_that_was_not_run_again_stays(
        self, again: list[str], outcomes: list[str]
    ) -> None:
        first = ["failure"] if again[0] in ("skipped", "cancelled") else ["failure", "success"]
        jobs = [
            {"id": f"{attempt}{at}", "run_id": 7, "run_attempt": attempt, "name": "a",
             "conclusion": end}
            for attempt, ends in ((1, first), (2, again))
            for at, end in enumerate(ends)
        ]  # fmt: skip

        found = observed(json.dumps({"total_count": len(jobs), "jobs": jobs}))

        assert [one.outcome for one in found if one.outcome != "cancelled"] == outcomes

    def test_jobs_that_run_still_are_told(self) -> None:
        told: list[str] = []
        jobs = [{"name": f"job {n}", "conclusion": None} for n in range(7)]

        assert observed(json.dumps({"jobs": jobs}), saw_open=told.append) == []
        assert told == [
            "given: of jobs without a result yet nothing is known: job 0, job 1, job 2, job 3, "
            "job 4 and 2 more; write the list again when they have ended"
        ]


class TestGo:
    PASS = '{"Action":"run","Package":"a","Test":"T"}\n{"Action":"pass","Package":"a","Test":"T"}\n'

    def test_events_without_the_end_of_a_package_are_incomplete(self) -> None:
        (gap,) = gaps_of(self.PASS)

        assert gap == "given: ends before a did: was `go test` killed? Run it again"

    @pytest.mark.parametrize("end", ["pass", "skip", "fail"])
    def test_with_it_they_are_whole(self, end: str) -> None:
        assert gaps_of(f'{self.PASS}{{"Action":"{end}","Package":"a"}}\n') == []

    def test_those_of_test2json_name_no_package(self) -> None:
        events = '{"Action":"run","Test":"T"}\n{"Action":"pass","Test":"T"}\n{"Action":"pass"}\n'

        assert gaps_of(events) == []

    END = '{"Action":"pass","Package":"a"}\n'

    @pytest.mark.parametrize("rest", ["{", '{"Time":"2026-11-23T10:00:02Z","Acti'])
    def test_a_last_line_that_is_cut_is_told(self, rest: str) -> None:
        (gap,) = gaps_of(self.PASS + self.END + rest)

        assert gap == "given: its last line is cut: was its writer killed? Write it again"

    @pytest.mark.parametrize("rest", ["", "FAIL", '{"Action', '{"a": 1}'])
    def test_one_that_is_whole_or_no_event_is_not(self, rest: str) -> None:
        end = "\n" if rest == '{"Action' else ""

        assert gaps_of(f"{self.PASS}{self.END}{rest}{end}") == []


class TestObservations:
    def test_a_last_line_that_is_cut_is_told(self) -> None:
        one = {"source": "x", "when": "command", "nodeid": "x", "outcome": "failed"}

        (gap,) = gaps_of(lines(one) + '{"source": "x", "wh')
        assert gap.startswith("given: its last line is cut")
        assert gaps_of(lines(one, one)) == []
