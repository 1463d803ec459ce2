"""One text for each statement, in PostgreSQL's words, and how SQLite says the same.

Values stand as `?`. Times are given as seconds since 1970 and read as such, so that nobody but
this file knows how a database keeps them: `to_timestamp(?)` takes one in, `epoch(x)` gives one out,
`day(x)`, `week(x)` (its Monday) and `month(x)` give the start of each in UTC as `2026-11-30`.
`distinct_texts(x)` is `count(distinct x)`: PostgreSQL sorts for it, and by bytes in half the time.
`median(x)` is the middle of the values that are not null, or the mean of the two in the middle;
sqlite.py brings it.
"""

from __future__ import annotations

import re
from functools import lru_cache

# `f(x)` where x may hold one more pair of parentheses.
_ARGUMENT = r"\(((?:[^()]|\([^()]*\))*)\)"
_SQLITE = {
    "to_timestamp": r"\1",
    "epoch": r"\1",
    "day": r"date(\1, 'unixepoch')",
    "week": r"date(\1, 'unixepoch', 'weekday 0', '-6 days')",
    "month": r"date(\1, 'unixepoch', 'start of month')",
    "distinct_texts": r"count(distinct \1)",
    "gen_random_uuid": (
        "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||"
        " substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) ||"
        " substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))"
    ),
    "now": r"((julianday('now') - 2440587.5) * 86400.0)",
}
_POSTGRES = {
    "distinct_texts": r'count(distinct (\1) collate "C")',
    "median": r"percentile_cont(0.5) within group (order by \1)",
    "epoch": r"date_part('epoch', \1)",  # `extract` would make a decimal number of it first
    "day": r"to_char(\1 at time zone 'UTC', 'YYYY-MM-DD')",
    "week": r"to_char(date_trunc('week', \1 at time zone 'UTC'), 'YYYY-MM-DD')",
    "month": r"to_char(date_trunc('month', \1 at time zone 'UTC'), 'YYYY-MM-DD')",
}
_TAG = re.compile(r"--\s*(sqlite|postgresql)\s*$")


@lru_cache(maxsize=256)
def sqlite_text(sql: str) -> str:
    """Return a statement in the words of SQLite."""
    return _translated(sql, _SQLITE)


@lru_cache(maxsize=256)
def postgres_text(sql: str) -> str:
    """Return a statement as psycopg takes it."""
    return _translated(sql, _POSTGRES).replace("%", "%%").replace("?", "%s")


def statements(text: str, dialect: str) -> list[str]:
    """Return the statements of a file, in the words of a dialect.

    Args:
        text: Commented SQL; lines that end with the name of another dialect are left out.
        dialect: `sqlite` or `postgresql`.
    """
    lines = []
    for line in text.splitlines():
        tag = _TAG.search(line)
        if tag is None or tag[1] == dialect:
            lines.append(line.partition("--")[0].rstrip())
    said = [one.strip() for one in "\n".join(lines).split(";")]
    table = _SQLITE if dialect == "sqlite" else _POSTGRES
    return [_translated(one, table) for one in said if one]


def _translated(sql: str, table: dict[str, str]) -> str:
    for name, text in table.items():
        if name + "(" in sql:
            sql = re.sub(rf"\b{name}{_ARGUMENT}", text, sql)
    return sql
