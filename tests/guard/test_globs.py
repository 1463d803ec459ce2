"""Path patterns mean what people who write `.gitignore` expect of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from failtrack_guard.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path", "is_meant"),
    [
        ("test_*.py", "test_a.py", True),
        ("test_*.py", "tests/deep/test_a.py", True),
        ("test_*.py", "tests/test_a/module.py", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/deep/a.py", False),
        ("./src/*.py", "src/a.py", True),
        ("src/**/*.py", "src/a.py", True),
        ("src/**/*.py", "src/deep/er/a.py", True),
        ("src/**", "src/deep/a.txt", True),
        ("src/", "src/deep/a.txt", True),
        ("src/?.py", "src/a.py", True),
        ("src/?.py", "src/ab.py", False),
        ("src/[ab].py", "src/a.py", True),
        ("src/[!ab].py", "src/a.py", False),
        ("src/[!ab].py", "src/c.py", True),
        ("src/a+b.py", "src/a+b.py", True),
        ("src/a.py", "src/aXpy", False),
        ("src/*.py", "other/src/a.py", False),
    ],
)
def test_match(pattern: str, path: str, is_meant: bool) -> None:
    assert Globs([pattern]).match(path) is is_meant


@pytest.mark.parametrize(
    ("patterns", "literals"),
    [
        (["test_*.py", "*_test.py", "conftest.py"], ("test_", "_test.py", "conftest.py")),
        (["src/**/x.py"], ("src/",)),
        (["a/**/longer.py"], ("longer.py",)),
        (["*"], None),
        (["a.py", "**/*"], None),
        ([], ()),
    ],
)
def test_what_every_path_holds(patterns: list[str], literals: tuple[str, ...] | None) -> None:
    assert Globs(patterns).literals == literals


def test_no_pattern_means_no_file() -> None:
    assert not Globs([]).match("a.py")


def test_files_are_sorted_and_below_the_root(tmp_path: Path) -> None:
    for name in ("b/z.toml", "a/x.toml", "a/y.txt", "a/__pycache__/c.toml", "top.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    assert Globs(["a/*.toml", "b/**"]).files(str(tmp_path)) == ["a/x.toml", "b/z.toml"]
    assert Globs(["*.toml"]).files(str(tmp_path)) == ["a/x.toml", "b/z.toml", "top.toml"]
    assert Globs(["missing/*.toml"]).files(str(tmp_path)) == []
