"""What is stored and what travels."""

from dataclasses import dataclass

from . import dates
from .errors import Invalid

STATES = ("held", "confirmed", "cancelled")


@dataclass(frozen=True)
class Room:
    """A room with a price for each slot, in cents."""

    name: str
    seats: int
    price: int


@dataclass(frozen=True)
class Booking:
    """A room for a while."""

    id: int
    room: str
    user: str
    start: object
    end: object
    state: str = "held"

    def to_dict(self):
        """Return what the HTTP API shows."""
        return {
            "id": self.id,
            "room": self.room,
            "user": self.user,
            "start": dates.show(self.start),
            "end": dates.show(self.end),
            "state": self.state,
        }

    @classmethod
    def from_dict(cls, data):
        """Return the booking of what to_dict returned."""
        if data["state"] not in STATES:
            raise Invalid(f"unknown state {data['state']!r}")
        return cls(
            id=data["id"],
            room=data["room"],
            user=data["user"],
            start=dates.parse(data["start"]),
            end=dates.parse(data["end"]),
            state=data["state"],
        )
