"""How alike two stack tokens are: linear in their length, and only between failures of one type."""

from __future__ import annotations

import math
from functools import lru_cache

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

_WORD = lazily(r"[^\W_][\w]*")
_PLACEHOLDER = lazily(r"<[^<>]*>")
_QUOTED = lazily(r"'([^'\n]{1,200})'|\"([^\"\n]{1,200})\"")
# What stands in a token before the place in the project's own code (C-32).
_BEFORE_PLACE = " @ "
WORDS_MAX = 64
COMPARED_MAX = 500


@frozen
class Words:
    """A token taken apart.

    Args:
        type: Type of the exception, or the first word of an error line.
        words: Words of the message, without placeholders and numbers.
        names: What the message puts in quotes: who it is about.
        place: Where the project's own code failed, ``.
    """

    type: str
    words: frozenset[str]
    names: frozenset[str] = frozenset()
    place: str = ""


@lru_cache(maxsize=8_192)
def words_of(token: str) -> Words:
    """Return the parts of a token that are compared."""
    line, before, place = token.rpartition(_BEFORE_PLACE)
    if not before:
        line, place = token, ""
    head, colon, rest = line.partition(":")
    if not colon or " " in head.strip():
        head, _, rest = line.partition(" ")
    text = _PLACEHOLDER.sub(" ", rest).casefold()
    words = frozenset(_WORD.findall(text)[:WORDS_MAX])
    names = frozenset(map(max, _QUOTED.findall(rest)))
    return Words(head.strip(), words, names, place)


def similarity(one: str, other: str) -> float:
    """Return how alike two tokens are, from 0 to 1.

    Two types of exception are never alike, nor are messages about other names (`'foo'` and `'bar'`
    are not defined), nor messages that differ and come from two places. Else it is the share of
    words that the messages have in common (Dice); where neither has words, the place decides.
    """
    return words_similarity(words_of(one), words_of(other))


def words_similarity(one: Words, other: Words) -> float:
    """Return `similarity` of two tokens that were taken apart before."""
    if one.type != other.type or not one.type:
        return 0.0
    if not one.words or not other.words:
        same = one.words == other.words and bool(one.place) and one.place == other.place
        return 1.0 if same else 0.0
    if one.names != other.names:
        return 0.0
    if one.place and other.place and one.place != other.place and one.words != other.words:
        return 0.0
    return 2 * len(one.words & other.words) / (len(one.words) + len(other.words))


class Neighbours:
    """Tokens among which the alike ones of another are found, without comparing with each.

    Two messages that share the least part of their words share one of the rarest of them, so
    only tokens that hold one of those are compared ("prefix filtering").
    """

    def __init__(self) -> None:
        self._tokens: list[tuple[str, Words]] = []
        self._by_word: dict[tuple[str, str], list[int]] = {}
        self._by_place: dict[tuple[str, str], list[int]] = {}

    def add(self, key: str, token: str) -> None:
        """Add a token under a key; a key may have several."""
        words = words_of(token)
        index = len(self._tokens)
        self._tokens.append((key, words))
        if not words.words:
            self._by_place.setdefault((words.type, words.place), []).append(index)
        for word in words.words:
            self._by_word.setdefault((words.type, word), []).append(index)

    def near(self, token: str, threshold: float, limit: int = COMPARED_MAX) -> set[str]:
        """Return the keys whose tokens are as alike as the threshold asks, or more.

        Args:
            token: The token to compare with.
            threshold: Least similarity, over 0.
            limit: Most comparisons; those added last are compared first.
        """
        words = words_of(token)
        found = sorted(self._candidates(words, threshold), reverse=True)[:limit]
        near = set()
        for index in found:
            key, other = self._tokens[index]
            if words_similarity(words, other) >= threshold:
                near.add(key)
        return near

    def _candidates(self, words: Words, threshold: float) -> set[int]:
        if not words.words:
            return set(self._by_place.get((words.type, words.place), ()))
        rarest = sorted(
            (self._by_word.get((words.type, word), []) for word in words.words), key=len
        )
        # The least number of words in common, when the other message is as short as it may be.
        # Less a hair: 3 * 0.8 / 1.2 is a hair over 2, and would ask for 3 words.
        least = math.ceil(len(rarest) * threshold / (2 - threshold) - 1e-9)
        return {index for held in rarest[: len(rarest) - least + 1] for index in held}
