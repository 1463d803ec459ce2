"""The literals of a pattern: one of them is in everything that the pattern matches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_failtrack.literals import ALTERNATIVES_MAX, ALWAYS, further_literals, needed_literals

PARTS = ["a", "b", r"\.", r"\d", "[ab]", "[^c]", "(a|b)", "(b)?", "c?", "d*", "e+", "f{0,2}", "."]
PARTS += ["(", "(?:", "(?P<g>", "(?=", "(?!", "(?<!", ")", ")?", ")+", "){0,2}", "|", "cd", "ef"]


class TestNeededLiterals:
    @pytest.mark.parametrize(
        ("pattern", "literals"),
        [
            ("Connection refused", ("Connection refused",)),
            (r"\[Errno 28\]", ("[Errno 28]",)),
            (r"worker '[^']{1,20}' crashed", ("' crashed",)),
            (r"5\d\d Server Error", (" Server Error",)),
            (r"errors?:", ("error",)),
            (r"colou*r", ("colo",)),
            (r"ab{0,3}c", ("a",)),
            (r"go+gle", ("gle",)),
            (r"(one|two) three", (" three",)),
            (r"[(]x[)]yes", ("yes",)),
            (r"a[]b]cde", ("cde",)),
        ],
    )
    def test_of_what_follows_each_other_the_longest_text_counts(self, pattern, literals):
        assert needed_literals(pattern) == literals

    @pytest.mark.parametrize(
        ("pattern", "literals"),
        [
            ("one|two", ("one", "two")),
            ("(one|two)", ("one", "two")),
            (r"\b(?:did not|never)\b .{1,9}", ("did not", "never")),
            ("(?P<way>up|down)+", ("up", "down")),
            ("((a|b)c|dd)e", ("e",)),
            ("x(one|two)?", ("x",)),
            ("x(?:one|two)*", ("x",)),
            ("x(?:one|two){0,3}", ("x",)),
            ("x(?=seven)", ("x",)),
            ("x(?!seven)", ("x",)),
            ("(?<=seven)x", ("x",)),
            ("(?<!seven)x", ("x",)),
            (r"^README\b.{0,9}\b(missing|not found|does not|is empty)\b", ("README",)),
        ],
    )
    def test_of_alternatives_each_counts(self, pattern, literals):
        assert needed_literals(pattern) == literals

    def test_spaces_and_what_each_assertion_begins_with_count_little(self):
        assert needed_literals(r"\d= \d='\d") == ("='",)
        assert needed_literals(r"^assert .{0,80}\b(took|elapsed)\b") == ("took", "elapsed")
        assert needed_literals("^assert .{0,80}x") == ("assert ",)

    @pytest.mark.parametrize(
        "pattern",
        [r"\d\d", "", "one|", r"one|\d", "(one|)", "(?s)one", "(?i:one)", "naïve", "(?(1)a|b)c"],
    )
    def test_nothing_is_known_of_the_rest(self, pattern):
        assert needed_literals(pattern) == ALWAYS

    def test_nothing_is_known_of_what_has_too_many_alternatives(self):
        names = [f"name{number}" for number in range(ALTERNATIVES_MAX + 1)]
        assert needed_literals("|".join(names)) == ALWAYS
        assert needed_literals("|".join(names[1:])) == tuple(names[1:])

    @pytest.mark.parametrize(
        ("pattern", "further"),
        [
            ("Connection refused", ()),
            (
                r"(secret|password)\b.{0,9}\bin (the )?(log|output)",
                (("log", "output"), ("in ",)),
            ),
            ("one.two.three", (("one",), ("two",))),
            ("(?:one (two|three)).four", (("two", "three"), ("one ",))),
            ("one(two)?(?:three)*.four", (("one",),)),
            ("(one.four|two.five).three", (("four", "five"),)),
            ("a.three", ()),
        ],
    )
    def test_what_else_is_needed_tells_more_than_a_letter(self, pattern, further):
        assert set(further_literals(pattern)) == set(further)

    @given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=10).map("".join))
    @settings(max_examples=500, deadline=None)
    def test_one_is_in_whatever_the_pattern_matches(self, pattern):
        groups = [needed_literals(pattern), *further_literals(pattern)]
        try:
            regex = re.compile(pattern)
        except re.error:
            return
        for text in ("ab.c1def" * 3, "aabb..", "a1b.cdeff", "eeff.ab", "cd", "b", ""):
            for found in regex.finditer(text):
                assert all(any(one in found[0] for one in literals) for literals in groups)
