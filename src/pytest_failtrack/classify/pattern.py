"""Patterns of the catalog: case-insensitive regexes behind a sieve of plain substrings.

Compiling two hundred regexes costs more than a whole failing test, and trying them all costs more
than everything else that is done about a failure. So each pattern knows a literal that every match
contains; the regex is compiled when that literal is first seen.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

_TOKENS = lazily(
    r"(?P<plain>[^\\.^$*+?{}\[\]()|]+)"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<optional>[*?]|\{\d*,?\d*\})"
    r"|(?P<repeated>\+)"
    r"|(?P<opening>\()"
    r"|(?P<closing>\))"
    r"|(?P<alternative>\|)"
    r"|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)


class Pattern:
    """One regex, ignoring case, `^` and `$` at each line, compiled when it is first needed.

    Args:
        text: The regex.
        literal: What `required_literal` says of it, where that is known already.
    """

    __slots__ = ("_regex", "literal", "text")

    def __init__(self, text: str, literal: str | None = None) -> None:
        self.text = text
        self.literal = required_literal(text) if literal is None else literal
        self._regex: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def compile(self) -> re.Pattern[str]:
        """Return the compiled regex.

        Raises:
            re.error: The text is no regex.
        """
        if self._regex is None:
            self._regex = re.compile(self.text, re.IGNORECASE | re.MULTILINE)
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
    if pattern.startswith("(?") or not pattern.isascii():
        return ""
    best, run, depth = "", "", 0
    for token in _TOKENS.finditer(pattern):
        kind = token.lastgroup
        if kind == "opening":
            depth += 1
        elif kind == "closing":
            depth -= 1
        elif kind == "alternative" and depth == 0:
            return ""
        elif kind in ("plain", "escaped") and depth == 0:
            run += token[kind]
            continue
        elif kind == "optional":
            run = run[:-1]
        best = max(best, run, key=len)
        run = ""
    return max(best, run, key=len).lower()


def unbounded_repetition(pattern: str) -> str:
    """Return the first repetition of a regex that has no upper bound, `` for none.

    Such as `.*`, `\\w+` and `{3,}`: on a hostile text they may take more than linear time.
    """
    last = ""
    for token in _TOKENS.finditer(pattern):
        text = token[0]
        if text in ("*", "+") and token.lastgroup in ("optional", "repeated"):
            return f"{last}{text}"
        if token.lastgroup == "optional" and text.endswith(",}"):
            return f"{last}{text}"
        last = text[-1:] if token.lastgroup == "plain" else text
    return ""
