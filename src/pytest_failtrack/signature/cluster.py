"""Causes: failures whose signatures differ and that have one reason stand together.

Asked by whoever counts or shows root causes, once a run, after everything was signed. Failures of
one signature are one cause, always. Signatures are joined by links (links.py), and every link says
why.

A cause is what hangs together by links, so the order of the failures decides nothing, and another
failure never parts what stood together. Clusters that are known keep their id and stay apart: a new
failure joins the one that it is most alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from pytest_failtrack.frozen import frozen
from pytest_failtrack.signature.kind import Failure, Kind, kind_of
from pytest_failtrack.signature.links import links_of

N = TypeVar("N", bound=Hashable)
T = TypeVar("T")


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


def _root(parents: dict[N, N], name: N) -> N:
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
        self._tokens: dict[str, Kind] = {}
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
        kinds = {hash_: kind_of(members) for hash_, members in by_hash.items()}
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
            self._tokens[failure.hash] = kind_of([failure])


class _Forest:
    """Signatures joined by links; two causes that are known are never joined.

    Args:
        kinds: All signatures, by hash.
        ids: Causes of those that are known.
    """

    def __init__(self, kinds: dict[str, Kind], ids: dict[str, str]) -> None:
        self._parents: dict[str, str] = {hash_: hash_ for hash_ in kinds}
        self._ids = {hash_: ids[hash_] for hash_ in kinds if hash_ in ids}
        self._reasons: dict[str, set[str]] = {}
        firsts: dict[str, str] = {}
        for hash_, id_ in sorted(self._ids.items()):
            self._join(hash_, firsts.setdefault(id_, hash_), "known")
        links = sorted(links_of(kinds), key=lambda one: (-one.strength, one.one, one.other))
        for link in links:
            self._join(link.one, link.other, link.reason)

    def root(self, hash_: str) -> str:
        """Return the signature that stands for all that hang together with this one."""
        return _root(self._parents, hash_)

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


def _why(members: Sequence[Failure], reasons: set[str]) -> str:
    """Return why failures belong together."""
    by_hash: dict[str, list[Failure]] = {}
    for member in members:
        by_hash.setdefault(member.hash, []).append(member)
    if len(by_hash) == 1:
        return "one signature" if len(members) > 1 else "one failure"
    return f"{len(by_hash):,} signatures {_tie(list(map(kind_of, by_hash.values())), reasons)}"


def _tie(kinds: Sequence[Kind], reasons: set[str]) -> str:
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
