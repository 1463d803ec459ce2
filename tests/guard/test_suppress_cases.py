"""A comment above the statement of a finding silences it, whatever rule it is of."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_cases import FIXABLE, settings_of

from failtrack_guard.engine import run
from failtrack_guard.rule import Case
from failtrack_guard.suppress import apply
from failtrack_guard.texts import Texts

ALLOWED = [one for one in FIXABLE if one.values[1].path.endswith(".py")]


@pytest.mark.parametrize(("rule_id", "case"), ALLOWED)
def test_case_can_be_allowed(rule_id: str, case: Case, tmp_path: Path) -> None:
    settings = settings_of(rule_id, case, tmp_path)
    file = tmp_path / case.path
    before = [one for one in run(settings, [str(file)]).findings if one.path == case.path]
    mark = "\ufeff" if case.code.startswith("\ufeff") else ""
    lines = case.code.removeprefix(mark).split("\n")
    for first in sorted({one.statement[0] for one in before}, reverse=True):
        line = lines[first - 1]
        indent = line[: len(line) - len(line.lstrip())]
        lines.insert(first - 1, f"{indent}# failtrack: allow {rule_id} legacy")
    file.write_bytes((mark + "\n".join(lines)).encode())

    result = run(settings, [str(file)])
    found = [one for one in result.findings if one.path == case.path]
    texts = Texts(str(tmp_path), result.allowing)
    applied = apply(found, texts, settings, "2026-11-21")

    assert [one.message for one, _ in applied.suppressed] == [one.message for one in before]
    assert [one.message for one in (*applied.kept, *applied.about)] == []
