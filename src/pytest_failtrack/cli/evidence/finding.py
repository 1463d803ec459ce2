"""Which cause or record a person means by a few hex digits; for `show` and `rerun`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pytest_failtrack.cli.evidence.causes import cause_of_record
from pytest_failtrack.cli.evidence.reading import Document, Evidence
from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.frozen import frozen

PREFIX_MIN_CHARS = 4
CANDIDATES_MAX = 8
_WORD = re.compile(r"[0-9a-f-]+\Z")


@frozen
class Found:
    """What was meant.

    Args:
        cause_id: The 12 hex digits of the cause, of the record's cause when a record was meant.
        ids: That id and those that the cause had under older versions (aliases).
        record: The record that was meant, None when a cause was.
        key: `workflow|hash` when the cause of one workflow alone was meant, else ``.
    """

    cause_id: str
    ids: frozenset[str]
    record: Document | None = None
    key: str = ""


def find(evidence: Evidence, word: str) -> Found:
    """Return the one cause or record that a word names.

    Args:
        evidence: Everything that was read.
        word: A cause id, a failure id, at least 4 leading characters of one, or a signature
            key `workflow|hash`. The id that a cause had under an older version of the
            normalization (an alias) names it too.

    Raises:
        InputError: The word names nothing, or more than one thing; candidates are listed.
    """
    _, bar, digits = word.rpartition("|")
    prefix = digits.strip().lower()
    if not _WORD.match(prefix):
        raise InputError(f"{word!r} is no id: give hex digits as `failtrack list` prints them")
    if len(prefix) < PREFIX_MIN_CHARS:
        raise InputError(f"{word!r} is too short: give at least {PREFIX_MIN_CHARS} characters")
    evidence.look_for(prefix)
    keys = _keys(evidence)
    causes = {one for one in keys if one[0].startswith(prefix) and (not bar or one[1] == word)}
    causes = {one for one in causes if one[0] == prefix} or causes
    names = {cause_id for cause_id, _ in causes}
    records = [] if bar else [one for one in evidence.record_ids if one.startswith(prefix)]
    if not names and not records:
        names = _by_signature(evidence, prefix) or _by_alias(evidence, prefix)
    if len(names) + len(records) != 1:
        raise InputError(_complaint(word, sorted(names), records))
    if records:
        return _record(evidence, records[0])
    (cause_id,) = names
    return Found(cause_id, _ids(evidence, cause_id), key=word if bar else "")


def _keys(evidence: Evidence) -> set[tuple[str, str]]:
    """Return the cause id and the key of every cause."""
    listed = {(one.cause_id, one.key) for run in evidence.runs for one in evidence.causes_of(run)}
    loose = {(one.cause_id, one.key) for one in map(cause_of_record, evidence.loose_records)}
    return listed | loose


def _record(evidence: Evidence, failure_id: str) -> Found:
    found = evidence.records([failure_id])
    if not found:
        raise EvidenceError(evidence.problems[-1])
    cause_id = found[0]["test"]["cause_id"]
    return Found(cause_id, frozenset([cause_id]), found[0])


def _ids(evidence: Evidence, cause_id: str) -> frozenset[str]:
    """Return a cause's id and its aliases, as its newest record tells them."""
    there = set(evidence.record_ids)
    listed = (
        failure_id
        for run in reversed(evidence.runs)
        for cause in evidence.causes_of(run)
        if cause.cause_id == cause_id
        for failure_id in cause.record_ids
        if failure_id in there
    )
    newest = next(listed, None)
    if newest is not None:
        return frozenset([cause_id, *_aliases(evidence.records([newest]))])
    loose = (one for one in evidence.loose_records if one["test"]["cause_id"] == cause_id)
    return frozenset([cause_id, *_aliases(loose)])


def _aliases(records: Iterable[Document]) -> list[str]:
    return [alias for one in records for alias in one["signature"]["aliases"]]


def _by_signature(evidence: Evidence, prefix: str) -> set[str]:
    """Return causes that have a signature which is not their id."""
    causes = (cause for run in evidence.runs for cause in evidence.causes_of(run))
    return {
        cause.cause_id
        for cause in causes
        if any(one.startswith(prefix) for one in cause.signatures)
    }


def _by_alias(evidence: Evidence, prefix: str) -> set[str]:
    """Return causes that once had another id; every record is read, since nothing else tells."""
    return {
        one["test"]["cause_id"]
        for one in evidence.records()
        if any(alias.startswith(prefix) for alias in one["signature"]["aliases"])
    }


def _complaint(word: str, causes: Iterable[str], records: Iterable[str]) -> str:
    candidates = [f"cause {name}" for name in causes]
    candidates += [f"record {one}" for one in records]
    if not candidates:
        return f"no cause or record begins with {word!r}; `failtrack list` prints them"
    named = ", ".join(candidates[:CANDIDATES_MAX])
    more = len(candidates) - CANDIDATES_MAX
    return f"{word!r} may be any of {named}" + (f" and {more:,} more" if more > 0 else "")
