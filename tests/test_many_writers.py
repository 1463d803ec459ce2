"""Many writers at once into one history: nothing lost, nothing doubled, no deadlock (issue 5).

Eight runs and eight ingests into one SQLite, fifty jobs of a matrix into one PostgreSQL.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inner import HANGS_AFTER_SECONDS

sys.path.insert(0, str(Path(__file__).parent / "cli"))
sys.path.insert(0, str(Path(__file__).parent / "plugin"))

from evidence_folder import make_record, make_run
from project import Project

from pytest_failtrack.config import load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import evidence, run_file
from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.shared import documents_of
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record import build

PROCESSES = 8
JOBS = 50
OWN = 12
TENANT = "shop"
TESTS = """
    import pytest

    @pytest.mark.parametrize("n", range(25))
    def test_of_all(n):
        raise KeyError(f"column {'abcdefghijklmnopqrstuvwxy'[n]}")
"""
# One process of the matrix: a thread a job, each with a checkout and a connection of its own.
WRITER = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from pytest_failtrack.config import load
from pytest_failtrack.ingesting.ingestion import ingest

jobs = json.loads(sys.argv[1])
together = Barrier(len(jobs))

def write(job):
    home, paths = job
    settings = load({}, root=Path(home), cwd=Path(home))
    together.wait(30)
    came = ingest(paths, settings=settings)
    arrived = came.arrived
    return {
        "records": arrived.records.shared,
        "runs": arrived.runs.shared,
        "is_written": came.is_written,
        "problems": list(arrived.problems),
    }

with ThreadPoolExecutor(len(jobs)) as pool:
    print(json.dumps(list(pool.map(write, jobs))))
"""


def rows(database: Database, table: str) -> int:
    ((count,),) = database.rows(f"select count(*) from {table}")
    return int(count)


@pytest.mark.skipif(sys.platform == "win32", reason="too slow to start eight of them there")
def test_runs_into_one_sqlite(tmp_path: Path) -> None:
    """Each run asks the index and adds to it; no sync is needed to find what they added."""
    project = Project(tmp_path)
    project.write("test_shop.py", TESTS)

    started = [
        subprocess.Popen(
            project.command("-q", "--tb=no"),
            cwd=tmp_path,
            env=project.environ(FAILTRACK_BUILD=f"b{number}"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    said = [one.communicate(timeout=HANGS_AFTER_SECONDS)[0] for one in started]

    assert [one.returncode for one in started] == [1] * PROCESSES, said
    assert not [one for one in said if "failtrack itself" in one], said
    with closing(open_database(str(tmp_path / ".failtrack" / "history.sqlite"))) as index:
        assert rows(index, "records") == len(project.records()) == 25 * PROCESSES
        assert index.rows("select build_id, count(*) from records group by 1 order by 1") == [
            (f"b{number}", 25) for number in range(PROCESSES)
        ]
        assert index.rows("select * from unusable") == []
    assert len(project.runs()) == PROCESSES
    settings = replaced(
        load({}, table={}),
        root=tmp_path,
        state_dir=tmp_path / ".failtrack",
        evidence_dir=tmp_path / "governance/events/failures",
    )
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        assert (history.count(), history.count("runs")) == (25 * PROCESSES, PROCESSES)
        assert history.problems == ()


class Matrix:
    """The jobs of a matrix, each with evidence of its own, and what all of it comes to."""

    def __init__(self, root: Path) -> None:
        self.records: dict[str, bytes] = {}
        self.runs: set[str] = set()
        self.folders: list[Path] = []
        for number in range(JOBS):
            folder = root / f"job{number}"
            failures = folder / "governance/events/failures"
            found = [
                make_record(f"tests/test_{number}.py::test_{one}", build_id="4711")
                for one in range(OWN)
            ]
            for record in found:
                content = build.to_json(build.validate(record))
                evidence.write_record(failures, content, record["failure_id"])
                self.records[record["failure_id"]] = content
            document = make_run(found, (), run_id=f"run{number}", job=f"job{number}")
            self.runs.add(run_file.write_run(failures.parent / "runs", document).name)
            (folder / "pyproject.toml").write_text(f'[tool.failtrack]\nrepository = "{TENANT}"\n')
            self.folders.append(folder)

    def jobs(self, rng: random.Random) -> list[tuple[str, list[str]]]:
        """Return home and paths of each job: what it has itself, and what two others have."""
        found = []
        for folder in rng.sample(self.folders, JOBS):
            others = [one for one in rng.sample(self.folders, 3) if one != folder][:2]
            found.append((str(folder), [str(folder), *map(str, others)]))
        return found


def test_jobs_of_a_matrix_into_one_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """Fifty at once, and what each one reads two others read as well."""
    matrix = Matrix(tmp_path)
    jobs = matrix.jobs(random.Random(JOBS))
    kept = {one: os.environ[one] for one in ("PATH", "PYTHONPATH") if one in os.environ}

    started = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, json.dumps(jobs[number::PROCESSES])],
            cwd=tmp_path,
            env=kept | {"FAILTRACK_HISTORY": postgres_url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    ended = [one.communicate(timeout=HANGS_AFTER_SECONDS) for one in started]

    assert [one.returncode for one in started] == [0] * PROCESSES, ended
    told: list[dict[str, Any]] = [one for out, _ in ended for one in json.loads(out)]
    assert Counter(one["is_written"] for one in told) == {True: JOBS}, told
    assert not [one["problems"] for one in told if one["problems"]]
    # Each document was new to one job alone.
    assert sum(one["records"] for one in told) == JOBS * OWN
    assert sum(one["runs"] for one in told) == len(matrix.runs) == JOBS
    with closing(open_database(postgres_url, TENANT)) as database:
        for table in ("records", "documents", "record_keys", "failure_matches"):
            assert rows(database, table) == JOBS * OWN, table
        for table in ("runs", "run_documents"):
            assert rows(database, table) == JOBS, table
        assert documents_of(database, list(matrix.records)) == matrix.records
        assert rows(database, "causes") == 1
