"""Members of sets and dictionaries: sorted where they are unordered, else left alone."""

from __future__ import annotations

import pytest

from pytest_failtrack.signature.members import sort_members

SORTED = {
    "set": ("{'b', 'a'}", "{'a', 'b'}"),
    "dict": ("{'b': 1, 'a': 2}", "{'a': 2, 'b': 1}"),
    "frozenset": ("frozenset({'b', 'a'})", "frozenset({'a', 'b'})"),
    "nested": ("{'k': {'b', 'a'}, 'c': 1}", "{'c': 1, 'k': {'a', 'b'}}"),
    "set of tuples": ("{('b', 1), ('a', 2)}", "{('a', 2), ('b', 1)}"),
    "comma in a string": ("{'b, a', 'a, }'}", "{'a, }', 'b, a'}"),
    "escaped quote": (r"{'it\'s', 'a'}", r"{'a', 'it\'s'}"),
    "bytes": ("{b'b', b'a'}", "{b'a', b'b'}"),
    "keys of a dictionary": ("dict_keys(['b', 'a'])", "dict_keys(['a', 'b'])"),
    "equal members": ("{<num>, <num>}", "{<num>}"),
    "two sets": ("assert {'b', 'a'} == {'d', 'c'}", "assert {'a', 'b'} == {'c', 'd'}"),
    "shortened by a repr": ("{'b', 'a'...'z'}", "{...}"),
    "shortened and open": ("Foo(tags={'b', 'a'...'z') == 1", "Foo(tags={..."),
}
KEPT = {
    "list": "['b', 'a']",
    "tuple": "('b', 'a')",
    "empty": "{} != set()",
    "placeholder of a template": "no {name} in '{b}, {a}'",
    "never closed": "unexpected '{' in b, a",
    "closed without open": "b, a}",
    "wrong pair": "{b, a]",
    "apostrophes": "can't open Ann's {file}",
}


@pytest.mark.parametrize(("text", "expected"), SORTED.values(), ids=SORTED)
def test_unordered_members_are_sorted(text: str, expected: str) -> None:
    assert sort_members(text) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert sort_members(text) == text


def test_what_is_open_at_the_end_of_a_cut_text_shows_no_members() -> None:
    assert sort_members("no {'b', 'a'", is_cut=True) == "no {..."
