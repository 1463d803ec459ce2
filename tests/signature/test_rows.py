"""The table of token normalization: each row is held to its example, and to linear time."""

from __future__ import annotations

import re
import time
from itertools import islice, permutations

import pytest

from pytest_failtrack.signature.normalize import _normalize, is_versioned, normalize
from pytest_failtrack.signature.rows import MANY_NUMBERS, NAMES, NUMBERS, ROWS, Row

ALL = (*ROWS, NUMBERS, MANY_NUMBERS, NAMES)

# Pieces that rows are made to find, or nearly; repeated, they are what makes a pattern backtrack.
_PIECES = r"""
    a A 0 1f / /a a/ \ \\ C:\ C:\a C:/a : :: 1: 1. . .. ../ ~ ' " '/a /a@ - a- _ a1 0x 0x1 { } {'
    [ ]( 2025- Mon, 12:34 1h 1m thread Thread- worker status= HTTP exit code= GET url:/ error E1 TS1
    bin/ /site-packages/ tmp tmpabc pid1 port: commit abcdef1 datetime.date( input_value=
    input_type= fv-az1- ip-1- v1. [Errno SIG 1_ 1e file:// /a.b a.py:1 a.py: é
    b' b" \x b'A b'Aa1 eyJ eyJa. == A1a/ aA1b- -bcdfghjk- runner-a- -project- 'a', [1 <num>
"""
PIECES = [*_PIECES.split(), "a, ", "'a', ", "Sep ", "1 pm", "ab ", "<num> "]


def of(row: Row) -> str:
    return row.name


class TestExamples:
    @pytest.mark.parametrize("row", ALL, ids=of)
    def test_the_example_becomes_what_the_row_says(self, row: Row) -> None:
        assert normalize(row.example) == row.expected

    @pytest.mark.parametrize("row", ROWS, ids=of)
    def test_the_row_itself_finds_something_in_its_example(self, row: Row) -> None:
        assert re.search(row.pattern, row.example)
        assert re.search(row.needs, row.example), "the sieve would hide the row"

    @pytest.mark.parametrize("row", ALL, ids=of)
    def test_a_normalized_line_stays_as_it_is(self, row: Row) -> None:
        assert normalize(row.expected) == row.expected

    def test_every_row_has_a_name_of_its_own(self) -> None:
        assert len({row.name for row in ALL}) == len(ALL)

    def test_a_row_either_replaces_or_keeps(self) -> None:
        assert [row.name for row in ALL if row.keeps and row.placeholder] == []


class TestSieve:
    """`needs` only saves time: a line that it turns away holds nothing for its row."""

    @pytest.mark.parametrize("row", ROWS, ids=of)
    def test_the_sieve_never_hides_a_match(self, row: Row) -> None:
        pattern, needed = re.compile(row.pattern), re.compile(row.needs)
        lines = [other.example for other in ALL]
        lines += [f"{one}{other}" for one, other in permutations(PIECES, 2)]
        lines += [f"{one.example} {other}" for one in ALL for other in PIECES]

        hidden = [line for line in lines if pattern.search(line) and not needed.search(line)]

        assert hidden == []


class TestHostileInput:
    """A quadratic pattern needs minutes for what is read here in well under a second."""

    @pytest.mark.parametrize("row", ALL, ids=of)
    def test_every_pattern_is_linear(self, row: Row) -> None:
        pattern = re.compile(row.pattern)
        pairs = [f"{one}{other}" for one, other in islice(permutations(PIECES, 2), 0, None, 41)]
        for piece in (*PIECES, *pairs):
            text = piece * (16_000 // len(piece))

            started = time.process_time()
            pattern.sub("", text)

            assert time.process_time() - started < 10, f"{piece!r} repeated"


class TestVersions:
    """C-6: what a version made of a line, later versions still know."""

    NEW = [row for row in ALL if row.since > 1]

    @pytest.mark.parametrize("row", NEW, ids=of)
    def test_an_older_version_does_without_a_new_row(self, row: Row) -> None:
        assert normalize(row.example, row.since - 1) != row.expected

    @pytest.mark.parametrize("row", ALL, ids=of)
    def test_lines_that_no_such_row_concerns_are_not_read_twice(self, row: Row) -> None:
        lines = [f"{row.example} {piece}" for piece in PIECES]

        wrong = [
            line
            for line in lines
            if not is_versioned(line) and _normalize(line, 1) != _normalize(line, 2)
        ]

        assert wrong == []
