"""What earlier runs say about a failing test: C-20, C-31."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.past import (
    Past,
    Sighting,
    ago,
    weighed_by_commit,
    weighed_by_turns,
    with_order,
)

CATALOG = load_catalog()
NOW = datetime(2026, 11, 21, 14, 10, tzinfo=timezone.utc)
COMMIT = "3f2a91c0d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0"
WRONG = {"type": "AssertionError", "message": "assert 101 == 100", "place": "test"}
LATE = {"type": "TimeoutError", "message": "", "place": "test"}
REFUSED = {"type": "ConnectionRefusedError", "message": "[Errno 111] Connection refused"}
SURE = {"type": "hypothesis.errors.FlakyFailure", "message": "unreliable results"}
HERE = Sighting("513", NOW, collected=40)
BEFORE = Sighting("512", NOW - timedelta(hours=2), collected=40)
EARLIER = Sighting("511", NOW - timedelta(hours=3), collected=40)


def a_past(*passed, failed=(), here=HERE, **changes):
    return Past(COMMIT, here, passed=passed, failed=failed, **changes)


def weigh(table, past, **changes):
    observation = replace(observation_of(table), **changes)
    given = classify(observation, CATALOG)
    flaky = replace(observation, outcome="flaky")
    return weighed_by_commit(given, observation, past, lambda: classify(flaky, CATALOG))


class TestTheSameCommit:
    def test_on_which_it_passed_did_not_break_it(self):
        answer, is_settled = weigh(WRONG, a_past(BEFORE))

        assert is_settled
        assert (answer.category, answer.subcategory) == ("QA", "QA_FALSE_NEGATIVE")
        assert answer.confidence == 0.6
        assert answer.reasons[1] == (
            "It passed on the same commit 3f2a91c in build 512, 2 hours ago, so the change is not"
            " what made it fail."
        )

    def test_on_which_it_passed_and_failed_makes_it_surer(self):
        answer, _ = weigh(WRONG, a_past(BEFORE, failed=[EARLIER]))

        assert answer.confidence == 0.7
        assert answer.reasons[1].endswith(" It failed in the same way in build 511, 3 hours ago.")

    def test_that_it_is_flaky_makes_it_no_less_severe_and_lets_nobody_retry_it(self):
        """C-14: a failing assertion is never retried."""
        answer, _ = weigh(WRONG, a_past(BEFORE))

        assert (answer.severity, answer.is_retryable) == ("HIGH", False)
        assert answer.failure_type == "test_failure"

    def test_of_many_tests_at_once_points_at_what_they_share(self):
        few, _ = weigh(WRONG, a_past(BEFORE, others=4))
        many, _ = weigh(WRONG, a_past(BEFORE, others=2_999))

        assert "other tests" not in few.reasons[1]
        assert many.reasons[1].endswith(
            " So did 2,999 other tests that fail now: look at what they share."
        )

    def test_takes_the_timing_for_what_ran_out_of_time(self):
        answer, _ = weigh(LATE, a_past(BEFORE))

        assert answer.subcategory == "INTEGRATION_TIMING"

    def test_on_which_it_failed_in_the_same_way_makes_us_surer(self):
        answer, is_settled = weigh(WRONG, a_past(failed=[BEFORE]))

        assert not is_settled
        assert (answer.subcategory, answer.confidence) == ("ARCHITECTURE_DRIFT", 0.5)
        assert answer.reasons[1] == (
            "It failed in the same way on the same commit 3f2a91c in build 512, 2 hours ago."
        )

    def test_leaves_infrastructure_what_it_is_and_says_that_it_passed(self):
        answer, is_settled = weigh(REFUSED, a_past(BEFORE))

        assert not is_settled
        assert answer.category == "INFRA"
        assert answer.reasons[1] == (
            "It passed on the same commit 3f2a91c in build 512, 2 hours ago."
        )

    def test_does_not_argue_with_what_the_message_proves(self):
        given = classify(observation_of(SURE), CATALOG)
        answer, _ = weigh(SURE, a_past(BEFORE))

        assert given.confidence > 0.75
        assert answer.subcategory == given.subcategory
        assert "It passed on the same commit" in answer.reasons[1]

    def test_in_another_leg_says_where_it_passed_and_moves_nothing(self):
        """A change may break one Python or one platform alone."""
        elsewhere = replace(BEFORE, place="in leg py3.12-linux")
        answer, is_settled = weigh(WRONG, a_past(elsewhere))

        assert not is_settled
        assert (answer.subcategory, answer.confidence) == ("ARCHITECTURE_DRIFT", 0.4)
        assert answer.reasons[1].endswith("in build 512, 2 hours ago, in leg py3.12-linux.")

    @pytest.mark.parametrize(
        ("sighting", "words"),
        [
            (replace(BEFORE, is_this_build=True), "in another run of this build, 2 hours ago"),
            (replace(BEFORE, build_id="local-x-1"), "in an earlier run, 2 hours ago"),
        ],
        ids=["this build", "local"],
    )
    def test_is_named_as_people_know_it(self, sighting, words):
        assert words in weigh(WRONG, a_past(sighting))[0].reasons[1]

    @pytest.mark.parametrize(
        "change",
        [{"source": "command"}, {"outcome": "flaky"}, {"outcome": "crashed"}, {"nodeid": "a.py"}],
        ids=["command", "flaky", "crashed", "file"],
    )
    def test_says_nothing_of_what_is_no_failing_test(self, change):
        answer, is_settled = weigh(WRONG, a_past(BEFORE), **change)

        assert not is_settled
        assert not any("same commit" in one for one in answer.reasons)

    def test_explains_what_no_entry_knew(self):
        observation = observation_of({"type": "shop.Odd", "message": "", "place": "none"})
        given = replace(classify(observation, CATALOG), match_type="unknown", best_guess="X")
        answer, _ = weighed_by_commit(
            replace(given, category="UNKNOWN", subcategory="UNKNOWN_ROOT_CAUSE", confidence=0.2),
            observation,
            a_past(BEFORE),
            lambda: classify(replace(observation, outcome="flaky"), CATALOG),
        )

        assert (answer.subcategory, answer.match_type) == ("QA_FALSE_NEGATIVE", "similar")
        assert answer.best_guess == ""

    def test_names_no_commit_where_files_were_edited_since(self):
        """That commit itself may well pass."""
        answer, _ = weigh(WRONG, a_past(failed=(BEFORE,), is_edited=True))

        assert "It failed in the same way on the same files in build 512" in " ".join(
            answer.reasons
        )
        assert COMMIT[:7] not in " ".join(answer.reasons)

    def test_without_any_past_changes_nothing(self):
        observation = observation_of(WRONG)
        given = classify(observation, CATALOG)

        assert weigh(WRONG, a_past()) == (given, False)


class TestOrder:
    SHUFFLED = replace(HERE, order="--randomly-seed=7")

    def test_matters_when_it_passed_in_another(self):
        other = replace(BEFORE, order="--randomly-seed=3")
        answer, is_settled = weigh(WRONG, a_past(other, here=self.SHUFFLED))

        assert is_settled
        assert answer.subcategory == "INTEGRATION_DEPENDENCY_ORDER"
        assert answer.recovery_mode == "FIX_TEST"
        assert "in another order: it may depend on what ran before it" in answer.reasons[1]
        assert "`pytest --randomly-seed=7` repeats the order" in answer.reasons[1]

    def test_does_not_matter_to_a_test_that_runs_alone(self):
        alone = replace(self.SHUFFLED, collected=1)
        other = replace(BEFORE, order="--randomly-seed=3", collected=1)
        answer, _ = weigh(WRONG, a_past(other, here=alone))

        assert answer.subcategory != "INTEGRATION_DEPENDENCY_ORDER"
        assert "order" not in answer.reasons[1]

    def test_names_the_test_that_ran_before_where_that_is_known(self):
        answer, _ = weigh(
            WRONG,
            a_past(replace(BEFORE, collected=1)),
            after="tests/test_a.py::test_first[a b]",
            nodeid="tests/test_a.py::test_x",
        )

        assert "tests/test_a.py::test_first[a b] ran right before it." in answer.reasons[1]
        assert "`pytest 'tests/test_a.py::test_first[a b]' tests/test_a.py::test_x`" in (
            answer.recovery_suggestion
        )

    def test_does_not_when_it_passed_in_the_same(self):
        other = replace(BEFORE, order="--randomly-seed=3")
        same = replace(EARLIER, order="--randomly-seed=7")
        answer, _ = weigh(WRONG, a_past(other, same, here=self.SHUFFLED))

        assert answer.subcategory == "QA_FALSE_NEGATIVE"
        assert "in build 511" in answer.reasons[1]

    def test_may_matter_when_it_passed_alone(self):
        answer, _ = weigh(WRONG, a_past(replace(BEFORE, collected=1)))

        assert answer.subcategory == "INTEGRATION_DEPENDENCY_ORDER"
        assert "in a run of 1 test instead of 40" in answer.reasons[1]

    def test_may_matter_when_workers_share_the_tests(self):
        answer, _ = weigh(WRONG, a_past(BEFORE, here=replace(HERE, workers=4)))

        assert answer.subcategory == "INTEGRATION_DEPENDENCY_ORDER"
        assert "in one process instead of 4 workers" in answer.reasons[1]

    def test_is_not_blamed_for_what_ran_out_of_time(self):
        answer, _ = weigh(LATE, a_past(replace(BEFORE, collected=1)))

        assert answer.subcategory == "INTEGRATION_TIMING"

    def test_is_told_of_every_failing_test_that_ran_in_a_random_one(self):
        observation = observation_of(WRONG)
        given = classify(observation, CATALOG)
        past = a_past(here=self.SHUFFLED)

        answer = with_order(given, observation, past)

        assert answer.reasons[-1] == (
            "Tests ran in random order: `pytest --randomly-seed=7` repeats it."
        )
        assert with_order(answer, observation, past) is answer


class TestTurns:
    def weigh(self, table, past):
        observation = observation_of(table)
        given = classify(observation, CATALOG)
        flaky = replace(observation, outcome="flaky")
        return weighed_by_turns(given, observation, past, lambda: classify(flaky, CATALOG))

    def test_make_a_test_flaky(self):
        answer = self.weigh(WRONG, a_past(turns=3, builds=8))

        assert (answer.subcategory, answer.confidence) == ("QA_FALSE_NEGATIVE", 0.55)
        assert answer.reasons[1] == (
            "In the last 8 builds it failed 3 times after it had passed: this looks flaky."
        )

    def test_once_is_a_regression(self):
        given = classify(observation_of(WRONG), CATALOG)
        assert self.weigh(WRONG, a_past(turns=1, builds=8)) == given

    def test_do_not_outweigh_what_is_surer(self):
        assert self.weigh(REFUSED, a_past(turns=3, builds=8)).category == "INFRA"


class TestAgo:
    @pytest.mark.parametrize(
        ("span", "words"),
        [
            (timedelta(seconds=59), "a moment ago"),
            (timedelta(seconds=-5), "a moment ago"),
            (timedelta(minutes=1), "1 minute ago"),
            (timedelta(hours=47), "1 day ago"),
            (timedelta(days=3), "3 days ago"),
        ],
        ids=str,
    )
    def test_is_said_in_the_largest_unit(self, span, words):
        assert ago(span) == words
