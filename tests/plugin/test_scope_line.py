"""S0-26: a tracked run says in one line what changed under a frozen path."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from project import Project

LINE = "SCOPE   src/api/orders.py changed, not committed; src/api/ is frozen since v1"
FROZEN = """
[[tool.failtrack.frozen]]
path = "src/api/"
since = "v1"
"""


@pytest.fixture
def shop(plain_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a tag, and an edit since in the frozen path."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    plain_project.write("src/api/orders.py", "x = 1\n")
    plain_project.write("test_a.py", "def test_a(): pass\n")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "1"], ["tag", "v1"]):
        subprocess.run(
            ["git", "-C", str(plain_project.folder), *identity, *words],
            check=True,
            capture_output=True,
        )
    plain_project.write("src/api/orders.py", "x = 2\n")
    return plain_project


def configure(shop: Project, text: str) -> None:
    path = shop.folder / "pyproject.toml"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{text}", encoding="utf-8")


@pytest.mark.parametrize("body", ["pass", "assert 0"], ids=["green", "red"])
def test_it_is_told_where_something_is_frozen(shop: Project, body: str) -> None:
    shop.write("test_a.py", f"def test_a(): {body}\n")
    configure(shop, FROZEN + '[tool.failtrack]\ndigest_file = "digest.json"\n')

    outcome = shop.pytest()

    assert LINE in outcome.stdout
    assert outcome.exit_status == (0 if body == "pass" else 1)
    digest = json.loads((shop.folder / "digest.json").read_text(encoding="utf-8"))
    assert digest["scope"] == [LINE.removeprefix("SCOPE   ")]


def test_nothing_is_told_where_nothing_is_frozen(shop: Project) -> None:
    assert "SCOPE" not in shop.pytest().stdout


def test_nothing_is_told_where_git_cannot_say(shop: Project) -> None:
    configure(shop, FROZEN.replace("v1", "no-such-tag"))

    outcome = shop.pytest()

    assert "SCOPE" not in outcome.stdout
    assert outcome.exit_status == 0


def test_a_wrong_entry_is_a_problem_and_no_failure(shop: Project) -> None:
    configure(shop, FROZEN.replace('since = "v1"', "since = 3"))

    outcome = shop.pytest()

    assert outcome.exit_status == 0
    assert "failtrack itself: " in outcome.stdout
    assert "what is frozen was not looked at" in " ".join(outcome.stdout.split())
