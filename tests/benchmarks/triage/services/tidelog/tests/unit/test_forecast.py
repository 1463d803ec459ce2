import io
import json
import urllib.error
from datetime import date
from unittest.mock import Mock, patch

import pytest
from tidelog.errors import ForecastDenied, ForecastError, ForecastThrottled
from tidelog.forecast import WAITS, ForecastClient

DAY = date(2031, 3, 1)


def answer(data):
    return io.BytesIO(json.dumps(data).encode())


def refusal(status, **headers):
    return urllib.error.HTTPError("http://forecast", status, "no", headers, io.BytesIO(b"sorry"))


@pytest.fixture
def urlopen():
    with patch("urllib.request.urlopen") as urlopen:
        yield urlopen


@pytest.fixture
def sleep():
    return Mock()


@pytest.fixture
def client(sleep):
    return ForecastClient("http://forecast/", "t0ken", timeout=0.5, sleep=sleep)


def test_request(client, urlopen):
    urlopen.return_value = answer({"unit": "cm", "points": []})
    assert client.curve("HUS", DAY) == []
    request = urlopen.call_args.args[0]
    assert request.full_url == "http://forecast/v2/curves/HUS?day=2031-03-01"
    assert request.get_header("Authorization") == "Bearer t0ken"
    assert urlopen.call_args.kwargs == {"timeout": 0.5}


@pytest.mark.parametrize("status", [401, 403])
def test_denied(client, urlopen, sleep, status):
    urlopen.side_effect = refusal(status)
    with pytest.raises(ForecastDenied, match=f"says {status}: sorry"):
        client.curve("HUS", DAY)
    sleep.assert_not_called()


def test_throttled(client, urlopen):
    urlopen.side_effect = refusal(429, **{"Retry-After": "30"})
    with pytest.raises(ForecastThrottled) as caught:
        client.curve("HUS", DAY)
    assert caught.value.retry_after == 30


def test_tries_again(client, urlopen, sleep):
    urlopen.side_effect = [refusal(503), TimeoutError("slow"), answer({"unit": "cm", "points": []})]
    assert client.curve("HUS", DAY) == []
    assert [one.args for one in sleep.call_args_list] == [(wait,) for wait in WAITS]


def test_gives_up(client, urlopen):
    urlopen.side_effect = ConnectionResetError("gone")
    with pytest.raises(ForecastError, match="can not be reached: gone"):
        client.curve("HUS", DAY)
    assert urlopen.call_count == 3


def test_other_unit(client, urlopen):
    urlopen.return_value = answer({"unit": "ft", "points": []})
    with pytest.raises(ForecastError, match="unexpected unit 'ft'"):
        client.curve("HUS", DAY)
