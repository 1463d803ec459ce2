"""The HTML page in a real browser: it is shown, nothing is refused, and hostile text stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from reports import HOSTILE, report

from browser import Browser
from pytest_failtrack.sinks import html_page

DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def browser() -> Browser:
    return Browser.find()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "week.html"
    path.write_text(html_page.render(report()), encoding="utf-8")
    return path


def test_the_page_is_shown_as_it_was_written(browser: Browser, page: Path) -> None:
    """No element is repaired away, the charts are SVG to the browser, its own style is let in."""
    opened = browser.opened(page)

    assert opened.console == ()
    assert "<title>Weekly report: KeyError: 'customer_id'</title>" in opened.document
    assert opened.document.count('<svg class="plot"') == 2
    assert opened.document.count('<svg class="bar"') == 2
    assert opened.document.count("<tr>") == html_page.render(report()).count("<tr>")


def test_a_script_would_be_refused(browser: Browser, page: Path) -> None:
    """A page that failed to escape would still run nothing: its policy forbids it."""
    text = page.read_text(encoding="utf-8")
    page.write_text(
        text.replace("</main>", "<script>document.title = 'taken'</script></main>"),
        encoding="utf-8",
    )

    opened = browser.opened(page)

    assert "<title>taken" not in opened.document
    assert any("Content Security Policy" in line for line in opened.console)


def test_hostile_text_is_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(html_page.render(report(HOSTILE)), encoding="utf-8")

    opened = browser.opened(path)

    assert opened.console == ()
    assert "<script" not in opened.document
    assert "&lt;script&gt;alert(1)" in opened.document


def test_it_is_seen_in_the_light_in_the_dark_and_on_a_phone(browser: Browser, page: Path) -> None:
    """No picture is that of an empty page, and no two of them are the same."""
    empty = page.with_name("empty.html")
    empty.write_text("<!doctype html><title>empty</title>", encoding="utf-8")

    seen = [
        browser.picture(page),
        browser.picture(page, DARK),
        browser.picture(page, size="390,1400"),
    ]

    least = 5 * len(browser.picture(empty))
    assert [one[:8] for one in seen] == [b"\x89PNG\r\n\x1a\n"] * 3
    assert [len(one) > least for one in seen] == [True] * 3
    assert len(set(seen)) == 3
