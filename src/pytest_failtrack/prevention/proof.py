"""What a verification came to: its steps, and whether they prove that a failure is prevented."""

from __future__ import annotations

from typing import Any

from pytest_failtrack.frozen import as_dict, frozen


@frozen
class Step:
    """One thing that was verified.

    Args:
        name: Its name, as `steps` of the configuration has it.
        ok: Whether it holds.
        sentence: What was seen, and what to do when it does not hold.
    """

    name: str
    ok: bool
    sentence: str


@frozen
class Proof:
    """What the verification of one record came to.

    Args:
        failure_id: Id of the record.
        at: When, ISO 8601, UTC.
        steps: What was verified, in order.
    """

    failure_id: str
    at: str
    steps: tuple[Step, ...]

    @property
    def is_proven(self) -> bool:
        """Whether every step holds, and there is one."""
        return bool(self.steps) and all(one.ok for one in self.steps)

    @property
    def refusal(self) -> str:
        """Why it is not proven, as sentences; `` when it is."""
        return " ".join(f"{one.name}: {one.sentence}" for one in self.steps if not one.ok)

    def to_dict(self) -> dict[str, Any]:
        """Return the proof as plain JSON values."""
        return {
            "failure_id": self.failure_id,
            "at": self.at,
            "is_proven": self.is_proven,
            "steps": [as_dict(one) for one in self.steps],
        }
