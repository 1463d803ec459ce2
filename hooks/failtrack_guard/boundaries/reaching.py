"""Functions that reach modules, or start processes, and what the arguments of their calls mean."""

from __future__ import annotations

from failtrack_guard.boundaries.values import (
    UNKNOWN,
    Items,
    absolute_names,
    elements,
    module_names,
    texts_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from failtrack_guard.boundaries.folding import Folder

# What each parameter of a function that reaches modules means, in order. `module` is a dotted
# name or a module, `package` that to which leading dots belong, `names` what is taken from it,
# `anchor` a package with resources and `resource` a path in it, `object` is `module:name`,
# `file` and `files` are paths, `prefix` begins the names of modules, `code` is text of Python,
# `scope` what its names stand for, `flags` what becomes of it, `argv` how a process is called; `*`
# takes all that follow.
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
    "builtins.compile": "source:code filename: mode: flags:flags",
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
PROCESS_PARAMS = _params(PROCESSES)
PROCESS_NAMES = frozenset(dotted.rpartition(".")[2] for dotted in PROCESSES)


def roles_of(
    params: tuple[tuple[str, str], ...], args: list[list[Any]], keywords: dict[str, list[Any]]
) -> dict[str, list[Any]]:
    """Return what a call gives to the parameters of each role."""
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


def modules_of(folder: Folder, by_role: dict[str, list[Any]]) -> Iterator[str]:
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
