"""The standard rate is computed wrongly; the others happen to be right."""

from __future__ import annotations

import pytest
from shop.tax import gross


@pytest.mark.parametrize(
    ("net_cents", "expected"),
    [(1290, 1535), (3995, 4754), (18999, 22609)],
)
def test_the_standard_rate_is_nineteen_percent(net_cents: int, expected: int) -> None:
    assert gross(net_cents) == expected


def test_whole_amounts_are_taxed_to_the_cent() -> None:
    assert gross(10_000) == 11_900


def test_books_for_export_are_free_of_tax() -> None:
    assert gross(1290, "none") == 1290
