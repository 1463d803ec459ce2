"""Which of some hundred patterns can occur in a text at all; `catalog` makes one, `match` asks.

Asking a text for each literal costs more than all the rest of a classification. So every literal
is filed under five letters in its middle (beginnings are alike: "error ...", "no such ..."), and
the text is cut into its pieces once. Only every second piece of the text is looked up: therefore
a literal is filed under two pieces that follow each other, of which a text that holds it shows one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Generic, Protocol, TypeVar

PIECE_CHARS = 5
STEP = 2
"""Every how many characters a piece of the text begins."""
MANY = 200
"""From so many literals on cutting a text is cheaper than searching it for each of them."""


class HasLiterals(Protocol):
    """A rule whose pattern contains a literal."""

    @property
    def literals(self) -> tuple[str, ...]:
        """Texts in lower case, one of which every match contains."""


R = TypeVar("R", bound=HasLiterals)


class Sieve(Generic[R]):
    """Rules by the pieces of their literals.

    Args:
        rules: The rules, in the order in which they are to be given back.
    """

    def __init__(self, rules: Iterable[R]) -> None:
        self.rules = list(rules)

    @cached_property
    def _literals(self) -> list[tuple[str, int]]:
        """All literals, each with the place of its rule."""
        return [(one, place) for place, rule in enumerate(self.rules) for one in rule.literals]

    @cached_property
    def _filed(self) -> dict[str, list[tuple[str, int]]]:
        """The literals by their pieces, those that are too short by ``; made when first asked."""
        filed: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for pair in self._literals:
            literal = pair[0]
            pieces = len(literal) - PIECE_CHARS + 1
            if pieces < STEP:
                filed[""].append(pair)
                continue
            middle = (pieces - STEP) // 2
            for at in range(middle, middle + STEP):
                filed[literal[at : at + PIECE_CHARS]].append(pair)
        return filed

    def candidates(self, lowered: str) -> list[R]:
        """Return the rules one of whose literals occurs in a lowered text, in their order."""
        possible = self._literals
        if len(possible) >= MANY:
            filed = self._filed
            possible = list(filed[""])
            for piece in filed.keys() & _pieces(lowered):
                possible += filed[piece]
        places = {place for literal, place in possible if literal in lowered}
        return [self.rules[place] for place in sorted(places)]


def _pieces(text: str) -> set[str]:
    return {text[at : at + PIECE_CHARS] for at in range(0, len(text) - PIECE_CHARS + 1, STEP)}
