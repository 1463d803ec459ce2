"""Orders and money."""

import pytest
from shop.errors import ShopError
from shop.money import Money, split_evenly
from shop.orders import Line, Order, from_dict, line_total, to_dict


def test_net_of_an_order(order):
    assert order.net() == Money(1980)


def test_gross_adds_the_tax(order):
    assert order.gross() == Money(2356)


def test_gross_with_the_reduced_rate(order):
    assert order.gross(7).cents == 2119


@pytest.mark.parametrize(("count", "cents"), [(1, 100), (9, 900), (10, 900), (20, 1800)])
def test_ten_or_more_are_cheaper(count, cents):
    assert line_total(Line("cup", count, Money(100))).cents == cents


def test_a_count_must_be_positive():
    with pytest.raises(ValueError, match="count must be positive, not 0"):
        Order(1, "ada").add("cup", 0, Money(1))


def test_states_in_their_order():
    order = Order(1, "ada")
    assert [order.advance(), order.advance(), order.advance()] == ["paid", "shipped", "closed"]


def test_a_closed_order_stays_closed():
    with pytest.raises(ShopError, match="order 5 is closed"):
        Order(5, "ada", state="closed").advance()


def test_document_of_an_order(order):
    document = to_dict(order)
    assert document["lines"][1] == {"sku": "spoon", "count": 12, "cents": 100}
    assert document["customer"] == "ada"


def test_there_and_back(order):
    assert from_dict(to_dict(order)) == order


def test_an_empty_order_costs_nothing():
    assert Order(1, "bob").net() == Money(0)


def test_money_is_shown_with_two_digits():
    assert Money(1205).shown() == "12.05 EUR"


def test_percent_rounds_half_up():
    assert [Money(50).percent(19).cents, Money(49).percent(19).cents] == [10, 9]


def test_currencies_do_not_mix():
    with pytest.raises(ValueError, match="cannot add USD to EUR"):
        Money(1) + Money(1, "USD")


def test_parts_add_up():
    assert [one.cents for one in split_evenly(Money(100), 3)] == [34, 33, 33]
