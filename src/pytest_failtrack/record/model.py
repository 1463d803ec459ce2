"""The failure record as a model: its blocks, names and enums are S0-55..99, validated by pydantic.

The definition that the JSON Schemas are made of (schema.py); what is written and read is checked by
those (validator.py). Imported through `record.loading.models()` only: for schemas, and for those
who want a record as an object. What each field means is said in `fields.toml`.
"""

# No `from __future__ import annotations` here: pydantic would have to evaluate every one of the
# annotations from its text, which makes up a third of the time that the models need.
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_failtrack.classify.taxonomy import Category, Severity, Subcategory
from pytest_failtrack.record.rules import contradiction

SCHEMA_VERSION = "1.0"

UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
TIME_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+]00:00)$"

FailureId = Annotated[str, Field(pattern=UUID_PATTERN)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
Time = Annotated[str, Field(pattern=TIME_PATTERN)]
Text = Annotated[str, Field(min_length=1)]
Flag = Annotated[bool, Field(strict=True)]
# What the columns of every database hold: a document beyond that would stop whoever reads it in.
Count = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]
FromOne = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
Number = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]


class Status(str, Enum):
    """Where a record is in its life (S0-61, S0-109)."""

    OPEN = "OPEN"
    INVESTIGATING = "INVESTIGATING"
    RESOLVED = "RESOLVED"
    PREVENTED = "PREVENTED"


Phase = Literal["AUTHORIZATION", "COMPILATION", "TESTING", "INTEGRATION", "DEPLOYMENT"]
Progress = Literal["PENDING", "IN_PROGRESS", "COMPLETE"]
ResolutionType = Literal["FIX", "ARCHITECTURE_CHANGE", "GOVERNANCE_UPDATE", "PREVENTION_ADDED"]
Priority = Literal["P0", "P1", "P2", "P3"]
Novelty = Literal["FIRST", "NEW", "KNOWN", "REPEAT"]


class Block(BaseModel):
    """The base of every block; keeps the fields of a newer minor version instead of losing them."""

    # Blocks are validated as parts of the record, so only the record's own validator is built.
    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class FailureDescription(Block):
    """What was seen (S0-62..66), redacted and bounded."""

    summary: Text
    details: str
    error_message: str
    stack_trace: str | None
    logs_url: str | None


class Context(Block):
    """Where it happened (S0-67..70)."""

    phase: Phase
    component: str | None
    file_path: str | None
    line_number: Count | None


class RootCause(Block):
    """Why it happened (S0-71..74)."""

    analysis_status: Progress
    root_cause_summary: str | None
    contributing_factors: list[str]
    why_not_prevented: str | None


class Resolution(Block):
    """How it was ended (S0-75..80)."""

    resolution_type: ResolutionType | None
    resolution_description: str | None
    resolution_commit: str | None
    resolution_pr: str | None
    resolution_timestamp: Time | None
    resolved_by: str | None


class Prevention(Block):
    """What keeps it from coming back (S0-81..85)."""

    prevention_measures: list[str]
    governance_updates: list[str]
    precondition_updates: list[str]
    test_additions: list[str]
    documentation_updates: list[str]


class RepetitionTracking(Block):
    """Whether it was there before (S0-86..89)."""

    is_repeat: Flag
    previous_occurrence_ids: list[FailureId]
    repeat_count: Count
    days_since_last_occurrence: Count | None


class Learning(Block):
    """What others can learn from it (S0-90..94)."""

    lessons_learned: list[str]
    governance_implications: str | None
    fm_evolution_implications: str | None
    propagation_required: Flag | None
    propagation_status: Progress | None


class Metadata(Block):
    """Who deals with it, and until when (S0-95..99)."""

    reporter: Text
    owner: str | None
    priority: Priority
    sla_resolution_target: Time | None
    tags: list[str]


class SignatureBlock(Block):
    """Which failure it is (C-6)."""

    hash: Hash
    key: str
    workflow: str
    job: str
    step: str
    token: str
    version: Annotated[int, Field(strict=True, ge=1)]
    aliases: list[Hash]


class ClassificationBlock(Block):
    """How category and failure type were found (C-5, C-20)."""

    failure_type: Text
    match_type: str
    confidence: Share
    catalog_entry_id: str | None
    is_retryable: Flag
    recovery_mode: str | None
    recovery_suggestion: str | None
    reasons: list[str]
    best_guess: str | None


class TestBlock(Block):
    """What pytest, or the command, says of it."""

    nodeid: str
    when: str
    outcome: str
    attempt: FromOne
    worker: str | None
    duration_seconds: Number
    cause_id: Hash


class Escalation(Block):
    """Which occurrence it is, and who is told (S0-124..126, C-34)."""

    occurrence: FromOne
    novelty: Novelty
    tier: Annotated[int, Field(strict=True, ge=0, le=2)]
    notify: list[str]
    sla_source: Literal["severity", "failure_type"] | None


class Environment(Block):
    """Where the run took place."""

    python: str | None
    platform: str | None
    pytest: str | None
    run_url: str | None
    commit: str | None
    branch: str | None
    pr: str | None
    leg: str | None
    build_attempt: FromOne


class FailureRecord(BaseModel):
    """One failure, as it is stored in `governance/events/failures/<failure-id>.json`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    schema_version: Annotated[str, Field(pattern="^1[.][0-9]+$")]
    failure_id: FailureId
    build_id: Text
    timestamp: Time
    category: Category
    subcategory: Subcategory
    severity: Severity
    status: Status
    failure_description: FailureDescription
    context: Context
    root_cause: RootCause
    resolution: Resolution
    prevention: Prevention
    repetition_tracking: RepetitionTracking
    learning: Learning
    metadata: Metadata
    signature: SignatureBlock
    classification: ClassificationBlock
    test: TestBlock
    escalation: Escalation
    environment: Environment

    @model_validator(mode="after")
    def _holds_together(self) -> Any:
        sentence = contradiction(self.model_dump(mode="json"))
        if sentence:
            raise ValueError(sentence)
        return self
