"""Objects out of which strings come: files that are open for text, matches, paths, commands."""

from __future__ import annotations

import _ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place

READING_METHODS = frozenset({"read", "readline", "getvalue"})
GROUPING_METHODS = frozenset({"group", "expand"})
_PATH_TEXTS = frozenset({"name", "stem", "suffix", "anchor", "drive", "root"})
_COMMAND_TEXTS = frozenset({"stdout", "stderr"})
# Function -> index of its mode; text when nothing is said.
_OPENERS = {"builtins.open": 1, "io.open": 1, "os.fdopen": 1}
# The same, bytes when nothing is said.
_PACKED_OPENERS = {"gzip.open": 1, "bz2.open": 1, "lzma.open": 1}
_TEXT_FILES = frozenset(
    {
        *("io.StringIO", "io.TextIOWrapper", "typing.TextIO", "io.TextIOBase"),
        *("sys.stdin", "sys.__stdin__"),
    }
)
_PATHS = frozenset({"pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath"})
_MATCHERS = frozenset({"match", "search", "fullmatch"})


def is_text_file(module: Module, node: _ast.expr, place: Place) -> bool:
    """Return whether an expression is seen to be a file that is read as text."""
    for one, there in _meant(module, node, place):
        if isinstance(one, _ast.Call) and _opens_text(module, one, there):
            return True
    return not _TEXT_FILES.isdisjoint((*module.types(node, place), *module.names(node, place)))


def is_match(module: Module, node: _ast.expr, place: Place) -> bool:
    """Return whether an expression is seen to be the match of a pattern in a string."""
    return any(
        isinstance(one, _ast.Call) and _matches_text(module, one, there)
        for one, there in _meant(module, node, place)
    )


def is_text_of(module: Module, node: _ast.Attribute, place: Place) -> bool:
    """Return whether an attribute is a part of a path, or what a command wrote as text."""
    if node.attr in _PATH_TEXTS:
        return is_path(module, node.value, place)
    return node.attr in _COMMAND_TEXTS and any(
        isinstance(one, _ast.Call)
        and "subprocess.run" in module.names(one.func, there)
        and writes_text(one)
        for one, there in _meant(module, node.value, place)
    )


def is_path(module: Module, node: _ast.expr, place: Place) -> bool:
    """Return whether an expression is seen to be a path of `pathlib`."""
    while isinstance(node, _ast.BinOp) and isinstance(node.op, _ast.Div):
        node = node.left
    return not _PATHS.isdisjoint(module.types(node, place))


def writes_text(node: _ast.Call) -> bool:
    """Return whether a call of `subprocess` asks for text instead of bytes."""
    return any(
        keyword.arg in ("text", "universal_newlines", "encoding")
        and getattr(keyword.value, "value", True) not in (None, False)
        for keyword in node.keywords
    )


def _meant(module: Module, node: _ast.expr, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
    """Yield an expression, or what a name of it was assigned."""
    if isinstance(node, _ast.NamedExpr):
        node = node.value
    if not isinstance(node, (_ast.Name, _ast.Attribute)):
        yield node, place
        return
    for binding in module.values(node, place):
        if binding.kind == "assign" and isinstance(binding.value, _ast.expr):
            yield binding.value, module.place_of(binding)


def _opens_text(module: Module, node: _ast.Call, place: Place) -> bool:
    func = node.func
    for name in module.names(func, place):
        if name in _OPENERS:
            return "b" not in _mode(node, _OPENERS[name], "r")
        if name in _PACKED_OPENERS:
            return "t" in _mode(node, _PACKED_OPENERS[name], "rb")
    if isinstance(func, _ast.Attribute) and func.attr == "open":
        return is_path(module, func.value, place) and "b" not in _mode(node, 0, "r")
    return False


def _mode(node: _ast.Call, index: int, default: str) -> str:
    """Return the mode of a file, `b` when it is not written in the call."""
    given = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    for one in (*given, *node.args[index : index + 1]):
        value = getattr(one, "value", None)
        return value if isinstance(value, str) else "b"
    return default


def _matches_text(module: Module, node: _ast.Call, place: Place) -> bool:
    func = node.func
    if not isinstance(func, _ast.Attribute) or func.attr not in _MATCHERS:
        return False
    if f"re.{func.attr}" in module.names(func, place):
        return bool(node.args) and not _is_bytes(node.args[0])
    return any(
        isinstance(one, _ast.Call)
        and "re.compile" in module.names(one.func, there)
        and bool(one.args)
        and not _is_bytes(one.args[0])
        for one, there in _meant(module, func.value, place)
    )


def _is_bytes(node: _ast.expr) -> bool:
    return isinstance(node, _ast.Constant) and isinstance(node.value, bytes)
