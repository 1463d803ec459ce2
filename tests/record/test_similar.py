"""Similarity of stack tokens."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.record.similar import Neighbours, similarity

WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "zeta", "eta"]), max_size=8)
TOKENS = st.builds(
    lambda kind, words, place: f"{kind}: {' '.join(words)}{place}",
    st.sampled_from(["KeyError", "ValueError"]),
    WORDS,
    st.sampled_from(["", " @ src/a.py:f", " @ src/b.py:g"]),
)


class TestSimilarity:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            ("KeyError: 'a_b' @ f.py:g", "KeyError: 'a_b' @ other.py:h", 1.0),
            ("KeyError: 'a_b' @ f.py:g", "KeyError: 'c_d' @ f.py:g", 0.0),
            ("KeyError: 'a_b'", "ValueError: 'a_b'", 0.0),
            ("assert <num> == <num> @ f.py:g", "assert <num> != <num> @ f.py:g", 1.0),
            ("assert <num> == <num> @ f.py:g", "assert <num> == <num> @ f.py:h", 0.0),
            ("no-stack", "no-stack", 0.0),
            ("E: one two three four", "E: one two three five", 0.75),
        ],
    )
    def test_of(self, one, other, expected):
        assert similarity(one, other) == expected

    @given(TOKENS, TOKENS)
    def test_is_symmetric_and_between_0_and_1(self, one, other):
        assert similarity(one, other) == similarity(other, one)
        assert 0 <= similarity(one, other) <= 1

    @given(st.text(), st.text())
    def test_takes_any_text(self, one, other):
        assert 0 <= similarity(one, other) <= 1


class TestWhoItIsAbout:
    """Two tests that fail in one manner over different things are not one cause come back."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("NameError: name 'foo' is not defined", "NameError: name 'bar' is not defined"),
            (
                "AttributeError: 'User' object has no attribute 'name'",
                "AttributeError: 'User' object has no attribute 'balance'",
            ),
            (
                "TypeError: f() got an unexpected keyword argument 'alpha'",
                "TypeError: f() got an unexpected keyword argument 'beta'",
            ),
            (
                "ValueError: invalid literal for the field price @ shop/a.py:price",
                "ValueError: invalid literal for the field email @ shop/b.py:email",
            ),
        ],
    )
    def test_other_names_and_other_places_are_not_alike(self, one: str, other: str) -> None:
        assert similarity(one, other) == 0.0

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (
                "ValueError: the field 'price' is not a valid number @ shop/a.py:price",
                "ValueError: the field 'price' is no valid number @ shop/a.py:price",
            ),
            ("KeyError: 'price' @ shop/a.py:one", "KeyError: 'price' @ shop/b.py:two"),
        ],
    )
    def test_the_same_names_are(self, one: str, other: str) -> None:
        assert similarity(one, other) > 0.7


class TestNeighbours:
    @given(st.lists(TOKENS, max_size=30), TOKENS, st.sampled_from([0.5, 0.8, 1.0]))
    def test_find_what_comparing_with_each_finds(self, tokens, wanted, threshold):
        neighbours = Neighbours()
        for index, token in enumerate(tokens):
            neighbours.add(str(index), token)

        assert neighbours.near(wanted, threshold) == {
            str(index)
            for index, token in enumerate(tokens)
            if similarity(wanted, token) >= threshold
        }

    def test_five_thousand_among_five_thousand_take_seconds_at_most(self):
        neighbours = Neighbours()
        tokens = [f"ValueError: order {i} of customer c{i} has total t{i}" for i in range(5_000)]
        for token in tokens:
            neighbours.add(token, token)

        before = time.process_time()
        for token in tokens:
            assert token in neighbours.near(token, 0.8)

        assert time.process_time() - before < 10
