"""One file as rules see it: its nodes, what its names stand for, which strings may be where."""

from __future__ import annotations

from failtrack_guard.code.strings import Strings


class Module(Strings):
    """A parsed file.

    Args:
        path: Path as it is shown, with forward slashes.
        name: Dotted module name, empty when the file belongs to no source root.
        is_package: Whether the file is an `__init__.py`.
        source: Its text.
        tree: Its syntax tree.
    """
