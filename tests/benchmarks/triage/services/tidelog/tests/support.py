"""What many tests need."""

import json
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone

START = datetime(2031, 3, 1, 12, 0, tzinfo=timezone.utc)


def at(minutes):
    return START + timedelta(minutes=minutes)


def series(*levels, code="HUS", step=10):
    from tidelog.models import Reading

    return [Reading(code, at(number * step), level) for number, level in enumerate(levels)]


def call(url, method="GET", body=None, token=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def wait_until(condition, seconds=2.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.002)
    assert condition(), f"still not so after {seconds} s"


def assert_levels(readings, *expected):
    assert [one.level_cm for one in readings] == list(expected)


def assert_sorted_by_time(items):
    moments = [one.at for one in items]
    assert moments == sorted(moments), "not in the order of time"
