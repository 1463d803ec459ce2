"""pytest's own subtests: those that failed are the failures, their test's summary is none."""

from __future__ import annotations

import sys

import pytest
from project import Outcome, Project

pytestmark = pytest.mark.skipif(
    pytest.version_tuple < (9, 0), reason="subtests are part of pytest from 9.0 on"
)

TWO = """
    def test_fn(subtests):
        with subtests.test("a"):
            assert 1 == 2
        with subtests.test("b"):
            assert "x" == "y"
"""
SECOND_TIME = """
    TRIED = []

    def test_fn(subtests):
        TRIED.append(1)
        with subtests.test("a"):
            assert len(TRIED) > 1
        with subtests.test("b"):
            pass
"""


@pytest.fixture
def rerunning(project: Project) -> Project:
    """A project in which tests can be run again."""
    pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
    project.plugins = ("rerunfailures",)
    return project


def told(outcome: Outcome) -> list[tuple[str, int, str]]:
    """Return outcome, attempt and the name of the subtest of every record, sorted."""
    return sorted(
        (
            one["test"]["outcome"],
            one["test"]["attempt"],
            one["failure_description"]["summary"].partition("([")[2][:1],
        )
        for one in outcome.records
    )


class TestFailedSubtests:
    def test_they_are_the_failures(self, project: Project) -> None:
        project.write("test_s.py", TWO)

        outcome = project.pytest()

        assert told(outcome) == [("failed", 1, "a"), ("failed", 1, "b")]
        assert len(outcome.causes) == 2
        totals = outcome.run["totals"]
        assert (totals["failed"], totals["passed"]) == (2, 0)
        assert "passed" not in outcome.run["files"]["test_s.py"]

    def test_of_unittest_too(self, project: Project) -> None:
        project.write(
            "test_s.py",
            """
            import unittest

            class Case(unittest.TestCase):
                def test_fn(self):
                    with self.subTest("a"):
                        self.assertEqual(1, 2)
                    with self.subTest("b"):
                        self.assertEqual("x", "y")
            """,
        )

        outcome = project.pytest()

        assert told(outcome) == [("failed", 1, "a"), ("failed", 1, "b")]
        assert outcome.run["totals"]["passed"] == 0

    def test_what_their_test_raises_itself_is_a_failure_beside_them(self, project: Project) -> None:
        project.write("test_s.py", TWO + "        raise KeyError('late')\n")

        outcome = project.pytest()

        messages = [one["failure_description"]["error_message"] for one in outcome.records]
        assert len(messages) == 3
        assert "KeyError: 'late'" in messages

    def test_one_that_ends_its_test_is_told_once(self, project: Project) -> None:
        project.write("test_s.py", TWO)

        outcome = project.pytest("-x")

        assert ("failed", 1, "a") in told(outcome)
        assert len(outcome.records) == len(outcome.causes)
        assert outcome.run["totals"]["passed"] == 0

    def test_of_other_tests_the_pass_counts(self, project: Project) -> None:
        project.write("test_s.py", TWO + "\n    def test_other(subtests): pass\n")

        outcome = project.pytest()

        assert outcome.run["totals"]["passed"] == 1
        assert len(outcome.records) == 2


class TestSubtestsThatAreRunAgain:
    def test_a_test_that_never_passed_is_not_flaky(self, rerunning: Project) -> None:
        rerunning.write("test_s.py", TWO)

        outcome = rerunning.pytest("--reruns=1")

        assert outcome.exit_status == 1
        assert told(outcome) == [
            ("failed", 2, "a"),
            ("failed", 2, "b"),
            ("rerun", 1, "a"),
            ("rerun", 1, "b"),
        ]
        assert len(outcome.causes) == 2
        assert "FLAKY" not in outcome.text
        totals = outcome.run["totals"]
        assert (totals["failed"], totals["rerun"], totals["passed"]) == (2, 1, 0)

    def test_a_test_that_passed_at_last_is(self, rerunning: Project) -> None:
        rerunning.write("test_s.py", SECOND_TIME)

        outcome = rerunning.pytest("--reruns=1")

        assert outcome.exit_status == 0
        assert told(outcome) == [("flaky", 1, "a")]
        assert outcome.run["totals"]["passed"] == 1
        assert outcome.run["totals"]["failed"] == 0
        assert rerunning.failtrack("gate").exit_status == 0

    @pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
    def test_a_dead_run_says_the_same(self, rerunning: Project) -> None:
        rerunning.write("test_s.py", SECOND_TIME)
        rerunning.write(
            "test_t.py",
            """
            import os, signal

            def test_dies():
                os.kill(int(os.environ["MAIN"]), signal.SIGKILL)
            """,
        )
        rerunning.write(
            "conftest.py", "import os\nos.environ.setdefault('MAIN', str(os.getpid()))\n"
        )

        rerunning.pytest("--reruns=1", *(["-n", "1"] if rerunning.is_xdist else []))
        outcome = rerunning.failtrack("recover")

        assert ("flaky", 1, "a") in told(outcome)
        assert ("failed", 1, "a") not in told(outcome)


class TestDeathAfterASubtest:
    @pytest.mark.parametrize("name", ["'a'", ""], ids=["named", "nameless"])
    def test_is_one_in_the_body_of_the_test(self, plain_project: Project, name: str) -> None:
        plain_project.write(
            "test_s.py",
            f"""
            import os

            def test_fn(subtests):
                with subtests.test({name}):
                    assert 1 == 2
                os._exit(3)
            """,
        )

        plain_project.pytest()
        outcome = plain_project.failtrack("recover")

        assert outcome.failures == [
            ("test_s.py::test_fn", "call", "crashed"),
            ("test_s.py::test_fn", "call", "failed"),
        ]
