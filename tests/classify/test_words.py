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
        {
            **ASSERTED,
            "message": "assert 7 == 8",
            "nodeid": "t.py::test_two_orders_at_the_same_time",
        },
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
        {"type": "psycopg2.InterfaceError", "message": "cursor already closed"},
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
    ("exception-in-project", {**RAISED, "message": "Malformed timestamp"}),
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
# A command, what it printed, and the entry that says what it is.
PRINTED = [
    ("package-definition-invalid", "nox -s x", "nox > Sessions not found: x"),
    ("package-definition-invalid", "poetry install", "Group(s) not found: lint (via --with)"),
    (
        "package-definition-invalid",
        "hatch run ci:x",
        "Environment `ci` is not defined by project config",
    ),
    (
        "go-module-missing",
        "go build",
        "go: a.org/x@v9: reading a.org/x/go.mod: unknown revision v9",
    ),
    ("header-missing", "cl main.cpp", "LINK : fatal error LNK1104: cannot open file 'zlib.lib'"),
    (
        "ci-secret-missing",
        "codecov",
        "error - Upload failed: Token required because branch is protected",
    ),
    (
        "module-missing-printed",
        "make html",
        "Could not import extension x.y (exception: No module named 'x')",
    ),
    (
        "compiler-error",
        "flutter analyze",
        "error • Undefined name 'x' • lib/cart.dart:46:12 • undefined",
    ),
    ("compiler-error", "deno check a.ts", "error: TS2322 [ERROR]: Type 'string' is not assignable"),
    (
        "compiler-error",
        "ng build",
        "✘ [ERROR] TS2339: Property 'x' is new. [plugin angular-compiler]",
    ),
    ("coverage-under-threshold", "diff-cover c.xml", "Failure. Coverage is below 80%."),
    (
        "network-timeout",
        "uv pip install x",
        "Failed to download distribution due to network timeout.",
    ),
    ("command-not-found", "uv run x", "error: Failed to spawn: `ruff`"),
    ("image-pull", "kubectl run", 'Failed to pull image "registry.example.org/shop:x": not found'),
    ("java-version", "mvn validate", "[ERROR] Rule 0: x.RequireJavaVersion failed with message:"),
    ("migration-missing", "./manage.py makemigrations --check", "Migrations for 'shop':"),
    ("tests-of-command-failed", "./tests", "a/cart.cpp:7: FAILED:\n  REQUIRE( total == 3 )"),
    ("tests-of-command-failed", "bazel test //x", "cart/total_test.cc:7: Failure"),
    ("port-in-use", "java -jar x.jar", "Web server failed to start. Port 8080 was already in use."),
    ("port-in-use", "gunicorn x", "[ERROR] Connection in use: ('0.0.0.0', 8000)"),
    (
        "system-package-missing",
        "ansible-playbook x",
        "fatal: [w]: FAILED! => No package matching 'x' is",
    ),
    (
        "system-package-missing",
        "conan install .",
        "ERROR: Package 'fmt/9' not resolved: Unable to find it",
    ),
    (
        "mismatched-node-module",
        "npx eslint",
        'ESLint couldn\'t find the plugin "eslint-plugin-import".',
    ),
    (
        "statement-refused-printed",
        "dbt build",
        "Database Error in model errors (models/errors.sql)",
    ),
    (
        "tool-checks",
        "vendor/bin/phpstan analyse",
        "14     Access to an undefined property Cart::$errors.",
    ),
]


@pytest.mark.parametrize(
    ("entry", "command", "text"), PRINTED, ids=[f"{n}-{one[0]}" for n, one in enumerate(PRINTED)]
)
def test_what_is_printed_decides(entry: str, command: str, text: str) -> None:
    table = {"command": command, "exit_status": 1, "text": text}

    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match

    assert match is not None
    assert match.entry.id == entry


@pytest.mark.parametrize(
    ("entry", "table"), SAID, ids=[f"{n}-{one[0]}" for n, one in enumerate(SAID)]
)
def test_what_is_said_decides(entry: str, table: dict[str, Any]) -> None:
    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match

    assert match is not None
    assert match.entry.id == entry
