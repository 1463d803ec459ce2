"""Payments: an order is charged once."""

from shop.client import ApiClient
from shop.errors import ShopError
from shop.orders import Order


class Cashier:
    """Charges orders."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.paid: dict[int, str] = {}

    def pay(self, order: Order) -> str:
        """Charge an order and return the id of the payment."""
        if order.number in self.paid:
            raise ShopError(f"order {order.number} was paid before")
        payment = self.client.charge(order.number, order.gross().cents)
        self.paid[order.number] = payment
        order.advance()
        return payment

    def in_currency(self, cents: int, currency: str) -> int:
        """Return an amount in another currency."""
        return round(cents * self.client.rates()[currency])
