import pytest
from roomdesk import dates
from roomdesk.errors import Invalid
from roomdesk.models import Booking


def booking():
    start, end = dates.parse("2031-03-03T09:00:00Z"), dates.parse("2031-03-03T10:00:00Z")
    return Booking(7, "red", "ann", start, end)


def test_to_dict():
    assert booking().to_dict() == {
        "id": 7,
        "room": "red",
        "user": "ann",
        "start": "2031-03-03T09:00:00Z",
        "end": "2031-03-03T10:00:00Z",
        "state": "held",
    }


def test_there_and_back():
    assert Booking.from_dict(booking().to_dict()) == booking()


def test_unknown_state():
    with pytest.raises(Invalid, match="lost"):
        Booking.from_dict({**booking().to_dict(), "state": "lost"})
