"""A cache with a time to live, and sessions of customers."""

import time


class Cache:
    """Keeps values for some seconds."""

    def __init__(self, ttl_seconds: float = 60.0, clock=time.monotonic) -> None:
        self.ttl_seconds = ttl_seconds
        self.clock = clock
        self._values: dict[str, tuple[float, object]] = {}

    def put(self, key: str, value: object) -> None:
        """Keep a value."""
        self._values[key] = (self.clock() + self.ttl_seconds, value)

    def get(self, key: str, default: object = None) -> object:
        """Return a value that is not too old."""
        until, value = self._values.get(key, (0.0, default))
        return value if until > self.clock() else default


class Sessions:
    """Who is logged in."""

    active: dict[str, str] = {}

    def login(self, customer: str) -> str:
        """Open a session."""
        token = f"t-{len(self.active) + 1}"
        self.active[token] = customer
        return token

    def customer(self, token: str) -> str:
        """Return whose session it is."""
        return self.active[token]

    def logout_all(self) -> None:
        """Close every session."""
        self.active.clear()
