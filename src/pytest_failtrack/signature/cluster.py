"""Causes: failures whose signatures differ and that have one reason stand together.

Asked by whoever counts or shows root causes, once a run, after everything was signed. Failures of
one signature are one cause, always. Signatures are joined by links, and every link says why:

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

A cause is what hangs together by links, so the order of the failures decides nothing, and another
failure never parts what stood together. Clusters that are known keep their id and stay apart: a new
failure joins the one that it is most alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.asserted import with_shown
from pytest_failtrack.observe.observation import Frame, Observation
from pytest_failtrack.observe.source import is_test_path
from pytest_failtrack.signature.cause import matter, short_name
from pytest_failtrack.signature.signature import Signature
from pytest_failtrack.signature.token import NO_STACK

T = TypeVar("T")

# Least share of words that two messages have in common (Dice), by how near they lie. The figures of
# tests/benchmarks/triage hardly depend on them: 0.2 to 0.5 and 0.6 to 0.9 are within 0.02.
SAME_PLACE_BAR = 0.34
SAME_TEST_BAR = 0.34
SAME_FILE_BAR = 0.8
NOWHERE_BAR = 0.8
# Messages that one is compared with in its place; keeps the time near-linear.
COMPARED_MAX = 48
LINKS_MAX = 4
WORDS_MAX = 48
# Conditions of the machine: ENOMEM, EMFILE, ENFILE, ENOSPC, EROFS, EDQUOT.
MACHINE_ERRNOS = frozenset(
    {"errno 12", "errno 23", "errno 24", "errno 28", "errno 30", "errno 122"}
)
MACHINE_TYPES = frozenset({"MemoryError"})

# The module that an import came back to.
_CIRCULAR = lazily(r"partially initialized module '(?P<name>[\w.]{1,200})'")

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

# What a message is about: what it quotes, and what was called.
_NAMED = lazily(r"'([^'\n]{1,200})'|([A-Za-z_][\w.]{0,200}\(\))")
# What many classes lack alike was renamed or taken away where they have it from.
_LACKED = lazily(r"'[\w.]{1,200}' object has no attribute (?='\w)")
_WORD = lazily(r"[^\W_]\w*")
_PLACEHOLDER = lazily(r"<(?P<name>num|path|time|addr|hash|uuid|id|tmp|port|ip|line|duration)>")
_CODE = lazily(
    r"\[(?:Errno|WinError) -?(?P<errno>[0-9]{1,5})\]"
    r"|\b[Ss]tatus(?:[_ ]?[Cc]ode)?[^0-9\n]{0,8}(?P<status>[1-5][0-9]{2})\b"
    r"|\b(?P<http>[1-5][0-9]{2}) (?=[A-Z][a-z]+)"
    r"|\bHTTP(?:/[0-9.]{1,3}|[ _]?[Ee]rror|Status)?[ :=]{1,3}(?P<said>[1-5][0-9]{2})\b"
    r"|\breturned error: (?P<answer>[1-5][0-9]{2})\b"
    r"|\bexit(?: (?:code|status))?[ =:(]{1,2}(?P<exit>-?[0-9]{1,10})\b"
    r"|\b(?P<signal>SIG[A-Z]{2,6}[0-9]?)\b"
    r"|\bSQL(?:STATE|State|CODE)[ =:\[('\"]{1,3}-?(?P<sql>[0-9A-Z]{5})\b"
    r"|\b(?P<tool>(?:E|F|W|C|D|R|CS|TS|CA|SC|NU|BC|LNK|MSB|ORA-|CVE-)[0-9][0-9-]{2,11})\b"
    r"|\b(?P<npm>ERESOLVE|E[A-Z]{4,12})\b"
)
_AT = " @ "
_SIGNS = (" != ", " == ", " not in ", " in ", " is not ", " is ")
_SHORTENED = "..."


@frozen
class Failure:
    """One failure, as far as its cause is asked for.

    Args:
        hash: The 12 hex digits of its signature.
        token: Its token: `<line> @ <file>:<function>`.
        chain: Types of the exceptions, without modules, the outermost first.
        frames: Frames in the project, `file:function`, the innermost last.
        fixture: `file:function` of the fixture that failed, `` when none did.
        nodeid: Node id of the test, or the command.
        is_line: Its token is a line that was printed, without a place in any code.
    """

    hash: str
    token: str
    chain: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    fixture: str = ""
    nodeid: str = ""
    is_line: bool = False


@frozen
class Cluster:
    """One cause: failures that belong together.

    Args:
        id: 12 hex digits that last: what it was known by, else the least signature among its
            first members.
        members: Its failures, by signature, then by node id.
        why: One sentence: why they belong together.
    """

    id: str
    members: tuple[Failure, ...]
    why: str

    @property
    def hashes(self) -> tuple[str, ...]:
        """Signatures of its members, each once, sorted."""
        return tuple(sorted({one.hash for one in self.members}))


def failure_of(observation: Observation, signature: Signature) -> Failure:
    """Return what is asked of one failure.

    Args:
        observation: The failure.
        signature: Its signature.
    """
    chosen = matter(observation.exceptions)
    frames = [frame for frame in chosen.raised.frames if frame.is_project] if chosen else []
    return Failure(
        hash=signature.hash,
        token=signature.token,
        chain=tuple(short_name(one.type) for one in with_shown(observation.exceptions)),
        frames=tuple(map(_at, frames)),
        fixture=_at(frames[0]) if frames and observation.when in ("setup", "teardown") else "",
        nodeid=observation.nodeid,
        is_line=chosen is None and observation.when == "command",
    )


def clusters(failures: Iterable[Failure], known: Iterable[Cluster] = ()) -> list[Cluster]:
    """Return the causes of failures, sorted by id.

    Args:
        failures: In any order; of one run or of many.
        known: Causes of earlier runs, which keep their ids: a failure with one of their signatures
            belongs to them, one that is like them joins the one that it is most alike.

    Returns:
        Causes that hold at least one of the failures, with these alone as members.
    """
    return Clusters(known).add(failures)


def known_clusters(seen: Iterable[tuple[str, str, str]]) -> list[Cluster]:
    """Return the causes that history knows, sorted by id.

    Args:
        seen: (cause id, signature, token), the oldest first. Causes that share a signature are
            one: two legs of a matrix do not know of each other. It keeps the id seen first.
    """
    members: dict[str, Failure] = {}
    rows = list(seen)
    for _, hash_, token in rows:
        members.setdefault(hash_, Failure(hash_, token))
    groups = gathered(rows, lambda row: row[:2])
    return sorted(
        (
            Cluster(group[0][0], tuple({row[1]: members[row[1]] for row in group}.values()), "")
            for group in groups
        ),
        key=lambda one: one.id,
    )


def gathered(items: Iterable[T], names_of: Callable[[T], Iterable[Hashable]]) -> list[list[T]]:
    """Return items in groups: two that share a name are in one, as are those between.

    Args:
        items: In the order in which groups, and members of a group, come.
        names_of: The names of an item.
    """
    parents: dict[Hashable, Hashable] = {}
    rows = [(item, list(names_of(item))) for item in items]
    for _, names in rows:
        for name in names:
            one, other = _root(parents, names[0]), _root(parents, name)
            parents[other] = one
    groups: dict[Hashable, list[T]] = {}
    for item, names in rows:
        groups.setdefault(_root(parents, names[0]), []).append(item)
    return list(groups.values())


def _root(parents: dict[Hashable, Hashable], name: Hashable) -> Hashable:
    while parents.setdefault(name, name) != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name


class Clusters:
    """Causes that are known, to which failures are added.

    Args:
        known: Causes of earlier runs, with as many of their members as are at hand.
    """

    def __init__(self, known: Iterable[Cluster] = ()) -> None:
        self._ids: dict[str, str] = {}
        self._tokens: dict[str, _Kind] = {}
        for cluster in sorted(known, key=lambda one: one.id):
            for member in cluster.members:
                self._remember(member, cluster.id)

    def add(self, failures: Iterable[Failure]) -> list[Cluster]:
        """Return the causes of failures, sorted by id, and know them from now on.

        Args:
            failures: In any order.
        """
        by_hash: dict[str, list[Failure]] = {}
        for failure in failures:
            by_hash.setdefault(failure.hash, []).append(failure)
        kinds = {hash_: _kind(members) for hash_, members in by_hash.items()}
        forest = _Forest({**self._tokens, **kinds}, self._ids)
        groups: dict[str, list[str]] = {}
        for hash_ in sorted(by_hash):
            groups.setdefault(forest.root(hash_), []).append(hash_)
        made = [self._cluster(hashes, by_hash, forest) for hashes in groups.values()]
        return sorted(made, key=lambda one: one.id)

    def _cluster(
        self, hashes: Sequence[str], by_hash: dict[str, list[Failure]], forest: _Forest
    ) -> Cluster:
        id_ = forest.id_of(hashes[0])
        members = [one for hash_ in hashes for one in by_hash[hash_]]
        members.sort(key=lambda one: (one.hash, one.nodeid))
        for hash_ in hashes:
            self._remember(by_hash[hash_][0], id_)
        return Cluster(id_, tuple(members), _why(members, forest.reasons(hashes[0])))

    def _remember(self, failure: Failure, id_: str) -> None:
        if failure.hash not in self._ids:
            self._ids[failure.hash] = id_
            self._tokens[failure.hash] = _kind([failure])


# -- what is compared ------------------------------------------------------------------------


@frozen
class _Kind:
    """A signature taken apart.

    Args:
        hash: The signature.
        type: Root exception type, or the first word of an error line.
        codes: Protected codes.
        words: Words of the message, with names in quotes.
        names: Who the message is about: what it puts in quotes or calls; of one without a place.
        file: File of its place, ``.
        function: Function there, ``.
        fixtures: Fixtures that failed.
        helper: What the tests call that failed without a word, ``.
        is_line: It is a line that was printed.
        quoted: What its message puts in quotes; of an assertion nothing, for there it is values.
        circle: The modules at both ends of an import that led back to where it began.
        sign: How an assertion compares.
    """

    hash: str
    type: str
    codes: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]
    file: str
    function: str
    fixtures: frozenset[str]
    helper: str
    is_line: bool
    quoted: frozenset[str]
    circle: frozenset[str]
    sign: str


def codes_of(line: str) -> frozenset[str]:
    """Return the codes in a normalized line that carry meaning, such as `errno 111`."""
    if not any(map(str.isupper, line)) and not any(map(str.isdigit, line)):
        return frozenset()
    found = _CODE.finditer(line)
    return frozenset(f"{one.lastgroup} {one[one.lastgroup or 0]}" for one in found)


def _kind(members: Sequence[Failure]) -> _Kind:
    first = min(members, key=lambda one: (one.token, one.nodeid))
    line, at, place = first.token.rpartition(_AT)
    if not at:
        line, place = first.token, ""
    type_, rest = _split(line)
    words = frozenset(_WORD.findall(_PLACEHOLDER.sub(" ", rest).casefold())[:WORDS_MAX])
    file, _, function = place.rpartition(":") if ":" in place else (place, "", "")
    fixtures = frozenset(one.fixture for one in members if one.fixture)
    found = () if place else _NAMED.finditer(_LACKED.sub("", rest))
    names = frozenset(one[1] or one[2] for one in found)
    quotes = _NAMED.finditer("" if type_ == "AssertionError" else rest)
    quoted = frozenset(one[1] for one in quotes if one[1])
    innermost = first.frames[-1] if first.frames and file and line == "AssertionError" else ""
    helper = innermost if innermost != place and not first.fixture else ""
    return _Kind(
        hash=first.hash,
        type=type_,
        codes=codes_of(line),
        words=words,
        names=names,
        file=file,
        function=function,
        fixtures=fixtures,
        helper=helper,
        is_line=first.is_line,
        quoted=quoted,
        sign=next((one for one in _SIGNS if one in rest), "") if type_ == "AssertionError" else "",
        circle=_circle(rest, file or "".join(first.frames[-1:]).rpartition(":")[0]),
    )


def _circle(message: str, file: str) -> frozenset[str]:
    """Return the module that an import came back to, and the one that imported it."""
    found = _CIRCULAR.search(message) if "partially " in message else None
    if not found:
        return frozenset()
    name = found["name"].split(".")
    path = file.removesuffix(".py").removesuffix("/__init__").split("/")
    # The project says nowhere where its packages begin; most circles stay within one.
    begin = path.index(name[0]) if name[0] in path else max(0, len(path) - len(name))
    return frozenset({found["name"], ".".join(path[begin:])} - {""})


def _split(line: str) -> tuple[str, str]:
    """Return the type and the message of a line; of an assertion its operands."""
    head, colon, rest = line.partition(":")
    if colon and head and " " not in head:
        return head, rest
    head, _, rest = line.partition(" ")
    return ("AssertionError", rest) if head == "assert" else (head, rest)


def _at(frame: Frame) -> str:
    return f"{frame.file}:{frame.function}"


# -- links -----------------------------------------------------------------------------------


@frozen
class _Link:
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


class _Forest:
    """Signatures joined by links; two causes that are known are never joined.

    Args:
        kinds: All signatures, by hash.
        ids: Causes of those that are known.
    """

    def __init__(self, kinds: dict[str, _Kind], ids: dict[str, str]) -> None:
        self._parents: dict[str, str] = {hash_: hash_ for hash_ in kinds}
        self._ids = {hash_: ids[hash_] for hash_ in kinds if hash_ in ids}
        self._reasons: dict[str, set[str]] = {}
        firsts: dict[str, str] = {}
        for hash_, id_ in sorted(self._ids.items()):
            self._join(hash_, firsts.setdefault(id_, hash_), "known")
        links = sorted(_links(kinds), key=lambda one: (-one.strength, one.one, one.other))
        for link in links:
            self._join(link.one, link.other, link.reason)

    def root(self, hash_: str) -> str:
        """Return the signature that stands for all that hang together with this one."""
        parents = self._parents
        while parents[hash_] != hash_:
            parents[hash_] = parents[parents[hash_]]
            hash_ = parents[hash_]
        return hash_

    def id_of(self, hash_: str) -> str:
        """Return the id of the cause."""
        root = self.root(hash_)
        return self._ids.get(root, root)

    def reasons(self, hash_: str) -> set[str]:
        """Return the words of the links that made the cause."""
        return self._reasons.get(self.root(hash_), set())

    def _join(self, one: str, other: str, reason: str) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        ids = self._ids
        if first != second:
            if first in ids and second in ids and ids[first] != ids[second]:
                return
            self._parents[second] = first
            if second in ids:
                ids[first] = ids[second]
            self._reasons.setdefault(first, set()).update(self._reasons.pop(second, ()))
        if one != other:
            self._reasons.setdefault(first, set()).add(reason)


def _links(kinds: dict[str, _Kind]) -> Iterator[_Link]:
    """Yield what joins signatures, in each block of those that may be joined at all."""
    blocks: dict[tuple[str, ...], list[_Kind]] = {}
    for _, kind in sorted(kinds.items()):
        for block in _blocks(kind):
            blocks.setdefault(block, []).append(kind)
    for block, members in blocks.items():
        if len(members) > 1:
            yield from _linked(block[0], members)


def _blocks(kind: _Kind) -> Iterator[tuple[str, ...]]:
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


def _linked(reason: str, members: Sequence[_Kind]) -> Iterator[_Link]:
    bar = _BARS.get(reason)
    if bar is None:  # everything in it has one cause
        for one in members[1:]:
            yield _Link(1.0, members[0].hash, one.hash, reason)
        return
    shapes: dict[frozenset[str], list[_Kind]] = {}
    for one in members:
        shapes.setdefault(one.words, []).append(one)
    for alike in shapes.values():
        for one in alike[1:]:
            yield _Link(1.0, alike[0].hash, one.hash, reason)
    firsts = {words: alike[0].hash for words, alike in shapes.items()}
    for one_words, other_words, share in _alike(list(firsts), bar):
        first, second = sorted((firsts[one_words], firsts[other_words]))
        yield _Link(share, first, second, reason)


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


# -- the sentence ----------------------------------------------------------------------------


def _why(members: Sequence[Failure], reasons: set[str]) -> str:
    """Return why failures belong together."""
    by_hash: dict[str, list[Failure]] = {}
    for member in members:
        by_hash.setdefault(member.hash, []).append(member)
    if len(by_hash) == 1:
        return "one signature" if len(members) > 1 else "one failure"
    return f"{len(by_hash):,} signatures {_tie(list(map(_kind, by_hash.values())), reasons)}"


def _tie(kinds: Sequence[_Kind], reasons: set[str]) -> str:
    """Return what all signatures of a cause have in common."""
    fixtures = frozenset.intersection(*(one.fixtures for one in kinds))
    if "machine" in reasons:
        return "that tell of what the machine lacks"
    if "circle" in reasons:
        return "of modules that import each other"
    if fixtures and "fixture" in reasons:
        return f"of one fixture, {min(fixtures)}"
    if kinds[0].helper and len({one.helper for one in kinds}) == 1:
        return f"that failed in one helper of the tests, {kinds[0].helper}"
    if len({(one.file, one.function) for one in kinds}) == 1 and kinds[0].file:
        return "of one place, with messages alike"
    if len({one.file for one in kinds}) == 1 and kinds[0].file:
        return "of one file, with messages alike"
    return "with messages alike" if reasons - {"known"} else "known as one cause"
