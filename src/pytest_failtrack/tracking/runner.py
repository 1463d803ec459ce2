"""Hooks where tests run: the plain process and each xdist worker.

They note in the slot what runs, and turn what was raised into drafts. The path of a passing test
through this file is five assignments into a memory-mapped page.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Generator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.config import OWN_FILES, OWN_FOLDERS
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.debt import DebtItem, debt_item, kind_of_skip
from pytest_failtrack.observe.from_pytest import UNDESCRIBED, Draft
from pytest_failtrack.observe.redact import redact_and_cut
from pytest_failtrack.observe.slot import CALL, COLLECT, IDLE, SESSION, SETUP, TEARDOWN
from pytest_failtrack.tracking.subtests import is_of_subtest
from pytest_failtrack.tracking.tracker import CARGO, Tracker

REASON_MAX_CHARS = 2_000


_WORKER = lazily(r"gw\d{1,5}")
# What runs when a phase is over.
NEXT_PHASE = defaultdict(lambda: IDLE, {"setup": CALL, "call": TEARDOWN, "teardown": IDLE})

# A folder in which so many names are ours is ours, however many there are.
LOOKED_AT_MAX = 10_000
OWN_SUFFIXES = (".json", ".jsonl", ".zip", ".tmp", ".lock")
ANALYTICS = "analytics"


class RunnerHooks:
    """Hooks of a process that runs tests.

    Args:
        tracker: The state of this process.
        config: pytest's configuration.
    """

    def __init__(self, tracker: Tracker, config: pytest.Config) -> None:
        self.tracker = tracker
        self.config = config
        tracker.is_busy = True  # from collection to the last teardown, but not between tests
        self.unseen: list[DebtItem] = []  # deselected and ignored: nobody reports those
        self._deselected: dict[str, int] = {}
        self._unmapped: list[DebtItem] = []
        settings = tracker.settings
        home = settings.evidence_dir.parent
        self._own_folders = {str(settings.evidence_dir)} | {str(home / one) for one in OWN_FOLDERS}
        self._own_files = {str(home / one) for one in OWN_FILES}
        self._item: pytest.Item | None = None
        self._before: pytest.Item | None = None  # ran before it; itself, where it is run again
        self._after = ""
        self._pending: dict[tuple[str, str], tuple[pytest.Item, BaseException]] = {}

    # -- what runs now ---------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Note that a test begins."""
        tracker = self.tracker
        tracker.is_busy = True
        self._before, self._item = self._item, item
        if self._pending:
            self._pending.clear()
        slot = tracker.slot
        if slot is not None:
            nodeid = item.nodeid
            if tracker.drafter.must_clean_ids:
                nodeid = tracker.clean_id(nodeid)
            attempt = item.__dict__.get("execution_count", 1)  # pytest-rerunfailures counts
            slot.enter(nodeid, SETUP, attempt)

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Note that a phase is over, and hold what it raised until its report is logged.

        Not a wrapper, since that would cost a passing test more than all else here: pytest's own
        implementation runs after this one, and what other plugins make of the report is seen when
        it is logged.
        """
        when = call.when
        following = NEXT_PHASE[when]
        if call.excinfo is not None:
            self._pending[item.nodeid, when] = (item, call.excinfo.value)
            if when == "setup":
                following = TEARDOWN
        slot = self.tracker.slot
        if slot is not None:
            slot.phase(following)
        if when == "teardown":
            self.tracker.is_busy = False

    def is_plain_pass(self, report: pytest.TestReport) -> bool:
        """Return whether there is nothing to say of a report: a phase passed."""
        if report.outcome != "passed" or "wasxfail" in report.__dict__:
            return False
        if report.__class__ is not pytest.TestReport and self.tracker.slot is not None:
            self.tracker.slot.phase(CALL)  # a subtest ended, the test's body goes on
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Note that no test runs any more."""
        if self.tracker.slot is not None and not self.tracker.is_interrupted_worker:
            self.tracker.slot.enter("", SESSION)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Find out whether any node id needs redacting, so that most runs need not ask again."""
        self.tracker.guard(self._check_ids, session)
        if "mapping" in self.tracker.settings.table:
            self.tracker.guard(self._check_marks, session)

    def _check_ids(self, session: pytest.Session) -> None:
        self.tracker.look_at_environ(keep=True)
        ids = [one.nodeid for one in session.items]
        self.tracker.drafter.must_clean_ids = self.tracker.clean.finds_any(ids)
        self.tracker.is_busy = False
        if self.tracker.slot is not None:
            self.tracker.slot.enter("", IDLE)

    def _check_marks(self, session: pytest.Session) -> None:
        from pytest_failtrack.policy.mapping import mapping_rules
        from pytest_failtrack.tracking.unmapped import unmapped_items

        try:
            rules = mapping_rules(self.tracker.settings.table)
        except ConfigError as error:
            self.tracker.problem(f"{error}; no test is asked for marks")
            return
        if rules.is_on:
            self._unmapped = unmapped_items(session.items, rules, self.tracker.clean_id)

    # -- what was raised -------------------------------------------------------------------

    def cargo_of(self, report: pytest.TestReport) -> Draft | None:
        """Return what is to be kept of a report that is no plain pass, while the exception is
        at hand; None when that is nothing."""
        if self.tracker.slot is not None and is_of_subtest(report):
            self.tracker.slot.phase(CALL)  # the test's body goes on
        item, error = self._pending.pop((report.nodeid, report.when), (None, None))
        if item is None and self._item is not None and self._item.nodeid == report.nodeid:
            item = self._item
        cargo = self.tracker.guard(self._cargo_of_test, item, error, report)
        if cargo is None and report.outcome in ("failed", "rerun"):
            cargo = {"failure": plain_failure(self.tracker, report)}
        return cargo

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Name the collector that runs, and draft what it raised."""
        slot = self.tracker.slot
        if slot is not None:
            slot.enter(self.tracker.clean_id(collector.nodeid), COLLECT)
        report = yield
        if slot is not None:
            slot.phase(IDLE)
        if report.outcome != "passed":
            cargo = self.tracker.guard(self._cargo_of_collector, report)
            if cargo is not None:
                setattr(report, CARGO, cargo)
        return report

    def _cargo_of_test(
        self, item: pytest.Item | None, error: BaseException | None, report: pytest.TestReport
    ) -> Draft | None:
        self.tracker.look_at_environ()
        if report.outcome in ("failed", "rerun"):
            draft = self.tracker.drafter.failure(report, error, item)
            draft["after"] = self._ran_before(item)
            if item is not None and is_of_subtest(report):  # its report counts no attempts
                draft["attempt"] = item.__dict__.get("execution_count", 1)
            return {"failure": draft}
        wasxfail = getattr(report, "wasxfail", None)
        if wasxfail is not None:
            if report.outcome == "passed" and report.when != "call":
                return None
            kind = "xfail" if report.outcome == "skipped" else "xpass"
            reason = wasxfail.removeprefix("reason: ")
            place = _declared_at(item) if item is not None else ("", None)
            if reason.startswith("[NOTRUN] "):
                reason = reason.removeprefix("[NOTRUN] ")
        elif report.outcome == "skipped":
            reason, place = _skip_of(report)
            kind = kind_of_skip(reason, _skip_marker(item, reason) if item is not None else "")
        else:
            return None
        mark = item.get_closest_marker("failtrack_debt") if item is not None else None
        return {"debt": self._debt(kind, report.nodeid, place, reason, mark)}

    def _ran_before(self, item: pytest.Item | None) -> str:
        """Return the node id of the test that ran before one in this process, ``."""
        if item is None or item is not self._item:
            return ""
        if self._before is not item:
            before = self._before
            self._after = "" if before is None else self.tracker.drafter.clean_id(before.nodeid)
        return self._after

    def _cargo_of_collector(self, report: pytest.CollectReport) -> Draft | None:
        self.tracker.look_at_environ()
        if report.outcome == "failed":
            call = getattr(report, "call", None)
            error = call.excinfo.value if call is not None and call.excinfo is not None else None
            return {"failure": self.tracker.drafter.failure(report, error)}
        reason, place = _skip_of(report)
        return {"debt": self._debt(kind_of_skip(reason), report.nodeid, place, reason, None)}

    def _debt(
        self,
        kind: str,
        nodeid: str,
        place: tuple[str, int | None],
        reason: str,
        mark: pytest.Mark | None,
    ) -> Draft:
        clean = self.tracker.clean
        file = self.tracker.drafter.sources.place(place[0]).file if place[0] else ""
        declared = {name: clean(str(value)) for name, value in mark.kwargs.items()} if mark else {}
        shown, _ = redact_and_cut(clean, reason, REASON_MAX_CHARS, "head")
        nodeid = self.tracker.clean_id(nodeid)
        return as_dict(debt_item(kind, nodeid, file, place[1], shown, declared))

    # -- what was left out -----------------------------------------------------------------

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count deselected tests by file."""
        for item in items:
            file = item.nodeid.partition("::")[0]
            self._deselected[file] = self._deselected.get(file, 0) + 1

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> Generator[None, Any, Any]:
        """Note paths that the command line or a conftest leaves out; leave out our own folders.

        Evidence grows for ever, and pytest would ask every plugin about each file of it.
        """
        ignored = yield
        if not ignored and str(collection_path) in self._own_files:
            return True
        if not ignored and str(collection_path) in self._own_folders:
            return self.tracker.guard(self._is_only_evidence, collection_path) or ignored
        if ignored:
            self.tracker.guard(self._note_ignored, collection_path)
        return ignored

    def _is_only_evidence(self, path: Path) -> bool:
        """Whether a folder holds our documents and nothing else, and nobody asks for it."""
        base = self.config.invocation_params.dir
        named = [base / each.partition("::")[0] for each in self.config.args]
        if any(path == each or path in each.parents for each in named):
            return False
        with os.scandir(path) as entries:
            names = (one.name for one in islice(entries, LOOKED_AT_MAX))
            return all(name.endswith(OWN_SUFFIXES) or name == ANALYTICS for name in names)

    def _note_ignored(self, path: Path) -> None:
        if path.name == "__pycache__" or (path.is_dir() and (path / "pyvenv.cfg").exists()):
            return
        patterns = self.config.getini("norecursedirs")
        if any(path.match(pattern) for pattern in patterns) and not self._is_asked_for(path):
            return
        option = "--ignore" if self._is_asked_for(path) else "collect_ignore or a plugin"
        file = self.tracker.drafter.sources.place(str(path)).file
        self.unseen.append(DebtItem("ignored", file, file, None, option))

    def _is_asked_for(self, path: Path) -> bool:
        named = [Path(each) for each in self.config.getoption("ignore") or ()]
        base = self.config.invocation_params.dir
        return path in [each if each.is_absolute() else base / each for each in named]

    def left_out(self) -> list[DebtItem]:
        """Return what no report tells of: deselected by file, ignored by path, and unmapped."""
        clean, clean_id = self.tracker.clean, self.tracker.clean_id
        option = self.config.option
        words = [
            f"{flag} {value}"
            for flag, value in (
                ("-k", getattr(option, "keyword", "")),
                ("-m", getattr(option, "markexpr", "")),
                ("--deselect", " ".join(getattr(option, "deselect", None) or ())),
                ("--lf", "failed tests only" if getattr(option, "lf", False) else ""),
            )
            if value
        ]
        reason = clean("deselected by " + (", ".join(words) or "a plugin"))
        deselected = [
            DebtItem("deselected", clean_id(file), clean_id(file), None, reason, count=count)
            for file, count in self._deselected.items()
        ]
        return deselected + self.unseen + self._unmapped


def plain_failure(tracker: Tracker, report: Any) -> Draft:
    """Return the draft of a failure without its exception: whatever goes wrong, it is kept."""
    draft = tracker.guard(tracker.drafter.failure, report, None)
    if draft is None:
        when = getattr(report, "when", "collect")
        draft = tracker.drafter.blank("pytest", when, report.nodeid)
        draft["outcome"] = "failed" if when == "call" else "error"
        draft["file"] = draft["nodeid"].partition("::")[0]
        draft["text"] = UNDESCRIBED
    return draft


def tell_worker(draft: Draft) -> None:
    """Take the node id of a failure that pytest-xdist reports of a worker, which is no test.

    It collected other tests than the first one.
    """
    if draft["when"] == "collect" and _WORKER.fullmatch(draft["nodeid"]):
        draft["worker"] = draft["nodeid"]
        draft["nodeid"] = draft["file"] = ""


def settle(draft: Draft, report: Any, clean: Callable[[str], str]) -> None:
    """Give a draft what is only known when its report is logged: outcome and attempt."""
    if report.outcome == "rerun":
        draft["outcome"] = "rerun"
    if hasattr(report, "rerun"):
        draft["attempt"] = int(report.rerun or 0) + 1
    if is_of_subtest(report) and not draft.get("subject"):
        draft["subject"], _ = redact_and_cut(clean, _subtest_name(report.context), 500, "head")


def _subtest_name(context: Any) -> str:
    message = getattr(context, "msg", None)
    keywords = getattr(context, "kwargs", None) or {}
    parts = [f"[{message}]"] if message else []
    parts += [f"{name}={value}" for name, value in keywords.items()]
    return " ".join(parts) or "<subtest>"


def _skip_of(report: Any) -> tuple[str, tuple[str, int | None]]:
    longrepr = report.longrepr
    if isinstance(longrepr, tuple) and len(longrepr) == 3:
        path, line, reason = longrepr
        return str(reason).removeprefix("Skipped: "), (str(path), line)
    return str(longrepr or ""), ("", None)


def _skip_marker(item: pytest.Item, reason: str) -> str:
    for mark in item.iter_markers("skipif"):
        if mark.kwargs.get("reason") == reason or reason.startswith("condition: "):
            return "skipif"
    return "skip"


def _declared_at(item: pytest.Item) -> tuple[str, int | None]:
    path, line, _ = item.location
    return str(item.config.rootpath / path), None if line is None else line + 1
