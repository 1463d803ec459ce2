"""The HTML page: one file without network or script, in which no text of a failure has effect."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from reports import HOSTILE, report

from pytest_failtrack.sinks import html_page

VOID = ("meta", "link", "br", "img", "input", "hr")


class Outline(HTMLParser):
    """Collects tags, ids and text of a page, and what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def page() -> Outline:
    return Outline(html_page.render(report()))


class TestPage:
    def test_is_whole(self, page: Outline) -> None:
        assert page.open == []
        assert len(page.ids) == len(set(page.ids))

    def test_asks_nothing_of_a_network_and_runs_nothing(self, page: Outline) -> None:
        text = html_page.render(report())

        loaded = {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
        assert loaded & set(page.tags) == set()
        assert [one for name, one in page.attributes if name in ("src", "srcset", "action")] == []
        assert [one for name, one in page.attributes if name == "href" and one[0] != "#"] == []
        assert not re.search(r"url\(|@import|javascript:", text)
        assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text
        assert "style-src 'unsafe-inline'" in text

    def test_begins_with_the_three_figures(self, page: Outline) -> None:
        order = [page.text.index(one) for one in ("1,204", "31%", "not known", "Total failures")]

        assert order == sorted(order)
        assert "96 fewer than before (1,300), better" in page.text
        assert "6 points more than before (25%), worse" in page.text

    def test_says_for_whom_it_is(self, page: Outline) -> None:
        """S0-145"""
        assert "For build owners, the authority: @shop-team" in page.text

    def test_has_the_values_of_a_plot_beside_it(self, page: Outline) -> None:
        assert page.tags.count("details") == 2
        assert "Week from" in page.text
        assert "2026-11-16" in page.text

    def test_names_rows_that_were_cut_off(self, page: Outline) -> None:
        assert "3 more rows not shown." in page.text

    def test_says_where_there_is_nothing(self, page: Outline) -> None:
        assert "Nothing failed." in page.text

    def test_cuts_what_is_too_long(self, page: Outline) -> None:
        assert "x" * 400 + "..." in page.text

    def test_has_head_cells_with_a_scope(self) -> None:
        cells = re.findall(r"<th [^>]*>", html_page.render(report()))

        assert cells
        assert all("scope=" in one for one in cells)


class TestHostileText:
    def test_has_no_effect(self) -> None:
        text = html_page.render(report(HOSTILE))
        page = Outline(text)

        assert page.open == []
        assert "script" not in page.tags
        assert text.count("</style>") == 1
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "alert(1)" in page.text, "it is shown, as text"
        harmless = html_page.render(report("a plain text of more than twenty characters"))
        assert page.tags == Outline(harmless).tags

    @pytest.mark.parametrize("text", ["\ud800", "\x00", "<!--", "&lt;", "'\"><b>", "\u2028"])
    def test_of_every_kind(self, text: str) -> None:
        page = html_page.render(report(text))

        page.encode("utf-8")
        assert Outline(page).open == []
        assert "<b>" not in page.replace("<b>3</b>", "").replace("<b>1,204</b>", "")


class TestStyle:
    def test_knows_light_dark_narrow_and_paper(self) -> None:
        style = html_page.style()

        for query in ("prefers-color-scheme: dark", "max-width: 34rem", "@media print"):
            assert query in style

    def test_has_every_class_that_charts_use(self) -> None:
        used = set(re.findall(r'class="([a-z]+\d?)"', html_page.render(report())))
        known = set(re.findall(r"\.([a-z]+\d?)", html_page.style()))

        assert used - known <= {"figure", "period"} | known
