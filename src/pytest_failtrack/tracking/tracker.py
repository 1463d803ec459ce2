"""The tracker: what one process of a tracked run holds - journal, slot, drafts - between hooks.

Every process has one: the plain pytest, the xdist controller, each worker. The hooks themselves
are in runner.py (where tests run) and session.py (where the run is concluded).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pytest_failtrack.config import Settings
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.observe.bounds import EXCEPTIONS_MAX
from pytest_failtrack.observe.clock import Clock
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.from_pytest import Draft, Drafter, message_of
from pytest_failtrack.observe.journal import MAIN, Journal, prepare_state
from pytest_failtrack.observe.redact import Redactor, redact_nodeid
from pytest_failtrack.observe.slot import Slot
from pytest_failtrack.observe.source import Sources

T = TypeVar("T")

CURRENT_TEST = "PYTEST_CURRENT_TEST"
TERMINAL_WRITER = "_pytest._io.terminalwriter"
UNREAD = "nobody reads the output of pytest any more"
CARGO = "_failtrack"  # attribute of a report on which a draft rides from process to process


class Tracker:
    """State of one process of a tracked run.

    Args:
        settings: Settings of the run.
        clean: Redacts a text.
        worker: xdist worker id, `` in the plain process and the controller.
        problems: List that takes what goes wrong inside failtrack; a new one by default.
    """

    def __init__(
        self,
        settings: Settings,
        clean: Redactor,
        worker: str = "",
        problems: list[str] | None = None,
    ) -> None:
        self.settings = settings
        self.clean = clean
        self.worker = worker
        self._process_id = os.getpid  # a test may put another function in its place
        self.pid = self._process_id()
        self.clock = Clock()
        self.started_at = self.clock.text()
        self.run_token = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}-{os.urandom(3).hex()}"
        sources = Sources(str(settings.root), self.clean_id)
        self.drafter = Drafter(sources, clean, worker, self.clock)
        self.drafts: list[Draft] = []
        self.debt: list[DebtItem] = []
        self.problems: list[str] = [] if problems is None else problems
        self.problems.extend(settings.warnings)
        self.journal: Journal | None = None
        self.slot: Slot | None = None
        self.is_interrupted_worker = False
        self.is_busy = False  # collecting, or in a test
        self._seen: set[Hashable] = set()
        self.has_reruns = False  # any attempt of a test was run again
        self._rerun: set[str] = set()
        self._environ: dict[Any, Any] = {}

    def clean_id(self, nodeid: str) -> str:
        """Redact a node id or a path."""
        return redact_nodeid(self.clean, nodeid)

    def look_at_environ(self, *, keep: bool = False) -> None:
        """Learn the secrets that the environment holds now: a conftest may have read a `.env`."""
        # The undecoded variables, where this Python has them: most often nothing changed but the
        # one with which pytest names the test.
        now: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
        for name in (CURRENT_TEST, CURRENT_TEST.encode()):
            if name in now:
                self._environ[name] = now[name]
            else:
                self._environ.pop(name, None)
        if keep or now != self._environ:
            self._environ = dict(now)
            if self.clean.look_at(os.environ, keep=keep):
                self.drafter.must_clean_ids = True

    @property
    def run_folder(self) -> Path:
        """Folder of this run's journals."""
        return self.settings.state_dir / "journals" / self.run_token

    def open(self, facts: Mapping[str, Any], run_token: str = "") -> None:
        """Open journal and slot; what was drafted before is written now.

        Args:
            facts: What the start mark says beside the process.
            run_token: Token of the controller's run, in a worker.
        """
        self.run_token = run_token or self.run_token
        process = self.worker or MAIN
        try:
            prepare_state(self.settings.state_dir)
        except OSError as error:
            self.problem(
                f"the state folder {self.settings.state_dir} cannot be made, so a crash of this "
                f"run could not be recovered: {error}"
            )
            return
        self.journal = Journal(self.run_folder, process)
        self.journal.start({"process": process, "started_at": self.started_at, **facts})
        for draft in self.drafts:
            self.journal.write({"observation": draft})
        self.problem(self.journal.problem)
        try:
            self.slot = Slot(self.run_folder / f"{process}.slot")
        except (OSError, ValueError) as error:
            if not self.journal.problem:
                self.problem(f"what runs cannot be kept for the case of a crash: {error}")

    def keep(self, draft: Draft) -> None:
        """Keep one failure: in the journal, in one write, and for the end of the run."""
        if self.has(draft) or self.is_fork:
            return
        self._seen.add(draft["id"])
        self._seen.add(_identity(draft))
        self.drafts.append(draft)
        if draft["outcome"] == "rerun":
            self._saw_rerun(draft)
        self._write({"observation": draft})

    def are_run_again(self, drafts: Iterable[Draft]) -> None:
        """Keep of failures which are kept already that they were not of the last attempt."""
        for draft in drafts:
            draft["outcome"] = "rerun"
            self._saw_rerun(draft)
            self._write({"observation": draft})

    def _saw_rerun(self, draft: Draft) -> None:
        self._rerun.add(draft["nodeid"])
        self.has_reruns = True

    def has(self, draft: Draft) -> bool:
        """Return whether this draft, or what another worker saw of the same, is kept already."""
        return draft["id"] in self._seen or _identity(draft) in self._seen

    def keep_debt(self, item: DebtItem) -> None:
        """Keep one item of test debt."""
        if self.is_fork:
            return
        self.debt.append(item)
        self._write({"debt": as_dict(item)})

    def saw_passed(self, nodeid: str) -> None:
        """Keep that a test passed whose earlier attempt failed: it is flaky, dead run or not."""
        if self._rerun and (nodeid := self.clean_id(nodeid)) in self._rerun:
            self._write({"passed": nodeid})

    def _write(self, entry: Mapping[str, Any]) -> None:
        if self.journal is not None:
            self.journal.write(entry)
            if self.journal.problem:
                self.problem(self.journal.problem)

    def saw_session_error(self, error: BaseException, when: str = "session") -> None:
        """Keep an error that happened outside of tests; the same one is kept once."""
        if getattr(error, "_failtrack_seen", False) or _is_met_again(error):
            return
        try:
            error._failtrack_seen = True  # type: ignore[attr-defined]
        except (AttributeError, TypeError):
            pass  # an exception with __slots__ may then be seen twice; it is merged by its id
        self.guard(self._draft_session_error, error, when)

    def saw_worker_error(self, error: BaseException) -> None:
        """Keep an error of an xdist worker, unless it is that its controller is gone."""
        if isinstance(error, OSError) and was_raised_in("execnet", error):
            self.is_interrupted_worker = True
            return
        if isinstance(error, KeyboardInterrupt) and not self.is_busy:
            return  # execnet ends a worker that has nothing left to do
        self.saw_session_error(error)

    def saw_interrupt(self, error: BaseException) -> bool:
        """Keep what interrupted the session, and return whether somebody interrupted it.

        `Session.Interrupted` and `Session.Failed` are pytest's words for "enough failures" and
        "collection failed": those failures are kept already.
        """
        if type(error).__qualname__ in ("Session.Interrupted", "Session.Failed"):
            return False
        if type(error).__name__ in ("Interrupted", "Failed"):
            return False
        self.saw_session_error(error)
        return True

    def _draft_session_error(self, error: BaseException, when: str) -> None:
        self.look_at_environ()
        cause = getattr(error, "cause", None)  # ConftestImportFailure carries what was raised
        draft = self.drafter.session_error(
            cause if isinstance(cause, BaseException) else error, when
        )
        path = getattr(error, "path", None)
        if isinstance(path, Path):
            draft["nodeid"] = self.drafter.sources.place(str(path)).file
        if type(error).__name__ in ("KeyboardInterrupt", "Exit"):
            draft["outcome"] = "interrupted"
        if is_unread(error):
            draft["outcome"] = "interrupted"
            del draft["exceptions"][1:]  # the same, met once more
            draft["exceptions"][0]["message"] = UNREAD
        self.keep(draft)

    def guard(self, function: Callable[..., T], *arguments: Any) -> T | None:
        """Call one of our own functions; what it raises is reported once and goes no further."""
        try:
            return function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # code of the test may raise SystemExit or an outcome here
            if os.environ.get("FAILTRACK_DEBUG"):
                import traceback

                traceback.print_exc()
            self._internal_error(function, error)
            return None

    def _internal_error(self, function: Callable[..., Any], error: BaseException) -> None:
        """Keep an error of our own, whatever a test has put in the place of what we call."""
        what = f"internal error in {getattr(function, '__qualname__', 'failtrack')}"
        try:
            self.problem(f"{what}: {type(error).__name__}: {error}")
        except BaseException:
            if what not in self.problems:  # without its message, which may hold a secret
                self.problems.append(what)

    def problem(self, sentence: str) -> None:
        """Keep what went wrong inside failtrack, once, for the summary."""
        sentence = self.clean.own(sentence)
        if sentence and sentence not in self.problems:
            self.problems.append(sentence)

    @property
    def is_journaled(self) -> bool:
        """Whether everything that was seen is in the journal."""
        return self.journal is not None and not self.journal.problem

    @property
    def is_fork(self) -> bool:
        """Whether this is a forked child of the process that is tracked."""
        return self._process_id() != self.pid

    def close(self, *, ended: bool, facts: Mapping[str, Any] | None = None) -> None:
        """Close journal and slot.

        Args:
            ended: Nothing is left to do, so the end mark is written; else what is left can be
                done from the journal later.
            facts: What the mark says.
        """
        if self.is_fork:
            return
        if self.journal is not None:
            if ended:
                self.journal.end(facts or {})
            elif facts is not None:
                self.journal.over(facts)
            self.journal.close()
        if self.slot is not None:
            self.slot.close(keep=self.is_interrupted_worker)
            self.slot = None


def is_unread(error: BaseException) -> bool:
    """Return whether pytest could not print because nobody reads its output any more."""
    traceback = error.__traceback__ if isinstance(error, BrokenPipeError) else None
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__name__") == TERMINAL_WRITER:
            return True
        traceback = traceback.tb_next
    return False


def was_raised_in(package: str, error: BaseException) -> bool:
    """Return whether code of a package raised an exception, not what it called."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return False
    return str(traceback.tb_frame.f_globals.get("__name__", "")).partition(".")[0] == package


def _identity(draft: Draft) -> tuple[Any, ...]:
    """Return what tells a failure apart from the same one seen by another worker.

    Every worker collects the whole suite and calls the same hooks; a test runs in one of them.
    What is raised outside of tests in a worker and in its controller is met at other moments.
    """
    when = draft["when"]
    if when not in ("collect", "import", "session"):
        return (draft["id"],)
    raised = tuple((one["type"], one["message"]) for one in draft["exceptions"])
    return ("collect" if when == "collect" else "", draft["nodeid"], draft["outcome"], raised)


def _is_met_again(error: BaseException) -> bool:
    """Return whether an error is one that was seen already, met once more while it was handled."""
    earlier, walked = error.__context__, 0
    while earlier is not None and walked < EXCEPTIONS_MAX:
        if getattr(earlier, "_failtrack_seen", False) and type(earlier) is type(error):
            return message_of(earlier) == message_of(error)
        earlier, walked = earlier.__context__, walked + 1
    return False
