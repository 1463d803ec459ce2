"""FT-D5: a test that cannot fail, because it asserts nothing or something that always holds."""

from __future__ import annotations

import _ast
import re
from functools import partial

from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing.asserting import (
    FILES,
    Asserts,
    Elsewhere,
    Test,
    ends_at_once,
    top_place,
)
from failtrack_guard.testing.debt import marks_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Place
    from failtrack_guard.finding import Finding

ok = partial(good, path="tests/test_orders.py")
no = partial(bad, path="tests/test_orders.py")
_TEST = re.compile("test")
# A test that is known not to run, or to fail, need not assert.
_EXCUSED = frozenset(
    {
        *("pytest.mark.benchmark", "pytest.mark.codspeed"),
        *("pytest.mark.skip", "pytest.mark.xfail", "unittest.skip", "unittest.expectedFailure"),
        *("unittest.case.skip", "unittest.case.expectedFailure"),
    }
)
_EXPECTING = frozenset({"pytest.raises", "pytest.warns"})
_TRUTH = frozenset({"assertTrue", "assert_", "failUnless", "assertIsNotNone"})
_FALSEHOOD = frozenset({"assertFalse", "failIf", "assertIsNone"})
_PAIRS = frozenset({"assertEqual", "assertEquals", "assertIs", "assertListEqual"})


class AssertsNothing(RuleOfFiles):
    """A test asserts nothing, or asserts what is always true: a constant, a tuple, a function that
    is not called.

    It is counted, it is green, it raises the coverage, and it goes on being green when the product
    is broken.

    Use instead: assert what the call returns or changes. Where "does not raise" is all that can be
    said, say it: `with does_not_raise():` of a helper whose name begins with `assert`, `check`,
    `verify` or `expect`.

    Limits: a helper counts as asserting when its name begins with one of these words, also the name
    under which it is imported or assigned, or when an assertion is found in it: in this file, in
    other files for tests of the project, in fixtures of the `conftest.py` above that are requested
    by a parameter or by `usefixtures`. What helpers of other packages do is not seen; name them in
    `helpers`. A `with` of a parameter counts when one of its cases, as far as they are written,
    holds `pytest.raises` or the like. A function within a test counts when it is decorated or its
    name is mentioned: that it is called is not checked.
    """

    id = "FT-D5"
    name = "asserts-nothing"
    remedy = "assert what the test is about; name your own assertion helpers in `helpers`"
    severity = "MEDIUM"
    category = "QA"
    subcategory = "QA_FALSE_POSITIVE"
    OPTIONS = {
        "files": Option("globs", (*FILES,), "Files with tests."),
        "helpers": Option("pattern", "", "Names of further functions that assert."),
        "fixtures": Option(
            "texts", ("benchmark",), "Fixtures whose tests measure and need not assert."
        ),
    }

    GOOD = (
        ok("an assertion", "def test_pay():\n    assert pay() == 1, 'why'\n"),
        ok(
            "pytest's own",
            "import pytest\n\ndef test_pay():\n    with pytest.raises(OSError):\n        pay()\n\n"
            "def test_refund():\n    if refund():\n        pytest.fail('refunded')\n",
        ),
        ok(
            "unittest's own",
            "import unittest\n\nclass PayTest(unittest.TestCase):\n    def test_pay(self):\n"
            "        self.assertEqual(pay(), 1)\n",
        ),
        ok(
            "a mock", "def test_pay(gateway):\n    pay()\n    gateway.charge.assert_called_once()\n"
        ),
        ok("a helper by its name", "def test_pay():\n    check_receipt(pay())\n"),
        ok(
            "a helper of this file",
            "def receipt(total):\n    assert pay() == total\n\ndef test_pay():\n    receipt(1)\n",
        ),
        ok(
            "a helper that the class inherits from another file",
            "from tests.base import Base\n\nclass TestPay(Base):\n    def test_pay(self):\n"
            "        self.receipt(1)\n",
            files={
                "tests/base.py": "class Base:\n    def receipt(self, total):\n"
                "        assert total\n"
            },
        ),
        ok(
            "a fixture of conftest.py that asserts",
            "def test_pay(receipt):\n    receipt(1)\n",
            files={
                "tests/conftest.py": "import pytest\n\n@pytest.fixture\ndef receipt():\n"
                "    def run(total):\n        assert total\n    return run\n"
            },
        ),
        ok(
            "a test that does not run",
            "import pytest\n\n@pytest.mark.skip('later')\ndef test_pay():\n    pass\n",
        ),
        ok(
            "no test",
            "def pay():\n    pass\n\nclass Client:\n    def test_it(self):\n        pay()\n",
        ),
        ok("another file", "def test_pay():\n    pass\n", path="shop/orders.py"),
        ok("what must not be reached", "def test_pay():\n    assert False, 'never'\n"),
    )
    BAD = (
        no("no assertion", "def test_pay():\n    pay()\n", 1),
        no("an empty test", 'def test_pay():\n    """Payment works."""\n', 1),
        no(
            "a method",
            "import unittest\n\nclass PayTest(unittest.TestCase):\n    def test_pay(self):\n"
            "        print(pay())\n",
            4,
        ),
        no(
            "a helper that asserts nothing",
            "def receipt(total):\n    return pay() == total\n\ndef test_pay():\n    receipt(1)\n",
            4,
        ),
        no("assert True", "def test_pay():\n    pay()\n    assert True\n", 3),
        no("a tuple", "def test_pay():\n    assert (pay() == 1, 'why')\n", 2),
        no("a constant", "def test_pay():\n    assert 'paid'\n    assert 1 == 1\n", 2, 3),
        no("or with a constant", "def test_pay():\n    assert pay() == 1 or 2\n", 2),
        no("a generator", "def test_pay():\n    assert (one for one in pay())\n", 2),
        no(
            "unittest's own on constants",
            "import unittest\n\nclass PayTest(unittest.TestCase):\n    def test_pay(self):\n"
            "        self.assertTrue(True)\n        self.assertFalse(0)\n"
            "        self.assertEqual(1, 1)\n",
            *(5, 6, 7),
        ),
        no("returns instead", "def test_pay():\n    return pay() == 1\n", 1),
        no("compares instead", "def test_pay():\n    pay() == 1\n", 1),
    )

    def prepare(self) -> None:
        """Compile the patterns."""
        super().prepare()
        helpers = self.options["helpers"]
        self._helper = re.compile(helpers) if helpers else None
        self._elsewhere: Elsewhere | None = None

    def needles(self) -> tuple[bytes, ...]:
        """What test functions and assertions are called."""
        return (b"test", b"assert")

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield assertions that always hold, and tests that have none."""
        for node, place in module.seen.all(_ast.Assert, _ast.Call, _ast.Expr):
            why = _always_holds(module, node, place)
            if why:
                yield self.at(module, node, place, why)
        asserts = Asserts(module, self._helper)
        if _has_excuse(module, module.tree, top_place(module)):
            return
        for test in asserts.functions_that(_TEST):
            if self._is_excused(module, test) or asserts.fails(test.node):
                continue
            if not any(asserts.fails(one) for one in asserts.around(test)):
                names = asserts.foreign(test.node, test.place)
                asked = (*test.params, *asserts.marks.requested(test.node))
                asks = ("nothing-elsewhere", names, module.path, asked)
                message = f"{test.node.name} asserts nothing: whatever comes out, it passes"
                yield self.at(module, test.node, test.place, message, asks=asks)

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer `("nothing-elsewhere", names, path, params)`: no helper elsewhere asserts."""
        if question[0] != "nothing-elsewhere":
            return super().holds(question, project)
        if self._elsewhere is None or self._elsewhere.project is not project:
            self._elsewhere = Elsewhere(project)
        return not self._elsewhere.fails(*question[1:])

    def _is_excused(self, module: Module, test: Test) -> bool:
        if set(test.params) & set(self.options["fixtures"]):
            return True
        if any(
            _has_excuse(module, one, test.place)
            for one in (test.node, test.owner)
            if one is not None
        ):
            return True
        return ends_at_once(module, test.node, top_place(module))


def _has_excuse(module: Module, holder: _ast.AST, place: Place) -> bool:
    """Return whether a mark of a function, class or module excuses tests that do not assert."""
    for one in marks_on(holder):
        func = one.func if isinstance(one, _ast.Call) else one
        if _EXCUSED.intersection(module.names(func, place)):
            return True
    return False


def _always_holds(module: Module, node: _ast.AST, place: Place) -> str:
    """Return why an assertion cannot fail, empty when it can."""
    if isinstance(node, _ast.Assert):
        return _why(module, node.test, place)
    if isinstance(node, _ast.Expr):
        return _without_effect(module, node.value, place)
    if (
        not isinstance(node, _ast.Call)
        or not isinstance(node.func, _ast.Attribute)
        or not node.args
    ):
        return ""
    name, first = node.func.attr, node.args[0]
    if name in _TRUTH:
        return _why(module, first, place)
    if name in _FALSEHOOD:
        is_none = name == "assertIsNone"
        value = _constant(first)
        holds = value is not None and (value[0] is None if is_none else not value[0])
        return f"{name} of a constant always holds" if holds else ""
    if name in _PAIRS and len(node.args) > 1:
        one, other = _constant(first), _constant(node.args[1])
        if one is not None and other is not None and one[0] == other[0]:
            return f"{name} of two constants always holds"
    return ""


def _without_effect(module: Module, node: _ast.expr, place: Place) -> str:
    """Return why a statement that looks like an assertion is none, empty when it is one."""
    if isinstance(node, _ast.Attribute) and node.attr.startswith("assert"):
        return f"{node.attr} is not called, so it asserts nothing"
    if not isinstance(node, _ast.Call) or len(node.args) != 1:
        return ""
    if _EXPECTING.intersection(module.names(node.func, place)) and not any(
        one.arg in ("func", None) for one in node.keywords
    ):
        return "without `with` or a function to call, this expects nothing"
    return ""


def _why(module: Module, node: _ast.expr, place: Place) -> str:
    if isinstance(node, _ast.Tuple) and node.elts:
        return "an assertion on a tuple always holds; take the brackets away"
    if isinstance(node, (_ast.List, _ast.Dict, _ast.Set)):
        filled = node.keys if isinstance(node, _ast.Dict) else node.elts
        return "an assertion on a list that is not empty always holds" if filled else ""
    if isinstance(node, _ast.GeneratorExp):
        return "an assertion on a generator always holds; put all(...) around it"
    if isinstance(node, (_ast.Lambda, _ast.JoinedStr)):
        return "an assertion on this always holds" if not _is_empty(node) else ""
    if isinstance(node, _ast.BoolOp) and isinstance(node.op, _ast.Or):
        constants = [_constant(one) for one in node.values]
        if any(one is not None and one[0] for one in constants):
            return "an assertion with `or` and a constant that is true always holds"
    if isinstance(node, _ast.Name) and _is_function(module, node, place):
        return f"an assertion on the function {node.id} always holds; call it"
    value = _constant(node)
    return "an assertion on a constant always holds" if value is not None and value[0] else ""


def _is_empty(node: _ast.AST) -> bool:
    return isinstance(node, _ast.JoinedStr) and not any(
        isinstance(one, _ast.Constant) for one in node.values
    )


def _is_function(module: Module, node: _ast.Name, place: Place) -> bool:
    found = module.bindings(node.id, place)
    return bool(found) and all(
        one.kind == "function" and not getattr(one.value, "decorator_list", ()) for one in found
    )


_COMPARISONS: dict[type, Any] = {
    _ast.Eq: lambda a, b: a == b,
    _ast.NotEq: lambda a, b: a != b,
    _ast.Is: lambda a, b: a is b or a == b,
    _ast.IsNot: lambda a, b: a is not b and a != b,
    _ast.Lt: lambda a, b: a < b,
    _ast.LtE: lambda a, b: a <= b,
    _ast.Gt: lambda a, b: a > b,
    _ast.GtE: lambda a, b: a >= b,
    _ast.In: lambda a, b: a in b,
    _ast.NotIn: lambda a, b: a not in b,
}


def _constant(node: _ast.expr) -> tuple[Any] | None:
    """Return the value of an expression of constants alone, in a tuple; None for any other."""
    if isinstance(node, _ast.Constant):
        return (node.value,)
    if isinstance(node, _ast.UnaryOp):
        inner = _constant(node.operand)
        if inner is None:
            return None
        if isinstance(node.op, _ast.Not):
            return (not inner[0],)
        is_number = isinstance(node.op, _ast.USub) and isinstance(inner[0], (int, float))
        return (-inner[0],) if is_number else None
    if isinstance(node, _ast.BoolOp):
        parts = [_constant(one) for one in node.values]
        values = [bool(one[0]) for one in parts if one is not None]
        if len(values) < len(parts):
            return None
        return (all(values) if isinstance(node.op, _ast.And) else any(values),)
    if isinstance(node, _ast.Compare) and len(node.ops) == 1:
        left, right = _constant(node.left), _constant(node.comparators[0])
        compare = _COMPARISONS.get(type(node.ops[0]))
        if left is not None and right is not None and compare is not None:
            try:
                return (compare(left[0], right[0]),)
            except TypeError:
                return None
    return None
