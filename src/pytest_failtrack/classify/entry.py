"""One entry of the failure catalog: what a kind of failure looks like, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

from pytest_failtrack.classify.pattern import Pattern
from pytest_failtrack.classify.taxonomy import (
    INFRA_FAILURE_TYPES,
    Category,
    RecoveryMode,
    category_of,
)
from pytest_failtrack.frozen import frozen

FAILING_OUTCOMES = frozenset({"failed", "error", "crashed", "rerun"})
OUTCOMES = FAILING_OUTCOMES | {"interrupted", "flaky", "xpassed", "debt", "expired"}
WHENS = frozenset({"collect", "setup", "call", "teardown", "import", "command", "session"})
PLACES = frozenset({"project", "test", "third_party", "stdlib", "none"})
MODULES = frozenset({"project", "third_party", "stdlib"})
REACHES = ("head", "cause", "context")


@frozen
class Pair:
    """A type together with a text: the most telling evidence there is."""

    types: tuple[str, ...]
    pattern: Pattern


@frozen
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
        through: Condition: packages, one of which a frame lies in.
        missing_module: Condition: whose module the message misses.
        tools: Condition: a word of the command line.
        words: Condition: a word of the error line of a command or a log, in lower case.
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
        example: An observation that the entry wins, as `examples.observation_of` reads it; those
            of the shipped entries are in `catalog_examples.toml`.
        counter_example: One that looks similar and that the entry does not match.
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
    through: tuple[str, ...] = ()
    missing_module: str = ""
    tools: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
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
    example: Mapping[str, Any] = field(default_factory=dict)
    counter_example: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def category(self) -> str:
        """Category of the subcategory."""
        return category_of(self.subcategory).value

    @cached_property
    def is_infra(self) -> bool:
        """Whether the entry speaks of the surroundings instead of the code (S1-116)."""
        return (
            self.failure_type in INFRA_FAILURE_TYPES
            or category_of(self.subcategory) is Category.INFRA
        )

    @cached_property
    def conditions(self) -> int:
        """How many conditions it names: of two entries that match, the one with more says more."""
        named = (
            self.when,
            self.frames,
            self.raised_in,
            self.through,
            self.missing_module,
            self.tools,
            self.words,
            self.phases,
            self.components,
            self.markers,
            self.excluded,
        )
        return sum(1 for one in named if one)

    @property
    def has_way(self) -> bool:
        """Whether the entry names evidence, and not only conditions."""
        return bool(self.types or self.pairs or self.patterns or self.exit_codes or self.signals)
