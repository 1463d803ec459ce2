"""XML as a stream of events, safely: nothing is expanded, fetched or held; JUnit and Cobertura ask.

`xml.parsers.expat` alone: a document that declares an entity is refused, a DTD is never fetched,
and nesting is bounded. Reports that tools wrote in spite of the XML rules (control characters, a
wrong encoding) are mended once, in the way a browser would.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from pytest_failtrack.errors import InputError
from pytest_failtrack.lazily import lazily

DEPTH_MAX = 200
TEXT_MAX_CHARS = 400_000
ATTRIBUTE_MAX_CHARS = 200_000
_PIECE = 65_536

_DECLARATION = lazily(rb"\A\s{0,100}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})")
_FORBIDDEN = lazily("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_REFERENCE = lazily(r"&#(?:x(?P<hex>[0-9A-Fa-f]{1,8})|(?P<number>[0-9]{1,8}));")


class Event(NamedTuple):
    """The beginning or the end of an element; a tuple, since a report has millions of them.

    Args:
        kind: `start` or `end`.
        tag: Name without its namespace.
        attributes: At the start; none at the end.
        text: At the end, what stood directly within it, bounded; `` at the start.
    """

    kind: str
    tag: str
    attributes: dict[str, str]
    text: str


def events(data: bytes, source: str) -> Iterator[Event]:
    """Yield the elements of a document in their order.

    Args:
        data: The document.
        source: What it is called in messages.

    Raises:
        InputError: It is no XML, ends too early, or declares entities. What was yielded before
            must not be used.
    """
    try:
        yield from _Parser(source).run(data)
    except _Malformed as first:
        mended = _mended(data)
        if mended == data:
            raise _complaint(first, source, len(data)) from None
        try:
            checked = list(_Parser(source).run(mended))
        except _Malformed as second:
            raise _complaint(second, source, len(mended)) from None
        yield Event("again", "", {}, "")
        yield from checked


class _Malformed(Exception):
    """What expat says, with its place."""

    def __init__(self, error: expat.ExpatError, is_at_end: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.is_at_end = is_at_end


class _Parser:
    """One pass of expat over a document."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found: list[Event] = []
        self._texts: list[list[str]] = []
        self._sizes: list[int] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.EntityDeclHandler = self._entity
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def run(self, data: bytes) -> Iterator[Event]:
        for start in range(0, len(data), _PIECE):
            yield from self._parse(data[start : start + _PIECE], is_final=False)
        yield from self._parse(b"", is_final=True)

    def _parse(self, piece: bytes, *, is_final: bool) -> list[Event]:
        try:
            self._parser.Parse(piece, is_final)
        except expat.ExpatError as error:
            raise _Malformed(error, is_final) from None
        except (ValueError, LookupError) as error:  # an encoding that Python does not know
            raise InputError(
                f"{self._source}: {error}; write the report as UTF-8", slug="xml-encoding"
            ) from None
        found, self._found = self._found, []
        return found

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._texts) >= DEPTH_MAX:
            raise InputError(
                f"{self._source}: elements are nested deeper than {DEPTH_MAX}; "
                "this is no report of a test runner",
                slug="xml-depth",
            )
        if any(len(value) > ATTRIBUTE_MAX_CHARS for value in attributes.values()):
            attributes = {name: value[:ATTRIBUTE_MAX_CHARS] for name, value in attributes.items()}
        self._found.append(Event("start", _local(tag), attributes, ""))
        self._texts.append([])
        self._sizes.append(0)

    def _end(self, tag: str) -> None:
        text = "".join(self._texts.pop())
        self._sizes.pop()
        self._found.append(Event("end", _local(tag), {}, text))

    def _text(self, text: str) -> None:
        if self._texts and self._sizes[-1] < TEXT_MAX_CHARS:
            self._texts[-1].append(text)
            self._sizes[-1] += len(text)

    def _entity(self, name: str, *_rest: object) -> None:
        raise InputError(
            f"{self._source}: declares the entity {name[:40]!r}, which no test runner does and "
            "which can fill the memory; the file is not read",
            slug="xml-entity",
        )


def _local(tag: str) -> str:
    return tag.rpartition(":")[2] if ":" in tag else tag


def _complaint(malformed: _Malformed, source: str, size: int) -> InputError:
    error = malformed.error
    if malformed.is_at_end or expat.errors.codes.get("no element found") == error.code:
        return InputError(
            f"{source}: ends in line {error.lineno} before it is complete ({size:,} bytes): was "
            "its writer killed? Run it again, or hand in the log instead",
            slug="xml-truncated",
        )
    return InputError(
        f"{source}: not well-formed XML, line {error.lineno}, column {error.offset + 1} "
        f"({expat.ErrorString(error.code)}); write the report again",
        slug="xml-malformed",
    )


def _mended(data: bytes) -> bytes:
    """Return the document as UTF-8 without the characters that XML does not allow."""
    text = decoded(data)
    text = _FORBIDDEN.sub("", text)
    text = _FORBIDDEN_REFERENCE.sub(_allowed_reference, text)
    # The declaration named the encoding that it had; expat would believe it.
    text = re.sub(r"\A\s*<\?xml[^>]{0,200}\?>", "", text, count=1)
    return text.encode("utf-8", "replace")


def _allowed_reference(found: re.Match[str]) -> str:
    number = int(found["hex"], 16) if found["hex"] else int(found["number"])
    is_allowed = number in (9, 10, 13) or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return found[0] if is_allowed or 0x10000 <= number <= 0x10FFFF else ""


def decoded(data: bytes) -> str:
    """Return a document as text, by its byte order mark, its declaration, else as UTF-8."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    found = _DECLARATION.match(data[:1_000])
    named = found[1].decode("ascii") if found else "utf-8"
    for encoding in (named, "utf-8"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", "replace")
