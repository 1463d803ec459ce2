"""From the telegram to the report."""

import asyncio
from datetime import date

import pytest
from support import series
from tidelog import archive, report, telegram
from tidelog.ingest import Ingest
from tidelog.scheduler import Scheduler

pytestmark = pytest.mark.integration


def deliver(service, lines):
    async def work():
        ingest = Ingest(service, service.config.batch_size)
        worker = asyncio.create_task(ingest.run())
        await asyncio.gather(*(ingest.submit(line) for line in lines))
        await ingest.stop()
        await asyncio.wait_for(worker, 3)
        return ingest.counts

    return asyncio.run(work())


@pytest.fixture
def lines():
    return [telegram.encode(one) for one in series(400, 500, 600, 550)]


def test_telegrams_end_in_the_report(service, lines):
    assert deliver(service, lines)["stored"] == 4
    text = report.as_text(service.summary("HUS", date(2031, 3, 1)), "en")
    assert "high water: 6.00 m, 1 Mar 2031, 13:20" in text


def test_second_delivery_changes_nothing(service, lines):
    deliver(service, lines)
    assert deliver(service, lines)["duplicate"] == 4
    assert len(service.storage.readings("HUS")) == 4


def test_spooled_telegrams_are_delivered(service, lines, spool_path):
    spool = archive.Spool(spool_path)
    for line in lines:
        spool.append(line)
    assert deliver(service, spool.drain())["stored"] == 4


def test_nightly_export(service, storage, tmp_path):
    storage.add_readings(series(400, 410))
    target = tmp_path / "HUS.csv"
    clock = iter((0.0, 86400.0, 86400.0, 86400.0))
    scheduler = Scheduler(lambda: next(clock))
    scheduler.every(86400, "export", lambda: archive.write_csv(target, storage.readings("HUS")))
    assert scheduler.run_due() == ["export"]
    assert scheduler.errors == []
    assert archive.read_csv(target) == series(400, 410)
