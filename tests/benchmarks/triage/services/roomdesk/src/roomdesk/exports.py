"""Bookings as files, and back."""

import csv
import json
import os
from pathlib import Path

from .models import Booking

HEADER = ("id", "room", "user", "start", "end", "state")


def write_csv(path, bookings):
    """Write bookings as CSV and return how many."""
    rows = [booking.to_dict() for booking in bookings]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def read_csv(path):
    """Return the bookings of a CSV file."""
    with open(path, newline="", encoding="utf-8") as file:
        return [Booking.from_dict({**row, "id": int(row["id"])}) for row in csv.DictReader(file)]


def write_json(path, bookings):
    """Write bookings as JSON, so that nobody sees a half-written file."""
    path = Path(path)
    draft = path.with_suffix(".part")
    data = {"version": 2, "bookings": [booking.to_dict() for booking in bookings]}
    draft.write_text(json.dumps(data, indent=2), encoding="utf-8")
    os.replace(draft, path)


def read_json(path):
    """Return the bookings of a JSON file."""
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    return [Booking.from_dict(one) for one in data["bookings"]]
