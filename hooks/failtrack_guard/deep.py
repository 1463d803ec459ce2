"""Calls of what goes deeper than Python usually lets: in a thread that has the room for it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Result = TypeVar("Result")

# Calls within calls; an expression of 5,000 links takes up to four for each.
LIMIT = 30_000
STACK_BYTES = 512 * 2**20  # of addresses; memory is taken as it is needed


def called(function: Callable[[], Result]) -> Result:
    """Return what a function returns, called a second time with more room if it needs that.

    Args:
        function: Must not have done anything that may not be done twice when it goes too deep.

    Raises:
        RecursionError: It goes too deep for that, too.
    """
    try:
        return function()
    except RecursionError:
        if sys.getrecursionlimit() >= LIMIT:
            raise
    return with_room(function)


def with_room(function: Callable[[], Result], stack: int = STACK_BYTES) -> Result:
    """Return what a function returns, called where it may go deep.

    Args:
        function: What is called.
        stack: Bytes of the stack.
    """
    import threading

    results: list[Result] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(function())
        except BaseException as error:  # raised again by the thread that waits
            errors.append(error)

    limit = sys.getrecursionlimit()
    size = threading.stack_size()
    try:
        threading.stack_size(stack)
        sys.setrecursionlimit(max(limit, LIMIT))
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join()
    except (ValueError, RuntimeError):  # the system has no such room
        raise RecursionError("no room for more calls") from None
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if errors:
        raise errors[0]
    return results[0]
