"""Explains red test runs: root causes instead of failures, new or repeat, and whose they are.

The public names are resolved when they are asked for, so that a pytest run which is not tracked
pays for none of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_failtrack.errors import FailtrackError
    from pytest_failtrack.ingestion import Ingested, ingest
    from pytest_failtrack.observe.observation import Frame, Observation, Raised
    from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest
    from pytest_failtrack.record.model import FailureRecord
    from pytest_failtrack.record.run import RunDocument
    from pytest_failtrack.signature.signature import Signature

__version__ = "0.1.0"

_HOMES = {
    "Cause": "policy.digest",
    "DebtSummary": "policy.digest",
    "Digest": "policy.digest",
    "FailtrackError": "errors",
    "FailureRecord": "record.model",
    "Frame": "observe.observation",
    "Ingested": "ingestion",
    "Observation": "observe.observation",
    "Raised": "observe.observation",
    "RunDocument": "record.run",
    "Signature": "signature.signature",
    "ingest": "ingestion",
}

__all__ = [
    "Cause",
    "DebtSummary",
    "Digest",
    "FailtrackError",
    "FailureRecord",
    "Frame",
    "Ingested",
    "Observation",
    "Raised",
    "RunDocument",
    "Signature",
    "__version__",
    "ingest",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
