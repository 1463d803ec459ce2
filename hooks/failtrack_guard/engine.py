"""The engine: files in, findings out. A cheap sieve first, the parser only where it catches.

cache -> bytes: needles of the rules -> syntax tree: what one file shows -> what others answer
"""

from __future__ import annotations

import os

from failtrack_guard.cache import Cache, Entry, digest_of
from failtrack_guard.finding import Finding
from failtrack_guard.reading import Unreadable, read_bytes
from failtrack_guard.roots import Roots

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from failtrack_guard.active import Active, Settings
    from failtrack_guard.project import Exports, Project

ALLOW = b"failtrack:"
# First bytes of characters that Python reads as ASCII letters in a name (NFKC): no needle in lower
# case finds those.
_DISGUISED = (
    *(b"\xef\xbc", b"\xef\xbd", b"\xef\xac", b"\xf0\x9d", b"\xe2\x84", b"\xe2\x85", b"\xe2\x82"),
    *(b"\xe2\x81", b"\xe1\xb4", b"\xe1\xb5", b"\xe1\xb6", b"\xc2\xaa", b"\xc2\xba", b"\xc5\xbf"),
)


class Result:
    """What a run found.

    Args:
        findings: In the order of a report.
        unreadable: Files that could not be judged, and why.
        files: Absolute path of each file that was looked at -> path as it is shown.
        allowing: Shown paths of files that may hold suppressions.
    """

    __slots__ = ("allowing", "files", "findings", "unreadable")

    def __init__(
        self,
        findings: list[Finding],
        unreadable: list[Unreadable],
        files: dict[str, str],
        allowing: list[str],
    ) -> None:
        self.findings = findings
        self.unreadable = unreadable
        self.files = files
        self.allowing = allowing


def run(
    settings: Settings,
    files: Iterable[str],
    *,
    cache: Cache | None = None,
    changed: frozenset[str] | None = None,
) -> Result:
    """Judge files.

    Args:
        settings: What is checked.
        files: Absolute paths of Python files.
        cache: What earlier runs saw.
        changed: Paths relative to the project of all files that a commit or range changes, None
            when that is not known.
    """
    return Engine(settings, cache or Cache("", ""), changed).run(files)


class Engine:
    """One run over a project; see `run`."""

    def __init__(
        self, settings: Settings, cache: Cache, changed: frozenset[str] | None = None
    ) -> None:
        self.settings = settings
        self.cache = cache
        self.roots = Roots(settings.sources)
        self._changed = changed
        self._project: Project | None = None
        self._prefix = settings.root.rstrip(os.sep) + os.sep

    @property
    def project(self) -> Project:
        """What rules may ask about other files; made at the first need."""
        if self._project is None:
            from failtrack_guard.project import Project

            self._project = Project(self.settings.root, self.roots, self.exports)
            self._project.changed = self._changed
        return self._project

    def run(self, files: Iterable[str]) -> Result:
        """Judge files; see the function `run`."""
        rules = {one.id: one for one in self.settings.active}
        seen: list[Finding] = []
        unreadable: list[Unreadable] = []
        shown_files: dict[str, str] = {}
        allowing: list[str] = []
        for file in files:
            shown = self.shown(file)
            shown_files[file] = shown
            try:
                entry = self._judged(file, shown)
            except Unreadable as error:
                unreadable.append(error)
                continue
            if entry.has_allow:
                allowing.append(shown)
            seen += [Finding.of(shown, one) for one in entry.findings or ()]
        found = [
            one
            for one in seen
            if not one.asks or rules[one.rule].rule.holds(one.asks, self.project)
        ]
        for active in self.settings.active:
            if active.looks_over:
                found += active.rule.over(self.project)
        for one in found:
            rules[one.rule].rule.finish(one, self.project)
        found.sort(key=Finding.sort_key)
        self.cache.save()
        return Result(found, unreadable, shown_files, allowing)

    def judged_as(self, file: str, content: bytes) -> list[Finding]:
        """Return what would be found in a file if it held these bytes; nothing is kept.

        Args:
            file: Absolute path of the file.
            content: What it holds, or would hold.

        Raises:
            Unreadable: The bytes cannot be parsed.
        """
        rules = {one.id: one.rule for one in self.settings.active}
        shown = self.shown(file)
        entry = Entry((0, 0), b"")
        seen = self._look_at(content, shown, self.roots.module_name(file), entry)
        found = [Finding.of(shown, one) for one in seen]
        found = [
            one for one in found if not one.asks or rules[one.rule].holds(one.asks, self.project)
        ]
        for one in found:
            rules[one.rule].finish(one, self.project)
        return sorted(found, key=Finding.sort_key)

    def shown(self, file: str) -> str:
        """Return a path as it is shown: relative to the project, with forward slashes."""
        if file.startswith(self._prefix):
            file = file[len(self._prefix) :]
        return file.replace(os.sep, "/") if os.sep != "/" else file

    def exports(self, file: str, dotted: str) -> Exports | None:
        """Return what a file of the project offers to others, None when it cannot be read."""
        from failtrack_guard.project import Exports, exports_of
        from failtrack_guard.reading import parse

        shown = self.shown(file)
        try:
            stat = os.stat(file)
            entry = self.cache.find(shown, stat)
            if entry is None or entry.exports is None:
                content = read_bytes(file, shown)
                digest = digest_of(content)
                entry = self.cache.find_same(shown, stat, digest)
                if entry is None:
                    entry = Entry((stat.st_size, stat.st_mtime_ns), digest)
                if entry.exports is None:
                    entry.exports = exports_of(parse(content, shown, dotted)).plain()
                    self.cache.put(shown, entry)
        except (OSError, Unreadable):  # said when that file itself is checked
            return None
        return Exports(*entry.exports)

    def _judged(self, file: str, shown: str) -> Entry:
        """Return what is known of a file after looking at it, or from the cache.

        Raises:
            Unreadable: The file cannot be read or parsed.
        """
        try:
            stat = os.stat(file)
        except OSError as error:
            raise Unreadable(shown, f"cannot be read ({error.strerror or error})") from None
        entry = self.cache.find(shown, stat)
        if entry is not None and entry.findings is not None:
            return entry
        content = read_bytes(file, shown)
        digest = digest_of(content)
        entry = self.cache.find_same(shown, stat, digest)
        if entry is not None and entry.findings is not None:
            return entry
        entry = entry or Entry((stat.st_size, stat.st_mtime_ns), digest)
        entry.has_allow = ALLOW in content
        entry.findings = self._look_at(content, shown, self.roots.module_name(file), entry)
        self.cache.put(shown, entry)
        return entry

    def _look_at(
        self, content: bytes, shown: str, name: str, entry: Entry
    ) -> tuple[tuple[object, ...], ...]:
        waiting = suspicious(self.settings.active, content, shown, name)
        found: tuple[tuple[object, ...], ...] = ()
        parsing = []
        for active in waiting:
            glanced = active.rule.glance(content, shown, name)
            if glanced is None:
                parsing.append(active)
            else:
                found += tuple(one.plain() for one in glanced)
        if not parsing:
            return found
        from failtrack_guard.project import exports_of
        from failtrack_guard.reading import parse

        module = parse(content, shown, name)
        found += tuple(one.plain() for active in parsing for one in active.rule.look(module))
        if name and entry.exports is None:
            exports = exports_of(module)
            entry.exports = exports.plain()
            self.project.know(name, exports)
        return found


def suspicious(rules: Iterable[Active], content: bytes, shown: str, name: str) -> list[Active]:
    """Return the rules that may find something in a file, by its path and bytes alone.

    Never wrongly leaves one out; the parser is spared when it returns none.
    """
    lowered = content.lower()
    disguised = not content.isascii() and any(one in content for one in _DISGUISED)
    found = []
    for active in rules:
        needles = active.needles
        if (
            needles is None or disguised or any(needle in lowered for needle in needles)
        ) and active.rule.concerns(shown, name):
            found.append(active)
    return found
