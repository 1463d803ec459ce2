"""Orders in SQLite, and the migrations of its schema."""

import json
import sqlite3
from pathlib import Path

from shop.orders import Order, from_dict, to_dict

MIGRATIONS = Path(__file__).parent / "migrations"


def connect(path: str) -> sqlite3.Connection:
    """Return a connection to a database that has the newest schema."""
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    migrate(connection)
    return connection


def migrate(connection: sqlite3.Connection) -> int:
    """Run the migrations that are missing and return the version of the schema."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for file in sorted(MIGRATIONS.glob("*.sql"))[version:]:
        connection.executescript(file.read_text(encoding="utf-8"))
        version += 1
        connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    return version


class OrderStore:
    """Keeps orders."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def save(self, order: Order) -> None:
        """Write an order, over an older state of it."""
        with self.connection:
            self.connection.execute(
                "INSERT OR REPLACE INTO orders (number, customer, state, document, cents)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    order.number,
                    order.customer,
                    order.state,
                    json.dumps(to_dict(order)),
                    order.net().cents,
                ),
            )

    def load(self, number: int) -> Order:
        """Return an order."""
        row = self.connection.execute(
            "SELECT document, state FROM orders WHERE number = ?", (number,)
        ).fetchone()
        if row is None:
            raise KeyError(number)
        order = from_dict(json.loads(row["document"]))
        order.state = row["state"]
        return order

    def of_customer(self, customer: str) -> list[int]:
        """Return the numbers of a customer's orders, the newest first."""
        rows = self.connection.execute(
            "SELECT number FROM orders WHERE customer = ? ORDER BY number DESC", (customer,)
        )
        return [row["number"] for row in rows]

    def revenue(self) -> int:
        """Return the cents of all orders that were paid."""
        row = self.connection.execute(
            "SELECT COALESCE(SUM(cents), 0) AS cents FROM orders WHERE state != 'new'"
        ).fetchone()
        return row["cents"]

    def note(self, number: int, text: str) -> None:
        """Attach a note to an order."""
        with self.connection:
            self.connection.execute(
                "INSERT INTO notes (order_number, text) VALUES (?, ?)", (number, text)
            )

    def notes(self, number: int) -> list[str]:
        """Return the notes of an order."""
        rows = self.connection.execute(
            "SELECT text FROM notes WHERE order_number = ? ORDER BY id", (number,)
        )
        return [row["text"] for row in rows]


def export(store: OrderStore, numbers: list[int], target: Path) -> int:
    """Write orders to a file, one a line, and return how many."""
    with target.open("w", encoding="utf-8") as file:
        for number in numbers:
            file.write(json.dumps(to_dict(store.load(number))) + "\n")
    return len(numbers)
