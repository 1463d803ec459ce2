"""Comparisons of a rewritten assertion: what pytest's verbosity changes is left out."""

from __future__ import annotations

import pytest

from pytest_failtrack.observe.compared import bounded, without_long_values

SHORT = {
    "numbers": "assert 3 == 4",
    "texts": "assert 'open' != 'closed'",
    "a list": "assert ['a', 'b'] == []",
    "no comparison": "assert not True",
    "membership": "assert 'a' in 'a text that is far longer than twenty-eight characters'",
    "no assertion": "'a text that is far longer than twenty-eight characters' == 'b'",
}
LONG = {
    "text": (
        "assert 'aaaaaaaaaaaa...aaaaaaaaaaaaa' == 'b'",
        f"assert '{'a' * 200}' == 'b'",
        "assert '...' == 'b'",
    ),
    "text with an apostrophe far behind": (
        "assert 'aaaaaaaaaaaa...aaaaaaaaaaaaa' == 'b'",
        f"assert \"{'a' * 200}'s\" == 'b'",
        "assert '...' == 'b'",
    ),
    "list": (
        "assert ['hello', ' l...' line5', ...] == ['hello']",
        "assert ['hello', ' line1', ' line2', ' line3', ' line4', ' line5', 'last'] == ['hello']",
        "assert [...] == ['hello']",
    ),
    "many small members": (
        "assert [1, 2, 3, 4, 5, 6, ...] == (1,)",
        "assert [1, 2, 3, 4, 5, 6, 7] == (1,)",
        "assert [...] == (1,)",
    ),
    "dictionary": (
        "assert {'a': 1, 'b': ...d': 4, ...} != {}",
        "assert {'a': 1, 'b': 2, 'c': 3, 'd': 4, 'e': 5} != {}",
        "assert {...} != {}",
    ),
    "object": (
        "assert CustomerOrder...stomer='Ann') == None",
        "assert CustomerOrder(number=12345, customer='Ann') == None",
        "assert CustomerOrde... == None",
    ),
    "object with an address": (
        "assert <shop.models....0x7f3a5c0d1> == 1",
        "assert <shop.models.Order object at 0x7f3a5c0d1e80> == 1",
        "assert <shop.models... == 1",
    ),
    "bytes": (
        "assert b'aaaaaaaaaaa...aaaaaaaaaaaaa' not in b'b'",
        f"assert b'{'a' * 90}' not in b'b'",
        "assert b'...' not in b'b'",
    ),
}


@pytest.mark.parametrize("message", SHORT.values(), ids=SHORT)
def test_a_short_value_and_any_other_line_stay(message: str) -> None:
    assert without_long_values(message) == message


@pytest.mark.parametrize(("plain", "verbose", "expected"), LONG.values(), ids=LONG)
def test_a_long_value_is_the_same_however_much_of_it_is_shown(
    plain: str, verbose: str, expected: str
) -> None:
    """C-6, S4-05: `pytest` at home and `pytest -vv` in the CI see one failure."""
    assert without_long_values(plain) == expected
    assert without_long_values(verbose) == expected


def test_the_lines_below_stay() -> None:
    message = f"assert '{'a' * 50}' == 'b'\n  - b\n +  where 'a' = total()"

    assert without_long_values(message) == "assert '...' == 'b'\n  - b\n +  where 'a' = total()"


def test_of_a_line_that_cannot_be_kept_the_operator_is() -> None:
    message = f"assert '{'a' * 5_000}' == '{'b' * 5_000}'\n  + more"

    kept = bounded(message, lambda value: value[:4])

    assert kept == "assert 'aaa == 'bbb\n  + more"


@pytest.mark.parametrize(
    "message",
    [f"assert '{'a' * 900}' == 'b'", f"assert '{'a' * 5_000}'", "x" * 5_000],
    ids=["line short enough", "no comparison", "no assertion"],
)
def test_any_other_message_is_not_touched(message: str) -> None:
    assert bounded(message, lambda value: "") == message
