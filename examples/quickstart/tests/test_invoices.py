"""Cannot be collected: `render_pdf` is gone."""

from __future__ import annotations

from shop.invoices import render_pdf, render_text


def test_an_invoice_names_the_customer() -> None:
    assert render_text("ada", 1535) == "ada owes 15.35 EUR"


def test_an_invoice_is_a_pdf() -> None:
    assert render_pdf("ada", 1535).startswith(b"%PDF")
