"""How much of which article is there."""

from shop.errors import OutOfStock


class Stock:
    """Counts of articles."""

    def __init__(self, counts: dict[str, int] | None = None) -> None:
        self.counts = dict(counts or {})
        self.reserved: dict[str, int] = {}

    def available(self, sku: str) -> int:
        """Return how many can be sold."""
        return self.counts.get(sku, 0) - self.reserved.get(sku, 0)

    def reserve(self, sku: str, count: int) -> None:
        """Keep some for an order."""
        if count > self.available(sku):
            raise OutOfStock(f"{sku}: {count} wanted, {self.available(sku)} there")
        self.reserved[sku] = self.reserved.get(sku, 0) + count

    def ship(self, sku: str, count: int) -> None:
        """Take what was kept out of the stock."""
        self.reserved[sku] -= count
        self.counts[sku] -= count

    def low(self, limit: int = 3) -> list[str]:
        """Return the articles of which few are left, sorted."""
        return sorted(sku for sku in self.counts if self.available(sku) < limit)
