"""The terminal section: what it says, and that it stays readable and harmless."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from digests import (
    DEBT,
    EXPIRED,
    FLAKY,
    GREEN,
    INFRA,
    NEW,
    REPEAT,
    SHOP,
    many,
    with_causes,
)
from gold_files import assert_gold

from pytest_failtrack.policy.digest import DebtSummary, Digest
from pytest_failtrack.sinks.plain import display_width
from pytest_failtrack.sinks.terminal import TerminalSink, render, takes_unicode, wants_color


def lines_of(digest: Digest, **changes: Any) -> list[str]:
    given = {"width": 80, "color": False, "unicode": True, **changes}
    return render(digest, **given)


def text_of(digest: Digest, **changes: Any) -> str:
    return "\n".join(lines_of(digest, **changes)) + "\n"


class Stream(io.StringIO):
    """A stream that says of itself what a test wants."""

    def __init__(self, *, terminal: bool = False, encoding: str | None = "utf-8") -> None:
        super().__init__()
        self._terminal = terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str | None:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self._terminal


class TestGold:
    @pytest.mark.parametrize("width", [40, 80, 200])
    def test_shop(self, width: int) -> None:
        assert_gold(f"terminal_{width}.txt", text_of(SHOP, width=width))

    def test_shop_in_color(self) -> None:
        assert_gold("terminal_color.txt", text_of(SHOP, color=True))

    def test_everything_that_can_be_said(self) -> None:
        false_negative = replace(
            NEW,
            cause_id="cccccccccccc",
            category="QA",
            subcategory="QA_FALSE_NEGATIVE",
            novelty="KNOWN",
            owner="",
        )
        third = replace(REPEAT, occurrence=3, tier=2, notify=("authority",), days_since_last=0)
        digest = with_causes(
            NEW,
            third,
            false_negative,
            INFRA,
            FLAKY,
            EXPIRED,
            is_complete=False,
            problems=("the sink slack failed and was left out: OSError: no route to host",),
        )

        assert_gold("terminal_everything.txt", text_of(digest, width=100))


class TestHeadline:
    def test_counts_failures_and_what_is_new_repeated_and_infrastructure(self) -> None:
        assert (
            lines_of(SHOP)[1]
            == "57 failures, 3 root causes: 1 new, 1 repeat (2nd in 12 days), 1 infra"
        )

    def test_one_is_singular(self) -> None:
        one = replace(NEW, failures=1, tests=1)

        assert lines_of(with_causes(one))[1] == "1 failure, 1 root cause: 1 new"

    def test_first_run_says_first_seen_and_why(self) -> None:
        """C-34: without any history nothing can be said about new or repeat."""
        first = [replace(one, novelty="FIRST", occurrence=1) for one in (NEW, REPEAT, INFRA)]

        lines = lines_of(with_causes(*first))

        assert lines[1] == "57 failures, 3 root causes: 2 first seen, 1 infra"
        assert "no history was found: new and repeat can be told from the next run on" in lines

    def test_known_is_named(self) -> None:
        """C-34: KNOWN is an open record."""
        known = replace(REPEAT, novelty="KNOWN", reopened_from="")

        lines = lines_of(with_causes(NEW, known))

        assert lines[1] == "50 failures, 2 root causes: 1 new, 1 known"
        assert not any("no history" in line for line in lines)

    def test_several_repeats_name_the_highest(self) -> None:
        third = replace(REPEAT, occurrence=3)

        assert "2 repeats (up to the 3rd time)" in lines_of(with_causes(REPEAT, third))[1]

    def test_debt_and_flaky_tests_are_no_failures(self) -> None:
        lines = lines_of(with_causes(NEW, FLAKY, EXPIRED))

        assert lines[1] == "41 failures, 1 root cause: 1 new"
        assert "FLAKY   1 test failed, then passed: tests/test_mail.py::test_send" in lines
        assert not any(FLAKY.cause_id in line or EXPIRED.cause_id in line for line in lines)


class TestGreenRun:
    def test_is_one_quiet_line(self) -> None:
        assert lines_of(GREEN) == ["failtrack: 120 passed, no failures  debt 14 skips"]

    def test_without_debt_says_nothing_of_it(self) -> None:
        digest = replace(GREEN, debt=DebtSummary())

        assert lines_of(digest) == ["failtrack: 120 passed, no failures"]

    def test_names_flaky_tests(self) -> None:
        digest = replace(GREEN, causes=(FLAKY,), totals={"passed": 119, "flaky": 1})

        assert lines_of(digest) == [
            "failtrack: 119 passed, 1 flaky, no failures  debt 14 skips",
            "FLAKY   1 test failed, then passed: tests/test_mail.py::test_send",
        ]

    def test_names_expired_debt_with_its_place(self) -> None:
        """C-33: expired debt counts in the gate, so people must find it."""
        text = text_of(replace(GREEN, debt=DEBT, causes=(EXPIRED,)), width=200)

        assert "(2 without a reason, 1 expired)" in text
        assert "skip expired on <time>: waiting for the new API" in text
        assert "tests/test_api.py:12" in text

    def test_that_died_is_not_called_green(self) -> None:
        text = text_of(replace(GREEN, is_complete=False))

        assert "but the run did not come to its own end" in text.replace("\n", " ")

    def test_that_ended_with_an_error_is_not_called_green(self) -> None:
        assert "but it ended with exit status 3" in text_of(replace(GREEN, exit_status=3))


class TestCause:
    def test_second_occurrence_goes_to_the_build_owner(self) -> None:
        """S0-125: escalation to the build owner; why did prevention fail?"""
        text = text_of(with_causes(REPEAT))

        assert "2nd in 12 days, was RESOLVED -> OPEN" in text
        assert "2nd occurrence: escalated to build_owner; why did prevention fail?" in text

    def test_third_occurrence_goes_to_the_authority(self) -> None:
        """S0-126, S0-127: the three mandatory reviews are named."""
        third = replace(REPEAT, occurrence=3, tier=2, notify=("@head-of-qa",))

        text = text_of(with_causes(third), width=160)

        assert (
            "3rd occurrence: escalated to @head-of-qa; "
            "governance review, precondition review, prevention verification are due\n"
        ) in text

    def test_infrastructure_is_tagged_so_and_says_whether_to_retry(self) -> None:
        """S1-86: retry words, and what the gate makes of it."""
        lines = lines_of(with_causes(INFRA))

        assert any(line.startswith("INFRA   b7c2904e11fd") for line in lines)
        assert (
            "        retryable (3 attempts, exponential); by itself it ends the gate with 75"
            in lines
        )

    def test_a_new_failure_has_no_retry_words(self) -> None:
        assert "retryable" not in text_of(with_causes(NEW))

    @pytest.mark.parametrize(
        ("subcategory", "long_text"),
        [
            ("QA_FALSE_POSITIVE", "test passes when it should fail"),
            ("QA_FALSE_NEGATIVE", "test fails when it should pass"),
        ],
    )
    def test_misleading_names_come_with_their_long_text(
        self, subcategory: str, long_text: str
    ) -> None:
        """C-12: the long text is always printed beside them."""
        cause = replace(NEW, category="QA", subcategory=subcategory)

        assert f"{subcategory}: {long_text}" in text_of(with_causes(cause))

    def test_other_subcategories_come_without(self) -> None:
        assert "INTEGRATION_DATA_MISMATCH:" not in text_of(with_causes(NEW))

    def test_cause_without_test_or_place_is_shown_all_the_same(self) -> None:
        bare = replace(NEW, tests=0, failures=1, nodeids=(), file="", line=None, function="")

        assert re.search(r"KeyError: 'customer_id' +1 failure$", text_of(with_causes(bare)), re.M)


class TestSize:
    def test_ten_causes_are_shown_and_the_others_counted(self) -> None:
        lines = lines_of(many(5_000))

        assert len(lines) < 50
        assert lines[1] == "5,000 failures, 5,000 root causes: 5,000 new"
        assert "        4,990 more: failtrack list" in lines

    def test_ten_causes_need_no_more_line(self) -> None:
        assert "more: failtrack list" not in text_of(many(10))

    def test_ten_thousand_tests_of_one_cause_are_one_line(self) -> None:
        names = tuple(f"tests/test_big.py::test[{number}]" for number in range(10_000))
        cause = replace(NEW, failures=10_000, tests=10_000, nodeids=names)

        text = text_of(with_causes(cause))

        assert "10,000 tests" in text
        assert "test_big" not in text

    @pytest.mark.parametrize("width", [10, 30, 40, 60, 80, 120, 200])
    def test_no_line_is_wider_than_the_terminal(self, width: int) -> None:
        long = replace(
            NEW,
            headline="ValueError: " + "wide 漢字 " * 100,
            file="src/" + "deep/" * 60 + "module.py",
            owner="@" + "o" * 300,
        )
        digest = with_causes(long, REPEAT, INFRA, FLAKY, EXPIRED, problems=("p" * 500,))

        widest = max(map(display_width, lines_of(digest, width=width)))

        assert widest <= max(width, 30)

    def test_long_headline_ends_in_ascii_dots(self) -> None:
        long = replace(NEW, headline="ValueError: " + "x" * 500)

        assert re.search(r"ValueError: x+\.\.\.  41 tests$", text_of(with_causes(long)), re.M)

    def test_long_place_keeps_its_end(self) -> None:
        deep = replace(NEW, file="src/" + "deep/" * 60 + "module.py")

        assert "deep/module.py:88 in build_order" in text_of(with_causes(deep))

    def test_wide_terminal_shows_a_long_headline_whole(self) -> None:
        long = replace(NEW, headline="ValueError: " + "x" * 120)

        assert long.headline in text_of(with_causes(long), width=200)


class TestUntrustedText:
    HOSTILE = (
        "boom \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202egnp.exe \x00\r\nsecond\ttab \ud800 \x9b2J"
    )

    def test_cannot_send_escapes_to_the_terminal(self) -> None:
        """No escape injection through a message, a file name, an owner or a problem."""
        cause = replace(
            NEW,
            headline=self.HOSTILE,
            file=self.HOSTILE,
            owner=self.HOSTILE,
            notify=(self.HOSTILE,),
        )
        flaky = replace(FLAKY, nodeids=(self.HOSTILE,))
        digest = with_causes(cause, flaky, problems=(self.HOSTILE,), evidence_dir=self.HOSTILE)

        text = text_of(digest, width=200)

        assert not set(text) & set("\x1b\x9b\x07\x00\r\t\u202e\ud800")
        assert "boom red" in text
        text.encode("utf-8")

    def test_cannot_be_a_workflow_command(self) -> None:
        """A log line that begins with `::` is an order to GitHub's runner."""
        cause = replace(NEW, headline="::add-mask::secret ##[group]x ##vso[task.complete]")

        text = text_of(with_causes(cause), width=40) + text_of(with_causes(cause), width=200)

        assert not re.search(r"^\s*::", text, re.M)
        assert "##[" not in text
        assert "##vso[" not in text

    def test_is_ascii_where_the_stream_is_not_utf_8(self) -> None:
        cause = replace(NEW, headline="ValueError: größer als \N{SNOWMAN}")
        digest = with_causes(cause, replace(FLAKY, nodeids=("tests/ü.py::test_ß",)))

        text = text_of(digest, unicode=False)

        assert text.isascii()
        assert r"gr\xf6\xdfer als \u2603" in text

    def test_stays_itself_where_the_stream_is_utf_8(self) -> None:
        cause = replace(NEW, headline="ValueError: größer als \N{SNOWMAN}")

        assert cause.headline in text_of(with_causes(cause))


class TestColor:
    def test_adds_nothing_but_colors(self) -> None:
        colored = text_of(SHOP, color=True)

        assert "\x1b[" in colored
        assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == text_of(SHOP)

    @pytest.mark.parametrize(
        ("environ", "terminal", "expected"),
        [
            pytest.param({}, True, True, id="terminal"),
            pytest.param({}, False, False, id="file"),
            pytest.param({"TERM": "dumb"}, True, False, id="dumb terminal"),
            pytest.param({"NO_COLOR": "1"}, True, False, id="NO_COLOR"),
            pytest.param({"NO_COLOR": ""}, True, True, id="empty NO_COLOR says nothing"),
            pytest.param({"FORCE_COLOR": "1"}, False, True, id="FORCE_COLOR"),
            pytest.param({"FORCE_COLOR": ""}, False, False, id="empty FORCE_COLOR"),
            pytest.param({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False, id="NO_COLOR wins"),
            pytest.param({"PY_COLORS": "1", "NO_COLOR": "1"}, False, True, id="PY_COLORS=1 wins"),
            pytest.param({"PY_COLORS": "0"}, True, False, id="PY_COLORS=0"),
        ],
    )
    def test_is_wanted(self, environ: dict[str, str], terminal: bool, expected: bool) -> None:
        assert wants_color(Stream(terminal=terminal), environ) is expected

    def test_is_not_wanted_by_a_closed_stream(self) -> None:
        stream = io.StringIO()
        stream.close()

        assert wants_color(stream, {}) is False


class TestEncoding:
    @pytest.mark.parametrize(
        ("encoding", "expected"),
        [
            ("utf-8", True),
            ("UTF8", True),
            ("utf-8-sig", True),
            ("cp65001", True),
            ("ascii", False),
            ("iso-8859-1", False),
            ("cp1252", False),
            ("no-such-codec", False),
            (None, False),
        ],
    )
    def test_takes_unicode(self, encoding: str | None, expected: bool) -> None:
        assert takes_unicode(Stream(encoding=encoding)) is expected


class TestProblems:
    def test_are_printed_once_and_last(self) -> None:
        lines = lines_of(replace(SHOP, problems=("the disk is full", "the disk is full")))

        assert lines[-1] == "failtrack itself: the disk is full"
        assert lines.count("failtrack itself: the disk is full") == 1

    def test_show_in_a_green_run_too(self) -> None:
        lines = lines_of(replace(GREEN, problems=("the disk is full",)))

        assert lines[-1] == "failtrack itself: the disk is full"

    def test_are_counted_when_they_are_many(self) -> None:
        lines = lines_of(replace(SHOP, problems=tuple(f"problem {n}" for n in range(500))))

        assert lines[-1] == "failtrack itself: 490 more problems"


class TestTerminalSink:
    def test_writes_the_section_for_its_stream(self) -> None:
        stream = Stream(terminal=True)

        TerminalSink(stream, 80, {}).send(SHOP)

        assert stream.getvalue() == text_of(SHOP, color=True)


def test_where_it_lies_stands_before_the_class_and_the_evidence_below() -> None:
    """S1-116"""
    lines = lines_of(
        with_causes(replace(NEW, blame="flaky", evidence="It passed before.")), width=100
    )

    at = next(n for n, line in enumerate(lines) if "flaky    INTEGRATION / " in line)
    assert lines[at + 1] == "        It passed before."


class TestCausesThatPassAgain:
    def test_are_named_the_first_of_them(self) -> None:
        again = tuple((f"{number:012x}", "KeyError: 'tax'\x1b[2J") for number in range(7))

        lines = lines_of(replace(GREEN, passing_again=again), width=40)

        told = [line for line in lines if line.startswith("PASSES")]
        assert told[0] == "PASSES  000000000000  KeyError: 'tax'"
        assert len(told) == 5
        assert "        2 more pass again" in lines

    def test_stand_below_those_that_fail(self) -> None:
        lines = lines_of(replace(with_causes(NEW), passing_again=(("0123456789ab", ""),)))

        assert lines.index("PASSES  0123456789ab") > next(
            at for at, line in enumerate(lines) if line.startswith("NEW")
        )
