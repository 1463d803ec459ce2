"""Bad cases of several rules in one file: all are fixed, once, and what is between them stays."""

from __future__ import annotations

import ast
import tempfile
from importlib import import_module
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from failtrack_guard.cache import Cache
from failtrack_guard.engine import Engine
from failtrack_guard.rule import Case
from failtrack_guard.rules import rule_class
from failtrack_guard.settings import from_table
from failtrack_guard.surgery.surgeon import Fixed, repaired

RULES = ("PV-001", "PV-002", "PV-003")
MARK = "# between é"


def cases() -> dict[str, Case]:
    """Return the bad cases of the rules that have fixes, by rule and name."""
    found = {}
    for rule_id in RULES:
        file = Path(__file__).with_name(f"cases_{rule_id.lower().replace('-', '')}.py")
        more = import_module(file.stem).BAD if file.exists() else ()
        for case in (*rule_class(rule_id).BAD, *more):
            is_plain = not case.options and case.path == "shop/module.py"
            if is_plain and "__future__" not in case.code and "\f" not in case.code:
                found[f"{rule_id} {case.name}"] = case
    return found


CASES = cases()


def fix_of(chosen: list[Case], text: str) -> Fixed:
    """Return what becomes of a file in a project with the files of some cases."""
    with tempfile.TemporaryDirectory() as folder:
        files = {path: code for case in chosen for path, code in case.files.items()}
        for path, code in {**files, "shop/module.py": text}.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_text(code, encoding="utf-8", newline="")
        table = {rule_id: rule_class(rule_id).CASE_OPTIONS for rule_id in RULES}
        engine = Engine(from_table({"select": [*RULES], **table}, root=folder), Cache("", ""))
        file = str(Path(folder) / "shop/module.py")
        return repaired(
            *(text.encode(), "shop/module.py", "shop.module"),
            lambda content: engine.judged_as(file, content),
            unsafe=True,
            project=engine.project,
        )


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from(sorted(CASES)), min_size=2, max_size=5, unique=True),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_between_findings_stays(names: list[str], end: str) -> None:
    chosen = [CASES[name] for name in names]
    text = f"\n{MARK}\n".join(case.code.rstrip("\n") for case in chosen)
    try:
        ast.parse(text)
    except SyntaxError:  # not every two cases make one file
        return
    text = text.replace("\n", end)

    once = fix_of(chosen, text)

    after = once.content.decode()
    ast.parse(after)
    assert after.count(f"{end}{MARK}{end}") == len(chosen) - 1
    assert after.count("\r\n") == (after.count("\n") if end == "\r\n" else 0)
    assert after.endswith("\n") == text.endswith("\n")
    touched = {line for one in once.applied for line in range(one.span[0], one.span[2] + 1)}
    assert bool(touched) == (after != text)
    assert fix_of(chosen, after).content == once.content
