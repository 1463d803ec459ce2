"""Takes telegrams from a queue and stores them in batches."""

import asyncio
from collections import Counter

from . import telegram
from .errors import DuplicateReading, InvalidReading, TidelogError

STOP = object()


class Ingest:
    """The worker between the gauges and the storage.

    Args:
        service: What records readings.
        batch_size: How many are stored at once.
        idle: Seconds after which an incomplete batch is stored.
    """

    def __init__(self, service, batch_size=20, idle=0.02, limit=1000):
        self._service = service
        self._batch_size = batch_size
        self._idle = idle
        self._queue = asyncio.Queue(limit)
        self._batch = []
        self.counts = Counter()
        self.rejected = []

    async def submit(self, line):
        await self._queue.put(line)

    async def stop(self):
        await self._queue.put(STOP)

    async def run(self):
        """Work until told to stop."""
        while True:
            try:
                line = await asyncio.wait_for(self._queue.get(), self._idle)
            except asyncio.TimeoutError:
                await self._flush()
                continue
            if line is STOP:
                break
            self._take(line)
            if len(self._batch) >= self._batch_size:
                await self._flush()
        await self._flush()

    def _take(self, line):
        self.counts["received"] += 1
        try:
            self._batch.append(telegram.decode(line))
        except InvalidReading as error:
            self.counts["rejected"] += 1
            self.rejected.append((line, str(error)))

    async def _flush(self):
        batch, self._batch = self._batch, []
        for reading in batch:
            try:
                await asyncio.to_thread(self._service.record, reading)
            except DuplicateReading:
                self.counts["duplicate"] += 1
            except TidelogError as error:
                self.counts["failed"] += 1
                self.rejected.append((telegram.encode(reading), str(error)))
            else:
                self.counts["stored"] += 1
        if batch:
            self.counts["batches"] += 1
