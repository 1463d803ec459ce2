import json
import urllib.error
import urllib.request

import pytest

BOOKING = {
    "room": "red",
    "user": "ann",
    "start": "2031-03-03T09:00:00Z",
    "end": "2031-03-03T10:00:00Z",
}


@pytest.fixture
def call(server):
    def call(method, path, body=None, role="admin"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(server.url + path, data, {"X-Role": role}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return call


def test_rooms(call):
    status, data = call("GET", "/rooms", role="guest")
    assert status == 200
    assert [room["name"] for room in data["rooms"]] == ["blue", "red"]


@pytest.mark.requirement("R4")
def test_admin_adds_room(call):
    room = {"name": "green", "seats": 2, "price": 100}
    assert call("POST", "/rooms", room) == (201, room)
    assert call("POST", "/rooms", room, "member")[0] == 403


@pytest.mark.requirement("R1")
def test_booking_twice(call):
    status, data = call("POST", "/bookings", BOOKING)
    assert (status, data["state"]) == (201, "held")
    status, data = call("POST", "/bookings", {**BOOKING, "user": "bob"})
    assert status == 409
    assert "taken" in data["error"]


def test_missing_field(call):
    status, data = call("POST", "/bookings", {"room": "red"})
    assert (status, data) == (400, {"error": "missing field 'start'"})


def test_unknown_route(call):
    assert call("GET", "/nothing")[0] == 404


@pytest.mark.requirement("R5")
def test_calendar(call):
    call("POST", "/bookings", BOOKING)
    status, data = call("GET", "/rooms/red/bookings", role="member")
    assert status == 200
    assert data["bookings"] == [{"id": 1, "state": "held", **BOOKING}]


@pytest.mark.requirement("R6")
def test_invoice(call):
    number = call("POST", "/bookings", BOOKING)[1]["id"]
    assert call("POST", f"/bookings/{number}/confirm")[1]["state"] == "confirmed"
    expected = {"user": "ann", "cents": 1190, "text": "11.90 EUR"}
    assert call("GET", "/invoices/ann", role="clerk") == (200, expected)
    assert call("GET", "/invoices/ann", role="member")[0] == 403


@pytest.mark.requirement("R3")
def test_cancel(call):
    number = call("POST", "/bookings", BOOKING)[1]["id"]
    call("POST", f"/bookings/{number}/confirm")
    assert call("DELETE", f"/bookings/{number}") == (200, {"refund": 1190})
    assert call("DELETE", f"/bookings/{number}")[0] == 409
