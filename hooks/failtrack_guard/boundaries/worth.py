"""What all parts of a `Folder` share: its memory, its limits, and what they ask of one another."""

from __future__ import annotations

from failtrack_guard.boundaries.classes import walked
from failtrack_guard.boundaries.sites import Sites
from failtrack_guard.boundaries.values import elements

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _ast
    from collections.abc import Callable
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place, Scope

STEPS_MAX = 500  # expressions that are looked at for one answer
STEPS_LATE = 60  # the same, in a file that has cost `STEPS_OF_FILE` already
STEPS_OF_FILE = 5_000


class Worth(Sites):
    """What the names, calls and other expressions of one file are worth; `Folder` says how.

    Args:
        module: The file.
        outer: For the text of an `exec`: what its free names stand for around it.
    """

    def __init__(self, module: Module, outer: Callable[[str], list[Any]] | None = None) -> None:
        super().__init__(module)
        self.outer = outer
        self.code_depth = 0
        self._done: dict[int, list[Any]] = {}
        self._open: set[int] = set()
        self._steps = 0
        self._all_steps = 0
        self._cuts = 0
        # What parameters and loop variables stand for in one call or turn: (node of scope, name).
        self._told: dict[tuple[int, str], list[Any]] = {}
        self._calls_told = 0
        # Classes of this file: their bases and their heirs in it; see `classes`.
        self.bases: dict[Scope, list[Scope]] = {}
        self.heirs: dict[Scope, list[Scope]] | None = None
        # Ids of the expressions that are only tested; see `asking`.
        self.tested: frozenset[int] | None = None

    if TYPE_CHECKING:  # what the parts add, and ask of one another

        def values(self, node: _ast.AST | None, place: Place, depth: int = 0) -> list[Any]: ...

        def named(
            self, name: str, place: Place, depth: int = 0, node: _ast.AST | None = None
        ) -> list[Any]: ...

        def returned(self, node: _ast.AST, depth: int) -> list[Any]: ...

        def member(self, base: Any, name: str) -> list[Any]: ...

        def item(self, base: Any, keys: list[Any]) -> list[Any]: ...

        def result(
            self, func: Any, args: list[list[Any]], keywords: dict[str, list[Any]], depth: int = 0
        ) -> list[Any]: ...

    def items(self, value: Any) -> list[list[Any]]:
        """Return the values of each item that a loop over a value takes; see `elements`."""
        return elements(walked(self, value))

    def tell(self, told: dict[tuple[int, str], list[Any]]) -> None:
        """Say what parameters stand for.

        Args:
            told: Id of the node of their function, and their name -> the values.
        """
        self._told.update(told)

    def _as_told(
        self, told: dict[tuple[int, str], list[Any]], worth: Callable[[], list[Any]]
    ) -> list[Any]:
        """Return what something is worth while some names stand for given values."""
        outer, done = self._told, self._done
        self._told, self._done = {**outer, **told}, {}
        try:
            return worth()
        finally:
            self._told, self._done = outer, done

    def _is_spent(self) -> bool:
        """Take one more step; return whether it is too many for one answer."""
        self._steps += 1
        return self._steps > (STEPS_MAX if self._all_steps < STEPS_OF_FILE else STEPS_LATE)
