"""Records into causes: what belongs together over the runs of a build, and its word."""

from __future__ import annotations

from typing import Any

import pytest
from gate_cases import MATRIX, a_record, a_run, debt, infra

from pytest_failtrack.policy.case import make_case
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.sort import DEBT, FAILURE, FLAKY, INFRASTRUCTURE, Sorted, sort_causes


def in_cause(cause_id: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return the record as one of a cause that another signature gave its name."""
    record["test"]["cause_id"] = cause_id
    return record


def sorted_causes(*records: dict[str, Any]) -> tuple[Sorted, ...]:
    """Return the causes of records."""
    auth = gate_rules({}).auth
    return sort_causes(make_case("build-7", [], records), MATRIX, auth)


class TestSignaturesOfOneCause:
    ID = "0123456789ab"

    def test_are_one_cause(self) -> None:
        (one,) = sorted_causes(
            in_cause(self.ID, a_record("tax")), in_cause(self.ID, a_record("fee"))
        )

        assert (one.cause.cause_id, one.cause.key) == (self.ID, f"CI|{self.ID}")
        assert (one.cause.failures, len(one.cause.signatures)) == (2, 2)

    def test_that_two_legs_name_differently_are_one_cause(self) -> None:
        """Legs that run at once do not know of each other."""
        tax = a_record("tax")["signature"]["hash"]

        (one,) = sorted_causes(
            in_cause(self.ID, a_record("tax", leg="a")),
            in_cause(self.ID, a_record("fee", leg="a")),
            in_cause(tax, a_record("tax", leg="b")),
        )

        assert (one.cause.cause_id, one.cause.failures) == (min(self.ID, tax), 3)

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (("KNOWN", "KNOWN"), "KNOWN"),
            (("KNOWN", "NEW"), "NEW"),
            (("NEW", "REPEAT"), "REPEAT"),
            (("FIRST", "FIRST"), "FIRST"),
        ],
    )
    def test_a_new_one_never_hides_behind_a_known_one(
        self, words: tuple[str, str], expected: str
    ) -> None:
        (one,) = sorted_causes(
            in_cause(self.ID, a_record("tax", novelty=words[0])),
            in_cause(self.ID, a_record("fee", novelty=words[1])),
        )

        assert one.cause.novelty == expected


class TestRunAgain:
    """S1-86: what a command got past on a later attempt."""

    RETRY = {"attempt": 1, "recovery_attempted": True, "recovery_succeeded": True}

    def causes(self, record: dict[str, Any], *others: dict[str, Any]) -> tuple[Sorted, ...]:
        first = a_run([record], "first", exit_status=1, retry=self.RETRY)
        case = make_case("build-7", [first, *others], [record])
        assert [run.document_id for run in case.runs] == [one["document_id"] for one in others]
        return sort_causes(case, MATRIX, gate_rules({}).auth)

    def test_is_flaky(self) -> None:
        (one,) = self.causes(infra(), a_run((), "second"))

        assert (one.kind, one.is_counted, one.cause.is_flaky) == (FLAKY, False, True)

    def test_counts_where_it_may_never_be_retried(self) -> None:
        """S1-87."""
        (one,) = self.causes(a_record("tax"), a_run((), "second"))

        assert (one.kind, one.is_counted) == (FAILURE, True)

    def test_is_debt_where_it_was_debt(self) -> None:
        (one,) = self.causes(debt(), a_run((), "second"))

        assert one.kind == DEBT

    def test_is_none_of_it_where_another_run_shows_it_too(self) -> None:
        record = infra()

        (one,) = self.causes(record, a_run([record], "alone", exit_status=1))

        assert one.kind == INFRASTRUCTURE


class TestACauseThatIsInfrastructureInPart:
    def test_is_told_by_what_counts(self) -> None:
        (one,) = sorted_causes(
            in_cause("0123456789ab", infra("a")), in_cause("0123456789ab", a_record("tax"))
        )

        assert (one.kind, one.cause.category) == (FAILURE, "ARCHITECTURE")
