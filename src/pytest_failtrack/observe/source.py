"""Where code lies: paths made relative to the root, and whether they are the project's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from pytest_failtrack.frozen import frozen

INSTALLED = ("site-packages", "dist-packages")
# Folders inside a checkout that hold other people's code.
FOREIGN_FOLDERS = {".venv", "venv", ".tox", ".nox", ".eggs", "node_modules", "__pypackages__"}
TEST_FOLDERS = {"tests", "test"}
# Where a checkout keeps what it installs.
SOURCE_FOLDERS = ("src/", "", "lib/", "python/")
# The standard library where its folder is not called after a version, as on Windows and in what is
# shipped with a Python of its own; no project calls folders of its `lib` so.
STANDARD_LIBRARY = (
    r"/[Ll]ib/(?:(?:asyncio|collections|concurrent|ctypes|email|encodings|html|http|importlib|json"
    r"|logging|multiprocessing|re|sqlite3|tomllib|unittest|urllib|wsgiref|xml|xmlrpc|zipfile)/"
    r"|(?:argparse|codecs|configparser|contextlib|runpy|selectors|shutil|socket|socketserver|ssl"
    r"|subprocess|tarfile|tempfile|threading|zipfile)\.py$)"
)


@frozen
class Place:
    """What is known of a source file.

    Args:
        file: Relative to the root with `/`; a short form when it lies elsewhere.
        is_project: It belongs to the project.
        is_test: It is test code.
        is_machinery: It belongs to pytest, pluggy or another part that only carries the test.
    """

    file: str
    is_project: bool
    is_test: bool
    is_machinery: bool = False


class Sources:
    """Answers what a file is, each file once.

    Args:
        root: The project's root, absolute.
        clean: Redacts file names and names in code before they are kept.
    """

    def __init__(self, root: str, clean: Callable[[str], str]) -> None:
        self.root = root.rstrip(os.sep)
        self.clean = clean
        self._known: dict[str, Place] = {}
        self._names: dict[str, str] = {}
        self._machinery = _machinery_folders()
        self._is_file = os.path.isfile  # a test may put another function in its place
        # Where `os` lies is where the standard library lies; sysconfig would say the same, but
        # loads 200 kB of build settings for it.
        self._stdlib = os.path.dirname(os.path.abspath(os.__file__)) + os.sep

    def place(self, filename: str) -> Place:
        """Return what is known of a file.

        Args:
            filename: As code objects name it: absolute, relative to the working folder, or a
                made-up name such as `<string>`.
        """
        place = self._known.get(filename)
        if place is None:
            place = self._known[filename] = self._look(filename)
        return place

    def name(self, word: str) -> str:
        """Return the name of a function, type or marker, redacted, each name once."""
        shown = self._names.get(word)
        if shown is None:
            shown = self._names[word] = self.clean(word)
        return shown

    def _look(self, filename: str) -> Place:
        if filename.startswith("<"):
            return Place(self.clean(filename), is_project=False, is_test=False)
        path = os.path.abspath(filename)
        parts = path.replace("\\", "/").split("/")
        for index in range(len(parts) - 1, -1, -1):
            if parts[index] in INSTALLED:
                short = "/".join(parts[index + 1 :])
                own = self._source_of(short)
                if own:
                    return Place(self.clean(own), True, is_test_path(own))
                return Place(self.clean(short), False, False, path.startswith(self._machinery))
        inside = path.startswith(self.root + os.sep)
        if path.startswith(self._stdlib):
            short = "/".join(parts[-2:])
            return Place(self.clean(f"python/{short}"), False, False, "/unittest/" in filename)
        if path.startswith(self._machinery):
            return Place(self.clean("/".join(parts[-2:])), False, False, True)
        if not inside:
            return Place(self.clean("/".join(parts[-2:])), False, False)
        relative = path[len(self.root) + 1 :].replace("\\", "/")
        folders = relative.split("/")
        is_project = not FOREIGN_FOLDERS.intersection(folders)
        return Place(self.clean(relative), is_project, is_project and is_test_path(relative))

    def _source_of(self, installed: str) -> str:
        """Return the file of the checkout that an installed file was copied from, `` for none.

        In tox and nox the project under test lies in site-packages; it is still the project, and
        a failure there is the one that an editable installation shows.

        Args:
            installed: Path below site-packages, with `/`.
        """
        if not installed.endswith(".py"):
            return ""
        found = (folder + installed for folder in SOURCE_FOLDERS)
        return next((one for one in found if self._is_file(f"{self.root}/{one}")), "")


def is_test_path(path: str) -> bool:
    """Return whether a path relative to the root is test code by pytest's conventions."""
    *folders, name = path.split("/")
    return (
        name.startswith("test_")
        or name.endswith(("_test.py", "_tests.py"))
        or name in ("conftest.py", "tests.py", "test.py")
        or not TEST_FOLDERS.isdisjoint(folders)
    )


def _machinery_folders() -> tuple[str, ...]:
    """Return the folders of what carries tests: its frames say nothing about a failure."""
    folders = {str(Path(__file__).resolve().parent.parent) + os.sep}
    for name in ("_pytest", "pytest", "pluggy", "xdist", "execnet", "pytest_asyncio", "anyio"):
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file:
            folders.add(os.path.dirname(os.path.abspath(file)) + os.sep)
    return tuple(folders)
