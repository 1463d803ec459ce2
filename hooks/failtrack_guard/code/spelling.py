"""How names are written: the words that they are made of, and which names a text holds."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Up to so many words, looking for each of them costs less than taking a file apart.
SOUGHT_MAX = 60
_WORDS = re.compile(rb"\w+")
_SENTENCE = re.compile(
    rb"\w*[ \t]+(?!(?:and|as|async|else|for|from|if|import|in|is|not|or)\b)[A-Za-z_]"
)
_FROM = re.compile(rb"from[ \t]+[\w.]+[ \t]+import\b")
_ESCAPED = re.compile(rb"\\(?:[abfnrtv]|x\w\w|[0-7]{1,3}|u\w{4}|U\w{8})(\w+)")


def words_of(name: str) -> set[str]:
    """Return the words of a name, lower case, without an `s` at their end."""
    parts: list[str] = []
    for index, letter in enumerate(name):
        if letter == "_" or letter == "*":
            parts.append("")
        elif letter.isupper() and not name[index - 1 : index].isupper():
            parts.append(letter)
        elif parts:
            parts[-1] += letter
        else:
            parts.append(letter)
    return {one.lower() for one in parts if one} | {
        one.lower().removesuffix("s") for one in parts if len(one) > 3
    }


def speaking(words: Iterable[str]) -> Callable[[bytes], bool]:
    """Return a function that tells whether a file holds one of some words.

    As a name of its own, in code or in a string. The module of `from shop.emit import x` is none:
    whatever x is, it is known by x.
    """
    told = [word.encode() for word in sorted(words)]
    names = frozenset(one for one in told if one.isascii())
    others = [one for one in told if one not in names]
    is_short = len(names) <= SOUGHT_MAX

    def speaks(content: bytes) -> bool:
        if any(map(content.__contains__, others)):
            return True
        if is_short and not any(map(content.__contains__, names)):
            return False
        return any(_is_used(one, content) for one in names & _names_in(content))

    return speaks


def standing(texts: Iterable[bytes]) -> Callable[[bytes], bool]:
    """Return a function that tells whether some bytes hold one of some texts.

    A letter at either end of a text is the end of a name there: `type` is none of `content_type`. A
    blank in it stands for any white space, or none.
    """
    told = []
    for text in texts:
        pattern = rb"\s*".join(map(re.escape, text.split(b" ")))
        before, after = (rb"\b" if end.isalnum() else b"" for end in (text[:1], text[-1:]))
        told.append((text.partition(b" ")[0], re.compile(before + pattern + after)))

    def stands(content: bytes) -> bool:
        return any(start in content and pattern.search(content) for start, pattern in told)

    return stands


def _is_used(word: bytes, content: bytes) -> bool:
    """Return whether a name stands somewhere else than in a sentence."""
    start = content.find(word)
    while start >= 0:
        end = start + len(word)
        if not _is_told(content, end):
            return True
        start = content.find(word, end)
    return False


def _is_told(content: bytes, end: int) -> bool:
    """Return whether what ends there is a word of a sentence, as another word follows it.

    In code, only keywords do.
    """
    return _SENTENCE.match(content, end) is not None


def _names_in(content: bytes) -> set[bytes]:
    """Return the names of a file and the words of its strings and comments."""
    found = set(_WORDS.findall(_FROM.sub(b" ", content)))
    if b"\\" in content:
        found.update(_ESCAPED.findall(content))  # the word of `"\nEvent"` is no `nEvent`
    return found


def is_named(word: bytes, content: bytes, lowered: bytes) -> bool:
    """Return whether a word is one of those that a name is made of, in any case, or their plural.

    `event` is one of `OrderEvents` and `event_2`, not of `prevent` and `eventually`.
    """
    start = lowered.find(word)
    while start >= 0:
        end = start + len(word)
        before, first = content[max(0, start - 1) : start], content[start : start + 1]
        if not before.isalpha() or (before.islower() and first.isupper()):
            after = content[end : end + 2]
            is_whole = not after[:1].islower() or (after[:1] == b"s" and not after[1:].islower())
            if is_whole and not _is_told(content, end):
                return True
        start = lowered.find(word, end)
    return False
