"""Markdown: nothing in a failure's text can become structure, and the document stays small."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from digests import DEBT, EXPIRED, FLAKY, GREEN, INFRA, NEW, REPEAT, SHOP, many, with_causes
from gold_files import assert_gold

from pytest_failtrack.sinks import markdown

ATTACKS = [
    pytest.param("a | b || c", id="table cell"),
    pytest.param("a\\| b", id="escaped table cell"),
    pytest.param("```\ncode\n```", id="fence"),
    pytest.param("`code` ``", id="code span"),
    pytest.param("**bold** _it_ ~~no~~", id="emphasis"),
    pytest.param("<script>alert(1)</script><!-- x -->", id="html"),
    pytest.param("</code></details><img src=x>", id="closing html"),
    pytest.param("[click](https://evil.example) ![i](x)", id="links"),
    pytest.param("https://evil.example www.evil.example", id="bare links"),
    pytest.param("@everyone and @shop/team", id="mentions"),
    pytest.param("fixes #12, GH-3", id="issue references"),
    pytest.param("&lt;b&gt; &#64;x", id="entities"),
    pytest.param("$\\alpha$ $$x$$", id="math"),
    pytest.param("# heading", id="heading"),
    pytest.param("- item", id="list"),
    pytest.param("12. item", id="numbered list"),
    pytest.param("a\n\n# heading\n---", id="new paragraph"),
    pytest.param("\x1b[31mred \u202e", id="escapes"),
]
# What could still start something if it stood unescaped.
STRUCTURE = re.compile(r"[\\`*\[\]<>|~$]|(?<!&)#|@|://|^[-+=]|^\d+[.)]|\n")


@pytest.mark.parametrize("text", ATTACKS)
class TestUntrustedText:
    def test_as_text_has_no_structure(self, text: str) -> None:
        assert not STRUCTURE.search(markdown.escape(text))

    def test_as_code_has_no_structure(self, text: str) -> None:
        inner = markdown.code(text).removeprefix("<code>").removesuffix("</code>")

        assert not re.search(r"[\\`*\[\]<>|~$@\n]|(?<!&)#|://", inner)

    def test_reads_as_it_was_written(self, text: str) -> None:
        shown = html.unescape(markdown.escape(text)).replace("\u200b", "")

        assert shown == markdown.plain(text)

    def test_keeps_the_table_whole(self, text: str) -> None:
        cause = replace(NEW, headline=text, file=text, owner=text, severity=text)

        rows = [row for row in markdown.render(with_causes(cause)).split("\n") if row[:1] == "|"]

        assert [row.count("|") for row in rows] == [8, 8, 8]

    def test_cannot_leave_a_block(self, text: str) -> None:
        block = markdown.code_block(text)

        fence = block.partition("text\n")[0]
        assert set(fence) == {"`"}
        assert block.endswith(f"\n{fence}")
        assert fence not in text


class TestEscape:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("KeyError in build_order(x)", "KeyError in build_order(x)"),
            ("@team", "&#64;&#8203;team"),
            ("fixes #12", "fixes &#35;&#8203;12"),
            ("https://x.y", "https&#8203;&#58;//x.y"),
            ("_private_", "&#95;private&#95;"),
            ("0.3% at 03:25:53", "0.3% at 03:25:53"),
            ("1. a", "1&#46; a"),
            (":smile:", "&#58;smile:"),
            ("a.py:100: b", "a.py&#58;100: b"),
            ("a.py:101: b", "a.py:101: b"),
        ],
    )
    def test_text(self, text: str, expected: str) -> None:
        assert markdown.escape(text) == expected

    def test_code_of_nothing_is_nothing(self) -> None:
        assert markdown.code("") == ""


class TestLink:
    def test_takes_web_addresses(self) -> None:
        assert markdown.link("build 1", "https://ci.example/1") == "[build 1](https://ci.example/1)"

    @pytest.mark.parametrize(
        "url", ["", "javascript:alert(1)", "https://x) [y](https://z", "https://x y", "data:x"]
    )
    def test_leaves_out_everything_else(self, url: str) -> None:
        assert markdown.link("build 1", url) == "build 1"


class TestRender:
    def test_shop(self) -> None:
        assert_gold("digest.md", markdown.render(with_causes(NEW, REPEAT, INFRA, FLAKY, EXPIRED)))

    def test_green_run(self) -> None:
        assert_gold("digest_green.md", markdown.render(GREEN))

    def test_counts_what_it_leaves_out(self) -> None:
        text = markdown.render(many(5_000))

        assert "4,950 more: <code>failtrack list</code>" in text
        assert text.count("<details>") == 10
        assert len(text) < 100_000

    def test_counts_the_tests_it_leaves_out(self) -> None:
        assert "21 more tests: <code>failtrack show 9c41d07be2a5</code>" in markdown.render(SHOP)

    def test_debt_is_named(self) -> None:
        assert "**Debt:** 14 skips, 3 xfail" in markdown.render(replace(GREEN, debt=DEBT))

    def test_long_text_is_cut(self) -> None:
        cause = replace(NEW, headline="x" * 50_000_000, nodeids=("y" * 1_000_000,))

        assert len(markdown.render(with_causes(cause))) < 10_000


class TestMaxBytes:
    @pytest.mark.parametrize("room", [500, 1_000, 5_000, 20_000])
    def test_shows_as_many_causes_as_fit(self, room: int) -> None:
        digest = many(200)

        text = markdown.render(digest, max_bytes=room)

        assert 0 < len(text.encode()) <= room
        assert "more: <code>failtrack list</code>" in text

    def test_bytes_count_not_characters(self) -> None:
        digest = with_causes(replace(NEW, headline="漢" * 300))
        whole = markdown.render(digest)

        assert markdown.render(digest, max_bytes=len(whole.encode())) == whole
        assert markdown.render(digest, max_bytes=len(whole)) != whole

    def test_is_empty_without_room_for_the_headline(self) -> None:
        assert markdown.render(SHOP, max_bytes=20) == ""


def test_where_it_lies_stands_before_the_class_and_the_evidence_after_it():
    """S1-116"""
    text = markdown.render(with_causes(replace(NEW, blame="flaky", evidence="It passed before.")))

    assert (
        "- flaky <code>INTEGRATION / INTEGRATION_DATA_MISMATCH</code>\n- It passed before" in text
    )
