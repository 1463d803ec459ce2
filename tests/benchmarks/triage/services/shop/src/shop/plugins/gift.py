"""A gift for large orders."""

from shop.orders import Order

LIMIT = 10_000


def price_change(order: Order) -> int:
    """Return 500 cents for orders above a limit."""
    return 500 if order.net().cents > LIMIT else 0
