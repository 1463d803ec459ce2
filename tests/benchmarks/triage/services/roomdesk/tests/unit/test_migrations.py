import sqlite3

import pytest
from roomdesk import migrations


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


def test_all_steps(connection):
    assert migrations.migrate(connection) == 5
    assert migrations.version(connection) == 5


def test_second_time_does_nothing(connection):
    migrations.migrate(connection)
    assert migrations.migrate(connection) == 0


def test_old_database_keeps_its_rows(connection):
    migrations.migrate(connection, migrations.STEPS[:2])
    connection.execute("INSERT INTO rooms VALUES ('red', 4, 500)")
    connection.execute("INSERT INTO bookings VALUES (1, 'red', 'ann', 'a', 'b')")
    migrations.migrate(connection)
    assert connection.execute("SELECT state FROM bookings").fetchall() == [("held",)]
