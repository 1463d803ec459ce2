"""The case before the gate: the runs of one build and what their records say, as plain values.

Made from run documents and records that were read and verified elsewhere; judged by gate.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.classify.blame import blame_of_record
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.debt import UNMAPPED
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.signature.normalize import normalize

# Findings among test debt that are not about a reason.
REASON_APART = ("QA_UNMAPPED", "QA_FALSE_POSITIVE")
NO_NAME = "?"  # as in a signature (C-6)

# One frame in the text of a traceback: `src/shop/tax.py:31: in total`, `File "a.py", line 3`.
FRAME_FILE = lazily(r'^\s*(?:File ")?(?P<file>[^\s":][^":\n]*?\.\w+)(?:", line \d+|:\d+)', re.M)


RAN = ("passed", "failed", "xfailed", "xpassed")
"""Totals of tests that came to their own end: not left out, skipped, broken before, or stopped."""


@frozen
class Run:
    """One run document, as far as the gate asks.

    Args:
        document_id: Id of the document.
        attempt: Attempt of the build, from 1.
        source: `pytest` or `command`.
        name: `job`, or `job/leg` where there is a leg; a job without a name is `?`.
        lane: Where a later attempt of the build may replace it: workflow, job, step, leg.
        command: The command, as it was given.
        what: What was run: source and command, without what differs from attempt to attempt.
        passed: Node ids of which history had a failure, and which passed.
        exit_status: Exit status of pytest or of the command; None when it is not known.
        is_complete: The run came to its own end.
        ended: `finished`, `interrupted` or `died`.
        signal: Signal that ended it, ``.
        records: Ids of its records.
        lost_workers: Number of workers that died.
        internal_errors: Number of internal errors of pytest.
        debt_items: Test debt that the document lists, without unmapped tests: how many by key; a
            key is the same in every leg.
        debt_unlisted: Items that the document counts and does not list.
        debt_without_reason: Items without a reason, as counted by the run.
        debt_expired: Items past their date, as counted by the run.
        debt_counts: Items by kind, as counted by the run.
        totals: Counts of tests by outcome.
        environment: What the document says of link, commit and branch.
        problems: What went wrong inside failtrack during the run.
        is_recovered: It was an attempt of a command that succeeded on a later one.
        not_run: How many collected tests were not run, because it was stopped early.
    """

    document_id: str
    attempt: int
    source: str
    name: str
    lane: tuple[str, ...]
    command: str
    what: tuple[str, str]
    passed: frozenset[str]
    exit_status: int | None
    is_complete: bool
    ended: str
    signal: str
    records: tuple[str, ...]
    lost_workers: int
    internal_errors: int
    debt_items: Mapping[tuple[str, ...], int]
    debt_unlisted: int
    debt_without_reason: int
    debt_expired: int
    debt_counts: Mapping[str, int]
    totals: Mapping[str, int]
    environment: Mapping[str, str | None]
    problems: tuple[str, ...]
    is_recovered: bool = False
    not_run: int = 0

    @property
    def counts_tests(self) -> bool:
        """Whether tests were run, and not a command of which nobody knows any."""
        return self.source == "pytest" or self.totals.get("collected", 0) > 0

    @property
    def ran(self) -> int:
        """How many tests came to their own end; one that failed in its parts is one."""
        ran = sum(self.totals.get(one, 0) for one in RAN)
        return min(ran, self.totals.get("collected", 0) or ran)


@frozen
class Finding:
    """One record, as far as the gate asks.

    Args:
        record_id: Its failure id.
        cause_id: 12 hex digits of its cause.
        key: `workflow|cause_id`.
        headline: One line for people.
        failure_type: Failure type (from the part that the run's digest covers).
        category: Category.
        subcategory: Subcategory.
        severity: Severity.
        phase: Phase.
        novelty: `FIRST`, `NEW`, `KNOWN` or `REPEAT`.
        occurrence: In how many builds it was seen.
        tier: 0, 1 or 2.
        outcome: Outcome of the test (`failed`, `error`, `flaky`, `rerun`, `debt`, `expired`, ...).
        nodeid: Node id, or the command.
        files: Files that it touches, the place of the cause first.
        line: Line of the first file.
        function: Function there, ``.
        tags: Tags of the record; markers are among them.
        owner: Owner, ``.
        due: Deadline, aware; None when there is none.
        signed: Which of the three reviews of a third occurrence are signed (S0-127).
        run_id: Document of the run that lists it, ``.
        hash: 12 hex digits of its signature.
        why: Why the signatures of its cause belong together, ``.
        blame: Where it lies: `infra`, `product`, `test`, `flaky` or `unknown` (S1-116).
        evidence: What evidence beyond the message says of its cause, one sentence, ``.
        is_recovered: The command that it belongs to was run again, and succeeded.
        is_retryable: Its class allows another attempt; the matrix has its own say.
    """

    record_id: str
    cause_id: str
    key: str
    headline: str
    failure_type: str
    category: str
    subcategory: str
    severity: str
    phase: str
    novelty: str
    occurrence: int
    tier: int
    outcome: str
    nodeid: str
    files: tuple[str, ...]
    line: int | None
    function: str
    tags: tuple[str, ...]
    owner: str
    due: datetime | None
    signed: frozenset[str]
    run_id: str
    hash: str = ""
    why: str = ""
    blame: str = "unknown"
    evidence: str = ""
    is_recovered: bool = False
    is_retryable: bool = False

    @property
    def is_debt(self) -> bool:
        """Whether it is a finding about test debt, not a failure."""
        return self.outcome in ("debt", "expired")

    @property
    def is_failure(self) -> bool:
        """Whether it tells why pytest was red: no debt, and no test that passed in the end."""
        return not self.is_debt and self.outcome != "flaky"

    @property
    def is_unmapped(self) -> bool:
        """Whether it is a test without the marks that the project asks for."""
        return self.outcome == "debt" and self.subcategory == "QA_UNMAPPED"

    @property
    def owes_reason(self) -> bool:
        """Whether it is test debt that says no reason, and nothing else."""
        return self.outcome == "debt" and self.subcategory not in REASON_APART


@frozen
class Case:
    """One build: what is judged.

    Args:
        build_id: The build.
        runs: Its runs, without those that a later attempt replaced, and those of a command that
            succeeded on a later attempt.
        findings: The records of all these.
        superseded: Findings of earlier attempts of the build.
        broken: Why the evidence cannot be trusted, one sentence each, the file named.
    """

    build_id: str
    runs: tuple[Run, ...] = ()
    findings: tuple[Finding, ...] = ()
    superseded: tuple[Finding, ...] = ()
    broken: tuple[str, ...] = ()


def make_case(
    build_id: str,
    runs: Iterable[Mapping[str, Any]],
    records: Iterable[Mapping[str, Any]],
    broken: Iterable[str] = (),
    signed: Mapping[str, Iterable[str]] | None = None,
) -> Case:
    """Return the case of one build.

    A job that is started again writes a run with a higher `build_attempt`; it replaces the run
    of the same workflow, job, step, leg and command before it. What no later attempt ran again
    still counts where it was red, but for tests that passed since. What was replaced is kept
    apart, since nothing lifts the never-list, another attempt least of all (S1-87).

    Args:
        build_id: The build.
        runs: Its run documents as JSON values, validated.
        records: Its records as JSON values, validated.
        broken: What was wrong with the evidence, one sentence each.
        signed: Reviews that are signed, by the id of a record: of its own, or of an earlier
            record of its cause that has not ended since.
    """
    documents = list(runs)
    all_runs = [_run(document) for document in documents]
    by_id = {record["failure_id"]: record for record in records}
    lanes: dict[tuple[str, ...], list[Run]] = {}
    for run in all_runs:
        lanes.setdefault(run.lane, []).append(run)
    open_of = {run.document_id: _open_of(run, lanes[run.lane], by_id) for run in all_runs}
    current = tuple(run for run in all_runs if open_of[run.document_id] is not None)
    # Of a record that two runs list, the one decides whose command never succeeded.
    by_recovery = sorted(all_runs, key=lambda run: not run.is_recovered)
    run_of = {record_id: run for run in by_recovery for record_id in run.records}
    shown = {one.get("cause_id"): one for run in documents for one in run.get("causes") or ()}
    gone = {name for name, kept in open_of.items() if kept is None}
    findings = []
    superseded = []
    for record in by_id.values():
        one = _finding(record, run_of, shown, signed or {})
        kept = open_of.get(one.run_id)
        if one.run_id in gone or (kept is not None and one.record_id not in kept):
            superseded.append(one)
        else:
            findings.append(_told_of_attempt(one, run_of.get(one.record_id), lanes))
    return Case(
        build_id=build_id,
        runs=tuple(run for run in current if not run.is_recovered),
        findings=tuple(findings),
        superseded=tuple(superseded),
        broken=tuple(broken),
    )


def _told_of_attempt(
    finding: Finding, run: Run | None, lanes: Mapping[tuple[str, ...], Iterable[Run]]
) -> Finding:
    """Return a finding that says why it counts, where a later attempt followed its own."""
    if run is None or all(one.attempt <= run.attempt for one in lanes[run.lane]):
        return finding
    said = f"It failed in attempt {run.attempt}, and no later attempt ran it again."
    return replaced(finding, evidence=f"{finding.evidence} {said}".strip())


def _open_of(
    run: Run, lane: Iterable[Run], records: Mapping[str, Mapping[str, Any]]
) -> frozenset[str] | None:
    """Return the records of a run that count, None when a later attempt replaced the run.

    Args:
        run: The run.
        lane: All runs of its lane.
        records: All records, by id.
    """
    lane = list(lane)
    later = [one for one in lane if one.attempt > run.attempt]
    is_red = bool(run.records) or run.exit_status != 0 or not run.is_complete
    if later and (not is_red or _ran_again(run, lane)):
        return None
    passed = frozenset().union(*(one.passed for one in later))
    kept = frozenset(
        name
        for name in run.records
        if name not in records or records[name]["test"]["nodeid"] not in passed
    )
    return kept if kept or not run.records else None


def _ran_again(run: Run, lane: Iterable[Run]) -> bool:
    """Return whether a later attempt ran what a run had run, and not a part of it.

    Two services, or two shards whose numbers alone differ, look alike: then as many must have been
    run again, or the very same command as often.
    """
    alike: dict[int, list[Run]] = {}
    for one in lane:
        if one.attempt >= run.attempt and one.what == run.what:
            alike.setdefault(one.attempt, []).append(one)
    here = alike.pop(run.attempt)
    same_here = sum(one.command == run.command for one in here)
    for there in alike.values():
        whole = [one for one in there if one.ran >= run.ran or not run.counts_tests]
        same_there = sum(one.command == run.command for one in whole)
        if len(whole) >= len(here) or same_there >= same_here:
            return True
    return False


def _run(document: Mapping[str, Any]) -> Run:
    job, leg = _text(document, "job"), _text(document, "leg")
    debt = document.get("debt") or {}
    items = {
        _debt_key(item): int(item.get("count") or 1)
        for item in debt.get("items") or ()
        if item.get("kind") != UNMAPPED
    }
    counts = debt.get("counts") or {}
    counted = sum(number for kind, number in counts.items() if kind != UNMAPPED)
    return Run(
        document_id=_text(document, "document_id"),
        attempt=int(document.get("build_attempt") or 1),
        source=_text(document, "source"),
        name=f"{job or NO_NAME}/{leg}" if leg else job or NO_NAME,
        lane=tuple(_text(document, key) for key in ("workflow", "job", "step", "leg")),
        command=_text(document, "command"),
        what=(_text(document, "source"), normalize(_text(document, "command"))),
        passed=frozenset(
            nodeid
            for nodeid, outcome in (document.get("outcomes") or {}).items()
            if outcome in ("passed", "flaky")
        ),
        exit_status=document.get("exit_status"),
        is_complete=document.get("is_complete") is True,
        ended=_text(document, "ended"),
        signal=_text(document, "signal"),
        records=tuple(document.get("records") or ()),
        lost_workers=_number_of(document.get("lost_workers")),
        internal_errors=_number_of(document.get("internal_errors")),
        debt_items=items,
        debt_unlisted=max(counted - sum(items.values()), 0),
        debt_without_reason=int(debt.get("without_reason") or 0),
        debt_expired=int(debt.get("expired") or 0),
        debt_counts=counts,
        totals=document.get("totals") or {},
        environment=document.get("environment") or {},
        problems=tuple(document.get("problems") or ()),
        is_recovered=(document.get("retry") or {}).get("recovery_succeeded") is True,
        not_run=_number_of(document.get("not_run")),
    )


def _finding(
    record: Mapping[str, Any],
    run_of: Mapping[str, Run],
    shown: Mapping[Any, Mapping[str, Any]],
    signed: Mapping[str, Iterable[str]],
) -> Finding:
    """Return what the gate asks of a record.

    Only what is shown comes from the run document's causes, which no digest covers: the line
    for people, the function, and the sentences that say why. What is judged comes from the record.
    """
    description, context = record["failure_description"], record["context"]
    classification, test = record["classification"], record["test"]
    escalation, metadata = record["escalation"], record["metadata"]
    cause = shown.get(test["cause_id"], {})
    due = metadata["sla_resolution_target"]
    run = run_of.get(record["failure_id"])
    files, line, function = _files(record), context["line_number"], ""
    # Of a chain or a group another place may tell than that of the record.
    if cause.get("file") in files:
        place = str(cause["file"])
        files = (place, *(one for one in files if one != place))
        line, function = cause.get("line"), cause.get("function") or ""
    return Finding(
        record_id=record["failure_id"],
        cause_id=test["cause_id"],
        key=f"{record['signature']['workflow']}|{test['cause_id']}",
        headline=cause.get("headline") or description["error_message"] or description["summary"],
        failure_type=classification["failure_type"],
        category=record["category"],
        subcategory=record["subcategory"],
        severity=record["severity"],
        phase=context["phase"],
        novelty=escalation["novelty"],
        occurrence=escalation["occurrence"],
        tier=escalation["tier"],
        outcome=test["outcome"],
        nodeid=test["nodeid"],
        files=files,
        line=line,
        function=function,
        tags=tuple(metadata["tags"]),
        owner=metadata["owner"] or "",
        due=parse_time(due) if due else None,
        signed=frozenset(signed.get(record["failure_id"], ())),
        run_id=run.document_id if run else "",
        hash=record["signature"]["hash"],
        why=cause.get("why") or "",
        blame=blame_of_record(record),
        evidence=cause.get("evidence") or "",
        is_recovered=run is not None and run.is_recovered,
        is_retryable=classification["is_retryable"],
    )


def _files(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every file that a failure touches: its place, its test, its frames."""
    trace = record["failure_description"]["stack_trace"] or ""
    files = [
        record["context"]["file_path"] or "",
        record["test"]["nodeid"].split("::", 1)[0],
        *(found["file"] for found in FRAME_FILE.finditer(trace)),
    ]
    return tuple(dict.fromkeys(file for file in files if file))


def _debt_key(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(item.get(key, "")) for key in ("kind", "nodeid", "file", "line", "reason"))


def _number_of(value: object) -> int:
    """Return a count that a document gives as a number or as a list."""
    if isinstance(value, (list, tuple, dict)):
        return len(value)
    return int(value) if isinstance(value, (int, float)) else 0


def _text(document: Mapping[str, Any], key: str) -> str:
    return str(document.get(key) or "")
