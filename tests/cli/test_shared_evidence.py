"""Commands over a shared history say what they say over the same evidence as files (C-11)."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from evidence_folder import KEY_ERROR, REFUSED, Project, make_cause, make_record

from pytest_failtrack.history.evidence import read_records, read_runs

ONE = make_record("tests/test_orders.py::test_a")
TWO = make_record("tests/test_orders.py::test_b")
OLD = make_record("tests/test_orders.py::test_a", build_id="4650", at="2026-11-09T10:00:00Z")
OTHER = make_record("tests/test_db.py::test_c", cause_id=REFUSED)
QUESTIONS = (
    ("list",),
    ("list", "--records"),
    ("list", "--build", "4650"),
    ("list", "--json"),
    ("show", KEY_ERROR),
    ("show", KEY_ERROR[:5], "--json"),
    ("show", REFUSED),
    ("show", ONE["failure_id"]),
    ("show", ONE["failure_id"][:9]),
    ("record", ONE["failure_id"], "show"),
)


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    made = Project(tmp_path, monkeypatch, capfd)
    made.add_run(OLD, build_id="4650", finished_at="2026-11-09T10:01:00Z")
    repeat = make_cause([ONE, TWO], novelty="REPEAT", occurrence=2, days_since_last=12)
    made.add_run(ONE, TWO, OTHER, causes=[repeat, make_cause([OTHER], headline="Refused")])
    return made


@pytest.fixture
def shared(project: Project, postgres_url: str) -> str:
    """Return the URL of a history that holds the project's evidence."""
    from pytest_failtrack.history.postgres import PostgresDatabase
    from pytest_failtrack.history.shared import share_records, share_runs

    folder = project.evidence_dir
    with closing(PostgresDatabase(postgres_url, "shop")) as database:
        share_records(
            database,
            [(path.read_bytes(), one) for path, one in read_records(folder) if is_whole(one)],
        )
        share_runs(
            database,
            [
                (path.name, path.read_bytes(), one)
                for path, one in read_runs(folder.parent / "runs")
                if is_whole(one)
            ],
        )
    return postgres_url


def is_whole(found: object) -> bool:
    return isinstance(found, dict)


@pytest.mark.parametrize("words", QUESTIONS, ids=" ".join)
def test_the_answers_are_the_same(
    project: Project, shared: str, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    from_files = project.run(*words)
    assert from_files.code == 0

    monkeypatch.setenv("FAILTRACK_HISTORY", shared)
    monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
    shutil.rmtree(project.evidence_dir.parent)
    from_database = project.run(*words)

    assert (from_database.code, from_database.out) == (0, from_files.out)


def test_another_repository_sees_none_of_it(
    project: Project, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILTRACK_HISTORY", shared)
    monkeypatch.setenv("FAILTRACK_REPOSITORY", "other/one")

    result = project.run("list")

    assert result.code == 3
    assert "holds nothing of other/one" in result.err


def test_a_server_that_is_down_leaves_the_files(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    monkeypatch.setenv("FAILTRACK_HISTORY", "postgresql://ada:s3cret@127.0.0.1:9/x")

    result = project.run("list")

    assert result.code == 0
    assert "build 4711" in result.out
    assert "the local evidence was read instead" in result.err
    assert "s3cret" not in result.err


def test_a_record_lives_in_the_database(
    project: Project, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S0-109..114 over a shared history: no file is needed here, and one that is follows."""
    monkeypatch.setenv("FAILTRACK_HISTORY", shared)
    monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
    name = ONE["failure_id"]
    path = project.evidence_dir / f"{name}.json"

    assert project.run("record", name, "assign", "ada", "--by", "bob").code == 0
    assert '"owner": "ada"' in path.read_text(encoding="utf-8")
    shutil.rmtree(project.evidence_dir.parent)
    assert project.run("record", name, "investigate", "--by", "ada").code == 0
    refused = project.run("record", name, "prevent", "--by", "ada")
    assert refused.code == 2
    assert "cannot go from INVESTIGATING to PREVENTED" in refused.err

    shown = project.run("record", name, "show")
    assert "INVESTIGATING" in shown.out
    assert "assign" in shown.out
    assert "bob" in shown.out
    assert project.run("record", name, "link", "same-fix", OTHER["failure_id"]).code == 0
    assert "same-fix" in project.run("record", OTHER["failure_id"], "show").out
    assert not path.exists()


def test_export_gives_back_the_files(
    project: Project, shared: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C-11: byte-equal after a round trip."""
    before = contents(project.evidence_dir.parent)
    monkeypatch.setenv("FAILTRACK_HISTORY", shared)
    monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
    shutil.rmtree(project.evidence_dir.parent)

    result = project.run("export", "--output", str(tmp_path / "out"))

    assert result.code == 0
    assert contents(tmp_path / "out") == before


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class TestGate:
    def test_judges_the_jobs_of_a_build_wherever_they_ran(
        self, project: Project, shared: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from_files = project.run("gate", "--build", "4711")
        monkeypatch.setenv("FAILTRACK_HISTORY", shared)
        monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")

        with_files = project.run("gate", "--build", "4711")
        shutil.rmtree(project.evidence_dir.parent)
        without_files = project.run("gate", "--build", "4711")

        assert from_files.code == 1
        assert with_files == without_files == from_files

    def test_without_evidence_anywhere_fails_closed(
        self, project: Project, shared: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FAILTRACK_HISTORY", shared)
        monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
        assert project.run("gate", "--build", "none").code == 3

    def test_of_a_history_that_is_down_fails_closed(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Other jobs of the build may have failed."""
        pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
        monkeypatch.setenv("FAILTRACK_HISTORY", "postgresql://ada@127.0.0.1:9/x")
        result = project.run("gate", "--build", "4711")
        assert result.code == 3
        assert "cannot be used" in result.out
