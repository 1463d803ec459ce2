"""Tokens: one line that tells failures apart and is the same in the next run."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signature_samples import BUILD, LIBRARY, TAX, TEST, failure, raised, silent

from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.signature.normalize import normalize
from pytest_failtrack.signature.token import NO_STACK, headline, token_of

PLACE = "src/shop/orders.py:build_order"
IN_TEST = "tests/test_orders.py:test_total"

EXCEPTIONS = {
    "type and message": (raised("KeyError", "'customer_id'"), "KeyError: 'customer_id'"),
    "qualified type": (raised("shop.errors.OutOfStock", "no x"), "OutOfStock: no x"),
    "no message": (raised("TimeoutError", ""), "TimeoutError"),
    "assertion with a message": (
        raised("AssertionError", "total 41 != 42\nassert 41 == 42"),
        "AssertionError: total <num> != <num>",
    ),
    "bare assertion": (raised("AssertionError", ""), "AssertionError"),
    "rewritten assertion": (raised("AssertionError", "assert 3 == 4"), "assert <num> == <num>"),
    "rewritten assertion over calls": (
        raised(
            "AssertionError",
            "assert 3 == 4\n +  where 3 = <function total at 0x7f00aa00bb00>([1, 2])"
            "\n +    where <function total at 0x7f00aa00bb00> = orders.total"
            "\n +  and   4 = <bound method Cart.size of Cart(id=7)>()"
            "\n +    where <built-in method find of str object at 0x7f00> = 'abc'.find",
        ),
        "assert <num> == <num> where total, size, find",
    ),
    "status of a response": (
        raised("AssertionError", "assert 503 == 200\n +  where 503 = <Response [503]>.status_code"),
        "assert 503 == 200 where status_code",
    ),
    "validation error": (
        raised(
            "pydantic_core._pydantic_core.ValidationError",
            "1 validation error for Order\ncustomer_id\n  Field required [type=missing, "
            "input_value={'amount': 3}, input_type=dict]\n    For further information visit x",
        ),
        "ValidationError: <num> validation error for Order customer_id Field required "
        "[type=missing]",
    ),
    "items of a set": (
        raised("AssertionError", "Items in the first set but not the second:\n'b'\n'a'"),
        "AssertionError: Items in the first set but not the second:",
    ),
    "timeout": (
        raised("Failed", "Timeout (>1.0s) from pytest-timeout."),
        "Failed: Timeout (><duration>) from pytest-timeout.",
    ),
    "pattern of pytest.raises": (
        raised(
            "AssertionError",
            "Regex pattern did not match.\n  Expected regex: 'twice'\n  Actual message: 'once'",
        ),
        "AssertionError: Regex pattern did not match. Expected regex: 'twice' "
        "Actual message: 'once'",
    ),
    "blank first lines": (raised("ValueError", "\n \n  boom\nmore"), "ValueError: boom"),
    "broken str": (
        raised("Odd", "<its __str__ raised TypeError>"),
        "Odd: <its __str__ raised TypeError>",
    ),
    "collection": (
        raised("CollectError", "ImportError while importing '/a/b/t.py'.\nE   OSError: no disk"),
        "OSError: no disk",
    ),
    "ANSI and NUL": (raised("ValueError", "\x1b[31mbo\x00om\x1b[0m"), "ValueError: bo om"),
}


def token(*exceptions: Raised, max_chars: int = 160, **changes: object) -> str:
    return token_of(failure(*exceptions, **changes), max_chars)


def command(text: str, **changes: object) -> Observation:
    return silent("error", text, source="command", nodeid="make", file="", **changes)


class TestExceptions:
    @pytest.mark.parametrize(("one", "line"), EXCEPTIONS.values(), ids=EXCEPTIONS)
    def test_the_token_is_a_line_and_its_place(self, one: Raised, line: str) -> None:
        assert token(one) == f"{line} @ {PLACE}"

    @pytest.mark.parametrize(("one", "line"), EXCEPTIONS.values(), ids=EXCEPTIONS)
    def test_people_are_shown_the_line_with_what_is_masked_in_it(
        self, one: Raised, line: str
    ) -> None:
        shown = headline(failure(one))

        assert normalize(shown) == line
        assert shown.isprintable()
        assert not re.search("<[a-z]+>", shown.replace("<lambda>", ""))

    def test_people_are_shown_what_failures_of_one_cause_share(self) -> None:
        ones = [failure(raised("ValueError", f"row {number} of 9")) for number in (1, 1, 2)]

        assert headline(ones[0], ones[1:2]) == "ValueError: row 1 of 9"
        assert headline(ones[0], ones[1:]) == "ValueError: row <num> of <num>"

    def test_long_values_that_are_compared_are_shown_but_not_hashed(self) -> None:
        """C-6: how much of them is there depends on `-vv`, and it is cut anywhere."""
        plain = raised("AssertionError", "assert 'order no3f2...t open any more' == 'x'")
        verbose = raised("AssertionError", "assert 'order no3f2b8c1e is not open any more' == 'x'")

        assert token(plain) == token(verbose) == f"assert '...' == 'x' @ {PLACE}"
        assert headline(failure(plain)) == "assert 'order no3f2...t open any more' == 'x'"

    def test_a_group_is_its_type_and_its_distinct_members_in_a_stable_order(self) -> None:
        group = raised("ExceptionGroup", "2 tasks failed (2 sub-exceptions)", TEST)
        one = raised("ValueError", "row 17", TAX, link="group")
        same = raised("ValueError", "row 18", TAX, link="group")
        other = raised("KeyError", "'a'", BUILD, link="group")

        expected = f"ExceptionGroup[KeyError: 'a'; ValueError: row <num>] @ {PLACE}"
        assert token(group, one, same, other) == token(group, other, one) == expected

    def test_a_missing_fixture_is_one_cause_for_all_tests(self) -> None:
        message = "('db', <SubRequest 'db' for <Function {}>>)"
        one = raised("FixtureLookupError", message.format("test_a"), LIBRARY)
        other = raised("FixtureLookupError", message.format("test_b"), LIBRARY)

        assert token(one, nodeid="tests/test_a.py::test_a") == "fixture 'db' not found"
        assert token(other, nodeid="tests/test_b.py::test_b") == "fixture 'db' not found"

    @pytest.mark.parametrize(
        ("message", "line"),
        [
            (
                "usage: pytest [options] [...]\npytest: error: unrecognized arguments: --nope"
                "\n  inifile: /a/pytest.ini\n  rootdir: /a",
                "pytest: error: unrecognized arguments: --nope",
            ),
            (
                "usage: __main__.py [options] [file_or_dir]\n                   [...]\n"
                "__main__.py: error: argument -n: expected one argument",
                "pytest: error: argument -n: expected one argument",
            ),
            (
                "usage: python3 -m pytest [options]\npython3 -m pytest: error: these are wrong:\n"
                "  --one\n  --two\n  rootdir: /a",
                "pytest: error: these are wrong: --one --two",
            ),
            (
                "pytest: error: unrecognized arguments: --nope\n  rootdir: /a\nusage: pytest [...]",
                "pytest: error: unrecognized arguments: --nope",
            ),
            ("Unknown config option: nonsense", "UsageError: Unknown config option: nonsense"),
            ("usage: see the manual", "UsageError: usage: see the manual"),
        ],
        ids=["usage first", "wrapped usage", "several lines", "error first", "plain", "no error"],
    )
    def test_a_mistake_in_the_command_line_is_the_line_that_says_it(
        self, message: str, line: str
    ) -> None:
        one = raised("UsageError", message, LIBRARY)

        assert token(one, file="", nodeid="", when="import") == line
        assert headline(failure(one, file="", nodeid="", when="import")) == line

    def test_of_another_program_the_name_stays(self) -> None:
        message = "usage: shop [options]\nshop: error: no such shop"

        assert token(raised("shop.cli.UsageError", message)).startswith("shop: error: no such shop")

    def test_a_doctest_says_what_it_expected_and_got(self) -> None:
        text = (
            "001 >>> name()\nExpected:\n    'ann'\nGot:\n    'bo'\n\n/a/shop.py:3: DocTestFailure"
        )
        one = raised("doctest.DocTestFailure", "<DocTest shop.name from /a/shop.py:1>", LIBRARY)

        found = token(one, text=text, file="src/shop.py", nodeid="src/shop.py::shop.name")

        assert found == "DocTestFailure: expected 'ann' got 'bo' @ src/shop.py:shop.name"

    def test_a_doctest_that_raised_says_what(self) -> None:
        text = "001 >>> 1 / 0\nUNEXPECTED EXCEPTION: ZeroDivisionError('division by zero')\n"
        one = raised("doctest.UnexpectedException", "<DocTest a>", LIBRARY)

        assert token(one, text=text, file="a.py", nodeid="a.py::a") == (
            "UnexpectedException: ZeroDivisionError('division by zero') @ a.py:a"
        )


class TestWithoutException:
    @pytest.mark.parametrize(
        ("observation", "expected"),
        [
            (silent("crashed", signal="SIGSEGV"), f"crashed SIGSEGV @ {IN_TEST}"),
            (silent("crashed", exit_status=3), f"crashed exit status 3 @ {IN_TEST}"),
            (silent("crashed", "worker 'gw0' crashed while"), f"crashed @ {IN_TEST}"),
            (silent("flaky", "worker died", signal="SIGKILL"), f"crashed SIGKILL @ {IN_TEST}"),
            (silent("xpassed", "[XPASS(strict)] tax"), f"XPASS(strict): tax @ {IN_TEST}"),
            (silent("xpassed"), f"XPASS(strict) @ {IN_TEST}"),
            (silent("debt", "skip without a reason"), f"skip without a reason @ {IN_TEST}"),
            (silent("expired", subject="xfail"), f"expired xfail @ {IN_TEST}"),
            (command("cc a.c\na.c:3:5: error: x undeclared"), "a.c:<line>: error: x undeclared"),
            (command("", signal="SIGKILL"), "ended by SIGKILL"),
            (command("", exit_status=1), NO_STACK),
            (command("ValueError: alpha is broken"), "ValueError: alpha is broken"),
            (command("disk quota of ci-7 is used up"), "disk quota of ci-<num> is used up"),
            (silent(), NO_STACK),
        ],
    )
    def test_the_token_says_how_it_ended(self, observation: Observation, expected: str) -> None:
        assert token_of(observation) == expected


class TestSameFailure:
    """Another run of one failure has the same token."""

    BASE = failure(raised("OSError", "[Errno 2] No such file: '/home/a/shop/rates.csv'"))

    @pytest.mark.parametrize(
        "again",
        [
            failure(raised("OSError", "[Errno 2] No such file: '/builds/7/x/rates.csv'")),
            replace(BASE, worker="gw3"),
            replace(BASE, attempt=2, outcome="rerun"),
            replace(BASE, outcome="flaky"),
            replace(BASE, duration_seconds=3.0, timestamp="2026-01-02T03:04:05Z"),
            replace(BASE, nodeid="tests/test_other.py::test_b[3]", file="tests/test_other.py"),
            failure(
                replace(
                    BASE.exceptions[0],
                    frames=tuple(replace(one, line=one.line + 10) for one in (TEST, BUILD)),
                )
            ),
        ],
        ids=["checkout", "worker", "rerun", "flaky", "time", "another test", "ten lines down"],
    )
    def test_it_is_one_token(self, again: Observation) -> None:
        assert token_of(again) == token_of(self.BASE)


class TestDifferentFailures:
    """Two failures have two tokens."""

    @pytest.mark.parametrize(
        "other",
        [
            failure(raised("IndexError", "'a'")),
            failure(raised("KeyError", "'b'")),
            failure(raised("KeyError", "'a'", replace(BUILD, file="src/shop/users.py"))),
            failure(raised("KeyError", "'a'", replace(BUILD, function="drop_order"))),
            silent("crashed", signal="SIGSEGV"),
            silent(),
        ],
        ids=["type", "message", "file", "function", "crash", "silence"],
    )
    def test_they_are_two_tokens(self, other: Observation) -> None:
        assert token_of(other) != token_of(failure(raised("KeyError", "'a'")))

    def test_equal_shapes_at_two_places_are_two(self) -> None:
        one = raised("AssertionError", "assert 1 == 2", TEST)
        other = raised("AssertionError", "assert 3 == 4", replace(TEST, function="test_tax"))

        assert token(one) != token(other)


class TestLength:
    """S4-13 and C-32: the token keeps its length, and the place survives the cut."""

    def test_a_long_message_is_cut_and_the_place_is_not(self) -> None:
        found = token(raised("ValueError", "boom" * 100))

        assert len(found) == 160
        assert found.startswith("ValueError: boomboom")
        assert found.endswith(f"o @ {PLACE}")

    def test_the_message_is_cut_after_it_was_normalized(self) -> None:
        one = raised("ValueError", "no " + "/a" * 200 + "/rates.csv in 7")

        assert token(one) == f"ValueError: no <path>/rates.csv in <num> @ {PLACE}"

    def test_a_long_place_leaves_a_quarter_to_the_message_and_keeps_its_end(self) -> None:
        deep = Frame("src/" + "very_long_package_name/" * 12 + "a.py", 1, "load", is_project=True)

        found = token(raised("ValueError", "boom " * 100, deep))

        assert len(found) <= 160
        assert found.startswith("ValueError: boom boom boom boom")
        assert found.endswith("/a.py:load")

    @pytest.mark.parametrize(
        "said",
        [
            "assert '/home/ci/shop/orders/1/a.txt' == '/home/ci/shop/orders/2/a.txt'",
            "GET /api/v1/tenants/42/orders/17 returned 500",
        ],
    )
    def test_keeps_what_is_no_path_of_a_file(self, said: str) -> None:
        kind = "AssertionError" if said.startswith("assert") else "RuntimeError"

        assert said in headline(failure(raised(kind, said)))

    def test_keeps_the_end_of_a_deep_path(self) -> None:
        message = "[Errno 2] No such file or directory: '/srv/builds/77/shop-0.6.1/data/rates.sql'"

        shown = headline(failure(raised("FileNotFoundError", message)))

        assert shown.endswith("No such file or directory: '.../data/rates.sql'")

    def test_people_are_shown_no_more_than_they_asked_for(self) -> None:
        assert headline(failure(raised("ValueError", "boom")), max_chars=6) == "ValueE"

    @pytest.mark.parametrize(
        ("observation", "said"),
        [
            pytest.param(silent(), "no error named", id="a test"),
            pytest.param(
                silent(source="command", when="command", nodeid="make all", exit_status=2),
                "exit status 2, no error named: make all",
                id="a command",
            ),
            pytest.param(
                silent("crashed", source="command", when="command", nodeid="make", signal="SIGHUP"),
                "ended by SIGHUP, no error named: make",
                id="a signal",
            ),
            pytest.param(
                silent(source="command", when="command", nodeid="build.log"),
                "failed, no error named: build.log",
                id="a log without a status",
            ),
        ],
    )
    def test_people_read_how_a_silent_failure_ended(
        self, observation: Observation, said: str
    ) -> None:
        assert headline(observation) == said

    @given(st.text(max_size=60), st.text(max_size=400), st.text(max_size=300), st.integers(1, 300))
    def test_any_failure_has_a_token_within_its_length(
        self, type_: str, message: str, file: str, max_chars: int
    ) -> None:
        frame = Frame(file, 1, "f", is_project=True)

        found = token(raised(type_, message, frame), max_chars=max_chars)

        assert found
        assert found == token(raised(type_, message, frame), max_chars=max_chars)
        assert len(found) <= max_chars or found == NO_STACK
        assert found.encode("utf-8")
        assert "\n" not in found
