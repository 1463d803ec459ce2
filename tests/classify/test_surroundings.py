"""A value of the environment that cannot be read is the environment's: S1-116."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.surroundings import weighed_by_environment

CATALOG = load_catalog()
UNREADABLE = {
    "type": "ValueError",
    "message": "invalid literal for int() with base 10: 'ten'",
    "place": "project",
}
TEXT = """
    def test_order():
>       config = load()

tests/test_orders.py:12:
_ _ _ _

    def load(environ=os.environ):
>       return int(environ.get("SHOP_WORKERS", "4"))
E       ValueError: invalid literal for int() with base 10: 'ten'

src/shop/orders.py:88: ValueError
"""


def weigh(text, table=UNREADABLE):
    observation = replace(observation_of(table), text=text)
    return weighed_by_environment(classify(observation, CATALOG), observation)


class TestAValueOfTheEnvironment:
    def test_is_the_environments_when_it_cannot_be_read(self):
        answer = weigh(TEXT)
        assert (answer.subcategory, answer.failure_type) == ("INFRA_ENVIRONMENT", "infrastructure")
        assert not answer.is_retryable
        assert answer.reasons[1] == (
            "It was reading a variable of the environment:"
            ' `return int(environ.get("SHOP_WORKERS", "4"))` (src/shop/orders.py:88).'
        )

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("load()\n", 'load({"SHOP_WORKERS": "ten"})\n'),
            (
                "def test_order():",
                'def test_order():\n        monkeypatch.setenv("SHOP_WORKERS", "ten")',
            ),
            ("environ.get(", "settings.get("),
        ],
        ids=["handed over", "set by the test", "of something else"],
    )
    def test_is_not_when_the_test_gives_it_or_it_comes_from_elsewhere(self, old, new):
        assert old in TEXT
        assert weigh(TEXT.replace(old, new)).subcategory == "INTEGRATION_DATA_MISMATCH"

    def test_a_failing_assertion_is_left_alone(self):
        wrong = {"type": "AssertionError", "message": "assert 4 == 5", "place": "project"}
        assert weigh(TEXT, wrong).subcategory == "ARCHITECTURE_DRIFT"
