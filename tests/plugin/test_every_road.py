"""C-27: one failure that arrives by several roads is one record: same node id, signature and id."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from project import Project

from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import Wanted, read
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.record.identity import failure_id, kind_of
from pytest_failtrack.signature.token import token_of

SHOP = """
    class OutOfStock(Exception):
        pass

    def build(data):
        customer = data["customer_id"]
        return customer

    def wrap(data):
        try:
            build(data)
        except KeyError as error:
            raise OutOfStock("no order can be made") from error

    def clean(data):
        try:
            build(data)
        except KeyError:
            raise OutOfStock("cleaning failed")

    def deep(n):
        return deep(n + 1)

    def each(rows):
        return [row["a"] for row in rows]

    def many():
        raise ValueError("first line\\n  second line\\n\\nlast line")
"""
TESTS = """
    import json
    import unittest

    import pytest
    from shop import orders

    @pytest.fixture
    def broken():
        orders.build({})

    @pytest.fixture
    def broken_later():
        yield
        raise RuntimeError("teardown broke")

    def test_key(): orders.build({"a": 1})

    def test_assert():
        total = 3
        assert total == 4

    def test_where():
        class Basket:
            def total(self):
                return 5
        assert Basket().total() == 4

    def test_told():
        assert 1 == 2, "what I say"

    def test_long():
        assert {"a": list(range(40)), "b": "x" * 100} == {"a": 1}

    def test_json(): json.loads("{")

    def test_chain(): orders.wrap({})

    def test_context(): orders.clean({})

    def test_deep(): orders.deep(1)

    def test_many_lines(): orders.many()

    def test_comprehension(): orders.each([{}])

    def test_setup(broken): pass

    def test_teardown(broken_later): pass

    def test_both(broken_later): assert False

    def test_no_fixture(nosuch): pass

    def test_raises():
        with pytest.raises(ValueError):
            pass

    def test_fail(): pytest.fail("on purpose")

    def test_fail_without_trace(): pytest.fail("no trace here", pytrace=False)

    def test_local_type():
        class Mine(Exception):
            pass
        raise Mine("what")

    def test_no_message(): raise ValueError

    @pytest.mark.parametrize("x", [1, "a::b", "c[d]", "e.py", "f - g", "h/i"])
    def test_parameters(x): assert x == 0

    class TestOuter:
        class TestInner:
            def test_method(self): assert self.value() == 7
            def value(self): return 6

    @pytest.mark.xfail(strict=True, reason="should not pass")
    def test_xpass(): pass

    def test_exec(): exec("1/0")

    def test_exit(): raise SystemExit(3)

    class TestUnit(unittest.TestCase):
        def test_equal(self): self.assertEqual({"a": 1}, {"a": 2})
"""
GROUP = """
    def test_group():
        raise ExceptionGroup("several", [ValueError("one"), KeyError("two")])
"""
Road = tuple[str, str, str, str]


def write(project: Project) -> None:
    """Write a project that fails in every way."""
    project.write("pytest.ini", "[pytest]\npythonpath = src\n")
    project.write("src/shop/__init__.py", "")
    project.write("src/shop/orders.py", SHOP)
    project.write("tests/unit/test_shapes.py", TESTS)
    project.write("tests/test_missing.py", "import nosuchmodule\n")
    project.write("tests/test_syntax.py", "def f(:\n    pass\n")
    project.write("tests/test_at_import.py", "from shop import orders\norders.build({})\n")
    project.write("tests/one/test_same.py", "def test_it(): pass\n")
    project.write("tests/two/test_same.py", "def test_it(): pass\n")
    if sys.version_info >= (3, 11):
        project.write("tests/test_group.py", GROUP)


def by_record(records: list[dict[str, Any]], build: str) -> dict[str, Road]:
    """Return node id, phase, outcome and token by failure id."""
    return {
        one["failure_id"]: (
            one["test"]["nodeid"],
            one["test"]["when"],
            one["test"]["outcome"],
            one["signature"]["token"],
        )
        for one in records
        if one["build_id"] == build
    }


def by_reading(file: Path, root: Path, build: str, leg: str) -> dict[str, Road]:
    """Return the same for what a file holds, under the ids that its records would have."""
    found: list[Observation] = read(file, Wanted(str(root), Redactor({})))
    return {
        failure_id(build, leg, one.nodeid, kind_of(one), 1, one.attempt, one.position): (
            one.nodeid,
            one.when,
            one.outcome,
            token_of(one),
        )
        for one in found
    }


@pytest.mark.parametrize(
    "options",
    [
        ("-o", "junit_family=xunit2"),
        ("-o", "junit_family=xunit1"),
        ("--tb=short",),
        ("--tb=native",),
        ("--tb=long", "-vv"),
    ],
    ids=["xunit2", "xunit1", "short", "native", "long"],
)
def test_junit_and_the_log_say_what_the_plugin_saw(
    plain_project: Project, options: tuple[str, ...]
) -> None:
    write(plain_project)
    root = plain_project.folder

    outcome = plain_project.pytest(
        "--continue-on-collection-errors",
        "--junitxml=junit.xml",
        "--failtrack-build=4711",
        "--failtrack-leg=x",
        *options,
    )

    (root / "out.log").write_text(outcome.stdout, encoding="utf-8")
    seen = by_record(outcome.records, "4711")
    assert len(seen) > 30
    assert by_reading(root / "junit.xml", root, "4711", "x") == seen
    assert by_reading(root / "out.log", root, "4711", "x") == seen


def test_a_crashed_worker_is_the_same_failure(xdist_project: Project) -> None:
    """How the process ended is known to the plugin alone; that it ended, to every road."""
    xdist_project.write("tests/test_dies.py", "import os\ndef test_dies(): os._exit(3)\n")
    root = xdist_project.folder

    outcome = xdist_project.pytest(
        "--junitxml=junit.xml", "--failtrack-build=4711", "--failtrack-leg=x"
    )

    (root / "out.log").write_text(outcome.stdout, encoding="utf-8")
    seen = {key: one[:3] for key, one in by_record(outcome.records, "4711").items()}
    assert [one[2] for one in seen.values()] == ["crashed"]
    for name in ("junit.xml", "out.log"):
        read_there = by_reading(root / name, root, "4711", "x")
        assert {key: one[:3] for key, one in read_there.items()} == seen


def test_triage_counts_what_two_roads_tell_once(plain_project: Project) -> None:
    write(plain_project)
    first = plain_project.pytest("--continue-on-collection-errors", "--junitxml=junit.xml")
    (plain_project.folder / "out.log").write_text(first.stdout, encoding="utf-8")

    told = plain_project.failtrack("triage", "junit.xml", "out.log", "--json")

    document = json.loads(told.stdout)
    assert [one["failures"] for one in document["files"]] == [len(first.records), 0]
    causes = {one["signature"]["hash"] for one in first.records}
    assert {one["signature"] for one in document["failures"]} == causes
