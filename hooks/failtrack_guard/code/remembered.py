"""Methods that answer the second time from memory."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _ast
    from collections.abc import Callable
    from typing import Any, TypeVar

    from failtrack_guard.code.names import Names
    from failtrack_guard.code.scopes import Place

    Method = TypeVar("Method", bound=Callable[..., Any])

DEPTH_MAX = 20  # how far a name is followed through aliases


def remembered(method: Method) -> Method:
    """Make a method of (node, place) answer the second time from memory.

    Names that are bound in many places to each other would take exponential time without. A node
    that is asked about while it is being answered is nothing.
    """
    name = method.__name__

    def remembering(
        self: Names, node: _ast.AST | None, place: Place, depth: int = 0
    ) -> tuple[Any, ...]:
        key = (name, id(node), id(place.scope), place.order)
        found = self.memory.get(key)
        if found is None:
            # The node is kept, too, so that its id belongs to nothing else.
            self.memory[key] = (node, ())
            found = self.memory[key] = (node, tuple(method(self, node, place, depth)))
        return found[1]

    remembering.__doc__ = method.__doc__
    return remembering  # type: ignore[return-value]
