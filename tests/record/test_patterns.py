"""What nobody could classify, grouped, with what it could be (S2-56..58)."""

from __future__ import annotations

import re
import shlex

import pytest

from pytest_failtrack.classify.taxonomy import category_of
from pytest_failtrack.record.patterns import (
    NOVEL,
    SUGGESTIONS,
    TRANSIENT,
    Unknown,
    patterns_of,
    suggestion_for,
)


def unknown(code: str, message: str = "", times: int = 1, **changes: object) -> Unknown:
    made = Unknown(code, message, "", "", times, 0, 0, 1_000.0, f"id-{code}-{message}", "r")
    return made._replace(**changes)


class TestGroups:
    def test_errors_of_one_signature_are_one_pattern(self) -> None:
        found = patterns_of(
            [unknown("HTTP_CUSTOM_ERROR", f"weird {n}") for n in range(47)], {}, least=5
        )

        ((only),) = found
        assert (only.primary_error_code, only.total_occurrences) == ("HTTP_CUSTOM_ERROR", 47)
        assert re.fullmatch("[0-9a-f]{12}", only.signature)
        assert len(only.examples) == 3

    def test_errors_that_say_other_things_are_others(self) -> None:
        told = [unknown("unknown", "the gizmo is stuck", 5), unknown("unknown", "no flux today", 5)]

        assert len(patterns_of(told, {}, least=5)) == 2

    def test_what_a_program_tells_joins_the_records_that_are_like_it(self) -> None:
        record = unknown("GizmoError", "GizmoError: gizmo 7 refuses to spin", 3)
        record = record._replace(cause_id="0123456789ab", hash="ba9876543210")
        tokens = {"ba9876543210": "GizmoError: gizmo <num> refuses to spin"}
        told = unknown("GizmoError", "gizmo 9 refuses to spin", 2)

        ((only),) = patterns_of([record, told], tokens, least=5)

        assert (only.signature, only.total_occurrences) == ("0123456789ab", 5)

    def test_texts_that_differ_have_their_code_in_common(self) -> None:
        words = ("alpha", "beta", "gamma", "delta", "omega")
        told = [unknown("QUUX_FAILED", f"{one} and {one[::-1]}") for one in words]

        ((only),) = patterns_of(told, {}, least=5)

        assert (only.total_occurrences, only.entry["patterns"]) == (5, ["QUUX_FAILED"])

    def test_a_type_of_exception_is_no_such_code(self) -> None:
        told = [
            unknown("KeyError", f"'{one}'") for one in ("alpha", "beta", "gamma", "delta", "eta")
        ]

        assert patterns_of(told, {}, least=5) == []

    def test_the_most_frequent_comes_first_and_the_rare_are_left_out(self) -> None:
        told = [
            unknown(f"CODE_{name}", "", times) for name, times in zip("ABC", (4, 9, 5), strict=True)
        ]

        assert [one.primary_error_code for one in patterns_of(told, {}, least=5)] == [
            "CODE_B",
            "CODE_C",
        ]

    def test_what_an_entry_knows_by_now_is_left_out(self) -> None:
        told = [unknown("CODE_A", "", 9), unknown("CODE_B", "", 9)]

        found = patterns_of(told, {}, least=5, is_known=lambda one: one.error_code == "CODE_A")

        assert [one.primary_error_code for one in found] == ["CODE_B"]


class TestSuggestion:
    @pytest.mark.parametrize(
        ("message", "category", "recovery"),
        [
            ("upstream temporarily unavailable", TRANSIENT, "RETRY_EXPONENTIAL"),
            ("answered 503", TRANSIENT, "RETRY_EXPONENTIAL"),
            ("access token for pay has expired", "INFRA", "ROTATE_CREDENTIALS"),
            ("the monthly budget is used up", "INFRA", "FIX_ENVIRONMENT"),
            ("plugin flux not found", "INFRA", "INSTALL_DEPENDENCY"),
            ("setting flux.rate is missing", "INFRA", "FIX_CONFIGURATION"),
            ("unexpected field 'flux'", "INTEGRATION", "FIX_CODE"),
            ("the gizmo is stuck at 15030", "UNKNOWN", "INVESTIGATE"),
        ],
    )
    def test_follows_from_the_words(self, message: str, category: str, recovery: str) -> None:
        """S2-58, C-5: TRANSIENT, or one of the seven categories."""
        found = suggestion_for([unknown("CODE", message)])

        assert (found.category, found.recovery.value) == (category, recovery)

    def test_what_helped_says_more_than_words(self) -> None:
        told = [unknown("CODE", "the budget is used up", 4, recoveries=4, recovered=2)]

        assert suggestion_for(told).category == TRANSIENT

    def test_a_word_of_few_of_them_is_none_of_all(self) -> None:
        told = [unknown("CODE", "stuck", 9), unknown("CODE", "timed out")]

        assert suggestion_for(told) is NOVEL

    @pytest.mark.parametrize("row", [*SUGGESTIONS, NOVEL], ids=lambda row: row.recovery.value)
    def test_category_and_subcategory_belong_together(self, row: object) -> None:
        expected = category_of(row.subcategory).value  # type: ignore[attr-defined]
        assert row.category in (TRANSIENT, expected)  # type: ignore[attr-defined]


class TestEntry:
    def test_matches_all_of_its_errors_and_nothing_known(self) -> None:
        told = [unknown("GIZMO_STUCK", f"gizmo {n} refuses at 10.0.0.{n}") for n in range(9)]

        ((only),) = patterns_of(told, {}, least=5)

        ((regex),) = only.entry["patterns"]
        assert all(re.search(regex, one.line) for one in told)
        ((none),) = patterns_of(
            told, {}, least=5, known_texts=["GIZMO_STUCK: gizmo 1 refuses at 2"]
        )
        assert none.entry == {}

    def test_is_not_made_of_next_to_nothing(self) -> None:
        ((only),) = patterns_of([unknown("unknown", "42", 9)], {}, least=5)

        assert (dict(only.entry), only.command) == ({}, "")

    def test_has_a_name_that_nobody_has(self) -> None:
        told = [unknown("CODE_A", "one thing happened", 9), unknown("CODE_A", "quite another", 9)]

        names = [one.entry["id"] for one in patterns_of(told, {}, least=5, taken_ids={"code-a"})]

        assert len({"code-a", *names}) == 3
        assert all(re.fullmatch("[a-z][a-z0-9-]+", one) for one in names)

    @pytest.mark.parametrize(
        "message", ['it\'s $HOME `x` \\ "quoted"', "-rf --pattern", "a\nb", "🔥 x" * 200, "(.*"]
    )
    def test_its_command_is_one_command(self, message: str) -> None:
        ((only),) = patterns_of([unknown("unknown", f"gizmo broke {message}", 9)], {}, least=5)

        words = shlex.split(only.command)
        assert words[:3] == ["failtrack", "catalog", "add"]
        assert "\n" not in only.command
