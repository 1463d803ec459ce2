"""Tests of who made what an exception is about, as the place tells."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.origin import (
    AFTER_WAITING,
    BEHIND_THE_TEST,
    FROM_ITSELF,
    MADE_BY_ITSELF,
    MISSPELLED,
    OF_OWN_STATE,
    WORDED_OTHERWISE,
    remark_on,
)
from pytest_failtrack.observe.observation import Frame, Observation, Raised

TEST = Frame("tests/test_orders.py", 12, "test_order", is_project=True, is_test=True)
CODE = Frame("src/shop/orders.py", 88, "build_order", is_project=True)
OTHER = Frame("src/shop/money.py", 7, "plus", is_project=True)
THREAD = Frame("python/threading.py", 982, "run")


def remark(
    kind: str, message: str, *frames: Frame, text: str = "", behind: tuple[Raised, ...] = ()
) -> str:
    raised = Raised(kind, message, frames)
    return remark_on(
        raised, 0, Observation("pytest", "call", "t", "failed", (raised, *behind), text=text)
    )


def line_of(frame: Frame, source: str) -> str:
    return f"{frame.file}:{frame.line}: in {frame.function}\n    {source}\nE   Error"


@pytest.mark.parametrize(
    ("source", "key", "found"),
    [
        ("self.counts['hits'] += 1", "hits", OF_OWN_STATE),
        ("return RATES[country]", "IT", OF_OWN_STATE),
        ("return self.HANDLERS[kind](text)", "IT", OF_OWN_STATE),
        ("return self.active[token]", "t-2", ""),
        ("return self.settings['tax']", "tax", ""),
        ("return SETTINGS['tax']", "tax", ""),
        ("return RATES['DE']", "DE", OF_OWN_STATE),
        ("raise KeyError(key)", "DE", OF_OWN_STATE),
        ("return RATES[row['country']]", "country", ""),
        ("return RATES[row['country']]", "IT", OF_OWN_STATE),
        ("return data['name']", "name", ""),
        ("", "name", ""),
    ],
)
def test_keys_of_own_state_are_told_from_those_of_data(source: str, key: str, found: str) -> None:
    text = line_of(CODE, source) if source else ""

    assert remark("KeyError", repr(key), TEST, CODE, text=text) == found


@pytest.mark.parametrize(
    ("frames", "source", "found"),
    [
        ((TEST, CODE), "return label + count", MADE_BY_ITSELF),
        ((TEST, CODE), "return row['price'] + 1", ""),
        ((TEST, CODE), "", ""),
        ((TEST, OTHER, CODE), "return label + count", ""),
        ((TEST,), "return label + count", ""),
        ((THREAD, CODE), "return label + count", ""),
    ],
)
def test_values_that_do_not_mix_are_of_the_module_alone(
    frames: tuple[Frame, ...], source: str, found: str
) -> None:
    message = 'can only concatenate str (not "int") to str'
    text = line_of(frames[-1], source) if source else ""

    assert remark("TypeError", message, *frames, text=text) == found


def test_text_and_bytes_meet_in_code_alone() -> None:
    message, text = "can't concat str to bytes", line_of(CODE, "return head + body")

    assert remark("TypeError", message, TEST, OTHER, CODE, text=text) == MADE_BY_ITSELF


@pytest.mark.parametrize(
    ("path", "found"),
    [("/srv/src/shop/orders.py", FROM_ITSELF), ("/srv/src/shop/money.py", "")],
)
def test_a_circle_needs_two_modules(path: str, found: str) -> None:
    message = f"cannot import name 'a' from partially initialized module 'shop' (circular) ({path})"

    assert remark("ImportError", message, TEST, CODE) == found


@pytest.mark.parametrize(
    ("behind", "found"),
    [
        (Raised("KeyError", "'jobs'", (THREAD, CODE), "cause"), BEHIND_THE_TEST),
        (Raised("KeyError", "'jobs'", (THREAD, TEST), "cause"), ""),
        (Raised("ResourceWarning", "unclosed file", (CODE,), "cause"), ""),
        (Raised("KeyError", "'jobs'", (THREAD, CODE), "group"), ""),
    ],
)
def test_what_failed_behind_the_test_is_the_code(behind: Raised, found: str) -> None:
    kind = "pytest.PytestUnhandledThreadExceptionWarning"

    assert remark(kind, "Exception in thread Thread-1", behind=(behind,)) == found


@pytest.mark.parametrize(
    ("kind", "name", "found"),
    [("dict", "gett", MISSPELLED), ("list", "total", ""), ("Order", "sate", "")],
)
def test_only_pythons_own_methods_are_known(kind: str, name: str, found: str) -> None:
    message = f"'{kind}' object has no attribute '{name}'"

    assert remark("AttributeError", message, TEST, text=f">  assert x().{name}(1)") == found
    assert remark("AttributeError", message, TEST, text=f">  assert x().{name} == 1") == ""
    assert remark("AttributeError", message, TEST, CODE, text=f">  x().{name}(1)") == ""


@pytest.mark.parametrize(
    ("expected", "came", "found"),
    [
        ("cup: 6 wanted but 5 there", "cup: 6 wanted, 5 there", WORDED_OTHERWISE),
        ("cannot open", "Cannot open it!", WORDED_OTHERWISE),
        ("amount is zero", "amount is negative", ""),
        ("6 wanted", "7 wanted", ""),
        ("is not paid", "is paid", ""),
        ("closed", "Closed", ""),
    ],
)
def test_the_same_said_in_other_words(expected: str, came: str, found: str) -> None:
    message = f"Regex pattern did not match.\n  Expected regex: {expected!r}\n"

    assert remark("AssertionError", f"{message}  Actual message: {came!r}", TEST) == found


@pytest.mark.parametrize(
    ("before", "message", "found"),
    [
        ("        time.sleep(0.1)\n", "assert [] == [1]", AFTER_WAITING),
        ("        time.sleep(0.1)\n", "assert [2] == [1]", ""),
        ("        while True:\n            sleep(1)\n", "assert 'new' == 'done'", AFTER_WAITING),
        ("", "assert [] == [1]", ""),
    ],
)
def test_a_test_that_slept_waited_for_something(before: str, message: str, found: str) -> None:
    text = f"    def test_sent(bus):\n{before}>       assert bus.got == [1]\nE       {message}"

    assert remark("AssertionError", message, TEST, text=text) == found


def test_other_types_are_not_looked_at() -> None:
    assert remark("ValueError", "'hits'", TEST, CODE, text=line_of(CODE, "RATES[x]")) == ""


@pytest.mark.parametrize(
    ("source", "entry", "said"),
    [
        ("return RATES[x]", "key-missing-in-own-state", "Its type and the lines that led to it"),
        ("return data[x]", "key-missing", "Its type says so"),
    ],
)
def test_the_reasons_say_what_was_looked_at(source: str, entry: str, said: str) -> None:
    raised = Raised("KeyError", "'IT'", (TEST, CODE))
    seen = Observation("pytest", "call", "t", "failed", (raised,), text=line_of(CODE, source))

    found = classify(seen, load_catalog())

    assert found.catalog_entry_id == entry
    assert found.reasons[1].startswith(said)
