"""Which exception of a chain matters."""

from __future__ import annotations

import pytest
from signature_samples import raised

from pytest_failtrack.signature.cause import matter, short_name

REFUSED = "[Errno 111] Connection refused"


class TestChain:
    def test_nothing_raised_is_nothing_that_matters(self) -> None:
        assert matter(()) is None

    def test_an_explicit_cause_wins_over_what_wraps_it(self) -> None:
        inner = raised("KeyError", "'rate'", link="cause")

        assert matter((raised("LookupFailed", "no rates"), inner)).raised is inner

    def test_the_innermost_of_several_causes_wins(self) -> None:
        inner = raised("OSError", REFUSED, link="cause")
        chain = (raised("A", "a"), raised("B", "b", link="cause"), inner)

        assert matter(chain).raised is inner

    def test_what_was_raised_in_a_handler_is_a_failure_of_its_own(self) -> None:
        outer = raised("AttributeError", "'NoneType' object has no attribute 'id'")

        assert matter((outer, raised("KeyError", "'rate'", link="context"))).raised is outer

    def test_what_quotes_the_one_before_it_is_a_wrapper(self) -> None:
        inner = raised("OSError", REFUSED, link="context")

        assert matter((raised("RateError", f"no rates: {REFUSED}"), inner)).raised is inner

    def test_a_key_that_was_not_found_says_less_than_who_asked_for_it(self) -> None:
        key = raised("KeyError", "'tax'", link="context")

        asked, wraps = raised("Unknown", "no function 'tax'"), raised("Broken", "KeyError: 'tax'")

        assert matter((asked, key)).raised is asked
        assert matter((wraps, key)).raised is key

    def test_the_chain_of_an_http_client_ends_at_the_socket(self) -> None:
        retries = "Max retries exceeded (Caused by NewConnectionError('no connection'))"
        socket = raised("ConnectionRefusedError", REFUSED, link="cause")
        chain = (
            raised("requests.exceptions.ConnectionError", retries),
            raised("urllib3.exceptions.MaxRetryError", retries, link="context"),
            raised("urllib3.exceptions.NewConnectionError", "no connection", link="cause"),
            socket,
        )

        assert matter(chain).raised is socket

    @pytest.mark.parametrize(
        ("type_", "message"),
        [("TimeoutError", ""), ("asyncio.exceptions.CancelledError", "cancelled")],
        ids=["silent", "control flow"],
    )
    def test_a_cause_that_says_nothing_is_passed_over(self, type_: str, message: str) -> None:
        outer = raised("RateError", "the rates did not come in time")

        assert matter((outer, raised(type_, message, link="cause"))).raised is outer

    def test_a_silent_wrapper_gives_way_even_to_a_silent_cause(self) -> None:
        inner = raised("TimeoutError", "", link="cause")

        assert matter((raised("RateError", ""), inner)).raised is inner


class TestGroup:
    def test_a_group_stands_for_its_members(self) -> None:
        group = raised("ExceptionGroup", "two failed (2 sub-exceptions)")
        members = (raised("KeyError", "'a'", link="group"), raised("OSError", "b", link="group"))

        found = matter((group, *members))

        assert (found.raised, found.members) == (group, members)

    def test_a_wrapper_of_a_group_leads_to_the_group(self) -> None:
        group = raised("ExceptionGroup", "failed (1 sub-exception)", link="cause")
        member = raised("KeyError", "'a'", link="group")

        assert matter((raised("RunError", "run failed"), group, member)).members == (member,)

    def test_a_nested_group_stands_for_its_own_members(self) -> None:
        chain = (
            raised("ExceptionGroup", "outer"),
            raised("ExceptionGroup", "inner", link="group"),
            raised("KeyError", "'a'", link="group"),
        )

        assert [one.type for one in matter(chain).members] == ["KeyError"]

    def test_a_group_in_whose_handler_something_else_broke_does_not_matter(self) -> None:
        outer = raised("NameError", "name 'x' is not defined")
        chain = (outer, raised("ExceptionGroup", "g", link="context"), raised(link="group"))

        found = matter(chain)

        assert (found.raised, found.members) == (outer, ())


@pytest.mark.parametrize(
    ("qualified", "expected"),
    [
        ("ValueError", "ValueError"),
        ("shop.errors.OutOfStock", "OutOfStock"),
        ("tests.test_x.test_y.<locals>.Boom", "Boom"),
        ("zlib.error", "zlib.error"),
        ("shop.errors.Error", "shop.errors.Error"),
        ("test_x.test_y.<locals>.Error", "test_x.test_y.Error"),
    ],
)
def test_a_type_is_known_by_its_name_where_the_name_says_something(
    qualified: str, expected: str
) -> None:
    assert short_name(qualified) == expected
