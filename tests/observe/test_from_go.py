"""Events of `go test -json`, as two versions of Go have really written them (S4-14, C-27)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from reading_kit import observed, only, sample, tokens

from pytest_failtrack.config import load
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.judging.triage import triage
from pytest_failtrack.observe.from_go import HELD_MAX_CHARS
from pytest_failtrack.observe.go_watch import GoWatch
from pytest_failtrack.observe.maker import Maker
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import Wanted, read
from pytest_failtrack.observe.redact import Redactor

NEW = sample("go-test-1.27.jsonl")
OLD = sample("go-test-1.22.jsonl")
SHOP = "example.com/shop"
NIL = "panic: runtime error: invalid memory address or nil pointer dereference"


def event(action: str, test: str = "", output: str = "", **more: object) -> str:
    said = {"Test": test} if test else {}
    said |= {"Output": output} if output else {}
    return json.dumps({"Action": action, "Package": "example.com/a", **said, **more}) + "\n"


def by_test(text: str) -> dict[str, Observation]:
    return {one.nodeid.removeprefix(f"{SHOP}/"): one for one in observed(text)}


def passed_of(text: str) -> list[str]:
    seen: list[str] = []
    wanted = Wanted("/nowhere", Redactor({}), saw_passed=lambda nodeid, _: seen.append(nodeid))
    read(text.encode(), wanted, source="given")
    return seen


class TestRealRuns:
    """S4-14: one failure a test, a panic, a race, a timeout, a package that does not compile."""

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_what_failed_is_told(self, text: str) -> None:
        found = by_test(text)

        assert {
            "tax::TestTable/bad_one",
            "tax::TestTable/also/bad",
            "tax::TestParentToo/child",
            "tax::TestMultiline",
            "tax::TestFailNow",
            "tax::TestError",
            "tax::TestHelper",
            "tax::TestPanic",
            "tax::TestPlain",
            "orders::TestMust/inner",
            "slow::TestHangs",
            "stop::TestKilled",
            "crash::TestExit",
            "tmain",
            "go build example.com/shop/broken",
            "go build example.com/shop/bad",
            "go vet example.com/shop/vet",
        } <= found.keys()

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_nothing_else_is_told(self, text: str) -> None:
        nodeids = by_test(text).keys()

        # A parent failed only since a part of it did; others were never begun, or passed.
        assert not {one for one in nodeids if one.endswith(("TestTable", "TestMust", "TestSkip"))}
        assert not {
            one for one in nodeids if "Parallel" in one or "Passes" in one or "Quick" in one
        }

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_a_panic_is_of_the_subtest_that_raised_it(self, text: str) -> None:
        one = by_test(text)["orders::TestMust/inner"]

        assert [(each.type, each.message) for each in one.exceptions] == [
            ("panic", "negative amount: -3")
        ]
        # Neither the frames of the test runner above the panic nor below it are the project's.
        frames = [
            (each.function, each.is_test) for each in one.exceptions[0].frames if each.is_project
        ]
        assert frames == [("TestMust/inner", True), ("Must", False)]
        assert (one.file, one.line) == ("tax/tax.go", 12)

    def test_both_versions_give_one_failure_one_token(self) -> None:
        new, old = (
            dict(zip((one.nodeid for one in observed(text)), tokens(text), strict=True))
            for text in (NEW, OLD)
        )
        told_by_both = new.keys() & old.keys()
        # Before OutputType, what a test logged could not be told from what it failed with.
        differ = {one for one in told_by_both if new[one] != old[one]}

        assert len(told_by_both) >= 17
        assert differ == {f"{SHOP}/tax::TestPlain"}

    def test_where_the_version_says_it_errors_are_told_from_logs(self) -> None:
        one = by_test(NEW)["tax::TestPlain"]

        assert one.exceptions[0].message == "got 1, want 2"
        assert (one.file, one.line) == ("tax_test.go", 12)
        assert "about to fail" in one.text

    def test_the_rest_of_a_message_is_its_continuation(self) -> None:
        message = by_test(NEW)["tax::TestMultiline"].exceptions[0].message

        assert message.splitlines() == [
            "mismatch (-want +got):",
            "map[string]int{",
            '-   "a": 1,',
            '+   "a": 2,',
            "}",
        ]

    def test_a_parent_that_fails_by_itself_as_well_is_another_failure(self) -> None:
        assert "tax::TestParentToo" in by_test(NEW)

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_a_timeout_is_of_the_test_that_ran(self, text: str) -> None:
        one = by_test(text)["slow::TestHangs"]

        assert one.exceptions[0].message == "test timed out after 5s"
        assert (one.file, one.line) == ("slow/slow_test.go", 8)

    def test_a_race_shows_the_code_that_raced(self) -> None:
        one = by_test(NEW)["race::TestRace"]

        assert (one.exceptions[0].type, one.file, one.line) == (
            "DATA RACE",
            "race/race_test.go",
            11,
        )

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_a_process_that_ended_within_a_test(self, text: str) -> None:
        found = by_test(text)

        assert (found["crash::TestExit"].outcome, found["crash::TestExit"].exit_status) == (
            "crashed",
            3,
        )
        assert (found["stop::TestKilled"].outcome, found["stop::TestKilled"].signal) == (
            "crashed",
            "SIGKILL",
        )

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_a_package_that_is_not_built_is_a_failed_build(self, text: str) -> None:
        one = by_test(text)["go build example.com/shop/broken"]

        assert (one.source, one.when, one.text) == (
            "command",
            "command",
            "broken/broken.go:3:27: undefined: missing",
        )
        assert (one.file, one.line) == ("broken/broken.go", 3)

    @pytest.mark.parametrize("text", [NEW, OLD], ids=["1.27", "1.22"])
    def test_a_package_that_fails_outside_of_its_tests(self, text: str) -> None:
        one = by_test(text)["tmain"]

        assert (one.when, one.outcome, one.exit_status) == ("call", "failed", 1)
        assert one.exceptions[0].message == "setup: connect to 127.0.0.1:5432: connection refused"

    def test_what_passed_is_told_to_who_asks(self) -> None:
        assert passed_of(OLD) == [
            f"{SHOP}/race::TestRace",
            f"{SHOP}/slow::TestQuick",
            f"{SHOP}/tax::TestPasses",
            f"{SHOP}/tax::TestTable/good",
        ]

    def test_the_checkout_tells_the_folder_of_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "tax").mkdir()
        (tmp_path / "tax/tax_test.go").touch()
        files = {one.nodeid: one.file for one in observed(NEW, tmp_path)}

        assert files[f"{SHOP}/tax::TestPlain"] == "tax/tax_test.go"

    def test_in_the_log_of_a_ci_they_are_read_as_well(self) -> None:
        stamped = "".join(
            f"2026-11-21T10:00:00.0000000Z {line}\n" for line in OLD.splitlines() if line
        )
        log = "2026-11-21T10:00:00.0000000Z ##[group]Run go test -json ./...\n"
        log += f"2026-11-21T10:00:00.0000000Z ##[endgroup]\n{stamped}"
        log += "2026-11-21T10:00:00.0000000Z ##[error]Process completed with exit code 1.\n"

        assert {one.nodeid for one in observed(log)} == {one.nodeid for one in observed(OLD)}


class TestOutsideOfTests:
    """A package that fails although no test of it does: in `TestMain`, by a check after all."""

    LEAK = (
        "goleak: Errors on successful test run: found unexpected goroutines:",
        "[Goroutine 7 in state select, with example.com/a.work on top of the stack:",
        "example.com/a.work()",
        "\t/src/a/a.go:5 +0x1d",
        "created by example.com/a.TestA in goroutine 6",
        "]",
    )

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (("goroutine leak found", "exit status 1"), "goroutine leak found"),
            (("starting up", "the tables are not there"), "the tables are not there"),
            (("checking", "coverage: 80.0% of statements", "exit status 2"), "checking"),
            (("exit status 3",), "exit status 3"),
            (LEAK, LEAK[0]),
            (
                ("starting up", "error: open x.sql: no such file or directory", "bye"),
                "error: open x.sql: no such file or directory",
            ),
        ],
        ids=["leak", "last line", "coverage", "status", "goleak", "error line"],
    )
    def test_fails_with_the_last_thing_it_said(self, lines: tuple[str, ...], said: str) -> None:
        text = event("run", "TestA") + event("pass", "TestA")
        text += "".join(
            event("output", output=f"{one}\n") for one in ("PASS", *lines, "FAIL\ta\t1s")
        )

        one = only(text + event("fail"))

        assert (one.nodeid, one.when, one.outcome) == ("example.com/a", "call", "failed")
        assert [raised.message for raised in one.exceptions] == [said]

    def test_a_panic_there_is_a_panic(self) -> None:
        lines = (
            "panic: boom",
            "",
            "goroutine 1 [running]:",
            "example.com/a.init()",
            "exit status 2",
        )

        one = only("".join(event("output", output=f"{line}\n") for line in lines) + event("fail"))

        assert (one.exceptions[0].type, one.exceptions[0].message) == ("panic", "boom")

    def test_a_process_that_was_killed_crashed(self) -> None:
        one = only(event("output", output="signal: killed\n") + event("fail"))

        assert (one.outcome, one.signal) == ("crashed", "SIGKILL")

    def test_is_no_failure_of_the_machine(self, tmp_path: Path) -> None:
        """The gate would let 75 be tried again."""
        text = event("output", output="goroutine leak found\n") + event("fail")
        found = triage([("given", only(text))], load(root=tmp_path), Extensions.of_command())

        assert found.failures[0].classification.category != "INFRA"


class TestBuilds:
    """A build that failed is a failure, once, whether or not a package names it as its reason."""

    SAID = "c/c.go:3:2: undefined: foo"

    def failed(self, path: str) -> str:
        said = {"ImportPath": path, "Action": "build-output", "Output": f"{self.SAID}\n"}
        end = {"ImportPath": path, "Action": "build-fail"}
        return "".join(json.dumps(one) + "\n" for one in (said, end))

    def test_one_that_no_package_names(self) -> None:
        one = only(event("pass", "TestA") + event("pass") + self.failed("ex/c"))

        assert one.nodeid == "go build ex/c"
        assert self.SAID in one.text

    @pytest.mark.parametrize("named", ["ex/c", "ex/c [ex/c.test]"])
    def test_one_that_a_package_names_is_told_once(self, named: str) -> None:
        builds = self.failed("ex/c") + self.failed("ex/c [ex/c.test]")
        end = {"Action": "fail", "Package": "ex/c", "FailedBuild": named}

        assert only(builds + json.dumps(end) + "\n").nodeid == "go build ex/c"

    def test_output_of_a_build_that_did_not_fail_is_none(self) -> None:
        said = self.failed("ex/c").splitlines()[0]

        assert observed(f"{said}\n{event('pass')}") == []


class TestAttempts:
    def test_a_test_that_passed_when_it_was_run_again_is_flaky(self) -> None:
        text = (
            event("run", "TestA")
            + event("output", "TestA", "    a_test.go:3: boom\n")
            + event("fail", "TestA")
            + event("fail")
            + event("start")
            + event("run", "TestA")
            + event("pass", "TestA")
            + event("pass")
        )

        assert [(one.outcome, one.attempt) for one in observed(text)] == [("flaky", 1)]
        assert passed_of(text) == ["example.com/a::TestA"]

    def test_one_that_failed_again_is_a_failure_and_its_rerun(self) -> None:
        once = (
            event("start")
            + event("run", "TestA")
            + event("output", "TestA", "    a_test.go:3: boom\n")
            + event("fail", "TestA")
            + event("fail")
        )

        assert [(one.outcome, one.attempt) for one in observed(once + once)] == [
            ("rerun", 1),
            ("failed", 2),
        ]

    @pytest.mark.parametrize("ends", [("fail", "pass"), ("pass", "fail")], ids="-".join)
    def test_of_several_runs_in_one_process_a_failure_stays(self, ends: tuple[str, str]) -> None:
        """`go test -count 2` fails when either does."""
        said = {"pass": "logged", "fail": "boom"}
        text = event("start")
        for end in ends:
            text += event("run", "TestA")
            text += event("output", "TestA", f"    a_test.go:3: {said[end]}\n")
            text += event(end, "TestA")
        text += event("fail")

        one = only(text)
        assert (one.nodeid, one.outcome) == ("example.com/a::TestA", "failed")
        assert one.exceptions[0].message == "boom"
        assert passed_of(text) == []


class TestOddInput:
    def test_a_single_event_is_a_report(self) -> None:
        assert only(event("fail", "TestA")).nodeid == "example.com/a::TestA"

    def test_events_without_a_package_are_those_of_test2json(self) -> None:
        text = '{"Action":"run","Test":"TestA"}\n{"Action":"fail","Test":"TestA"}\n'

        assert only(text).nodeid == "TestA"

    def test_a_run_that_was_killed_names_the_test_that_ran(self) -> None:
        text = event("start") + event("run", "TestA") + '{"Action":"out'

        assert [one.nodeid for one in observed(text)] == ["example.com/a::TestA"]

    def test_a_green_run_holds_no_failure(self) -> None:
        text = event("run", "TestA") + event("pass", "TestA") + event("pass")

        assert observed(text) == []

    def test_a_skipped_package_holds_no_failure(self) -> None:
        assert observed(event("start") + event("skip")) == []

    def test_logs_in_json_with_an_action_are_no_events(self) -> None:
        text = '{"Action":"login","user":"x"}\n{"Action":"logout","user":"x"}\n'

        assert observed(text) == []

    @pytest.mark.parametrize(
        "odd",
        [
            {"Output": 3},
            {"Test": ["x"]},
            {"Elapsed": "soon"},
            {"Time": 7},
            {"FailedBuild": {}},
            {"OutputType": 1},
        ],
        ids=lambda one: next(iter(one)),
    )
    def test_fields_of_any_type_break_nothing(self, odd: dict[str, object]) -> None:
        text = event("start") + json.dumps({"Action": "output", "Package": "p", "Test": "T", **odd})
        text += "\n" + json.dumps({"Action": "fail", "Package": "p", "Test": "T", **odd})

        assert isinstance(observed(text), list)

    def test_a_secret_that_a_test_printed_is_redacted(self) -> None:
        text = event("output", "TestA", "    a_test.go:3: password=hunter22hunter\n")
        text += event("fail", "TestA")

        assert "hunter22" not in only(text).to_json()

    def test_of_endless_output_the_two_ends_are_held(self) -> None:
        line = "x" * 1_000 + "\n"
        text = event("output", "TestA", "first\n")
        text += "".join(event("output", "TestA", line) for _ in range(400))
        text += event("output", "TestA", "    a_test.go:3: boom\n") + event("fail", "TestA")
        one = only(text)

        assert one.exceptions[0].message == "boom"
        assert len(one.text) < 2 * HELD_MAX_CHARS

    def test_a_first_line_that_is_very_long_is_a_line(self) -> None:
        """The kind is told by the beginning of a file; it may end within its first line."""
        text = event("output", "TestA", "x" * 70_000 + "\n") + event("fail", "TestA")

        assert only(text).nodeid == "example.com/a::TestA"

    def test_many_failed_subtests_are_linear(self) -> None:
        names = [f"TestA/{number}" for number in range(3_000)]
        text = "".join(event("fail", name) for name in ["TestA", *names])
        began = time.process_time()

        assert len(observed(text)) == len(names)
        assert time.process_time() - began < 10

    def test_of_two_levels_the_innermost_is_told(self) -> None:
        text = "".join(event("fail", name) for name in ("TestA/b/c", "TestA/b", "TestA"))

        assert only(text).nodeid == "example.com/a::TestA/b/c"

    def test_a_panic_below_two_levels_is_of_the_innermost(self) -> None:
        said = "panic: boom\n\ngoroutine 1 [running]:\n"
        text = event("fail", "TestA/b/c") + event("fail", "TestA/b")
        text += event("output", "TestA", said) + event("fail", "TestA")

        one = only(text)
        assert (one.nodeid, one.exceptions[0].message) == ("example.com/a::TestA/b/c", "boom")


class TestWatch:
    """S0-11: `failtrack run` reads the events along while the command prints them."""

    def watched(self, pieces: list[tuple[str, bytes]]) -> list[str]:
        watch = GoWatch()
        for stream, piece in pieces:
            watch.feed(stream, piece)
        events = watch.finish()
        assert events is not None
        return [one.nodeid for one in events.observations(Maker("/nowhere", Redactor({}), "go"))]

    def test_pieces_may_be_cut_anywhere(self) -> None:
        data = OLD.encode()
        pieces = [("stdout", data[at : at + 97]) for at in range(0, len(data), 97)]

        assert set(self.watched(pieces)) == {one.nodeid for one in observed(OLD)}

    def test_what_go_said_before_on_the_other_stream_is_known(self) -> None:
        said = b"# example.com/a [example.com/a.test]\na.go:3:2: undefined: x\n"
        events = event("start") + event("output", output="FAIL\texample.com/a [build failed]\n")

        assert self.watched([("stderr", said), ("stdout", (events + event("fail")).encode())]) == [
            "go build example.com/a"
        ]

    def test_any_other_output_is_none_of_it(self) -> None:
        watch = GoWatch()
        for _ in range(10):
            watch.feed("stdout", b"y" * HELD_MAX_CHARS + b"\n")

        assert watch.finish() is None

    def test_a_short_output_may_come_byte_by_byte(self) -> None:
        data = event("fail", "TestA").encode()

        assert self.watched([("stdout", bytes([byte])) for byte in data]) == [
            "example.com/a::TestA"
        ]
