"""Which functions of a file are tests, and what in them can fail; read by FT-D4 to 6."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.nodes import children, last_name, walk
from failtrack_guard.code.scopes import Block, Place
from failtrack_guard.testing.live import live
from failtrack_guard.testing.marks import END, Marks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Binding, Scope

FILES = ["test_*.py", "*_test.py"]
DEPTH_MAX = 6  # helpers that call helpers
HELPERS_MAX = 50
Function = (_ast.FunctionDef, _ast.AsyncFunctionDef)
# What is called like this is believed to fail when something is wrong.
_HELPER = re.compile(
    r"_*(?:[Aa]ssert|(?:[Cc]heck|[Vv]erify|[Ee]xpect)s?(?![a-z]))|\w*(?:_assert|_(?:check|verify)$)"
)
_NOT_RAISES = re.compile(r"_*(does|do|should)_?n[o']?t_raises?$|_*not_raises?$|_*no_raises?$")
_FAILS = frozenset(
    {
        *("fail", "raises", "warns", "deprecated_call", "raise_for_status", "fnmatch_lines"),
        *("re_match_lines", "no_fnmatch_line", "no_re_match_line", "fnmatch_lines_random"),
        *("re_match_lines_random", "RaisesGroup", "failIf", "failUnless", "failUnlessEqual"),
    }
)
_AROUND = ("tearDown", "asyncTearDown", "teardown_method", "teardown", "doCleanups")
# What the cases of a test hold that expect an error of some of them.
_EXPECTS = frozenset({"raises", "warns", "deprecated_call", "RaisesGroup"})
_EXPECTING = frozenset({"pytest.raises", "pytest.warns", "pytest.deprecated_call"})
# What is given a value and does nothing with it that could fail.
_IDLE = frozenset({"print", "repr", "str", "len", "id", "type", "isinstance", "bool"})
_PARTIAL = frozenset({"functools.partial", "functools.partialmethod", "builtins.staticmethod"})
_WARNINGS = ("simplefilter", "filterwarnings")
_ENDS = frozenset({"pytest.skip", "pytest.xfail", "pytest.fail", "pytest.exit"})
_TEST_BASE = re.compile(r"Test|TestCase$|Tests?$|TestMixin$")
# Decorators after which pytest collects something else than this function, or nothing.
_NO_TEST = re.compile(
    r"(^|\.)(fixture|contextmanager|asynccontextmanager|property|cached_property|overload|"
    r"abstractmethod|nottest|yield_fixture|hookimpl|command|task|session)$"
)


class Test:
    """One test function of a file.

    Args:
        node: Its definition.
        place: Where that stands.
        owner: Its class, None for a function of the module.
    """

    __slots__ = ("node", "owner", "place")

    def __init__(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef,
        place: Place,
        owner: _ast.ClassDef | None,
    ) -> None:
        self.node = node
        self.place = place
        self.owner = owner

    @property
    def params(self) -> tuple[str, ...]:
        """Names of its fixtures and parameters."""
        args = self.node.args
        return tuple(one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs))


class Asserts:
    """What the functions of one file assert.

    Args:
        module: The file.
        helper: Names of further functions that assert, None for none.
    """

    def __init__(self, module: Module, helper: re.Pattern[str] | None = None) -> None:
        self.module = module
        self.helper = helper
        self.functions: dict[str, tuple[_ast.AST, Place]] = {}
        self.classes: dict[str, tuple[_ast.ClassDef, Place]] = {}
        self.marks = Marks(module)
        self._known: dict[int, bool] = {}
        self._lives: dict[int, list[_ast.AST]] = {}
        self._insides: dict[int, list[tuple[_ast.AST, Place]]] = {}
        self._scopes: dict[int, Scope] = {}
        for node, place in module.seen.all(*Function):
            assert isinstance(node, Function)
            self.functions[_qualname(place, node.name)] = (node, place)
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            self.classes[_qualname(place, node.name)] = (node, place)

    def functions_that(self, pattern: re.Pattern[str]) -> Iterator[Test]:
        """Yield functions and methods of a name that pytest would collect or that look like it."""
        for node, place in self.functions.values():
            assert isinstance(node, Function)
            if place.scope.kind == "function" or not pattern.match(node.name):
                continue
            owner = place.scope.node if place.scope.kind == "class" else None
            if any(_NO_TEST.search(one) for one in self._decorators(node, place)):
                continue
            if owner is None or (isinstance(owner, _ast.ClassDef) and self._holds_tests(owner)):
                yield Test(node, place, owner)

    def _decorators(self, node: _ast.AST, place: Place) -> Iterator[str]:
        for one in getattr(node, "decorator_list", ()):
            yield from self.module.names(one.func if isinstance(one, _ast.Call) else one, place)

    def _holds_tests(self, node: _ast.ClassDef) -> bool:
        """Return whether pytest collects a class: by its name, or by that of a base."""
        if any(
            isinstance(one, _ast.Assign)
            and any(isinstance(name, _ast.Name) and name.id == "__test__" for name in one.targets)
            for one in node.body
        ):
            return False
        last = [_name_behind(base) for base in node.bases]
        return node.name.startswith("Test") or any(_TEST_BASE.search(one) for one in last)

    def fails(self, node: _ast.AST) -> bool:
        """Return whether anything in a function, or in what it calls in this file, can fail it."""
        return self._fails(node, 0)

    def _fails(self, node: _ast.AST, depth: int) -> bool:
        known = self._known.get(id(node))
        if known is not None:
            return known
        self._known[id(node)] = False  # a helper that calls itself proves nothing
        found = self._asserts_itself(node, depth) or (
            depth < DEPTH_MAX and any(self._fails(one, depth + 1) for one in self.used(node))
        )
        self._known[id(node)] = found
        return found

    def _asserts_itself(self, node: _ast.AST, depth: int) -> bool:
        for one in self._live(node):
            if isinstance(one, _ast.Assert) or self.is_assertion(one):
                return True
            if isinstance(one, _ast.Attribute) and one.attr in ("should", "should_not"):
                return True
        for one in own_statements(node):
            if isinstance(one, _ast.Raise) and (depth == 0 or _raises_assertion(one)):
                return True
        if any(
            _HELPER.match(_name_behind(one)) or "compar" in _name_behind(one)
            for one in getattr(node, "decorator_list", ())
        ):
            return True
        place = self._place_in(node)
        return any(
            isinstance(one, _ast.Call) and self._is_called_otherwise(one.func, place)
            for one in self._live(node)
        ) or any(self._expects(one) for one in self.expected(node))

    def _live(self, node: _ast.AST) -> list[_ast.AST]:
        found = self._lives.get(id(node))
        if found is None:
            found = self._lives[id(node)] = live(node)
        return found

    def is_assertion(self, node: _ast.AST) -> bool:
        """Return whether an expression is the call of something that is known to assert."""
        if not isinstance(node, _ast.Call):
            return False
        name = _name_behind(node.func)
        if self._is_asserting(name):
            return True
        if name in _WARNINGS:
            return bool(node.args) and _is_text(node.args[0], "error")
        if _is_super(node.func):
            return True
        # `run(check=True)` raises by itself.
        return any(
            one.arg == "check" and isinstance(one.value, _ast.Constant) and one.value.value is True
            for one in node.keywords
        )

    def _is_asserting(self, name: str) -> bool:
        if name in _FAILS or _HELPER.match(name) or _NOT_RAISES.match(name):
            return True
        return self.helper is not None and self.helper.search(name) is not None

    def _is_called_otherwise(self, func: _ast.AST, place: Place) -> bool:
        """Return whether a function that asserts has another name here: `assert_that as that`."""
        if not isinstance(func, (_ast.Name, _ast.Attribute)):
            return False
        names = [*self.module.names(func, place)]
        for binding in self.marks.bound(func, place):
            names += self._meant_by(binding)
        return any(self._is_asserting(one.rpartition(".")[2]) for one in names)

    def _meant_by(self, binding: Binding) -> tuple[str, ...]:
        """Return the names of what a binding is another name of, also one by `partial`."""
        there = self.module.place_of(binding)
        value = binding.value
        if (
            isinstance(value, _ast.Call)
            and value.args
            and not _PARTIAL.isdisjoint(self.module.names(value.func, there))
        ):
            return self.module.names(value.args[0], there)
        return self.module.names_of(binding, 0)

    def expected(self, node: _ast.AST) -> list[tuple[_ast.AST, Place]]:
        """Return what the values of a function's `with` may be that are not written in itself.

        Those of its parameters are what its marks supply, or its fixture's `params`.
        """
        place = self._place_in(node)
        params = {*_params(node)}
        found: list[tuple[_ast.AST, Place]] = []
        seen: set[str] = set()
        for one in (part for given in _entered(self._live(node), params) for part in given):
            if isinstance(one, _ast.Name) and one.id in params:
                if one.id not in seen:
                    seen.add(one.id)
                    found += self.marks.supplied(node, one.id)
            elif isinstance(one, (_ast.Name, _ast.Attribute)):
                found += self.marks.assigned(one, place)
        return found

    def _expects(self, given: tuple[_ast.AST, Place], *, strictly: bool = False) -> bool:
        """Return whether a value holds something that fails when no error, or another one, comes.

        Args:
            given: An expression and its place.
            strictly: Whether only what pytest and unittest have for it counts, not a helper.
        """
        waiting = [(*given, 0)]
        seen: set[int] = set()
        while waiting:
            top, place, depth = waiting.pop()
            if id(top) in seen:
                continue
            seen.add(id(top))
            for one in walk([top]):
                if isinstance(one, _ast.Call) and self._is_expecting(one.func, place, strictly):
                    return True
                if not isinstance(one, (_ast.Name, _ast.Attribute)):
                    continue
                names = self.module.names(one, place)
                if not _EXPECTING.isdisjoint(names):
                    return True
                if any(self._fails(part, 1) for name in names for part in self._local(name)):
                    return not strictly
                if depth < DEPTH_MAX:
                    waiting += [(*next_, depth + 1) for next_ in self.marks.assigned(one, place)]
        return False

    def _is_expecting(self, func: _ast.AST, place: Place, strictly: bool) -> bool:
        name = _name_behind(func)
        if name in _EXPECTS or name.startswith(("assertRaises", "assertWarns")):
            return True
        if _NOT_RAISES.match(name):
            return True
        return not strictly and (self._is_asserting(name) or self._is_called_otherwise(func, place))

    def used(self, node: _ast.AST) -> list[_ast.AST]:
        """Return the functions and classes of this file that a function names, and its fixtures."""
        found: list[_ast.AST] = []
        for one, place in self.names_in(node):
            for dotted in self.module.names(one, place):
                found += self._local(dotted)
            found += self._held(one, place)
        for param in (*_params(node), *self.marks.requested(node)):
            found += self.marks.fixtures(param, node)
        return found

    def _held(self, node: _ast.AST, place: Place) -> Iterator[_ast.AST]:
        """Yield functions of this file that `self.name` was made of, as by `partial(run, 1)`."""
        if not isinstance(node, _ast.Attribute) or place.scope.owner is None:
            return
        if not isinstance(node.value, _ast.Name) or node.value.id not in ("self", "cls"):
            return
        for binding in self.marks.bound(node, place):
            if binding.kind == "assign" and isinstance(binding.value, _ast.AST):
                there = self.module.place_of(binding)
                for part in (binding.value, *inside_of(binding.value)):
                    if isinstance(part, (_ast.Name, _ast.Attribute)):
                        for dotted in self.module.names(part, there):
                            yield from self._local(dotted)

    def around(self, test: Test) -> Iterator[_ast.AST]:
        """Yield what runs around a test: teardowns of its class, fixtures that are used by all."""
        if test.owner is not None:
            yield from (one for one in test.owner.body if getattr(one, "name", "") in _AROUND)
        for node, _ in self.functions.values():
            for one in getattr(node, "decorator_list", ()):
                if isinstance(one, _ast.Call) and any(
                    word.arg == "autouse" and isinstance(word.value, _ast.Constant)
                    for word in one.keywords
                ):
                    yield node

    def names_in(self, node: _ast.AST) -> list[tuple[_ast.AST, Place]]:
        """Return names and attribute chains in a function, each with a place to resolve it."""
        if id(node) not in self._insides:
            place = self._place_in(node)
            found: list[tuple[_ast.AST, Place]] = []
            for one in self._live(node):
                if isinstance(one, _ast.Attribute) or (
                    isinstance(one, _ast.Name) and isinstance(one.ctx, _ast.Load)
                ):
                    found.append((one, place))
            for decorator in getattr(node, "decorator_list", ()):
                func = decorator.func if isinstance(decorator, _ast.Call) else decorator
                found.append((func, top_place(self.module)))
            self._insides[id(node)] = found
        return self._insides[id(node)]

    def _place_in(self, node: _ast.AST) -> Place:
        """Return a place at the end of a function, where all that it binds is bound."""
        if not self._scopes:
            for pairs in self.module.seen.by_type.values():
                for _, place in pairs:
                    self._scopes[id(place.scope.node)] = place.scope
        scope = self._scopes.get(id(node), self.module.seen.module)
        return Place(scope, Block(), END, _ast.Pass())

    def _local(self, dotted: str) -> Iterator[_ast.AST]:
        prefix = f"{self.module.name}."
        if not dotted.startswith(prefix):
            return
        qualname = dotted[len(prefix) :]
        if qualname in self.functions:
            yield self.functions[qualname][0]
            return
        if qualname in self.classes:
            yield self.classes[qualname][0]
            return
        # A method that a base of this file has.
        owner, _, member = qualname.rpartition(".")
        waiting, seen = [owner], set()
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self.classes:
                continue
            seen.add(name)
            if f"{name}.{member}" in self.functions:
                yield self.functions[f"{name}.{member}"][0]
                return
            node, place = self.classes[name]
            for base in node.bases:
                for one in self.module.names(base, place):
                    waiting.append(one.removeprefix(prefix))

    def knows(self, qualname: str) -> bool:
        """Return whether a function or class of this name is defined here."""
        return qualname in self.functions or qualname in self.classes

    def named_fails(self, qualname: str) -> bool:
        """Return whether a function or class of this name can fail a test that calls it."""
        found = self.functions.get(qualname) or self.classes.get(qualname)
        return found is not None and self._fails(found[0], 1)

    def fixture_fails(self, name: str) -> bool:
        """Return whether a fixture of this name can fail a test that asks for it."""
        return self.named_fails(name) or any(
            self._fails(one, 1) for one in self.marks.fixtures(name)
        )

    def bound_fails(self, qualname: str) -> bool:
        """Return whether a variable or attribute is another name of something that asserts.

        Or whether it holds what expects an error: the cases of a test.
        """
        owner, _, name = qualname.rpartition(".")
        scopes = [self.module.seen.module] if not owner else self.module.seen.classes
        for scope in scopes:
            if scope.qualname != owner:
                continue
            for one in (*scope.names.get(name, ()), *scope.attributes.get(name, ())):
                if one.kind not in ("assign", "import"):
                    continue
                if any(self._is_asserting(part.rpartition(".")[2]) for part in self._meant_by(one)):
                    return True
                there = self.module.place_of(one)
                if isinstance(one.value, _ast.AST) and self._expects(
                    (one.value, there), strictly=True
                ):
                    return True
        return False

    def foreign_of(self, qualname: str) -> tuple[str, ...]:
        """Return what a function or class of this name uses of other files; see `foreign`."""
        node, place = self.functions.get(qualname) or self.classes[qualname]
        return self.foreign(node, place)

    def foreign(self, node: _ast.AST, place: Place) -> tuple[str, ...]:
        """Return dotted names from other files that a function, or its helper here, uses.

        A method that a test's class inherits is named with the class: `tests.test_a.TestA.run`.
        """
        found: dict[str, None] = {}
        waiting: list[_ast.AST] = [node]
        seen: set[int] = set()
        while waiting and len(seen) < HELPERS_MAX:
            one = waiting.pop()
            if id(one) in seen:
                continue
            seen.add(id(one))
            waiting += self.used(one)
            for name, there in self.names_in(one):
                found.update(dict.fromkeys(self.module.names(name, there)))
            for given, there in self.expected(one):
                for part in walk([given]):
                    if isinstance(part, (_ast.Name, _ast.Attribute)):
                        found.update(dict.fromkeys(self.module.names(part, there)))
        found.update(dict.fromkeys(self._decorators(node, place)))
        return tuple(
            one for one in found if not one.startswith("builtins.") and not [*self._local(one)]
        )


class Elsewhere:
    """What helpers and fixtures in other files assert.

    Looked into are files for tests: those in folders or of names with `test` in them.

    Args:
        project: Where they are looked up.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._read: dict[str, Asserts | None] = {}

    def fails(self, names: tuple[str, ...], path: str, params: tuple[str, ...]) -> bool:
        """Return whether something that a test uses can fail it.

        Args:
            names: Dotted names that the test uses.
            path: Its file, relative to the root.
            params: Names of its parameters.
        """
        return any(self._asserts(one, 0) for one in names) or self._fixture(path, params)

    def _asserts(self, dotted: str, depth: int) -> bool:
        project = self.project
        owner, _, member = dotted.rpartition(".")
        inherited = (f"{base}.{member}" for base in project.ancestry(owner) if base != owner)
        for name in (*project.origins(dotted), *inherited):
            module_name, rest = project.split(name)
            file = project.file_of(module_name) if module_name and rest else None
            if file is None or "test" not in file[len(project.root) :].lower():
                continue
            asserts = self._file(file, module_name)
            qualname = ".".join(rest)
            if asserts is not None and asserts.bound_fails(qualname):
                return True
            if asserts is None or not asserts.knows(qualname):
                continue
            if asserts.named_fails(qualname):
                return True
            if depth < 3 and any(
                self._asserts(one, depth + 1) for one in asserts.foreign_of(qualname)
            ):
                return True
        return False

    def _fixture(self, path: str, params: tuple[str, ...]) -> bool:
        folder = path if params else ""
        while folder:
            folder = folder.rpartition("/")[0]
            above = f"{folder}/" if folder else ""
            asserts = self._file(f"{self.project.root}/{above}conftest.py", "conftest")
            if asserts is not None and any(asserts.fixture_fails(one) for one in params):
                return True
        return False

    def _file(self, file: str, name: str) -> Asserts | None:
        if file not in self._read:
            from failtrack_guard.reading import Unreadable, read_module

            try:
                self._read[file] = Asserts(read_module(file, file, name))
            except Unreadable:
                self._read[file] = None
        return self._read[file]


# Small questions about syntax.


def inside_of(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield everything that an expression or statement holds, without itself."""
    return walk(children(node))


def own_statements(node: _ast.AST) -> Iterator[_ast.AST]:
    """Yield the statements of a function at any depth, without those of functions within it."""
    waiting: list[_ast.AST] = [*getattr(node, "body", ())]
    while waiting:
        one = waiting.pop()
        yield one
        if not isinstance(one, (*Function, _ast.ClassDef, _ast.expr)):
            waiting += children(one)


def _entered(nodes: list[_ast.AST], params: set[str]) -> Iterator[Iterator[_ast.AST]]:
    """Yield all that stands in a `with`, and what of parameters a call is given."""
    for node in nodes:
        if isinstance(node, (_ast.With, _ast.AsyncWith)):
            yield walk([item.context_expr for item in node.items])
        elif isinstance(node, _ast.Call) and _name_behind(node.func) not in _IDLE:
            given = (*node.args, *(word.value for word in node.keywords))
            yield iter([one for one in given if isinstance(one, _ast.Name) and one.id in params])


def ends_at_once(module: Module, node: _ast.AST, place: Place) -> bool:
    """Return whether a function does nothing but skip, or fails in any case."""
    for one in getattr(node, "body", ()):
        if isinstance(one, _ast.Expr) and isinstance(one.value, _ast.Call):
            func = one.value.func
            names = module.names(func, place)
            if _ENDS.intersection(names) or _name_behind(func) == "skipTest":
                return True
    return False


def top_place(module: Module) -> Place:
    """Return a place at the end of the module."""
    return Place(module.seen.module, Block(), END, _ast.Pass())


def _qualname(place: Place, name: str) -> str:
    outer = place.scope.qualname
    return f"{outer}.{name}" if outer else name


def _params(node: _ast.AST) -> Iterator[str]:
    args = getattr(node, "args", None)
    if isinstance(args, _ast.arguments):
        for one in (*args.posonlyargs, *args.args, *args.kwonlyargs):
            yield one.arg


def _name_behind(node: _ast.AST) -> str:
    if isinstance(node, _ast.Call):
        return _name_behind(node.func)
    if isinstance(node, _ast.Subscript):
        return _name_behind(node.value)
    return last_name(node)


def _is_super(func: _ast.AST) -> bool:
    return (
        isinstance(func, _ast.Attribute)
        and func.attr.startswith("test")
        and isinstance(func.value, _ast.Call)
        and isinstance(func.value.func, _ast.Name)
        and func.value.func.id == "super"
    )


def _is_text(node: _ast.AST, text: str) -> bool:
    return isinstance(node, _ast.Constant) and node.value == text


def _raises_assertion(node: _ast.Raise) -> bool:
    return node.exc is not None and "Assertion" in _name_behind(node.exc)
