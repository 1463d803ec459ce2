"""The months of a shared history: S0-138, never silently deleted."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timezone

import pytest
from record_samples import content, record

from pytest_failtrack.history.partitions import attach, detach, months
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import share_records


def made(number, month):
    at = datetime(2026, month, 15, tzinfo=timezone.utc)
    data = record(nodeid=f"tests/test_a.py::test_{number}", at=at)
    return content(data), data


@pytest.fixture
def database(postgres_url):
    with closing(PostgresDatabase(postgres_url, "o/r")) as held:
        share_records(held, [made(number, number) for number in (1, 2, 12)])
        yield held


def count(database):
    return database.rows("select count(*) from records where tenant_id = ?", ("o/r",))[0][0]


def test_each_is_listed(database):
    assert [(one.name, one.is_attached) for one in months(database)] == [
        ("2026-01", True),
        ("2026-02", True),
        ("2026-12", True),
    ]


def test_a_detached_one_stays_as_a_table(database):
    assert detach(database, "2026-12") == ["2026-01", "2026-02"]

    assert count(database) == 1
    assert database.rows("select count(*) from records_y2026m01") == [(1,)]
    assert [one.is_attached for one in months(database)] == [False, False, True]
    assert detach(database, "2026-12") == []


def test_what_is_in_a_detached_one_is_not_doubled(database):
    detach(database, "2026-02")
    assert share_records(database, [made(1, 1)]) == 0
    # A late record of that month has a place once the month is back.
    attach(database, "2026-02")
    assert share_records(database, [made(7, 1)]) == 1
    assert count(database) == 4


def test_it_can_be_attached_again(database):
    detach(database, "2027-01")
    assert attach(database, "2027-01") == ["2026-01", "2026-02", "2026-12"]
    assert count(database) == 3
