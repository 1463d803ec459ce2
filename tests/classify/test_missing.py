"""A file of the package that is missing is the project's: C-31, S1-116."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.missing import weighed_by_package

CATALOG = load_catalog()


def weigh(path, *, place="project", **changes):
    message = f"[Errno 2] No such file or directory: '{path}'"
    table = {"type": "FileNotFoundError", "message": message, "place": place, **changes}
    observation = observation_of(table)
    return weighed_by_package(classify(observation, CATALOG), observation)


class TestAMissingFile:
    @pytest.mark.parametrize("path", ["/build/src/shop/letters/a.txt", "src/shop/a.txt"])
    def test_beside_the_code_that_reads_it_is_the_projects(self, path):
        answer = weigh(path)
        assert (answer.subcategory, answer.failure_type) == (
            "ARCHITECTURE_INCOMPLETE",
            "test_failure",
        )
        assert answer.reasons[1] == (
            "a.txt was looked for in src/shop, beside the code that reads it."
        )

    @pytest.mark.parametrize("path", ["/etc/shop/a.txt", "a.txt", "/build/src/shopping/a.txt"])
    def test_elsewhere_stays_what_it_was(self, path):
        assert weigh(path).subcategory != "ARCHITECTURE_INCOMPLETE"

    def test_that_the_test_looks_for_stays_the_tests(self):
        assert weigh("/build/tests/a.txt", place="test").category == "QA"

    def test_a_program_that_is_not_installed_stays_the_machines(self):
        assert weigh("hg", raised_in="python/subprocess.py").subcategory == "INFRA_ENVIRONMENT"
