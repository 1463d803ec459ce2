"""FT-D6: a test that accepts any error, also the one that says that it failed."""

from __future__ import annotations

import _ast
from functools import partial

from failtrack_guard.code.nodes import children
from failtrack_guard.code.scopes import Place
from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing.asserting import inside_of, top_place
from failtrack_guard.testing.debt import FILES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.finding import Finding

ok = partial(good, path="tests/test_orders.py")
no = partial(bad, path="tests/test_orders.py")
BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})
CATCHING = BROAD | {"builtins.AssertionError"}
RAISES = frozenset({"pytest.raises", "_pytest.python_api.raises", "_pytest.raises.raises"})
_FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda, _ast.ClassDef)
_STATEMENTS = (_ast.Try, _ast.With, _ast.AsyncWith)
_LOOPS = (_ast.For, _ast.AsyncFor, _ast.While)
# Matches everything, as if it were not there.
_ANYTHING = frozenset({"", ".", ".*", "^", "^.*$", ".+", "(.*)", "(?s).*"})
_SAYING = frozenset({"print", "debug", "info", "warning", "error", "exception", "log", "warn"})


class SwallowedAssertion(RuleOfFiles):
    """A test accepts any error: `pytest.raises(Exception)` without more, or an assertion within
    `except: pass`, within `except Exception: pass` or `contextlib.suppress(Exception)`.

    A misspelt name raises an `Exception`, too, and so does an assertion that fails: the test is
    green because it is broken.

    Use instead: the error that is meant, with `match=`; the assertion behind the `try`.

    Limits: `pytest.raises(Exception) as error` is accepted when `error` is looked at afterwards,
    and one whose body raises an `Exception` itself. A handler that does anything but pass on is
    believed to have a purpose.
    """

    id = "FT-D6"
    name = "swallowed-assertion"
    remedy = "name the error that is meant, with match=; keep assertions out of the try"
    severity = "HIGH"
    category = "QA"
    subcategory = "QA_FALSE_POSITIVE"
    OPTIONS = {"files": Option("globs", (*FILES,), "Files with tests.")}

    GOOD = (
        ok(
            "an error of its own",
            "import pytest\n\ndef test_pay():\n"
            "    with pytest.raises(ValueError):\n        pay()\n",
        ),
        ok(
            "any error with a text",
            "import pytest\n\ndef test_pay():\n"
            "    with pytest.raises(Exception, match='no sandbox'):\n        pay()\n",
        ),
        ok(
            "an error that is looked at",
            "import pytest\n\ndef test_pay():\n    with pytest.raises(Exception) as error:\n"
            "        pay()\n    assert 'no sandbox' in str(error.value)\n",
        ),
        ok(
            "a class of the same name from elsewhere",
            "import pytest\nfrom shop.errors import Exception\n\ndef test_pay():\n"
            "    with pytest.raises(Exception):\n        pay()\n",
        ),
        ok(
            "another error is passed over",
            "def test_pay():\n    try:\n        assert pay()\n    except OSError:\n        pass\n",
        ),
        ok(
            "no assertion within",
            "def test_pay():\n    try:\n        pay()\n    except Exception:\n        pass\n"
            "    assert paid()\n",
        ),
        ok(
            "the assertion is not within",
            "def test_pay():\n    try:\n        pay()\n    except Exception:\n        pass\n"
            "    else:\n        assert paid()\n",
        ),
        ok(
            "a handler that fails",
            "import pytest\n\ndef test_pay():\n    try:\n        assert pay()\n"
            "    except Exception as error:\n        pytest.fail(str(error))\n",
        ),
        ok(
            "the assertion is expected to fail",
            "def test_same():\n    try:\n        assert_same(1, 2)\n    except AssertionError:\n"
            "        pass\n    else:\n        raise AssertionError('they differ')\n",
        ),
        ok(
            "another file",
            "try:\n    assert pay()\nexcept Exception:\n    pass\n",
            path="shop/orders.py",
        ),
    )
    BAD = (
        no(
            "any error",
            "import pytest\n\ndef test_pay():\n    with pytest.raises(Exception):\n        pay()\n",
            4,
        ),
        no(
            "really any error",
            "from pytest import raises as r\n\ndef test_pay():\n    with r(BaseException):\n"
            "        pay()\n",
            4,
        ),
        no(
            "unittest's own",
            "import unittest\n\nclass PayTest(unittest.TestCase):\n    def test_pay(self):\n"
            "        with self.assertRaises(Exception):\n            pay()\n"
            "        self.assertRaises(Exception, pay)\n",
            *(5, 7),
        ),
        no(
            "except without a name",
            "def test_pay():\n    try:\n        assert pay()\n    except:\n        pass\n",
            4,
        ),
        no(
            "except Exception",
            "def test_pay():\n    try:\n        pay()\n        assert paid()\n"
            "    except Exception:\n        pass\n",
            5,
        ),
        no(
            "except AssertionError",
            "def test_pay():\n    try:\n        assert pay()\n"
            "    except (OSError, AssertionError) as error:\n        print(error)\n",
            4,
        ),
        no(
            "suppress",
            "from contextlib import suppress\n\ndef test_pay():\n    with suppress(Exception):\n"
            "        assert pay()\n",
            4,
        ),
        no(
            "expects an error, and swallows that none came",
            "def test_pay():\n    try:\n        pay()\n        assert False, 'no error'\n"
            "    except Exception:\n        pass\n",
            5,
        ),
    )

    def needles(self) -> tuple[bytes, ...]:
        """What catches, and what expects."""
        return (b"raises", b"except", b"suppress", b"finally")

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield errors that are expected too broadly, and assertions that are swallowed."""
        broad = [
            (node, place)
            for node, place in module.seen.all(_ast.Call)
            if isinstance(node, _ast.Call) and _expects_anything(module, node, place)
        ]
        kept = _results_that_are_read(module) | _raised_on_purpose(module) if broad else set()
        for node, place in broad:
            if id(node) not in kept:
                message = "any error is accepted here, also a mistake in the test"
                yield self.at(module, node, place, message)
        places = {id(one): place for one, place in module.seen.all(*_STATEMENTS)}
        for one, loops in _tries(module.tree):
            place = places.get(id(one)) or top_place(module)
            place = Place(place.scope, place.block, place.order, one)  # type: ignore[arg-type]
            for spot in _swallowing(module, one, place, loops):
                message = "an assertion that fails in here is swallowed"
                yield self.at(module, spot, place, message)


def _expects_anything(module: Module, node: _ast.Call, place: Place) -> bool:
    is_unittest = isinstance(node.func, _ast.Attribute) and node.func.attr == "assertRaises"
    if not is_unittest and not RAISES.intersection(module.names(node.func, place)):
        return False
    expected = node.args[0] if node.args else None
    for word in node.keywords:
        if word.arg in ("expected_exception", "exception"):
            expected = word.value
        elif word.arg == "match":
            text = module.text(word.value, place)
            if not (isinstance(word.value, _ast.Constant) and word.value.value is None) and (
                text is None or text not in _ANYTHING
            ):
                return False
        elif word.arg in ("check", None):
            return False
    return expected is not None and _catches(module, expected, place, BROAD)


def _catches(module: Module, node: _ast.expr, place: Place, which: frozenset[str]) -> bool:
    """Return whether an expression names one of some errors, also in a tuple or under an alias."""
    if isinstance(node, _ast.Tuple):
        return any(_catches(module, one, place, which) for one in node.elts)
    bindings = module.bindings(node.id, place) if isinstance(node, _ast.Name) else []
    if any(one.kind == "param" for one in bindings):
        return False  # its annotation says less than its values
    if which.intersection(module.names(node, place)):
        return True
    for binding in bindings:
        if binding.kind == "assign" and isinstance(binding.value, _ast.Tuple):
            return _catches(module, binding.value, module.place_of(binding), which)
    return False


def _results_that_are_read(module: Module) -> set[int]:
    """Return the ids of calls whose result has a name that is read afterwards."""
    kept: set[int] = set()
    read: dict[int, set[str]] = {}
    for node, place in module.seen.all(_ast.With, _ast.AsyncWith, _ast.Assign):
        if isinstance(node, (_ast.With, _ast.AsyncWith)):
            pairs = [(one.context_expr, one.optional_vars) for one in node.items]
        else:
            assert isinstance(node, _ast.Assign)
            pairs = [(node.value, node.targets[0])]
        for call, target in pairs:
            if not isinstance(call, _ast.Call) or target is None:
                continue
            holder = place.scope.node
            if id(holder) not in read:
                read[id(holder)] = _names_read(holder)
            if not isinstance(target, _ast.Name) or target.id in read[id(holder)]:
                kept.add(id(call))
    for node, _ in module.seen.all(_ast.Attribute, _ast.Return):
        value = getattr(node, "value", None)
        if isinstance(value, _ast.Call):  # pytest.raises(Exception, pay).match("sandbox")
            kept.add(id(value))
    return kept


def _raised_on_purpose(module: Module) -> set[int]:
    """Return the ids of calls in a `with` whose body raises an `Exception` itself."""
    return {
        id(item.context_expr)
        for node, _ in module.seen.all(_ast.With, _ast.AsyncWith)
        if isinstance(node, (_ast.With, _ast.AsyncWith))
        for item in node.items
        if isinstance(item.context_expr, _ast.Call)
        and any(_raises_exception(one) for one in inside_of(node))
    }


def _raises_exception(node: _ast.AST) -> bool:
    error = node.exc if isinstance(node, _ast.Raise) else None
    func = error.func if isinstance(error, _ast.Call) else error
    return isinstance(func, _ast.Name) and func.id in ("Exception", "BaseException")


def _names_read(node: _ast.AST) -> set[str]:
    return {
        one.id
        for one in inside_of(node)
        if isinstance(one, _ast.Name) and isinstance(one.ctx, _ast.Load)
    }


def _tries(tree: _ast.Module) -> Iterator[tuple[_ast.AST, list[_ast.AST]]]:
    """Yield `try` and `with` statements, each with the loops around it, the nearest last."""
    waiting: list[tuple[_ast.AST, list[_ast.AST]]] = [(tree, [])]
    while waiting:
        node, loops = waiting.pop()
        if type(node).__name__ in ("Try", "TryStar", "With", "AsyncWith"):
            yield node, loops
        if isinstance(node, _LOOPS):
            loops = [*loops, node]
        elif isinstance(node, _FUNCTIONS):
            loops = []
        waiting += [(one, loops) for one in children(node) if not isinstance(one, _ast.expr)]


def _swallowing(
    module: Module, node: _ast.AST, place: Place, loops: list[_ast.AST]
) -> Iterator[_ast.AST]:
    """Yield the handlers, or the call of `suppress`, that swallow an assertion of a statement."""
    body = getattr(node, "body", [])
    if not _holds_assertion(body):
        return
    if isinstance(node, (_ast.With, _ast.AsyncWith)):
        for item in node.items:
            call = item.context_expr
            if (
                isinstance(call, _ast.Call)
                and "contextlib.suppress" in module.names(call.func, place)
                and any(_catches(module, one, place, CATCHING) for one in call.args)
            ):
                yield call
        return
    if _leaves(getattr(node, "finalbody", [])):
        yield node.finalbody[-1]  # type: ignore[attr-defined]
        return
    if _fails(getattr(node, "orelse", [])) or any(_tries_again(loop) for loop in loops):
        return
    for handler in getattr(node, "handlers", ()):
        if handler.type is None or _catches(module, handler.type, place, CATCHING):
            if all(_is_idle(one) for one in handler.body):
                yield _head(handler)
            return


def _head(handler: _ast.ExceptHandler) -> _ast.AST:
    """Return a node that covers the first line of a handler alone."""
    end = handler.type.end_lineno if handler.type is not None else handler.lineno
    column = handler.type.end_col_offset if handler.type is not None else handler.col_offset + 6
    return _ast.Pass(
        lineno=handler.lineno,
        col_offset=handler.col_offset,
        end_lineno=end or handler.lineno,
        end_col_offset=column or handler.col_offset,
    )


def _holds_assertion(body: list[_ast.stmt]) -> bool:
    """Return whether statements assert by themselves, functions within them left out."""
    waiting: list[_ast.AST] = [*body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _ast.Assert):
            return True
        if isinstance(node, _ast.Call):
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            if name.lower().lstrip("_").startswith("assert") or name == "fail":
                return True
        if not isinstance(node, _FUNCTIONS):
            waiting += children(node)
    return False


def _fails(body: list[_ast.stmt]) -> bool:
    return _holds_assertion(body) or any(
        isinstance(one, _ast.Raise) for node in body for one in (node, *inside_of(node))
    )


def _tries_again(loop: _ast.AST) -> bool:
    """Return whether a loop gives up with an error, so that what it swallows is no verdict."""
    body = getattr(loop, "body", [])
    outside = [one for one in body if type(one).__name__ not in ("Try", "TryStar")]
    return _fails(getattr(loop, "orelse", [])) or _fails(outside)


def _leaves(body: list[_ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], (_ast.Return, _ast.Break, _ast.Continue))


def _is_idle(node: _ast.stmt) -> bool:
    """Return whether a statement only passes on: nothing, a word to the log, a way out."""
    if isinstance(node, (_ast.Pass, _ast.Continue, _ast.Break)):
        return True
    if isinstance(node, _ast.Return):
        return node.value is None or isinstance(node.value, _ast.Constant)
    if not isinstance(node, _ast.Expr):
        return False
    value = node.value
    if isinstance(value, _ast.Constant):
        return True
    name = (
        getattr(value.func, "attr", "") or getattr(value.func, "id", "")
        if isinstance(value, _ast.Call)
        else ""
    )
    return name in _SAYING
