"""The stock."""

import pytest
from shop.errors import OutOfStock
from shop.stock import Stock


@pytest.fixture
def stock():
    return Stock({"cup": 5, "spoon": 2})


def test_reserved_articles_are_not_available(stock):
    stock.reserve("cup", 2)
    assert stock.available("cup") == 3


def test_the_last_one_can_be_reserved(stock):
    stock.reserve("spoon", 2)
    assert stock.available("spoon") == 0


def test_more_than_there_is(stock):
    with pytest.raises(OutOfStock, match="cup: 6 wanted, 5 there"):
        stock.reserve("cup", 6)


def test_shipping_takes_from_the_stock(stock):
    stock.reserve("cup", 2)
    stock.ship("cup", 2)
    assert (stock.counts["cup"], stock.available("cup")) == (3, 3)


def test_low_articles(stock):
    assert stock.low() == ["spoon"]


def test_unknown_articles_are_not_there(stock):
    assert stock.available("fork") == 0
