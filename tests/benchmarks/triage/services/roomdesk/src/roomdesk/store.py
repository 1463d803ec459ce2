"""Rooms, bookings and ledger entries in sqlite."""

import sqlite3
import threading

from . import dates, migrations
from .errors import NotFound
from .models import Booking, Room

COLUMNS = 'id, room, user, start, "end", state'


class Store:
    """The database; safe to share between threads."""

    def __init__(self, path):
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False)
        self._connection.execute("PRAGMA foreign_keys = ON")
        migrations.migrate(self._connection)

    def close(self):
        """Close the database."""
        self._connection.close()

    def add_room(self, room):
        """Keep a room, or its new seats and price."""
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO rooms (name, seats, price) VALUES (?, ?, ?)",
                (room.name, room.seats, room.price),
            )

    def room(self, name):
        """Return a room."""
        with self._lock:
            row = self._connection.execute(
                "SELECT name, seats, price FROM rooms WHERE name = ?", (name,)
            ).fetchone()
        if row is None:
            raise NotFound(f"no room {name!r}")
        return Room(*row)

    def rooms(self):
        """Return all rooms by name."""
        with self._lock:
            rows = self._connection.execute("SELECT name, seats, price FROM rooms ORDER BY name")
            return [Room(*row) for row in rows]

    def add_booking(self, room, user, start, end):
        """Keep a new booking and return it."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                'INSERT INTO bookings (room, user, start, "end") VALUES (?, ?, ?, ?)',
                (room, user, dates.show(start), dates.show(end)),
            )
        return self.booking(cursor.lastrowid)

    def booking(self, number):
        """Return a booking."""
        with self._lock:
            row = self._connection.execute(
                f"SELECT {COLUMNS} FROM bookings WHERE id = ?", (number,)
            ).fetchone()
        if row is None:
            raise NotFound(f"no booking {number}")
        return self._booking(row)

    def bookings(self, room):
        """Return the bookings of a room that were not cancelled, by start."""
        with self._lock:
            rows = self._connection.execute(
                f"SELECT {COLUMNS} FROM bookings WHERE room = ? AND state != 'cancelled'"
                " ORDER BY start",
                (room,),
            ).fetchall()
        return [self._booking(row) for row in rows]

    def set_state(self, number, state):
        """Change the state of a booking and return it."""
        with self._lock, self._connection:
            self._connection.execute("UPDATE bookings SET state = ? WHERE id = ?", (state, number))
        return self.booking(number)

    def add_entries(self, booking, entries):
        """Keep ledger entries of a booking."""
        with self._lock, self._connection:
            self._connection.executemany(
                "INSERT INTO entries (booking, account, cents) VALUES (?, ?, ?)",
                [(booking, account, cents) for account, cents in entries],
            )

    def balance(self, account):
        """Return the sum of an account in cents."""
        with self._lock:
            return self._connection.execute(
                "SELECT COALESCE(SUM(cents), 0) FROM entries WHERE account = ?", (account,)
            ).fetchone()[0]

    @staticmethod
    def _booking(row):
        number, room, user, start, end, state = row
        return Booking(number, room, user, dates.parse(start), dates.parse(end), state)
