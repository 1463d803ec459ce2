"""Whether a class can still be made when it inherits one more, and where that one must stand.

Python itself answers: the classes are made once more, empty, of their bases alone. Nothing of the
project is imported or run.
"""

from __future__ import annotations

import _ast
import types
import typing

from failtrack_guard.errors import Refused
from failtrack_guard.reading import Unreadable, parse, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Place

# Modules of the standard library whose classes have a metaclass or a layout of their own. Those of
# other modules of it are taken to be plain.
_LOOKED_INTO = frozenset(
    {"abc", "builtins", "collections", "collections.abc", "ctypes", "enum", "io", "types"}
    | {"typing", "threading"}
)


class _AnyDict(typing.TypedDict):
    """Its metaclass is that of all."""


class _Unknown:
    """Stands for a class of which nothing can be seen."""


class Heirs:
    """The classes around a file, as far as what they are made of can be seen.

    Args:
        project: Knows where modules lie.
        module: The file.
    """

    def __init__(self, project: Project, module: Module) -> None:
        self._project = project
        self._modules: dict[str, Module | None] = {module.name: module}
        self._module = module
        self._made: dict[str, Any] = {}

    def index_for(self, node: _ast.ClassDef, base: str) -> int:
        """Return where among the bases of a class another one can stand, the last place first.

        Args:
            node: A class of the file.
            base: Dotted name of the base.

        Raises:
            Refused: It cannot stand anywhere.
        """
        short = base.rpartition(".")[2]
        instead = f"let its __init__ take a {short} instead"
        place = self._place_of(self._module, node)
        above = [self._resolved(self._module, one, place) for one in node.bases]
        if any(self._is_enum(one) for one in above):
            raise Refused(f"{node.name} is an Enum, which takes no further base")
        if any(isinstance(one, type(_AnyDict)) for one in above):
            raise Refused(f"{node.name} is a TypedDict, which inherits nothing else")
        new = self._skeleton(base)
        meta = self._metaclass(self._module, node, place)
        has_unknown = meta is _Unknown or any(_is_unknown(one) for one in above)
        if has_unknown and type(new) is not type:
            raise Refused(
                f"{short} has the metaclass {type(new).__name__}, and it cannot be seen whether "
                f"what {node.name} inherits goes together with that; {instead}"
            )
        if _is_dataclass(node) and self._is_made_of_fields(base):
            raise Refused(
                f"the fields of {short} would come before those of {node.name}; give it a field "
                f"of the type {short} instead"
            )
        reason = ""
        for index in range(len(above), -1, -1):
            try:
                _make(node.name, [*above[:index], new, *above[index:]], meta)
            except Exception as error:  # whatever a metaclass of the standard library thinks of
                reason = reason or _first_clause(error)
            else:
                return index
        if not self._can_be_made(node, above, meta):
            return len(above)  # what it is made of is not seen well enough to say anything
        raise Refused(f"{node.name} could not inherit {short} as well ({reason}); {instead}")

    def refuse_parameter(self, function: _ast.AST) -> None:
        """Refuse another parameter of a constructor that Python itself calls.

        Args:
            function: A function of the file.

        Raises:
            Refused: It makes the members of an `Enum`.
        """
        for node, place in self._module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            if function in node.body:
                above = [self._resolved(self._module, one, place) for one in node.bases]
                if any(self._is_enum(one) for one in above):
                    raise Refused(
                        f"{node.name} is an Enum: its members would be made without the parameter"
                    )

    @staticmethod
    def _can_be_made(node: _ast.ClassDef, bases: list[Any], meta: Any) -> bool:
        try:
            _make(node.name, bases, meta)
        except Exception:
            return False
        return True

    @staticmethod
    def _is_enum(one: Any) -> bool:
        import enum

        return isinstance(one, type) and issubclass(one, enum.Enum)

    def _is_made_of_fields(self, dotted: str) -> bool:
        """Return whether a class, or what it inherits, is a dataclass."""
        for name in self._project.ancestry(dotted):
            module, rest = self._project.split(name)
            exports = self._project.exports(module) if module and rest else None
            if exports is not None and ".".join(rest) in exports.fields:
                return True
        return False

    # Making classes once more.

    def _skeleton(self, dotted: str) -> Any:
        """Return an empty class that is made of the same bases as one of this name."""
        if dotted not in self._made:
            self._made[dotted] = _Unknown  # for a class that inherits itself
            self._made[dotted] = self._built(dotted)
        return self._made[dotted]

    def _built(self, dotted: str) -> Any:
        for origin in reversed(self._project.origins(dotted)):
            found = self._definition(origin)
            if found is not None:
                module, node, place = found
                bases = [self._resolved(module, one, place) for one in node.bases]
                meta = self._metaclass(module, node, place)
                try:
                    made = _make(node.name, bases, meta, _slots(node))
                except Exception:
                    return _Unknown
                made._failtrack_unknown = any(_is_unknown(one) for one in (*bases, meta))
                return made
            known = _of_standard_library(origin)
            if known is not None:
                return known
        return _Unknown

    def _resolved(self, module: Module, base: _ast.expr, place: Place | None) -> Any:
        """Return the class that a base is, in a skeleton of its own."""
        while isinstance(base, _ast.Subscript):
            base = base.value
        names = module.names(base, place) if place is not None else ()
        found = (self._skeleton(one) for one in names)
        return next((one for one in found if one is not _Unknown), _Unknown)

    def _metaclass(self, module: Module, node: _ast.ClassDef, place: Place | None) -> Any:
        for keyword in node.keywords:
            if keyword.arg == "metaclass":
                return self._resolved(module, keyword.value, place)
        return None

    def _definition(self, dotted: str) -> tuple[Module, _ast.ClassDef, Place] | None:
        """Return the class of a dotted name, if it is one of a file of the project."""
        own = f"{self._module.name}."
        name, rest = self._project.split(dotted)
        if dotted.startswith(own) and len(name) <= len(self._module.name):
            name, rest = self._module.name, dotted[len(own) :].split(".")
        module = self._read(name) if rest else None
        if module is None:
            return None
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            outer = place.scope.qualname
            if (f"{outer}.{node.name}" if outer else node.name) == ".".join(rest):
                return module, node, place
        return None

    def _read(self, name: str) -> Module | None:
        if name not in self._modules:
            file = self._project.file_of(name)
            try:
                self._modules[name] = parse(read_bytes(file, file), file, name) if file else None
            except Unreadable:  # said when that file itself is checked
                self._modules[name] = None
        return self._modules[name]

    @staticmethod
    def _place_of(module: Module, node: _ast.ClassDef) -> Place | None:
        return next((place for one, place in module.seen.all(_ast.ClassDef) if one is node), None)


def _make(name: str, bases: list[Any], meta: Any, slots: tuple[str, ...] | None = None) -> Any:
    """Return an empty class, made of classes in which each unknown one is a plain one.

    Raises:
        Exception: Python, or a metaclass of the standard library, does not have it.
    """
    filled = [type("Unknown", (), {}) if one is _Unknown else one for one in bases]
    keywords = {} if meta in (None, _Unknown) else {"metaclass": meta}

    def body(namespace: dict[str, Any]) -> None:
        namespace["__module__"] = __name__
        if slots is not None:
            namespace["__slots__"] = slots

    return types.new_class(name, types.resolve_bases(tuple(filled)), keywords, body)


def _is_unknown(one: Any) -> bool:
    return one is _Unknown or bool(getattr(one, "_failtrack_unknown", False))


def _of_standard_library(dotted: str) -> Any:
    """Return a class of the standard library, a plain one for most of it, None for others."""
    import sys

    module, _, name = dotted.rpartition(".")
    if module in _LOOKED_INTO:
        found = getattr(__import__(module, fromlist=[name]), name, None)
        # A class cannot inherit `Generic` itself, only `Generic[T]`.
        return type(name, (), {"__slots__": ()}) if found is None or name == "Generic" else found
    if module.partition(".")[0] in sys.stdlib_module_names:
        return type(name, (), {})
    return None


def _slots(node: _ast.ClassDef) -> tuple[str, ...] | None:
    """Return slots that give instances the same kind of layout, None for a class without."""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, _ast.Assign) else ()
        if any(isinstance(one, _ast.Name) and one.id == "__slots__" for one in targets):
            assert isinstance(statement, _ast.Assign)
            value = statement.value
            is_empty = not getattr(value, "elts", True) or getattr(value, "value", None) == ""
            return () if is_empty else ("_failtrack",)
    return None


def _is_dataclass(node: _ast.ClassDef) -> bool:
    called = (getattr(one, "func", one) for one in node.decorator_list)
    return any("dataclass" in (getattr(one, "id", ""), getattr(one, "attr", "")) for one in called)


def _first_clause(error: Exception) -> str:
    """Return what an error says, as one short line."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text.partition(": ")[0][:100] if text.startswith("metaclass conflict") else text[:100]
