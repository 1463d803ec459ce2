"""Logs of CI services and commands: the true error, or nothing; pytest's log by the test."""

from __future__ import annotations

import pytest
from reading_kit import observed, only, sample

from pytest_failtrack.signature.token import token_of

ESC = "\x1b"


def github(*lines: str) -> str:
    """Return a log as GitHub's API hands it out."""
    stamped = (f"2026-11-21T10:00:{n % 60:02}.1234567Z {line}" for n, line in enumerate(lines))
    return "\ufeff" + "\n".join(stamped) + "\n"


def step(command: str, *lines: str) -> str:
    """Return the log of one step that ran a command."""
    return github(
        f"##[group]Run {command}",
        f"{ESC}[36;1m{command}{ESC}[0m",
        "shell: /usr/bin/bash -e {0}",
        "env:",
        "  MESSAGE: error: this is a variable",
        "##[endgroup]",
        *lines,
    )


def gitlab(command: str, *lines: str) -> str:
    """Return the trace of a job of GitLab."""
    return "\n".join(
        [
            f"{ESC}[0KRunning with gitlab-runner 17.0.0 (44feccdf){ESC}[0;m",
            f"section_start:1700000002:step_script\r{ESC}[0K{ESC}[0K"
            f'{ESC}[36;1mExecuting "step_script" stage of the job script{ESC}[0;m{ESC}[0;m',
            f"{ESC}[32;1m$ {command}{ESC}[0;m",
            *lines,
            f"section_end:1700000010:step_script\r{ESC}[0K",
        ]
    )


MAKE = (
    "gcc -Wall -Werror -c error.c",
    "error.c:3:5: warning: unused variable 'error' [-Wunused-variable]",
    "##[warning]Error: this is a warning",
    "tests/test_error.py::test_fatal_error PASSED",
    "0 errors, 2 warnings",
    f"{ESC}[31msrc/main.c:4:5: error: expected ';' before '}}' token{ESC}[0m",
    "make: *** [Makefile:2: all] Error 1",
)


class TestGitHub:
    def test_the_first_true_error_line_is_found_with_its_command(self) -> None:
        """S4-04: the first exception or error line."""
        command = "make error-check || exit 1"
        one = only(step(command, *MAKE, "##[error]Process completed with exit code 2."))

        assert (one.source, one.nodeid, one.exit_status) == ("command", command, 2)
        assert one.text == "src/main.c:4:5: error: expected ';' before '}' token"
        assert (one.file, one.line) == ("src/main.c", 4)

    def test_a_silent_failure_has_no_stack(self) -> None:
        """S4-17: `no-stack` when nothing says why."""
        one = only(step("./check", "checking", "##[error]Process completed with exit code 1."))

        assert (one.outcome, one.text, token_of(one)) == ("failed", "", "no-stack")

    def test_a_killed_command_has_crashed(self) -> None:
        one = only(step("./check", "##[error]Process completed with exit code 137."))

        assert (one.outcome, one.signal) == ("crashed", "SIGKILL")

    def test_a_log_without_a_marked_error_is_green(self) -> None:
        assert observed(step("./check", "ERROR: retried, and then it worked", "done")) == []

    def test_a_step_that_was_timed_out_says_so(self) -> None:
        said = "The job running on runner x has exceeded the maximum execution time of 5 minutes."
        one = only(step("./check", "waiting", f"##[error]{said}"))

        assert one.text == said

    def test_what_gh_prints_is_parted_by_job_and_step(self) -> None:
        """S4-03: failed jobs and their first failing step."""
        lines = [
            "Tests (3.11)\tSet up job\t\ufeff2026-11-21T10:00:00.1234567Z ERROR_LEVEL: error: x",
            "Tests (3.11)\tCompile\t2026-11-21T10:00:00.1234567Z ##[group]Run make",
            "Tests (3.11)\tCompile\t2026-11-21T10:00:00.1234567Z ##[endgroup]",
            "Tests (3.11)\tCompile\t2026-11-21T10:00:00.1234567Z a.c:1:2: error: no",
            "Tests (3.11)\tCompile\t2026-11-21T10:00:00.1234567Z ##[error]Process completed with "
            "exit code 2.",
            "Tests (3.11)\tPost job\t2026-11-21T10:00:00.1234567Z Cleaning up error reports",
        ]

        one = only("\n".join(lines))

        assert (one.job, one.step, one.nodeid) == ("Tests", "Compile", "Tests (3.11) / Compile")
        assert one.text == "a.c:1:2: error: no"

    GH = (
        "Tests (3.11)\tSet up job\t2026-11-21T10:00:00.1234567Z Runner version 2",
        "Tests (3.11)\tCompile\t2026-11-21T10:00:01.1234567Z ##[group]Run make",
        "Tests (3.11)\tCompile\t2026-11-21T10:00:01.1234567Z ##[endgroup]",
        "Tests (3.11)\tCompile\t2026-11-21T10:00:02.1234567Z a.c:1:2: error: no",
        "Tests (3.11)\tCompile\t2026-11-21T10:00:03.1234567Z ##[error]Process completed with "
        "exit code 2.",
    )

    def test_a_known_status_is_that_of_the_step_that_failed_and_of_no_other(self) -> None:
        one = only("\n".join(self.GH), exit_status=1)

        assert (one.step, one.text, one.exit_status) == ("Compile", "a.c:1:2: error: no", 2)

    def test_a_known_status_of_which_no_step_speaks_is_one_silent_failure(self) -> None:
        one = only("\n".join(self.GH[:3]), exit_status=3)

        assert (one.step, one.text, one.exit_status) == ("Compile", "", 3)

    def test_columns_that_were_pasted_with_blanks_are_read_too(self) -> None:
        one = only("\n".join(self.GH).replace("\t", "    "))

        assert (one.job, one.step, one.text) == ("Tests", "Compile", "a.c:1:2: error: no")


class TestPlaces:
    TRACE = (
        "Traceback (most recent call last):",
        '  File "{root}/scripts/orders.py", line 7, in <module>',
        "    save(row)",
        '  File "{root}/.venv/lib/python3.11/site-packages/store/db.py", line 9, in save',
        "    raise KeyError(row)",
        "KeyError: 'customer'",
    )

    @pytest.mark.parametrize(
        "root", ["/builds/group/app/b70", "/home/runner/work/app/app/c5", "/srv/ws/x", "C:/a/b/c/d"]
    )
    def test_a_traceback_has_one_token_wherever_the_checkout_lies(self, root: str) -> None:
        one = only("\n".join(self.TRACE).replace("{root}", root) + "\n")

        assert token_of(one) == "KeyError: 'customer' @ orders.py"

    @pytest.mark.parametrize(
        "root", ["/builds/group/app/b70", "/home/runner/work/app/app/c5", "/srv/ws/x", "C:/a/b/c/d"]
    )
    def test_a_standard_library_in_the_folder_of_the_checkout_is_none_of_ours(
        self, root: str
    ) -> None:
        log = "\n".join(self.TRACE[:3])
        log += '\n  File "{root}/lib/json/decoder.py", line 355, in raw_decode\n    raise x\n'
        log += "json.decoder.JSONDecodeError: Expecting value\n"
        one = only(log.replace("{root}", root))

        assert token_of(one) == "json.decoder.JSONDecodeError: Expecting value @ orders.py"

    def test_what_comes_long_after_the_error_is_not_what_is_kept(self) -> None:
        trace = "\n".join(self.TRACE).replace("{root}", "/srv/ws/x")
        after = "\n".join(f"uploading artifact {number}" for number in range(300))

        output = only(f"{trace}\n{after}\n").captured["output"].splitlines()

        assert output[: len(self.TRACE)] == trace.splitlines()
        assert output[-1] == "uploading artifact 19"

    def test_what_an_error_announces_is_in_its_token(self) -> None:
        log = 'CMake Error at CMakeLists.txt:3 (find_package):\n  By not providing "FindA.cmake"\n'

        one = only(log)

        assert one.text.splitlines()[0] == "CMake Error at CMakeLists.txt:3 (find_package):"
        assert token_of(one).startswith(
            'CMake Error at CMakeLists.txt:<line> (find_package): By not providing "FindA.cmake"'
        )

    @pytest.mark.parametrize(
        ("log", "expected"),
        [
            (
                "* What went wrong:\nA problem occurred evaluating root project 'shop'.\n"
                "> Failed to apply plugin 'org.acme.boot'.\n",
                "> Failed to apply plugin 'org.acme.boot'.",
            ),
            (
                "F401 [*] `os` imported but unused\n --> src/error.py:3:8\n",
                "F401 [*] `os` imported but unused @ src/error.py",
            ),
        ],
    )
    def test_a_detail_that_names_an_error_does_not_replace_the_line(
        self, log: str, expected: str
    ) -> None:
        """S4-12."""
        assert token_of(only(log, exit_status=1)) == expected

    def test_an_empty_line_with_a_time_of_jenkins_is_empty(self) -> None:
        """S4-12."""
        bare = "error: failed to get `serde`\n\nCaused by:\n  download failed\n"
        stamped = "".join(f"12:00:07 {line}\n" for line in bare.splitlines())

        assert token_of(only(stamped, exit_status=1)) == token_of(only(bare, exit_status=1))

    def test_a_line_that_is_announced_needs_no_exit_status(self) -> None:
        """S4-12."""
        one = only("* What went wrong:\nThe wrapper did not match its checksum\n")

        assert one.text == "The wrapper did not match its checksum"

    def test_jenkins_says_without_a_status_that_it_failed(self) -> None:
        """S4-05."""
        log = "{} The schema is out of date\n{} Finished: {}\n"

        one = only(log.format("12:00:07", "12:00:08", "FAILURE"))

        assert one.text == "The schema is out of date"
        assert one.exit_status is None
        assert observed(log.format("12:00:07", "12:00:08", "SUCCESS")) == []

    def test_the_sections_of_azure_are_no_detail(self) -> None:
        """S4-12."""
        log = "Found 1 known vulnerability in 1 package\n##[section]Finishing: Build\n"

        assert token_of(only(log, exit_status=1)).endswith("in <num> package")

    def test_the_file_under_an_error_of_rust_is_its_place(self) -> None:
        one = only("error[E0308]: mismatched types\n --> src/cart.rs:2:18\n  |\n")

        assert (one.file, one.line) == ("src/cart.rs", 2)
        assert token_of(one) == "error[E0308]: mismatched types @ src/cart.rs"


class TestGitLab:
    def test_the_error_line_is_found_in_sections(self) -> None:
        one = only(
            gitlab(
                "npm ci || echo error: no",
                "10%\r50%\r100% error free",
                "npm ERR! code ERESOLVE",
                "npm ERR! ERESOLVE unable to resolve dependency tree",
            )
            + f"{ESC}[31;1mERROR: Job failed: exit code 1"
        )

        assert one.nodeid == "npm ci || echo error: no"
        assert one.text == "npm ERR! ERESOLVE unable to resolve dependency tree"
        assert one.exit_status == 1

    @pytest.mark.parametrize("stamp", ["", "2026-11-21T10:00:00.123456Z 01O "])
    def test_a_silent_failure_has_no_stack(self, stamp: str) -> None:
        log = (
            gitlab("./check", "all fine") + f"\n{ESC}[31;1mERROR: Job failed: exit code 1{ESC}[0;m"
        )

        one = only("\n".join(stamp + line for line in log.split("\n")))

        assert (one.nodeid, token_of(one)) == ("./check", "no-stack")

    def test_a_job_that_succeeded_holds_no_failure(self) -> None:
        log = gitlab("./check", "ERROR: ignored") + f"\n{ESC}[32;1mJob succeeded{ESC}[0;m"

        assert observed(log) == []


class TestJenkins:
    LINES = (
        "Started by user admin",
        "[Pipeline] Start of Pipeline",
        "Running on Jenkins in /var/jenkins_home/workspace/error-job",
        "[Pipeline] { (Test error handling)",
        "[Pipeline] sh",
    )

    def test_the_error_line_is_found_between_its_steps(self) -> None:
        one = only(
            "\n".join(
                [
                    *self.LINES,
                    "[2026-11-21T10:00:00.123Z] + ./gradlew test --fail-fast",
                    "[2026-11-21T10:00:01.123Z] > Task :compileJava FAILED",
                    "[2026-11-21T10:00:01.123Z] src/Foo.java:3: error: ';' expected",
                    "[Pipeline] // node",
                    "ERROR: script returned exit code 1",
                    "Finished: FAILURE",
                ]
            )
        )

        assert one.nodeid == "./gradlew test --fail-fast"
        assert one.text == "src/Foo.java:3: error: ';' expected"

    def test_a_silent_failure_has_no_stack(self) -> None:
        end = [
            "+ ./check",
            "[Pipeline] }",
            "ERROR: script returned exit code 1",
            "Finished: FAILURE",
        ]

        assert token_of(only("\n".join([*self.LINES, *end]))) == "no-stack"

    def test_a_build_that_succeeded_holds_no_failure(self) -> None:
        end = ["+ ./check", "ERROR: ignored", "Finished: SUCCESS"]

        assert observed("\n".join([*self.LINES, *end])) == []


class TestCommands:
    def test_a_progress_bar_shows_its_last_state(self) -> None:
        one = only("1%\r50%\rerror: 0\r100%\ncurl: (6) Could not resolve host: nosuch.example\n")

        assert one.text == "curl: (6) Could not resolve host: nosuch.example"
        assert one.nodeid == "given"

    @pytest.mark.parametrize(
        "log",
        [
            "tests/test_error.py::test_fatal_error PASSED\n0 errors\n",
            "test result: ok. 3 passed; 0 failed; 0 ignored\n",
            "+ echo error: boom\nwarning: failed to load, going on\n",
            "  ✓ throws an Error: bad (3 ms)\nTests: 0 failed, 5 passed\n",
            '{"level":"warn","error":"timeout"}\n{"level":"info","msg":"no error"}\n',
        ],
    )
    def test_what_says_nothing_of_a_failure_is_none(self, log: str) -> None:
        assert observed(log) == []

    def test_who_knows_the_exit_status_may_say_it(self) -> None:
        log = "all fine\n"

        assert observed(log) == []
        assert observed("ERROR: boom\n", exit_status=0) == []
        assert token_of(only(log, exit_status=1)) == "no-stack"
        assert only(log, exit_status=139).signal == "SIGSEGV"

    @pytest.mark.parametrize(
        ("name", "line"),
        [
            ("jest.log", "expect(received).toBe(expected) // Object.is equality\norders › adds"),
            ("unittest.log", "ValueError: class setup"),
            (
                "cargo.log",
                "thread 'tests::adds' (2511) panicked at src/lib.rs:3:21:\n"
                "assertion `left == right` failed",
            ),
            ("gotest.log", "orders_test.go:9: got 1, want 2"),
        ],
    )
    def test_the_log_of_another_runner_is_one_failure(self, name: str, line: str) -> None:
        assert only(sample(name)).text == line

    def test_a_log_is_no_utf_8(self) -> None:
        assert only("error: größer als ü\n".encode("latin-1")).text == "error: größer als ü"

    def test_nul_bytes_do_no_harm(self) -> None:
        assert only(b"ok\x00\nerror: boom\x00\n").text == "error: boom"


PYTEST = sample("pytest.log")


class TestPytest:
    def test_each_failed_test_is_one(self) -> None:
        assert [(one.nodeid, one.when, token_of(one)) for one in observed(PYTEST)] == [
            (
                "tests/test_broken.py",
                "collect",
                "ModuleNotFoundError: No module named 'nosuch'",
            ),
            (
                "tests/test_tax.py::TestRates::test_low[a - b]",
                "setup",
                "KeyError: 'rate' @ src/shop/tax.py:rate_of",
            ),
            (
                "tests/test_tax.py::TestRates::test_low[1.5::x]",
                "call",
                "assert <num> == <num> where rate_of @ tests/test_tax.py:test_low",
            ),
            (
                "tests/test_tax.py::test_told",
                "call",
                "Failed: without a traceback @ tests/test_tax.py:test_told",
            ),
        ]

    def test_what_was_captured_is_kept_and_is_no_failure(self) -> None:
        one = observed(PYTEST)[2]

        assert one.captured == {"stdout": "ERROR: said by the test"}

    def test_is_the_same_in_the_log_of_a_service(self) -> None:
        bare = observed(PYTEST)
        end = "##[error]Process completed with exit code 1."

        for log in (
            step("pytest", *PYTEST.split("\n"), end),
            gitlab("pytest", *PYTEST.split("\n")),
        ):
            found = observed(log)
            assert [one.nodeid for one in found] == [one.nodeid for one in bare]
            assert list(map(token_of, found)) == list(map(token_of, bare))

    def test_the_summary_alone_is_enough(self) -> None:
        found = observed(
            "=========================== short test summary info ============================\n"
            "FAILED tests/test_tax.py::test_low[a - b] - KeyError: 'rate'\n"
            "ERROR tests/test_broken.py\n"
            "========================= 1 failed, 1 error in 0.10s ==========================\n"
        )

        assert [(one.nodeid, one.when) for one in found] == [
            ("tests/test_tax.py::test_low[a - b]", "call"),
            ("tests/test_broken.py", "collect"),
        ]
        assert token_of(found[0]) == "KeyError: 'rate' @ tests/test_tax.py:test_low"

    def test_a_green_run_holds_none(self) -> None:
        assert (
            observed("== test session starts ==\ntests/test_error.py ..   [100%]\n== 2 passed ==\n")
            == []
        )


REFUSED = 'psql: error: connection to server at "localhost", port 5432 failed: Connection refused'


def test_of_the_steps_of_a_raw_log_the_one_counts_that_ended_with_a_status() -> None:
    log = step("./wait-for-db.sh", REFUSED, "falling back to sqlite", "##[error]a remark") + step(
        "black --check .",
        "would reformat src/a.py",
        "##[group]Run of a tool",
        "Oh no!",
        "##[endgroup]",
        "##[error]Process completed with exit code 1.",
    )

    one = only(log + step("actions/upload-artifact@v4", "no files were found"))

    assert (one.nodeid, one.text) == ("black --check .", "would reformat src/a.py")
    assert one.exit_status == 1


def test_a_step_that_was_stopped_counts_beside_one_that_ended_with_a_status() -> None:
    ended = "##[error]Process completed with exit code 1."
    log = step("flake8", "a.py:1:1: F401 'os' imported but unused", ended)
    log += step("pytest", "##[error]The operation was canceled.")

    assert [one.nodeid for one in observed(log)] == ["flake8", "pytest"]


def test_an_action_that_failed_counts_beside_a_command_that_failed_for_it() -> None:
    ended = "##[error]Process completed with exit code 1."
    log = step("docker/build-push-action@v6", "##[error]buildx failed with: ERROR: no space left")
    log += step("./report.sh", "cat: image.tar: No such file or directory", ended)

    assert [one.nodeid for one in observed(log)] == ["docker/build-push-action@v6", "./report.sh"]


def test_an_action_of_the_checkout_is_one_too() -> None:
    ended = "##[error]Process completed with exit code 1."
    deploy = ("##[group]Run ./.github/actions/deploy", "with:", "  stage: test", "##[endgroup]")
    log = step("make lint", "a.py:1:8: F401 [*] `os` imported but unused", ended)
    log += github(*deploy, "##[error]Deploy: failed with 403")

    assert [one.nodeid for one in observed(log)] == ["make lint", "./.github/actions/deploy"]


def test_steps_of_which_none_tells_a_status_are_one() -> None:
    log = step("./wait-for-db.sh", REFUSED, "##[error]a remark") + step("make", "done")

    assert only(log).text == REFUSED


SUMMARY = """\
=================================== FAILURES ===================================
/srv/shop/test_b.py:4: AssertionError: assert 100 == 119
=========================== short test summary info ============================
FAILED test_b.py::test_sum - assert 100 == 119
ERROR test_b.py::test_db - ConnectionRefusedError: [Errno 111] Connection refused
"""


def test_with_tracebacks_of_one_line_failed_calls_are_in_the_summary_alone() -> None:
    errors = (
        "==================================== ERRORS ====================================\n"
        "__________________________ ERROR at setup of test_db ___________________________\n"
        "E   ConnectionRefusedError: [Errno 111] Connection refused\n"
    )

    found = observed(f"{errors}{SUMMARY}")

    assert [(one.nodeid, one.when) for one in found] == [
        ("test_b.py::test_db", "setup"),
        ("test_b.py::test_sum", "call"),
    ]


def test_a_run_that_counts_failures_and_names_none_is_one() -> None:
    starts = "============================= test session starts =============================="
    quiet = f"{starts}\ntest_c.py F\n============ 1 failed, 3 passed in 0.12s ============\n"

    found = observed(f"{starts}\n{SUMMARY}{quiet}")

    assert [one.nodeid for one in found] == ["test_b.py::test_sum", "test_b.py::test_db", "pytest"]
    assert observed(f"{starts}\n============ 3 passed in 0.12s ============\n") == []


@pytest.mark.parametrize(
    ("lines", "is_red"),
    [
        pytest.param(["Job succeeded", "FAILED", "ERROR: Job failed: exit code 1"], True, id="a"),
        pytest.param(["Finished: SUCCESS", "Finished: FAILURE"], True, id="downstream"),
        pytest.param(["ERROR: Job failed: exit code 1", "Job succeeded"], True, id="two jobs"),
        pytest.param(["ERROR: script returned exit code 1", "Finished: SUCCESS"], False, id="b"),
        pytest.param(["Finished: SUCCESS"], False, id="success"),
    ],
)
def test_a_job_that_failed_is_red_whatever_others_say(lines: list[str], is_red: bool) -> None:
    log = "\n".join(["pytest b", "FAILED b/test_a.py::test_a - assert 1 == 2", *lines, ""])

    assert bool(observed(log)) is is_red


def test_a_pasted_log_that_lost_the_end_of_its_command_is_read_all_the_same() -> None:
    log = (
        "2026-03-28T03:44:22.6535526Z ##[group]Run make total\n"
        "2026-03-28T03:44:22.6564250Z   DEBUG: 1\n"
        "2026-03-28T03:44:23.0118925Z cart.c:3:5: error: unknown type name 'basket'\n"
        "2026-03-28T03:44:23.0566440Z ##[error]Process completed with exit code 2.\n"
    )

    assert token_of(only(log)) == "cart.c:<line>: error: unknown type name 'basket' @ cart.c"


def test_the_next_group_ends_a_command_whose_group_was_never_closed() -> None:
    log = (
        "2026-03-28T03:44:22.6535526Z ##[group]Run pytest\n"
        "2026-03-28T03:44:23.0118925Z cart.c:3:5: error: unknown type name 'basket'\n"
        "2026-03-28T03:44:23.1535526Z ##[group]Run actions/upload-artifact@v4\n"
        "2026-03-28T03:44:23.1735526Z with:\n"
        "2026-03-28T03:44:23.1935526Z ##[endgroup]\n"
        "2026-03-28T03:44:23.5660440Z ##[error]Process completed with exit code 2.\n"
    )

    assert token_of(only(log)) == "cart.c:<line>: error: unknown type name 'basket' @ cart.c"
