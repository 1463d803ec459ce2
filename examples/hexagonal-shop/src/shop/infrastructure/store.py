"""Keeps orders in memory."""

ORDERS: dict[int, object] = {}


def save(order: object) -> None:
    ORDERS[id(order)] = order
