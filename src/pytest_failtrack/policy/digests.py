"""Digests of a case: what the gate rules of others are given, one a run of the build."""

from __future__ import annotations

from pytest_failtrack.frozen import replaced
from pytest_failtrack.policy.case import Case, Finding, Run
from pytest_failtrack.policy.digest import DebtSummary, Digest
from pytest_failtrack.policy.matrix import Matrix
from pytest_failtrack.policy.rules import AuthScope
from pytest_failtrack.policy.sort import sort_causes


def digests_of(case: Case, matrix: Matrix, auth: AuthScope) -> tuple[Digest, ...]:
    """Return one digest for each run that is judged, in the order of the case."""
    by_run: dict[str, list[Finding]] = {}
    for finding in case.findings:
        by_run.setdefault(finding.run_id, []).append(finding)
    return tuple(
        _digest(run, replaced(case, findings=tuple(by_run.get(run.document_id, ()))), matrix, auth)
        for run in case.runs
    )


def _digest(run: Run, part: Case, matrix: Matrix, auth: AuthScope) -> Digest:
    workflow, job, step, leg = run.lane
    alone = replaced(part, superseded=())
    return Digest(
        build_id=part.build_id,
        workflow=workflow,
        job=job,
        step=step,
        leg=leg,
        run_url=run.environment.get("run_url") or "",
        commit=run.environment.get("commit") or "",
        branch=run.environment.get("branch") or "",
        exit_status=run.exit_status,
        is_complete=run.is_complete,
        totals=run.totals,
        causes=tuple(one.cause for one in sort_causes(alone, matrix, auth)),
        debt=DebtSummary(run.debt_counts, run.debt_without_reason, run.debt_expired),
        records=len(part.findings),
        problems=run.problems,
    )
