"""What happens in the shop."""

from dataclasses import dataclass
from enum import Enum


class EventType(str, Enum):
    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"


@dataclass(frozen=True)
class Event:
    type: EventType
    order_id: int
