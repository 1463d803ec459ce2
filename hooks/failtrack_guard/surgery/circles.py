"""Whether a new import would close a circle: the module that it names imports this one, too."""

from __future__ import annotations

import _ast
import os

from failtrack_guard.reading import Unreadable, parse, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project

# What files load, by place, time and size: many fixes of a run ask for the same ones.
_LOADED: dict[tuple[object, ...], set[str]] = {}
MODULES_MAX = 300  # that are read before a circle is taken to be none


def circle(project: Project, base: str, module: Module) -> str:
    """Return the module that imports this one when another is imported, empty for none.

    What runs while a module is imported counts: imports in functions, and those for type checkers,
    do not.

    Args:
        project: Knows where modules lie.
        base: The module that would be imported.
        module: The file that would import it.
    """
    target = module.name
    if not target or base == target or base in _loaded_by(project, module):
        return ""
    waiting = [base]
    seen = {base}
    while waiting and len(seen) < MODULES_MAX:
        name = waiting.pop()
        file = project.file_of(name)
        if file is None:
            continue
        loaded = _loaded_by_file(project, file, name)
        if target in loaded:
            return name
        # The packages around the file run before it does, whatever it imports.
        loaded = {one for one in loaded if not target.startswith(f"{one}.")} - seen
        waiting += sorted(loaded)
        seen |= loaded
    return ""


def _loaded_by_file(project: Project, file: str, name: str) -> set[str]:
    """Return the modules of the project that are imported while that of a file is."""
    try:
        stat = os.stat(file)
        key = (file, name, stat.st_mtime_ns, stat.st_size, project.root)
        if key not in _LOADED:
            _LOADED[key] = _loaded_by(project, parse(read_bytes(file, file), file, name))
    except (OSError, Unreadable):  # said when that file itself is checked
        return set()
    return {*_LOADED[key]}


def _loaded_by(project: Project, module: Module) -> set[str]:
    """Return the modules of the project that are imported while a module is."""
    found: set[str] = set()
    for node in _running(module.tree):
        if isinstance(node, _ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, _ast.ImportFrom):
            base = module.absolute(node.level, node.module)
            found.add(base)
            names = (f"{base}.{alias.name}" for alias in node.names)
            found.update(name for name in names if project.file_of(name))
    return {name for name in found if project.file_of(name)}


def _running(tree: _ast.Module) -> Iterator[_ast.stmt]:
    """Yield the statements that run when a module is imported."""
    waiting: list[_ast.stmt] = [*tree.body]
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
            continue
        is_for_types = isinstance(statement, _ast.If) and _is_type_checking(statement.test)
        for field in ("body", "orelse", "finalbody"):
            if field != "body" or not is_for_types:
                waiting += getattr(statement, field, ())
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            waiting += branch.body


def _is_type_checking(test: _ast.expr) -> bool:
    name = getattr(test, "attr", None) or getattr(test, "id", None)
    return name == "TYPE_CHECKING"
