"""Which cause or record a person means by a few hex digits; for `show` and `rerun`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_failtrack.cli.reading import Document, Evidence
from pytest_failtrack.errors import InputError

PREFIX_MIN_CHARS = 4
CANDIDATES_MAX = 8
_WORD = re.compile(r"[0-9a-f-]+\Z")


@dataclass(frozen=True)
class Found:
    """What was meant.

    Args:
        cause_id: The 12 hex digits of the cause, of the record's cause when a record was meant.
        record: The record that was meant, None when a cause was.
        key: `workflow|hash` when the cause of one workflow alone was meant, else ``.
    """

    cause_id: str
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
    workflow, bar, hash_ = word.rpartition("|")
    prefix = hash_.strip().lower()
    if not _WORD.match(prefix):
        raise InputError(f"{word!r} is no id: give hex digits as `failtrack list` prints them")
    if len(prefix) < PREFIX_MIN_CHARS:
        raise InputError(f"{word!r} is too short: give at least {PREFIX_MIN_CHARS} characters")
    causes = _causes(evidence, workflow if bar else None)
    found = {name: key for name, key in causes.items() if name.startswith(prefix)}
    if prefix in found:
        found = {prefix: found[prefix]}
    records = [one for one in evidence.records if not bar and one["failure_id"].startswith(prefix)]
    # Aliases come last and name the cause they became.
    found = found or _by_alias(evidence, prefix)
    if len(found) + len(records) != 1:
        raise InputError(_complaint(word, found, records))
    if records:
        return Found(records[0]["signature"]["hash"], records[0])
    ((cause_id, key),) = found.items()
    return Found(cause_id, key=key if bar else "")


def _causes(evidence: Evidence, workflow: str | None) -> dict[str, str]:
    """Return the key by cause id, of one workflow or of all of them."""
    pairs = [(one["signature"]["hash"], one["signature"]["key"]) for one in evidence.records]
    pairs += [(one["cause_id"], one["key"]) for run in evidence.runs for one in run["causes"]]
    return {
        cause_id: key
        for cause_id, key in pairs
        if workflow is None or key.rpartition("|")[0] == workflow
    }


def _by_alias(evidence: Evidence, prefix: str) -> dict[str, str]:
    return {
        one["signature"]["hash"]: one["signature"]["key"]
        for one in evidence.records
        if any(alias.startswith(prefix) for alias in one["signature"]["aliases"])
    }


def _complaint(word: str, causes: Iterable[str], records: Iterable[Document]) -> str:
    candidates = [f"cause {name}" for name in causes]
    candidates += [f"record {one['failure_id']}" for one in records]
    if not candidates:
        return f"no cause or record begins with {word!r}; `failtrack list` prints them"
    named = ", ".join(candidates[:CANDIDATES_MAX])
    more = len(candidates) - CANDIDATES_MAX
    return f"{word!r} may be any of {named}" + (f" and {more:,} more" if more > 0 else "")
