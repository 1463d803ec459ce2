"""A cache whose values expire."""

import threading
import time


class Cache:
    """Values by key, for some seconds, at most `size` of them."""

    def __init__(self, seconds, size=128, clock=time.monotonic):
        self._seconds = seconds
        self._size = size
        self._clock = clock
        self._values = {}
        self._lock = threading.Lock()

    def get(self, key, make):
        """Return the value of a key, made when it is missing or too old."""
        with self._lock:
            now = self._clock()
            kept = self._values.get(key)
            if kept is not None and now - kept[0] < self._seconds:
                return kept[1]
        value = make()
        with self._lock:
            self._values.pop(key, None)
            while len(self._values) >= self._size:
                self._values.pop(next(iter(self._values)))
            self._values[key] = (now, value)
        return value

    def drop(self, key):
        """Forget a key."""
        with self._lock:
            self._values.pop(key, None)

    def __len__(self):
        return len(self._values)
