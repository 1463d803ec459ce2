"""The clock of a run goes on while a test stops, mocks or moves time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest

from pytest_failtrack.observe.clock import Clock


def test_it_tells_the_time_of_day_in_utc() -> None:
    before = datetime.now(timezone.utc)

    told = Clock().now()

    assert told.utcoffset() == timedelta(0)
    assert timedelta(0) <= told - before < timedelta(seconds=5)


@pytest.mark.parametrize("name", ["time", "perf_counter", "monotonic", "time_ns"])
def test_a_function_that_a_test_replaces_does_not_move_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    clock = Clock()
    before = clock.now()

    monkeypatch.setattr(time, name, lambda: 0)

    assert timedelta(0) <= clock.now() - before < timedelta(seconds=5)


def test_it_goes_on() -> None:
    clock = Clock()
    before = clock.now()

    time.sleep(0.01)

    assert clock.now() - before >= timedelta(seconds=0.009)


def test_it_is_written_to_the_millisecond_with_its_zone() -> None:
    text = Clock().text()

    assert text.endswith("+00:00")
    assert datetime.fromisoformat(text).tzinfo is not None
    assert len(text) == len("2026-11-21T11:35:50.684+00:00")
