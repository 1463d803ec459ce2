"""Which of some hundred patterns can occur in a text at all; `catalog` makes one, `match` asks.

Asking a text for each literal costs more than all the rest of a classification. So every literal
is filed under three letters in its middle (beginnings are alike: "error ...", "no such ..."), and a
short text is cut into its pieces once. Only every second piece of the text is looked up: therefore
a literal is filed under two pieces that follow each other, of which a text that holds it shows one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

PIECE_CHARS = 3
STEP = 2
"""Every how many characters a piece of the text begins."""
SHORT_CHARS = 2_000
"""Up to this length cutting a text is cheaper than searching it for each of many literals."""
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
        # Literals, each with the place of its rule.
        self._literals = [(one, at) for at, rule in enumerate(self.rules) for one in rule.literals]
        self._always: list[tuple[str, int]] = []
        self._by_piece: dict[str, list[tuple[str, int]]] = {}
        if len(self._literals) >= MANY:
            self._file()

    def _file(self) -> None:
        for literal, place in self._literals:
            starts = len(literal) - PIECE_CHARS + 1
            if starts < STEP:
                self._always.append((literal, place))
                continue
            middle = (starts - STEP) // 2
            for at in range(middle, middle + STEP):
                piece = literal[at : at + PIECE_CHARS]
                self._by_piece.setdefault(piece, []).append((literal, place))

    def candidates(self, lowered: str) -> list[R]:
        """Return the rules one of whose literals occurs in a lowered text, in their order."""
        possible = self._literals
        if self._by_piece and len(lowered) <= SHORT_CHARS:
            possible = list(self._always)
            for piece in self._by_piece.keys() & _pieces(lowered):
                possible += self._by_piece[piece]
        places = {place for literal, place in possible if literal in lowered}
        return [self.rules[place] for place in sorted(places)]


def _pieces(text: str) -> set[str]:
    return {text[at : at + PIECE_CHARS] for at in range(0, len(text) - PIECE_CHARS + 1, STEP)}
