"""The evidence files: written whole or not at all, once, and read with every refusal named."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_samples import NOW, content, record, run_document, with_status

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history import evidence
from pytest_failtrack.history.evidence import (
    read_records,
    read_runs,
    record_names,
    remove_leftovers,
    update_record,
    write_record,
)
from pytest_failtrack.history.files import write_output
from pytest_failtrack.history.run_file import run_name, slug_of, write_run
from pytest_failtrack.record.lifecycle import reopened

RECORD = record()
ID = RECORD["failure_id"]
CONTENT = content(RECORD)


def put(directory, made):
    return write_record(directory, content(made), made["failure_id"])


def full_disk(descriptor, data):
    raise OSError(errno.ENOSPC, "No space left on device")


class TestWriting:
    def test_makes_the_folder_and_one_file_named_after_the_record(self, tmp_path):
        """S0-137"""
        directory = tmp_path / "governance" / "events" / "failures"

        assert put(directory, RECORD)

        assert [one.name for one in directory.iterdir()] == [f"{ID}.json"]
        assert json.loads((directory / f"{ID}.json").read_bytes()) == RECORD

    def test_the_same_record_twice_changes_nothing(self, tmp_path):
        """C-27"""
        put(tmp_path, RECORD)
        before = os.stat(tmp_path / f"{ID}.json")

        assert not put(tmp_path, RECORD)

        after = os.stat(tmp_path / f"{ID}.json")
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_a_record_that_has_lived_is_not_set_back(self, tmp_path):
        resolved = with_status(RECORD, "RESOLVED")
        put(tmp_path, resolved)

        assert not put(tmp_path, RECORD)

        ((_, found),) = read_records(tmp_path)
        assert found == resolved

    @pytest.mark.parametrize(
        "damaged", [b"", CONTENT[:200], b"{}", CONTENT.replace(b'"OPEN"', b'"SHUT"')],
        ids=["empty", "half", "no record", "invalid"],
    )  # fmt: skip
    def test_a_damaged_file_is_replaced(self, tmp_path, damaged):
        (tmp_path / f"{ID}.json").write_bytes(damaged)

        assert put(tmp_path, RECORD)

        assert (tmp_path / f"{ID}.json").read_bytes() == CONTENT

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
    def test_a_link_is_replaced_and_not_followed(self, tmp_path):
        outside = tmp_path / "outside.txt"
        outside.write_text("mine")
        directory = tmp_path / "failures"
        directory.mkdir()
        (directory / f"{ID}.json").symlink_to(outside)

        assert put(directory, RECORD)

        assert outside.read_text() == "mine"
        assert not (directory / f"{ID}.json").is_symlink()

    def test_a_full_disk_leaves_no_half_and_says_so(self, tmp_path, monkeypatch):
        monkeypatch.setattr(os, "write", full_disk)

        with pytest.raises(EvidenceError, match=r"cannot write .*\.json: the disk is full"):
            put(tmp_path, RECORD)

        assert list(tmp_path.iterdir()) == []

    def test_a_short_write_is_continued(self, tmp_path, monkeypatch):
        """POSIX allows `write` to take less than it was given."""
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:100]))

        put(tmp_path, RECORD)

        assert (tmp_path / f"{ID}.json").read_bytes() == CONTENT

    def test_a_folder_that_is_a_file_is_named(self, tmp_path):
        (tmp_path / "failures").write_text("")

        with pytest.raises(EvidenceError, match=r"a part of the path is a file|no such file"):
            put(tmp_path / "failures", RECORD)

    @pytest.mark.skipif(
        sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
    )
    def test_a_folder_without_permission_is_named(self, tmp_path):
        tmp_path.chmod(0o500)

        with pytest.raises(EvidenceError, match="permission is denied"):
            put(tmp_path, RECORD)

        tmp_path.chmod(0o700)

    def test_a_read_only_file_system_is_named(self, tmp_path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.EROFS, "Read-only file system")

        monkeypatch.setattr(os, "open", refuse)

        with pytest.raises(EvidenceError, match="the file system is read-only"):
            put(tmp_path, RECORD)


class TestOutput:
    """What a person names by `--output`."""

    def test_a_file_is_replaced_and_a_link_stays_one(self, tmp_path):
        target, link = tmp_path / "a.md", tmp_path / "b.md"
        target.write_text("old")
        link.symlink_to(target)

        write_output(link, b"new")

        assert link.is_symlink()
        assert target.read_bytes() == b"new"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
    def test_a_pipe_is_written_to(self, tmp_path):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            write_output(pipe, b"new")
            assert os.read(reader, 10) == b"new"
        finally:
            os.close(reader)
        assert pipe.is_fifo()

    @pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no /dev/stdout here")
    @pytest.mark.parametrize("kind", ["pipe", "file"])
    def test_standard_output_by_name(self, tmp_path, kind):
        source = (
            "from pytest_failtrack.history.files import write_output\n"
            "write_output('/dev/stdout', b'new')"
        )
        command = [sys.executable, "-c", source]
        if kind == "pipe":
            assert subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout == b"new"
            return
        with open(tmp_path / "out", "wb") as file:
            subprocess.run(command, stdout=file, check=True)
            inode = os.fstat(file.fileno()).st_ino
        assert (tmp_path / "out").read_bytes() == b"new"
        assert os.stat(tmp_path / "out").st_ino == inode

    @pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no /dev/shm here")
    def test_a_file_in_memory_is_replaced_as_any_other(self):
        with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
            path, old = Path(folder, "page.md"), Path(folder, "old.md")
            path.write_bytes(b"old")
            os.link(path, old)

            write_output(path, b"new")

            assert (path.read_bytes(), old.read_bytes()) == (b"new", b"old")

    def test_a_folder_is_refused(self, tmp_path):
        with pytest.raises(EvidenceError, match="it is a folder, not a file"):
            write_output(tmp_path, b"new")


class TestReading:
    def test_of_a_folder_that_is_not_there_gives_nothing(self, tmp_path):
        assert list(read_records(tmp_path / "none")) == []
        assert list(read_runs(tmp_path / "none")) == []

    def test_is_by_name_and_leaves_out_what_is_no_document(self, tmp_path):
        made = [record(nodeid=f"test_{i}") for i in range(5)]
        for one in made:
            put(tmp_path, one)
        (tmp_path / "analytics").mkdir()
        (tmp_path / f".{ID}.json.0123.tmp").write_bytes(b"half")
        (tmp_path / ".hidden.json").write_bytes(b"{}")
        (tmp_path / "README.md").write_text("evidence")

        found = list(read_records(tmp_path))

        assert [path.stem for path, _ in found] == sorted(one["failure_id"] for one in made)
        assert all(isinstance(one, dict) for _, one in found)

    def test_of_ids_keeps_their_order_and_names_the_missing(self, tmp_path):
        put(tmp_path, RECORD)
        missing = "00000000-0000-5000-8000-000000000000"

        (_, first), (path, second) = read_records(tmp_path, [missing, ID])

        assert isinstance(first, EvidenceError)
        assert first.slug == "evidence-missing"
        assert missing in first.message
        assert (path, second) == (tmp_path / f"{ID}.json", RECORD)

    def test_goes_on_after_a_damaged_file(self, tmp_path):
        put(tmp_path, RECORD)
        (tmp_path / "0.json").write_bytes(b"{")

        (_, first), (_, second) = read_records(tmp_path)

        assert isinstance(first, EvidenceError)
        assert second == RECORD

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=300) | st.integers(0, len(CONTENT)).map(lambda at: CONTENT[:at]))
    def test_any_bytes_are_a_record_or_an_error(self, tmp_path, data):
        (tmp_path / f"{ID}.json").write_bytes(data)

        ((_, found),) = read_records(tmp_path)

        assert isinstance(found, EvidenceError) or found == RECORD


class TestUpdating:
    def test_changes_the_life_of_a_record(self, tmp_path):
        """S0-110"""
        put(tmp_path, with_status(RECORD, "RESOLVED"))

        def change(made):
            return reopened(made, by="x", build_id="101", at=NOW)

        assert update_record(tmp_path, ID, change)
        assert not update_record(tmp_path, ID, change)

        ((_, found),) = read_records(tmp_path)
        assert found["status"] == "OPEN"

    def test_keeps_fields_of_a_newer_version(self, tmp_path):
        put(tmp_path, RECORD | {"schema_version": "1.4", "novel": [1]})

        update_record(tmp_path, ID, lambda made: made | {"severity": "LOW"})

        ((_, found),) = read_records(tmp_path)
        assert (found["novel"], found["severity"]) == ([1], "LOW")

    def test_never_touches_what_was_captured(self, tmp_path):
        put(tmp_path, RECORD)

        with pytest.raises(EvidenceError, match="what was captured of a failure is never edited"):
            update_record(tmp_path, ID, lambda made: made | {"build_id": "other"})

        assert (tmp_path / f"{ID}.json").read_bytes() == CONTENT

    def test_refuses_what_is_not_valid(self, tmp_path):
        put(tmp_path, RECORD)

        with pytest.raises(EvidenceError, match="status RESOLVED demands"):
            update_record(tmp_path, ID, lambda made: made | {"status": "RESOLVED"})

    def test_of_a_missing_record_says_so(self, tmp_path):
        with pytest.raises(EvidenceError, match="is missing"):
            update_record(tmp_path, ID, dict)


class TestRuns:
    def test_are_named_after_build_and_document(self):
        """Contract: `<build-slug>.<8 hex>.json`."""
        assert run_name("100", "100.0123abcd") == "100.0123abcd"
        assert run_name("Build 7/2", "anything") == "Build-7-2.ee087417"
        assert slug_of("///") == "run"

    def test_are_written_in_place_of_an_earlier_one_of_the_run(self, tmp_path):
        write_run(tmp_path, run_document(is_complete=False))
        path = write_run(tmp_path, run_document())

        ((found, document),) = read_runs(tmp_path)

        assert (found, document) == (path, run_document())

    def test_hold_text_that_utf8_cannot(self, tmp_path):
        """A node id with half a surrogate pair reads as it does in its record."""
        write_run(tmp_path, run_document(problems=["caf\u00e9 \udc80 \x00 \U0001f600"]))

        ((_, found),) = read_runs(tmp_path)

        assert found["problems"] == ["caf\u00e9 \\udc80 \x00 \U0001f600"]

    def test_are_the_same_bytes_whichever_writer_there_is(self, tmp_path, monkeypatch):
        """A green run has only the standard library's, a red one pydantic-core's."""
        document = run_document(
            problems=['caf\u00e9 \x00 \x1f \U0001f600 "\\/'], files={}, causes=[{}]
        )
        write_run(tmp_path / "fast", document)
        monkeypatch.delitem(sys.modules, "pydantic_core")
        write_run(tmp_path / "plain", document)

        fast, plain = (next((tmp_path / one).iterdir()).read_bytes() for one in ("fast", "plain"))
        assert fast == plain

    def test_of_one_build_are_found_without_reading_the_others(self, tmp_path):
        write_run(tmp_path, run_document())
        (tmp_path / "99.00000000.json").write_bytes(b"half")

        assert [one["build_id"] for _, one in read_runs(tmp_path, "100")] == ["100"]

    def test_of_another_build_with_the_same_slug_are_left_out(self, tmp_path):
        for build in ("a/1", "a 1"):
            write_run(tmp_path, run_document(build_id=build, run_id=build, document_id=build))

        assert [one["build_id"] for _, one in read_runs(tmp_path, "a/1")] == ["a/1"]

    def test_that_are_damaged_are_errors(self, tmp_path):
        (tmp_path / "100.00000000.json").write_bytes(b"half")

        ((_, found),) = read_runs(tmp_path, "100")

        assert isinstance(found, EvidenceError)


class TestLeftovers:
    def test_of_killed_writers_are_removed_after_an_hour(self, tmp_path):
        old = tmp_path / f".{ID}.json.0123.tmp"
        new = tmp_path / f".{ID}.json.4567.tmp"
        for path, age in ((old, 3_700), (new, 60)):
            path.write_bytes(b"half")
            os.utime(path, (10_000 - age, 10_000 - age))
        put(tmp_path, RECORD)

        assert remove_leftovers(tmp_path, now=10_000) == 1

        assert not old.exists()
        assert new.exists()
        assert record_names(tmp_path) == [f"{ID}.json"]


def write_all(directory: str, start: int) -> None:
    for i in range(start, start + 120):
        made = record(nodeid=f"test_{i}")
        evidence.write_record(directory, content(made), made["failure_id"])


def test_two_processes_write_into_one_folder(tmp_path: Path):
    """Two workers, or two jobs on a shared folder: no file is half-written, none is doubled."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_all, args=(str(tmp_path), start)) for start in (0, 60)]
    for one in writers:
        one.start()
    seen_while_written = [found for _ in range(20) for _, found in read_records(tmp_path)]
    for one in writers:
        one.join()

    assert [one.exitcode for one in writers] == [0, 0]
    assert not [one for one in seen_while_written if isinstance(one, EvidenceError)]
    assert {one["test"]["nodeid"] for _, one in read_records(tmp_path)} == {
        f"test_{i}" for i in range(180)
    }
    assert len(list(tmp_path.iterdir())) == 180
