"""Schema of the database, one step after the other."""

STEPS = (
    """
    CREATE TABLE rooms (name TEXT PRIMARY KEY, seats INTEGER NOT NULL, price INTEGER NOT NULL)
    """,
    """
    CREATE TABLE bookings (
        id INTEGER PRIMARY KEY,
        room TEXT NOT NULL REFERENCES rooms (name),
        user TEXT NOT NULL,
        start TEXT NOT NULL,
        "end" TEXT NOT NULL
    )
    """,
    "ALTER TABLE bookings ADD COLUMN state TEXT NOT NULL DEFAULT 'held'",
    """
    CREATE TABLE entries (
        booking INTEGER NOT NULL, account TEXT NOT NULL, cents INTEGER NOT NULL
    )
    """,
    "CREATE INDEX bookings_by_room ON bookings (room, start)",
)


def version(connection):
    """Return how many steps were applied."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def migrate(connection, steps=STEPS):
    """Apply the missing steps and return how many there were."""
    done = version(connection)
    for number, step in enumerate(steps[done:], start=done + 1):
        connection.execute(step)
        connection.execute(f"PRAGMA user_version = {number}")
    connection.commit()
    return len(steps) - done
