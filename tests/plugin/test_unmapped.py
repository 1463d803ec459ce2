"""S0-18: tests without the marks that the project asks for are QA_UNMAPPED, and fail nothing."""

from __future__ import annotations

from typing import Any

from project import Outcome, Project

ASKS = """
    [tool.failtrack.mapping]
    require = ["component", "requirement"]
    exclude = ["test_smoke.py"]
"""
TESTS = """
    import pytest

    @pytest.mark.component("orders")
    @pytest.mark.requirement("R-1", "R-2")
    def test_mapped(): pass

    @pytest.mark.component("orders")
    def test_half(): pass

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_none(n): pass

    @pytest.mark.component("orders")
    @pytest.mark.requirement
    def test_with_a_mark_that_names_nothing(): pass

    @pytest.mark.requirement(id="R-3")
    class TestAll:
        pytestmark = pytest.mark.component("orders")

        def test_marked_by_its_class(self): pass
"""


def lacking(outcome: Outcome) -> dict[str, str]:
    """Return what each unmapped test lacks, as the run document tells."""
    return {one["nodeid"]: one["reason"] for one in unmapped(outcome)}


def unmapped(outcome: Outcome) -> list[dict[str, Any]]:
    return [one for one in outcome.run["debt"]["items"] if one["kind"] == "unmapped"]


class TestARun:
    def test_names_each_test_once(self, project: Project) -> None:
        project.write("pyproject.toml", ASKS)
        project.write("test_a.py", TESTS)
        project.write("test_smoke.py", "def test_excluded(): pass\n")

        outcome = project.pytest("--strict-markers")

        assert lacking(outcome) == {
            "test_a.py::test_half": "requirement",
            "test_a.py::test_none": "component and requirement",
            "test_a.py::test_with_a_mark_that_names_nothing": "requirement",
        }
        assert {
            (one["test"]["nodeid"], one["subcategory"], one["classification"]["failure_type"])
            for one in outcome.records
        } == {(name, "QA_UNMAPPED", "test_debt") for name in lacking(outcome)}
        assert len(outcome.records) == 3

    def test_stays_green_and_counts_them(self, project: Project) -> None:
        project.write("pyproject.toml", ASKS)
        project.write("test_a.py", TESTS)

        outcome = project.pytest()

        assert outcome.exit_status == 0
        assert outcome.run["debt"]["counts"] == {"unmapped": 3}
        assert outcome.run["debt"]["without_reason"] == 0
        assert "3 unmapped tests" in outcome.stdout

    def test_by_default_nothing_is_asked(self, project: Project) -> None:
        project.write("test_a.py", TESTS)

        outcome = project.pytest("--strict-markers")

        assert outcome.records == []
        assert outcome.run["debt"]["counts"] == {}

    def test_a_test_may_be_skipped_without_a_reason_as_well(self, plain_project: Project) -> None:
        plain_project.write("pyproject.toml", ASKS)
        plain_project.write("test_a.py", "import pytest\n@pytest.mark.skip\ndef test_a(): pass\n")

        outcome = plain_project.pytest()

        assert sorted(one["subcategory"] for one in outcome.records) == [
            "QA_TEST_DEBT",
            "QA_UNMAPPED",
        ]

    def test_many_are_told_of_by_file(self, project: Project) -> None:
        project.write("pyproject.toml", ASKS)
        many = "".join(f"def test_{n}(): pass\n" for n in range(60))
        project.write("test_a.py", many)
        project.write("test_b.py", many)

        outcome = project.pytest()

        assert {one["nodeid"]: one["count"] for one in unmapped(outcome)} == {
            "test_a.py": 60,
            "test_b.py": 60,
        }
        assert outcome.run["debt"]["counts"] == {"unmapped": 120}
        assert len(outcome.records) == 2

    def test_a_configuration_that_cannot_be_used_is_told_once(self, project: Project) -> None:
        project.write("pyproject.toml", "[tool.failtrack.mapping]\nrequires = ['component']\n")
        project.write("test_a.py", TESTS)

        outcome = project.pytest()

        assert outcome.exit_status == 0
        assert len(outcome.run["problems"]) == 1
        assert "unknown key 'requires'" in outcome.run["problems"][0]

    def test_doctests_are_not_asked(self, plain_project: Project) -> None:
        plain_project.write("pyproject.toml", ASKS)
        plain_project.write("notes.txt", ">>> 1 + 1\n2\n")

        outcome = plain_project.pytest("--doctest-glob=*.txt")

        assert outcome.run["totals"]["passed"] == 1
        assert outcome.records == []


class TestTheGate:
    def test_passes_unless_a_rule_says_so(self, plain_project: Project) -> None:
        plain_project.write("pyproject.toml", ASKS)
        plain_project.write("test_a.py", TESTS)
        plain_project.pytest()

        assert plain_project.failtrack("gate").exit_status == 0

        plain_project.write(
            "pyproject.toml", ASKS + "\n    [tool.failtrack.gate]\n    unmapped = 2"
        )
        outcome = plain_project.failtrack("gate")

        assert outcome.exit_status == 1
        assert "rule unmapped: saw 3 tests; allowed 2" in outcome.stdout

    def test_takes_them_for_no_debt_of_another_kind(self, plain_project: Project) -> None:
        rules = "[tool.failtrack.gate]\n    debt_without_reason = 0\n    max_debt = 0"
        plain_project.write("pyproject.toml", f"{ASKS}\n    {rules}")
        plain_project.write("test_a.py", TESTS)
        plain_project.pytest()

        assert plain_project.failtrack("gate").exit_status == 0


class TestTheNextRun:
    def test_a_pass_says_nothing_of_the_marks(self, plain_project: Project) -> None:
        """The record of an unmapped test is not ended by the test's own pass."""
        plain_project.write("pyproject.toml", ASKS)
        plain_project.write("test_a.py", "def test_a(): pass\n")
        plain_project.pytest()

        outcome = plain_project.pytest()

        assert [one["outcomes"] for one in outcome.runs] == [{}, {}]
