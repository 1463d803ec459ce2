"""A run over a whole tree: the project's own words decide which files are parsed.

Files are looked at in rounds. Each round parses those whose bytes hold a word, learns what their
names are derived from, and ends when no word is new.
"""

from __future__ import annotations

from failtrack_guard.cache import Entry
from failtrack_guard.code.exports import exports_of
from failtrack_guard.code.spelling import speaking
from failtrack_guard.code.vocabulary import Vocabulary, mentions_of
from failtrack_guard.reading import Unreadable, parse, read_bytes
from failtrack_guard.sieve import Sieve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from failtrack_guard.engine import Engine


def look_over(
    engine: Engine, files: dict[str, str], known: dict[str, Entry | None]
) -> dict[str, Entry | Unreadable]:
    """Return what each file shows, from the cache or after looking at it.

    Args:
        engine: The run.
        files: Absolute path -> shown path of the files that are judged.
        known: Absolute path -> entry of the cache, of the same files.
    """
    return _Tree(engine, files, known).run()


class _Tree:
    def __init__(
        self, engine: Engine, files: dict[str, str], known: dict[str, Entry | None]
    ) -> None:
        self.engine = engine
        self.files = files
        self.known = known
        self.found: dict[str, Entry | Unreadable] = {}
        self.vocabularies = {
            one.id: Vocabulary(
                *(one.words, one.rule.words_alone()),
                *(one.rule.asked_by(), one.rule.guessed_by()),
            )
            for one in engine.settings.active
            if one.words is not None
        }

    def run(self) -> dict[str, Entry | Unreadable]:
        """Look at all files; see `look_over`."""
        project = self.engine.project
        for active in self.engine.settings.active:
            if active.id in self.vocabularies:
                self.vocabularies[active.id].words.update(active.rule.synonyms(project))
        waiting = self._cached()
        self._grown()
        # What is looked at the first time may hold any of the words.
        speaks: Callable[[bytes], bool] | None = None
        while waiting:
            stamp = b"".join(one.stamp() for one in self.vocabularies.values())
            sieve = Sieve(self.engine.settings.active, self.vocabularies)
            waiting = [file for file in waiting if self._is_left_out(file, sieve, stamp, speaks)]
            new = self._grown()
            if not new:
                break
            speaks = speaking(new)
        for one in self.vocabularies.values():
            one.close()
        project.vocabularies = tuple(self.vocabularies.values())
        project.looked_over = frozenset(self.found)
        return {file: self.found[file] for file in self.files}

    def _cached(self) -> list[str]:
        """Learn from what is known, and return the files that have to be looked at."""
        known = self.known
        for file in self.engine.others(self.files):
            known[file] = self.engine.known(file, self._shown(file))
        waiting = []
        for file, entry in known.items():
            if entry is not None:
                self.found[file] = entry
            if entry is not None and self._is_enough(file, entry):
                self._learn(entry)
            else:
                waiting.append(file)
        return waiting

    def _is_enough(self, file: str, entry: Entry) -> bool:
        """Return whether a file need not be parsed, whatever words there are."""
        return entry.is_parsed and (entry.is_judged or file not in self.files)

    def _shown(self, file: str) -> str:
        return self.files.get(file) or self.engine.shown(file)

    def _learn(self, entry: Entry) -> None:
        for one in self.vocabularies.values():
            one.learn(entry.mentions)

    def _grown(self) -> frozenset[str]:
        """Return the words that are new."""
        return frozenset().union(*(one.settle() for one in self.vocabularies.values()))

    def _is_left_out(
        self, file: str, sieve: Sieve, stamp: bytes, speaks: Callable[[bytes], bool] | None
    ) -> bool:
        """Look at a file; return whether only its lack of words kept it from being parsed.

        Args:
            file: Its absolute path.
            sieve: The rules with their words.
            stamp: What stands for the words.
            speaks: Tells whether a content holds a word that is new since the file was left out,
                None the first time.
        """
        before = self.found.get(file)
        if isinstance(before, Entry) and before.skipped == stamp:
            return True
        shown = self._shown(file)
        try:
            if isinstance(before, Entry) and speaks and not speaks(read_bytes(file, shown)):
                before.skipped = stamp
                self.engine.cache.put(shown, before)
                return True
            entry, content = self.engine.entry_of(
                file, shown, lambda entry: self._is_enough(file, entry)
            )
            if content is None:
                self.found[file] = entry
                self._learn(entry)
                return False
            if file in self.files:
                self.engine.look_at(file, shown, content, entry, sieve)
            else:
                self._mention(file, shown, content, entry, sieve)
        except Unreadable as error:
            self.found[file] = error
            return False
        if not entry.is_parsed:
            entry.skipped = stamp
        self.found[file] = entry
        self.engine.cache.put(shown, entry)
        self._learn(entry)
        return not entry.is_parsed

    def _mention(self, file: str, shown: str, content: bytes, entry: Entry, sieve: Sieve) -> None:
        """Take from a file that is not judged what its names are derived from."""
        name = self.engine.roots.module_name(file)
        entry.skipped = b""
        if any(one.words is not None for one in sieve.caught(content, shown, name)):
            module = parse(content, shown, name)
            exports = exports_of(module)
            entry.mentions = mentions_of(module, exports)
            if name:
                entry.exports = exports.plain()
