"""Types that comments say: `# type: str` behind an assignment, a parameter or a signature."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.annotations import parsed
from failtrack_guard.code.scopes import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.code.module import Module

_SAID = re.compile(r"[\s,)\]:]*#\s*type:\s*(?!ignore\b)([^\s#(][^#]*)")
_SIGNATURE = re.compile(r"#\s*type:\s*\((.*)\)\s*->\s*([^#]+)")


class TypeComments:
    """Reads the type comments of one file; one without any costs one search.

    Args:
        module: The file.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._has_any = re.search(r"#\s*type:", module.source) is not None

    def of_value(self, node: _ast.stmt) -> _ast.expr | None:
        """Return the type of an assignment."""
        return self._behind(node) if self._has_any else None

    def of_parameter(
        self, function: _ast.AST, arg: _ast.arg, default: _ast.expr | None
    ) -> _ast.expr | None:
        """Return the type of a parameter: said behind it, or in the comment of the signature."""
        if not self._has_any or not isinstance(function, FUNCTIONS):
            return None
        behind = self._behind(default or arg)
        if behind is not None:
            return behind
        signature = self._signature(function)
        parts = _parts(signature[1]) if signature is not None else []
        args = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if arg not in args or not parts:
            return None
        index = args.index(arg) - (len(args) - len(parts))  # `self` has no part
        return parts[index] if 0 <= index < len(parts) else None

    def of_result(self, function: _ast.AST) -> _ast.expr | None:
        """Return the type of what a function returns."""
        if not self._has_any or not isinstance(function, FUNCTIONS):
            return None
        signature = self._signature(function)
        return _quoted(signature[2]) if signature is not None else None

    def _behind(self, node: _ast.stmt | _ast.arg | _ast.expr) -> _ast.expr | None:
        _, _, line, column = self._module.span(node)
        found = _SAID.match(self._module.lines[line - 1], column)
        return _quoted(found[1]) if found is not None else None

    def _signature(
        self, function: _ast.FunctionDef | _ast.AsyncFunctionDef
    ) -> re.Match[str] | None:
        for line in self._module.lines[function.lineno - 1 : function.body[0].lineno]:
            found = _SIGNATURE.search(line)
            if found is not None:
                return found
        return None


def _quoted(text: str) -> _ast.expr:
    """Return an annotation that stands in no code: nothing can replace it."""
    return _ast.Constant(value=text.strip())


def _parts(text: str) -> list[_ast.expr]:
    whole = parsed(f"({text},)")
    return whole.elts if isinstance(whole, _ast.Tuple) else []
