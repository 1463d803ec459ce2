"""Under which name a file knows a thing, and where the import of one that it does not know goes."""

from __future__ import annotations

import _ast
import sys

from failtrack_guard.code.scopes import COMPREHENSIONS, FUNCTIONS
from failtrack_guard.errors import Refused
from failtrack_guard.surgery.comparing import parsed_statement
from failtrack_guard.surgery.pages import Page, Splice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.surgery.comparing import Expected

_SCOPES = (*FUNCTIONS, _ast.Lambda, _ast.ClassDef, *COMPREHENSIONS)
_BRANCHES = (_ast.If, _ast.Try, _ast.For, _ast.AsyncFor, _ast.While, _ast.Match, _ast.ExceptHandler)


class Site:
    """Where an edit stands, as far as names care.

    Args:
        node: The node of the old tree that is edited.
        is_lazy: Whether the code there is an annotation that nobody evaluates.
        is_whole: Whether the node is a whole annotation, which may be quoted.
        is_deferred: Whether the code there runs after the file was imported.
        turn: Which of the file's statements holds it, from 0.
    """

    __slots__ = ("is_deferred", "is_lazy", "is_whole", "node", "turn")

    def __init__(
        self, node: _ast.AST, *, is_lazy: bool, is_whole: bool, is_deferred: bool, turn: int
    ) -> None:
        self.node = node
        self.is_lazy = is_lazy
        self.is_whole = is_whole
        self.is_deferred = is_deferred
        self.turn = turn


class Term:
    """What stands for a thing at a site.

    Args:
        text: The expression: `EventType`, `events.EventType`.
        needed: (module, name) of an import that must be added, None when it is there.
        must_quote: Whether the annotation around it must be quoted.
    """

    __slots__ = ("must_quote", "needed", "text")

    def __init__(
        self, text: str, needed: tuple[str, str] | None = None, *, must_quote: bool = False
    ) -> None:
        self.text = text
        self.needed = needed
        self.must_quote = must_quote


class _Bound:
    """One place that binds a name: the node, and the dotted name when it is an import."""

    __slots__ = ("dotted", "node")

    def __init__(self, node: _ast.AST, dotted: str = "") -> None:
        self.node = node
        self.dotted = dotted


class Names:
    """The names of a file, asked by those who write code into it.

    Args:
        module: The file.
        project: What knows where re-exported things come from, None when nobody does.
    """

    def __init__(self, module: Module, project: Project | None) -> None:
        self._module = module
        self._project = project
        # Id of a node -> its parent, the field that holds it, and its place in that field's list.
        self._parents: dict[int, tuple[_ast.AST, str, int]] = {}
        self._bound: dict[str, list[_Bound]] = {}
        self._declared: set[str] = set()
        self._nodes: list[_ast.AST] = []
        self.is_future = False
        self._walk()

    @property
    def nodes(self) -> list[_ast.AST]:
        """All nodes, an outer one before what it holds."""
        return self._nodes

    def _walk(self) -> None:
        waiting: list[_ast.AST] = [self._module.tree]
        while waiting:
            node = waiting.pop()
            self._nodes.append(node)
            self._note(node)
            for field in node._fields:
                value = getattr(node, field, None)
                for index, child in enumerate(value if isinstance(value, list) else (value,)):
                    if isinstance(child, _ast.AST):
                        self._parents[id(child)] = (node, field, index)
                        waiting.append(child)

    def _note(self, node: _ast.AST) -> None:
        """Note what a node binds."""
        if isinstance(node, _ast.Name):
            if not isinstance(node.ctx, _ast.Load):
                self._bind(node.id, node)
        elif isinstance(node, _ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                self._bind(name, node, alias.name)
        elif isinstance(node, _ast.ImportFrom):
            if node.module == "__future__":
                self.is_future |= any(alias.name == "annotations" for alias in node.names)
            base = self._module.absolute(node.level, node.module)
            for alias in node.names:
                self._bind(alias.asname or alias.name, node, f"{base}.{alias.name}")
        elif isinstance(node, (_ast.Global, _ast.Nonlocal)):
            self._declared.update(node.names)
        elif isinstance(node, _ast.arg):
            self._bind(node.arg, node)
        else:
            given = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(given, str) and not isinstance(node, _ast.alias):
                self._bind(given, node)

    def _bind(self, name: str, node: _ast.AST, dotted: str = "") -> None:
        self._bound.setdefault(name, []).append(_Bound(node, dotted))

    def _above(self, node: _ast.AST) -> Iterator[tuple[_ast.AST, str, int]]:
        """Yield the parents of a node, the nearest first: (parent, field, index in it)."""
        found = self._parents.get(id(node))
        while found is not None:
            yield found
            found = self._parents.get(id(found[0]))

    def site(self, node: _ast.AST, *, is_head: bool = False, is_quoted: bool = False) -> Site:
        """Return where a node stands.

        Args:
            node: The expression that is replaced, or the function or class that gets an item.
            is_head: Whether the item goes to the head of this function or class.
            is_quoted: Whether the new code is a quoted text.
        """
        is_annotation = is_head and isinstance(node, FUNCTIONS)
        is_whole = is_deferred = False
        turn = 0
        child = node
        for parent, field, index in self._above(node):
            if field in ("annotation", "returns"):
                is_annotation = True
                is_whole = child is node
            if field == "body" and isinstance(parent, (*FUNCTIONS, _ast.Lambda)):
                is_deferred = True
            if parent is self._module.tree:
                turn = index
            child = parent
        return Site(
            node,
            is_lazy=is_annotation and (self.is_future or is_quoted),
            is_whole=is_whole and not is_quoted,
            is_deferred=is_deferred,
            turn=turn,
        )

    def annotated_by(self, node: _ast.AST) -> _ast.AST | None:
        """Return the assignment or function in whose annotations a node stands, None for none."""
        is_annotation = False
        for parent, field, _ in self._above(node):
            is_annotation |= field == "annotation"
            if is_annotation and isinstance(parent, (_ast.AnnAssign, *FUNCTIONS)):
                return parent
            if isinstance(parent, _ast.stmt):
                return None
        return None

    # Under which name a thing is known.

    def term(self, dotted: str, site: Site) -> Term:
        """Return what stands for a thing at a site.

        Args:
            dotted: Its dotted name: `shop.events.EventType`.
            site: Where it is needed.

        Raises:
            Refused: The name means something else there, or nothing yet.
        """
        module, name, tail = self._split(dotted)
        whole = f"{module}.{name}"
        if self._is_own(module):
            return self._own(name, tail, site)
        reason = ""
        for local, text in self._candidates(whole):
            try:
                return self._known(local, text + tail, whole, site)
            except Refused as error:
                reason = reason or str(error)
        if reason:
            raise Refused(reason)
        if self._relevant(name, site):
            raise Refused(f"{name} means something else there")
        if name in self._declared:
            raise Refused(f"{name} is a global that the file itself changes")
        return Term(name + tail, (module, name))

    def _split(self, dotted: str) -> tuple[str, str, str]:
        """Return the module of a thing, its name there, and the dotted rest."""
        module, rest = "", [""]
        if self._project is not None:
            module, rest = self._project.split(dotted)
        if not module or not rest:
            module, _, name = dotted.rpartition(".")
            rest = [name]
        if not module:
            raise Refused(f"nobody says which module holds {dotted}")
        return module, rest[0], "".join(f".{part}" for part in rest[1:])

    def _is_own(self, module: str) -> bool:
        return bool(self._module.name) and module == self._module.name

    def _own(self, name: str, tail: str, site: Site) -> Term:
        """Return the name of a thing that the file itself defines."""
        bound = self._relevant(name, site)
        if len(bound) != 1:
            raise Refused(f"the file should define {name}, once")
        if not self._comes_first(bound[0].node, site) and not site.is_lazy:
            if site.is_whole:
                return Term(name + tail, must_quote=True)
            raise Refused(f"{name} is defined further down")
        return Term(name + tail)

    def _candidates(self, whole: str) -> Iterator[tuple[str, str]]:
        """Yield the names that imports bind: the local name, and the expression for the thing."""
        waiting = []
        for local, all_bound in self._bound.items():
            for bound in all_bound:
                if not bound.dotted:
                    continue
                prefix = bound.dotted
                text = local
                if isinstance(bound.node, _ast.Import) and not self._has_alias(bound.node, local):
                    # `import shop.events` binds `shop`; `shop.events` is the expression.
                    text = prefix
                if self._is_same(prefix, whole):
                    waiting.append((0, local, text))
                elif self._is_module_of(prefix, whole) and isinstance(
                    bound.node, (_ast.Import, _ast.ImportFrom)
                ):
                    waiting.append((1, local, f"{text}{whole[len(prefix) :]}"))
        for _, local, text in sorted(waiting):
            yield local, text

    @staticmethod
    def _has_alias(node: _ast.Import, local: str) -> bool:
        return any(alias.asname == local for alias in node.names)

    def _is_same(self, dotted: str, whole: str) -> bool:
        if dotted == whole:
            return True
        return self._project is not None and whole in self._project.origins(dotted)

    @staticmethod
    def _is_module_of(dotted: str, whole: str) -> bool:
        """Return whether a dotted name is the module that holds a thing, imported as such."""
        return dotted == whole.rpartition(".")[0]

    def _known(self, local: str, text: str, whole: str, site: Site) -> Term:
        """Return the term of a thing that an import binds to a local name."""
        bound = self._relevant(local, site)
        if not bound:
            raise Refused("")
        means = {self._meaning(one, local, text, whole) for one in bound}
        if means != {True} or local in self._declared:
            raise Refused(f"{local} means several things in the file")
        at_runtime = [one for one in bound if not self._is_for_types(one.node)]
        if any(self._is_available(one.node, site) for one in at_runtime):
            return Term(text)
        if site.is_lazy:
            return Term(text)
        if site.is_whole and not at_runtime:
            return Term(text, must_quote=True)
        if at_runtime:
            raise Refused(f"{local} may not be imported yet where it would be used")
        raise Refused(f"{local} is imported for type checkers only")

    def _meaning(self, bound: _Bound, local: str, text: str, whole: str) -> bool:
        """Return whether a binding lets the text stand for the thing."""
        if not bound.dotted:
            return False
        if isinstance(bound.node, _ast.Import) and not self._has_alias(bound.node, local):
            return text.startswith(f"{local}.")
        return self._is_same(bound.dotted, whole) or self._is_module_of(bound.dotted, whole)

    def _relevant(self, name: str, site: Site) -> list[_Bound]:
        """Return the bindings of a name that can matter at a site: the file's, and those of the
        functions and classes around it."""
        around = {id(site.node)}
        is_in_function = False
        for parent, field, _ in self._above(site.node):
            # What a class binds, its methods do not see.
            if not (is_in_function and isinstance(parent, _ast.ClassDef)):
                around.add(id(parent))
            if field == "body" and isinstance(parent, (*FUNCTIONS, _ast.Lambda)):
                is_in_function = True
        return [one for one in self._bound.get(name, ()) if self._scope(one.node) in around]

    def _scope(self, node: _ast.AST) -> int:
        """Return the id of the module, function or class in which a binding lives."""
        child = node
        for parent, field, _ in self._above(node):
            if isinstance(parent, _SCOPES) and not (
                isinstance(child, _ast.expr) and field == "decorator_list"
            ):
                return id(parent)
            child = parent
        return id(self._module.tree)

    def _is_for_types(self, node: _ast.AST) -> bool:
        """Return whether a statement runs for type checkers only."""
        for parent, field, _ in self._above(node):
            if isinstance(parent, _ast.If) and field == "body":
                test = parent.test
                name = getattr(test, "attr", None) or getattr(test, "id", None)
                if name == "TYPE_CHECKING":
                    return True
        return False

    def _is_available(self, node: _ast.AST, site: Site) -> bool:
        """Return whether a statement has surely run when the code at a site does."""
        chain = [*self._above(site.node)]
        parent, field, index = self._parents[id(node)]
        if isinstance(parent, _BRANCHES) and all(parent is not one[0] for one in chain):
            return False
        for one, name, turn in chain:
            if one is parent and name == field:
                return index < turn or (parent is self._module.tree and site.is_deferred)
        # A `with` around the import alone.
        return isinstance(parent, (_ast.With, _ast.AsyncWith)) and self._is_available(parent, site)

    def _comes_first(self, node: _ast.AST, site: Site) -> bool:
        """Return whether a definition of the file itself is there when a site needs it."""
        if isinstance(node, _ast.Name):
            node = next((p for p, _, _ in self._above(node) if isinstance(p, _ast.stmt)), node)
        return self._is_available(node, site)


# Where new imports go.


def added_imports(
    module: Module,
    page: Page,
    needed: Iterable[tuple[str, str]],
    limit: int,
    expected: Expected,
) -> list[Splice]:
    """Return the splices that add imports, and note what they change in the tree.

    Args:
        module: The file.
        page: Its text.
        needed: (module, name) of each.
        limit: Turn of the first statement that must find them imported.
        expected: The changes of the tree.

    Raises:
        Refused: There is no place for them.
    """
    by_module: dict[str, list[str]] = {}
    for base, name in sorted(set(needed)):
        by_module.setdefault(base, []).append(name)
    splices: list[Splice] = []
    lines: list[str] = []
    for base, names in by_module.items():
        held = _import_of(module, base, limit)
        if held is None:
            lines.append(f"from {base} import {', '.join(names)}")
        else:
            splices += _extended(page, held, names, expected)
    places: dict[int, tuple[_ast.stmt | None, list[str]]] = {}
    for line in lines:
        above = _above_it(module, limit, line)
        places.setdefault(id(above), (above, []))[1].append(line)
    for above, together in places.values():
        splices.append(_new_lines(module, page, above, together, limit, expected))
    return splices


def _import_of(module: Module, base: str, limit: int) -> _ast.ImportFrom | None:
    """Return the statement that imports from a module already, and that names can be added to."""
    for statement in module.tree.body[:limit]:
        if (
            isinstance(statement, _ast.ImportFrom)
            and statement.names[0].name != "*"
            and module.absolute(statement.level, statement.module) == base
        ):
            return statement
    return None


def _extended(
    page: Page, held: _ast.ImportFrom, names: list[str], expected: Expected
) -> list[Splice]:
    splices = []
    for name in names:
        splice, index = _alias(page, held.names, _turn(held.names, name), name)
        splices.append(splice)
        listed = expected.field(held, "names")
        after = held.names[index] if index < len(held.names) else None
        at = listed.index(after) if after is not None else len(listed)
        listed.insert(at, _ast.alias(name=name, asname=None))
    return splices


def _turn(aliases: list[_ast.alias], name: str) -> int:
    """Return before which of a statement's names a new one goes, in the order that they are in."""
    present = [alias.name for alias in aliases]
    for key in (_kind_first, str.lower, str):
        if sorted(present, key=key) == present:
            return sum(key(one) <= key(name) for one in present)  # type: ignore[operator]
    return len(present)


def _kind_first(name: str) -> tuple[int, str]:
    """Constants, classes, functions: how isort sorts by default."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _alias(page: Page, aliases: list[_ast.alias], index: int, name: str) -> tuple[Splice, int]:
    """Return the splice that names one thing more, and before which of the names it does."""
    at_end = index == len(aliases)
    near = aliases[index - 1 if at_end else index]
    line, end_line = near.lineno, near.end_lineno or near.lineno
    start = _characters(page.line(line), near.col_offset)
    end = _characters(page.line(end_line), near.end_col_offset or 0)
    indent = page.line(line)[:start]
    is_continued = line > 1 and page.line(line - 1).endswith("\\")
    has_line = not indent.strip() and not is_continued
    newline = page.newline_of(line)
    if at_end and not (has_line and "#" in page.line(end_line)[end:]):
        place = page.offset(end_line, end)
        return Splice(place, place, f",{newline}{indent}{name}" if has_line else f", {name}"), index
    # A comment behind the last name stays with it.
    place = page.offset(line, start)
    code = f"{name},{newline}{indent}" if has_line else f"{name}, "
    return Splice(place, place, code), aliases.index(near)


def _characters(line: str, column: int) -> int:
    """Return a column in characters for one in bytes, as the parser counts."""
    return column if line.isascii() else len(line.encode()[:column].decode(errors="ignore"))


def refuse_circles(project: Project, module: Module, needed: Iterable[tuple[str, str]]) -> None:
    """Refuse imports of modules that import this one.

    Raises:
        Refused: There is such a module.
    """
    from failtrack_guard.surgery.circles import circle

    for base in {base for base, _ in needed}:
        closing = circle(project, base, module)
        if closing:
            raise Refused(
                f"importing {base} would close a circle, as {closing} imports {module.name}"
            )


def _new_lines(
    module: Module,
    page: Page,
    above: _ast.stmt | None,
    lines: list[str],
    limit: int,
    expected: Expected,
) -> Splice:
    """Return the splice that adds import statements, below a statement or before all."""
    body = module.tree.body
    index = body.index(above) if above is not None else -1
    last = (above.end_lineno or above.lineno) if above is not None else 0
    while index + 1 < len(body) and body[index + 1].lineno <= last:
        # `import os; run()`: the line ends with another statement.
        index += 1
        last = max(last, body[index].end_lineno or 0)
        if index >= limit:
            raise Refused("the import finds no line before the place where it is needed")
    listed = expected.field(module.tree, "body")
    at = listed.index(body[index]) + 1 if above is not None else 0
    listed[at:at] = [_statement(line) for line in lines]
    if above is None:
        return _before_all(page, body[0], lines)
    is_import = isinstance(above, (_ast.Import, _ast.ImportFrom))
    group = _group(module, lines[0].split()[1])
    gap = not is_import or _group(module, _module_of(above)) != group
    newline = page.newline_of(last)
    text = (newline if gap else "") + newline.join(lines)
    if not page.has_newline(last):
        end = page.line_end(last)
        return Splice(end, end, f"{newline}{text}")
    following = page.line(last + 1).strip()
    place = page.offset(last + 1, 0)
    below = newline if gap and following and not _is_import_line(following) else ""
    return Splice(place, place, f"{text}{newline}{below}")


def _statement(line: str) -> _ast.stmt:
    statement = parsed_statement(line)
    assert statement is not None
    return statement


def _above_it(module: Module, limit: int, line: str) -> _ast.stmt | None:
    """Return the statement after which an import goes, None for the very beginning."""
    name = line.split()[1]
    group, wanted = _group(module, name), (True, name.lower())
    docstring: _ast.stmt | None = None
    found: _ast.stmt | None = None
    last: _ast.stmt | None = None
    for index, statement in enumerate(module.tree.body):
        if index == 0 and _is_docstring(statement):
            docstring = statement
        is_future = isinstance(statement, _ast.ImportFrom) and statement.module == "__future__"
        if not is_future and (index >= limit or isinstance(statement, (*FUNCTIONS, _ast.ClassDef))):
            break
        if not isinstance(statement, (_ast.Import, _ast.ImportFrom)):
            continue
        last = statement
        its_name = _module_of(statement)
        its = _group(module, its_name)
        key = (isinstance(statement, _ast.ImportFrom), its_name.lower())
        if its < group or (its == group and (key <= wanted or found is None)):
            found = statement
    return found or last or docstring


def _is_docstring(statement: _ast.stmt) -> bool:
    return (
        isinstance(statement, _ast.Expr)
        and isinstance(statement.value, _ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _module_of(statement: _ast.stmt) -> str:
    if isinstance(statement, _ast.ImportFrom):
        return "." * statement.level + (statement.module or "")
    assert isinstance(statement, _ast.Import)
    return statement.names[0].name


def _group(module: Module, name: str) -> int:
    """Return in which group an import is sorted: future, library, others, own, relative."""
    top = name.partition(".")[0]
    if name.startswith("."):
        return 4
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 3 if module.name and top == module.name.partition(".")[0] else 2


def _is_import_line(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _before_all(page: Page, first: _ast.stmt, lines: list[str]) -> Splice:
    """Return the splice that puts an import before the first statement.

    Comments that open the file stay above it; one that belongs to the statement stays with it.
    """
    top = min([first.lineno, *(one.lineno for one in getattr(first, "decorator_list", ()))])
    number = top
    while number > 1 and page.line(number - 1).lstrip().startswith("#"):
        number -= 1
    if number == 1:
        number = top
    is_definition = isinstance(first, (*FUNCTIONS, _ast.ClassDef))
    newline = page.newline_of(max(1, number - 1))
    place = page.offset(number, 0)
    above = newline if number > 1 and page.line(number - 1).strip() else ""
    below = newline * (3 if is_definition else 2)
    return Splice(place, place, f"{above}{newline.join(lines)}{below}")
