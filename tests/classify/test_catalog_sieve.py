"""The sieve gives exactly the rules one of whose literals is in a text, in their order."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.classify.sieve import MANY, Sieve


class Rule(NamedTuple):
    literals: tuple[str, ...]


TEXTS = st.text(alphabet="abc ", max_size=30)
OTHERS = [Rule((f"nothing like {number} is in any text",)) for number in range(MANY)]
"""With them a sieve has so many rules that it cuts texts into pieces."""


class TestSieve:
    @given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=20), TEXTS)
    def test_gives_the_rules_one_of_whose_literals_is_in_the_text(self, literals, text):
        rules = [Rule(tuple(one)) for one in literals]
        true = [rule for rule in rules if any(one in text for one in rule.literals)]
        assert Sieve(rules).candidates(text) == true
        assert Sieve([*OTHERS, *rules]).candidates(text) == true

    @pytest.mark.parametrize("before", [0, 1, 2, 3, 4, 5, 2_000, 2_001, 50_000])
    def test_gives_the_same_wherever_it_stands_in_the_text(self, before):
        rules = [Rule(("no space left",)), Rule(("",)), Rule(("xy",)), Rule(("refused",))]
        text = "x" * before + "no space left"
        assert Sieve([*rules, *OTHERS]).candidates(text) == rules[:2]

    def test_holds_on_to_the_order_of_the_rules(self):
        rules = [Rule(("refused",)), Rule(("connection", "refused")), Rule(("refused",))]
        assert Sieve([*rules, *OTHERS]).candidates("connection refused") == rules
