"""S0-19: everything that a run did not test is counted, with its place and its reason."""

from __future__ import annotations

from typing import Any

from project import Outcome, Project


def items(outcome: Outcome, kind: str) -> list[dict[str, Any]]:
    """Return the items of one kind in the run document."""
    return [one for one in outcome.run["debt"]["items"] if one["kind"] == kind]


SKIPS = """
import pytest, unittest

@pytest.mark.skip(reason="needs a printer")
def test_skip(): pass

@pytest.mark.skip
def test_bare_skip(): pass

@pytest.mark.skipif(True, reason="not on this platform")
def test_skipif(): pass

def test_importorskip():
    pytest.importorskip("nothing_of_that_name", reason="could not import it: optional")

def test_in_the_body():
    pytest.skip("no network")

@unittest.skip("by unittest")
class Case(unittest.TestCase):
    def test_case(self): pass

@pytest.mark.parametrize("n", [])
def test_empty(n): pass
"""
XFAILS = """
import pytest

@pytest.mark.xfail(reason="BUG-1")
def test_xfail(): assert 0

@pytest.mark.xfail(run=False, reason="it hangs")
def test_not_run(): pass

@pytest.mark.xfail(reason="BUG-2")
def test_xpass(): pass

def test_in_the_body():
    pytest.xfail("BUG-3")
"""


NOTES_FILES = """
    from pathlib import Path

    def pytest_collect_file(file_path):
        with Path(__file__).with_name("asked.txt").open("a") as notes:
            notes.write(file_path.name + "\\n")
"""


class TestCensus:
    def test_every_kind_of_skip(self, project: Project) -> None:
        project.write("test_skips.py", SKIPS)

        outcome = project.pytest()

        counts = outcome.run["debt"]["counts"]
        assert counts == {"skip": 4, "skipif": 1, "importorskip": 1, "empty_parametrize": 1}
        (skipif,) = items(outcome, "skipif")
        assert skipif["reason"] == "not on this platform"
        assert skipif["file"] == "test_skips.py"
        assert skipif["line"]
        assert outcome.run["totals"]["skipped"] == 7

    def test_an_unexpected_pass_is_a_false_positive_and_fails_nothing(
        self, project: Project
    ) -> None:
        """S0-16: a test passes when it should fail, whether or not its xfail gives a reason."""
        project.write(
            "test_xpass.py",
            """
            import pytest

            @pytest.mark.xfail(reason="BUG-2")
            def test_with_a_reason(): pass

            @pytest.mark.xfail
            def test_without(): pass
            """,
        )
        rules = "[tool.failtrack.gate]\ndebt_without_reason = 1\n"
        project.write("pyproject.toml", rules)

        outcome = project.pytest()

        assert outcome.exit_status == 0
        assert {
            (one["test"]["nodeid"], one["subcategory"], one["severity"]) for one in outcome.records
        } == {
            ("test_xpass.py::test_with_a_reason", "QA_FALSE_POSITIVE", "LOW"),
            ("test_xpass.py::test_without", "QA_FALSE_POSITIVE", "LOW"),
        }
        assert outcome.run["debt"]["without_reason"] == 1
        assert project.failtrack("gate").exit_status == 0

    def test_every_kind_of_xfail(self, project: Project) -> None:
        project.write("test_xfails.py", XFAILS)

        outcome = project.pytest()

        assert outcome.run["debt"]["counts"] == {"xfail": 3, "xpass": 1}
        reasons = {one["reason"] for one in items(outcome, "xfail")}
        assert reasons == {"BUG-1", "it hangs", "BUG-3"}
        assert outcome.record["test"]["nodeid"] == "test_xfails.py::test_xpass"

    def test_a_module_that_skips_itself(self, project: Project) -> None:
        project.write(
            "test_module.py",
            "import pytest\npytest.skip('not here', allow_module_level=True)\n",
        )
        project.write("test_optional.py", "import pytest\npytest.importorskip('no_such_thing')\n")

        outcome = project.pytest()

        assert outcome.run["debt"]["counts"] == {"skip": 1, "importorskip": 1}
        (skip,) = items(outcome, "skip")
        assert (skip["file"], skip["line"], skip["reason"]) == ("test_module.py", 2, "not here")

    def test_what_is_deselected_and_ignored(self, project: Project) -> None:
        project.write("test_a.py", "def test_one(): pass\ndef test_two(): pass\n")
        project.write("test_b.py", "def test_one(): pass\n")

        outcome = project.pytest("-k", "one", "--ignore=test_b.py")

        assert outcome.run["debt"]["counts"] == {"deselected": 1, "ignored": 1}
        (deselected,) = items(outcome, "deselected")
        assert (deselected["file"], deselected["count"]) == ("test_a.py", 1)
        assert deselected["reason"] == "deselected by -k one"
        (ignored,) = items(outcome, "ignored")
        assert (ignored["file"], ignored["reason"]) == ("test_b.py", "--ignore")
        assert outcome.run["totals"]["deselected"] == 1

    def test_evidence_is_neither_collected_nor_called_ignored(self, project: Project) -> None:
        """pytest would ask every plugin about each of 100,000 records, at every run."""
        project.write("test_a.py", "def test_one(): assert 0\n")
        project.write("conftest.py", NOTES_FILES)
        project.pytest()
        for name in ("failures/analytics/mttr-metrics.json", "changes/a.jsonl", "archive/b.zip"):
            project.write(f"governance/events/{name}", "{}")

        second = project.pytest()

        assert (project.folder / "asked.txt").read_text(encoding="utf-8").split().count("test_a.py")
        asked = (project.folder / "asked.txt").read_text(encoding="utf-8")
        assert not any(one in asked for one in (".json", ".zip"))
        assert second.runs[-1]["debt"]["counts"] == {}

    def test_a_folder_that_holds_more_than_evidence_is_collected(self, project: Project) -> None:
        project.write("tests/runs/test_a.py", "def test_one(): pass\n")

        outcome = project.pytest("--failtrack-dir=tests/failures")

        assert "1 passed" in outcome.text

    def test_evidence_that_is_asked_for_is_collected(self, project: Project) -> None:
        project.write("evidence/failures/a.json", "{}")
        project.write("conftest.py", NOTES_FILES)

        project.pytest("--failtrack-dir=evidence/failures", "evidence/failures")

        assert "a.json" in (project.folder / "asked.txt").read_text(encoding="utf-8")


class TestFindings:
    def test_debt_without_a_reason_is_a_record(self, project: Project) -> None:
        project.write("test_debt.py", "import pytest\n\n@pytest.mark.skip\ndef test_it(): pass\n")

        outcome = project.pytest()

        assert outcome.exit_status == 0
        record = outcome.record
        assert (record["category"], record["subcategory"]) == ("QA", "QA_TEST_DEBT")
        assert record["severity"] == "LOW"
        assert project.failtrack("gate").exit_status == 0

    def test_debt_past_its_date_is_an_expired_exception(self, project: Project) -> None:
        """S0-40; the marker and the same words in a reason are both understood."""
        project.write(
            "test_debt.py",
            """
            import pytest

            @pytest.mark.skip(reason="later until=2020-01-31 ticket=SHOP-7 owner=@ann")
            def test_words(): pass

            @pytest.mark.failtrack_debt(owner="@bob", ticket="SHOP-8", until="2020-02-28")
            @pytest.mark.xfail(reason="later")
            def test_marker(): assert 0

            @pytest.mark.skip(reason="later until=2999-12-31")
            def test_accepted(): pass
            """,
        )

        outcome = project.pytest()

        subcategories = [one["subcategory"] for one in outcome.records]
        assert subcategories == ["GOVERNANCE_EXCEPTION_EXPIRED"] * 2
        assert outcome.run["debt"]["expired"] == 2
        by_until = {one["until"]: one for one in outcome.run["debt"]["items"]}
        assert by_until["2020-01-31"]["owner"] == "@ann"
        assert by_until["2020-01-31"]["ticket"] == "SHOP-7"
        assert by_until["2020-02-28"]["owner"] == "@bob"
        assert by_until["2999-12-31"]["reason"] == "later"
        assert project.failtrack("gate").exit_status == 1
