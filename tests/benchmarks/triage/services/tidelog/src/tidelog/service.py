"""What tidelog does, whoever asks."""

import threading
from concurrent.futures import ThreadPoolExecutor

from . import rules, stats
from .cache import ExpiringCache
from .clock import day_bounds, utc_now
from .errors import ForecastError


class Service:
    def __init__(self, config, storage, forecast, now=utc_now):
        self.config = config
        self.storage = storage
        self.forecast = forecast
        self.now = now
        self.rules = rules.load(config.rules)
        self._cache = ExpiringCache(config.cache_seconds)
        self._lock = threading.Lock()
        self._listeners = []

    def listen(self, listener):
        self._listeners.append(listener)

    def record(self, reading):
        """Store a reading and return the alerts that it causes."""
        with self._lock:
            station = self.storage.station(reading.station)
            before = self.storage.latest(reading.station)
            self.storage.add_readings([reading])
            self._cache.drop((reading.station,))
            alerts = self.rules.check(station, before, reading)
            alerts = [alert for alert in alerts if self.storage.add_alert(alert)]
        for listener in self._listeners:
            for alert in alerts:
                listener(alert)
        return alerts

    def summary(self, code, day):
        """Return the figures of a day in the zone of the station."""
        return self._cache.get_or_make((code, "summary", day), lambda: self._summarize(code, day))

    def outlook(self, code, day):
        """Return the mean residual of a day, None without a forecast or readings."""
        station = self.storage.station(code)
        try:
            curve = self.forecast.curve(code, day)
        except ForecastError:
            return None
        readings = stats.good(self.storage.readings(code, *day_bounds(day, station.zone)))
        rest = stats.residuals(readings, curve)
        return stats.mean(rest.values()) if rest else None

    def outlooks(self, day):
        """Return the outlook of every station, asked for at the same time."""
        codes = [station.code for station in self.storage.stations()]
        with ThreadPoolExecutor(4) as pool:
            return dict(pool.map(lambda code: (code, self.outlook(code, day)), codes))

    def _summarize(self, code, day):
        station = self.storage.station(code)
        readings = stats.good(self.storage.readings(code, *day_bounds(day, station.zone)))
        levels = [one.level_cm for one in readings]
        return {
            "station": station,
            "day": day,
            "count": len(levels),
            "mean": stats.mean(levels) if levels else None,
            "extremes": stats.extremes(readings),
        }
