"""Ingest that is killed at random moments, and many of them at once: nothing lost, nothing doubled.

`FAILTRACK_KILLS=100 pytest tests/test_ingest_kill.py` kills more often; `FAILTRACK_KILL_SEED`
repeats the moments of an earlier run, as far as the machine allows.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, cast

import pytest

from inner import HANGS_AFTER_SECONDS

sys.path.insert(0, str(Path(__file__).parent / "cli"))

from evidence_folder import make_record, make_run

from pytest_failtrack.config import load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import changes, evidence, run_file
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import documents_of
from pytest_failtrack.observe.journal import MAIN, Journal
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record import build
from pytest_failtrack.record.digest import records_digest

KILLS = int(os.environ.get("FAILTRACK_KILLS", "6"))
SEED = int(os.environ.get("FAILTRACK_KILL_SEED", random.SystemRandom().randrange(1 << 32)))
RECORDS = 600
JOBS = 6
WRITERS = 8
CHANGED = 40
TENANT = "shop"
COMMAND = "from pytest_failtrack.cli.main import main; main()"
FAILURES = 200
OBSERVATION = {
    "source": "pytest",
    "when": "call",
    "outcome": "failed",
    "text": "E   KeyError: 'x'",
    "worker": "",
    "timestamp": "2026-11-21T10:00:00.000+00:00",
}
AT = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
SPOKEN_BY_CI = ("GITHUB_", "CI", "GITLAB", "BUILD", "FAILTRACK_")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")


class Jobs:
    """What several jobs left behind, as folders and archives, and what all of it comes to."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: list[Path] = []
        self.expected: dict[str, bytes] = {}
        self.events: dict[str, set[str]] = {}
        for number in range(JOBS):
            self._add(number)

    def _add(self, number: int) -> None:
        folder = self.root / f"job{number}"
        events = folder / "governance" / "events"
        records = [
            make_record(f"tests/test_{number}.py::test_{n}", build_id=f"b{number}")
            for n in range(RECORDS // JOBS)
        ]
        for one in records:
            content = build.to_json(build.validate(one))
            evidence.write_record(events / "failures", content, one["failure_id"])
        run_file.write_run(events / "runs", make_run(records, (), build_id=f"b{number}"))
        settings = replaced(load({}, table={}), root=folder, evidence_dir=events / "failures")
        for one in records[: CHANGED // JOBS]:
            changes.change_record(
                settings, one["failure_id"], _assigned, action="assign", by="ada", at=AT
            )
        for path in sorted(events.rglob("*")):
            if path.is_file():
                self.expected[path.relative_to(events).as_posix()] = path.read_bytes()
        if number % 2:
            archive = self.root / f"job{number}.zip"
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
                for path in sorted(folder.rglob("*")):
                    opened.write(path, path.relative_to(folder))
            folder = archive
        self.paths.append(folder)


def _assigned(record: dict[str, Any]) -> dict[str, Any]:
    return record | {"metadata": record["metadata"] | {"owner": "@db"}}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    return Jobs(tmp_path_factory.mktemp("jobs"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def start(home: Path, *paths: Path, history: str = "") -> subprocess.Popen[str]:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(SPOKEN_BY_CI)
    }
    environ |= {"FAILTRACK_HISTORY": history, "FAILTRACK_REPOSITORY": TENANT} if history else {}
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "ingest", *map(str, paths)],
        cwd=home,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert (process.returncode, err) == (0, ""), err
    return out


def content_of(home: Path) -> dict[str, bytes]:
    events = home / "governance" / "events"
    return {
        one.relative_to(events).as_posix(): one.read_bytes()
        for one in sorted(events.rglob("*"))
        if one.is_file() and not one.name.endswith(".tmp")
    }


def index_of(home: Path) -> tuple[int, tuple[str, ...]]:
    settings = replaced(
        load({}, table={}),
        root=home,
        state_dir=home / ".failtrack",
        evidence_dir=home / "governance" / "events" / "failures",
    )
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        return history.count(), history.problems


def lines_once(content: dict[str, bytes]) -> Iterator[str]:
    for name, lines in content.items():
        if name.startswith("changes/"):
            found = [json.loads(line)["event_id"] for line in lines.splitlines()]
            assert len(found) == len(set(found)), name
            yield from found


def test_killed_and_repeated(home: Path, jobs: Jobs) -> None:
    """Issue: can be killed and repeated; S0-138: nothing that is there is lost."""
    rng = random.Random(SEED)
    landed = 0
    for _ in range(KILLS):
        process = start(home, *jobs.paths)
        if rng.random() < 0.8:  # else while it starts
            begun = time.monotonic()
            count = rng.randrange(RECORDS)
            while len(content_of(home)) < count and process.poll() is None:
                assert time.monotonic() - begun < HANGS_AFTER_SECONDS
                time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.1))
        landed += process.poll() is None
        process.kill()
        process.communicate()
        for name, content in content_of(home).items():
            assert content == jobs.expected[name] or name.startswith("changes/"), name

    finished(start(home, *jobs.paths))

    assert content_of(home) == jobs.expected, f"FAILTRACK_KILL_SEED={SEED}"
    assert index_of(home) == (RECORDS, ())
    assert landed or KILLS < 3, f"no kill came in time; FAILTRACK_KILL_SEED={SEED}"


def test_killed_while_versions_are_decided(home: Path, jobs: Jobs) -> None:
    """The record is written before its events: what was decided half is decided alike again."""
    finished(start(home, *jobs.paths))
    failures = home / "governance" / "events" / "failures"
    older = {name: body for name, body in jobs.expected.items() if name.startswith("changes/")}
    for name in older:
        (home / "governance" / "events" / name).unlink()
        path = failures / f"{Path(name).stem}.json"
        path.write_bytes(path.read_bytes().replace(b"@db", b"@shop-team"))
    rng = random.Random(SEED)
    for _ in range(KILLS):
        process = start(home, *jobs.paths)
        changed = home / "governance" / "events" / "changes"
        begun = time.monotonic()
        count = rng.randrange(len(older))
        while process.poll() is None and time.monotonic() - begun < HANGS_AFTER_SECONDS:
            if changed.is_dir() and len(list(changed.iterdir())) >= count:
                break
            time.sleep(0.001)
        process.kill()
        process.communicate()

    finished(start(home, *jobs.paths))

    assert content_of(home) == jobs.expected, f"FAILTRACK_KILL_SEED={SEED}"


def test_killed_while_it_is_shared(home: Path, jobs: Jobs, postgres_url: str) -> None:
    """What was read again is in the shared history as well, once, and the same."""
    rng = random.Random(SEED)
    landed = 0
    with closing(open_database(postgres_url, TENANT)) as database:

        def shared(table: str) -> int:
            ((count,),) = database.rows(f"select count(*) from {table}")
            return int(count)

        for _ in range(KILLS):
            process = start(home, *jobs.paths, history=postgres_url)
            begun = time.monotonic()
            count = shared("documents") + rng.randrange(-20, RECORDS // max(KILLS, 6))
            while shared("documents") < count and process.poll() is None:
                assert time.monotonic() - begun < HANGS_AFTER_SECONDS
                time.sleep(0.002)
            time.sleep(rng.uniform(0, 0.1))
            landed += process.poll() is None
            process.kill()
            process.communicate()
            # In one statement: the server may still be about to commit what the dead one asked for.
            ((*counts,),) = database.rows(
                "select (select count(*) from documents), (select count(*) from record_keys),"
                " (select count(*) from failure_matches)"
            )
            assert len(set(counts)) == 1, counts

        finished(start(home, *jobs.paths, history=postgres_url))

        assert content_of(home) == jobs.expected, f"FAILTRACK_KILL_SEED={SEED}"
        records = {
            Path(name).stem: content
            for name, content in jobs.expected.items()
            if name.startswith("failures/")
        }
        held = documents_of(cast("PostgresDatabase", database), list(records))
        assert held == records, f"FAILTRACK_KILL_SEED={SEED}"
        assert shared("documents") == shared("records") == RECORDS
        assert shared("runs") == shared("run_documents") == JOBS
        assert shared("changes") == CHANGED // JOBS * JOBS
    print(f"kills {KILLS}: {landed} in time; seed {SEED}")


@pytest.fixture(scope="module")
def dead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a run left that died after many failures."""
    root = tmp_path_factory.mktemp("dead")
    journal = Journal(root / ".failtrack" / "journals" / "20261121T100000-4711-abcdef", MAIN)
    told = {"build": "dead", "job": "unit"}
    journal.start({"process": MAIN, "source": "pytest", "settings": told})
    for number in range(FAILURES):
        journal.write(
            {"observation": OBSERVATION | {"id": str(number), "nodeid": f"t.py::t{number}"}}
        )
    journal.close()
    return root


@pytest.mark.parametrize("way", ["killed", "at once"])
def test_a_dead_run(home: Path, dead: Path, way: str) -> None:
    """S2-82: its failures are records, all of them, and the gate believes the run document."""
    rng = random.Random(SEED)
    failures = home / "governance" / "events" / "failures"
    if way == "killed":
        for _ in range(KILLS):
            process = start(home, dead)
            begun = time.monotonic()
            count = rng.randrange(FAILURES)
            while process.poll() is None and time.monotonic() - begun < HANGS_AFTER_SECONDS:
                if failures.is_dir() and len(list(failures.iterdir())) >= count:
                    break
                time.sleep(0.001)
            process.kill()
            process.communicate()
    else:
        for one in [start(home, dead) for _ in range(WRITERS)]:
            finished(one)

    finished(start(home, dead))

    ((_, run),) = evidence.read_runs(home / "governance" / "events" / "runs")
    assert isinstance(run, dict), run
    records = [found for _, found in evidence.read_records(failures, run["records"])]
    assert all(isinstance(one, dict) for one in records)
    assert len(records) == len(set(run["records"])) == FAILURES + 1
    assert sorted(evidence.record_names(failures)) == sorted(
        f"{one}.json" for one in run["records"]
    )
    assert records_digest(one for one in records if isinstance(one, dict)) == run["records_digest"]


def test_many_at_once(home: Path, jobs: Jobs) -> None:
    """Issue: 8 processes into one evidence folder and one index: nothing lost, nothing doubled."""
    rng = random.Random(SEED)
    processes = [start(home, *rng.sample(jobs.paths, JOBS)) for _ in range(WRITERS)]

    outs = [finished(one) for one in processes]

    assert content_of(home) == jobs.expected
    new = sum(int(out.split(" new record")[0].split()[-1].replace(",", "")) for out in outs)
    assert new == RECORDS  # each was new to one of them alone
    assert len(list(lines_once(content_of(home)))) == sum(
        name.startswith("changes/") for name in jobs.expected
    )
    assert index_of(home) == (RECORDS, ())
