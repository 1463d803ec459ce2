"""Orders in the database."""

import pytest
from shop.orders import Order
from shop.storage import connect, export, migrate


def test_save_and_load(store, order):
    store.save(order)
    assert store.load(7) == order


def test_the_state_is_kept(store, order):
    order.advance()
    store.save(order)
    assert store.load(7).state == "paid"


def test_saving_twice_keeps_one(store, order):
    store.save(order)
    store.save(order)
    assert store.of_customer("ada") == [7]


def test_newest_first(store):
    for number in (3, 9, 5):
        store.save(Order(number, "bob"))
    assert store.of_customer("bob") == [9, 5, 3]


def test_unknown_order(store):
    with pytest.raises(KeyError):
        store.load(404)


def test_revenue_counts_paid_orders(store, order):
    store.save(order)
    before = store.revenue()
    order.advance()
    store.save(order)
    assert (before, store.revenue()) == (0, 1980)


def test_notes(store, order):
    store.save(order)
    store.note(7, "ring twice")
    store.note(7, "leave at the door")
    assert store.notes(7) == ["ring twice", "leave at the door"]


def test_migrations_run_once(tmp_path):
    connection = connect(str(tmp_path / "x.db"))
    assert migrate(connection) == 3
    connection.close()


def test_export(store, order, tmp_path):
    store.save(order)
    target = tmp_path / "orders.jsonl"
    assert export(store, [7], target) == 1
    assert target.read_text(encoding="utf-8").startswith('{"number": 7')
