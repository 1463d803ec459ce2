"""The texts of a record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_samples import OBSERVATION

from pytest_failtrack.observe.observation import Raised
from pytest_failtrack.record.text import (
    DETAILS_MAX_CHARS,
    SUMMARY_MAX_CHARS,
    clean,
    details_of,
    error_message_of,
    shortened,
    stack_trace_of,
    summary_of,
)


def seen(**changes):
    return replace(OBSERVATION, **changes)


class TestSummary:
    def test_says_what_failed_and_with_what(self):
        """S0-62"""
        assert summary_of(OBSERVATION) == (
            "tests/test_orders.py::test_total failed: KeyError: 'customer_id'"
        )

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"when": "setup", "outcome": "error"}, "failed in setup"),
            ({"when": "collect", "outcome": "error"}, "could not be collected"),
            ({"outcome": "crashed", "signal": "SIGSEGV"}, "crashed the process with SIGSEGV"),
            ({"outcome": "flaky"}, "failed, then passed when it was run again"),
            ({"outcome": "debt", "subject": "skip"}, "is test debt without a reason (skip)"),
        ],
        ids=["setup", "collect", "crash", "flaky", "debt"],
    )
    def test_names_phase_and_outcome(self, changes, words):
        assert f"::test_total {words}" in summary_of(seen(**changes))

    def test_is_one_bounded_line(self):
        summary = summary_of(seen(nodeid="x\n" * 5_000))

        assert len(summary) == SUMMARY_MAX_CHARS
        assert "\n" not in summary


class TestErrorMessage:
    def test_is_the_explicit_cause(self):
        """S0-64: the innermost meaningful exception."""
        chain = (
            Raised("shop.OrderError", "cannot order"),
            Raised("ConnectionRefusedError", "db:5432", link="cause"),
        )

        assert error_message_of(seen(exceptions=chain)) == "ConnectionRefusedError: db:5432"

    def test_of_a_group_holds_its_members(self):
        chain = (
            Raised("ExceptionGroup", "two"),
            Raised("ValueError", "a", link="group"),
            Raised("TypeError", "b", link="group"),
        )

        assert error_message_of(seen(exceptions=chain)) == "ValueError: a\nTypeError: b"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"text": "compiling\nsrc/a.c:3: error: no semicolon\nmake: ***"},
             "src/a.c:3: error: no semicolon"),
            ({"text": "one\ntwo\n"}, "two"),
            ({"text": "", "exit_status": 3}, "exit status 3"),
            ({"text": "", "signal": "SIGKILL"}, "ended by SIGKILL"),
            ({"text": ""}, ""),
        ],
        ids=["error line", "last line", "status", "signal", "silence"],
    )  # fmt: skip
    def test_without_an_exception_is_the_line_or_the_end(self, changes, message):
        assert error_message_of(seen(exceptions=(), **changes)) == message

    def test_of_a_command_is_the_line_that_was_chosen_and_no_detail_of_it(self):
        """S4-04: the chosen line comes first, whatever words stand below it."""
        chosen = "collect2: ld returned 1 exit status\nerror: process did not exit successfully"

        assert (
            error_message_of(seen(exceptions=(), source="command", when="command", text=chosen))
            == "collect2: ld returned 1 exit status"
        )


class TestDetails:
    def test_hold_the_text_and_captured_output(self):
        """S0-63"""
        assert details_of(seen(text="trace", captured={"stdout": "out", "stderr": ""})) == (
            "trace\n--- captured stdout ---\nout"
        )

    def test_keep_the_end_of_captured_output(self):
        details = details_of(seen(captured={"log": "x" * 5_000 + "the last line"}))

        assert details.endswith("the last line")

    @given(st.text(max_size=9_000), st.dictionaries(st.sampled_from("abc"), st.text(), max_size=3))
    def test_are_bounded(self, text, captured):
        assert len(details_of(seen(text=text, captured=captured))) < DETAILS_MAX_CHARS * 1.2 + 9_000

    def test_say_when_something_was_cut(self):
        assert details_of(seen(text="t", captured={}, is_truncated=True)) == (
            "(longer than its bound, cut)\nt"
        )


def test_stack_trace_shows_the_chain_with_its_frames():
    """S0-65"""
    chain = (*OBSERVATION.exceptions, Raised("OSError", "disk\nfull", link="cause"))

    assert stack_trace_of(seen(exceptions=chain)).splitlines() == [
        "  tests/test_orders.py:12 in test_total",
        "  src/shop/orders.py:88 in build_order",
        "KeyError: 'customer_id'",
        "which was caused by:",
        "OSError: disk",
    ]


@given(st.text(max_size=300), st.integers(80, 200))
def test_shortened_text_keeps_both_ends_and_its_bound(text, bound):
    short = shortened(text, bound)

    assert len(short) <= bound
    assert short[:5] == text[:5]
    assert text.endswith(short[-5:])


@given(st.text(alphabet=st.characters(codec=None)))
def test_clean_text_can_be_stored(text):
    assert "\x00" not in clean(text)
    clean(text).encode("utf-8")
