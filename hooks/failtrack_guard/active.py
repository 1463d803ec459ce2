"""The settings of a run, remembered between runs so that TOML is read once.

A rule of them is imported when a file holds one of its needles, not before.
"""

from __future__ import annotations

import marshal
import os
import sys

from failtrack_guard.cache import code_stamp, make_folder, write_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from failtrack_guard.rule import Rule

REMEMBERED = "settings"  # file in the cache's folder
KEPT = 8  # settings of so many calls with other options are remembered


class Active:
    """A rule that runs.

    Args:
        id: Its id.
        options: Its checked options.
        needles: See `Rule.needles`.
        words: See `Rule.words`.
        looks_over: Whether it has something to say beside what single files show.
        watches: See `Rule.watches`.
        places: See `Rule.places`.
        rule: The rule itself, None as long as it was not needed.
    """

    __slots__ = ("_rule", "id", "looks_over", "needles", "options", "places", "watches", "words")

    def __init__(
        self,
        id: str,
        options: dict[str, Any],
        needles: tuple[bytes, ...] | None,
        words: tuple[str, ...] | None,
        looks_over: bool,
        watches: tuple[str, ...] | None,
        places: tuple[str, ...] | None = None,
        rule: Rule | None = None,
    ) -> None:
        self.id = id
        self.options = options
        self.needles = needles
        self.words = words
        self.looks_over = looks_over
        self.watches = watches
        self.places = places
        self._rule = rule

    @property
    def rule(self) -> Rule:
        """The rule, imported and prepared at the first need."""
        if self._rule is None:
            from failtrack_guard.rules import rule_class

            self._rule = rule_class(self.id)(self.options)
            self._rule.prepare()
        return self._rule


class Settings:
    """Everything that a run of the guard is told.

    Args:
        root: Folder of the `pyproject.toml`, absolute; paths are shown relative to it.
        values: Every key of `settings.KEYS`, checked.
        active: Rules that run, in the order of their ids.
        source: File that was read, empty for none.
        stamp: What the findings of one file depend on beside the file itself.
        files: Path and time of the files of rules that other distributions bring.
    """

    def __init__(
        self,
        root: str,
        values: dict[str, Any],
        active: tuple[Active, ...],
        source: str,
        stamp: str,
        files: tuple[tuple[str, int], ...] = (),
    ) -> None:
        self.root = root
        self.values = values
        self.active = active
        self.source = source
        self.stamp = stamp
        self.files = files

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that run; imports all of them."""
        return tuple(one.rule for one in self.active)

    @property
    def sources(self) -> tuple[str, ...]:
        """Source roots, absolute."""
        given = self.values["src"]
        if given is not None:
            return tuple(os.path.normpath(os.path.join(self.root, one)) for one in given)
        found = [self.root]
        if os.path.isdir(os.path.join(self.root, "src")):
            found.append(os.path.join(self.root, "src"))
        return tuple(found)

    @property
    def looking_over(self) -> list[Active]:
        """The rules that have something to say of the project as a whole."""
        return [
            one
            for one in self.active
            if one.looks_over
            and (
                one.watches is None
                or any(os.path.lexists(os.path.join(self.root, path)) for path in one.watches)
            )
        ]

    @property
    def cache_folder(self) -> str:
        """Where the cache lies, absolute; empty for none."""
        folder = self.values["cache"]
        return os.path.join(self.root, folder) if folder else ""


def find_root(start: str) -> str:
    """Return the project's folder: the nearest one upwards whose `pyproject.toml` speaks of us.

    Else the nearest with a `pyproject.toml` at all, else the start.
    """
    folder = os.path.abspath(start)
    nearest = ""
    while True:
        try:
            with open(os.path.join(folder, "pyproject.toml"), "rb") as file:
                if b"tool.failtrack" in file.read():
                    return folder
            nearest = nearest or folder
        except OSError:
            pass
        above = os.path.dirname(folder)
        if above == folder:
            return nearest or os.path.abspath(start)
        folder = above


def settings_for(
    root: str,
    file: str = "",
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    remember: bool = True,
) -> Settings:
    """Return the settings of a project, from memory when nothing changed.

    Args:
        root: Folder of the project.
        file: TOML file to read instead of `pyproject.toml`.
        select: Rules that run instead of those that the file says.
        ignore: Rules that do not run, either.
        exclude: Path patterns that are left out, too.
        remember: Whether the memory is used.

    Raises:
        ConfigError: The file is unreadable, or a value in it cannot be used.
    """
    source = os.path.abspath(file) if file else os.path.join(root, "pyproject.toml")
    # The place of the memory is known before anything is read; a project that sends its cache
    # elsewhere does without one.
    folder = os.path.join(root, ".failtrack", "guard")
    key = (source, select, ignore, exclude)
    seen = _seen(source) if remember else None
    if seen is not None:
        found = _remembered(folder).get(key)
        if found is not None and found[0] == seen and _are_as_they_were(found[4]):
            _, values, active, stamp, _ = found
            return Settings(root, values, tuple(Active(*one) for one in active), source, stamp)
    from failtrack_guard.settings import load

    settings = load(root, file, select=select, ignore=ignore, exclude=exclude)
    if seen is not None and settings.cache_folder == folder:
        _remember(folder, key, seen, settings)
    return settings


def files_of(classes: Iterable[type]) -> tuple[tuple[str, int], ...]:
    """Return path and time of the files in which classes are defined."""
    found = {getattr(sys.modules.get(one.__module__), "__file__", None) for one in classes}
    return tuple((path, os.stat(path).st_mtime_ns) for path in sorted(filter(None, found)))


def _are_as_they_were(files: Iterable[tuple[str, int]]) -> bool:
    try:
        return all(os.stat(path).st_mtime_ns == time for path, time in files)
    except OSError:
        return False


def _seen(source: str) -> tuple[int, int, str, int] | None:
    try:
        stat = os.stat(source)
        # What is installed beside us may bring rules.
        folders = [one for one in sys.path if one.endswith(("site-packages", "dist-packages"))]
        installed = max((os.stat(one).st_mtime_ns for one in folders), default=0)
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns, code_stamp(), installed


def _remembered(folder: str) -> dict[Any, Any]:
    try:
        with open(os.path.join(folder, REMEMBERED), "rb") as file:
            found = marshal.loads(file.read())
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(folder: str, key: Any, seen: Any, settings: Settings) -> None:
    active = [
        (*(one.id, one.options, one.needles, one.words, one.looks_over), one.watches, one.places)
        for one in settings.active
    ]
    known = _remembered(folder)
    for old in [*known][: max(0, len(known) - KEPT + 1)]:
        del known[old]
    known[key] = (seen, settings.values, active, settings.stamp, settings.files)
    try:
        make_folder(folder)
        write_beside(os.path.join(folder, REMEMBERED), marshal.dumps(known))
    except (OSError, ValueError):  # it costs time, nothing else
        return
