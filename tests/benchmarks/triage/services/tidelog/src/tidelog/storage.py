"""Stations, readings and alerts in SQLite."""

import sqlite3
import threading

from .clock import format_utc, parse_utc
from .errors import DuplicateReading, UnknownStation
from .migrations import migrate
from .models import Alert, Quality, Reading, Severity, Station


class Storage:
    def __init__(self, path=":memory:"):
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=1)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._lock = threading.RLock()
        migrate(self._connection)

    def close(self):
        self._connection.close()

    def add_station(self, station):
        with self._lock, self._connection:
            self._connection.execute(
                "INSERT INTO stations (code, name, zone, warn_cm, danger_cm) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (code) DO UPDATE SET name = excluded.name, zone = excluded.zone,"
                " warn_cm = excluded.warn_cm, danger_cm = excluded.danger_cm",
                (station.code, station.name, station.zone, station.warn_cm, station.danger_cm),
            )

    def stations(self):
        rows = self._select("SELECT * FROM stations ORDER BY code")
        return [Station(**dict(row)) for row in rows]

    def station(self, code):
        rows = self._select("SELECT * FROM stations WHERE code = ?", code)
        if not rows:
            raise UnknownStation(f"no station {code}")
        return Station(**dict(rows[0]))

    def add_readings(self, readings):
        """Store all readings or none."""
        rows = [
            (one.station, format_utc(one.at), one.level_cm, one.quality.value) for one in readings
        ]
        try:
            with self._lock, self._connection:
                self._connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            if "FOREIGN KEY" in str(error):
                raise UnknownStation("a reading is of an unknown station") from error
            raise DuplicateReading("a reading of this station and time is there") from error
        return len(rows)

    def readings(self, code, since=None, until=None):
        """Return the readings from `since` on, before `until`, oldest first."""
        first = format_utc(since) if since else ""
        last = format_utc(until) if until else "9999"
        rows = self._select(
            "SELECT * FROM readings WHERE station = ? AND at >= ? AND at < ? ORDER BY at",
            code,
            first,
            last,
        )
        return [_reading(row) for row in rows]

    def latest(self, code):
        rows = self._select(
            "SELECT * FROM readings WHERE station = ? ORDER BY at DESC LIMIT 1", code
        )
        return _reading(rows[0]) if rows else None

    def add_alert(self, alert):
        """Store an alert, and say whether it is new."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                "INSERT OR IGNORE INTO alerts VALUES (?, ?, ?, ?, ?)",
                (alert.station, format_utc(alert.at), int(alert.severity), alert.rule, alert.text),
            )
        return cursor.rowcount == 1

    def alerts(self, code, at_least=Severity.INFO):
        rows = self._select(
            "SELECT * FROM alerts WHERE station = ? AND severity >= ? ORDER BY at, rule",
            code,
            int(at_least),
        )
        return [
            Alert(
                row["station"],
                parse_utc(row["at"]),
                Severity(row["severity"]),
                row["rule"],
                row["text"],
            )
            for row in rows
        ]

    def prune(self, before):
        """Delete old readings and return how many."""
        with self._lock, self._connection:
            cursor = self._connection.execute(
                "DELETE FROM readings WHERE at < ?", (format_utc(before),)
            )
        return cursor.rowcount

    def _select(self, sql, *values):
        with self._lock:
            return self._connection.execute(sql, values).fetchall()


def _reading(row):
    return Reading(row["station"], parse_utc(row["at"]), row["level_cm"], Quality(row["quality"]))
