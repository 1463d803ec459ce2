"""The values that an expression may have, and what is asked of all of them.

A value is a plain string, number or None, or one of the classes below. Where a part of a string is
not known, it holds `UNKNOWN`, so that `f"shop.api.{name}"` still tells its package.
"""

from __future__ import annotations

from failtrack_guard.code.nodes import ONLY_AST

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _ast
    from collections.abc import Callable, Iterable
    from typing import Any

UNKNOWN = "\u1700"  # a letter that no program uses, so that text around it still parses
VALUES_MAX = 60  # alternatives that are followed
LENGTH_MAX = 100_000  # characters of a text that is worked out
ITEMS_MAX = 2_000  # items of a list that is put together
CODE_DEPTH_MAX = 3  # code within code that is looked into
HERE = "/\u1700"  # folder in which the source root is imagined
RESOURCES = "/\u1700\u1700"  # the same, for what importlib.resources opens

# Modules that others have imported, and so hand on (`os.sys`).
HANDED_ON = frozenset({"importlib", "sys", "builtins", "runpy", "pkgutil"})
# Constants of the standard library.
CONSTANTS: dict[str, Any] = {
    "os.sep": "/",
    "os.path.sep": "/",
    "os.extsep": ".",
    "os.curdir": ".",
    "os.pardir": "..",
    "string.ascii_lowercase": "abcdefghijklmnopqrstuvwxyz",
    "sys.executable": "python",
    "ast.PyCF_ALLOW_TOP_LEVEL_AWAIT": 0x2000,
    "ast.PyCF_ONLY_AST": ONLY_AST,
    "ast.PyCF_OPTIMIZED_AST": 0x8000 | ONLY_AST,
    "ast.PyCF_TYPE_COMMENTS": 0x1000,
}


class Ref:
    """A module, or something in it, known by its dotted name."""

    __slots__ = ("dotted",)

    def __init__(self, dotted: str) -> None:
        self.dotted = dotted


class Items:
    """A list, tuple or set: the values that each item may have."""

    __slots__ = ("items",)

    def __init__(self, items: list[list[Any]]) -> None:
        self.items = items


class Table:
    """A dict: what each key and its value may be; keys None for `**`."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[list[Any], list[Any]]]) -> None:
        self.pairs = pairs


class Bound:
    """A function of which some arguments are given already."""

    __slots__ = ("args", "func", "keywords")

    def __init__(
        self, func: Any, args: list[list[Any]], keywords: dict[str, list[Any]] | None = None
    ) -> None:
        self.func = func
        self.args = args
        self.keywords = keywords or {}


class Local:
    """A function or lambda of this file; `is_bound` when its first parameter is given already."""

    __slots__ = ("is_bound", "node")

    def __init__(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
        *,
        is_bound: bool = False,
    ) -> None:
        self.node = node
        self.is_bound = is_bound


class File:
    """A path: a `pathlib.Path` or an opened file; `is_text` for the text of one that was read."""

    __slots__ = ("is_text", "path")

    def __init__(self, path: str, *, is_text: bool = False) -> None:
        self.path = path
        self.is_text = is_text


def elements(holder: Any) -> list[list[Any]]:
    """Return the values of each item that a loop over a value takes."""
    if isinstance(holder, Items):
        return holder.items
    if isinstance(holder, Table):
        return [keys for keys, _ in holder.pairs]
    if isinstance(holder, Ref) and holder.dotted == "sys.meta_path":
        return [[Ref("sys.meta_path[]")]]
    if isinstance(holder, str) and len(holder) <= VALUES_MAX:
        return [[one] for one in holder]
    return []


def texts_in(values: Iterable[Any]) -> list[str]:
    """Return the strings among some values."""
    return [one for one in values if isinstance(one, str)]


def has_text(values: list[Any]) -> bool:
    """Return whether a string is among some values, or in a list among them."""
    return any(isinstance(one, (str, Items, Table)) for one in values)


def module_names(values: Iterable[Any]) -> list[str]:
    """Return the dotted names that values mean: strings, and modules themselves."""
    return [
        one.dotted if isinstance(one, Ref) else one for one in values if isinstance(one, (Ref, str))
    ]


def absolute_names(name: str, packages: Iterable[Any]) -> list[str]:
    """Return what a name with leading dots means for `import_module`, or the name itself."""
    if not name.startswith("."):
        return [name]
    tail = name.lstrip(".")
    climb = len(name) - len(tail) - 1
    found = []
    for package in module_names(packages):
        parts = package.split(".")
        if climb < len(parts):
            base = ".".join(parts[: len(parts) - climb])
            found.append(f"{base}.{tail}" if tail else base)
    return found


def is_modules(value: Any) -> bool:
    """Return whether a value is `sys.modules`."""
    return isinstance(value, Ref) and value.dotted == "sys.modules"


def is_plain(value: Any) -> bool:
    """Return whether a value is a string, bytes, a number or None."""
    return value is None or isinstance(value, (str, bytes, int, float))


def distinct(found: Iterable[Any]) -> list[Any]:
    """Return values once each, and not too many of them."""
    kept: list[Any] = []
    seen: set[Any] = set()
    for one in found:
        if isinstance(one, (str, bytes)) and len(one) > LENGTH_MAX:
            continue
        key = (type(one), one if is_plain(one) else getattr(one, "dotted", id(one)))
        if key not in seen:
            seen.add(key)
            kept.append(one)
            if len(kept) == VALUES_MAX:
                break
    return kept


def first(args: list[list[Any]]) -> list[Any]:
    """Return the values of the first argument of a call."""
    return args[0] if args else []


def product(parts: list[list[Any]]) -> list[list[Any]]:
    """Return the ways to take one value of each part."""
    ways: list[list[Any]] = [[]]
    for part in parts:
        ways = [[*way, one] for way in ways for one in part][:VALUES_MAX]
    return ways


def plain_product(args: list[list[Any]]) -> list[list[Any]]:
    """Return the ways to take one plain value of each argument."""
    return product([[one for one in values if is_plain(one)] for values in args])


def attempt(function: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
    """Return what a function of plain values returns, None when it raises."""
    try:
        return function(*args, **keywords)
    except Exception:  # a codec may raise anything, `zlib.error` for one
        return None
