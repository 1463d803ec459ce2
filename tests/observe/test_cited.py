"""Files of the project in a line of output: one failure, whoever printed its path."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_failtrack.observe.from_ci_log import observe_log
from pytest_failtrack.observe.from_command import observe_command
from pytest_failtrack.observe.logs.cited import with_own_paths
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.places import Places
from pytest_failtrack.signature.token import token_of

ERROR = "c/a.c:1:20: error: expected ';' before '}' token"
BEFORE = [
    pytest.param("", id="from the root"),
    pytest.param("{root}/", id="absolute"),
    pytest.param("../", id="from a folder"),
    pytest.param("{root}/build/../", id="by a detour"),
    pytest.param("/home/runner/work/app/app/", id="GitHub"),
    pytest.param("/builds/group/sub/app/", id="GitLab"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one file, in a folder with a space."""
    folder = tmp_path / "my app"
    (folder / "c").mkdir(parents=True)
    (folder / "c/a.c").touch()
    return folder


def ran(root: Path, line: str) -> Observation:
    places = Places(str(root), str)
    return observe_command(
        ["make"], 2, tail=f"cc\n{line}\n", error_line=line, redact=str, places=places
    )


def logged(root: Path, line: str) -> Observation:
    [one] = observe_log(f"$ make\n{line}\n", "make.log", root=str(root), redact=str)
    return one


class TestOneFailure:
    @pytest.mark.parametrize("before", BEFORE)
    @pytest.mark.parametrize("observe", [ran, logged], ids=["run", "log"])
    def test_has_one_place_and_one_token(self, root: Path, before: str, observe: object) -> None:
        assert callable(observe)
        seen = observe(root, f"{before.replace('{root}', str(root))}{ERROR}")

        assert (seen.file, seen.line, seen.text) == ("c/a.c", 1, ERROR)
        assert token_of(seen) == token_of(ran(root, ERROR))

    def test_what_was_printed_still_holds_its_line(self, root: Path) -> None:
        seen = ran(root, f"{root}/{ERROR}")

        assert seen.text in seen.captured["output"].split("\n")

    def test_a_traceback_ends_in_a_place_below_the_root(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(root / "c")
        tail = (
            "Traceback (most recent call last):\n"
            f'  File "{root}/c/a.py", line 3, in <module>\n    go()\nValueError: no rate'
        )

        seen = observe_command(
            ["python", "a.py"],
            1,
            tail=tail,
            error_line="ValueError: no rate",
            redact=str,
            places=Places(str(root), str),
        )

        assert (seen.file, seen.line) == ("c/a.py", 3)


class TestALine:
    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("[ERROR] {root}/c/a.c:[3,5] boom", "[ERROR] c/a.c:[3,5] boom"),
            ("{root}\\c\\a.c(3): error C2065: x", "c/a.c(3): error C2065: x"),
            ("CMake Error at {root}/CMakeLists.txt:3 (x):", "CMake Error at CMakeLists.txt:3 (x):"),
            ("at main ({root}/c/a.js:3:5)", "at main (c/a.js:3:5)"),
        ],
    )
    def test_cites_files_in_many_ways(self, root: Path, line: str, told: str) -> None:
        assert with_own_paths(line.replace("{root}", str(root)), Places(str(root), str)) == told

    @pytest.mark.parametrize(
        "line",
        [
            "/usr/include/stdio.h:3:1: error: boom",
            "No such file or directory: '{root}/c/a.c'",
            "cannot connect to http://host/c/a.c:80",
            "{root}/node_modules/x/a.js:3",
            "error: it is 12:30 and/or later",
        ],
    )
    def test_keeps_what_is_no_file_of_the_project_with_a_number(
        self, root: Path, line: str
    ) -> None:
        line = line.replace("{root}", str(root))

        assert with_own_paths(line, Places(str(root), str)) == line
