"""The project's own entries of the catalog, held against each other and against the matrix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.classify.catalog import Catalog, load_catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.match import find_match
from pytest_failtrack.classify.recovery import NEVER_RETRIED
from pytest_failtrack.policy.conflicts import Conflict
from pytest_failtrack.policy.matrix import Matrix


def catalog_conflicts(documents: Sequence[Mapping[str, Any]], matrix: Matrix) -> list[Conflict]:
    """Return the contradictions of the project's own entries.

    Args:
        documents: Its entries, as `load_catalog` takes them.
        matrix: The escalation matrix.

    Raises:
        ConfigError: An entry cannot be used.
    """
    tables = list(_tables(documents))
    twice = list(_given_twice(tables))
    if twice:
        return twice
    found = list(_retried_never(tables))
    if found:
        return found
    catalog = load_catalog(documents)
    own = [catalog.entries[str(one["id"])] for one in tables if one.get("id") in catalog.entries]
    return [*_against_matrix(own, matrix), *_examples(own, tables, catalog)]


def _tables(documents: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    for one in documents:
        if isinstance(one, Mapping) and set(one) == {"entry"} and isinstance(one["entry"], list):
            yield from _tables(one["entry"])
        elif isinstance(one, Mapping):
            yield one


def _given_twice(tables: Sequence[Mapping[str, Any]]) -> Iterator[Conflict]:
    counts = Counter(str(one.get("id")) for one in tables)
    for name, count in counts.items():
        if count > 1:
            yield Conflict(
                (f"catalog entry {name!r}",) * 2,
                f"catalog entry {name!r} is given {count} times",
                "rename or remove all but one",
            )


def _retried_never(tables: Sequence[Mapping[str, Any]]) -> Iterator[Conflict]:
    for one in tables:
        kind = one.get("failure_type")
        if one.get("retryable") and kind in NEVER_RETRIED:
            yield Conflict(
                (f"catalog entry {one.get('id')!r}", "failures that are never retried (S1-87)"),
                f"catalog entry {one.get('id')!r} is retryable, and {kind} is never retried",
                "say retryable = false, or another failure_type",
            )


def _against_matrix(own: Sequence[Entry], matrix: Matrix) -> Iterator[Conflict]:
    for one in own:
        refusal = matrix.refusal_of(one.failure_type)
        if refusal:
            wrong, _, advice = refusal.partition(": ")
            yield Conflict(
                (f"catalog entry {one.id!r}: failure_type", "tool.failtrack.types"),
                f"catalog entry {one.id!r}: {wrong}",
                advice,
            )
            continue
        if one.is_retryable and matrix.policy(one.failure_type).retry.kind == "never":
            yield Conflict(
                (f"catalog entry {one.id!r}", f"tool.failtrack.types.{one.failure_type}.retry"),
                f"catalog entry {one.id!r} is retryable, and the matrix never retries "
                f"{one.failure_type}",
                f"say retryable = false, or give {one.failure_type} a retry",
            )
        if one.is_retryable and one.is_assertion:
            yield Conflict(
                (f"catalog entry {one.id!r}: retryable", f"catalog entry {one.id!r}: assertion"),
                f"catalog entry {one.id!r} is retryable and stands for a failing assertion, which "
                "is never retried",
                "remove one of the two",
            )


def _examples(
    own: Sequence[Entry], tables: Sequence[Mapping[str, Any]], catalog: Catalog
) -> Iterator[Conflict]:
    """Yield the entries whose own example another entry wins and calls something else."""
    examples = {str(one.get("id")): one.get("example") for one in tables}
    for one in own:
        example = examples.get(one.id) or one.example
        if not example:
            continue
        question = Question(observation_of(example), catalog, phase=example.get("phase", "TESTING"))
        match = find_match(question).match
        winner = match.entry if match is not None else None
        if winner is None or winner.id == one.id:
            continue
        if (winner.subcategory, winner.failure_type) != (one.subcategory, one.failure_type):
            yield Conflict(
                (f"catalog entry {one.id!r}", f"catalog entry {winner.id!r}"),
                f"the example of catalog entry {one.id!r} is won by {winner.id!r}, which calls it "
                f"{winner.subcategory} ({winner.failure_type}) instead of {one.subcategory} "
                f"({one.failure_type})",
                f"failtrack catalog explain shows why; give {one.id!r} a condition more",
            )
