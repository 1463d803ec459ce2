"""A discount for customers who come back."""

from shop.orders import Order

LOYAL = {"ada", "grace"}


def price_change(order: Order) -> int:
    """Return 2 % for loyal customers."""
    return order.net().percent(2).cents if order.customer in LOYAL else 0
