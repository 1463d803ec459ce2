"""PV-002 on more cases than its file can hold."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cases_pv002 import BAD, FILES, GOOD

from failtrack_guard.engine import run
from failtrack_guard.settings import from_table

MARK = "# <-"


def found_lines(code: str, tmp_path: Path, type_name: str = "shop.refs.ContentRef") -> list[int]:
    for path, text in {**FILES, "shop/module.py": code}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    settings = from_table({"select": ["PV-002"], "PV-002": {"type": type_name}}, root=str(tmp_path))
    result = run(settings, [str(tmp_path / "shop/module.py")])
    assert [str(one) for one in result.unreadable] == []
    return sorted({one.line for one in result.findings})


def marked_lines(code: str) -> list[int]:
    return [number for number, line in enumerate(code.split("\n"), 1) if line.endswith(MARK)]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_no_plain_string_is_left_alone(name: str, tmp_path: Path) -> None:
    assert found_lines(GOOD[name], tmp_path) == []


@pytest.mark.parametrize("name", BAD)
def test_each_plain_string_is_found_in_place(name: str, tmp_path: Path) -> None:
    assert found_lines(BAD[name], tmp_path) == marked_lines(BAD[name])


@pytest.mark.parametrize("name", [*GOOD, *BAD])
def test_the_type_may_be_named_by_a_pattern(name: str, tmp_path: Path) -> None:
    code = {**GOOD, **BAD}[name]

    assert found_lines(code, tmp_path, "shop.*.ContentRef") == marked_lines(code)


NEWER = """
from typing import TypeAliasType
from shop.refs import ContentRef
type Digest = str
type Maybe[T] = T | None
type Ref = ContentRef
Other = TypeAliasType("Other", str)
def store[T: Digest](a_hash: Digest, b_hash: Ref, c_hash: T) -> None: ...  # <-
class Order[T]:
    a_hash: Digest | None  # <-
    b_hash: Maybe[str]  # <-
    c_hash: Maybe[Ref]
    d_hash: Other  # <-
    e_hash: T
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type statements are of Python 3.12")
def test_type_statements_are_aliases(tmp_path: Path) -> None:
    assert found_lines(NEWER, tmp_path) == marked_lines(NEWER)
