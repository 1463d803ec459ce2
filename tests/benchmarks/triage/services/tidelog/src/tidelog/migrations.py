"""The schema, step by step."""

from .errors import MigrationError

STEPS = [
    "CREATE TABLE stations (code TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL)",
    "CREATE TABLE readings (station TEXT NOT NULL REFERENCES stations(code),"
    " at TEXT NOT NULL, level_cm INTEGER NOT NULL, PRIMARY KEY (station, at))",
    "ALTER TABLE readings ADD COLUMN quality TEXT NOT NULL DEFAULT 'good'",
    "ALTER TABLE stations ADD COLUMN warn_cm INTEGER NOT NULL DEFAULT 650;"
    "ALTER TABLE stations ADD COLUMN danger_cm INTEGER NOT NULL DEFAULT 800",
    "CREATE TABLE alerts (station TEXT NOT NULL, at TEXT NOT NULL, severity INTEGER NOT NULL,"
    " rule TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (station, at, rule))",
]


def version(connection):
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(connection, steps=None):
    """Apply what is missing and return how many steps that were."""
    steps = STEPS if steps is None else steps
    done = version(connection)
    if done > len(steps):
        raise MigrationError(f"database is at version {done}, this release knows {len(steps)}")
    for number, step in enumerate(steps[done:], done + 1):
        connection.executescript(f"BEGIN;{step};PRAGMA user_version = {number};COMMIT;")
    return len(steps) - done
