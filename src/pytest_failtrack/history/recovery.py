"""How likely it is that a way to recover helps, from what was tried before (S2-92, S2-93).

The confidence of a way to recover is the mean of a Beta posterior, in two steps:

    usual       = (4 c + successes elsewhere) / (4 + attempts elsewhere)
    confidence  = (4 usual + successes) / (4 + attempts)

`c` is the confidence of the catalog's class: before anything was tried it is all that is known,
and weighs as much as four attempts. `elsewhere` is the same way tried for other errors; what was
tried for this very error and entry then rules, the more the oftener it was tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pytest_failtrack.errors import StoreError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.record.error_code import UNKNOWN

PRIOR_ATTEMPTS = 4.0
"""How many attempts the catalog's word, or the usual share, is worth."""
LEAST, MOST = 0.02, 0.98
"""Nothing that nobody has tried is impossible, or certain."""
WINDOW_DAYS = 365
"""What was tried before that says little of today."""
SUGGESTED_BY_OTHERS = 0.3
"""Stands for the catalog's confidence in a way that it does not name itself."""

_TRIED = """
select error_code, coalesce(category, ''), coalesce(catalog_entry_id, ''), recovery_mode,
       count(*), sum(case when recovery_succeeded then 1 else 0 end), avg(confidence_score)
from failure_matches
where {whose} and created_at >= to_timestamp(?) and recovery_attempted
  and recovery_mode is not null
group by 1, 2, 3, 4
order by 1, 2, 3, 4
"""
_PENDING = """
from failure_matches
left join records on records.tenant_id = ? and records.failure_id = failure_matches.id
where {whose}
  and failure_matches.recovery_mode is not null and failure_matches.recovery_mode <> 'NONE'
  and failure_matches.created_at >= to_timestamp(?)
  and (records.status is null or records.status in ('OPEN', 'INVESTIGATING'))
"""
_FIELDS = """
failure_matches.id, run_id, failure_matches.error_code, error_message,
failure_matches.catalog_entry_id, failure_matches.match_type, confidence_score,
failure_matches.category, records.subcategory, records.failure_type, failure_matches.severity,
failure_matches.is_retryable, failure_matches.recovery_mode, recovery_suggestion,
recovery_attempted, recovery_succeeded, epoch(created_at) as moment, records.cause_id,
records.nodeid
"""
# What is recovered from in one way at one place waits once, however often it came, and until its
# newest match was tried.
_ALIKE = """
failure_matches.error_code, failure_matches.recovery_mode, failure_matches.catalog_entry_id,
records.cause_id
"""
_CANDIDATE_COLUMNS = (
    *("tenant_id", "error_code", "category", "catalog_entry_id", "recovery_mode", "attempts"),
    *("successes", "confidence", "updated_at"),
)
_CANDIDATE_IN = (
    f"insert into recovery_candidates ({', '.join(_CANDIDATE_COLUMNS)})"
    " values (?, ?, ?, ?, ?, ?, ?, ?, to_timestamp(?))"
)


class Tried(NamedTuple):
    """One way to recover from one kind of error, and how often it helped."""

    error_code: str
    category: str
    catalog_entry_id: str
    recovery_mode: str
    attempts: int
    successes: int
    said: float
    """Mean confidence of the catalog, 0 to 1."""


@frozen
class Candidate:
    """A way to recover, and how likely it is to help.

    Args:
        recovery_mode: What to do.
        confidence: 0 to 1.
        attempts: How often it was tried for this error or its entry.
        successes: How often it helped.
        is_catalogs: The catalog itself suggests it.
    """

    recovery_mode: str
    confidence: float
    attempts: int
    successes: int
    is_catalogs: bool = False


@frozen
class Case:
    """One match of the history: of a record, or of an error that a program told of.

    Args:
        id: Its id, which is the record's.
        run_id: Run or build in which it came.
        error_code: Type of the exception, or code of the tool.
        error_message: What it said.
        catalog_entry_id: Entry that matched, ``.
        match_type: `exact`, `regex`, `similar` or `unknown`.
        confidence: How sure the class is.
        category: One of the seven.
        subcategory: One of the 36, `` where there is no record.
        failure_type: Row of the matrix, `` where there is no record.
        severity: How bad it is.
        is_retryable: The catalog allows another attempt.
        recovery_mode: What the catalog suggests, ``.
        recovery_suggestion: The same as a sentence.
        is_tried: Somebody tried to recover.
        is_recovered: It helped.
        created_at: When, seconds since 1970.
        cause_id: Cause of the record, ``.
        nodeid: Test or command, ``.
    """

    id: str
    run_id: str
    error_code: str
    error_message: str
    catalog_entry_id: str
    match_type: str
    confidence: float
    category: str
    subcategory: str
    failure_type: str
    severity: str
    is_retryable: bool
    recovery_mode: str
    recovery_suggestion: str
    is_tried: bool
    is_recovered: bool
    created_at: float
    cause_id: str = ""
    nodeid: str = ""


_NAMES = tuple(Case.__annotations__)
_KINDS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("confidence", "created_at"), float),
    **dict.fromkeys(("is_retryable", "is_tried", "is_recovered"), bool),
}


def posterior(prior: float, successes: float, attempts: float) -> float:
    """Return the mean of a Beta posterior whose prior weighs `PRIOR_ATTEMPTS` attempts.

    Args:
        prior: What was expected before, 0 to 1.
        successes: How often it helped.
        attempts: How often it was tried.
    """
    return (PRIOR_ATTEMPTS * prior + successes) / (PRIOR_ATTEMPTS + attempts)


def confidence_of(said: float, own: tuple[int, int], elsewhere: tuple[int, int]) -> float:
    """Return how likely a way to recover is to help.

    Args:
        said: Confidence of the catalog, 0 to 1.
        own: Successes and attempts for this error.
        elsewhere: Successes and attempts of the same way for other errors.
    """
    usual = posterior(min(max(said, LEAST), MOST), *elsewhere)
    return posterior(usual, *own)


def candidates_for(
    tried: Sequence[Tried], *, error_code: str, entry: str, mode: str, said: float
) -> list[Candidate]:
    """Return the ways to recover from an error, the likeliest first.

    Args:
        tried: What was tried, for any error.
        error_code: Code of the error.
        entry: Its catalog entry, `` for none.
        mode: What the catalog suggests, `` for nothing.
        said: How sure the catalog is, 0 to 1.
    """
    near = [one for one in tried if _is_near(one, error_code, entry)]
    modes = dict.fromkeys([mode, *(one.recovery_mode for one in near)])
    found = []
    for name in modes:
        if not name:
            continue
        own = _sums(one for one in near if one.recovery_mode == name)
        elsewhere = _sums(
            one
            for one in tried
            if one.recovery_mode == name and not _is_near(one, error_code, entry)
        )
        prior = said if name == mode else SUGGESTED_BY_OTHERS
        found.append(
            Candidate(
                name,
                round(confidence_of(prior, own, elsewhere), 4),
                own[1],
                own[0],
                is_catalogs=name == mode,
            )
        )
    return sorted(found, key=lambda one: (-one.confidence, not one.is_catalogs, one.recovery_mode))


def tried_ways(database: Database, now: datetime) -> list[Tried]:
    """Return what was tried in the last year, for which errors."""
    whose, values = _whose(database)
    after = now.timestamp() - WINDOW_DAYS * 86_400
    rows = database.rows(_TRIED.format(whose=whose), (*values, after))
    return [
        Tried(code, category, entry, mode, int(attempts), int(successes), float(said))
        for code, category, entry, mode, attempts, successes, said in rows
    ]


def refreshed(database: Database, now: datetime) -> list[Tried]:
    """Return what was tried, and bring the table `recovery_candidates` up to it.

    A role that may only read gets the answer all the same.
    """
    tried = tried_ways(database, now)
    rows = []
    for one in tried:
        own = (one.successes, one.attempts)
        total = _sums(other for other in tried if other.recovery_mode == one.recovery_mode)
        elsewhere = (total[0] - own[0], total[1] - own[1])
        sure = confidence_of(one.said, own, elsewhere)
        rows.append((database.tenant, *one[:6], round(sure, 4), now.timestamp()))
    try:
        with database.transaction():
            database.run("delete from recovery_candidates where tenant_id = ?", (database.tenant,))
            database.run_many(_CANDIDATE_IN, rows)
    except StoreError as error:
        if error.slug != "store-readonly":
            raise
    return tried


def pending(
    database: Database, *, since: datetime, limit: int
) -> tuple[int, list[tuple[Case, int]]]:
    """Return how many kinds of match wait for somebody to recover, and the newest of them.

    Those of records that are no longer open do not wait.

    Args:
        database: The history.
        since: Only matches from then on, aware.
        limit: How many kinds are returned.

    Returns:
        The number of kinds; of each of the newest its newest match, and how often it came.
    """
    whose, values = _whose(database)
    given = (database.tenant, *values, since.timestamp())
    from_ = _PENDING.format(whose=whose)
    alike = (
        f"(select {_FIELDS}, sum(case when recovery_attempted then 0 else 1 end)"
        f" over (partition by {_ALIKE}) as times,"
        f" row_number() over (partition by {_ALIKE}"
        f" order by created_at desc, failure_matches.id) as place {from_}) as alike"
        " where place = 1 and not recovery_attempted"
    )
    ((number,),) = database.rows(f"select count(*) from {alike}", given)
    rows = database.rows(f"select * from {alike} order by moment desc, id limit ?", (*given, limit))
    return int(number), [(_case(row[:-2]), int(row[-2])) for row in rows]


def case_named(database: Database, word: str) -> Case | None:
    """Return the match that an id names, or the newest of the cause that it names; else None.

    Args:
        database: The history.
        word: A whole id, or the 12 digits of a cause.
    """
    from_ = (
        "from failure_matches left join records on records.tenant_id = ?"
        " and records.failure_id = failure_matches.id"
    )
    whose, values = _whose(database)
    if len(word) == 36:
        condition = "failure_matches.id = ?"
    else:
        condition = "records.tenant_id = ? and records.cause_id = ?"
        values = (*values, database.tenant)
    rows = database.rows(
        f"select {_FIELDS} {from_} where {whose} and {condition}"
        " order by created_at desc, failure_matches.id limit 1",
        (database.tenant, *values, word),
    )
    return _case(rows[0]) if rows else None


def _whose(database: Database) -> tuple[str, tuple[Any, ...]]:
    """Return the condition on the rows of `failure_matches`: a local index holds ours alone."""
    if not database.tenant:
        return "1 = 1", ()
    return "failure_matches.tenant_id = ?", (database.tenant,)


def _is_near(one: Tried, error_code: str, entry: str) -> bool:
    """Whether it was tried for the same error: the same entry, or the same code."""
    is_code = error_code not in ("", UNKNOWN) and one.error_code == error_code
    return is_code or (bool(entry) and one.catalog_entry_id == entry)


def _sums(tried: Iterable[Tried]) -> tuple[int, int]:
    held = list(tried)
    return sum(one.successes for one in held), sum(one.attempts for one in held)


def _case(row: Sequence[Any]) -> Case:
    named = dict(zip(_NAMES, row, strict=True))
    return Case(**{name: _KINDS.get(name, _text)(value) for name, value in named.items()})


def _text(value: object) -> str:
    return "" if value is None else str(value)
