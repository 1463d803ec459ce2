"""JUnit XML whose error stands in the output or below a title, as CTest and others write it."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from reading_kit import observed, only, tokens

from pytest_failtrack.signature.token import token_of


def case(failure: str, output: str = "", name: str = "unit_tests") -> str:
    """Return a case as CTest writes it: the name is its class, too."""
    said = f"<system-out>{escape(output)}</system-out>"
    return f'<testcase name="{name}" classname="{name}" status="fail">{failure}{said}</testcase>'


def suite(*cases: str) -> str:
    return f'<testsuite name="Linux-c++">{"".join(cases)}</testsuite>'


def ctest(message: str, output: str = "") -> str:
    return suite(case(f'<failure message="{message}"/>', output))


class TestCTest:
    @pytest.mark.parametrize(
        ("output", "token"),
        [
            (
                "starting\nterminate called after throwing an instance of 'std::runtime_error'\n"
                "  what():  cannot open config.yaml\n",
                "std::runtime_error: cannot open config.yaml",
            ),
            (
                "[ RUN      ] Math.Adds\n/src/tests/math_test.cpp:12: Failure\n"
                "Expected equality of these values:\n  add(2, 2)\n    Which is: 5\n  4\n",
                "Failure: Expected equality of these values: add(...) Which is: <num>"
                " @ tests/math_test.cpp:unit_tests",
            ),
            (
                'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n'
                "    main()\nKeyError: 'customer_id'\n",
                "KeyError: 'customer_id'",
            ),
            (
                "ready\nTypeError: x is no function\n    at build (/home/u/app/src/build.js:7:9)\n",
                "TypeError: x is no function @ src/build.js:build",
            ),
        ],
        ids=["terminate", "gtest", "python", "frames"],
    )
    def test_the_error_stands_in_the_output(self, output: str, token: str) -> None:
        one = only(ctest("Failed", output))

        assert (one.nodeid, one.outcome) == ("Linux-c++::unit_tests", "failed")
        assert token_of(one).partition(" @ a.py")[0] == token
        assert one.text == output.rstrip("\n")

    def test_an_output_without_an_error_leaves_it_unnamed(self) -> None:
        one = only(ctest("Failed", "all is well\n"))

        assert (one.exceptions, one.text) == ((), "Failed")

    def test_a_timeout_is_one_of_time(self) -> None:
        one = only(ctest("Timeout", "error: a line from before\n"))

        assert [raised.type for raised in one.exceptions] == ["TimeoutError"]
        assert one.text == "Timeout"

    @pytest.mark.parametrize(
        ("message", "signal"),
        [
            ("SEGFAULT", "SIGSEGV"),
            ("Exception: SegFault", "SIGSEGV"),
            ("ILLEGAL", "SIGILL"),
            ("Subprocess aborted", "SIGABRT"),
            ("exited with error code 139", "SIGSEGV"),
        ],
    )
    def test_a_signal_is_a_crash(self, message: str, signal: str) -> None:
        one = only(ctest(message, "working\n"))

        assert (one.outcome, one.signal, one.exceptions) == ("crashed", signal, ())

    def test_who_says_why_it_aborts_has_failed_with_that(self) -> None:
        said = "app: /src/a.cpp:42: int f(int): Assertion `x > 0' failed."
        one = only(ctest("Subprocess aborted", f"{said}\n"))

        assert (one.outcome, one.signal, one.exceptions[0].message) == ("failed", "", said)

    def test_a_message_of_its_own_is_believed(self) -> None:
        one = only(ctest("2 is not 3", "error: another thing\n"))

        assert one.exceptions[0].message == "2 is not 3"

    def test_so_is_a_type(self) -> None:
        text = suite(case('<failure type="ValueMissing"/>', "error: another thing\n"))

        assert only(text).exceptions[0].type == "ValueMissing"


class TestBazel:
    ERROR = '<error message="exited with error code 1"></error>'
    OUTPUT = (
        "Executing tests from //shop:orders_test\n"
        'Traceback (most recent call last):\n  File "shop/orders.py", line 7, in main\n'
        "    return order['customer_id']\nKeyError: 'customer_id'\n"
    )

    def suite(self, *names: str) -> str:
        cases = "".join(f'<testcase name="{one}">{self.ERROR}</testcase>' for one in names)
        output = f"<system-out>{self.OUTPUT}</system-out>"
        return f'<testsuites><testsuite name="shop/a">{cases}{output}</testsuite></testsuites>'

    def test_the_error_stands_in_the_output_of_the_suite(self) -> None:
        assert only(self.suite("shop/a")).exceptions[0].type == "KeyError"

    def test_of_two_failures_nobody_knows_whose_it_is(self) -> None:
        first, second = observed(self.suite("shop/a", "shop/b"))

        assert {first.exceptions[0].message, second.exceptions[0].message} == {
            "exited with error code 1"
        }


class TestPlaywright:
    def junit(self, *below: str, title: str = "a.spec.ts:5:7 works") -> str:
        place, _, name = title.partition(" ")
        head = f"  [chromium] › {place} › {name} ────"
        text = "\n".join((head, "", *(f"    {line}" for line in below)))
        return (
            '<testsuites><testsuite name="a.spec.ts"><testcase name="works" classname="a.spec.ts">'
            f'<failure message="{title}" type="FAILURE"><![CDATA[{text}]]></failure>'
            "</testcase></testsuite></testsuites>"
        )

    def test_the_error_stands_below_the_title(self) -> None:
        one = only(
            self.junit(
                "Error: page.goto: net::ERR_CONNECTION_REFUSED at http://localhost:3000/",
                "Call log:",
                "  - navigating to 'http://localhost:3000/'",
                "",
                "  5 | test('works', async () => {",
                "> 6 |   await page.goto('http://localhost:3000/');",
                "    |              ^",
                "",
                "    at /home/u/app/tests/a.spec.ts:6:14",
            )
        )

        (raised,) = one.exceptions
        assert raised.type == "Error"
        assert raised.message.startswith("page.goto: net::ERR_CONNECTION_REFUSED at http://local")
        assert "await" not in raised.message
        assert (raised.frames[-1].file, raised.frames[-1].line) == ("tests/a.spec.ts", 6)

    def test_what_has_no_type_is_the_message(self) -> None:
        (raised,) = only(self.junit("Test timeout of 30000ms exceeded.")).exceptions

        assert raised.message == "Test timeout of 30000ms exceeded."

    def test_a_message_that_is_no_title_stays(self) -> None:
        text = self.junit("Error: x", title="no page came")

        assert only(text).exceptions[0].message == "no page came"


class TestGotestsum:
    def junit(self, **said: str) -> str:
        cases = (
            f'<testcase classname="example.com/tax" name="{name.replace("__", "/")}">'
            f'<failure message="Failed" type="">{text}</failure></testcase>'
            for name, text in said.items()
        )
        return f'<testsuite name="example.com/tax">{"".join(cases)}</testsuite>'

    PARENT = "=== RUN   TestA\n--- FAIL: TestA (0.00s)\n"
    CHILD = "=== RUN   TestA/bad\n    a_test.go:12: got 3\n    --- FAIL: TestA/bad (0.00s)\n"

    def test_a_parent_that_fails_only_through_its_part_is_none(self) -> None:
        found = observed(self.junit(TestA=self.PARENT, TestA__bad=self.CHILD))

        assert [one.nodeid for one in found] == ["example.com/tax::TestA/bad"]

    def test_one_that_says_something_itself_is(self) -> None:
        own = self.PARENT.replace("---", "    a_test.go:30: own\n---")

        assert len(observed(self.junit(TestA=own, TestA__bad=self.CHILD))) == 2

    def test_one_without_a_part_is(self) -> None:
        assert len(observed(self.junit(TestA=self.PARENT, TestAB__bad=self.CHILD))) == 2

    def test_it_did_not_pass_either(self) -> None:
        passed: list[str] = []
        text = self.junit(TestA=self.PARENT, TestA__bad=self.CHILD)
        observed(text, saw_passed=lambda nodeid, _: passed.append(nodeid))

        assert passed == []


class TestPHPUnit:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("testProv", ""),
            ("testProv with data set #0", " (1, 2)"),
            ("testProv with data set &quot;named one&quot;", " ('a', 'b')"),
            ("testProv with data set #0", " with data (1, 2)"),
        ],
        ids=["no data", "number", "name", "newer"],
    )
    def test_the_error_stands_below_the_name(self, name: str, data: str) -> None:
        text = (
            f'<testsuite name="FooTest"><testcase name="{name}" classname="FooTest">'
            f'<failure type="ExpectationFailedException">FooTest::{name}{data}\n'
            "Failed asserting that 2 matches expected 1.\n\n/app/tests/FooTest.php:12</failure>"
            "</testcase></testsuite>"
        )

        (token,) = tokens(text)
        assert "Failed asserting that" in token
        assert "testProv with" not in token.partition(" @ ")[0]
