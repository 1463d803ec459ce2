"""The shipped catalog in the form in which a run loads it: checked, and with its literals found.

`catalog.toml` is what people read and edit. Parsing and checking it costs more than everything
else that is done about the first failure of a run, so `scripts/built-json` writes `catalog.json`
from it, and a test holds the two together. `catalog.py` loads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from pytest_failtrack.classify.entry import Entry, Pair
from pytest_failtrack.classify.pattern import Pattern

BUILT_FILE = Path(__file__).with_name("catalog.json")

_SETS = (
    *("exit_codes", "signals", "when", "outcomes", "frames", "tools", "words", "phases"),
    *("components", "markers"),
)
_LISTS = ("types", "raised_in", "through")
_PATTERNS = ("patterns", "excluded")


def load_built(file: Path = BUILT_FILE) -> list[Entry]:
    """Return the entries that were written by `built_text`."""
    return [_entry(values) for values in json.loads(file.read_text(encoding="utf-8"))]


def built_text(entries: Iterable[Entry]) -> str:
    """Return entries as JSON, one a line, without the fields that have their default."""
    lines = [json.dumps(_values(one), separators=(",", ":")) for one in entries]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _entry(values: dict[str, Any]) -> Entry:
    for name in _PATTERNS:
        if name in values:
            values[name] = tuple(Pattern(text, tuple(literals)) for text, *literals in values[name])
    if "pairs" in values:
        values["pairs"] = tuple(
            Pair(tuple(types), Pattern(text, tuple(literals)))
            for types, text, *literals in values["pairs"]
        )
    for name in _LISTS:
        if name in values:
            values[name] = tuple(values[name])
    for name in _SETS:
        if name in values:
            values[name] = frozenset(values[name])
    return Entry(**values)


def _values(entry: Entry) -> dict[str, Any]:
    return {
        one.name: _plain(getattr(entry, one.name))
        for one in fields(entry)
        if one.default_factory is MISSING
        and (one.default is MISSING or getattr(entry, one.name) != one.default)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Pattern):
        return [value.text, *value.literals]
    if isinstance(value, Pair):
        return [list(value.types), *_plain(value.pattern)]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        raise TypeError("examples are not part of what a run loads")
    return value
