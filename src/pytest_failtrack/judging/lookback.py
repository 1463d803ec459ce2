"""What is known of the tests that fail now from earlier runs; assessment.py asks, once a run.

The history is asked which runs there were of the commit, git whether the files are those of then,
and `classify.past` what it comes to. Nothing is asked when nothing failed.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_failtrack.classify.changes import is_code, is_test_file
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.past import (
    Past,
    Sighting,
    weighed_by_commit,
    weighed_by_turns,
    with_order,
)
from pytest_failtrack.config import Settings
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.past import FileNow, PastRun, lane_of
from pytest_failtrack.history.store import History
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.authors import edited_files, tracked_files
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.run_document import document_id_of
from pytest_failtrack.signature.signature import Signature

if TYPE_CHECKING:
    from pytest_failtrack.pipeline import RunSeen

FILES_MAX = 20_000
"""In a work tree of more files it is not asked when each of them was edited."""

AsFlaky = Callable[[], Classification]


class Lookback:
    """The past of the tests of one run.

    Args:
        settings: Settings of the run.
        seen: The run.
        now: This moment, aware.
    """

    def __init__(self, settings: Settings, seen: RunSeen, now: datetime) -> None:
        self._settings = settings
        self._seen = seen
        self._told = seen.start["settings"]
        self._commit: str = self._told.get("commit") or ""
        self._place = (
            self._told.get("workflow") or "?",
            self._told.get("job") or "?",
            self._told.get("leg") or "",
        )
        self._runs: list[PastRun] = []
        self._passed: dict[str, list[PastRun]] = {}
        self._turns: dict[str, tuple[int, int]] = {}
        self._here = Sighting(
            build_id=seen.build_id,
            at=_started(seen, now),
            order=seen.start.get("order") or "",
            workers=seen.start.get("workers"),
            collected=seen.collected,
        )

    def look(self, history: History, observations: Iterable[Observation]) -> None:
        """Fetch what the history says of tests that fail now.

        Raises:
            FailtrackError: The history cannot be used.
        """
        failing = {
            one.nodeid
            for one in observations
            if one.outcome in ("failed", "error") and "::" in one.nodeid
        }
        if not failing:
            return
        own = f"{document_id_of(self._seen)}.json"
        runs = history.runs_of(self._commit, but=own) if self._commit else []
        self._runs = [one for one in runs if self._is_same_tree(one)]
        for nodeid in failing if self._runs else ():
            file = self._file(nodeid.partition("::")[0])
            passed = [one for one in self._runs if one.has_passed(nodeid, file)]
            if passed:
                self._passed[nodeid] = passed
        self._turns = history.turns_of(
            failing,
            since=self._here.at - timedelta(days=self._settings.repeat_window_days),
            until=self._here.at,
            but=self._seen.build_id,
            here=lane_of(self._told.get("branch") or "", self._place),
        )

    def by_commit(
        self,
        classification: Classification,
        observation: Observation,
        signature: Signature,
        as_flaky: AsFlaky,
    ) -> tuple[Classification, bool]:
        """Return a classification after runs of the same commit, and whether it is settled."""
        past = self._past_of(observation, signature)
        return weighed_by_commit(classification, observation, past, as_flaky)

    def by_builds(
        self,
        classification: Classification,
        observation: Observation,
        signature: Signature,
        as_flaky: AsFlaky,
    ) -> Classification:
        """Return a classification after recent builds had their say, with the order of the run."""
        past = self._past_of(observation, signature)
        weighed = weighed_by_turns(classification, observation, past, as_flaky)
        return with_order(weighed, observation, past)

    def _past_of(self, observation: Observation, signature: Signature) -> Past:
        nodeid = observation.nodeid
        turns, builds = self._turns.get(nodeid, (0, 0))
        past = Past(self._commit, self._here, turns=turns, builds=builds)
        if not self._runs or "::" not in nodeid:
            return past
        hashes = {signature.hash, *signature.aliases}
        passed = self._passed.get(nodeid, ())
        failed = [one for one in self._runs if one.failed_as(nodeid, hashes)]
        return replaced(
            past,
            passed=tuple(map(self._sighting, passed)),
            failed=tuple(map(self._sighting, failed)),
            others=len(self._passed) - 1,
            is_edited=not self._told.get("run_url") and bool(self._edited),
        )

    def _sighting(self, run: PastRun) -> Sighting:
        return Sighting(
            build_id=run.build_id,
            at=run.started_at,
            is_this_build=run.build_id == self._seen.build_id,
            place=self._other_place(run),
            order=run.order,
            workers=run.workers,
            collected=run.collected,
        )

    def _other_place(self, run: PastRun) -> str:
        """Return where a run took place in words, as far as it is not where this one did."""
        if run.place == self._place:
            return ""
        pairs = zip(("workflow", "job", "leg"), run.place, self._place, strict=True)
        return "in " + ", ".join(f"{word} {there}" for word, there, here in pairs if there != here)

    # -- this run --------------------------------------------------------------------------

    def _file(self, path: str) -> FileNow:
        return FileNow(
            path,
            len(self._tests.get(path, ())),
            self._debt.get(path, {}),
            self._seen.start.get("command") or "",
        )

    @cached_property
    def _tests(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        drafts: Sequence[Any] = self._seen.drafts
        for nodeid in (*self._seen.passed, *(one["nodeid"] for one in drafts)):
            path, colons, _ = nodeid.partition("::")
            if colons:
                found.setdefault(path, set()).add(nodeid)
        return found

    @cached_property
    def _debt(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = {}
        for item in self._seen.debt:
            found.setdefault(item.nodeid.partition("::")[0], Counter())[item.kind] += item.count
        return found

    # -- the work tree ---------------------------------------------------------------------

    def _is_same_tree(self, run: PastRun) -> bool:
        """Whether the files were those of now: a commit says nothing of what was edited since.

        A CI checks out what it tests. Elsewhere no file may have been written since that run.
        """
        if self._told.get("run_url"):
            return bool(run.run_url)
        if self._settings.commit != self._commit:
            return False  # of a run that died before something else was checked out
        if run.run_url:
            return not self._edited
        return self._last_edit < run.started_at.timestamp()

    @cached_property
    def _edited(self) -> frozenset[str]:
        """The files that are not as in the commit, without what runs write."""
        return frozenset(
            one
            for one in edited_files(self._settings.root, self._settings.own_paths)
            if "__pycache__/" not in one and (is_code(one) or is_test_file(one))
        )

    @cached_property
    def _last_edit(self) -> float:
        """When a file was written last, in seconds since 1970; infinite when nobody can say."""
        root = self._settings.root
        tracked = tracked_files(root, self._settings.own_paths)
        files = tracked | self._edited
        if not tracked or len(files) > FILES_MAX:
            return float("inf")
        try:
            return max(os.lstat(os.path.join(root, one)).st_mtime for one in files)
        except (OSError, ValueError):  # one was removed
            return float("inf")


def _started(seen: RunSeen, now: datetime) -> datetime:
    try:
        return parse_time(seen.start["started_at"])
    except (KeyError, ValueError):
        return now
