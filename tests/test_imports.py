"""Who imports whom: what sleeps until it is asked for, and the one direction of the stages."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src/pytest_failtrack"
NAME = PACKAGE.name
STAGES = ("observe", "signature", "classify", "record", "history", "policy", "sinks")
# Rooms of the spine, which calls the stages.
SPINE = ("tracking", "judging", "ingesting", "recovering", "summaries", "learning", "prevention")
# What every stage may import beside the stages to its left.
COMMON = ("errors", "frozen", "lazily", "literals", "toml")
# Who may import a library that costs time or belongs to one door.
IMPORTERS = {
    "click": ("cli/",),
    "pydantic": ("record/failure_match.py", "record/model.py", "record/run.py"),
    "pydantic_core": ("record/build.py", "record/validator.py", "record/verify.py"),
    "sqlite3": ("history/sqlite.py",),
    "psycopg": ("history/postgres.py", "history/watched.py"),
    "mmap": ("observe/slot.py",),
    "libcst": (),
    # It stands apart, and meets the rest through its JSON report.
    "failtrack_guard": ("cli/guard.py", "pattern_guard.py"),
    "pytest": (
        "plugin.py",
        *(f"tracking/{name}.py" for name in ("runner", "session", "start", "tally", "worker")),
    ),
    "_pytest": (),
}
REPORT = """
import atexit, json, os, sys

def say():
    with open(os.environ["MODULES"], "w") as file:
        found = sorted(sys.modules.items())
        json.dump({name: type(getattr(one, "__loader__", 0)).__name__ for name, one in found}, file)

atexit.register(say)
"""
GREEN = "def test_passes(): pass\n"
RED = "def test_fails(): assert {'a': 1} == {'a': 2}\n"


@dataclass(frozen=True)
class Import:
    """One import: the file that holds it, relative to the package, and what it names."""

    file: str
    line: int
    module: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def imports_of(source: str, file: str) -> Iterator[Import]:
    """Yield every import of a file, wherever it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(file, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: a relative import"
            module = node.module or ""
            if module == NAME:  # `from pytest_failtrack import pipeline`
                for alias in node.names:
                    yield Import(file, node.lineno, f"{NAME}.{alias.name}")
            else:
                yield Import(file, node.lineno, module)


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def all_imports() -> list[Import]:
    return [
        one
        for path in files()
        for one in imports_of(
            path.read_text(encoding="utf-8"), path.relative_to(PACKAGE).as_posix()
        )
    ]


def wrong_way(imports: list[Import]) -> list[str]:
    """Return the imports of a stage that lead to its right, or to a door."""
    found = []
    for one in imports:
        stage = one.file.partition("/")[0]
        if stage not in STAGES or not one.module.startswith(f"{NAME}."):
            continue
        allowed = {*COMMON, *STAGES[: STAGES.index(stage) + 1]}
        if one.module.split(".")[1] not in allowed:
            found.append(str(one))
    return found


def smuggled(imports: list[Import]) -> list[str]:
    """Return the imports of a library by a file that may not import it."""
    found = []
    for one in imports:
        allowed = IMPORTERS.get(one.module.partition(".")[0])
        if allowed is not None and not one.file.startswith(allowed):
            found.append(str(one))
    return found


class TestTheDirection:
    """observe -> signature -> classify -> record -> history -> policy -> sinks"""

    def test_a_stage_imports_stages_to_its_left_and_what_is_common(self) -> None:
        """Neither the spine nor a door: those import the stages."""
        assert wrong_way(all_imports()) == []

    def test_every_folder_is_a_stage_or_calls_them(self) -> None:
        folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}

        assert folders == {*STAGES, *SPINE, "cli"}

    @pytest.mark.parametrize(
        ("file", "source"),
        [
            ("observe/x.py", "from pytest_failtrack.signature import token"),
            ("record/x.py", "def f():\n    from pytest_failtrack.history.store import History"),
            ("policy/x.py", "import pytest_failtrack.sinks.sink"),
            ("sinks/x.py", "from pytest_failtrack import pipeline"),
            ("history/x.py", "from pytest_failtrack.config import Settings"),
            ("classify/x.py", "from pytest_failtrack.cli.main import main"),
        ],
    )
    def test_the_check_sees_a_wrong_one(self, file: str, source: str) -> None:
        assert len(wrong_way(list(imports_of(source, file)))) == 1

    def test_the_check_lets_a_right_one_pass(self) -> None:
        right = "from pytest_failtrack.observe.debt import DebtItem\nimport json"

        assert wrong_way(list(imports_of(right, "sinks/x.py"))) == []
        assert wrong_way(list(imports_of("from pytest_failtrack import x", "pipeline.py"))) == []


class TestLibraries:
    def test_are_imported_where_they_belong(self) -> None:
        assert smuggled(all_imports()) == []

    def test_the_check_sees_a_wrong_one(self) -> None:
        wrong = [("sinks/x.py", "import click"), ("config.py", "from pydantic import BaseModel")]

        found = [smuggled(list(imports_of(source, file))) for file, source in wrong]

        assert found == [
            ["sinks/x.py:1 imports click"],
            ["config.py:1 imports pydantic"],
        ]

    @pytest.mark.parametrize("library", [one for one in IMPORTERS if IMPORTERS[one]])
    def test_the_table_names_nobody_without_need(self, library: str) -> None:
        importers = {one.file for one in all_imports() if one.module.partition(".")[0] == library}

        idle = [
            allowed
            for allowed in IMPORTERS[library]
            if not any(file.startswith(allowed) for file in importers)
        ]
        assert idle == []


def modules_after(folder: Path, test: str, *arguments: str) -> set[str]:
    """Run pytest without other plugins and return what it had imported at its very end."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "conftest.py").write_text(REPORT)
    (folder / "test_it.py").write_text(test)
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "HOME", "VIRTUAL_ENV")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "MODULES": str(folder / "modules.json")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert done.returncode == ("assert" in test), done.stdout + done.stderr
    return set(loaders_after(folder))


def loaders_after(folder: Path) -> dict[str, str]:
    """Return what was imported at the end of the last run, each with the class of its loader."""
    loaders: dict[str, str] = json.loads((folder / "modules.json").read_text())
    return loaders


WITH_PLUGIN = ("-p", f"{NAME}.plugin")


class TestWhatARunImports:
    def test_asleep_the_plugin_is_one_file_and_the_names_of_its_hooks(self, tmp_path: Path) -> None:
        """Not enabled: none of pydantic, click, libcst, sqlite3; nothing of a tracked run."""
        bare = modules_after(tmp_path, RED)

        asleep = modules_after(tmp_path, RED, *WITH_PLUGIN)

        assert asleep - bare == {NAME, f"{NAME}.plugin", f"{NAME}.hookspecs"}

    def test_a_green_tracked_run_imports_no_model_and_no_command(self, tmp_path: Path) -> None:
        modules = modules_after(tmp_path, GREEN, *WITH_PLUGIN, "--failtrack")

        assert f"{NAME}.tracking.session" in modules
        assert modules & {"pydantic", "pydantic_core", "click", "libcst", "sqlite3"} == set()
        assert not any(one.startswith((f"{NAME}.cli", f"{NAME}.judging")) for one in modules)

    def test_a_first_green_run_asks_no_history(self, tmp_path: Path) -> None:
        modules = modules_after(tmp_path, GREEN, *WITH_PLUGIN, "--failtrack")

        sleeping = ("store", "scan", "rows", "columns", "database", "gate", "kept")
        assert modules & {f"{NAME}.history.{one}" for one in sleeping} == set()

    @pytest.mark.parametrize("test", [GREEN, RED])
    def test_what_tracks_is_not_read_through_the_rewriter(self, tmp_path: Path, test: str) -> None:
        """As an installed plugin: pytest then marks all of its modules for rewriting."""
        (tmp_path / "marks.py").write_text(
            f"import pytest; pytest.register_assert_rewrite('{NAME}')"
        )

        modules_after(tmp_path, test, "-p", "marks", *WITH_PLUGIN, "--failtrack")

        loaders = loaders_after(tmp_path)
        rewritten = {one for one in loaders if loaders[one] == "AssertionRewritingHook"}
        assert {one for one in rewritten if one.startswith(NAME)} == {
            *(NAME, f"{NAME}.plugin", f"{NAME}.hookspecs"),
            *(f"{NAME}.tracking", f"{NAME}.tracking.plain_imports"),
        }
        assert f"{NAME}.tracking.session" in loaders
        assert "test_it" in rewritten  # the rewriter works as ever

    def test_a_red_one_imports_what_records_need(self, tmp_path: Path) -> None:
        modules = modules_after(tmp_path, RED, *WITH_PLUGIN, "--failtrack")

        assert {"pydantic_core", "sqlite3", f"{NAME}.judging.judgement"} <= modules
        assert modules & {"pydantic", "click", "libcst"} == set()
        assert not any(one.startswith(f"{NAME}.cli") for one in modules)


def undocumented(source: str) -> list[str]:
    """Return the public classes, functions and methods of a file that have no docstring."""

    def walk(node: ast.AST, prefix: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            if child.name.startswith("_"):
                continue
            name = f"{prefix}{child.name}"
            if ast.get_docstring(child) is None:
                yield name
            if isinstance(child, ast.ClassDef):
                yield from walk(child, f"{name}.")

    tree = ast.parse(source)
    opening = [] if ast.get_docstring(tree) else ["the file itself"]
    return [*opening, *walk(tree, "")]


class TestDocstrings:
    def test_say_what_everything_public_is(self) -> None:
        silent = {
            path.relative_to(PACKAGE).as_posix(): names
            for path in files()
            if (names := undocumented(path.read_text(encoding="utf-8")))
        }

        assert silent == {}

    def test_the_check_sees_what_is_missing(self) -> None:
        source = "class A:\n    def b(self): ...\n    def _c(self): ...\ndef d():\n    'It is d.'\n"

        assert undocumented(source) == ["the file itself", "A", "A.b"]
