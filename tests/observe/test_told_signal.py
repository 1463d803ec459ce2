"""What a shell or make says of the signal that ended what it had started."""

from __future__ import annotations

import pytest

from pytest_failtrack.observe.logs.told_signal import told_signal


class TestToldSignal:
    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("Terminated", "SIGTERM"),
            ("Killed", "SIGKILL"),
            ("bash: line 1:  8844 Segmentation fault      pytest -v test_b.py", "SIGSEGV"),
            ("bash: 13274 Segmentation fault      sh -c x", "SIGSEGV"),
            ("./ci.sh: line 12: 77 Aborted                 (core dumped) pytest", "SIGABRT"),
            ("sh: line 1:  8844 Terminated: 15          pytest", "SIGTERM"),
            ("make: *** [Makefile:2: test] Terminated", "SIGTERM"),
            ("make[1]: *** [Makefile:2: test] Segmentation fault (core dumped)", "SIGSEGV"),
            ("Killed processes are listed below", ""),
            ("Terminated by the user", ""),
            ("the worker was Killed", ""),
            ("test_a.py::test_Killed PASSED", ""),
            ("make: *** [Makefile:2: test] Error 1", ""),
            ("", ""),
        ],
    )
    def test_is_the_name_that_the_line_stands_for(self, line: str, name: str) -> None:
        assert told_signal(f"collected 3 items\n{line}\n") == name

    def test_the_last_one_counts(self) -> None:
        assert told_signal("Killed\nagain\nTerminated\n") == "SIGTERM"
