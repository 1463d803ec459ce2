"""`failtrack history pack` and `unpack`: every command reads what is packed like the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from ended_evidence import ID, OLD_RUN, ONE, TWO, WAITS, ended
from evidence_folder import KEY_ERROR, Project

from pytest_failtrack.history.database import open_database


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


@pytest.fixture
def packed(project: Project) -> Project:
    """A project with one packed build."""
    project.add_run(ONE, TWO, **OLD_RUN)
    assert project.run("history", "pack", "--older-than", "180").code == 0
    assert not list(project.evidence_dir.iterdir())
    assert not list(project.runs_dir.iterdir())
    return project


def archive(project: Project) -> Path:
    return project.root / "governance/events/archive/evidence-2025.zip"


class TestPack:
    def test_says_what_went_where(self, project: Project) -> None:
        """S0-138"""
        project.add_run(ONE, TWO, **OLD_RUN)

        result = project.run("history", "pack", "--older-than", "180")

        assert result.code == 0
        said = result.out.strip()
        assert said.startswith("packed 2 records, 1 run document (")
        assert " as files) into governance/events/archive/evidence-2025.zip (" in said
        assert result.err == ""

    def test_says_that_there_is_nothing(self, project: Project) -> None:
        project.add_run(WAITS, build_id="4712", **OLD_RUN)

        result = project.run("history", "pack", "--older-than", "1")

        assert (result.code, result.out) == (
            0,
            "nothing to pack: nothing ended more than 1 day ago\n",
        )
        assert not archive(project).parent.exists()

    def test_as_json(self, project: Project) -> None:
        project.add_run(ONE, **OLD_RUN)

        data = json.loads(project.run("history", "pack", "--older-than", "180", "--json").out)

        assert data.pop("unpacked_bytes") > 1_000
        assert data == {
            "schema_version": "1.0",
            "records": 1,
            "runs": 1,
            "changes": 0,
            "matches": 0,
            "archives": ["governance/events/archive/evidence-2025.zip"],
            "problems": [],
        }

    @pytest.mark.parametrize("given", [[], ["--older-than", "-1"], ["--older-than", "soon"]])
    def test_needs_a_number_of_days(self, project: Project, given: list[str]) -> None:
        assert project.run("history", "pack", *given).code == 2

    def test_names_what_it_cannot_read(self, project: Project) -> None:
        project.add_run(ONE, **OLD_RUN)
        (project.evidence_dir / f"{ID}.json").write_bytes(b'{"status": "RESOLVED"')

        result = project.run("history", "pack", "--older-than", "180")

        assert result.code == 3
        assert f"left as it is: {project.evidence_dir / ID}.json is truncated" in result.err

    def test_an_archive_that_is_damaged_is_not_added_to(self, packed: Project) -> None:
        archive(packed).write_bytes(archive(packed).read_bytes()[:-5])
        packed.add_records(TWO)

        result = packed.run("history", "pack", "--older-than", "180")

        assert result.code == 3
        assert "evidence-2025.zip is no whole archive" in result.err
        assert list(packed.evidence_dir.iterdir())

    def test_again_writes_nothing(self, packed: Project) -> None:
        before = archive(packed).stat()

        assert packed.run("history", "pack", "--older-than", "0").code == 0

        after = archive(packed).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_finishes_what_was_stopped(self, packed: Project) -> None:
        with zipfile.ZipFile(archive(packed)) as opened:
            content = opened.read(f"failures/{ID}.json")
        (packed.evidence_dir / f"{ID}.json").write_bytes(content)

        result = packed.run("history", "pack", "--older-than", "180")

        assert "they were in the archives already" in result.out
        assert not list(packed.evidence_dir.iterdir())

    def test_tells_the_index(self, project: Project) -> None:
        project.add_run(ONE, **OLD_RUN)
        assert project.run("history", "rebuild").code == 0

        project.run("history", "pack", "--older-than", "180")

        index = open_database(str(project.root / ".failtrack/history.sqlite"))
        ((told,),) = index.rows("select mtime_ns from records")
        index.close()
        assert told < 0

    def test_goes_on_without_an_index(self, project: Project) -> None:
        project.add_run(ONE, **OLD_RUN)
        (project.root / ".failtrack").mkdir()
        (project.root / ".failtrack/history.sqlite").write_bytes(b"this is none")

        assert project.run("history", "pack", "--older-than", "180").code == 0


class TestReaders:
    def test_list(self, packed: Project) -> None:
        result = packed.run("list", "--build", "4711", "--records")

        assert result.code == 0
        assert result.out.count("RESOLVED") == 2
        assert result.err == ""

    @pytest.mark.parametrize("word", [KEY_ERROR, ID, ID[:8]], ids=["cause", "id", "prefix"])
    def test_show(self, packed: Project, word: str) -> None:
        result = packed.run("show", word)

        assert (result.code, result.err) == (0, "")
        assert "KeyError" in result.out

    def test_gate(self, packed: Project) -> None:
        """Nothing of the digest is missing."""
        result = packed.run("gate", "--build", "4711", "--json")

        assert result.code == 1
        assert json.loads(result.out)["exit_code"] == 1

    def test_gate_over_folders(self, packed: Project) -> None:
        for folder in (packed.root, packed.evidence_dir, packed.runs_dir, archive(packed).parent):
            result = packed.run("gate", "--build", "4711", str(folder))
            assert (result.code, result.err) == (1, ""), folder

    def test_gate_over_the_archive_and_the_files(self, packed: Project) -> None:
        """A record that was brought back out is one record."""
        packed.add_records(ONE)

        assert packed.run("gate", "--build", "4711", str(packed.root)).code == 1

    def test_gate_fails_closed_on_an_archive_that_cannot_be_read(self, packed: Project) -> None:
        packed.add_run(WAITS, build_id="4712")
        archive(packed).write_bytes(b"PK")

        result = packed.run("gate", "--build", "4712")

        assert result.code == 3
        assert "evidence-2025.zip is no whole archive" in result.out + result.err

    def test_rerun(self, packed: Project) -> None:
        (packed.root / "tests").mkdir()
        (packed.root / "tests/test_orders.py").write_text(
            "def test_a(): pass\ndef test_b(): pass\n"
        )

        result = packed.run("rerun", KEY_ERROR)

        assert result.code == 0
        assert "2 passed" in result.out

    def test_doctor(self, packed: Project) -> None:
        result = packed.run("doctor")

        assert "2 records, 1 run, all readable" in result.out

    def test_doctor_names_a_damaged_archive(self, packed: Project) -> None:
        archive(packed).write_bytes(b"PK")

        result = packed.run("doctor")

        assert result.out.count("evidence-2025.zip is no whole archive") == 1

    def test_validate(self, packed: Project) -> None:
        result = packed.run("validate", str(archive(packed)))

        assert (result.code, result.out) == (0, "3 of 3 documents valid\n")

    def test_validate_names_a_damaged_member(self, packed: Project) -> None:
        whole = bytearray(archive(packed).read_bytes())
        whole[300] ^= 0xFF
        archive(packed).write_bytes(whole)

        result = packed.run("validate", str(archive(packed)))

        assert (result.code, result.out) == (3, "2 of 3 documents valid\n")

    def test_ingest_knows_a_report_that_was_read_before(self, project: Project) -> None:
        """C-27"""
        report = project.root / "report.xml"
        report.write_text(
            '<testsuite name="s" timestamp="2025-11-21T10:00:00"><testcase classname="t" '
            'name="a"><failure message="KeyError: 1">E   KeyError: 1</failure></testcase>'
            "</testsuite>"
        )
        assert "1 new record" in project.run("ingest", str(report)).out
        (path,) = project.evidence_dir.iterdir()
        path.write_text(json.dumps(ended(json.loads(path.read_bytes()))))
        assert project.run("history", "pack", "--older-than", "180").code == 0
        assert not list(project.evidence_dir.iterdir())

        result = project.run("ingest", str(report))

        assert "0 new records; 1 there already" in result.out
        assert not list(project.evidence_dir.iterdir())
        assert not list(project.runs_dir.iterdir())

    def test_ingest_finds_the_build_in_which_a_report_was_written(self, packed: Project) -> None:
        report = packed.root / "report.xml"
        report.write_text(
            '<testsuite name="s" timestamp="2025-11-21T10:00:00"><testcase classname="t" '
            'name="a"><failure message="KeyError: 1">E   KeyError: 1</failure></testcase>'
            "</testsuite>"
        )

        assert "build 4711" in packed.run("ingest", str(report)).out


class TestARunOfPytest:
    def pytest(self, project: Project) -> str:
        """Run pytest as a user does."""
        environ = {**os.environ, "NO_COLOR": "1"}
        environ.pop("PYTEST_DISABLE_PLUGIN_AUTOLOAD", None)
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--failtrack", "-p", "no:cacheprovider"],
            cwd=project.root,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.stdout + ran.stderr

    def test_a_packed_failure_that_recurs_is_a_repeat_and_open_again(
        self, project: Project
    ) -> None:
        """S0-110, S0-138, C-34"""
        (project.root / "test_x.py").write_text("def test_x(): {}['customer_id']\n")
        self.pytest(project)
        (path,) = project.evidence_dir.iterdir()
        made = ended(json.loads(path.read_bytes()))
        path.write_text(json.dumps(made))
        assert project.run("history", "pack", "--older-than", "0").code == 0
        assert not path.exists()

        said = self.pytest(project)

        assert "REPEAT" in said
        assert "was RESOLVED -> OPEN" in said
        assert json.loads(path.read_bytes())["status"] == "OPEN"


class TestUnpack:
    def test_is_the_way_back(self, project: Project) -> None:
        """S0-138"""
        project.add_run(ONE, TWO, **OLD_RUN)
        folder = project.root / "governance/events"
        before = {path: path.read_bytes() for path in folder.rglob("*.json")}
        project.run("history", "pack", "--older-than", "180")

        result = project.run("history", "unpack")

        assert result.code == 0
        assert result.out.startswith("unpacked 2 records, 1 run document (")
        assert {path: path.read_bytes() for path in folder.rglob("*.json")} == before
        assert not archive(project).parent.exists()

    def test_of_a_year_in_which_nothing_is_packed(self, packed: Project) -> None:
        result = packed.run("history", "unpack", "--year", "2001")

        assert (result.code, result.out) == (0, "nothing is packed of 2001\n")
        assert archive(packed).exists()

    def test_as_json(self, packed: Project) -> None:
        data = json.loads(packed.run("history", "unpack", "--json").out)

        assert (data["records"], data["runs"]) == (2, 1)
