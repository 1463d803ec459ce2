"""Twelve tests, one cause: every order goes through `build_order`."""

from __future__ import annotations

import pytest
from shop.catalog import PRICES
from shop.orders import build_order


@pytest.mark.parametrize("sku", sorted(PRICES))
def test_an_order_of_one_piece_costs_its_price(sku: str) -> None:
    order = build_order({"customer": "ada", "sku": sku})

    assert order.net == PRICES[sku]


def test_an_order_names_its_customer() -> None:
    order = build_order({"customer": "grace", "sku": "jar"})

    assert order.customer == "grace"


def test_three_pieces_cost_three_times_as_much() -> None:
    order = build_order({"customer": "grace", "sku": "jar", "quantity": "3"})

    assert order.net == 3 * 390


def test_an_unknown_customer_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        build_order({"sku": "jar"})
