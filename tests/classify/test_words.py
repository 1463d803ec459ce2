"""Words with which tests and code say what is wrong, each with its neighbour (S0-6..54, C-31)."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.match import find_match

CATALOG = load_catalog(project_packages=("shop",))
ASSERTED: dict[str, Any] = {"type": "AssertionError", "place": "test"}
RAISED: dict[str, Any] = {"type": "shop.errors.ShopError", "place": "project"}
SAID = [
    ("assertion-about-time", {**ASSERTED, "message": "job a1 not done after 10 s\nassert False"}),
    ("assertion-about-time", {**ASSERTED, "message": "mail is still queued"}),
    ("assertion-about-time", {**ASSERTED, "message": "took 3.2 s, at most 1 s\nassert False"}),
    ("assertion-failed", {**ASSERTED, "message": "job a1 not done, 10 left\nassert False"}),
    (
        "assertion-about-concurrency",
        {**ASSERTED, "message": "assert 7 == 8", "nodeid": "t.py::test_count_with_many_threads"},
    ),
    (
        "assertion-about-concurrency",
        {**ASSERTED, "message": "assert 7 == 8", "nodeid": "t.py::test_two_orders_at_once"},
    ),
    (
        "assertion-failed",
        {**ASSERTED, "message": "assert 7 == 8", "nodeid": "t.py::test_thread_name"},
    ),
    ("assertion-about-state", {**ASSERTED, "message": "orders are not rolled back"}),
    ("assertion-about-state", {**ASSERTED, "message": "index is out of sync with the store"}),
    ("assertion-failed", {**ASSERTED, "message": "orders are not sorted"}),
    ("assertion-about-secrets", {**ASSERTED, "message": "secrets found in settings.py: AWS key"}),
    ("assertion-failed", {**ASSERTED, "message": "assert 'secret' == 'secrets'"}),
    ("assertion-about-documents", {**ASSERTED, "message": "tax.py has no license header"}),
    ("assertion-failed", {**ASSERTED, "message": "no license for Ann"}),
    ("waiver-expired", {"type": "Failed", "message": "waiver W-12 expired on 2026-10-01"}),
    ("assertion-failed", {"type": "Failed", "message": "voucher W-12 expired on 2026-10-01"}),
    (
        "used-after-close",
        {"type": "psycopg2.InterfaceError", "message": "connection already closed"},
    ),
    (
        "database-unreachable",
        {
            "type": "psycopg2.OperationalError",
            "message": "server closed the connection unexpectedly",
        },
    ),
    ("used-after-close", {"type": "RuntimeError", "message": "release unlocked lock"}),
    ("called-too-early", {**RAISED, "message": "registry is not initialised: call setup() first"}),
    ("exception-in-project", {**RAISED, "message": "registry is empty"}),
    (
        "parametrize-mismatch",
        {
            "type": "TypeError",
            "message": "test_order() missing 1 required positional argument: 'rate'",
        },
    ),
    (
        "signature-mismatch",
        {"type": "TypeError", "message": "order() missing 1 required positional argument: 'rate'"},
    ),
    ("contract-violated", {**RAISED, "message": "unsupported protocol version 3, expected 2"}),
    ("schema-incompatible", {**RAISED, "message": "unknown schema version 7"}),
    ("exception-in-project", {**RAISED, "message": "unknown version of the shop"}),
    ("data-damaged", {**RAISED, "message": "message of the queue is malformed"}),
    ("exception-in-project", {**RAISED, "message": "message of the queue is unwanted"}),
    (
        "values-do-not-mix",
        {**RAISED, "type": "TypeError", "message": 'can only concatenate str (not "int") to str'},
    ),
    (
        "values-do-not-mix",
        {
            **RAISED,
            "type": "TypeError",
            "message": "unsupported operand type(s) for +: 'int' and 'str'",
        },
    ),
    (
        "exception-in-project",
        {
            **RAISED,
            "type": "TypeError",
            "message": "unsupported operand type(s) for +: 'int' and 'NoneType'",
        },
    ),
    (
        "format-invalid",
        {
            **RAISED,
            "type": "AttributeError",
            "message": "Can't get attribute 'Old' on <module 'shop.orders' from 'orders.py'>",
        },
    ),
    (
        "exception-in-project",
        {**RAISED, "type": "AttributeError", "message": "Can't get local object 'f.<locals>.g'"},
    ),
    ("told-of-another-system", {**RAISED, "message": "the provider answered with status 429"}),
    ("exception-in-project", {**RAISED, "message": "the provider answered with 5 parcels"}),
    ("told-of-request", {**RAISED, "message": "the provider returned HTTP 422"}),
    ("told-of-settings", {**RAISED, "message": "invalid configuration: no 'host'"}),
    ("told-of-time", {**RAISED, "message": "gave up after 5 attempts"}),
    ("told-of-answer", {**RAISED, "message": "header of the file is missing"}),
    (
        "test-returned-value",
        {"type": "Failed", "message": "Expected None, but test_a.py::test returned True. Did"},
    ),
    (
        "mock-unprepared",
        {"type": "TypeError", "message": "Object of type MagicMock is not JSON serializable"},
    ),
    (
        "values-do-not-mix",
        {
            **RAISED,
            "type": "TypeError",
            "message": "Object of type Decimal is not JSON serializable",
        },
    ),
    (
        "assertion-about-contract",
        {**ASSERTED, "message": "openapi.json is stale, run `make schema`\nassert False"},
    ),
    (
        "assertion-about-state",
        {**ASSERTED, "message": "assert {1} == {}", "nodeid": "t.py::test_a_new_cache_is_empty"},
    ),
    ("environment-variable-unset", {**RAISED, "message": "SHOP_PORT must be a number, is 'abc'"}),
    ("exception-in-project", {**RAISED, "message": "PORT must be a number, is 'abc'"}),
    ("not-implemented-printed", {**RAISED, "message": "partial refunds are not implemented"}),
    ("exception-in-project", {**RAISED, "message": "partial refunds are not allowed"}),
    (
        "definitions-conflict",
        {**RAISED, "type": "TypeError", "message": "duplicate base class Order"},
    ),
    (
        "client-connection",
        {
            "type": "tenacity.RetryError",
            "message": "RetryError[<Future at 0x7f state=finished raised ConnectionError>]",
        },
    ),
]


@pytest.mark.parametrize(
    ("entry", "table"), SAID, ids=[f"{n}-{one[0]}" for n, one in enumerate(SAID)]
)
def test_what_is_said_decides(entry: str, table: dict[str, Any]) -> None:
    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match

    assert match is not None
    assert match.entry.id == entry
