"""The commits under test have their say in a real run: C-31."""

from __future__ import annotations

import os
import subprocess

import pytest
from project import Project

CODE = "def rate():\n    return 19\n"
TEST = "from tax import rate\n\ndef test_rate():\n    assert rate() == 19\n"


@pytest.fixture
def committed(plain_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose green state is committed."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    plain_project.write("tax.py", CODE)
    plain_project.write("test_tax.py", TEST)
    git(plain_project, "init", "-q", "-b", "main")
    git(plain_project, "add", "-A")
    git(plain_project, "commit", "-q", "-m", "green")
    return plain_project


def git(project: Project, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(
        ["git", "-C", str(project.folder), *identity, *words], check=True, capture_output=True
    )


class TestWhoseFaultItIs:
    def test_is_the_tests_when_only_it_was_edited(self, committed: Project) -> None:
        committed.write("test_tax.py", TEST.replace("== 19", "== 20"))

        record = committed.pytest().record

        assert record["classification"]["confidence"] == 0.6
        assert record["subcategory"] == "QA_ASSERTION_INCORRECT"

    def test_is_the_codes_when_only_that_was_edited(self, committed: Project) -> None:
        committed.write("tax.py", CODE.replace("19", "1 / 0"))

        record = committed.pytest().record

        assert record["subcategory"] == "ARCHITECTURE_DRIFT"
        assert record["classification"]["confidence"] == 0.7
        assert "The change under test touches tax.py" in record["classification"]["reasons"][1]
