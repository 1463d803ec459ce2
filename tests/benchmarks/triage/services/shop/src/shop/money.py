"""Amounts in cents."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Money:
    """An amount of one currency."""

    cents: int
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.cents + other.cents, self.currency)

    def times(self, count: int) -> "Money":
        """Return the amount, count times."""
        return Money(self.cents * count, self.currency)

    def percent(self, rate: int) -> "Money":
        """Return a share of the amount, rounded half up."""
        return Money((self.cents * rate + 50) // 100, self.currency)

    def shown(self) -> str:
        """Return the amount as customers read it."""
        return f"{self.cents // 100}.{self.cents % 100:02} {self.currency}"


def split_evenly(amount: Money, parts: int) -> list[Money]:
    """Return parts that add up to the amount and differ by one cent at most."""
    base, rest = divmod(amount.cents, parts)
    return [Money(base + (at < rest), amount.currency) for at in range(parts)]
