"""Tests of the source that pytest shows of a frame."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.shown import source_of
from pytest_failtrack.observe.observation import Frame

TEST = Frame("tests/test_a.py", 3, "test_a", is_project=True, is_test=True)
CODE = Frame("src/shop/a.py", 8, "total", is_project=True)
PRINTED = """\
tests/test_a.py:3: in test_a
    assert total([1]) == 1
           ^^^^^^^^^^
src/shop/a.py:8: in total
    return label + count
E   TypeError: no
"""
KEPT = """\
    assert total([1]) == 1
           ^^^^^^^^^^
tests/test_a.py:3: in test_a
    return label + count
E   TypeError: no
src/shop/a.py:8: in total
"""
LONG = """\
    def test_a():
>       assert total([1]) == 1
               ^^^^^^^^^^
tests/test_a.py:3: \n    def total(rows):
        label = "n"
>       return label + count
E       TypeError: no
src/shop/a.py:8: TypeError
"""


@pytest.mark.parametrize("text", [PRINTED, KEPT, LONG], ids=["printed", "kept", "long"])
def test_each_frame_has_its_own_line_wherever_its_place_stands(text: str) -> None:
    assert source_of(text, TEST)[0] == "assert total([1]) == 1"
    assert source_of(text, CODE)[0] == "return label + count"


def test_a_frame_without_source_has_none() -> None:
    text = "tests/test_a.py:3: in test_a\n    assert f()\n???\nsrc/shop/a.py:8: in total\n"

    assert source_of(text, Frame("src/shop/a.py", 9, "total")) == ("", [])
