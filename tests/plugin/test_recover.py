"""What recovery meets besides plain deaths: other versions, garbage, forks, pytest in pytest."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from project import Project

from pytest_failtrack.observe.journal import JOURNAL_VERSION

DIES = """
def test_fails():
    assert 0

def test_dies():
    import os
    os._exit(3)
"""
NO_DEAD_RUN = "failtrack: no dead run was found\n"

posix = pytest.mark.skipif(not hasattr(sys.modules["os"], "fork"), reason="no fork here")


def journal_of(project: Project) -> Path:
    """Return the journal of the main process of the only run."""
    (found,) = (project.folder / ".failtrack/journals").glob("*/main.jsonl")
    return found


@pytest.fixture
def dead(plain_project: Project) -> Project:
    """A project with one dead run."""
    plain_project.write("test_dies.py", DIES)
    plain_project.pytest()
    return plain_project


DEAD = [
    ("test_dies.py::test_dies", "call", "crashed"),
    ("test_dies.py::test_fails", "call", "failed"),
]


class TestOtherVersions:
    @pytest.fixture
    def newer(self, dead: Project) -> Path:
        path = journal_of(dead)
        first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
        start = json.loads(first) | {"version": JOURNAL_VERSION + 1}
        path.write_text(json.dumps(start) + "\n" + "".join(others), encoding="utf-8")
        return path

    def test_are_refused_with_a_sentence_and_kept(self, dead: Project, newer: Path) -> None:
        before = newer.read_bytes()

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 3
        assert f"version {JOURNAL_VERSION + 1}" in outcome.stderr
        assert f"reads version {JOURNAL_VERSION}" in outcome.stderr
        assert outcome.records == []
        assert newer.read_bytes() == before

    def test_the_next_run_says_so_and_goes_on(self, dead: Project, newer: Path) -> None:
        dead.write("test_dies.py", "def test_passes(): pass\n")

        outcome = dead.pytest("-q")

        assert outcome.exit_status == 0
        assert "recover it with the failtrack" in " ".join(outcome.stdout.split())
        assert outcome.run["ended"] == "finished"
        assert newer.exists()
        assert dead.failtrack("gate").exit_status == 3

    def test_do_not_keep_other_runs_from_their_records(self, dead: Project, newer: Path) -> None:
        dead.pytest()

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 3
        assert outcome.failures == DEAD
        assert newer.exists()


class TestGarbage:
    def test_in_the_slot(self, dead: Project) -> None:
        """The failure is there; what was in flight is not known."""
        journal_of(dead).with_suffix(".slot").write_bytes(b"\xff" * 4096)

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 0
        assert outcome.failures == [("", "session", "crashed"), DEAD[1]]

    def test_in_the_journal(self, dead: Project) -> None:
        with journal_of(dead).open("ab") as file:
            file.write(b'{"observation":1}\n{"observation":{"id":"x"}}\n{"debt":[]}\n\xff\n{"obs')

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 0
        assert outcome.failures == DEAD
        assert "2 lines of the journal of main could not be read" in outcome.run["problems"]
        assert "2 entries of the journal are no observations" in outcome.run["problems"]

    def test_is_counted_in_the_singular_where_there_is_one(self, plain_project: Project) -> None:
        plain_project.write("test_dies.py", "import os\ndef test_dies():\n    os._exit(3)\n")
        plain_project.pytest()
        with journal_of(plain_project).open("ab") as file:
            file.write(b'{"observation":{"id":"x"}}\n{"obs')

        outcome = plain_project.failtrack("recover")

        assert ": 1 record, first test_dies.py::test_dies" in outcome.text
        assert "1 line of the journal of main could not be read" in outcome.run["problems"]
        assert "1 entry of the journal is no observation" in outcome.run["problems"]

    def test_a_start_mark_that_is_lost(self, dead: Project) -> None:
        path = journal_of(dead)
        path.write_bytes(b"\x00" * 20 + path.read_bytes()[20:])

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 0
        assert outcome.failures == DEAD
        assert any("has lost its beginning" in one for one in outcome.run["problems"])

    @pytest.mark.parametrize("kept_bytes", [0, 40], ids=["nothing", "a torn line"])
    def test_a_journal_that_a_full_disk_kept_empty_is_a_run_that_died(
        self, dead: Project, kept_bytes: int
    ) -> None:
        os.truncate(journal_of(dead), kept_bytes)

        outcome = dead.failtrack("recover")

        assert outcome.run["ended"] == "died"
        assert any("has lost its beginning" in one for one in outcome.run["problems"])
        assert dead.failtrack("gate").exit_status != 0

    def test_one_run_that_cannot_be_read_does_not_hide_another(self, dead: Project) -> None:
        """Of a start mark whose settings are no table nothing can be made."""
        path = journal_of(dead)
        first, *others = path.read_text(encoding="utf-8").splitlines(keepends=True)
        start = json.loads(first) | {"settings": 7}
        path.write_text(json.dumps(start) + "\n" + "".join(others), encoding="utf-8")
        dead.pytest()

        outcome = dead.failtrack("recover")

        assert outcome.exit_status == 3
        assert "cannot be recovered and is kept" in outcome.stderr
        assert outcome.failures == DEAD


class TestTheExitStatus:
    """What ended a process only its parent sees; a shell can say it."""

    def died(self, project: Project) -> None:
        project.write("test_dies.py", "import os\ndef test_dies():\n    os._exit(3)\n")
        project.pytest()

    @pytest.mark.parametrize(
        ("told", "line"),
        [
            pytest.param((), "crashed", id="nobody-saw-it"),
            pytest.param(("--exit-status", "143"), "crashed SIGTERM", id="signal"),
            pytest.param(("--exit-status", "3"), "crashed exit status 3", id="status"),
            pytest.param(("--exit-status", "0"), "crashed", id="success"),
        ],
    )
    def test_names_what_ended_the_run(
        self, plain_project: Project, told: tuple[str, ...], line: str
    ) -> None:
        self.died(plain_project)

        outcome = plain_project.failtrack("recover", *told)

        assert outcome.exit_status == 0
        [cause] = outcome.run["causes"]
        assert cause["headline"] == line

    def test_of_one_of_several_runs_is_left_out(self, plain_project: Project) -> None:
        self.died(plain_project)
        (journals,) = (plain_project.folder / ".failtrack/journals").iterdir()
        shutil.copytree(journals, journals.with_name(journals.name + "x"))

        outcome = plain_project.failtrack("recover", "--exit-status", "143")

        assert outcome.exit_status == 0
        assert "2 runs died, and nobody knows which of them ended with 143" in outcome.text
        assert "SIGTERM" not in json.dumps(outcome.records)


class TestPlaces:
    def test_records_go_where_the_dead_run_would_have_put_them(self, dead: Project) -> None:
        (journal_of(dead)).unlink()
        dead.pytest("--failtrack-dir=elsewhere/failures")

        dead.failtrack("recover")

        assert len(list((dead.folder / "elsewhere/failures").iterdir())) == 2
        assert len(list((dead.folder / "elsewhere/runs").iterdir())) == 1
        assert dead.records() == []

    def test_unless_the_command_names_a_place(self, dead: Project) -> None:
        dead.failtrack("recover", "--dir", "named/failures")

        assert len(list((dead.folder / "named/failures").iterdir())) == 2


@posix
class TestForks:
    def test_a_child_that_runs_the_rest_of_the_session(self, plain_project: Project) -> None:
        """The classic trap: a fork without an exit runs every hook a second time."""
        plain_project.write(
            "test_fork.py",
            """
            import os

            def test_before():
                assert 0

            def test_fork():
                os.fork()

            def test_after():
                assert 1 == 2
            """,
        )

        outcome = plain_project.pytest("-W", "ignore", "-p", "no:terminal")

        assert outcome.failures == [
            ("test_fork.py::test_after", "call", "failed"),
            ("test_fork.py::test_before", "call", "failed"),
        ]
        assert outcome.run["ended"] == "finished"
        assert plain_project.failtrack("recover").stdout == NO_DEAD_RUN

    def test_a_child_that_executes_a_tracked_pytest(self, plain_project: Project) -> None:
        """S0-32: it has a run of its own, and the outer one goes on."""
        plain_project.write("inner/test_inner.py", "def test_inner():\n    assert 0\n")
        plain_project.write(
            "test_outer.py",
            """
            import os, sys

            def test_outer():
                child = os.fork()
                if child == 0:
                    command = [sys.executable, "-m", "pytest", "-pfailtrack", "--failtrack"]
                    os.execv(command[0], [*command, "-p", "no:cacheprovider", "inner"])
                os.waitpid(child, 0)
                assert 0
            """,
        )

        outcome = plain_project.pytest("-W", "ignore", "test_outer.py")

        assert outcome.failures == [
            ("inner/test_inner.py::test_inner", "call", "failed"),
            ("test_outer.py::test_outer", "call", "failed"),
        ]
        assert [run["ended"] for run in outcome.runs] == ["finished", "finished"]
        assert plain_project.failtrack("recover").stdout == NO_DEAD_RUN


def test_pytest_inside_of_pytest_with_one_state_folder(project: Project) -> None:
    """The inner one recovers dead runs when it ends: the outer one, of its process, is none."""
    project.write(
        "test_outer.py",
        """
        import pathlib

        pytest_plugins = "pytester"
        STATE = pathlib.Path(__file__).parent / ".failtrack"

        def test_before():
            assert 0

        def test_inner(pytester):
            pytester.makepyfile("def test_it(): assert 0")
            result = pytester.runpytest_inprocess("--failtrack", f"--failtrack-state={STATE}")
            result.assert_outcomes(failed=1)
            assert len(list(pytester.path.glob("governance/events/failures/*.json"))) == 1
            assert 0

        def test_after():
            assert 0
        """,
    )

    outcome = project.pytest("-p", "pytester")

    assert [nodeid for nodeid, _, _ in outcome.failures] == [
        "test_outer.py::test_after",
        "test_outer.py::test_before",
        "test_outer.py::test_inner",
    ]
    assert "recovered an earlier run" not in outcome.text
    assert outcome.run["ended"] == "finished"
    assert project.failtrack("recover").stdout == NO_DEAD_RUN


def test_a_test_that_passed_when_it_was_run_again_is_flaky_in_a_dead_run_as_well(
    project: Project,
) -> None:
    """C-27: as the end would have recorded it, so that no kill at the end doubles it."""
    pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed here")
    project.plugins = ("rerunfailures",)
    project.write(
        "test_flaky.py",
        """
        import os, signal, pytest

        TRIED = []

        @pytest.mark.flaky(reruns=2)
        def test_flaky():
            TRIED.append(1)
            assert len(TRIED) > 1

        def test_dies():
            os.kill(int(os.environ["MAIN"]), signal.SIGKILL)
        """,
    )
    project.write("conftest.py", "import os\nos.environ.setdefault('MAIN', str(os.getpid()))\n")

    project.pytest("--dist=loadfile") if project.is_xdist else project.pytest()
    outcome = project.failtrack("recover")

    assert ("test_flaky.py::test_flaky", "call", "flaky") in outcome.failures
    assert outcome.run["ended"] == "died"


@posix
def test_a_worker_that_dies_before_a_test_is_reported_whole(xdist_project: Project) -> None:
    """C-27: its call failed and is a record; its death is another phase of the same test."""
    xdist_project.write("test_it.py", "def test_it():\n    assert 0\n")
    xdist_project.write(
        "conftest.py",
        """
        import os, signal, pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(report):
            if report.when == "teardown" and "PYTEST_XDIST_WORKER" in os.environ:
                os.kill(os.getpid(), signal.SIGKILL)
        """,
    )

    outcome = xdist_project.pytest()

    assert outcome.failures == [
        ("test_it.py::test_it", "call", "failed"),
        ("test_it.py::test_it", "teardown", "crashed"),
    ]


@pytest.mark.parametrize("name", ["_exceptions", "failure"])
def test_a_failure_that_we_cannot_describe_is_a_record_all_the_same(
    project: Project, name: str
) -> None:
    """A mistake of ours is told, and costs no record."""
    project.write("test_it.py", "def test_it():\n    assert 0\n")
    project.write(
        "conftest.py",
        f"""
        from pytest_failtrack.observe.from_pytest import Drafter

        def broken(*_, **__):
            raise RuntimeError("a mistake of ours")

        assert callable(Drafter.{name})
        Drafter.{name} = broken
        """,
    )

    outcome = project.pytest()

    assert outcome.exit_status == 1
    assert outcome.failures == [("test_it.py::test_it", "call", "failed")]
    assert any("a mistake of ours" in one for one in outcome.run["problems"])
