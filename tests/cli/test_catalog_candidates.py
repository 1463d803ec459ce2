"""`failtrack catalog candidates`: what nobody could classify, and a pattern for it (S0-134)."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.classify.candidate import pattern_of

UNKNOWN = "frobnicator error: gizmo {n} refuses to spin at 10.0.0.{n}:80{n}1"


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    made = Project(tmp_path, monkeypatch, capfd)
    for n in range(1, 4):
        ingest(made, f"b{n}", UNKNOWN.format(n=n))
    ingest(made, "b3", "quuxer error: the flux is out of phase")
    ingest(made, "b3", "OSError: [Errno 28] No space left on device")
    return made


def ingest(project: Project, build: str, line: str) -> None:
    """Record the log of a command that failed with a line."""
    name = f"{build}-{len(line)}.log"
    (project.root / name).write_text(f"step one\n{line}\n", encoding="utf-8")
    assert project.run("ingest", name, "--exit-status", "1", "--build", build).code == 0


def found(project: Project, *arguments: str) -> list[dict[str, Any]]:
    """Return what `failtrack catalog candidates ... --json` prints."""
    result = project.run("catalog", "candidates", *arguments, "--json")
    assert result.code == 0, result.err
    listed: list[dict[str, Any]] = json.loads(result.out)
    return listed


class TestList:
    def test_what_came_most_often_comes_first(self, project: Project) -> None:
        assert [(one["error"][:11], one["builds"]) for one in found(project)] == [
            ("frobnicator", ["b1", "b2", "b3"]),
            ("quuxer erro", ["b3"]),
        ]

    def test_what_the_catalog_knows_is_left_out(self, project: Project) -> None:
        assert not any("space left" in one["error"] for one in found(project))

    def test_only_what_came_often_enough(self, project: Project) -> None:
        assert len(found(project, "--min", "2")) == 1

    def test_a_higher_bar_shows_guesses_as_well(self, project: Project) -> None:
        assert len(found(project, "--below", "1")) == 3

    def test_people_read_how_often_and_what_to_do(self, project: Project) -> None:
        lines = project.run("catalog", "candidates").out.splitlines()

        assert "3 failures in 3 builds, last " in lines[1]
        assert lines[2].startswith("  failtrack catalog add --id NAME --title TEXT")

    def test_nothing_unknown(self, tmp_path: Path, project: Project) -> None:
        result = project.run("catalog", "candidates", "--dir", str(tmp_path / "nowhere"))

        assert result.out == "every recorded failure is known to the catalog\n"


class TestPattern:
    def test_matches_every_failure_of_the_cause(self, project: Project) -> None:
        pattern = found(project)[0]["pattern"]

        assert all(re.search(pattern, UNKNOWN.format(n=n)) for n in range(1, 4))
        assert not re.search(pattern, "frobnicator error: gizmo is missing")

    def test_its_command_makes_an_entry_that_is_proved(self, project: Project) -> None:
        """The words that only people know are filled in; all else is taken as it is printed."""
        given_words = {
            "NAME": "gizmo-stuck",
            "TEXT": "The gizmo does not spin",
            "TYPE": "infrastructure",
        }
        words = [given_words.get(one, one) for one in shlex.split(found(project)[0]["command"])[1:]]
        words[words.index("--subcategory") + 1] = "OTHER_EXTERNAL"

        added = project.run(*words)

        assert added.code == 0, added.err
        assert project.run("catalog", "test").code == 0
        ingest(project, "b9", UNKNOWN.format(n=7))
        assert [one["error"][:6] for one in found(project)] == ["frobni", "quuxer"]
        assert "b9" not in found(project)[0]["builds"]

    @given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=120))
    def test_is_always_a_pattern_of_bounded_repetitions(self, line: str) -> None:
        pattern = pattern_of(line)

        re.compile(pattern)
        assert not re.search(r"(?<!\\)[*+]", pattern)
