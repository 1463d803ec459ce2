"""The digest: the one value that the terminal, the gate and every sink receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from pytest_failtrack.frozen import frozen

# Of a cause with several signatures: the first of these words that one of them has.
CAUSE_NOVELTIES = ("REPEAT", "NEW", "KNOWN", "FIRST")

# What people are told of infrastructure that no retry helps.
MEND_FIRST = "not to be retried before it is mended"


def count_tests(nodeids: Iterable[str]) -> int:
    """Return how many of these node ids are tests; files, folders and commands have no `::`."""
    return len({one for one in nodeids if "::" in one})


def stopped_early(not_run: int, collected: int) -> str:
    """Return what is said of a run that `-x` or its like ended, `` of one that ran all tests."""
    if not not_run:
        return ""
    were = "test was" if collected == 1 else "tests were"
    return f"stopped early: {not_run:,} of {collected:,} collected {were} not run"


@frozen
class Cause:
    """All failures of one run that have one reason.

    Args:
        cause_id: 12 hex digits that last: the signature under which it was first seen.
        key: `workflow|cause_id`.
        headline: One line for people, type and message: as the failures said it, and where they do
            not say the same, without what they differ in.
        novelty: `FIRST`, `NEW`, `KNOWN` or `REPEAT` (decision C-34).
        occurrence: 1 for the first build in which it was seen, 2 for the second, ...
        days_since_last: Whole days since the occurrence before, None when there was none.
        reopened_from: `RESOLVED` or `PREVENTED` when this run reopened it, else ``.
        category: Category of its first failure.
        subcategory: Subcategory of its first failure.
        failure_type: Failure type of its first failure.
        severity: The highest severity among its failures.
        phase: Phase of its first failure (`TESTING`, `COMPILATION`, ...).
        is_retryable: The retry policy allows another attempt.
        recovery: What to do next, in words; `` when nothing is known.
        retry: Retry policy in words, such as `3 attempts, exponential`; `` when none.
        owner: Who it belongs to, such as `@shop-team`; `` when nobody could be found.
        secondary: Second owner by the matrix, ``.
        file: Place of the cause, relative to the root; `` when it is not known.
        line: Line there.
        function: Function there, ``.
        due: Deadline, aware UTC; None when no failure of it is open.
        sla_source: `severity` or `failure_type`: which of the two ruled (C-2).
        tier: 0 standard, 1 second occurrence, 2 third and later (S0-124..126).
        notify: Roles to be told.
        failures: Number of failures (records).
        tests: Number of distinct tests; 0 for what failed before any, or in a command.
        nodeids: The node ids, in the order seen.
        record_ids: Ids of its records, in the order seen.
        is_flaky: Every failure of it was followed by a pass of the same test.
        is_debt: It is a finding about test debt, not a failure.
        is_infra_type: The matrix takes its failure type for infrastructure.
        signatures: The 12 hex digits of each of its signatures, sorted.
        why: Why its signatures belong together, one sentence; `` when it has only one.
        blame: Where it lies: `infra`, `product`, `test`, `flaky` or `unknown` (S1-116); `` when
            nobody said.
        evidence: What evidence beyond the message says of its first failure, one sentence, ``.
        signed: Reviews of a third occurrence that are signed on one of its records (S0-127).
    """

    cause_id: str
    key: str
    headline: str
    novelty: str
    occurrence: int
    category: str
    subcategory: str
    failure_type: str
    severity: str
    phase: str = "TESTING"
    days_since_last: int | None = None
    reopened_from: str = ""
    is_retryable: bool = False
    recovery: str = ""
    retry: str = ""
    owner: str = ""
    secondary: str = ""
    file: str = ""
    line: int | None = None
    function: str = ""
    due: datetime | None = None
    sla_source: str = "severity"
    tier: int = 0
    notify: tuple[str, ...] = ()
    failures: int = 0
    tests: int = 0
    nodeids: tuple[str, ...] = ()
    record_ids: tuple[str, ...] = ()
    is_flaky: bool = False
    is_debt: bool = False
    is_infra_type: bool = True
    signatures: tuple[str, ...] = ()
    why: str = ""
    blame: str = ""
    evidence: str = ""
    signed: tuple[str, ...] = ()

    @property
    def is_infra(self) -> bool:
        """Whether the cause lies in the infrastructure: by category, and by failure type."""
        return self.category == "INFRA" and self.is_infra_type


@frozen
class DebtSummary:
    """The census of test debt of one run (S0-19).

    Args:
        counts: Number of items by kind (`skip`, `skipif`, `importorskip`, `xfail`, `xpass`,
            `deselected`, `ignored`, `empty_parametrize`, `unmapped`).
        without_reason: Items that give no reason.
        expired: Items whose `until` date is past.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    without_reason: int = 0
    expired: int = 0


@frozen
class Digest:
    """What one run, or one build of many runs, comes to.

    Args:
        build_id: Build that the run belongs to.
        workflow: Workflow name.
        job: Job name.
        step: Step name.
        leg: Leg of the matrix.
        run_url: Link to the run, ``.
        commit: Commit SHA, ``.
        branch: Branch, ``.
        exit_status: Exit status of pytest or of the command, None while it is not known.
        is_complete: The run came to its own end.
        totals: Counts by outcome (`passed`, `failed`, `errors`, `skipped`, `flaky`, ...).
        causes: Causes of failures, the most important first; debt findings last.
        debt: The census of test debt.
        records: Number of records written or found for this run.
        evidence_dir: Where the records lie, as it is shown to people.
        problems: What went wrong inside failtrack itself, one sentence each.
        scope: Files that changed under a frozen path, one sentence each (S0-26).
        gate_folder: Folder that `failtrack gate` has to be given from here; `` when it finds the
            evidence by itself.
        is_written: Every record is in the evidence folder.
        not_run: How many collected tests were not run, because the run was stopped early.
        passing_again: Causes that ended with this run, as far as it can tell: id, and
            headline with its place.
    """

    build_id: str
    workflow: str = ""
    job: str = ""
    step: str = ""
    leg: str = ""
    run_url: str = ""
    commit: str = ""
    branch: str = ""
    exit_status: int | None = None
    is_complete: bool = True
    totals: Mapping[str, int] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    debt: DebtSummary = DebtSummary()
    records: int = 0
    evidence_dir: str = ""
    problems: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    gate_folder: str = ""
    is_written: bool = True
    not_run: int = 0
    passing_again: tuple[tuple[str, str], ...] = ()

    @property
    def stopped(self) -> str:
        """What is said of a run that was stopped early; see `stopped_early`."""
        return stopped_early(self.not_run, self.totals.get("collected", 0))

    @property
    def failures(self) -> int:
        """Number of failures: records that are neither debt findings nor flaky passes."""
        return sum(one.failures for one in self.causes if not one.is_debt and not one.is_flaky)

    @property
    def failure_causes(self) -> tuple[Cause, ...]:
        """The causes of failures, without debt findings and flaky tests."""
        return tuple(one for one in self.causes if not one.is_debt and not one.is_flaky)
