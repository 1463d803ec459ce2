"""Tracebacks as text: pytest's styles and Python's own come to the exceptions they tell of."""

from __future__ import annotations

import pytest

from pytest_failtrack.observe.observation import Raised
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.stacks.python import exceptions_of, syntax_place

PLACES = Places("/w/shop", str)


def chain(text: str) -> list[tuple[str, str, str]]:
    """Return type, message and link of each exception."""
    return [(one.type, one.message, one.link) for one in exceptions_of(text, PLACES)]


def frames(text: str) -> list[list[tuple[str, int, str]]]:
    """Return the frames of each exception."""
    found = exceptions_of(text, PLACES)
    return [[(each.file, each.line, each.function) for each in one.frames] for one in found]


LONG = """\
data = {}

    def wrap(data):
        try:
>           build(data)

src/shop/orders.py:18:
_ _ _ _ _ _ _ _ _ _ _ _

    def build(data):
>       return [row["a"] for row in data]

src/shop/orders.py:6:
_ _ _ _ _ _ _ _ _ _ _ _

.0 = <list_iterator object at 0x7f5e611699f0>

>   return [row["a"] for row in data]
E   KeyError: 'a'

src/shop/orders.py:6: KeyError

The above exception was the direct cause of the following exception:

    def test_chain():
>       orders.wrap({})

tests/test_orders.py:49:
_ _ _ _ _ _ _ _ _ _ _ _

    async def wrap(data):
>           raise OutOfStock("none") from error
E           shop.errors.OutOfStock: none
E             second line
E           third line

src/shop/orders.py:20: OutOfStock
"""
SHORT = """\
tests/test_orders.py:49: in test_chain
    orders.wrap({})
src/shop/orders.py:20: in wrap
    raise OutOfStock("none")
E   shop.errors.OutOfStock: none

During handling of the above exception, another exception occurred:
tests/test_orders.py:50: in test_chain
    clean()
/opt/python/lib/python3.12/json/decoder.py:9: in clean
    ???
E   ValueError
"""
NATIVE = """\
Traceback (most recent call last):
  File "/w/shop/tests/test_orders.py", line 49, in test_chain
    orders.wrap({})
  File "/v/lib/python3.12/site-packages/_pytest/runner.py", line 3, in from_call
    x
  File "/v/lib/python3.12/site-packages/requests/api.py", line 7, in get
    x
requests.exceptions.ConnectionError: no
route

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/w/shop/src/shop/orders.py", line 20, in wrap
    raise OutOfStock from error
shop.errors.OutOfStock
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/w/shop/tests/test_orders.py", line 61, in test_group
  |     orders.group()
  | ExceptionGroup: several (3 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: one
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/w/shop/src/shop/orders.py", line 9, in two
    |     raise KeyError
    | KeyError: 'two'
    +---------------- 3 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/w/shop/src/shop/orders.py", line 12, in three
    |     raise
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | OSError: deep
      +------------------------------------
"""


class TestStyles:
    def test_long_shows_functions_by_their_source(self) -> None:
        assert chain(LONG) == [
            ("shop.errors.OutOfStock", "none\n  second line\nthird line", ""),
            ("KeyError", "'a'", "cause"),
        ]
        assert frames(LONG) == [
            [("tests/test_orders.py", 49, "test_chain"), ("src/shop/orders.py", 20, "wrap")],
            [
                ("src/shop/orders.py", 18, "wrap"),
                ("src/shop/orders.py", 6, "build"),
                ("src/shop/orders.py", 6, "<listcomp>"),
            ],
        ]

    def test_short_names_them(self) -> None:
        assert chain(SHORT) == [
            ("ValueError", "", ""),
            ("shop.errors.OutOfStock", "none", "context"),
        ]
        assert frames(SHORT) == [
            [("tests/test_orders.py", 50, "test_chain"), ("python/json/decoder.py", 9, "clean")],
            [("tests/test_orders.py", 49, "test_chain"), ("src/shop/orders.py", 20, "wrap")],
        ]

    def test_native_leaves_out_what_carries_tests(self) -> None:
        assert chain(NATIVE) == [
            ("shop.errors.OutOfStock", "", ""),
            ("requests.exceptions.ConnectionError", "no\nroute", "cause"),
        ]
        assert frames(NATIVE)[1] == [
            ("tests/test_orders.py", 49, "test_chain"),
            ("requests/api.py", 7, "get"),
        ]

    @pytest.mark.parametrize("text", [GROUP, GROUP.lstrip()], ids=["whole", "stripped"])
    def test_a_group_has_its_members(self, text: str) -> None:
        """JUnit XML holds it without the indentation of its first line."""
        assert chain(text)[:3] == [
            ("ExceptionGroup", "several (3 sub-exceptions)", ""),
            ("ValueError", "one", "group"),
            ("KeyError", "'two'", "group"),
        ]
        assert {one for one, _, _ in chain(text)} >= {"OSError", "KeyError", "ValueError"}

    def test_what_is_read_again_is_the_same(self) -> None:
        assert exceptions_of(LONG.replace("\n", "\r\n"), PLACES) == exceptions_of(LONG, PLACES)


class TestMessages:
    @pytest.mark.parametrize(
        ("marked", "raised"),
        [
            ("E   assert 1 == 2", ("AssertionError", "assert 1 == 2")),
            (
                "E       AssertionError: mine\nE       assert 1 == 2",
                ("AssertionError", "mine\nassert 1 == 2"),
            ),
            (
                "E   assert 5 == 4\nE    +  where 5 = get()",
                ("AssertionError", "assert 5 == 4\n +  where 5 = get()"),
            ),
            ("E   Failed: DID NOT RAISE ValueError", ("Failed", "DID NOT RAISE ValueError")),
            ("E   test_a.test_b.<locals>.Mine: what", ("test_a.test_b.<locals>.Mine", "what")),
            (
                "E       fixture 'nosuch' not found",
                ("FixtureLookupError", "fixture 'nosuch' not found"),
            ),
            ("E   SystemExit: 3", ("SystemExit", "3")),
            ("E   KeyError", ("KeyError", "")),
            ("E   subprocess.CalledProcessError: x: y", ("subprocess.CalledProcessError", "x: y")),
            ("E   ValueError: first\nE   \nE   last", ("ValueError", "first\n\nlast")),
        ],
    )
    def test_type_and_message_are_told_apart(self, marked: str, raised: tuple[str, str]) -> None:
        assert exceptions_of(marked, PLACES) == (Raised(*raised),)

    def test_a_file_that_cannot_be_parsed_is_its_place(self) -> None:
        text = (
            'E     File "/w/shop/tests/test_a.py", line 1\nE       def f(:\nE             ^\n'
            "E   SyntaxError: invalid syntax"
        )

        assert chain(text) == [("SyntaxError", "invalid syntax", "")]
        assert syntax_place(text, PLACES) == ("tests/test_a.py", 1)

    @pytest.mark.parametrize("text", ["", "no traceback", "a.py:3: in f\n", "Error: boom"])
    def test_other_texts_hold_none(self, text: str) -> None:
        assert exceptions_of(text, PLACES) == ()


class TestHostileInput:
    @pytest.mark.parametrize(
        "text",
        [
            "E   " * 100_000,
            "E   x\n" * 100_000,
            "Traceback (most recent call last):\n" * 20_000,
            "  + Exception Group Traceback (most recent call last):\n" * 20_000,
            "  +-+---------------- 1 ----------------\n" * 20_000,
            ("a" * 300 + ":1: in f\n") * 20_000,
            ("  + (most recent call last):\n  | x: y\n  +-+-- 1 ----------------\n") * 8_000,
            "|" * 400_000,
            "a.b." * 100_000 + ": x",
        ],
        ids=range(9),
    )
    def test_is_read_in_a_moment(self, text: str) -> None:
        assert len(exceptions_of(text, PLACES)) <= 8
