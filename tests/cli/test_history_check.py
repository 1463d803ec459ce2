"""`failtrack history check` (S2-81)."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from evidence_folder import Project, make_record


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


def test_of_an_index(project: Project) -> None:
    project.add_run(make_record("tests/test_a.py::test_b"))
    assert project.run("history", "rebuild").code == 0

    result = project.run("history", "check")

    assert result.code == 0
    assert result.out.endswith("failure_matches has 20 columns and 6 indexes; 0 problems\n")


def test_of_a_shared_history(
    project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)

    result = project.run("history", "check", "--json")

    found = json.loads(result.out)
    assert (result.code, found["engine"], found["problems"]) == (0, "postgresql", [])
    assert (found["columns"], found["indexes"]) == (20, 6)


def test_what_is_wrong_is_named(project: Project) -> None:
    project.run("history", "rebuild")
    with sqlite3.connect(project.root / ".failtrack/history.sqlite") as connection:
        connection.execute("drop index idx_fm_run_id")
    connection.close()

    result = project.run("history", "check")

    assert result.code == 1
    assert result.out.startswith("the index idx_fm_run_id is missing\n")


def test_without_an_index(project: Project) -> None:
    result = project.run("history", "check")

    assert result.code == 2
    assert "`failtrack history rebuild` makes it" in result.err
