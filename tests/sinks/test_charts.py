"""Charts: SVG that can be read by those who see it and by those who do not."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from reports import HOSTILE, report

from pytest_failtrack.policy.reports.document import COUNT, SHARE, Plot, Series
from pytest_failtrack.sinks.charts import (
    BAR_WIDTH,
    HEIGHT,
    WIDTH,
    bar_svg,
    description,
    plot_svg,
    ticks_of,
)

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    """Return an element of a page as XML; in HTML the namespace is not written."""
    return ElementTree.fromstring(text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def plot(*values: float | None, form: str = "columns", kind: str = COUNT) -> Plot:
    labels = tuple(f"2026-11-{day + 1:02}" for day in range(len(values)))
    return Plot("Failures by day", form, labels, (Series("a", "failures", values),), kind)


class TestTicks:
    @pytest.mark.parametrize(
        ("highest", "kind", "expected"),
        [
            (0, COUNT, [0, 1]),
            (1, COUNT, [0, 1]),
            (3, COUNT, [0, 1, 2, 3]),
            (7, COUNT, [0, 2, 4, 6, 8]),
            (164, COUNT, [0, 50, 100, 150, 200]),
            (1.0, SHARE, [0, 0.25, 0.5, 0.75, 1.0]),
            (0.9, SHARE, [0, 0.25, 0.5, 0.75, 1.0]),
            (float("inf"), COUNT, [0, 1]),
        ],
    )
    def test_are_round_and_reach_the_highest(
        self, highest: float, kind: str, expected: list[float]
    ) -> None:
        assert ticks_of(highest, kind) == expected

    def test_of_shares_never_pass_the_whole(self) -> None:
        assert all(ticks_of(one / 100, SHARE)[-1] <= 1.0 for one in range(1, 101))


class TestPlot:
    def test_has_a_title_and_a_description(self) -> None:
        """Those who do not see it are told first, highest and last value."""
        root = parsed(plot_svg(plot(1, 4, 2), "totals"))

        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == "totals-title totals-desc"
        assert title is not None
        assert desc is not None
        assert (title.get("id"), title.text) == ("totals-title", "Failures by day")
        assert desc.text == ("failures: 1 on 2026-11-01, at most 4 on 2026-11-02, 2 on 2026-11-03.")

    def test_columns_stand_on_each_other_and_in_the_frame(self) -> None:
        stacked = Plot(
            "t", "columns", ("a", "b"), (Series("x", "x", (3, 0)), Series("y", "y", (1, 2)))
        )

        rects = parsed(plot_svg(stacked, "n")).findall(f"{SVG}rect")

        boxes = [tuple(float(one.get(name, "")) for name in ("y", "height")) for one in rects]
        assert len(boxes) == 3, "a column of nothing is not drawn"
        assert boxes[1][0] + boxes[1][1] == pytest.approx(boxes[0][0], abs=0.2)
        assert all(y >= 0 and y + height <= HEIGHT for y, height in boxes)

    def test_a_line_breaks_where_nothing_is_known(self) -> None:
        root = parsed(plot_svg(plot(1, 2, None, 4, 5, form="lines"), "n"))

        lines = root.findall(f"{SVG}polyline")
        assert [len(one.get("points", "").split()) for one in lines] == [2, 2]

    def test_a_lonely_point_is_a_dot(self) -> None:
        root = parsed(plot_svg(plot(None, 2, None, form="lines"), "n"))

        assert len(root.findall(f"{SVG}circle")) == 1

    def test_every_point_lies_in_the_frame(self) -> None:
        root = parsed(plot_svg(plot(*range(60), form="lines"), "n"))

        points = [
            one for line in root.findall(f"{SVG}polyline") for one in line.get("points", "").split()
        ]
        pairs = [tuple(map(float, one.split(","))) for one in points]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in pairs)

    def test_of_nothing_is_nothing(self) -> None:
        assert plot_svg(Plot("t", "columns", (), ()), "n") == ""

    def test_says_when_a_series_has_no_value(self) -> None:
        assert description(plot(None, None)) == "failures: no value."

    def test_escapes_what_it_is_given(self) -> None:
        section = report(HOSTILE).sections[0]
        assert section.plot is not None

        text = plot_svg(section.plot, "n")

        assert "<script" not in text
        parsed(text)


class TestBar:
    @pytest.mark.parametrize(
        ("value", "highest", "width"),
        [(0, 10, 0), (None, 10, 0), (10, 10, BAR_WIDTH), (5, 10, 60), (20, 10, BAR_WIDTH),
         (1, 1_000_000, 1.5), (3, 0, 0)],
    )  # fmt: skip
    def test_is_as_long_as_its_part(
        self, value: float | None, highest: float, width: float
    ) -> None:
        rects = parsed(bar_svg(value, highest)).findall(f"{SVG}rect")

        assert float(rects[1].get("width", "")) == width
