"""Which of some hundred patterns can occur in a text at all; `catalog` makes one, `match` asks.

Asking a text for each literal costs more than all the rest of a classification. So every literal
is filed under the three letters in its middle (beginnings are alike: "error ...", "no such ..."),
and a short text is cut into its pieces once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

PIECE_CHARS = 3
SHORT_CHARS = 2_000
"""Up to this length cutting a text is cheaper than searching it for each literal."""


class HasLiteral(Protocol):
    """A rule whose pattern contains a literal."""

    @property
    def literal(self) -> str:
        """What every match contains, lowered."""


R = TypeVar("R", bound=HasLiteral)


class Sieve(Generic[R]):
    """Rules by the pieces of their literals.

    Args:
        rules: The rules, in the order in which they are to be given back.
    """

    def __init__(self, rules: Iterable[R]) -> None:
        self.rules = list(rules)
        self._by_piece: dict[str, list[tuple[int, R]]] = {}
        self._always: list[tuple[int, R]] = []
        for place, rule in enumerate(self.rules):
            literal = rule.literal
            if len(literal) < PIECE_CHARS:
                self._always.append((place, rule))
                continue
            middle = (len(literal) - PIECE_CHARS) // 2
            piece = literal[middle : middle + PIECE_CHARS]
            self._by_piece.setdefault(piece, []).append((place, rule))

    def candidates(self, lowered: str) -> Iterator[R]:
        """Yield the rules whose literal occurs in a lowered text, in their order."""
        if len(lowered) > SHORT_CHARS:
            yield from (rule for rule in self.rules if rule.literal in lowered)
            return
        found = list(self._always)
        for piece in self._by_piece.keys() & _pieces(lowered):
            found += self._by_piece[piece]
        found.sort(key=_place)
        for _, rule in found:
            if rule.literal in lowered:
                yield rule


def _place(pair: tuple[int, object]) -> int:
    return pair[0]


def _pieces(text: str) -> set[str]:
    return {text[at : at + PIECE_CHARS] for at in range(len(text) - PIECE_CHARS + 1)}
