"""S0-26: `failtrack gate` in a checkout where a frozen path was touched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_folder import SPOKEN_BY_CI

from pytest_failtrack.cli.main import main

FROZEN = """
[[tool.failtrack.frozen]]
path = "src/api/"
since = "v1"
"""
Gate = Callable[..., tuple[int, str]]


@pytest.fixture
def gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gate:
    """Return a function that judges a green run in a checkout and returns exit code and output."""
    for name in [name for name in os.environ if name.startswith((*SPOKEN_BY_CI, "GIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src/api").mkdir(parents=True)
    (tmp_path / "src/api/orders.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(FROZEN, encoding="utf-8")
    identity = ["-c", "user.name=ann", "-c", "user.email=ann@example.com"]
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["commit", "-q", "-m", "first"],
        ["tag", "v1"],
    ):
        subprocess.run(["git", *identity, *words], check=True, capture_output=True)
    green = ["run", "--", sys.executable, "-c", ""]

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["failtrack", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    assert call(*green)[0] == 0
    return call


class TestTheGate:
    def test_passes_when_nothing_changed(self, gate: Gate) -> None:
        code, out = gate("gate", "--explain")

        assert code == 0
        assert "ok      frozen_scope         0 changed files" in out

    def test_fails_and_names_the_file(self, gate: Gate, tmp_path: Path) -> None:
        (tmp_path / "src/api/orders.py").write_text("x = 2\n", encoding="utf-8")

        code, out = gate("gate")

        assert code == 1
        assert "rule frozen_scope: saw 1 changed file; src/api/orders.py changed, not commit" in out

    def test_passes_when_the_project_allows_it(self, gate: Gate, tmp_path: Path) -> None:
        (tmp_path / "src/api/orders.py").write_text("x = 2\n", encoding="utf-8")
        rule = '[tool.failtrack.gate]\nfrozen_scope = "any"\n'
        (tmp_path / "pyproject.toml").write_text(FROZEN + rule, encoding="utf-8")

        assert gate("gate")[0] == 0

    def test_passes_and_says_so_when_git_cannot_say(self, gate: Gate, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text(FROZEN.replace("v1", "v9"), encoding="utf-8")

        code, out = gate("gate", "--explain")

        assert code == 0
        assert "git knows no tag or commit 'v9'" in out

    def test_refuses_a_configuration_that_it_does_not_understand(
        self, gate: Gate, tmp_path: Path
    ) -> None:
        (tmp_path / "pyproject.toml").write_text(FROZEN + "sinse = 3\n", encoding="utf-8")

        assert gate("gate")[0] == 2
