"""Fixtures of all tests. What they need of roomdesk they import when they run."""

import json
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

DATA = Path(__file__).parent / "data"
NOW = datetime(2031, 3, 1, 12, 0, tzinfo=timezone.utc)
KEY = "key-of-the-tests"


class FakeBilling:
    """The billing service as its contract v1 describes it, on loopback."""

    def __init__(self):
        self.charges = []
        self.refunds = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, data = fake.answer(self.path, self.headers, body)
                text = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, path, headers, body):
        if headers.get("Authorization") != f"Bearer {KEY}":
            return 401, {"error": "invalid API key"}
        if path == "/v1/charges":
            if set(body) != {"reference", "account", "amount"}:
                return 422, {"error": f"unexpected fields {sorted(body)}"}
            if not isinstance(body["amount"]["cents"], int):
                return 422, {"error": "amount.cents must be an integer"}
            self.charges.append(body)
            return 201, {"receipt": f"R{len(self.charges):04d}"}
        if path.endswith("/refunds"):
            self.refunds.append((path.split("/")[3], body["cents"]))
            return 200, {"refunded": body["cents"]}
        return 404, {"error": f"no such path {path}"}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def settings():
    from roomdesk.settings import load

    return load(DATA / "settings.json", {})


@pytest.fixture
def store():
    from roomdesk.models import Room
    from roomdesk.store import Store

    store = Store(":memory:")
    store.add_room(Room("red", 4, 500))
    store.add_room(Room("blue", 12, 1250))
    yield store
    store.close()


@pytest.fixture
def fake_billing():
    fake = FakeBilling()
    yield fake
    fake.close()


@pytest.fixture
def billing(fake_billing):
    from roomdesk.billing import Billing

    return Billing(fake_billing.url, KEY)


@pytest.fixture
def service(settings, store, billing):
    from roomdesk.service import Service

    service = Service(settings, store, billing, lambda: NOW)
    yield service
    service.jobs.stop()


@pytest.fixture
def server(service):
    from roomdesk.api import Server

    server = Server(service)
    yield server
    server.close()
