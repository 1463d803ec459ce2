"""Client of the forecast service, contract v2."""

import json
import time
import urllib.error
import urllib.request

from .clock import parse_utc
from .errors import ForecastDenied, ForecastError, ForecastThrottled

WAITS = (0.01, 0.03)


class ForecastClient:
    def __init__(self, url, token, timeout=2.0, sleep=time.sleep):
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = timeout
        self._sleep = sleep

    def curve(self, code, day):
        """Return the expected levels of a day as (moment, centimetres)."""
        answer = self._get(f"/v2/curves/{code}?day={day.isoformat()}")
        if answer["unit"] != "cm":
            raise ForecastError(f"unexpected unit {answer['unit']!r}")
        return [(parse_utc(point["at"]), point["level"]) for point in answer["points"]]

    def _get(self, path):
        for wait in (*WAITS, None):
            try:
                return self._once(path)
            except urllib.error.HTTPError as error:
                if error.code in (401, 403):
                    raise ForecastDenied(
                        f"forecast service says {error.code}: {_text(error)}"
                    ) from error
                if error.code == 429:
                    raise ForecastThrottled(int(error.headers.get("Retry-After", 1))) from error
                if error.code < 500 or wait is None:
                    raise ForecastError(
                        f"forecast service says {error.code}: {_text(error)}"
                    ) from error
            except OSError as error:
                if wait is None:
                    raise ForecastError(f"forecast service can not be reached: {error}") from error
            self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _once(self, path):
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        request = urllib.request.Request(self._url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=self._timeout) as answer:
            return json.load(answer)


def _text(error):
    return error.read().decode("utf-8", "replace").strip()
