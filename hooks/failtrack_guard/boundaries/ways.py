"""Every way in which a file reaches another module: statements, calls, attributes, paths, code."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.folding import (
    RESOURCES,
    UNKNOWN,
    Bound,
    File,
    Folder,
    Items,
    Ref,
    absolute_names,
    elements,
    module_names,
    paths_of,
)
from failtrack_guard.boundaries.live import BUILTIN, live_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.live import Live
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

CODE_DEPTH_MAX = 3  # code within code that is looked into


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
    """

    __slots__ = ("called", "dotted", "is_path", "is_star", "node", "place", "way")

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
    ) -> None:
        self.dotted = dotted
        self.node = node
        self.place = place
        self.way = way
        self.is_star = is_star
        self.is_path = is_path
        self.called = called


# What each parameter of a function that reaches modules means, in order. `module` is a dotted
# name or a module, `package` that to which leading dots belong, `names` what is taken from it,
# `anchor` a package with resources and `resource` a path in it, `object` is `module:name`,
# `file` and `files` are paths, `prefix` begins the names of modules, `code` is text of Python.
_MODULE = "name:module package:package"
_IMPORT = "name:module globals: locals: fromlist:names level:level"
_FILES = "path:files prefix:prefix"
_RESOURCE = "package:anchor resource:resource"
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
    "pkgutil.extend_path": "path: name:module",
    "runpy.run_module": "mod_name:module",
    "runpy.run_path": "path_name:file",
    "runpy._run_module_as_main": "mod_name:module",
    "pydoc.locate": "path:object",
    "pydoc.safeimport": "path:module",
    "pydoc.importfile": "path:file",
    "pydoc.resolve": "thing:object",
    "site.addsitedir": "sitedir:file",
    "sys.path.append": "entry:file",
    "sys.path.insert": "index: entry:file",
    "sys.path.extend": "entries:files",
    "sys.modules.get": "name:module",
    "sys.modules.pop": "name:module",
    "sys.modules.setdefault": "name:module",
    "sys.modules.__getitem__": "name:module",
    "zipimport.zipimporter": "path:file",
    "pytest.importorskip": "modname:module",
    "pkg_resources.EntryPoint.parse": "value:entry",
    "django.utils.module_loading.import_string": "dotted_path:object",
    "werkzeug.utils.import_string": "import_name:object",
    "werkzeug.utils.find_modules": "import_path:module",
    "zope.dottedname.resolve.resolve": "name:module",
    "lazy_loader.load": "fullname:module",
    "builtins.exec": "source:code",
    "builtins.eval": "source:code",
    "builtins.compile": "source:code",
    "timeit.timeit": "stmt:code setup:code",
    "timeit.repeat": "stmt:code setup:code",
    "timeit.Timer": "stmt:code setup:code",
    "cProfile.run": "statement:code",
    "profile.run": "statement:code",
}
for _name in ("read_text", "read_binary", "open_text", "open_binary", "path", "is_resource"):
    REACHING[f"importlib.resources.{_name}"] = _RESOURCE
    REACHING[f"importlib_resources.{_name}"] = _RESOURCE
for _name in ("files", "contents"):
    REACHING[f"importlib.resources.{_name}"] = "package:anchor"
    REACHING[f"importlib_resources.{_name}"] = "package:anchor"
for _name in ("string", "filename", "stream", "listdir", "exists", "isdir"):
    REACHING[f"pkg_resources.resource_{_name}"] = "package:anchor resource:resource"
PARAMS: dict[str, tuple[tuple[str, str], ...]] = {
    name: tuple((part.partition(":")[0], part.partition(":")[2]) for part in parameters.split())
    for name, parameters in REACHING.items()
}
# The functions and all packages and modules around them.
LEADING = frozenset(
    dotted[:end]
    for dotted in PARAMS
    for end in range(len(dotted) + 1)
    if dotted[end : end + 1] in (".", "")
)
# Other names that a parameter has in some versions.
_ALSO = {"package": "anchor", "resource": "path_names"}
_READERS = frozenset(
    {"read_text", "read_bytes", "open", "iterdir", "is_file", "is_dir", "exists", "glob", "rglob"}
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
                yield Target(f"{base}.{alias.name}", alias, place, "import")


def from_expressions(folder: Folder, live: Live, depth: int = 0) -> Iterator[Target]:
    """Yield what calls, `sys.modules[...]` and assignments to search paths reach.

    Args:
        folder: Works out the expressions of the file.
        live: What may stand for something that imports.
        depth: How many texts of code lie around it.
    """
    seen = folder.module.seen
    for node, place in seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        if live.holds(node.func):
            yield from _from_call(folder, node, place, live, depth)
        elif any(map(live.holds, node.args)) or any(live.holds(one.value) for one in node.keywords):
            yield from _handed_on(folder, node, place, live, depth)
    for node, place in seen.all(_ast.Subscript):
        assert isinstance(node, _ast.Subscript)
        if (
            isinstance(node.ctx, _ast.Load)
            and live.holds(node.value)
            and _is_ref(folder, node.value, place, "sys.modules")
        ):
            for name in folder.texts(node.slice, place):
                yield Target(name, node, place, "sys.modules")
    for node, place in seen.all(_ast.Assign, _ast.AugAssign, _ast.AnnAssign):
        yield from _from_path_assignment(folder, node, place, live)


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
        if (id(node) not in inner or not isinstance(node, _ast.Attribute)) and live.holds(node)
    ]
    nodes.sort(key=lambda one: (one[0].lineno, one[0].col_offset))  # type: ignore[attr-defined]
    for node, place in nodes:
        for value in folder.values(node, place):
            if isinstance(value, Ref) and UNKNOWN not in value.dotted:
                yield Target(value.dotted, node, place, "attribute")


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
    return any(isinstance(one, Ref) and one.dotted == dotted for one in folder.values(node, place))


def _from_call(
    folder: Folder, node: _ast.Call, place: Place, live: Live, depth: int
) -> Iterator[Target]:
    func = node.func
    args, keywords = folder.arguments(node, place)
    for value in folder.values(func, place):
        yield from _reached(folder, value, args, keywords, node, place, depth)
    if isinstance(func, _ast.Attribute):
        for base in folder.values(func.value, place):
            if isinstance(base, File) and base.path.startswith(RESOURCES) and func.attr in _READERS:
                yield Target(base.path, node, place, "importlib.resources", is_path=True)
        if _is_search_path(func.value) and func.attr in _PATH_METHODS:
            yield from _paths(_flat(args[-1] if args else []), node, place, "__path__")
    yield from _handed_on(folder, node, place, live, depth)


def _handed_on(
    folder: Folder, node: _ast.Call, place: Place, live: Live, depth: int
) -> Iterator[Target]:
    """Yield what `partial(import_module, "a.b")` and `map(import_module, ["a.b"])` reach."""
    args, keywords = folder.arguments(node, place)
    for one in node.keywords:
        if one.arg != "args" and live.holds(one.value):
            for value in folder.values(one.value, place):
                if isinstance(value, Ref) and value.dotted in PARAMS:
                    given_args = _items(keywords.get("args", []))
                    yield from _reached(folder, value, given_args, {}, node, place, depth)
    for index, given in enumerate(node.args[:-1]):
        if not live.holds(given):
            continue
        for value in folder.values(given, place):
            if not isinstance(value, Ref) or value.dotted not in PARAMS:
                continue
            rest = args[index + 1 :]
            yield from _reached(folder, value, rest, keywords, node, place, depth)
            for way in zip(*map(_items, rest)):  # noqa: B905 (as far as all of them go)
                yield from _reached(folder, value, [*way], {}, node, place, depth)


def _items(values: list[Any]) -> list[list[Any]]:
    return [item for value in values if isinstance(value, Items) for item in value.items]


def _reached(
    folder: Folder,
    func: Any,
    args: list[list[Any]],
    keywords: dict[str, list[Any]],
    node: _ast.AST,
    place: Place,
    depth: int,
) -> Iterator[Target]:
    """Yield what a call of a function reaches."""
    if isinstance(func, Bound):
        # Without more arguments it reaches what was told where it was bound.
        if args or keywords:
            more = {**func.keywords, **keywords}
            yield from _reached(folder, func.func, [*func.args, *args], more, node, place, depth)
        return
    if not isinstance(func, Ref):
        return
    params = PARAMS.get(func.dotted)
    if params is None:
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
            yield from _from_code(folder, code, node, place, depth)


def _by_role(
    params: tuple[tuple[str, str], ...], args: list[list[Any]], keywords: dict[str, list[Any]]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for index, (name, role) in enumerate(params):
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
        for resource in by_role.get("resource", ()):
            if isinstance(resource, str):
                yield ".".join([name, *resource.replace("\\", "/").split("/")[:-1]])
    for name in module_names(by_role.get("object", ())):
        yield name.partition("[")[0].strip().replace(":", ".")
    for value in module_names(by_role.get("entry", ())):
        yield value.partition("=")[2].partition("[")[0].strip().replace(":", ".")
    for prefix in module_names(by_role.get("prefix", ())):
        yield prefix.rstrip(".")


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


def _is_search_path(node: _ast.AST) -> bool:
    return isinstance(node, _ast.Name) and node.id == "__path__"


def _from_path_assignment(folder: Folder, node: Any, place: Place, live: Live) -> Iterator[Target]:
    """Yield what `__path__ = [...]`, `sys.path += [...]` and `sys.path[:0] = [...]` reach."""
    for target in getattr(node, "targets", None) or [node.target]:
        inner = target.value if isinstance(target, _ast.Subscript) else target
        if not live.holds(inner):
            continue
        if _is_search_path(inner) or _is_ref(folder, inner, place, "sys.path"):
            way = "__path__" if _is_search_path(inner) else "sys.path"
            yield from _paths(_flat(folder.values(node.value, place)), node, place, way)


def _from_code(
    folder: Folder, code: str | bytes, node: _ast.AST, place: Place, depth: int
) -> Iterator[Target]:
    """Yield what a text of Python reaches when it is run at a place."""
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
    within = Folder(inner, lambda name: folder.named(name, place))
    live = live_in(inner, lambda dotted: True, (*BUILTIN, *outer.seen.module.names))
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
