"""`failtrack rerun`: exactly the tests of one cause, with pytest's own exit code."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from evidence_folder import KEY_ERROR, Project, make_cause, make_record

from pytest_failtrack.cli.rerun import COMMAND_MAX_CHARS, run_pytest, selection

SUITE = """
import pytest

@pytest.mark.parametrize("value", ["plain", "two words", "a::b", "[x]", "a/b", "-v", "ü", "it's"])
def test_values(value):
    assert value == ""

def test_green():
    pass

def test_other():
    assert 0

class TestIn:
    def test_class(self):
        assert 0
"""


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    project = Project(tmp_path, monkeypatch, capfd)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_suite.py").write_text(SUITE, encoding="utf-8")
    return project


def failed_in(text: str) -> list[str]:
    """Return the node ids that pytest's `-v` lines name."""
    return re.findall(r"^(\S.*?) (?:FAILED|PASSED|ERROR)", text, re.M)


class TestSelection:
    @pytest.mark.parametrize(
        "name",
        [
            "test_values[plain]",
            "test_values[two words]",
            "test_values[a::b]",
            "test_values[[x]]",
            "test_values[a/b]",
            "test_values[-v]",
            r"test_values[\xfc]",
            "test_values[it's]",
            "test_other",
            "TestIn::test_class",
        ],
    )
    def test_runs_exactly_the_test(self, project: Project, name: str) -> None:
        project.add_run(make_record(f"tests/test_suite.py::{name}"))

        result = project.run("rerun", KEY_ERROR, "--", "-v", "--tb=no")

        assert failed_in(result.out) == [f"tests/test_suite.py::{name}"]
        assert result.code == 1

    def test_runs_all_tests_of_the_cause_and_no_other(self, project: Project) -> None:
        names = [f"tests/test_suite.py::{name}" for name in ("test_other", "TestIn::test_class")]
        project.add_run(*map(make_record, names))

        result = project.run("rerun", KEY_ERROR[:6], "--", "-v", "--tb=no")

        assert failed_in(result.out) == names
        assert "running 2 tests of cause" in result.err

    def test_collection_error_is_its_file(self, project: Project) -> None:
        (project.root / "tests" / "test_broken.py").write_text("import nothing_of_that_name")
        project.add_run(make_record("tests/test_broken.py", when="collect"))

        result = project.run("rerun", KEY_ERROR)

        assert result.code == 2
        assert "1 error" in result.out

    def test_record_is_its_test(self, project: Project) -> None:
        record = make_record("tests/test_suite.py::test_other")
        project.add_run(record, make_record("tests/test_suite.py::TestIn::test_class"))

        result = project.run("rerun", record["failure_id"], "--", "-v", "--tb=no")

        assert failed_in(result.out) == ["tests/test_suite.py::test_other"]

    def test_newest_build_is_taken(self, project: Project) -> None:
        project.add_run(
            make_record("tests/test_suite.py::test_green", build_id="4650"),
            build_id="4650",
            finished_at="2026-11-09T10:01:00Z",
        )
        project.add_run(make_record("tests/test_suite.py::test_other"))

        newest = project.run("rerun", KEY_ERROR, "--", "-v", "--tb=no")
        older = project.run("rerun", KEY_ERROR, "--build", "4650", "--", "-v")

        assert failed_in(newest.out) == ["tests/test_suite.py::test_other"]
        assert failed_in(older.out) == ["tests/test_suite.py::test_green"]

    def test_build_without_the_cause_is_refused(self, project: Project) -> None:
        project.add_run(make_record("tests/test_suite.py::test_other"))

        result = project.run("rerun", KEY_ERROR, "--build", "9")

        assert result.code == 2
        assert "was not seen in build '9'" in result.err


class TestThousands:
    def test_of_tests_run_at_once(self, project: Project) -> None:
        number = 2_000
        (project.root / "tests" / "test_big.py").write_text(
            "import pytest\n"
            f"@pytest.mark.parametrize('n', range({number}))\n"
            "def test_with_a_rather_long_name_for_a_test(n):\n    assert n != 7\n"
        )
        names = [
            f"tests/test_big.py::test_with_a_rather_long_name_for_a_test[{n}]"
            for n in range(number)
        ]
        records = [make_record(names[0])]
        assert sum(map(len, names)) > COMMAND_MAX_CHARS
        project.add_run(*records, causes=[make_cause(records, nodeids=tuple(names))])

        result = project.run("rerun", KEY_ERROR, "--", "-q", "--tb=no")

        assert f"1 failed, {number - 1} passed" in result.out
        assert result.code == 1


class TestExitCode:
    @pytest.mark.parametrize(
        ("name", "arguments", "code"),
        [
            pytest.param("test_green", [], 0, id="passed"),
            pytest.param("test_other", [], 1, id="failed"),
            pytest.param("test_gone", [], 4, id="test is gone"),
            pytest.param("test_green", ["--no-such-option"], 4, id="usage"),
            pytest.param("test_green", ["-k", "nothing"], 5, id="nothing selected"),
        ],
    )
    def test_is_that_of_pytest(
        self, project: Project, name: str, arguments: list[str], code: int
    ) -> None:
        project.add_run(make_record(f"tests/test_suite.py::{name}"))

        assert project.run("rerun", KEY_ERROR, "--", *arguments).code == code

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
    def test_of_a_signal_is_128_and_its_number(self, project: Project) -> None:
        (project.root / "tests" / "test_kill.py").write_text(
            "import os, signal\ndef test_kill():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        )

        assert run_pytest(["tests/test_kill.py"], project.root) == 128 + 9


class TestWhatCannotBeSelected:
    def test_redacted_parameters_run_the_whole_function(self, project: Project) -> None:
        """The secret is not on disk, so it cannot be given back to pytest."""
        project.add_run(make_record("tests/test_suite.py::test_values[[redacted:token]-1]"))

        result = project.run("rerun", KEY_ERROR, "--", "-q", "--tb=no")

        assert "8 failed" in result.out
        assert "all parameters run, since ids were redacted or cut" in result.err
        assert "tests/test_suite.py::test_values" in result.err

    def test_session_failure_has_nothing_to_select(self, project: Project) -> None:
        project.add_run(make_record("", when="session"))

        result = project.run("rerun", KEY_ERROR)

        assert result.code == 2
        assert "belongs to the whole run, not to a test" in result.err

    def test_command_failure_points_to_failtrack_run(self, project: Project) -> None:
        project.add_run(make_record("pip install shop", when="command"))

        result = project.run("rerun", KEY_ERROR)

        assert result.code == 2
        assert "the command `pip install shop`" in result.err
        assert "failtrack run --" in result.err

    def test_file_that_is_gone_is_left_out_and_named(self, project: Project) -> None:
        project.add_run(
            make_record("tests/test_gone.py::test_x"),
            make_record("tests/test_suite.py::test_other"),
        )

        result = project.run("rerun", KEY_ERROR, "--", "-v", "--tb=no")

        assert failed_in(result.out) == ["tests/test_suite.py::test_other"]
        assert "not run, since the file is not there: tests/test_gone.py" in result.err

    def test_nothing_left_is_an_error(self, project: Project) -> None:
        project.add_run(make_record("tests/test_gone.py::test_x"))

        result = project.run("rerun", KEY_ERROR)

        assert result.code == 2
        assert "no test left that pytest could run" in result.err


class TestArguments:
    @pytest.mark.parametrize(
        ("nodeid", "expected"),
        [
            ("t.py::test_a[x]", "t.py::test_a[x]"),
            ("t.py", "t.py"),
            ("t.py::test_a@group", "t.py::test_a"),
            ("t.py::test_a[x@y]@group", "t.py::test_a[x@y]"),
            ("t.py::test_a[x@y]", "t.py::test_a[x@y]"),
            ("t.py::test_a[[redacted:password]]", "t.py::test_a"),
            ("t.py::TestA::test_[redacted:token]", "t.py::TestA"),
            ("t.py::test_[redacted:token]", "t.py"),
            ("t.py::test_a[" + "x" * 3_000, "t.py::test_a"),
            ("-t.py::test_a", "./-t.py::test_a"),
            ("@t.py::test_a", "./@t.py::test_a"),
        ],
    )
    def test_of_a_node_id(self, tmp_path: Path, nodeid: str, expected: str) -> None:
        for name in ("t.py", "-t.py", "@t.py"):
            (tmp_path / name).write_text("")

        assert selection([nodeid], tmp_path).arguments == (expected,)

    def test_are_given_once(self, tmp_path: Path) -> None:
        (tmp_path / "t.py").write_text("")

        chosen = selection([f"t.py::a[[redacted:k]{n}]" for n in range(9)], tmp_path)

        assert chosen.arguments == ("t.py::a",)
        assert len(chosen.remarks) == 1
