"""The sieve gives exactly the rules whose literal is in a text, in their order."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.classify.sieve import SHORT_CHARS, Sieve


class Rule(NamedTuple):
    literal: str


TEXTS = st.text(alphabet="abc ", max_size=30)


class TestSieve:
    @given(st.lists(TEXTS, max_size=20), TEXTS)
    def test_gives_the_rules_whose_literal_is_in_the_text(self, literals, text):
        rules = [Rule(one) for one in literals]
        found = list(Sieve(rules).candidates(text))
        assert found == [one for one in rules if one.literal in text]

    @pytest.mark.parametrize("more", [-2, -1, 0, 1, 10])
    def test_gives_the_same_for_short_and_for_long_texts(self, more):
        rules = [Rule("no space left"), Rule(""), Rule("xy"), Rule("refused")]
        text = "x" * (SHORT_CHARS - len("no space left") + more) + "no space left"
        assert list(Sieve(rules).candidates(text)) == rules[:2]

    def test_holds_on_to_the_order_of_the_rules(self):
        rules = [Rule("refused"), Rule("connection"), Rule("refused")]
        assert list(Sieve(rules).candidates("connection refused")) == rules
