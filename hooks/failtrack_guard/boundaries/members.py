"""What attributes and subscripts stand for: parts of modules, classes, collections and paths."""

from __future__ import annotations

import _ast
import sys

from failtrack_guard.boundaries.classes import (
    BASES_MAX,
    enum_of,
    is_enum,
    local_bases,
    members_of,
    of_heirs,
)
from failtrack_guard.boundaries.names import Names, own_value
from failtrack_guard.boundaries.paths import part_of_path
from failtrack_guard.boundaries.values import (
    CONSTANTS,
    HANDED_ON,
    HERE,
    File,
    Items,
    Ref,
    Table,
    attempt,
    is_plain,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.code.scopes import Binding, Place, Scope


class Members(Names):
    """What the attributes and subscripts of one file stand for."""

    def attribute(self, node: _ast.Attribute, place: Place, depth: int) -> list[Any]:
        found: list[Any] = []
        for base in self.values(node.value, place, depth):
            found += self.member(base, node.attr)
        for binding in self._members(node.value, node.attr, place):
            found += self._bound(node.attr, binding, depth, None)
        if node.attr in ("value", "_value_"):
            # A member of an enum was taken for its value already.
            values = self.values(node.value, place, depth)
            found += [one for one in values if is_plain(one) or isinstance(one, Items)]
            found += self._own_value(node.value, place, depth)
        return found

    def _own_value(self, node: _ast.expr, place: Place, depth: int) -> list[Any]:
        """Return what `self.value` may be in a method of an enum."""
        owner = place.scope.owner
        if not isinstance(node, _ast.Name) or node.id != "self" or owner is None:
            return []
        members = members_of(self, owner, depth).pairs if is_enum(self, owner) else []
        return [one for _, there in members for one in there]

    def _members(self, node: _ast.expr, name: str, place: Place) -> list[Binding]:
        """Return the bindings of `self.name`, or of a name of a class of this file."""
        if not isinstance(node, _ast.Name):
            return []
        owner = place.scope.owner
        if node.id in ("self", "cls") and owner is not None:
            return [*self._of_class(owner, name), *of_heirs(self, owner, name, place)]
        found: list[Binding] = []
        for binding in self.module.bindings(node.id, place):
            if isinstance(binding.value, _ast.ClassDef):
                for scope in binding.scope.inner:
                    if scope.node is binding.value:
                        found += scope.names.get(name, ())
        return found

    def _of_class(self, scope: Scope, name: str, depth: int = 0) -> list[Binding]:
        """Return the bindings of an attribute of a class, or of the first base that has it."""
        found = [*scope.names.get(name, ()), *scope.attributes.get(name, ())]
        for inner in local_bases(self, scope) if depth < BASES_MAX and not found else ():
            found = self._of_class(inner, name, depth + 1)
        return found

    def member(self, base: Any, name: str) -> list[Any]:
        """Return an attribute of a value."""
        if isinstance(base, File):
            return part_of_path(base, name)
        if isinstance(base, Table):  # a namespace
            return self.item(base, [name])
        if name == "__call__":
            return [base]
        if not isinstance(base, Ref):
            return []
        if base.dotted == "__spec__" and name in ("name", "parent"):
            return own_value("__name__" if name == "name" else "__package__", self.module)
        if base.dotted == f"{self.module.name}.__dict__" or name == "__class__":
            return []
        if name in HANDED_ON and base.dotted in sys.stdlib_module_names:
            return [Ref(name)]
        if name == "__spec__" and "." not in base.dotted:
            return [Ref("__spec__")]
        if f"{base.dotted}.{name}" in CONSTANTS:
            return [CONSTANTS[f"{base.dotted}.{name}"]]
        if name in ("__name__", "__package__"):
            return [base.dotted]
        if name == "__file__":
            return [f"{HERE}/{base.dotted.replace('.', '/')}/__init__.py"]
        if name == "__path__":
            return [Items([[f"{HERE}/{base.dotted.replace('.', '/')}"]])]
        own = f"{self.module.name}."
        if f"{base.dotted}." == own:
            return self.named(name, self.top())
        if base.dotted.startswith(own):
            scope = self.class_of(base.dotted[len(own) :])
            if scope is not None and name == "__members__" and is_enum(self, scope):
                return [members_of(self, scope)]
            if scope is not None:
                bindings = self._of_class(scope, name)
                return [one for each in bindings for one in self._bound(name, each, 0, None)]
        return [Ref(f"{base.dotted}.{name}")]

    def subscript(self, node: _ast.Subscript, place: Place, depth: int) -> list[Any]:
        bases = self.values(node.value, place, depth)
        if isinstance(node.slice, _ast.Slice):
            return [one for base in bases for one in self._sliced(base, node.slice, place, depth)]
        keys = self.values(node.slice, place, depth)
        return [one for base in bases for one in self.item(base, keys)]

    def _sliced(self, base: Any, node: _ast.Slice, place: Place, depth: int) -> list[Any]:
        bounds = []
        for part in (node.lower, node.upper, node.step):
            found = [None] if part is None else self.values(part, place, depth)
            if len(found) != 1 or not (found[0] is None or isinstance(found[0], int)):
                return []
            bounds.append(found[0])
        cut = slice(*bounds)
        if isinstance(base, Items):
            return [Items(attempt(base.items.__getitem__, cut) or [])]
        if isinstance(base, (str, bytes)):
            found = [attempt(base.__getitem__, cut)]
            return [one for one in found if one is not None]
        return []

    def item(self, base: Any, keys: list[Any]) -> list[Any]:
        """Return an item of a value; every item when the key is not known."""
        if isinstance(base, Table):
            known = [key for key in keys if is_plain(key)]
            return [
                one
                for have, there in base.pairs
                if not known or any(key in have for key in known) or not have
                for one in there
            ]
        if isinstance(base, Items):
            indexes = [key for key in keys if isinstance(key, int)]
            if not indexes:
                return [one for item in base.items for one in item]
            size = len(base.items)
            return [one for key in indexes if -size <= key < size for one in base.items[key]]
        if isinstance(base, (str, bytes)):
            found = [attempt(base.__getitem__, key) for key in keys if isinstance(key, int)]
            return [one for one in found if one is not None]
        if isinstance(base, Ref) and base.dotted == "sys.meta_path":
            return [Ref("sys.meta_path[]")]
        enum = enum_of(self, base)
        if enum is not None:
            return self.item(members_of(self, enum), keys)
        if isinstance(base, Ref):
            return [
                one
                for key in keys
                if isinstance(key, str) and key.isidentifier() | (base.dotted == "sys.modules")
                for one in self._entry(base.dotted, key)
            ]
        return []

    def _entry(self, dotted: str, key: str) -> list[Any]:
        if dotted == "sys.modules":
            return [Ref(key)]
        if dotted.endswith(".__dict__"):
            return self.member(Ref(dotted[: -len(".__dict__")]), key) or [
                one for one in self._unbound(key) if key in ("__builtins__", "__import__")
            ]
        return [Ref(f"builtins.{key}")] if dotted == "builtins" else []
