"""Our modules are imported as they are, past pytest's assertion rewriter.

pytest rewrites the assertions of every module of a plugin: on a fresh machine it compiles them all
again, and afterwards it reads them three times slower than Python does. Ours hold no assertions
of tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

PREFIX = __name__.partition(".")[0] + "."


class PlainFinder:
    """Finds the modules of this package where Python itself would."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module of ours is loaded, None for every other."""
        return PathFinder.find_spec(name, path, target) if name.startswith(PREFIX) else None


def import_plainly() -> Callable[[], None]:
    """Import what is still to come of this package plainly; return what ends that again."""
    finder = PlainFinder()
    sys.meta_path.insert(0, finder)

    def end() -> None:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return end
