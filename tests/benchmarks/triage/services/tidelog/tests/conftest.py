"""Fixtures of all tests. What they need of tidelog they import when they run."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytest.register_assert_rewrite("support")

DATA = Path(__file__).parent / "data"
TOKEN = "forecast-token"
LEVELS = {"HUS": (400, 500, 600), "CUX": (300, 350, 380)}


def pytest_configure():
    for line in (DATA / "ci.env").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        os.environ.setdefault(name, value)


class FakeForecast:
    """The forecast service as its contract v2 describes it, on loopback."""

    def __init__(self):
        self.requests = []
        self.failures = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                status, data, headers = fake.answer(self.path, self.headers)
                text = json.dumps(data).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def fail(self, *statuses):
        self.failures.extend(statuses)

    def answer(self, path, headers):
        self.requests.append(path)
        if self.failures:
            return self.failures.pop(0), {"error": "asked to fail"}, {"Retry-After": "7"}
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": "token is not valid"}, {}
        url = urlsplit(path)
        parts = url.path.split("/")
        if parts[:3] != ["", "v2", "curves"] or parts[3] not in LEVELS:
            return 404, {"error": f"no such path {url.path}"}, {}
        day = parse_qs(url.query)["day"][0]
        points = [
            {"at": f"{day}T{12 + hour:02}:00:00Z", "level": level}
            for hour, level in enumerate(LEVELS[parts[3]])
        ]
        return 200, {"station": parts[3], "unit": "cm", "points": points}, {}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def data():
    return DATA


@pytest.fixture
def husum():
    from tidelog.models import Station

    return Station("HUS", "Husum")


@pytest.fixture
def storage(husum):
    from tidelog.models import Station
    from tidelog.storage import Storage

    storage = Storage(":memory:")
    storage.add_station(husum)
    storage.add_station(Station("CUX", "Cuxhaven", warn_cm=500, danger_cm=700))
    yield storage
    storage.close()


@pytest.fixture
def config():
    from tidelog.config import load

    return load()


@pytest.fixture
def fake_forecast():
    fake = FakeForecast()
    yield fake
    fake.close()


@pytest.fixture
def forecast(config, fake_forecast):
    """The client, of the staging service where a variable names it."""
    from tidelog.forecast import ForecastClient

    url = os.environ.get("TIDELOG_STAGING_FORECAST", fake_forecast.url)
    return ForecastClient(url, config.forecast_token, timeout=1.0)


@pytest.fixture
def service(config, storage, forecast):
    from support import START
    from tidelog.service import Service

    return Service(config, storage, forecast, lambda: START)


@pytest.fixture
def server(service):
    from tidelog.api import Api, Server

    server = Server(Api(service), port=int(os.environ.get("TIDELOG_TEST_PORT", "0")))
    yield server
    server.close()


@pytest.fixture
def spool_path(tmp_path):
    return Path(os.environ.get("TIDELOG_TEST_SPOOL", tmp_path / "spool.txt"))
