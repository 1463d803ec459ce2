"""Patterns are compiled behind their literals; shipped patterns stay linear."""

from __future__ import annotations

import sys
import time

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.examples import load_examples
from pytest_failtrack.classify.pattern import Pattern

if sys.version_info >= (3, 11):
    from re import _constants, _parser
else:
    import sre_constants as _constants
    import sre_parse as _parser


def shipped_patterns() -> list[Pattern]:
    found: list[Pattern] = []
    for entry in load_catalog().entries.values():
        found += [*entry.patterns, *entry.excluded, *(pair.pattern for pair in entry.pairs)]
    return found


def texts_of_examples() -> list[str]:
    found = []
    for tables in load_examples().values():
        for name in ("example", "counter_example"):
            table = tables.get(name, {})
            found += [str(table[key]) for key in ("message", "text") if key in table]
    return found


SHIPPED = shipped_patterns()


class TestPattern:
    def test_it_ignores_case(self):
        assert Pattern("Connection Refused").is_in("CONNECTION refused", "connection refused")

    def test_it_sees_each_line(self):
        assert Pattern("^make: ").is_in("gcc\nmake: x", "gcc\nmake: x")

    def test_it_is_compiled_only_when_all_that_it_needs_is_seen(self):
        pattern = Pattern(r"secret .{0,9} in [ the log")  # no regex: compiling it would raise
        said = "no secret stands here in [ full"
        assert not pattern.is_in(said, said)

    def test_it_is_found_wherever_its_regex_is(self):
        texts = dict.fromkeys(texts_of_examples())
        joined = "\n".join(texts)
        found = 0
        for pattern in SHIPPED:
            if pattern.is_in(joined, joined.lower()):
                regex = pattern.compile()
                hits = [one for one in texts if regex.search(one)]
                assert all(pattern.is_in(one, one.lower()) for one in hits), pattern
                found += len(hits)
        assert found > len(SHIPPED) // 2

    def test_it_is_compiled_only_when_its_literal_is_seen(self):
        pattern = Pattern("refused by [ the")  # no regex: compiling it would raise
        assert not pattern.is_in("all is well", "all is well")

    def test_the_shipped_patterns_compile(self):
        assert all(one.compile() for one in SHIPPED)

    def test_what_is_tried_on_every_text_has_a_literal_that_sieves(self):
        rules = load_catalog().patterns.rules
        assert [one.pattern.text for one in rules if min(map(len, one.literals)) < 4] == []


class TestHostileInput:
    def test_the_repetitions_of_shipped_patterns_are_bounded_and_not_nested(self):
        offenders = [
            pattern.text
            for pattern in SHIPPED
            for high, depth in _repetitions(_parser.parse(pattern.text))
            if high == _constants.MAXREPEAT or (depth and high > 8)
        ]
        assert offenders == []

    def test_an_unbounded_and_a_nested_repetition_would_be_seen(self):
        assert list(_repetitions(_parser.parse("a+"))) == [(_constants.MAXREPEAT, 0)]
        assert (80, 1) in _repetitions(_parser.parse("(a{1,80}){1,9}"))

    @pytest.mark.parametrize(
        "unit", ["(", "'", "\\", "a ", "Error: ", "E   ", "1", "No module named ", "npm ERR! "]
    )
    def test_a_long_text_costs_what_its_length_says(self, unit):
        def seconds(length: int) -> float:
            text = (unit * length)[:length]
            lowered = text.lower()
            start = time.process_time()
            for pattern in SHIPPED:
                pattern.is_in(text, lowered)
            return time.process_time() - start

        for pattern in SHIPPED:
            pattern.compile()
        seconds(2_000)
        short = min(seconds(2_000) for _ in range(3))
        long = min(seconds(20_000) for _ in range(3))
        assert long < 60 * short + 1


def _repetitions(tree, depth=0):
    for operation, argument in tree:
        if operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            _, high, inner = argument
            yield high, depth
            yield from _repetitions(inner, depth + (high > 1))
        elif operation is _constants.SUBPATTERN:
            yield from _repetitions(argument[-1], depth)
        elif operation is _constants.BRANCH:
            for branch in argument[1]:
                yield from _repetitions(branch, depth)
