"""A build of which something still runs is not judged; what runs around the gate does not count."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from inner import FAILTRACK
from pytest_failtrack.ci import PROVIDERS
from pytest_failtrack.cli.evidence.still_running import still_running
from pytest_failtrack.observe.journal import PARENT, Journal

COMMAND = [sys.executable, "-c", FAILTRACK]
# Goes on until it is told to end.
WAITS = "import sys; print('begun', flush=True); sys.stdin.readline()"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a checkout with one green run of build 7."""
    for name in (PARENT, *(provider.marker for provider in PROVIDERS)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FAILTRACK_BUILD", "7")
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "test_green.py").write_text("def test_green():\n    pass\n", encoding="utf-8")
    assert failtrack(tmp_path, "run", "--", sys.executable, "-c", "").returncode == 0
    return tmp_path


@pytest.fixture
def running(project: Path) -> Iterator[subprocess.Popen[str]]:
    """Return a command of the build that has begun and not ended."""
    command = [*COMMAND, "run", "--", sys.executable, "-c", WAITS]
    with subprocess.Popen(
        command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        yield child
        child.kill()


def failtrack(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run failtrack there and return what it printed."""
    return subprocess.run([*COMMAND, *words], cwd=folder, capture_output=True, text=True)


def test_the_gate_waits_for_the_end_of_the_build(
    project: Path, running: subprocess.Popen[str]
) -> None:
    early = failtrack(project, "gate")
    assert early.returncode == 3, early.stdout
    assert f"{Path(sys.executable).name} of this build has not ended yet" in early.stdout
    assert "judge again when it has" in early.stdout

    running.communicate("\n", timeout=60)
    late = failtrack(project, "gate")
    assert late.returncode == 0, late.stdout


def test_what_runs_of_another_build_does_not_count(
    project: Path, running: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILTRACK_BUILD", "8")
    assert failtrack(project, "run", "--", sys.executable, "-c", "").returncode == 0
    assert failtrack(project, "gate").returncode == 0
    assert failtrack(project, "gate", "--build", "7").returncode == 3


def test_the_commands_around_the_gate_do_not_count(project: Path) -> None:
    inside = failtrack(project, "run", "--", *COMMAND, "run", "--", *COMMAND, "gate")
    assert inside.returncode == 0, inside.stdout
    assert "gate: PASSED" in inside.stdout


@pytest.mark.skipif(os.name == "nt", reason="nobody tells of the processes above this one")
def test_a_run_of_pytest_around_the_gate_does_not_count(project: Path) -> None:
    source = f"""
        import subprocess

        def test_gate():
            assert subprocess.run({[*COMMAND, "gate"]!r}).returncode == 0
    """
    lines = [line[8:] for line in source.splitlines()]
    (project / "test_gate.py").write_text("\n".join(lines), encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "pytest",
        "--failtrack",
        "-p",
        "no:cacheprovider",
        "test_gate.py",
    ]
    ran = subprocess.run(words, cwd=project, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_nothing_runs_where_there_is_no_state_folder(tmp_path: Path) -> None:
    assert list(still_running(tmp_path / "none", "7")) == []


def test_a_journal_that_lost_its_beginning_is_of_no_build(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journals" / "r1")
    try:
        assert list(still_running(tmp_path, "local-r1")) == []
    finally:
        journal.close()
