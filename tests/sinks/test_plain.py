"""Untrusted text becomes one harmless line of a known width."""

from __future__ import annotations

import pytest

from pytest_failtrack.sinks.plain import cut, cut_start, display_width, plain, plain_lines

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


class TestPlain:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("KeyError: 'x'", "KeyError: 'x'", id="plain text stays"),
            pytest.param("größer 漢字", "größer 漢字", id="letters of all scripts stay"),
            pytest.param(FAMILY, FAMILY, id="joined emoji stay"),
            pytest.param("a\r\n\tb   c\x0bd", "a b c d", id="white space is one space"),
            pytest.param("a\u2028b\xa0c", "a b c", id="other white space too"),
            pytest.param("\x1b[1;31mred\x1b[0m", "red", id="colours go"),
            pytest.param("\x9b31mred", "red", id="8-bit colours go"),
            pytest.param("\x1b]8;;http://evil\x1b\\x", "x", id="links go"),
            pytest.param("\x1b]0;title\x07x", "x", id="titles go"),
            pytest.param("\x1b]0;never ended", "", id="a string without end goes"),
            pytest.param("\x1bcx\x1b", "x", id="reset and a lone escape go"),
            pytest.param("a\x00b\x08c", r"a\x00b\x08c", id="control characters are named"),
            pytest.param("a\u202eb\u2066c", r"a\u202eb\u2066c", id="bidi marks are named"),
            pytest.param("a\u200bb\ufeffc", r"a\u200bb\ufeffc", id="invisible ones are named"),
            pytest.param("a\U000e0041b", r"a\U000e0041b", id="tag characters are named"),
            pytest.param("a\ud800b", r"a\ud800b", id="lone surrogates are named"),
            pytest.param("::error::x", ": :error::x", id="workflow command"),
            pytest.param(" \n ::error::x", ": :error::x", id="indented workflow command"),
            pytest.param("a::b", "a::b", id="a node id is no command"),
            pytest.param("x ##[group]y", "x # #[group]y", id="command of old runners"),
            pytest.param("##vso[x]y", "# #vso[x]y", id="command of Azure"),
            pytest.param("## heading", "## heading", id="a heading is no command"),
        ],
    )
    def test_text(self, text: str, expected: str) -> None:
        assert plain(text) == expected

    def test_ascii_names_everything_else(self) -> None:
        assert plain("größer \N{SNOWMAN} \N{PILE OF POO}", unicode=False) == (
            r"gr\xf6\xdfer \u2603 \U0001f4a9"
        )

    def test_is_done_once(self) -> None:
        text = "\x1b[1mboom\x1b[0m ::x \u202e \ud800 ##[x]"

        assert plain(plain(text)) == plain(text)


class TestPlainLines:
    def test_keeps_lines_and_indentation(self) -> None:
        text = "def f():\n\treturn \x1b[1m1\x1b[0m\r\n>   assert 0   "

        assert plain_lines(text) == ["def f():", "    return 1", ">   assert 0"]

    def test_keeps_the_start_and_the_end_and_names_the_cut(self) -> None:
        lines = plain_lines("\n".join(map(str, range(1_000))), max_lines=4)

        assert lines == ["0", "1", "... 996 more lines ...", "998", "999"]

    def test_breaks_up_commands_at_the_start_of_any_line(self) -> None:
        assert plain_lines("a\n  ::error::b") == ["a", "  : :error::b"]


class TestWidth:
    @pytest.mark.parametrize(
        ("text", "cells"),
        [("abc", 3), ("äöü", 3), ("漢字", 4), ("e\u0301", 1), ("", 0), ("\N{SNOWMAN}", 1)],
    )
    def test_display_width(self, text: str, cells: int) -> None:
        assert display_width(text) == cells

    @pytest.mark.parametrize(
        ("text", "width", "expected"),
        [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc..."),
            ("漢字漢字", 7, "漢字..."),
            ("漢字漢字", 6, "漢..."),
            ("abcdef", 2, "ab"),
            ("abcdef", 0, ""),
        ],
    )
    def test_cut(self, text: str, width: int, expected: str) -> None:
        assert cut(text, width) == expected

    @pytest.mark.parametrize(
        ("text", "width", "expected"),
        [("abcdef", 6, "abcdef"), ("abcdefg", 6, "...efg"), ("abcdef", 2, "ef")],
    )
    def test_cut_start(self, text: str, width: int, expected: str) -> None:
        assert cut_start(text, width) == expected
