"""Patterns of the catalog: case-insensitive regexes behind a sieve of plain substrings.

Compiling two hundred regexes costs more than a whole failing test, and trying them all costs more
than everything else that is done about a failure. So each pattern knows literals, one of which is
in every match (`literals.py`); the regex is compiled when one of them is first seen.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily
from pytest_failtrack.literals import further_literals, needed_literals

_TOKENS = lazily(
    r"(?P<plain>[^\\.^$*+?{}\[\]()|]+)"
    r"|(?P<optional>[*?]|\{\d*,?\d*\})"
    r"|(?P<repeated>\+)"
    r"|(?P<other>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)


class Pattern:
    """One regex, ignoring case, `^` and `$` at each line, compiled when it is first needed.

    Args:
        text: The regex.
        literals: What `needed_literals` says of it, lowered, where that is known already.
    """

    __slots__ = ("_further", "_regex", "literals", "text")

    def __init__(self, text: str, literals: tuple[str, ...] = ()) -> None:
        self.text = text
        self.literals = literals or tuple(one.lower() for one in needed_literals(text))
        self._further: tuple[tuple[str, ...], ...] | None = None
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
        return any(one in lowered for one in self.literals) and self.occurs(text, lowered)

    def occurs(self, text: str, lowered: str) -> bool:
        """Whether the pattern occurs in a text in whose lowered form one of its literals stands.

        What else it needs is found out when that is asked first: mostly it is missing, and the
        regex, which costs more, is never compiled.
        """
        if self._further is None:
            found = further_literals(self.text)
            self._further = tuple(tuple(map(str.lower, texts)) for texts in found)
        for texts in self._further:
            for one in texts:
                if one in lowered:
                    break
            else:
                return False
        return self.compile().search(text) is not None


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
