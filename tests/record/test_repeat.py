"""New, known or repeat: what earlier occurrences say of a failure (C-8, C-34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from record_samples import NOW, days_ago, earlier

from pytest_failtrack.record.repeat import (
    PREVIOUS_IDS_MAX,
    Repetition,
    find_repetition,
    is_similar_component,
)

CANDIDATE = earlier(failure_id="", build_id="100", timestamp=NOW)


def found(*others, candidate=CANDIDATE, **options):
    return find_repetition(candidate, others, now=NOW, **options)


def ids(count):
    return [f"00000000-0000-5000-8000-{i:012}" for i in range(count)]


class TestWords:
    def test_first_when_no_history_was_found(self):
        """C-34: nothing can be said."""
        assert found(earlier(), has_history=False) == Repetition(
            novelty="FIRST", reasons=("no history was found",)
        )

    def test_new_when_history_does_not_hold_it(self):
        """C-34"""
        assert found(earlier(hash="0" * 12, token="ValueError: other")).novelty == "NEW"

    def test_repeat_when_it_came_in_another_build(self):
        """C-34, S0-86..89"""
        one = earlier()

        assert found(one) == Repetition(
            is_repeat=True,
            previous_occurrence_ids=(one.failure_id,),
            repeat_count=1,
            days_since_last_occurrence=10,
            novelty="REPEAT",
            occurrence=2,
            reasons=("an equal signature was seen before",),
        )

    def test_known_when_it_fails_on_the_base_branch_already(self):
        """C-34: it lists what is known, and does not escalate."""
        answer = found(earlier(), branch="feature")

        assert answer.novelty == "KNOWN"
        assert not answer.is_repeat
        assert (answer.occurrence, answer.repeat_count) == (1, 1)
        assert answer.previous_occurrence_ids == (earlier().failure_id,)

    def test_known_is_a_word_for_other_branches_only(self):
        """C-34"""
        assert found(earlier(), branch="main").novelty == "REPEAT"
        assert found(earlier(), branch="").novelty == "REPEAT"
        assert found(earlier(branch="trunk"), branch="main", base_branch="trunk").novelty == "KNOWN"

    def test_an_open_record_of_another_branch_makes_it_a_repeat(self):
        assert found(earlier(branch="feature"), branch="feature").novelty == "REPEAT"

    @pytest.mark.parametrize("status", ["OPEN", "INVESTIGATING"])
    def test_what_is_investigated_is_still_open(self, status):
        assert found(earlier(status=status), branch="feature").novelty == "KNOWN"

    @pytest.mark.parametrize(
        "end",
        [{"status": "RESOLVED"}, {"status": "PREVENTED"}, {"ended": "healed"}, {"ended": "passed"}],
        ids=str,
    )
    def test_what_had_ended_on_the_base_branch_is_a_repeat(self, end):
        """C-34: healed, resolved, prevented."""
        assert found(earlier(**end), branch="feature").novelty == "REPEAT"


class TestWindow:
    @pytest.mark.parametrize(
        ("age", "is_repeat"),
        [
            (timedelta(days=90), True),
            (timedelta(days=90, seconds=1), False),
            (timedelta(days=400), False),
        ],
        ids=["90 days", "a second more", "long ago"],
    )
    def test_is_90_days(self, age, is_repeat):
        """S0-123"""
        answer = found(earlier(timestamp=NOW - age))

        assert answer.is_repeat == is_repeat
        assert answer.novelty == ("REPEAT" if is_repeat else "NEW")
        assert answer.occurrence == (2 if is_repeat else 1)

    def test_can_be_set(self):
        assert not found(earlier(), window_days=9).is_repeat
        assert found(earlier(), window_days=10).is_repeat

    def test_what_is_known_only_from_long_ago_is_not_known(self):
        assert found(earlier(timestamp=days_ago(91)), branch="feature").novelty == "NEW"

    def test_a_clock_that_runs_ahead_gives_no_negative_days(self):
        answer = found(earlier(timestamp=days_ago(-1)))

        assert answer.days_since_last_occurrence == 0
        assert answer.is_repeat


class TestCounting:
    def test_one_occurrence_is_one_build(self):
        """C-8: forty tests with one cause in one build are one occurrence."""
        forty = [earlier(failure_id=one) for one in ids(40)]

        answer = found(*forty)

        assert (answer.repeat_count, answer.occurrence) == (1, 2)
        assert len(answer.previous_occurrence_ids) == 1

    def test_third_occurrence(self):
        """S0-126"""
        answer = found(
            earlier(failure_id=ids(2)[0], build_id="80", timestamp=days_ago(40)),
            earlier(failure_id=ids(2)[1], build_id="90", timestamp=days_ago(2.5)),
        )

        assert answer.occurrence == 3
        assert answer.days_since_last_occurrence == 2
        assert answer.previous_occurrence_ids == (ids(2)[1], ids(2)[0])

    def test_its_own_build_never_counts(self):
        """C-8: another leg or another attempt of the build is the same occurrence."""
        assert found(earlier(build_id="100")).novelty == "NEW"

    def test_counts_all_builds_and_lists_the_newest(self):
        others = [
            earlier(failure_id=one, build_id=str(i), timestamp=days_ago(i + 1))
            for i, one in enumerate(ids(50))
        ]

        answer = found(*reversed(others))

        assert answer.repeat_count == 50
        assert answer.previous_occurrence_ids == tuple(ids(50)[:PREVIOUS_IDS_MAX])


class TestSameCause:
    def test_alias_proves_it_on_either_side(self):
        """C-6, C-8"""
        old = earlier(hash="aaaaaaaaaaaa", token="")

        assert found(old, candidate=replace(CANDIDATE, aliases=("aaaaaaaaaaaa",))).is_repeat
        assert found(replace(old, aliases=(CANDIDATE.hash,))).is_repeat
        assert not found(old).is_repeat

    def test_equal_signature_of_another_category_is_a_repeat_that_says_so(self):
        """C-8"""
        answer = found(earlier(category="QA", subcategory="QA_ASSERTION_INCORRECT"))

        assert answer.is_repeat
        assert answer.reasons[-1] == (
            "its category changed: it was QA / QA_ASSERTION_INCORRECT, "
            "it is INTEGRATION / INTEGRATION_DATA_MISMATCH"
        )

    def test_similar_token_is_a_repeat(self):
        """S0-121: same or similar root cause."""
        candidate = replace(CANDIDATE, token="KeyError: column customer_id missing in export")
        other = earlier(hash="0" * 12, token="KeyError: column customer_id missing in the export")

        answer = found(other, candidate=candidate)

        assert answer.is_repeat
        assert answer.reasons == (f"a similar cause was seen before ({other.failure_id})",)

    @pytest.mark.parametrize(
        "difference",
        [
            {"category": "QA", "subcategory": "QA_ASSERTION_INCORRECT"},
            {"subcategory": "INTEGRATION_TIMING"},
            {"component": "billing"},
            {"token": "KeyError: 'order_id' @ src/shop/orders.py:build_order"},
            {"token": "ValueError: 'customer_id' @ src/shop/orders.py:build_order"},
            {"token": ""},
        ],
        ids=["category", "subcategory", "component", "message", "type", "no token"],
    )
    def test_similarity_needs_the_same_class_component_and_type(self, difference):
        """S0-120..122"""
        assert found(earlier(hash="0" * 12)).is_repeat
        assert not found(earlier(hash="0" * 12, **difference)).is_repeat

    def test_tokens_that_say_nothing_are_not_alike(self):
        candidate = replace(CANDIDATE, token="no-stack")

        assert not found(earlier(hash="0" * 12, token="no-stack"), candidate=candidate).is_repeat


class TestComponents:
    @pytest.mark.parametrize(
        ("one", "other", "is_similar"),
        [
            ("orders", "orders", True),
            ("shop", "shop.orders", True),
            ("shop/orders", "shop", True),
            ("order", "orders", False),
            ("orders", "billing", False),
        ],
    )
    def test_are_similar_when_one_lies_inside_of_the_other(self, one, other, is_similar):
        """S0-122"""
        assert is_similar_component(earlier(component=one), earlier(component=other)) == is_similar

    @pytest.mark.parametrize(
        ("one", "other", "is_similar"),
        [
            ("src/shop/orders.py", "src/shop/orders.py", True),
            ("src/shop/orders.py", "src/shop/tax.py", True),
            ("src/shop/orders.py", "src/bank/tax.py", False),
            ("a.py", "b.py", False),
            ("a.py", "", False),
            ("", "", True),
        ],
    )
    def test_without_a_name_the_file_or_its_folder_decides(self, one, other, is_similar):
        """S0-122"""
        left = earlier(component="", file_path=one)
        right = earlier(component="", file_path=other)

        assert is_similar_component(left, right) == is_similar


class TestReopening:
    @pytest.mark.parametrize("status", ["RESOLVED", "PREVENTED"])
    def test_a_recurrence_reopens(self, status):
        """S0-110"""
        one = earlier(status=status)

        assert (found(one).reopens, found(one).reopened_from) == ((one.hash,), status)

    def test_what_ended_is_reopened_whatever_its_age(self):
        """S0-110: what is RESOLVED does not occur any longer (S0-113)."""
        first, second = ids(2)
        answer = found(
            earlier(failure_id=first, status="RESOLVED", timestamp=days_ago(200), build_id="10"),
            earlier(failure_id=second, ended_alike="PREVENTED"),
        )

        assert (answer.reopens, answer.reopened_from) == ((earlier().hash,), "PREVENTED")

    def test_after_the_window_it_is_back_but_does_not_count(self):
        """C-8, C-34"""
        answer = found(earlier(status="RESOLVED", timestamp=days_ago(200)))

        assert answer.novelty == "REPEAT"
        assert (answer.is_repeat, answer.repeat_count, answer.occurrence) == (False, 0, 1)
        assert answer.days_since_last_occurrence == 200

    def test_a_similar_cause_reopens_nothing(self):
        """S0-110: the same signature."""
        assert found(earlier(hash="0" * 12, status="RESOLVED")).reopens == ()

    def test_what_is_open_is_not_reopened(self):
        assert found(earlier()).reopens == ()
