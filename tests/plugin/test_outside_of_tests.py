"""What goes wrong outside of every test: one failure is one record, whoever meets it."""

from __future__ import annotations

import os
import shlex

import pytest
from project import Outcome, Project

STRICT = "[pytest]\naddopts = --strict-config\nnonsense = 1\n"
MANY = """
import pytest

@pytest.mark.parametrize("n", range(600))
def test_many(n): pass
"""


def only(outcome: Outcome) -> str:
    """Return the message of the only failure, which the run document names once."""
    record = outcome.record
    assert outcome.run["records"] == [record["failure_id"]], outcome.text
    assert len(outcome.run["causes"]) == 1
    return str(record["failure_description"]["error_message"])


class TestOneFailureIsOneRecord:
    def test_a_key_that_the_configuration_does_not_know(self, project: Project) -> None:
        project.write("pytest.ini", STRICT)
        project.write("test_a.py", "def test_a(): pass\n")

        outcome = project.pytest()

        assert outcome.exit_status == pytest.ExitCode.USAGE_ERROR
        assert only(outcome).strip() == "UsageError: Unknown config option: nonsense"
        assert "1 failure, 1 root cause" in outcome.text

    def test_the_gate_takes_its_run_for_whole(self, project: Project) -> None:
        project.write("pytest.ini", STRICT)
        project.write("test_a.py", "def test_a(): pass\n")
        project.pytest()

        gate = project.failtrack("gate")

        assert gate.exit_status == 1, gate.text
        assert "INCOMPLETE" not in gate.text

    @pytest.mark.parametrize(
        "hook",
        [
            "pytest_sessionstart(session)",
            "pytest_collection(session)",
            "pytest_collection_modifyitems(items)",
            "pytest_runtest_logreport(report)",
            "pytest_sessionfinish(session)",
        ],
    )
    @pytest.mark.parametrize("error", ["RuntimeError('broken hook')", "pytest.UsageError('no')"])
    def test_a_hook_that_raises_in_every_process(
        self, project: Project, hook: str, error: str
    ) -> None:
        project.write("conftest.py", f"import pytest\ndef {hook}:\n    raise {error}\n")
        project.write("test_a.py", "def test_a(): pass\n")

        outcome = project.pytest()

        assert error.partition("'")[2].removesuffix("')") in only(outcome)

    def test_what_is_raised_again_while_it_is_handled(self, plain_project: Project) -> None:
        plain_project.write(
            "conftest.py",
            """
            def pytest_collection_modifyitems(items):
                raise RuntimeError("the lamp went out")

            def pytest_sessionfinish(session):
                raise RuntimeError("the lamp went out")
            """,
        )
        plain_project.write("test_a.py", "def test_a(): pass\n")

        assert "the lamp went out" in only(plain_project.pytest())

    def test_another_error_while_one_is_handled_is_a_failure_too(
        self, plain_project: Project
    ) -> None:
        plain_project.write(
            "conftest.py",
            """
            def pytest_collection_modifyitems(items):
                raise RuntimeError("the lamp went out")

            def pytest_sessionfinish(session):
                raise RuntimeError("and the door is locked")
            """,
        )
        plain_project.write("test_a.py", "def test_a(): pass\n")

        outcome = plain_project.pytest()

        assert len(outcome.records) == 2
        assert len(set(outcome.run["records"])) == 2

    def test_a_worker_that_says_late_what_ended_it(self, xdist_project: Project) -> None:
        xdist_project.write(
            "conftest.py",
            """
            import time

            import pytest

            def pytest_collection(session):
                raise pytest.UsageError("no lamp is lit")

            def pytest_unconfigure(config):
                if hasattr(config, "workerinput"):
                    time.sleep(1)  # xdist knows already that the worker is gone, but not why
            """,
        )
        xdist_project.write("test_a.py", "def test_a(): pass\n")

        assert "no lamp is lit" in only(xdist_project.pytest())


def test_workers_that_collect_different_tests(xdist_project: Project) -> None:
    """pytest-xdist reports it of a worker, as if that were a test."""
    xdist_project.write(
        "test_shop.py",
        """
        import os
        import pytest

        @pytest.mark.parametrize("worker", [os.environ["PYTEST_XDIST_WORKER"], "any"])
        def test_many(worker): pass
        """,
    )

    outcome = xdist_project.pytest()

    assert outcome.failures == [("", "collect", "error")]
    (record,) = outcome.records
    said = "Different tests were collected between"
    assert record["failure_description"]["error_message"].startswith(said)
    assert record["signature"]["token"].startswith(said)
    assert record["classification"]["catalog_entry_id"] == "collections-differ"
    assert record["test"]["worker"] in ("gw0", "gw1")
    assert record["context"]["file_path"] is None
    assert "no error named" not in outcome.text


class TestMistakesInTheCommandLine:
    @pytest.mark.parametrize(
        ("words", "line"),
        [
            (["--nosuch"], "pytest: error: unrecognized arguments: --nosuch"),
            (["--timeuot", "5"], "pytest: error: unrecognized arguments: --timeuot"),
            (["-k", "(("], "UsageError: Wrong expression passed to '-k': (("),
        ],
        ids=["option", "misspelt", "expression"],
    )
    def test_each_is_a_cause_of_its_own(
        self, plain_project: Project, words: list[str], line: str
    ) -> None:
        plain_project.write("test_a.py", "def test_a(): pass\n")

        outcome = plain_project.pytest(*words)

        assert outcome.exit_status == pytest.ExitCode.USAGE_ERROR
        assert line.partition(": error: ")[2] in only(outcome)
        (cause,) = outcome.run["causes"]
        assert cause["headline"].startswith(line)
        assert (
            outcome.record["failure_description"]["summary"]
            .removeprefix("the session failed: ")
            .removeprefix("UsageError: ")
            .startswith(line.removeprefix("UsageError: "))
        )

    def test_another_one_is_new_and_none_has_a_place_in_the_parser(
        self, plain_project: Project
    ) -> None:
        plain_project.pytest("--nosuch")

        outcome = plain_project.pytest("--timeuot", "5")
        gate = plain_project.failtrack("gate")

        assert len(outcome.causes) == 2
        assert "REPEAT" not in outcome.text
        assert gate.exit_status == 1
        assert "to be mended in the project: the gate counts it" in outcome.text
        assert "argparse" not in gate.text

    def test_several_names_that_were_not_found_are_told_line_by_line(
        self, plain_project: Project
    ) -> None:
        plain_project.write("test_a.py", "def test_a(): pass\n")

        message = only(plain_project.pytest("test_a.py::x", "test_a.py::y"))

        assert message.startswith("UsageError: not found: ")
        assert "test_a.py::y" in message.splitlines()[2]


@pytest.mark.skipif(os.name == "nt", reason="a pipe breaks in another way there")
class TestOutputThatNobodyReads:
    @pytest.mark.parametrize("redirect", ["", "2>&1"], ids=["output", "errors too"])
    @pytest.mark.parametrize("lines", [1, 60], ids=["at once", "in the middle"])
    def test_it_is_no_network_failure(self, project: Project, redirect: str, lines: int) -> None:
        project.write("test_a.py", MANY)

        outcome = cut_off(project, redirect, lines)

        record = outcome.record
        assert record["test"]["outcome"] == "interrupted"
        assert record["classification"]["catalog_entry_id"] == "output-unread"
        assert record["severity"] == "LOW"
        assert not record["classification"]["is_retryable"]
        assert only(outcome) == "BrokenPipeError: nobody reads the output of pytest any more"
        assert outcome.run["ended"] == "interrupted"
        assert outcome.run["internal_errors"] == 0
        assert outcome.run["problems"] == []
        assert project.failtrack("gate").exit_status == 1

    def test_a_test_that_failed_before_is_a_failure_beside_it(self, plain_project: Project) -> None:
        plain_project.write("test_a.py", "def test_red():\n    assert 0\n" + MANY)

        outcome = cut_off(plain_project, "", 200)

        assert outcome.failures == [
            ("", "session", "interrupted"),
            ("test_a.py::test_red", "call", "failed"),
        ]

    def test_a_pipe_that_breaks_in_a_test_is_a_failure_of_the_network(
        self, plain_project: Project
    ) -> None:
        plain_project.write(
            "test_a.py",
            """
            import socket

            def test_a():
                here, there = socket.socketpair()
                there.close()
                here.send(b"hello")
            """,
        )

        record = plain_project.pytest().record

        assert record["test"]["outcome"] == "failed"
        assert record["classification"]["catalog_entry_id"] == "connection-lost"
        assert record["classification"]["is_retryable"]


def cut_off(project: Project, redirect: str, lines: int) -> Outcome:
    """Run pytest into a reader that goes away after some lines, while tests still run."""
    command = f"{shlex.join(project.command('-v'))} {redirect} | head -n {lines}"
    return project.run(["bash", "-c", command])
