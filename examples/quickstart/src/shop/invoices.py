"""Invoices as text; `render_pdf` went to a service of its own."""

from __future__ import annotations


def render_text(customer: str, gross_cents: int) -> str:
    """Return the invoice as plain text."""
    return f"{customer} owes {gross_cents // 100}.{gross_cents % 100:02d} EUR"
