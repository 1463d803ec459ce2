"""PV-002 with a type that is named by a pattern, and with the syntax of newer Pythons."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cases_pv002 import BAD, FILES, GOOD, marked_lines

from failtrack_guard.engine import run
from failtrack_guard.errors import ConfigError
from failtrack_guard.rule import Case
from failtrack_guard.rules.pv002_plain_string_hash import PATTERN, PlainStringHash
from failtrack_guard.settings import from_table


def found_lines(code: str, folder: Path, type_name: str = "shop.refs.ContentRef") -> list[int]:
    for path, text in {**FILES, "shop/module.py": code}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    table = {"select": ["PV-002"], "PV-002": {"type": type_name}}
    result = run(from_table(table, root=str(folder)), [str(folder / "shop/module.py")])
    assert [str(one) for one in result.unreadable] == []
    return [one.line for one in result.findings]


@pytest.mark.parametrize("case", [*GOOD, *BAD], ids=lambda case: case.name)
def test_the_type_may_be_named_by_a_pattern(case: Case, tmp_path: Path) -> None:
    assert found_lines(case.code, tmp_path, "shop.*.ContentRef") == list(case.lines)


@pytest.mark.parametrize(
    ("code", "is_parsed"),
    [
        ("content_hash = 'x'", True),
        ("CONTENT_HASH: str", True),
        ("f(digest=1)", True),
        ("def hash(self): ...", True),
        ("def \\\n  content_hash(self): ...", True),
        ("setattr(x, 'content_ref', y)", True),
        ("order.digest\\\n= 5", True),
        ("x = hash(y)", False),
        ("def __hash__(self): return hash(5)", False),
        ("import hashlib; hashlib.sha256(x).digest()", False),
        ("x.hexdigest()", False),
        ("hashes, hash_name, rehash = 1, 2, 3", False),
        ("# ü\nx = hash(y)", True),
    ],
)
def test_a_file_that_only_calls_hash_is_not_parsed(code: str, is_parsed: bool) -> None:
    rule = PlainStringHash({"type": "shop.refs.ContentRef", "pattern": PATTERN})

    assert (rule.glance(code.encode(), "shop/module.py", "shop.module") is None) == is_parsed


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_what_is_found_is_never_glanced_over(case: Case) -> None:
    rule = PlainStringHash({"type": "shop.refs.ContentRef", "pattern": PATTERN})

    assert rule.glance(case.code.encode(), case.path, "shop.module") is None


NEWER = """
from typing import TypeAliasType
from shop.refs import ContentRef
type Digest = str
type Maybe[T] = T | None
type Ref = ContentRef
Other = TypeAliasType("Other", str)
def store[T: Digest](
    a_hash: Digest,  # <-
    b_hash: Ref,
    c_hash: T,  # <-
) -> None: ...
def bound[T: str](d_hash: T) -> None: ...  # <-
def either[T: (str, bytes)](e_hash: T) -> None: ...  # <-
def any_of[T](f_hash: T) -> T: ...
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


def test_a_type_without_a_module_is_refused(tmp_path: Path) -> None:
    table = {"select": ["PV-002"], "PV-002": {"type": "ContentRef"}}

    with pytest.raises(ConfigError, match="it must be a dotted name such as"):
        from_table(table, root=str(tmp_path))
