"""Green, with some debt."""

from __future__ import annotations

import sys

import pytest
from shop.stock import Stock


def test_what_was_taken_is_no_longer_there() -> None:
    stock = Stock({"jar": 5})

    stock.take("jar", 2)

    assert stock.left("jar") == 3


def test_an_unknown_article_is_out_of_stock() -> None:
    assert Stock({}).left("piano") == 0


@pytest.mark.skip
def test_two_customers_take_the_last_jar() -> None:
    """Debt: nobody said why this is skipped."""
    stock = Stock({"jar": 1})

    stock.take("jar", 1)
    stock.take("jar", 1)

    assert stock.left("jar") == 0


@pytest.mark.skipif(sys.platform != "cygwin", reason="the scales have a driver for cygwin only")
def test_the_scales_agree() -> None:
    assert Stock({"jar": 1}).left("jar") == 1


@pytest.mark.failtrack_debt(
    owner="@shop-team",
    ticket="SHOP-118",
    until="2025-01-31",
    reason="the shelf has no lower limit yet",
)
@pytest.mark.xfail(reason="SHOP-118 the shelf has no lower limit yet", strict=True)
def test_nobody_takes_more_than_there_is() -> None:
    stock = Stock({"jar": 1})

    with pytest.raises(ValueError):
        stock.take("jar", 2)


@pytest.mark.xfail(reason="owner=@shop-team ticket=SHOP-120 until=2099-12-31 returns are not built")
def test_a_returned_jar_is_back_on_the_shelf() -> None:
    stock = Stock({"jar": 1})

    stock.give_back("jar", 1)

    assert stock.left("jar") == 2
