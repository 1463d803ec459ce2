"""Exceptions of every shape are recorded, whole where they are small and bounded where not."""

from __future__ import annotations

import sys

import pytest
from project import Project

RECORD_MAX_BYTES = 100_000


class TestShapes:
    @pytest.mark.skipif(sys.version_info < (3, 11), reason="ExceptionGroup came with Python 3.11")
    def test_an_exception_group_names_its_members(self, project: Project) -> None:
        project.write(
            "test_group.py",
            """
            def test_group():
                raise ExceptionGroup("two at once", [ValueError("first"), KeyError("second")])
            """,
        )

        record = project.pytest().record

        assert "ValueError" in record["signature"]["token"]
        assert "KeyError" in record["signature"]["token"]
        assert "first" in record["failure_description"]["stack_trace"]

    def test_a_chain_names_its_cause(self, project: Project) -> None:
        project.write(
            "test_chain.py",
            """
            def test_chain():
                try:
                    raise ConnectionRefusedError(111, "Connection refused")
                except OSError as error:
                    raise RuntimeError("could not load") from error
            """,
        )

        record = project.pytest().record

        assert record["category"] == "INFRA"
        assert record["subcategory"] == "INFRA_NETWORK"

    @pytest.mark.parametrize("method", ["__str__", "__repr__"])
    def test_an_exception_that_cannot_be_printed(self, project: Project, method: str) -> None:
        project.write(
            "test_unprintable.py",
            f"""
            class Mute(Exception):
                def {method}(self):
                    raise RuntimeError("nothing to say")

            def test_mute():
                raise Mute("x")
            """,
        )

        outcome = project.pytest()

        assert outcome.exit_status == 1
        assert "Mute" in outcome.record["failure_description"]["error_message"]

    @pytest.mark.parametrize("raised", ["SystemExit(3)", "KeyboardInterrupt()", "pytest.skip('x')"])
    def test_what_printing_raises_ends_neither_the_run_nor_the_record(
        self, project: Project, raised: str
    ) -> None:
        """Without failtrack nobody would see it: the module traceback swallows all of them."""
        act = raised if raised.startswith("pytest") else f"raise {raised}"
        project.write(
            "test_rude.py",
            f"""
            import pytest

            class Rude(Exception):
                def __str__(self):
                    {act}

            def test_rude(): raise Rude
            def test_plain(): assert 0
            """,
        )

        outcome = project.pytest()

        assert outcome.exit_status == 1
        assert "failtrack itself" not in outcome.text
        tests = {one["test"]["nodeid"]: one for one in outcome.records}
        assert set(tests) == {"test_rude.py::test_rude", "test_rude.py::test_plain"}
        assert "its __str__ raised" in tests["test_rude.py::test_rude"]["signature"]["token"]

    def test_a_type_with_an_odd_module_and_a_text_with_odd_methods(self, project: Project) -> None:
        project.write(
            "test_odd.py",
            """
            class Text(str):
                def splitlines(self, *_): raise RuntimeError
                def __len__(self): raise RuntimeError

            class Odd(Exception):
                __module__ = 3
                def __str__(self): return Text("odd text")

            def test_odd(): raise Odd
            """,
        )

        outcome = project.pytest()

        assert "failtrack itself" not in outcome.text
        assert outcome.record["failure_description"]["error_message"] == "Odd: odd text"

    @pytest.mark.parametrize(
        "duration", ["0", "1", "True", "-1.0", "float('nan')", "float('inf')", "None"]
    )
    def test_a_duration_that_a_plugin_has_set(self, plain_project: Project, duration: str) -> None:
        plain_project.write("test_a.py", "def test_a(): assert 0\n")
        plain_project.write(
            "conftest.py",
            f"""
            import pytest

            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport():
                report = yield
                report.duration = {duration}
                return report
            """,
        )

        outcome = plain_project.pytest("-p", "no:terminal")

        assert outcome.record["test"]["duration_seconds"] in (0.0, 1.0)
        assert plain_project.failtrack("gate").exit_status == 1

    def test_a_failing_subtest_is_judged_as_it_was_written(self, project: Project) -> None:
        """Its report has the duration 0, a whole number; the file says 0.0."""
        project.write(
            "test_sub.py",
            """
            import unittest

            class Test(unittest.TestCase):
                def test_all(self):
                    for one in range(2):
                        with self.subTest(one=one):
                            self.assertEqual(one, 1)
            """,
        )
        project.pytest()

        gate = project.failtrack("gate")

        assert gate.exit_status == 1, gate.text

    def test_an_exception_that_cannot_be_pickled(self, project: Project) -> None:
        project.write(
            "test_unpicklable.py",
            """
            class Held(Exception):
                def __init__(self, a, b):
                    super().__init__(f"{a} {b}")
                    self.lock = __import__("threading").Lock()

            def test_held():
                raise Held(1, 2)
            """,
        )

        record = project.pytest().record

        assert "test_unpicklable.Held: 1 2" in record["failure_description"]["error_message"]

    def test_a_recursion_keeps_its_innermost_frames(self, project: Project) -> None:
        project.write(
            "test_deep.py",
            """
            def down(n):
                return down(n + 1)

            def test_deep():
                down(0)
            """,
        )

        record = project.pytest().record

        assert "RecursionError" in record["failure_description"]["error_message"]
        assert "down" in record["signature"]["token"]


class TestTexts:
    @pytest.mark.parametrize(
        "message",
        [
            r"'lone \\udcff surrogate'",
            r"'a \\x00 NUL'",
            r"'\\x1b[31mred\\x1b[0m'",
            r"'\\r\\n\\t\\x0b\\x0c'",
            r"'\\u202e bidi \\U0001f600'",
            r"b'\\xff\\xfe'",
        ],
        ids=["surrogate", "nul", "ansi", "controls", "bidi", "bytes"],
    )
    def test_a_message_with_odd_characters(self, project: Project, message: str) -> None:
        source = f"def test_odd():\n    raise ValueError({message})\n".replace("\\\\", "\\")
        project.write("test_odd.py", source)

        outcome = project.pytest()

        messages = [one["failure_description"]["error_message"] for one in outcome.records]
        assert any(each.startswith("ValueError") for each in messages)
        # xdist cannot send a lone surrogate and dies of it with exit 0; that is a record too.
        assert len(messages) == (2 if project.is_xdist and "udcff" in message else 1)
        assert project.failtrack("gate").exit_status == 1
        text = (project.folder / "governance").rglob("*.json")
        assert all(b"\x1b" not in path.read_bytes() for path in text)

    def test_a_message_of_50_megabytes_is_bounded_and_says_so(self, plain_project: Project) -> None:
        plain_project.write(
            "test_huge.py",
            """
            def test_huge():
                raise ValueError("begin " + "x" * 50_000_000 + " end")
            """,
        )

        outcome = plain_project.pytest("--tb=no")

        path = next((plain_project.folder / "governance/events/failures").glob("*.json"))
        assert path.stat().st_size <= RECORD_MAX_BYTES
        message = outcome.record["failure_description"]["error_message"]
        assert message.startswith("ValueError: begin xxx")
        assert "characters" in message or "[...]" in message

    def test_captured_output_is_in_the_details(self, project: Project) -> None:
        project.write(
            "test_output.py",
            """
            import logging, sys

            def test_output():
                print("on stdout")
                print("on stderr", file=sys.stderr)
                logging.getLogger("shop").warning("in the log")
                assert False
            """,
        )

        details = project.pytest().record["failure_description"]["details"]

        assert "on stdout" in details
        assert "on stderr" in details
        assert "in the log" in details

    @pytest.mark.parametrize("style", ["auto", "long", "short", "line", "native", "no"])
    def test_the_signature_does_not_depend_on_the_traceback_style(
        self, plain_project: Project, style: str
    ) -> None:
        plain_project.write("test_it.py", "def test_it():\n    raise ValueError('boom')\n")

        record = plain_project.pytest(f"--tb={style}").record

        assert record["signature"]["token"] == "ValueError: boom @ test_it.py:test_it"
        assert record["context"]["line_number"] == 2


@pytest.mark.parametrize("size", [20, 400, 5_000], ids=["short", "long", "very long"])
def test_a_comparison_is_one_cause_however_much_of_it_is_shown(
    plain_project: Project, size: int
) -> None:
    """C-6: `pytest` at home and `pytest -vv` in the CI see one failure."""
    plain_project.write(
        "test_shop.py", f"def test_label():\n    assert ('a' * {size}, 1) == ('b' * {size}, 2)\n"
    )
    plain_project.pytest()

    outcome = plain_project.pytest("-vv")

    assert len(outcome.records) == 2
    assert len(outcome.causes) == 1, [one["signature"]["token"] for one in outcome.records]


def test_tests_of_a_command_that_fails_are_one_cause(project: Project) -> None:
    """A runner of commands catches what they raise; the cause is that, not each assertion."""
    project.write(
        "shop.py",
        """
        import click

        @click.command()
        @click.argument("name")
        def ship(name):
            print({}["customer_id"])
        """,
    )
    project.write(
        "test_shop.py",
        """
        from click.testing import CliRunner
        from shop import ship

        def test_exit_code():
            result = CliRunner().invoke(ship, ["a"])
            assert result.exit_code == 0

        def test_output():
            result = CliRunner().invoke(ship, ["b"])
            assert result.output == "b is on its way"
        """,
    )

    outcome = project.pytest("-p", "no:cacheprovider", env={"PYTHONPATH": str(project.folder)})

    assert len(outcome.records) == 2
    tokens = {one["signature"]["token"] for one in outcome.records}
    assert tokens == {"KeyError: 'customer_id' @ shop.py:ship"}
