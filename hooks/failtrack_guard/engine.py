"""The engine: files in, findings out. A cheap sieve first, the parser only where it catches.

cache -> bytes: needles of the rules -> syntax tree: what one file shows -> what others answer
"""

from __future__ import annotations

import gc
import os

from failtrack_guard.cache import Cache, Entry, digest_of
from failtrack_guard.discover import Folders
from failtrack_guard.finding import Finding
from failtrack_guard.reading import Unreadable, read_bytes
from failtrack_guard.roots import Roots
from failtrack_guard.sieve import Sieve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from failtrack_guard.active import Settings
    from failtrack_guard.code.exports import Exports
    from failtrack_guard.code.project import Project

ALLOW = b"failtrack:"
# From so many files on that have to be looked at, their bytes decide which are parsed, also for
# rules whose words the project adds to; below it, finding those words costs more than parsing.
TREE_MIN = 50
GARBAGE_MIN = 20_000  # objects made beyond those freed between two collections


class Result:
    """What a run found.

    Args:
        findings: In the order of a report.
        unreadable: Files that could not be judged, and why.
        files: Absolute path of each file that was looked at -> path as it is shown.
        allowing: Shown paths of files that may hold suppressions.
        state: State of all source files, empty when it is not known; see `recall.py`.
    """

    __slots__ = ("allowing", "files", "findings", "state", "unreadable")

    def __init__(
        self,
        findings: list[Finding],
        unreadable: list[Unreadable],
        files: dict[str, str],
        allowing: list[str],
        state: bytes = b"",
    ) -> None:
        self.findings = findings
        self.unreadable = unreadable
        self.files = files
        self.allowing = allowing
        self.state = state


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
        self,
        settings: Settings,
        cache: Cache,
        changed: frozenset[str] | None = None,
        folders: Folders | None = None,
    ) -> None:
        self.settings = settings
        self.cache = cache
        self.folders = folders or Folders(settings.root)
        self.roots = Roots(settings.sources)
        self._changed = changed
        self._project: Project | None = None
        self._prefix = settings.root.rstrip(os.sep) + os.sep
        self._active = {one.id: one for one in settings.active}

    @property
    def project(self) -> Project:
        """What rules may ask about other files; made at the first need."""
        if self._project is None:
            from failtrack_guard.code.project import Project

            self._project = Project(self.settings.root, self.folders, self.roots, self.exports)
            self._project.changed = self._changed
        return self._project

    def run(self, files: Iterable[str]) -> Result:
        """Judge files; see the function `run`."""
        thresholds = gc.get_threshold()
        # Syntax trees are many objects and no garbage as long as they are looked at.
        gc.set_threshold(GARBAGE_MIN, *thresholds[1:])
        try:
            return self._run(files)
        finally:
            gc.set_threshold(*thresholds)

    def _run(self, files: Iterable[str]) -> Result:
        shown_files = {file: self.shown(file) for file in files}
        state = self._state(shown_files)
        recall = None
        if state:
            from failtrack_guard.recall import Recall

            recall = Recall(self.cache, "result", state)
            known = recall.find()
            if known is not None:
                findings = [Finding.of(path, plain) for path, plain in known[0]]
                return Result(findings, [], shown_files, [*known[1]], state)
        found: list[Finding] = []
        unreadable: list[Unreadable] = []
        allowing: list[str] = []
        for file, entry in self._entries(shown_files).items():
            if isinstance(entry, Unreadable):
                unreadable.append(entry)
                continue
            shown = shown_files[file]
            if entry.has_allow:
                allowing.append(shown)
            found += self._confirmed(Finding.of(shown, one) for one in entry.findings)
        for active in self.settings.looking_over:
            found += self._confirmed(active.rule.over(self.project))
        found = self._finished(found)
        self.cache.save()
        if recall is not None and not unreadable:
            recall.keep(([(one.path, one.plain()) for one in found], allowing))
        return Result(found, unreadable, shown_files, allowing, state)

    def _state(self, files: dict[str, str]) -> bytes:
        """Return the state of all source files of a run over a tree, empty for any other run."""
        if len(files) < TREE_MIN or self.settings.looking_over:
            return b""
        from failtrack_guard.recall import state_of

        return state_of(sorted(files), sorted(self.others(files)))

    def _confirmed(self, seen: Iterable[Finding]) -> list[Finding]:
        """Return the findings that other files confirm."""
        return [
            settled
            for one in seen
            for settled in self._active[one.rule].rule.settled(one, self.project)
        ]

    def _finished(self, found: list[Finding]) -> list[Finding]:
        """Return findings completed, in the order of a report."""
        found = self._without_ignored(found)
        for one in found:
            self._active[one.rule].rule.finish(one, self.project)
        return sorted(found, key=Finding.sort_key)

    def others(self, files: Container[str]) -> list[str]:
        """Return the files of the source roots beside some, absolute."""
        found = self.folders.files_in(self.settings.sources)
        return [file for file in found if file not in files]

    def _entries(self, files: dict[str, str]) -> dict[str, Entry | Unreadable]:
        """Return what each file shows, from the cache or after looking at it."""
        if len(files) >= TREE_MIN and any(one.words is not None for one in self.settings.active):
            known = {file: self.known(file, shown) for file, shown in files.items()}
            fresh = sum(entry is None or not entry.is_parsed for entry in known.values())
            if fresh >= TREE_MIN:
                from failtrack_guard.tree import look_over

                return look_over(self, files, known)
        found: dict[str, Entry | Unreadable] = {}
        sieve = Sieve(self.settings.active)
        for file, shown in files.items():
            try:
                found[file] = self._judged(file, shown, sieve)
            except Unreadable as error:
                found[file] = error
        return found

    def _without_ignored(self, findings: list[Finding]) -> list[Finding]:
        """Leave out what `per-file-ignores` names."""
        table = self.settings.values["per-file-ignores"]
        if not table or not findings:
            return findings
        from failtrack_guard.discover import Patterns

        root = self.settings.root
        ignored = [(Patterns((pattern,), root), ids) for pattern, ids in table.items()]
        return [
            one
            for one in findings
            if not any(
                one.rule in ids and patterns.match(os.path.join(root, one.path))
                for patterns, ids in ignored
            )
        ]

    def judged_as(self, file: str, content: bytes) -> list[Finding]:
        """Return what would be found in a file if it held these bytes; nothing is kept.

        Args:
            file: Absolute path of the file.
            content: What it holds, or would hold.

        Raises:
            Unreadable: The bytes cannot be parsed.
        """
        shown = self.shown(file)
        sieve = Sieve(self.settings.active)
        self.look_at(file, shown, content, entry := Entry((0, 0), b""), sieve)
        self.project.vocabularies = ()  # they know nothing of these bytes
        if entry.has_exports:
            from failtrack_guard.code.exports import Exports

            self.project.know(self.roots.module_name(file), Exports(*entry.exports))
        return self._finished(self._confirmed(Finding.of(shown, one) for one in entry.findings))

    def shown(self, file: str) -> str:
        """Return a path as it is shown: relative to the project, with forward slashes."""
        if file.startswith(self._prefix):
            file = file[len(self._prefix) :]
        return file.replace(os.sep, "/") if os.sep != "/" else file

    def exports(self, file: str, dotted: str) -> Exports | None:
        """Return what a file of the project offers to others, None when it cannot be read."""
        from failtrack_guard.code.exports import Exports, exports_of
        from failtrack_guard.reading import parse

        shown = self.shown(file)
        try:
            entry, content = self.entry_of(file, shown, lambda entry: entry.has_exports)
            if content is not None:
                entry.exports = exports_of(parse(content, shown, dotted)).plain()
                self.cache.put(shown, entry)
        except Unreadable:  # said when that file itself is checked
            return None
        return Exports(*entry.exports)

    def known(self, file: str, shown: str) -> Entry | None:
        """Return the entry of a file that has not changed, as far as its time and size tell."""
        try:
            return self.cache.find(shown, os.stat(file))
        except OSError:
            return None

    def entry_of(
        self, file: str, shown: str, is_enough: Callable[[Entry], bool]
    ) -> tuple[Entry, bytes | None]:
        """Return what is known of a file, and its content unless that is enough.

        Raises:
            Unreadable: The file cannot be read.
        """
        try:
            stat = os.stat(file)
        except OSError as error:
            raise Unreadable(shown, f"cannot be read ({error.strerror or error})") from None
        entry = self.cache.find(shown, stat)
        if entry is not None and is_enough(entry):
            return entry, None
        content = read_bytes(file, shown)
        digest = digest_of(content)
        entry = self.cache.find_same(shown, stat, digest)
        if entry is None:
            entry = Entry((stat.st_size, stat.st_mtime_ns), digest)
        return entry, None if is_enough(entry) else content

    def _judged(self, file: str, shown: str, sieve: Sieve) -> Entry:
        """Return what is known of a file after looking at it, or from the cache.

        Raises:
            Unreadable: The file cannot be read or parsed.
        """
        entry, content = self.entry_of(file, shown, _is_judged)
        if content is not None:
            self.look_at(file, shown, content, entry, sieve)
            self.cache.put(shown, entry)
        return entry

    def look_at(self, file: str, shown: str, content: bytes, entry: Entry, sieve: Sieve) -> None:
        """Write to an entry what a file of these bytes shows.

        Raises:
            Unreadable: The bytes cannot be parsed.
        """
        name = self.roots.module_name(file)
        entry.has_allow = ALLOW in content
        entry.skipped = b""
        found: tuple[tuple[object, ...], ...] = ()
        parsing = []
        for active in sieve.caught(content, shown, name):
            glanced = active.rule.glance(content, shown, name)
            if glanced is None:
                parsing.append(active)
            else:
                found += tuple(one.plain() for one in glanced)
        if parsing:
            from failtrack_guard.code.exports import exports_of
            from failtrack_guard.reading import parse

            module = parse(content, shown, name)
            has_words = any(one.words is not None for one in parsing)
            if has_words:
                # All rules with words judge it then: it need not be parsed again when they grow.
                parsing += [
                    one
                    for one in self.settings.active
                    if one.words is not None and one not in parsing
                ]
            found += tuple(one.plain() for active in parsing for one in active.rule.look(module))
            if has_words or (name and not entry.has_exports):
                exports = exports_of(module)
                if has_words:
                    from failtrack_guard.code.vocabulary import mentions_of

                    entry.mentions = mentions_of(module, exports)
                if name:
                    entry.exports = exports.plain()
        entry.findings = found


def _is_judged(entry: Entry) -> bool:
    """Return whether a file was judged without the words of the whole project."""
    return entry.is_judged and not entry.skipped
