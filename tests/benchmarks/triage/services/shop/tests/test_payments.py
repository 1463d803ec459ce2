"""Payments over HTTP."""

import pytest
from shop.errors import PaymentDeclined, ShopError
from shop.money import Money
from shop.orders import Order

pytestmark = pytest.mark.network


def test_pay(cashier, order):
    assert cashier.pay(order) == "p-7"
    assert order.state == "paid"


def test_an_order_is_paid_once(cashier, order):
    cashier.pay(order)
    with pytest.raises(ShopError, match="order 7 was paid before"):
        cashier.pay(order)


def test_declined(cashier):
    large = Order(8, "bob")
    large.add("piano", 1, Money(900_000))
    with pytest.raises(PaymentDeclined, match="limit exceeded"):
        cashier.pay(large)


def test_a_declined_order_stays_new(cashier):
    large = Order(9, "bob")
    large.add("piano", 1, Money(900_000))
    with pytest.raises(PaymentDeclined):
        cashier.pay(large)
    assert large.state == "new"


def test_other_currencies(cashier):
    assert cashier.in_currency(1000, "USD") == 1100


def test_rates(client):
    assert client.rates()["CHF"] == 0.95


def test_charge(client):
    assert client.charge(12, 100) == "p-12"
