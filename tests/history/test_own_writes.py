"""What this process wrote itself does not make it list a folder again."""

from __future__ import annotations

import os
import time

import pytest
from record_samples import content, record, run_document, with_status

from pytest_failtrack.history import own_writes, scan
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.rows import RECORDS, RUNS, Folder
from pytest_failtrack.history.run_file import write_run


@pytest.fixture
def folder(tmp_path):
    """A folder with one record, in which nothing has changed for a while."""
    place = tmp_path / "failures"
    put(place, record(nodeid="first"))
    age(place)
    return Folder(RECORDS, str(place))


@pytest.fixture
def database(tmp_path):
    made = open_database(str(tmp_path / "history.sqlite"))
    yield made
    made.close()


@pytest.fixture
def listed(monkeypatch):
    """Count how often a folder is listed."""
    calls = []
    files = scan._files
    monkeypatch.setattr(scan, "_files", lambda one: calls.append(one) or files(one))
    return calls


def age(place, seconds=60.25):
    moment = time.time() - seconds
    os.utime(place, (moment, moment))


def put(place, made):
    write_record(place, content(made), made["failure_id"])
    return made


def nodeids(database):
    return {one for (one,) in database.rows("select nodeid from records")}


def test_a_folder_is_not_listed_again_for_them(folder, database, listed):
    scan.sync_folder(database, folder)
    put(folder.path, record(nodeid="second"))
    scan.note_own(database, folder)

    scan.sync_folder(database, folder)

    assert len(listed) == 1
    assert nodeids(database) == {"first", "second"}


def test_nor_for_those_of_many_runs(folder, database, listed):
    for number in range(5):
        scan.sync_folder(database, folder)
        put(folder.path, record(nodeid=f"test_{number}"))
        scan.note_own(database, folder)

    assert (len(listed), len(nodeids(database))) == (1, 6)


def test_what_was_edited_is_read_again(folder, database, listed):
    """S0-110: a record that is reopened was known with another status."""
    made = put(folder.path, record(nodeid="second"))
    age(folder.path)
    scan.sync_folder(database, folder)

    path = os.path.join(folder.path, f"{made['failure_id']}.json")
    from pytest_failtrack.history.files import write_beside

    write_beside(folder.path, os.path.basename(path), content(with_status(made, "RESOLVED")))
    scan.note_own(database, folder)

    assert len(listed) == 1
    assert ("RESOLVED",) in database.rows("select status from records")


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_what_somebody_else_wrote_is_found(folder, database, listed, moment):
    def somebody_writes():
        made = record(nodeid="foreign")
        with open(os.path.join(folder.path, f"{made['failure_id']}.json"), "wb") as file:
            file.write(content(made))
        age(folder.path, 30.25)  # another moment than that of our own writing

    scan.sync_folder(database, folder)
    if moment == "before":
        somebody_writes()
    put(folder.path, record(nodeid="second"))
    if moment == "between":
        somebody_writes()
    put(folder.path, record(nodeid="third"))
    if moment == "after":
        somebody_writes()
    scan.note_own(database, folder)

    scan.sync_folder(database, folder)

    assert len(listed) == 2
    assert nodeids(database) == {"first", "second", "third", "foreign"}


def test_what_was_written_and_removed_is_not_kept(folder, database):
    scan.sync_folder(database, folder)
    made = put(folder.path, record(nodeid="second"))
    scan.note_own(database, folder)
    os.unlink(os.path.join(folder.path, f"{made['failure_id']}.json"))

    scan.note_own(database, folder)
    scan.sync_folder(database, folder)

    assert nodeids(database) == {"first"}


def test_a_writing_that_fails_is_not_trusted(folder, database, listed, monkeypatch):
    from pytest_failtrack.errors import EvidenceError
    from pytest_failtrack.history import files

    scan.sync_folder(database, folder)
    monkeypatch.setattr(files, "rename_over", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(EvidenceError):
        files.write_beside(folder.path, "a.json", b"{}")
    monkeypatch.undo()
    scan.note_own(database, folder)

    assert own_writes.taken_over(folder.path) is None


def test_a_clock_of_whole_seconds_is_not_trusted(folder, database, listed):
    """Two files of one second cannot be told apart by it."""
    moment = int(time.time()) - 60
    os.utime(folder.path, (moment, moment))
    scan.sync_folder(database, folder)
    put(folder.path, record(nodeid="second"))
    scan.note_own(database, folder)

    scan.sync_folder(database, folder)

    assert nodeids(database) == {"first", "second"}


def test_after_a_day_a_folder_is_listed_anew(folder, database, monkeypatch):
    """What was edited in place does not change the folder."""
    made = record(nodeid="first")
    scan.sync_folder(database, folder)
    path = os.path.join(folder.path, f"{made['failure_id']}.json")
    with open(path, "wb") as file:
        file.write(content(with_status(made, "RESOLVED")))

    later = time.time() + scan.TRUSTED_SECONDS + 1
    monkeypatch.setattr(scan.time, "time", lambda: later)
    scan.sync_folder(database, folder)

    assert database.rows("select status from records") == [("RESOLVED",)]


def test_run_documents_are_told_likewise(tmp_path, database):
    place = tmp_path / "runs"
    place.mkdir()
    age(place)
    folder = Folder(RUNS, str(place))
    scan.sync_folder(database, folder)

    made = run_document()
    write_run(place, made)
    scan.note_own(database, folder)

    assert database.rows("select count(*) from runs") == [(1,)]


def test_very_many_are_taken_in_larger_batches(folder, database, monkeypatch):
    stored = []
    store = scan._store
    monkeypatch.setattr(scan, "MANY", 4)
    monkeypatch.setattr(scan, "BATCH", 2)
    monkeypatch.setattr(
        scan,
        "_store",
        lambda one, where, batch: stored.append(len(batch)) or store(one, where, batch),
    )
    for number in range(9):
        put(folder.path, record(nodeid=f"test_{number}"))

    scan.sync_folder(database, folder)

    assert stored == [4, 4, 2]
    assert len(nodeids(database)) == 10
