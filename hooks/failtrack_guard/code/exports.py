"""What one module offers to others: names, classes with their bases, what functions return."""

from __future__ import annotations

import _ast

from failtrack_guard.code.annotations import type_of_alias
from failtrack_guard.code.module import Module
from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.code.signatures import NO_CONSTRUCTOR
from failtrack_guard.code.taking import (
    is_dataclass,
    is_no_parameter,
    own_of,
    statements,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.scopes import Binding, Place


class Exports:
    """What one module offers to others: plain values that the cache can hold.

    Args:
        names: Top-level name -> dotted names that it may stand for; for what is defined there, its
            own dotted name.
        classes: Qualified name of a class -> dotted names of its bases.
        takes: Qualified name of a class -> what each class so called says of what it takes; see
            `signatures`.
        stars: Modules of which everything is imported.
        values: Qualified name of a variable, attribute or function -> dotted names of the classes
            that it, or what it returns, is an instance of.
        members: Qualified name of an enum -> member -> its value, those with strings.
        first: Qualified name of a function -> name of its first parameter beside `self` (`*args`
            for a list of them, empty for none), then the classes that it is annotated with.
        fields: Qualified name of a dataclass -> the same for its own first field, then the names
            of its fields that the constructor does not take, each after a `-`.
        aliases: Top-level name of a type that is made of others (`X = Optional[str]`, a `NewType`)
            -> their dotted names.
        imports: Modules, or what is taken from them, that are imported when it is itself.
        abstract: Qualified name of a class -> its own methods that heirs must define.
        texts: Qualified names of variables and attributes that hold a string which is written
            there, and of functions that return one.
        open: Qualified name of a function that takes any keyword -> names of its parameters.
    """

    __slots__ = (
        *("abstract", "aliases", "classes", "fields", "first", "imports", "members", "names"),
        *("open", "stars", "takes", "texts", "values"),
    )

    def __init__(
        self,
        names: dict[str, tuple[str, ...]],
        classes: dict[str, tuple[str, ...]],
        takes: dict[str, tuple[Any, ...]],
        stars: tuple[str, ...],
        values: dict[str, tuple[str, ...]],
        members: dict[str, dict[str, str]],
        first: dict[str, tuple[str, ...]],
        fields: dict[str, tuple[str, ...]],
        aliases: dict[str, tuple[str, ...]],
        imports: tuple[str, ...],
        abstract: dict[str, tuple[str, ...]],
        texts: tuple[str, ...],
        open: dict[str, tuple[str, ...]],
    ) -> None:
        self.names = names
        self.classes = classes
        self.takes = takes
        self.stars = stars
        self.values = values
        self.members = members
        self.first = first
        self.fields = fields
        self.aliases = aliases
        self.imports = imports
        self.abstract = abstract
        self.texts = texts
        self.open = open

    def plain(self) -> tuple[Any, ...]:
        """Return a value that marshal writes."""
        return (
            *(self.names, self.classes, self.takes, self.stars),
            *(self.values, self.members, self.first, self.fields, self.aliases, self.imports),
            *(self.abstract, self.texts, self.open),
        )


def exports_of(module: Module) -> Exports:
    """Return what a parsed module offers to others."""
    seen = module.seen
    names: dict[str, tuple[str, ...]] = {}
    for name, bindings in seen.module.names.items():
        found: list[str] = []
        for binding in _lasting(bindings):
            dotted = module.names_of(binding, 0) or (f"{module.name}.{name}",)
            found += [one for one in dotted if one not in found]
        names[name] = tuple(found)
    classes: dict[str, tuple[str, ...]] = {}
    takes: dict[str, tuple[Any, ...]] = {}
    for node, place in seen.all(_ast.ClassDef):
        assert isinstance(node, _ast.ClassDef)
        outer = place.scope.qualname
        qualname = f"{outer}.{node.name}" if outer else node.name
        bases = [name for base in node.bases for name in module.names(base, place)]
        classes[qualname] = (*classes.get(qualname, ()), *bases)
        own = own_of(module, node, place)
        if own != NO_CONSTRUCTOR:
            takes[qualname] = (*takes.get(qualname, ()), own)
    first, returned, any_keyword = _functions(module)
    values = {**_values(module), **returned}
    members, fields = _contents(module)
    return Exports(
        *(names, classes, takes, tuple(seen.stars), values, members, first, fields),
        aliases=_aliases(module),
        imports=_imports(module),
        abstract=_abstract(module),
        texts=tuple(_texts(module)),
        open=any_keyword,
    )


def abstract_methods(module: Module, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
    """Return the methods in the body of a class that heirs must define."""
    return tuple(
        statement.name
        for statement in statements(node.body)
        if isinstance(statement, (_ast.FunctionDef, _ast.AsyncFunctionDef))
        and any(
            name.startswith("abc.abstract")
            for decorator in statement.decorator_list
            for name in module.names(decorator, place)
        )
    )


def _abstract(module: Module) -> dict[str, tuple[str, ...]]:
    """See `Exports.abstract`."""
    found: dict[str, tuple[str, ...]] = {}
    if "abc" not in module.source:
        return found
    for node, place in module.seen.all(_ast.ClassDef):
        assert isinstance(node, _ast.ClassDef)
        outer = place.scope.qualname
        if methods := abstract_methods(module, node, place):
            found[f"{outer}.{node.name}" if outer else node.name] = methods
    return found


def _lasting(bindings: list[Binding]) -> list[Binding]:
    """Return those of a module's bindings of a name that importers may see."""
    for index in range(len(bindings) - 1, -1, -1):
        one = bindings[index]
        if one.block.parent is None and one.scope.parent is None:  # not `global` in a function
            return bindings[index:]
    return bindings


def _imports(module: Module) -> tuple[str, ...]:
    """Return what a module imports outside functions."""
    found: dict[str, None] = {}
    for node, place in module.seen.all(_ast.Import, _ast.ImportFrom):
        if place.scope.kind == "function":
            continue
        if isinstance(node, _ast.Import):
            found.update((alias.name, None) for alias in node.names)
        elif isinstance(node, _ast.ImportFrom):
            base = module.absolute(node.level, node.module)
            found.update((f"{base}.{alias.name}", None) for alias in node.names)
    return tuple(found)


def _aliases(module: Module) -> dict[str, tuple[str, ...]]:
    """See `Exports.aliases`."""
    aliases: dict[str, tuple[str, ...]] = {}
    for name, bindings in module.seen.module.names.items():
        for binding in bindings:
            body = type_of_alias(module, binding)
            if body is not None and not isinstance(body, (_ast.Name, _ast.Attribute)):
                named = module.annotated(body, module.place_of(binding))
                aliases[name] = (*aliases.get(name, ()), *named)
            elif body is not None and body is not binding.value:
                named = module.names(body, module.place_of(binding))
                aliases[name] = (*aliases.get(name, ()), *named)
    return aliases


def _functions(
    module: Module,
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return the first parameter of each function, the classes of what it returns, and `open`."""
    first: dict[str, tuple[str, ...]] = {}
    returned: dict[str, tuple[str, ...]] = {}
    any_keyword: dict[str, tuple[str, ...]] = {}
    for node, place in module.seen.all(_ast.FunctionDef, _ast.AsyncFunctionDef):
        assert isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef))
        scope = place.scope
        if scope.kind == "function":
            continue
        qualname = f"{scope.qualname}.{node.name}" if scope.qualname else node.name
        args = [*node.args.posonlyargs, *node.args.args]
        is_static = any(
            isinstance(one, _ast.Name) and one.id == "staticmethod" for one in node.decorator_list
        )
        if scope.kind == "class" and not is_static:
            args = args[1:]
        if args:
            annotation = args[0].annotation
            classes = module.annotated(annotation, place) if annotation is not None else ()
            first[qualname] = (args[0].arg, *classes)
        else:
            first[qualname] = ("*" + node.args.vararg.arg if node.args.vararg else "",)
        if node.args.kwarg is not None:
            any_keyword[qualname] = tuple(one.arg for one in (*args, *node.args.kwonlyargs))
        if made := _returned(module, node, place):
            returned[qualname] = made
    return first, returned, any_keyword


def _returned(
    module: Module, node: _ast.FunctionDef | _ast.AsyncFunctionDef, place: Place
) -> tuple[str, ...]:
    """Return the classes of which a function returns instances."""
    if node.returns is None:
        found = [
            name
            for value, there in module.returned_by(node)
            if isinstance(value, (_ast.Call, _ast.Name, _ast.Attribute))
            for name in module.types(value, there)
        ]
        return tuple(dict.fromkeys(found))
    classes = module.annotated(node.returns, place)
    own = f"{module.name}.{place.scope.qualname}"
    return tuple(own if one.endswith(".Self") else one for one in classes)


def _values(module: Module) -> dict[str, tuple[str, ...]]:
    """Return the classes of which variables and attributes are instances."""
    values: dict[str, tuple[str, ...]] = {}
    for name, bindings in _bound(module):
        found = [
            one
            for binding in bindings
            if binding.kind == "assign"
            for one in module.types_of(binding)
        ]
        if found:
            values[name] = (*values.get(name, ()), *found)
    return values


def _bound(module: Module) -> Iterator[tuple[str, list[Binding]]]:
    """Yield the variables of a module and the attributes of its classes, by qualified names."""
    bound = [("", module.seen.module.names)]
    for scope in module.seen.classes:
        bound += [(f"{scope.qualname}.", scope.names), (f"{scope.qualname}.", scope.attributes)]
    for prefix, names in bound:
        for name, bindings in names.items():
            yield prefix + name, bindings


def _texts(module: Module) -> Iterator[str]:
    """See `Exports.texts`."""
    for name, bindings in _bound(module):
        for binding in bindings:
            value = binding.value
            given: list[object] = [value] if binding.kind == "assign" else []
            if isinstance(value, FUNCTIONS) and value.returns is None:
                given = [one for one, _ in module.returned_by(value)]
            if any(map(_is_text, given)):
                yield name


def _is_text(value: object) -> bool:
    return isinstance(value, _ast.JoinedStr) or (
        isinstance(value, _ast.Constant) and isinstance(value.value, str)
    )


def _contents(
    module: Module,
) -> tuple[dict[str, dict[str, str]], dict[str, tuple[str, ...]]]:
    """Return the string members of enums, and the fields of dataclasses."""
    members: dict[str, dict[str, str]] = {}
    fields: dict[str, tuple[str, ...]] = {}
    for node, place in module.seen.all(_ast.ClassDef):
        assert isinstance(node, _ast.ClassDef)
        outer = place.scope.qualname
        qualname = f"{outer}.{node.name}" if outer else node.name
        if node.bases and (found := _members(module, node, place)):
            members[qualname] = found
        if is_dataclass(module, node, place):
            fields[qualname] = _fields(module, node, place)
    return members, fields


def _members(module: Module, node: _ast.ClassDef, place: Place) -> dict[str, str]:
    found: dict[str, str] = {}
    for statement in node.body:
        if not isinstance(statement, _ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        if not isinstance(target, _ast.Name) or target.id.startswith("_"):
            continue
        value = statement.value
        if isinstance(value, _ast.Call) and "enum.auto" in module.names(value.func, place):
            if any(
                name.rpartition(".")[2] == "StrEnum"
                for base in node.bases
                for name in module.names(base, place)
            ):
                found[target.id] = target.id.lower()
        elif (text := module.text(value, place)) is not None:
            found[target.id] = text
    return found


def _fields(module: Module, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
    """See `Exports.fields`."""
    is_keyword = any(
        keyword.arg == "kw_only" and getattr(keyword.value, "value", None) is True
        for decorator in node.decorator_list
        for keyword in getattr(decorator, "keywords", ())
    )
    first: tuple[str, ...] = ("",)
    hidden: list[str] = []
    for statement in node.body:
        if not isinstance(statement, _ast.AnnAssign) or not isinstance(statement.target, _ast.Name):
            continue
        name = statement.target.id
        outer = getattr(statement.annotation, "value", statement.annotation)
        kinds = {one.rpartition(".")[2] for one in module.names(outer, place)}
        if "KW_ONLY" in kinds:
            is_keyword = True
        elif "ClassVar" in kinds or is_no_parameter(statement.value):
            hidden.append(f"-{name}")
        elif first == ("",) and not is_keyword:
            first = (name, *module.annotated(statement.annotation, place))
    return (*first, *hidden)
