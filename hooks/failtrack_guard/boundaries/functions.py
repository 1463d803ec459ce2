"""Functions whose results are known, by their dotted names."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.boundaries.collecting import (
    backwards,
    chained,
    counted,
    item_got,
    mapped,
    multiplied,
    reduced,
    second,
    sequence,
    table,
    taken,
    zipped,
)
from failtrack_guard.boundaries.paths import folder_of, join_path, normal, opened, path, resources
from failtrack_guard.boundaries.strings import added
from failtrack_guard.boundaries.values import (
    CODE_DEPTH_MAX,
    UNKNOWN,
    VALUES_MAX,
    Bound,
    File,
    Items,
    Local,
    Ref,
    absolute_names,
    attempt,
    elements,
    first,
    plain_product,
    product,
    texts_in,
)
from failtrack_guard.code.nodes import ONLY_AST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from failtrack_guard.boundaries.worth import Worth

    Function = Callable[[Worth, list[list[Any]], dict[str, list[Any]]], list[Any]]


# Attributes, and functions that make functions.


def _getattr(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if len(args) < 2:
        return []
    found = []
    for base in args[0]:
        for name in args[1]:
            if isinstance(name, str) and UNKNOWN not in name:
                found += folder.member(base, name)
    return found + [one for more in args[2:] for one in more]


def _vars(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if not args:
        return [Ref(f"{folder.module.name}.__dict__")]
    return [Ref(f"{one.dotted}.__dict__") for one in args[0] if isinstance(one, Ref)]


def _globals(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Ref(f"{folder.module.name}.__dict__")]


def _attrgetter(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Bound(Ref("operator.attrgetter()"), [first(args)])]


def _attr_got(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = []
    for name in texts_in(first(args)):
        bases = args[1] if len(args) > 1 else []
        for part in name.split("."):
            bases = [one for base in bases for one in folder.member(base, part)]
        found += bases
    return found


def _method_called(
    folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    *rest, bases = args
    names = texts_in(first(rest))
    functions = [one for base in bases for name in names for one in folder.member(base, name)]
    return [one for func in functions for one in folder.result(func, rest[1:], keywords)]


def _partial(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Bound(func, args[1:], keywords) for func in first(args)]


def _kept(dotted: str) -> Function:
    """Return what makes a function that waits for one more argument, such as `attrgetter`."""

    def keep(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
        return [Bound(Ref(f"{dotted}()"), args, keywords)] if args else []

    return keep


def _made(dotted: str) -> Function:
    """Return what makes an instance of a class that has methods which import."""
    return lambda folder, args, keywords: [Ref(f"{dotted}()")]


def _same(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return first(args)


def _cached(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    functions = [one for one in first(args) if isinstance(one, (Ref, Local, Bound))]
    return functions or [Ref("functools.cache")]


def _default(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return args[1] if len(args) > 1 else keywords.get("default", [])


def _added_up(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return added(args[0], args[1]) if len(args) > 1 else []


# Text, bytes and code.


def _str(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found: list[Any] = []
    for one in first(args):
        if isinstance(one, File):
            found.append(one.path)
        elif isinstance(one, bytes) and len(args) > 1:
            found += [attempt(one.decode, *way) for way in plain_product(args[1:])]
        elif isinstance(one, (str, int)):
            found.append(str(one))
    return [one for one in found if one is not None]


def _chr(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = [attempt(chr, one) for one in first(args) if isinstance(one, int)]
    return [one for one in found if one is not None]


def _bytes(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found: list[Any] = []
    for one in first(args):
        if isinstance(one, Items):
            numbers = [item[0] for item in one.items if len(item) == 1]
            found.append(attempt(bytes, numbers))
        elif isinstance(one, bytes):
            found.append(one)
        elif isinstance(one, str):
            found.append(one.encode())
    return [one for one in found if one is not None]


def _compiled(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return the text of a syntax tree, which may be run yet; other code was told already."""
    flags = args[3] if len(args) > 3 else keywords.get("flags", [])
    is_tree = any(isinstance(one, int) and one & ONLY_AST for one in flags)
    return (first(args) or keywords.get("source", [])) if is_tree else []


def _from_hex(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    found = [attempt(bytes.fromhex, one) for one in texts_in(first(args))]
    return [one for one in found if one is not None]


def _from_base64(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    import binascii

    found = [
        attempt(binascii.a2b_base64, one) for one in first(args) if isinstance(one, (str, bytes))
    ]
    return [one for one in found if one is not None]


def _decoded(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    import codecs

    ways = plain_product([*args, *([keywords["encoding"]] if "encoding" in keywords else [])])
    found = [attempt(codecs.decode, *one) for one in ways]
    return [one for one in found if isinstance(one, (str, bytes))]


def _substituted(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    if len(args) < 3:
        return []
    found = []
    for pattern, new, text in product([texts_in(one) for one in args[:3]]):
        # Nothing that repeats, which might take for ever.
        if not re.search(r"[*+{(]", pattern) and len(text) <= VALUES_MAX:
            found.append(attempt(re.sub, pattern, new, text))
    return [one for one in found if one is not None]


def _evaluated(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what the text of an expression is worth."""
    if folder.code_depth >= CODE_DEPTH_MAX:
        return []
    from failtrack_guard.code.module import Module
    from failtrack_guard.reading import Unreadable, parsed

    outer = folder.module
    found: list[Any] = []
    for text in texts_in(first(args)):
        try:
            tree = parsed(text.strip(), outer.path)
        except Unreadable:
            continue
        body = tree.body[0] if len(tree.body) == 1 else None
        if isinstance(body, _ast.Expr):
            inner = Module(
                outer.path, outer.name, is_package=outer.is_package, source=text, tree=tree
            )
            within = type(folder)(inner, lambda name: folder.named(name, folder.top()))
            within.code_depth = folder.code_depth + 1
            found += within.values(body.value, within.top())
    return [one for one in found if not isinstance(one, Local)]


# Modules.


def _imported(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    names = first(args) or keywords.get("name", [])
    packages = args[1] if len(args) > 1 else keywords.get("package", [])
    found = []
    for name in texts_in(names):
        for dotted in absolute_names(name, packages):
            found.append(Ref(dotted))
    return found


def _imported_top(
    folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]
) -> list[Any]:
    names = texts_in(first(args) or keywords.get("name", []))
    wanted = args[3] if len(args) > 3 else keywords.get("fromlist", [])
    whole = any(elements(one) for one in wanted)
    return [Ref(name if whole else name.partition(".")[0]) for name in names if name]


def _resolved(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [one.dotted for one in _imported(folder, args, keywords)]


def _located(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    return [Ref(one.replace(":", ".").rstrip(".")) for one in texts_in(first(args))]


# Each takes the folder, the arguments and the keywords.
FUNCTIONS: dict[str, Function] = {
    "builtins.getattr": _getattr,
    "builtins.vars": _vars,
    "builtins.globals": _globals,
    "builtins.locals": _globals,
    "builtins.str": _str,
    "builtins.chr": _chr,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.bytes.fromhex": _from_hex,
    "builtins.list": sequence,
    "builtins.tuple": sequence,
    "builtins.set": sequence,
    "builtins.frozenset": sequence,
    "builtins.sorted": sequence,
    "builtins.iter": sequence,
    "builtins.reversed": backwards,
    "builtins.dict": table,
    "builtins.map": mapped,
    "builtins.zip": zipped,
    "builtins.enumerate": counted,
    "builtins.open": opened,
    "builtins.eval": _evaluated,
    "builtins.compile": _compiled,
    "ast.literal_eval": _evaluated,
    "json.loads": _evaluated,
    "builtins.filter": second,
    "builtins.ord": lambda folder, args, keywords: [
        ord(one) for one in texts_in(first(args)) if len(one) == 1
    ],
    "builtins.dict.get": taken,
    "builtins.dict.pop": taken,
    "builtins.dict.__getitem__": taken,
    "builtins.dict.fromkeys": sequence,
    "operator.getitem": taken,
    "operator.itemgetter": _kept("operator.itemgetter"),
    "operator.itemgetter()": item_got,
    "operator.methodcaller": _kept("operator.methodcaller"),
    "operator.methodcaller()": _method_called,
    "functools.reduce": reduced,
    "itertools.chain": chained,
    "itertools.product": multiplied,
    "contextlib.nullcontext": _same,
    "types.SimpleNamespace": table,
    "importlib.machinery.PathFinder": lambda folder, args, keywords: [
        Ref("importlib.machinery.PathFinder")
    ],
    "re.sub": _substituted,
    "collections.deque": sequence,
    "zipimport.zipimporter": _made("zipimport.zipimporter"),
    "code.InteractiveInterpreter": _made("code.InteractiveInterpreter"),
    "code.InteractiveConsole": _made("code.InteractiveConsole"),
    "pytest.MonkeyPatch": _made("pytest.MonkeyPatch"),
    "pytest.MonkeyPatch.context": _made("pytest.MonkeyPatch"),
    "builtins.next": lambda folder, args, keywords: [
        one for holder in first(args) for item in folder.items(holder) for one in item
    ],
    "builtins.__import__": _imported_top,
    "importlib.__import__": _imported_top,
    "importlib.import_module": _imported,
    "importlib.reload": _same,
    "importlib.util.resolve_name": _resolved,
    "importlib.resources.files": resources,
    "importlib_resources.files": resources,
    "importlib.resources.as_file": _same,
    "pkgutil.resolve_name": _located,
    "pydoc.locate": _located,
    "functools.partial": _partial,
    "functools.cache": _same,
    "functools.lru_cache": _cached,
    "builtins.staticmethod": _same,
    "builtins.classmethod": _same,
    "os.getenv": _default,
    "os.environ.get": _default,
    "os.environ.setdefault": _default,
    "dataclasses.field": lambda folder, args, keywords: keywords.get("default", []),
    "operator.add": _added_up,
    "operator.concat": _added_up,
    "string.Template": _same,
    "operator.attrgetter": _attrgetter,
    "operator.attrgetter()": _attr_got,
    "types.MappingProxyType": _same,
    "typing.cast": lambda folder, args, keywords: args[1] if len(args) > 1 else [],
    "sys.intern": _same,
    "ast.parse": _same,
    "textwrap.dedent": _same,
    "inspect.cleandoc": _same,
    "copy.copy": _same,
    "base64.b64decode": _from_base64,
    "base64.standard_b64decode": _from_base64,
    "binascii.a2b_base64": _from_base64,
    "binascii.unhexlify": _from_hex,
    "codecs.decode": _decoded,
    "os.path.join": join_path,
    "posixpath.join": join_path,
    "os.path.dirname": folder_of,
    "os.path.abspath": normal,
    "os.path.realpath": normal,
    "os.path.normpath": normal,
    "os.fspath": normal,
    "pathlib.Path": path,
    "pathlib.PurePath": path,
    "pathlib.PurePosixPath": path,
    "io.open": opened,
}
BUILTINS = frozenset(
    {
        *(
            name.removeprefix("builtins.").partition(".")[0]
            for name in FUNCTIONS
            if name.startswith("builtins.")
        ),
        "exec",
    }
)
