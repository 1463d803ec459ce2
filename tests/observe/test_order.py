"""The order of a run, as the options that repeat it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_failtrack.observe.order import order_of, workers_of


class Default(str):
    """A default of pytest-random-order: a text of a type of its own."""


class Wrapped:
    """The same, as older versions have it."""

    def __init__(self, value: str) -> None:
        self.value = value


class TestOrder:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({}, ""),
            ({"randomly_seed": 7}, "--randomly-seed=7"),
            (
                {"randomly_seed": 7, "randomly_reorganize": False},
                "--randomly-seed=7 --randomly-dont-reorganize",
            ),
            ({"randomly_seed": "default"}, ""),
            (
                {"random_order_seed": Default("12"), "random_order_bucket": Default("module")},
                "",
            ),
            (
                {"random_order_seed": "12", "random_order_bucket": Wrapped("module")},
                "--random-order-bucket=module --random-order-seed=12",
            ),
            (
                {
                    "random_order_enabled": True,
                    "random_order_seed": Default("12"),
                    "random_order_bucket": Default("module"),
                },
                "--random-order-bucket=module --random-order-seed=12",
            ),
            ({"random_order_seed": "12", "random_order_bucket": "none"}, ""),
            ({"random_order_seed": "$(rm x)", "random_order_bucket": "module"}, ""),
        ],
        ids=[
            "files",
            "randomly",
            "seed alone",
            "not chosen yet",
            "random-order off",
            "random-order seed",
            "random-order on",
            "no bucket",
            "no seed of ours",
        ],
    )
    def test_is_told_by_the_options(self, options: dict[str, Any], expected: str) -> None:
        assert order_of(SimpleNamespace(**options)) == expected


class TestWorkers:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({}, None),
            ({"dist": "no", "tx": []}, None),
            ({"dist": "load", "tx": ["popen"] * 4}, 4),
            ({"dist": "load", "tx": []}, None),
            ({"dist": "load"}, None),
        ],
        ids=["no xdist", "off", "four", "none", "odd"],
    )
    def test_are_counted(self, options: dict[str, Any], expected: int | None) -> None:
        assert workers_of(SimpleNamespace(**options)) == expected
