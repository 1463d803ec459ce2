"""History: a local index that says what the evidence says, whatever happens to it."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from record_samples import NOW, content, days_ago, earlier, record, run_document, with_status
from shared_history import SharedHistory

from inner import HANGS_AFTER_SECONDS
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history import sqlite as sqlite_module
from pytest_failtrack.history import store as store_module
from pytest_failtrack.history.database import SCHEMA_VERSION
from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.run_file import write_run
from pytest_failtrack.history.sqlite import SqliteDatabase
from pytest_failtrack.history.store import History
from pytest_failtrack.record.repeat import find_repetition

SINCE = NOW - timedelta(days=90)
# The sample observation's own signature.
HASH = record()["signature"]["hash"]


@pytest.fixture
def evidence_dir(tmp_path):
    return tmp_path / "events" / "failures"


@pytest.fixture
def index(tmp_path):
    return tmp_path / ".failtrack" / "history.sqlite"


@pytest.fixture
def engine():
    return "sqlite"


@pytest.fixture
def history(index, engine, request):
    if engine == "sqlite":
        made = History(index)
    else:
        made = SharedHistory(index, shared=request.getfixturevalue("postgres_url"), tenant="o/r")
    with made as held:
        yield held


on_both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"])


def put(directory, made):
    write_record(directory, content(made), made["failure_id"])
    return made


def candidate(**changes):
    values = {"failure_id": "", "build_id": "100", "timestamp": NOW, "hash": HASH}
    return earlier(**values | changes)


def asked(history, **changes):
    one = candidate(**changes)
    return history.earlier_for([one], since=SINCE)[one.hash]


def age(directory):
    """Make a folder look as if nothing had changed in it for a while."""
    moment = time.time() - 60
    os.utime(directory, (moment, moment))


class TestSync:
    def test_of_nothing_is_no_history(self, history, evidence_dir):
        """C-34: FIRST."""
        history.sync(evidence_dir)

        assert not history.has_any()
        assert (history.count(), history.problems) == (0, ())

    def test_finds_new_records(self, history, evidence_dir):
        put(evidence_dir, record())
        history.sync(evidence_dir)
        put(evidence_dir, record(nodeid="other"))

        history.sync(evidence_dir)

        assert history.count() == 2

    def test_sees_edits_and_forgets_what_is_gone(self, history, evidence_dir):
        """C-11: the evidence files are the truth."""
        made = put(evidence_dir, record())
        history.sync(evidence_dir)
        path = evidence_dir / f"{made['failure_id']}.json"

        path.write_bytes(content(with_status(made, "RESOLVED")))
        history.sync(evidence_dir)
        assert history.open_records() == ()

        path.unlink()
        history.sync(evidence_dir)
        assert history.count() == 0

    def test_reads_nothing_when_nothing_changed(self, history, evidence_dir, monkeypatch):
        put(evidence_dir, record())
        write_run(evidence_dir.parent / "runs", run_document())
        age(evidence_dir)
        age(evidence_dir.parent / "runs")
        history.sync(evidence_dir)
        monkeypatch.setattr(os, "scandir", None)

        history.sync(evidence_dir)

    def test_does_not_trust_a_folder_that_changed_a_moment_ago(self, history, evidence_dir):
        """A change in the same tick of the file system's clock would be missed for ever."""
        put(evidence_dir, record())
        history.sync(evidence_dir)
        before = os.stat(evidence_dir)
        put(evidence_dir, record(nodeid="other"))
        os.utime(evidence_dir, ns=(before.st_atime_ns, before.st_mtime_ns))

        history.sync(evidence_dir)

        assert history.count() == 2

    def test_removes_what_killed_writers_left_behind(self, history, evidence_dir):
        made = put(evidence_dir, record())
        leftover = evidence_dir / f".{made['failure_id']}.json.0123.tmp"
        leftover.write_bytes(b"half")
        os.utime(leftover, (0, 0))

        history.sync(evidence_dir)

        assert not leftover.exists()
        assert history.count() == 1

    def test_names_files_that_cannot_be_used_until_they_are_mended(self, history, evidence_dir):
        made = put(evidence_dir, record())
        path = evidence_dir / f"{made['failure_id']}.json"
        path.write_bytes(path.read_bytes()[:100])

        history.sync(evidence_dir)
        age(evidence_dir)
        history.sync(evidence_dir)

        assert len(history.problems) == 1
        assert "is truncated" in history.problems[0]
        assert history.count() == 0

        path.write_bytes(content(made))
        history.sync(evidence_dir)
        os.utime(evidence_dir)
        history.sync(evidence_dir)
        assert history.problems == ()
        assert history.count() == 1

    def test_names_few_of_many_files_that_cannot_be_used(self, history, evidence_dir):
        evidence_dir.mkdir(parents=True)
        for i in range(10):
            (evidence_dir / f"{i}.json").write_bytes(b"{")

        history.sync(evidence_dir)

        assert len(history.problems) == 4
        assert history.problems[-1] == "7 more files of the evidence cannot be used"

    def test_of_another_folder_takes_its_place(self, history, evidence_dir, tmp_path):
        put(evidence_dir, record())
        put(tmp_path / "other" / "failures", record(nodeid="other"))
        history.sync(evidence_dir)

        history.sync(tmp_path / "other" / "failures")

        assert history.count() == 1

    def test_of_a_folder_that_cannot_be_listed_says_so(self, history, tmp_path):
        (tmp_path / "file").write_text("")

        with pytest.raises(EvidenceError, match="cannot list"):
            history.sync(tmp_path / "file")

    def test_is_kept_from_run_to_run(self, index, evidence_dir):
        put(evidence_dir, record())
        with History(index) as held:
            held.sync(evidence_dir)

        with History(index) as held:
            assert held.count() == 1

    def test_added_records_are_not_read_again(self, history, evidence_dir, monkeypatch):
        history.sync(evidence_dir)
        made = put(evidence_dir, record())

        history.add([made])

        monkeypatch.setattr("pytest_failtrack.history.scan.read_bytes", None)
        history.sync(evidence_dir)
        assert history.count() == 1

    def test_added_records_without_a_file_are_left_out(self, history, evidence_dir):
        """C-11: the index says what the evidence says."""
        history.sync(evidence_dir)

        history.add([record()])

        assert history.count() == 0


@on_both_engines
class TestHasAny:
    def test_another_build_is_history(self, history, evidence_dir):
        put(evidence_dir, record(build="90"))
        history.sync(evidence_dir)

        assert history.has_any(other_than="100")

    def test_its_own_build_is_none(self, history, evidence_dir):
        put(evidence_dir, record(build="100"))
        history.sync(evidence_dir)

        assert not history.has_any(other_than="100")

    def test_a_green_run_is_history(self, history, evidence_dir):
        """C-34: after green runs the first failure is NEW, not FIRST."""
        write_run(evidence_dir.parent / "runs", run_document(build_id="90"))
        history.sync(evidence_dir)

        assert history.has_any(other_than="100")


@on_both_engines
class TestEarlierFailures:
    def test_are_found_by_signature(self, history, evidence_dir):
        made = put(evidence_dir, record(build="90", at=days_ago(10)))
        put(evidence_dir, record(build="91", nodeid="other", hash_="0" * 12, exceptions=()))
        history.sync(evidence_dir)

        (one,) = asked(history, token="")

        assert one.failure_id == made["failure_id"]
        assert (one.build_id, one.timestamp) == ("90", days_ago(10))
        assert (one.category, one.subcategory) == ("INTEGRATION", "INTEGRATION_DATA_MISMATCH")
        assert (one.file_path, one.branch, one.status) == ("src/shop/orders.py", "main", "OPEN")
        assert one.token == made["signature"]["token"]

    def test_are_found_by_alias_on_either_side(self, history, evidence_dir):
        """C-6"""
        made = record(build="90", hash_="a" * 12)
        made["signature"]["aliases"] = ["b" * 12]
        put(evidence_dir, made)
        history.sync(evidence_dir)

        assert [one.hash for one in asked(history, hash="b" * 12, token="")] == ["a" * 12]
        assert [one.hash for one in asked(history, aliases=("a" * 12,), token="")] == ["a" * 12]
        assert asked(history, token="") == []

    def test_are_found_by_similar_token(self, history, evidence_dir):
        """S0-121"""
        put(evidence_dir, record(build="90", at=days_ago(10), hash_="a" * 12))
        history.sync(evidence_dir)

        token = record()["signature"]["token"]
        assert [one.hash for one in asked(history, hash="c" * 12, token=token)] == ["a" * 12]
        assert asked(history, hash="c" * 12, token="KeyError: other") == []

    def test_of_one_build_come_once(self, history, evidence_dir):
        """C-8: one occurrence is one build, however many tests it fails."""
        for i in range(40):
            put(evidence_dir, record(build="90", at=days_ago(10), nodeid=f"test_{i}"))
        history.sync(evidence_dir)

        assert len(asked(history)) == 1

    def test_that_are_open_and_old_are_left_out_and_the_ended_are_not(self, history, evidence_dir):
        """S0-110, S0-123"""
        put(evidence_dir, record(build="10", at=days_ago(200)))
        ended = put(evidence_dir, record(build="11", at=days_ago(200), status="RESOLVED"))
        history.sync(evidence_dir)

        assert [one.failure_id for one in asked(history)] == [ended["failure_id"]]

    def test_that_may_be_reopened_all_come(self, history, evidence_dir):
        """S0-110"""
        for i in range(5):
            put(evidence_dir, record(build="90", nodeid=f"test_{i}", status="RESOLVED"))
        history.sync(evidence_dir)

        answer = find_repetition(candidate(), asked(history), now=NOW)

        assert (answer.reopens, answer.reopened_from) == ((candidate().hash,), "RESOLVED")
        assert len(history.ended_records(answer.reopens)) == 5
        assert answer.repeat_count == 1

    def test_of_more_signatures_than_one_statement_takes(self, history, evidence_dir):
        put(evidence_dir, record(build="90"))
        history.sync(evidence_dir)
        many = [candidate(hash=f"{i:012x}", token="") for i in range(2_500)] + [candidate()]

        found = history.earlier_for(many, since=SINCE)

        assert len(found) == 2_501
        assert len(found[HASH]) == 1

    def test_of_healed_records_say_so(self, history, evidence_dir):
        """C-10"""
        made = record(build="90")
        made["resolution"]["healed_at"] = "2026-11-20T00:00:00Z"
        put(evidence_dir, made)
        history.sync(evidence_dir)

        assert asked(history)[0].ended == "healed"


@on_both_engines
class TestPasses:
    """A test that passed later in the same place ended its failure (C-34)."""

    def passed(self, evidence_dir, **changes):
        document = {
            "build_id": "95",
            "document_id": "95.00000000",
            "started_at": "2026-11-20T00:00:00Z",
            "outcomes": {"tests/test_orders.py::test_total": "passed"},
        }
        write_run(evidence_dir.parent / "runs", run_document(**document | changes))

    @pytest.mark.parametrize(
        ("changes", "ended"),
        [
            ({}, "passed"),
            ({"outcomes": {"tests/test_orders.py::test_total": "failed"}}, ""),
            ({"outcomes": {"other": "passed"}}, ""),
            ({"started_at": "2026-11-01T00:00:00Z"}, ""),
            ({"environment": {"branch": "feature"}}, ""),
            ({"leg": "py3.12"}, ""),
            ({"job": "Lint"}, ""),
        ],
        ids=["later", "failed", "other test", "before", "branch", "leg", "job"],
    )
    def test_end_the_failures_of_their_place(self, history, evidence_dir, changes, ended):
        put(evidence_dir, record(build="90", at=days_ago(10)))
        self.passed(evidence_dir, **changes)

        history.sync(evidence_dir)

        assert asked(history)[0].ended == ended

    def test_of_one_test_do_not_end_the_failures_of_others(self, history, evidence_dir):
        put(evidence_dir, record(build="90", at=days_ago(10)))
        put(evidence_dir, record(build="90", at=days_ago(11), nodeid="other"))
        self.passed(evidence_dir)
        history.sync(evidence_dir)

        answer = find_repetition(candidate(), asked(history), now=NOW, branch="feature")

        assert answer.novelty == "KNOWN"


def test_passes_of_a_run_that_is_gone_are_forgotten(history, evidence_dir):
    """The index says what the folder holds; a shared history forgets nothing (S0-138)."""
    put(evidence_dir, record(build="90", at=days_ago(10)))
    TestPasses().passed(evidence_dir)
    history.sync(evidence_dir)
    (evidence_dir.parent / "runs" / "95.00000000.json").unlink()

    history.sync(evidence_dir)

    assert asked(history)[0].ended == ""


@on_both_engines
class TestOpenRecords:
    @pytest.mark.parametrize("most", [20_000, 1], ids=["few", "many"])
    def test_are_those_that_are_not_resolved(self, history, evidence_dir, monkeypatch, most):
        monkeypatch.setattr(store_module, "OPEN_MAX", most)
        made = [
            put(evidence_dir, record(nodeid=status, status=status, at=days_ago(i)))
            for i, status in enumerate(("OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED"))
        ]
        history.sync(evidence_dir)

        tests = ["OPEN", "INVESTIGATING", "RESOLVED", "other"]
        assert history.open_nodeids(tests) == {"OPEN", "INVESTIGATING"}
        assert history.open_nodeids(["INVESTIGATING"]) == {"INVESTIGATING"}
        assert history.open_records() == tuple(one["failure_id"] for one in made[:2])


class TestTrouble:
    """The index is a cache: no trouble with it fails a run or loses history."""

    def synced(self, index, evidence_dir):
        put(evidence_dir, record(build="90"))
        with History(index) as held:
            held.sync(evidence_dir)
            assert held.has_any(other_than="100")
            assert held.count() == 1
            return held.problems

    @pytest.mark.parametrize(
        "damage", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5_000]
    )
    def test_a_damaged_index_is_made_anew_and_kept_aside(self, index, evidence_dir, damage):
        index.parent.mkdir()
        index.write_bytes(damage)

        (problem,) = self.synced(index, evidence_dir)

        assert problem.endswith("it was made anew from the evidence")
        assert Path(f"{index}.broken").read_bytes() == damage
        assert self.synced(index, evidence_dir) == ()

    def test_an_index_that_is_cut_off_is_made_anew(self, index, evidence_dir):
        self.synced(index, evidence_dir)
        whole = index.read_bytes()
        index.write_bytes(whole[: len(whole) // 2])

        assert len(self.synced(index, evidence_dir)) == 1
        assert self.synced(index, evidence_dir) == ()

    def test_an_older_index_is_made_anew(self, index, evidence_dir, monkeypatch):
        self.synced(index, evidence_dir)
        monkeypatch.setattr(sqlite_module, "SCHEMA_VERSION", SCHEMA_VERSION + 1)

        (problem,) = self.synced(index, evidence_dir)

        assert f"needs {SCHEMA_VERSION + 1}; it was made anew" in problem

    def test_a_newer_index_is_left_alone(self, index, evidence_dir):
        self.synced(index, evidence_dir)
        with sqlite3.connect(index) as connection:
            connection.execute("pragma user_version = 7")
        connection.close()
        before = index.read_bytes()

        (problem,) = self.synced(index, evidence_dir)

        assert f"has version 7 and this failtrack knows {SCHEMA_VERSION}" in problem
        assert index.read_bytes() == before

    def test_a_database_of_something_else_is_left_alone(self, index, evidence_dir):
        index.parent.mkdir()
        with sqlite3.connect(index) as connection:
            connection.execute("create table precious (id)")
        connection.close()
        before = index.read_bytes()

        (problem,) = self.synced(index, evidence_dir)

        assert "is a database of something else" in problem
        assert index.read_bytes() == before

    def test_a_locked_index_is_bypassed(self, index, evidence_dir, monkeypatch):
        self.synced(index, evidence_dir)
        monkeypatch.setattr(sqlite_module, "BUSY_TIMEOUT_SECONDS", 0.05)
        connection = sqlite3.connect(index, isolation_level=None)
        connection.execute("begin exclusive")

        (problem,) = self.synced(index, evidence_dir)

        connection.close()
        assert "another process is writing to it" in problem
        assert problem.endswith("history was read from the evidence itself")

    def test_a_place_that_cannot_be_written_is_bypassed(self, evidence_dir, tmp_path):
        (tmp_path / "file").write_text("")

        (problem,) = self.synced(tmp_path / "file" / "history.sqlite", evidence_dir)

        assert "cannot be made" in problem

    def test_without_sqlite_one_sentence_says_so(self, evidence_dir, monkeypatch):
        import sys

        from pytest_failtrack.errors import StoreError

        monkeypatch.setitem(sys.modules, "sqlite3", None)

        with pytest.raises(StoreError, match="built without sqlite3"):
            History(None).sync(evidence_dir)


def sync_and_write(evidence: str, index: str, start: int) -> None:
    with History(index) as held:
        for i in range(start, start + 30):
            made = record(nodeid=f"test_{i}", build=str(i))
            write_record(evidence, content(made), made["failure_id"])
            held.sync(evidence)
            held.add([made])
        assert held.problems == (), held.problems


def test_two_processes_share_one_index(index, evidence_dir):
    context = multiprocessing.get_context("spawn")
    runners = [
        context.Process(target=sync_and_write, args=(str(evidence_dir), str(index), start))
        for start in (0, 20)
    ]
    for one in runners:
        one.start()
    for one in runners:
        one.join()

    assert [one.exitcode for one in runners] == [0, 0]
    with History(index) as held:
        held.sync(evidence_dir)
        assert held.count() == len(os.listdir(evidence_dir)) == 50
        assert held.problems == ()


class Rows(list):
    def fetchone(self):
        return self[0]


class Overtaken:
    """A connection that another process overtakes: it makes the tables after the first look."""

    def __init__(self, connection, path):
        self._connection = connection
        self._path = path

    def execute(self, sql, *values):
        found = self._connection.execute(sql, *values)
        if "user_version" not in sql or self._path is None:
            return found
        path, self._path = self._path, None
        rows = found.fetchall()
        SqliteDatabase(path).close()
        return Rows(rows)

    def __getattr__(self, name):
        return getattr(self._connection, name)


def test_tables_that_another_process_makes_meanwhile_are_not_set_aside(index, monkeypatch):
    """Issue 5: many processes begin with one SQLite; between two looks one of them makes it."""
    opened = SqliteDatabase._opened
    others = []

    def overtaken(self):
        if others:
            return opened(self)
        others.append(self)
        return Overtaken(opened(self), str(index))

    monkeypatch.setattr(SqliteDatabase, "_opened", overtaken)
    with History(index) as held:
        assert held.count() == 0
        assert held.problems == ()
    assert sorted(one.name for one in index.parent.glob("*.broken")) == []


class TestAnIndexOfAnOlderVersion:
    """Many processes of a new version begin at once: one renews it, the others use that."""

    PROCESSES = 6

    @pytest.fixture
    def older(self, index, evidence_dir):
        for number in range(30):
            put(evidence_dir, record(nodeid=f"tests/test_a.py::test_{number}"))
        self.age(index, evidence_dir)
        return index

    def age(self, index, evidence_dir):
        with History(index) as held:
            held.sync(evidence_dir)
        connection = sqlite3.connect(index)
        connection.executescript("create table of_old (x); pragma user_version = 1")
        connection.close()

    def begun(self, index, evidence_dir, waits):
        """Return what each of some processes met that found it at once."""
        context = multiprocessing.get_context("fork")
        told = context.Queue()
        barrier = context.Barrier(self.PROCESSES)
        processes = [
            context.Process(
                target=begin, args=(index, evidence_dir, barrier, told, number if waits else None)
            )
            for number in range(self.PROCESSES)
        ]
        for one in processes:
            one.start()
        met = [told.get(timeout=HANGS_AFTER_SECONDS) for _ in processes]
        for one in processes:
            one.join(HANGS_AFTER_SECONDS)
        return met

    def check(self, index, met):
        assert [(count, path) for count, path, _ in met] == [(30, str(index))] * self.PROCESSES
        assert rows_in(index, "pragma user_version") == [(SCHEMA_VERSION,)]
        assert rows_in(index, "select name from sqlite_master where name = 'of_old'") == []
        assert [one.name for one in index.parent.iterdir()] == [index.name]

    def test_who_comes_late_leaves_the_new_one_alone(self, older, evidence_dir):
        """Each has found the old one before any renews it, and comes when another is done."""
        met = self.begun(older, evidence_dir, waits=True)

        self.check(older, met)
        assert {said for *_, (said,) in met} == {
            f"the index {older} has version 1, this failtrack needs {SCHEMA_VERSION}; it was made"
            " anew from the evidence"
        }

    def test_a_storm(self, older, evidence_dir):
        for _ in range(5):
            self.check(older, self.begun(older, evidence_dir, waits=False))
            self.age(older, evidence_dir)

    def test_that_cannot_be_renewed_is_bypassed(self, older, evidence_dir, monkeypatch):
        monkeypatch.setattr(sqlite_module, "BUSY_TIMEOUT_SECONDS", 0.05)
        writer = sqlite3.connect(older, isolation_level=None)
        writer.execute("begin immediate")
        with History(older) as held:
            held.sync(evidence_dir)
            assert held.count() == 30
            (problem,) = held.problems
        writer.close()
        assert problem.endswith("history was read from the evidence itself")
        assert rows_in(older, "pragma user_version") == [(1,)]


class TestADamagedIndex:
    """Many processes meet it at once: one sets it aside, the others use the new one."""

    def test_who_comes_late_leaves_the_new_one_alone(self, index, evidence_dir):
        damage = b"no database at all" * 100
        index.parent.mkdir()
        index.write_bytes(damage)
        put(evidence_dir, record())

        with History(index) as late:
            with pytest.raises(StoreError):
                late._opened()
            with History(index) as first:
                first.sync(evidence_dir)
            late._give_up_on(StoreError("it is no database", slug="store-corrupt"))
            assert late.count() == 1

        assert Path(f"{index}.broken").read_bytes() == damage


def begin(index, evidence_dir, barrier, told, turn):
    """Begin as a run does; one that has a turn renews the old index when that has come."""
    made_anew = History._made_anew

    def in_turn(self, error):
        barrier.wait(30)
        time.sleep(turn * 0.3)
        return made_anew(self, error)

    if turn is None:
        barrier.wait(30)
    else:
        History._made_anew = in_turn
    with History(index) as held:
        held.sync(evidence_dir)
        told.put((held.count(), held._path, held.problems))


def rows_in(index, sql):
    connection = sqlite3.connect(index)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
