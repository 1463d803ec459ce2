"""FT-D3: a whole class or file of tests is skipped by one line."""

from __future__ import annotations

import _ast
from functools import partial

from failtrack_guard.code.scopes import Block, Place
from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing import debt
from failtrack_guard.testing.debt import elements, is_pytestmark, way_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.finding import Finding

ok = partial(good, path="tests/test_orders.py")
no = partial(bad, path="tests/test_orders.py")
ALWAYS = ("pytest.mark.skip", "unittest.skip")
CONDITIONAL = {"pytest.mark.skipif": True, "unittest.skipIf": True, "unittest.skipUnless": False}
RAISED = ("pytest.skip", "pytest.skip.Exception", "unittest.SkipTest")


class SkippedWhole(RuleOfFiles):
    """A class or a module of tests is skipped without a condition.

    One line takes all tests away, also those that are added later and never ran at all. The run is
    green, and shorter.

    Use instead: mark the tests that cannot run, each with its own reason; delete those that nobody
    wants back; or name the condition: `skipif(sys.platform == "win32", reason=...)`.

    Limits: a condition that is always true counts only as a constant. What `conftest.py`, the
    command line or another plugin takes out is not seen.
    """

    id = "FT-D3"
    name = "skipped-whole"
    remedy = "mark the tests that cannot run, one by one, or name the condition"
    severity = "HIGH"
    category = "QA"
    subcategory = "QA_TEST_DEBT"
    OPTIONS = {"files": Option("globs", (*debt.FILES,), "Files with tests.")}

    GOOD = (
        ok(
            "one test",
            "import pytest\n\nclass TestPay:\n    @pytest.mark.skip(reason='no sandbox')\n"
            "    def test_pay(self):\n        assert pay()\n",
        ),
        ok(
            "a class with a condition",
            "import pytest, sys\n\n"
            "@pytest.mark.skipif(sys.platform == 'win32', reason='no fork')\n"
            "class TestPay:\n    def test_pay(self):\n        assert pay()\n",
        ),
        ok(
            "a module with a condition",
            "import pytest, sys\n\n"
            "pytestmark = pytest.mark.skipif(sys.platform == 'win32', reason='no fork')\n",
        ),
        ok(
            "a module skipped under a condition",
            "import pytest, sys\n\nif sys.platform == 'win32':\n"
            "    pytest.skip('no fork', allow_module_level=True)\n"
            "try:\n    import fork\nexcept ImportError:\n"
            "    pytestmark = pytest.mark.skip(reason='no fork')\n",
        ),
        ok(
            "a mark by a condition",
            "import pytest\npytestmark = pytest.mark.skip if WINDOWS else ()\n",
        ),
        ok(
            "another mark",
            "import pytest\npytestmark = [pytest.mark.slow]\n\n@pytest.mark.xfail(reason='later')\n"
            "class TestPay:\n    def test_pay(self):\n        assert pay()\n",
        ),
        ok(
            "a mark of the same name from elsewhere",
            "from shop import mark\n\n@mark.skip\nclass TestPay:\n    pass\n",
        ),
        ok("a skip in a test", "import pytest\n\ndef test_pay():\n    pytest.skip('later')\n"),
        ok("a variable of the same name in a test", "def test_a():\n    pytestmark = skip\n"),
        ok(
            "a skip in a fixture and a hook",
            "import pytest\n\n@pytest.fixture\ndef sandbox():\n    pytest.skip('none')\n",
            path="tests/conftest.py",
        ),
        ok(
            "a class that a false condition leaves alone",
            "import unittest\n\n@unittest.skipIf(False, 'x')\nclass TestPay(unittest.TestCase):\n"
            "    pass\n",
        ),
        ok("importorskip", "import pytest\nnp = pytest.importorskip('numpy')\n"),
        ok(
            "a tool's own switch",
            "__test__ = True\n\nclass Base:\n    __test__ = False\n",
        ),
    )
    BAD = (
        no(
            "a class",
            "import pytest\n\n@pytest.mark.skip(reason='no sandbox')\nclass TestPay:\n"
            "    def test_pay(self):\n        assert pay()\n",
            3,
        ),
        no(
            "a class, bare",
            "from pytest import mark\n\n@mark.slow\n@mark.skip\nclass TestPay:\n"
            "    def test_pay(self):\n        assert pay()\n",
            4,
        ),
        no(
            "an alias",
            "import pytest\nlater = pytest.mark.skip(reason='no sandbox')\n\n@later\n"
            "class TestPay:\n    pass\n\nclass TestRefund:\n    pytestmark = later\n",
            *(4, 9),
        ),
        no("a module", "import pytest\npytestmark = pytest.mark.skip(reason='later')\n", 2),
        no(
            "a module, in a list",
            "import pytest\npytestmark = [\n    pytest.mark.slow,\n    pytest.mark.skip,\n]\n",
            4,
        ),
        no(
            "a module, added",
            "import pytest\npytestmark = [pytest.mark.slow]\npytestmark += [pytest.mark.skip]\n",
            3,
        ),
        no(
            "a module, with an annotation",
            "import pytest\npytestmark: list = [pytest.mark.skip]\n",
            2,
        ),
        no(
            "a module, by a list of another name",
            "import pytest\nMARKS = [pytest.mark.skip('later')]\npytestmark = MARKS\n",
            3,
        ),
        no(
            "a class, inside",
            "import pytest\n\nclass TestPay:\n    pytestmark = [pytest.mark.skip]\n",
            4,
        ),
        no(
            "a call at module level",
            "import pytest\npytest.skip('later', allow_module_level=True)\n",
            2,
        ),
        no("SkipTest at module level", "import unittest\nraise unittest.SkipTest('later')\n", 2),
        no("SkipTest, not even called", "from unittest import SkipTest\nraise SkipTest\n", 2),
        no(
            "unittest's own",
            "import unittest as ut\n\n@ut.skip('later')\nclass TestPay(ut.TestCase):\n    pass\n",
            3,
        ),
        no(
            "a condition that always holds",
            "import pytest, unittest\n\n@pytest.mark.skipif(True, reason='later')\n"
            "class TestPay:\n    pass\n\n@unittest.skipUnless(False, 'later')\n"
            "class TestRefund(unittest.TestCase):\n    pass\n\n"
            "pytestmark = pytest.mark.skipif('1', reason='later')\n",
            *(3, 7, 11),
        ),
        no(
            "a class within a class",
            "import pytest\n\nclass TestPay:\n    @pytest.mark.skip('later')\n"
            "    class TestCard:\n        pass\n",
            4,
        ),
        no("the module's own switch", "__test__ = False\n\ndef test_a():\n    assert a()\n", 1),
    )

    def needles(self) -> tuple[bytes, ...]:
        """What every name of a skip holds, and the switch of a module."""
        return (b"skip", b"__test__")

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield what takes a whole class or the whole module away."""
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            inner = Place(place.scope, place.block, place.order, node)
            for one in node.decorator_list:
                if _skips(module, one, inner):
                    yield self._whole(module, one, inner, f"all tests of {node.name} are")
        for node, place in module.seen.all(_ast.Assign, _ast.AnnAssign, _ast.AugAssign):
            if place.block.parent is not None or place.scope.kind == "function":
                continue
            yield from self._assigned(module, node, place)
        for node in module.tree.body:
            if isinstance(node, (_ast.Expr, _ast.Raise)):
                yield from self._at_top(module, node)

    def _assigned(self, module: Module, node: _ast.AST, place: Place) -> Iterator[Finding]:
        value = getattr(node, "value", None)
        if is_pytestmark(node) and value is not None:
            of = place.scope.qualname or "this module"
            for one in elements(value):
                if _skips(module, one, place):
                    yield self._whole(module, one, place, f"all tests of {of} are")
        elif place.scope.kind == "module" and _is_switched_off(node):
            yield self._whole(module, node, place, "all tests of this module are")

    def _at_top(self, module: Module, node: _ast.Expr | _ast.Raise) -> Iterator[Finding]:
        value = node.value if isinstance(node, _ast.Expr) else node.exc
        is_call = isinstance(value, _ast.Call)
        if value is None or not (is_call or isinstance(node, _ast.Raise)):
            return
        place = Place(module.seen.module, Block(), 1 << 60, node)
        func = value.func if isinstance(value, _ast.Call) else value
        if way_of(module, func, place) in RAISED:
            yield self._whole(module, value, place, "all tests of this module are")

    def _whole(self, module: Module, node: _ast.AST, place: Place, what: str) -> Finding:
        return self.at(module, node, place, f"{what} skipped at once and without a condition")


def _skips(module: Module, node: _ast.AST, place: Place, depth: int = 0) -> bool:
    """Return whether an expression is a mark that surely skips, or a name of such a mark."""
    func = node.func if isinstance(node, _ast.Call) else node
    way = way_of(module, func, place)
    if way in ALWAYS:
        return True
    if way in CONDITIONAL and isinstance(node, _ast.Call) and node.args:
        return _is_constantly(node.args[0], CONDITIONAL[way])
    if isinstance(node, _ast.Name) and depth < 5:
        found = [one for one in module.bindings(node.id, place) if one.kind == "assign"]
        return len(found) == 1 and any(
            _skips(module, part, module.place_of(found[0]), depth + 1)
            for part in elements(found[0].value)  # type: ignore[arg-type]
        )
    return False


def _is_constantly(node: _ast.AST, wanted: bool) -> bool:
    if not isinstance(node, _ast.Constant):
        return False
    value = {"True": True, "1": True, "False": False, "0": False}.get(str(node.value))
    return value is wanted


def _is_switched_off(node: _ast.AST) -> bool:
    value = getattr(node, "value", None)
    return (
        isinstance(node, _ast.Assign)
        and any(isinstance(one, _ast.Name) and one.id == "__test__" for one in node.targets)
        and isinstance(value, _ast.Constant)
        and value.value is False
    )
