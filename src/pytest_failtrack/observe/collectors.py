"""What pytest collects and imports on its way to a test; asked for what is in order again."""

from __future__ import annotations

from collections.abc import Iterable

IMPORTED_BEFORE = ("conftest.py", "__init__.py")
"""What pytest imports of a folder before the tests in it."""


def containers_of(nodeids: Iterable[str]) -> set[str]:
    """Return the node ids of all that pytest had to collect or import to come to some tests.

    The classes, files and folders that they lie in, and of each folder what is imported before the
    tests in it. Of ids without `::`, which are no tests of pytest, nothing.

    Args:
        nodeids: `folder/file.py::Class::test`.
    """
    found: set[str] = set()
    for parent in {one.rpartition("::")[0] for one in nodeids}:
        while "::" in parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("::")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
            found.update(f"{parent}/{name}" if parent else name for name in IMPORTED_BEFORE)
    return found
