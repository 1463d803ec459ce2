"""Ingest into a shared history, and what the doctor says of one that is behind (real PostgreSQL).

Issue 5: a store that is down never loses a record; `failtrack ingest` catches up later, `failtrack
doctor` says what is behind.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ended_evidence import MATCH
from evidence_folder import Project, make_record, make_run

from pytest_failtrack.config import load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import aliases, changes, evidence, matches, run_file
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import documents_of
from pytest_failtrack.record import build
from pytest_failtrack.signature.alias import Alias

DOWN = "postgresql://ada@127.0.0.1:9/x"


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    home = tmp_path / "here"
    home.mkdir()
    found = Project(home, monkeypatch, capfd)
    (home / "pyproject.toml").write_text('[tool.failtrack]\nrepository = "shop"\n')
    return found


def evidence_of(project: Project, root: Path) -> list[str]:
    """Write three records and a run somewhere; return the ids."""
    events = root / "governance" / "events"
    records = [make_record(f"tests/test_a.py::test_{n}") for n in range(3)]
    for one in records:
        content = build.to_json(build.validate(one))
        evidence.write_record(events / "failures", content, one["failure_id"])
    run_file.write_run(events / "runs", make_run(records, ()))
    return [one["failure_id"] for one in records]


def history_remark(project: Project) -> str:
    checks = json.loads(project.run("doctor", "--json").out)["checks"]
    (found,) = (one for one in checks if one["name"] == "history")
    (remark,) = found["remarks"]
    return f"{remark['status']}: {remark['sentence']}; {remark['advice']}"


def test_documents_go_into_both(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    ids = evidence_of(project, tmp_path / "other")

    first = project.run("ingest", str(tmp_path / "other"))
    second = project.run("ingest", str(tmp_path / "other"))

    assert (first.code, first.err) == (0, "")
    assert first.out == (
        "read 4 documents; 3 new records; 1 new run; 4 new in the shared history\n"
    )
    assert second.out == "read 4 documents; 0 new records; 0 new runs; 4 there already\n"
    with closing(PostgresDatabase(postgres_url, "shop")) as database:
        held = documents_of(database, ids)
    there = {one: (project.evidence_dir / f"{one}.json").read_bytes() for one in ids}
    assert held == there


def test_matches_and_aliases_go_into_both_and_come_back(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S2-44 to S2-48, C-6, C-11: what the files say, export writes."""
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    evidence_of(project, tmp_path / "other")
    events = tmp_path / "other" / "governance" / "events"
    matches.write_match(events / "matches", MATCH)
    aliases.add_aliases(events / aliases.NAME, [Alias("a" * 12, "b" * 12, 2)])

    first = project.run("ingest", str(tmp_path / "other"))
    second = project.run("ingest", str(tmp_path / "other"))
    shutil.rmtree(project.evidence_dir.parent)
    exported = project.run("export", "--output", str(tmp_path / "out"))
    of_another = project.run("export", "--output", str(tmp_path / "none"), "--build", "none")

    assert (first.code, first.err) == (0, "")
    assert "1 new match; 5 new in the shared history; 1 new alias" in first.out
    assert "shared" not in second.out
    assert exported.code == 0
    here, there = contents(tmp_path / "out"), contents(events)
    name = f"matches/{MATCH['failure_match_id']}.json"
    # The names in a context come in the order of the database.
    assert json.loads(here.pop(name)) == json.loads(there.pop(name))
    assert here == there
    assert of_another.out.startswith("exported 0 records, 0 run documents, the aliases of")


def test_a_record_whose_life_went_on_elsewhere_is_brought_up_in_both(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only its events came to the database; the document and its columns stayed old."""
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    name = evidence_of(project, tmp_path / "other")[0]
    there = tmp_path / "other" / "governance" / "events" / "failures"
    project.run("ingest", str(tmp_path / "other"))
    changes.change_record(
        replaced(load({}, table={}), evidence_dir=there),
        name,
        lambda record: record | {"metadata": record["metadata"] | {"owner": "@db"}},
        action="assign",
        by="ada",
        at=datetime(2026, 11, 22, tzinfo=timezone.utc),
    )

    first = project.run("ingest", str(tmp_path / "other"))
    second = project.run("ingest", str(tmp_path / "other"))

    assert (first.code, first.err, second.code, second.err) == (0, "", 0, "")
    assert "1 updated" in first.out
    assert "updated" not in second.out
    with closing(PostgresDatabase(postgres_url, "shop")) as database:
        held = documents_of(database, [name])[name]
        owners = database.rows("select owner from records where failure_id = ?", (name,))
    assert held == (there / f"{name}.json").read_bytes()
    assert owners == [("@db",)]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_history_that_was_down_catches_up(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence_of(project, tmp_path / "other")
    monkeypatch.setenv("FAILTRACK_HISTORY", DOWN)

    down = project.run("ingest", str(tmp_path / "other"))

    assert down.code == 3
    assert "3 new records; 1 new run" in down.out
    assert "not in the shared history, and in the evidence here: 4" in down.err
    assert down.err.count("cannot be used") == 1
    assert "nothing is lost meanwhile" in history_remark(project)

    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    assert history_remark(project) == (
        "warning: 3 records and 1 run are not in the shared history; "
        "failtrack ingest governance/events"
    )

    caught_up = project.run("ingest", "governance/events")

    assert (caught_up.code, caught_up.err) == (0, "")
    assert "4 new in the shared history; 4 there already" in caught_up.out
    assert history_remark(project).startswith("ok: it has everything")


def test_the_doctor_counts_all_that_lies_here_alone(
    project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came about while the history was down: matches, aliases, and changes of records."""
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    name = evidence_of(project, project.root)[0]
    events = project.evidence_dir.parent
    assert project.run("ingest", "governance/events").code == 0
    assert history_remark(project).startswith("ok: it has everything")

    matches.write_match(events / "matches", MATCH | {"tenant_id": "of-the-program"})
    assert history_remark(project) == (
        "warning: 1 match is not in the shared history; failtrack ingest governance/events"
    )
    aliases.add_aliases(events / aliases.NAME, [Alias("a" * 12, one * 12, 2) for one in "bc"])
    assert history_remark(project).startswith("warning: 1 match and 2 aliases are not in the")
    changes.change_record(
        replaced(load({}, table={}), evidence_dir=project.evidence_dir),
        name,
        lambda record: record | {"metadata": record["metadata"] | {"owner": "@db"}},
        action="assign",
        by="ada",
        at=datetime(2026, 11, 22, tzinfo=timezone.utc),
    )
    assert history_remark(project).startswith(
        "warning: 1 match, 1 change of a record and 2 aliases are not in the shared history"
    )

    caught_up = project.run("ingest", "governance/events")

    assert (caught_up.code, caught_up.err) == (0, "")
    assert history_remark(project).startswith("ok: it has everything")


def test_the_doctor_names_a_file_of_aliases_that_is_none(
    project: Project, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    evidence_of(project, project.root)
    assert project.run("ingest", "governance/events").code == 0
    (project.evidence_dir.parent / aliases.NAME).write_text("<<<<<<< ours")

    remark = history_remark(project)

    assert remark.startswith("problem: ")
    assert "signature-aliases.json: no list of aliases" in remark
    assert remark.endswith(
        "`failtrack signature migrate --write` where it comes from writes it anew"
    )


def test_one_that_the_history_refuses_stops_no_other(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No month has a partition in year 1."""
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    evidence_of(project, tmp_path / "other")
    failures = tmp_path / "other" / "governance" / "events" / "failures"
    strange = make_record("tests/test_a.py::test_9", at="0001-01-01T00:00:00Z")
    evidence.write_record(failures, build.to_json(build.validate(strange)), strange["failure_id"])

    result = project.run("ingest", str(tmp_path / "other"))

    assert result.code == 3
    assert "4 new records; 1 new run; 4 new in the shared history" in result.out
    assert "not in the shared history, and in the evidence here: 1" in result.err


def test_text_with_nul_is_taken_and_comes_back_as_it_was(
    project: Project, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL has no NUL in a text."""
    monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
    evidence_of(project, tmp_path / "other")
    events = tmp_path / "other" / "governance" / "events"
    strange = make_record("tests/test_a.py::test_9")
    strange["test"]["nodeid"] += "\0"
    name = strange["failure_id"]
    evidence.write_record(events / "failures", build.to_json(build.validate(strange)), name)
    match = MATCH | {"error_code": "E\0", "context": {"a\0": ["\0"]}}
    matches.write_match(events / "matches", match)

    result = project.run("ingest", str(tmp_path / "other"))
    listed = project.run("list", "--records", "--csv", "--test", "test_9")
    project.run("export", "--output", str(tmp_path / "out"))

    assert (result.code, result.err) == (0, "")
    assert "5 new in the shared history" in result.out
    assert r"tests/test_a.py::test_9\x00" in listed.out
    here, there = contents(tmp_path / "out"), contents(events)
    path = f"matches/{MATCH['failure_match_id']}.json"
    told = json.loads(here.pop(path))
    there.pop(path)
    assert here == there
    assert told == match | {"error_code": r"E\x00", "context": {r"a\x00": [r"\x00"]}}


def test_without_a_shared_history_nothing_is_said(project: Project) -> None:
    checks = json.loads(project.run("doctor", "--json").out)["checks"]

    assert "history" not in {one["name"] for one in checks}
