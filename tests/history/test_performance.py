"""FR106: how long questions take, batches with progress, and events for the slow ones."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pytest_failtrack.aggregate import unknown_errors
from pytest_failtrack.errors import StoreError
from pytest_failtrack.history.database import MEMORY, Database, open_database
from pytest_failtrack.history.gate import (
    EXTREME_LOAD_FACTOR,
    Load,
    QueryGate,
    QueryKind,
    Ticket,
    Turns,
)
from pytest_failtrack.history.matches import store_matches
from pytest_failtrack.history.performance import (
    QUERY_SLA_THRESHOLD_EVENTS,
    QUERY_SLA_TIMEOUT_SECONDS,
    BatchProgress,
    OperationalEvent,
    QueryPerformanceService,
    events_since,
    in_batches,
    keep_event,
)
from pytest_failtrack.history.store import QUERY_LIMIT_SECONDS, History

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
RECENT, HISTORICAL = QueryKind.RECENT, QueryKind.HISTORICAL


@pytest.fixture
def told() -> list[OperationalEvent]:
    return []


@pytest.fixture
def service(told: list[OperationalEvent]) -> QueryPerformanceService:
    return QueryPerformanceService(told.append, lambda: NOW)


class TestCompliance:
    def test_the_constants_are_those_of_the_source(self) -> None:
        """S3-102"""
        assert (QUERY_SLA_THRESHOLD_EVENTS, QUERY_SLA_TIMEOUT_SECONDS) == (10_000, 30)

    @pytest.mark.parametrize(
        ("events", "seconds", "complies"),
        [
            (0, 0.0, True),
            (9_999, 30.0, True),
            (10_000, 30.0, True),
            (10_000, 30.001, False),
            (1, 31.0, False),
            (10_001, 31.0, True),
            (10_000_000, 3_600.0, True),
        ],
    )
    def test_of_one_query(
        self, service: QueryPerformanceService, events: int, seconds: float, complies: bool
    ) -> None:
        """S3-47, S3-102, C-17: 10,000 is still within; larger ranges have the extended limit."""
        assert service.check_compliance(events, seconds) is complies

    def test_of_all_that_were_tracked(self, service: QueryPerformanceService) -> None:
        """C-17: without arguments all of them; milliseconds at the edge alone."""
        service.track_query("a", 10_000, 30_000.0)
        assert service.check_compliance()

        service.track_query("b", 5, 30_001.0)
        assert not service.check_compliance()

        service.track_query("b", 5, 12.0)
        assert service.check_compliance()

    @pytest.mark.parametrize("given", [{"event_count": 1}, {"duration_seconds": 1.0}], ids=str)
    def test_half_a_question_is_none(
        self, service: QueryPerformanceService, given: dict[str, float]
    ) -> None:
        with pytest.raises(ValueError, match="give both"):
            service.check_compliance(**given)  # type: ignore[arg-type]

    def test_a_slow_query_is_an_operational_event(
        self,
        service: QueryPerformanceService,
        told: list[OperationalEvent],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """S3-19"""
        with caplog.at_level(logging.WARNING):
            service.track_query("trends", 10_000, 31_000.0)
            service.track_query("huge", 10_001, 31_000.0)

        ((only),) = told
        assert (only.kind, only.detail["query_id"]) == ("query-slow", "trends")
        assert "trends over 10000 events took 31.0 s" in caplog.text

    def test_what_is_tracked_is_bounded(self, service: QueryPerformanceService) -> None:
        for number in range(5_000):
            service.track_query(str(number), 1, 1.0)

        assert len(service._tracked) == 1_000


class TestProgress:
    def test_has_the_fields_of_the_source(self) -> None:
        """S3-49"""
        assert [one.name for one in fields(BatchProgress)] == [
            *("total_events", "processed_events", "estimated_completion"),
        ]

    def test_says_when_it_will_be_through(self) -> None:
        """S3-48"""
        moments = iter([NOW, NOW + timedelta(seconds=10), NOW + timedelta(seconds=40)])
        service = QueryPerformanceService(now=lambda: next(moments))

        assert service.advance("q", 40_000, 0) == BatchProgress(40_000, 0, None)
        half = service.advance("q", 40_000, 10_000)
        assert half.estimated_completion == NOW + timedelta(seconds=40)
        assert service.get_batch_progress("q") == half
        assert service.advance("q", 40_000, 40_000).estimated_completion == NOW + timedelta(
            seconds=40
        )

    def test_of_an_unknown_query(self, service: QueryPerformanceService) -> None:
        with pytest.raises(KeyError):
            service.get_batch_progress("nobody")


class TestBatches:
    """S3-18, S3-78: larger ranges are batched with progress."""

    def events(self, number: int) -> list[datetime]:
        return [NOW - timedelta(seconds=7 * n) for n in range(number)]

    def asked(
        self,
        service: QueryPerformanceService,
        events: list[datetime],
        threshold: int = QUERY_SLA_THRESHOLD_EVENTS,
        slow: int | None = None,
        progress: list[BatchProgress] | None = None,
    ) -> Iterator[list[datetime]]:
        def between(start: datetime, end: datetime) -> list[datetime]:
            return [one for one in events if start <= one < end]

        def ask(start: datetime, end: datetime) -> list[datetime]:
            found = between(start, end)
            if slow is not None and len(found) > slow:
                raise StoreError("it took longer than 30 s to answer", slug="store-slow")
            return found

        return in_batches(
            service,
            "q",
            lambda start, end: len(between(start, end)),
            ask,
            since=NOW - timedelta(days=30),
            until=NOW + timedelta(seconds=1),
            tell=None if progress is None else progress.append,
            threshold=threshold,
        )

    def test_up_to_the_threshold_is_one_question(self, service: QueryPerformanceService) -> None:
        events = self.events(10)

        assert list(self.asked(service, events, threshold=10)) == [events]

    def test_more_is_several_and_nothing_is_lost_or_doubled(
        self, service: QueryPerformanceService
    ) -> None:
        events = self.events(1_000)
        progress: list[BatchProgress] = []

        parts = list(self.asked(service, events, threshold=64, progress=progress))

        assert max(map(len, parts)) <= 64
        assert sorted(one for part in parts for one in part) == sorted(events)
        done = [one.processed_events for one in progress]
        assert done == sorted(done)
        assert (done[0], done[-1]) == (0, 1_000)
        assert {one.total_events for one in progress} == {1_000}

    def test_the_oldest_come_first(self, service: QueryPerformanceService) -> None:
        parts = list(self.asked(service, self.events(200), threshold=16))

        assert [min(one) for one in parts] == sorted(min(one) for one in parts)

    def test_of_one_moment_are_one_part_however_many(
        self, service: QueryPerformanceService
    ) -> None:
        parts = list(self.asked(service, [NOW] * 500, threshold=64))

        assert [len(one) for one in parts] == [500]

    def test_what_times_out_is_asked_in_halves_and_told(
        self, service: QueryPerformanceService, told: list[OperationalEvent]
    ) -> None:
        """S3-19"""
        events = self.events(100)

        parts = list(self.asked(service, events, slow=30))

        assert sorted(one for part in parts for one in part) == sorted(events)
        assert {one.kind for one in told} == {"query-timeout"}

    def test_can_be_stopped_between_two(self, service: QueryPerformanceService) -> None:
        parts = self.asked(service, self.events(1_000), threshold=64)
        next(parts)
        next(parts)

        now = service.get_batch_progress("q")
        assert 0 < now.processed_events < now.total_events

    def test_nothing_is_asked_once(self, service: QueryPerformanceService) -> None:
        assert list(self.asked(service, [])) == [[]]


class TestEvents:
    @pytest.fixture(params=["sqlite", "postgresql"])
    def database(self, request: pytest.FixtureRequest) -> Iterator[Database]:
        url = MEMORY if request.param == "sqlite" else request.getfixturevalue("postgres_url")
        with closing(open_database(url, "o/r")) as held:
            yield held

    def test_are_kept_once(self, database: Database) -> None:
        event = OperationalEvent("query-slow", NOW, {"query_id": "é", "event_count": 3})
        older = OperationalEvent("query-slow", NOW - timedelta(days=9), {})

        for one in (event, event, older):
            keep_event(database, one)

        assert events_since(database, NOW - timedelta(days=1)) == [event]
        assert events_since(database, NOW - timedelta(days=10)) == [event, older]


class TestAsk:
    """Every question to a history is measured (S3-19)."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def history(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
        shared = request.param == "postgresql"
        url = request.getfixturevalue("postgres_url") if shared else ""
        with History(tmp_path / "h.sqlite", shared=url, tenant="o/r" if shared else "") as held:
            yield held

    def kinds(self, history: History) -> list[str]:
        since = datetime.now(timezone.utc) - timedelta(minutes=5)
        return [one.kind for one in history.ask(lambda one: events_since(one, since))]

    def test_the_limit_is_that_of_the_source(self) -> None:
        assert QUERY_LIMIT_SECONDS == QUERY_SLA_TIMEOUT_SECONDS

    def test_one_that_is_slow_is_kept(
        self, history: History, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.WARNING):
            assert history.ask(lambda one: time.sleep(0.02) or 7, limit_seconds=0.01) == 7
            assert history.ask(lambda one: time.sleep(0.02) or 7, limit_seconds=None) == 7

        assert self.kinds(history) == ["query-slow"]
        assert "query-slow" in caplog.text

    def test_one_that_times_out_is_kept(
        self, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Other tests ask the same URL.
        monkeypatch.setattr("pytest_failtrack.history.kept._UNANSWERED", {})

        def question(database: Database) -> None:
            if database.name == "postgresql":
                database.run("set statement_timeout = '50ms'")
                database.rows("select pg_sleep(5)")

        with History(None, shared=postgres_url, tenant="o/r") as history:
            history.ask(question)
            assert "took longer than" in history.problems[0]

        with closing(open_database(postgres_url, "o/r")) as database:
            assert database.rows("select kind from operational_events") == [("query-timeout",)]

    def test_ten_thousand_events_are_answered_in_time(self, history: History) -> None:
        """S3-17, S3-78: within 30 s; here far below."""
        at = datetime.now(timezone.utc)
        row = {
            **dict.fromkeys(("tenant_id", "catalog_entry_id", "skill_id", "step_index")),
            "run_id": "r",
            "match_type": "unknown",
            "confidence_score": 0.0,
            "context": {},
            "category": "UNKNOWN",
            "severity": "HIGH",
            "is_retryable": False,
            "recovery_mode": "INVESTIGATE",
            "recovery_suggestion": "Look.",
            "recovery_attempted": False,
            "recovery_succeeded": False,
        }
        told = [
            {
                **row,
                "failure_match_id": str(uuid.UUID(int=n + 1)),
                "error_code": f"CODE_{n % 50}",
                "error_message": f"shard {n} is stuck",
                "created_at": (moment := (at - timedelta(minutes=n)).isoformat()),
                "updated_at": moment,
            }
            for n in range(10_000)
        ]
        history.ask(lambda one: store_matches(one, told), limit_seconds=None)
        service = QueryPerformanceService()

        found, _ = unknown_errors(
            history, service, since=at - timedelta(days=14), until=at + timedelta(minutes=1)
        )

        assert sum(one.times for one in found) == 10_000
        assert service.get_batch_progress("aggregate").processed_events == 10_000
        (tracked,) = service._tracked.values()
        assert tracked.event_count == 10_000
        assert service.check_compliance()
        assert tracked.duration_seconds < 5


class TestLoad:
    def test_is_extreme_from_more_than_fifty_times_the_baseline(self) -> None:
        """S3-80: the median of earlier windows, at least one question."""
        load = Load()
        for window in range(5):
            for _ in range(2):
                load.note(60.0 * window)
        assert (EXTREME_LOAD_FACTOR, load.baseline()) == (50, 2.0)

        for _ in range(100):
            load.note(300.0)
        assert not load.is_extreme(300.0)

        load.note(301.0)
        assert load.is_extreme(302.0)
        assert not load.is_extreme(361.0)

    def test_one_burst_is_no_new_baseline(self) -> None:
        load = Load()
        for window in range(10):
            for _ in range(5_000 if window == 4 else 1):
                load.note(60.0 * window)

        assert load.baseline() == 1.0

    def test_a_quiet_while_counts(self) -> None:
        load = Load()
        for _ in range(500):
            load.note(0.0)
        load.note(6_000.0)

        assert load.baseline() == 1.0


class TestTurns:
    def waiting(self, *told: tuple[QueryKind, str]) -> tuple[Turns, list[Ticket]]:
        turns, tickets = Turns(), [Ticket(kind, lane) for kind, lane in told]
        for one in tickets:
            turns.add(one)
        return turns, tickets

    def test_come_in_their_order(self) -> None:
        turns, (a, b, c) = self.waiting((HISTORICAL, "x"), (RECENT, "x"), (HISTORICAL, "x"))

        assert [turns.may_start(one, is_extreme=False) for one in (a, b, c)] == [True, False, False]

    def test_do_not_wait_for_another_connection(self) -> None:
        turns, (a, b, c) = self.waiting((HISTORICAL, "x"), (RECENT, "y"), (HISTORICAL, "z"))
        turns.start(a)

        assert [turns.may_start(one, is_extreme=False) for one in (b, c)] == [True, True]

    def test_under_extreme_load_what_is_recent_comes_first(self) -> None:
        """S3-80: whichever connection answers it, and until it is answered."""
        turns, (a, b, c, d) = self.waiting(
            (HISTORICAL, "x"), (RECENT, "x"), (RECENT, "x"), (HISTORICAL, "y")
        )

        def may_start() -> list[bool]:
            return [turns.may_start(one, is_extreme=True) for one in (a, b, c, d)]

        assert may_start() == [False, True, False, False]
        turns.start(b)
        turns.remove(c)
        assert [turns.may_start(one, is_extreme=True) for one in (a, d)] == [False, False]
        turns.remove(b)
        assert [turns.may_start(one, is_extreme=True) for one in (a, d)] == [True, True]


class TestGate:
    def order(self, burst: int) -> list[str]:
        """Return the order of three questions that wait behind a long one."""
        now = [0.0]
        gate = QueryGate(lambda: now[0])
        gate.ask(lambda: None)
        now[0] = 60.0
        for _ in range(burst):
            gate.ask(lambda: None)
        asked: list[str] = []
        held, is_held = threading.Event(), threading.Event()

        def long() -> None:
            is_held.set()
            held.wait(10)

        threads = [threading.Thread(target=gate.ask, args=(long, HISTORICAL))]
        threads[0].start()
        assert is_held.wait(10)
        for name, kind in (("old", HISTORICAL), ("older", HISTORICAL), ("new", RECENT)):
            thread = threading.Thread(target=gate.ask, args=(lambda n=name: asked.append(n), kind))
            thread.start()
            threads.append(thread)
            until = time.monotonic() + 10
            while len(gate._turns._waiting) < len(threads) - 1 and time.monotonic() < until:
                time.sleep(0.001)
        held.set()
        for thread in threads:
            thread.join(10)
        return asked

    def test_keeps_the_order_as_usual(self) -> None:
        assert self.order(burst=0) == ["old", "older", "new"]

    def test_answers_what_is_recent_first_under_extreme_load(self) -> None:
        """S3-80"""
        assert self.order(burst=100) == ["new", "old", "older"]

    def test_lets_threads_share_one_history(self, tmp_path: Path) -> None:
        with History(tmp_path / "h.sqlite", gate=QueryGate()) as history:
            told = []

            def ask(is_recent: bool) -> None:
                for _ in range(20):
                    told.append(history.ask(lambda one: one.rows("select 7"), is_recent=is_recent))

            threads = [threading.Thread(target=ask, args=(n % 2 == 0,)) for n in range(8)]
            for one in threads:
                one.start()
            for one in threads:
                one.join(30)

        assert told == [[(7,)]] * 160

    def test_returns_the_answer_and_lets_others_in_after_an_error(self) -> None:
        gate = QueryGate()
        with pytest.raises(ZeroDivisionError):
            gate.ask(lambda: 1 / 0)

        assert gate.ask(lambda: 7, RECENT) == 7

    def test_does_not_wait_for_itself(self) -> None:
        """A question that asks another one, of this connection or of another."""
        now = [0.0]
        gate = QueryGate(lambda: now[0])
        for _ in range(2 * EXTREME_LOAD_FACTOR):
            gate.ask(lambda: None, RECENT)

        assert gate.ask(lambda: gate.ask(lambda: 7, HISTORICAL, "x"), RECENT, "x") == 7
        assert gate.ask(lambda: gate.ask(lambda: 8, HISTORICAL, "y"), RECENT, "x") == 8

    def test_lets_one_through_at_a_time(self) -> None:
        gate = QueryGate()
        inside: list[int] = []
        most: list[int] = []

        def question() -> None:
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.001)
            inside.pop()

        threads = [threading.Thread(target=gate.ask, args=(question,)) for _ in range(20)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(10)

        assert (len(most), max(most)) == (20, 1)
