"""Invoices and listings."""

from pathlib import Path

from shop.money import Money
from shop.orders import Order
from shop.reports import invoice, listing, read_listing, slug, tree

SNAPSHOTS = Path(__file__).parent / "snapshots"


def test_the_invoice_is_as_it_was(order):
    assert invoice(order) == (SNAPSHOTS / "invoice.txt").read_text(encoding="utf-8")


def test_listing(order):
    other = Order(3, "bob")
    other.add("cup", 1, Money(5))
    assert listing([order, other]) == "number,customer,net\n3,bob,5\n7,ada,1980\n"


def test_listing_there_and_back(order):
    rows = read_listing(listing([order]).encode("utf-8"))
    assert rows == [{"number": "7", "customer": "ada", "net": "1980"}]


def test_names_with_accents_in_a_listing():
    order = Order(1, "Zoë")
    assert read_listing(listing([order]).encode("utf-8"))[0]["customer"] == "Zoë"


def test_slug():
    assert slug("Crème  brûlée") == "creme-brulee"


def test_tree():
    shown = tree({"all": ["home", "garden"], "home": ["cups"]}, "all")
    assert shown == ["all", "  home", "    cups", "  garden"]
