"""What functions of collections give: those that make, join, walk and look into them.

Each takes the folder, the arguments and the keywords; see `functions.FUNCTIONS`.
"""

from __future__ import annotations

from failtrack_guard.boundaries.values import (
    VALUES_MAX,
    Items,
    Table,
    elements,
    first,
    is_modules,
    product,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.boundaries.worth import Worth


def sequence(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `list`, `sorted` and the like make."""
    return [Items(folder.items(one)) for one in first(args)] if args else [Items([])]


def backwards(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `reversed` gives."""
    return [Items(folder.items(one)[::-1]) for one in first(args)]


def table(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `dict` makes."""
    pairs: list[tuple[list[Any], list[Any]]] = []
    if any(map(is_modules, first(args))):
        return first(args)
    for one in first(args):
        if isinstance(one, Table):
            pairs += one.pairs
        elif isinstance(one, Items):
            pairs += [
                (pair.items[0], pair.items[1])
                for item in one.items
                for pair in item
                if isinstance(pair, Items) and len(pair.items) == 2
            ]
    pairs += [([key], there) for key, there in keywords.items()]
    return [Table(pairs)]


def mapped(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `map` gives."""
    if len(args) < 2:
        return []
    found: list[list[Any]] = []
    for func in args[0]:
        for holder in args[1]:
            found += [folder.result(func, [item], {}) for item in folder.items(holder)]
    return [Items(found)]


def zipped(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `zip` gives."""
    columns = [elements(one[0]) if one else [] for one in args]
    return [Items([[Items(list(row))] for row in zip(*columns)])]  # noqa: B905 (as the program)


def counted(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `enumerate` gives."""
    return [
        Items([[Items([[index], item])] for index, item in enumerate(folder.items(one))])
        for one in first(args)
    ]


def second(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return the items of the second argument, as `filter` gives them."""
    return [Items(folder.items(one)) for one in args[1]] if len(args) > 1 else []


def reduced(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `functools.reduce` returns."""
    if len(args) < 2:
        return []
    found: list[Any] = []
    for func in args[0]:
        for holder in args[1]:
            turns = [*args[2:3], *elements(holder)[:VALUES_MAX]]
            worth = turns[0] if turns else []
            for item in turns[1:]:
                worth = folder.result(func, [worth, item], {})
            found += worth
    return found


def chained(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `itertools.chain` gives."""
    return [Items([item for values in args for one in values for item in folder.items(one)])]


def multiplied(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `itertools.product` gives."""
    columns = [[item for one in values for item in elements(one)] for values in args]
    return [Items([[Items(row)] for row in product(columns)])]


def item_got(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return an item by its key, which is given before the collection."""
    keys, holders = (args[0], args[1]) if len(args) > 1 else ([], [])
    return [one for holder in holders for one in folder.item(holder, keys)] if keys else []


def taken(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return an item by its key, which is given after the collection."""
    return item_got(folder, [*args[1:2], *args[:1]], keywords)
