"""`hooks/RULES.md` says what the rules say."""

from __future__ import annotations

from pathlib import Path

from failtrack_guard.explain import everything
from failtrack_guard.rules import IDS

PAGE = Path(__file__).resolve().parents[2] / "hooks/RULES.md"


def test_the_page_of_the_rules_is_up_to_date() -> None:
    """Write it anew with `python -m failtrack_guard.explain > hooks/RULES.md`."""
    assert PAGE.read_text(encoding="utf-8") == everything()


def test_every_rule_has_its_section() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [one for one in IDS if f"\n## {one} " not in text] == []
