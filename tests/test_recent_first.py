"""S3-80: under extreme load what happens now is answered before what was (threads of one process).

A program that uses our API has them: a web service that keeps errors and writes reports.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "cli"))

from evidence_folder import make_record

from pytest_failtrack import matching
from pytest_failtrack.config import Settings, load
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import evidence, gate
from pytest_failtrack.history.store import History
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record import build
from pytest_failtrack.record.match import MatchResult
from pytest_failtrack.summaries.analytics import write_analytics

SECONDS = 30.0
SINCE = datetime(2026, 1, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No load of one test is that of another."""
    gate._GATES.clear()
    yield
    gate._GATES.clear()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = replaced(
        load({}, table={}),
        root=tmp_path,
        state_dir=tmp_path / ".failtrack",
        evidence_dir=tmp_path / "governance/events/failures",
        history="",
    )
    for number in range(3):
        record = make_record(f"tests/test_a.py::test_{number}")
        content = build.to_json(build.validate(record))
        evidence.write_record(made.evidence_dir, content, record["failure_id"])
    with open_history(made) as history:
        history.sync(made.evidence_dir)
    return made


def overload(settings: Settings) -> None:
    """Ask more than 50 times as often as usual."""
    with open_history(settings) as history:
        for _ in range(2 * gate.EXTREME_LOAD_FACTOR):
            history.ask(lambda one: one.rows("select 1"), is_recent=True)


def verdict(settings: Settings) -> bool:
    """Ask what a failing run asks."""
    with open_history(settings) as history:
        return bool(history.has_any()) and history.earlier_for([], since=SINCE) == {}


class Asked:
    """A question in a thread of its own, which is under way until it is let go."""

    def __init__(self, settings: Settings, *, is_recent: bool) -> None:
        self.is_under_way = threading.Event()
        self.let_go = threading.Event()

        def question(_: object) -> None:
            self.is_under_way.set()
            assert self.let_go.wait(SECONDS)

        def ask() -> None:
            with open_history(settings) as history:
                history.ask(question, is_recent=is_recent)

        self.thread = threading.Thread(target=ask)

    def __enter__(self) -> Asked:
        self.thread.start()
        assert self.is_under_way.wait(SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()


def waits(thread: threading.Thread, settings: Settings) -> bool:
    """Return whether a thread waits for its turn."""
    turns = gate.gate_of(str(settings.state_dir / "history.sqlite"))._turns
    until = time.monotonic() + SECONDS
    while thread.is_alive() and time.monotonic() < until:
        if any(one.kind is gate.QueryKind.HISTORICAL for one in turns._waiting):
            return True
        time.sleep(0.001)
    return False


def test_a_report_waits_for_verdicts_under_extreme_load(settings: Settings) -> None:
    overload(settings)
    with Asked(settings, is_recent=True) as recent:
        report = threading.Thread(target=write_analytics, args=(settings,))
        report.start()
        assert waits(report, settings)

        assert verdict(settings)

        assert report.is_alive()
        assert not list(settings.evidence_dir.glob("analytics/*"))
        recent.let_go.set()
        report.join(SECONDS)
        assert not report.is_alive()
    assert len(list(settings.evidence_dir.glob("analytics/*"))) == 4


def test_as_usual_a_report_waits_for_nobody(settings: Settings) -> None:
    with Asked(settings, is_recent=True), Asked(settings, is_recent=False):
        write_analytics(settings)
    assert len(list(settings.evidence_dir.glob("analytics/*"))) == 4


@pytest.mark.parametrize("is_extreme", [False, True])
def test_a_verdict_never_waits_for_a_report(settings: Settings, is_extreme: bool) -> None:
    with Asked(settings, is_recent=False):
        if is_extreme:
            overload(settings)
        assert verdict(settings)


def test_errors_of_a_program_come_before_its_reports(settings: Settings, postgres_url: str) -> None:
    """`persist_failure_match_async` of many tasks, by one connection, beside a report."""
    shared = replaced(settings, history=postgres_url, repository="shop")
    result = MatchResult()
    order: list[str] = []
    held = gate.gate_of(postgres_url)

    def report() -> None:
        with open_history(shared) as history:
            history.ask(lambda one: order.append("report"))

    async def errors() -> None:
        tasks = [matching.persist_failure_match_async("run", result, "KeyError") for _ in range(60)]
        order.extend(["error" for one in await asyncio.gather(*tasks) if one])

    matching._DESKS.use(matching.Desk(shared))
    try:
        overload(shared)
        with Asked(shared, is_recent=True) as recent:
            thread = threading.Thread(target=report)
            thread.start()
            while not held._turns._waiting:
                time.sleep(0.001)
            asyncio.run(errors())
            recent.let_go.set()
            thread.join(SECONDS)
    finally:
        matching._DESKS.close()
        matching._DESKS.use(None)

    assert order == ["error"] * 60 + ["report"]


def test_histories_of_one_place_have_one_gate(settings: Settings) -> None:
    with open_history(settings) as one, open_history(settings) as other:
        assert isinstance(one, History)
        assert one._gate is other._gate is not None
