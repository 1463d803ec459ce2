"""What is broken now: causes with an open record, for the snapshot and for the daily standup."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import DEBT, OPEN

CHUNK = 400
OPEN_FAILURE = f"{OPEN} and outcome not in {DEBT} and outcome <> 'flaky'"

_RANK = "case severity when 'CRITICAL' then 0 when 'HIGH' then 1 when 'MEDIUM' then 2 else 3 end"
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")

# One row a signature; its text stands in `causes`.
_CAUSES = f"""
select open.*, (
    select max(token) from causes
    where causes.tenant_id = ? and causes.hash = open.hash
) as token
from (
    select hash, workflow, max(cause_id) as cause_id, min({_RANK}) as severity_rank,
        min(category) as category, min(subcategory) as subcategory,
        min(failure_type) as failure_type, max(component) as component, max(owner) as owner,
        max(file_path) as file_path, min(nodeid) as nodeid, distinct_texts(nodeid) as tests,
        count(*) as failures, distinct_texts(build_id) as builds, max(occurrence) as occurrence,
        epoch(min(occurred_at)) as first_at, epoch(max(occurred_at)) as last_at,
        epoch(min(due_at)) as due_at, max(tier) as tier,
        sum(case when status = 'INVESTIGATING' then 1 else 0 end) as investigating,
        sum(case when status = 'INVESTIGATING' and owner <> '' and analysis_status <> 'PENDING'
            then 1 else 0 end) as planned
    from {{records}}
    where tenant_id = ? and status in ('OPEN', 'INVESTIGATING') and {OPEN_FAILURE} {{which}}
    group by hash, workflow
) as open
order by severity_rank, last_at desc, hash, workflow
"""

# A cause that was seen more often than this is known well enough by its newest records.
NEWEST_MAX = 2_000
_NEWEST = f"""(
    select * from records where tenant_id = ? and hash = ?
    order by occurred_at desc limit {NEWEST_MAX}
) as newest"""
# So many causes are asked about one by one.
FEW = 50
# Of open failures without a pass, so many are looked at; more of them is a cause that fails.
FAILING_MAX = 1_000
# Where more is open, nobody is told at the end of a run which of it passes again.
AGAIN_MAX = 2_000

_PASSED = """
select 1 from passes where passes.tenant_id = records.tenant_id
and passes.nodeid = records.nodeid and passes.lane = records.lane
and passes.passed_at > records.occurred_at
"""


@frozen
class OpenCause:
    """A signature of a workflow that has an open record: what one issue would be about.

    Args:
        hash: 12 hex digits of the signature.
        workflow: Workflow of the signature.
        cause_id: 12 hex digits of the cause that it was shown under, ``.
        token: Normalized line of the error, `` where none was found.
        severity: The highest of its open records.
        category: Category.
        subcategory: Subcategory.
        failure_type: Failure type.
        component: Component, ``.
        owner: Owner, ``.
        file_path: File, ``.
        nodeid: One of the tests.
        tests: Number of tests with an open record.
        failures: Number of open records.
        occurrences: Number of builds in which it was seen.
        first_at: First open record, aware.
        last_at: Last open record, aware.
        due_at: Earliest deadline, aware; None without one.
        tier: Highest tier of escalation.
        is_investigated: Somebody has begun with one of the records.
        has_plan: A record has an owner, is INVESTIGATING, and its analysis has begun.
    """

    hash: str
    workflow: str
    cause_id: str
    token: str
    severity: str
    category: str
    subcategory: str
    failure_type: str
    component: str
    owner: str
    file_path: str
    nodeid: str
    tests: int
    failures: int
    occurrences: int
    first_at: datetime
    last_at: datetime
    due_at: datetime | None = None
    tier: int = 0
    is_investigated: bool = False
    has_plan: bool = False

    @property
    def headline(self) -> str:
        """The line of the error without the place behind it (C-32)."""
        return self.token.rpartition(" @ ")[0] or self.token

    @property
    def key(self) -> str:
        """The key of its issue (C-6)."""
        return f"{self.workflow}|{self.hash}"


def open_causes(database: Database, hashes: Collection[str] | None = None) -> list[OpenCause]:
    """Return the causes with an open record, the gravest first.

    Args:
        database: The history.
        hashes: Signatures that are asked about; None asks about all. Of a few that were seen
            very often the newest `NEWEST_MAX` records are counted.
    """
    tenant = database.tenant
    if hashes is None:
        return [_cause(row) for row in _rows(database, "records", "", (tenant, tenant))]
    found = []
    if len(hashes) <= FEW:
        for one in sorted(hashes):
            rows = _rows(database, _NEWEST, "", (tenant, tenant, one, tenant))
            found += [_cause(row) for row in rows]
    else:
        for chunk in _chunks(hashes):
            which = f"and hash in ({_marks(chunk)})"
            rows = _rows(database, "records", which, (tenant, tenant, *chunk))
            found += [_cause(row) for row in rows]
    return sorted(found, key=lambda one: (SEVERITIES.index(one.severity), -one.last_at.timestamp()))


def _rows(
    database: Database, records: str, which: str, values: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    return database.rows(_CAUSES.format(records=records, which=which), values)


def has_more_open_than(database: Database, number: int) -> bool:
    """Return whether more records than that are OPEN or INVESTIGATING; the index alone is read."""
    sql = (
        "select count(*) from (select 1 from records where tenant_id = ?"
        " and status in ('OPEN', 'INVESTIGATING') limit ?) as held"
    )
    ((found,),) = database.rows(sql, (database.tenant, number + 1))
    return int(found) > number


def still_open(database: Database, hashes: Collection[str]) -> set[str]:
    """Return those of the signatures that have an open record; a look at the index for each."""
    found: set[str] = set()
    for chunk in _chunks(hashes):
        for status in ("OPEN", "INVESTIGATING"):
            sql = (
                "select distinct hash from causes where tenant_id = ?"
                f" and hash in ({_marks(chunk)}) and exists (select 1 from records"
                " where records.tenant_id = ? and records.status = ?"
                " and records.hash = causes.hash and not records.is_healed)"
            )
            values = (database.tenant, *chunk, database.tenant, status)
            found.update(one for (one,) in database.rows(sql, values))
    return found


def passing_again(
    database: Database, passed: Collection[str], lane: str
) -> tuple[tuple[str, str], ...]:
    """Return (cause id, token) of causes that have just ended to fail, the last seen first.

    Every test of theirs with an open record passes now, for the first time since it failed.

    Args:
        database: The history.
        passed: Node ids of the tests that pass now.
        lane: Where they do. What failed elsewhere is asked for there.

    Returns:
        None of them where more than `AGAIN_MAX` records are open.
    """
    if has_more_open_than(database, AGAIN_MAX):
        return ()
    sql = (
        "select hash, cause_id, nodeid from records where tenant_id = ? and lane = ?"
        f" and status in ('OPEN', 'INVESTIGATING') and {OPEN_FAILURE}"
        f" and not exists ({_PASSED}) order by occurred_at desc, failure_id"
    )
    tests: dict[str, set[str]] = {}
    hashes: dict[str, str] = {}
    for hash_, cause_id, nodeid in database.rows(sql, (database.tenant, lane)):
        name = cause_id or hash_
        tests.setdefault(name, set()).add(nodeid)
        hashes.setdefault(name, hash_)
    now = frozenset(passed)
    ended = [name for name, nodeids in tests.items() if nodeids <= now]
    tokens: dict[str, str] = {}
    for chunk in _chunks({hashes[name] for name in ended}):
        which = (
            f"select hash, max(token) from causes where tenant_id = ? and hash in ({_marks(chunk)})"
        )
        tokens.update(database.rows(f"{which} group by hash", (database.tenant, *chunk)))
    return tuple((name, tokens.get(hashes[name], "")) for name in ended)


def not_passed_since(database: Database, hash_: str, workflow: str) -> set[tuple[str, str]]:
    """Return (node id, lane) of open failures of a cause whose test has not passed since.

    At most `FAILING_MAX` of its failures are looked at.
    """
    sql = (
        "select nodeid, lane from records where tenant_id = ?"
        f" and status in ('OPEN', 'INVESTIGATING') and hash = ? and workflow = ?"
        f" and {OPEN_FAILURE} and not exists ({_PASSED}) limit {FAILING_MAX}"
    )
    return {
        (nodeid, lane) for nodeid, lane in database.rows(sql, (database.tenant, hash_, workflow))
    }


def failing_now(database: Database) -> set[tuple[str, str]]:
    """Return (signature, workflow) of open failures whose test has not passed since."""
    sql = (
        "select distinct hash, workflow from records where tenant_id = ?"
        f" and status in ('OPEN', 'INVESTIGATING') and {OPEN_FAILURE} and not exists ({_PASSED})"
    )
    return {(hash_, workflow) for hash_, workflow in database.rows(sql, (database.tenant,))}


def _cause(row: Sequence[Any]) -> OpenCause:
    (
        hash_, workflow, cause_id, rank, category, subcategory, failure_type, component, owner,
        file_path, nodeid, tests, failures, builds, occurrence, first_at, last_at, due_at, tier,
        investigating, planned, token,
    ) = row  # fmt: skip
    return OpenCause(
        hash=hash_,
        workflow=workflow,
        cause_id=cause_id,
        token=token or "",
        severity=SEVERITIES[int(rank)],
        category=category,
        subcategory=subcategory,
        failure_type=failure_type,
        component=component,
        owner=owner,
        file_path=file_path,
        nodeid=nodeid,
        tests=int(tests),
        failures=int(failures),
        occurrences=max(int(builds), int(occurrence)),
        first_at=_moment(first_at),
        last_at=_moment(last_at),
        due_at=None if due_at is None else _moment(due_at),
        tier=int(tier),
        is_investigated=investigating > 0,
        has_plan=planned > 0,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), timezone.utc)


def _chunks(names: Collection[str]) -> Iterator[list[str]]:
    held = sorted(set(names))
    for start in range(0, len(held), CHUNK):
        yield held[start : start + CHUNK]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
