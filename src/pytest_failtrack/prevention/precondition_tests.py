"""A run of pytest whose single outcomes are wanted; `precondition_runs.py` asks."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.prevention.bounded import Ended, run_bounded
from pytest_failtrack.prevention.preconditions import PASSES, Said
from pytest_failtrack.prevention.printed import tail

# What pytest ends with when it could run: all passed, some failed, none were collected.
_RAN = (0, 1, 5)


@frozen
class PytestRun:
    """A run of pytest, and what it told of each test.

    Args:
        ended: How it ended.
        events: What `outcomes_told.py` told.
        tree: The tree that it ran in.
    """

    ended: Ended
    events: tuple[dict[str, Any], ...]
    tree: str

    def told(self, when: str) -> Iterator[dict[str, Any]]:
        """Yield what was told of a phase."""
        return (one for one in self.events if one["when"] == when)

    def said(self, nodeid: str, counts_collecting: bool) -> Said:
        """Return what the tests under a node id say."""
        foreign = next(self.told("foreign"), None)
        if foreign is not None:
            return Said(
                "unclear",
                f"in the copy of the tree {foreign['text']} is still imported from the tree itself;"
                " name the folder that modules are imported from in [tool.failtrack.prevention]"
                " paths",
            )
        if self.ended.problem:
            return Said("unclear", self.ended.problem)
        file = nodeid.partition("::")[0]
        broken = [one for one in self.told("collect") if is_part(one["nodeid"], file)]
        if broken:
            why = f"{broken[0]['nodeid']} cannot be collected: {broken[0]['text']}"
            return Said("fails" if counts_collecting else "unclear", why)
        phases = [
            one
            for one in self.events
            if one["when"] in ("setup", "call", "teardown") and is_part(one["nodeid"], nodeid)
        ]
        # A rerun that passed in the end has passed: the last word of each phase counts.
        last = {(one["nodeid"], one["when"]): one for one in phases}
        failed = [one for one in last.values() if one["outcome"] == "failed"]
        if failed:
            where = failed[0]["nodeid"] if failed[0]["nodeid"] != nodeid else ""
            return Said("fails", ": ".join(filter(None, [where, failed[0]["text"] or "it failed"])))
        called = [one for one in last.values() if one["when"] == "call"]
        if any(one["outcome"] == "passed" and not one["is_xfail"] for one in called):
            return PASSES
        if any(one["is_xfail"] for one in last.values()):
            return Said("unclear", "it is marked xfail, so it guards nothing")
        if phases and not called and self.ended.status not in _RAN:
            said = tail(self.ended.output, self.tree)
            return Said("fails", f"it takes its process along, status {self.ended.status}: {said}")
        if any(one["outcome"] == "skipped" for one in last.values()):
            return Said("unclear", "it is skipped, so it guards nothing")
        return Said("unclear", self.why_not(nodeid, "pytest left it out; look at its options"))

    def why_not(self, nodeid: str, otherwise: str) -> str:
        """Return why nothing was told of a test."""
        if self.ended.problem:
            return f"pytest {self.ended.problem}"
        file = nodeid.partition("::")[0]
        for one in self.told("collect"):
            if is_part(one["nodeid"], file):
                return f"{one['nodeid']} cannot be collected: {one['text']}"
        has_started = any(self.told("session"))
        is_unknown = self.ended.status == 4 and "not found" in self.ended.output
        if has_started and (self.ended.status in _RAN or is_unknown):
            return otherwise
        return f"pytest ends with {self.ended.status}: {tail(self.ended.output, self.tree)}"


def run_pytest(
    command: Sequence[str],
    arguments: Sequence[str],
    tree: Path,
    environ: Mapping[str, str],
    timeout_seconds: float,
) -> PytestRun:
    """Run pytest in a copy of a tree, and return what became of each test.

    Args:
        command: What runs pytest; empty for that of our own Python.
        arguments: Its arguments.
        tree: The copy.
        environ: Its environment.
        timeout_seconds: Limit of time.
    """
    with tempfile.TemporaryDirectory(prefix="failtrack-") as folder:
        plugin = Path(__file__).with_name("outcomes_told.py")
        shutil.copyfile(plugin, Path(folder, "failtrack_outcomes.py"))
        told = Path(folder, "outcomes.jsonl")
        paths = [folder, *filter(None, [environ.get("PYTHONPATH", "")])]
        added = {
            "PYTHONPATH": os.pathsep.join(paths),
            "FAILTRACK_OUTCOMES": str(told),
            "FAILTRACK_COPY": str(tree),
            # A project that switches tracking on in its settings records nothing of this.
            "FAILTRACK_DIR": os.path.join(folder, "evidence", "failures"),
            "FAILTRACK_STATE": os.path.join(folder, "state"),
            "FAILTRACK_HISTORY": os.path.join(folder, "history.sqlite"),
        }
        argv = [
            *(command or (sys.executable, "-m", "pytest")),
            *("-p", "failtrack_outcomes", f"--rootdir={tree}", "--maxfail=0"),
            *("-o", f"cache_dir={os.path.join(folder, 'cache')}"),
            *arguments,
        ]
        ended = run_bounded(argv, tree, {**environ, **added}, timeout_seconds)
        return PytestRun(ended, tuple(_events(told)), str(tree))


def is_part(nodeid: str, wanted: str) -> bool:
    """Return whether a test is the one that is wanted, one of its parameters, or lies in it."""
    return nodeid == wanted or nodeid.startswith((f"{wanted}[", f"{wanted}::"))


def _events(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue  # its writer was killed
