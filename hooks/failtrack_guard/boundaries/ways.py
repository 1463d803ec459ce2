"""Every way in which expressions of a file reach another module: calls, paths, processes, code."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.boundaries.asking import is_only_asked, is_question
from failtrack_guard.boundaries.folding import Folder
from failtrack_guard.boundaries.live import BUILTIN, live_in
from failtrack_guard.boundaries.paths import paths_of
from failtrack_guard.boundaries.reaching import (
    PARAMS,
    PROCESS_NAMES,
    PROCESS_PARAMS,
    modules_of,
    roles_of,
)
from failtrack_guard.boundaries.targets import Target, chains, from_statements, is_statement
from failtrack_guard.boundaries.values import (
    CODE_DEPTH_MAX,
    RESOURCES,
    UNKNOWN,
    Bound,
    File,
    Items,
    Ref,
    Table,
    texts_in,
)
from failtrack_guard.code.nodes import ONLY_AST, children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.code.scopes import Place

_INTERPRETER = re.compile(r"(?:.*[/\\])?(?:python[\d.]*|py)w?(?:\.exe)?\Z", re.IGNORECASE)
_PYTHON = re.compile(r"python[\d.w]*(?:[\"']|[ \t]+-[cm])")
_JOINING = frozenset({"joinpath", "__truediv__"})
_DROPPING = frozenset({"sys.modules.pop", "sys.modules.setdefault"})
_ASKING = frozenset({"sys.modules.get", "sys.modules.pop"})
# Functions that take the item of a mapping which they are given.
_TAKING = frozenset(
    {"operator.getitem", "builtins.dict.get", "builtins.dict.__getitem__", "builtins.dict.pop"}
)
_PATH_METHODS = frozenset({"append", "insert", "extend"})
_AROUND = (
    *(_ast.Assign, _ast.AnnAssign, _ast.NamedExpr, _ast.Return, _ast.Expr, _ast.Call),
    *(_ast.Attribute, _ast.For, _ast.AsyncFor),
)


def from_expressions(
    folder: Folder, live: Live, depth: int = 0, within: Container[str] | None = None
) -> Iterator[Target]:
    """Yield what calls, `sys.modules[...]` and assignments to search paths reach.

    Args:
        folder: Works out the expressions of the file.
        live: What may stand for something that imports.
        depth: How many texts of code lie around it.
        within: Top-level functions and classes that are looked into, None for everything.
    """
    seen = folder.module.seen
    for node, place in seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        if within is not None and top_of(place) not in within:
            continue
        if live.holds(node.func):
            yield from _from_call(folder, node, place, live, depth)
        elif any(map(live.holds, node.args)) or any(live.holds(one.value) for one in node.keywords):
            yield from _handed_on(folder, node, place, live, depth)
    for node, place in seen.all(_ast.Subscript):
        assert isinstance(node, _ast.Subscript)
        if (
            isinstance(node.ctx, _ast.Load)
            and (within is None or top_of(place) in within)
            and live.holds(node.value)
            and _is_ref(folder, node.value, place, "sys.modules")
        ):
            for name in folder.texts(node.slice, place):
                yield Target(name, node, place, "sys.modules")
    if within is not None:
        yield from _from_divisions(folder, live)
        return
    for node, place in seen.all(_ast.Assign, _ast.AugAssign, _ast.AnnAssign):
        yield from _from_path_assignment(folder, node, place)
    yield from _from_divisions(folder, live)
    if has_interpreter(folder.module.source):
        yield from _from_processes(folder, depth)


def top_of(place: Place) -> str:
    """Return the top-level function or class in which a place lies, empty for none."""
    return place.scope.qualname.partition(".")[0]


def _is_ref(folder: Folder, node: _ast.AST, place: Place, dotted: str) -> bool:
    return any(_is_named(one, dotted) for one in folder.values(node, place))


def _is_named(value: Any, dotted: str) -> bool:
    return isinstance(value, Ref) and value.dotted == dotted


def _from_call(
    folder: Folder, node: _ast.Call, place: Place, live: Live, depth: int
) -> Iterator[Target]:
    func = node.func
    args, keywords = folder.arguments(node, place)
    for value in folder.values(func, place):
        yield from reached_by(folder, value, args, keywords, node, place, depth)
    if isinstance(func, _ast.Attribute):
        if func.attr in _JOINING:
            yield from _from_resource(folder, node, func.value, place)
        if _is_search_path(func.value) and func.attr in _PATH_METHODS:
            yield from _paths(_flat(args[-1] if args else []), node, place, "__path__")
    yield from _handed_on(folder, node, place, live, depth)


def _from_resource(
    folder: Folder, node: _ast.AST, base: _ast.AST, place: Place
) -> Iterator[Target]:
    """Yield the resource to which a path goes on from what `files` gave."""
    for start in folder.values(base, place):
        if isinstance(start, File) and start.path.startswith(RESOURCES):
            for one in folder.values(node, place):
                if isinstance(one, File):
                    way = "importlib.resources"
                    yield Target(one.path, node, place, way, is_path=True, origin=start.path)


def _from_divisions(folder: Folder, live: Live) -> Iterator[Target]:
    """Yield the resources of `files("a") / "b"`."""
    if "files" not in folder.module.source:
        return
    for node, place in folder.module.seen.all(*_AROUND):
        for part in children(node):
            if not isinstance(part, _ast.BinOp) or not isinstance(part.op, _ast.Div):
                continue
            first: _ast.expr = part
            while isinstance(first, _ast.BinOp):
                first = first.left
            if live.holds(first):
                yield from _from_resource(folder, part, first, place)


def _handed_on(
    folder: Folder, node: _ast.Call, place: Place, live: Live, depth: int
) -> Iterator[Target]:
    """Yield what `partial(import_module, "a.b")` and `map(import_module, ["a.b"])` reach."""
    args, keywords = folder.arguments(node, place)
    for func in folder.values(node.func, place):
        for name in () if is_question(folder, node, place) else _taken(func, args):
            yield Target(name, node, place, "sys.modules")
        if isinstance(func, Bound) and _is_named(func.func, "operator.methodcaller()"):
            yield from _from_method(folder, func, args, node, place, depth)
    for one in node.keywords:
        if one.arg not in ("args", "kwargs") and live.holds(one.value):
            for value in folder.values(one.value, place):
                if isinstance(value, Ref) and value.dotted in PARAMS:
                    given = _items(keywords.get("args", [])), _named_items(keywords)
                    yield from reached_by(folder, value, *given, node, place, depth)
    for index, handed in enumerate(node.args if keywords else node.args[:-1]):
        if not live.holds(handed):
            continue
        for value in folder.values(handed, place):
            if not isinstance(value, Ref) or value.dotted not in PARAMS:
                continue
            rest = args[index + 1 :]
            named = {**keywords, **_named_items(keywords)}
            yield from reached_by(folder, value, rest, named, node, place, depth)
            for way in zip(*map(_items, rest)):  # noqa: B905 (as far as all of them go)
                yield from reached_by(folder, value, [*way], {}, node, place, depth)


def _taken(func: Any, args: list[list[Any]]) -> list[str]:
    """Return the modules that a call takes from `sys.modules`, which it is given."""
    if isinstance(func, Bound) and _is_named(func.func, "operator.itemgetter()"):
        holders, keys = args[:1], func.args
    elif isinstance(func, Ref) and func.dotted in _TAKING:
        holders, keys = args[:1], args[1:2]
    else:
        return []
    is_modules = any(_is_named(one, "sys.modules") for values in holders for one in values)
    return [one for values in keys for one in values if isinstance(one, str) and is_modules]


def _from_method(
    folder: Folder, func: Bound, args: list[list[Any]], node: _ast.AST, place: Place, depth: int
) -> Iterator[Target]:
    """Yield what `methodcaller("import_module", "a.b")(importlib)` reaches."""
    for base in args[0] if args else ():
        for name in func.args[0] if func.args else ():
            for one in folder.member(base, name) if isinstance(name, str) else ():
                given = func.args[1:], func.keywords
                yield from reached_by(folder, one, *given, node, place, depth)


def _items(values: list[Any]) -> list[list[Any]]:
    return [item for value in values if isinstance(value, Items) for item in value.items]


def _named_items(keywords: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the named arguments that `kwargs={...}` hands on."""
    return {
        name: there
        for table in keywords.get("kwargs", ())
        for names, there in (table.pairs if isinstance(table, Table) else ())
        for name in texts_in(names)
    }


def reached_by(
    folder: Folder,
    func: Any,
    args: list[list[Any]],
    keywords: dict[str, list[Any]],
    node: _ast.AST,
    place: Place,
    depth: int = 0,
) -> Iterator[Target]:
    """Yield what a call of a function reaches.

    Args:
        folder: Works out the expressions of the file.
        func: The function.
        args: What each of its arguments may be.
        keywords: The same of its named ones.
        node: The call.
        place: Where it stands.
        depth: How many texts of code lie around it.
    """
    if isinstance(func, Bound):
        # Without more arguments it reaches what was told where it was bound.
        if args or keywords:
            more = {**func.keywords, **keywords}
            yield from reached_by(folder, func.func, [*func.args, *args], more, node, place, depth)
        return
    if not isinstance(func, Ref):
        return
    params = PARAMS.get(func.dotted)
    if params is None or (func.dotted in _DROPPING and is_statement(node, place)):
        return
    if func.dotted in _ASKING and is_only_asked(folder, node, place):
        return
    by_role = roles_of(params, args, keywords)
    way = func.dotted.removeprefix("builtins.")
    for dotted in modules_of(folder, by_role):
        yield Target(dotted, node, place, way)
    files = [*by_role.get("file", ()), *_flat(by_role.get("files", ()))]
    yield from _paths(files, node, place, way)
    runs = not any(isinstance(one, int) and one & ONLY_AST for one in by_role.get("flags", ()))
    for code in by_role.get("code", ()) if runs else ():
        if isinstance(code, File) and code.is_text:
            yield Target(code.path, node, place, way, is_path=True)
        elif isinstance(code, (str, bytes)) and depth < CODE_DEPTH_MAX:
            yield from _from_code(folder, code, node, place, depth, by_role.get("scope", ()))


def _flat(values: Iterable[Any]) -> list[Any]:
    """Return what lists among the values hold, and the values that are none."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, Items):
            found += [one for item in value.items for one in item]
        else:
            found.append(value)
    return found


def _paths(values: list[Any], node: _ast.AST, place: Place, way: str) -> Iterator[Target]:
    for path in paths_of(values):
        yield Target(path, node, place, way, is_path=True)


def _is_search_path(node: _ast.AST) -> bool:
    return isinstance(node, _ast.Name) and node.id == "__path__"


def _from_path_assignment(folder: Folder, node: Any, place: Place) -> Iterator[Target]:
    """Yield what `__path__ = [...]` and `__path__[:0] = [...]` reach."""
    for target in getattr(node, "targets", None) or [node.target]:
        inner = target.value if isinstance(target, _ast.Subscript) else target
        if _is_search_path(inner):
            yield from _paths(_flat(folder.values(node.value, place)), node, place, "__path__")


def has_interpreter(text: str) -> bool:
    """Return whether a text may call Python as another process."""
    return ".executable" in text or "import executable" in text or bool(_PYTHON.search(text))


def _from_processes(folder: Folder, depth: int) -> Iterator[Target]:
    """Yield what other processes of Python are told to run."""
    for node, place in folder.module.seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        if not isinstance(node.func, _ast.Name) and (
            getattr(node.func, "attr", "") not in PROCESS_NAMES
        ):
            continue
        for func in folder.values(node.func, place):
            params = PROCESS_PARAMS.get(func.dotted) if isinstance(func, Ref) else None
            if params is not None:
                by_role = roles_of(params, *folder.arguments(node, place))
                for argv in by_role.get("argv", ()):
                    words = _words(argv)
                    yield from _from_argv(folder, words, node, place, func.dotted, depth)


def _words(argv: Any) -> list[str]:
    """Return the arguments of a process, those of a line for a shell, too."""
    if isinstance(argv, str):
        import shlex

        try:
            return shlex.split(argv)
        except ValueError:
            return []
    if not isinstance(argv, Items):
        return []
    words = []
    for item in argv.items:
        inner = [one for value in item for one in _words(value) if isinstance(value, Items)]
        words += inner or [next(iter(texts_in(item)), UNKNOWN)]
    return words


def _from_argv(
    folder: Folder, words: list[str], node: _ast.AST, place: Place, way: str, depth: int
) -> Iterator[Target]:
    """Yield what `python -c code`, `python -m module` and `python file` reach."""
    rest = iter(words)
    if not any(_INTERPRETER.match(word) for word in rest):
        return
    for word in rest:
        if word in ("-c", "-m"):
            what = next(rest, "")
            if word == "-m":
                yield Target(what, node, place, way)
            elif depth < CODE_DEPTH_MAX:
                yield from _from_code(folder, what, node, place, depth)
            return
        if not word.startswith("-"):
            if word.endswith(".py"):
                yield Target(word, node, place, way, is_path=True)
            return
        if word in ("-X", "-W"):
            next(rest, "")


def _from_code(
    folder: Folder,
    code: str | bytes,
    node: _ast.AST,
    place: Place,
    depth: int,
    scopes: Iterable[Any] = (),
) -> Iterator[Target]:
    """Yield what a text of Python reaches when it is run at a place.

    Args:
        folder: Works out the expressions of the file.
        code: The text.
        node: What runs it.
        place: Where that stands.
        depth: How many texts of code lie around it.
        scopes: What `exec` is given to look names up in.
    """
    from failtrack_guard.code.module import Module
    from failtrack_guard.reading import Unreadable, parsed

    text = code if isinstance(code, str) else code.decode("utf-8", "replace")
    outer = folder.module
    for source in (text, text.strip()):
        try:
            tree = parsed(source, outer.path)
            break
        except Unreadable:
            continue
    else:
        return
    if not tree.body:
        return
    inner = Module(outer.path, outer.name, is_package=outer.is_package, source=text, tree=tree)
    tables = [one for one in scopes if isinstance(one, Table)]
    keys = [key for table in tables for names, _ in table.pairs for key in texts_in(names)]

    def around(name: str) -> list[Any]:
        if name in keys:
            return [one for table in tables for one in folder.item(table, [name])]
        return folder.named(name, place)

    within = Folder(inner, around)
    live = live_in(inner, lambda dotted: True, (*BUILTIN, *outer.seen.module.names, *keys))
    for found in (
        *from_statements(inner),
        *from_expressions(within, live, depth + 1),
        *chains(within, live),
    ):
        yield Target(
            found.dotted,
            node,
            place,
            "code in a string",
            is_star=found.is_star,
            is_path=found.is_path,
            called=found.called,
        )
