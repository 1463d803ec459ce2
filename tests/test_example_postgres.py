"""examples/postgres: the roles and grants of an organization, on a real server."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "record"))
EXAMPLE = ROOT / "examples" / "postgres"
psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")


@pytest.fixture
def server(postgres_server, worker_name):
    """Yield how to log in to a new database that has the roles of the example."""
    from postgres import create_database

    url = create_database(postgres_server, f"example_{worker_name}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((EXAMPLE / "roles.sql").read_text(encoding="utf-8"))
    yield lambda role: url.replace("postgres:@", f"{role}@")
    names = [
        *("failtrack_people", "failtrack_ci", "failtrack_migrate"),
        *("failtrack_writer", "failtrack_reader", "failtrack_owner"),
    ]
    with psycopg.connect(url, autocommit=True) as connection:
        for name in names:
            connection.execute(f"drop owned by {name} cascade")
            connection.execute(f"drop role {name}")


def test_each_role_may_do_its_work_and_no_more(server):
    from record_samples import content, record

    from pytest_failtrack.errors import StoreError
    from pytest_failtrack.history.migrations.migrate import migrate
    from pytest_failtrack.history.postgres import PostgresDatabase
    from pytest_failtrack.history.shared import share_records

    migrate(server("failtrack_migrate"))
    made = record()
    with closing(PostgresDatabase(server("failtrack_ci"), "example/shop")) as job:
        # The month's partition is made by the owner's function.
        assert share_records(job, [(content(made), made)]) == 1
        for forbidden in ("delete from records", "drop table records", "truncate records"):
            with pytest.raises(StoreError, match="the role may not do that"):
                job.run(forbidden)
    with closing(PostgresDatabase(server("failtrack_people"), "example/shop")) as person:
        assert person.rows("select count(*) from records") == [(1,)]
        with pytest.raises(StoreError, match=r"read-only|may not"):
            person.run("update records set owner = 'me'")


def test_its_configuration_holds():
    from pytest_failtrack.config import load

    settings = load(root=EXAMPLE, environ={})
    assert settings.is_shared
    assert settings.repository == "example/shop"
