"""Whether the annotation of a field or parameter can change without what stands behind it."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.errors import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# Calls that say what a field is; the default is their first argument, or named.
FIELDS = frozenset(
    {"Field", "field", "ib", "attrib", "PrivateAttr", "Body", "Cookie", "File", "Form", "Header"}
    | {"Param", "Path", "Query", "Option", "Argument"}
)
DEFAULTS = ("default", "default_factory", "factory")
# What only strings can be asked for; pydantic makes no class of another type with it.
OF_STRINGS = (
    *("min_length", "max_length", "pattern", "regex", "strip_whitespace", "to_lower", "to_upper"),
    "curtail_length",
)
# Calls and types that make a column of a table.
COLUMNS = frozenset({"Mapped", "mapped_column", "Column"})


def refuse_field(owner: _ast.AST, swapped: Collection[int]) -> None:
    """Refuse a new annotation of which what stands beside it knows nothing.

    Args:
        owner: The annotated assignment, or the function with the parameter.
        swapped: Ids of the expressions that are replaced, annotations and values.

    Raises:
        Refused: The value would not fit the annotation any more.
    """
    for annotation, value in _pairs(owner):
        if not any(id(one) in swapped for one in walk([annotation])):
            continue
        # Without a value, the default may stand in `Annotated`.
        for call in walk([annotation] if value is None else [annotation, value]):
            if isinstance(call, (_ast.Name, _ast.Call)):
                _refuse_part(call, swapped, is_value=call is value)


def _pairs(owner: _ast.AST) -> list[tuple[_ast.expr, _ast.expr | None]]:
    """Return annotations with the values that stand behind them."""
    if isinstance(owner, _ast.AnnAssign):
        return [(owner.annotation, owner.value)]
    if not isinstance(owner, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        return []
    args = owner.args
    listed = [*args.posonlyargs, *args.args]
    defaults: list[_ast.expr | None] = [None] * (len(listed) - len(args.defaults))
    defaults += args.defaults
    given = zip((*listed, *args.kwonlyargs), (*defaults, *args.kw_defaults))  # noqa: B905
    return [(one.annotation, value) for one, value in given if one.annotation is not None]


def _refuse_part(node: _ast.Name | _ast.Call, swapped: Collection[int], *, is_value: bool) -> None:
    called = node.func if isinstance(node, _ast.Call) else node
    name = last_name(called)
    is_column = is_value and name.endswith("Field") and name not in FIELDS  # of Django
    if name in COLUMNS or is_column:
        raise Refused(f"{name} declares a column, whose type would have to change, too")
    if not isinstance(node, _ast.Call):
        return
    limits = [one.arg for one in node.keywords if one.arg in OF_STRINGS]
    if limits:
        raise Refused(f"{limits[0]} in {name}() is for strings only")
    if name not in FIELDS:
        if is_value and not any(id(one) in swapped for one in walk([node])):
            raise Refused(f"it cannot be seen that {name}() gives one")
        return
    defaults = [one.value for one in node.keywords if one.arg in DEFAULTS] or node.args[:1]
    for default in defaults:
        if _makes_string(default, swapped):
            raise Refused(f"the default in {name}() would stay a string")


def _makes_string(default: _ast.expr, swapped: Collection[int]) -> bool:
    """Return whether a default is still a string when some expressions are replaced."""
    if isinstance(default, _ast.Name):
        return default.id == "str"
    value = default.body if isinstance(default, _ast.Lambda) else default
    return (
        id(value) not in swapped
        and isinstance(value, (_ast.Constant, _ast.JoinedStr))
        and isinstance(getattr(value, "value", ""), str)
    )
