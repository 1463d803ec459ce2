"""Patterns of the catalog: case-insensitive regexes behind a sieve of plain substrings.

Compiling two hundred regexes costs more than a whole failing test, and trying them all costs more
than everything else that is done about a failure. So each pattern knows a literal that every match
contains; the regex is compiled when that literal is first seen.
"""

from __future__ import annotations

import re

_SPECIAL = frozenset("\\.^$*+?{}[]()|")
_OPTIONAL = frozenset("*?{")
_ESCAPED_LITERALS = frozenset("\\.^$*+?{}[]()|-/'\" #&~")


class Pattern:
    """One regex, ignoring case, compiled when it is first needed.

    Args:
        text: The regex.
    """

    __slots__ = ("_regex", "literal", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.literal = required_literal(text)
        self._regex: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def compile(self) -> re.Pattern[str]:
        """Return the compiled regex.

        Raises:
            re.error: The text is no regex.
        """
        if self._regex is None:
            self._regex = re.compile(self.text, re.IGNORECASE)
        return self._regex

    def is_in(self, text: str, lowered: str) -> bool:
        """Whether the pattern occurs in a text, whose lowered form is given along."""
        if self.literal not in lowered:
            return False
        return self.compile().search(text) is not None


def required_literal(pattern: str) -> str:
    """Return the longest lowered literal that every match of a regex contains, `` for none.

    Only plain characters outside of groups and classes count, and none at all when the pattern has
    alternatives at its top level; so the answer may be shorter than possible and is never wrong.
    """
    best, run, depth, position = "", "", 0, 0
    if pattern.startswith("(?"):
        return ""
    while position < len(pattern):
        char, width = pattern[position], 1
        literal = char
        if char == "\\":
            width = 2
            escaped = pattern[position + 1 : position + 2]
            literal = escaped if escaped in _ESCAPED_LITERALS else ""
        elif char == "[":
            width = _class_width(pattern, position)
            literal = ""
        elif char in "()":
            depth += 1 if char == "(" else -1
            literal = ""
        elif char == "|" and depth == 0:
            return ""
        elif char in _SPECIAL:
            literal = ""
            if char == "{":
                width = pattern.index("}", position) - position + 1 if "}" in pattern else 1
        position += width
        is_optional = pattern[position : position + 1] in _OPTIONAL and position < len(pattern)
        if depth == 0 and literal and literal.isascii() and not is_optional:
            run += literal
            best = max(best, run, key=len)
        else:
            run = ""
    return best.lower()


def _class_width(pattern: str, start: int) -> int:
    """Return how long the character class is that starts at `[`."""
    position = start + 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        position += 2 if pattern[position] == "\\" else 1
    return position - start + 1
