"""The rulings of the gate: one small function a rule, all of them in the table `RULES`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from fnmatch import fnmatchcase

from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.debt import UNMAPPED
from pytest_failtrack.observe.pytest_ends import NO_TESTS_COLLECTED
from pytest_failtrack.policy.case import Case, Run
from pytest_failtrack.policy.digest import DebtSummary, stopped_early
from pytest_failtrack.policy.matrix import SEVERITIES
from pytest_failtrack.policy.rules import GateRules
from pytest_failtrack.policy.scope import ScopeReport
from pytest_failtrack.policy.sort import FLAKY, INFRASTRUCTURE, Sorted
from pytest_failtrack.policy.verdict import EVIDENCE, INFRA_ONLY, RuleOutcome, count_of
from pytest_failtrack.record.reviews import DEMANDED_FROM, ITEMS

CHANGES_NAMED = 3


@frozen
class Bench:
    """What every rule is given."""

    case: Case
    causes: tuple[Sorted, ...]
    rules: GateRules
    now: datetime
    scope: ScopeReport | None = None

    def of_kind(self, kind: str) -> tuple[Sorted, ...]:
        """Return the causes of one kind, without those that nothing lifts."""
        return tuple(one for one in self.causes if one.kind == kind and not one.never)

    def counted(self, *novelties: str) -> tuple[Sorted, ...]:
        """Return the causes that count, of some novelties or of all."""
        return tuple(
            one
            for one in self.causes
            if one.is_counted and (not novelties or one.cause.novelty in novelties)
        )


def _evidence(bench: Bench) -> RuleOutcome:
    broken = list(bench.case.broken)
    if not bench.case.runs and not broken:
        broken.append(f"no run document of build {bench.case.build_id}")
    saw = "; ".join(broken) or f"{count_of(len(bench.case.findings), 'record')}, all as written"
    return RuleOutcome(
        "evidence", not broken, saw, "complete and unchanged", exit_code=EVIDENCE, outranks=True
    )


def _complete_runs(bench: Bench) -> RuleOutcome:
    """A run that was stopped early on purpose is told of, and is no death."""
    case = bench.case
    runs = case.runs
    explains = {one.record_id for one in (*case.findings, *case.superseded) if one.is_failure}
    found = [text for run in runs if (text := _incomplete(run, explains))]
    stopped = [f"{run.name} {text}" for run in runs if (text := _stopped(run))]
    number = count_of(len(runs), "run")
    ended = found or [number if stopped else f"{number}, all came to their end"]
    saw = "; ".join((*ended, *stopped))
    return RuleOutcome("complete_runs", not found, saw, "every run", exit_code=EVIDENCE)


def _stopped(run: Run) -> str:
    return stopped_early(run.not_run, run.totals.get("collected", 0))


def _incomplete(run: Run, explains: Collection[str]) -> str:
    """Return why a run is none that can be judged, ``.

    Args:
        run: The run.
        explains: Ids of the records that explain why a run was red.
    """
    name = run.name
    if not run.is_complete:
        cause = f" ({run.signal})" if run.signal else ""
        return f"{name} {run.ended or 'did not end'}{cause}"
    if run.exit_status is None:
        return f"{name} ended with an unknown status"
    is_green = run.exit_status in (0, NO_TESTS_COLLECTED)
    if not is_green and not any(one in explains for one in run.records):
        return f"{name} ended with {run.exit_status} and no record explains it"
    return ""


def _required_runs(bench: Bench) -> RuleOutcome:
    wanted = bench.rules.required_runs
    missing = [
        pattern
        for pattern in wanted
        if not any(run.is_complete and _matches(run, pattern) for run in bench.case.runs)
    ]
    saw = "missing or incomplete: " + ", ".join(missing) if missing else "all present"
    return RuleOutcome(
        "required_runs",
        not missing,
        saw if wanted else "none required",
        ", ".join(wanted) or "none",
        exit_code=EVIDENCE,
    )


def _matches(run: Run, pattern: str) -> bool:
    job = run.name.partition("/")[0]
    return fnmatchcase(run.name, pattern) or fnmatchcase(job, pattern)


def _healthy_runs(bench: Bench) -> RuleOutcome:
    """A run that pytest ended with 0 or 5 in spite of a dead worker is not green."""
    found = [
        f"{run.name} ended with {run.exit_status} although " + " and ".join(_deaths(run))
        for run in bench.case.runs
        if (run.lost_workers or run.internal_errors)
        and (run.exit_status in (0, NO_TESTS_COLLECTED) or not run.records)
    ]
    return RuleOutcome(
        "healthy_runs", not found, "; ".join(found) or "no silent deaths", "no silent deaths"
    )


def _deaths(run: Run) -> list[str]:
    deaths = []
    if run.lost_workers:
        deaths.append(f"{count_of(run.lost_workers, 'worker')} died")
    if run.internal_errors:
        deaths.append(f"{count_of(run.internal_errors, 'internal error')} happened")
    return deaths


def _empty_runs(bench: Bench) -> RuleOutcome:
    found = [run for run in bench.case.runs if run.exit_status == NO_TESTS_COLLECTED]
    return _limited("empty_runs", len(found), "empty run", bench.rules.empty_runs)


def _never_list(bench: Bench) -> RuleOutcome:
    found = [one for one in bench.causes if one.never]
    saw = ", ".join(dict.fromkeys(one.never for one in found)) or "none"
    return RuleOutcome(
        "never_list", not found, saw, "none, whatever other rules allow", _ids(found)
    )


def _new(bench: Bench) -> RuleOutcome:
    found = bench.counted("NEW", "FIRST")
    return _limited("new", len(found), "new cause", bench.rules.new, _ids(found))


def _repeats(bench: Bench) -> RuleOutcome:
    found = bench.counted("REPEAT")
    return _limited("repeats", len(found), "repeat", bench.rules.repeats, _ids(found))


def _known(bench: Bench) -> RuleOutcome:
    found = bench.counted("KNOWN")
    return _limited("known", len(found), "known cause", bench.rules.known, _ids(found))


def _third_occurrence(bench: Bench) -> RuleOutcome:
    found = [
        one
        for one in bench.counted("REPEAT")
        if one.cause.occurrence >= DEMANDED_FROM and one.unsigned
    ]
    outcome = _limited(
        "third_occurrence", len(found), "cause", bench.rules.third_occurrence, _ids(found)
    )
    if not found:
        return outcome
    due = [name for name in ITEMS.values() if any(name in one.unsigned for one in found)]
    return replaced(
        outcome, saw=f"{outcome.saw} without {', '.join(due)}; {_how_to_sign(found[0])}"
    )


def _how_to_sign(one: Sorted) -> str:
    """Return the command that signs what is due for a cause."""
    items = " ".join(item for item, name in ITEMS.items() if name in one.unsigned)
    return f"sign with `failtrack record {one.cause.record_ids[0]} sign {items}`"


def _max_severity(bench: Bench) -> RuleOutcome:
    counted = bench.counted()
    limit = bench.rules.max_severity
    found = [
        one
        for one in counted
        if limit and SEVERITIES.index(one.cause.severity) < SEVERITIES.index(limit)
    ]
    highest = min((one.cause.severity for one in counted), key=SEVERITIES.index, default="none")
    return RuleOutcome("max_severity", not found, highest, limit or "any", _ids(found))


def _overdue(bench: Bench) -> RuleOutcome:
    found = [
        one for one in bench.counted() if one.cause.due is not None and one.cause.due < bench.now
    ]
    return _limited("overdue", len(found), "overdue cause", bench.rules.overdue, _ids(found))


def _infrastructure(bench: Bench) -> RuleOutcome:
    found = bench.of_kind(INFRASTRUCTURE)
    is_allowed = bench.rules.allow_infra
    can_help = all(one.cause.is_retryable for one in found)
    limit = "0, else retry" if can_help else "0, else mend first"
    return RuleOutcome(
        "infrastructure",
        is_allowed or not found,
        count_of(len(found), "cause"),
        "any (allow_infra)" if is_allowed else limit,
        _ids(found),
        exit_code=INFRA_ONLY,
    )


def _flaky(bench: Bench) -> RuleOutcome:
    found = bench.of_kind(FLAKY)
    return _limited("flaky", len(found), "flaky cause", bench.rules.flaky, _ids(found))


def _debt_without_reason(bench: Bench) -> RuleOutcome:
    count = debt_of(bench.case).without_reason
    return _limited("debt_without_reason", count, "item", bench.rules.debt_without_reason)


def _expired_debt(bench: Bench) -> RuleOutcome:
    expired = {one.cause_id for one in bench.case.findings if one.outcome == "expired"}
    count = debt_of(bench.case).expired
    return _limited("expired_debt", count, "item", bench.rules.expired_debt, tuple(sorted(expired)))


def _unmapped(bench: Bench) -> RuleOutcome:
    found = {one.cause_id for one in bench.case.findings if one.is_unmapped}
    count = max((run.debt_counts.get(UNMAPPED, 0) for run in bench.case.runs), default=0)
    limit = bench.rules.unmapped
    return _limited("unmapped", count, "test", limit, tuple(sorted(found)))


def _frozen_scope(bench: Bench) -> RuleOutcome:
    """What git cannot say is said, and fails nothing: a clone may be shallow on purpose."""
    scope, limit = bench.scope, bench.rules.frozen_scope
    if scope is None:
        return replaced(_limited("frozen_scope", 0, "", limit), saw="nothing is frozen")
    outcome = _limited("frozen_scope", len(scope.changes), "changed file", limit)
    told = [outcome.saw, *scope.named(CHANGES_NAMED), *scope.unchecked]
    return replaced(outcome, saw="; ".join(told))


def _max_debt(bench: Bench) -> RuleOutcome:
    count, limit = debt_total(bench.case), bench.rules.max_debt
    outcome = _limited("max_debt", count, "item", limit)
    if bench.rules.is_ratchet and limit is not None and count < limit:
        return replaced(outcome, saw=f"{outcome.saw}: set debt_baseline = {count}")
    return outcome


# Every rule, in the order in which they are explained.
RULES: tuple[Callable[[Bench], RuleOutcome], ...] = (
    _evidence,
    _complete_runs,
    _required_runs,
    _healthy_runs,
    _empty_runs,
    _never_list,
    _new,
    _repeats,
    _known,
    _third_occurrence,
    _max_severity,
    _overdue,
    _infrastructure,
    _flaky,
    _debt_without_reason,
    _expired_debt,
    _unmapped,
    _max_debt,
    _frozen_scope,
)


def _limited(
    name: str, count: int, noun: str, limit: int | None, causes: tuple[str, ...] = ()
) -> RuleOutcome:
    """Return the outcome of a rule that allows a number; None allows any."""
    allowed = "any" if limit is None else str(limit)
    return RuleOutcome(
        name, limit is None or count <= limit, count_of(count, noun), allowed, causes
    )


def debt_total(case: Case) -> int:
    """Return the number of items of test debt; one that several legs show counts once."""
    items: dict[tuple[str, ...], int] = {}
    for run in case.runs:
        for key, count in run.debt_items.items():
            items[key] = max(count, items.get(key, 0))
    return sum(items.values()) + sum(run.debt_unlisted for run in case.runs)


def debt_of(case: Case) -> DebtSummary:
    """Return the debt of a build; legs of a matrix show the same items, which count once."""
    return DebtSummary(
        counts={"total": debt_total(case)},
        without_reason=_most(case, "debt", (run.debt_without_reason for run in case.runs)),
        expired=_most(case, "expired", (run.debt_expired for run in case.runs)),
    )


def _most(case: Case, outcome: str, counts: Iterable[int]) -> int:
    """Return the larger of what records show in all runs and of what one run has counted."""
    found = {
        (one.nodeid, one.headline)
        for one in case.findings
        if one.outcome == outcome and (one.owes_reason or outcome != "debt")
    }
    return max((len(found), *counts))


def _ids(causes: Iterable[Sorted]) -> tuple[str, ...]:
    return tuple(one.cause.cause_id for one in causes)
