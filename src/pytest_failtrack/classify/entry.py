"""One entry of the failure catalog, and how a table of TOML becomes one; `catalog` calls it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pytest_failtrack.classify.pattern import Pattern
from pytest_failtrack.classify.recovery import NEVER_RETRIED
from pytest_failtrack.classify.taxonomy import (
    INFRA_FAILURE_TYPES,
    Category,
    RecoveryMode,
    Severity,
    Subcategory,
    category_of,
)
from pytest_failtrack.errors import ConfigError

FAILING_OUTCOMES = frozenset({"failed", "error", "crashed", "rerun"})
OUTCOMES = FAILING_OUTCOMES | {"flaky", "xpassed", "debt", "expired"}
WHENS = frozenset({"collect", "setup", "call", "teardown", "import", "command", "session"})
PLACES = frozenset({"project", "test", "third_party", "stdlib", "none"})
MODULES = frozenset({"project", "third_party", "stdlib"})
REACHES = ("head", "cause", "context")


@dataclass(frozen=True)
class Pair:
    """A type together with a text: the most telling evidence there is."""

    types: tuple[str, ...]
    pattern: Pattern


@dataclass(frozen=True)
class Entry:
    """What one kind of failure looks like, and what it means.

    An entry matches when one of its ways holds (`types`, `pairs`, `patterns`, `exit_codes`,
    `signals`) and each of its conditions does. An entry without a way matches by its conditions
    alone, after every entry that has one.

    Args:
        id: Name of the entry, lower case with hyphens.
        title: What happened, as one clause for people.
        subcategory: One of the 36.
        failure_type: Decides owner, deadline, override and retry.
        confidence: 0 to 1: how sure the classification is when this entry matches.
        types: Types of exceptions; `KeyError` or `a.b.Error` is exactly that type,
            `package.*.Error` that name in any module of the package, `*.Error` in any module.
        pairs: A type with a pattern for its message.
        patterns: Patterns for a message, or for what a command printed.
        exit_codes: Exit statuses of a process.
        signals: Names of signals that ended a process.
        excluded: Patterns whose presence forbids the match.
        when: Condition: phases of the observation.
        outcomes: Condition: outcomes; by default the failing ones.
        frames: Condition: where the exception left the code (`project`, `test`, ...).
        raised_in: Condition: the end of the path of the innermost frame.
        missing_module: Condition: whose module the message misses.
        tools: Condition: a word of the command line.
        phases: Condition: phases of the build (C-7).
        components: Condition: names of components.
        markers: Condition: one of the test's markers.
        reach: How deep in a chain it looks: `head` the exception raised last, `cause` its
            explicit causes as well, `context` also what was being handled meanwhile.
        severity: Severity, where the general table does not fit; `` elsewhere.
        is_retryable: Another attempt could succeed.
        recovery_mode: What to do next.
        recovery_suggestion: The same as a sentence; `` for that of the mode.
        is_assertion: It stands for a failing assertion: where it matches, nothing about
            infrastructure can, because a failing assertion is never retried (C-14).
        is_extra: It comes from the project's own configuration.
    """

    id: str
    title: str
    subcategory: str
    failure_type: str
    confidence: float
    types: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    exit_codes: frozenset[int] = frozenset()
    signals: frozenset[str] = frozenset()
    excluded: tuple[Pattern, ...] = ()
    when: frozenset[str] = frozenset()
    outcomes: frozenset[str] = FAILING_OUTCOMES
    frames: frozenset[str] = frozenset()
    raised_in: tuple[str, ...] = ()
    missing_module: str = ""
    tools: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    components: frozenset[str] = frozenset()
    markers: frozenset[str] = frozenset()
    reach: str = "cause"
    severity: str = ""
    is_retryable: bool = False
    recovery_mode: str = RecoveryMode.INVESTIGATE.value
    recovery_suggestion: str = ""
    is_assertion: bool = False
    is_extra: bool = False

    @property
    def category(self) -> str:
        """Category of the subcategory."""
        return category_of(self.subcategory).value

    @property
    def is_infra(self) -> bool:
        """Whether the entry speaks of the surroundings instead of the code (S1-116)."""
        return (
            self.failure_type in INFRA_FAILURE_TYPES
            or category_of(self.subcategory) is Category.INFRA
        )

    @property
    def has_way(self) -> bool:
        """Whether the entry names evidence, and not only conditions."""
        return bool(self.types or self.pairs or self.patterns or self.exit_codes or self.signals)


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
    "outcomes": ("outcomes", _set_of(frozenset(OUTCOMES))),
    "frames": ("frames", _set_of(PLACES)),
    "raised_in": ("raised_in", _texts),
    "missing_module": ("missing_module", _one_of(tuple(sorted(MODULES)))),
    "tools": ("tools", _set_of()),
    "phases": ("phases", _set_of()),
    "components": ("components", _set_of()),
    "markers": ("markers", _set_of()),
    "reach": ("reach", _one_of(REACHES)),
    "severity": ("severity", _one_of(tuple(one.value for one in Severity))),
    "retryable": ("is_retryable", _boolean),
    "recovery_mode": ("recovery_mode", _one_of(tuple(one.value for one in RecoveryMode))),
    "suggestion": ("recovery_suggestion", _text),
    "assertion": ("is_assertion", _boolean),
}
"""Every key of a table, the field that it fills, and how its value is read."""
