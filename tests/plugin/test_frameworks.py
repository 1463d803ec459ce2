"""Tests that are written or run in other ways: unittest, subtests, doctest, asyncio, plugins."""

from __future__ import annotations

import pytest
from project import Project


class TestUnittest:
    def test_a_failing_method_and_a_failing_setup(self, project: Project) -> None:
        project.write(
            "test_case.py",
            """
            import unittest

            class Fails(unittest.TestCase):
                def test_it(self):
                    self.assertEqual(1, 2)

            class Broken(unittest.TestCase):
                def setUp(self):
                    raise OSError("no setup")

                def test_it(self):
                    pass
            """,
        )

        outcome = project.pytest()

        assert outcome.failures == [
            ("test_case.py::Broken::test_it", "call", "failed"),
            ("test_case.py::Fails::test_it", "call", "failed"),
        ]
        messages = {one["failure_description"]["error_message"] for one in outcome.records}
        assert messages == {"AssertionError: 1 != 2", "OSError: no setup"}
        assert {one["context"]["line_number"] for one in outcome.records} == {6, 10}

    def test_each_failing_subtest_is_a_failure(self, project: Project) -> None:
        project.write(
            "test_case.py",
            """
            import unittest

            class Cases(unittest.TestCase):
                def test_it(self):
                    for n in range(4):
                        with self.subTest(n=n):
                            self.assertEqual(n % 2, 0)
            """,
        )

        outcome = project.pytest()

        if not pytest_has_subtests():
            assert outcome.exit_status == 1
            assert outcome.records
            return
        assert len({one["failure_id"] for one in outcome.records}) == 2
        summaries = " ".join(one["failure_description"]["summary"] for one in outcome.records)
        assert "n=1" in summaries
        assert "n=3" in summaries


def pytest_has_subtests() -> bool:
    """Subtests came into pytest itself with 9.0."""
    return pytest.version_tuple >= (9, 0)


@pytest.mark.skipif(not pytest_has_subtests(), reason="subtests are part of pytest from 9.0 on")
class TestSubtests:
    def test_each_failing_subtest_is_a_failure(self, project: Project) -> None:
        project.write(
            "test_sub.py",
            """
            def test_sub(subtests):
                for n in range(4):
                    with subtests.test(n=n):
                        assert n % 2 == 0
            """,
        )

        outcome = project.pytest()

        assert len({one["failure_id"] for one in outcome.records}) == len(outcome.records) == 2

    def test_passing_subtests_are_not_failures(self, project: Project) -> None:
        project.write(
            "test_sub.py",
            """
            def test_sub(subtests):
                for n in range(4):
                    with subtests.test(n=n):
                        pass
            """,
        )

        outcome = project.pytest()

        assert outcome.records == []
        assert outcome.run["totals"]["passed"] == 1


class TestDoctest:
    def test_a_failing_example(self, project: Project) -> None:
        project.write("lib.py", '"""\n>>> 1 + 1\n3\n"""\n')

        outcome = project.pytest("--doctest-modules")

        assert outcome.brief(outcome.record) == ("lib.py::lib", "call", "failed")
        assert outcome.record["context"]["file_path"] == "lib.py"
        assert outcome.record["context"]["line_number"] == 2

    def test_what_an_example_raises_is_what_any_test_raises(self, project: Project) -> None:
        project.write(
            "lib.py",
            """
            import json

            def rate(text):
                '''
                >>> rate("{")
                1
                '''
                return json.loads(text)

            def test_rate():
                rate("{")
            """,
        )

        outcome = project.pytest("--doctest-modules", "lib.py", "-o", "python_files=lib.py")

        tokens = {one["signature"]["token"] for one in outcome.records}
        assert len(outcome.records) == 2
        assert len(tokens) == 1
        assert next(iter(tokens)).startswith("JSONDecodeError: ")

    def test_a_package_that_an_example_misses_is_a_matter_of_the_environment(
        self, project: Project
    ) -> None:
        project.write("lib.py", '"""\n>>> import nosuchmodule\n"""\n')

        record = project.pytest("--doctest-modules").record

        assert record["subcategory"] == "INFRA_DEPENDENCY"
        assert record["context"]["line_number"] == 2


class TestAsyncio:
    def test_a_failing_coroutine(self, project: Project) -> None:
        pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed here")
        project.plugins = ("asyncio",)
        project.write(
            "test_async.py",
            """
            import asyncio, pytest

            @pytest.mark.asyncio
            async def test_async():
                await asyncio.sleep(0)
                raise ValueError("in a coroutine")
            """,
        )

        record = project.pytest().record

        assert record["signature"]["token"] == (
            "ValueError: in a coroutine @ test_async.py:test_async"
        )
        assert record["context"]["line_number"] == 7

    def test_one_that_lacks_its_mark_is_the_test_s_own_fault(self, project: Project) -> None:
        """pytest itself says that a plugin is missing, which would be infrastructure."""
        pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed here")
        project.plugins = ("asyncio",)
        project.write("test_async.py", "async def test_forgotten():\n    assert True\n")

        record = project.pytest().record

        assert record["classification"]["catalog_entry_id"] == "async-mark-missing"
        assert record["category"] == "QA"
        assert project.failtrack("gate").exit_status == 1

    def test_one_with_the_mark_of_another_loop_lacks_the_plugin_of_that(
        self, project: Project
    ) -> None:
        pytest.importorskip("pytest_asyncio", reason="pytest-asyncio is not installed here")
        project.plugins = ("asyncio",)
        project.write(
            "test_async.py",
            "import pytest\n@pytest.mark.trio\nasync def test_it():\n    assert True\n",
        )

        record = project.pytest().record

        assert record["classification"]["catalog_entry_id"] != "async-mark-missing"
        assert record["category"] == "INFRA"


class TestTimeout:
    def test_the_signal_method_is_a_failure_in_its_phase(self, project: Project) -> None:
        pytest.importorskip("pytest_timeout", reason="pytest-timeout is not installed here")
        project.plugins = ("timeout",)
        project.write("test_slow.py", "import time\ndef test_slow():\n    time.sleep(30)\n")

        outcome = project.pytest("--timeout=0.5", "--timeout-method=signal")

        assert outcome.brief(outcome.record) == ("test_slow.py::test_slow", "call", "failed")
        assert "Timeout" in outcome.record["failure_description"]["error_message"]

    def test_the_thread_method_ends_the_process(self, project: Project) -> None:
        pytest.importorskip("pytest_timeout", reason="pytest-timeout is not installed here")
        project.plugins = ("timeout",)
        project.write("test_slow.py", "import time\ndef test_slow():\n    time.sleep(30)\n")

        outcome = project.pytest("--timeout=0.5", "--timeout-method=thread")
        outcome = project.failtrack("recover")

        nodeid, when, how = outcome.brief(outcome.record)
        assert (nodeid, when, how) == ("test_slow.py::test_slow", "call", "crashed")


class TestOutcomes:
    def test_a_warning_turned_into_an_error(self, project: Project) -> None:
        project.write(
            "test_warn.py",
            """
            import warnings

            def test_warn():
                warnings.warn("old", ResourceWarning)
            """,
        )

        record = project.pytest("-W", "error::ResourceWarning").record

        assert record["failure_description"]["error_message"] == "ResourceWarning: old"

    def test_a_strict_xfail_that_passes(self, project: Project) -> None:
        project.write(
            "test_strict.py",
            """
            import pytest

            @pytest.mark.xfail(strict=True, reason="BUG-1")
            def test_strict():
                pass
            """,
        )

        record = project.pytest().record

        assert record["test"]["outcome"] == "xpassed"
        assert record["subcategory"] == "QA_FALSE_POSITIVE"
        assert record["context"]["file_path"] == "test_strict.py"

    def test_an_expected_failure_of_unittest_that_passes(self, project: Project) -> None:
        """S0-16: a test passes when it should fail."""
        project.write(
            "test_expected.py",
            """
            import unittest

            class TestOrder(unittest.TestCase):
                @unittest.expectedFailure
                def test_total(self):
                    pass
            """,
        )

        assert project.pytest().record["subcategory"] == "QA_FALSE_POSITIVE"

    @pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
    def test_a_run_that_stops_at_the_first_failure(
        self, plain_project: Project, option: str
    ) -> None:
        plain_project.write("test_many.py", "def test_a(): assert 0\ndef test_b(): assert 0\n")

        outcome = plain_project.pytest(option)

        assert outcome.exit_status == 1
        assert outcome.failures == [("test_many.py::test_a", "call", "failed")]
        assert outcome.run["is_complete"]


class TestReruns:
    def test_fail_then_pass_is_flaky(self, project: Project) -> None:
        pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
        project.plugins = ("rerunfailures",)
        project.write(
            "test_flaky.py",
            """
            from pathlib import Path

            def test_flaky(request):
                seen = Path(__file__).with_suffix(".seen")
                count = int(seen.read_text()) if seen.exists() else 0
                seen.write_text(str(count + 1))
                assert count == 2
            """,
        )

        outcome = project.pytest("--reruns=3")

        assert outcome.exit_status == 0
        assert [(one["test"]["outcome"], one["test"]["attempt"]) for one in outcome.records] == [
            ("flaky", 1),
            ("flaky", 2),
        ]
        assert outcome.run["totals"]["flaky"] == 1
        assert "flaky" in outcome.stdout.lower()
        assert project.failtrack("gate").exit_status == 0

    def test_every_attempt_of_a_failure_is_kept(self, project: Project) -> None:
        pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
        project.plugins = ("rerunfailures",)
        project.write("test_red.py", "def test_red():\n    assert 0\n")

        outcome = project.pytest("--reruns=2")

        assert [(one["test"]["outcome"], one["test"]["attempt"]) for one in outcome.records] == [
            ("rerun", 1),
            ("rerun", 2),
            ("failed", 3),
        ]
        assert len(outcome.causes) == 1

    def test_a_teardown_that_never_passed_is_not_flaky(self, project: Project) -> None:
        pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
        project.plugins = ("rerunfailures",)
        project.write(
            "test_red.py",
            """
            import pytest

            @pytest.fixture
            def closed():
                yield
                raise OSError(28, "No space left on device")

            def test_red(closed):
                pass
            """,
        )

        outcome = project.pytest("--reruns=1")

        assert outcome.exit_status == 1
        assert [(one["test"]["outcome"], one["test"]["attempt"]) for one in outcome.records] == [
            ("rerun", 1),
            ("error", 2),
        ]
        assert outcome.run["totals"]["flaky"] == 0
        assert "FLAKY" not in outcome.text
