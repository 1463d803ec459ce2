"""An asynchronous worker that takes jobs from a queue."""

import asyncio
from collections.abc import Awaitable, Callable

Handler = Callable[[int], Awaitable[int]]


async def process(jobs: list[int], handler: Handler, workers: int = 3) -> list[int]:
    """Run the handler on every job and return the results in the order of the jobs."""
    queue: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    results: dict[int, int] = {}
    for item in enumerate(jobs):
        queue.put_nowait(item)

    async def work() -> None:
        while not queue.empty():
            at, job = queue.get_nowait()
            results[at] = await handler(job)

    await asyncio.gather(*(work() for _ in range(workers)))
    return [results[at] for at in range(len(jobs))]


async def with_retry(call: Callable[[], Awaitable[int]], attempts: int = 3) -> int:
    """Call until it works, a number of times at most."""
    for attempt in range(1, attempts + 1):
        try:
            return await call()
        except ConnectionError:
            if attempt == attempts:
                raise
            await asyncio.sleep(0)
    raise AssertionError("unreachable")


class Counter:
    """Counts across tasks."""

    def __init__(self) -> None:
        self.value = 0
        self.lock = asyncio.Lock()

    async def add(self, amount: int) -> None:
        """Add an amount, also while others do."""
        async with self.lock:
            seen = self.value
            await asyncio.sleep(0)
            self.value = seen + amount
