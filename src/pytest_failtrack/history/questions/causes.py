"""Which causes are the most common, the most costly, the most preventable; and which come together.

S0-136: "which failures most common / most costly / most preventable".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import (
    DEBT,
    OPEN,
    Filter,
    Where,
    of_records,
    of_runs,
    of_tenant,
    window,
)
from pytest_failtrack.history.questions.group import CAUSE
from pytest_failtrack.history.questions.incidents import incidents
from pytest_failtrack.history.questions.values import certain_moment, whole

LIMIT = 20
TOGETHER_CAUSES_MAX = 100
"""Causes among which pairs are looked for, the most common."""
RUN_DAYS_MAX = 2
"""A run that started so many days before the window does not end in it."""

_COMMON = f"""
select tenant_id, workflow, {CAUSE}, max(hash), count(*) as many,
       distinct_texts(build_id) as builds, distinct_texts(nodeid), epoch(min(occurred_at)),
       epoch(max(occurred_at)), sum(case when {OPEN} then 1 else 0 end), count(*) over ()
from records where {{where}}
group by 3, 2, 1 order by builds desc, many desc, 1, 2, 3 limit ?
"""
_NEWEST = """
select failure_id, category, subcategory, failure_type, severity, status, owner, component,
       file_path, error_code
from records where tenant_id = ? and hash = ? and workflow = ?
order by occurred_at desc, failure_id limit 1
"""
# Causes of a run share its minutes equally, those that the filter leaves out among them.
# Runs and what failed in them are laid together, not joined: over five columns neither planner
# foresees how few rows meet, and one of them then compares each with each.
_COST = f"""
with seen as (
    select tenant_id, build_id, workflow, job, leg, {CAUSE} as cause, count(*) as many,
           max(case when {{wanted}} then 1 else 0 end) as is_wanted, max(hash) as hash
    from records where {{everything}} group by build_id, 6, leg, job, workflow, tenant_id
), took as (
    select tenant_id, build_id, workflow, job, leg,
           sum(epoch(finished_at) - epoch(started_at)) / 60.0 as minutes
    from runs where {{runs}} and finished_at > started_at
    and (causes > 0 or failed + errors > 0) group by build_id, leg, job, workflow, tenant_id
), together as (
    select seen.*, cast(null as double precision) as minutes from seen
    union all
    select tenant_id, build_id, workflow, job, leg, null, null, null, null, minutes from took
), shared as (
    select together.*, max(minutes) over run as taken, count(cause) over run as shares
    from together window run as (partition by build_id, leg, job, workflow, tenant_id)
), paid as (
    select tenant_id as repo, workflow as flow, cause, max(hash) as hash, sum(many) as many,
           distinct_texts(build_id) as builds, sum(coalesce(taken, 0.0) / shares) as ci
    from shared where is_wanted = 1 group by 1, 2, 3
), spans as (
    select repo, flow, cause, epoch(opened) as start_at, case
        when ended is not null and epoch(ended) < ? then epoch(ended) else ? end as end_at
    from ({{incidents}}) as incident
), reached as (
    select repo, flow, cause, start_at, end_at, max(end_at) over (
        partition by repo, flow, cause order by start_at, end_at
        rows between unbounded preceding and 1 preceding
    ) as reach from spans
), lasted as (
    select repo, flow, cause, sum(case
        when end_at <= start_at or end_at <= reach then 0.0
        when reach > start_at then end_at - reach
        else end_at - start_at end) / 60.0 as open_time
    from reached group by 1, 2, 3
)
select paid.repo, paid.flow, paid.cause, hash, many, builds, ci, coalesce(open_time, 0.0) as waited,
       sum(ci + coalesce(open_time, 0.0)) over ()
from paid left join lasted
    on lasted.repo = paid.repo and lasted.flow = paid.flow and lasted.cause = paid.cause
order by ci + coalesce(open_time, 0.0) desc, many desc, 1, 2, 3 limit ?
"""
_PREVENTABLE = f"""
with named as (
    select tenant_id as repo, workflow as flow, {CAUSE} as cause, count(*) as times
    from records where {{tenant}} and preconditions > 0 group by 1, 2, 3
), failed as (
    select tenant_id, workflow, {CAUSE} as cause, max(hash) as hash, count(*) as many,
           distinct_texts(build_id) as builds, sum(case when {{guarded}} then 1 else 0 end) as found
    from records where {{where}} group by 3, 2, 1
), known as (
    select failed.*, case when named.times is null then 0 else 1 end as is_named,
           case when named.times is null then found else many end as prevented
    from failed left join named on named.repo = failed.tenant_id
        and named.flow = failed.workflow and named.cause = failed.cause
)
select tenant_id, workflow, cause, hash, many, builds, case when found > 0 then 1 else 0 end,
       is_named, prevented, sum(many) over (), sum(prevented) over (), count(*) over (),
       sum(case when prevented > 0 then 1 else 0 end) over ()
from known order by case when prevented > 0 then 0 else 1 end, builds desc, many desc, 1, 2, 3
limit ?
"""
_TOGETHER = f"""
with failed as (
    select workflow as flow, {CAUSE} as cause, build_id, max(hash) as hash
    from records where {{where}} group by 2, 3, 1
), top as (
    select flow, cause, max(hash) as hash, count(*) as builds
    from failed group by 2, 1 order by builds desc, 1, 2 limit ?
), seen as (
    select top.flow, top.cause, top.hash, top.builds, build_id
    from failed join top on top.flow = failed.flow and top.cause = failed.cause
)
select one.flow, one.cause, one.hash, one.builds, other.flow, other.cause, other.hash,
       other.builds, count(*) as together
from seen as one join seen as other on other.build_id = one.build_id
where one.flow < other.flow or (one.flow = other.flow and one.cause < other.cause)
group by 1, 2, 3, 4, 5, 6, 7, 8 having count(*) >= ?
order by count(*) * 1.0 / (one.builds + other.builds - count(*)) desc, count(*) desc, 2, 6
limit ?
"""
_BUILDS = "select distinct_texts(build_id) from records where {where}"


@frozen
class CauseName:
    """A cause, and what its newest record says of it, whatever the filter.

    Args:
        tenant: Its repository in a shared history.
        workflow: Its workflow.
        cause_id: 12 hex digits.
        headline: Its error in one line.
        failure_id: Id of the newest record of its signature.
        category: Category.
        subcategory: Subcategory.
        failure_type: Failure type.
        severity: Severity.
        status: Status of that record.
        owner: Owner, `` for none.
        component: Component, `` for none.
        file: File, `` for none.
        error_code: Type of the exception, or code of the tool.
    """

    tenant: str
    workflow: str
    cause_id: str
    headline: str = ""
    failure_id: str = ""
    category: str = ""
    subcategory: str = ""
    failure_type: str = ""
    severity: str = ""
    status: str = ""
    owner: str = ""
    component: str = ""
    file: str = ""
    error_code: str = ""


@frozen
class CommonCause:
    """A cause, and how often it failed.

    Args:
        cause: Which one.
        records: Failures: one a failing test and run.
        builds: Builds in which it failed at least once: its occurrences.
        tests: Different node ids.
        first_at: Its first failure in the window, aware.
        last_at: Its last one.
        open: Records that are open.
    """

    cause: CauseName
    records: int
    builds: int
    tests: int
    first_at: datetime
    last_at: datetime
    open: int


@frozen
class CommonCauses:
    """The causes that failed most often.

    Args:
        causes: Those that failed in most builds first.
        all_causes: Number of all causes that were asked about.
    """

    causes: tuple[CommonCause, ...]
    all_causes: int


@frozen
class CostlyCause:
    """A cause, and the time that it took.

    Args:
        cause: Which one.
        records: Failures.
        builds: Builds in which it failed.
        ci_minutes: Minutes of CI: of each run in which it failed, an equal share with the other
            causes of that run.
        open_minutes: Minutes between its first failure and its end, or the end of the window
            where it is open; of its incidents together, where two overlap once.
    """

    cause: CauseName
    records: int
    builds: int
    ci_minutes: float
    open_minutes: float

    @property
    def cost_minutes(self) -> float:
        """Minutes of CI and of open time together."""
        return self.ci_minutes + self.open_minutes


@frozen
class Costs:
    """What failures cost.

    Args:
        causes: The most costly causes, the dearest first.
        minutes: Minutes of CI and of open time of all causes that were asked about.
    """

    causes: tuple[CostlyCause, ...]
    minutes: float


@frozen
class PreventableCause:
    """A cause that something could have caught before the build did.

    Args:
        cause: Which one.
        records: Failures that could have been prevented.
        builds: Builds in which it failed.
        is_guarded: A guard rule exists for its class: it is in the classes that were given.
        has_preconditions: A record of this cause names preconditions.
    """

    cause: CauseName
    records: int
    builds: int
    is_guarded: bool
    has_preconditions: bool


@frozen
class Preventable:
    """How much of what failed could have been prevented.

    Args:
        causes: The causes, those that failed in most builds first.
        records: All failures that were asked about.
        preventable_records: Those of them that could have been prevented.
        all_causes: All causes that were asked about.
        preventable_causes: Those of them that could have been prevented.
    """

    causes: tuple[PreventableCause, ...]
    records: int
    preventable_records: int
    all_causes: int
    preventable_causes: int


@frozen
class Pair:
    """Two causes that fail in the same builds (S1-153).

    Args:
        one: A cause.
        other: Another.
        one_builds: Builds in which the first failed.
        other_builds: Builds in which the second failed.
        builds: Builds in which both did.
        share: Of the builds in which either failed, the part in which both did, 0 to 1.
        lift: How much more often they met than two causes that know nothing of each other
            would: 1.0 is chance.
    """

    one: CauseName
    other: CauseName
    one_builds: int
    other_builds: int
    builds: int
    share: float
    lift: float


def common_causes(database: Database, filter_: Filter, *, limit: int = LIMIT) -> CommonCauses:
    """Return the causes that failed in most builds, then those with most records.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred. Items of test debt count
            unless it says `is_debt=False`.
        limit: At most this many causes.
    """
    where = of_records(filter_, database.tenant)
    rows = database.rows(_COMMON.format(where=where.text), (*where.values, limit))
    found = tuple(
        CommonCause(
            name_of(database, row[:4]),
            records=int(row[4]),
            builds=int(row[5]),
            tests=int(row[6]),
            first_at=certain_moment(row[7]),
            last_at=certain_moment(row[8]),
            open=int(row[9]),
        )
        for row in rows
    )
    return CommonCauses(found, int(rows[0][10]) if rows else 0)


def costly_causes(database: Database, filter_: Filter, *, limit: int = LIMIT) -> Costs:
    """Return the causes that took most minutes, of CI and of open time together (S0-136).

    A run's minutes are shared equally among the causes that failed in it, those that the filter
    leaves out among them; items of test debt take no share, and none of them is returned. Runs and
    records meet by build, workflow, job and leg. Runs of which no document is known cost nothing.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred, and open time ends with it.
        limit: At most this many causes.
    """
    tenant = database.tenant
    failures = f"outcome not in {DEBT}"
    wanted = of_records(filter_, tenant, in_window=False)
    everything = _joined(of_tenant(filter_, tenant), *window(filter_, "occurred_at"))
    ran = Filter(until=filter_.until, tenant=filter_.tenant)
    runs = of_runs(ran, tenant)
    if filter_.since is not None:
        earliest = filter_.since.timestamp() - RUN_DAYS_MAX * 86_400
        runs = _joined(runs, Where("started_at >= to_timestamp(?)", (earliest,)))
    held = incidents(filter_, tenant)
    sql = _COST.format(
        wanted=wanted.text,
        everything=f"{everything.text} and {failures}",
        runs=runs.text,
        incidents=held.text,
    )
    ends = (filter_.end,) * 2
    values = (*wanted.values, *everything.values, *runs.values, *ends, *held.values, limit)
    rows = database.rows(sql, values)
    found = tuple(
        CostlyCause(
            name_of(database, row[:4]), int(row[4]), int(row[5]), float(row[6]), float(row[7])
        )
        for row in rows
    )
    return Costs(found, float(rows[0][8]) if rows else 0.0)


def preventable_causes(
    database: Database, filter_: Filter, classes: Collection[str], *, limit: int = LIMIT
) -> Preventable:
    """Return the causes that a guard rule or a precondition could have caught (S0-136).

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        classes: What guard rules exist for: subcategories, catalog entries or error codes. A cause
            of which any record, of any time, names preconditions is preventable as well.
        limit: At most this many causes; the shares are of all.
    """
    tenant = of_tenant(filter_, database.tenant)
    where = of_records(filter_, database.tenant)
    names = tuple(sorted(classes))
    marks = ", ".join("?" * len(names))
    columns = ("subcategory", "catalog_entry_id", "error_code")
    guarded = " or ".join(f"{one} in ({marks})" for one in columns) if names else "1 = 0"
    sql = _PREVENTABLE.format(tenant=tenant.text, guarded=guarded, where=where.text)
    rows = database.rows(sql, (*tenant.values, *names * (3 if names else 0), *where.values, limit))
    found = tuple(
        PreventableCause(
            name_of(database, row[:4]), int(row[8]), int(row[5]), bool(row[6]), bool(row[7])
        )
        for row in rows
        if row[8]
    )
    return Preventable(found, *map(whole, rows[0][9:] if rows else (0,) * 4))


def causes_together(
    database: Database, filter_: Filter, *, builds_min: int = 3, limit: int = LIMIT
) -> list[Pair]:
    """Return pairs of causes that fail in the same builds, the most inseparable first (S1-153).

    Pairs are looked for among the `TOGETHER_CAUSES_MAX` most common causes.

    Args:
        database: The history.
        filter_: Which records; its window bounds when they occurred.
        builds_min: Least number of builds in which both failed.
        limit: At most this many pairs.
    """
    where = of_records(filter_, database.tenant)
    ((builds,),) = database.rows(_BUILDS.format(where=where.text), where.values)
    rows = database.rows(
        _TOGETHER.format(where=where.text),
        (*where.values, TOGETHER_CAUSES_MAX, builds_min, limit),
    )
    tenant = filter_.tenant[0] if len(filter_.tenant) == 1 else database.tenant
    pairs = []
    for flow, cause, hash_, many, flow2, cause2, hash2, many2, both in rows:
        pairs.append(
            Pair(
                name_of(database, (tenant, flow, cause, hash_)),
                name_of(database, (tenant, flow2, cause2, hash2)),
                int(many),
                int(many2),
                int(both),
                both / (many + many2 - both),
                both * int(builds) / (many * many2),
            )
        )
    return pairs


def name_of(database: Database, key: Iterable[Any]) -> CauseName:
    """Return a cause with what its newest record says, by the index over signatures.

    Args:
        database: The history.
        key: Its repository, workflow and id, and a signature of it.
    """
    tenant, workflow, cause_id, hash_ = key
    rows = database.rows(_NEWEST, (tenant, hash_, workflow))
    if not rows:
        return CauseName(tenant, workflow, cause_id)
    failure_id, *said = rows[0]
    headline = _headline(database, tenant, failure_id, hash_)
    return CauseName(tenant, workflow, cause_id, headline, str(failure_id), *said)


def _headline(database: Database, tenant: str, failure_id: Any, hash_: str) -> str:
    rows = database.rows("select error_message from failure_matches where id = ?", (failure_id,))
    if rows and rows[0][0]:
        return str(rows[0][0])
    rows = database.rows(
        "select token from causes where tenant_id = ? and hash = ? limit 1", (tenant, hash_)
    )
    return str(rows[0][0]) if rows else ""


def _joined(*parts: Where) -> Where:
    return Where(
        " and ".join(one.text for one in parts), tuple(value for one in parts for value in one[1])
    )
