"""Reports over a history of a year: what stands in each, and which period it is about."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pytest_failtrack.errors import ConfigError, InputError
from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.questions.causes import common_causes
from pytest_failtrack.history.questions.completeness import completeness
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.totals import summary
from pytest_failtrack.history.shared import share_changes, share_records, share_runs
from pytest_failtrack.policy.reports.document import KINDS, Report
from pytest_failtrack.policy.reports.kinds import make_report
from pytest_failtrack.policy.reports.prevention import NO_OVERRIDES
from pytest_failtrack.policy.reports.scorecard import lines
from pytest_failtrack.sinks import html_page, report_json, report_markdown
from pytest_failtrack.summaries.analytics import NAMES, analytics, content
from pytest_failtrack.summaries.reports import period_of, recipients_of

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from generate_history import END, fill_sqlite, generate


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = str(tmp_path_factory.mktemp("year") / "history.sqlite")
    fill_sqlite(path, generate(1_500, seed=1, days=120))
    database = open_database(path)
    yield database
    database.close()


def made(history: Database, kind: str) -> Report:
    return make_report(
        kind, history, period_of(kind, None, END, END), repository="acme/shop", recipients=("@ada",)
    )


def keys(report: Report) -> list[str]:
    return [one.key for one in report.sections]


class TestContents:
    def test_weekly_has_the_seven_parts(self, history: Database) -> None:
        """S0-144, and S1-149, S1-151, S1-153 to S1-156"""
        report = made(history, "weekly")

        assert keys(report) == [
            "totals", "by_category", "by_severity", "repeats", "mttr", "prevention", "governance",
            "escalation", "overrides", "pattern_accuracy", "together", "process_improvement",
        ]  # fmt: skip
        assert [one.key for one in report.figures] == ["failures", "repeat_rate", "mttr_hours"]
        assert report.audience == ("build owners", "governance team", "the authority")

    def test_monthly_has_the_six_parts(self, history: Database) -> None:
        """S0-146, and S1-150, S1-152, S1-156"""
        report = made(history, "monthly")

        assert keys(report) == [
            "trends", "common_categories", "repeat_rate", "prevention_effectiveness",
            "governance_evolution", "priorities", "process_effectiveness", "clusters",
            "process_improvement", "recommendations",
        ]  # fmt: skip
        assert report.audience == ("leadership", "governance team")

    def test_daily_has_the_hit_rate_by_type_and_team(self, history: Database) -> None:
        """S1-148"""
        assert keys(made(history, "daily")) == [
            "sla_by_type",
            "sla_by_team",
            "new_causes",
            "overdue",
        ]

    def test_new_causes_are_counted_whole(self, history: Database) -> None:
        """A cause that came again on its first day is new in its first record alone."""
        period = period_of("monthly", None, END - timedelta(days=60), END)
        report = make_report("daily", history, period, repository="acme/shop", recipients=())
        section = next(one for one in report.sections if one.key == "new_causes")
        assert section.table is not None
        assert section.table.rows
        for row in section.table.rows:
            wanted = Filter(since=period.since, until=period.until, is_debt=False, cause=(row[0],))
            assert row[5] == sum(one.records for one in common_causes(history, wanted).causes)

    def test_causes_that_came_again_are_counted_as_everywhere(self, history: Database) -> None:
        period = period_of("monthly", None, END, END)
        found = completeness(history, period.since, period.until)

        assert found.causes == summary(history, period.failures()).causes
        assert 0 < found.repeated_causes <= found.causes

    def test_standup_has_what_is_overdue_and_clusters(self, history: Database) -> None:
        """S1-36, S1-37"""
        report = made(history, "standup")

        assert keys(report) == ["unplanned", "planned", "clusters"]
        overdue = {one.key: one.value for one in report.figures}
        assert 0 < (overdue["unplanned"] or 0) <= (overdue["overdue"] or 0)

    def test_scorecard_has_the_seven_lines(self, history: Database) -> None:
        """S0-163"""
        found = lines(history, period_of("scorecard", None, END, END))

        assert [one.key for one in found] == [
            "recorded", "categorized", "analysed", "prevented", "repeats", "governance", "quality",
        ]  # fmt: skip
        assert all(one.figure for one in found)
        assert found[0].is_met is True

    def test_overrides_are_not_invented(self, history: Database) -> None:
        """S1-149: without a record of them nothing is said of their number"""
        report = made(history, "weekly")
        (section,) = (one for one in report.sections if one.key == "overrides")
        (improvement,) = (one for one in report.sections if one.key == "process_improvement")

        assert section.text == NO_OVERRIDES
        assert not section.figures
        (figure,) = (one for one in improvement.figures if one.key == "override_usage")
        assert figure.value is None

    @pytest.mark.parametrize("kind", KINDS)
    def test_is_written_in_every_format(self, history: Database, kind: str) -> None:
        report = made(history, kind)

        for renderer in (report_markdown, report_json, html_page):
            text = renderer.render(report)
            assert "acme/shop" in text
            assert "ada" in text
            assert text.endswith("\n")

    def test_the_figures_agree_with_each_other(self, history: Database) -> None:
        """Days, categories and severities each sum up to all failures."""
        report = made(history, "weekly")
        by_key = {one.key: one for one in report.sections}
        (total,) = (one.value for one in report.figures if one.key == "failures")
        plot = by_key["totals"].plot
        assert plot is not None

        assert sum(value or 0 for one in plot.series for value in one.values) == total
        for key in ("by_category", "by_severity"):
            table = by_key[key].table
            assert table is not None
            assert sum(row[1] for row in table.rows) == total


class TestAnEmptyHistory:
    @pytest.fixture
    def nothing(self) -> Iterator[Database]:
        database = open_database(":memory:")
        yield database
        database.close()

    @pytest.mark.parametrize("kind", KINDS)
    def test_gives_a_report_that_says_so(self, nothing: Database, kind: str) -> None:
        report = made(nothing, kind)

        assert report_markdown.render(report)
        assert html_page.render(report)
        assert report_json.render(report)

    def test_gives_no_zero_where_nothing_is_known(self, nothing: Database) -> None:
        report = made(nothing, "weekly")

        assert [one.value for one in report.figures] == [0, None, None]
        assert [one.before for one in report.figures] == [None, None, None]

    def test_gives_four_files(self, nothing: Database) -> None:
        found = analytics(nothing)

        assert tuple(found) == NAMES
        assert {one["newest_evidence"] for one in found.values()} == {None}


class TestOnPostgres:
    def test_every_report_says_what_it_says_on_sqlite(self, postgres_url: str) -> None:
        """One text for each question, two engines: the same history gives the same reports."""
        steps = list(generate(400, seed=3, days=60))
        database = open_database(postgres_url, "acme/shop")
        assert isinstance(database, PostgresDatabase)
        with closing(database) as shared, TemporaryDirectory() as folder:
            share_records(shared, [(b"{}", one) for step in steps for one in step.records])
            share_runs(shared, [(name, b"{}", one) for step in steps for name, one in step.runs])
            share_changes(shared, [one for step in steps for one in step.changes])
            path = str(Path(folder, "history.sqlite"))
            fill_sqlite(path, steps)
            with closing(open_database(path)) as local:
                for kind in KINDS:
                    texts = [report_json.render(made(one, kind)) for one in (shared, local)]
                    assert json.loads(texts[0]) == json.loads(texts[1]), kind
                found, expected = (analytics(one) for one in (shared, local))
                assert {name: content(one) for name, one in found.items()} == {
                    name: content(one) for name, one in expected.items()
                }


class TestPeriod:
    NOW = datetime(2026, 11, 22, 14, 30, tzinfo=timezone.utc)

    @pytest.mark.parametrize(
        ("kind", "since"),
        [
            ("daily", datetime(2026, 11, 21, 14, 30, tzinfo=timezone.utc)),
            ("standup", datetime(2026, 11, 21, 14, 30, tzinfo=timezone.utc)),
            ("weekly", datetime(2026, 11, 16, tzinfo=timezone.utc)),
            ("monthly", datetime(2026, 10, 24, tzinfo=timezone.utc)),
        ],
    )
    def test_is_so_many_days(self, kind: str, since: datetime) -> None:
        period = period_of(kind, None, None, self.NOW)

        assert (period.since, period.until) == (since, self.NOW)

    def test_that_ends_at_midnight_leaves_the_new_day_out(self) -> None:
        midnight = datetime(2026, 11, 22, tzinfo=timezone.utc)

        assert period_of("weekly", None, midnight, self.NOW).since == midnight - timedelta(days=7)

    def test_is_compared_with_the_same_length_before(self) -> None:
        period = period_of("weekly", self.NOW - timedelta(days=3), self.NOW, self.NOW)

        assert period.before.since == self.NOW - timedelta(days=6)
        assert period.before.until == period.since

    def test_that_is_empty_is_refused(self) -> None:
        with pytest.raises(InputError, match="the period is empty"):
            period_of("weekly", self.NOW, self.NOW - timedelta(days=1), self.NOW)


class TestRecipients:
    def test_are_texts_or_one_text(self) -> None:
        """S0-145, S0-147"""
        table = {"weekly": ["@build", "lead@acme.example"], "monthly": "@leads, @governance"}

        assert recipients_of(table) == {
            "weekly": ("@build", "lead@acme.example"),
            "monthly": ("@leads", "@governance"),
        }

    @pytest.mark.parametrize("table", [{"yearly": []}, {"weekly": 1}, {"weekly": [1]}, "x"])
    def test_that_are_none_are_refused(self, table: object) -> None:
        with pytest.raises(ConfigError, match="reports"):
            recipients_of(table)


class TestAnalytics:
    def test_are_the_same_bytes_of_the_same_evidence(self, history: Database) -> None:
        """S0-140 to S0-143, S4-35"""
        first, second = (
            {name: content(one) for name, one in analytics(history).items()} for _ in range(2)
        )

        assert first == second
        assert tuple(first) == (
            "failure-trends.json",
            "failure-by-category.json",
            "repeat-failures.json",
            "mttr-metrics.json",
        )

    def test_say_their_version_and_what_they_are_made_of(self, history: Database) -> None:
        for one in analytics(history, repository="acme/shop").values():
            assert list(one)[:5] == [
                "schema_version", "repository", "since", "until", "newest_evidence",
            ]  # fmt: skip
            assert (one["schema_version"], one["repository"]) == ("1.0", "acme/shop")

    def test_sum_up(self, history: Database) -> None:
        found = analytics(history)
        trends, categories = found["failure-trends.json"], found["failure-by-category.json"]

        total = trends["totals"]["records"]
        assert sum(one["records"] for one in trends["by_day"]) == total
        assert sum(one["records"] for one in categories["by_category"]) == total
        assert sum(one["records"] for one in categories["by_subcategory"]) == total

    def test_can_be_bounded(self, history: Database) -> None:
        found = analytics(history, since=END - timedelta(days=60), until=END)

        days = found["failure-trends.json"]["by_day"]
        assert days[0]["start"] >= "2026-09-21"
        assert found["mttr-metrics.json"]["deadlines"]["totals"]["due"] > 0
