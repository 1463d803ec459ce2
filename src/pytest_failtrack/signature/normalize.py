"""Token normalization: what differs between two runs of one failure becomes a word.

`normalize` is called by `token.py` with one line (an exception's type and message, or an error
line of a log). The rules are the table `rows.ROWS`, applied from the first row to the last; then
the members of sets and dictionaries are sorted (`members.py`).

Two decisions that the table does not show:

- Numbers are noise, small ones too. `total 41 != 42` of this run is `total 40 != 42` of the next,
  and a rule by size would split a failure at the size. What a number can mean is protected by
  context before (`KEEP` rows: errno, HTTP status, exit status, signal, tool code); two
  assertions that differ in nothing but their numbers are told apart by their place.
- A path outside of the source tree keeps the name of its file (`<path>/orders.csv`), because the
  file that is missing is often the cause; its folders go, because the checkout, the user and the
  temporary folder differ. Routes (`GET /orders`) and URLs keep their path.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache

from pytest_failtrack.signature.members import sort_members
from pytest_failtrack.signature.rows import (
    DIGITS,
    MANY_NUMBERS,
    NAMES,
    NORMALIZATION_VERSION,
    NUMBERS,
    ROWS,
    SLASH,
    Row,
)

LINE_MAX_CHARS = 2_000
CACHED_MAX_CHARS = 400
CACHE_SIZE = 1_024
OTHER_ORDER = " in another order"

_ANSI = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]|\x9b[0-?]*[@-~]"
_INVISIBLE = "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_SHIELD_BASE = 0xE000
_SHIELDED = DIGITS + SLASH
_TO_SHIELD = {
    kept: {ord(one): chr(_SHIELD_BASE + _SHIELDED.index(one)) for one in kept}
    for kept in (DIGITS, SLASH)
}
_FROM_SHIELD = {_SHIELD_BASE + index: one for index, one in enumerate(_SHIELDED)}
_FOREIGN_SHIELD = dict.fromkeys(_FROM_SHIELD, "?")


def normalize(text: str, version: int = NORMALIZATION_VERSION) -> str:
    """Return one line in which nothing is left that differs between two runs of one failure.

    Args:
        text: A line or more; longer than `LINE_MAX_CHARS` is cut before anything else.
        version: Version of the table; an older one gives what that version gave.

    Returns:
        One line without control characters, escape sequences and lone surrogates; `` when
        nothing printable was given. Not cut to a token's length: cutting comes after.
    """
    is_cut = len(text) > LINE_MAX_CHARS
    if is_cut:
        text = text[:LINE_MAX_CHARS]
    if version != NORMALIZATION_VERSION and not is_versioned(text):
        version = NORMALIZATION_VERSION
    if len(text) > CACHED_MAX_CHARS:
        return _normalize(text, version, is_cut)
    return _normalize_cached(text, version)


@lru_cache(maxsize=CACHE_SIZE)
def is_versioned(text: str) -> bool:
    """Whether versions of the table may make different lines of a text."""
    return _telltale().search(text) is not None or not text.isprintable()


@lru_cache(maxsize=1)
def _telltale() -> re.Pattern[str]:
    """Return what every line holds in which a row finds something that not every version has."""
    rows = [*ROWS, NAMES, MANY_NUMBERS]
    needs = [row.needs for row in rows if row.since > 1 or row.until]
    return re.compile("|".join(f"(?:{one})" for one in dict.fromkeys(needs)))


@lru_cache(maxsize=CACHE_SIZE)
def _normalize_cached(text: str, version: int) -> str:
    return _normalize(text, version)


def _normalize(text: str, version: int, is_cut: bool = False) -> str:
    text = _mask(one_line(text), version)
    if "{" in text or "dict_" in text:
        text = sort_members(text, is_cut=is_cut)
    if NAMES.is_in(version) and ", " in text:
        text = _told_order(text, _names().sub(_sorted_names, text))
    if "<num>, <num>" in text:
        text = re.sub(NUMBERS.pattern, NUMBERS.placeholder, text)
    if MANY_NUMBERS.is_in(version) and "<num>" in text:
        text = re.sub(MANY_NUMBERS.pattern, MANY_NUMBERS.placeholder, text)
    return text


@lru_cache(maxsize=1)
def _names() -> re.Pattern[str]:
    return re.compile(NAMES.pattern)


def _sorted_names(found: re.Match[str]) -> str:
    quote = "'" if found[0].startswith("'") else ""
    names = found[0][len(quote) : len(found[0]) - len(quote)].split(f"{quote}, {quote}")
    return quote + f"{quote}, {quote}".join(sorted(names)) + quote


def _told_order(text: str, in_order: str) -> str:
    """Return the text with its names in order; where that makes both sides of a comparison equal,
    their order is all that was wrong, and it says so."""
    if in_order == text:
        return text
    begin = _head().match(in_order)
    left = begin.end() if begin else 0
    for sign in (" == ", " != "):
        at = in_order.find(sign, left)
        right = at + len(sign)
        end = right + at - left
        if at > left and in_order[left:at] == in_order[right:end]:
            # Sorting leaves the length as it is.
            is_said = text[left:at] != text[right:end]
            return f"{in_order[:end]}{OTHER_ORDER if is_said else ''}{in_order[end:]}"
    return in_order


@lru_cache(maxsize=1)
def _head() -> re.Pattern[str]:
    """Return what matches an exception's type and the words before the first side."""
    return re.compile(r"(?:[\w.]{1,200}: )?(?:assert |\w{1,20} differ: )?")


def one_line(text: str) -> str:
    """Return the text as one printable line.

    Args:
        text: Text with ANSI codes, control characters and line ends, as a program may print it.
    """
    if not text.isascii():
        text = text.translate(_FOREIGN_SHIELD)
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
        text = re.sub(_INVISIBLE, "", unicodedata.normalize("NFC", text))
    if not text.isprintable():
        text = re.sub(_ANSI, "", text)
        text = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text)
    return " ".join(text.split())


def _mask(text: str, version: int) -> str:
    """Return the text after every row of the table."""
    for step in _steps(version):
        if step.needed(text) is not None:
            text = step.pattern.sub(step.replacement, text)
    return text if text.isascii() else text.translate(_FROM_SHIELD)


class _Shield:
    """Replaces what a row keeps by characters which no other row knows."""

    def __init__(self, table: dict[int, str]) -> None:
        self._table = table

    def __call__(self, found: re.Match[str]) -> str:
        return found[0].translate(self._table)


class _Step:
    """One row ready for use; its pattern is compiled when a line first holds what it needs.

    Args:
        row: The row of the table.
    """

    def __init__(self, row: Row) -> None:
        self.needed = re.compile(row.needs).search
        self.replacement = _Shield(_TO_SHIELD[row.keeps]) if row.keeps else row.placeholder
        self._text = row.pattern

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self._text)


@lru_cache(maxsize=4)
def _steps(version: int) -> tuple[_Step, ...]:
    """Return the table ready for use; made at the first failure, not at import."""
    return tuple(_Step(row) for row in ROWS if row.is_in(version))
