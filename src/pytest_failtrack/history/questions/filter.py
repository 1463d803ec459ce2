"""Which records a question is about: a filter over everything that is kept of a record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import as_dict, frozen
from pytest_failtrack.lazily import lazily

Texts = tuple[str, ...]

# Field of the filter -> column of `records` that holds text.
TEXT_COLUMNS = {
    "failure_id": "failure_id",
    "category": "category",
    "subcategory": "subcategory",
    "severity": "severity",
    "failure_type": "failure_type",
    "status": "status",
    "owner": "owner",
    "component": "component",
    "file": "file_path",
    "test": "nodeid",
    "signature": "hash",
    "cause": "cause_id",
    "outcome": "outcome",
    "phase": "phase",
    "branch": "branch",
    "workflow": "workflow",
    "job": "job",
    "step": "step",
    "leg": "leg",
    "build": "build_id",
    "commit": "revision",
    "pr": "pr",
    "novelty": "novelty",
    "catalog_entry": "catalog_entry_id",
    "match_type": "match_type",
    "error_code": "error_code",
    "recovery_mode": "recovery_mode",
    "analysis_status": "analysis_status",
    "priority": "priority",
    "sla_source": "sla_source",
    "resolution_type": "resolution_type",
    "resolved_by": "resolved_by",
}
# A part of these is enough: nobody types a whole node id.
SEARCHED = ("file", "test")
# The columns that a run document has as well.
RUN_COLUMNS = {
    "branch": "branch",
    "workflow": "workflow",
    "job": "job",
    "leg": "leg",
    "build": "build_id",
    "commit": "revision",
}
DEBT = "('debt', 'expired')"
OPEN = "(status in ('OPEN', 'INVESTIGATING') and not is_healed)"
ENDED = "(status in ('RESOLVED', 'PREVENTED'))"
FLAGS = {
    "is_repeat": "is_repeat",
    "is_retryable": "is_retryable",
    "is_healed": "is_healed",
    "is_open": OPEN,
    "is_debt": f"(outcome in {DEBT})",
    "has_preconditions": "(preconditions > 0)",
    "has_measures": "(measures > 0)",
}
ANY_TENANT = "*"
_ESCAPE = "\\"
_ID = "failure_id"
_UUID = lazily("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@frozen
class Filter:
    """Which records are asked about; a field that is left out excludes none.

    The texts are tuples of which a record must have one. A `*` in a text stands for anything;
    an empty text for what is not known. Of `file` and `test` a part is enough, in any case of its
    letters.

    Args:
        since: Records that occurred then or later, aware. Questions about what ended or fell due
            say so where they take it for that moment.
        until: Records that occurred before then, aware.
        failure_id: Id of the record, or its first digits.
        category: Category of the failure.
        subcategory: Its subcategory.
        severity: CRITICAL, HIGH, MEDIUM, LOW.
        failure_type: Failure type of the escalation matrix.
        status: OPEN, INVESTIGATING, RESOLVED, PREVENTED.
        owner: Its owner, as the record spells it.
        component: Component of the code.
        file: File where it broke.
        test: Node id.
        signature: 12 hex digits of the signature.
        cause: 12 hex digits of the cause.
        outcome: failed, error, flaky, debt, ...
        phase: AUTHORIZATION, COMPILATION, TESTING, INTEGRATION, DEPLOYMENT.
        branch: Branch of the run.
        workflow: Workflow of the signature.
        job: Job of the signature.
        step: Step of the signature.
        leg: Leg of the matrix.
        build: Build id.
        commit: Commit under test.
        pr: Pull request.
        novelty: FIRST, NEW, KNOWN, REPEAT.
        catalog_entry: Id of the catalog entry that matched.
        match_type: How it matched.
        error_code: Type of the exception, or code of the tool.
        recovery_mode: What the catalog says to do next.
        analysis_status: State of its root cause analysis.
        priority: P0 to P3.
        sla_source: What ruled its deadline: severity or failure_type.
        resolution_type: How it was resolved.
        resolved_by: Who resolved it.
        tier: Tiers of the escalation: 0, 1, 2.
        tenant: Repositories in a shared history; `()` takes that of the database, `("*",)` all.
        is_repeat: Whether it is a repeat.
        is_retryable: Whether it may be retried.
        is_healed: Whether it was closed after a green while.
        is_open: Whether it is OPEN or INVESTIGATING and not healed.
        is_overdue: Whether it is open and its deadline has passed.
        is_debt: Whether it is an item of test debt (a skip, an expired xfail) and no failure.
        has_preconditions: Whether it names preconditions that would have caught it.
        has_measures: Whether it names prevention measures.
        confidence_min: Least confidence of its classification, 0 to 1.
        confidence_max: Largest confidence.
        occurrence_min: Least number of its occurrence: 2 for whatever came again.
        duration_min: Least duration of its test, in seconds.
        now: The moment at which deadlines and open time are read, aware; None takes the clock.
    """

    since: datetime | None = None
    until: datetime | None = None
    failure_id: Texts = ()
    category: Texts = ()
    subcategory: Texts = ()
    severity: Texts = ()
    failure_type: Texts = ()
    status: Texts = ()
    owner: Texts = ()
    component: Texts = ()
    file: Texts = ()
    test: Texts = ()
    signature: Texts = ()
    cause: Texts = ()
    outcome: Texts = ()
    phase: Texts = ()
    branch: Texts = ()
    workflow: Texts = ()
    job: Texts = ()
    step: Texts = ()
    leg: Texts = ()
    build: Texts = ()
    commit: Texts = ()
    pr: Texts = ()
    novelty: Texts = ()
    catalog_entry: Texts = ()
    match_type: Texts = ()
    error_code: Texts = ()
    recovery_mode: Texts = ()
    analysis_status: Texts = ()
    priority: Texts = ()
    sla_source: Texts = ()
    resolution_type: Texts = ()
    resolved_by: Texts = ()
    tier: tuple[int, ...] = ()
    tenant: Texts = ()
    is_repeat: bool | None = None
    is_retryable: bool | None = None
    is_healed: bool | None = None
    is_open: bool | None = None
    is_overdue: bool | None = None
    is_debt: bool | None = None
    has_preconditions: bool | None = None
    has_measures: bool | None = None
    confidence_min: float | None = None
    confidence_max: float | None = None
    occurrence_min: int | None = None
    duration_min: float | None = None
    now: datetime | None = None

    @property
    def moment(self) -> float:
        """`now` in seconds since 1970."""
        return (self.now or datetime.now(timezone.utc)).timestamp()

    @property
    def end(self) -> float:
        """Where open time stops counting, in seconds since 1970: `until`, but never after `now`."""
        return self.moment if self.until is None else min(self.until.timestamp(), self.moment)

    @property
    def is_empty(self) -> bool:
        """Whether it excludes no record."""
        return all(value in ((), None) for name, value in as_dict(self).items() if name != "now")


class Where(NamedTuple):
    """A condition and the values of its `?`."""

    text: str
    values: tuple[Any, ...]


def of_records(filter_: Filter, tenant: str, *, in_window: bool = True) -> Where:
    """Return the condition on `records`.

    Args:
        filter_: Which records.
        tenant: Repository of the database, for a filter that names none.
        in_window: `since` and `until` bound the moment of occurrence; False leaves them to the
            question.
    """
    values = as_dict(filter_)
    parts = [_tenant(filter_, tenant)]
    parts += window(filter_, "occurred_at") if in_window else []
    parts += [_any_of(name, column, values[name]) for name, column in TEXT_COLUMNS.items()]
    if filter_.tier:
        parts.append(Where(f"tier in ({_marks(filter_.tier)})", filter_.tier))
    for name, condition in FLAGS.items():
        if values[name] is not None:
            parts.append(Where(condition if values[name] else f"not {condition}", ()))
    if filter_.is_overdue is not None:
        late = f"({OPEN} and due_at is not null and due_at < to_timestamp(?))"
        word = late if filter_.is_overdue else f"not {late}"
        parts.append(Where(word, (filter_.moment,)))
    for column, sign, number in (
        ("confidence", ">=", filter_.confidence_min),
        ("confidence", "<=", filter_.confidence_max),
        ("occurrence", ">=", filter_.occurrence_min),
        ("duration_seconds", ">=", filter_.duration_min),
    ):
        if number is not None:
            parts.append(Where(f"{column} {sign} ?", (number,)))
    return _all_of(parts)


def of_runs(filter_: Filter, tenant: str) -> Where:
    """Return the condition on `runs`: what a filter says of runs, and nothing of failures.

    Args:
        filter_: Its window bounds the start of the run.
        tenant: Repository of the database, for a filter that names none.
    """
    values = as_dict(filter_)
    parts = [_tenant(filter_, tenant), *window(filter_, "started_at")]
    parts += [_any_of(name, column, values[name]) for name, column in RUN_COLUMNS.items()]
    return _all_of(parts)


def of_tenant(filter_: Filter, tenant: str) -> Where:
    """Return the condition on any table that has a `tenant_id`."""
    return _tenant(filter_, tenant)


def window(filter_: Filter, column: str) -> list[Where]:
    """Return the conditions that a column of times lies in the window of a filter."""
    found = []
    if filter_.since is not None:
        found.append(Where(f"{column} >= to_timestamp(?)", (filter_.since.timestamp(),)))
    if filter_.until is not None:
        found.append(Where(f"{column} < to_timestamp(?)", (filter_.until.timestamp(),)))
    return found


def known_names(names: Sequence[str], known: Sequence[str], what: str) -> None:
    """Refuse a name that is none of the known ones.

    Raises:
        InputError: With the names that there are.
    """
    for name in names:
        if name not in known:
            raise InputError(f"{name!r} is no {what}; it is one of {', '.join(known)}")


def _tenant(filter_: Filter, tenant: str) -> Where:
    if ANY_TENANT in filter_.tenant:
        return Where("tenant_id is not null", ())
    wanted = filter_.tenant or (tenant,)
    if len(wanted) == 1:
        return Where("tenant_id = ?", wanted)
    return Where(f"tenant_id in ({_marks(wanted)})", wanted)


def _any_of(name: str, column: str, wanted: Texts) -> Where:
    whole = tuple(one for one in wanted if _is_whole(name, one))
    parts = [Where(f"{column} in ({_marks(whole)})", whole)] if whole else []
    for one in wanted:
        if one not in whole:
            pattern = _like(one if "*" in one else f"{one}*" if name == _ID else f"*{one}*")
            parts.append(Where(f"lower({_text(column)}) like ? escape '{_ESCAPE}'", (pattern,)))
    if len(parts) == 1:
        return parts[0]
    joined = " or ".join(one.text for one in parts)
    return Where(f"({joined})" if parts else "", tuple(v for one in parts for v in one.values))


def _is_whole(name: str, value: str) -> bool:
    """Whether a value is compared as it stands: PostgreSQL takes nothing but a UUID for one."""
    if name == _ID:
        return _UUID.fullmatch(value) is not None
    return not value or ("*" not in value and name not in SEARCHED)


def _text(column: str) -> str:
    return f"cast({column} as text)" if column == _ID else column


def _like(pattern: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        pattern = pattern.replace(special, _ESCAPE + special)
    return pattern.replace("*", "%").lower()


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _all_of(parts: Sequence[Where]) -> Where:
    said = [one for one in parts if one.text]
    return Where(
        " and ".join(one.text for one in said), tuple(value for one in said for value in one.values)
    )
