"""JUnit XML of many runners: the same few observations, whatever each makes of the format."""

from __future__ import annotations

from pathlib import Path

import pytest
from reading_kit import observed, only, sample, tokens

from pytest_failtrack.errors import InputError
from pytest_failtrack.observe.observation import Frame, Observation, Raised

PYTEST = sample("pytest.xml")
SUREFIRE = sample("surefire.xml")
GRADLE = sample("gradle.xml")
JEST = sample("jest.xml")
GO = sample("go.xml")
DOTNET = sample("dotnet.xml")


class TestPytest:
    def test_a_failure_is_what_the_plugin_would_have_seen(self) -> None:
        assert only(PYTEST) == Observation(
            source="junit",
            when="call",
            nodeid="tests/test_tax.py::TestRates::test_low[a.b::c]",
            outcome="failed",
            exceptions=(
                Raised(
                    "KeyError",
                    "'rate'",
                    (
                        Frame("tests/test_tax.py", 9, "test_low", True, True),
                        Frame("src/shop/tax.py", 5, "rate_of", True, False),
                    ),
                ),
            ),
            file="src/shop/tax.py",
            line=5,
            text=only(PYTEST).text,
            captured={"stdout": "said before"},
            duration_seconds=0.01,
            timestamp="2026-11-21T10:00:00.000+00:00",
        )

    @pytest.mark.parametrize(
        ("message", "when", "outcome"),
        [
            ("failed on setup with &quot;KeyError: 'x'&quot;", "setup", "error"),
            ("failed on teardown with &quot;KeyError: 'x'&quot;", "teardown", "error"),
            ("collection failure", "collect", "error"),
            ("KeyError: 'x'", "call", "failed"),
        ],
    )
    def test_the_phase_stands_in_the_message(self, message: str, when: str, outcome: str) -> None:
        one = only(
            f'<testsuite><testcase classname="tests.test_a" name="t"><error message="{message}">'
            "E   KeyError: 'x'</error></testcase></testsuite>"
        )

        assert (one.when, one.outcome) == (when, outcome)

    def test_a_strict_xfail_that_passed_is_no_exception(self) -> None:
        said = "[XPASS(strict)] not yet"
        one = only(
            f'<testsuite><testcase classname="tests.test_a" name="t"><failure message="{said}">'
            f"{said}</failure></testcase></testsuite>"
        )

        assert (one.outcome, one.exceptions, one.text) == ("xpassed", (), said)

    def test_a_collector_that_fails_twice_alike_is_one_failure(self) -> None:
        error = '<error message="collection failure">E   KeyError: 1</error>'
        one = only(
            f'<testsuite><testcase classname="" name="tests.test_a">{error}{error}'
            "</testcase></testsuite>"
        )

        assert (one.nodeid, one.when) == ("tests/test_a.py", "collect")

    def test_a_failure_and_an_error_of_teardown_are_two(self) -> None:
        found = observed(
            '<testsuite><testcase classname="tests.test_a" name="t"><failure message="assert 0">'
            'E   assert 0</failure><error message="failed on teardown with &quot;OSError&quot;">'
            "E   OSError</error></testcase></testsuite>"
        )

        assert [(one.when, one.outcome, one.position) for one in found] == [
            ("call", "failed", 0),
            ("teardown", "error", 0),
        ]

    def test_subtests_of_one_test_have_positions(self) -> None:
        failure = '<failure message="assert 0">E   assert 0</failure>'
        found = observed(
            f'<testsuite><testcase classname="tests.test_a" name="test_b">{failure}{failure}'
            "</testcase></testsuite>"
        )

        assert [one.position for one in found] == [0, 1]


class TestNodeIds:
    """C-27: the node id by which the plugin calls a test is found in the words of JUnit XML."""

    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        for name in ("tests/Unit/checks.py", "src/shop/doc.py", "docs/guide.rst"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return tmp_path

    @pytest.mark.parametrize(
        ("attributes", "nodeid"),
        [
            (
                'classname="tests.Unit.checks.Low.Deep" name="check_it[x]"',
                "tests/Unit/checks.py::Low::Deep::check_it[x]",
            ),
            (
                'classname="prefix.tests.Unit.checks" name="check_it"',
                "tests/Unit/checks.py::check_it",
            ),
            ('classname="src.shop.doc" name="shop.doc.f"', "src/shop/doc.py::shop.doc.f"),
            ('classname="docs.guide.rst" name="guide.rst"', "docs/guide.rst::guide.rst"),
            ('classname="" name="tests.Unit.checks"', "tests/Unit/checks.py"),
            (
                'classname="tests.Unit.checks.Low" name="a" file="tests/Unit/checks.py"',
                "tests/Unit/checks.py::Low::a",
            ),
            (
                'classname="not.there.test_x.TestY" name="test_z"',
                "not/there/test_x.py::TestY::test_z",
            ),
            (
                'classname="" name="setUpClass (tests.Unit.checks.Low)"',
                "tests/Unit/checks.py::Low::setUpClass",
            ),
            ('classname="com.acme.OrderTest" name="adds()"', "com.acme.OrderTest::adds()"),
            ('classname="orders adds" name="orders adds"', "suite::orders adds"),
            ('name="adds"', "suite::adds"),
            (
                'classname="spec.order_spec" name="adds" file="./spec/order_spec.rb"',
                "./spec/order_spec.rb::adds",
            ),
        ],
        ids=lambda value: value if "=" not in value else "",
    )
    def test_are_found(self, root: Path, attributes: str, nodeid: str) -> None:
        case = f'<testcase {attributes}><failure message="x"/></testcase>'
        document = f'<testsuite name="suite">{case}</testsuite>'

        assert only(document, root).nodeid == nodeid


class TestOtherRunners:
    def test_surefire_says_which_attempt_failed(self) -> None:
        found = observed(SUREFIRE)

        assert [(one.nodeid.partition("::")[2], one.outcome, one.attempt) for one in found] == [
            ("passesInTheEnd", "flaky", 1),
            ("failsAlways", "rerun", 1),
            ("failsAlways", "failed", 2),
        ]
        assert found[0].captured == {"stdout": "first attempt"}

    def test_java_has_its_causes_and_the_place_of_its_own_code(self) -> None:
        one = observed(SUREFIRE)[1]

        assert [(each.type, each.link) for each in one.exceptions] == [
            ("com.acme.OrderException", ""),
            ("java.lang.NullPointerException", "cause"),
        ]
        assert (one.file, one.line) == ("com/acme/Order.java", 12)
        assert [
            (frame.function, frame.is_project, frame.is_test) for frame in one.exceptions[0].frames
        ] == [
            ("invoke", False, False),
            ("failsAlways", True, True),
            ("build", True, False),
        ]
        assert tokens(SUREFIRE)[1] == (
            'NullPointerException: Cannot invoke "Customer.id()" @ com/acme/Customers.java:find'
        )

    def test_gradle_repeats_a_case_that_it_ran_again(self) -> None:
        one = only(GRADLE)

        assert (one.nodeid, one.outcome) == ("com.acme.CartTest::adds()", "flaky")
        assert one.captured == {"stderr": "log of the suite"}

    def test_equal_cases_of_other_runners_stay_failures(self) -> None:
        """Two parameters with one title: the pass of the other must not hide the failure."""
        assert (
            only(GRADLE.replace('<testsuite name="com.acme.CartTest"', "<testsuite")).outcome
            == "failed"
        )

    def test_the_rows_of_a_test_of_surefire_have_one_name(self) -> None:
        """A provider of data in TestNG: the second row does not make the first one flaky."""
        assert only(GRADLE.replace(' hostname="ci"', "")).outcome == "failed"
        assert only(GRADLE.replace(" hostname", ' ignored="0" hostname')).outcome == "failed"

    def test_jest_has_text_alone(self) -> None:
        assert tokens(JEST) == [
            "OutOfStock: no customer @ src/orders.js:build",
            "Error: expect(received).toBe(expected) // Object.is equality "
            "@ test/orders.test.js:orders adds",
        ]

    def test_go_says_failed_and_means_the_text(self) -> None:
        assert tokens(GO) == [
            "Failed: got <num>, want <num> @ orders_test.go:TestBuild",
            "panic: runtime error: index out of range [<num>] with length <num> "
            "@ orders/orders.go:Build",
        ]

    def test_dotnet_has_its_frames_in_words(self) -> None:
        one = only(DOTNET)

        assert (one.file, one.line) == ("src/Order.cs", 12)
        assert tokens(DOTNET) == ["OutOfStockException: nothing left @ src/Order.cs:Build"]

    @pytest.mark.parametrize(
        ("failure", "token"),
        [
            (
                '<failure message="src/cart_test.cc:42: Failure&#10;Expected equality" type=""/>',
                "Failure: Expected equality @ src/cart_test.cc:adds",
            ),
            (
                '<failure type="X\\Exception">CartTest::adds\nBoom\n\n/w/tests/CartTest.php:9'
                "</failure>",
                "X\\Exception: Boom @ tests/CartTest.php",
            ),
            (
                '<failure type="testCodeFailure" message="bad">Error [ERR_TEST_FAILURE]: bad\n'
                "    at run (node:internal/test:796:25) {\n  cause: TypeError [Error]: bad\n"
                "      at TestContext.f (file:///w/cart.test.mjs:3:61)\n}</failure>",
                "TypeError: bad @ cart.test.mjs:adds",
            ),
            (
                '<failure type="test failure with exit code 101">'
                "thread 'adds' panicked at tests/cart.rs:3:9:\nassertion failed: x\n"
                "note: run with RUST_BACKTRACE=1</failure>",
                "panic: assertion failed: x @ tests/cart.rs:adds",
            ),
            (
                '<failure>  ● Test suite failed to run\n\n    Cannot find module "./x"</failure>',
                'Failure: Cannot find module "./x"',
            ),
            (
                '<failure message="Traceback (most recent call last):&#10;'
                "  File &quot;/w/tests/t.py&quot;, line 3, in adds&#10;"
                '    f()&#10;KeyError: 1"/>',
                "KeyError: <num> @ tests/t.py:adds",
            ),
        ],
        ids=["googletest", "phpunit", "node", "nextest", "jest suite", "a traceback alone"],
    )
    def test_has_its_line_and_its_place(self, failure: str, token: str) -> None:
        case = f'<testcase classname="Cart" name="adds">{failure}</testcase>'

        assert tokens(f"<testsuite>{case}</testsuite>") == [token]


class TestDeviations:
    def test_suites_are_nested_and_counts_are_wrong(self) -> None:
        found = observed(
            '<testsuites failures="0" tests="99"><testsuite name="outer"><testsuite name="inner">'
            '<testcase name="a"><failure>boom</failure></testcase></testsuite>'
            '<testcase name="b"><error/></testcase></testsuite></testsuites>'
        )

        assert [one.nodeid for one in found] == ["inner::a", "outer::b"]

    def test_no_attribute_is_needed(self) -> None:
        one = only(
            "<testsuite><testcase><failure>ValueError: boom</failure></testcase></testsuite>"
        )

        assert (one.nodeid, one.exceptions) == ("?", (Raised("ValueError", "boom"),))

    def test_a_failure_that_says_nothing_has_no_stack(self) -> None:
        assert tokens('<testsuite><testcase name="a"><failure/></testcase></testsuite>') == [
            "no-stack"
        ]

    def test_an_error_of_the_suite_itself_is_one_of_the_session(self) -> None:
        one = only(
            '<testsuite name="db"><error message="no database">OSError: x</error></testsuite>'
        )

        assert (one.nodeid, one.when, one.outcome) == ("db", "session", "error")

    def test_skipped_and_passed_cases_are_none(self) -> None:
        assert (
            observed(
                '<testsuite><testcase name="test_error"><system-out>ERROR</system-out></testcase>'
                '<testcase name="b"><skipped message="failed to load"/></testcase></testsuite>'
            )
            == []
        )

    def test_an_empty_document_holds_none(self) -> None:
        assert observed("<testsuites/>") == []

    def test_secrets_are_redacted(self) -> None:
        secret = "ghp_" + "a1B2" * 9
        one = only(
            f'<testsuite><testcase name="a[{secret}]" classname="{secret}"><failure '
            f'message="{secret}" type="{secret}">{secret}\n at a.{secret}.b({secret}.java:1)\n'
            f" at {secret} (/x/{secret}.test.js:1:2)\n{secret}.go:1: {secret}"
            f"</failure><system-out>{secret}</system-out></testcase></testsuite>"
        )

        assert secret not in one.to_json()

    @pytest.mark.parametrize("said", ['status="failed"', 'result="FAIL"', 'status=" error "'])
    def test_a_case_may_say_in_an_attribute_that_it_failed(self, said: str) -> None:
        found = observed(
            f'<testsuite tests="2" failures="1"><testcase classname="C" name="t" {said}/>'
            '<testcase classname="C" name="u" status="run" result="completed"/></testsuite>'
        )

        assert [one.nodeid.rpartition("::")[2] for one in found] == ["t"]
        assert "its report says: " in found[0].exceptions[0].message

    @pytest.mark.parametrize("within", ["<skipped/>", '<failure message="assert 0"/>'])
    def test_its_elements_say_more_than_the_attribute(self, within: str) -> None:
        found = observed(
            f'<testsuite><testcase classname="C" name="t" status="failed">{within}</testcase>'
            "</testsuite>"
        )

        assert len(found) == ("failure" in within)
        assert not any("its report says" in one.exceptions[0].message for one in found)


class TestHostileInput:
    def test_billion_laughs_are_refused(self) -> None:
        laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><testsuite>&b;</testsuite>'

        with pytest.raises(InputError, match=r"given: declares the entity 'a'"):
            observed(laughs)

    def test_external_entities_are_refused(self) -> None:
        with pytest.raises(InputError, match="declares the entity"):
            observed(
                '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite>&a;</testsuite>'
            )

    def test_a_truncated_document_says_so(self) -> None:
        with pytest.raises(InputError, match=r"given: ends in line 1 before it is complete"):
            observed('<testsuites><testsuite><testcase name="a"><failure>x')

    def test_a_malformed_document_names_its_line(self) -> None:
        with pytest.raises(InputError, match=r"given: not well-formed XML, line 2, column"):
            observed("<testsuites>\n<a></b></testsuites>")

    def test_deep_nesting_is_refused(self) -> None:
        with pytest.raises(InputError, match="nested deeper than 200"):
            observed("<testsuite>" * 300)

    def test_control_characters_are_left_out(self) -> None:
        one = only(
            b'<testsuite><testcase name="a"><failure message="ValueError: x&#x1b;[31m&#0;">'
            b"ValueError: x\x1b[0m \x00 y</failure></testcase></testsuite>"
        )

        assert one.nodeid == "a"

    @pytest.mark.parametrize(
        "data",
        [
            '<?xml version="1.0" encoding="utf-8"?><testsuite><testcase name="ä">'
            "<failure/></testcase></testsuite>".encode("latin-1"),
            '<?xml version="1.0" encoding="windows-1252"?><testsuite><testcase name="ä">'
            "<failure/></testcase></testsuite>".encode("cp1252"),
            '<?xml version="1.0" encoding="utf-16"?><testsuite><testcase name="ä">'
            "<failure/></testcase></testsuite>".encode("utf-16"),
            b"\xef\xbb\xbf"
            + '<testsuite><testcase name="ä"><failure/></testcase></testsuite>'.encode(),
        ],
        ids=["says utf-8 and is not", "windows-1252", "utf-16", "byte order mark"],
    )
    def test_encodings_are_understood(self, data: bytes) -> None:
        assert only(data).nodeid == "ä"

    def test_a_huge_attribute_is_cut(self) -> None:
        one = only(
            f'<testsuite><testcase name="{"n" * 3_000_000}"><failure message="{"m" * 3_000_000}"/>'
            "</testcase></testsuite>"
        )

        assert len(one.to_json()) < 20_000

    def test_many_failures_are_read_in_time_that_is_linear(self) -> None:
        case = '<testcase classname="c" name="n{}"><failure message="x">{}</failure></testcase>'
        text = (
            "<testsuite>"
            + "".join(case.format(n, "E   " * 50) for n in range(2_000))
            + "</testsuite>"
        )

        assert len(observed(text)) == 2_000
