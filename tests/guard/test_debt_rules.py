"""Test debt: days, words and answers that no single case can show."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from failtrack_guard.engine import run
from failtrack_guard.errors import ConfigError
from failtrack_guard.rules import rule_class
from failtrack_guard.settings import from_table
from failtrack_guard.testing import debt
from pytest_failtrack.observe import debt as observed

REASONS = [
    "",
    "skip",
    "TODO",
    "no sandbox",
    "until=2026-12-31",
    "until: 2026-12-31, owner=ann",
    "no sandbox, until=2026-12-31 (ticket=SHOP-12)",
    "no sandbox until 2026-12-31",
    "(owner=ann; ticket: 12)",
    "unconditional skip",
]


def rule_of(rule_id: str, **options: object) -> object:
    found = rule_class(rule_id)
    return from_table({"select": [found.id], found.id: options}, root=".").rules[0]


@pytest.mark.parametrize("text", REASONS)
def test_the_words_of_a_reason_are_those_of_the_plugin(text: str) -> None:
    said = observed.parse_reason(text)

    assert {name: debt.word(name, text) for name in debt.WORDS} == {
        name: said[name] for name in debt.WORDS
    }
    item = observed.debt_item("skip", "a::b", "a", 1, text)
    assert debt.is_reason(text) is item.has_reason


@pytest.mark.parametrize(
    ("until", "is_past"),
    [("2026-06-14", True), ("2026-06-15", False), ("2026-06-16", False), ("2026-02-30", True)],
)
def test_the_last_day_still_counts(until: str, is_past: bool) -> None:
    today = SimpleNamespace(today="2026-06-15")

    assert rule_of("FT-D2").holds(("past", until), today) is is_past  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("until", "is_too_long"), [("2026-06-25", False), ("2026-06-26", True), ("soon", False)]
)
def test_a_life_of_so_many_days_is_allowed(until: str, is_too_long: bool) -> None:
    today = SimpleNamespace(today="2026-06-15")
    rule = rule_of("FT-D1")

    assert rule.holds(("lasts", until, 10), today) is is_too_long  # type: ignore[attr-defined]


def test_a_cached_finding_expires_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "test_pay.py"
    file.write_text("import pytest\npytest.skip('x, until=2999-12-31')\n")
    settings = from_table({"select": ["FT-D2"]}, root=str(tmp_path))
    rule = settings.rules[0]
    from failtrack_guard.reading import read_module

    (finding,) = rule.look(read_module(str(file), "test_pay.py", "test_pay"))

    assert run(settings, [str(file)]).findings == []
    assert rule.holds(finding.asks, SimpleNamespace(today="3000-01-01"))  # type: ignore[arg-type]


@pytest.mark.parametrize("option", ["kinds", "lasting"])
def test_an_unknown_kind_is_rejected(option: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"FT-D1\.{option}: 'skp' is no kind"):
        from_table({"FT-D1": {option: ["skp"]}}, root=str(tmp_path))
