"""The page of anti-patterns: what the guard's rules flag, and what the project's failures taught.

`cli/docs.py` asks (S0-132). The guard is a package apart: its rules are read from what
`failtrack-guard rules --json` and `explain` print. The same rules and records give the same page.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.prevention.bounded import run_bounded
from pytest_failtrack.prevention.printed import tail
from pytest_failtrack.sinks.markdown import code, escape

MARK = "<!-- Made by `failtrack docs anti-patterns`; what is written here by hand is lost. -->"
CASES_SHOWN = 2
ENDED = ("RESOLVED", "PREVENTED")
GUARD_SECONDS = 120.0
HEADLINE_MAX_CHARS = 200


@frozen
class RulePage:
    """What the guard says of one of its rules.

    Args:
        rule_id: Its id.
        name: Its name.
        about: What it flags and why, as Markdown.
        flagged: Cases that it flags, as Markdown.
        passed: Cases that it lets pass.
    """

    rule_id: str
    name: str
    about: str
    flagged: tuple[str, ...]
    passed: tuple[str, ...]


def rules_of(root: Path, *, all_rules: bool = False) -> tuple[RulePage, ...]:
    """Return what the guard says of the rules that run in a project.

    Args:
        root: Folder of the project.
        all_rules: Whether those are meant, too, that do not run there.

    Raises:
        ConfigError: The guard cannot be asked, or the project's settings of it cannot be used.
    """
    listed = json.loads(_guard(root, "rules", "--json"))
    wanted = [one["id"] for one in listed if all_rules or one["runs"]]
    return tuple(page_of(_guard(root, "explain", one)) for one in wanted)


def page_of(explained: str) -> RulePage:
    """Return the page of a rule from what `failtrack-guard explain` prints."""
    blocks = _blocks(explained)
    head = blocks[0].removeprefix("# ").split(" ", 1)
    sections: dict[str, list[str]] = {"": []}
    section = ""
    for block in blocks[1:]:
        if block.startswith("## "):
            section = block.removeprefix("## ").strip()
            sections[section] = []
        else:
            sections[section].append(block)
    about = [one for one in sections[""] if not one.startswith(("Severity ", "Options of ", "| "))]
    return RulePage(
        rule_id=head[0],
        name=head[-1],
        about="\n\n".join(about),
        flagged=tuple(_cases(sections.get("Flagged", []))),
        passed=tuple(_cases(sections.get("Not flagged", []))),
    )


def page(rules: Iterable[RulePage], records: Iterable[Mapping[str, Any]]) -> str:
    """Return the page as Markdown that ends with a line end.

    Args:
        rules: Rules of the guard, in the order of the page.
        records: All records; those that are RESOLVED or PREVENTED are told of.
    """
    listed = list(rules)
    causes = _by_cause(records)
    blocks = [MARK, "# Anti-patterns"]
    if listed:
        blocks += ["## What the guard refuses", *(text for one in listed for text in _rule(one))]
    if causes:
        blocks += ["## What has failed here", *(text for one in causes for text in _cause(one))]
    if not listed and not causes:
        blocks.append("No rule of the guard runs here, and no failure has been resolved yet.")
    return "\n\n".join(blocks) + "\n"


def _rule(rule: RulePage) -> Iterator[str]:
    yield f"### {rule.rule_id} {rule.name}"
    yield rule.about
    for title, cases in (("Not so:", rule.flagged), ("But so:", rule.passed)):
        if cases:
            yield f"**{title}**"
            yield from cases[:CASES_SHOWN]


def _cause(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is told of one cause: its newest record speaks, all of them have taught."""
    newest = records[-1]
    described, context = newest["failure_description"], newest["context"]
    headline = (described["error_message"] or described["summary"])[:HEADLINE_MAX_CHARS]
    yield f"### {escape(headline)}"
    told = [
        ("Class", f"{newest['category']} / {newest['subcategory']}"),
        ("Where", context["component"] or context["file_path"]),
        ("Root cause", newest["root_cause"]["root_cause_summary"]),
        ("Why nothing stopped it", newest["root_cause"]["why_not_prevented"]),
        ("How it ended", newest["resolution"]["resolution_description"]),
    ]
    lines = [f"- {name}: {escape(value)}" for name, value in told if value]
    for name, block, key, is_code in (
        ("Lesson", "learning", "lessons_learned", False),
        ("Prevented by", "prevention", "prevention_measures", False),
        ("Caught by", "prevention", "precondition_updates", True),
        ("Caught by", "prevention", "test_additions", True),
        ("Read", "prevention", "documentation_updates", True),
    ):
        entries = dict.fromkeys(entry for one in records for entry in one[block][key])
        lines += [f"- {name}: {code(one) if is_code else escape(one)}" for one in entries]
    word = "record" if len(records) == 1 else "records"
    ids = ", ".join(code(one["failure_id"]) for one in records[-3:])
    more = f", and {len(records) - 3:,} before" if len(records) > 3 else ""
    lines.append(f"- {newest['status']}, {len(records):,} {word}: {ids}{more}")
    yield "\n".join(lines)


def _by_cause(records: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return the ended records by their cause, which are sorted by class and then by id."""
    found = defaultdict(list)
    for one in records:
        if one["status"] in ENDED:
            found[one["signature"]["hash"]].append(one)
    for group in found.values():
        group.sort(key=lambda one: (one["timestamp"], one["failure_id"]))
    return sorted(
        found.values(),
        key=lambda group: (
            *(group[-1]["category"], group[-1]["subcategory"]),
            group[-1]["signature"]["hash"],
        ),
    )


def _cases(blocks: Sequence[str]) -> Iterator[str]:
    """Yield each case with its code: it begins with a line that ends in a colon."""
    case: list[str] = []
    for block in blocks:
        is_title = not block.startswith(("```", "with `", "becomes"))
        if is_title and case:
            yield "\n\n".join(case)
            case = []
        case.append(block)
    if case:
        yield "\n\n".join(case)


def _blocks(text: str) -> list[str]:
    """Return the paragraphs of Markdown; a fenced block is one, whatever is in it."""
    blocks: list[list[str]] = [[]]
    fenced = False
    for line in text.strip().splitlines():
        fenced ^= line.startswith("```")
        if line.strip() or fenced:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return ["\n".join(one) for one in blocks if one]


def _guard(root: Path, *arguments: str) -> str:
    argv = [sys.executable, "-m", "failtrack_guard", *arguments]
    environ = {**os.environ, "PYTHONUTF8": "1"}
    ended = run_bounded(argv, root, environ, GUARD_SECONDS)
    if ended.status != 0:
        said = ended.problem or tail(ended.output, root)
        raise ConfigError(f"failtrack-guard {arguments[0]}: {said}", slug="guard")
    return ended.output
