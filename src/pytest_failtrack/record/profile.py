"""What each status demands of a record (C-9); read by the model, the JSON Schema, the lifecycle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_failtrack.frozen import frozen


@frozen
class Demand:
    """One value that a status demands.

    Args:
        block: Block of the record, such as `resolution`.
        field: Field of the block; it must not be null or empty.
        allowed: The values it may have; empty when any value will do.
    """

    block: str
    field: str
    allowed: tuple[str, ...] = ()

    def is_met_by(self, record: Mapping[str, Any]) -> bool:
        """Return whether a record (a plain mapping) has what is demanded."""
        value = (record.get(self.block) or {}).get(self.field)
        if self.allowed:
            return value in self.allowed
        return bool(value.strip() if isinstance(value, str) else value)

    def __str__(self) -> str:
        words = f" ({' or '.join(self.allowed)})" if self.allowed else ""
        return f"{self.block}.{self.field}{words}"


# S0-112: root cause analysis is in progress, and it is somebody's.
_INVESTIGATING = (
    Demand("root_cause", "analysis_status", ("IN_PROGRESS", "COMPLETE")),
    Demand("metadata", "owner"),
)
# S0-113: root cause identified; fix implemented and validated.
_RESOLVED = (
    Demand("root_cause", "analysis_status", ("COMPLETE",)),
    Demand("root_cause", "root_cause_summary"),
    Demand("resolution", "resolution_type"),
    Demand("resolution", "resolution_description"),
    Demand("resolution", "resolution_timestamp"),
    Demand("resolution", "resolved_by"),
)
# S0-114: preconditions updated; governance strengthened; tests added. Which files of governance
# and which preconditions depends on the cause, so the measures and the tests are what is demanded.
_PREVENTED = (
    *_RESOLVED,
    Demand("root_cause", "why_not_prevented"),
    Demand("prevention", "prevention_measures"),
    Demand("prevention", "test_additions"),
)

DEMANDS: dict[str, tuple[Demand, ...]] = {
    "OPEN": (),
    "INVESTIGATING": _INVESTIGATING,
    "RESOLVED": _RESOLVED,
    "PREVENTED": _PREVENTED,
}


def unmet(record: Mapping[str, Any], status: str) -> tuple[Demand, ...]:
    """Return the demands of a status that a record does not meet.

    Args:
        record: The whole record as plain JSON values.
        status: The status to hold it against, which may be another than its own.
    """
    return tuple(one for one in DEMANDS.get(status, ()) if not one.is_met_by(record))
