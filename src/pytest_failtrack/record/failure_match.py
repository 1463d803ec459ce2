"""The match of an error that a program told of, as a model (S2-05); run.py is its neighbour.

The definition that the JSON Schema is made of; what is written and read is checked by that.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pytest_failtrack.record.model import FailureId, Flag, Share, Text, Time

MATCH_SCHEMA_VERSION = "1.0"

StepIndex = Annotated[int, Field(strict=True, ge=-(2**31), le=2**31 - 1)]


class FailureMatch(BaseModel):
    """One match, as it is stored in `governance/events/matches/<id>.json`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    schema_version: Annotated[str, Field(pattern="^1[.][0-9]+$")]
    failure_match_id: FailureId
    run_id: str
    tenant_id: str | None
    error_code: Text
    error_message: str | None
    catalog_entry_id: str | None
    match_type: Literal["exact", "regex", "similar", "unknown"]
    confidence_score: Share
    category: str | None
    severity: str | None
    is_retryable: Flag
    recovery_mode: str | None
    recovery_suggestion: str | None
    recovery_attempted: Flag
    recovery_succeeded: Flag
    skill_id: str | None
    step_index: StepIndex | None
    context: dict[str, Any]
    created_at: Time
    updated_at: Time
