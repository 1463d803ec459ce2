"""What earlier runs of a commit say, and how a test went up and down; each question is bounded."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.columns import lane
from pytest_failtrack.history.database import Database
from pytest_failtrack.lazily import lazily
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_run

RUNS_MAX = 20
"""Of a commit the newest runs are read, at most this many."""
FAILURES_MAX = 1_000
"""A run with more failures than this says nothing of what passed in it."""
TESTS_MAX = 200
"""Where more tests than this fail at once, it is not their own ups and downs that show."""
OUTCOMES_MAX = 20
"""Of a test's outcomes in one place the newest are counted, at most this many."""
LOCAL = "local-%"
INGESTS = "failtrack ingest "
"""With this the command of a run begins that reports tell."""

NOT_FAILED = frozenset({"debt", "expired"})
_CHOOSES = lazily(r"::|(?:^|\s)(?:-[km]|--(?:lf|ff|nf|sw|last-failed|stepwise\S*|deselect\S*))\b")
_OUTCOMES = ("passed", "failed", "errors", "skipped", "xfailed", "xpassed", "crashed")
_COUNTED = frozenset({"passed", "failed", "error", "crashed", "rerun", "interrupted"})


@frozen
class PastRun:
    """One earlier run of a commit.

    Args:
        name: Name of its document.
        build_id: Its build.
        started_at: When it started, aware.
        place: Workflow, job and leg.
        run_url: Link to it, `` outside of a CI.
        command: Command line.
        order: Options that repeat the order of its tests, ``.
        workers: Workers that shared its tests, None for none.
        collected: Tests that it collected.
        is_whole: It came to its own end, and ran whatever it collected.
        files: Counts by file and outcome.
        outcomes: Outcome of each test that had an open record.
        failures: (hash, outcome) of every failure, by node id; None where they are too many.
    """

    name: str
    build_id: str
    started_at: datetime
    place: tuple[str, str, str]
    run_url: str = ""
    command: str = ""
    order: str = ""
    workers: int | None = None
    collected: int = 0
    is_whole: bool = True
    files: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, Sequence[tuple[str, str]]] | None = None

    @cached_property
    def has_chosen(self) -> bool:
        """Whether its command line names single tests."""
        return chooses_tests(self.command)

    def failed_of(self, path: str) -> int:
        """Return how many tests of a file failed, and did not pass on another attempt."""
        return self._failed_by_file[path]

    @cached_property
    def _failed_by_file(self) -> Counter[str]:
        return Counter(
            nodeid.partition("::")[0]
            for nodeid, seen in (self.failures or {}).items()
            if not {outcome for _, outcome in seen} <= {*NOT_FAILED, "flaky"}
        )

    def failed_as(self, nodeid: str, hashes: Collection[str]) -> bool:
        """Whether a test failed with one of some signatures."""
        found = (self.failures or {}).get(nodeid, ())
        return any(name in hashes and outcome not in NOT_FAILED for name, outcome in found)

    def has_passed(self, nodeid: str, file: FileNow) -> bool:
        """Whether a test passed, as far as that is certain.

        Args:
            nodeid: The test.
            file: What the run that asks, of the same commit, saw of its file.
        """
        told = self.outcomes.get(nodeid)
        if told is not None:
            return told in ("passed", "flaky")
        if self.failures is None:
            return False
        found = {outcome for _, outcome in self.failures.get(nodeid, ())} - NOT_FAILED
        if found:
            return found == {"flaky"}
        counts = self.files.get(file.path)
        if counts is None or not self.is_whole:
            return False
        if self.command.startswith(INGESTS) and self.command != file.command:
            return False  # two tools may report of one file: equal numbers are not equal checks
        if self.has_chosen and self.command != file.command:
            # All that it chose of the file passed, and this test was chosen by name.
            return set(counts) == {"passed"} and is_named(nodeid, self.command)
        # As many tests as now, and each of them passed or is known to have failed: it passed.
        is_complete = counts.get("passed", 0) + self.failed_of(file.path) == file.tests
        return is_complete and kinds_of(counts) == kinds_of(file.debt)


@frozen
class FileNow:
    """What the run that is judged saw of one test file.

    Args:
        path: The file.
        tests: Number of tests that passed or failed.
        debt: Number of items of debt by kind.
        command: Command line of the run.
    """

    path: str
    tests: int
    debt: Mapping[str, int] = field(default_factory=dict)
    command: str = ""


def chooses_tests(command: str) -> bool:
    """Whether a command line names single tests: then equal numbers do not mean equal tests."""
    return _CHOOSES.search(command) is not None


def is_named(nodeid: str, command: str) -> bool:
    """Whether a command line names a test by its node id, and leaves nothing of that out."""
    try:
        words = shlex.split(command)
    except ValueError:  # it was cut in the middle of a quoted word
        return False
    if any(_CHOOSES.search(f" {word} ") for word in words if "::" not in word):
        return False
    named = [word for word in words if "::" in word]
    return any(nodeid == one or nodeid.startswith((f"{one}[", f"{one}::")) for one in named)


def kinds_of(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of what neither passed nor failed."""
    return {kind: number for kind, number in counts.items() if kind not in _COUNTED and number}


def runs_of(
    database: Database, content_of: Callable[[str], bytes], revision: str, *, but: str
) -> list[PastRun]:
    """Return the newest runs of a commit, the newest first; documents that cannot be read are not.

    Args:
        database: The index.
        content_of: Returns a run document as bytes, by its name.
        revision: The commit.
        but: Name of a document that is left out: that of the run that asks.
    """
    rows = database.rows(
        "select name from runs where tenant_id = ? and revision = ? and name <> ?"
        " order by started_at desc, name limit ?",
        (database.tenant, revision, but, RUNS_MAX),
    )
    found = []
    for (name,) in rows:
        try:
            document = verify_run(content_of(name), name)
        except EvidenceError:
            continue  # the sync has said so
        found.append(_run_of(database, name, document))
    return found


def turns_of(
    database: Database, nodeids: Collection[str], *, since: float, until: float, but: str, here: str
) -> dict[str, tuple[int, int]]:
    """Return how often tests passed and then failed, and over how many builds, by node id.

    Local runs do not count: there a test goes up and down while somebody edits.

    Args:
        database: The index.
        nodeids: The tests; each of them fails now.
        since: Start of the window, in seconds since 1970.
        until: Start of the run that asks.
        but: Build of the run that asks.
        here: Its lane.
    """
    if len(nodeids) > TESTS_MAX:
        return {}
    marks = ", ".join("?" * len(nodeids))
    failed = database.rows(
        "select nodeid, lane, build_id, epoch(max(occurred_at)) from records"
        f" where tenant_id = ? and nodeid in ({marks})"
        " and status in ('OPEN', 'INVESTIGATING', 'RESOLVED', 'PREVENTED')"
        " and occurred_at >= to_timestamp(?) and occurred_at < to_timestamp(?) and build_id <> ?"
        " and build_id not like ? and outcome not in ('debt', 'expired')"
        " group by nodeid, lane, build_id",
        (database.tenant, *nodeids, since, until, but, LOCAL),
    )
    passed = database.rows(
        "select nodeid, lane, name, epoch(passed_at) from passes"
        f" where tenant_id = ? and nodeid in ({marks})"
        " and passed_at >= to_timestamp(?) and passed_at < to_timestamp(?) and name not like ?",
        (database.tenant, *nodeids, since, until, LOCAL),
    )
    events: dict[tuple[str, str], list[tuple[float, bool]]] = {}
    for rows, is_pass in ((failed, False), (passed, True)):
        for nodeid, place, _, moment in rows:
            events.setdefault((nodeid, place), []).append((moment, is_pass))
    found: dict[str, tuple[int, int]] = {}
    for (nodeid, place), seen in events.items():
        newest = sorted(seen)[-OUTCOMES_MAX:] + ([(until, False)] if place == here else [])
        found[nodeid] = max(found.get(nodeid, (0, 0)), (_turns(newest), len(newest)))
    return found


def place_of_run(document: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return workflow, job and leg of a run document."""
    return (document["workflow"] or "?", document["job"] or "?", document["leg"] or "")


def lane_of(branch: str, place: tuple[str, str, str]) -> str:
    """Return the lane of a run, as the index spells it."""
    return lane(branch, *place)


def _turns(events: Iterable[tuple[float, bool]]) -> int:
    """Return how often a failure follows a pass."""
    runs = [is_pass for is_pass, _ in groupby(one for _, one in events)]
    return sum(1 for at, is_pass in enumerate(runs) if at and not is_pass)


def _run_of(database: Database, name: str, document: Mapping[str, Any]) -> PastRun:
    environment = document["environment"]
    workers = environment.get("workers")
    return PastRun(
        name=name,
        build_id=document["build_id"],
        started_at=parse_time(document["started_at"]),
        place=place_of_run(document),
        run_url=str(environment.get("run_url") or ""),
        command=document["command"] or "",
        order=str(environment.get("order") or ""),
        workers=workers if isinstance(workers, int) else None,
        collected=document["totals"]["collected"],
        is_whole=document["is_complete"] and _ran_all(document["totals"]),
        files=document["files"],
        outcomes=document["outcomes"],
        failures=_failures_of(database, document["records"]),
    )


def _ran_all(totals: Mapping[str, int]) -> bool:
    """Whether as many tests came to an outcome as were collected: nothing stopped the run."""
    return sum(totals[name] for name in _OUTCOMES) >= totals["collected"]


def _failures_of(database: Database, ids: Sequence[str]) -> dict[str, list[tuple[str, str]]] | None:
    if len(ids) > FAILURES_MAX:
        return None
    found: dict[str, list[tuple[str, str]]] = {}
    number = 0
    sql = (
        "select nodeid, hash, outcome from records where tenant_id = ? and failure_id in ({marks})"
    )
    for nodeid, name, outcome in database.rows_among(sql, ids):
        found.setdefault(nodeid, []).append((name, outcome))
        number += 1
    # A record that is gone leaves open which test it was of.
    return found if number == len(set(ids)) else None
