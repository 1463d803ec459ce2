"""Root causes over real runs: what stands together, under which name, and what is shown of it."""

from __future__ import annotations

import json

from project import Project

FIXTURE = """
import pytest

@pytest.fixture
def database(request):
    raise RuntimeError(f"{request.node.name[5:]} found nothing")

def test_orders(database): pass
def test_invoices(database): pass
def test_customers(database): pass
"""
TWO_PLACES = """
import shop

def test_price(): shop.price()
def test_tax(): shop.tax()
"""
SHOP = """
def price():
    raise ValueError("no rate")

def tax():
    raise ValueError("no rate")
"""
ONE_MORE = FIXTURE + "def test_shelves(database): pass\n"


class TestAFixture:
    def test_that_breaks_many_tests_is_one_cause(self, plain_project: Project) -> None:
        """S0-121: the messages differ, and so do the signatures of the records."""
        plain_project.write("test_shop.py", FIXTURE)

        outcome = plain_project.pytest()

        assert "3 failures, 1 root cause: 1 first seen" in outcome.stdout
        assert "one cause: 3 signatures of one fixture, test_shop.py:database" in outcome.stdout
        assert len({one["signature"]["hash"] for one in outcome.records}) == 3
        (cause,) = outcome.run["causes"]
        assert outcome.causes == {cause["cause_id"]}
        assert cause["signatures"] == sorted(one["signature"]["hash"] for one in outcome.records)

    def test_keeps_its_id_when_another_test_breaks(self, plain_project: Project) -> None:
        plain_project.write("test_shop.py", FIXTURE)
        before = plain_project.pytest("--failtrack-build=1")
        plain_project.write("test_shop.py", ONE_MORE)

        after = plain_project.pytest("--failtrack-build=2")

        assert "4 failures, 1 root cause: 1 repeat (2nd" in after.stdout
        assert after.causes == before.causes

    def test_is_found_by_each_of_its_signatures(self, plain_project: Project) -> None:
        plain_project.write("test_shop.py", FIXTURE)
        outcome = plain_project.pytest()

        for record in outcome.records:
            shown = plain_project.failtrack("show", record["signature"]["hash"], "--json")

            assert json.loads(shown.stdout)["cause"]["cause_id"] in outcome.causes

    def test_is_one_cause_to_the_gate(self, plain_project: Project) -> None:
        plain_project.write("test_shop.py", FIXTURE)
        outcome = plain_project.pytest()

        verdict = json.loads(plain_project.failtrack("gate", "--json").stdout)

        assert [one["cause_id"] for one in verdict["counted"]] == list(outcome.causes)


class TestTwoPlaces:
    def test_with_one_message_are_two_causes(self, plain_project: Project) -> None:
        plain_project.write("shop.py", SHOP)
        plain_project.write("test_shop.py", TWO_PLACES)

        assert "2 failures, 2 root causes" in plain_project.pytest().stdout
