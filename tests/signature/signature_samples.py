"""Observations for the tests of this stage, written by hand."""

from __future__ import annotations

from typing import Any

from pytest_failtrack.observe.observation import Frame, Observation, Raised

TEST = Frame("tests/test_orders.py", 12, "test_total", is_project=True, is_test=True)
BUILD = Frame("src/shop/orders.py", 88, "build_order", is_project=True)
TAX = Frame("src/shop/tax.py", 31, "tax_of", is_project=True)
LIBRARY = Frame("requests/adapters.py", 700, "send")


def failure(*exceptions: Raised, **changes: Any) -> Observation:
    """Return a failed test with a chain of exceptions."""
    facts: dict[str, Any] = {
        "source": "pytest",
        "when": "call",
        "nodeid": "tests/test_orders.py::test_total",
        "outcome": "failed",
        "file": "tests/test_orders.py",
        "line": 12,
    }
    return Observation(**{**facts, **changes}, exceptions=exceptions)


def raised(
    type_: str = "ValueError",
    message: str = "boom",
    *frames: Frame,
    link: str = "",
) -> Raised:
    """Return one exception; without frames it comes from the product under a test."""
    return Raised(type_, message, frames or (TEST, BUILD), link)


def silent(outcome: str = "failed", text: str = "", **changes: Any) -> Observation:
    """Return an observation without exceptions."""
    return failure(outcome=outcome, text=text, **changes)
