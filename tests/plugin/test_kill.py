"""Kills at random moments: what pytest had reported is a record after `failtrack recover`.

`FAILTRACK_KILLS=100 pytest tests/plugin/test_kill.py -s` prints figures; `FAILTRACK_KILL_SEED`
repeats the moments of an earlier run, as far as the machine allows.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from doomed import Doomed, Kill
from project import Project

KILLS = int(os.environ.get("FAILTRACK_KILLS", "3"))
SEED = int(os.environ.get("FAILTRACK_KILL_SEED", random.SystemRandom().randrange(1 << 32)))
SLOW_DISK_SECONDS = 0.006

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


def in_plain_process(doomed: Doomed, rng: random.Random) -> Kill:
    process = doomed.start()
    if rng.random() < 0.8:  # else while it starts
        doomed.wait_for("started", process)
    time.sleep(rng.uniform(0, 0.8))
    return doomed.kill(process)


def in_worker(doomed: Doomed, rng: random.Random) -> Kill:
    process = doomed.start("--max-worker-restart=4")
    doomed.wait_for("runs", process)
    time.sleep(rng.uniform(0, 0.4))
    return doomed.kill(process, rng.choice(("gw0", "gw1")))


def in_controller(doomed: Doomed, rng: random.Random) -> Kill:
    process = doomed.start()
    doomed.wait_for("runs" if rng.random() < 0.8 else "started", process)
    time.sleep(rng.uniform(0, 0.6))
    return doomed.kill(process)


def at_the_end(doomed: Doomed, rng: random.Random) -> Kill:
    """While records or the run document are written."""
    process = doomed.start(disk_seconds=SLOW_DISK_SECONDS)
    doomed.wait_for("ending", process)
    time.sleep(rng.uniform(0, 0.7))
    return doomed.kill(process)


def at_the_very_end(doomed: Doomed, rng: random.Random) -> Kill:
    """While the run document is written and the journal is tidied away."""
    process = doomed.start()
    doomed.wait_for("unconfigured", process)
    time.sleep(rng.uniform(0, 0.2))
    return doomed.kill(process)


def in_recovery(doomed: Doomed, rng: random.Random) -> Kill:
    kill = in_plain_process(doomed, rng)
    for _ in range(rng.randint(1, 3)):
        doomed.kill_recovery(rng)
    return kill


KINDS: dict[str, tuple[str, Callable[[Doomed, random.Random], Kill]]] = {
    "plain": ("plain", in_plain_process),
    "worker": ("xdist", in_worker),
    "controller": ("xdist", in_controller),
    "end": ("plain", at_the_end),
    "very end": ("plain", at_the_very_end),
    "recovery": ("plain", in_recovery),
}
CASES = [
    pytest.param(kind, number, id=f"{kind}-{number}")
    for number in range(-(-KILLS // len(KINDS)))
    for kind in list(KINDS)[: KILLS - number * len(KINDS)]
]


@pytest.fixture(scope="module")
def figures():
    """What came of all kills, printed at the end."""
    found: dict[str, Counter[str]] = {}
    yield found
    for kind, counts in found.items():
        print(f"\n{kind:<11} " + "  ".join(f"{name} {counts[name]}" for name in sorted(counts)))


@pytest.mark.parametrize(("kind", "number"), CASES)
def test_nothing_that_was_reported_is_lost_or_doubled(
    tmp_path: Path, figures: dict[str, Counter[str]], kind: str, number: int
) -> None:
    """S0-32, C-27: no file is half-written either, and a second recovery changes nothing."""
    mode, kill_it = KINDS[kind]
    if mode == "xdist":
        pytest.importorskip("xdist", reason="pytest-xdist is not installed here")
    print(f"seed: FAILTRACK_KILL_SEED={SEED}, {kind} {number}")
    doomed = Doomed(Project(tmp_path, mode))

    kill = kill_it(doomed, random.Random(f"{SEED} {kind} {number}"))

    code, text = doomed.recover()
    assert code == 0, text
    kill.lines = doomed.lines()  # workers may have outlived their controller
    found = doomed.check(kill)
    before = doomed.files()
    assert doomed.recover()[0] == 0
    assert doomed.files() == before
    figures.setdefault(kind, Counter()).update(
        found, kills=kill.victim != "", **{"after the end": kill.victim == ""}
    )
    assert (found["lost"], found["doubled"]) == (0, 0)


def test_a_worker_killed_in_a_second_attempt(xdist_project: Project) -> None:
    """C-27: another worker runs the test again and counts anew; each attempt is a record."""
    doomed = Doomed(xdist_project)
    process = doomed.start("--max-worker-restart=4")
    again: list[str] = []
    while len(again) < 2 and process.poll() is None:
        again = [
            line[0]
            for line in doomed.lines()
            if line[2:] == ["runs", "test_one.py::test_passes_at_last", "call"]
        ]

    kill = doomed.kill(process, again[0])

    assert kill.victim == again[0]
    found = doomed.check(kill)
    assert (found["lost"], found["doubled"]) == (0, 0)
    tried = [
        (one["test"]["worker"], one["test"]["attempt"])
        for one in xdist_project.records()
        if one["test"]["nodeid"] == "test_one.py::test_passes_at_last"
    ]
    assert len(tried) == len(set(tried)) >= 3
    assert len({worker for worker, _ in tried}) == 2


def test_two_recoveries_at_once(tmp_path: Path) -> None:
    """C-27: neither takes the work from under the other, and both end well."""
    doomed = Doomed(Project(tmp_path))
    process = doomed.start()
    doomed.wait_for("reported", process, 12)
    kill = doomed.kill(process)
    command = [sys.executable, "-c", "from pytest_failtrack.cli.main import main; main()"]

    both = [doomed.start_any([*command, "recover"]) for _ in range(2)]

    assert [one.wait(60) for one in both] == [0, 0]
    found = doomed.check(kill)
    assert found["reported"] >= 12
    assert (found["lost"], found["doubled"], found["crashes"]) == (0, 0, 1)


def test_a_live_run_is_left_alone(project: Project) -> None:
    """What another process does with the same state folder is its own."""
    doomed = Doomed(project)
    process = doomed.start()
    doomed.wait_for("reported", process, 3)
    process.send_signal(signal.SIGSTOP)  # else it may be over before this recovery has begun

    code, text = doomed.recover()

    process.send_signal(signal.SIGCONT)
    assert (code, text) == (0, "failtrack: no dead run was found\n")
    assert process.wait(60) == 1
    assert project.runs()[0]["ended"] == "finished"
    assert doomed.check(Kill(1, doomed.lines()))["lost"] == 0


def test_two_runs_at_once_in_one_state_folder(xdist_project: Project) -> None:
    project = xdist_project
    first, second = (Doomed(project) for _ in range(2))
    second.log = project.folder / "second.txt"

    both = [first.start("--failtrack-build=1"), second.start("--failtrack-build=2")]

    assert [one.wait(60) for one in both] == [1, 1]
    by_build = {run["build_id"]: run for run in project.runs()}
    assert sorted(by_build) == ["1", "2"]
    assert {run["ended"] for run in by_build.values()} == {"finished"}
    assert by_build["1"]["totals"] == by_build["2"]["totals"]
    assert len(project.records()) == sum(run["failures"] for run in by_build.values())
    assert first.journals() == []


def test_sigterm_is_a_death_like_others(plain_project: Project) -> None:
    doomed = Doomed(plain_project)
    process = doomed.start()
    doomed.wait_for("reported", process, 3)

    kill = doomed.kill(process, number=signal.SIGTERM)

    assert kill.exit_status == -signal.SIGTERM
    assert doomed.recover()[0] == 0
    found = doomed.check(kill)
    assert (found["lost"], found["doubled"], found["crashes"]) == (0, 0, 1)


def test_the_command_around_it_records_a_death_once_with_its_signal(project: Project) -> None:
    """S0-32: `failtrack run -- pytest --failtrack` sees how the inner run ended."""
    doomed = Doomed(project)
    main = "import sys; from pytest_failtrack.cli.main import main; main()"
    outer = doomed.start_any([sys.executable, "-c", main, "run", "--", *project.command()])
    doomed.wait_for("reported", outer, 3)
    inner = int(next(line[1] for line in doomed.lines() if line[0] == "main"))
    os.kill(inner, signal.SIGKILL)

    assert outer.wait(60) == 128 + signal.SIGKILL
    (run,) = project.runs()
    assert (run["source"], run["ended"], run["signal"]) == ("pytest", "died", "SIGKILL")
    found = doomed.check(Kill(-9, doomed.lines(), "main"))
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert doomed.recover() == (0, "failtrack: no dead run was found\n")


def test_workers_that_outlive_their_controller(xdist_project: Project) -> None:
    """A long test goes on for seconds in a worker; it is waited for and named."""
    xdist_project.write(
        "test_long.py",
        """
        import os, time

        def test_fails():
            assert 0

        def test_long():
            open("runs", "w").close()
            time.sleep(60)
        """,
    )
    # By then the controller has heard of the end of the other test: nothing else is in flight.
    xdist_project.write(
        "conftest.py",
        """
        def pytest_runtest_logfinish(nodeid):
            if nodeid.endswith("::test_fails"):
                open("ended", "w").close()
        """,
    )
    process = subprocess.Popen(
        xdist_project.command(),
        cwd=xdist_project.folder,
        env=xdist_project.environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    marks = [xdist_project.folder / name for name in ("runs", "ended")]
    while not all(one.exists() for one in marks) and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.5)
    process.kill()
    process.wait(60)

    early = xdist_project.failtrack("recover", "--wait=0")
    late = xdist_project.failtrack("recover")

    assert (early.exit_status, early.records) == (3, [])
    assert "workers of it still run" in early.stderr
    assert late.failures == [
        ("test_long.py::test_fails", "call", "failed"),
        ("test_long.py::test_long", "call", "crashed"),
    ]
