"""The asynchronous worker."""

import asyncio

import pytest
from shop.worker import Counter, process, with_retry


async def double(job):
    await asyncio.sleep(0)
    return job * 2


def test_results_in_the_order_of_the_jobs():
    assert asyncio.run(process([3, 1, 2], double)) == [6, 2, 4]


def test_more_workers_than_jobs():
    assert asyncio.run(process([5], double, workers=4)) == [10]


def test_retry_until_it_works():
    calls = []

    async def call():
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError("busy")
        return 42

    assert asyncio.run(with_retry(call)) == 42


def test_retry_gives_up():
    async def call():
        raise ConnectionError("always busy")

    with pytest.raises(ConnectionError, match="always busy"):
        asyncio.run(with_retry(call, attempts=2))


def test_the_counter_counts_across_tasks():
    async def count():
        counter = Counter()
        await asyncio.gather(*(counter.add(1) for _ in range(20)))
        return counter.value

    assert asyncio.run(count()) == 20
