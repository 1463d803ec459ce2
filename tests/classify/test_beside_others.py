"""What the other failures of a run say about an assertion that says little itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_failtrack.classify.beside import NOTHING, SHOWN, SUGGESTION, weighed_by_others
from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.observe.observation import Observation

CATALOG = load_catalog()
DENIED = {
    "type": "urllib.error.HTTPError",
    "message": "HTTP Error 401: Unauthorized",
    "place": "stdlib",
}
SAID = "environment variable TIDES_KEY is not set"
UNSET = {"type": "tides.errors.ConfigError", "message": SAID, "place": "project"}


def failure(table: dict[str, Any], nodeid: str, **changes: Any) -> Observation:
    return replace(observation_of(table), nodeid=nodeid, **changes)


def assertion(message: str, nodeid: str = "tests/test_cli.py::test_x", **changes: Any) -> Any:
    table = {"type": "AssertionError", "message": message, "place": "test"}
    return failure(table, nodeid, **changes)


def weigh(*run: Observation, is_one_run: bool = True) -> list[Classification]:
    judged = [(one, classify(one, CATALOG)) for one in run]
    return weighed_by_others(judged, is_one_run=is_one_run)


class TestMessagesThatAreShown:
    @pytest.mark.parametrize(
        "message",
        [
            "assert 'No such file' in 'tides: environment variable TIDES_KEY is not set\\n'",
            "assert 'tides: TID... is not set\\n' == 'tides: no station XYZ\\n'\n  \n"
            "  - tides: no station XYZ\n  + tides: environment variable TIDES_KEY is not set",
            "Regex pattern did not match.\n  Expected regex: 'no station'\n"
            "  Actual message: 'environment variable TIDES_KEY is not set'",
        ],
        ids=["in", "diff", "regex"],
    )
    @pytest.mark.parametrize("is_one_run", [True, False])
    def test_are_the_cause(self, message: str, is_one_run: bool) -> None:
        source = failure(UNSET, "tests/test_config.py::test_load")
        kind = classify(source, CATALOG)

        told, answer = weigh(source, assertion(message), is_one_run=is_one_run)

        assert told == kind
        assert (answer.category, answer.subcategory) == (kind.category, kind.subcategory)
        assert answer.subcategory == "INFRA_ENVIRONMENT"
        assert answer.confidence == min(SHOWN, kind.confidence)
        assert answer.reasons[1] == (
            "What it got shows the message of another failure: ConfigError: environment"
            " variable TIDES_KEY is not set."
        )
        assert answer.recovery_suggestion == SUGGESTION

    def test_nor_is_the_assertion_excused(self) -> None:
        """C-14: a failing assertion is never retried, whatever it shows."""
        _, answer = weigh(
            failure(DENIED, "tests/test_api.py::test_a"),
            assertion("assert 'HTTP Error 401: Unauthorized' == 'fine'"),
        )

        assert (answer.subcategory, answer.failure_type) == ("INFRA_CREDENTIALS", "test_failure")
        assert not answer.is_retryable

    def test_may_be_in_what_was_printed(self) -> None:
        _, answer = weigh(
            failure(UNSET, "tests/test_config.py::test_load"),
            assertion(
                "assert 2 == 0",
                captured={"stderr": "tides: environment variable TIDES_KEY is not set\n"},
            ),
        )

        assert answer.subcategory == "INFRA_ENVIRONMENT"

    @pytest.mark.parametrize(
        "message",
        [
            "assert 'fine' == 'tides: environment variable TIDES_KEY is not set\\n'",
            f"assert 'a...e' == 'b...t'\n  \n  - {SAID}\n  + fine",
            f"Regex pattern did not match.\n  Expected regex: '{SAID}'\n"
            "  Actual message: 'no station'",
            "assert 'TIDES_KEY' in 'fine'",
        ],
        ids=["right", "diff", "regex", "other"],
    )
    def test_say_nothing_where_the_test_wants_them(self, message: str) -> None:
        source = failure(UNSET, "tests/test_config.py::test_load")
        one = assertion(message)

        assert weigh(source, one)[1] == classify(one, CATALOG)

    def test_say_nothing_of_failures_in_the_product(self) -> None:
        one = failure(
            {
                "type": "ValueError",
                "message": "got: environment variable TIDES_KEY is not set",
                "place": "project",
            },
            "tests/test_cli.py::test_x",
        )

        assert weigh(failure(UNSET, "tests/a.py::test"), one)[1] == classify(one, CATALOG)

    def test_say_nothing_of_failures_with_the_same_message(self) -> None:
        lacks = {"type": "ImportError", "message": "cannot import name 'tax_of' from 'shop'"}
        one, other = (failure(lacks | {"place": "test"}, f"tests/test_{n}.py::t") for n in "ab")

        assert weigh(one, other) == [classify(one, CATALOG), classify(other, CATALOG)]


class TestNothing:
    @pytest.mark.parametrize(
        "message",
        [
            "assert None == 13.3",
            "assert [] == [1]",
            "assert {'HUS': None, 'CUX': None} == {'HUS': 10, 'CUX': 3}",
            "assert 503 == 200",
            "assert None",
        ],
    )
    def test_beside_a_credential_that_is_refused_comes_from_there(self, message: str) -> None:
        told = failure(DENIED, "tests/test_cli.py::test_forecast")

        _, answer = weigh(told, assertion(message))

        assert (answer.subcategory, answer.confidence) == ("INFRA_CREDENTIALS", NOTHING)
        assert answer.reasons[1] == (
            "It got nothing, and beside it in the file a test met HTTPError: HTTP Error 401:"
            " Unauthorized."
        )
        assert (answer.failure_type, answer.is_retryable) == ("test_failure", False)

    @pytest.mark.parametrize("message", ["assert 12 == 13", "assert 'a' == None", "assert None, x"])
    def test_a_value_is_something(self, message: str) -> None:
        one = assertion(message)

        assert weigh(failure(DENIED, "tests/test_cli.py::test_f"), one)[1] == classify(one, CATALOG)

    def test_another_file_says_nothing(self) -> None:
        one = assertion("assert None == 13.3")

        assert weigh(failure(DENIED, "tests/test_api.py::test_f"), one)[1] == classify(one, CATALOG)

    def test_several_runs_in_one_heap_say_nothing(self) -> None:
        one = assertion("assert None == 13.3")
        told = failure(DENIED, "tests/test_cli.py::test_f")

        assert weigh(told, one, is_one_run=False)[1] == classify(one, CATALOG)

    def test_two_kinds_of_surroundings_leave_it_open(self) -> None:
        down = failure(
            {
                "type": "ConnectionRefusedError",
                "message": "[Errno 111] Connection refused",
                "place": "stdlib",
            },
            "tests/test_cli.py::test_g",
        )
        one = assertion("assert None == 13.3")
        told = failure(DENIED, "tests/test_cli.py::test_f")

        assert weigh(told, down, one)[2] == classify(one, CATALOG)
