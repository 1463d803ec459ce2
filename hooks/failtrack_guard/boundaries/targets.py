"""What a file reaches, and how it does so in plain sight: by import statements and attributes."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.asking import is_question
from failtrack_guard.boundaries.reaching import PARAMS
from failtrack_guard.boundaries.values import UNKNOWN, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from failtrack_guard.boundaries.folding import Folder
    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

_TEXTS = (_ast.Constant, _ast.JoinedStr, _ast.BinOp)


class Target:
    """What a file reaches at one place.

    Args:
        dotted: A module, or what is in it; a path with slashes where `is_path`.
        node: The alias, statement, call or attribute that reaches it.
        place: Where it stands.
        way: How, for messages: a function's name, `import` for a statement, `attribute`.
        is_star: Whether everything is imported from it.
        is_path: Whether `dotted` is the path of a file or folder.
        called: Name of the called function, when it is known to import only if another file says
            so.
        origin: For a path: that from which it goes on.
    """

    __slots__ = ("called", "dotted", "is_path", "is_star", "node", "origin", "place", "way")

    def __init__(
        self,
        dotted: str,
        node: _ast.AST,
        place: Place,
        way: str,
        *,
        is_star: bool = False,
        is_path: bool = False,
        called: str = "",
        origin: str = "",
    ) -> None:
        self.dotted = dotted
        self.node = node
        self.place = place
        self.way = way
        self.is_star = is_star
        self.is_path = is_path
        self.called = called
        self.origin = origin


def from_statements(
    module: Module, is_whole: Callable[[str], bool] = lambda base: False
) -> Iterator[Target]:
    """Yield what the import statements of a file reach.

    Args:
        module: The file.
        is_whole: Whether `from base import a, b` reaches `base`, rather than `base.a` and `base.b`.
    """
    for node, place in module.seen.all(_ast.Import):
        assert isinstance(node, _ast.Import)
        for alias in node.names:
            yield Target(alias.name, alias, place, "import")
    for node, place in module.seen.all(_ast.ImportFrom):
        assert isinstance(node, _ast.ImportFrom)
        base = module.absolute(node.level, node.module)
        if base.startswith("."):
            continue
        if is_whole(base):
            yield Target(base, node, place, "import")
            continue
        for alias in node.names:
            if alias.name == "*":
                yield Target(base, node, place, "import", is_star=True)
            else:
                dotted = f"{base}.{alias.name}" if base else alias.name
                yield Target(dotted, alias, place, "import")


def foreign_calls(folder: Folder, names: set[str]) -> Iterator[Target]:
    """Yield the calls with a dotted name for which only another file can say that they import.

    Args:
        folder: Works out the expressions of the file.
        names: Names that other files of the project give.
    """
    for node, place in folder.module.seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        func, first = node.func, node.args[0] if node.args else None
        holder = func.value if isinstance(func, _ast.Attribute) else func
        if not isinstance(first, _TEXTS) or getattr(holder, "id", "") not in names:
            continue
        texts = [one for one in folder.texts(first, place) if "." in one]
        for value in folder.values(func, place) if texts else ():
            if isinstance(value, Ref) and value.dotted not in PARAMS and "." in value.dotted:
                for text in texts:
                    yield Target(text, node, place, value.dotted, called=value.dotted)


def chains(folder: Folder, live: Live) -> Iterator[Target]:
    """Yield what attributes of modules, and what stands for such, reach; in order of the text.

    Args:
        folder: Works out the expressions of the file.
        live: What may stand for a package.
    """
    seen = folder.module.seen
    inner = {id(node.value) for node, _ in seen.all(_ast.Attribute)}  # type: ignore[attr-defined]
    nodes = [
        (node, place)
        for node, place in seen.all(_ast.Attribute, _ast.Subscript, _ast.Call)
        if (id(node) not in inner or not isinstance(node, _ast.Attribute))
        and not (isinstance(node, _ast.Subscript) and not isinstance(node.ctx, _ast.Load))
        and live.holds(node)
    ]
    nodes.sort(key=lambda one: (one[0].lineno, one[0].col_offset))  # type: ignore[attr-defined]
    for node, place in nodes:
        if (_is_drop(node) and is_statement(node, place)) or is_question(folder, node, place):
            continue
        for value in folder.values(node, place):
            if isinstance(value, Ref) and UNKNOWN not in value.dotted:
                yield Target(value.dotted, node, place, "attribute")


def _is_drop(node: _ast.AST) -> bool:
    """Return whether a call is one that takes something out of `sys.modules`."""
    func = node.func if isinstance(node, _ast.Call) else None
    return isinstance(func, _ast.Attribute) and func.attr in ("pop", "setdefault")


def is_statement(node: _ast.AST, place: Place) -> bool:
    """Return whether nothing is done with the value of an expression."""
    statement = place.statement
    return isinstance(statement, _ast.Expr) and statement.value is node


def plain_chains(folder: Folder, names: set[str]) -> Iterator[Target]:
    """Yield what attributes of imported names reach, and of other names for those.

    Args:
        folder: Works out the expressions of the file.
        names: Imported names.
    """
    seen = folder.module.seen
    for node, _ in seen.all(_ast.Assign):
        assert isinstance(node, _ast.Assign)
        if isinstance(node.value, _ast.Name) and node.value.id in names:
            names |= {one.id for one in node.targets if isinstance(one, _ast.Name)}
    inner = {id(node.value) for node, _ in seen.all(_ast.Attribute)}  # type: ignore[attr-defined]
    for node, place in seen.all(_ast.Attribute):
        if id(node) in inner or _root(node) not in names:
            continue
        for value in folder.values(node, place):
            if isinstance(value, Ref):
                yield Target(value.dotted, node, place, "attribute")


def _root(node: _ast.AST) -> str:
    while isinstance(node, _ast.Attribute):
        node = node.value
    return node.id if isinstance(node, _ast.Name) else ""
