"""What the section after a run says to do next: it works where it was printed."""

from __future__ import annotations

import shlex

import pytest
from project import Outcome, Project

FAILS = "def test_it(): assert 1 == 2\n"


def next_step(outcome: Outcome) -> str:
    (line,) = [one for one in outcome.stdout.splitlines() if "next: " in one]
    return line.partition("next: ")[2]


@pytest.mark.parametrize(
    ("args", "inside"),
    [
        pytest.param(("test_it.py",), "", id="here"),
        pytest.param(("in here",), "in here/governance/events/failures", id="a folder of its own"),
        pytest.param(
            ("--rootdir=in here", "in here"), "in here/governance/events/failures", id="rootdir"
        ),
        pytest.param(
            ("test_it.py", "--failtrack-dir=else where/failures"),
            "else where/failures",
            id="option",
        ),
    ],
)
def test_the_gate_finds_the_run(plain_project: Project, args: tuple[str, ...], inside: str) -> None:
    project = plain_project
    project.write("test_it.py", FAILS)
    project.write("in here/test_other.py", FAILS)
    project.write("in here/pytest.ini", "[pytest]\n")

    said = next_step(project.pytest(*args))
    words = shlex.split(said)
    gate = project.failtrack(*words[1:])

    assert words == ["failtrack", "gate", "--explain", *([inside] if inside else [])]
    assert gate.exit_status == 1
    assert "1 record, all as written" in gate.stdout


def test_a_place_that_the_environment_tells_is_not_repeated(plain_project: Project) -> None:
    plain_project.write("test_it.py", FAILS)
    env = {"FAILTRACK_DIR": "elsewhere/failures"}

    assert next_step(plain_project.pytest(env=env)) == "failtrack gate --explain"
    assert plain_project.failtrack("gate", env=env).exit_status == 1


def test_the_gate_is_not_named_where_nothing_could_be_written(plain_project: Project) -> None:
    plain_project.write("test_it.py", FAILS)
    plain_project.write("governance", "")

    outcome = plain_project.pytest()

    assert "failtrack gate" not in outcome.stdout
    assert next_step(outcome) == "mend what follows and run again; the evidence is not complete"
    _, _, follows = outcome.stdout.partition("next: ")
    assert "a file, not a folder" in " ".join(follows.split())
