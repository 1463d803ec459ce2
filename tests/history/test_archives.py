"""Archives of ended evidence: nothing is lost, nothing doubled, and everything still reads it."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import uuid
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_samples import NOW, content, days_ago, record, run_document, with_status

from inner import HANGS_AFTER_SECONDS
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history import evidence, scan
from pytest_failtrack.history.archive import archives, packed, parts
from pytest_failtrack.history.archive import pack as pack_module
from pytest_failtrack.history.archive.archives import (
    Archive,
    deflated,
    file_name,
    is_member,
    place_of,
    write_members,
)
from pytest_failtrack.history.archive.moved import Moved
from pytest_failtrack.history.archive.pack import pack
from pytest_failtrack.history.archive.packed import joined
from pytest_failtrack.history.archive.spool import Spool
from pytest_failtrack.history.archive.unpack import unpack
from pytest_failtrack.history.changes import change_record, read_changes
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.edit_lock import EDIT_LOCK, held
from pytest_failtrack.history.evidence import (
    read_records,
    read_run,
    read_runs,
    record_names,
    update_record,
    write_record,
)
from pytest_failtrack.history.matches import read_match, recovered, write_match
from pytest_failtrack.history.run_file import write_run
from pytest_failtrack.history.store import History
from pytest_failtrack.record.lifecycle import reopened
from pytest_failtrack.record.times import time_text

BEFORE = NOW - timedelta(days=30)
MATCH = {
    "run_id": "100",
    "tenant_id": None,
    "error_code": "HTTP_429",
    "error_message": "Too Many Requests",
    "catalog_entry_id": "rate-limited",
    "match_type": "regex",
    "confidence_score": 0.7,
    "category": "UNKNOWN",
    "severity": "HIGH",
    "is_retryable": True,
    "recovery_mode": "RETRY_EXPONENTIAL",
    "recovery_suggestion": "Wait.",
    "recovery_attempted": False,
    "recovery_succeeded": False,
    "skill_id": None,
    "step_index": None,
    "context": {},
}


class Evidence:
    """A folder of evidence, and short words for what the tests do with it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.records = home / "failures"
        self.runs = home / "runs"
        self.changes = home / "changes"
        self.matches = home / "matches"
        self.archive = home / "archive"

    def put(self, nodeid="t.py::test_a", *, status="RESOLVED", age=60, build="100", **resolution):
        made = with_status(record(build=build, at=days_ago(age), nodeid=nodeid), status)
        if status in ("RESOLVED", "PREVENTED"):
            made["resolution"]["resolution_timestamp"] = time_text(days_ago(age))
        made["resolution"].update(resolution)
        write_record(self.records, content(made), made["failure_id"])
        return made

    def put_run(self, name="100", *, records=(), age=60, **changes):
        document = run_document(
            build_id=name,
            run_id=name,
            document_id=f"{name}.0123abcd",
            started_at=time_text(days_ago(age)),
            finished_at=time_text(days_ago(age)),
            records=[one["failure_id"] for one in records],
            **changes,
        )
        write_run(self.runs, document)
        return document

    def put_event(self, made, *, age=60, word="note"):
        self.changes.mkdir(parents=True, exist_ok=True)
        line = {"event_id": str(uuid.uuid4()), "at": time_text(days_ago(age)), "action": word}
        with (self.changes / f"{made['failure_id']}.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def put_match(self, number=1, *, age=60, touched=None):
        made = {
            "schema_version": "1.0",
            "failure_match_id": str(uuid.UUID(int=number)),
            **MATCH,
            "created_at": time_text(days_ago(age)),
            "updated_at": time_text(days_ago(age if touched is None else touched)),
        }
        write_match(self.matches, made)
        return made

    def pack(self, before=BEFORE):
        return pack(self.records, before=before)

    def all(self):
        return {path.stem: found for path, found in read_records(self.records)}

    def files(self):
        """Return everything that lies outside, by path; not what killed writers left."""
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for folder in (self.records, self.runs, self.changes, self.matches)
            if folder.is_dir()
            for path in folder.iterdir()
            if not path.name.startswith(".")
        }

    def inside(self):
        """Return what is packed, by member, as any zip program reads it."""
        found = {}
        for path in sorted(self.archive.glob("*.zip")):
            with zipfile.ZipFile(path) as one:
                assert one.testzip() is None
                for name in one.namelist():
                    assert name not in found
                    found[name] = one.read(name)
        return found


@pytest.fixture
def events(tmp_path):
    return Evidence(tmp_path / "events")


def archive_of(path: Path, members, *, order=sorted) -> Path:
    """Write an archive of any members, however unlikely."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = (deflated(name, text) for name, text in order(members.items()))
    with path.open("wb") as file:
        write_members(file, made)
    return path


class TestWhatGoes:
    @pytest.mark.parametrize(
        ("status", "resolution", "is_packed"),
        [
            pytest.param("OPEN", {}, False, id="open"),
            pytest.param("INVESTIGATING", {}, False, id="investigating"),
            pytest.param("RESOLVED", {}, True, id="resolved"),
            pytest.param("PREVENTED", {}, True, id="prevented"),
            pytest.param("OPEN", {"healed_at": time_text(days_ago(50))}, True, id="healed"),
            pytest.param(
                "INVESTIGATING", {"healed_at": time_text(days_ago(50))}, False, id="healed, at work"
            ),
            pytest.param(
                "OPEN", {"healed_at": time_text(days_ago(3))}, False, id="healed a moment ago"
            ),
        ],
    )
    def test_are_records_that_ended(self, events, status, resolution, is_packed):
        """S0-138, C-10: never one that somebody waits for."""
        made = events.put(status=status, **resolution)

        moved = events.pack()

        assert moved.records == is_packed
        assert (events.records / f"{made['failure_id']}.json").exists() != is_packed

    def test_are_not_records_that_ended_lately(self, events):
        events.put(resolution_timestamp=time_text(days_ago(29)))

        assert events.pack().records == 0
        assert not events.archive.exists()

    def test_are_not_records_to_which_something_happened_lately(self, events):
        made = events.put()
        events.put_event(made, age=2)

        assert events.pack().records == 0

    def test_are_not_records_that_were_reopened(self, events):
        made = events.put(healed_at=time_text(days_ago(50)))
        update_record(
            events.records,
            made["failure_id"],
            lambda one: reopened(one, by="x", build_id="2", at=days_ago(40)),
        )

        assert events.pack().records == 0

    def test_are_not_records_that_somebody_is_about_to_change(self, events):
        made = events.put()
        events.changes.mkdir()
        (events.changes / f".{made['failure_id']}.jsonl.intent").write_bytes(b"{}")

        assert events.pack().records == 0

    def test_the_events_of_a_record_go_with_it(self, events):
        made = events.put()
        events.put_event(made)
        before = events.files()

        moved = events.pack()

        assert (moved.records, moved.changes) == (1, 1)
        assert events.files() == {}
        assert events.inside() == before

    def test_are_runs_all_of_whose_records_went(self, events):
        """S0-138"""
        ended, waits = events.put("t.py::a"), events.put("t.py::b", status="OPEN")
        events.put_run("green")
        events.put_run("ended", records=[ended])
        events.put_run("waits", records=[ended, waits])
        events.put_run("young", age=2)

        assert events.pack().runs == 2

        assert sorted(one.name for one in events.runs.iterdir()) == [
            "waits.0123abcd.json",
            "young.0123abcd.json",
        ]

    def test_is_not_a_run_that_lists_a_record_which_is_missing(self, events):
        events.put_run(records=[record()])

        assert events.pack().runs == 0

    def test_each_year_has_an_archive_of_its_own(self, events):
        events.put("t.py::a", age=60)
        events.put("t.py::b", age=400)

        events.pack()

        names = [one.name for one in sorted(events.archive.iterdir())]
        assert names == ["evidence-2025.zip", "evidence-2026.zip"]

    @pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"status": 5}'])
    def test_what_cannot_be_read_stays_and_is_named(self, events, damaged):
        made = events.put()
        path = events.records / f"{made['failure_id']}.json"
        path.write_bytes(damaged)

        moved = events.pack()

        assert moved.records == 0
        assert str(path) in moved.problems[0]
        assert path.read_bytes() == damaged

    def test_nothing_to_pack_leaves_no_folder(self, events):
        events.put(status="OPEN")

        assert events.pack().archives == ()
        assert not events.archive.exists()

    def test_no_evidence_is_nothing_to_pack(self, events):
        assert events.pack() == Moved()
        assert not events.home.exists()

    @pytest.mark.parametrize("call", ["fsync", "replace"])
    def test_a_full_disk_loses_nothing(self, events, monkeypatch, call):
        events.put()
        before = events.files()

        def full(*arguments):
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, call, full)
            with pytest.raises(EvidenceError, match=r"evidence-2026\.zip: the disk is full"):
                events.pack()

        assert events.files() == before
        assert not events.archive.exists()

    def test_what_was_not_written_as_it_should_be_is_noticed(self, events, monkeypatch):
        """The archive is read back whole before anything goes."""
        events.put()
        before = events.files()
        monkeypatch.setattr(Spool, "packed", lambda self, entry: b"x" * 100)

        with pytest.raises(EvidenceError):
            events.pack()

        assert events.files() == before
        assert not events.archive.exists()

    def test_later_ones_are_added(self, events):
        first = events.put("t.py::a")
        events.pack()
        second = events.put("t.py::b")

        events.pack()

        assert sorted(events.all()) == sorted([first["failure_id"], second["failure_id"]])
        assert len(list(events.archive.iterdir())) == 1

    def test_a_large_archive_is_continued_in_a_part(self, events, monkeypatch):
        """Code hosts refuse large files."""
        monkeypatch.setattr(parts, "PART_MAX_BYTES", 6_000)
        made = [events.put(f"t.py::test_{number}") for number in range(9)]
        before = events.files()

        events.pack()

        names = sorted(place_of(one.name) for one in events.archive.iterdir())
        assert names == [(2026, part + 1) for part in range(len(names))]
        assert len(names) > 2
        assert all(one.stat().st_size < 6_000 for one in events.archive.iterdir())
        assert events.inside() == before
        assert sorted(events.all()) == sorted(one["failure_id"] for one in made)


class TestMatches:
    """What programs keep of errors outside of tests is evidence like the rest (S2-44 to S2-48)."""

    def test_go_when_nothing_happened_to_them_lately(self, events):
        events.put_match(1)
        events.put_match(2, age=400)
        events.put_match(3, touched=3)
        before = events.files()

        moved = events.pack()

        one, two, three = (f"matches/{uuid.UUID(int=number)}.json" for number in (1, 2, 3))
        assert moved.matches == 2
        assert list(events.files()) == [three]
        assert events.inside() == {name: before[name] for name in (one, two)}
        assert sorted(one.name for one in events.archive.iterdir()) == [
            "evidence-2025.zip",
            "evidence-2026.zip",
        ]

    def test_come_back_byte_for_byte(self, events):
        for number in range(1, 4):
            events.put_match(number)
        before = events.files()
        events.pack()

        assert unpack(events.records).matches == 3
        assert (events.files(), events.inside()) == (before, {})

    def test_that_are_packed_are_read_and_a_later_word_wins(self, events):
        made = events.put_match()
        name = made["failure_match_id"]
        events.pack()
        assert events.files() == {}

        assert read_match(events.matches, name) == made
        later = recovered(made, succeeded=True, at=time_text(NOW))
        write_match(events.matches, later)

        assert read_match(events.matches, name) == later
        assert unpack(events.records).matches == 1
        assert read_match(events.matches, name) == later

    def test_that_cannot_be_read_stay_and_are_named(self, events):
        made = events.put_match()
        path = events.matches / f"{made['failure_match_id']}.json"
        path.write_bytes(path.read_bytes()[:-20])

        (problem,) = events.pack().problems

        assert f"{path} is truncated" in problem
        assert path.exists()

    def test_are_known_to_the_index_wherever_they_lie(self, events, tmp_path):
        def known():
            with History(tmp_path / "index.sqlite") as history:
                history.sync(events.records)
                return history.ask(
                    lambda one: [row[0] for row in one.rows("select id from failure_matches")]
                )

        name = events.put_match()["failure_match_id"]
        assert known() == [name]
        events.pack()
        assert events.files() == {}
        assert known() == [name]
        (tmp_path / "index.sqlite").unlink()
        assert known() == [name]
        archive = events.archive / "evidence-2026.zip"
        whole = archive.read_bytes()
        archive.write_bytes(whole[:-1])
        assert known() == [name]  # nobody can say that it is gone
        archive.write_bytes(whole)
        unpack(events.records)
        assert known() == [name]
        (events.matches / f"{name}.json").unlink()
        assert known() == []


class TestTheFormat:
    def test_the_same_documents_make_the_same_bytes(self, tmp_path):
        """Whatever was packed first: a commit of the archive shows what is new, nothing else."""
        whole, one_by_one = Evidence(tmp_path / "a"), Evidence(tmp_path / "b")
        made = [whole.put(f"t.py::test_{number}") for number in range(5)]
        for one in reversed(made):
            write_record(one_by_one.records, content(one), one["failure_id"])
            one_by_one.pack()
        whole.pack()

        name = "evidence-2026.zip"
        assert (whole.archive / name).read_bytes() == (one_by_one.archive / name).read_bytes()

    def test_it_is_compressed(self, events):
        events.put(text="E   boom\n" * 500)
        (before,) = (len(one) for one in events.files().values())

        events.pack()

        assert (events.archive / "evidence-2026.zip").stat().st_size < before / 2

    @given(
        ids=st.sets(st.uuids(), max_size=60),
        asked=st.sets(st.uuids(), max_size=10),
        data=st.binary(max_size=80),
    )
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_every_member_is_found_and_nothing_else(self, tmp_path, ids, asked, data):
        names = [(f"failures/{one}.json", f"changes/{one}.jsonl") for one in ids]
        names += [(f"runs/{str(one)[:11]}.{str(one)[-8:]}.json",) for one in ids]
        members = {name: name.encode() + data for some in names for name in some}
        archive = Archive(str(archive_of(tmp_path / "evidence-2025.zip", members)))

        found = {name: archive.find(name) for name in members}
        assert {name: archive.read(entry) for name, entry in found.items()} == members
        assert [one.name for one in archive.entries()] == sorted(members)
        listed = [name for kind in archives.SUFFIXES for name in archive.names(kind)]
        assert listed == sorted(members)
        for one in asked - ids:
            assert archive.find(f"failures/{one}.json") is None
            assert archive.find(f"changes/{one}.jsonl") is None
        assert archive.find("runs/z.00000000.json") is None
        assert archive.find("") is None

    @given(name=st.text(max_size=60), kind=st.sampled_from(["failures", "runs", "changes", ""]))
    @settings(max_examples=200)
    def test_no_name_leads_anywhere_else(self, name, kind):
        whole = f"{kind}/{name}"

        if is_member(whole):
            assert os.path.normpath(whole) == os.path.join(kind, name)
            assert name.isascii()
            assert not name.startswith(".")
            assert whole.count("/") == 1

    @pytest.mark.parametrize(
        "name",
        [
            "failures/../../evil.json",
            "failures/..json",
            "/etc/passwd",
            "failures\\x.json",
            "failures/00000000-0000-5000-8000-000000000001.json\n",
            "runs/.hidden.0123abcd.json",
            "runs/a/b.0123abcd.json",
            "analytics/00000000-0000-5000-8000-000000000001.json",
            "changes/00000000-0000-5000-8000-000000000001.json",
            "failures/00000000-0000-5000-8000-00000000000A.json",
            "",
        ],
    )
    def test_names_that_are_none(self, name):
        assert not is_member(name)

    @pytest.mark.parametrize(
        ("name", "place"),
        [
            ("evidence-2025.zip", (2025, 1)),
            ("evidence-2025.2.zip", (2025, 2)),
            ("evidence-2025.1.zip", None),
            ("evidence-2025.02.zip", None),
            ("evidence-25.zip", None),
            (".evidence-2025.zip.0011.tmp", None),
            ("2025.zip", None),
        ],
    )
    def test_file_names(self, name, place):
        assert place_of(name) == place
        if place is not None:
            assert file_name(*place) == name

    @given(st.lists(st.binary(max_size=12)), st.lists(st.binary(max_size=12)))
    def test_joined_lines_stand_there_once(self, first, second):
        one, other = (b"".join(x.replace(b"\n", b"") + b"\n" for x in y) for y in (first, second))

        lines = joined(one, other).split(b"\n")

        assert set(lines) | {b""} == set(one.split(b"\n")) | set(other.split(b"\n"))
        if first and second:
            assert len([x for x in lines if x]) == len({x for x in lines if x})


class TestReaders:
    """S0-138: what is packed is read like a file."""

    def test_records_by_id_and_all(self, events):
        made = [events.put(f"t.py::{name}") for name in "abc"]
        waits = events.put("t.py::d", status="OPEN")
        events.pack()

        assert events.all() == {one["failure_id"]: one for one in [*made, waits]}
        assert record_names(events.records) == sorted(
            f"{one['failure_id']}.json" for one in [*made, waits]
        )
        ((path, found),) = read_records(events.records, [made[1]["failure_id"]])
        assert found == made[1]
        assert path == events.archive / "evidence-2026.zip/failures" / f"{path.stem}.json"
        assert evidence.read_bytes(path) == content(made[1])
        assert evidence.read_bytes(events.records / path.name) == content(made[1])

    def test_a_record_that_is_nowhere_is_missing(self, events):
        events.put()
        events.pack()

        ((_, found),) = read_records(events.records, [str(uuid.uuid4())])

        assert isinstance(found, EvidenceError)
        assert "is missing" in found.message

    def test_runs_all_and_of_a_build(self, events):
        old, young = events.put_run("7"), events.put_run("8", age=1)
        events.pack()

        assert [one for _, one in read_runs(events.runs)] == [old, young]
        assert [one for _, one in read_runs(events.runs, "7")] == [old]
        assert read_run(events.runs / "7.0123abcd.json") == old
        assert record_names(events.runs) == ["7.0123abcd.json", "8.0123abcd.json"]

    def test_a_packed_record_is_not_written_again(self, events):
        """C-27: reading a run twice changes nothing."""
        made = events.put()
        events.pack()

        assert not write_record(events.records, content(made), made["failure_id"])
        assert events.files() == {}

    def test_a_changed_record_lies_outside_and_wins(self, events):
        made = events.put()
        events.pack()

        assert update_record(
            events.records,
            made["failure_id"],
            lambda one: reopened(one, by="x", build_id="200", at=NOW),
        )

        (found,) = events.all().values()
        assert found["status"] == "OPEN"
        assert events.inside() != {}
        assert record_names(events.records) == [f"{made['failure_id']}.json"]

    def test_a_packed_record_that_is_not_changed_stays_packed(self, events):
        made = events.put()
        events.pack()

        assert not update_record(events.records, made["failure_id"], lambda one: one)
        assert events.files() == {}

    def test_a_record_that_ended_again_takes_the_place_of_the_packed_one(self, events):
        made = events.put()
        events.put_event(made)
        events.pack()
        update_record(events.records, made["failure_id"], lambda one: with_status(one, "PREVENTED"))
        events.put_event(made, age=45, word="prevent")

        moved = events.pack(NOW)

        assert (moved.records, moved.changes) == (1, 1)
        assert events.files() == {}
        (found,) = events.all().values()
        assert found["status"] == "PREVENTED"
        lines = packed.packed_events(events.changes, made["failure_id"]).splitlines()
        assert [json.loads(one)["action"] for one in lines] == ["note", "prevent"]

    def test_events_that_came_after_the_packing_follow_it(self, events):
        made = events.put()
        events.pack()
        events.put_event(made, age=40)
        events.put_event(made, age=39)

        assert events.pack().changes == 1
        assert events.files() == {}
        assert packed.packed_events(events.changes, made["failure_id"]).count(b"\n") == 2

    def test_a_damaged_copy_does_not_stand_for_the_record(self, events):
        made = events.put()
        events.pack()
        path = events.archive / "evidence-2026.zip"
        whole = bytearray(path.read_bytes())
        whole[200] ^= 0xFF
        path.write_bytes(whole)

        assert write_record(events.records, content(made), made["failure_id"])
        assert list(events.all().values()) == [made]

    def test_without_archives_a_question_costs_one_look(self, tmp_path, monkeypatch):
        made = Evidence(tmp_path)
        made.put()
        looks = []
        real = os.stat
        monkeypatch.setattr(os, "stat", lambda path, **more: looks.append(path) or real(path))

        record_names(made.records)

        assert looks == [str(tmp_path / "archive")]


class TestUnpacking:
    def test_brings_everything_back_byte_for_byte(self, events):
        """S0-138"""
        made = events.put("t.py::a")
        events.put_event(made)
        events.put("t.py::b", age=500)
        events.put_run("1", records=[made])
        before = events.files()
        events.pack()
        assert events.files() == {}

        moved = unpack(events.records)

        assert (moved.records, moved.runs, moved.changes) == (2, 1, 1)
        assert events.files() == before
        assert not events.archive.exists()

    def test_of_one_year_leaves_the_others(self, events):
        events.put("t.py::a")
        old = events.put("t.py::b", age=500)
        events.pack()

        assert unpack(events.records, year=2025).records == 1

        assert [one.name for one in events.archive.iterdir()] == ["evidence-2026.zip"]
        assert list(events.files()) == [f"failures/{old['failure_id']}.json"]

    def test_what_lies_outside_stays(self, events):
        made = events.put()
        events.put_event(made)
        events.pack()
        update_record(events.records, made["failure_id"], lambda one: with_status(one, "PREVENTED"))
        events.put_event(made, word="prevent")

        unpack(events.records)

        (found,) = events.all().values()
        assert found["status"] == "PREVENTED"
        log = (events.changes / f"{made['failure_id']}.jsonl").read_text().splitlines()
        assert sorted(json.loads(one)["action"] for one in log) == ["note", "prevent"]

    def test_archives_of_two_branches_are_joined(self, events, tmp_path):
        """As docs/records.md says: theirs out, ours in its place, and packed again."""
        theirs, shared = Evidence(tmp_path / "theirs"), events.put("t.py::both")
        write_record(theirs.records, content(shared), shared["failure_id"])
        theirs.put("t.py::theirs")
        events.put("t.py::ours")
        whole = events.files() | theirs.files()
        theirs.pack()
        events.pack()
        path = events.archive / "evidence-2026.zip"
        ours = path.read_bytes()
        path.write_bytes((theirs.archive / path.name).read_bytes())

        unpack(events.records)
        events.archive.mkdir()
        path.write_bytes(ours)
        events.pack()

        assert (events.inside(), events.files()) == (whole, {})

    def test_of_nothing_is_nothing(self, events):
        assert unpack(events.records) == Moved()
        assert not events.home.exists()


class TestTheIndex:
    @pytest.fixture
    def index(self, tmp_path):
        return tmp_path / "history.sqlite"

    @pytest.fixture
    def history(self, index):
        with History(index) as held:
            yield held

    def test_a_packed_record_is_not_forgotten(self, events, history):
        """C-11, S0-138"""
        events.put("t.py::a")
        events.put("t.py::b", status="OPEN")
        events.put_run()
        history.sync(events.records)

        events.pack()
        history.sync(events.records)

        assert (history.count(), history.problems) == (2, ())
        assert history.has_any(other_than="none")

    def test_archives_are_read_into_a_new_index(self, events, history):
        events.put()
        events.put_run("7")
        events.pack()

        history.sync(events.records)

        assert (history.count(), history.problems) == (1, ())

    def test_an_archive_that_did_not_change_is_not_read_again(self, events, history, monkeypatch):
        events.put("t.py::a")
        events.pack()
        history.sync(events.records)
        events.put("t.py::b", status="OPEN")
        monkeypatch.setattr(Archive, "read_many", None)
        monkeypatch.setattr(Archive, "entries", None)

        history.sync(events.records)

        assert history.count() == 2

    def test_of_an_archive_that_grew_only_what_is_new_is_read(self, events, history, monkeypatch):
        events.put("t.py::a")
        events.pack()
        history.sync(events.records)
        events.put("t.py::b")
        events.pack()
        read = []
        real = Archive.read_many
        monkeypatch.setattr(
            Archive,
            "read_many",
            lambda self, entries: real(self, [read.append(one.name) or one for one in entries]),
        )

        history.sync(events.records)

        assert history.count() == 2
        assert len(read) == 1

    def test_the_packer_spares_the_index_all_reading(self, events, history, index, monkeypatch):
        events.put()
        events.put_run()
        history.sync(events.records)
        moved = events.pack()
        database = open_database(str(index))
        scan.note_packed(database, moved.moves)
        database.close()
        monkeypatch.setattr(Archive, "read_many", None)

        history.sync(events.records)

        assert history.count() == 1

    def test_a_record_that_was_changed_before_it_was_packed_is_read(self, events, history, index):
        made = events.put(status="OPEN")
        history.sync(events.records)
        update_record(events.records, made["failure_id"], lambda one: with_status(one, "RESOLVED"))
        moved = events.pack(NOW)
        database = open_database(str(index))
        scan.note_packed(database, moved.moves)
        database.close()

        history.sync(events.records)

        assert (history.count(), history.open_records()) == (1, ())

    def test_a_packed_record_that_was_reopened_is_open(self, events, history):
        made = events.put()
        events.pack()
        history.sync(events.records)
        update_record(
            events.records,
            made["failure_id"],
            lambda one: reopened(one, by="x", build_id="200", at=NOW),
        )

        history.sync(events.records)
        assert history.open_records() == (made["failure_id"],)

        # The change was taken back, say by `git checkout`: what is packed counts again.
        (events.records / f"{made['failure_id']}.json").unlink()
        history.sync(events.records)
        assert (history.count(), history.open_records()) == (1, ())

    def test_unpacked_records_are_still_known(self, events, history):
        events.put()
        events.pack()
        history.sync(events.records)

        unpack(events.records)
        history.sync(events.records)

        assert (history.count(), history.problems) == (1, ())

    def test_what_is_in_an_archive_that_is_gone_is_forgotten(self, events, history):
        """C-11: the evidence is the truth."""
        events.put()
        events.put_run()
        events.pack()
        history.sync(events.records)

        shutil.rmtree(events.archive)
        history.sync(events.records)

        assert (history.count(), history.has_any()) == (0, False)

    def test_a_damaged_archive_is_named_and_nothing_of_it_forgotten(self, events, history):
        events.put()
        events.pack()
        history.sync(events.records)
        path = events.archive / "evidence-2026.zip"
        whole = path.read_bytes()

        path.write_bytes(whole[:-30])
        history.sync(events.records)
        assert history.count() == 1
        (problem,) = history.problems
        assert "evidence-2026.zip is no whole archive" in problem

        path.write_bytes(whole)
        history.sync(events.records)
        assert (history.count(), history.problems) == (1, ())


def foreign_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as one:
        one.writestr("failures/00000000-0000-5000-8000-000000000001.json", "{}")


ONE = "failures/00000000-0000-5000-8000-000000000001.json"
TWO = "failures/00000000-0000-5000-8000-000000000002.json"


class TestHostileArchives:
    @pytest.fixture
    def path(self, events):
        events.archive.mkdir(parents=True)
        return events.archive / "evidence-2025.zip"

    def refused(self, events):
        """Return what who reads everything, the packer and the unpacker say of the archives."""
        first = next(one for _, one in read_records(events.records) if not isinstance(one, dict))
        told = [first.message]
        for work in (events.pack, lambda: unpack(events.records)):
            with pytest.raises(EvidenceError) as caught:
                work()
            told.append(caught.value.message)
        assert len(set(told)) == 1, told
        return told[0]

    @pytest.mark.parametrize("cut", [0, 1, 21, 60, 200], ids=str)
    def test_cut_off(self, events, path, cut):
        archive_of(path, {ONE: b"{}", TWO: b"{}"})
        path.write_bytes(path.read_bytes()[:cut])

        said = self.refused(events)
        assert "is no whole archive of failtrack" in said
        assert [one.message for _, one in read_runs(events.runs)] == [said]

    def test_written_by_another_program(self, events, path):
        foreign_zip(path)

        assert "written by another program" in self.refused(events)

    @pytest.mark.parametrize(
        "name",
        ["failures/../../../evil.json", "/evil.json", "runs/..0123abcd.json", "failures/a.json"],
    )
    def test_names_that_lead_elsewhere(self, events, path, name, tmp_path):
        archive_of(path, {name: b"evil"})
        before = sorted(tmp_path.rglob("*"))

        assert "is no name of evidence" in self.refused(events)
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_name_that_is_there_twice(self, events, path):
        archive_of(path, {}, order=lambda _: [(ONE, b"a"), (ONE, b"b")])

        assert f"{ONE} is in it twice" in self.refused(events)

    def test_names_out_of_order(self, events, path):
        archive_of(path, {}, order=lambda _: [(TWO, b"a"), (ONE, b"b")])

        assert f"{ONE} is out of its order" in self.refused(events)

    def test_a_member_that_would_be_huge(self, events, path, monkeypatch):
        archive_of(path, {ONE: b"0" * 5_000})
        monkeypatch.setattr(archives, "MEMBER_MAX_BYTES", 4_999)

        assert "would be larger than 4,999 bytes" in self.refused(events)

    def test_a_member_that_unpacks_to_more_than_it_says(self, path):
        """A bomb is not unpacked to its end."""
        entry, made = deflated(ONE, b"0" * 50_000_000)
        with path.open("wb") as file:
            write_members(file, [(entry._replace(size=10), made)])
        archive = Archive(str(path))

        with pytest.raises(EvidenceError, match="is not what was packed"):
            archive.read(archive.find(ONE))

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            pytest.param({"crc": 5}, "is not what was packed", id="checksum"),
            pytest.param({"size": 3}, "is not what was packed", id="size"),
        ],
    )
    def test_a_member_that_is_not_what_it_was(self, path, change, said):
        entry, made = deflated(ONE, b"{}")
        with path.open("wb") as file:
            write_members(file, [(entry._replace(**change), made)])
        archive = Archive(str(path))

        with pytest.raises(EvidenceError, match=said):
            archive.read(archive.find(ONE))

    def test_bytes_that_no_member_owns(self, events, path):
        archive_of(path, {ONE: b"{}"})
        whole = path.read_bytes()
        end = whole.rindex(b"PK\x05\x06")
        table = whole.rindex(b"PK\x01\x02")
        # The table of contents lies four bytes later, and says so.
        moved = whole[end:16] + whole[end : end + 16] + (table + 4).to_bytes(4, "little")
        path.write_bytes(whole[:table] + b"evil" + whole[table:end] + moved + whole[end + 20 :])

        assert "it holds more than its table of contents says" in self.refused(events)

    @given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_bit_that_flips_is_noticed_or_changes_nothing(self, tmp_path, position, bit):
        members = {ONE: b'{"a": 1}' * 20, TWO: b"{}", "runs/a.0123abcd.json": zlib.compress(b"x")}
        path = archive_of(tmp_path / "evidence-2025.zip", members)
        whole = bytearray(path.read_bytes())
        whole[position % len(whole)] ^= 1 << bit
        path.write_bytes(whole)

        try:
            archive = Archive(str(path))
            found = dict(archive.read_many(archive.entries()))
        except EvidenceError:
            return
        contents = {entry.name: one for entry, one in found.items()}
        wrong = [one for one in contents.values() if not isinstance(one, EvidenceError)]
        assert all(one in members.values() for one in wrong)

    def test_the_rest_is_read_all_the_same(self, events, path):
        foreign_zip(path)
        made = events.put()

        found = [one for _, one in read_records(events.records) if isinstance(one, dict)]

        assert found == [made]
        assert write_record(events.records, content(record(nodeid="x")), str(uuid.uuid4()))


CHILD = """
import sys, time
from datetime import datetime, timezone
from pytest_failtrack.history.archive.pack import pack
from pytest_failtrack.history.archive.unpack import unpack
work = pack if sys.argv[2] == "pack" else unpack
more = {"before": datetime(2026, 11, 1, tzinfo=timezone.utc)} if work is pack else {}
from pytest_failtrack.record.validator import validator
validator("record"), validator("run")
print("go", flush=True)
work(sys.argv[1], **more)
print("done", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
class TestKilled:
    def filled(self, events, number=120):
        for one in range(number):
            made = events.put(f"t.py::test_{one}")
            if one % 3 == 0:
                events.put_event(made)
            if one % 10 == 0:
                events.put_run(str(one), records=[made])
                events.put_match(one)
        return events.files()

    def run(self, events, work, seconds=None):
        """Let a process pack or unpack, kill it after a while; return how long it worked."""
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(events.records), work],
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout.readline() == "go\n"
            start = time.monotonic()
            if seconds is not None:
                time.sleep(seconds)
                process.send_signal(signal.SIGKILL)
            process.stdout.read()
            return time.monotonic() - start

    def both(self, events):
        """Return every document, outside or packed, as readers see it."""
        found = events.inside()
        for name, text in events.files().items():
            is_log = name.startswith("changes/")
            found[name] = joined(found.get(name, b""), text) if is_log else text
        return found

    def test_at_random_moments_nothing_is_lost_and_nothing_doubled(self, events):
        """S0-138"""
        before = self.filled(events)
        rng = random.Random(27)
        for work in ("pack", "unpack"):
            whole = self.run(events, work)
            self.run(events, "unpack" if work == "pack" else "pack")
            for part in range(8):
                self.run(events, work, whole * (part + rng.random()) / 8)
                assert self.both(events) == before
                assert len(events.all()) == 120
                assert all(isinstance(one, dict) for one in events.all().values())
                if part % 3 == 2:
                    self.run(events, "unpack" if work == "pack" else "pack")
            self.run(events, work)
        events.pack()

        assert events.inside() == before  # each once, or `inside` would say so
        assert events.files() == {}
        assert [one.name for one in events.archive.iterdir()] == ["evidence-2026.zip"]

    @pytest.mark.parametrize("step", range(1, 9))
    @pytest.mark.parametrize("call", ["unlink", "replace", "fsync"])
    def test_at_every_step(self, events, monkeypatch, call, step):
        made = [events.put(f"t.py::{name}", age=age) for name, age in (("a", 60), ("b", 400))]
        events.put_event(made[0])
        events.put_run(records=made)
        events.put_match()
        before = events.files()

        class Killed(BaseException):
            pass

        calls = []
        real = getattr(os, call)

        def dying(*arguments, **more):
            calls.append(arguments)
            if len(calls) == step:
                raise Killed
            return real(*arguments, **more)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, dying)
            try:
                events.pack()
            except Killed:
                pass
        assert self.both(events) == before

        events.pack()
        assert (events.inside(), events.files()) == (before, {})


def pack_there(home, results):
    try:
        results.put(Evidence(Path(home)).pack().records)
    except EvidenceError as error:
        results.put(error.slug)


class Places(NamedTuple):
    evidence_dir: Path


def move_there(home, stop):
    events = Evidence(Path(home))
    while not stop.is_set():
        events.pack(NOW)
        unpack(events.records)


def edit_there(home, ids, stop, results):
    count = 0
    while not stop.is_set() or count < 10:
        count += 1

        def change(one, count=count):
            one["metadata"]["tags"].append(f"edit {count}")
            return one

        change_record(
            Places(Path(home) / "failures"),
            ids[count % len(ids)],
            change,
            action="assign",
            by="ada",
            at=days_ago(50) + timedelta(seconds=count),
        )
        time.sleep(0.01)
    results.put(count)


class TestTwoAtOnce:
    def test_who_reads_what_is_brought_out_and_packed_again_meanwhile_finds_it(
        self, events, monkeypatch
    ):
        """S0-138: outside it is not, inside it is no more, and outside it is not again."""
        failure_id = events.put("t.py::test_a")["failure_id"]
        events.pack(NOW)
        look_inside, looks = packed.packed_bytes, []

        def moved_meanwhile(folder, name):
            looks.append(name)
            if len(looks) > 1:
                return look_inside(folder, name)
            unpack(events.records)
            found = look_inside(folder, name)
            events.pack(NOW)
            return found

        monkeypatch.setattr(packed, "packed_bytes", moved_meanwhile)
        ((_, found),) = read_records(events.records, [failure_id])

        assert not isinstance(found, EvidenceError)
        assert found["failure_id"] == failure_id
        assert len(looks) == 2

    def test_who_reads_and_edits_notices_nothing_of_packers(self, events):
        """S0-138: while records go in and out, none is missing, and no edit is lost."""
        ids = [events.put(f"t.py::test_{number}")["failure_id"] for number in range(20)]
        context = multiprocessing.get_context("spawn")
        stop, results = context.Event(), context.Queue()
        others = [
            context.Process(target=move_there, args=(str(events.home), stop)),
            context.Process(target=edit_there, args=(str(events.home), ids, stop, results)),
        ]
        for one in others:
            one.start()
        end = time.monotonic() + 4
        try:
            while time.monotonic() < end:
                found = [one for _, one in read_records(events.records, ids)]
                assert [one for one in found if isinstance(one, EvidenceError)] == []
                assert len(record_names(events.records)) == len(ids)
        finally:
            stop.set()
        edits = results.get(timeout=HANGS_AFTER_SECONDS)
        for one in others:
            one.join()

        told = [
            tag
            for one in events.all().values()
            for tag in one["metadata"]["tags"]
            if tag.startswith("edit")
        ]
        assert len(told) == edits
        assert sum(len(read_changes(events.changes, one)) for one in ids) == edits

    def test_packers_keep_each_other_out(self, events):
        made = [events.put(f"t.py::test_{number}") for number in range(60)]
        before = events.files()
        context = multiprocessing.get_context("spawn")
        results = context.Queue()
        packers = [
            context.Process(target=pack_there, args=(str(events.home), results)) for _ in range(3)
        ]
        for one in packers:
            one.start()
        said = [results.get(timeout=HANGS_AFTER_SECONDS) for _ in packers]
        for one in packers:
            one.join()

        assert set(said) <= {0, 60, "archive-locked"}
        assert said.count(60) == 1
        assert events.inside() == before
        assert len(events.all()) == len(made)

    def test_the_second_one_is_told(self, events):
        events.put()
        events.archive.mkdir()
        code = (
            "import sys; from pathlib import Path\n"
            "from pytest_failtrack.history.edit_lock import held\n"
            "with held(sys.argv[1], '.pack.lock', 0) as is_held:\n"
            "    print(is_held, flush=True); sys.stdin.read()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code, str(events.archive)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout.readline() == "True\n"
            with pytest.raises(EvidenceError, match="is at work in"):
                events.pack()
            other.stdin.close()

        assert events.pack().records == 1
        assert [one.name for one in events.archive.iterdir()] == ["evidence-2026.zip"]

    def test_a_change_while_it_is_packed_stays_outside_and_wins(self, events, monkeypatch):
        made = events.put()
        events.put_event(made)
        real = pack_module.write_part

        def slow(*arguments):
            real(*arguments)
            update_record(
                events.records, made["failure_id"], lambda one: with_status(one, "PREVENTED")
            )
            events.put_event(made, word="prevent")

        monkeypatch.setattr(pack_module, "write_part", slow)
        events.pack()

        (found,) = events.all().values()
        assert found["status"] == "PREVENTED"
        log = events.changes / f"{made['failure_id']}.jsonl"
        assert len(log.read_text().splitlines()) == 2

    def test_who_changes_a_record_waits_for_the_moment_of_removal(self, events):
        made = events.put()
        events.pack()
        with held(str(events.archive), EDIT_LOCK, 1) as is_held:
            assert is_held
            code = (
                "import sys; from pytest_failtrack.history.evidence import update_record\n"
                "def change(one): one['learning']['generalized_lesson'] = 'x'; return one\n"
                "print('go', flush=True)\n"
                "update_record(sys.argv[1], sys.argv[2], change)\n"
            )
            other = subprocess.Popen(
                [sys.executable, "-c", code, str(events.records), made["failure_id"]],
                stdout=subprocess.PIPE,
                text=True,
            )
            assert other.stdout.readline() == "go\n"
            time.sleep(0.3)
            assert not events.files()
        assert other.wait(30) == 0
        other.stdout.close()
        assert events.files()
