"""Every way in which a file reaches another module: statements, calls, attributes, paths, code."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.boundaries.folding import Folder
from failtrack_guard.boundaries.live import BUILTIN, live_in
from failtrack_guard.boundaries.paths import paths_of
from failtrack_guard.boundaries.values import (
    CODE_DEPTH_MAX,
    RESOURCES,
    UNKNOWN,
    Bound,
    File,
    Items,
    Ref,
    Table,
    absolute_names,
    elements,
    module_names,
    texts_in,
)
from failtrack_guard.code.nodes import children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place


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


# What each parameter of a function that reaches modules means, in order. `module` is a dotted
# name or a module, `package` that to which leading dots belong, `names` what is taken from it,
# `anchor` a package with resources and `resource` a path in it, `object` is `module:name`,
# `file` and `files` are paths, `prefix` begins the names of modules, `code` is text of Python,
# `scope` what its names stand for, `argv` how a process is called; `*` takes all that follow.
_MODULE = "name:module package:package"
_IMPORT = "name:module globals: locals: fromlist:names level:level"
_FILES = "path:files prefix:prefix"
_RESOURCE = "package:anchor resource:resource"
_RESOURCES = "package:anchor resource:*resource"
_CODE = "source:code globals:scope locals:scope"
_LOADER = "fullname:module path:file"
REACHING: dict[str, str] = {
    "builtins.__import__": _IMPORT,
    "importlib.__import__": _IMPORT,
    "importlib._bootstrap.__import__": _IMPORT,
    "importlib._bootstrap._gcd_import": "name:module package:package level:level",
    "importlib.import_module": _MODULE,
    "importlib.find_loader": "name:module path:files",
    "importlib.reload": "module:module",
    "importlib.util.find_spec": _MODULE,
    "importlib.util.spec_from_file_location": "name:module location:file",
    "importlib.util.spec_from_loader": "name:module",
    "importlib.machinery.ModuleSpec": "name:module",
    "importlib.machinery.SourceFileLoader": _LOADER,
    "importlib.machinery.SourcelessFileLoader": _LOADER,
    "importlib.machinery.ExtensionFileLoader": _LOADER,
    "importlib.machinery.FileFinder": "path:file",
    "importlib.machinery.PathFinder.find_spec": "fullname:module path:files",
    "importlib.metadata.EntryPoint": "name: value:object group:",
    "importlib_metadata.EntryPoint": "name: value:object group:",
    "__loader__.load_module": "fullname:module",
    "__loader__.find_spec": "fullname:module",
    "__spec__.loader.load_module": "fullname:module",
    "sys.meta_path[].find_spec": "fullname:module",
    "sys.meta_path[].find_module": "fullname:module",
    "imp.load_source": "name:module pathname:file",
    "imp.load_compiled": "name:module pathname:file",
    "imp.load_package": "name:module path:file",
    "imp.load_module": "name:module file: filename:file",
    "imp.find_module": "name:module path:files",
    "imp.reload": "module:module",
    "pkgutil.resolve_name": "name:object",
    "pkgutil.get_loader": "module_or_name:module",
    "pkgutil.find_loader": "fullname:module",
    "pkgutil.get_data": _RESOURCE,
    "pkgutil.iter_modules": _FILES,
    "pkgutil.walk_packages": _FILES,
    "pkgutil.iter_importers": "fullname:module",
    "pkgutil.get_importer": "path_item:file",
    "runpy.run_module": "mod_name:module",
    "runpy.run_path": "path_name:file",
    "runpy._run_module_as_main": "mod_name:module",
    "pydoc.locate": "path:object",
    "pydoc.safeimport": "path:module",
    "pydoc.importfile": "path:file",
    "pydoc.resolve": "thing:object",
    "pydoc.render_doc": "thing:object",
    "pydoc.doc": "thing:object",
    "sys.modules.get": "name:module",
    "sys.modules.pop": "name:module",
    "sys.modules.setdefault": "name:module",
    "sys.modules.__getitem__": "name:module",
    "zipimport.zipimporter": "path:file",
    "zipimport.zipimporter().load_module": "fullname:module",
    "zipimport.zipimporter().find_spec": "fullname:module",
    "zipimport.zipimporter().get_code": "fullname:module",
    "zipimport.zipimporter().get_source": "fullname:module",
    "zipimport.zipimporter().get_data": "pathname:file",
    "pytest.importorskip": "modname:module",
    "pkg_resources.EntryPoint.parse": "value:entry",
    "django.utils.module_loading.import_string": "dotted_path:object",
    "werkzeug.utils.import_string": "import_name:object",
    "werkzeug.utils.find_modules": "import_path:module",
    "zope.dottedname.resolve.resolve": "name:module",
    "lazy_loader.load": "fullname:module",
    "unittest.mock.patch": "target:object",
    "unittest.mock.patch.dict": "in_dict:object",
    "unittest.mock.patch.multiple": "target:object",
    "mock.patch": "target:object",
    "mock.patch.dict": "in_dict:object",
    "mock.patch.multiple": "target:object",
    "pytest.MonkeyPatch().setattr": "target:object",
    "pytest.MonkeyPatch().delattr": "target:object",
    "builtins.exec": _CODE,
    "builtins.eval": _CODE,
    "builtins.compile": "source:code",
    "code.InteractiveInterpreter().runsource": "source:code",
    "code.InteractiveInterpreter().runcode": "code:code",
    "code.InteractiveConsole().runsource": "source:code",
    "code.InteractiveConsole().runcode": "code:code",
    "code.InteractiveConsole().push": "line:code",
    "code.compile_command": "source:code",
    "codeop.compile_command": "source:code",
    "timeit.timeit": "stmt:code setup:code",
    "timeit.repeat": "stmt:code setup:code",
    "timeit.Timer": "stmt:code setup:code",
    "cProfile.run": "statement:code",
    "profile.run": "statement:code",
}
for _name in ("read_text", "read_binary", "open_text", "open_binary", "path", "is_resource"):
    REACHING[f"importlib.resources.{_name}"] = _RESOURCES
    REACHING[f"importlib_resources.{_name}"] = _RESOURCES
for _name in ("files", "contents"):
    REACHING[f"importlib.resources.{_name}"] = "package:anchor"
    REACHING[f"importlib_resources.{_name}"] = "package:anchor"
for _name in ("string", "filename", "stream", "listdir", "exists", "isdir"):
    REACHING[f"pkg_resources.resource_{_name}"] = "package:anchor resource:resource"


def _params(functions: dict[str, str]) -> dict[str, tuple[tuple[str, str], ...]]:
    return {
        name: tuple((part.partition(":")[0], part.partition(":")[2]) for part in parameters.split())
        for name, parameters in functions.items()
    }


PARAMS = _params(REACHING)
# The functions and all packages and modules around them.
LEADING = frozenset(
    dotted[:end]
    for dotted in PARAMS
    for end in range(len(dotted) + 1)
    if dotted[end : end + 1] in (".", "")
)
# Other names that a parameter has in some versions.
_ALSO = {"package": "anchor", "resource": "path_names"}
# Functions that hand a list of arguments, or a line for a shell, to another process.
PROCESSES: dict[str, str] = {
    **{
        f"subprocess.{name}": "args:argv"
        for name in ("run", "Popen", "call", "check_call", "check_output")
    },
    **{f"subprocess.{name}": "cmd:argv" for name in ("getoutput", "getstatusoutput")},
    **{f"os.{name}": "command:argv" for name in ("system", "popen")},
    **{f"os.{name}": "path: args:argv" for name in ("execv", "execve", "execvp", "execvpe")},
    **{f"os.{name}": "path: arg0:*argv" for name in ("execl", "execlp")},
    **{f"os.{name}": "mode: path: args:argv" for name in ("spawnv", "spawnve", "spawnvp")},
    **{f"os.{name}": "path: args:argv" for name in ("posix_spawn", "posix_spawnp")},
    "asyncio.create_subprocess_exec": "program:*argv",
    "asyncio.create_subprocess_shell": "cmd:argv",
}
_INTERPRETER = re.compile(r"(?:.*[/\\])?(?:python[\d.]*|py)w?(?:\.exe)?\Z", re.IGNORECASE)
_PYTHON = re.compile(r"python[\d.w]*(?:[\"']|[ \t]+-[cm])")
_PROCESS_NAMES = frozenset(dotted.rpartition(".")[2] for dotted in PROCESSES)
_JOINING = frozenset({"joinpath", "__truediv__"})
_DROPPING = frozenset({"sys.modules.pop", "sys.modules.setdefault"})
# Functions that take the item of a mapping which they are given.
_TAKING = frozenset(
    {"operator.getitem", "builtins.dict.get", "builtins.dict.__getitem__", "builtins.dict.pop"}
)
_PATH_METHODS = frozenset({"append", "insert", "extend"})


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
        if _is_drop(node) and _is_statement(node, place):
            continue
        for value in folder.values(node, place):
            if isinstance(value, Ref) and UNKNOWN not in value.dotted:
                yield Target(value.dotted, node, place, "attribute")


def _is_drop(node: _ast.AST) -> bool:
    """Return whether a call is one that takes something out of `sys.modules`."""
    func = node.func if isinstance(node, _ast.Call) else None
    return isinstance(func, _ast.Attribute) and func.attr in ("pop", "setdefault")


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


_TEXTS = (_ast.Constant, _ast.JoinedStr, _ast.BinOp)


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


_AROUND = (
    *(_ast.Assign, _ast.AnnAssign, _ast.NamedExpr, _ast.Return, _ast.Expr, _ast.Call),
    *(_ast.Attribute, _ast.For, _ast.AsyncFor),
)


def _handed_on(
    folder: Folder, node: _ast.Call, place: Place, live: Live, depth: int
) -> Iterator[Target]:
    """Yield what `partial(import_module, "a.b")` and `map(import_module, ["a.b"])` reach."""
    args, keywords = folder.arguments(node, place)
    for func in folder.values(node.func, place):
        for name in _taken(func, args):
            yield Target(name, node, place, "sys.modules")
        if isinstance(func, Bound) and _is_named(func.func, "operator.methodcaller()"):
            yield from _from_method(folder, func, args, node, place, depth)
    for one in node.keywords:
        if one.arg != "args" and live.holds(one.value):
            for value in folder.values(one.value, place):
                if isinstance(value, Ref) and value.dotted in PARAMS:
                    given_args = _items(keywords.get("args", []))
                    yield from reached_by(folder, value, given_args, {}, node, place, depth)
    for index, given in enumerate(node.args if keywords else node.args[:-1]):
        if not live.holds(given):
            continue
        for value in folder.values(given, place):
            if not isinstance(value, Ref) or value.dotted not in PARAMS:
                continue
            rest = args[index + 1 :]
            yield from reached_by(folder, value, rest, keywords, node, place, depth)
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
    if params is None or (func.dotted in _DROPPING and _is_statement(node, place)):
        return
    by_role = _by_role(params, args, keywords)
    way = func.dotted.removeprefix("builtins.")
    for dotted in _modules(folder, by_role):
        yield Target(dotted, node, place, way)
    files = [*by_role.get("file", ()), *_flat(by_role.get("files", ()))]
    yield from _paths(files, node, place, way)
    for code in by_role.get("code", ()):
        if isinstance(code, File) and code.is_text:
            yield Target(code.path, node, place, way, is_path=True)
        elif isinstance(code, (str, bytes)) and depth < CODE_DEPTH_MAX:
            yield from _from_code(folder, code, node, place, depth, by_role.get("scope", ()))


def _by_role(
    params: tuple[tuple[str, str], ...], args: list[list[Any]], keywords: dict[str, list[Any]]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for index, (name, role) in enumerate(params):
        if role[:1] == "*":
            rest = [Items(args[index:])] if len(args) > index else keywords.get(name, [])
            found.setdefault(role[1:], []).extend(rest)
            continue
        given = args[index] if index < len(args) else keywords.get(name)
        if given is None:
            given = keywords.get(_ALSO.get(name, name), [])
        found.setdefault(role, []).extend(given)
    return found


def _modules(folder: Folder, by_role: dict[str, list[Any]]) -> Iterator[str]:
    """Yield the dotted names that the arguments of a call mean."""
    for base in _named(folder, by_role):
        yield base
        for holder in by_role.get("names", ()):
            for item in elements(holder):
                yield from (f"{base}.{one}" for one in item if isinstance(one, str) and one)
    for name in module_names(by_role.get("anchor", ())):
        yield name
        for resource in _resources(by_role.get("resource", ())):
            yield ".".join([name, *resource.replace("\\", "/").split("/")[:-1]])
    for name in module_names(by_role.get("object", ())):
        yield name.partition("[")[0].strip().replace(":", ".")
    for value in module_names(by_role.get("entry", ())):
        yield value.partition("=")[2].partition("[")[0].strip().replace(":", ".")
    for prefix in module_names(by_role.get("prefix", ())):
        yield prefix.rstrip(".")


def _resources(values: Iterable[Any]) -> Iterator[str]:
    """Yield the paths of resources, in one text or in several."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Items):
            yield "/".join(next(iter(texts_in(item)), UNKNOWN) for item in value.items)


def _named(folder: Folder, by_role: dict[str, list[Any]]) -> Iterator[str]:
    module = folder.module
    own = module.name if module.is_package else module.name.rpartition(".")[0]
    levels = [one for one in by_role.get("level", ()) if isinstance(one, int) and one > 0]
    for name in module_names(by_role.get("module", ())):
        if levels:
            for level in levels:
                yield from absolute_names("." * level + name, [own])
        elif name.startswith("."):
            yield from absolute_names(name, by_role.get("package") or ())
        else:
            yield name


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


def _is_statement(node: _ast.AST, place: Place) -> bool:
    """Return whether nothing is done with the value of an expression."""
    statement = place.statement
    return isinstance(statement, _ast.Expr) and statement.value is node


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
            getattr(node.func, "attr", "") not in _PROCESS_NAMES
        ):
            continue
        for func in folder.values(node.func, place):
            params = _PROCESS_PARAMS.get(func.dotted) if isinstance(func, Ref) else None
            if params is not None:
                by_role = _by_role(params, *folder.arguments(node, place))
                for argv in by_role.get("argv", ()):
                    words = _words(argv)
                    yield from _from_argv(folder, words, node, place, func.dotted, depth)


_PROCESS_PARAMS = _params(PROCESSES)


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
