"""Where the files lie that a report names: on another machine, in another checkout, in a library.

A traceback of CI names `/home/runner/work/shop/shop/src/shop/orders.py`. What is kept is what the
plugin would have kept there, so that one failure has one signature on every road.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.source import (
    FOREIGN_FOLDERS,
    INSTALLED,
    SOURCE_FOLDERS,
    Place,
    is_test_path,
)

# They carry tests, and their frames say nothing about a failure.
MACHINERY = frozenset(
    {"_pytest", "pytest", "pluggy", "xdist", "execnet", "pytest_asyncio", "anyio"}
    | {"pytest_failtrack"}
)
# Where services check projects out.
_CHECKOUTS = lazily(
    r"(?:/(?:home|Users)/runner/work/(?!\d+/)[^/]+/[^/]+|/__w/[^/]+/[^/]+|[A-Za-z]:/a/[^/]+/[^/]+"
    r"|/github/workspace|.{1,200}/buildkite-agent/builds/[^/]+/[^/]+/[^/]+"
    r"|/builds/[^/]+/[^/]+|/(?:root|home/circleci)/(?:project|repo)"
    r"|.{1,200}/(?:workspace|_?work/\d+/s|a/\d+/s|checkouts?)/?(?:[^/]+(?=/(?:src|tests?)/))?"
    r"|/(?:app|code|workspace|repo|usr/src/app))/(?P<rest>.+)"
)
# Where a project keeps its code, whatever lies above: told of paths of unknown machines.
_CODE = frozenset({"src", "lib", "tests", "test"})
_SYSTEM = ("/usr/", "/opt/", "/lib/", "/lib64/", "/etc/", "/nix/", "/proc/", "C:/Program Files")
_STDLIB = lazily(
    r".*/(?:lib(?:64)?/python3(?:\.\d+)?t?|Python3\d+/Lib|(?P<bare>[Ll]ib))/(?P<rest>.+)"
)
_FROZEN = lazily(r"<.*>$")


class Places:
    """Answers what a file is that a text names, each file once.

    Args:
        root: The project's root, absolute.
        clean: Redacts file names.
        foreign_root: Folder that the report itself calls its root, ``.
    """

    def __init__(self, root: str, clean: Callable[[str], str], foreign_root: str = "") -> None:
        self.root = root.rstrip("/\\")
        self.clean = clean
        self.foreign_root = _slashed(foreign_root).rstrip("/")
        self._known: dict[str, Place] = {}
        self._exists: dict[str, bool] = {}

    def place(self, file: str) -> Place:
        """Return what is known of a file, as a traceback names it."""
        known = self._known.get(file)
        if known is None:
            known = self._known[file] = self._look(_slashed(file))
        return known

    def own(self, file: str) -> str:
        """Return the path from the root of a file that is the project's for certain, else ``.

        It lies below the root, or the checkout has what another machine names: how deep a checkout
        lies there is not known.
        """
        known = self.place(file)
        if not known.is_project:
            return ""
        is_below = bool(self.root) and _normal(file).startswith(f"{_slashed(self.root)}/")
        return known.file if is_below or self.exists(known.file) else ""

    def exists(self, relative: str) -> bool:
        """Return whether the checkout holds a file."""
        found = self._exists.get(relative)
        if found is None:
            found = self._exists[relative] = os.path.isfile(f"{self.root}/{relative}")
        return found

    def _look(self, file: str) -> Place:
        if _FROZEN.match(file):
            return Place(self.clean(file), is_project=False, is_test=False)
        parts = file.split("/")
        for index in range(len(parts) - 1, -1, -1):
            if parts[index] in INSTALLED:
                return self._installed("/".join(parts[index + 1 :]))
        relative = self._relative(file)
        if relative:
            is_project = FOREIGN_FOLDERS.isdisjoint(relative.split("/"))
            shown = self.clean(relative)
            return Place(shown, is_project, is_project and is_test_path(relative))
        library = _STDLIB.match(file)
        if library:
            short = "/".join(parts[-2:])
            return Place(self.clean(f"python/{short}"), False, False, "/unittest/" in file)
        return Place(self.clean("/".join(parts[-2:])), False, False)

    def _installed(self, short: str) -> Place:
        if short.endswith(".py"):
            own = next((one + short for one in SOURCE_FOLDERS if self.exists(one + short)), "")
            if own:
                return Place(self.clean(own), True, is_test_path(own))
        return Place(self.clean(short), False, False, short.partition("/")[0] in MACHINERY)

    def _relative(self, file: str) -> str:
        """Return a path from the root of the checkout, `` when the file lies elsewhere."""
        file = _normal(file)
        if file.startswith("../"):
            # Printed in a folder of the project: build/ says ../c/a.c.
            inside = file.rpartition("../")[2]
            return inside if self.exists(inside) else ""
        if not _is_absolute(file):
            return file
        for root in (_slashed(self.root), self.foreign_root):
            if root and file.startswith(f"{root}/"):
                return file[len(root) + 1 :]
        found = _CHECKOUTS.match(file)
        library = _STDLIB.match(file)
        # Services keep checkouts in /var/lib, and projects have a folder lib of their own.
        is_bare = library is not None and library["bare"] and "/python3" not in file
        if library and "/src/" not in file and not (found and is_bare):
            return ""
        parts = [one for one in file.split("/") if one]
        # The longest end of the path that the checkout holds; a bare name would say too little.
        for index in range(1, len(parts) - 1):
            tail = "/".join(parts[index:])
            if self.exists(tail):
                return tail
        if found is None and (file.startswith(_SYSTEM) or not FOREIGN_FOLDERS.isdisjoint(parts)):
            return ""
        # How deep a checkout lies is not known (GitLab's subgroups, a job's own folder).
        rest = found["rest"].split("/") if found else parts
        at = next((at for at, one in enumerate(rest[:-1]) if one in _CODE), 0)
        return "/".join(rest[at:]) if at or found else ""


def _is_absolute(file: str) -> bool:
    return file.startswith("/") or re.match(r"[A-Za-z]:/", file) is not None


def _normal(file: str) -> str:
    """Return a path with `/`, without the folders that it enters and leaves again."""
    return posixpath.normpath(_slashed(file))


def _slashed(file: str) -> str:
    return file.replace("\\", "/").removeprefix("file://").removeprefix("./")
