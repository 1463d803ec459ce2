"""What must have been collected for a test to run."""

from __future__ import annotations

from pytest_failtrack.observe.collectors import containers_of
from pytest_failtrack.pipeline import RunSeen


def test_classes_files_folders_and_what_is_imported_before() -> None:
    assert containers_of(["a/b/t.py::TestA::TestB::test[x]", "a/c.py::test"]) == {
        *("a/b/t.py::TestA::TestB", "a/b/t.py::TestA", "a/b/t.py", "a/b", "a", "a/c.py"),
        *("a/b/conftest.py", "a/conftest.py", "conftest.py"),
        *("a/b/__init__.py", "a/__init__.py", "__init__.py"),
    }


def test_what_is_no_test_of_pytest_lies_in_nothing() -> None:
    assert containers_of(["make all", "shop/cart/TestTotal", "test_fee.py", ""]) == set()


def test_a_command_that_succeeds_ends_nothing_but_itself() -> None:
    seen = RunSeen(start={"source": "command", "command": "make all"}, exit_status=0)

    assert seen.passing() == {"make all"}
