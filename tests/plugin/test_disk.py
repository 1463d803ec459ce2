"""A disk that is full or cannot be written: pytest goes on as ever, the problem is told once."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from project import Outcome, Project

TESTS = """
import pytest

@pytest.mark.parametrize("number", range(4))
def test_it(number):
    assert number % 2
"""
# A full disk, as far as one process can have its own: no file of it grows over the limit.
LIMIT = """
import os
import resource

import pytest


def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.hookimpl(trylast=True)
def pytest_sessionstart():
    if os.environ["FULL"] == "slot":
        limit(resource.RLIM_INFINITY)
    elif os.environ["FULL"] == "rest of the journal":
        limit(os.stat(next(open_journals())).st_size + 10)


def open_journals():
    from pathlib import Path

    return Path(".failtrack").rglob("main.jsonl")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    limit(1000 if os.environ["FULL"] == "evidence" else resource.RLIM_INFINITY)


limit({"slot": 3500, "journal": 100}.get(os.environ["FULL"], resource.RLIM_INFINITY))
"""
# What is in the way, and what is said about it.
IN_THE_WAY = {
    "governance": "4 of 4 records were not written",
    "governance/events/failures": "4 of 4 records were not written",
    "governance/events/runs": "the run document was not written",
}

no_limits = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


def unspaced(outcome: Outcome) -> str:
    """Return what was printed, without line breaks that the width of the terminal made."""
    return re.sub(r"\s+", " ", outcome.text)


def lines(outcome: Outcome) -> list[str]:
    """Return pytest's own lines, without times and what depends on them; sorted, for workers."""
    text = re.sub(r"in \d+\.\d+s", "in <time>", outcome.stdout)
    before, marker, after = text.partition("= failtrack =")
    own = before.splitlines()[:-1] + after.splitlines()[-1:] if marker else text.splitlines()
    return sorted(line.strip("= ") for line in own if "%]" not in line)


def files(project: Project) -> list[str]:
    return sorted(path.name for path in (project.folder / "governance").rglob("*.*"))


@no_limits
class TestFullDisk:
    @pytest.fixture(autouse=True)
    def suite(self, project: Project) -> None:
        project.write("test_it.py", TESTS)
        project.write("conftest.py", LIMIT)

    @pytest.mark.parametrize(
        ("full", "said"),
        [
            ("slot", "what runs cannot be kept for the case of a crash"),
            ("journal", "is incomplete: only a part of a line could be written"),
            ("rest of the journal", "is incomplete: only a part of a line could be written"),
        ],
    )
    def test_while_tests_run(self, project: Project, full: str, said: str) -> None:
        """What could not be kept for a crash is in memory still: no record is missing."""
        bare = project.run(
            [one for one in project.command() if one != "--failtrack"], env={"FULL": "nothing"}
        )

        outcome = project.pytest(env={"FULL": full})

        assert outcome.exit_status == bare.exit_status == 1
        assert lines(outcome) == lines(bare)
        assert unspaced(outcome).count(said) in (range(1, 4) if project.is_xdist else [1])
        assert len(outcome.records) == 2
        assert outcome.run["is_complete"]
        assert [one for one in outcome.run["problems"] if said in one]
        assert project.failtrack("recover").stdout == "failtrack: no dead run was found\n"

    def test_when_the_evidence_is_written(self, project: Project) -> None:
        """S0-32: nothing half-written lies there, and the journal makes up for it later."""
        outcome = project.pytest(env={"FULL": "evidence"})

        assert outcome.exit_status == 1
        assert unspaced(outcome).count("2 of 2 records were not written") == 1
        assert unspaced(outcome).count("the run document was not written") == 1
        assert files(project) == []
        later = project.failtrack("recover")
        assert later.exit_status == 0
        assert {one["test"]["nodeid"] for one in later.records if one["test"]["nodeid"]} == {
            "test_it.py::test_it[0]",
            "test_it.py::test_it[2]",
        }


@pytest.mark.parametrize("name", IN_THE_WAY)
class TestInTheWay:
    """A file stands where a folder belongs, which stops even root."""

    def test_the_run_is_recovered_as_it_was(self, plain_project: Project, name: str) -> None:
        """It finished, and its record says so: nothing died here."""
        project = plain_project
        project.write("test_it.py", TESTS + "\n@pytest.mark.skip\ndef test_not(): pass\n")
        wanted = project.pytest(
            "--failtrack-dir=elsewhere/failures", "--failtrack-state=elsewhere/state"
        )
        expected = [path.name for path in (project.folder / "elsewhere/failures").iterdir()]
        blocker = project.write(name, "")

        outcome = project.pytest("--failtrack-build=1")
        refused = project.failtrack("recover")
        gate = project.failtrack("gate", "--build=1")
        blocker.unlink()
        later = project.failtrack("recover")

        assert outcome.exit_status == wanted.exit_status == 1
        assert lines(outcome) == lines(wanted)
        assert unspaced(outcome).count("not written") == (2 if name == "governance" else 1)
        assert "`failtrack recover` writes what is missing later" in outcome.stderr
        assert refused.exit_status == 3
        assert "is kept" in refused.stderr
        assert gate.exit_status == 3
        assert later.exit_status == 0
        assert "an earlier run that could not write its evidence" in later.stdout
        assert len(later.records) == len(expected) == 3
        run = later.run
        assert (run["ended"], run["is_complete"], run["exit_status"]) == ("finished", True, 1)
        assert (run["totals"]["failed"], run["totals"]["passed"]) == (2, 2)
        assert run["totals"]["skipped"] == 1
        assert project.failtrack("gate").exit_status == 1


def test_a_state_folder_that_cannot_be_made(project: Project) -> None:
    """Without journals there is no second chance, which is said once; the evidence is written."""
    project.write("test_it.py", TESTS)
    project.write(".failtrack", "")

    outcome = project.pytest()

    assert outcome.exit_status == 1
    assert unspaced(outcome).count("so a crash of this run could not be recovered") == 1
    assert len(outcome.records) == 2
    assert outcome.run["is_complete"]
    assert project.failtrack("gate").exit_status == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_of_the_evidence_whose_name_is_no_text_is_nobodys(plain_project: Project) -> None:
    folder = plain_project.folder / "governance/events/failures"
    folder.mkdir(parents=True)
    (folder / "\udcff.json").write_text("{}")
    plain_project.write("test_it.py", TESTS)

    done = subprocess.run(
        plain_project.command(),
        cwd=plain_project.folder,
        env=plain_project.environ(),
        capture_output=True,
        check=False,
    )

    assert b"internal error" not in done.stdout + done.stderr
    assert b"2 failures, 1 root cause" in done.stdout
    assert plain_project.failtrack("gate").exit_status == 1
    assert plain_project.failtrack("list").exit_status == 0
