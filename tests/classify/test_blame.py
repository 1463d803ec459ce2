"""Infra, product, test or flaky: one word for rapid triage, S1-116."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.blame import blame_of
from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.taxonomy import Subcategory, category_of

CATALOG = load_catalog()


class TestBlame:
    @pytest.mark.parametrize(
        ("table", "word"),
        [
            ({"type": "AssertionError", "message": "assert 1 == 2", "place": "test"}, "product"),
            ({"type": "ValueError", "message": "no rate", "place": "project"}, "product"),
            ({"type": "ConnectionRefusedError", "message": "[Errno 111] refused"}, "infra"),
            ({"type": "AssertionError", "message": "", "outcome": "flaky"}, "flaky"),
            (
                {"type": "TimeoutError", "message": "", "outcome": "flaky", "place": "test"},
                "flaky",
            ),
            ({"type": "NameError", "message": "name 'x' is not defined", "place": "test"}, "test"),
            ({"source": "command", "when": "command", "exit_status": 7, "type": ""}, "unknown"),
            (
                {
                    "type": "Failed",
                    "message": "'slow' not found in `markers` configuration option",
                    "when": "collect",
                },
                "test",
            ),
            (
                {
                    "type": "RuntimeWarning",
                    "message": "coroutine 'send_mail' was never awaited",
                },
                "product",
            ),
            (
                {
                    "type": "RuntimeWarning",
                    "message": "coroutine 'send_mail' was never awaited",
                    "outcome": "flaky",
                },
                "flaky",
            ),
        ],
        ids=[
            *("assertion", "product", "infra", "flaky", "timing", "test", "silent", "mark"),
            *("forgotten-await", "await-that-came-and-went"),
        ],
    )
    def test_follows_from_the_class(self, table, word):
        assert classify(observation_of(table), CATALOG).blame == word

    def test_is_the_tests_when_the_test_is_to_be_mended(self):
        name = "INTEGRATION_DEPENDENCY_ORDER"
        assert blame_of("INTEGRATION", name, "FIX_TEST") == "test"
        assert blame_of("INTEGRATION", name, "FIX_CODE") == "product"

    @pytest.mark.parametrize("one", list(Subcategory), ids=lambda one: one.value)
    def test_is_said_of_every_class_but_the_unknown(self, one):
        word = blame_of(category_of(one).value, one.value)
        assert (word == "unknown") == (one.value in ("UNKNOWN_ROOT_CAUSE", "OTHER_NOVEL"))
