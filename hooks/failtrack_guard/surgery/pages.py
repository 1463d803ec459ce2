"""The text of a file as an editor sees it: places, line ends, and the bytes that it came from."""

from __future__ import annotations

import re

from failtrack_guard.errors import Refused
from failtrack_guard.reading import declared_encoding, decoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

BOM = b"\xef\xbb\xbf"
_END = re.compile(r"\r\n|\r|\n")


class Splice:
    """A piece of text in place of another.

    Args:
        start: Offset of the first character that goes.
        end: Offset after the last one; an empty range inserts.
        text: What stands there afterwards.
    """

    __slots__ = ("end", "start", "text")

    def __init__(self, start: int, end: int, text: str) -> None:
        self.start = start
        self.end = end
        self.text = text


class Page:
    """The text of a file, of which nothing is lost on the way back to bytes.

    Args:
        content: The file's bytes.
        shown: Its path in messages.

    Raises:
        Unreadable: The bytes are no text.
        Refused: They could not be written back as they are.
    """

    def __init__(self, content: bytes, shown: str) -> None:
        self._mark = BOM if content.startswith(BOM) else b""
        encoding = declared_encoding(content)
        self.encoding = "utf-8" if encoding == "utf-8-sig" else encoding
        self.text = decoded(content, shown)
        if self.encoded(self.text) != content:
            raise Refused(f"the file cannot be written back as {self.encoding}, byte by byte")
        ends = [*_END.finditer(self.text)]
        self._starts = [0, *(one.end() for one in ends)]
        self._ends = [*(one.start() for one in ends), len(self.text)]
        # What ends a line where the file itself does not say it.
        self.newline = ends[0].group() if ends else "\n"

    @property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return [self.line(number) for number in range(1, len(self._starts) + 1)]

    def line(self, number: int) -> str:
        """Return a line, counted from 1, without its end."""
        return self.text[self._starts[number - 1] : self._ends[number - 1]]

    def line_end(self, number: int) -> int:
        """Return the offset at which a line ends, before its newline."""
        return self._ends[number - 1]

    def newline_of(self, number: int) -> str:
        """Return what ends a line; what the file uses elsewhere for one that nothing ends."""
        if number < len(self._starts):
            return self.text[self._ends[number - 1] : self._starts[number]]
        return self.newline

    def has_newline(self, number: int) -> bool:
        """Return whether something ends a line; only the last one can be without."""
        return number < len(self._starts)

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place: a line from 1, a column in characters from 0."""
        if not 1 <= line <= len(self._starts):
            return len(self.text)
        return min(self._starts[line - 1] + column, self._ends[line - 1])

    def spliced(self, splices: Iterable[Splice]) -> str:
        """Return the text after some splices, which must not overlap."""
        parts = []
        last = 0
        for one in sorted(splices, key=lambda one: (one.start, one.end)):
            parts += [self.text[last : one.start], one.text]
            last = one.end
        return "".join([*parts, self.text[last:]])

    def encoded(self, text: str) -> bytes | None:
        """Return a text as bytes of the file, None when its encoding has no such letters."""
        try:
            return self._mark + text.encode(self.encoding)
        except (UnicodeError, LookupError):
            return None
