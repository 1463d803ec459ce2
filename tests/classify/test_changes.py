"""What the change under test says about a failure: C-20, C-31."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.changes import FILES_MAX, Changes, is_code, is_test_file, weighed
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of

CATALOG = load_catalog()
WRONG = {"type": "AssertionError", "message": "assert 101 == 100", "place": "test"}
RAISED = {"type": "ValueError", "message": "no such rate", "place": "project"}
REFUSED = {"type": "ConnectionRefusedError", "message": "[Errno 111] Connection refused"}
TEST, CODE = "tests/test_orders.py", "src/shop/orders.py"


def after(table, *files, is_whole=True):
    observation = observation_of(table)
    given = classify(observation, CATALOG)
    return weighed(
        observation=observation,
        classification=given,
        look_up=lambda: Changes(frozenset(files), is_whole),
    )


class TestWeighed:
    @pytest.mark.parametrize(
        ("table", "files", "subcategory", "confidence"),
        [
            (WRONG, [], "ARCHITECTURE_DRIFT", 0.4),
            (WRONG, [TEST], "QA_ASSERTION_INCORRECT", 0.6),
            (WRONG, [TEST, "README.md"], "QA_ASSERTION_INCORRECT", 0.6),
            (WRONG, [TEST, CODE], "ARCHITECTURE_DRIFT", 0.4),
            (WRONG, [CODE], "ARCHITECTURE_DRIFT", 0.5),
            (WRONG, ["README.md"], "UNKNOWN_ROOT_CAUSE", 0.25),
            (WRONG, ["tests/test_other.py"], "ARCHITECTURE_DRIFT", 0.4),
            (RAISED, [CODE], "ARCHITECTURE_DRIFT", 0.7),
            (RAISED, ["src/shop/tax.py"], "ARCHITECTURE_DRIFT", 0.5),
            (RAISED, [TEST], "QA_ASSERTION_INCORRECT", 0.6),
        ],
        ids=lambda value: ",".join(value) if isinstance(value, list) else None,
    )
    def test_raises_the_confidence_or_turns_elsewhere(self, table, files, subcategory, confidence):
        """C-31."""
        answer = after(table, *files)
        assert (answer.subcategory, answer.confidence) == (subcategory, confidence)

    def test_says_why_in_a_sentence(self):
        answer = after(RAISED, CODE)
        assert answer.reasons[1] == (
            "The change under test touches src/shop/orders.py, which it failed in, and not the"
            " test."
        )

    def test_tells_to_fix_the_test_when_only_the_test_was_changed(self):
        answer = after(WRONG, TEST)
        assert (answer.category, answer.recovery_mode) == ("QA", "FIX_TEST")
        assert "touches tests/test_orders.py or a helper of it, and no code" in answer.reasons[1]

    def test_keeps_the_best_guess_of_what_became_too_unsure(self):
        """C-20."""
        answer = after(WRONG, "docs/index.md")
        assert (answer.category, answer.best_guess) == ("UNKNOWN", "ARCHITECTURE_DRIFT")

    def test_does_not_doubt_what_may_be_older_than_the_newest_commit(self):
        assert after(WRONG, "docs/index.md", is_whole=False).confidence == 0.4

    def test_leaves_infrastructure_alone_and_does_not_even_look(self):
        observation = observation_of(REFUSED)
        given = classify(observation, CATALOG)

        def look_up():
            raise AssertionError("git was asked")

        assert weighed(given, observation, look_up) is given

    @pytest.mark.parametrize("change", [{"source": "command"}, {"outcome": "flaky"}])
    def test_leaves_alone_what_is_no_failing_test(self, change):
        observation = replace(observation_of(WRONG), **change)
        given = classify(observation, CATALOG)
        assert weighed(given, observation, lambda: Changes(frozenset({TEST}))) is given

    def test_a_range_of_very_many_files_says_nothing(self):
        files = [TEST, *(f"tests/data/{n}.txt" for n in range(FILES_MAX))]
        assert after(WRONG, *files).confidence == 0.4


class TestWhatTestsShare:
    @pytest.mark.parametrize(
        ("files", "category"),
        [
            (["tests/data/orders.json"], "QA"),
            (["tests/conftest.py"], "QA"),
            (["tests/helpers.py", "README.md"], "QA"),
            (["tests/unit/conftest.py"], "INTEGRATION"),
            (["tests/README.md"], "INTEGRATION"),
            (["tests/__pycache__/test_orders.cpython-311.pyc"], "INTEGRATION"),
            (["tests/.cache/orders.json"], "INTEGRATION"),
            (["other/tests/data/orders.json"], "INTEGRATION"),
            (["tests/data/orders.json", CODE], "INTEGRATION"),
        ],
        ids=",".join,
    )
    def test_is_the_first_suspect_when_nothing_else_was_changed(self, files, category):
        lacks = {"type": "KeyError", "message": "'minutes'", "place": "project"}
        assert after(lacks, *files).category == category

    def test_is_named(self):
        answer = after(WRONG, "tests/data/orders.json")
        assert answer.reasons[1] == (
            "The change under test touches tests/data/orders.json, which tests share, and no code."
        )


class TestDataOfAPackage:
    def test_counts_as_code_of_what_lies_beside_it(self):
        answer = after(RAISED, "src/shop/letters/order.txt")
        assert (answer.subcategory, answer.confidence) == ("ARCHITECTURE_DRIFT", 0.5)

    @pytest.mark.parametrize(
        "file",
        [
            "docs/order.txt",
            "src/shop/README.md",
            "src/shop/__pycache__/orders.cpython-311.pyc",
            "order.txt",
        ],
    )
    def test_does_not_when_it_lies_elsewhere_or_is_prose(self, file):
        assert after(RAISED, file).subcategory == "UNKNOWN_ROOT_CAUSE"


class TestAMissingFile:
    GONE = "[Errno 2] No such file or directory: '{}'"

    @pytest.mark.parametrize(
        ("path", "subcategory"),
        [
            ("/build/shop/src/shop/order.txt", "ARCHITECTURE_INCOMPLETE"),
            ("src/shop/order.txt", "ARCHITECTURE_INCOMPLETE"),
            ("/build/shop/src/shop/preorder.txt", "INFRA_ENVIRONMENT"),
        ],
    )
    def test_is_the_changes_when_that_names_it(self, path, subcategory):
        table = {"type": "FileNotFoundError", "message": self.GONE.format(path), "place": "project"}
        answer = after(table, "src/shop/order.txt")
        assert answer.subcategory == subcategory
        assert not answer.is_retryable

    def test_is_the_tests_when_it_is_data_of_tests(self):
        message = self.GONE.format("/build/shop/tests/data/a.txt")
        table = {"type": "FileNotFoundError", "message": message, "place": "project"}
        answer = after(table, "tests/data/a.txt", CODE)
        assert answer.subcategory == "QA_FALSE_NEGATIVE"


class TestOnlyThePlaceBlamesTheTest:
    STOPPED = {"type": "StopIteration", "message": "", "place": "test"}

    def test_so_that_a_change_of_nothing_but_code_is_the_first_suspect(self):
        answer = after(self.STOPPED, CODE)
        assert (answer.subcategory, answer.recovery_mode) == ("ARCHITECTURE_DRIFT", "FIX_CODE")

    @pytest.mark.parametrize("files", [[], [TEST], [CODE, "tests/test_other.py"]], ids=",".join)
    def test_and_any_other_leaves_it_there(self, files):
        assert after(self.STOPPED, *files).category == "QA"

    def test_but_what_is_known_of_a_test_stays(self):
        mock = {"type": "NameError", "message": "name 'x' is not defined", "place": "test"}
        assert after(mock, CODE).category == "QA"


class TestFiles:
    @pytest.mark.parametrize(
        ("path", "tests", "code"),
        [
            ("tests/test_a.py", True, True),
            ("src/shop/tax_test.py", True, True),
            ("src/shop/tests/data.json", True, False),
            ("conftest.py", True, True),
            ("src/shop/contest.py", False, True),
            ("src/shop/latest.py", False, True),
            ("docs/tests.md", False, False),
            ("pyproject.toml", False, True),
            ("Makefile", False, True),
            ("LICENSE", False, False),
        ],
    )
    def test_are_told_apart_by_name_and_folder(self, path, tests, code):
        assert (is_test_file(path), is_code(path)) == (tests, code)
