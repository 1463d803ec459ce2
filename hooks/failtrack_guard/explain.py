"""A rule as text: what `explain` prints and what `RULES.md` is made of.

`python -m failtrack_guard.explain` prints the page of all rules.
"""

from __future__ import annotations

import inspect

from failtrack_guard.about import OWN, about
from failtrack_guard.rule import Case, Rule
from failtrack_guard.rules import IDS, rule_class

SHOWN_CASES = 6


def page(rule: type[Rule], level: int = 1) -> str:
    """Return a rule's documentation, options and first cases as Markdown.

    Args:
        rule: The rule.
        level: Level of its heading.
    """
    head = "#" * level
    parts = [
        f"{head} {rule.id} {rule.name}",
        inspect.cleandoc(rule.__doc__ or ""),
        f"Severity {rule.severity}; recorded as {rule.category} / {rule.subcategory}.",
    ]
    if rule.OPTIONS:
        rows = [
            f"| `{name}` | {_default(option.default)} | {option.help} |"
            for name, option in rule.OPTIONS.items()
        ]
        table = ["| option | default | meaning |", "|---|---|---|", *rows]
        parts += [f"Options of `[tool.failtrack.guard.{rule.id}]`:", "\n".join(table)]
    parts += [f"{head}# Flagged", *map(_case, rule.BAD[:SHOWN_CASES])]
    parts += [f"{head}# Not flagged", *map(_case, rule.GOOD[:SHOWN_CASES])]
    return "\n\n".join(parts) + "\n"


def page_of_own(rule_id: str, level: int = 1) -> str:
    """Return the page of what the guard finds about its own use: suppressions, bypassed hooks."""
    told = about(rule_id)
    parts = [
        f"{'#' * level} {told.id} {told.name}",
        told.text,
        f"Severity {told.severity}; recorded as {told.category} / {told.subcategory}.",
    ]
    return "\n\n".join(parts) + "\n"


def _default(value: object) -> str:
    if value in ("", (), None, [], {}):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`".replace("|", "\\|")


def _case(case: Case) -> str:
    title = f"{case.name[0].upper()}{case.name[1:]}"
    if case.lines:
        title += f" (line {', '.join(map(str, case.lines))})"
    blocks = [f"{title}:", _block(case.code)]
    for path, code in case.files.items():
        blocks += [f"with `{path}`:", _block(code)]
    if case.fixed is not None:
        blocks += ["becomes" + (" (with `--unsafe-fixes`):" if case.is_unsafe else ":")]
        blocks += [_block(case.fixed)]
    return "\n\n".join(blocks)


def _block(code: str) -> str:
    return f"```python\n{code.rstrip()}\n```"


def everything() -> str:
    """Return the page of all rules."""
    head = (
        "# Rules of failtrack-guard\n\n"
        "Made by `python -m failtrack_guard.explain`; a test holds it to the rules.\n"
    )
    shipped = (page(rule_class(rule_id), 2) for rule_id in IDS)
    return "\n".join([head, *shipped, *(page_of_own(rule_id, 2) for rule_id in OWN)])


if __name__ == "__main__":
    print(everything(), end="")
