"""Root cause analysis: the page of the five questions, out of a record and back into it."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_samples import earlier, record, with_status

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.analysis import SECTIONS, analysed, impact_of, unanswered
from pytest_failtrack.record.analysis_page import page, read_page
from pytest_failtrack.record.build import validate

ANSWERS: dict[str, Any] = {
    "what_happened": "the job failed\nat night",
    "impact": "checkout was down",
    "root_cause": "the export renamed a column",
    "factors": ["nobody was told", "two\nlines"],
    "environment": ["python 3.11.7"],
    "why_not_prevented": "no contract\n\nbetween the two",
    "prevention_measures": ["read both names"],
    "precondition_updates": ["guard:FT012"],
    "governance_updates": ["docs/contracts.md"],
    "test_additions": ["tests/test_x.py::test_it[a-b]"],
    "documentation_updates": ["README.md"],
    "lessons_learned": ["names are a contract"],
    "governance_implications": "contracts are reviewed",
    "fm_evolution_implications": "none",
}
# Lines that a page could take for something of its own.
AWKWARD = st.sampled_from(
    [
        "# x",
        "## Root cause",
        "### y",
        "- z",
        "```",
        "~~~ a",
        "<!-- c -->",
        "\\<!--",
        "\\# x",
        "-->",
        "-",
    ]
)
LINE = (AWKWARD | st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")))).filter(
    lambda one: not re.search(r"[\x85\u2028\u2029]", one)
)
TEXT = st.lists(LINE, max_size=4).map(lambda lines: "\n".join(lines).strip())


def investigating() -> dict[str, Any]:
    made = with_status(record(), "INVESTIGATING")
    made["root_cause"]["analysis_status"] = "IN_PROGRESS"
    return made


class TestPage:
    def test_asks_the_five_questions(self) -> None:
        """S0-115..119"""
        assert re.findall(r"^# (.*)$", page(record()), re.MULTILINE) == [
            "1. What happened",
            "2. Why did it happen",
            "3. Why was it not prevented",
            "4. How is it prevented from happening again",
            "5. What do we learn",
        ]

    def test_is_filled_in_from_the_record(self) -> None:
        """S0-115, S0-116: error, context, environment."""
        answers = read_page(page(record()))

        assert answers["what_happened"] == (
            "tests/test_orders.py::test_total failed in call, in build 100 at "
            "2026-11-21T14:10:00Z.\n"
            "Where: at src/shop/orders.py:88, phase TESTING.\n"
            "Error: KeyError: 'customer_id'"
        )
        assert answers["environment"] == ["python 3.11.7", "branch main"]
        assert answers["root_cause"] == ""

    @pytest.mark.parametrize(("days", "said"), [(1, "1 day"), (12, "12 days")], ids=["one", "many"])
    def test_of_a_repeat_asks_why_prevention_failed(self, days: int, said: str) -> None:
        """S0-125: with what was done about it the last time."""
        made = copy.deepcopy(record())
        last = with_status(record(build="90"), "PREVENTED")
        made["repetition_tracking"] |= {
            "previous_occurrence_ids": [last["failure_id"], earlier().failure_id],
            "days_since_last_occurrence": days,
        }
        made["escalation"]["occurrence"] = 3

        text = page(made, [last])

        assert f"Occurrence 3, the last one {said} before: why did prevention fail?" in text
        assert f"earlier: {last['failure_id']} (PREVENTED)" in text
        assert "  resolution: read both names" in text
        assert "  prevention: contract test of the export" in text
        assert f"earlier: {earlier().failure_id}\n" in text

    def test_shows_what_was_answered_before(self) -> None:
        made = analysed(investigating(), ANSWERS)

        assert read_page(page(made)) == ANSWERS

    def test_takes_over_an_impact_that_was_assessed(self) -> None:
        """S1-38"""
        assert read_page(page(record(), impact="all teams"))["impact"] == "all teams"

    def test_text_of_a_failure_cannot_end_a_comment(self) -> None:
        made = copy.deepcopy(record())
        made["classification"]["reasons"] = ["--> # 2. Why\n## Root cause\nhacked <!--"]

        assert read_page(page(made))["root_cause"] == ""

    @given(text=TEXT, entries=st.lists(TEXT, max_size=3))
    def test_any_answer_is_read_back_as_it_was_given(self, text: str, entries: list[str]) -> None:
        entries = ["\n".join(line for line in one.split("\n") if line.strip()) for one in entries]
        entries = [one for one in entries if one not in ("", "-", "*", "+")]
        entries = ["x\n" + one for one in entries]
        answers = {**ANSWERS, "why_not_prevented": text, "lessons_learned": entries}

        made = analysed(investigating(), answers)

        read = read_page(page(made))
        assert read["why_not_prevented"] == text
        assert read["lessons_learned"] == entries


class TestReading:
    def test_comments_are_left_out_and_fences_are_kept(self) -> None:
        fence = "```\n# <!-- five -->\n```"
        text = f"## Root cause\none <!-- two --> three\n<!--\nfour\n-->\n{fence}\nsix\n"

        assert read_page(text) == {"root_cause": f"one  three\n{fence}\nsix"}

    def test_text_may_stand_right_under_a_question(self) -> None:
        assert read_page("# 3. Why was it not prevented?\nno test\n") == {
            "why_not_prevented": "no test"
        }

    def test_lists_take_bullets_and_plain_lines(self) -> None:
        text = "## Lessons\n- one\n  more\n* two\nthree\n-\n"

        assert read_page(text) == {"lessons_learned": ["one\nmore", "two", "three"]}

    def test_windows_ends_of_lines_and_a_mark_at_the_start_are_understood(self) -> None:
        assert read_page("\ufeff## Lessons\r\n- a\r\n") == {"lessons_learned": ["a"]}

    @pytest.mark.parametrize("text", ["", "\n\n", "<!-- nothing -->\n"], ids=range(3))
    def test_an_empty_page_answers_nothing(self, text: str) -> None:
        assert read_page(text) == {}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("## Root couse\nx", "line 1: 'Root couse' is no heading.*did you mean 'Root cause'"),
            ("# Zzz\nx", "`rca --print` shows them all"),
            ("hello\n## Lessons\n", "line 1: 'hello' stands before the first heading"),
            ("## Lessons\n<!-- x\n- y\n", "the comment that begins in line 2 has no end"),
        ],
        ids=["misspelled", "unknown", "before", "open comment"],
    )
    def test_what_it_does_not_understand_is_named_with_its_line(self, text: str, said: str) -> None:
        with pytest.raises(InputError, match=said):
            read_page(text)


class TestAnalysis:
    def test_is_complete_once_all_five_are_answered(self) -> None:
        """S0-115..119: into root_cause, prevention and learning."""
        made = validate(analysed(investigating(), ANSWERS))

        assert made["root_cause"] == {
            "analysis_status": "COMPLETE",
            "root_cause_summary": "the export renamed a column\n\nWhat happened: the job failed\n"
            "at night\n\nImpact: checkout was down",
            "contributing_factors": [
                "nobody was told",
                "two\nlines",
                "environment: python 3.11.7",
            ],
            "why_not_prevented": "no contract\n\nbetween the two",
        }
        assert made["prevention"] == {key: ANSWERS[key] for key in made["prevention"]}
        assert made["learning"]["lessons_learned"] == ["names are a contract"]
        assert made["learning"]["fm_evolution_implications"] == "none"
        assert impact_of(made) == "checkout was down"
        assert unanswered(made) == []

    @pytest.mark.parametrize("key", [one.key for one in SECTIONS if one.is_required])
    def test_is_in_progress_while_one_lacks(self, key: str) -> None:
        empty: Any = [] if isinstance(ANSWERS[key], list) else ""

        made = validate(analysed(investigating(), ANSWERS | {key: empty}))

        assert made["root_cause"]["analysis_status"] == "IN_PROGRESS"
        assert len(unanswered(made)) == 1

    def test_what_is_left_out_stays(self) -> None:
        made = analysed(investigating(), ANSWERS)

        again = analysed(made, {"impact": "less than we thought"})

        assert impact_of(again) == "less than we thought"
        assert again["prevention"] == made["prevention"]

    def test_of_an_open_record_has_to_begin_first(self) -> None:
        """S0-112"""
        with pytest.raises(InputError, match="from OPEN it can go to INVESTIGATING"):
            analysed(record(), ANSWERS)

    def test_of_a_resolved_record_cannot_be_emptied(self) -> None:
        """S0-113"""
        made = with_status(record(), "RESOLVED")

        with pytest.raises(InputError, match=r"is RESOLVED, which demands .*; unanswered: 1\."):
            analysed(made, {"root_cause": ""})
