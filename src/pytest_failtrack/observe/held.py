"""The exception that a result holds: what a runner of commands caught, and a test asserts about.

`CliRunner().invoke(command)` of click and typer raises nothing. A hundred tests fail with
`assert 1 == 0`, each at its own place, and what went wrong lies in a local variable of theirs.
"""

from __future__ import annotations

import linecache
from types import TracebackType


def held_exception(error: BaseException) -> BaseException | None:
    """Return the exception that the asserted result holds, None when there is none.

    A result is a local value, where the assertion failed, with `exception` and `exc_info` in its
    own `__dict__`: no property of a user's object is asked. It counts when the assertion names
    the variable, or shows that very exception (`where 1 = <Result KeyError('id')>.exit_code`).
    What only moves control, such as SystemExit, does not count.

    Args:
        error: What was raised.
    """
    if type(error) is not AssertionError or error.__traceback__ is None:
        return None
    last = _last(error.__traceback__)
    for name, value in list(last.tb_frame.f_locals.items()):
        held = _exception_of(value)
        if held is not None and (_is_shown(held, error) or _is_named(name, last)):
            return held
    return None


def _last(traceback: TracebackType) -> TracebackType:
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback


def _exception_of(value: object) -> BaseException | None:
    try:
        state = object.__getattribute__(value, "__dict__")
        held, told = state.get("exception"), state.get("exc_info")
    except (AttributeError, TypeError):
        return None
    if not isinstance(held, Exception) or not isinstance(told, tuple):
        return None
    return held if any(one is held for one in told) else None


def _is_shown(held: BaseException, error: BaseException) -> bool:
    try:
        return f"{type(held).__name__}(" in str(error)
    except Exception:  # its text is a user's code
        return False


def _is_named(name: str, traceback: TracebackType) -> bool:
    try:
        line = linecache.getline(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
    except Exception:  # the test may have replaced what reads files
        return False
    return f"{name}." in line
