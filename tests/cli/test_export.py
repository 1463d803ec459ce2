"""`failtrack export`: evidence in another folder, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ended_evidence import MATCH, OLD_RUN, ONE, TWO, WAITS
from evidence_folder import Project

from pytest_failtrack.history.aliases import add_aliases, aliases_path
from pytest_failtrack.history.export import Exported, export
from pytest_failtrack.history.matches import write_match
from pytest_failtrack.signature.alias import Alias


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    (tmp_path / "project").mkdir()
    project = Project(tmp_path / "project", monkeypatch, capfd)
    project.add_run(ONE, TWO, **OLD_RUN)
    project.add_run(WAITS, build_id="4712")
    changes = project.evidence_dir.parent / "changes"
    changes.mkdir()
    (changes / f"{ONE['failure_id']}.jsonl").write_text('{"at": "2025-11-21T10:00:00Z"}\n')
    return project


def documents_below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.json*")
        if path.is_file()
    }


class TestExport:
    @pytest.mark.parametrize("is_packed", [False, True], ids=["loose", "packed"])
    def test_is_byte_equal_after_a_round_trip(self, project: Project, is_packed: bool) -> None:
        """C-11: exported, then read in another folder, and exported from there."""
        home = project.evidence_dir.parent
        write_match(home / "matches", MATCH)
        add_aliases(aliases_path(project.evidence_dir), [Alias("a" * 12, "b" * 12, 2)])
        before = documents_below(home)
        listed = project.run("list", "--build", "4711", "--records", "--json").out
        if is_packed:
            project.run("history", "pack", "--older-than", "180")
            assert documents_below(home) != before
        out = project.root.parent / "out"

        result = project.run("export", "--output", str(out))

        assert (result.code, result.err) == (0, "")
        assert result.out == (
            f"exported 3 records, 2 run documents, 1 log of changes, 1 match, "
            f"the aliases of signatures to {out}\n"
        )
        assert documents_below(out) == before
        there = ["--dir", str(out / "failures")]
        assert project.run("list", "--build", "4711", "--records", "--json", *there).out == listed
        assert project.run("gate", "--build", "4711", *there).code == 1
        again = project.root.parent / "again"
        assert project.run("export", "--output", str(again), *there).code == 0
        assert documents_below(again) == before

    def test_again_writes_nothing(self, project: Project) -> None:
        project.run("export", "--output", "out")

        result = project.run("export", "--output", "out")

        assert result.code == 0
        assert result.out.endswith("to out; 6 of them were there already\n")

    def test_of_a_build_takes_its_records_and_their_changes(self, project: Project) -> None:
        assert project.run("export", "--output", "out", "--build", "4711").code == 0

        names = sorted(documents_below(project.root / "out"))
        ids = sorted([ONE["failure_id"], TWO["failure_id"]])
        assert names[0] == f"changes/{ONE['failure_id']}.jsonl"
        assert names[1:3] == [f"failures/{one}.json" for one in ids]
        assert len(names) == 4

    def test_since_a_moment(self, project: Project) -> None:
        """The record is old; it comes with its run."""
        result = project.run("export", "--output", "out", "--since", "2026-01-01")

        assert result.out == "exported 1 record, 1 run document to out\n"
        assert f"failures/{WAITS['failure_id']}.json" in documents_below(project.root / "out")

    @pytest.mark.parametrize(
        ("option", "is_there"),
        [
            (("--build", "4711"), True),
            (("--build", "4712"), False),
            (("--since", "2025-11-21"), True),
            (("--since", "2026-01-01"), False),
        ],
        ids=["its build", "another build", "since then", "since later"],
    )
    def test_matches_are_chosen_by_their_run_and_their_last_word(
        self, project: Project, option: tuple[str, str], is_there: bool
    ) -> None:
        write_match(project.evidence_dir.parent / "matches", MATCH)

        result = project.run("export", "--output", "out", *option, "--json")

        assert json.loads(result.out)["matches"] == is_there
        assert (project.root / "out/matches").exists() == is_there

    def test_of_nothing(self, project: Project) -> None:
        result = project.run("export", "--output", "out", "--build", "nothing")

        assert (result.code, result.out) == (0, "exported 0 records, 0 run documents to out\n")

    def test_a_file_that_holds_something_else_is_left_and_named(self, project: Project) -> None:
        other = project.root / "out/failures" / f"{ONE['failure_id']}.json"
        other.parent.mkdir(parents=True)
        other.write_bytes(b"mine")

        result = project.run("export", "--output", "out")

        assert result.code == 3
        assert f"{ONE['failure_id']}.json holds something else; --overwrite" in result.err
        assert other.read_bytes() == b"mine"
        assert len(documents_below(project.root / "out")) == 6

        result = project.run("export", "--output", "out", "--overwrite", "--json")
        assert result.code == 0
        assert json.loads(result.out)["replaced"] == 1
        assert json.loads(other.read_bytes()) == ONE

    def test_what_cannot_be_read_is_named(self, project: Project) -> None:
        (project.evidence_dir / f"{TWO['failure_id']}.json").write_bytes(b"{")

        result = project.run("export", "--output", "out")

        assert result.code == 3
        assert "is truncated" in result.err
        assert result.out.startswith("exported 2 records, 2 run documents")

    def test_an_archive_that_cannot_be_read_is_named(self, project: Project) -> None:
        project.run("history", "pack", "--older-than", "180")
        (project.evidence_dir.parent / "archive/evidence-2025.zip").write_bytes(b"")

        result = project.run("export", "--output", "out")

        assert result.code == 3
        assert "evidence-2025.zip is no whole archive" in result.err

    def test_over_its_own_evidence_changes_nothing(self, project: Project) -> None:
        before = documents_below(project.root)

        assert project.run("export", "--output", "governance/events").code == 0

        assert documents_below(project.root) == before

    def test_needs_a_folder(self, project: Project) -> None:
        assert project.run("export").code == 2
        assert project.run("export", "--output", "pyproject.toml").code == 2


class Store:
    """Another place where evidence is kept, such as a database."""

    def __init__(self, *held: tuple[str, str, bytes]) -> None:
        self._held = held
        self.problems: list[str] = []

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        yield from self._held


class TestAnotherStore:
    def test_is_exported_in_the_same_way(self, tmp_path: Path) -> None:
        found = export(Store(("runs", "a.json", b"1"), ("failures", "b.json", b"2")), tmp_path)

        assert found == Exported(
            {"runs": 1, "failures": 1, "changes": 0, "matches": 0, "aliases": 0}, 2, 0, (), ()
        )
        assert documents_below(tmp_path) == {"runs/a.json": b"1", "failures/b.json": b"2"}

    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("failures", "../a.json"),
            ("failures", "/a.json"),
            ("..", "a.json"),
            ("failures", ".a.json"),
            ("failures", ".."),
            ("failures", ""),
            ("failures", "a\0.json"),
            ("aliases", "../signature-aliases.json"),
            ("aliases", "pyproject.toml"),
        ],
    )
    def test_no_name_leads_out_of_the_folder(self, tmp_path: Path, kind: str, name: str) -> None:
        found = export(Store((kind, name, b"evil")), tmp_path / "out")

        assert "is no name of a document" in found.problems[0]
        assert list(tmp_path.rglob("*")) == []


class TestSince:
    def test_is_refused_on_the_command_line(self, project: Project) -> None:
        assert project.run("export", "--output", "out", "--since", "soon").code == 2
