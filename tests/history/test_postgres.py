"""PostgreSQL: the shared history, its migrations and what is said when it cannot be used.

`FAILTRACK_KILLS=100 pytest tests/history/test_postgres.py -k kill -s` kills more often and prints
figures; `FAILTRACK_KILL_SEED` repeats the moments of an earlier run, as far as the machine allows.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timezone

import psycopg
import pytest
from record_samples import NOW, content, record, run_document

from postgres import create_database
from pytest_failtrack.errors import StoreError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import postgres
from pytest_failtrack.history.database import open_database, schema_text
from pytest_failtrack.history.dialect import statements
from pytest_failtrack.history.kept import kept_open, let_go, open_shared
from pytest_failtrack.history.migrations.migrate import current, migrate
from pytest_failtrack.history.postgres import REVISION, PostgresDatabase, shown
from pytest_failtrack.history.shared import (
    documents_of,
    missing_records,
    missing_runs,
    share_lives,
    share_records,
    share_runs,
)
from pytest_failtrack.history.store import History
from pytest_failtrack.record.change import make_change

KILLS = int(os.environ.get("FAILTRACK_KILLS", "4"))
SEED = int(os.environ.get("FAILTRACK_KILL_SEED", random.SystemRandom().randrange(1 << 32)))
TABLES = """
select table_name, column_name, data_type, column_default, is_nullable
from information_schema.columns where table_schema = 'public' order by 1, ordinal_position
"""
INDEXES = "select indexdef from pg_indexes where schemaname = 'public' order by 1"
FUNCTIONS = """
select proname, prosrc, prosecdef from pg_proc
join pg_namespace on pronamespace = pg_namespace.oid where nspname = 'public' order by 1
"""


@pytest.fixture
def database(postgres_url):
    with closing(PostgresDatabase(postgres_url, "o/r")) as held:
        yield held


def made(number, **changes):
    data = record(nodeid=f"tests/test_a.py::test_{number}", **changes)
    return content(data), data


def count(database, table="records"):
    return database.rows(f"select count(*) from {table}")[0][0]


class TestMigrate:
    def test_makes_what_the_schema_says(self, postgres_server, postgres_url, worker_name):
        """The revisions and `schema.sql` are two ways to one history."""
        other = create_database(postgres_server, f"schema_{worker_name}")
        with psycopg.connect(other, autocommit=True) as connection:
            for one in statements(schema_text(), "postgresql"):
                connection.execute(one)
            expected = [connection.execute(one).fetchall() for one in (TABLES, INDEXES)]
        with psycopg.connect(postgres_url) as connection:
            found = [connection.execute(one).fetchall() for one in (TABLES, INDEXES)]
        assert [one for one in found[0] if one[0] != "alembic_version"] == expected[0]
        assert [one for one in found[1] if "alembic" not in one[0]] == expected[1]

    def test_again_changes_nothing(self, postgres_url):
        again = migrate(postgres_url)
        assert (again.before, again.after) == (REVISION, REVISION)
        assert current(postgres_url) == REVISION

    def test_of_a_newer_history_is_refused(self, postgres_url):
        with psycopg.connect(postgres_url) as connection:
            connection.execute("update alembic_version set version_num = '9999'")
        with pytest.raises(StoreError, match="has revision 9999 and this failtrack knows"):
            migrate(postgres_url)
        with pytest.raises(StoreError, match="install a newer pytest-failtrack"):
            open_database(postgres_url, "o/r")

    def test_that_was_never_done_is_asked_for(self, postgres_server, worker_name):
        url = create_database(postgres_server, f"empty_{worker_name}")
        assert current(url) == ""
        with pytest.raises(StoreError, match="failtrack history migrate"):
            open_database(url, "o/r")

    def test_at_once_is_done_once(self, postgres_server, worker_name):
        url = create_database(postgres_server, f"twice_{worker_name}")
        script = (
            "import sys; from pytest_failtrack.history.migrations.migrate import migrate;"
            "migrate(sys.argv[1])"
        )
        started = [subprocess.Popen([sys.executable, "-c", script, url]) for _ in range(3)]
        assert [one.wait(60) for one in started] == [0, 0, 0]
        assert current(url) == REVISION

    def test_that_is_killed_leaves_all_or_nothing(self, postgres_server, worker_name):
        """Issue 5: kill tests at random moments of migration."""
        script = (
            "import sys; from pytest_failtrack.history.migrations.migrate import migrate;"
            "print(1, flush=True); migrate(sys.argv[1]); print(2, flush=True)"
        )
        rng = random.Random(SEED)
        seconds = 0.0
        ends = Counter()
        for number in range(KILLS + 1):
            url = create_database(postgres_server, f"killed_{worker_name}")
            with subprocess.Popen(
                [sys.executable, "-c", script, url], stdout=subprocess.PIPE
            ) as started:
                started.stdout.readline()
                begun = time.monotonic()
                if not number:  # how long it takes when nobody kills it
                    started.stdout.readline()
                    seconds = time.monotonic() - begun
                time.sleep(rng.uniform(0, seconds))
                ends["in time"] += started.poll() is None
                started.send_signal(signal.SIGKILL)
            revision = current(url)
            ends[revision or "nothing"] += 1
            assert revision in ("", REVISION), f"FAILTRACK_KILL_SEED={SEED}"
            assert migrate(url).after == REVISION
        print(f"kills {KILLS + 1}: {dict(ends)}; a migration takes {seconds:.2f} s; seed {SEED}")


class TestSharing:
    def test_gives_back_the_bytes(self, database):
        """C-11: the database holds the whole record."""
        records = [made(number) for number in range(5)]
        assert share_records(database, records) == 5
        found = documents_of(database, [data["failure_id"] for _, data in records])
        assert found == {data["failure_id"]: text for text, data in records}

    def test_twice_adds_once(self, database):
        records = [made(number) for number in range(3)]
        assert share_records(database, records) == 3
        assert share_records(database, [*records, made(3)]) == 1
        for table in ("records", "documents", "failure_matches", "record_keys"):
            assert count(database, table) == 4

    def test_by_two_roads_with_two_times_adds_once(self, database):
        """C-27: the same failure by two roads changes nothing."""
        first, later = made(1, at=NOW), made(1, at=datetime(2026, 3, 1, tzinfo=timezone.utc))
        assert first[1]["failure_id"] == later[1]["failure_id"]
        share_records(database, [first])
        assert share_records(database, [later]) == 0
        assert count(database) == 1

    def test_of_a_batch_that_names_one_twice(self, database):
        assert share_records(database, [made(1), made(1)]) == 1

    def test_of_two_repositories_are_apart(self, database, postgres_url):
        """C-27: one tenant a repository."""
        share_records(database, [made(1)])
        with closing(PostgresDatabase(postgres_url, "other/one")) as other:
            name = made(1)[1]["failure_id"]
            assert missing_records(other, [name]) == [name]
            share_records(other, [made(1)])
            assert missing_records(other, [name]) == []
            assert count(other) == 2

    def test_of_runs(self, database):
        document = run_document(outcomes={"tests/test_a.py::test_1": "passed"})
        run = ("95.00000000.json", b"{}", document)
        assert share_runs(database, [run]) == 1
        assert share_runs(database, [run]) == 0
        assert missing_runs(database, ["95.00000000.json", "x.json"]) == ["x.json"]
        assert count(database, "passes") == 1

    def test_in_many_months_has_a_partition_each(self, database):
        """S0-138: partitions by month, never deleted."""
        times = [datetime(2026, month, 28, 23, 59, tzinfo=timezone.utc) for month in (1, 2, 12)]
        share_records(database, [made(at, at=when) for at, when in enumerate(times)])
        names = database.rows(
            "select relname from pg_class join pg_inherits on oid = inhrelid"
            " where inhparent = 'records'::regclass order by 1"
        )
        assert names == [("records_y2026m01",), ("records_y2026m02",), ("records_y2026m12",)]

    def test_of_a_time_that_cannot_be_is_refused(self, database):
        with pytest.raises(StoreError, match="set the clock of that machine"):
            share_records(database, [made(1, at=datetime(1970, 1, 2, tzinfo=timezone.utc))])
        assert count(database) == 0

    def test_of_hostile_text(self, database):
        data = made(1)[1]
        data["failure_description"]["error_message"] = "a\tb\\.\\N \u2028 \U0001f600 'x\" %s ?"
        data["test"]["nodeid"] = "tests/\\N::test[\t]"
        text = content(data)
        share_records(database, [(text, data)])
        assert documents_of(database, [data["failure_id"]]) == {data["failure_id"]: text}
        assert database.rows("select nodeid from records") == [(data["test"]["nodeid"],)]

    def test_of_text_that_postgresql_refuses(self, database):
        """It has no NUL: columns say it as records do, and documents are what they were."""
        data = made(1)[1]
        data["test"]["nodeid"] = "t.py::test[\0]"
        data["failure_description"]["error_message"] = "a\0b"
        data["signature"]["token"] = "E: \0"
        data["environment"]["branch"] = "x\0"
        text = content(data)
        name = data["failure_id"]
        event = make_change(name, action="assign", by="ada", at=NOW, after={"x\0": "y\0"})
        event = replaced(event, by="a\0da")
        run = run_document(outcomes={"t.py::test[\0]": "passed"}, build_id="9\0")

        assert share_lives(database, [(text, data, [event]), (*made(2), ())]) == 2
        assert share_runs(database, [("95.00000000.json", b"{}", run)]) == 1

        assert documents_of(database, [name]) == {name: text}
        told = "select nodeid, branch from records where nodeid = ?"
        shown = r"t.py::test[\x00]"
        assert database.rows(told, ("t.py::test[\0]",)) == [(shown, r"x\x00")]
        assert database.rows("select nodeid from passes") == [(shown,)]
        assert database.rows("select token from causes where token like 'E%'") == [(r"E: \x00",)]
        matched = "select error_message, context from failure_matches where id = ?"
        ((message, context),) = database.rows(matched, (name,))
        assert message == r"a\x00b"
        assert json.loads(context)["nodeid"] == shown
        ((document, actor),) = database.rows("select document, actor from changes")
        assert json.loads(document)["to"] == {"x\0": "y\0"}
        assert actor == r"a\x00da"


def share_some(url: str, start: int, number: int) -> None:
    records = [made(one) for one in range(start, start + number)]
    with closing(PostgresDatabase(url, "o/r")) as held:
        for at in range(0, len(records), 25):
            share_records(held, records[at : at + 25])


def test_many_writers_lose_and_double_nothing(postgres_url, database):
    """Jobs of a matrix that overlap; each record is of a cause that the others write too."""
    context = multiprocessing.get_context("spawn")
    started = [
        context.Process(target=share_some, args=(postgres_url, 50 * one, 150)) for one in range(6)
    ]
    for one in started:
        one.start()
    for one in started:
        one.join(120)
    assert [one.exitcode for one in started] == [0] * 6
    assert count(database) == count(database, "documents") == count(database, "record_keys") == 400


def test_a_killed_writer_leaves_whole_batches(postgres_url, database):
    """Issue 5: kill tests at random moments of ingest."""
    rng = random.Random(SEED)
    context = multiprocessing.get_context("spawn")
    held = []
    for _ in range(KILLS):
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("truncate records, documents, record_keys, failure_matches, causes")
        writer = context.Process(target=share_some, args=(postgres_url, 0, 400))
        writer.start()
        until = time.monotonic() + 30
        at = rng.randrange(400)
        while count(database) < at and writer.is_alive() and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.02))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join(30)
        # What the server got whole before it heard of the kill, it still does.
        database.rows(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and application_name = 'failtrack'"
        )
        held.append(count(database))
        for table in ("documents", "record_keys", "failure_matches"):
            assert count(database, table) == held[-1], f"FAILTRACK_KILL_SEED={SEED}"
        assert held[-1] % 25 == 0, f"FAILTRACK_KILL_SEED={SEED}"
    share_some(postgres_url, 0, 400)
    assert count(database) == 400
    whole = sum(one == 400 for one in held)
    print(f"kills {KILLS}: {whole} too late, {held.count(0)} before the first; seed {SEED}")


class TestTrouble:
    @pytest.fixture
    def evidence_dir(self, tmp_path):
        from pytest_failtrack.history.evidence import write_record

        folder = tmp_path / "events" / "failures"
        text, data = made(1)
        write_record(folder, text, data["failure_id"])
        return folder

    def asked(self, url, tmp_path, evidence_dir):
        with History(tmp_path / "index.sqlite", shared=url, tenant="o/r") as history:
            history.sync(evidence_dir)
            return history.count(), history.problems

    def test_a_server_that_is_down_is_told_once(self, tmp_path, evidence_dir):
        url = "postgresql://ada@127.0.0.1:9/history"
        number, problems = self.asked(url, tmp_path, evidence_dir)
        assert number == 1
        (problem,) = problems
        assert "the local evidence was asked instead" in problem
        assert "`failtrack ingest` sends what is missing" in problem

    def test_a_password_is_never_printed(self, tmp_path, evidence_dir):
        url = "postgresql://ada:s3cret@127.0.0.1:9/history?password=s3cret"
        _, (problem,) = self.asked(url, tmp_path, evidence_dir)
        assert "s3cret" not in problem
        assert shown(url) == "postgresql://ada:***@127.0.0.1:9/history?password=***"

    def test_a_history_without_tables(self, postgres_server, worker_name, tmp_path, evidence_dir):
        url = create_database(postgres_server, f"bare_{worker_name}")
        number, (problem,) = self.asked(url, tmp_path, evidence_dir)
        assert number == 1
        assert "run `failtrack history migrate`" in problem

    def test_a_role_that_may_only_read(self, postgres_url, tmp_path, evidence_dir):
        with psycopg.connect(postgres_url) as connection:
            name = connection.info.dbname
            connection.execute(f"alter database {name} set default_transaction_read_only = on")
        with History(tmp_path / "index.sqlite", shared=postgres_url, tenant="o/r") as history:
            history.sync(evidence_dir)
            history.add([made(1)[1]])
            (problem,) = history.problems
        assert "it is read-only" in problem

    def test_a_slow_answer_is_not_waited_for(self, postgres_url, tmp_path):
        url = f"{postgres_url}&options=-c%20statement_timeout%3D100"
        with (
            closing(PostgresDatabase(url, "o/r")) as slow,
            pytest.raises(StoreError, match="took longer"),
        ):
            slow.rows("select pg_sleep(5)")


class TestKeptOpen:
    """A run, or a command, connects once."""

    def test_is_one_connection_until_the_block_ends(self, postgres_url):
        with kept_open():
            with closing(open_shared(postgres_url, "o/r")) as one:
                pass
            with kept_open(), closing(open_shared(postgres_url, "o/r")) as other:
                assert other is one
            assert count(open_shared(postgres_url, "o/r")) == 0
            assert open_shared(postgres_url, "other/one") is not one
        with pytest.raises(StoreError, match="connection is closed"):
            one.rows("select 1")

    def test_is_another_one_without_a_block(self, postgres_url):
        with (
            closing(open_shared(postgres_url, "o/r")) as one,
            closing(open_shared(postgres_url, "o/r")) as other,
        ):
            assert other is not one

    def test_that_was_cut_is_made_again(self, postgres_url, database):
        with kept_open():
            one = open_shared(postgres_url, "o/r")
            ((pid,),) = one.rows("select pg_backend_pid()")
            database.rows("select pg_terminate_backend(?)", (pid,))
            assert count(open_shared(postgres_url, "o/r")) == 0

    def test_is_of_one_thread(self, postgres_url):
        found = []

        def ask():
            with closing(open_shared(postgres_url, "o/r")) as held:
                found.append(held)

        with kept_open():
            one = open_shared(postgres_url, "o/r")
            thread = threading.Thread(target=ask)
            thread.start()
            thread.join(30)
            assert found[0] is not one
            assert count(one) == 0

    def test_can_be_let_go_in_between(self, postgres_url, database):
        """A command that waits for another one for hours holds no connection meanwhile."""
        with kept_open():
            one = open_shared(postgres_url, "o/r")
            let_go()
            with pytest.raises(StoreError):
                one.rows("select 1")
            assert count(open_shared(postgres_url, "o/r")) == 0


class TestTooManyConnections:
    @pytest.fixture
    def crowded(self, postgres_url, worker_name):
        """The URL of a history to which two may connect at once."""
        role = f"few_{worker_name}"
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"create role {role} login connection limit 2")
            connection.execute(f"grant select on all tables in schema public to {role}")
            yield postgres_url.replace("//postgres:@", f"//{role}@")
            connection.execute(f"drop owned by {role}")
            connection.execute(f"drop role {role}")

    def test_wait_for_one_another(self, crowded):
        """A matrix of jobs against a small server: nobody gives up because others are there."""

        def ask(_):
            with closing(open_database(crowded, "o/r")) as held:
                time.sleep(0.05)
                return count(held)

        with ThreadPoolExecutor(12) as pool:
            assert list(pool.map(ask, range(12))) == [0] * 12

    def test_do_not_wait_for_ever(self, crowded, monkeypatch):
        monkeypatch.setattr(postgres, "LOCK_TIMEOUT_SECONDS", 0.3)
        held = [open_database(crowded, "o/r") for _ in range(2)]
        with pytest.raises(StoreError, match="it has too many connections"):
            open_database(crowded, "o/r")
        for one in held:
            one.close()
