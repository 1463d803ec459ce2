"""A tracked pytest run, where it is concluded: the plain process and the xdist controller.

Reports arrive here with drafts riding on them; worker journals are merged by id; the pipeline
makes records and a digest of them when pytest prints its summary; the run document is written
when pytest's exit status is known.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from pytest_failtrack.extensions import Extensions
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.from_pytest import Draft
from pytest_failtrack.observe.journal import has_other_runs, remove_run
from pytest_failtrack.record.loading import gc_paused
from pytest_failtrack.tracking.controller import Workers, is_echo_of_worker
from pytest_failtrack.tracking.runner import RunnerHooks, plain_failure, settle, tell_worker
from pytest_failtrack.tracking.subtests import Subtests
from pytest_failtrack.tracking.tally import Tally
from pytest_failtrack.tracking.tracker import CARGO, Tracker, is_unread

if TYPE_CHECKING:
    from pytest_failtrack.pipeline import Conclusion

# Options with which pytest runs no test.
NOT_A_RUN = (
    "help",
    "version",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
    "collectonly",
    "setuponly",
    "setupplan",
)


class Session:
    """Hooks of the process that concludes the run.

    Args:
        tracker: The state of this process.
        config: pytest's configuration.
        extensions: The hooks of others.
    """

    def __init__(self, tracker: Tracker, config: pytest.Config, extensions: Extensions) -> None:
        self.tracker = tracker
        self.config = config
        self.extensions = extensions
        self.conclusion: Conclusion | None = None
        self.shown = 0  # drafts that the printed summary knows
        self.is_run = True
        self.is_started = False
        self.is_entered = False
        self.is_finished = False
        self.is_shown = False
        self.recovered = False
        self.workers = Workers(tracker, extensions)
        self.tally = Tally(tracker, config, self.workers)
        self.subtests = Subtests()
        self._echoes: list[Draft] = []  # what xdist raised because of its workers
        self._asking = ExitStack()  # from the conclusion to the run document

    # -- begin -----------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the journal, and watch tests where they run in this process."""
        self.tracker.guard(self._watch, session.config)

    def _watch(self, config: pytest.Config) -> None:
        if any(getattr(config.option, name, False) for name in NOT_A_RUN):
            self.is_run = False  # an editor asks for the tests at every keystroke
            return
        self.is_started = True
        self.tracker.look_at_environ(keep=True)
        self.tracker.open(self.tally.facts())
        if not config.pluginmanager.hasplugin("dsession"):
            self.tally.runner = RunnerHooks(self.tracker, config)
            config.pluginmanager.register(self.tally.runner, "failtrack-runner")

    # -- xdist -----------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which run it belongs to."""
        node.workerinput["failtrack"] = {"run": self.tracker.run_token}

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take what a worker hands over, or note what it was doing when it died."""
        self.tracker.guard(self.workers.is_down, node, error)

    # -- reports ---------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count what passed; keep what did not."""
        if report.outcome == "passed" and "wasxfail" not in report.__dict__:
            if report.__class__ is not pytest.TestReport:
                if self.tally.runner is not None:
                    self.tally.runner.is_plain_pass(report)
            elif report.when == "call" and not self.subtests.say_all(report):
                self.tally.passed.append(report.nodeid)
                if self.tracker.has_reruns:
                    self.tracker.saw_passed(report.nodeid)
            return
        if self.tracker.guard(self._is_said_by_subtests, report):
            return
        if self.tally.runner is not None:
            setattr(report, CARGO, self.tally.runner.cargo_of(report))
        self.tracker.guard(self._saw_report, report)

    def _is_said_by_subtests(self, report: Any) -> bool:
        """Return whether subtests were kept in place of a report; note which are run again."""
        says_all = self.subtests.say_all(report)
        again = self.subtests.are_run_again(report)
        if again:
            self.tally.counts["failed"] -= len(again)
            self.tracker.are_run_again(again)
        if says_all and report.outcome == "rerun":
            self.tally.counts["rerun"] += 1
        return says_all

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep collection errors and module-level skips."""
        if report.outcome != "passed":
            self.tracker.guard(self._saw_report, report)

    def _saw_report(self, report: Any) -> None:
        cargo = report.__dict__.pop(CARGO, None) or {}
        if "debt" in cargo:
            item = DebtItem(**cargo["debt"])
            self.tally.counts[_COUNTED_AS.get(item.kind, "skipped")] += 1
            self.tracker.keep_debt(item)
            if item.kind == "xpass":
                self.tally.passed.append(report.nodeid)
        if report.outcome not in ("failed", "rerun"):
            return
        if getattr(report, "when", "collect") == "???":
            draft = self.workers.crash_of(report, self.tally.passed)
        else:
            draft = cargo.get("failure") or plain_failure(self.tracker, report)
            settle(draft, report, self.tracker.clean)
            tell_worker(draft)
            if self.subtests.tell_of(report, draft):
                return
        self.tally.counts[_count_of(report)] += 1
        self.tracker.keep(draft)
        self.subtests.saw(report, draft)

    # -- errors outside of tests -----------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep an internal error."""
        self.tally.internal_errors += not is_unread(excinfo.value)
        before = len(self.tracker.drafts)
        self.tracker.saw_session_error(excinfo.value)
        if is_echo_of_worker(excinfo.value):
            self._echoes += self.tracker.drafts[before:]

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep an interrupt or `pytest.exit`."""
        is_interrupted = self.tracker.saw_interrupt(excinfo.value)
        self.tally.is_interrupted = is_interrupted or self.tally.is_interrupted
        self.tally.is_stopped = self.tally.is_stopped or not is_interrupted

    def _leave_out_echoes(self) -> None:
        """Leave out what xdist raised because of a worker's error, where the worker tells it.

        Asked at the end: a worker may be gone for xdist before it has journaled why.
        """
        drafts = self.tracker.drafts
        if self._echoes and any(one["when"] == "session" and one["worker"] for one in drafts):
            drafts[:] = [one for one in drafts if not any(one is echo for echo in self._echoes)]
            self._echoes = []

    # -- end -------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Remember how many tests were collected, and whether `-x` or its like ended the run."""
        stopped = getattr(session, "shouldfail", False) or getattr(session, "shouldstop", False)
        self.tally.is_stopped = self.tally.is_stopped or bool(stopped)
        self.tally.collected = max(self.tally.collected, getattr(session, "testscollected", 0))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: Any, exitstatus: int
    ) -> Generator[None, Any, Any]:
        """Conclude, and print the causes below pytest's own summary."""
        result = yield
        # What is wrong with the command line is raised only after this.
        is_early = exitstatus == pytest.ExitCode.USAGE_ERROR and not self.tracker.drafts
        if self.is_started and not is_early and not self.tracker.is_fork:
            self.tracker.guard(self._conclude)
            self.tracker.guard(self._print, terminalreporter)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self) -> Generator[None, Any, Any]:
        """Write the run document when pytest's exit status is known; see errors of late hooks."""
        self.is_entered = True
        try:
            status = yield
        except BaseException as error:
            self.tracker.saw_session_error(error)
            self.finish(_status_of(error))
            raise
        self.finish(status)
        return status

    def on_cleanup(self) -> None:
        """See what ended pytest before or after its main function: the command line, a conftest."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, GeneratorExit):
            self.tracker.saw_session_error(error, "import")
        if not self.is_entered and self.tracker.drafts:
            self.finish(_status_of(error))

    def finish(self, status: Any) -> None:
        """Write the run document and let go of the journal; once."""
        if self.is_finished or self.tracker.is_fork:
            return
        self.is_finished = True
        with self._asking:
            self.tracker.guard(self._finish, None if status is None else int(status))
        if self.is_started and self.conclusion is None:
            for sentence in self.tracker.problems:  # nothing else tells of them
                print(f"failtrack: {sentence}", file=sys.stderr)

    def _finish(self, status: int | None) -> None:
        tracker = self.tracker
        if not self.is_started:
            if not tracker.drafts or not self.is_run:
                tracker.close(ended=True)
                return
            tracker.open(self.tally.facts())
        self._merge_workers()
        conclusion = self.conclusion
        if conclusion is None or len(tracker.drafts) > self.shown:
            conclusion = self._conclude(status)
            tracker.guard(self._print_late, conclusion)
        from pytest_failtrack.run_document import write_run

        seen = self.tally.seen(status)
        path, problem = write_run(seen, conclusion, tracker.settings)
        if problem:
            print(f"failtrack: {problem}", file=sys.stderr)
        is_safe = path is not None and conclusion.is_written
        if not is_safe and tracker.is_journaled:
            print("failtrack: `failtrack recover` writes what is missing later", file=sys.stderr)
        tracker.close(ended=is_safe, facts={} if is_safe else self.tally.known(seen))
        if is_safe:
            remove_run(tracker.run_folder)

    def _conclude(self, status: int | None = None) -> Conclusion:
        from pytest_failtrack import pipeline

        if self.tracker.settings.is_shared:
            from pytest_failtrack.history.kept import kept_open

            self._asking.enter_context(kept_open())
        self._merge_workers()
        self._leave_out_echoes()
        self.workers.name_the_lost()
        self.tracker.guard(self._look_at_coverage)
        self.shown = len(self.tracker.drafts)
        settings, extensions = self.tracker.settings, self.extensions
        if not self.recovered:
            self.recovered = True
            self._recover_dead_runs()
        extensions.name_unasked()
        now = self.tracker.clock.now()
        with gc_paused():  # 10,000 tests are alive: each collection would walk all of them
            self.conclusion = pipeline.conclude(
                self.tally.seen(status), settings, extensions, now=now
            )
        return self.conclusion

    def _look_at_coverage(self) -> None:
        """Keep that pytest-cov ends this run with 1 although its tests may have passed."""
        plugin = self.config.pluginmanager.getplugin("_cov")
        if plugin is None or any(draft["source"] == "coverage" for draft in self.tracker.drafts):
            return
        from pytest_failtrack.observe.from_pytest_cov import observe_shortfall

        root = str(self.tracker.settings.root)
        for one in observe_shortfall(plugin, root, self.tracker.clean):
            draft = self.tracker.drafter.blank(one.source, one.when, one.nodeid)
            self.tracker.keep({**one.to_dict(), **draft, "outcome": one.outcome})

    def _recover_dead_runs(self) -> None:
        settings = self.tracker.settings
        if not has_other_runs(self.tracker.run_folder):
            return
        from pytest_failtrack.observe.journals import dead_runs

        if not any(dead_runs(settings.state_dir)):
            return
        from pytest_failtrack.recovering.recovery import describe_recovery, recover

        for dead in recover(settings, self.extensions, tell=self.tracker.problem):
            self.tracker.problem(describe_recovery(dead))

    def _merge_workers(self) -> None:
        if self.tally.runner is None:
            self.workers.merge()

    # -- what people see -------------------------------------------------------------------

    def _print(self, terminalreporter: Any) -> None:
        if self.conclusion is None:
            return
        from pytest_failtrack import pipeline
        from pytest_failtrack.sinks import terminal

        writer = terminalreporter._tw
        stream = writer._file
        for line in terminal.render(
            self.conclusion.digest,
            width=writer.fullwidth,
            color=writer.hasmarkup,
            unicode=terminal.takes_unicode(stream),
        ):
            terminalreporter.write_line(line)
        self.is_shown = True
        pipeline.deliver(self.conclusion.digest, self.tracker.settings, self.extensions, stream)

    def _print_late(self, conclusion: Conclusion) -> None:
        """Show what was seen after pytest's summary, or without one, on standard error."""
        from pytest_failtrack import pipeline
        from pytest_failtrack.sinks.terminal import TerminalSink

        quiet = self.is_started and not self.config.pluginmanager.hasplugin("terminalreporter")
        if not quiet:
            with suppress(BrokenPipeError):  # nobody may read that either
                TerminalSink(sys.stderr, 80, os.environ).send(conclusion.digest)
        if not self.is_shown:
            pipeline.deliver(conclusion.digest, self.tracker.settings, self.extensions, sys.stdout)


_COUNTED_AS = {"xfail": "xfailed", "xpass": "xpassed"}


def _count_of(report: Any) -> str:
    if report.outcome == "rerun":
        return "rerun"
    when = getattr(report, "when", None)
    return "crashed" if when == "???" else "failed" if when == "call" else "errors"


def _status_of(error: BaseException | None) -> int:
    """Return the exit status that pytest's main function gives to an error."""
    name = type(error).__name__
    if name in ("UsageError", "ConftestImportFailure"):
        return int(pytest.ExitCode.USAGE_ERROR)
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return error.code
    if isinstance(error, KeyboardInterrupt):
        return int(pytest.ExitCode.INTERRUPTED)
    returncode = getattr(error, "returncode", None)
    return returncode if isinstance(returncode, int) else 1
