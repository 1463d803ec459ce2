"""Which files a run looks at: those that are named, and those in folders that are named."""

from __future__ import annotations

import os
from operator import attrgetter

from failtrack_guard.errors import GuardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Folders without source of the project; hidden ones and virtual environments are left out, too.
NEVER = frozenset({"__pycache__", "node_modules", "site-packages"})
# Made by build tools, unless they are packages of the project.
BUILT = frozenset({"build", "dist"})
VENV = "pyvenv.cfg"  # a file that only virtual environments hold


class Folders:
    """The folders of a project, each listed once in a run.

    Args:
        root: Folder of the project, absolute: patterns are relative to it.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        # Folder, and whether it was named -> its Python files and the folders in it, absolute.
        self._listed: dict[tuple[str, bool], tuple[list[str], list[str]]] = {}

    def files_in(self, paths: Iterable[str], excluded: tuple[str, ...] = ()) -> list[str]:
        """Return the Python files of some paths, absolute, each once, in order.

        A file that is named is taken whatever its ending, so that scripts without one can be
        checked; what `exclude` names is left out also then, as hooks name every staged file.

        Args:
            paths: Files and folders, relative to the current folder.
            excluded: Path patterns: `build/*`, `*/migrations/*`; a folder's name leaves out all in
                it.

        Raises:
            GuardError: A path does not exist, or a folder cannot be read.
        """
        leave_out = Patterns(excluded, self._root)
        found: dict[str, None] = {}
        for path in paths:
            absolute = os.path.abspath(path)
            if os.path.isdir(absolute):
                found.update(dict.fromkeys(self._walk(absolute, leave_out)))
            elif not os.path.lexists(absolute):
                raise GuardError(f"{path}: no such file or folder; check the path", slug="no-file")
            elif not leave_out.match(absolute):
                found[absolute] = None
        return [*found]

    def _walk(self, folder: str, leave_out: Patterns) -> Iterator[str]:
        """Yield the Python files below a folder; links to folders are not followed."""
        waiting = [folder]
        while waiting:
            current = waiting.pop()
            is_named = current == folder
            listed = self._listed.get((current, is_named))
            if listed is None:
                listed = _listed(current, is_named=is_named)
                self._listed[current, is_named] = listed
            files, folders = listed
            if leave_out.is_any:
                files = [one for one in files if not leave_out.match(one)]
                folders = [one for one in folders if not leave_out.match(one)]
            yield from files
            waiting += reversed(folders)


class Patterns:
    """Path patterns below a folder; `*` stands for any characters, also slashes.

    Args:
        patterns: The patterns.
        root: Absolute folder that they are relative to.
    """

    def __init__(self, patterns: tuple[str, ...], root: str) -> None:
        self._prefix = root.rstrip(os.sep) + os.sep
        self._regex = None
        if patterns:
            import fnmatch
            import re

            both = [form for one in patterns for form in (one.rstrip("/"), one.rstrip("/") + "/*")]
            self._regex = re.compile("|".join(fnmatch.translate(one) for one in both))

    @property
    def is_any(self) -> bool:
        """Whether there is a pattern at all."""
        return self._regex is not None

    def match(self, path: str) -> bool:
        """Return whether an absolute path, or a folder that holds it, is named by a pattern."""
        if self._regex is None or not path.startswith(self._prefix):
            return False
        return bool(self._regex.match(path[len(self._prefix) :].replace(os.sep, "/")))


def _listed(folder: str, *, is_named: bool) -> tuple[list[str], list[str]]:
    """Return the Python files of a folder, and the folders in it that may hold more.

    Args:
        folder: Absolute path.
        is_named: Whether it was asked for, and is looked at also as a virtual environment.

    Raises:
        GuardError: It cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=_name_of)
    except FileNotFoundError:  # gone since it was listed
        return [], []
    except OSError as error:
        raise GuardError(
            f"{folder} cannot be read ({error.strerror}); exclude it or correct its permissions",
            slug="unreadable",
        ) from None
    files: list[str] = []
    folders: list[str] = []
    for entry in listed:
        name = entry.name
        if name == VENV and not is_named:
            return [], []
        if name[0] == ".":
            continue
        if name.endswith(".py"):
            if _is_file(entry):
                files.append(entry.path)
        elif (
            name not in NEVER
            and entry.is_dir(follow_symlinks=False)
            and not _is_built(entry.path, name)
        ):
            folders.append(entry.path)
    return files, folders


_name_of = attrgetter("name")


def _is_built(folder: str, name: str) -> bool:
    """Return whether a folder is the output of a build, and no package."""
    return name in BUILT and not os.path.exists(os.path.join(folder, "__init__.py"))


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a file, or a link to one; a link that leads round is none."""
    try:
        return entry.is_file()
    except OSError:
        return False
