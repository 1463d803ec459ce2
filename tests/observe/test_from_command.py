"""A command's output is read along in bounded memory, and its end becomes an observation."""

from __future__ import annotations

import os
import threading
import tracemalloc

import pytest

from pytest_failtrack.observe.from_command import (
    TAIL_MAX_CHARS,
    OutputWatch,
    command_line,
    exit_code,
    observe_command,
    signal_name,
)
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.redact import Redactor

AT = "2026-11-20T10:00:00.000+00:00"


class TestOutputWatch:
    def test_a_service_that_answers_at_last_says_so_in_another_stream(self) -> None:
        watch = OutputWatch()
        watch.feed("stderr", b"curl: (7) Failed to connect to localhost: Connection refused\n")
        watch.feed("stdout", b"the server is up\n")
        watch.feed("stdout", b"E   ValueError: boom\n")

        assert watch.error_line() == "ValueError: boom"

    def test_finds_the_error_line_and_the_tail(self) -> None:
        watch = OutputWatch()

        watch.feed("stdout", b"step one\nstep two\n")
        watch.feed("stderr", b"a.c:1:2: error: boom\n")

        assert watch.error_line() == "a.c:1:2: error: boom"
        assert watch.tail() == "step one\nstep two\na.c:1:2: error: boom"

    def test_takes_characters_and_lines_that_are_cut_anywhere(self) -> None:
        watch = OutputWatch()

        for byte in "error: schöner Fehler\n".encode():
            watch.feed("stdout", bytes([byte]))

        assert watch.error_line() == "error: schöner Fehler"

    def test_streams_do_not_break_each_others_lines(self) -> None:
        watch = OutputWatch()

        watch.feed("stderr", b"error: half of ")
        watch.feed("stdout", b"progress\n")
        watch.feed("stderr", b"a line\n")

        assert watch.error_line() == "error: half of a line"
        assert watch.tail() == "progress\nerror: half of a line"

    def test_an_exception_far_down_the_log_is_followed_to_the_one_it_was_raised_from(self) -> None:
        watch = OutputWatch()

        watch.feed("stdout", b"compiling\n" * 400)
        watch.feed(
            "stdout",
            b"Traceback (most recent call last):\n"
            b'  File "app.py", line 3, in load\n'
            b"KeyError: 'dsn'\n",
        )
        watch.feed("stdout", b"\nclosing the pool\n\n")
        watch.feed(
            "stdout",
            b"During handling of the above exception, another exception occurred:\n\n"
            b"Traceback (most recent call last):\n"
            b'  File "app.py", line 9, in main\n'
            b"RuntimeError: no settings\n",
        )

        assert watch.error_line() == "RuntimeError: no settings"

    def test_the_tail_ends_with_the_lines_that_were_begun(self) -> None:
        watch = OutputWatch()

        watch.feed("stdout", b"Continue? [y/N] ")
        watch.feed("stderr", b"Traceback (most recent call last):\n")
        watch.feed("stderr", b"EOFError")

        lines = watch.tail().split("\n")
        assert lines == ["Traceback (most recent call last):", "Continue? [y/N]", "EOFError"]
        assert not watch.is_cut

    def test_of_two_streams_the_line_that_says_more_wins_then_the_first(self) -> None:
        watch = OutputWatch()

        watch.feed("stderr", b"make: *** [all] Error 1\n")
        watch.feed("stdout", b"b.c:1: error: second stream, first error\n")
        watch.feed("stderr", b"a.c:1: error: first stream, second error\n")

        assert watch.error_line() == "b.c:1: error: second stream, first error"

    def test_says_nothing_when_nothing_was_said(self) -> None:
        watch = OutputWatch()

        assert watch.error_line() is None
        assert watch.tail() == ""
        assert not watch.is_cut

    def test_holds_a_bounded_part_of_a_hundred_megabytes(self) -> None:
        watch = OutputWatch()
        piece = b"compiling module with the usual options\n" * 1_600
        tracemalloc.start()
        try:
            for _ in range(1_600):
                watch.feed("stdout", piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert watch.total_bytes > 100_000_000
        assert peak < 2_000_000
        assert watch.is_cut

    def test_holds_a_bounded_part_of_one_line_of_a_hundred_megabytes(self) -> None:
        watch = OutputWatch()
        tracemalloc.start()
        try:
            for _ in range(1_600):
                watch.feed("stdout", b"." * 65_536)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        watch.feed("stdout", b"the end")

        assert peak < 2_000_000
        assert watch.tail().endswith("...the end")
        assert watch.is_cut

    def test_may_be_fed_by_several_threads(self) -> None:
        watch = OutputWatch()

        def feed(stream: str) -> None:
            for number in range(500):
                watch.feed(stream, b"line %d\n" % number)

        threads = [threading.Thread(target=feed, args=(name,)) for name in ("stdout", "stderr")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert watch.total_bytes == 2 * sum(len(b"line %d\n" % number) for number in range(500))


class TestObserveCommand:
    def test_is_one_value_of_what_was_seen(self) -> None:
        seen = observe_command(
            ["make", "-j4", "all targets"],
            2,
            tail="one\ntwo",
            error_line="src/a.c:3:4: error: boom",
            duration_seconds=1.23456,
            redact=str,
            timestamp=AT,
        )

        assert seen == Observation(
            source="command",
            when="command",
            nodeid="make -j4 'all targets'",
            outcome="failed",
            file="src/a.c",
            line=3,
            text="src/a.c:3:4: error: boom",
            captured={"output": "one\ntwo"},
            duration_seconds=1.235,
            timestamp=AT,
            exit_status=2,
        )

    def test_a_silent_failure_has_no_text(self) -> None:
        seen = observe_command(["false"], 1, redact=str, timestamp=AT)

        assert (seen.text, dict(seen.captured)) == ("", {})

    @pytest.mark.parametrize(
        ("returncode", "outcome", "signal", "exit_status"),
        [
            pytest.param(1, "failed", "", 1, id="status"),
            pytest.param(-9, "crashed", "SIGKILL", None, id="signal"),
            pytest.param(137, "crashed", "SIGKILL", 137, id="signal as a shell reports it"),
            pytest.param(139, "crashed", "SIGSEGV", 139, id="segmentation fault in a shell"),
            pytest.param(129, "failed", "", 129, id="git's usage error is no SIGHUP"),
            pytest.param(255, "failed", "", 255, id="no such signal"),
            pytest.param(0xC0000005, "crashed", "", 0xC0000005, id="access violation on Windows"),
        ],
    )
    def test_crashed_is_what_a_signal_ended(
        self, returncode: int, outcome: str, signal: str, exit_status: int | None
    ) -> None:
        seen = observe_command(["x"], returncode, redact=str, timestamp=AT)

        assert (seen.outcome, seen.signal, seen.exit_status) == (outcome, signal, exit_status)

    def test_a_traceback_ends_in_code_of_ones_own(self) -> None:
        here = os.getcwd()
        tail = (
            "Traceback (most recent call last):\n"
            f'  File "{here}/tool/run.py", line 3, in <module>\n    go()\n'
            f'  File "{here}/tool/deep.py", line 7, in go\n    json.loads("{{")\n'
            '  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode\n'
            "json.decoder.JSONDecodeError: Expecting property name"
        )
        line = "json.decoder.JSONDecodeError: Expecting property name"

        seen = observe_command(
            ["python", "x.py"], 1, tail=tail, error_line=line, redact=str, timestamp=AT
        )

        assert (seen.file, seen.line) == ("tool/deep.py", 7)

    def test_nothing_goes_past_the_redactor(self) -> None:
        redact = Redactor({"MY_TOKEN": "value-of-the-token-9"})

        seen = observe_command(
            ["curl", "--password", "hunter2", "https://bob:s3cret@host/", "value-of-the-token-9"],
            22,
            tail="sent value-of-the-token-9\nAuthorization: Bearer abcdef123456",
            error_line="error: password=ab12cd34 is wrong",
            redact=redact,
            timestamp=AT,
        )

        written = seen.to_json()
        for secret in ("hunter2", "s3cret", "value-of-the-token-9", "abcdef123456", "ab12cd34"):
            assert secret not in written

    def test_everything_is_bounded_and_the_end_is_kept(self) -> None:
        seen = observe_command(
            ["x", "y" * 100_000],
            1,
            tail="\n".join(f"line {number} " + "z" * 200 for number in range(1_000)),
            error_line="error: " + "e" * 100_000,
            redact=str,
            timestamp=AT,
        )

        assert len(seen.nodeid) <= 500
        assert len(seen.text) <= 1_000
        assert len(seen.captured["output"]) <= TAIL_MAX_CHARS
        assert "line 999 " in seen.captured["output"]
        assert seen.is_truncated


class TestCommandLine:
    def test_is_one_line(self) -> None:
        assert command_line(["sh", "-c", "a\nb"], str) == "sh -c 'a b'"

    def test_is_quoted_as_one_would_type_it(self) -> None:
        assert command_line(["sh", "-c", "echo 'a b'"], str) == """sh -c "echo 'a b'\""""

    def test_a_secret_is_found_through_quotes(self) -> None:
        line = command_line(["sh", "-c", "echo it's; login --password 'hun ter2'"], Redactor())

        assert "ter2" not in line


class TestExitCode:
    @pytest.mark.parametrize(
        ("returncode", "code"), [(0, 0), (7, 7), (-15, 143), (-9, 137), (3221225477, -1073741819)]
    )
    def test_is_128_and_the_signal(self, returncode: int, code: int) -> None:
        assert exit_code(returncode) == code


class TestSignalName:
    def test_a_signal_without_name_is_told_by_number(self) -> None:
        assert signal_name(-99) == "signal 99"
