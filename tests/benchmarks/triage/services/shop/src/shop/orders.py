"""Orders: lines, totals, discounts and states."""

from dataclasses import dataclass, field

from shop.errors import ShopError
from shop.money import Money

STATES = ("new", "paid", "shipped", "closed")
BULK = 10


@dataclass
class Line:
    """So many of one article."""

    sku: str
    count: int
    price: Money


@dataclass
class Order:
    """What a customer wants."""

    number: int
    customer: str
    lines: list[Line] = field(default_factory=list)
    state: str = "new"

    def add(self, sku: str, count: int, price: Money) -> Line:
        """Put an article into the order."""
        if count < 1:
            raise ValueError(f"count must be positive, not {count}")
        line = Line(sku, count, price)
        self.lines.append(line)
        return line

    def net(self) -> Money:
        """Return the sum of the lines after their discounts."""
        total = Money(0)
        for line in self.lines:
            total = total + line_total(line)
        return total

    def gross(self, rate: int = 19) -> Money:
        """Return the net sum with tax."""
        net = self.net()
        return net + net.percent(rate)

    def advance(self) -> str:
        """Go to the next state and return it."""
        at = STATES.index(self.state)
        if at + 1 == len(STATES):
            raise ShopError(f"order {self.number} is closed")
        self.state = STATES[at + 1]
        return self.state


def line_total(line: Line) -> Money:
    """Return what a line costs; ten or more of an article are 10 % cheaper."""
    full = line.price.times(line.count)
    if line.count >= BULK:
        return full.percent(90)
    return full


def from_dict(data: dict) -> Order:
    """Return the order that a document describes."""
    order = Order(number=data["number"], customer=data["customer"])
    for one in data["lines"]:
        order.add(one["sku"], one["count"], Money(one["cents"]))
    return order


def to_dict(order: Order) -> dict:
    """Return the order as a document."""
    return {
        "number": order.number,
        "customer": order.customer,
        "state": order.state,
        "lines": [
            {"sku": line.sku, "count": line.count, "cents": line.price.cents}
            for line in order.lines
        ],
    }
