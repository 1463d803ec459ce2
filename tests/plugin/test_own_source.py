"""A failure is the same one, and of the same class, however `--tb` has it printed."""

from __future__ import annotations

import pytest
from project import Project

SHOP = """
def key(value):
    return value if len(value) % 2 else len(value)


def order(values):
    found = []
    for _ in values:
        found = sorted(
            values,
            key=key,
        )
    return found
"""
TEST = """
from shop import order


def test_order():
    assert order(["a", "bb"]) == ["a", "bb"]
"""
STYLES = ("auto", "long", "short", "line", "native", "no")


@pytest.mark.parametrize("style", STYLES)
def test_the_class_does_not_depend_on_the_style(plain_project: Project, style: str) -> None:
    plain_project.write("shop.py", SHOP)
    plain_project.write("test_order.py", TEST)

    record = plain_project.pytest(f"--tb={style}").record

    assert record["subcategory"] == "ARCHITECTURE_INCORRECT"
    details = record["failure_description"]["details"]
    assert "found = sorted(" in details
    assert "site-packages" not in details


@pytest.mark.parametrize("style", ["line", "native", "no"])
def test_the_source_is_that_of_the_statement(plain_project: Project, style: str) -> None:
    plain_project.write("shop.py", SHOP)
    plain_project.write("test_order.py", TEST)

    details = plain_project.pytest(f"--tb={style}").record["failure_description"]["details"]

    shown = """\
    def order(values):
        found = []
        for _ in values:
>           found = sorted(
                values,
                key=key,
            )

shop.py:9: """
    assert shown in details
    assert '>       assert order(["a", "bb"])' in details
    assert "TypeError: '<' not supported between" in details
    assert details.count("TypeError") == 1


def test_code_without_source_is_no_error(plain_project: Project) -> None:
    plain_project.write(
        "test_made.py",
        """
        def test_made():
            exec(compile("def go():\\n    {}[1]\\ngo()", "made.py", "exec"), {})
        """,
    )

    outcome = plain_project.pytest("--tb=no")

    assert outcome.record["signature"]["token"].startswith("KeyError: ")
    assert "internal" not in outcome.stderr
