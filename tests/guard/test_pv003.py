"""PV-003: which bytes a file with a service holds."""

from __future__ import annotations

import pytest

from failtrack_guard.rules.pv003_missing_halt_guard import MissingHaltGuard


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("Service$", (b"service",)),
        ("(?:Service|UseCase)$", (b"service", b"usecase")),
        ("^Order|Service$", (b"order", b"service")),
        ("(Order|Card)Service$", None),
        ("Service.?$", None),
        ("(?i)service$", None),
        ("", None),
    ],
)
def test_the_words_of_the_pattern_are_its_needles(
    pattern: str, needles: tuple[bytes, ...] | None
) -> None:
    rule = MissingHaltGuard({"guard": "shop.halt.HaltGuard", "services": pattern})

    assert rule.needles() == needles
