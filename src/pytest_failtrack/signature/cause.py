"""Which exception of a chain matters; `token.py` asks for the line, `place.py` for the place.

- An explicit cause (`raise A from B`) wins over what wraps it: the author says that B made A.
- Without `from`, the exception raised last is what the user sees, and often it is a failure of
  its own, in a handler or a cleanup. It counts as a wrapper only when it says so itself: its text
  quotes the text or the type of the one before it (`raise ConfigError(f"bad config: {error}")`).
- An exception that says nothing, or that only moves control (`CancelledError`), is passed over.
- An ExceptionGroup stands for its members, which come in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pytest_failtrack.frozen import kept
from pytest_failtrack.observe.asserted import with_shown
from pytest_failtrack.observe.observation import Observation, Raised

CONTROL_FLOW = frozenset(
    {"CancelledError", "StopIteration", "StopAsyncIteration", "GeneratorExit", "BrokenBarrierError"}
)
GROUPS = ("ExceptionGroup", "BaseExceptionGroup")
QUOTED_MIN_CHARS = 3
# Names that say nothing without their module (`zlib.error`, `shop.errors.Error`).
BARE_NAMES = frozenset({"Error", "error", "Exception", "Failure", "Fault"})


class Matter(NamedTuple):
    """What matters in a chain.

    Args:
        raised: The exception itself, or the group.
        members: For a group, its members that are no groups themselves, in the order seen.
    """

    raised: Raised
    members: tuple[Raised, ...] = ()


def short_name(qualified: str) -> str:
    """Return the name of a type by which it is known on every road.

    Tracebacks, JUnit files and import modes write different modules for one type, so the module
    goes, except where the name alone says nothing.
    """
    name = qualified.rsplit(".", 1)[-1]
    return qualified.replace("<locals>.", "") if name in BARE_NAMES else name


@kept
def chosen_of(observation: Observation) -> Matter | None:
    """Return what matters among the exceptions of an observation, None when it has none."""
    return matter(observation.exceptions)


def matter(chain: tuple[Raised, ...]) -> Matter | None:
    """Return what matters in a chain, None when it is empty.

    Args:
        chain: Outermost first, as an observation holds it.
    """
    if not chain:
        return None
    chain = with_shown(chain)
    if len(chain) == 1:
        return Matter(chain[0])
    end = next((at for at, one in enumerate(chain) if one.link == "group"), len(chain))
    chosen, last = _innermost(chain[:end])
    if end < len(chain) and last == end - 1:
        return Matter(chain[end - 1], _members(chain[end:]))
    return Matter(chosen)


def _innermost(chain: Sequence[Raised]) -> tuple[Raised, int]:
    """Return the innermost exception that says something, and where following the links ended."""
    chosen = chain[0]
    last = 0
    for at in range(1, len(chain)):
        inner = chain[at]
        if inner.link != "cause" and not _quotes(chain[at - 1], inner):
            break
        last = at
        if _says_something(inner) or not chosen.message.strip():
            chosen = inner if short_name(inner.type) not in CONTROL_FLOW else chosen
    return chosen, last


def _says_something(raised: Raised) -> bool:
    return bool(raised.message.strip())


def _quotes(outer: Raised, inner: Raised) -> bool:
    """Whether the outer exception's text holds the inner one's text or type."""
    line = inner.message.strip().partition("\n")[0]
    name = short_name(inner.type)
    # A key says less than whoever did not find it: `raise Unknown("no function 'tax'")`.
    if name != "KeyError" and len(line) >= QUOTED_MIN_CHARS and line in outer.message:
        return True
    return len(name) >= QUOTED_MIN_CHARS and name in outer.message


def _members(chain: Sequence[Raised]) -> tuple[Raised, ...]:
    """Return the members of a group; a nested group stands for its own members.

    Causes behind them are left out: the flat chain does not say which member they belong to.
    """
    members = tuple(one for one in chain if one.link == "group")
    return tuple(one for one in members if short_name(one.type) not in GROUPS) or members
