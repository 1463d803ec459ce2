"""The rules of booking."""

from datetime import timedelta

from . import dates, ledger
from .cache import Cache
from .errors import Conflict, Invalid
from .jobs import Jobs


class Service:
    """Books rooms, and charges for them in the background."""

    def __init__(self, settings, store, billing, now):
        self.settings = settings
        self.store = store
        self.jobs = Jobs(settings.workers)
        self.receipts = {}
        self._billing = billing
        self._now = now
        self._cache = Cache(settings.cache_seconds)

    def close(self):
        """Finish the jobs and close the store."""
        self.jobs.stop()
        self.store.close()

    def book(self, room, user, start, end):
        """Hold a room for a user."""
        if end <= start:
            raise Invalid("a booking ends after its start")
        if start < self._now():
            raise Invalid("a booking starts in the future")
        if start - self._now() > timedelta(days=self.settings.max_days_ahead):
            raise Invalid("too far ahead")
        start = dates.align(start, self.settings.slot_minutes)
        self.store.room(room)
        for other in self.store.bookings(room):
            if dates.overlaps(start, end, other.start, other.end):
                raise Conflict(f"{room} is taken by booking {other.id}")
        self._cache.drop(room)
        return self.store.add_booking(room, user, start, end)

    def confirm(self, number):
        """Confirm a held booking; the charge follows in the background."""
        booking = self.store.booking(number)
        if booking.state != "held":
            raise Conflict(f"booking {number} is {booking.state}")
        net = self.price(booking)
        self.store.add_entries(number, ledger.entries(booking.user, net))
        booking = self.store.set_state(number, "confirmed")
        self.jobs.put(self._charge, booking, net + ledger.tax(net))
        return booking

    def cancel(self, number):
        """Cancel a booking and return what is paid back, in cents."""
        booking = self.store.booking(number)
        if booking.state == "cancelled":
            raise Conflict(f"booking {number} is cancelled")
        self.store.set_state(number, "cancelled")
        self._cache.drop(booking.room)
        if booking.state == "held":
            return 0
        net = self.price(booking)
        hours = (booking.start - self._now()).total_seconds() / 3600
        cents = ledger.refund(net + ledger.tax(net), hours)
        if cents and number in self.receipts:
            self.jobs.put(self._billing.refund, self.receipts[number], cents)
        return cents

    def price(self, booking):
        """Return the net price of a booking."""
        count = dates.slots(booking.start, booking.end, self.settings.slot_minutes)
        return ledger.price(count, self.store.room(booking.room).price)

    def calendar(self, room):
        """Return the bookings of a room, possibly some seconds old."""
        return self._cache.get(room, lambda: self.store.bookings(room))

    def _charge(self, booking, cents):
        receipt = self._billing.charge(booking.id, booking.user, cents, self.settings.currency)
        self.receipts[booking.id] = receipt
