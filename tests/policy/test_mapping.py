"""S0-18: what a project asks of every test, and which tests do not answer."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.mapping import mapping_rules


def missing(table: dict[str, Any], *marks: str, file: str = "tests/test_a.py") -> tuple[str, ...]:
    """Return what a test with these marks lacks."""
    return mapping_rules(table).missing(file, lambda name: name in marks)


EACH = {"mapping": {"require": ["component", "requirement"]}}
ONE = {"mapping": {"require_any": ["component", "requirement"]}}


class TestMissing:
    def test_nothing_is_asked_by_default(self) -> None:
        assert not mapping_rules({}).is_on
        assert missing({}) == ()

    @pytest.mark.parametrize(
        ("table", "marks", "expected"),
        [
            pytest.param(EACH, (), ("component", "requirement"), id="each-of-none"),
            pytest.param(EACH, ("component",), ("requirement",), id="each-of-one"),
            pytest.param(EACH, ("component", "requirement"), (), id="each-of-both"),
            pytest.param(ONE, (), ("component or requirement",), id="any-of-none"),
            pytest.param(ONE, ("requirement",), (), id="any-of-one"),
        ],
    )
    def test_each_or_one_of_the_marks(
        self, table: dict[str, Any], marks: tuple[str, ...], expected: tuple[str, ...]
    ) -> None:
        assert missing(table, *marks) == expected

    def test_a_path_that_names_a_component_needs_no_mark_for_it(self) -> None:
        table = EACH | {"components": {"tests/shop/": "shop"}}

        assert missing(table, file="tests/shop/test_a.py") == ("requirement",)
        assert missing(table) == ("component", "requirement")

    def test_nothing_is_asked_of_what_is_excluded(self) -> None:
        table = {"mapping": {"require": ["story"], "exclude": ["tests/smoke/"]}}

        assert missing(table, file="tests/smoke/test_a.py") == ()
        assert missing(table) == ("story",)


class TestConfiguration:
    @pytest.mark.parametrize(
        "table",
        [
            pytest.param({"requires": ["component"]}, id="unknown-key"),
            pytest.param({"require": "component"}, id="no-list"),
            pytest.param({"require": ["not a name"]}, id="no-name"),
            pytest.param({"exclude": [1]}, id="no-text"),
        ],
    )
    def test_what_is_not_allowed_is_refused_by_name(self, table: dict[str, Any]) -> None:
        with pytest.raises(ConfigError, match=r"tool\.failtrack\.mapping"):
            mapping_rules({"mapping": table})
