"""A shared history that does not answer is waited for once a run, however much there is to say."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from project import Outcome, Project
from test_repeats import resolve_all

from unsteady import CUT_BEFORE, door_to

psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
from pytest_failtrack.history.postgres import CONNECT_TIMEOUT_SECONDS  # noqa: E402

TESTS = 20
ENDED = f"""
    import pytest

    @pytest.mark.parametrize("number", range({TESTS}))
    def test_ended(number):
        raise KeyError("customer_id")
"""


@pytest.fixture
def ended(plain_project: Project) -> Project:
    """A project with 20 records that are RESOLVED, and recur."""
    plain_project.write("test_ended.py", ENDED)
    first = plain_project.pytest(env={"FAILTRACK_BUILD": "1"})
    assert len(first.records) == TESTS
    resolve_all(plain_project)
    return plain_project


def environ(build: int, url: str) -> dict[str, str]:
    return {
        "FAILTRACK_BUILD": str(build),
        "FAILTRACK_HISTORY": url,
        "FAILTRACK_REPOSITORY": "shop",
    }


def statuses(run: Outcome, build: int) -> Counter[str]:
    return Counter(one["status"] for one in run.records if one["build_id"] == str(build))


def statuses_in(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        sql = "select status, count(*) from records where build_id = '1' group by 1"
        return dict(connection.execute(sql).fetchall())


def test_records_that_recur_wait_once(ended: Project) -> None:
    """A server that drops packets: what is asked of it gets no answer at all."""
    with door_to(None) as door:
        began = time.monotonic()
        run = ended.pytest(env=environ(2, door.url))
        seconds = time.monotonic() - began

    assert run.exit_status == 1
    assert door.connections == 1
    assert seconds < 3 * CONNECT_TIMEOUT_SECONDS
    assert len(run.records) == 2 * TESTS
    assert " ".join(run.text.split()).count("cannot be used") == 1, run.text
    assert "not reopened" not in run.text


def test_they_are_open_again_here_and_then_there(ended: Project, postgres_url: str) -> None:
    """What the digest says is so; the shared history hears of it when it answers again."""
    ended.failtrack("ingest", "governance/events", env=environ(1, postgres_url))
    assert statuses_in(postgres_url) == {"RESOLVED": TESTS}

    with door_to(None) as door:
        run = ended.pytest(env=environ(2, door.url))
    assert statuses_in(postgres_url) == {"RESOLVED": TESTS}
    again = ended.failtrack("ingest", "governance/events", env=environ(2, postgres_url))

    assert "was RESOLVED -> OPEN" in run.text
    assert len(run.runs[-1]["reopened"]) == TESTS
    assert statuses(run, 1) == {"OPEN": TESTS}
    assert (again.exit_status, again.stderr) == (0, "")
    assert statuses_in(postgres_url) == {"OPEN": TESTS}


def test_one_that_goes_away_while_they_are_reopened(ended: Project, postgres_url: str) -> None:
    """Nothing is half-written there, nothing is done twice, and it is told once."""
    ended.failtrack("ingest", "governance/events", env=environ(1, postgres_url))

    with door_to(postgres_url) as door:
        door.at("for update", CUT_BEFORE)
        run = ended.pytest(env=environ(2, door.url))
        assert door.is_reached
    assert statuses_in(postgres_url) == {"RESOLVED": TESTS}
    again = ended.failtrack("ingest", "governance/events", env=environ(2, postgres_url))

    assert statuses(run, 1) == {"OPEN": TESTS}, run.text
    told = " ".join(run.text.split())
    assert told.count("cannot be used: the connection was lost") == 1, run.text
    assert told.count("cannot be used") == 1
    assert (again.exit_status, again.stderr) == (0, "")
    assert statuses_in(postgres_url) == {"OPEN": TESTS}
    with psycopg.connect(postgres_url) as connection:
        events = connection.execute("select count(*) from changes").fetchall()
    assert events == [(TESTS,)]
