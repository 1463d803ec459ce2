from datetime import date
from unittest.mock import Mock

import pytest
from support import at, series
from tidelog.models import Reading

pytestmark = pytest.mark.integration
DAY = date(2031, 3, 1)


def record(service, *readings):
    for reading in readings:
        service.record(reading)


def test_listeners_hear_new_alerts(service):
    listener = Mock()
    service.listen(listener)
    record(service, *series(400, 401, 700))
    assert [one.args[0].rule for one in listener.call_args_list] == ["surge", "threshold"]


def test_summary_follows_new_readings(service):
    record(service, *series(400))
    assert service.summary("HUS", DAY)["count"] == 1
    record(service, Reading("HUS", at(30), 410))
    assert service.summary("HUS", DAY)["count"] == 2


def test_summary_of_nothing(service):
    assert service.summary("CUX", DAY)["mean"] is None


def test_forecast(forecast):
    assert forecast.curve("HUS", DAY) == [(at(0), 400), (at(60), 500), (at(120), 600)]


def test_outlook(service):
    record(service, *series(410, 530, 600, step=60))
    assert service.outlook("HUS", DAY) == pytest.approx(40 / 3)


def test_outlook_without_forecast(service, fake_forecast):
    record(service, *series(410))
    fake_forecast.fail(404)
    assert service.outlook("HUS", DAY) is None


def test_outlook_after_an_outage(service, fake_forecast):
    record(service, *series(410))
    fake_forecast.fail(503, 502)
    assert service.outlook("HUS", DAY) == 10
    assert len(fake_forecast.requests) == 3


def test_outlooks_of_all_stations(service):
    record(service, *series(410), *series(290, code="CUX"))
    assert service.outlooks(DAY) == {"CUX": -10, "HUS": 10}
