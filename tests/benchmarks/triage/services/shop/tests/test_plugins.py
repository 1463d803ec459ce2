"""Plugins and settings."""

import pytest
from shop.config import load_config, read_file, required
from shop.errors import ConfigMissing
from shop.money import Money
from shop.orders import Order
from shop.plugins import apply_all, load_plugins


@pytest.fixture(scope="module")
def plugins():
    return load_plugins(read_file()["plugins"])


def test_both_plugins_are_found(plugins):
    assert [one.__name__ for one in plugins] == ["shop.plugins.gift", "shop.plugins.loyalty"]


def test_loyal_customers_pay_less(plugins, order):
    assert apply_all(plugins, order) == 40


def test_large_orders_have_a_gift(plugins):
    order = Order(1, "bob")
    order.add("piano", 1, Money(20_000))
    assert apply_all(plugins, order) == 500


def test_others_pay_in_full(plugins):
    order = Order(1, "bob")
    order.add("cup", 1, Money(200))
    assert apply_all(plugins, order) == 0


def test_settings(config):
    assert (config.currency, config.tax_rate) == ("EUR", 19)


def test_a_missing_variable_is_named():
    with pytest.raises(ConfigMissing, match="SHOP_API_KEY"):
        required("SHOP_API_KEY", {})


def test_the_host_has_a_default():
    told = {"SHOP_API_KEY": "k", "SHOP_DATABASE": "x"}
    assert load_config(told).api_host == "127.0.0.1"
