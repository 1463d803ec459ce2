"""What the catalog makes of values and names that carry their cause with them (C-20, C-31)."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.match import find_match

CATALOG = load_catalog(project_packages=("shop",))
ASSERTED: dict[str, Any] = {"type": "AssertionError", "place": "test"}
MASKED = "tests/test_log.py::test_password_is_masked"
SAID = [
    (
        "coroutine-never-awaited",
        {**ASSERTED, "message": "assert {'a': <coroutine object load at 0x7f>} == {'a': 2}"},
    ),
    ("assertion-failed", {**ASSERTED, "message": "assert {'a': 'coroutine object'} == {'a': 2}"}),
    (
        "coroutine-never-awaited",
        {"type": "TypeError", "message": "'coroutine' object is not iterable"},
    ),
    (
        "registered-twice",
        {
            "type": "ValueError",
            "message": "handler 'echo' is registered already",
            "place": "project",
        },
    ),
    (
        "exception-in-project",
        {"type": "ValueError", "message": "handler 'echo' is not registered", "place": "project"},
    ),
    (
        "values-do-not-mix",
        {
            "type": "TypeError",
            "message": "sequence item 0: expected str instance, int found",
            "place": "project",
        },
    ),
    (
        "values-do-not-mix",
        {"type": "TypeError", "message": "can't concat str to bytes", "place": "project"},
    ),
    (
        "values-do-not-mix",
        {
            "type": "TypeError",
            "message": 'can only concatenate list (not "bytes") to list',
            "place": "project",
        },
    ),
    (
        "exception-in-project",
        {
            "type": "TypeError",
            "message": 'can only concatenate str (not "NoneType") to str',
            "place": "project",
        },
    ),
    (
        "values-do-not-mix",
        {
            "type": "TypeError",
            "message": "'<' not supported between instances of 'list' and 'tuple'",
            "place": "project",
        },
    ),
    (
        "values-do-not-mix",
        {
            "type": "ValueError",
            "message": "not enough values to unpack (expected 4, got 3)",
            "place": "project",
        },
    ),
    (
        "test-uses-result",
        {
            "type": "ValueError",
            "message": "not enough values to unpack (expected 4, got 3)",
            "place": "test",
        },
    ),
    (
        "signature-mismatch",
        {
            "type": "TypeError",
            "message": "object int can't be used in 'await' expression",
            "place": "project",
        },
    ),
    (
        "coroutine-never-awaited",
        {"type": "TypeError", "message": "object coroutine can't be used as a context manager"},
    ),
    ("permission-denied", {"type": "OSError", "message": "[Errno 5] Input/output error"}),
    (
        "exception-in-project",
        {"type": "TypeError", "message": "expected an order, str found", "place": "project"},
    ),
    (
        "environment-variable-missing",
        {"type": "KeyError", "message": "'SHOP_DSN'", "place": "test", "raised_in": "<frozen os>"},
    ),
    ("key-missing-in-test", {"type": "KeyError", "message": "'SHOP_DSN'", "place": "test"}),
    (
        "exception-in-project",
        {"type": "KeyError", "message": "'the cache is empty'", "place": "project"},
    ),
    ("key-missing", {"type": "KeyError", "message": "'unit price'", "place": "project"}),
    (
        "assertion-about-secrets",
        {**ASSERTED, "message": "assert 'hunter2' not in 'login hunter2'", "nodeid": MASKED},
    ),
    ("assertion-failed", {**ASSERTED, "message": "assert 'x' == 'y'", "nodeid": MASKED}),
    (
        "assertion-about-state",
        {
            **ASSERTED,
            "message": "assert {1: 2} == {}",
            "nodeid": "t.py::test_payloads_are_their_own",
        },
    ),
    (
        "assertion-failed",
        {**ASSERTED, "message": "assert {1: 2} == {}", "nodeid": "t.py::test_owner_of_payloads"},
    ),
]


@pytest.mark.parametrize(
    ("entry", "table"), SAID, ids=[f"{n}-{entry}" for n, (entry, _) in enumerate(SAID)]
)
def test_what_is_said_decides(entry, table):
    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match
    assert match is not None
    assert match.entry.id == entry
