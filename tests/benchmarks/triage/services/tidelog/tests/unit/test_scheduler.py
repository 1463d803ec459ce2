from unittest.mock import Mock

import pytest
from support import wait_until
from tidelog.scheduler import Scheduler


@pytest.fixture
def clock():
    return Mock(return_value=0.0)


@pytest.fixture
def scheduler(clock):
    scheduler = Scheduler(clock)
    yield scheduler
    scheduler.stop()


def test_nothing_is_due(scheduler):
    scheduler.every(10, "prune", Mock())
    assert scheduler.run_due() == []


def test_order_of_what_is_due(scheduler, clock):
    scheduler.every(10, "prune", Mock())
    scheduler.every(5, "poll", Mock())
    clock.return_value = 10.0
    assert scheduler.run_due() == ["poll", "prune"]


def test_runs_again_after_the_interval(scheduler, clock):
    job = Mock()
    scheduler.every(10, "prune", job)
    for moment in (10.0, 12.0, 20.0):
        clock.return_value = moment
        scheduler.run_due()
    assert job.call_count == 2


def test_missed_runs_are_not_made_up_for(scheduler, clock):
    job = Mock()
    scheduler.every(1, "poll", job)
    clock.return_value = 60.0
    scheduler.run_due()
    job.assert_called_once_with()


def test_failing_job_is_kept(scheduler, clock):
    error = RuntimeError("no water")
    scheduler.every(1, "poll", Mock(side_effect=error))
    for moment in (1.0, 2.0):
        clock.return_value = moment
        assert scheduler.run_due() == ["poll"]
    assert scheduler.errors == [("poll", error)] * 2


def test_interval_is_positive(scheduler):
    with pytest.raises(ValueError, match="must be positive"):
        scheduler.every(0, "poll", Mock())


def test_thread():
    scheduler, job = Scheduler(), Mock()
    scheduler.every(0.005, "poll", job)
    scheduler.start()
    try:
        wait_until(lambda: job.call_count >= 2)
    finally:
        scheduler.stop()
    count = job.call_count
    assert scheduler.run_due() is not None
    assert job.call_count - count <= 1
