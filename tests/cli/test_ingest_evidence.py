"""`failtrack ingest` takes in what other jobs recorded: evidence, journals of dead runs, artifacts.

Issue 5, Store: idempotent and safe; S0-137 to S0-139: plain files that are never deleted; S2-82: no
failure path loses its record; C-11: the evidence files are the truth.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ended_evidence import MATCH, OLD_RUN, ONE, TWO
from evidence_folder import Project, make_record, make_run

from inner import HANGS_AFTER_SECONDS
from pytest_failtrack import ingest
from pytest_failtrack.config import Settings, load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import aliases, changes, evidence, matches, run_file
from pytest_failtrack.observe import archive_members
from pytest_failtrack.observe.journal import JOURNAL_VERSION, MAIN, Journal
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record import build
from pytest_failtrack.signature.alias import Alias

AT = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
LATER = AT.replace(hour=18)
SNAPSHOT = "ci_failures_snapshot.json"
OTHER_UUID = "00000000-0000-5000-8000-000000000000"


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    home = tmp_path / "here"
    home.mkdir()
    return Project(home, monkeypatch, capfd)


class Elsewhere:
    """The checkout of another job, with evidence of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events = root / "governance" / "events"
        self.failures = self.events / "failures"
        self.settings = replaced(load({}, table={}), root=root, evidence_dir=self.failures)

    def add(self, *records: dict[str, Any], **run: Any) -> None:
        """Write records and the run that they belong to."""
        for one in records:
            content = build.to_json(build.validate(one))
            evidence.write_record(self.failures, content, one["failure_id"])
        run_file.write_run(self.events / "runs", make_run(records, (), **run))

    def files(self) -> dict[str, bytes]:
        """Return what lies in the evidence."""
        return content_of(self.events)


def content_of(events: Path) -> dict[str, bytes]:
    """Return the documents below a folder; what is made of them anew is none."""
    return {
        one.relative_to(events).as_posix(): one.read_bytes()
        for one in sorted(events.rglob("*"))
        if one.is_file() and one.name != SNAPSHOT
    }


def here(project: Project) -> dict[str, bytes]:
    return content_of(project.evidence_dir.parent)


@pytest.fixture
def other(tmp_path: Path) -> Elsewhere:
    """Another job with three records and a run."""
    found = Elsewhere(tmp_path / "other")
    found.add(*(make_record(f"tests/test_a.py::test_{n}") for n in range(3)))
    return found


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.rglob("*")):
            if one.is_file():
                archive.write(one, one.relative_to(folder))
    return target


def tarred(folder: Path, target: Path) -> Path:
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, ".")
    return target


def assign(settings: Settings, failure_id: str, to: str, at: datetime = AT) -> None:
    def edit(record: dict[str, Any]) -> dict[str, Any]:
        return record | {"metadata": record["metadata"] | {"owner": to}}

    assert changes.change_record(settings, failure_id, edit, action="assign", by="ada", at=at)


class TestDocuments:
    @pytest.mark.parametrize(
        "way", ["folder", "zip", "tar.gz", "nested", "bare", "events", "files"]
    )
    def test_are_copied_byte_for_byte(
        self, project: Project, other: Elsewhere, tmp_path: Path, way: str
    ) -> None:
        """Wherever in a PATH they lie."""
        archive = tmp_path / "artifact.zip"
        if way == "zip":
            paths = [zipped(other.root, archive)]
        elif way == "tar.gz":
            paths = [tarred(other.root, tmp_path / "artifact.tar.gz")]
        elif way == "nested":
            (tmp_path / "jobs").mkdir()
            tarred(other.root, tmp_path / "jobs" / "evidence.tar.gz")
            paths = [zipped(tmp_path / "jobs", archive)]
        elif way == "bare":
            paths = [other.events / "failures", other.events / "runs"]
        elif way == "events":
            paths = [other.events]
        elif way == "files":
            paths = [one for one in other.events.rglob("*") if one.is_file()]
        else:
            paths = [other.root]

        first = project.run("ingest", *map(str, paths))
        second = project.run("ingest", *map(str, paths))

        assert (first.code, first.err) == (0, "")
        assert first.out == "read 4 documents; 3 new records; 1 new run\n"
        assert second.out == "read 4 documents; 0 new records; 0 new runs; 4 there already\n"
        assert here(project) == other.files()

    def test_are_told_by_how_they_begin_too(self, project: Project, other: Elsewhere) -> None:
        """A folder may be called anything."""
        (other.events / "failures").rename(other.events / "evidence-of-py311")

        assert project.run("ingest", str(other.root)).code == 0
        assert len(here(project)) == 4

    def test_fifty_artifacts_at_once(self, project: Project, tmp_path: Path) -> None:
        """Issue: a CI matrix of 50 jobs; what several of them carry is there once."""
        (tmp_path / "down").mkdir()
        shared = make_record("tests/test_a.py::test_shared", build_id="earlier")
        for n in range(50):
            job = Elsewhere(tmp_path / f"job{n}")
            job.add(shared, build_id="earlier")
            job.add(make_record(f"tests/test_a.py::test_{n}"), leg=f"leg{n}")
            zipped(job.root, tmp_path / "down" / f"evidence-{n}.zip")

        result = project.run("ingest", str(tmp_path / "down"))

        assert result.out == (
            "read 200 documents; 51 new records; 51 new runs; 98 there already\n"
        ), result.err

    def test_reports_beside_them_are_read_as_well(self, project: Project, other: Elsewhere) -> None:
        (other.root / "make.log").write_text("make all\nmain.c:3:10: fatal error: foo.h: No\n")

        result = project.run("ingest", str(other.root), "--build", "9")

        assert result.out.endswith("read 1 file; 4 documents; 4 new records; 1 new run; build 9\n")

    def test_a_report_of_a_tracked_run_is_whole_whatever_else_is_cut(
        self, project: Project, other: Elsewhere
    ) -> None:
        """What the run itself recorded says whether it is complete."""
        case = '<testcase classname="tests.test_z" name="test_z"><failure message="no"/></testcase>'
        report = f'<testsuite timestamp="2026-11-21T10:00:00Z">{case}</testsuite>'
        (other.root / "junit.xml").write_text(report)
        (other.root / "cut.xml").write_text(report[:60])

        assert project.run("ingest", str(other.root)).code == 2

        found = [one for _, one in evidence.read_runs(project.runs_dir) if isinstance(one, dict)]
        assert {one["source"]: one["is_complete"] for one in found} == {
            "pytest": True,
            "report": True,
        }

    def test_are_in_the_index(self, project: Project, other: Elsewhere) -> None:
        """The next run asks the index; what came in need not be read again."""
        project.run("ingest", str(other.root))

        with open_history(load({}, table={})) as history:
            assert history.count() == 3

    def test_the_gate_judges_them(self, project: Project, other: Elsewhere) -> None:
        project.run("ingest", str(other.root))

        assert project.run("gate", "--build", "4711").code == 1

    def test_the_evidence_here_is_there_already(self, project: Project, other: Elsewhere) -> None:
        """Issue: this is how a store that was down catches up; locally nothing happens."""
        shutil.copytree(other.events, project.evidence_dir.parent)
        assign(load({}, table={}), next(iter(ids(other))), "@me")
        before = here(project)

        result = project.run("ingest", "governance/events")

        assert (result.code, result.err) == (0, "")
        assert result.out == "read 5 documents; 0 new records; 0 new runs; 4 there already\n"
        assert here(project) == before

    def test_json(self, project: Project, other: Elsewhere) -> None:
        (other.failures / f"{OTHER_UUID}.json").write_text("{")

        result = project.run("ingest", str(other.root), "--json")

        document = json.loads(result.out)
        assert document["evidence"] == {
            "documents": 4,
            "dead_runs": 0,
            "recovered_records": 0,
            "records": {"new": 3, "updated": 0, "shared": 0},
            "runs": {"new": 1, "updated": 0, "shared": 0},
            "matches": {"new": 0, "updated": 0, "shared": 0},
            "changes": {"new": 0, "updated": 0, "shared": 0},
            "aliases": {"new": 0, "updated": 0, "shared": 0},
            "there_already": 0,
            "kept": [],
            "problems": [],
        }
        assert document["new_records"] == 3
        assert len(document["unread"]) == 1
        assert result.code == 2

    def test_python(self, project: Project, other: Elsewhere) -> None:
        came = ingest([other.root])

        assert (came.new_records, came.arrived.records.new, came.runs) == (3, 3, ())


def ids(other: Elsewhere) -> list[str]:
    return [name.removesuffix(".json") for name in evidence.record_names(other.failures)]


class TestPacked:
    """What `failtrack history pack` moved into archives is evidence like the files (S0-138)."""

    @pytest.fixture
    def old(self, other: Elsewhere, tmp_path: Path) -> Elsewhere:
        found = Elsewhere(tmp_path / "old")
        found.add(ONE, TWO, **OLD_RUN)
        matches.write_match(found.events / "matches", MATCH)
        return found

    def pack(self, project: Project) -> None:
        assert project.run("history", "pack", "--older-than", "180").code == 0
        assert [one for one in here(project) if not one.startswith("archive/")] == []

    def test_what_is_packed_here_is_there_already(self, project: Project, old: Elsewhere) -> None:
        project.run("ingest", str(old.root))
        self.pack(project)
        before = here(project)

        result = project.run("ingest", str(old.root))

        assert (result.code, result.err) == (0, "")
        assert result.out == "read 4 documents; 0 new records; 0 new runs; 4 there already\n"
        assert here(project) == before

    def test_what_is_packed_there_comes_in(
        self, project: Project, old: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = old.files()
        with monkeypatch.context() as patched:
            (old.root / "pyproject.toml").touch()
            patched.chdir(old.root)
            assert project.run("history", "pack", "--older-than", "180").code == 0
        assert before != old.files()

        result = project.run("ingest", str(old.root))

        assert (result.code, result.err) == (0, "")
        assert here(project) == before

    def test_a_later_version_lies_outside(self, project: Project, old: Elsewhere) -> None:
        project.run("ingest", str(old.root))
        self.pack(project)
        assign(old.settings, ONE["failure_id"], "@db")

        first = project.run("ingest", str(old.root))
        second = project.run("ingest", str(old.root))

        assert "1 updated" in first.out
        assert "updated" not in second.out
        (found,) = evidence.read_records(project.evidence_dir, [ONE["failure_id"]])
        assert isinstance(found[1], dict)
        assert found[1]["metadata"]["owner"] == "@db"


class TestProgress:
    """Issue: progress on long work, on a terminal alone."""

    CODE = (
        "from pytest_failtrack.cli import ingest, main; "
        "ingest.PROGRESS_AFTER_SECONDS = {seconds}; main.main()"
    )

    def told(self, project: Project, path: Path, seconds: float) -> str:
        """Return what a terminal on standard error shows."""
        pty = pytest.importorskip("pty", reason="there are no terminals of that kind here")
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", self.CODE.format(seconds=seconds), "ingest", str(path)],
            cwd=project.root,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 65_536):
                shown += part
        except OSError:
            pass  # Linux says so of a terminal that nobody writes to any more
        finally:
            os.close(ours)
        out, _ = process.communicate(timeout=HANGS_AFTER_SECONDS)
        assert b"3 new records" in out
        return shown.decode()

    @pytest.mark.parametrize("way", ["folder", "zip", "tar.gz"])
    def test_on_a_terminal(
        self, project: Project, other: Elsewhere, tmp_path: Path, way: str
    ) -> None:
        path = other.root
        if way != "folder":
            make = zipped if way == "zip" else tarred
            path = make(other.root, tmp_path / f"a.{way}")

        shown = self.told(project, path, seconds=0)

        assert "reading" in shown
        assert "100%" in shown

    def test_of_short_work_is_not_shown(self, project: Project, other: Elsewhere) -> None:
        assert self.told(project, other.root, seconds=60) == ""


class TestBadDocuments:
    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda text: text[: len(text) // 2], "is truncated"),
            (lambda text: "", "is empty"),
            (lambda text: text.replace('"CI"', "7", 1), "signature"),
            (lambda text: text.replace('"1.0"', '"2.0"', 1), "has schema version 2.0"),
            (lambda text: text.replace('"OPEN"', '"GONE"', 1), "status is 'GONE'"),
            (lambda text: "[]", "holds list"),
            (lambda text: "\udcff", "is no UTF-8"),
            (lambda text: text + " " * 5_000_000, "at most 4,194,304 are read"),
        ],
        ids=["cut", "empty", "type", "newer", "enum", "list", "bytes", "huge"],
    )
    @pytest.mark.parametrize("way", ["folder", "zip"])
    def test_is_named_and_left_out_and_the_others_come_in(
        self, project: Project, other: Elsewhere, tmp_path: Path, spoil: Any, said: str, way: str
    ) -> None:
        bad = other.failures / f"{ids(other)[1]}.json"
        text = spoil(bad.read_text(encoding="utf-8"))
        bad.write_bytes(text.encode("utf-8", "surrogateescape"))
        path = other.root if way == "folder" else zipped(other.root, tmp_path / "a.zip")

        result = project.run("ingest", str(path))

        assert result.code == 2
        assert said in result.err
        assert bad.name in result.err
        assert "2 new records; 1 new run" in result.out
        assert not (project.evidence_dir / bad.name).exists()

    def test_one_that_was_renamed(self, project: Project, other: Elsewhere) -> None:
        (other.failures / f"{ids(other)[0]}.json").rename(other.failures / f"{OTHER_UUID}.json")
        (run,) = (other.events / "runs").iterdir()
        run.rename(run.with_name("4711.00000000.json"))

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert result.err.count("it was renamed, or its id was changed") == 2
        assert "2 new records; 0 new runs" in result.out

    @pytest.mark.parametrize("name", ["../../../etc/x.00000000", "x" * 300 + ".00000000"])
    def test_a_run_cannot_choose_its_place(
        self, project: Project, other: Elsewhere, name: str
    ) -> None:
        (run,) = (other.events / "runs").iterdir()
        document = json.loads(run.read_text()) | {"document_id": name}
        run.unlink()
        (other.root / "x.json").write_text(json.dumps(document))

        project.run("ingest", str(other.root))

        assert all(
            one.parent == project.runs_dir and len(one.name) < 200
            for one in project.root.rglob("*.json")
            if one.parent != project.evidence_dir
        )

    def test_many_are_counted(self, project: Project, other: Elsewhere) -> None:
        for n in range(30):
            (other.failures / f"{n:08d}{OTHER_UUID[8:]}.json").write_text("{")

        result = project.run("ingest", str(other.root))

        assert result.err.count("\n") == 21
        assert result.err.endswith("failtrack: 10 more like that\n")

    def test_links_out_of_a_folder_are_not_followed(
        self, project: Project, other: Elsewhere, tmp_path: Path
    ) -> None:
        (tmp_path / "down").mkdir()
        (tmp_path / "down" / "all").symlink_to(other.root, target_is_directory=True)
        (tmp_path / "down" / "failures").mkdir()
        for one in ids(other):
            (tmp_path / "down" / "failures" / f"{one}.json").symlink_to(
                other.failures / f"{one}.json"
            )

        result = project.run("ingest", str(tmp_path / "down"))

        assert result.code == 2
        assert "a folder without reports" in result.err
        assert here(project) == {}

    def test_names_that_lead_out_of_an_archive_lead_nowhere(
        self, project: Project, other: Elsewhere, tmp_path: Path
    ) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name, content in other.files().items():
                archive.writestr(f"../../../{name}", content)

        project.run("ingest", str(tmp_path / "a.zip"))

        assert here(project) == other.files()
        assert {one.name for one in tmp_path.iterdir()} == {"a.zip", "here", "other"}

    def test_archives_in_archives_share_one_bound(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A bomb is one whatever it is wrapped in."""
        monkeypatch.setattr(archive_members, "UNPACKED_MAX_BYTES", 1_000_000)
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.log", b"\n" * 300_000)
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for n in range(5):
                archive.writestr(f"{n}.zip", inner.getvalue())

        result = project.run("ingest", str(tmp_path / "a.zip"))

        assert result.code == 2
        assert "an archive of more than" in result.err

    def test_a_broken_archive_in_an_archive_hides_nothing(
        self, project: Project, other: Elsewhere, tmp_path: Path
    ) -> None:
        (other.root / "a.zip").write_bytes(b"PK\x03\x04 and no more")

        result = project.run("ingest", str(zipped(other.root, tmp_path / "b.zip")))

        assert result.code == 2
        assert "b.zip!a.zip: the archive cannot be read" in result.err
        assert len(here(project)) == 4

    def test_an_evidence_folder_that_cannot_be_written(
        self, project: Project, other: Elsewhere
    ) -> None:
        """Told once, with exit code 3; what was named is untouched."""
        before = other.files()
        (project.root / "governance").write_text("a file")

        result = project.run("ingest", str(other.root))

        assert result.code == 3
        assert "a part of the path is a file" in result.err
        assert "3 more for the same reason" in result.err
        assert result.err.count("\n") <= 3
        assert other.files() == before

    def test_one_that_cannot_be_written_stops_no_other(
        self, project: Project, other: Elsewhere
    ) -> None:
        (project.evidence_dir / f"{ids(other)[1]}.json").mkdir(parents=True)

        result = project.run("ingest", str(other.root))

        assert result.code == 3
        assert "it is a folder, not a file" in result.err
        assert "2 new records; 1 new run" in result.out


class TestTwoVersions:
    """One record, changed in two places: the events of both sides are kept."""

    @pytest.fixture
    def one(self, project: Project, other: Elsewhere) -> str:
        """The id of a record that lies on both sides."""
        project.run("ingest", str(other.root))
        return ids(other)[0]

    def owner(self, project: Project, failure_id: str) -> str:
        (found,) = (one for _, one in evidence.read_records(project.evidence_dir, [failure_id]))
        assert isinstance(found, dict), found
        return str(found["metadata"]["owner"])

    def events(self, failure_id: str) -> list[Any]:
        return [
            one.after["metadata.owner"]
            for one in changes.read_changes(load({}, table={}), failure_id)
        ]

    @pytest.mark.parametrize("way", ["folder", "zip", "tar.gz", "changes last"])
    def test_who_knows_all_changes_of_the_other_wins(
        self, project: Project, other: Elsewhere, one: str, tmp_path: Path, way: str
    ) -> None:
        assign(other.settings, one, "@db")
        path = other.root
        if way == "zip":
            path = zipped(other.root, tmp_path / "a.zip")
        elif way == "tar.gz":
            path = tarred(other.root, tmp_path / "a.tar.gz")
        elif way == "changes last":
            path = tmp_path / "a.tar.gz"
            with tarfile.open(path, "w:gz") as archive:
                archive.add(other.failures, "failures")
                archive.add(other.events / "changes", "changes")

        first = project.run("ingest", str(path))
        second = project.run("ingest", str(path))

        assert (first.code, first.err) == (0, "")
        assert "1 updated" in first.out
        assert "updated" not in second.out
        assert here(project) == other.files()

    def test_ours_stays_when_it_knows_more(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        assign(load({}, table={}), one, "@db")
        before = here(project)

        result = project.run("ingest", str(other.root))

        assert (result.code, result.err) == (0, "")
        assert here(project) == before

    def test_ours_stays_when_both_were_changed_and_it_is_said(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        assign(load({}, table={}), one, "@db")
        assign(other.settings, one, "@web", LATER)

        first = project.run("ingest", str(other.root))
        second = project.run("ingest", str(other.root))

        assert first.code == 0
        assert f"record {one} was changed here as well as there" in first.err
        assert self.owner(project, one) == "@db"
        assert self.events(one) == ["@db", "@web"]
        assert (second.code, second.err) == (0, "")

    def test_then_the_other_side_takes_what_was_decided(
        self, project: Project, other: Elsewhere, one: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assign(load({}, table={}), one, "@db")
        assign(other.settings, one, "@web", LATER)
        project.run("ingest", str(other.root))

        monkeypatch.chdir(other.root)
        (other.root / "pyproject.toml").touch()
        result = project.run("ingest", str(project.root))

        assert "1 updated" in result.out
        assert content_of(project.evidence_dir) == content_of(other.failures)
        assert self.events(one) == ["@db", "@web"]

    def test_an_edit_without_an_event_is_said(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        path = other.failures / f"{one}.json"
        path.write_text(path.read_text().replace("@shop-team", "@nobody"))

        result = project.run("ingest", str(other.root))

        assert result.code == 0
        assert "was changed here as well as there" in result.err
        assert self.owner(project, one) == "@shop-team"

    def test_another_layout_of_the_same_is_the_same(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        path = other.failures / f"{one}.json"
        path.write_text(json.dumps(json.loads(path.read_text()), indent=8))

        result = project.run("ingest", str(other.root))

        assert (result.code, result.err) == (0, "")
        assert "updated" not in result.out

    def test_what_was_captured_is_never_replaced(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        """Not even by a side with more events."""
        assign(other.settings, one, "@db")
        path = other.failures / f"{one}.json"
        path.write_text(path.read_text().replace("test_a.py", "test_b.py"))
        before = (project.evidence_dir / f"{one}.json").read_bytes()

        result = project.run("ingest", str(other.root))

        assert "the record that is here stays" in result.err
        assert (project.evidence_dir / f"{one}.json").read_bytes() == before
        assert self.events(one) == ["@db"]

    def test_a_damaged_one_is_replaced(self, project: Project, other: Elsewhere, one: str) -> None:
        (project.evidence_dir / f"{one}.json").write_text("{")

        result = project.run("ingest", str(other.root))

        assert "1 updated" in result.out
        assert here(project) == other.files()

    def test_events_without_their_record_come_in(
        self, project: Project, other: Elsewhere, one: str
    ) -> None:
        assign(other.settings, one, "@db")

        result = project.run("ingest", str(other.events / "changes"))

        assert result.out == "read 1 document; 0 new records; 0 new runs; 1 new change\n"
        assert self.events(one) == ["@db"]

    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b"[]",
            b'{"event_id": "x"}',
            b"\xff\xfe",
            b"[" * 5_000,
            b'{"a": ' + b'"' + b"x" * 1_100_000 + b'"}',
        ],
        ids=["cut", "list", "fields", "bytes", "deep", "huge"],
    )
    def test_a_bad_event_is_named_and_the_others_come_in(
        self, project: Project, other: Elsewhere, one: str, line: bytes
    ) -> None:
        assign(other.settings, one, "@db")
        path = other.events / "changes" / f"{one}.jsonl"
        path.write_bytes(line + b"\n" + path.read_bytes())

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert f"{one}.jsonl, line 1" in result.err
        assert self.events(one) == ["@db"]

    def test_a_changed_event_is_refused(self, project: Project, other: Elsewhere, one: str) -> None:
        assign(other.settings, one, "@db")
        path = other.events / "changes" / f"{one}.jsonl"
        path.write_bytes(path.read_bytes().replace(b'"ada"', b'"eve"'))

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert self.events(one) == []


class TestTwoVersionsOfARun:
    def run_of(self, project: Project) -> dict[str, Any]:
        ((_, found),) = evidence.read_runs(project.runs_dir)
        assert isinstance(found, dict)
        return found

    @pytest.mark.parametrize("first", ["died", "finished"])
    def test_the_one_that_knows_more_stays(
        self, project: Project, tmp_path: Path, first: str
    ) -> None:
        """A run that was recovered somewhere, and came to its end in truth."""
        records = [make_record(f"tests/test_a.py::test_{n}") for n in range(2)]
        died = Elsewhere(tmp_path / "died")
        died.add(records[0], ended="died", is_complete=False, exit_status=None)
        finished = Elsewhere(tmp_path / "finished")
        finished.add(*records)
        order = [died, finished] if first == "died" else [finished, died]

        results = [project.run("ingest", str(one.root)) for one in order]

        assert [one.code for one in results] == [0, 0]
        assert self.run_of(project)["ended"] == "finished"
        assert len(self.run_of(project)["records"]) == 2

    def test_ours_stays_when_they_contradict_each_other(
        self, project: Project, tmp_path: Path
    ) -> None:
        for n in range(2):
            Elsewhere(tmp_path / f"job{n}").add(make_record(f"tests/test_a.py::test_{n}"))

        project.run("ingest", str(tmp_path / "job0"))
        result = project.run("ingest", str(tmp_path / "job1"))

        assert "is here with other failures" in result.err
        assert len(self.run_of(project)["records"]) == 1


class TestMatches:
    """Of errors outside of tests, which programs had matched (S2-44 to S2-48)."""

    MATCH_ID = "9a1b5d2e-0c0f-4e43-8c8e-3f0a6d1f2b11"

    def write(self, other: Elsewhere, updated_at: str, *, succeeded: bool = False) -> bytes:
        matches.write_match(
            other.events / "matches",
            {
                **MATCH,
                "failure_match_id": self.MATCH_ID,
                "updated_at": updated_at,
                "recovery_attempted": succeeded,
                "recovery_succeeded": succeeded,
            },
        )
        return (other.events / "matches" / f"{self.MATCH_ID}.json").read_bytes()

    def test_the_later_state_stays(self, project: Project, other: Elsewhere) -> None:
        older = self.write(other, "2026-11-21T10:00:00Z")
        first = project.run("ingest", str(other.root))
        newer = self.write(other, "2026-11-21T11:00:00Z", succeeded=True)
        second = project.run("ingest", str(other.root))
        path = other.events / "matches" / f"{self.MATCH_ID}.json"
        path.write_bytes(older)
        project.run("ingest", str(other.root))

        assert "1 new match" in first.out
        assert "1 updated" in second.out
        assert (project.root / path.relative_to(other.root)).read_bytes() == newer

    def test_a_bad_one_is_named(self, project: Project, other: Elsewhere) -> None:
        self.write(other, "2026-11-21T10:00:00Z")
        path = other.events / "matches" / f"{self.MATCH_ID}.json"
        path.rename(path.with_name(f"{OTHER_UUID}.json"))

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert "the file was renamed" in result.err


class TestAliases:
    """Old digits of signatures and new ones: those of other jobs are joined to ours (C-6)."""

    OURS = Alias("a" * 12, "b" * 12, 2)
    THEIRS = Alias("c" * 12, "b" * 12, 2)

    @pytest.mark.parametrize("way", ["folder", "zip", "file"])
    def test_come_in_beside_ours(
        self, project: Project, other: Elsewhere, tmp_path: Path, way: str
    ) -> None:
        ours, theirs = (aliases.aliases_path(one) for one in (project.evidence_dir, other.failures))
        aliases.add_aliases(ours, [self.OURS])
        aliases.add_aliases(theirs, [self.THEIRS])
        renamed = tmp_path / "from-the-other-team.json"
        renamed.write_bytes(theirs.read_bytes())
        archive = zipped(other.root, tmp_path / "artifact.zip")
        source = str({"folder": other.root, "zip": archive, "file": renamed}[way])

        first = project.run("ingest", source)
        second = project.run("ingest", source)

        assert (first.code, first.err, second.code) == (0, "", 0)
        assert "1 new alias" in first.out
        assert "alias" not in second.out
        assert aliases.read_aliases(ours) == [self.OURS, self.THEIRS]

    def test_come_in_byte_for_byte_where_there_were_none(
        self, project: Project, other: Elsewhere
    ) -> None:
        aliases.add_aliases(aliases.aliases_path(other.failures), [self.THEIRS, self.OURS])

        assert project.run("ingest", str(other.root), "--json").code == 0

        assert here(project) == other.files()

    def test_that_contradict_ours_are_refused_and_the_rest_comes_in(
        self, project: Project, other: Elsewhere
    ) -> None:
        ours = aliases.aliases_path(project.evidence_dir)
        aliases.add_aliases(ours, [self.OURS])
        before = ours.read_bytes()
        theirs = aliases.aliases_path(other.failures)
        aliases.add_aliases(theirs, [Alias(self.OURS.new, self.OURS.old, 2), self.THEIRS])

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert f"{theirs}: contradicts {ours}" in result.err
        assert "`failtrack signature migrate --write` where it comes from" in result.err
        assert "3 new records" in result.out
        assert ours.read_bytes() == before

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"format": "other"}'])
    def test_that_are_none_are_named(
        self, project: Project, other: Elsewhere, content: bytes
    ) -> None:
        path = aliases.aliases_path(other.failures)
        path.write_bytes(content)

        result = project.run("ingest", str(other.root))

        assert result.code == 2
        assert f"{path}: no list of aliases" in result.err
        assert "3 new records" in result.out

    def test_do_not_come_in_where_ours_are_damaged(
        self, project: Project, other: Elsewhere
    ) -> None:
        project.evidence_dir.mkdir(parents=True)
        ours = aliases.aliases_path(project.evidence_dir)
        ours.write_bytes(b"{}")
        aliases.add_aliases(aliases.aliases_path(other.failures), [self.THEIRS])

        result = project.run("ingest", str(other.root))

        assert result.code == 3
        assert f"{ours}: no list of aliases" in result.err
        assert ours.read_bytes() == b"{}"


def observation(nodeid: str) -> dict[str, Any]:
    return {
        "id": f"id-{nodeid}",
        "source": "pytest",
        "when": "call",
        "nodeid": nodeid,
        "outcome": "failed",
        "text": "E   KeyError: 'customer_id'",
        "timestamp": "2026-11-21T10:00:00.000+00:00",
        "worker": "",
    }


class TestJournals:
    RUN = "20261121T100000-4711-abcdef"

    @pytest.fixture
    def dead(self, tmp_path: Path) -> Path:
        """The checkout of a job whose run died, its state folder still there."""
        self.write(tmp_path / "dead", {})
        return tmp_path / "dead"

    def write(self, checkout: Path, start: dict[str, Any], **settings: Any) -> Path:
        folder = checkout / ".failtrack" / "journals" / self.RUN
        journal = Journal(folder, MAIN)
        journal.start(
            {
                "process": MAIN,
                "source": "pytest",
                "started_at": "2026-11-21T09:59:00.000+00:00",
                "settings": {"build": "812", "job": "unit", "workflow": "CI", **settings},
                "command": "pytest",
                **start,
            }
        )
        journal.write({"observation": observation("tests/test_a.py::test_a")})
        journal.close()
        path = folder / f"{MAIN}.jsonl"
        os.utime(path, (1_763_719_200, 1_763_719_200))
        return path

    @pytest.mark.parametrize("way", ["folder", "zip", "tar.gz", "state"])
    def test_of_a_dead_run_become_records_and_stay_as_they_are(
        self, project: Project, dead: Path, tmp_path: Path, way: str
    ) -> None:
        path = dead / ".failtrack" if way == "state" else dead
        if way == "zip":
            path = zipped(dead, tmp_path / "a.zip")
        elif way == "tar.gz":
            path = tarred(dead, tmp_path / "a.tar.gz")
        before = content_of(dead)

        first = project.run("ingest", str(path))
        there = here(project)
        second = project.run("ingest", str(path))

        assert (first.code, first.err) == (0, "")
        assert "recovered an earlier run that died (build 812)" in first.out
        assert first.out.endswith("read 1 dead run; 2 new records\n")
        ((_, run),) = evidence.read_runs(project.runs_dir)
        assert isinstance(run, dict)
        assert (run["ended"], run["job"], len(run["records"])) == ("died", "unit", 2)
        assert second.out == "read 1 dead run; 0 new records\n"
        assert here(project) == there
        assert content_of(dead) == before
        assert not list(project.root.glob(".failtrack/journals/*"))

    def test_recover_there_and_ingest_here_are_one(
        self, project: Project, dead: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """C-27: the same failure has one id on every road."""
        project.run("ingest", str(dead))
        (dead / "pyproject.toml").touch()
        monkeypatch.chdir(dead)
        project.run("recover")

        assert set(content_of(dead / "governance" / "events")) == set(here(project))

    def test_those_of_this_project_are_recovered_as_ever(self, project: Project) -> None:
        self.write(project.root, {})

        result = project.run("ingest", ".failtrack")

        assert result.out.endswith("read 1 dead run; 2 new records\n"), result.err
        assert not list(project.root.glob(".failtrack/journals/*"))

    def test_a_run_that_ended_has_nothing_to_tell(self, project: Project, dead: Path) -> None:
        path = dead / ".failtrack/journals" / self.RUN / "main.jsonl"
        path.write_bytes(path.read_bytes() + b'{"mark": "end"}\n')

        result = project.run("ingest", str(dead))

        assert result.code == 0
        assert here(project) == {}

    def test_a_run_that_lives_is_left_alone(self, project: Project, tmp_path: Path) -> None:
        journal = Journal(tmp_path / "other/.failtrack/journals" / self.RUN, MAIN)
        journal.start({"process": MAIN, "settings": {}})
        try:
            result = project.run("ingest", str(tmp_path / "other"))
        finally:
            journal.close()

        assert "this run is alive" in result.err
        assert here(project) == {}

    def test_one_of_another_version_is_named(
        self, project: Project, dead: Path, other: Elsewhere
    ) -> None:
        path = dead / ".failtrack/journals" / self.RUN / "main.jsonl"
        path.write_text(path.read_text().replace(f'"version":{JOURNAL_VERSION}', '"version":99'))

        result = project.run("ingest", str(dead), str(other.root))

        assert result.code == 2
        assert "journal of version 99" in result.err
        assert "3 new records" in result.out

    @pytest.mark.parametrize(
        ("start", "settings"),
        [
            ({"evidence": "../../outside", "root": "/"}, {}),
            ({"parent": "../../../outside"}, {}),
            ({}, {"evidence_dir": "outside", "state_dir": "/outside", "root": "/", "history": "x"}),
            ({"settings": ["outside"]}, {}),
            ({}, {"build": "../../outside"}),
        ],
        ids=["evidence", "parent", "settings", "no settings", "build"],
    )
    def test_a_journal_cannot_choose_where_anything_is_written(
        self,
        project: Project,
        tmp_path: Path,
        start: dict[str, Any],
        settings: dict[str, Any],
    ) -> None:
        self.write(tmp_path / "dead", start, **settings)

        project.run("ingest", str(tmp_path / "dead"))

        assert {one.name for one in tmp_path.iterdir()} == {"dead", "here"}
        assert {one.name for one in project.root.iterdir()} == {
            "pyproject.toml",
            "governance",
            ".failtrack",
        }
        assert {one.name for one in (project.root / ".failtrack").iterdir()} <= {
            "history.sqlite",
            ".gitignore",
            "CACHEDIR.TAG",
        }
        assert {one.name for one in (project.root / "governance" / "events").iterdir()} <= {
            "failures",
            "runs",
            SNAPSHOT,
        }

    def test_a_run_that_came_with_its_document_is_there_already(
        self, project: Project, dead: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was recovered where it died, and the state folder was uploaded before that."""
        zipped(dead, dead.parent / "a.zip")
        (dead / "pyproject.toml").touch()
        with monkeypatch.context() as patched:
            patched.chdir(dead)
            project.run("recover")

        result = project.run("ingest", str(dead.parent / "a.zip"), str(dead))

        assert here(project) == content_of(dead / "governance" / "events")
        assert "2 new records" in result.out
