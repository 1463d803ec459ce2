"""What a tracked run was, as far as the process that concludes it has seen: facts and counts."""

from __future__ import annotations

import os
import platform
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from pytest_failtrack.frozen import as_dict
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.journal import PARENT
from pytest_failtrack.observe.order import order_of, workers_of
from pytest_failtrack.observe.redact import redact_and_cut, redact_command
from pytest_failtrack.tracking.controller import Workers
from pytest_failtrack.tracking.runner import RunnerHooks
from pytest_failtrack.tracking.tracker import Tracker

if TYPE_CHECKING:
    from pytest_failtrack.pipeline import RunSeen

# Settings beside those of the run that one which died is concluded with.
CONCLUDED_WITH = (
    "tokens_enabled",
    "token_max_chars",
)
COMMAND_MAX_CHARS = 1_000
PHASES = ("setup", "call", "teardown")
# Kinds of debt that a test shows when it runs.
OF_ONE_TEST = ("skip", "skipif", "importorskip", "xfail", "xpass")
# What is counted of a run and stands in no journal.
KEPT = ("exit_status", "finished_at", "ended", "collected", "not_run", "counts")


class Tally:
    """Counts of one run, and the facts that it began with.

    Args:
        tracker: The state of this process.
        config: pytest's configuration.
        workers: The xdist workers of the run.
    """

    def __init__(self, tracker: Tracker, config: pytest.Config, workers: Workers) -> None:
        self._tracker = tracker
        self._config = config
        self._workers = workers
        self._facts: dict[str, Any] = {}
        self.runner: RunnerHooks | None = None  # where tests run in this process
        self.passed: list[str] = []
        self.counts: Counter[str] = Counter()
        self.collected = 0
        self.internal_errors = 0
        self.is_interrupted = False
        self.is_stopped = False

    def facts(self) -> dict[str, Any]:
        """Return what the start mark says of the run, enough to conclude it after a death.

        Asked again later, it hides what has become known as a secret since.
        """
        if self._facts:
            self._facts["command"] = self._tracker.clean(self._facts["command"])
            return self._facts
        settings = self._tracker.settings
        arguments = [str(each) for each in self._config.invocation_params.args]
        command = redact_command(self._tracker.clean, ["pytest", *arguments])
        evidence = settings.told_evidence
        self._facts = {
            "source": "pytest",
            "settings": settings.told | {name: getattr(settings, name) for name in CONCLUDED_WITH},
            "command": redact_and_cut(str, command, COMMAND_MAX_CHARS, "head")[0],
            "parent": os.environ.get(PARENT, ""),
            "python": platform.python_version(),
            "platform": sys.platform,
            "pytest": pytest.__version__,
            "order": order_of(self._config.option),
            "workers": workers_of(self._config.option),
            "root": self._tracker.clean_id(str(settings.root)),
            "evidence": evidence if self._tracker.clean_id(evidence) == evidence else "",
        }
        return self._facts

    def seen(self, status: int | None) -> RunSeen:
        """Return what this run was, for the pipeline.

        Args:
            status: pytest's exit status, None while it is not known.
        """
        from pytest_failtrack.pipeline import RunSeen

        tracker = self._tracker
        left_out = self._left_out()
        return RunSeen(
            start={**self.facts(), "run": tracker.run_token, "started_at": tracker.started_at},
            drafts=tracker.drafts,
            debt=[*tracker.debt, *left_out],
            passed=self._passed(),
            counts=self.counts,
            collected=max(self.collected, self._workers.collected),
            not_run=self._not_run(),
            exit_status=status,
            finished_at=tracker.clock.text(),
            ended="interrupted" if self._was_interrupted() else "finished",
            lost_workers=len(self._workers.crashed),
            internal_errors=self.internal_errors + self._workers.internal_errors,
            problems=tracker.problems,
        )

    def known(self, seen: RunSeen) -> dict[str, Any]:
        """Return what no journal holds, for the case that the evidence was not written.

        Args:
            seen: What `seen` returned.
        """
        left_out = self._left_out()
        return {name: getattr(seen, name) for name in KEPT} | {
            "passed": list(seen.passed),
            "left_out": [as_dict(item) for item in left_out],
            "lost_workers": seen.lost_workers,
            "internal_errors": seen.internal_errors,
            "problems": list(seen.problems),
        }

    def _not_run(self) -> int:
        """Return how many collected tests were not run; counted only where the run was stopped."""
        if not self.is_stopped:
            return 0
        drafts, debt = self._tracker.drafts, self._tracker.debt
        run = {*self._passed(), *(one["nodeid"] for one in drafts if one["when"] in PHASES)}
        # What skips a whole module has no test's name.
        run.update(one.nodeid for one in debt if one.kind in OF_ONE_TEST and "::" in one.nodeid)
        return max(max(self.collected, self._workers.collected) - len(run), 0)

    def _left_out(self) -> list[DebtItem]:
        return self.runner.left_out() if self.runner is not None else self._workers.left_out

    def _was_interrupted(self) -> bool:
        outcomes = {draft["outcome"] for draft in self._tracker.drafts}
        return self.is_interrupted or "interrupted" in outcomes

    def _passed(self) -> list[str]:
        """Return the node ids that passed, redacted where they have to be."""
        # Where tests ran in this process, it is known since collection whether any id has to be.
        is_known = self.runner is not None and not self._tracker.drafter.must_clean_ids
        if is_known or not self._tracker.clean.finds_any(self.passed):
            return self.passed
        return [self._tracker.clean_id(nodeid) for nodeid in self.passed]
