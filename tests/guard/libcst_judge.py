"""A judge beside the guard: libcst's own names, scopes and places, and nothing of ours.

The guard judges with `ast` and a resolution of names of its own, which is fast; this judge asks
libcst's `FullyQualifiedNameProvider` and knows only the plain forms of each rule. What it finds
is wrong for certain, so that the guard must have found it, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import libcst as cst
from libcst import metadata
from libcst.helpers import get_absolute_module_from_package_for_import, get_full_name_for_node

HASH = re.compile(r"(^|_)(hash|digest|content_ref)$", re.IGNORECASE)
FINDS = re.compile(r"(^|_)(by|for|from|with)_", re.IGNORECASE)
"""`path_by_hash` is a path, `url_for_hash` an URL."""
IMPORTERS = ("importlib.import_module", "builtins.__import__")
PROVIDERS = (metadata.FullyQualifiedNameProvider, metadata.PositionProvider)


@dataclass(frozen=True)
class Judged:
    """One file as libcst sees it.

    Args:
        wrapper: Its tree with names and places.
        package: Dotted name of the package that relative imports start from.
        module: Dotted name of the file.
    """

    wrapper: metadata.MetadataWrapper
    package: str
    module: str

    def each(self, *kinds: type[cst.CSTNode]) -> Iterator[Any]:
        """Yield the nodes of these kinds."""
        found: list[cst.CSTNode] = []

        class Visitor(cst.CSTVisitor):
            def on_visit(self, node: cst.CSTNode) -> bool:
                if isinstance(node, kinds):
                    found.append(node)
                return True

        self.wrapper.module.visit(Visitor())
        yield from found

    def names(self, node: cst.CSTNode) -> set[str]:
        """Return what a name may stand for, dotted from its root."""
        said = self.wrapper.resolve(metadata.FullyQualifiedNameProvider).get(node, set())
        return {one.name for one in (said() if callable(said) else said)}

    def line(self, node: cst.CSTNode) -> int:
        """Return the line on which a node begins, from 1."""
        return self.wrapper.resolve(metadata.PositionProvider)[node].start.line

    def starts(self) -> set[tuple[int, int]]:
        """Return the places at which something begins: line from 1, column from 0."""
        places = self.wrapper.resolve(metadata.PositionProvider).values()
        return {(one.start.line, one.start.column) for one in places}


def judged(root: Path, path: str) -> Judged:
    """Return a file below `root` as libcst sees it.

    Raises:
        libcst.ParserSyntaxError: libcst cannot read it.
    """
    file = str(root / path)
    manager = metadata.FullRepoManager(str(root), [file], set(PROVIDERS))
    wrapper = manager.get_metadata_wrapper_for_path(file)
    parts = Path(path).with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else parts
    is_package = parts[-1] == "__init__"
    package = ".".join(parts[:-1])
    return Judged(wrapper, package, package if is_package else ".".join(parts))


def _all_in(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for child in node.children:
        yield child
        yield from _all_in(child)


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str)


def raw_event_types(file: Judged, options: Mapping[str, Any]) -> Iterator[int]:
    """PV-001: a string, as it is written there, given to an emitter or to an event class."""
    due = {*options["events"], *options["emitters"]}
    for call in file.each(cst.Call):
        if not file.names(call.func) or not file.names(call.func) <= due:
            continue
        for number, argument in enumerate(call.args):
            if argument.star:
                break
            keyword = argument.keyword.value if argument.keyword else ""
            is_due = keyword == "event_type" or (number == 0 and not keyword)
            if is_due and _is_text(argument.value):
                yield file.line(argument.value)


def plain_hashes(file: Judged, options: Mapping[str, Any]) -> Iterator[int]:
    """PV-002: `str` as the annotation of a hash, outside of classes that inherit something."""
    if options["type"].startswith(f"{file.module}."):
        return  # the type and its heirs handle strings
    heirs = {id(one) for cls in file.each(cst.ClassDef) if cls.bases for one in _all_in(cls)}
    for node in file.each(cst.AnnAssign, cst.Param, cst.FunctionDef):
        is_function = isinstance(node, cst.FunctionDef)
        name = node.target if isinstance(node, cst.AnnAssign) else node.name
        annotation = node.returns if is_function else node.annotation
        said = (get_full_name_for_node(name) or "").rpartition(".")[2]
        if annotation is None or id(node) in heirs or not HASH.search(said):
            continue
        if is_function and FINDS.search(said):
            continue
        if file.names(annotation.annotation) == {"builtins.str"}:
            yield file.line(name if is_function else annotation.annotation)


def unguarded_services(file: Judged, options: Mapping[str, Any]) -> Iterator[int]:
    """PV-003: a service without a base, a decorator, a keyword and a body that could say more."""
    for node in file.each(cst.ClassDef):
        name = node.name.value
        if not name.endswith("Service") or name.startswith("Test") or node.bases or node.keywords:
            continue
        if options["guard"].startswith(f"{file.module}."):
            continue
        has_more = node.decorators or any(
            not isinstance(one, cst.SimpleStatementLine)
            or not all(
                isinstance(part, cst.Pass | cst.Expr | cst.Return | cst.Assign) for part in one.body
            )
            for one in node.body.body
        )
        if not has_more:
            yield file.line(node.name)


def crossing_imports(file: Judged, options: Mapping[str, Any]) -> Iterator[int]:
    """VAL-3: an import statement, or an importer given a plain string, that crosses a layer."""
    layers = {prefix: layer["name"] for layer in options["layers"] for prefix in layer["modules"]}
    allowed = {layer["name"]: {layer["name"], *layer["may-import"]} for layer in options["layers"]}

    def layer_of(module: str) -> str:
        inside = (one for one in layers if module == one or module.startswith(one + "."))
        return layers.get(max(inside, key=len, default=""), "")

    own = layer_of(file.module)
    if not own:
        return

    def is_foreign(module: str) -> bool:
        there = layer_of(module)
        return bool(there) and there not in allowed[own]

    for node in file.each(cst.Import, cst.ImportFrom, cst.Call):
        if isinstance(node, cst.Import):
            modules = [(one, get_full_name_for_node(one.name) or "") for one in node.names]
        elif isinstance(node, cst.ImportFrom):
            base = get_absolute_module_from_package_for_import(file.package, node)
            if base is None:
                continue
            if isinstance(node.names, cst.ImportStar) or is_foreign(base):
                modules = [(node, base)]
            else:
                modules = [(one, f"{base}.{one.evaluated_name}") for one in node.names]
        else:
            names = file.names(node.func)
            first = node.args[0] if node.args else None
            if not names or not names <= set(IMPORTERS) or first is None or first.keyword:
                continue
            if not isinstance(first.value, cst.SimpleString):
                continue
            modules = [(first, str(first.value.evaluated_value))]
        for place, module in modules:
            if is_foreign(module):
                yield file.line(place)


Judge = Callable[[Judged, Mapping[str, Any]], Iterator[int]]
JUDGES: dict[str, Judge] = {
    "PV-001": raw_event_types,
    "PV-002": plain_hashes,
    "PV-003": unguarded_services,
    "VAL-3": crossing_imports,
}
