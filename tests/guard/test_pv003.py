"""PV-003: which bytes a file with a service holds, and the syntax of newer Pythons."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases_pv003 import BAD, FILES, marked_lines
from test_cases import settings_of

from failtrack_guard.code.handing import _Handing
from failtrack_guard.engine import run
from failtrack_guard.errors import ConfigError
from failtrack_guard.rule import Case
from failtrack_guard.rules.pv003_missing_halt_guard import MissingHaltGuard
from failtrack_guard.settings import from_table


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("Service$", (b"service",)),
        ("(?:Service|UseCase)$", (b"service", b"usecase")),
        ("^Order|Service$", (b"order", b"service")),
        ("(Order|Card)Service$", None),
        ("Service.?$", None),
        ("(?i)service$", None),
        ("", None),
    ],
)
def test_the_words_of_the_pattern_are_its_needles(
    pattern: str, needles: tuple[bytes, ...] | None
) -> None:
    rule = MissingHaltGuard({"guard": "shop.halt.HaltGuard", "services": pattern})

    assert rule.needles() == needles


@pytest.mark.parametrize(
    ("code", "is_parsed"),
    [
        ("class OrderService: ...", True),
        ("if x:\n  class   Service(Base): ...", True),
        ("class \\\n OrderService: ...", True),
        ("class OrderServices: ...", True),
        ("# ü\nx = 1", True),
        ("from shop import OrderService\nclass Order: ...", False),
        ("service = OrderService()", False),
    ],
)
def test_a_file_that_defines_no_service_is_not_parsed(code: str, is_parsed: bool) -> None:
    rule = MissingHaltGuard({"guard": "shop.halt.HaltGuard", "services": "Service$"})

    assert (rule.glance(code.encode(), "shop/module.py", "shop.module") is None) == is_parsed


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_what_is_found_is_never_glanced_over(case: Case) -> None:
    rule = MissingHaltGuard({"guard": "shop.halt.HaltGuard", "services": "Service$"})

    assert rule.glance(case.code.encode(), case.path, "shop.module") is None


NEWER = """
from shop.halt import HaltGuard
class AService[T](HaltGuard): ...
class BService[G: HaltGuard]:
    def __init__(self, guard: G): ...
class CService[T]:  # <-
    def __init__(self, guard: T): ...
type Guard = HaltGuard | None
class DService:
    def __init__(self, guard: Guard): ...
type Guards = list[HaltGuard]
class FService:
    def __init__(self, guards: Guards): ...
class EService[HaltGuard]:  # <-
    def __init__(self, guard: HaltGuard): ...
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are of Python 3.12")
def test_type_parameters_stand_for_their_bounds(tmp_path: Path) -> None:
    for path, text in {**FILES, "shop/module.py": NEWER}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    table = {"select": ["PV-003"], "PV-003": {"guard": "shop.halt.HaltGuard"}}

    result = run(from_table(table, root=str(tmp_path)), [str(tmp_path / "shop/module.py")])

    assert [one.line for one in result.findings] == marked_lines(NEWER)


def test_a_guard_without_a_module_is_refused(tmp_path: Path) -> None:
    table = {"select": ["PV-003"], "PV-003": {"guard": "HaltGuard"}}

    with pytest.raises(ConfigError, match="it must be a dotted name such as"):
        from_table(table, root=str(tmp_path))


def test_what_a_constructor_hands_on_is_found_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names that are bound to one another again and again have paths without number."""
    steps = []
    looked = _Handing._sources

    def counted(self: _Handing, node: ast.AST, depth: int) -> Iterator[str]:
        steps.append(depth)
        return looked(self, node, depth)

    monkeypatch.setattr(_Handing, "_sources", counted)
    lines = [f"        a, b = f(a, b, {n}), self.g(b).h(a)" for n in range(30)]
    lines += [f"        a = [a, b, self.k]\n        self.k = b.k(a, {n})" for n in range(30)]
    text = "\n".join(
        [
            "class OrderService(Base):",
            "    def __init__(self, a, b):",
            *lines,
            "        super().__init__(a)",
        ]
    )
    case = Case("names in circles", f"from shop.halt import HaltGuard as Base\n{text}\n")

    run(settings_of("PV-003", case, tmp_path), [str(tmp_path / case.path)])

    assert 0 < len(steps) < 8_000
