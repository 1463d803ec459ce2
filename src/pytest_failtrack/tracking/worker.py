"""An xdist worker: its own journal, and what its controller cannot see by itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from typing import Any

import pytest

from pytest_failtrack.extensions import Extensions
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.tracking.runner import RunnerHooks, settle
from pytest_failtrack.tracking.subtests import Subtests, is_of_subtest
from pytest_failtrack.tracking.tracker import CARGO, Tracker


def is_worker() -> bool:
    """Return whether xdist prepares this configuration for a worker.

    `workerinput` is set only after conftests are loaded, and a pytest that a test starts inherits
    the environment of its worker; who called `_prepareconfig` tells them apart.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return False
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "_prepareconfig":
        frame = frame.f_back  # type: ignore[assignment]
    caller = frame.f_back if frame is not None else None
    return caller is not None and caller.f_globals.get("__name__") == "__channelexec__"


class WorkerStart:
    """Hooks of an xdist worker until its session starts.

    Args:
        tracker: The state of this worker.
        extensions: The hooks of others.
    """

    def __init__(self, tracker: Tracker, extensions: Extensions) -> None:
        self.tracker = tracker
        self.extensions = extensions

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the journal beside the controller's, and begin to watch."""
        self.tracker.guard(self._watch, session.config)

    def _watch(self, config: pytest.Config) -> None:
        given = getattr(config, "workerinput", {}).get("failtrack", {})
        self.tracker.look_at_environ(keep=True)
        self.tracker.open({"pid_of": "worker"}, given.get("run", ""))
        runner = RunnerHooks(self.tracker, config)
        config.pluginmanager.register(runner, "failtrack-runner")
        worker = WorkerHooks(self.tracker, runner, self.extensions)
        config.pluginmanager.register(worker, "failtrack-worker")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, Any]:
        """See what ends this worker: the controller would see a worker without tests."""
        try:
            return (yield)
        except BaseException as error:
            self.tracker.saw_worker_error(error)
            raise
        finally:
            is_over = not self.tracker.is_interrupted_worker
            self.tracker.guard(lambda: self.tracker.close(ended=is_over))


class WorkerHooks:
    """Hooks of an xdist worker beside `RunnerHooks`: its journal, and what the controller needs.

    Args:
        tracker: The state of this worker.
        runner: The runner hooks of this worker.
        extensions: The hooks of others.
    """

    def __init__(self, tracker: Tracker, runner: RunnerHooks, extensions: Extensions) -> None:
        self.tracker = tracker
        self.runner = runner
        self.extensions = extensions
        self.subtests = Subtests()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Journal a failure before it is sent, and that a test passed which was run again."""
        if self.runner.is_plain_pass(report):
            is_of_test = report.when == "call" and not is_of_subtest(report)
            if is_of_test and not self.subtests.say_all(report):
                self.tracker.saw_passed(report.nodeid)
            return
        if self.tracker.guard(self._is_said_by_subtests, report):
            return
        cargo = self.runner.cargo_of(report)
        if cargo is not None:
            setattr(report, CARGO, cargo)
            self.tracker.guard(self._journal, report)

    def _is_said_by_subtests(self, report: Any) -> bool:
        says_all = self.subtests.say_all(report)
        self.tracker.are_run_again(self.subtests.are_run_again(report))
        return says_all

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Journal a collection error before it is sent."""
        if CARGO in report.__dict__:
            self.tracker.guard(self._journal, report)

    def _journal(self, report: Any) -> None:
        draft = getattr(report, CARGO).get("failure")
        if draft is not None:
            settle(draft, report, self.tracker.clean)
            if self.subtests.tell_of(report, draft):
                return
            self.tracker.keep(draft)
            self.subtests.saw(report, draft)

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep an internal error of this worker; the controller sees only its text."""
        self.tracker.saw_worker_error(excinfo.value)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep an interrupt or `pytest.exit` of this worker, with its message."""
        if not self.tracker.is_busy:
            return  # execnet ends a worker that has nothing left to do in the same way
        # execnet interrupts a worker whose controller is gone: its slot then names the test.
        self.tracker.is_interrupted_worker |= isinstance(excinfo.value, KeyboardInterrupt)
        self.tracker.saw_interrupt(excinfo.value)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what no report carries."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["failtrack"] = {
                "left_out": [as_dict(item) for item in self.runner.left_out()],
                "collected": len(getattr(session, "items", ())),
                "problems": list(self.tracker.problems),
                "in_conftests": self.extensions.in_conftests(),
            }
