"""What annotations and names of types say."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import ONLY_AST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.code.names import Names
    from failtrack_guard.code.scopes import Binding


def parsed(text: str) -> _ast.expr | None:
    """Return the expression that a quoted annotation holds, None when it is none."""
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # any string may be asked, also prose such as `1or`
            tree: _ast.Expression = compile(text.strip(), "<annotation>", "eval", ONLY_AST)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return tree.body


def type_of_alias(module: Names, binding: Binding) -> _ast.expr | None:
    """Return the type that a binding gives another name, None when it is no alias of a type."""
    value = binding.value
    if binding.kind != "assign":
        return None
    if isinstance(value, (_ast.Name, _ast.Attribute, _ast.Subscript, _ast.BinOp)):
        return value
    there = module.place_of(binding)
    if isinstance(value, _ast.Call):
        made = {name.rpartition(".")[2] for name in module.names(value.func, there)}
        if made & {"NewType", "TypeAliasType"} and len(value.args) > 1:
            return value.args[1]
        bounds = [one.value for one in value.keywords if one.arg == "bound"]
        return bounds[0] if "TypeVar" in made and bounds else None
    if isinstance(value, _ast.Constant) and isinstance(value.value, str):
        names = module.names(binding.annotation, there)
        return value if any(name.endswith(".TypeAlias") for name in names) else None
    return None


def is_new_type(names: tuple[str, ...]) -> bool:
    """Return whether one of some names is `typing.NewType`, of any module of types."""
    return any(one.endswith(".NewType") for one in names)
