import sqlite3

import pytest
from tidelog import migrations
from tidelog.errors import MigrationError


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def columns(connection, table):
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def test_new_database(connection):
    assert migrations.migrate(connection) == 5
    assert columns(connection, "stations") == ["code", "name", "zone", "warn_cm", "danger_cm"]


def test_second_time_does_nothing(connection):
    migrations.migrate(connection)
    assert migrations.migrate(connection) == 0


def test_old_readings_become_good(connection):
    migrations.migrate(connection, migrations.STEPS[:2])
    connection.execute("INSERT INTO stations VALUES ('HUS', 'Husum', 'Europe/Berlin')")
    connection.execute("INSERT INTO readings VALUES ('HUS', '2030-01-01T00:00:00Z', 500)")
    connection.commit()
    assert migrations.migrate(connection) == 3
    assert connection.execute("SELECT quality FROM readings").fetchall() == [("good",)]


def test_newer_database_is_refused(connection):
    connection.execute("PRAGMA user_version = 99")
    with pytest.raises(MigrationError, match="at version 99"):
        migrations.migrate(connection)
