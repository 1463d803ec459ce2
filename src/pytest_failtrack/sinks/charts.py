"""Plots as SVG text for a page without scripts: columns, lines, and the bar beside a number.

Colours are classes of the page (html_page.py), so that they follow light and dark. Each plot has a
title and a description for those who do not see it; the page puts the values beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from pytest_failtrack.policy.reports.document import COUNT, HOURS, SHARE, Plot, Series
from pytest_failtrack.sinks.figures import shown
from pytest_failtrack.sinks.plain import plain

WIDTH, HEIGHT = 720, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 26
BAR_WIDTH, BAR_HEIGHT = 120, 10
TICKS = 4
LABELS_MAX = 7
DOTS_MAX = 45

_STEPS = {COUNT: (1, 2, 5), SHARE: (1, 2, 2.5, 5), HOURS: (1, 2, 4, 6)}


def plot_svg(plot: Plot, name: str) -> str:
    """Return a plot as an `<svg>` element, `` when it has no point.

    Args:
        plot: What is plotted; texts in it are escaped here.
        name: Prefix of the ids in it, unique on the page.
    """
    if not plot.labels:
        return ""
    ticks = ticks_of(_highest(plot), plot.kind)
    draw = _columns if plot.form == "columns" else _lines
    parts = [*_grid(plot, ticks), *draw(plot, ticks[-1])]
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{_text(plot.title)}</title>'
        f'<desc id="{name}-desc">{_text(description(plot))}</desc>' + "".join(parts) + "</svg>"
    )


def bar_svg(value: float | None, highest: float) -> str:
    """Return the bar beside a number; it says nothing that the number does not."""
    share = max(0.0, min(1.0, (value or 0) / highest)) if highest > 0 else 0.0
    width = max(share * BAR_WIDTH, 1.5) if share else 0
    return (
        f'<svg class="bar" viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" width="{BAR_WIDTH}" '
        f'height="{BAR_HEIGHT}" aria-hidden="true" focusable="false">'
        f'<rect class="rail" width="{BAR_WIDTH}" height="{BAR_HEIGHT}" rx="2"/>'
        f'<rect class="fill0" width="{_number(width)}" height="{BAR_HEIGHT}" rx="2"/></svg>'
    )


def description(plot: Plot) -> str:
    """Return what a plot shows in one sentence a series: first, highest and last value."""
    sentences = []
    for series in plot.series:
        known = [
            (label, value)
            for label, value in zip(plot.labels, series.values, strict=True)
            if value is not None
        ]
        if not known:
            sentences.append(f"{series.title}: no value.")
            continue
        label, highest = max(known, key=lambda one: one[1])
        sentences.append(
            f"{series.title}: {shown(known[0][1], plot.kind)} on {known[0][0]}, at most "
            f"{shown(highest, plot.kind)} on {label}, {shown(known[-1][1], plot.kind)} on "
            f"{known[-1][0]}."
        )
    return " ".join(sentences)


def ticks_of(highest: float, kind: str = COUNT) -> list[float]:
    """Return round values from 0 up to one that is not below the highest.

    Args:
        highest: Largest value that is plotted.
        kind: How values are shown; counts are never cut into parts, a share ends at 1.
    """
    if highest <= 0 or not math.isfinite(highest):
        return [0.0, 1.0]
    rough = highest / TICKS
    scale = 10.0 ** math.floor(math.log10(rough))
    steps = (*_STEPS.get(kind, (1, 2, 5)), 10)
    step = next(one * scale for one in steps if one * scale >= rough * (1 - 1e-9))
    if kind == COUNT:
        step = max(1.0, step)
    count = max(1, math.ceil(highest / step - 1e-9))
    ticks = [round(step * index, 10) for index in range(count + 1)]
    return [min(one, 1.0) for one in ticks] if kind == SHARE and highest <= 1 else ticks


def _highest(plot: Plot) -> float:
    if plot.form != "columns":
        return max((one for series in plot.series for one in series.values if one), default=0)
    sums = (
        sum(series.values[index] or 0 for series in plot.series)
        for index in range(len(plot.labels))
    )
    return max(sums, default=0)


def _grid(plot: Plot, ticks: Sequence[float]) -> Iterator[str]:
    for tick in ticks:
        y = _number(_y(tick, ticks[-1]))
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        yield (
            f'<text class="tick" x="{LEFT - 8}" y="{y}" dy="0.32em" text-anchor="end">'
            f"{_text(shown(tick, plot.kind))}</text>"
        )
    count = len(plot.labels)
    every = max(1, math.ceil(count / LABELS_MAX))
    short = _short_labels(plot.labels)
    for index in range(0, count, every):
        x = _number(_x(index, count, plot.form))
        yield (
            f'<text class="tick" x="{x}" y="{HEIGHT - 7}" text-anchor="middle">'
            f"{_text(short[index])}</text>"
        )


def _columns(plot: Plot, top: float) -> Iterator[str]:
    count = len(plot.labels)
    room = (WIDTH - LEFT - RIGHT) / count
    width = max(1.0, min(34.0, room * 0.66))
    for index, label in enumerate(plot.labels):
        x, below = _x(index, count, plot.form) - width / 2, 0.0
        for place, series in enumerate(plot.series):
            value = series.values[index] or 0
            if value <= 0:
                continue
            y, base = _y(below + value, top), _y(below, top)
            yield (
                f'<rect class="fill{place}" x="{_number(x)}" y="{_number(y)}" '
                f'width="{_number(width)}" height="{_number(max(base - y, 0.5))}">'
                f"<title>{_text(_point(plot, series, label, value))}</title></rect>"
            )
            below += value


def _lines(plot: Plot, top: float) -> Iterator[str]:
    count = len(plot.labels)
    for place, series in enumerate(plot.series):
        runs: list[list[str]] = [[]]
        dots = []
        for index, (label, value) in enumerate(zip(plot.labels, series.values, strict=True)):
            if value is None:
                runs.append([])
                continue
            x, y = _number(_x(index, count, plot.form)), _number(_y(value, top))
            runs[-1].append(f"{x},{y}")
            dots.append(
                f'<circle class="dot{place}" cx="{x}" cy="{y}" r="3">'
                f"<title>{_text(_point(plot, series, label, value))}</title></circle>"
            )
        for run in runs:
            if len(run) > 1:
                yield f'<polyline class="line{place}" points="{" ".join(run)}"/>'
        lonely = any(len(run) == 1 for run in runs)
        if lonely or count <= DOTS_MAX:
            yield from dots


def _point(plot: Plot, series: Series, label: str, value: float) -> str:
    return f"{label}: {shown(value, plot.kind)} {series.title}"


def _short_labels(labels: Sequence[str]) -> list[str]:
    """Return the labels without the year where all share it."""
    years = {one[:5] for one in labels}
    if len(years) == 1 and all(len(one) == 10 and one[4] == "-" for one in labels):
        return [one[5:] for one in labels]
    return list(labels)


def _x(index: int, count: int, form: str) -> float:
    room = WIDTH - LEFT - RIGHT
    if form == "columns" or count == 1:
        return LEFT + room * (index + 0.5) / count
    return LEFT + 18 + (room - 36) * index / (count - 1)


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    return escape(plain(text))
