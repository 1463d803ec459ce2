"""Figures of readings."""

from .models import Quality


def good(readings):
    return [one for one in readings if one.quality is Quality.GOOD]


def mean(values):
    values = list(values)
    if not values:
        raise ValueError("mean of nothing")
    return sum(values) / len(values)


def percentile(values, share):
    """Return the value below which a share lies, between neighbours in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def moving_average(values, width):
    if width < 1:
        raise ValueError("width must be at least 1")
    return [mean(values[at : at + width]) for at in range(len(values) - width + 1)]


def extremes(readings):
    """Return the high and low waters as (kind, reading), without both ends."""
    found = []
    for before, here, after in zip(readings, readings[1:], readings[2:], strict=False):
        if before.level_cm < here.level_cm >= after.level_cm:
            found.append(("high", here))
        elif before.level_cm > here.level_cm <= after.level_cm:
            found.append(("low", here))
    return found


def residuals(readings, curve):
    """Return how far readings lie above the forecast, where both are there."""
    expected = dict(curve)
    return {one.at: one.level_cm - expected[one.at] for one in readings if one.at in expected}
