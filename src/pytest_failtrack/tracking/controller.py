"""What an xdist controller knows of its workers: what they hand over, and which of them died.

The session asks; `worker.py` is the other end, in the worker itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.extensions import Extensions
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.from_pytest import Draft
from pytest_failtrack.observe.journal import SUFFIX
from pytest_failtrack.observe.slot import BUSY, IDLE_SLOT, InFlight, read_slot
from pytest_failtrack.tracking.tracker import Tracker, was_raised_in

SIGNALS_WAIT_SECONDS = 2.0


class Workers:
    """The workers of one run; in a plain process there are none.

    Args:
        tracker: The state of the controller.
        extensions: The hooks of others.
    """

    def __init__(self, tracker: Tracker, extensions: Extensions) -> None:
        self.tracker = tracker
        self.extensions = extensions
        self.collected = 0
        self.left_out: list[DebtItem] = []
        self.crashed: set[str] = set()
        self.internal_errors = 0
        self._lost: dict[str, tuple[InFlight, int | None]] = {}

    def is_down(self, node: Any, error: object) -> None:
        """Take what a worker hands over, or note what it was doing when it died.

        Args:
            node: xdist's worker controller.
            error: What xdist says went wrong, None when it ended by itself.
        """
        worker = node.gateway.id
        output = getattr(node, "workeroutput", None) or {}
        handed = output.get("failtrack")
        if handed:
            self.collected = max(self.collected, handed.get("collected", 0))
            if not self.left_out:  # every worker collects the same
                self.left_out = [DebtItem(**item) for item in handed.get("left_out", ())]
            for problem in handed.get("problems", ()):
                self.tracker.problem(problem)
            self._name_unloaded(handed.get("in_conftests", ()))
        if error and error != "keyboard-interrupt":
            in_flight = read_slot(self.tracker.run_folder / f"{worker}.slot")
            self._lost[worker] = (in_flight, _exit_status(node))

    def _name_unloaded(self, in_workers: Iterable[Sequence[str]]) -> None:
        """Report hooks in a conftest of a subfolder: workers collect there, the controller not."""
        here = self.extensions.in_conftests()
        for conftest, hook in in_workers:
            if (conftest, hook) not in here:
                self.tracker.problem(
                    f"the hook {hook} of {conftest} is not asked by xdist's controller, which "
                    "does not load that file; move it to the conftest.py at the root or to a plugin"
                )

    def crash_of(self, report: Any, passed: Collection[str]) -> Draft:
        """Return the draft of a report that xdist makes when a worker is lost.

        Args:
            report: The report, whose phase is `???`.
            passed: Node ids of tests whose call passed.
        """
        node = getattr(report, "node", None)
        worker = node.gateway.id if node is not None else ""
        in_flight, status = self._lost.pop(worker, (IDLE_SLOT, None))
        if in_flight.when not in BUSY:
            self.tracker.guard(self._merge, self.tracker.run_folder / f"{worker}{SUFFIX}")
            in_flight = self._after_what_was_seen(self.tracker.clean_id(report.nodeid), passed)
        draft = self._death(worker, in_flight, status)
        if report.outcome == "rerun":
            draft["outcome"] = "rerun"
        return draft

    def _after_what_was_seen(self, nodeid: str, passed: Collection[str]) -> InFlight:
        """Return what a worker was in when it died between two phases of a test."""
        seen = {one["when"] for one in self.tracker.drafts if one["nodeid"] == nodeid}
        if "teardown" in seen:
            return IDLE_SLOT
        return InFlight(nodeid, "teardown" if seen or nodeid in passed else "call")

    def _death(self, worker: str, in_flight: InFlight, status: int | None) -> Draft:
        from pytest_failtrack.observe.death import draft_of_death

        self.crashed.add(worker)
        return draft_of_death(
            f"worker {worker}",
            in_flight,
            self.tracker.clock.text(),
            worker=worker,
            exit_status=status,
        )

    def merge(self) -> None:
        """Keep what workers journaled and did not send."""
        for path in sorted(self.tracker.run_folder.glob(f"gw*{SUFFIX}")):
            self.tracker.guard(self._merge, path)

    def _merge(self, path: Path) -> None:
        from pytest_failtrack.observe.journals import read_journal

        if not path.is_file():
            return  # a worker on another host, or a state folder that cannot be written
        for entry in read_journal(path).entries:
            draft = entry.get("observation")
            if draft is not None and not self.tracker.has(draft):
                if draft["when"] == "session" and draft["outcome"] != "interrupted":
                    self.internal_errors += 1
                self.tracker.keep(draft)

    def name_the_lost(self) -> None:
        """Make failures of workers that died without pytest having said so.

        One a module: replacements of a worker that died in it die there too. One that died
        outside of everything is worth a failure only where no other death explains it.
        """
        lost, self._lost = self._lost, {}
        self.crashed.update(lost)
        by_place = {one[0]: (worker, *one) for worker, one in reversed(lost.items())}
        busy = {place: one for place, one in by_place.items() if place.when in BUSY}
        if not busy and any(draft["outcome"] == "crashed" for draft in self.tracker.drafts):
            return
        for worker, in_flight, status in (busy or by_place).values():
            self.tracker.keep(self._death(worker, in_flight, status))


def is_echo_of_worker(error: BaseException) -> bool:
    """Return whether xdist itself raised this: around the text of a worker's internal error, or
    because a worker that ended early is not where xdist looks for it."""
    return was_raised_in("xdist", error)


def _exit_status(node: Any) -> int | None:
    """Return the exit status of a worker's process, negative for a signal; None when unknown."""
    popen = getattr(getattr(node.gateway, "_io", None), "popen", None)
    if popen is None:
        return None
    try:
        return int(popen.wait(timeout=SIGNALS_WAIT_SECONDS))
    except Exception:
        return None
