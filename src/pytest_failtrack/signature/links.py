"""Links between signatures that have one cause; cluster.py follows them.

Every link says why:

- within one kind only: root exception type and protected codes (errno, HTTP status, exit code,
  signal, code of a tool) are equal;
- in one place of the project's own code, or in one fixture, a little in common is enough;
- in one test file the messages must be alike, say something beside the shape of an assertion, quote
  the same and compare alike;
- a bare `assert` in a helper that tests share joins the tests that it failed in, in one run;
- what has no place, because its message names in full what is missing or was called, must name the
  same; of an attribute that many classes lack, the attribute;
- of two lines that were printed, only the noise between the words may differ;
- in two places of product code nothing joins them: two faults may say the same;
- what the machine lacks (memory, disk, file descriptors) is one cause wherever it is met;
- modules that import each other in a circle fail elsewhere for each that is imported first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.source import is_test_path
from pytest_failtrack.signature.kind import Kind
from pytest_failtrack.signature.token import NO_STACK

# Least share of words that two messages have in common (Dice), by how near they lie. The figures of
# tests/benchmarks/triage hardly depend on them: 0.2 to 0.5 and 0.6 to 0.9 are within 0.02.
SAME_PLACE_BAR = 0.34
SAME_TEST_BAR = 0.34
SAME_FILE_BAR = 0.8
NOWHERE_BAR = 0.8
# Messages that one is compared with in its place; keeps the time near-linear.
COMPARED_MAX = 48
LINKS_MAX = 4
# Conditions of the machine: ENOMEM, EMFILE, ENFILE, ENOSPC, EROFS, EDQUOT.
MACHINE_ERRNOS = frozenset(
    {"errno 12", "errno 23", "errno 24", "errno 28", "errno 30", "errno 122"}
)
MACHINE_TYPES = frozenset({"MemoryError"})

# What assertions say of any values.
SHAPES = frozenset(
    {
        *("lists", "tuples", "sets", "differ", "items", "sequences", "elements", "item", "element"),
        *("in", "not", "is", "are", "was", "none", "true", "false", "and", "or", "equal", "an"),
        *("instance", "of", "the", "str", "int", "float", "list", "dict", "tuple", "set", "bool"),
        *("bytes", "first", "second", "but", "unexpectedly", "found", "raised", "did", "raise"),
        *(
            "warn",
            "warnings",
            "no",
            "type",
            "were",
            "emitted",
            "class",
            "a",
            "to",
            "within",
            "places",
        ),
        *("less", "greater", "than", "or", "expected", "got", "counts", "contains", "different"),
        *("regex", "pattern", "match", "matched", "actual", "message", "triggered", "logs"),
    }
)

_SHORTENED = "..."


@frozen
class Link:
    """Two signatures that have one cause.

    Args:
        strength: From 0 to 1; stronger links are followed first where known causes compete.
        one: The lesser hash.
        other: The greater one.
        reason: Word for the sentence.
    """

    strength: float
    one: str
    other: str
    reason: str


def links_of(kinds: Mapping[str, Kind]) -> Iterator[Link]:
    """Yield what joins signatures, in each block of those that may be joined at all."""
    blocks: dict[tuple[str, ...], list[Kind]] = {}
    for _, kind in sorted(kinds.items()):
        for block in _blocks(kind):
            blocks.setdefault(block, []).append(kind)
    for block, members in blocks.items():
        if len(members) > 1:
            yield from _linked(block[0], members)


def _blocks(kind: Kind) -> Iterator[tuple[str, ...]]:
    """Yield the blocks that a signature lies in; the first word is the reason and names the bar."""
    if not kind.type or kind.type == NO_STACK:
        return
    root = (kind.type, " ".join(sorted(kind.codes)))
    if kind.type in MACHINE_TYPES or kind.codes & MACHINE_ERRNOS:
        yield ("machine", *root)
    for module in kind.circle:
        yield ("circle", module)
    for fixture in kind.fixtures:
        if not kind.file or fixture == f"{kind.file}:{kind.function}":
            called = sorted(one for one in kind.names if one.endswith("()"))
            yield ("fixture", *root, fixture, *called)
        else:
            yield ("place", *root, fixture, kind.file, kind.function)
    if kind.is_line and not kind.file:
        yield ("line", *root, *sorted(kind.words))
    elif not kind.file:
        yield ("nowhere", *root, *sorted(kind.names))
    elif not kind.file.startswith(_SHORTENED):
        is_test = is_test_path(kind.file)
        yield ("test" if is_test else "place", *root, kind.file, kind.function)
        if is_test and _says_more(kind.words):
            yield ("file", *root, kind.file, kind.sign, *sorted(kind.quoted))
        if is_test and kind.helper:
            yield ("helper", *root, kind.helper)


def _says_more(words: frozenset[str]) -> bool:
    """Whether words say more than any assertion of its shape (`ValueError not raised`)."""
    return any(not one.endswith(_EXCEPTIONS) for one in words - SHAPES)


_EXCEPTIONS = ("error", "exception", "warning")

_BARS = {
    "place": SAME_PLACE_BAR,
    "test": SAME_TEST_BAR,
    "file": SAME_FILE_BAR,
    "nowhere": NOWHERE_BAR,
}


def _linked(reason: str, members: Sequence[Kind]) -> Iterator[Link]:
    bar = _BARS.get(reason)
    if bar is None:  # everything in it has one cause
        for one in members[1:]:
            yield Link(1.0, members[0].hash, one.hash, reason)
        return
    shapes: dict[frozenset[str], list[Kind]] = {}
    for one in members:
        shapes.setdefault(one.words, []).append(one)
    for alike in shapes.values():
        for one in alike[1:]:
            yield Link(1.0, alike[0].hash, one.hash, reason)
    firsts = {words: alike[0].hash for words, alike in shapes.items()}
    for one_words, other_words, share in _alike(list(firsts), bar):
        first, second = sorted((firsts[one_words], firsts[other_words]))
        yield Link(share, first, second, reason)


def _alike(
    shapes: Sequence[frozenset[str]], bar: float
) -> Iterator[tuple[frozenset[str], frozenset[str], float]]:
    """Yield pairs of messages that are alike, without comparing each with each.

    Two messages that share the least part of their words share one of the rarest of them, so only
    those that hold one of these are compared ("prefix filtering"), and no more than
    `COMPARED_MAX`; `LINKS_MAX` links are enough to hold a message.
    """
    holders: dict[str, list[int]] = {}
    for index, words in enumerate(shapes):
        for word in words:
            holders.setdefault(word, []).append(index)
    for index, words in enumerate(shapes):
        if not words:
            continue
        rarest = sorted(words, key=lambda word: (len(holders[word]), word))
        least = math.ceil(len(words) * bar / (2 - bar) - 1e-9)
        candidates: dict[int, None] = {}
        for word in rarest[: len(words) - least + 1]:
            for other in holders[word]:
                if other >= index or len(candidates) >= COMPARED_MAX:
                    break
                candidates[other] = None
        links = 0
        for other in candidates:
            share = 2 * len(words & shapes[other]) / (len(words) + len(shapes[other]))
            if share >= bar:
                yield shapes[other], words, share
                links += 1
            if links == LINKS_MAX:
                break
