"""The record's own history: appended to by many, read back whole, never half of anything."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import stat
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from record_samples import NOW, content, record

from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.history import changes, evidence
from pytest_failtrack.history.changes import (
    append_change,
    append_event,
    change_record,
    changed_ids,
    changes_dir,
    read_changes,
)
from pytest_failtrack.record.change import line_of, make_change
from pytest_failtrack.record.lifecycle import assigned, reopened

RECORD = record(status="INVESTIGATING") | {"status": "OPEN"}
ID = RECORD["failure_id"]


@pytest.fixture
def places(tmp_path: Path) -> Any:
    """Return settings whose evidence holds one record."""
    folder = tmp_path / "events" / "failures"
    evidence.write_record(folder, content(RECORD), ID)
    return SimpleNamespace(evidence_dir=folder)


def file_of(places: Any) -> Path:
    return changes_dir(places) / f"{ID}.jsonl"


def stored(places: Any) -> dict[str, Any]:
    ((_, found),) = evidence.read_records(places.evidence_dir, [ID])
    assert isinstance(found, dict)
    return found


def give_to(places: Any, owner: str, minutes: int = 0, seconds: float = 0, **more: Any) -> bool:
    at = NOW + timedelta(minutes=minutes, seconds=seconds)
    return change_record(
        places, ID, lambda one: assigned(one, owner), action="assign", by="ada", at=at, **more
    )


class TestChanging:
    def test_writes_the_record_and_tells_of_it(self, places: Any) -> None:
        """Who, when, what, from, to."""
        assert give_to(places, "@new", note="hers", impact="none")

        (change,) = read_changes(places, ID)
        assert stored(places)["metadata"]["owner"] == "@new"
        assert (change.by, change.at, change.action, change.note) == ("ada", NOW, "assign", "hers")
        assert change.before == {"metadata.owner": "@shop-team"}
        assert change.after == {"metadata.owner": "@new"}
        assert change.more == {"impact": "none"}
        assert sorted(os.listdir(changes_dir(places))) == [f"{ID}.jsonl"]

    def test_to_what_it_is_already_tells_nothing(self, places: Any) -> None:
        assert not give_to(places, "@shop-team")

        assert read_changes(places, ID) == []
        assert os.listdir(changes_dir(places)) == []

    def test_that_is_refused_leaves_nothing(self, places: Any) -> None:
        def refuse(_: object) -> Any:
            raise InputError("no")

        with pytest.raises(InputError):
            change_record(places, ID, refuse, action="x", by="ada", at=NOW)

        assert os.listdir(changes_dir(places)) == []

    @pytest.mark.parametrize(
        "edit",
        [
            pytest.param(lambda one: one | {"status": "LOST"}, id="an invalid record"),
            pytest.param(lambda one: one | {"build_id": "other"}, id="what was captured"),
        ],
    )
    def test_to_what_no_record_may_be_leaves_nothing(self, places: Any, edit: Any) -> None:
        with pytest.raises(EvidenceError):
            change_record(places, ID, edit, action="x", by="ada", at=NOW)

        assert stored(places) == RECORD
        assert os.listdir(changes_dir(places)) == []

    def test_of_a_record_that_is_not_there_is_refused(self, places: Any) -> None:
        other = ID.replace("c", "d")

        with pytest.raises(EvidenceError, match="is missing"):
            change_record(places, other, dict, action="x", by="ada", at=NOW)

        assert os.listdir(changes_dir(places)) == []

    @pytest.mark.parametrize("name", ["../x", "x/../y", "c102b697", "C" * 36], ids=range(4))
    def test_a_word_that_is_no_id_reaches_no_file(self, places: Any, name: str) -> None:
        with pytest.raises(EvidenceError, match="is no failure id"):
            append_event(places, name, action="x", by="ada", at=NOW)

    @pytest.mark.parametrize("has_written", [True, False], ids=["record written", "not yet"])
    def test_a_death_between_the_two_files_leaves_no_change_untold(
        self, places: Any, monkeypatch: pytest.MonkeyPatch, has_written: bool
    ) -> None:
        """The next writer finishes what it finds."""
        real = evidence.update_record

        def dies(*arguments: Any) -> bool:
            if has_written:
                real(*arguments)
            else:
                arguments[2](stored(places))
            os._exit(9)

        with monkeypatch.context() as patched:
            patched.setattr(changes, "update_record", dies)
            _in_child(lambda: give_to(places, "@new"))
        assert read_changes(places, ID) == []

        give_to(places, "@later", minutes=5)

        owners = [one.after["metadata.owner"] for one in read_changes(places, ID)]
        assert owners == (["@new", "@later"] if has_written else ["@later"])
        assert os.listdir(changes_dir(places)) == [f"{ID}.jsonl"]

    @pytest.mark.parametrize(("seconds", "told"), [(-5, 0), (-60, 0), (-61, -61), (5, 5)], ids=str)
    def test_that_came_second_is_not_told_as_the_first(
        self, places: Any, seconds: float, told: float
    ) -> None:
        """Two read their clocks, then one waits; a clock that is wrong is another case."""
        give_to(places, "@first")
        give_to(places, "@second", seconds=seconds)

        second = next(
            one for one in read_changes(places, ID) if one.after["metadata.owner"] == "@second"
        )
        assert second.at == NOW + timedelta(seconds=told)

    def test_once_of_many_that_see_it_recur(self, places: Any) -> None:
        """S0-110: eight processes reopen one record; one event."""
        ended = record(status="RESOLVED")
        (places.evidence_dir / f"{ID}.json").write_bytes(content(ended))

        def reopen(number: int) -> None:
            change_record(
                places,
                ID,
                lambda one: reopened(one, by=str(number), build_id="2", at=NOW),
                action="reopen",
                by=f"worker {number}",
                at=NOW,
            )

        _in_children(reopen, 8)

        assert [one.moves for one in read_changes(places, ID)] == [("RESOLVED", "OPEN")]
        assert stored(places)["status"] == "OPEN"


class TestAppending:
    def test_the_same_event_twice_is_one(self, places: Any) -> None:
        answers = [
            append_event(places, ID, action="sign", by="ada", at=NOW, item="x") for _ in range(2)
        ]

        assert answers == [True, False]
        assert len(read_changes(places, ID)) == 1

    def test_an_id_that_is_only_quoted_is_not_there(self, places: Any) -> None:
        quoted = make_change(ID, action="sign", by="ada", at=NOW)
        append_event(places, ID, action="x", by="bob", at=NOW, note=quoted.event_id)

        assert append_change(changes_dir(places), quoted)

    def test_of_many_at_once_loses_nothing(self, places: Any) -> None:
        """Eight processes, each with 25 changes and 25 events of one record."""

        def write(number: int) -> None:
            for n in range(25):
                give_to(places, f"@{number}-{n}", seconds=(number * 7 + n) % 50)
                append_event(places, ID, action="x", by=str(number), at=NOW, n=n)

        _in_children(write, 8)

        told: list[str] = []
        found = read_changes(places, ID, tell=told.append)
        assert told == []
        assert len(found) == 8 * 25 * 2
        # What each change was from is what the one before it led to.
        moves = [one for one in found if one.action == "assign"]
        path = "metadata.owner"
        assert [one.before[path] for one in moves[1:]] == [one.after[path] for one in moves[:-1]]
        assert stored(places)["metadata"]["owner"] == moves[-1].after[path]

    def test_after_a_torn_line_begins_a_new_one(self, places: Any) -> None:
        append_event(places, ID, action="x", by="ada", at=NOW)
        torn = file_of(places).read_bytes()
        file_of(places).write_bytes(torn + torn[: len(torn) // 2])

        append_event(places, ID, action="y", by="ada", at=NOW)

        told: list[str] = []
        assert [one.action for one in read_changes(places, ID, tell=told.append)] == ["x", "y"]
        assert len(told) == 1

    def test_to_a_folder_that_cannot_be_written_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "changes").write_text("")
        places = SimpleNamespace(evidence_dir=tmp_path / "failures")

        with pytest.raises(EvidenceError, match=r"cannot write .*a part of the path is a file"):
            append_event(places, ID, action="x", by="ada", at=NOW)

    def test_waits_for_another_process_and_gives_up(
        self, places: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(changes, "LOCK_SECONDS", 0.05)
        append_event(places, ID, action="x", by="ada", at=NOW)

        with (
            changes.alone_with_changes(str(changes_dir(places)), ID),
            pytest.raises(EvidenceError, match="another process has held it"),
        ):
            append_event(places, ID, action="y", by="ada", at=NOW)

    def test_can_be_killed_at_any_moment(self, places: Any) -> None:
        """After each kill the record shows what its history says, and the next one goes on."""
        for round_ in range(12):

            def forever(round_: int = round_) -> None:
                for n in range(10_000):
                    give_to(places, f"@{round_}-{n}", minutes=round_)

            child = _forking().Process(target=forever)
            child.start()
            time.sleep(0.02 + 0.003 * round_)
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)
            child.join()
        give_to(places, "@end", minutes=60)

        found = read_changes(places, ID)
        assert stored(places)["metadata"]["owner"] == "@end"
        assert found[-1].after == {"metadata.owner": "@end"}
        lines = file_of(places).read_text(encoding="utf-8").splitlines()
        seen = [one["from"]["metadata.owner"] for one in map(json.loads, lines[1:])]
        assert seen == [one["to"]["metadata.owner"] for one in map(json.loads, lines[:-1])]
        assert os.listdir(changes_dir(places)) == [f"{ID}.jsonl"]

    def test_half_of_a_note_is_none(self, places: Any) -> None:
        give_to(places, "@a")
        (changes_dir(places) / f".{ID}.jsonl.intent").write_bytes(b'{"event_id": "')

        give_to(places, "@b", minutes=1)

        assert [one.after["metadata.owner"] for one in read_changes(places, ID)] == ["@a", "@b"]
        assert os.listdir(changes_dir(places)) == [f"{ID}.jsonl"]

    def test_on_a_full_disk_nothing_is_changed(
        self, places: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = os.write

        def full(descriptor: int, data: Any) -> int:
            return real(descriptor, bytes(data)[:20])

        append_event(places, ID, action="x", by="ada", at=NOW)
        with monkeypatch.context() as patched:
            patched.setattr(changes.os, "write", full)
            with pytest.raises(EvidenceError, match="disk is full"):
                append_event(places, ID, action="y", by="ada", at=NOW)

        told: list[str] = []
        assert [one.action for one in read_changes(places, ID, tell=told.append)] == ["x"]
        assert told == []


class TestReading:
    def test_of_a_record_without_events_is_empty(self, places: Any) -> None:
        assert read_changes(places, ID) == []
        assert changed_ids(places) == []

    def test_is_ordered_by_time_whatever_the_order_of_lines(self, places: Any) -> None:
        """A merge of two branches puts the lines of both in some order."""
        for minutes in (3, 1, 2):
            at = NOW + timedelta(minutes=minutes)
            append_event(places, ID, action="x", by=str(minutes), at=at)

        assert [one.by for one in read_changes(places, ID)] == ["1", "2", "3"]
        assert changed_ids(changes_dir(places)) == [ID]

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (b"<<<<<<< HEAD", "is cut off, or no JSON"),
            (b"[1]", "it is no object"),
            (b"{}", "event_id is missing"),
            (b"\xff\xfe", "is cut off, or no JSON"),
            (b"[" * 100_000, "is cut off, or no JSON"),
            (b'{"a":' * 2_000 + b"1" + b"}" * 2_000, "is"),
            (b"9" * 5_000, "is"),
        ],
        ids=["conflict", "list", "empty", "bytes", "deep", "nested", "number"],
    )
    def test_a_bad_line_is_named_and_loses_nothing_else(
        self, places: Any, line: bytes, said: str
    ) -> None:
        append_event(places, ID, action="x", by="ada", at=NOW)
        good = file_of(places).read_bytes()
        file_of(places).write_bytes(good + line + b"\r\n\n" + good.replace(b"ada", b"eve") + good)

        told: list[str] = []
        found = read_changes(places, ID, tell=told.append)

        assert [one.by for one in found] == ["ada"]
        assert len(told) == 2
        assert told[0].startswith(f"{file_of(places)}, line 2")
        assert said in told[0]
        assert told[1].endswith("line 4: its id is not that of its content; it was changed, or cut")

    def test_an_event_of_another_record_is_refused(self, places: Any) -> None:
        other = make_change(ID.replace("c", "d"), action="x", by="ada", at=NOW)
        file_of(places).parent.mkdir()
        file_of(places).write_bytes(line_of(other))

        told: list[str] = []
        assert read_changes(places, ID, tell=told.append) == []
        assert "is an event of record d1" in told[0]

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_cannot_be_read_is_an_error(self, places: Any) -> None:
        append_event(places, ID, action="x", by="ada", at=NOW)
        file_of(places).chmod(stat.S_IWUSR)

        with pytest.raises(EvidenceError, match="permission is denied"):
            read_changes(places, ID)


def _in_child(function: Any) -> None:
    child = _forking().Process(target=function)
    child.start()
    child.join()


def _in_children(function: Any, count: int) -> None:
    children = [_forking().Process(target=function, args=(n,)) for n in range(count)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * count


def _forking() -> Any:
    if not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    return multiprocessing.get_context("fork")
