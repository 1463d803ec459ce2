"""The HTTP API."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import dates, ledger, permissions
from .errors import Invalid, NotFound, RoomdeskError
from .models import Room

ROUTES = []


def route(method, pattern, action, status=200):
    """Register a handler."""

    def register(handler):
        ROUTES.append((method, re.compile(f"{pattern}$"), action, status, handler))
        return handler

    return register


@route("GET", "/rooms", "rooms.read")
def list_rooms(service, body):
    """List all rooms."""
    return {"rooms": [vars(room) for room in service.store.rooms()]}


@route("POST", "/rooms", "rooms.write", 201)
def add_room(service, body):
    """Add a room."""
    room = Room(body["name"], int(body["seats"]), int(body["price"]))
    service.store.add_room(room)
    return vars(room)


@route("GET", "/rooms/([a-z0-9-]+)/bookings", "bookings.read")
def list_bookings(service, body, room):
    """List the bookings of a room."""
    return {"bookings": [booking.to_dict() for booking in service.calendar(room)]}


@route("POST", "/bookings", "bookings.write", 201)
def add_booking(service, body):
    """Hold a room."""
    start, end = dates.parse(body["start"]), dates.parse(body["end"])
    return service.book(body["room"], body["user"], start, end).to_dict()


@route("POST", "/bookings/([0-9]+)/confirm", "bookings.write")
def confirm_booking(service, body, number):
    """Confirm a booking."""
    return service.confirm(int(number)).to_dict()


@route("DELETE", "/bookings/([0-9]+)", "bookings.write")
def cancel_booking(service, body, number):
    """Cancel a booking."""
    return {"refund": service.cancel(int(number))}


@route("GET", "/invoices/([a-z]+)", "invoices.read")
def show_invoice(service, body, user):
    """Show what a user owes."""
    cents = service.store.balance(f"user:{user}")
    return {"user": user, "cents": cents, "text": ledger.show(cents, service.settings.currency)}


def dispatch(service, method, path, role, body):
    """Return the status and the answer to a request."""
    for wanted, pattern, action, status, handler in ROUTES:
        match = pattern.match(path)
        if match and wanted == method:
            permissions.require(role, action)
            try:
                return status, handler(service, body, *match.groups())
            except KeyError as error:
                raise Invalid(f"missing field {error}") from error
    raise NotFound(f"no route {method} {path}")


class Server:
    """Serves the API on a port of its own thread."""

    def __init__(self, service):
        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                role = self.headers.get("X-Role", "guest")
                try:
                    body = json.loads(self.rfile.read(length) or b"{}")
                    status, data = dispatch(service, self.command, self.path, role, body)
                except json.JSONDecodeError as error:
                    status, data = 400, {"error": f"bad JSON: {error}"}
                except RoomdeskError as error:
                    status, data = error.status, {"error": str(error)}
                except Exception as error:
                    status, data = 500, {"error": f"{type(error).__name__}: {error}"}
                text = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = _answer

            def log_message(self, *args):
                pass

        address = (service.settings.host, service.settings.port)
        self._server = ThreadingHTTPServer(address, Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()

    @property
    def url(self):
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host}:{port}"

    def close(self):
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
