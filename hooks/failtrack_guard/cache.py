"""What a file showed the last time, kept until the file, the configuration or the guard changes.

    .failtrack/guard/<stamp>/<shard>    marshal: relative path -> entry

The stamp is a digest of version, Python, rules and configuration. A shard holds the files of some
folders, so that one staged file reads little, and a run over everything opens few files. A broken
or foreign shard is as good as none.
"""

from __future__ import annotations

import marshal
import os
import sys
import time
from _blake2 import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.code.vocabulary import Mentions

SHARDS = 64
STAMPS_KEPT = 4
# A file that was changed this shortly before it was cached may change again unseen.
RACY_NS = 2_000_000_000
COMPRESSED_MIN = 1_000  # bytes


class Entry:
    """What is known of one file. Its larger parts are kept packed, and unpacked when asked for.

    Args:
        stat: Size, mtime in ns.
        digest: Digest of the content.
        has_allow: Whether it may hold suppressions.
        skipped: Stamp of the words that it does not hold, empty when it was not left out for that.
        packed: Findings, exports and mentions as `_pack` writes them, empty for what is not known.
    """

    __slots__ = ("_exports", "_findings", "_mentions", "digest", "has_allow", "skipped", "stat")

    def __init__(
        self,
        stat: tuple[int, int],
        digest: bytes,
        has_allow: bool = False,
        skipped: bytes = b"",
        packed: tuple[bytes, bytes, bytes] = (b"", b"", b""),
    ) -> None:
        self.stat = stat
        self.digest = digest
        self.has_allow = has_allow
        self.skipped = skipped
        self._findings, self._exports, self._mentions = packed

    @property
    def is_judged(self) -> bool:
        """Whether findings are known."""
        return bool(self._findings)

    @property
    def has_exports(self) -> bool:
        """Whether exports are known."""
        return bool(self._exports)

    @property
    def is_parsed(self) -> bool:
        """Whether it was parsed, and mentions are known."""
        return bool(self._mentions)

    @property
    def findings(self) -> tuple[Any, ...]:
        """Plain findings."""
        found: tuple[Any, ...] = _unpack(self._findings) if self._findings else ()
        return found

    @findings.setter
    def findings(self, plain: tuple[Any, ...]) -> None:
        self._findings = _pack(plain)

    @property
    def exports(self) -> tuple[Any, ...]:
        """Plain exports."""
        found: tuple[Any, ...] = _unpack(self._exports) if self._exports else ()
        return found

    @exports.setter
    def exports(self, plain: tuple[Any, ...]) -> None:
        self._exports = _pack(plain)

    @property
    def mentions(self) -> Mentions:
        """What its names are derived from; see `vocabulary.py`."""
        found: Mentions = _unpack(self._mentions) if self._mentions else {}
        return found

    @mentions.setter
    def mentions(self, mentions: Mentions) -> None:
        self._mentions = _pack(dict(mentions))

    def plain(self) -> tuple[Any, ...]:
        """Return a value that marshal writes."""
        packed = (self._findings, self._exports, self._mentions)
        return self.stat, self.digest, self.has_allow, self.skipped, packed


class Cache:
    """The entries of one project under one configuration.

    Args:
        folder: Where caches of this project lie; empty for a run without one.
        stamp: What entries depend on beside the file itself.
    """

    def __init__(self, folder: str, stamp: str) -> None:
        self._base = folder
        told = f"{code_stamp()} {stamp}".encode()
        self._folder = os.path.join(folder, blake2b(told, digest_size=8).hexdigest())
        self._shards: dict[int, dict[str, Any]] = {}
        self._saved: dict[int, int] = {}
        self._changed: set[int] = set()
        self._fresh: set[str] = set()  # paths that were looked at in this run

    @property
    def folder(self) -> str:
        """Where its files lie, empty for none."""
        return self._folder if self._base else ""

    def find(self, path: str, stat: os.stat_result) -> Entry | None:
        """Return the entry of a file whose size and time are as they were.

        Args:
            path: Path relative to the project.
            stat: Its status now.
        """
        number = _shard_of(path)
        plain = self._shard(number).get(path)
        if plain is None or plain[0] != (stat.st_size, stat.st_mtime_ns):
            return None
        if path not in self._fresh and stat.st_mtime_ns > self._saved[number] - RACY_NS:
            return None
        return Entry(*plain)

    def find_same(self, path: str, stat: os.stat_result, digest: bytes) -> Entry | None:
        """Return the entry of a file whose content is as it was, whatever its time says."""
        number = _shard_of(path)
        plain = self._shard(number).get(path)
        if plain is None or plain[1] != digest:
            return None
        entry = Entry(*plain)
        entry.stat = (stat.st_size, stat.st_mtime_ns)
        self.put(path, entry)
        return entry

    def put(self, path: str, entry: Entry) -> None:
        """Keep an entry."""
        number = _shard_of(path)
        self._shard(number)[path] = entry.plain()
        self._changed.add(number)
        self._fresh.add(path)

    def save(self) -> None:
        """Write what changed, each shard beside its place; a failure loses nothing but time."""
        if not self._base or not self._changed:
            return
        try:
            if not os.path.isdir(self._folder):
                self._make_folder()
            for number in self._changed:
                self._write(number)
        except OSError:
            return
        self._changed.clear()

    def _write(self, number: int) -> None:
        path = os.path.join(self._folder, f"{number:02}")
        write_beside(path, marshal.dumps((time.time_ns(), self._shards[number])))

    def _shard(self, number: int) -> dict[str, Any]:
        shard = self._shards.get(number)
        if shard is None:
            self._saved[number], shard = self._read(number)
            self._shards[number] = shard
        return shard

    def _read(self, number: int) -> tuple[int, dict[str, Any]]:
        if not self._base:
            return 0, {}
        try:
            with open(os.path.join(self._folder, f"{number:02}"), "rb") as file:
                saved, shard = marshal.loads(file.read())
        except (OSError, ValueError, EOFError, TypeError):
            return 0, {}
        return (saved, shard) if isinstance(shard, dict) else (0, {})

    def _make_folder(self) -> None:
        make_folder(self._base)
        os.makedirs(self._folder, exist_ok=True)
        stamps = [
            entry.path for entry in os.scandir(self._base) if entry.is_dir(follow_symlinks=False)
        ]
        stamps.sort(key=os.path.getmtime, reverse=True)
        for old in stamps[STAMPS_KEPT:]:
            import shutil

            shutil.rmtree(old, ignore_errors=True)


def _pack(plain: Any) -> bytes:
    """Return a plain value as bytes; long ones, which repeat themselves, are compressed."""
    packed = marshal.dumps(plain)
    if len(packed) < COMPRESSED_MIN:
        return b"m" + packed
    import zlib

    return b"z" + zlib.compress(packed, 1)


def _unpack(packed: bytes) -> Any:
    if packed[:1] == b"m":
        return marshal.loads(packed[1:])
    import zlib

    return marshal.loads(zlib.decompress(packed[1:]))


def digest_of(content: bytes) -> bytes:
    """Return the digest under which a content is known."""
    return blake2b(content, digest_size=16).digest()


def _shard_of(path: str) -> int:
    folder = path.rpartition("/")[0].encode("utf-8", "surrogateescape")
    return blake2b(folder, digest_size=1).digest()[0] % SHARDS


_code_stamp = ""


def code_stamp() -> str:
    """Return what changes whenever the guard itself does: Python, and its own files."""
    global _code_stamp  # a running guard does not change
    _code_stamp = _code_stamp or _code_stamp_now()
    return _code_stamp


def _code_stamp_now() -> str:
    newest = size = 0
    waiting = [os.path.dirname(__file__)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    stat = entry.stat()
                    newest = max(newest, stat.st_mtime_ns)
                    size += stat.st_size
                elif "." not in entry.name and entry.name != "__pycache__":
                    waiting.append(entry.path)
    return f"{sys.version} {newest} {size}"


def write_beside(path: str, content: bytes) -> None:
    """Write a file beside its place and rename it; nothing is left of it when that fails."""
    beside = f"{path}.{os.getpid()}"
    try:
        with open(beside, "wb") as file:
            file.write(content)
        os.replace(beside, path)
    except OSError:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


def make_folder(folder: str) -> None:
    """Make the cache's folder, kept out of version control and of backups."""
    os.makedirs(folder, exist_ok=True)
    state = os.path.dirname(folder)
    ignore = os.path.join(state, ".gitignore")
    if os.path.basename(state) == ".failtrack" and not os.path.exists(ignore):
        with open(ignore, "w", encoding="utf-8") as file:
            file.write("*\n")
    tag = os.path.join(folder, "CACHEDIR.TAG")
    if not os.path.exists(tag):
        with open(tag, "w", encoding="utf-8") as file:
            file.write("Signature: 8a477f597d28d172789f06886806bc55\n")
