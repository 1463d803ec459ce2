"""A suite with known failures that is killed, and what must be left of it afterwards.

The suite writes down what pytest did, one `write` a line, into a file that survives every kill:
what it reported, what ran, how far it came. Against that the records are held.
"""

from __future__ import annotations

import functools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from project import Project

from pytest_failtrack.record.validator import shipped_text

POLL_SECONDS = 0.005
WAIT_SECONDS = 60
# What the slot may say already when a phase is over and its report is made.
NEXT = {"setup": ("call", "teardown"), "call": ("teardown",), "teardown": ()}

CONFTEST = """
import os
import time

import pytest

LOG = os.open(os.environ["DOOMED_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
WHO = os.environ.get("PYTEST_XDIST_WORKER", "main")


def say(*words):
    os.write(LOG, ("\\t".join((WHO, str(os.getpid()), *map(str, words))) + "\\n").encode())


if delay := float(os.environ.get("DOOMED_DISK", 0)):  # a slow disk
    from pytest_failtrack.history import files

    rename = files._rename
    files._rename = lambda *paths: (time.sleep(delay), rename(*paths))


@pytest.hookimpl(trylast=True)
def pytest_sessionstart():
    say("started")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    say("runs", item.nodeid, "setup")
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    say("runs", item.nodeid, "call")
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    say("runs", item.nodeid, "teardown")
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.outcome in ("failed", "rerun") and report.when != "???":
        say("reported", report.nodeid, report.when, getattr(report, "rerun", 0) + 1)


def pytest_runtest_logfinish(nodeid):
    if WHO != "main" or "PYTEST_XDIST_WORKER_COUNT" not in os.environ:
        say("finished", nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    say("ending")


def pytest_unconfigure():
    say("unconfigured")
"""

TESTS = """
import time

import pytest


@pytest.fixture
def breaks():
    raise KeyError("no such fixture value")


@pytest.fixture
def breaks_later():
    yield
    raise OSError("cannot be torn down")


@pytest.mark.parametrize("number", range({passing}))
def test_passes(number):
    time.sleep(0.004)


@pytest.mark.parametrize("number", range({failing}))
def test_fails(number):
    time.sleep(0.004)
    assert number < 0


@pytest.mark.parametrize("number", range(2))
def test_cannot_begin(number, breaks): pass


@pytest.mark.parametrize("number", range(2))
def test_cannot_end(number, breaks_later):
    time.sleep(0.004)


@pytest.mark.parametrize("number", range(2))
def test_fails_twice(number, breaks_later):
    raise ValueError(number)


TRIED = []


@pytest.mark.flaky(reruns=2)
def test_passes_at_last():
    TRIED.append(1)
    time.sleep(0.05)
    assert len(TRIED) > 2
"""

SLOW_RECOVER = """
import os, sys, time
from pytest_failtrack.history import files
from pytest_failtrack.cli.main import main
rename = files._rename
files._rename = lambda *paths: (time.sleep(float(os.environ["DOOMED_DISK"])), rename(*paths))
open(os.environ["DOOMED_LOG"] + ".recovering", "w").close()
main()
"""


@dataclass
class Kill:
    """One kill and what was known at that moment.

    Args:
        exit_status: Of the plain process or the controller, negative for a signal.
        lines: What the suite wrote down, split into words, process first.
        victim: Process name of what was killed, `` when nothing was left to kill.
    """

    exit_status: int
    lines: list[list[str]] = field(default_factory=list)
    victim: str = ""

    def said(self, word: str) -> list[list[str]]:
        """Return what follows a word, of every line that has it."""
        return [line[3:] for line in self.lines if line[2] == word]

    @property
    def reported(self) -> set[tuple[str, str, int]]:
        """Node id, phase and attempt of every failure that pytest had reported."""
        return {(line[0], line[1], int(line[2])) for line in self.said("reported")}


class Doomed:
    """The project of that suite.

    Args:
        project: The project, plain or xdist; its folder is filled.
        failing: Number of tests that fail in their call.
    """

    def __init__(self, project: Project, failing: int = 24) -> None:
        pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
        self.project = project
        project.plugins = ("rerunfailures",)
        self.log = project.folder / "said.txt"
        project.write("conftest.py", CONFTEST)
        for name in ("one", "two"):
            project.write(
                f"test_{name}.py", TESTS.format(passing=failing // 2, failing=failing // 2)
            )

    def start(self, *args: str, disk_seconds: float = 0.0) -> subprocess.Popen[bytes]:
        """Start the suite."""
        return self.start_any(self.project.command("-p", "no:faulthandler", *args), disk_seconds)

    def start_any(
        self, command: list[str], disk_seconds: float = 0.0, **variables: str
    ) -> subprocess.Popen[bytes]:
        """Start a command in the project; its files are renamed slowly."""
        variables |= {"DOOMED_LOG": str(self.log), "DOOMED_DISK": str(disk_seconds)}
        return subprocess.Popen(
            command,
            cwd=self.project.folder,
            env=self.project.environ(**variables),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def lines(self) -> list[list[str]]:
        """Return what the suite has written down so far; a line without an end is none."""
        if not self.log.exists():
            return []
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0]
        return [line.split("\t") for line in whole.splitlines()]

    def wait_for(self, word: str, process: subprocess.Popen[bytes], count: int = 1) -> None:
        """Wait until the suite said a word, or is over."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        while sum(line[2] == word for line in self.lines()) < count and process.poll() is None:
            assert time.monotonic() < give_up_at, f"never said {word}: {self.lines()[-3:]}"
            time.sleep(POLL_SECONDS)

    def kill(
        self, process: subprocess.Popen[bytes], victim: str = "main", number: int = signal.SIGKILL
    ) -> Kill:
        """Kill a process of the suite, wait for the end of the main one, say what was known."""
        pids = {line[0]: int(line[1]) for line in self.lines()} | {"main": process.pid}
        if process.poll() is not None or victim not in pids:
            victim = ""
        else:
            try:
                os.kill(pids[victim], number)
            except ProcessLookupError:
                victim = ""
        process.wait(WAIT_SECONDS)
        return Kill(process.returncode, self.lines(), victim)

    def recover(self, *args: str) -> tuple[int, str]:
        """Run `failtrack recover` and return its exit code and what it printed."""
        outcome = self.project.failtrack("recover", *args)
        return outcome.exit_status, outcome.text

    def kill_recovery(self, rng: random.Random) -> None:
        """Kill `failtrack recover` on a slow disk, at a random moment."""
        begun = Path(f"{self.log}.recovering")
        begun.unlink(missing_ok=True)
        process = self.start_any([sys.executable, "-c", SLOW_RECOVER, "recover"], 0.01)
        while not begun.exists() and process.poll() is None:
            time.sleep(POLL_SECONDS)
        time.sleep(rng.uniform(0, 0.6))
        process.kill()
        process.wait(WAIT_SECONDS)

    # -- what must be left -------------------------------------------------------------------

    def files(self) -> dict[str, bytes]:
        """Return every file of the evidence, by path."""
        root = self.project.folder / "governance"
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def check(self, kill: Kill) -> Counter[str]:
        """Hold the evidence against what was known at the kill, and return the figures.

        Lost and doubled failures are counted; everything else that is wrong fails here.
        """
        records, runs = self.project.records(), self.project.runs()
        assert not [name for name in self.files() if not name.endswith(".json")]
        for record in records:
            schema("record").validate(record)
        for run in runs:
            schema("run").validate(run)
        # The suite says so a moment after the journal is open.
        assert len(runs) == 1 or (not runs and not kill.said("started")), runs
        assert self.journals() == []
        lost = kill.reported - {place_of(one) for one in records}
        # A test that killed its worker is run again in another one, and pytest-rerunfailures counts
        # its attempts anew there. Outside of tests one death can be seen twice: a plugin in a
        # worker missed its controller.
        seen = Counter((place_of(one), one["test"]["worker"]) for one in records)
        doubled = [place for (place, _), count in seen.items() if count > 1 and place[0]]
        crashes = [one for one in records if one["test"]["outcome"] == "crashed"]
        if runs:
            self._check_run(kill, runs[0], records, crashes)
        return Counter(
            reported=len(kill.reported),
            records=len(records),
            crashes=len(crashes),
            lost=len(lost),
            doubled=len(doubled),
        )

    def _check_run(
        self, kill: Kill, run: dict[str, Any], records: list[Any], crashes: list[Any]
    ) -> None:
        assert set(run["records"]) == {one["failure_id"] for one in records}
        if kill.victim == "main":
            was_ending = any(line[0] == "main" for line in kill.lines if line[2] == "unconfigured")
            assert run["ended"] == "died" or (was_ending and run["ended"] == "finished"), run
            assert run["ended"] == "finished" or crashes
        else:
            assert run["ended"] == "finished", run["ended"]
        for crash in crashes:
            worker = crash["test"]["worker"] or "main"
            seen = {"main": kill.lines}.get(worker) if not self.project.is_xdist else None
            lines = seen or [line for line in kill.lines if line[0] == worker]
            test = crash["test"]["nodeid"], crash["test"]["when"]
            begun = {line[3] for line in kill.lines if line[2] == "runs"}
            if (
                worker != "main"
                and lines[-1][2] in ("started", "finished")
                and test[0] not in begun
            ):
                continue  # before and between tests xdist fails the one that was to come
            assert test in in_flight(lines), (test, lines[-4:])

    def journals(self) -> list[str]:
        """Return what lies in the folder of the journals."""
        folder = self.project.folder / ".failtrack" / "journals"
        return sorted(os.listdir(folder)) if folder.is_dir() else []


def place_of(record: dict[str, Any]) -> tuple[str, str, int]:
    """Return what a failure is unique by."""
    test = record["test"]
    return test["nodeid"], test["when"], test["attempt"]


def in_flight(lines: list[list[str]]) -> set[tuple[str, str]]:
    """Return what a process that said these lines can have been doing when it was killed.

    The suite speaks before the slot is written, so the slot may be one step behind.
    """
    steps = [line[2:] for line in lines if line[2] in ("runs", "finished", "ending")]
    allowed = set()
    if not steps:
        allowed |= {("", "session"), ("test_one.py", "collect"), ("test_two.py", "collect")}
        allowed |= {(".", "collect"), ("", "collect")}
    for word, *words in steps[-2:]:
        if word != "runs":
            allowed.add(("", "session"))
            continue
        nodeid, when = words
        allowed |= {(nodeid, when), *((nodeid, one) for one in NEXT[when])}
        if when == "teardown":
            allowed.add(("", "session"))
    if len(steps) < 2:
        allowed.add(("", "session"))
    return allowed


@functools.cache
def schema(kind: str) -> Any:
    """Return the validator of the shipped schema, which is not ours."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed here")
    return jsonschema.Draft202012Validator(json.loads(shipped_text(kind)))
