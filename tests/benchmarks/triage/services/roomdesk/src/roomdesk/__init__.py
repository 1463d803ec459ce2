"""Room bookings: slots, prices, invoices."""

__version__ = "1.4.0"
