"""Lines of the files that findings lie in, read when a report, a baseline or a suppression asks."""

from __future__ import annotations

import os

from failtrack_guard.reading import Unreadable, decoded, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Texts:
    """The files of a run; each is read once, and one that cannot be read is empty.

    Args:
        root: Folder that paths are relative to.
        allowing: Paths of the files that may hold suppressions.
        known: Path -> content of files that need not be read.
    """

    def __init__(
        self,
        root: str = "",
        allowing: Iterable[str] = (),
        known: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = root
        self.allowing = tuple(allowing)
        self._contents = dict(known or {})
        self._lines: dict[str, list[str]] = {}

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> Texts:
        """Return sources that are in memory, all of which may hold suppressions."""
        return cls(allowing=contents, known=contents)

    def content(self, path: str) -> bytes:
        """Return the bytes of a file, none when it cannot be read."""
        if path not in self._contents:
            try:
                self._contents[path] = read_bytes(os.path.join(self.root, path), path)
            except Unreadable:
                self._contents[path] = b""
        return self._contents[path]

    def lines(self, path: str) -> list[str]:
        """Return the lines of a file as the parser counts them, without their ends."""
        if path not in self._lines:
            content = self.content(path)
            try:
                text = decoded(content, path)
            except Unreadable:
                text = content.decode("utf-8", "replace")
            self._lines[path] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return self._lines[path]

    def line(self, path: str, number: int) -> str:
        """Return one line, counted from 1; empty when there is none."""
        lines = self.lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else ""
