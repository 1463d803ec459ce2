"""The run document as a model.

One document for each pytest or command invocation, in `governance/events/runs/`. Green runs have
one too, so the pipeline writes it as a plain dict; it is validated when it is read, and by
`validate_run` when pydantic is loaded anyway.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_failtrack.record.digest import CAPTURE_BLOCKS, records_digest
from pytest_failtrack.record.model import Block, Count, FailureId, Flag, FromOne, Text, Time
from pytest_failtrack.record.rules import run_contradiction

RUN_SCHEMA_VERSION = "1.0"

__all__ = ["CAPTURE_BLOCKS", "RUN_SCHEMA_VERSION", "RunDocument", "records_digest"]

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
ShortHash = Annotated[str, Field(pattern="^[0-9a-f]{8}$")]
Integer = Annotated[int, Field(strict=True, ge=-(2**63), le=2**63 - 1)]


class Totals(Block):
    """Counts of the run by outcome."""

    collected: Count
    passed: Count
    failed: Count
    errors: Count
    skipped: Count
    xfailed: Count
    xpassed: Count
    rerun: Count
    flaky: Count
    deselected: Count
    crashed: Count


class Debt(Block):
    """The census of test debt (S0-19)."""

    counts: dict[str, Count]
    without_reason: Count
    expired: Count
    items: list[dict[str, Any]]


class Reopened(Block):
    """A record that this run set back to OPEN (S0-110)."""

    model_config = ConfigDict(populate_by_name=True)

    failure_id: FailureId
    from_: Annotated[str, Field(alias="from")]
    to: str


class Retry(Block):
    """Which attempt of a command that was run again it is (S1-86, S2-27, S2-28)."""

    attempt: FromOne
    recovery_attempted: Flag
    recovery_succeeded: Flag


class RunDocument(BaseModel):
    """One run, as it is stored in `governance/events/runs/<build>.<8 hex>.json`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    schema_version: Annotated[str, Field(pattern="^1[.][0-9]+$")]
    document_id: Text
    run_id: Text
    build_id: Text
    build_attempt: FromOne
    source: Literal["pytest", "command", "report"]
    workflow: str | None
    job: str | None
    step: str | None
    leg: str | None
    started_at: Time
    finished_at: Time | None
    exit_status: Integer | None
    is_complete: Flag
    ended: Literal["finished", "interrupted", "died"]
    signal: str | None
    command: str | None
    totals: Totals
    not_run: Count = Field(default_factory=lambda: 0)
    failures: Count
    files: dict[str, dict[str, Count]]
    outcomes: dict[str, str]
    causes: list[dict[str, Any]]
    debt: Debt
    records: list[FailureId]
    record_digests: list[ShortHash] = Field(default_factory=list)
    records_digest: Sha256
    lost_workers: Count
    internal_errors: Count
    reopened: list[Reopened]
    retry: Retry | None = Field(default_factory=lambda: None)
    environment: dict[str, Any]
    generator: str
    problems: list[str]

    @model_validator(mode="after")
    def _holds_together(self) -> Any:
        sentence = run_contradiction(self.model_dump(mode="json"))
        if sentence:
            raise ValueError(sentence)
        return self
