"""The exception that a result holds, found where the assertion about it failed."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from pytest_failtrack.observe.held import held_exception


@click.command()
@click.argument("order")
def ship(order: str) -> None:
    {"1": "x"}[order]


def failed(check: Any) -> AssertionError:
    """Return what a check raised."""
    with pytest.raises(AssertionError) as caught:
        check()
    return caught.value


class Answer:
    """Somebody's own result."""

    def __init__(self, exception: object, exc_info: object) -> None:
        self.exception = exception
        self.exc_info = exc_info


def test_what_a_command_raised_is_found() -> None:
    def check() -> None:
        result = CliRunner().invoke(ship, ["2"])
        assert result.exit_code == 0

    held = held_exception(failed(check))

    assert isinstance(held, KeyError)
    assert held.__traceback__ is not None


def test_a_command_that_went_well_holds_none() -> None:
    def check() -> None:
        result = CliRunner().invoke(ship, ["1"])
        assert result.exit_code == 1

    assert held_exception(failed(check)) is None


def test_what_only_moves_control_says_nothing() -> None:
    """SystemExit is how a command ends, not what went wrong."""

    def check() -> None:
        result = CliRunner().invoke(ship, [])
        assert result.exit_code == 0, repr(result)

    assert held_exception(failed(check)) is None


def test_an_assertion_about_something_else_is_not_about_the_result() -> None:
    def check() -> None:
        result = CliRunner().invoke(ship, ["2"])
        assert isinstance(result.exception, KeyError)
        total = 41
        assert total == 42

    assert held_exception(failed(check)) is None


@pytest.mark.parametrize(
    ("exception", "exc_info"),
    [
        ("KeyError('a')", (None,)),
        (KeyError("a"), None),
        (KeyError("a"), (KeyError, KeyError("b"), None)),
    ],
    ids=["no exception", "no exc_info", "another one"],
)
def test_anything_else_with_such_names_is_not_one(exception: object, exc_info: object) -> None:
    def check() -> None:
        answer = Answer(exception, exc_info)
        raise AssertionError(f"{answer.exception!r}")

    assert held_exception(failed(check)) is None


def test_no_property_of_a_local_value_is_asked() -> None:
    class Lazy:
        @property
        def exception(self) -> object:
            raise SystemExit(3)

        def __getattr__(self, name: str) -> object:
            raise SystemExit(4)

    def check() -> None:
        lazy = Lazy()
        raise AssertionError(f"KeyError( {type(lazy)}")

    assert held_exception(failed(check)) is None


def test_an_error_without_traceback_or_of_another_type_holds_none() -> None:
    traceback: TracebackType | None = None
    try:
        raise ValueError("KeyError(")
    except ValueError:
        error = sys.exc_info()[1]

    assert traceback is None
    assert error is not None
    assert held_exception(error) is None
    assert held_exception(AssertionError("KeyError(")) is None
