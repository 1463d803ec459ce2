"""Aliases: the same failure under the hash of an older normalization and under today's (C-6).

A new version of the normalization changes hashes. Whoever raises `SIGNATURE_VERSION` signs what is
known with both versions and keeps the pairs; history looks failures up through them, so that an
old occurrence is still the same failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.signature.signature import HASH_CHARS, Signature

_HASH = lazily(rf"[0-9a-f]{{{HASH_CHARS}}}\Z")


@frozen
class Alias:
    """One failure whose hash changed with the version.

    Args:
        old: Hash under the older version.
        new: Hash under the newer one.
        version: The newer version.
    """

    old: str
    new: str
    version: int

    def to_dict(self) -> dict[str, Any]:
        """Return the pair as plain JSON values."""
        return {"old": self.old, "new": self.new, "version": self.version}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Alias:
        """Return the pair that `to_dict` described.

        Raises:
            InputError: A hash is not 12 hex digits, or the version is no positive number.
        """
        old, new, version = data.get("old"), data.get("new"), data.get("version")
        for name, value in (("old", old), ("new", new)):
            if not isinstance(value, str) or not _HASH.match(value):
                raise InputError(f"alias: {name!r} is {value!r}; write {HASH_CHARS} hex digits")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise InputError(f"alias: 'version' is {version!r}; write a number from 1")
        return cls(str(old), str(new), version)


@frozen
class AliasTable:
    """All pairs, of all versions; several old hashes may lead to one new one.

    Args:
        aliases: In any order.
    """

    aliases: tuple[Alias, ...] = ()

    def current(self, hash_: str) -> str:
        """Return the newest hash of the failure, the hash itself when it never changed."""
        seen = {hash_}
        while (following := self._next(hash_)) and following not in seen:
            hash_ = following
            seen.add(hash_)
        return hash_

    def older(self, hash_: str) -> tuple[str, ...]:
        """Return every older hash of the failure, sorted."""
        found: set[str] = set()
        fresh = {hash_}
        while fresh:
            fresh = {one.old for one in self.aliases if one.new in fresh} - found - {hash_}
            found |= fresh
        return tuple(sorted(found))

    def is_same(self, one: str, other: str) -> bool:
        """Whether two hashes name one failure."""
        return self.current(one) == self.current(other)

    def applied_to(self, signature: Signature) -> Signature:
        """Return the signature with the older hashes that this table knows of it."""
        names = {*signature.aliases, *self.older(signature.hash)} - {signature.hash}
        return replaced(signature, aliases=tuple(sorted(names)))

    def with_change(self, old: Signature, new: Signature) -> AliasTable:
        """Return the table with a failure that was signed by two versions.

        Raises:
            InputError: The second version is not newer than the first.
        """
        if new.version <= old.version:
            raise InputError(
                f"alias: version {new.version} is not newer than {old.version}; "
                "give the older signature first"
            )
        pair = Alias(old.hash, new.hash, new.version)
        return self if old.hash == new.hash or pair in self.aliases else self.joined([pair])

    def joined(self, aliases: Iterable[Alias]) -> AliasTable:
        """Return the table with more pairs."""
        return AliasTable(tuple(dict.fromkeys((*self.aliases, *aliases))))

    def _next(self, hash_: str) -> str:
        """Return what the hash became in the newest version that knows it, `` for nothing."""
        pairs = [one for one in self.aliases if one.old == hash_ and one.new != hash_]
        return max(pairs, key=lambda one: (one.version, one.new)).new if pairs else ""
