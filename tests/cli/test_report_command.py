"""`failtrack report` and `failtrack analytics` as a user runs them, on a real project."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "plugin"))
from project import Outcome, Project

TESTS = """
    def test_total(): assert {"a": 1}["b"]
    def test_tax(): assert 1 + 1 == 3
    def test_fine(): pass
"""
TABLE = """
    [tool.failtrack]
    repository = "acme/shop"

    [tool.failtrack.reports]
    weekly = ["@build-owners", "governance@acme.example"]
    monthly = "@leads"
"""

Report = Callable[..., Outcome]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with two causes, seen in two builds; nobody writes to it but its own index."""
    project = Project(tmp_path_factory.mktemp("shop"))
    project.write("test_shop.py", TESTS)
    project.write("pyproject.toml", TABLE)
    for build in ("1", "2"):
        project.pytest("--failtrack-build", build)
    return project


@pytest.fixture
def report(shop: Project) -> Report:
    return lambda *args: shop.failtrack("report", *args)


class TestReport:
    def test_is_markdown_by_default(self, report: Report) -> None:
        outcome = report("--weekly")

        assert outcome.exit_status == 0
        assert outcome.stdout.startswith("# Weekly report: acme/shop\n")
        assert "- Failures: **4** (2 root causes)" in outcome.stdout
        assert "- Repeat rate: **50%** (2 of 4 occurrences)" in outcome.stdout
        assert outcome.stderr == ""

    def test_names_its_recipients(self, report: Report) -> None:
        """S0-145, S0-147: the audience is configuration"""
        data = json.loads(report("--weekly", "--json").stdout)

        assert data["audience"] == ["build owners", "governance team", "the authority"]
        assert data["recipients"] == ["@build-owners", "governance@acme.example"]
        assert json.loads(report("--monthly", "--json").stdout)["recipients"] == ["@leads"]

    @pytest.mark.parametrize("kind", ["daily", "weekly", "monthly", "standup", "scorecard"])
    def test_of_each_kind(self, report: Report, kind: str) -> None:
        data = json.loads(report(f"--{kind}", "--format", "json").stdout)

        assert (data["schema_version"], data["kind"]) == ("1.0", kind)

    @pytest.mark.parametrize(
        ("name", "start"),
        [("week.html", "<!doctype html>"), ("week.json", "{"), ("week.md", "# Weekly"),
         ("week", "# Weekly")],
    )  # fmt: skip
    def test_goes_to_a_file_in_the_format_of_its_name(
        self, report: Report, tmp_path: Path, name: str, start: str
    ) -> None:
        path = tmp_path / "reports" / name

        outcome = report("--weekly", "--output", str(path))

        assert path.read_text(encoding="utf-8").startswith(start)
        assert outcome.stdout == ""
        assert outcome.stderr == f"failtrack: wrote {path}\n"
        assert [one.name for one in path.parent.iterdir()] == [name], "nothing is left beside it"

    def test_of_another_period(self, report: Report) -> None:
        data = json.loads(
            report("--weekly", "--json", "--since", "2026-01-01", "--until", "2026-01-08").stdout
        )

        assert (data["since"], data["until"]) == ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z")
        assert data["figures"]["failures"]["value"] == 0

    @pytest.mark.parametrize(
        ("args", "sentence"),
        [
            ((), "say which report: --daily, --weekly, --monthly, --standup, --scorecard"),
            (("--weekly", "--json", "--format", "html"), "contradict each other"),
            (("--weekly", "--since", "soon"), "'soon' is no time"),
            (("--weekly", "--since", "1d", "--until", "2d"), "the period is empty"),
            (("--weekly", "--format", "pdf"), "pdf"),
        ],
        ids=["which", "formats", "words", "empty", "format"],
    )
    def test_refuses_what_it_cannot_do(
        self, report: Report, args: tuple[str, ...], sentence: str
    ) -> None:
        outcome = report(*args)

        assert outcome.exit_status == 2
        assert sentence in outcome.stderr
        assert outcome.stdout == ""

    def test_that_cannot_be_written_says_why(self, report: Report, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        outcome = report("--weekly", "--output", str(tmp_path / "file" / "week.md"))

        assert outcome.exit_status == 3
        assert "a part of the path is a file" in outcome.stderr

    def test_of_a_project_without_evidence_says_that_there_is_nothing(self, tmp_path: Path) -> None:
        project = Project(tmp_path)

        outcome = project.failtrack("report", "--weekly")

        assert outcome.exit_status == 0
        assert "- Failures: **0**" in outcome.stdout

    def test_names_what_it_could_not_read(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        broken = "elsewhere/failures/00000000-0000-5000-8000-000000000001.json"
        project.write(broken, "{")

        outcome = project.failtrack("report", "--daily", "--dir", "elsewhere/failures")

        assert outcome.exit_status == 0
        assert "Not everything could be read" in outcome.stdout
        assert "00000000-0000-5000-8000-000000000001.json" in outcome.stderr

    def test_refuses_recipients_of_an_unknown_report(self, tmp_path: Path) -> None:
        project = Project(tmp_path)
        project.write("pyproject.toml", "[tool.failtrack.reports]\nyearly = []\n")

        outcome = project.failtrack("report", "--weekly")

        assert outcome.exit_status == 2
        assert "yearly" in outcome.stderr


class TestAnalytics:
    def test_are_four_files_the_same_each_time(self, shop: Project, tmp_path: Path) -> None:
        """S0-140 to S0-143"""
        folders = [tmp_path / "one", tmp_path / "two"]
        for folder in folders:
            shop.failtrack("analytics", "--output", str(folder))

        first, second = ({one.name: one.read_bytes() for one in f.iterdir()} for f in folders)
        assert sorted(first) == [
            "failure-by-category.json",
            "failure-trends.json",
            "mttr-metrics.json",
            "repeat-failures.json",
        ]
        assert first == second

    def test_lie_beside_the_records_by_default(self, shop: Project) -> None:
        outcome = shop.failtrack("analytics")

        folder = shop.folder / "governance/events/failures/analytics"
        trends = json.loads((folder / "failure-trends.json").read_text(encoding="utf-8"))
        assert "governance/events/failures/analytics/failure-trends.json" in outcome.stdout
        assert trends["totals"]["records"] == 4
        assert [one["builds"] for one in trends["causes"]] == [2, 2], "S4-35: failure frequency"
        assert len(outcome.records) == 4, "they are no records"

    def test_are_one_object_too(self, shop: Project, tmp_path: Path) -> None:
        """S4-35: aggregated metrics as one JSON artifact"""
        outcome = shop.failtrack("analytics", "--json", "--output", str(tmp_path / "out"))

        data = json.loads(outcome.stdout)
        assert {one["schema_version"] for one in data.values()} == {"1.0"}
        assert data["repeat-failures.json"]["totals"]["repeats"] == 2
