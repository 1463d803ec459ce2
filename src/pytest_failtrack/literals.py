"""What a regex cannot do without: plain texts, one of which stands wherever the regex matches.

Asking a text for a substring costs a tenth of searching it with a regex. So whoever has many
patterns asks for these texts first, and compiles and searches only what they let through.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

ALWAYS = ("",)
"""What stands in every text: nothing is known of the pattern."""

ALTERNATIVES_MAX = 12
"""Asking for more texts than this costs as much as searching with the pattern."""

TELLING_CHARS = 2
"""A shorter text stands nearly everywhere."""

_ASSERTION = "assert "
"""With it every failing assertion begins, so it tells none from another."""

_TOKENS = lazily(
    r"(?P<plain>[^\\.^$*+?{}\[\]()|])"
    r"|\\(?P<escaped>[^\w\s])"
    r"|(?P<optional>[*?]|\{\d*,?\d*\})"
    r"|(?P<group>\((?:\?(?::|P<\w+>|-i:))?(?!\?))"
    r"|(?P<around>\(\?<?[=!])"
    r"|(?P<unknown>\(\?)"
    r"|(?P<closing>\))"
    r"|(?P<alternative>\|)"
    r"|(?P<other>\+|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)


class _Sequence:
    """Parts of a pattern that follow each other, and what each of them needs."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, ...]] = []
        self.run = ""
        self.of_group: list[tuple[str, ...]] = []

    def end_part(self) -> None:
        """Take what is known of the part that has ended into account."""
        self.parts += [(self.run,), *self.of_group] if self.run else self.of_group
        self.run, self.of_group = "", []


def needed_literals(pattern: str) -> tuple[str, ...]:
    """Return texts, one of which is part of every match of a regex; `ALWAYS` for none.

    Plain characters count, outside of classes and of what may be missing; of alternatives one of
    each. So the answer may tell less than possible and is never wrong.
    """
    return _best(_needs(pattern))


def further_literals(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Return what else is part of every match: of each of these groups of texts one is.

    What `needed_literals` returns is left out, and what stands in nearly every text.
    """
    found = _needs(pattern)
    best = _best(found)
    telling = {one for one in found if one != best and min(map(_told, one)) >= TELLING_CHARS}
    return tuple(sorted(telling, key=_strength, reverse=True))


def _needs(pattern: str) -> list[tuple[str, ...]]:
    """Return groups of texts, of each of which one is part of every match."""
    if not pattern.isascii():
        return []
    # Of each group that is open its alternatives, each a sequence.
    groups = [[_Sequence()]]
    is_around = [False]
    for token in _TOKENS.finditer(pattern):
        kind = token.lastgroup
        current = groups[-1][-1]
        if kind in ("plain", "escaped"):
            if current.of_group:
                current.end_part()
            current.run += token[kind]
        elif kind == "optional":
            current.run, current.of_group = current.run[:-1], []
            current.end_part()
        elif kind in ("group", "around"):
            current.end_part()
            groups.append([_Sequence()])
            is_around.append(kind == "around")
        elif kind == "closing" and len(groups) > 1:
            found = _of_alternatives(groups.pop())
            groups[-1][-1].of_group = [] if is_around.pop() else found
        elif kind == "alternative":
            groups[-1].append(_Sequence())
        elif kind == "other":
            current.end_part()
        else:
            return []
    return _of_alternatives(groups[0]) if len(groups) == 1 else []


def _of_alternatives(sequences: list[_Sequence]) -> list[tuple[str, ...]]:
    """Return what alternatives need together: one of what each of them needs."""
    for one in sequences:
        one.end_part()
    if len(sequences) == 1:
        return sequences[0].parts
    found = tuple(dict.fromkeys(text for one in sequences for text in _best(one.parts)))
    return [found] if "" not in found and len(found) <= ALTERNATIVES_MAX else []


def _best(needs: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the group of texts that tells most."""
    return max(needs, key=_strength, default=ALWAYS)


def _strength(texts: tuple[str, ...]) -> tuple[int, int]:
    """Sort key: how much it tells that one of the texts stands somewhere; few and long ones do."""
    return 2 * min(map(_told, texts)) - len(texts), min(map(len, texts))


def _told(text: str) -> int:
    """Return how much a text tells: spaces are everywhere, and so is how an assertion begins."""
    rest = text.removeprefix(_ASSERTION)
    return len(rest) - rest.count(" ") + (rest != text)
