"""What a new version of the normalization makes of failures that an older one signed (C-6).

Asked by `failtrack signature migrate`. A record keeps the signature that it was captured with; what
is written are aliases, by which history knows that two hashes are one failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.signature.alias import Alias
from pytest_failtrack.signature.signature import (
    SIGNATURE_VERSION,
    STACKS_OFF,
    Entry,
    signature_hash,
)
from pytest_failtrack.signature.token import NO_STACK, TOKEN_MAX_CHARS, fitted, tokens_of

_AT = " @ "


@frozen
class Change:
    """One signature of an older version, and what it is now.

    Args:
        old: Hash that it was recorded under.
        new: Hash under this version.
        token: Token under this version.
        records: Number of records.
    """

    old: str
    new: str
    token: str
    records: int


@frozen
class Migration:
    """What a change of version does to all that is known.

    Args:
        changes: One for each pair of hashes, those that stay included; sorted.
        unknown: Number of records whose text is not at hand, and which keep their signature.
        current: Number of records that this version signed.
    """

    changes: tuple[Change, ...]
    unknown: int = 0
    current: int = 0

    @property
    def merges(self) -> dict[str, tuple[Change, ...]]:
        """Several old signatures that are one now, by the new hash."""
        return _several(self.changes, "new")

    @property
    def splits(self) -> dict[str, tuple[Change, ...]]:
        """One old signature that is several now, by the old hash."""
        return _several(self.changes, "old")

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """The pairs that differ."""
        pairs = dict.fromkeys((one.old, one.new) for one in self.changes if one.old != one.new)
        return tuple(Alias(old, new, SIGNATURE_VERSION) for old, new in pairs)


def migration(records: Iterable[Mapping[str, Any]], max_chars: int = TOKEN_MAX_CHARS) -> Migration:
    """Return what becomes of the signatures of records.

    Args:
        records: Records as JSON values.
        max_chars: Longest token (S4-13), as it was when they were signed.
    """
    counts: dict[tuple[str, str], int] = {}
    tokens: dict[str, str] = {}
    unknown = current = 0
    for record in records:
        signature = record["signature"]
        if signature["version"] >= SIGNATURE_VERSION:
            current += 1
            continue
        token = token_today(record, max_chars)
        if not token:
            unknown += 1
            continue
        new = signature_hash([Entry(signature["job"], signature["step"], token)])
        tokens[new] = token
        pair = (signature["hash"], new)
        counts[pair] = counts.get(pair, 0) + 1
    changes = [Change(old, new, tokens[new], count) for (old, new), count in counts.items()]
    changes.sort(key=lambda one: (one.new, one.old))
    return Migration(tuple(changes), unknown, current)


def token_today(record: Mapping[str, Any], max_chars: int = TOKEN_MAX_CHARS) -> str:
    """Return the token of a record under this version, `` when its text is not at hand.

    The error message of the record is normalized by the older version first: only where that gives
    the token that was recorded, the message is what the token was made of.
    """
    token = str(record["signature"]["token"])
    if token in (NO_STACK, STACKS_OFF):
        return token
    _, _, place = token.rpartition(_AT) if _AT in token else ("", "", "")
    tokens = tokens_of(_observation(record), max_chars=100_000)
    if fitted(tokens[-1], place, max_chars) != token:
        return ""
    return fitted(tokens[0], place, max_chars)


def _observation(record: Mapping[str, Any]) -> Observation:
    """Return what a record tells of its failure, without a place."""
    said = record["failure_description"]["error_message"] or ""
    type_, colon, message = said.partition(": ")
    is_raised = " " not in type_ and (bool(colon) or type_ == said)
    test = record["test"]
    return Observation(
        source="record",
        when=test["when"],
        nodeid=test["nodeid"],
        outcome=test["outcome"],
        exceptions=(Raised(type_, message),) if is_raised else (),
        text=said,
    )


def _several(changes: Iterable[Change], side: str) -> dict[str, tuple[Change, ...]]:
    groups: dict[str, list[Change]] = {}
    for one in changes:
        groups.setdefault(getattr(one, side), []).append(one)
    return {name: tuple(group) for name, group in sorted(groups.items()) if len(group) > 1}
