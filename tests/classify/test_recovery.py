"""What may be tried again, and what to do instead."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.recovery import (
    SUGGESTIONS,
    is_retryable,
    recovery_of,
    suggestion_of,
)
from pytest_failtrack.classify.taxonomy import RecoveryMode


class TestRetry:
    @pytest.mark.parametrize(
        "failure_type",
        [
            "secret_detected",
            "security_vulnerability",
            "critical_vulnerability",
            "test_failure",
            "integration_test_failure",
            "database_test_failure",
            "generator_drift",
            "build_error",
            "authentication_change",
            "test_debt",
        ],
    )
    def test_what_is_on_the_never_list_is_never_retried(self, failure_type):
        """S1-87, C-14."""
        assert not is_retryable(True, failure_type, is_assertion=False)

    @pytest.mark.parametrize(
        "failure_type",
        ["infrastructure", "ci_runner", "database_connectivity", "performance_regression", "stock"],
    )
    def test_the_others_are_as_their_entry_says(self, failure_type):
        """S1-86, S1-88, S1-89."""
        assert is_retryable(True, failure_type, is_assertion=False)
        assert not is_retryable(False, failure_type, is_assertion=False)

    def test_a_failing_assertion_is_never_retried(self):
        """C-14."""
        assert not is_retryable(True, "infrastructure", is_assertion=True)


class TestRecoveryMode:
    def test_the_database_has_its_own_way_of_retrying(self):
        """C-14: two attempts with a condition, before the network's three."""
        mode = recovery_of("RETRY_EXPONENTIAL", "database_connectivity", retryable=True)
        assert mode is RecoveryMode.RETRY_LIMITED

    def test_what_may_not_be_retried_is_not_told_to_be(self):
        mode = recovery_of("RETRY_EXPONENTIAL", "test_failure", retryable=False)
        assert mode is RecoveryMode.INVESTIGATE

    def test_the_rest_stays_as_the_entry_says(self):
        assert recovery_of("FIX_TEST", "test_failure", retryable=False) is RecoveryMode.FIX_TEST
        assert recovery_of("RETRY_LIMITED", "stock", retryable=True) is RecoveryMode.RETRY_LIMITED


class TestSuggestion:
    def test_the_entrys_own_sentence_wins(self):
        assert suggestion_of(RecoveryMode.FIX_CODE, "Turn it off.") == "Turn it off."

    @pytest.mark.parametrize("mode", RecoveryMode)
    def test_each_mode_has_a_sentence(self, mode):
        """S2-26."""
        assert suggestion_of(mode) == SUGGESTIONS[mode]
        assert SUGGESTIONS[mode].endswith(".")
