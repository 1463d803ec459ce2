"""`failtrack validate` accepts what we write and names what is wrong with the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pytest_failtrack.cli.validate import command

RED = "def test_fails():\n    assert 1 == 2\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the evidence of one red run."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "test_red.py").write_text(RED)
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--failtrack"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    return folder / "governance/events"


def test_accepts_records_and_run_documents(written: Path) -> None:
    files = [*written.glob("failures/*.json"), *written.glob("runs/*.json")]
    assert len(files) == 2
    result = CliRunner().invoke(command, [str(one) for one in files])
    assert result.exit_code == 0, result.output
    assert result.output == "2 of 2 documents valid\n"


def test_names_every_file_that_is_wrong(written: Path, tmp_path: Path) -> None:
    (record,) = written.glob("failures/*.json")
    changed = json.loads(record.read_text())
    del changed["status"]
    bad = tmp_path / record.name
    bad.write_text(json.dumps(changed))
    cut = tmp_path / "cut.json"
    cut.write_bytes(record.read_bytes()[:100])
    result = CliRunner().invoke(command, [str(bad), str(cut), str(record), "nowhere.json"])
    assert result.exit_code == 3
    assert f"{bad}: status is missing" in result.output
    assert f"{cut} is truncated" in result.output
    assert "nowhere.json cannot be read" in result.output
    assert "1 of 4 documents valid" in result.output
