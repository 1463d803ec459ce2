"""How many pieces are left."""

from __future__ import annotations


class Stock:
    """Pieces on the shelf, by SKU."""

    def __init__(self, pieces: dict[str, int]) -> None:
        self._pieces = dict(pieces)

    def left(self, sku: str) -> int:
        """Return the number of pieces that can be sold."""
        return self._pieces.get(sku, 0)

    def take(self, sku: str, quantity: int) -> None:
        """Take pieces from the shelf; a known bug lets the number fall below zero."""
        self._pieces[sku] = self.left(sku) - quantity
