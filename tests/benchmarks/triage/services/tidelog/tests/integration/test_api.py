from datetime import timedelta

import pytest
from support import START, at, call, series
from tidelog import __version__, tokens
from tidelog.clock import format_utc

pytestmark = pytest.mark.integration


@pytest.fixture
def token(config):
    return tokens.issue(config.secret, "HUS", START + timedelta(hours=1))


@pytest.fixture
def post(server, token):
    def post(level=400, minutes=0, token=token):
        body = {"station": "HUS", "at": format_utc(at(minutes)), "level_cm": level}
        return call(f"{server.url}/readings", "POST", body, token)

    return post


def test_health(server):
    assert call(f"{server.url}/health") == (200, {"status": "ok", "version": __version__})


def test_stations(server):
    status, data = call(f"{server.url}/stations")
    assert status == 200
    assert [one["name"] for one in data["stations"]] == ["Cuxhaven", "Husum"]


def test_reading_is_stored(server, post):
    assert post(612) == (201, {"alerts": []})
    status, data = call(f"{server.url}/stations/HUS/readings")
    assert (status, data["readings"]) == (200, [series(612)[0].to_dict()])


def test_reading_twice(post):
    post()
    assert post()[0] == 409


@pytest.mark.parametrize("token", [None, "HUS.9999999999.0000"])
def test_token_is_needed(server, token):
    assert call(f"{server.url}/readings", "POST", series(400)[0].to_dict(), token)[0] == 401


def test_token_of_another_station(config, post):
    token = tokens.issue(config.secret, "CUX", START + timedelta(hours=1))
    assert post(token=token) == (403, {"error": "token is of CUX"})


def test_wrong_reading(post):
    assert post(5000) == (422, {"error": "level 5000 cm is out of range"})


def test_alerts(server, post):
    assert [one["severity"] for one in post(820)[1]["alerts"]] == ["danger"]
    status, data = call(f"{server.url}/stations/HUS/alerts?severity=warning")
    assert (status, len(data["alerts"])) == (200, 1)
    assert call(f"{server.url}/stations/HUS/alerts?severity=huge")[0] == 400


def test_day(server, post):
    for number, level in enumerate((400, 500, 300)):
        post(level, number)
    status, data = call(f"{server.url}/stations/HUS/days/2031-03-01")
    assert status == 200
    assert (data["count"], data["mean_cm"]) == (3, 400)
    assert data["extremes"][0]["at"] == "2031-03-01T12:01:00Z"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/stations", 405),
        ("GET", "/stations/XYZ/readings", 404),
    ],
)
def test_errors(server, method, path, status):
    assert call(server.url + path, method)[0] == status
