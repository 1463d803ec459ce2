"""Tests without the marks that the project asks for; runner.py asks once tests are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.debt import UNMAPPED, DebtItem
from pytest_failtrack.policy.mapping import NAMING, MappingRules

# More tests than this are told of by file, and the files beyond as one.
TESTS_MAX = 100
FILES_MAX = 200


def unmapped_items(
    items: Iterable[Any], rules: MappingRules, clean_id: Callable[[str], str]
) -> list[DebtItem]:
    """Return what the collected tests lack: one item a test, or one a file where they are many.

    Only tests written in Python are asked: others, such as doctests, can carry no marks.

    Args:
        items: pytest's items.
        rules: What the project asks.
        clean_id: Redacts a node id or a path.
    """
    found = list(_unmapped(items, rules))
    if len(found) > TESTS_MAX:
        found = list(_by_file(found))
    return [replaced(one, nodeid=clean_id(one.nodeid), file=clean_id(one.file)) for one in found]


def _unmapped(items: Iterable[Any], rules: MappingRules) -> Iterator[DebtItem]:
    told: set[str] = set()
    for item in items:
        if not hasattr(item, "function"):
            continue
        # A test with parameters is one test.
        nodeid = f"{item.parent.nodeid}::{getattr(item, 'originalname', None) or item.name}"
        if nodeid in told:
            continue
        file = nodeid.partition("::")[0]
        lacks = rules.missing(file, _Marks(item).has)
        if lacks:
            told.add(nodeid)
            line = item.location[1]
            yield DebtItem(
                kind=UNMAPPED,
                nodeid=nodeid,
                file=file,
                line=None if line is None else line + 1,
                reason=" and ".join(lacks),
            )


class _Marks:
    """The marks on a test and around it."""

    def __init__(self, item: Any) -> None:
        self._item = item

    def has(self, name: str) -> bool:
        """Return whether there is a mark of this name that says something."""
        if name not in NAMING:
            return self._item.get_closest_marker(name) is not None
        return any(
            value is not None and str(value).strip()
            for mark in self._item.iter_markers(name)
            for value in (*mark.args, *mark.kwargs.values())
        )


def _by_file(found: Iterable[DebtItem]) -> Iterator[DebtItem]:
    files: dict[str, list[DebtItem]] = {}
    for one in found:
        files.setdefault(one.file, []).append(one)
    ordered = sorted(files.items(), key=lambda one: (-len(one[1]), one[0]))
    for file, items in ordered[:FILES_MAX]:
        yield _together(file, file, items)
    rest = ordered[FILES_MAX:]
    if rest:
        yield _together(f"{len(rest)} more files", "", [one for _, items in rest for one in items])


def _together(name: str, file: str, items: Sequence[DebtItem]) -> DebtItem:
    lacks = {one.reason for one in items}
    reason = lacks.pop() if len(lacks) == 1 else "the marks that are asked for"
    return DebtItem(UNMAPPED, name, file, None, reason, count=len(items))
