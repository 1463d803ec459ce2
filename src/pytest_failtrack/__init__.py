"""Explains red test runs: root causes instead of failures, new or repeat, and whose they are.

The public names are resolved when they are asked for, so that a pytest run which is not tracked
pays for none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_failtrack.errors import FailtrackError
    from pytest_failtrack.ingesting.ingestion import Ingested, ingest
    from pytest_failtrack.matching import (
        configure,
        match_and_persist,
        match_and_persist_async,
        persist_failure_match,
        persist_failure_match_async,
        update_recovery_status,
        update_recovery_status_async,
    )
    from pytest_failtrack.observe.observation import Frame, Observation, Raised
    from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest
    from pytest_failtrack.record.failure_match import FailureMatch
    from pytest_failtrack.record.match import MatchResult
    from pytest_failtrack.record.model import FailureRecord
    from pytest_failtrack.record.run import RunDocument
    from pytest_failtrack.signature.signature import Signature

__version__ = "0.1.0"

_HOMES = {
    "Cause": "policy.digest",
    "DebtSummary": "policy.digest",
    "Digest": "policy.digest",
    "FailtrackError": "errors",
    "FailureMatch": "record.failure_match",
    "FailureRecord": "record.model",
    "Frame": "observe.observation",
    "Ingested": "ingesting.ingestion",
    "MatchResult": "record.match",
    "Observation": "observe.observation",
    "Raised": "observe.observation",
    "RunDocument": "record.run",
    "Signature": "signature.signature",
    "configure": "matching",
    "ingest": "ingesting.ingestion",
    "match_and_persist": "matching",
    "match_and_persist_async": "matching",
    "persist_failure_match": "matching",
    "persist_failure_match_async": "matching",
    "update_recovery_status": "matching",
    "update_recovery_status_async": "matching",
}

__all__ = [
    "Cause",
    "DebtSummary",
    "Digest",
    "FailtrackError",
    "FailureMatch",
    "FailureRecord",
    "Frame",
    "Ingested",
    "MatchResult",
    "Observation",
    "Raised",
    "RunDocument",
    "Signature",
    "__version__",
    "configure",
    "ingest",
    "match_and_persist",
    "match_and_persist_async",
    "persist_failure_match",
    "persist_failure_match_async",
    "update_recovery_status",
    "update_recovery_status_async",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
