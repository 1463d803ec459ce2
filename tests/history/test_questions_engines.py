"""Every question has one answer, whichever database keeps the history."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.history.database import Database, open_database
from pytest_failtrack.history.questions import (
    causes,
    flaky,
    listing,
    owners,
    repeats,
    resolution,
    response,
    slow,
    totals,
)
from pytest_failtrack.history.questions.filter import Filter
from pytest_failtrack.history.questions.group import GROUPS
from pytest_failtrack.record.verify import verify_record, verify_run

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

from generate_history import END, Step, fill_sqlite, generate

TENANT = "o/r"
Question = Callable[[Database, Filter], Any]
QUESTIONS: dict[str, Question] = {
    "count": listing.count_records,
    "newest": listing.newest_records,
    "summary": totals.summary,
    "trend": lambda one, wanted: totals.trend(one, wanted, "week"),
    "common": causes.common_causes,
    "cost": causes.costly_causes,
    "preventable": lambda one, wanted: causes.preventable_causes(one, wanted, {"INFRA_NETWORK"}),
    "preventable without classes": lambda one, wanted: causes.preventable_causes(one, wanted, ()),
    "together": causes.causes_together,
    "flaky": lambda one, wanted: flaky.flaky_tests(one, wanted, flips_min=1),
    "flaky share": flaky.flaky_share,
    "slow tests": slow.slow_tests,
    "long runs": slow.long_runs,
    "mttr": resolution.time_to_resolution,
    "sla": resolution.deadlines,
    "owners": owners.owner_load,
    "repeats": repeats.repeat_rate,
    "response": response.response_times,
    "accuracy": response.accuracy,
}
BY: dict[str, Callable[[Database, Filter, list[str]], Any]] = {
    "totals": totals.totals,
    "mttr": resolution.time_to_resolution,
    "sla": resolution.deadlines,
    "repeats": repeats.repeat_rate,
    "response": response.response_times,
    "accuracy": response.accuracy,
}
FILTERS = {
    "nothing": Filter(now=END),
    "a window": Filter(since=END - timedelta(days=90), until=END - timedelta(days=2), now=END),
    "columns": Filter(
        now=END,
        branch=("main",),
        owner=("@*", ""),
        test=("test_",),
        tier=(0, 1, 2),
        is_open=False,
        is_debt=False,
        confidence_min=0.1,
        failure_id=("*-*",),
    ),
    "no such id": Filter(now=END, failure_id=("no such", "0", "")),
    "overdue": Filter(now=END, is_overdue=True, duration_min=0.0),
}


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    return list(generate(900, seed=5, days=120))


@pytest.fixture(scope="module")
def sqlite(steps: list[Step], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = str(tmp_path_factory.mktemp("index") / "history.sqlite")
    fill_sqlite(path, steps)
    with closing(open_database(path)) as database:
        yield database


@pytest.fixture(scope="module")
def postgres(
    steps: list[Step], postgres_server: str, postgres_template: str, worker_name: str
) -> Iterator[Database]:
    from postgres import create_database
    from pytest_failtrack.history.changes_index import store_changes
    from pytest_failtrack.history.postgres import PostgresDatabase
    from pytest_failtrack.history.shared import share_records, share_runs

    url = create_database(postgres_server, f"questions_{worker_name}", postgres_template)
    with closing(PostgresDatabase(url, TENANT)) as database:
        share_records(
            database,
            ((json.dumps(one).encode(), one) for step in steps for one in step.records),
        )
        share_runs(
            database,
            [(name, json.dumps(one).encode(), one) for step in steps for name, one in step.runs],
        )
        store_changes(database, [one for step in steps for one in step.changes])
        yield database


def plain(answer: Any) -> Any:
    """Return an answer as plain values: figures rounded, without the repository."""
    if isinstance(answer, (list, tuple)):
        return [plain(one) for one in answer]
    if hasattr(answer, "__dataclass_fields__"):
        return plain(asdict(answer))
    if isinstance(answer, dict):
        return {name: plain(one) for name, one in answer.items()}
    if isinstance(answer, float):
        return pytest.approx(answer, rel=1e-5, abs=1e-5)
    return "" if answer == TENANT else answer


class TestOneText:
    @pytest.mark.parametrize("wanted", FILTERS.values(), ids=FILTERS)
    @pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
    def test_answers_alike(
        self, question: Question, wanted: Filter, sqlite: Database, postgres: Database
    ) -> None:
        assert plain(question(sqlite, wanted)) == plain(question(postgres, wanted))

    # A local index has no repositories.
    @pytest.mark.parametrize("name", [one for one in GROUPS if one != "tenant"])
    @pytest.mark.parametrize("question", BY.values(), ids=BY)
    def test_counts_alike_by_any_column(
        self, question: Any, name: str, sqlite: Database, postgres: Database
    ) -> None:
        wanted = Filter(now=END)
        one, other = (question(database, wanted, [name, "week"]) for database in (sqlite, postgres))

        assert by_key(one) == by_key(other)


def by_key(answer: Any) -> list[Any]:
    """Return rows in one order: databases sort texts by rules of their own."""
    kinds = (
        (answer.triage, answer.acknowledgement)
        if isinstance(answer, response.ResponseTimes)
        else (answer,)
    )
    assert all(kinds)
    return [plain(sorted(rows, key=lambda one: one.key)) for rows in kinds]


class TestTheGenerator:
    def test_makes_what_could_lie_in_the_evidence(self, steps: list[Step]) -> None:
        for step in steps:
            for one in step.records:
                verify_record(json.dumps(one).encode(), one["failure_id"])
            for name, run in step.runs:
                verify_run(json.dumps(run).encode(), name)

    def test_makes_the_same_from_the_same_seed(self) -> None:
        first, again, other = (list(generate(60, seed=seed)) for seed in (3, 3, 4))

        assert first == again
        assert first != other
