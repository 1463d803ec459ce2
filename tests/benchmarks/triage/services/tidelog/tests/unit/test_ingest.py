import asyncio
from unittest.mock import Mock

import pytest
from support import series
from tidelog import telegram
from tidelog.errors import DuplicateReading, UnknownStation
from tidelog.ingest import Ingest


@pytest.fixture
def recorder():
    return Mock(spec=["record"])


def ingest_all(recorder, lines, **options):
    async def work():
        ingest = Ingest(recorder, **options)
        for line in lines:
            await ingest.submit(line)
        await ingest.stop()
        await asyncio.wait_for(ingest.run(), 2)
        return ingest

    return asyncio.run(work())


def test_all_are_recorded_in_order(recorder):
    readings = series(400, 410, 420)
    ingest = ingest_all(recorder, map(telegram.encode, readings))
    assert [one.args[0] for one in recorder.record.call_args_list] == readings
    assert ingest.counts["stored"] == 3


@pytest.mark.parametrize(("size", "batches"), [(1, 5), (2, 3), (5, 1), (20, 1)])
def test_batches(recorder, size, batches):
    lines = map(telegram.encode, series(1, 2, 3, 4, 5))
    assert ingest_all(recorder, lines, batch_size=size).counts["batches"] == batches


def test_wrong_telegram_does_not_stop_the_others(recorder):
    good = telegram.encode(series(400)[0])
    ingest = ingest_all(recorder, ["rubbish", good])
    assert ingest.counts == {"received": 2, "rejected": 1, "stored": 1, "batches": 1}
    assert ingest.rejected == [("rubbish", "not a telegram: 'rubbish'")]


def test_duplicates_are_counted(recorder):
    recorder.record.side_effect = [None, DuplicateReading("again")]
    lines = map(telegram.encode, series(400, 410))
    assert ingest_all(recorder, lines).counts["duplicate"] == 1


def test_failure_keeps_the_telegram(recorder):
    recorder.record.side_effect = UnknownStation("no station HUS")
    line = telegram.encode(series(400)[0])
    assert ingest_all(recorder, [line]).rejected == [(line, "no station HUS")]


def test_incomplete_batch_is_stored_when_idle(recorder):
    async def work():
        ingest = Ingest(recorder, idle=0.005)
        task = asyncio.create_task(ingest.run())
        await ingest.submit(telegram.encode(series(400)[0]))
        for _ in range(200):
            if ingest.counts["stored"]:
                break
            await asyncio.sleep(0.005)
        stored = ingest.counts["stored"]
        await ingest.stop()
        await asyncio.wait_for(task, 2)
        return stored

    assert asyncio.run(work()) == 1
