"""Fixtures of the shop's suite: a loopback server, a database, an order."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from shop.cache import Sessions
from shop.client import ApiClient
from shop.config import load_config
from shop.money import Money
from shop.orders import Order
from shop.payments import Cashier
from shop.storage import OrderStore, connect


class Provider(BaseHTTPRequestHandler):
    """The payment provider, as the suite needs it."""

    def do_GET(self):
        self.answer(200, {"rates": {"USD": 1.1, "CHF": 0.95}})

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        asked = json.loads(self.rfile.read(length))
        if asked["cents"] > 100_000:
            self.answer(200, {"status": "declined", "reason": "limit exceeded"})
        else:
            self.answer(200, {"status": "accepted", "payment_id": f"p-{asked['order']}"})

    def answer(self, status, document):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def config():
    return load_config()


@pytest.fixture
def client(server, config):
    return ApiClient(config.api_host, server.server_port, config.api_key)


@pytest.fixture
def cashier(client):
    return Cashier(client)


@pytest.fixture
def store(tmp_path):
    connection = connect(str(tmp_path / "shop.db"))
    yield OrderStore(connection)
    connection.close()


@pytest.fixture
def order():
    order = Order(7, "ada")
    order.add("cup", 2, Money(450))
    order.add("spoon", 12, Money(100))
    return order


@pytest.fixture
def sessions():
    sessions = Sessions()
    yield sessions
    sessions.logout_all()
