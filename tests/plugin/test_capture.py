"""Everything that can go wrong in a test run becomes a record: tests and collection."""

from __future__ import annotations

import pytest
from project import Project


class TestPhases:
    def test_setup_call_and_teardown_are_three_phases(self, project: Project) -> None:
        project.write(
            "test_phases.py",
            """
            import pytest

            @pytest.fixture
            def broken_setup():
                raise RuntimeError("no setup")

            @pytest.fixture
            def broken_teardown():
                yield
                raise RuntimeError("no teardown")

            def test_setup(broken_setup):
                pass

            def test_call():
                raise ValueError("no call")

            def test_both(broken_teardown):
                assert 1 == 2
            """,
        )

        outcome = project.pytest()

        assert outcome.exit_status == 1
        assert outcome.failures == [
            ("test_phases.py::test_both", "call", "failed"),
            ("test_phases.py::test_both", "teardown", "error"),
            ("test_phases.py::test_call", "call", "failed"),
            ("test_phases.py::test_setup", "setup", "error"),
        ]
        places = {one["test"]["when"]: one["context"] for one in outcome.records[::-1]}
        assert places["setup"]["file_path"] == "test_phases.py"
        assert places["setup"]["line_number"] == 6
        assert places["teardown"]["line_number"] == 11
        assert {one["context"]["phase"] for one in outcome.records} == {"TESTING"}

    def test_a_green_run_leaves_a_run_document_and_no_record(self, project: Project) -> None:
        project.write("test_green.py", "def test_green():\n    assert True\n")

        outcome = project.pytest()

        assert outcome.exit_status == 0
        assert outcome.records == []
        assert outcome.run["totals"]["passed"] == 1
        assert outcome.run["exit_status"] == 0
        assert outcome.run["is_complete"]
        assert not list((project.folder / ".failtrack/journals").iterdir())

    def test_a_fixture_under_a_hundred_tests_is_one_cause(self, project: Project) -> None:
        project.write(
            "test_many.py",
            """
            import pytest

            @pytest.fixture(scope="session")
            def server():
                raise OSError("no server")

            @pytest.mark.parametrize("n", range(100))
            def test_it(server, n):
                pass
            """,
        )

        outcome = project.pytest()

        assert len(outcome.records) == 100
        assert len(outcome.causes) == 1
        assert "100 failures, 1 root cause" in outcome.stdout
        assert "100 tests" in outcome.stdout

    def test_setup_module_is_one_cause(self, project: Project) -> None:
        project.write(
            "test_module.py",
            """
            def setup_module():
                raise RuntimeError("the module cannot be set up")

            def test_one(): pass
            def test_two(): pass
            """,
        )

        outcome = project.pytest()

        assert [each[1:] for each in outcome.failures] == [("setup", "error")] * 2
        assert len(outcome.causes) == 1


class TestCollection:
    @pytest.mark.parametrize(
        ("source", "line", "words"),
        [
            ("x = 1\ndef broken(:\n    pass\n", 2, "SyntaxError"),
            ("x = 1\nimport nothing_of_that_name\n", 2, "ModuleNotFoundError"),
            ("x = 1\ny = 2\nraise KeyError('at import')\n", 3, "KeyError"),
        ],
        ids=["syntax", "import", "raises"],
    )
    def test_a_module_that_cannot_be_collected(
        self, project: Project, source: str, line: int, words: str
    ) -> None:
        project.write("test_broken.py", source)
        project.write("test_fine.py", "def test_fine(): pass\n")

        outcome = project.pytest()

        assert outcome.exit_status == (1 if project.is_xdist else 2)
        record = outcome.record
        assert outcome.brief(record) == ("test_broken.py", "collect", "error")
        assert record["context"]["phase"] == "COMPILATION"
        assert record["context"]["file_path"] == "test_broken.py"
        assert record["context"]["line_number"] == line
        assert words in record["failure_description"]["error_message"]

    def test_a_conftest_in_a_subfolder(self, project: Project) -> None:
        project.write("sub/conftest.py", "raise RuntimeError('no conftest')\n")
        project.write("sub/test_sub.py", "def test_sub(): pass\n")
        project.write("test_top.py", "def test_top(): pass\n")

        outcome = project.pytest()

        record = outcome.record
        assert record["test"]["when"] == "collect"
        assert record["context"]["file_path"] == "sub/conftest.py"
        assert record["context"]["line_number"] == 1

    @pytest.mark.parametrize(
        "source",
        ["raise RuntimeError('no conftest')\n", "import nothing_of_that_name\n"],
        ids=["raises", "import"],
    )
    def test_the_root_conftest_before_collection(self, plain_project: Project, source: str) -> None:
        plain_project.write("conftest.py", source)
        plain_project.write("test_top.py", "def test_top(): pass\n")

        outcome = plain_project.pytest()

        assert outcome.exit_status == 4
        record = outcome.record
        assert record["test"]["when"] == "import"
        assert record["context"]["phase"] == "COMPILATION"
        assert record["context"]["file_path"] == "conftest.py"
        assert record["context"]["line_number"] == 1
        assert outcome.run["exit_status"] == 4
        assert "1 failure, 1 root cause" in outcome.stderr


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--no-such-option"], "unrecognized arguments"),
            (["no_such_file.py"], "not found"),
            (["test_top.py::test_missing"], "not found"),
        ],
        ids=["option", "path", "nodeid"],
    )
    def test_a_usage_error(self, plain_project: Project, arguments: list[str], words: str) -> None:
        plain_project.write("test_top.py", "def test_top(): pass\n")

        outcome = plain_project.pytest(*arguments)

        assert "no failures" not in outcome.text
        assert outcome.exit_status == 4
        assert words in outcome.record["failure_description"]["error_message"]
        assert outcome.run["exit_status"] == 4

    def test_a_missing_path_under_xdist(self, xdist_project: Project) -> None:
        xdist_project.write("test_top.py", "def test_top(): pass\n")

        outcome = xdist_project.pytest("no_such_file.py")

        assert "not found" in outcome.record["failure_description"]["error_message"]
        assert xdist_project.failtrack("gate").exit_status not in (0, 75)

    @pytest.mark.parametrize("option", ["--help", "--version", "--markers", "--fixtures"])
    def test_a_question_is_no_run(self, plain_project: Project, option: str) -> None:
        outcome = plain_project.pytest(option)

        assert outcome.exit_status == 0
        assert outcome.runs == []
        assert outcome.records == []
        assert "failtrack" not in outcome.stderr

    def test_a_mistyped_option_is_no_reason_to_try_again(self, plain_project: Project) -> None:
        outcome = plain_project.pytest("--no-such-option")

        assert outcome.record["subcategory"] == "INFRA_TOOLING"
        assert outcome.record["classification"]["failure_type"] == "build_error"
        assert plain_project.failtrack("gate").exit_status == 1
