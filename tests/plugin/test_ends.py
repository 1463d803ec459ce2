"""How a run can end before its time: interrupts, exits, crashes, the death of the process."""

from __future__ import annotations

import sys

import pytest
from project import Project

DEATHS = {
    "os._exit": ("import os; os._exit(3)", 3, ""),
    "segfault": ("import ctypes; ctypes.string_at(0)", None, "SIGSEGV"),
    "kill": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", None, "SIGKILL"),
    "abort": ("import os; os.abort()", None, "SIGABRT"),
}
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


class TestInterrupts:
    def test_a_keyboard_interrupt_is_recorded_and_the_run_incomplete(
        self, project: Project
    ) -> None:
        project.write("test_stop.py", "def test_stop():\n    raise KeyboardInterrupt\n")

        outcome = project.pytest()

        assert outcome.exit_status == 2
        assert outcome.records
        assert not outcome.run["is_complete"]
        assert project.failtrack("gate").exit_status not in (0, 75)

    def test_pytest_exit_is_recorded_with_its_message(self, project: Project) -> None:
        project.write(
            "test_stop.py", "import pytest\ndef test_stop():\n    pytest.exit('enough', 7)\n"
        )

        outcome = project.pytest()

        assert outcome.exit_status == (3 if project.is_xdist else 7) or outcome.exit_status == 7
        assert "enough" in " ".join(
            one["failure_description"]["error_message"] for one in outcome.records
        )
        assert not outcome.run["is_complete"]


@posix
@pytest.mark.parametrize("death", DEATHS)
class TestDeath:
    def test_in_a_test(self, project: Project, death: str) -> None:
        source, status, signal = DEATHS[death]
        project.write("test_a.py", "def test_before():\n    assert 0\n")
        project.write("test_b.py", f"def test_dies():\n    {source}\n")

        outcome = project.pytest()
        if not project.is_xdist:
            assert outcome.records == []
            outcome = project.failtrack("recover")

        assert ("test_a.py::test_before", "call", "failed") in outcome.failures
        (crash,) = [one for one in outcome.records if one["test"]["outcome"] == "crashed"]
        assert outcome.brief(crash) == ("test_b.py::test_dies", "call", "crashed")
        if project.is_xdist:
            assert (signal or f"exit status {status}") in crash["failure_description"]["details"]
            assert outcome.run["lost_workers"] == 1
        assert project.failtrack("gate").exit_status not in (0, 75)

    def test_in_a_module(self, project: Project, death: str) -> None:
        source, _, _ = DEATHS[death]
        project.write("test_dies.py", f"{source}\n")
        project.write("test_fine.py", "def test_fine(): pass\n")

        outcome = project.pytest()
        if not project.is_xdist:
            outcome = project.failtrack("recover")

        crashes = [one for one in outcome.records if one["test"]["outcome"] == "crashed"]
        assert [outcome.brief(one) for one in crashes] == [("test_dies.py", "collect", "crashed")]
        assert project.failtrack("gate").exit_status not in (0, 75)

    @pytest.mark.parametrize("phase", ["setup", "teardown"])
    def test_in_a_fixture(self, plain_project: Project, death: str, phase: str) -> None:
        source, _, _ = DEATHS[death]
        before, after = (source, "pass") if phase == "setup" else ("pass", source)
        plain_project.write(
            "test_fixture.py",
            f"""
            import pytest

            @pytest.fixture
            def deadly():
                {before}
                yield
                {after}

            def test_it(deadly): pass
            """,
        )

        plain_project.pytest()
        outcome = plain_project.failtrack("recover")

        assert outcome.brief(outcome.record) == ("test_fixture.py::test_it", phase, "crashed")

    def test_the_parent_sees_how(self, plain_project: Project, death: str) -> None:
        source, status, signal = DEATHS[death]
        plain_project.write("test_b.py", f"def test_dies():\n    {source}\n")

        outcome = plain_project.failtrack("run", "--", *plain_project.command())

        assert outcome.brief(outcome.record) == ("test_b.py::test_dies", "call", "crashed")
        details = outcome.record["failure_description"]["details"]
        assert (signal or f"exit status {status}") in details
        assert outcome.run["ended"] == "died"


@posix
class TestWorkers:
    @pytest.mark.parametrize(
        "dist", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "each", "no"]
    )
    def test_a_worker_that_crashes_is_one_failure_in_every_mode(
        self, xdist_project: Project, dist: str
    ) -> None:
        xdist_project.write("test_a.py", "def test_a(): pass\n" * 1)
        xdist_project.write("test_b.py", "import os\ndef test_dies():\n    os._exit(3)\n")

        outcome = xdist_project.pytest(f"--dist={dist}")
        outcome = xdist_project.failtrack("recover") if dist == "no" else outcome

        crashes = {one["test"]["nodeid"] for one in outcome.records}
        assert crashes == {"test_b.py::test_dies"}
        assert {one["test"]["outcome"] for one in outcome.records} == {"crashed"}

    def test_a_worker_that_dies_between_journal_and_report(self, xdist_project: Project) -> None:
        """C-27: what it had journaled of the test is known before its death is named."""
        xdist_project.write(
            "conftest.py",
            """
            import os, pytest

            @pytest.hookimpl(tryfirst=True)
            def pytest_runtest_logreport(report):
                if report.failed and "PYTEST_XDIST_WORKER" in os.environ:
                    os._exit(3)  # after our own, before xdist sends it
            """,
        )
        xdist_project.write(
            "test_b.py",
            """
            import pytest

            @pytest.fixture
            def breaks_later():
                yield
                raise OSError("cannot be torn down")

            def test_b(breaks_later): pass
            """,
        )

        outcome = xdist_project.pytest("-n1")

        assert sorted(outcome.failures) == [
            ("", "session", "crashed"),
            ("test_b.py::test_b", "teardown", "error"),
        ]

    def test_a_run_that_pytest_ends_green_is_not_green(self, xdist_project: Project) -> None:
        """S0-32: every worker died while it collected, and pytest says "no tests ran"."""
        xdist_project.write("test_dies.py", "import os; os._exit(3)\n")

        outcome = xdist_project.pytest()

        assert outcome.exit_status in (0, 5)
        assert outcome.run["lost_workers"] >= 2
        assert xdist_project.failtrack("gate").exit_status == 1


@posix
class TestForks:
    def test_a_forked_child_stays_out(self, plain_project: Project) -> None:
        plain_project.write(
            "test_fork.py",
            """
            import os

            def test_fork():
                pid = os.fork()
                if pid == 0:
                    os._exit(0)
                os.waitpid(pid, 0)
                assert 0
            """,
        )

        outcome = plain_project.pytest("-W", "ignore")

        assert outcome.failures == [("test_fork.py::test_fork", "call", "failed")]

    def test_a_child_that_lives_on_does_not_keep_a_dead_run_alive(
        self, plain_project: Project
    ) -> None:
        plain_project.write(
            "test_fork.py",
            """
            import os, time

            def test_fork():
                if os.fork() == 0:
                    os.close(1); os.close(2)
                    time.sleep(5)
                    os._exit(0)
                os._exit(3)
            """,
        )

        plain_project.pytest("-W", "ignore", "-s")
        outcome = plain_project.failtrack("recover")

        assert outcome.brief(outcome.record)[2] == "crashed"
