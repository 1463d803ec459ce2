"""S0-14: a run that pytest-cov fails for its coverage has a record that says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import Outcome, Project

pytest.importorskip("pytest_cov", reason="pytest-cov is not installed here")

SHOP = """
    def price(x):
        if x:
            return 1
        return 2

    def never_called():
        y = 1
        return y
"""


@pytest.fixture(params=["plain", "xdist"])
def covered(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A project of which 57 % are covered, beside pytest-cov."""
    if request.param == "xdist":
        pytest.importorskip("xdist", reason="pytest-xdist is not installed here")
    project = Project(tmp_path, request.param, plugins=("pytest_cov",))
    project.write("shop.py", SHOP)
    project.write("test_shop.py", "import shop\ndef test_price(): assert shop.price(1) == 1\n")
    return project


def run(project: Project, *args: str) -> Outcome:
    """Run the tests with coverage of the shop."""
    return project.pytest("--cov=shop", *args)


class TestUnderTheThreshold:
    def test_is_one_record(self, covered: Project) -> None:
        outcome = run(covered, "--cov-fail-under=90")

        assert outcome.exit_status == 1
        record = outcome.record
        assert (record["category"], record["subcategory"]) == ("QA", "QA_COVERAGE_INCOMPLETE")
        assert record["failure_description"]["details"] == (
            "error: coverage 57.1 % is under 90 %\n  3 lines missing in shop.py"
        )
        assert outcome.run["problems"] == []

    def test_the_gate_says_more_than_that_no_record_explains_it(self, covered: Project) -> None:
        run(covered, "--cov-fail-under=90")

        outcome = covered.failtrack("gate")

        assert outcome.exit_status == 1
        assert "rule new" in outcome.stdout

    def test_beside_failing_tests_it_is_one_record_more(self, covered: Project) -> None:
        covered.write("test_red.py", "def test_red(): assert 0\n")

        outcome = run(covered, "--cov-fail-under=90")

        assert sorted(one["test"]["nodeid"] for one in outcome.records) == [
            "coverage",
            "test_red.py::test_red",
        ]

    def test_the_threshold_of_coverage_itself_counts(self, covered: Project) -> None:
        covered.write(".coveragerc", "[report]\nfail_under = 80\nprecision = 1\n")

        outcome = run(covered)

        assert outcome.exit_status == 1
        assert "57.1 % is under 80 %" in outcome.record["failure_description"]["summary"]

    def test_without_a_report_on_the_terminal_no_file_is_named(self, covered: Project) -> None:
        outcome = run(covered, "--cov-fail-under=90", "--cov-report=")

        details = outcome.record["failure_description"]["details"]
        assert details == "error: coverage 57.1 % is under 90 %"


class TestWhatIsFine:
    @pytest.mark.parametrize(
        "args",
        [
            pytest.param((), id="no-threshold"),
            pytest.param(("--cov-fail-under=57",), id="reached"),
            pytest.param(("--cov-fail-under=90", "--no-cov"), id="switched-off"),
        ],
    )
    def test_has_no_record(self, covered: Project, args: tuple[str, ...]) -> None:
        outcome = run(covered, *args)

        assert outcome.exit_status == 0
        assert outcome.records == []
