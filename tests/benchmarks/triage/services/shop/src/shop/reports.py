"""Invoices and listings as text."""

import csv
import io
import unicodedata
from pathlib import Path

from shop.orders import Order

TEMPLATE = Path(__file__).with_name("invoice.txt")


def invoice(order: Order) -> str:
    """Return the invoice of an order."""
    lines = [f"{one.count:>4} x {one.sku:<12}{one.price.shown():>12}" for one in order.lines]
    return TEMPLATE.read_text(encoding="utf-8").format(
        number=order.number,
        customer=order.customer,
        lines="\n".join(lines),
        net=order.net().shown(),
        gross=order.gross().shown(),
    )


def listing(orders: list[Order]) -> str:
    """Return orders as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["number", "customer", "net"])
    for order in sorted(orders, key=lambda one: one.number):
        writer.writerow([order.number, order.customer, order.net().cents])
    return out.getvalue()


def read_listing(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a listing that was sent as bytes."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"))))


def slug(name: str) -> str:
    """Return a name as part of a URL."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(plain.lower().split())


def tree(categories: dict, name: str, depth: int = 0) -> list[str]:
    """Return a category and those below it, indented."""
    lines = ["  " * depth + name]
    for child in categories.get(name, ()):
        lines += tree(categories, child, depth + 1)
    return lines
