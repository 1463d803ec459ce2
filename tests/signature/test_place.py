"""Where a failure lies in the project's own code."""

from __future__ import annotations

from dataclasses import replace

import pytest
from signature_samples import BUILD, LIBRARY, TAX, TEST, failure, raised, silent

from pytest_failtrack.observe.observation import Frame
from pytest_failtrack.signature.place import place_of, place_text


class TestPlaceOf:
    def test_it_is_the_deepest_frame_of_the_product(self) -> None:
        assert place_of(failure(raised("E", "e", TEST, BUILD, TAX, LIBRARY))) == TAX

    def test_a_test_called_by_the_product_is_not_the_product(self) -> None:
        assert place_of(failure(raised("E", "e", TEST, BUILD, TEST))) == BUILD

    def test_without_product_code_it_is_the_deepest_frame_of_the_tests(self) -> None:
        helper = Frame("tests/checks.py", 3, "check", is_project=True, is_test=True)

        assert place_of(failure(raised("E", "e", TEST, helper, LIBRARY))) == helper

    def test_foreign_code_alone_has_no_place(self) -> None:
        assert place_of(failure(raised("E", "e", LIBRARY))) is None

    def test_it_is_that_of_the_exception_that_matters(self) -> None:
        wrapper = raised("A", "a", TEST, BUILD)

        assert place_of(failure(wrapper, raised("B", "b", TAX, link="cause"))) == TAX

    def test_a_cause_out_of_foreign_code_lends_the_place_of_its_wrapper(self) -> None:
        wrapper = raised("A", "a", TEST, BUILD)

        assert place_of(failure(wrapper, raised("B", "b", LIBRARY, link="cause"))) == BUILD

    @pytest.mark.parametrize("function", ["<listcomp>", "<dictcomp>", "<setcomp>"])
    def test_a_comprehension_lies_in_its_function_on_every_python(self, function: str) -> None:
        assert (
            place_of(failure(raised("E", "e", BUILD, replace(BUILD, function=function)))) == BUILD
        )

    def test_a_timeout_lies_where_the_test_entered_the_product(self) -> None:
        assert place_of(failure(raised("Failed", "Timeout (>1.0s)", TEST, BUILD, TAX))) == BUILD

    def test_a_recursion_lies_in_a_member_of_its_cycle_wherever_the_stack_ended(self) -> None:
        leaf = Frame("src/shop/a_leaf.py", 1, "leaf", is_project=True)
        one = failure(raised("RecursionError", "deep", BUILD, TAX, BUILD, TAX))
        other = failure(raised("RecursionError", "deep", TAX, BUILD, TAX, BUILD, leaf))

        assert place_of(one) == place_of(other) == BUILD

    def test_source_that_cannot_be_parsed_lies_in_no_frame_of_who_imports_it(self) -> None:
        broken = failure(raised("SyntaxError", "invalid syntax", TEST), file="src/shop/broken.py")

        assert place_of(broken) is None

    def test_members_of_a_group_may_come_in_any_order(self) -> None:
        group = raised("ExceptionGroup", "g", TEST)
        one, other = raised("A", "a", TAX, link="group"), raised("B", "b", BUILD, link="group")

        assert place_of(failure(group, one, other)) == place_of(failure(group, other, one)) == TAX


class TestPlaceText:
    def test_it_is_file_and_function_and_no_line(self) -> None:
        assert place_text(failure(raised())) == "src/shop/orders.py:build_order"

    def test_ten_lines_further_down_is_the_same_place(self) -> None:
        moved = failure(raised("E", "e", replace(BUILD, line=BUILD.line + 10)))

        assert place_text(moved) == place_text(failure(raised("E", "e", BUILD)))

    @pytest.mark.parametrize("function", ["outer.<locals>.inner", "inner"])
    def test_a_nested_function_has_its_own_name(self, function: str) -> None:
        frame = replace(BUILD, function=function)

        assert place_text(failure(raised("E", "e", frame))) == "src/shop/orders.py:inner"

    def test_a_lambda_is_a_place(self) -> None:
        frame = replace(BUILD, function="<lambda>")

        assert place_text(failure(raised("E", "e", frame))) == "src/shop/orders.py:<lambda>"

    def test_a_path_of_windows_is_the_same_path(self) -> None:
        frame = replace(BUILD, file=r"src\shop\orders.py")

        assert place_text(failure(raised("E", "e", frame))) == "src/shop/orders.py:build_order"

    @pytest.mark.parametrize(
        ("nodeid", "expected"),
        [
            ("tests/test_a.py::test_x", "tests/test_orders.py:test_x"),
            ("tests/test_a.py::test_x[gw0-a::b]", "tests/test_orders.py:test_x"),
            ("tests/test_a.py::TestA::test_x", "tests/test_orders.py:test_x"),
            ("src/shop/a.py::shop.a.total", "tests/test_orders.py:shop.a.total"),
            ("tests/test_a.py", "tests/test_orders.py"),
        ],
    )
    def test_without_a_traceback_it_is_the_test(self, nodeid: str, expected: str) -> None:
        assert place_text(silent(nodeid=nodeid)) == expected

    def test_a_command_is_no_function(self) -> None:
        command = silent(source="command", nodeid="make a::b", file="src/a.c")

        assert place_text(command) == "src/a.c"

    def test_a_bare_assert_in_a_helper_of_the_tests_lies_in_the_test(self) -> None:
        """C-32: the helper is asked by all tests, and says nothing of what was tested."""
        helper = Frame("tests/checks.py", 3, "assert_equal", is_project=True, is_test=True)
        method = replace(TEST, function="TestTotals.test_total")

        bare = failure(raised("AssertionError", "", TEST, helper))
        in_class = failure(raised("AssertionError", " ", method, helper))
        telling = failure(raised("AssertionError", "assert 1 == 2", TEST, helper))
        in_product = failure(raised("AssertionError", "", TEST, BUILD, helper))
        of_fixture = failure(raised("AssertionError", "", helper), when="setup")

        assert place_text(bare) == "tests/test_orders.py:test_total"
        assert place_text(in_class) == "tests/test_orders.py:TestTotals.test_total"
        assert place_text(telling) == "tests/checks.py:assert_equal"
        assert place_text(in_product) == "src/shop/orders.py:build_order"
        assert place_text(of_fixture) == "tests/checks.py:assert_equal"

    def test_a_fixture_that_many_tests_miss_belongs_to_none_of_them(self) -> None:
        missing = failure(raised("FixtureLookupError", "('db', ...)", LIBRARY))

        assert place_text(missing) == ""

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("ModuleNotFoundError", "No module named 'tomli_w'"),
            ("ImportError", "cannot import name 'total' from 'shop.orders' (/srv/orders.py)"),
            ("AttributeError", "module 'shop.orders' has no attribute 'total'"),
            ("AttributeError", "'Order' object has no attribute 'total'"),
            ("AttributeError", "type object 'Order' has no attribute 'total'"),
            ("TypeError", "Order.total() got an unexpected keyword argument 'tax'"),
            ("TypeError", "build_order() missing 1 required positional argument: 'tax'"),
            ("TypeError", "build_order() takes from 1 to 2 positional arguments but 3 were given"),
        ],
    )
    def test_what_the_message_names_in_full_has_no_place(self, kind: str, message: str) -> None:
        """C-32: one renamed function is one cause, however many call it."""
        assert place_text(failure(raised(kind, message, TEST, BUILD))) == ""

    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            ("AttributeError", "'NoneType' object has no attribute 'total'"),
            ("AttributeError", "'str' object has no attribute 'total'"),
            ("AttributeError", "'MagicMock' object has no attribute 'total'"),
            ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'"),
            ("TypeError", "print() got an unexpected keyword argument 'tax'"),
            ("ImportError", "bad magic number"),
            ("ValueError", "No module named 'tomli_w'"),
        ],
    )
    def test_what_may_go_wrong_anywhere_has_one(self, kind: str, message: str) -> None:
        assert place_text(failure(raised(kind, message, TEST, BUILD))) == (
            "src/shop/orders.py:build_order"
        )

    def test_a_file_that_does_not_parse_is_the_place_whoever_imported_it(self) -> None:
        broken = failure(raised("SyntaxError", "invalid syntax", TEST), file="src/shop/broken.py")

        assert place_text(broken) == "src/shop/broken.py"

    def test_a_name_that_is_not_defined_is_missing_in_its_module(self) -> None:
        one = failure(raised("NameError", "name 'np' is not defined", TEST, BUILD))
        inner = replace(BUILD, function="another", line=999)
        other = failure(raised("NameError", "name 'np' is not defined", TEST, inner))

        assert place_text(one) == place_text(other) == BUILD.file

    def test_control_characters_and_surrogates_in_a_file_name_are_harmless(self) -> None:
        frame = replace(BUILD, file="src/a\n\udce9.py")

        assert place_text(failure(raised("E", "e", frame))) == r"src/a\udce9.py:build_order"
