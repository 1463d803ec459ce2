"""Secrets that are told again where no name introduces them: what pytest explains, and repeats.

`redact.py` and `names.py` read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redaction.tokens import Span, is_worth_hiding, occurrences

MIN_CHARS = 6
"""Shorter values stand in too many places to be known again by what they are."""
NAME_CHARS = 16
"""Shorter values that look like an identifier may be the name of something else, too."""
LONG_NAME_CHARS = 12
"""Longer passwords with a digit are no names, whatever they look like."""
SECRET_NAME = (
    r"(?P<name>pass(?:wor[dt]|wd|phrase|code)|pwd|secret|token|api_?key|(?:access|private)_?key)"
    r"(?:_(?:[0-9]{1,3}|value|key|text|string|hash))?"
)
"""Lowered names of what is secret, as group `name`; nothing else may go on with it."""
# Without quotes of its own kind within: a pattern that looks on takes long on hostile text.
_QUOTED = r"b?(?P<{0}_quote>[\"'])(?P<{0}>(?:(?!(?P={0}_quote))[^\n]){{0,512}})(?P={0}_quote)"
# `+  where 'x' = Settings(host='h').db_password`: an attribute, or a call that gets it.
_WHERE = lazily(rf"\bwhere {_QUOTED.format('left')} = ")
_GETS = lazily(
    r"(?:\.|\b(?:get|read|load|fetch|create|make|generate|new)_)[a-z_]{0,40}?"
    rf"{SECRET_NAME}(?:\([^()\n]{{0,200}}\))?[ \t]*\Z"
)
_GETS_WITHIN_CHARS = 300
# `db_password: 'x' != 'y'`, where pytest drills down into what differs.
_DIFFERING = lazily(
    rf"{SECRET_NAME}: {_QUOTED.format('left')} != {_QUOTED.format('right')}[ \t]*$", re.MULTILINE
)
# `db_password`, and in the next line `... [type=string_too_short, input_value='x', ...`: pydantic.
_REFUSED = lazily(
    rf"^[a-z0-9_.]{{0,80}}?{SECRET_NAME}\n[ \t]{{1,8}}[^\n]{{0,300}}?\binput_value="
    rf"{_QUOTED.format('left')}",
    re.MULTILINE,
)
# `[('client_secret', 'x')]`, as headers, forms and `dict.items()` are shown.
_PAIRED = lazily(rf"[\[(][\"'][a-z0-9_-]{{0,40}}?{SECRET_NAME}[\"'], {_QUOTED.format('left')}[\])]")
# What each of them needs: a text is searched only where that stands.
_NEXT_TO_NAMES = (
    (("' != ", '" != '), _DIFFERING),
    (("input_value=",), _REFUSED),
    (("', '", '", "', "', b'", "', \"", "\", '"), _PAIRED),
)
# `assert settings.db_password == "x"`, `assert "x" == data["password"]` in a line of source; what
# pytest says of it follows.
_ASSERTED = lazily(
    r"[> ][ \t]{0,80}assert[ (](?=.{0,400}(?:==|!=| in | is )).{0,200}?"
    r"(?<!reset_)(?<!forgot_)(?<!change_)(?<!invalid_)(?<!wrong_)(?<!missing_)(?<!bad_)(?<!weak_)"
    rf"(?:(?<![a-z\"' ])|(?<=\[[\"'])|(?<=[=!]= )|(?<=assert )){SECRET_NAME}"
    r"(?:\(\)|[\"']\])?(?=[ \t]{0,4}(?:==|!=|(?:not )?in |is )|[ \t]*(?:$|,|#))"
)
# What tells people of a field, under the name of the field: `errors["password"]`.
_TELLS = lazily(
    r"(?<![a-z])(?:err|error|msg|message|detail|label|hint|help|title|problem|route|url|form)s?(?![a-z])"
)
# A sentence, a path, a code: what it tells them.
_SAYS = lazily(r"\s|^/|^[A-Z]{1,4}-?\d{1,5}\Z|^[A-Z_]+\Z")
_WORDS = ("pass", "pwd", "secret", "token", "key")
_SAID = lazily(
    rf"\bassert {_QUOTED.format('left')} (?:==|!=|is|is not|in|not in) {_QUOTED.format('right')}"
)
_SAID_WITHIN_CHARS = 1_024
_LINE_CHARS = 1_024
_OWNER_CHARS = 60
_ALONE = ("+ ", "- ")
"""How a comparison of two strings begins a line that holds one of them."""


def asserted(text: str) -> str:
    """Return the last line of source that asserts something of a secret-like name, or ``.

    Args:
        text: What pytest prints of a failure, source included.
    """
    found = ""
    for begin, end, _ in _assertions(text):
        found = text[begin:end]
    return found


def _assertions(text: str) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Yield where the lines of source lie that assert something of a secret-like name, and how."""
    at = text.find("assert")
    while at >= 0:
        begin, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = end if end >= 0 else len(text)
        line = text[begin : min(end, begin + _LINE_CHARS)].lower()
        if any(word in line for word in _WORDS) and (match := _ASSERTED.match(line)):
            yield begin, end, match
        at = text.find("assert", end)


def told(text: str, lowered: str) -> Iterator[Span]:
    """Yield the values that pytest shows of what has a secret-like name, wherever they are quoted
    or compared.

    Args:
        text: The text.
        lowered: The same text in lower case, character for character.
    """
    found = {
        value: kind for match, named in _named(lowered) for value, kind in _both(text, match, named)
    }
    for value, kind in found.items():
        for span in _told(text, value):
            yield *span, kind


def _named(lowered: str) -> Iterator[tuple[re.Match[str], re.Match[str]]]:
    """Yield what holds values in its groups `left` and `right`, and what has their `name`."""
    for match in _WHERE.finditer(lowered) if "where " in lowered else ():
        line_end = lowered.find("\n", match.end())
        line_end = line_end if line_end >= 0 else len(lowered)
        begin = max(match.end(), line_end - _GETS_WITHIN_CHARS)
        named = _GETS.search(lowered, begin, line_end)
        if named:
            yield match, named
    for needles, pattern in _NEXT_TO_NAMES:
        if any(one in lowered for one in needles):
            for match in pattern.finditer(lowered):
                yield match, match
    for _, end, named in _assertions(lowered):
        said = _SAID.search(lowered, end, end + _SAID_WITHIN_CHARS)
        if said:
            yield said, named


def _both(text: str, match: re.Match[str], named: re.Match[str]) -> Iterator[tuple[str, str]]:
    """Yield the quoted values of a match and their kind; what a person is told is none."""
    name = named["name"]
    before = named.string[
        max(named.start(), named.start("name") - _OWNER_CHARS) : named.start("name")
    ]
    # `settings.password` is one, whatever it looks like; `errors["password"]` may be a sentence.
    is_told = match is not named and _TELLS.search(before) is not None
    is_password = name.startswith(("pass", "pwd", "secret"))
    kind = "password" if is_password else "token" if name == "token" else "key"
    may_be_plain = is_password and match.re.pattern != _PAIRED.pattern
    for side in ("left", "right"):
        if side in match.re.groupindex:
            value = text[slice(*match.span(side))]
            is_secret = len(value) > 2 if may_be_plain else _is_mixed(value)
            if is_secret and is_worth_hiding(value) and not (is_told and _SAYS.search(value)):
                yield value, kind


def echoes(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return where the values of spans stand once more, those that are words of a language not.

    Args:
        text: The text.
        spans: What a name or a form has shown to be secret.
    """
    found = {text[start:end]: kind for start, end, kind in spans if kind != "env"}
    return [
        (*span, kind)
        for value, kind in found.items()
        if len(value) >= MIN_CHARS and _is_telling(value, kind) and text.count(value) > 1
        for span in occurrences(text, value)
        if not (len(value) < NAME_CHARS and value.isidentifier() and _is_in_path(text, *span))
    ]


def _is_mixed(value: str) -> bool:
    """Return whether a value is more than a word, a name, a number or a sentence."""
    if "\0" in value or any(map(str.isspace, value)):
        return False
    letters = any(map(str.isalpha, value))
    return letters and not value.isalpha() and not all(c.islower() or c in "_-./" for c in value)


def _is_telling(value: str, kind: str) -> bool:
    """Return whether a value stands for nothing but itself: no name, path or word has it all."""
    kinds = (
        any(map(str.isdigit, value)),
        any(map(str.islower, value)),
        any(map(str.isupper, value)),
    )
    if not _is_mixed(value):
        return False
    is_long = len(value) >= NAME_CHARS
    if "/" in value:
        return is_long and all(kinds) and "." not in value and not value.startswith(("/", "~"))
    if value.isidentifier() and not all(kinds):
        # What is as long and one word is no name that people give.
        is_word = is_long and "_" not in value
        return kinds[0] and (is_word or (kind == "password" and len(value) >= LONG_NAME_CHARS))
    return True


def _is_in_path(text: str, start: int, end: int) -> bool:
    """Return whether a name of a file, a folder, a test or an attribute stands there."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 3]
    return before.endswith(("/", ".", "::", "\\")) or after.startswith(("/", "\\", ".py"))


def _told(text: str, value: str) -> Iterator[tuple[int, int]]:
    for start, end in occurrences(text, value):
        before, after = text[start - 1 : start], text[end : end + 1]
        is_quoted = before == after and before in ("'", '"')
        if is_quoted or (text[start - 2 : start] in _ALONE and after in ("", "\n")):
            yield start, end
