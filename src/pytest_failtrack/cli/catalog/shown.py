"""How entries are shown, to people and to programs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.taxonomy import MEANINGS, RecoveryMode, Subcategory
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.sinks.plain import plain


def meaning_lines(entry: Entry, shelf: Shelf) -> list[str]:
    """Return what an entry means, as lines for people."""
    retry = "yes, as the matrix says" if entry.is_retryable else "no"
    meaning = MEANINGS[Subcategory(entry.subcategory)]
    lines = [
        f"{entry.id}  ({shelf.origin(entry.id)})",
        f"  {entry.title}",
        "",
        f"  kind             {entry.category} / {entry.subcategory}: {meaning}",
        f"  failure type     {entry.failure_type}",
        f"  severity         {entry.severity or 'by the general table'}",
        f"  confidence       {entry.confidence:.2f}",
        f"  retryable        {retry}",
        f"  recovery         {entry.recovery_mode}",
    ]
    return [*lines, f"                   {_suggestion(entry)}"]


def _suggestion(entry: Entry) -> str:
    from pytest_failtrack.classify.recovery import suggestion_of

    return suggestion_of(RecoveryMode(entry.recovery_mode), entry.recovery_suggestion)


def grammar(entry: Entry) -> dict[str, str]:
    """Return what an entry looks at, by the names of its keys."""
    said = {
        "types": ", ".join(entry.types),
        "pairs": "; ".join(
            f"{', '.join(one.types)} with /{one.pattern.text}/" for one in entry.pairs
        ),
        "patterns": "; ".join(f"/{one.text}/" for one in entry.patterns),
        "exit_codes": ", ".join(map(str, sorted(entry.exit_codes))),
        "signals": ", ".join(sorted(entry.signals)),
        "excluded": "; ".join(f"/{one.text}/" for one in entry.excluded),
        "raised_in": ", ".join(entry.raised_in),
        "through": ", ".join(entry.through),
        "missing_module": entry.missing_module,
    }
    for name in ("when", "frames", "tools", "words", "phases", "components", "markers"):
        said[name] = ", ".join(sorted(getattr(entry, name)))
    if entry.outcomes != Entry.outcomes:
        said["outcomes"] = ", ".join(sorted(entry.outcomes))
    if entry.reach != Entry.reach:
        said["reach"] = entry.reach
    return {name: text for name, text in said.items() if text}


def as_json_of(entry: Entry, shelf: Shelf) -> dict[str, Any]:
    """Return an entry for programs."""
    return {
        "id": entry.id,
        "origin": shelf.origin(entry.id),
        "title": entry.title,
        "category": entry.category,
        "subcategory": entry.subcategory,
        "failure_type": entry.failure_type,
        "severity": entry.severity,
        "confidence": entry.confidence,
        "retryable": entry.is_retryable,
        "recovery_mode": entry.recovery_mode,
        "suggestion": _suggestion(entry),
        "matches": grammar(entry),
    }


def write(lines: Iterable[str]) -> None:
    """Write lines to the standard output; their indentation and columns stay."""
    screen = Screen.of_stdout()
    screen.write(_indented(line, screen) for line in lines)


def _indented(line: str, screen: Screen) -> str:
    """Return a line without control characters; its indentation and columns stay."""
    return "".join(
        one if one.isspace() else plain(one, unicode=screen.unicode)
        for one in re.split(r"( {2,}|^ )", line)
    )
