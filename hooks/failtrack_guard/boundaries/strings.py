"""What strings become: added, formatted, and by their methods."""

from __future__ import annotations

import re

from failtrack_guard.boundaries.values import (
    ITEMS_MAX,
    LENGTH_MAX,
    UNKNOWN,
    VALUES_MAX,
    Items,
    Table,
    attempt,
    elements,
    is_plain,
    plain_product,
    product,
    texts_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Methods of strings that depend on nothing but their arguments.
_TEXT_METHODS = frozenset(
    {
        *("capitalize", "casefold", "center", "encode", "expandtabs", "ljust", "lower", "lstrip"),
        *("removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase"),
        *("title", "translate", "upper", "zfill", "__add__", "__mod__", "__str__"),
    }
)
_WIDENING = frozenset({"ljust", "rjust", "center", "zfill", "expandtabs"})
_SPLITTERS = frozenset({"split", "rsplit", "partition", "rpartition", "splitlines"})


def added(left: list[Any], right: list[Any]) -> list[Any]:
    """Return what `+` makes of strings, numbers and lists; of an unknown part, unknown text."""
    if not right and any(isinstance(one, str) for one in left):
        right = [UNKNOWN]
    if not left and any(isinstance(one, str) for one in right):
        left = [UNKNOWN]
    found: list[Any] = []
    for one, other in ((one, other) for one in left for other in right):
        if len(found) > VALUES_MAX:
            break
        if isinstance(one, Table) and isinstance(other, Table):  # `|=`
            found.append(Table([*one.pairs, *other.pairs]))
        elif isinstance(one, Items) and isinstance(other, Items):
            if len(one.items) + len(other.items) > ITEMS_MAX:
                continue
            found.append(Items([*one.items, *other.items]))
        elif type(one) is type(other) and isinstance(one, (str, bytes, int)):
            found.append(one + other)
    return found


def is_wide(text: str) -> bool:
    """Return whether a format might fill the memory: a width of many digits, or one given later."""
    return re.search(r"\d{4}|\*|\{[^{}]*\{", text) is not None


def percent(text: str, right: list[Any]) -> Iterator[str]:
    """Yield `text % value`, with unknown values as unknown text."""
    if is_wide(text):
        return
    for value in right or [None]:
        if isinstance(value, Items):
            ways = product([item or [UNKNOWN] for item in value.items])
            found = [attempt(text.__mod__, tuple(one)) for one in ways]
        elif isinstance(value, Table):
            named = {
                key: (there or [UNKNOWN])[0]
                for keys, there in value.pairs
                for key in keys
                if isinstance(key, str)
            }
            found = [attempt(text.__mod__, named)]
        else:
            found = [attempt(text.__mod__, value if right else UNKNOWN)]
        yield from (one for one in found if isinstance(one, str))


def text_method(
    base: str, name: str, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    """Return what a method of a known string returns."""
    if name == "join" and args:
        return [
            base.join(one)
            for holder in args[0]
            for one in product([texts_in(item) or [UNKNOWN] for item in elements(holder)])
        ]
    if name in ("substitute", "safe_substitute"):
        import string

        named = {key: (texts_in(there) or [UNKNOWN])[0] for key, there in keywords.items()}
        return [string.Template(base).safe_substitute(named)]
    if name in ("format", "format_map"):
        return _format(base, name, args, keywords)
    if name not in _TEXT_METHODS and name not in _SPLITTERS:
        return []
    found = []
    for one in plain_product(args):
        sizes = [len(base), *(len(part) for part in one if isinstance(part, str))]
        if name in _WIDENING or (name == "replace" and sizes[0] * max(sizes) > LENGTH_MAX**2 / 100):
            continue
        value = attempt(getattr(base, name), *one)
        if name in _SPLITTERS and value is not None:
            value = Items([[part] for part in value])
        found.append(value)
    return [one for one in found if one is not None]


def _format(
    base: str, name: str, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    """Return what `format` and `format_map` return, with unknown values as unknown text."""
    if is_wide(base):
        return []
    named = {key: (_plain_of(there) or [UNKNOWN])[0] for key, there in keywords.items()}
    if name == "format_map":
        tables = [one for one in args[0] if isinstance(one, Table)] if args else []
        for table in tables:
            for keys, there in table.pairs:
                named.update({key: (there or [UNKNOWN])[0] for key in texts_in(keys)})
        args = []
    ways = product([_shown_of(one) or [UNKNOWN] for one in args])
    found = [attempt(base.format, *one, **named) for one in ways]
    return [one for one in found if one is not None]


def _shown_of(values: list[Any]) -> list[Any]:
    """Return plain values, and lists of such."""
    lists = [one.items for one in values if isinstance(one, Items)]
    return [*_plain_of(values), *([item[0] for item in one if item] for one in lists)]


def _plain_of(values: list[Any]) -> list[Any]:
    return [one for one in values if is_plain(one)]
