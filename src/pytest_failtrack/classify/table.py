"""How a table of TOML becomes an entry of the catalog; `catalog` calls it.

`KEYS` is the whole grammar: every key, the field that it fills, and how its value is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from pytest_failtrack.classify.entry import (
    MODULES,
    OUTCOMES,
    PLACES,
    REACHES,
    WHENS,
    Entry,
    Pair,
)
from pytest_failtrack.classify.pattern import Pattern
from pytest_failtrack.classify.recovery import NEVER_RETRIED
from pytest_failtrack.classify.taxonomy import RecoveryMode, Severity, Subcategory
from pytest_failtrack.errors import ConfigError


def entry_from_table(
    table: Mapping[str, Any], *, is_extra: bool = False, compiles: bool = False
) -> Entry:
    """Return the entry that a table of the catalog describes.

    Args:
        table: Keys as `KEYS` names them.
        is_extra: The entry is the project's own.
        compiles: Compile the regexes at once, so that a mistake in a configuration shows now and
            not at the first failure.

    Raises:
        ConfigError: A key is unknown, is missing or has a value that is not allowed; the message
            names the entry and the key.
    """
    values: dict[str, Any] = {"is_extra": is_extra}
    name = table.get("id", "")
    for key, value in table.items():
        reader = KEYS.get(key)
        if reader is None:
            _refuse(name, key, value, f"one of {', '.join(KEYS)}", "an unknown key")
        field_name, read = reader
        try:
            values[field_name] = read(value)
        except ValueError as error:
            _refuse(name, key, value, str(error))
    for key in REQUIRED:
        if not values.get(key):
            _refuse(name, key, table.get(key), "a value; it is required")
    entry = Entry(**values)
    if compiles:
        _check_regexes(entry)
    if entry.is_retryable and entry.failure_type in NEVER_RETRIED:
        allowed = f"false, because {entry.failure_type} is never retried"
        _refuse(name, "retryable", True, allowed)
    return entry


def _refuse(name: Any, key: str, value: Any, allowed: str, problem: str = "") -> NoReturn:
    shown = f"{value!r:.80}"
    raise ConfigError(
        f"catalog entry {name!r}: key {key!r} is {problem or shown}; allowed is {allowed}",
        slug="config-catalog",
    )


def _check_regexes(entry: Entry) -> None:
    listed = [("patterns", one) for one in entry.patterns]
    listed += [("excluded", one) for one in entry.excluded]
    listed += [("pairs", pair.pattern) for pair in entry.pairs]
    for key, pattern in listed:
        try:
            pattern.compile()
        except re.error as error:
            _refuse(entry.id, key, pattern.text, f"a regular expression ({error})")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a string")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", value):
        raise ValueError("a name in lower case, digits, hyphens and underscores")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise ValueError("a list of strings")
    if not value or "" in value:
        raise ValueError("a list with at least one string, and no empty one")
    return tuple(value)


def _patterns(value: Any) -> tuple[Pattern, ...]:
    return tuple(Pattern(one) for one in _texts(value))


def _pairs(value: Any) -> tuple[Pair, ...]:
    wanted = "a list of tables { types = [...], pattern = '...' }"
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(wanted)
    pairs = []
    for one in value:
        if not isinstance(one, Mapping) or set(one) != {"types", "pattern"}:
            raise ValueError(wanted)
        pairs.append(Pair(_texts(one["types"]), Pattern(_text(one["pattern"]))))
    return tuple(pairs)


def _integers(value: Any) -> frozenset[int]:
    if not isinstance(value, list | tuple) or not value:
        raise ValueError("a list of whole numbers")
    if any(isinstance(one, bool) or not isinstance(one, int) for one in value):
        raise ValueError("a list of whole numbers")
    return frozenset(value)


def _confidence(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise ValueError("a number over 0 and up to 1")
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("a table that describes an observation")
    return value


def _one_of(names: Mapping[str, Any] | frozenset[str] | tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return read


def _set_of(names: frozenset[str] | None = None) -> Callable[[Any], frozenset[str]]:
    def read(value: Any) -> frozenset[str]:
        values = frozenset(_texts(value))
        if names is not None and not values <= names:
            raise ValueError(f"a list out of {', '.join(sorted(names))}")
        return values

    return read


REQUIRED = ("id", "title", "subcategory", "failure_type", "confidence")

KEYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "id": ("id", _name),
    "title": ("title", _text),
    "subcategory": ("subcategory", _one_of(tuple(one.value for one in Subcategory))),
    "failure_type": ("failure_type", _name),
    "confidence": ("confidence", _confidence),
    "types": ("types", _texts),
    "pairs": ("pairs", _pairs),
    "patterns": ("patterns", _patterns),
    "exit_codes": ("exit_codes", _integers),
    "signals": ("signals", _set_of()),
    "excluded": ("excluded", _patterns),
    "when": ("when", _set_of(WHENS)),
    "outcomes": ("outcomes", _set_of(OUTCOMES)),
    "frames": ("frames", _set_of(PLACES)),
    "raised_in": ("raised_in", _texts),
    "through": ("through", _texts),
    "missing_module": ("missing_module", _one_of(tuple(sorted(MODULES)))),
    "tools": ("tools", _set_of()),
    "words": ("words", _set_of()),
    "phases": ("phases", _set_of()),
    "components": ("components", _set_of()),
    "markers": ("markers", _set_of()),
    "reach": ("reach", _one_of(REACHES)),
    "severity": ("severity", _one_of(tuple(one.value for one in Severity))),
    "retryable": ("is_retryable", _boolean),
    "recovery_mode": ("recovery_mode", _one_of(tuple(one.value for one in RecoveryMode))),
    "suggestion": ("recovery_suggestion", _text),
    "assertion": ("is_assertion", _boolean),
    "example": ("example", _table),
    "counter_example": ("counter_example", _table),
}
"""Every key of a table, the field that it fills, and how its value is read."""
