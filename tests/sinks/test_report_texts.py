"""A report as Markdown and as JSON."""

from __future__ import annotations

import json

from reports import HOSTILE, report

from pytest_failtrack.sinks import report_json, report_markdown


class TestMarkdown:
    def test_begins_with_who_and_the_figures(self) -> None:
        """S0-144, S0-145"""
        assert report_markdown.render(report("shop")).split("\n")[:9] == [
            "# Weekly report: shop",
            "",
            "2026-11-15 00:00Z to 2026-11-22 00:00Z",
            "",
            "For build owners, the authority: `@shop-team`, shop",
            "",
            "- Failures: **1,204** (96 fewer than before (1,300), better, 57 root causes)",
            "- Repeat rate: **31%** (6 points more than before (25%), worse)",
            "- Mean time to resolution: **not known** (shop)",
        ]

    def test_shows_a_plot_as_a_table(self) -> None:
        text = report_markdown.render(report("shop"))

        assert "| Day | seen first | shop |\n| --- | ---: | ---: |\n| 2026-11-20 | 3 | 1 |" in text
        assert "| 2026-11-16 | - |" in text

    def test_says_what_is_left_out_and_where_nothing_is(self) -> None:
        text = report_markdown.render(report("shop"))

        assert "3 more rows not shown." in text
        assert "## Nothing here\n\nNothing failed." in text
        assert "## Not everything could be read" in text

    def test_hostile_text_has_no_effect(self) -> None:
        text = report_markdown.render(report(HOSTILE))

        assert "<script" not in text
        assert "](javascript" not in text
        assert "@everyone" not in text
        assert "\u202e" not in text
        rows = [line for line in text.split("\n") if line.startswith("|")]
        assert {line.count("|") for line in rows if "9c41d07be2a5" in line} == {7}


class TestJson:
    def test_holds_raw_values(self) -> None:
        data = json.loads(report_json.render(report("shop")))

        assert list(data) == [
            "schema_version", "kind", "title", "repository", "since", "until", "audience",
            "recipients", "figures", "sections", "problems",
        ]  # fmt: skip
        assert data["figures"]["repeat_rate"] == {
            "title": "Repeat rate",
            "value": 0.31,
            "kind": "share",
            "before": 0.25,
            "better": "down",
            "note": "",
        }
        assert data["sections"]["causes"]["rows"][1] == {
            "cause_id": "b7c2904e11fd",
            "headline": "x" * 1_000,
            "failures": 0,
            "share": None,
            "hours": None,
            "at": None,
        }
        assert data["sections"]["causes"]["rows_left_out"] == 3
        assert data["sections"]["rate"]["plot"]["series"] == {"rate": [0.5, None, 0.25]}

    def test_takes_text_that_utf_8_cannot_write(self) -> None:
        assert report_json.render(report("\ud800")).isascii()
