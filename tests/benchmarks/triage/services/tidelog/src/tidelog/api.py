"""The HTTP API, on asyncio streams."""

import asyncio
import json
import re
import threading
from datetime import date
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from . import __version__, report, tokens
from .clock import parse_utc
from .errors import TidelogError, TokenRejected
from .models import Reading, Severity


class Api:
    """Answers requests; knows nothing of sockets."""

    def __init__(self, service):
        self._service = service
        self._routes = [
            ("GET", r"/health", self.health),
            ("GET", r"/stations", self.stations),
            ("POST", r"/readings", self.add_reading),
            ("GET", r"/stations/([A-Z]+)/readings", self.readings),
            ("GET", r"/stations/([A-Z]+)/alerts", self.alerts),
            ("GET", r"/stations/([A-Z]+)/days/([0-9-]+)", self.day),
        ]

    def answer(self, method, target, headers, body):
        """Return status and data of an answer."""
        url = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        matches = [
            (wanted, handler, match.groups())
            for wanted, pattern, handler in self._routes
            if (match := re.fullmatch(pattern, url.path))
        ]
        if not matches:
            return 404, {"error": f"no such path {url.path}"}
        for wanted, handler, groups in matches:
            if wanted == method:
                try:
                    return handler(*groups, query=query, headers=headers, body=body)
                except TidelogError as error:
                    return error.status, {"error": str(error)}
                except ValueError as error:
                    return 400, {"error": str(error)}
        return 405, {"error": f"{method} is not allowed"}

    def health(self, **_):
        return 200, {"status": "ok", "version": __version__}

    def stations(self, **_):
        return 200, {"stations": [one.to_dict() for one in self._service.storage.stations()]}

    def add_reading(self, headers, body, **_):
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise TokenRejected("no token")
        station = tokens.check(self._service.config.secret, token, self._service.now())
        reading = Reading.from_dict(json.loads(body))
        if reading.station != station:
            return 403, {"error": f"token is of {station}"}
        alerts = self._service.record(reading)
        return 201, {"alerts": [alert.to_dict() for alert in alerts]}

    def readings(self, code, query, **_):
        self._service.storage.station(code)
        since = parse_utc(query["since"]) if "since" in query else None
        until = parse_utc(query["until"]) if "until" in query else None
        found = self._service.storage.readings(code, since, until)
        return 200, {"readings": [one.to_dict() for one in found]}

    def alerts(self, code, query, **_):
        name = query.get("severity", "info").upper()
        if name not in Severity.__members__:
            raise ValueError(f"no such severity: {name.lower()}")
        found = self._service.storage.alerts(code, Severity[name])
        return 200, {"alerts": [one.to_dict() for one in found]}

    def day(self, code, text, **_):
        return 200, json.loads(
            report.as_json(self._service.summary(code, date.fromisoformat(text)))
        )


class Server:
    """Serves an API in a thread of its own.

    Raises:
        OSError: The port is in use.
    """

    def __init__(self, api, host="127.0.0.1", port=0):
        self._api = api
        self._loop = asyncio.new_event_loop()
        starting = asyncio.start_server(self._serve, host, port, reuse_address=False)
        try:
            self._server = self._loop.run_until_complete(starting)
        except OSError:
            self._loop.close()
            raise
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._loop.run_forever, name="api", daemon=True)
        self._thread.start()

    def close(self):
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2)
        self._loop.close()

    async def _serve(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in headers.items()}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            try:
                status, data = await asyncio.to_thread(
                    self._api.answer, method, target, headers, body
                )
            except Exception as error:
                status, data = 500, {"error": f"{type(error).__name__}: {error}"}
            text = json.dumps(data).encode()
            writer.write(
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n".encode()
            )
            writer.write(text)
            await writer.drain()
        finally:
            writer.close()
