"""The questions that repeat detection asks of the index, each indexed and bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.database import Database
from pytest_failtrack.record.repeat import PREVIOUS_IDS_MAX, Earlier
from pytest_failtrack.record.similar import Neighbours

# Causes of one class among which similar ones are searched, the newest.
CAUSES_MAX = 20_000
SIMILAR_MAX = 20
# Of a signature that was seen more often than this, the newest are read, and the others counted.
LISTED_MAX = 40
ON_BASE_MAX = 20
# What is fetched at a time: moments, and failures of those moments, of which a report that gives
# all its tests one moment can have many.
MOMENTS_MAX = 400
ALIKE_MAX = 10_000

# The index of signatures says it without a look at the table.
COUNTS = """
select hash, count(*) from records
where tenant_id = ? and hash in ({marks}) and occurred_at >= to_timestamp(?)
group by hash
"""
# One row for each build, branch, status and whether the test passed since: a cause that fails
# 50,000 tests of a build says no more than one that fails two.
_SEEN = """
select failure_id, build_id, epoch(occurred_at), category, subcategory, component, file_path, hash,
       status, branch, is_healed, has_passed, nodeid, cause_id
from (
    select seen.*, row_number() over (
        partition by hash, build_id, branch, status, is_healed, has_passed, category, subcategory
        order by occurred_at desc, failure_id
    ) as place
    from (
        select records.*, exists (
            select 1 from passes where passes.tenant_id = records.tenant_id
            and passes.nodeid = records.nodeid and passes.lane = records.lane
            and passes.passed_at > records.occurred_at
        ) as has_passed
        from ({inner}) as records
    ) as seen
) as numbered
where place = 1
"""
RECENT = _SEEN.replace(
    "{inner}",
    "select * from records where tenant_id = ? and hash in ({marks})"
    " and occurred_at >= to_timestamp(?) and build_id <> ?",
)
# The newest builds, of how many, and the newest in which it was open on the base branch: what is
# KNOWN shows there (C-34), however many branches have seen it since. Of an expression there is no
# index: else SQLite walks through all builds in their order.
BUILDS = """
with seen as (
    select hash, build_id || '' as build, branch, status, occurred_at from records
    where tenant_id = ? and hash in ({marks}) and occurred_at >= to_timestamp(?) and build_id <> ?
), builds as (
    select hash, max(occurred_at) as at,
           max(case when branch = ? and status in ('OPEN', 'INVESTIGATING') then occurred_at end)
               as on_base_at
    from seen group by hash, build
), numbered as (
    select hash, at, on_base_at, count(*) over (partition by hash) as builds,
           row_number() over (partition by hash order by at desc) as place,
           row_number() over (partition by hash order by on_base_at is null, on_base_at desc)
               as place_on_base
    from builds
)
select hash, builds, epoch(at), epoch(on_base_at) from numbered
where place <= ? or place_on_base <= ? and on_base_at is not null
"""
# The newest of each of those builds; two steps, for a planner may join the wrong way round, and
# with a limit SQLite answers the inner query by itself, from the index of signatures.
NEWEST = "with wanted (name, at) as (values {marks})" + _SEEN.replace(
    "{inner}",
    "select records.* from wanted cross join records"
    " where tenant_id = ? and hash = name and occurred_at = at"
    " order by occurred_at desc limit ?",
)

# Whatever their age, for they are reopened (S0-110): which signatures have any, and all of them.
# For `distinct` SQLite reads nothing but the index of statuses, for `group by` the table.
ENDED = """
select distinct hash, status from records
where tenant_id = ? and status in ('RESOLVED', 'PREVENTED') and hash in ({marks})
"""
ALL_ENDED = """
select failure_id, status from records
where tenant_id = ? and status in ('RESOLVED', 'PREVENTED') and hash in ({marks})
"""
# Of what ended before the window, the newest says what there is to say.
OLD = _SEEN.replace(
    "{inner}",
    "select * from ("
    "select *, row_number() over (partition by hash order by occurred_at desc, failure_id) as age"
    " from records where tenant_id = ? and hash in ({marks})"
    " and status in ('RESOLVED', 'PREVENTED') and build_id <> ?"
    ") as ended where age = 1",
)


def earlier_failures(
    database: Database,
    candidates: Sequence[Earlier],
    since: float,
    threshold: float,
    base_branch: str = "main",
) -> dict[str, list[Earlier]]:
    """Return earlier failures that may be the same, by the candidate's hash.

    Args:
        database: The index.
        candidates: The failures that are asked about.
        since: Start of the window, in seconds since 1970.
        threshold: Least similarity of tokens.
        base_branch: Branch that changes are merged to.
    """
    wanted = _related(database, candidates, since, threshold)
    hashes = sorted({one for related in wanted.values() for one in related})
    aliases = _aliases(database, hashes)
    tokens = _tokens(database, hashes)
    by_hash: dict[str, list[Earlier]] = {}
    own = candidates[0].build_id if candidates else ""
    counts = dict(database.rows_among(COUNTS, hashes, (since,)))
    few = [one for one, rows in counts.items() if rows <= LISTED_MAX]
    for row in database.rows_among(RECENT, few, (since, own)):
        _keep(by_hash, row, aliases, tokens)
    many = [one for one, rows in counts.items() if rows > LISTED_MAX]
    builds = _builds(database, many, since, own, base_branch)
    for row in _newest(database, builds, counts):
        _keep(by_hash, row, aliases, tokens)
    for name in builds.keys() & by_hash.keys():
        listed = {one.build_id for one in by_hash[name]}
        unlisted = max(0, builds[name][0] - len(listed))
        by_hash[name][-1] = replaced(by_hash[name][-1], unlisted=unlisted)
    ended = dict(database.rows_among(ENDED, hashes))
    for row in database.rows_among(OLD, sorted(ended.keys() - by_hash.keys()), (own,)):
        _keep(by_hash, row, aliases, tokens)
    for name in ended.keys() & by_hash.keys():
        by_hash[name][-1] = replaced(by_hash[name][-1], ended_alike=ended[name])
    return {
        name: [one for found in sorted(related) for one in by_hash.get(found, ())]
        for name, related in wanted.items()
    }


def ended_records(database: Database, hashes: Sequence[str]) -> list[tuple[str, str]]:
    """Return id and status of all records of some signatures that are RESOLVED or PREVENTED."""
    return sorted(
        (failure_id, status) for failure_id, status in database.rows_among(ALL_ENDED, hashes)
    )


def _builds(
    database: Database, names: Sequence[str], since: float, own: str, base_branch: str
) -> dict[str, tuple[int, list[float]]]:
    """Return of each signature how many builds have seen it, and moments in the newest of them."""
    found: dict[str, tuple[int, dict[float, None]]] = {}
    given = (since, own, base_branch, PREVIOUS_IDS_MAX, ON_BASE_MAX)
    for name, builds, *moments in database.rows_among(BUILDS, names, given):
        known = found.setdefault(name, (builds, {}))[1]
        known.update((one, None) for one in moments if one is not None)
    return {name: (builds, list(moments)) for name, (builds, moments) in found.items()}


def _newest(
    database: Database,
    builds: Mapping[str, tuple[int, list[float]]],
    counts: Mapping[str, int],
) -> Iterator[tuple[Any, ...]]:
    """Yield the failures of those moments, of as many signatures at a time as are sure to fit."""
    pairs: list[tuple[str, float]] = []
    rows = 0
    for name, (_, moments) in builds.items():
        if pairs and (len(pairs) + len(moments) > MOMENTS_MAX or rows + counts[name] > ALIKE_MAX):
            yield from _at(database, pairs)
            pairs, rows = [], 0
        pairs += [(name, at) for at in moments]
        rows += counts[name]
    if pairs:
        yield from _at(database, pairs)


def _at(database: Database, pairs: Sequence[tuple[str, float]]) -> list[tuple[Any, ...]]:
    marks = ", ".join(["(?, to_timestamp(?))"] * len(pairs))
    values = [value for pair in pairs for value in pair]
    return database.rows(NEWEST.replace("{marks}", marks), (*values, database.tenant, ALIKE_MAX))


def _related(
    database: Database, candidates: Sequence[Earlier], since: float, threshold: float
) -> dict[str, set[str]]:
    """Return the signatures that may be the same cause, by the candidate's hash."""
    related: dict[str, set[str]] = {}
    for one in candidates:
        related.setdefault(one.hash, set()).update(one.hashes)
    everything = sorted({name for names in related.values() for name in names})
    under_alias: dict[str, set[str]] = {}
    sql = "select alias, hash from aliases where tenant_id = ? and alias in ({marks})"
    for alias, name in database.rows_among(sql, everything):
        under_alias.setdefault(alias, set()).add(name)
    for names in related.values():
        names.update(*(under_alias.get(name, ()) for name in tuple(names)))
    classes: dict[tuple[str, str], Neighbours] = {}
    for one in candidates:
        if not one.token:
            continue
        key = (one.category, one.subcategory)
        if key not in classes:
            classes[key] = _neighbours(database, key, since)
        near = sorted(classes[key].near(one.token, threshold))
        related[one.hash].update(near[:SIMILAR_MAX])
    return related


def _neighbours(database: Database, key: tuple[str, str], since: float) -> Neighbours:
    neighbours = Neighbours()
    rows = database.rows(
        "select hash, token from causes where tenant_id = ? and category = ? and subcategory = ?"
        " and last_at >= to_timestamp(?) order by last_at desc limit ?",
        (database.tenant, *key, since, CAUSES_MAX),
    )
    for name, token in reversed(rows):
        neighbours.add(name, token)
    return neighbours


def _aliases(database: Database, hashes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    sql = "select hash, alias from aliases where tenant_id = ? and hash in ({marks}) order by alias"
    for name, alias in database.rows_among(sql, hashes):
        found[name] = (*found.get(name, ()), alias)
    return found


def _tokens(database: Database, hashes: Sequence[str]) -> dict[str, str]:
    sql = "select hash, token from causes where tenant_id = ? and hash in ({marks})"
    return dict(database.rows_among(sql, hashes))


def _keep(
    by_hash: dict[str, list[Earlier]],
    row: tuple[Any, ...],
    aliases: dict[str, tuple[str, ...]],
    tokens: dict[str, str],
) -> None:
    (
        failure_id, build_id, occurred_at, category, subcategory, component, file_path, name,
        status, branch, is_healed, has_passed, nodeid, cause_id,
    ) = row  # fmt: skip
    by_hash.setdefault(name, []).append(
        Earlier(
            failure_id=failure_id,
            build_id=build_id,
            timestamp=datetime.fromtimestamp(occurred_at, timezone.utc),
            category=category,
            subcategory=subcategory,
            component=component,
            file_path=file_path,
            hash=name,
            aliases=aliases.get(name, ()),
            token=tokens.get(name, ""),
            status=status,
            branch=branch,
            ended="healed" if is_healed else "passed" if has_passed else "",
            nodeid=nodeid,
            cause_id=cause_id,
        )
    )
