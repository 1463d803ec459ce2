"""A cache whose entries expire."""

import threading
import time


class ExpiringCache:
    def __init__(self, seconds, limit=100, clock=time.monotonic):
        self._seconds = seconds
        self._limit = limit
        self._clock = clock
        self._entries = {}
        self._lock = threading.Lock()
        self.hits = 0
        self.misses = 0

    def __len__(self):
        return len(self._entries)

    def get(self, key, default=None):
        with self._lock:
            until, value = self._entries.get(key, (None, default))
            if until is None or self._clock() >= until:
                self._entries.pop(key, None)
                self.misses += 1
                return default
            self.hits += 1
            return value

    def put(self, key, value):
        with self._lock:
            self._entries.pop(key, None)
            while len(self._entries) >= self._limit:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (self._clock() + self._seconds, value)

    def get_or_make(self, key, make):
        value = self.get(key)
        if value is None:
            value = make()
            self.put(key, value)
        return value

    def drop(self, prefix):
        """Forget every key that begins with a prefix."""
        with self._lock:
            for key in [key for key in self._entries if key[: len(prefix)] == prefix]:
                del self._entries[key]
