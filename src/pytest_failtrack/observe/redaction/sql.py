"""Secrets in statements of SQL: what is bound to a column whose name says that it holds one.

`names.py` reads it. SQLAlchemy shows a statement and its parameters in each of its errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redaction.echoes import SECRET_NAME
from pytest_failtrack.observe.redaction.tokens import Span, is_worth_hiding

COLUMNS_MAX = 200
SHOWN_WITHIN_CHARS = 8_000
_COLUMN = lazily(rf"(?:[\w.]{{0,60}}[_.])?{SECRET_NAME}\Z")
_INSERT = lazily(
    r"\binsert (?:or [a-z]{1,10} |ignore )?into [^\s(]{1,200} ?\((?P<columns>[^()]{1,8000})\)"
    r"(?:\\n|\s){1,20}(?:output [^()]{1,300}\s)?values(?:\\n|\s){0,20}(?=\()"
)
# What a statement compares with, or sets to, a placeholder; one that stands alone has no name.
_PLACE = lazily(
    r"(?:(?P<name>[\w.\"`\[\]]{1,128}) ?(?:=|!=|<>|<=|>=|<|>|like|is) ?)?"
    r"(?P<place>\?|%s|\$[0-9]{1,4}\b|:[0-9]{1,4}\b)"
)
_PARAMETERS = lazily(r"\[parameters: ")
_STATEMENT = "[sql: "
# PostgreSQL names the columns of what exists already, MySQL the index.
_DETAIL = lazily(
    r"\bkey \((?P<columns>[^()\n]{1,400})\)=\((?P<values>[^\n]{1,2000}?)\)"
    r"(?= (?:already exists|is not present|is still referenced|conflicts|is duplicated)|$)",
    re.MULTILINE,
)
_DUPLICATE = lazily(
    r"\bduplicate entry '(?P<value>[^'\n]{1,2000})' for key '(?P<key>[^'\n]{1,200})'"
)
_SECRET_INDEX = lazily(r"passw|token|secret|api_?key")
LONG_KEY_CHARS = 16
_ROW = lazily(r"\(([^()]{1,8000})\)")
_CALL = lazily(r"\w{1,40}\(([^()]{0,400})\)")
# `lower(users.token) = ?`, `token in (?, ?)`, and what an insert does where the row is there.
_OF_COLUMN = lazily(r"\b\w{1,20}\((?P<column>[\w.\"`]{1,128})\)(?= ?(?:=|!=|<>|(?:like|is|in)\b))")
_IN_LIST = lazily(r"(?P<name>[\w.\"`]{1,128}) (?:not )?in ?(?P<list>\([^()]{1,2000}\))")
_OTHERWISE = lazily(r"\bon (?:conflict|duplicate)\b")
_QUOTES = lazily(r"[\"`\[\]\s]")
_VALUE = lazily(
    r"(?P<open>[(\[])|(?P<close>[)\]])|(?P<comma>,)"
    r"|b?(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote))[^\\\n]|\\.){0,4096})(?P=quote)"
    r"|[^\s,()\[\]\"']{1,256}"
)


def bound_values(text: str, lowered: str) -> Iterator[Span]:
    """Yield what is bound to secret-like columns, in `[SQL: ...]\\n[parameters: ('x', ...)]`.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
    """
    done = 0
    for match, end in _with_ends(_PARAMETERS, lowered):
        before = max(done, match.start() - SHOWN_WITHIN_CHARS)
        begin = lowered.rfind(_STATEMENT, before, match.start())
        done = match.end()
        places = _secret_places(lowered[begin : match.start()]) if begin >= 0 else ()
        if places:
            yield from _picked(text, match.end(), end, frozenset(places))


def inserted_values(text: str, lowered: str) -> Iterator[Span]:
    """Yield what `INSERT INTO users (name, password) VALUES ('bob', 'x')` writes.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
    """
    for match, end in _with_ends(_INSERT, lowered):
        places = [at for at, one in enumerate(_columns(match)) if _is_secret(one)]
        if places:
            yield from _picked(text, match.end(), end, frozenset(places))


def existing_values(text: str, lowered: str) -> Iterator[Span]:
    """Yield what databases say of a secret that exists already: `Key (token)=(x) ...`.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
    """
    for match in _DETAIL.finditer(lowered):
        columns = match["columns"].split(", ")
        values = match["values"].split(", ") if len(columns) > 1 else [match["values"]]
        at = match.start("values")
        if len(values) != len(columns):  # a value holds a comma
            if any(map(_is_secret, columns)):
                yield *match.span("values"), "password"
            continue
        for column, value in zip(columns, values, strict=True):
            is_long_key = column == "key" and len(value) >= LONG_KEY_CHARS and value.isalnum()
            if is_long_key or (_is_secret(column) and is_worth_hiding(value)):
                yield at, at + len(value), "password"
            at += len(value) + len(", ")
    for match in _DUPLICATE.finditer(lowered):
        _, _, index = match["key"].rpartition(".")
        if _SECRET_INDEX.search(index) and is_worth_hiding(match["value"]):
            yield *match.span("value"), "password"


def _with_ends(pattern: re.Pattern[str], text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each match, and how far what follows it is looked at: the next one at most."""
    found = list(pattern.finditer(text))
    starts = [one.start() for one in found[1:]] + [len(text)]
    for match, start in zip(found, starts, strict=False):
        yield match, min(start, match.end() + SHOWN_WITHIN_CHARS)


def _columns(insert: re.Match[str]) -> list[str]:
    return insert["columns"].split(",", COLUMNS_MAX)


def _is_secret(name: str) -> bool:
    return _COLUMN.match(_QUOTES.sub("", name)) is not None


def _secret_places(statement: str) -> list[int]:
    """Return which parameters of a lowered statement are bound to secrets, from 0."""
    insert, rest = _INSERT.search(statement), statement
    bound: list[tuple[str, str]] = []
    if insert is not None:
        values = _CALL.sub(lambda call: call[1].replace(",", " "), statement[insert.end() :])
        otherwise = _OTHERWISE.search(values)
        rest = values[otherwise.start() :] if otherwise else ""
        for row in _ROW.findall(values[: otherwise.start()] if otherwise else values):
            for name, value in zip(_columns(insert), row.split(","), strict=False):
                bound += [(name, one["place"]) for one in _PLACE.finditer(value)]
    rest = _IN_LIST.sub(
        lambda one: f"{one['name']} = " + one["list"][1:-1].replace(",", f", {one['name']} ="), rest
    )
    rest = _OF_COLUMN.sub(lambda one: one["column"], rest)
    bound += [(one["name"] or "", one["place"]) for one in _PLACE.finditer(rest)]
    numbered = (
        (int(place[1:]) - 1 if place[1:].isdigit() else at, name)
        for at, (name, place) in enumerate(bound)
    )
    return [at for at, name in numbered if _is_secret(name)]


def _picked(text: str, begin: int, end: int, places: frozenset[int]) -> Iterator[Span]:
    """Yield the quoted values at some places of each tuple that begins there."""
    above: list[int] = []
    calls = at = 0
    while begin < end:
        match = _VALUE.match(text, begin, end)
        begin = begin + 1 if match is None else match.end()
        if match is None:
            continue
        if match["open"]:
            # What a call is given belongs to its place: `crypt('x', gen_salt('bf'))`.
            if calls or text[match.start() - 1 : match.start()].isalnum():
                calls += 1
            else:
                above.append(at)
                at = 0
        elif not above:
            return
        elif match["close"]:
            if calls:
                calls -= 1
            else:
                at = above.pop()
        elif match["comma"]:
            at += not calls
        elif match["text"] and at in places and calls < 2 and is_worth_hiding(match["text"]):
            yield *match.span("text"), "password"
