"""Tests that would let anything pass, one kind each."""

import pytest

from shop.domain.orders import Order


def test_an_order_is_placed() -> None:
    assert Order(1, 20).place().order_id == 1


@pytest.mark.skip(reason="does not work")  # FT-D1: no ticket
def test_an_order_is_shipped() -> None:
    assert Order(1, 20).total == 20


@pytest.mark.xfail(reason="SHOP-12 rounding, until=2025-01-31")  # FT-D2: that day is past
def test_totals_are_rounded() -> None:
    assert Order(1, 20).total == 21


@pytest.mark.skip(reason="SHOP-13 the warehouse is being rebuilt")  # FT-D3: a whole class
class TestStock:
    def test_stock_falls(self) -> None:
        assert Order(1, 20).total == 20


def xtest_an_order_is_refunded() -> None:  # FT-D4: not collected
    assert Order(1, 20).total == 20


def test_an_order_is_paid() -> None:  # FT-D5: asserts nothing
    Order(1, 20).pay()


def test_a_negative_total_is_refused() -> None:
    with pytest.raises(Exception):  # FT-D6: any error will do
        Order(1, -20).place()
