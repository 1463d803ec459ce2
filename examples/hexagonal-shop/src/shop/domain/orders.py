"""Orders; the domain imports nothing of the other layers, or should not."""

from __future__ import annotations

from dataclasses import dataclass

from shop.domain.events import Event, EventType
from shop.infrastructure.store import save  # VAL-3: the domain reaches outside


@dataclass
class Order:
    id: int
    total: int
    invoice_hash: str = ""  # PV-002: anything could stand here

    def place(self) -> Event:
        save(self)
        return Event(EventType.ORDER_PLACED, self.id)

    def pay(self) -> Event:
        return Event("order.paid", self.id)  # PV-001: a typo here would be found by nobody
