"""The digest that ties a run document to its records; without models, so green runs can use it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

# What was seen. The other blocks are edited while a record lives, and no digest covers them.
CAPTURE_BLOCKS = (
    "schema_version",
    "failure_id",
    "build_id",
    "timestamp",
    "failure_description",
    "context",
    "signature",
    "classification",
    "test",
    "environment",
)

LIFECYCLE_BLOCKS = (
    "category",
    "subcategory",
    "severity",
    "status",
    "root_cause",
    "resolution",
    "prevention",
    "repetition_tracking",
    "learning",
    "metadata",
    "escalation",
)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def records_digest(records: Iterable[Mapping[str, Any]]) -> str:
    """Return SHA-256 (64 hex) over the capture blocks of records, whatever their order.

    Args:
        records: Whole records as plain JSON values; the iterable is walked once, and only one
            digest a record is kept, so that 50,000 records need little memory.
    """
    return combined_digest((str(one.get("failure_id")), capture_digest(one)) for one in records)


def short_digests(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return the first 8 hex digits of each capture digest: they tell which record was changed.

    Args:
        pairs: Failure id and capture digest of each record.
    """
    return [digest[:8] for _, digest in pairs]


def combined_digest(pairs: Iterable[tuple[str, str]]) -> str:
    """Return SHA-256 (64 hex) over (failure id, capture digest) pairs, whatever their order."""
    digests = sorted(pairs)
    whole = hashlib.sha256()
    for failure_id, digest in digests:
        whole.update(f"{failure_id} {digest}\n".encode())
    return whole.hexdigest()


def capture_digest(record: Mapping[str, Any]) -> str:
    """Return SHA-256 (64 hex) over the canonical JSON of one record's capture blocks."""
    capture = {name: record.get(name) for name in CAPTURE_BLOCKS}
    text = _CANONICAL.encode(capture)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
