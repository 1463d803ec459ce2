"""The functions and classes of one file, found by the expressions that name them."""

from __future__ import annotations

import _ast

from failtrack_guard.code.scopes import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place


class LocalFunctions:
    """What a file defines to be called.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._defined: dict[str, list[tuple[_ast.AST, Place]]] | None = None
        self._returns: dict[int, list[tuple[_ast.expr, Place]]] | None = None

    def named(self, func: _ast.expr, place: Place) -> list[tuple[_ast.AST, Place]]:
        """Return the functions and classes of this file that an expression may name."""
        if self._defined is None:
            self._defined = {}
            for node, there in self._module.seen.all(*FUNCTIONS, _ast.ClassDef):
                outer = there.scope.qualname
                local = f"{outer}.{node.name}" if outer else node.name  # type: ignore[attr-defined]
                dotted = f"{self._module.name}.{local}"
                self._defined.setdefault(dotted, []).append((node, there))
        return [
            one
            for name in self._module.names(func, place)
            for one in self._defined.get(name) or self._inherited(name)
        ]

    def _inherited(self, dotted: str) -> list[tuple[_ast.AST, Place]]:
        """Return the methods that a class of this file has from another one of it."""
        assert self._defined is not None
        owner, _, member = dotted.rpartition(".")
        seen = {owner}
        waiting = [owner]
        while waiting:
            for node, place in self._defined.get(waiting.pop(), ()):
                for base in getattr(node, "bases", ()):
                    for above in self._module.names(base, place):
                        found = self._defined.get(f"{above}.{member}")
                        if found:
                            return found
                        if above not in seen:
                            seen.add(above)
                            waiting.append(above)
        return []

    def returned_by(self, node: _ast.AST) -> list[tuple[_ast.expr, Place]]:
        """Return what a function of this file returns, each expression with its place."""
        if self._returns is None:
            self._returns = {}
            for one, place in self._module.seen.all(_ast.Return):
                assert isinstance(one, _ast.Return)
                if one.value is not None:
                    there = self._returns.setdefault(id(place.scope.node), [])
                    there.append((one.value, place))
        return self._returns.get(id(node), [])
