"""The journal: whole lines, a lock that dies with its process, and runs that are dead or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.observe import journal
from pytest_failtrack.observe.journal import (
    JOURNAL_VERSION,
    MAIN,
    FileLock,
    Journal,
    has_other_runs,
    prepare_state,
    remove_run,
)
from pytest_failtrack.observe.journals import (
    EMPTY_SECONDS,
    ProcessJournal,
    dead_runs,
    is_alive,
    orphaned_runs,
    read_journal,
    read_run,
    wait_for_orphans,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and locks as POSIX has them")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ".failtrack"


@pytest.fixture
def folder(state: Path) -> Path:
    return state / "journals" / "run"


def write_dead(folder: Path, *entries: object, process: str = MAIN) -> Path:
    """Write the journal of a process that is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{process}.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in entries), encoding="utf-8")
    return path


def write_in_child(folder: Path, process: str, end: str) -> subprocess.Popen[str]:
    """Write a journal in another process, which then does something; it says when it is open."""
    source = f"""
        import os, pathlib, signal, sys, time
        from pytest_failtrack.observe.journal import Journal
        journal = Journal(pathlib.Path({str(folder)!r}), {process!r})
        journal.start({{"parent": "p"}})
        journal.write({{"observation": {{"id": "1"}}}})
        print(journal.problem or "open", flush=True)
        {end}
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "open\n"
    return child


class TestWriting:
    def test_marks_and_entries(self, folder: Path) -> None:
        journal = Journal(folder)
        journal.start({"parent": ""})
        journal.write({"observation": {"id": "1"}})
        journal.end({"exit_status": 1})
        journal.close()

        assert read_journal(folder / "main.jsonl") == ProcessJournal(
            process=MAIN,
            start={
                "mark": "start",
                "version": JOURNAL_VERSION,
                "pid": os.getpid(),
                "parent": "",
            },
            end={"mark": "end", "exit_status": 1},
            entries=[{"observation": {"id": "1"}}],
        )

    def test_a_line_is_on_disk_when_write_returns(self, folder: Path) -> None:
        journal = Journal(folder)
        journal.write({"text": "ö\ud800\n\0"})

        assert read_journal(folder / "main.jsonl").entries == [{"text": "ö\ud800\n\0"}]
        journal.close()

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_a_forked_child_writes_nothing_and_keeps_the_lock_with_its_parent(
        self, folder: Path
    ) -> None:
        journal = Journal(folder)
        journal.start({})
        child = os.fork()
        if child == 0:
            journal.write({"from": "child"})
            journal.close()
            os._exit(0)
        os.waitpid(child, 0)

        assert read_journal(journal.path).entries == []
        assert is_alive(journal.path)
        journal.close()

    def test_a_folder_that_cannot_be_made_is_told(self, state: Path) -> None:
        state.write_text("a file", encoding="utf-8")

        journal = Journal(state / "journals" / "run")
        journal.start({})
        journal.close()

        assert "cannot be written" in journal.problem

    def test_a_worker_does_not_bring_back_a_run_that_is_gone(self, folder: Path) -> None:
        """Its controller died and was recovered before the worker began."""
        journal = Journal(folder, "gw0")

        assert journal.problem
        assert not folder.exists()

    @posix
    def test_a_full_disk_costs_no_line_when_there_is_room_again(self, folder: Path) -> None:
        import resource

        journal = Journal(folder)
        journal.start({})
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = journal.path.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        try:
            journal.write({"number": 1, "text": "x" * 100})
            journal.write({"number": 2})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        journal.write({"number": 3})
        journal.close()

        found = read_journal(journal.path)
        assert "is incomplete" in journal.problem
        assert [one["number"] for one in found.entries] == [1, 2, 3]
        assert found.torn_lines == 1


class TestReading:
    @given(
        entries=st.lists(st.dictionaries(st.text(), st.integers() | st.text(), min_size=1)),
        cut=st.integers(0, 10_000),
    )
    def test_a_journal_cut_at_any_byte(self, tmp_path_factory, entries, cut: int) -> None:
        """S0-32: what was whole before a torn last line is read, and only that line is not."""
        entries = [one for one in entries if "mark" not in one]
        path = tmp_path_factory.getbasetemp() / "cut.jsonl"
        lines = [json.dumps(one).encode() + b"\n" for one in [*entries, {"last": "line é"}]]
        whole = b"".join(lines[:-1])
        path.write_bytes(whole + lines[-1][: cut % (len(lines[-1]) + 1)])

        found = read_journal(path)

        assert found.entries[: len(entries)] == entries
        assert len(found.entries) + found.torn_lines <= len(entries) + 1

    def test_every_byte_of_a_last_line(self, folder: Path) -> None:
        first = {"observation": {"id": "main:1", "text": '\u00e9 \\ " }'}}
        last = json.dumps({"observation": {"id": "main:2", "nested": {"a": [1, 2]}}})
        path = write_dead(folder, {"mark": "start", "version": JOURNAL_VERSION}, first)
        before = path.read_bytes()

        for size in range(len(last)):
            path.write_bytes(before + last[:size].encode())
            found = read_journal(path)
            assert (found.entries, found.torn_lines) == ([first], int(size > 0)), size
        path.write_bytes(before + last.encode())
        assert read_journal(path).entries == [first, json.loads(last)]

    @given(garbage=st.binary())
    def test_garbage_between_lines(self, tmp_path_factory, garbage: bytes) -> None:
        path = tmp_path_factory.getbasetemp() / "garbage.jsonl"
        path.write_bytes(b'{"a":1}\n' + garbage + b'\n{"b":2}\n')

        found = read_journal(path).entries

        assert found[0] == {"a": 1}
        assert found[-1] == {"b": 2}

    @pytest.mark.parametrize("line", ["[1]", "null", '"text"', "[" * 100_000, "NaN"])
    def test_lines_that_are_no_entries(self, folder: Path, line: str) -> None:
        folder.mkdir(parents=True)
        (folder / "main.jsonl").write_text(f'{line}\n{{"a":1}}\n', encoding="utf-8")

        found = read_journal(folder / "main.jsonl")

        assert (found.entries, found.torn_lines) == ([{"a": 1}], 1)

    def test_the_main_process_comes_first(self, folder: Path) -> None:
        for process in ("gw0", MAIN, "gw1"):
            write_dead(folder, {"from": process}, process=process)

        assert [one.process for one in read_run(folder)] == [MAIN, "gw0", "gw1"]

    @pytest.mark.parametrize("version", [JOURNAL_VERSION + 1, "2", None, 0])
    def test_another_version_is_known_as_such(self, folder: Path, version: object) -> None:
        path = write_dead(folder, {"mark": "start", "version": version})

        assert read_journal(path).is_foreign
        write_dead(folder, {"mark": "start", "version": JOURNAL_VERSION})
        assert not read_journal(path).is_foreign


@posix
class TestLocks:
    def test_a_run_lives_as_long_as_its_process(self, state: Path, folder: Path) -> None:
        child = write_in_child(folder, MAIN, "time.sleep(60)")

        alive, found = is_alive(folder / "main.jsonl"), list(dead_runs(state))
        child.kill()
        child.wait()

        assert (alive, found) == (True, [])
        assert list(dead_runs(state)) == [folder]

    def test_a_process_that_is_stopped_is_not_dead(self, state: Path, folder: Path) -> None:
        import signal

        child = write_in_child(folder, MAIN, "os.kill(os.getpid(), signal.SIGSTOP)")
        time.sleep(0.1)

        found = list(dead_runs(state))
        child.send_signal(signal.SIGKILL)
        child.wait()

        assert found == []

    def test_children_that_live_on_do_not_keep_it_alive(self, state: Path, folder: Path) -> None:
        """POSIX locks are not inherited, neither by a fork nor over an exec."""
        end = (
            'import subprocess; subprocess.Popen(["sleep", "5"], close_fds=False, stdout=-3); '
            "os.fork() or (os.close(1), time.sleep(5)); os._exit(0)"
        )
        child = write_in_child(folder, MAIN, end)
        child.wait()

        assert list(dead_runs(state)) == [folder]

    def test_its_own_journal_is_alive_under_any_path(self, state: Path, folder: Path) -> None:
        """pytest within pytest: asking must not cost the outer run its lock."""
        journal = Journal(folder)
        other = state.parent / "other"
        other.symlink_to(state)
        asked = (
            "import pathlib, sys; from pytest_failtrack.observe.journals import is_alive; "
            f"sys.exit(is_alive(pathlib.Path({str(journal.path)!r})))"
        )

        assert is_alive(journal.path)
        assert is_alive(other / "journals" / "run" / "main.jsonl")
        assert list(dead_runs(other)) == []
        assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 1
        journal.close()
        assert not is_alive(journal.path)

    def test_it_is_free_again(self, tmp_path: Path) -> None:
        lock = FileLock(tmp_path / "lock")
        assert lock.acquire()
        lock.release()
        assert lock.acquire()
        lock.release()


class TestDeadRuns:
    def test_none_without_a_folder(self, state: Path) -> None:
        assert list(dead_runs(state)) == []
        assert orphaned_runs(state) == []

    def test_the_oldest_first(self, state: Path) -> None:
        for name in ("20260102-2", "20260101-1"):
            write_dead(state / "journals" / name)

        assert [one.name for one in dead_runs(state)] == ["20260101-1", "20260102-2"]

    def test_a_run_that_has_just_begun_is_not_dead(self, state: Path, folder: Path) -> None:
        """Its folder is there before its lock is."""
        folder.mkdir(parents=True)

        assert list(dead_runs(state)) == []
        long_ago = time.time() - EMPTY_SECONDS - 1
        os.utime(folder, (long_ago, long_ago))
        assert list(dead_runs(state)) == [folder]

    @posix
    def test_workers_may_outlive_their_controller(self, state: Path, folder: Path) -> None:
        write_dead(folder, {"mark": "start", "version": JOURNAL_VERSION, "parent": "p"})
        child = write_in_child(folder, "gw0", "time.sleep(60)")

        assert list(dead_runs(state)) == []
        assert orphaned_runs(state) == [folder]
        assert wait_for_orphans(state, 0) == [folder]
        assert wait_for_orphans(state, 0, parent="p") == [folder]
        assert wait_for_orphans(state, 60, parent="another") == []
        child.kill()
        child.wait()
        assert wait_for_orphans(state, 60) == []
        assert list(dead_runs(state)) == [folder]


class TestOtherRuns:
    def test_only_what_lies_beside_a_run_counts(self, folder: Path) -> None:
        assert not has_other_runs(folder)  # not even the folder of all runs is there
        write_dead(folder)
        assert not has_other_runs(folder)
        write_dead(folder.with_name("another"))
        assert has_other_runs(folder)


class TestRemoving:
    def test_a_run_is_gone_at_once_or_not_at_all(
        self, state: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed in the middle, it leaves nothing that could be taken for a run."""
        write_dead(folder, {"mark": "start"})
        write_dead(folder, {"a": 1}, process="gw0")
        with monkeypatch.context() as killed:
            killed.setattr(journal.shutil, "rmtree", lambda *_args, **_keywords: None)
            remove_run(folder)

        assert not folder.exists()
        assert len(list(folder.parent.iterdir())) == 1
        assert list(dead_runs(state)) == []  # and tidies up
        assert list(folder.parent.iterdir()) == []

    def test_twice_is_no_error(self, folder: Path) -> None:
        write_dead(folder)
        remove_run(folder)
        remove_run(folder)

        assert not folder.exists()


def test_the_state_folder_keeps_itself_out_of_version_control(state: Path) -> None:
    prepare_state(state)
    (state / ".gitignore").write_text("mine", encoding="utf-8")
    prepare_state(state)

    assert sorted(path.name for path in state.iterdir()) == [".gitignore", "CACHEDIR.TAG"]
    assert (state / ".gitignore").read_text(encoding="utf-8") == "mine"
