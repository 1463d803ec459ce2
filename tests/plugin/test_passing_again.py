"""What passes again is told at the end of the run, once, when all of it does."""

from __future__ import annotations

import re

import pytest
from project import Outcome, Project

TESTS = """
import os

BROKEN = os.environ.get("BROKEN", "").split()

def test_total():
    assert "total" not in BROKEN, "the total is wrong"

def lookup(name):
    return {"fee": 1}[name]

def test_fee():
    lookup("tax" if "fee" in BROKEN else "fee")

def test_tax():
    lookup("tax" if "tax" in BROKEN else "fee")
"""


@pytest.fixture
def shop(project: Project) -> Project:
    project.write("test_shop.py", TESTS)
    return project


def run(shop: Project, broken: str, *words: str) -> Outcome:
    return shop.pytest(*words, env={"BROKEN": broken})


def passing(outcome: Outcome) -> list[str]:
    """Return the headlines of the causes that pass again, without their places."""
    pattern = r"^PASSES +[0-9a-f]{12} +(\S.*?)(?: in \S*[/.]\S*)?$"
    return [one.rstrip() for one in re.findall(pattern, outcome.stdout, re.MULTILINE)]


class TestPassingAgain:
    def test_is_told_once_beside_what_still_fails(self, shop: Project) -> None:
        run(shop, "total fee")

        outcome = run(shop, "fee")

        assert passing(outcome) == ["AssertionError: the total is wrong"]
        assert passing(run(shop, "fee")) == []

    def test_is_told_of_a_green_run(self, shop: Project) -> None:
        run(shop, "total fee")

        assert sorted(passing(run(shop, ""))) == [
            "AssertionError: the total is wrong",
            "KeyError: 'tax'",
        ]
        assert passing(run(shop, "")) == []

    def test_waits_until_all_tests_of_the_cause_pass(self, shop: Project) -> None:
        run(shop, "fee tax")

        assert passing(run(shop, "fee")) == []
        assert passing(run(shop, "", "--deselect=test_shop.py::test_fee")) == []
        assert passing(run(shop, "")) == ["KeyError: 'tax'"]

    def test_is_told_again_after_it_failed_again(self, shop: Project) -> None:
        run(shop, "total")
        run(shop, "")
        run(shop, "total")

        assert passing(run(shop, "")) == ["AssertionError: the total is wrong"]

    def test_says_nothing_where_nothing_was_open(self, shop: Project) -> None:
        assert passing(run(shop, "")) == []


class TestWhatCouldNotBeCollected:
    BROKEN = "import nowhere_to_be_found\n\ndef test_fee():\n    pass\n"

    def test_a_file_that_can_be_imported_again_is_told_once(self, project: Project) -> None:
        project.write("test_shop.py", "def test_total():\n    pass\n")
        project.write("test_fee.py", self.BROKEN)
        project.pytest()
        project.write("test_fee.py", "def test_fee():\n    assert 0, 'still wrong'\n")

        # Its test fails, and yet the file is collected.
        assert passing(project.pytest()) == [
            "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
        ]
        assert passing(project.pytest()) == []

    def test_waits_until_its_own_file_is_collected(self, project: Project) -> None:
        project.write("test_shop.py", "def test_total():\n    pass\n")
        project.write("test_fee.py", self.BROKEN)
        project.pytest()

        assert passing(project.pytest("test_shop.py")) == []
        assert passing(project.pytest("--continue-on-collection-errors")) == []

    def test_a_class_that_can_be_collected_again_is_told(self, project: Project) -> None:
        fixture = "import pytest\n\n@pytest.mark.parametrize('n', {})\n"
        body = "class TestFee:\n    def test_fee(self, n):\n        assert n\n"
        project.write("test_fee.py", fixture.format("1") + body)
        project.pytest()
        project.write("test_fee.py", fixture.format("[1]") + body)

        assert len(passing(project.pytest())) == 1

    def test_the_run_document_says_so(self, project: Project) -> None:
        project.write("tests/unit/test_fee.py", self.BROKEN)
        project.pytest()
        project.write("tests/unit/test_fee.py", "def test_fee():\n    pass\n")
        project.pytest()

        assert [one["outcomes"] for one in project.runs()] == [
            {"tests/unit/test_fee.py": "error"},
            {"tests/unit/test_fee.py": "passed"},
        ]

    def test_whatever_else_of_it_is_left_out(self, project: Project) -> None:
        tests = (
            "import pytest\n\n@pytest.mark.xfail(reason='SHOP-1')\ndef test_fee():\n    assert 0\n"
        )
        project.write("pytest.ini", "[pytest]\naddopts = --deselect test_fee.py::test_slow\n")
        project.write("test_fee.py", self.BROKEN)
        project.pytest()
        project.write("test_fee.py", f"{tests}\ndef test_slow():\n    pass\n")

        assert len(passing(project.pytest())) == 1

    @pytest.mark.parametrize("name", ["conftest.py", "tests/conftest.py"])
    @pytest.mark.parametrize("words", [(), ("tests",)], ids=str)
    def test_a_conftest_that_can_be_imported_again(
        self, project: Project, name: str, words: tuple[str, ...]
    ) -> None:
        project.write("tests/test_fee.py", "def test_fee():\n    pass\n")
        conftest = project.write(name, "import nowhere_to_be_found\n")
        project.pytest(*words)
        conftest.write_text("")

        assert len(passing(project.pytest())) == 1
        assert passing(project.pytest()) == []
