"""What one module imports and hands on, told by its syntax tree."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.folding import Folder
from failtrack_guard.boundaries.layers import module_of_path
from failtrack_guard.boundaries.live import live_in
from failtrack_guard.boundaries.reaching import LEADING
from failtrack_guard.boundaries.targets import from_statements
from failtrack_guard.boundaries.values import Ref, Table, elements
from failtrack_guard.boundaries.ways import from_expressions
from failtrack_guard.code.scopes import COMPREHENSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.layers import Boundaries
    from failtrack_guard.boundaries.targets import Target
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Scope


class Facts:
    """What one module outside the layers reaches.

    Args:
        runs: What its import imports.
        within: Top-level function or class -> what it imports when it is used; the empty name for
            what is imported for type checkers, or when the module is run as a program.
        names: Top-level name -> what it stands for elsewhere.
        stars: Modules of which everything is imported.
        public: `__all__`, None without one.
        tables: Key -> strings, of the dicts that a lazy `__getattr__` may look into.
    """

    __slots__ = ("names", "public", "runs", "stars", "tables", "within")

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.within: dict[str, list[str]] = {}
        self.names: dict[str, list[str]] = {}
        self.stars: list[str] = []
        self.public: list[str] | None = None
        self.tables: dict[str, list[str]] = {}

    @property
    def all(self) -> Iterator[str]:
        """Everything that it reaches in any way."""
        yield from self.runs
        for some in (*self.within.values(), *self.names.values()):
            yield from some


def facts_of(module: Module, boundaries: Boundaries) -> Facts:
    """Return what a parsed module reaches."""
    facts = Facts()
    folder = Folder(module)
    live = live_in(module, lambda dotted: dotted in LEADING)
    unseen = [*_not_imported(module)]
    facts.stars = [*module.seen.stars]
    for target in (*from_statements(module), *from_expressions(folder, live)):
        dotted = module_of_path(target.dotted, boundaries) if target.is_path else target.dotted
        if not dotted:
            continue
        symbol = _symbol(target, unseen)
        if symbol is None:
            facts.runs.append(dotted)
        else:
            facts.within.setdefault(symbol, []).append(dotted)
    top = folder.top()
    for name in _own_classes(module):
        facts.within.setdefault("__getattr__", []).extend(facts.within.get(name, ()))
    for name in module.seen.module.names:
        values = folder.named(name, top)
        itself = f"{module.name}.{name}"
        facts.names[name] = [
            one.dotted for one in values if isinstance(one, Ref) and one.dotted != itself
        ]
        if name == "__all__":
            facts.public = [
                one
                for value in values
                for item in elements(value)
                for one in item
                if isinstance(one, str)
            ]
        for table in values:
            for keys, there in table.pairs if isinstance(table, Table) else ():
                for key in keys:
                    if isinstance(key, str):
                        facts.tables.setdefault(key, []).extend(_texts_in(there))
    return facts


def _texts_in(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Ref):
            yield value.dotted
        else:
            for item in elements(value):
                yield from _texts_in(item)


def _not_imported(module: Module) -> Iterator[range]:
    """Yield the lines that an import of the module does not run."""
    for node, _ in module.seen.all(_ast.If):
        assert isinstance(node, _ast.If)
        if is_typing_test(node.test) or _is_main_test(node.test):
            yield range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)


def is_typing_test(node: _ast.expr) -> bool:
    """Return whether a condition holds for type checkers alone."""
    return (isinstance(node, _ast.Name) and node.id == "TYPE_CHECKING") or (
        isinstance(node, _ast.Attribute) and node.attr == "TYPE_CHECKING"
    )


def _is_main_test(node: _ast.expr) -> bool:
    return (
        isinstance(node, _ast.Compare)
        and isinstance(node.left, _ast.Name)
        and node.left.id == "__name__"
    )


def _own_classes(module: Module) -> Iterator[str]:
    """Yield the classes that `sys.modules[__name__]` is made an instance of."""
    for node, _ in module.seen.all(_ast.Assign):
        assert isinstance(node, _ast.Assign)
        made = node.value.func if isinstance(node.value, _ast.Call) else node.value
        for target in node.targets:
            if isinstance(target, _ast.Attribute) and target.attr == "__class__":
                target = target.value
            key = target.slice if isinstance(target, _ast.Subscript) else None
            if isinstance(made, _ast.Name) and getattr(key, "id", "") == "__name__":
                yield made.id


def _symbol(target: Target, unseen: list[range]) -> str | None:
    """Return the function in which something is imported, None when the module's import does it."""
    scope: Scope | None = target.place.scope
    while scope is not None:
        if scope.kind == "function" and not isinstance(scope.node, COMPREHENSIONS):
            return scope.qualname.partition(".")[0]
        scope = scope.parent
    line: int = target.node.lineno  # type: ignore[attr-defined]
    return "" if any(line in lines for lines in unseen) else None


class PlainFacts:
    """The facts of a module that imports by statements alone, told without a walk over everything.

    Args:
        module: A parsed module.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.facts = Facts()
        self._walk(module.tree.body, None)

    def _walk(self, body: list[_ast.stmt], symbol: str | None, owner: str = "") -> None:
        """Note what statements import.

        Args:
            body: The statements.
            symbol: Where they stand; see `Facts.within`, None where an import runs them.
            owner: Top-level function or class around them, empty for none.
        """
        is_top = not owner
        for node in body:
            if isinstance(node, (_ast.Import, _ast.ImportFrom)):
                self._import(node, symbol, is_top)
            elif isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef, _ast.ClassDef)):
                if is_top:
                    self.facts.names.setdefault(node.name, [])
                self._walk_inner(node, symbol, owner or node.name)
            elif is_top and isinstance(node, (_ast.Assign, _ast.AnnAssign)):
                self._assign(node)
            elif isinstance(node, (_ast.AugAssign, _ast.Expr)):
                if is_top and self.facts.public is not None:
                    self.facts.public += _more_public(node)
            else:
                self._walk_parts(node, symbol, owner)

    def _walk_inner(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.ClassDef,
        symbol: str | None,
        owner: str,
    ) -> None:
        """Note what a function imports when it is called, and a class when it is made."""
        inner = symbol if isinstance(node, _ast.ClassDef) else symbol or owner
        self._walk(node.body, inner, owner=owner)

    def _walk_parts(self, node: _ast.stmt, symbol: str | None, owner: str) -> None:
        is_run = True
        if isinstance(node, _ast.If):
            is_run = not (is_typing_test(node.test) or _is_main_test(node.test))
        self._walk(getattr(node, "body", []), symbol if is_run else symbol or "", owner)
        for name in ("orelse", "finalbody"):
            self._walk(getattr(node, name, []), symbol, owner)
        for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
            self._walk(part.body, symbol, owner)

    def _import(
        self, node: _ast.Import | _ast.ImportFrom, symbol: str | None, is_top: bool
    ) -> None:
        base = ""
        if isinstance(node, _ast.ImportFrom):
            base = self.module.absolute(node.level, node.module)
            if base.startswith("."):
                return
            base = f"{base}." if base else ""
        for alias in node.names:
            if alias.name == "*":
                self.facts.stars.append(base[:-1])
                self._note(base[:-1], symbol)
                continue
            self._note(f"{base}{alias.name}", symbol)
            if is_top:
                is_dotted = isinstance(node, _ast.Import) and not alias.asname
                name = alias.name.partition(".")[0] if is_dotted else alias.asname or alias.name
                bound = name if is_dotted else f"{base}{alias.name}"
                self.facts.names.setdefault(name, []).append(bound)

    def _note(self, dotted: str, symbol: str | None) -> None:
        if symbol is None:
            self.facts.runs.append(dotted)
        else:
            self.facts.within.setdefault(symbol, []).append(dotted)

    def _assign(self, node: _ast.Assign | _ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, _ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, _ast.Name):
                self.facts.names.setdefault(target.id, []).extend(self._meaning(node.value))
                if target.id == "__all__":
                    self.facts.public = _literal_texts(node.value)

    def _meaning(self, node: _ast.expr | None) -> list[str]:
        """Return what names and attributes stand for, an instance for its class."""
        rest = ""
        is_called = False
        while isinstance(node, (_ast.Attribute, _ast.Call)):
            if isinstance(node, _ast.Attribute):
                rest = f".{node.attr}{rest}"
                node = node.value
            else:
                is_called = True
                node = node.func
        if not isinstance(node, _ast.Name) or node.id not in self.facts.names:
            return []
        known = self.facts.names[node.id]
        if is_called and known:  # what a foreign function returns is not known
            return []
        return [f"{one}{rest}" for one in known or [f"{self.module.name}.{node.id}"]]


def _literal_texts(node: _ast.expr | None) -> list[str] | None:
    """Return the strings of a list that is written here, None for anything else."""
    if isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Add):
        left, right = _literal_texts(node.left), _literal_texts(node.right)
        return None if left is None or right is None else [*left, *right]
    if not isinstance(node, (_ast.List, _ast.Tuple)):
        return None
    return [
        one.value
        for one in node.elts
        if isinstance(one, _ast.Constant) and isinstance(one.value, str)
    ]


def _more_public(node: _ast.AugAssign | _ast.Expr) -> list[str]:
    """Return what a statement adds to `__all__`."""
    more: _ast.expr | None = None
    holder: _ast.expr | None = None
    if isinstance(node, _ast.AugAssign):
        holder, more = node.target, node.value
    elif isinstance(node.value, _ast.Call) and isinstance(node.value.func, _ast.Attribute):
        func, args = node.value.func, node.value.args
        if func.attr in ("extend", "append") and len(args) == 1:
            holder, more = func.value, args[0]
            if func.attr == "append":
                more = _ast.List(args)
    is_public = isinstance(holder, _ast.Name) and holder.id == "__all__"
    return (is_public and _literal_texts(more)) or []
