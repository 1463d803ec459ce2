"""Source roots: which module a file is, and which file a module is."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _is_importable(part: str) -> bool:
    # `0001_initial` cannot be written in an import statement, but it is loaded by its name, and
    # imports others like any module.
    return bool(part) and f"_{part.replace('-', '_')}".isidentifier()


class Roots:
    """The folders from which a project's modules are imported.

    Args:
        folders: Absolute; a module's name is its path below one of them.
    """

    def __init__(self, folders: Iterable[str]) -> None:
        # The deepest first, so that `src/shop/a.py` is `shop.a` although `.` is a root, too.
        self.folders = sorted({os.path.normpath(one) for one in folders}, key=len, reverse=True)
        self._files: dict[str, str | None] = {}

    def module_name(self, path: str) -> str:
        """Return the dotted name of a file, empty when no source root holds it."""
        for folder in self.folders:
            if path.startswith(folder + os.sep):
                parts = path[len(folder) + 1 :].split(os.sep)
                stem = parts.pop().rpartition(".")[0]
                if stem != "__init__":
                    parts.append(stem)
                return ".".join(parts) if all(map(_is_importable, parts)) else ""
        return ""

    def file_of(self, dotted: str) -> str | None:
        """Return the file of a module or package of this project, None when it is not one."""
        if dotted not in self._files:
            self._files[dotted] = self._find(dotted)
        return self._files[dotted]

    def _find(self, dotted: str) -> str | None:
        parts = dotted.split(".")
        if not all(map(_is_importable, parts)):
            return None
        for folder in self.folders:
            base = os.path.join(folder, *parts)
            for path in (f"{base}.py", os.path.join(base, "__init__.py")):
                if os.path.isfile(path):
                    return path
        return None
