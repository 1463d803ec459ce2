"""A server that fails inside of the test is no matter of the network: S1-116."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.inside import weighed_by_server

CATALOG = load_catalog(project_packages=("shop",))
LOST = {"type": "http.client.RemoteDisconnected", "message": "Remote end closed connection"}
REFUSED = {"type": "ConnectionRefusedError", "message": "[Errno 111] Connection refused"}
PRINTED = """Exception occurred during processing of request from ('127.0.0.1', 40022)
Traceback (most recent call last):
  File "/usr/lib/python3.11/socketserver.py", line 691, in process_request_thread
    self.finish_request(request, client_address)
  File "/build/shop/src/shop/server.py", line 14, in do_GET
    self.answer(200, shop.order(1, 2))
TypeError: order() takes 2 positional arguments but 3 were given
"""
IN_TEST = PRINTED.replace("/build/shop/src/shop/server.py", "/build/shop/tests/test_server.py")
OF_NETWORK = PRINTED.replace(
    "TypeError: order() takes 2 positional arguments but 3 were given",
    "ConnectionRefusedError: [Errno 111] Connection refused",
)


def weigh(table, captured, **changes):
    made = observation_of({**table, "place": "test", "raised_in": "python/http/client.py"})
    observation = replace(made, captured={"stderr": captured}, **changes)

    def again(other):
        return classify(other, CATALOG)

    return weighed_by_server(again(observation), observation, again)


class TestAServerInTheTest:
    def test_is_judged_by_its_own_exception(self):
        answer = weigh(LOST, PRINTED)
        assert (answer.subcategory, answer.is_retryable) == ("INTEGRATION_API_MISMATCH", False)
        assert answer.reasons[1] == (
            "http.client.RemoteDisconnected is what a client saw: the server in this test failed"
            " with TypeError."
        )

    def test_is_judged_by_the_end_of_its_traceback(self):
        cut = PRINTED[PRINTED.index("request_thread") :]
        assert weigh(LOST, cut).subcategory == "INTEGRATION_API_MISMATCH"

    @pytest.mark.parametrize("captured", ["", IN_TEST, OF_NETWORK], ids=["no", "test", "network"])
    def test_is_not_blamed_without_a_traceback_of_the_project(self, captured):
        answer = weigh(LOST, captured)
        assert (answer.category, answer.is_retryable) == ("INFRA", True)

    def test_a_command_is_left_alone(self):
        assert weigh(REFUSED, PRINTED, source="command").category == "INFRA"

    def test_a_failure_of_another_kind_is_left_alone(self):
        wrong = {"type": "AssertionError", "message": "assert 1 == 2"}
        assert weigh(wrong, PRINTED).catalog_entry_id == "assertion-failed"
