"""Another exception than the test expects is the code's, not the data's: C-31."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.otherwise import RAISED_OTHERWISE, weighed_by_expectation

CATALOG = load_catalog()
LACKS = {"type": "KeyError", "message": "'customer'", "place": "project"}
EXPECTING = """
    def test_order():
        build("a")
        with pytest.raises(ShopError, match="taken"):
>           build("a")

tests/test_orders.py:12:
"""
LATER = EXPECTING.replace(
    'match="taken"):', 'match="taken"):\n            build("b")\n        done = 1'
)
OPENING = EXPECTING.replace(
    'with pytest.raises(ShopError, match="taken"):', "with opened(build) as it:"
)
ON_ONE_LINE = EXPECTING.replace(
    'build("a")\n\ntests', 'self.assertRaises(ShopError, build, "a")\n\ntests'
)


def weigh(table, text):
    observation = replace(observation_of(table), text=text)
    return weighed_by_expectation(classify(observation, CATALOG), observation)


class TestAnotherExceptionThanExpected:
    @pytest.mark.parametrize("text", [EXPECTING, ON_ONE_LINE], ids=["with", "call"])
    def test_is_a_check_that_is_gone(self, text):
        answer = weigh(LACKS, text)
        assert (answer.subcategory, answer.confidence) == ("ARCHITECTURE_DRIFT", RAISED_OTHERWISE)
        assert answer.reasons[1].startswith("The test expected another exception than KeyError: `")

    @pytest.mark.parametrize("text", ["", OPENING, LATER], ids=["unseen", "other with", "after it"])
    def test_says_nothing_where_none_was_expected(self, text):
        assert weigh(LACKS, text).subcategory == "INTEGRATION_DATA_MISMATCH"

    @pytest.mark.parametrize(
        ("table", "subcategory"),
        [
            (
                {"type": "TypeError", "message": "build() got an unexpected keyword argument 'x'"},
                "INTEGRATION_API_MISMATCH",
            ),
            (
                {"type": "ConnectionRefusedError", "message": "[Errno 111] Connection refused"},
                "INFRA_NETWORK",
            ),
        ],
        ids=["signature", "network"],
    )
    def test_leaves_alone_what_is_known_by_its_message(self, table, subcategory):
        assert weigh({**table, "place": "project"}, EXPECTING).subcategory == subcategory
