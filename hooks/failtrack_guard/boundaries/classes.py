"""What classes of one file have beside what stands in them: heirs, and the members of enums."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.values import Items, Ref, Table, is_plain
from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.scopes import FUNCTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.boundaries.worth import Worth
    from failtrack_guard.code.scopes import Binding, Place, Scope

BASES_MAX = 8  # classes above a class
_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty"})


def local_bases(folder: Worth, scope: Scope) -> list[Scope]:
    """Return the bases of a class that this file defines."""
    found = folder.bases.get(scope)
    if found is None:
        found = folder.bases[scope] = []
        own, top = f"{folder.module.name}.", folder.top()
        for base in getattr(scope.node, "bases", ()):
            for dotted in folder.module.names(base, top):
                inner = folder.class_of(dotted[len(own) :]) if dotted.startswith(own) else None
                if inner is not None:
                    found.append(inner)
    return found


def _heirs(folder: Worth, owner: Scope) -> list[Scope]:
    """Return the classes of this file that are derived from one of it."""
    if folder.heirs is None:
        folder.heirs = {}
        for scope in folder.module.seen.classes:
            above = {scope}
            for _ in range(BASES_MAX):
                above |= {base for one in above for base in local_bases(folder, one)}
            for one in above - {scope}:
                folder.heirs.setdefault(one, []).append(scope)
    return folder.heirs.get(owner, [])


def of_heirs(folder: Worth, owner: Scope, name: str, place: Place) -> list[Binding]:
    """Return the bindings of `self.name` in classes of this file that are derived from its class.

    Args:
        folder: Works out the expressions of the file.
        owner: The class in one of whose methods it stands.
        name: The attribute.
        place: Where it stands.
    """
    method = place.scope
    while method.parent is not None and method.parent is not owner:
        method = method.parent
    found: list[Binding] = []
    for scope in _heirs(folder, owner):
        bindings = [*scope.names.get(name, ()), *scope.attributes.get(name, ())]
        if bindings and not _replaces(scope, getattr(method.node, "name", "")):
            found += bindings
    return found


def _replaces(scope: Scope, name: str) -> bool:
    """Return whether a class has a method of its own that does without that of its base."""
    functions = [one.value for one in scope.names.get(name, ()) if isinstance(one.value, FUNCTIONS)]
    return any(
        not any(isinstance(part, _ast.Name) and part.id == "super" for part in walk(one.body))
        for one in functions
    )


def is_property(node: _ast.AST) -> bool:
    """Return whether a method is called by taking it as an attribute."""
    return any(last_name(one) in _PROPERTIES for one in getattr(node, "decorator_list", ()))


def enum_of(folder: Worth, value: Any) -> Scope | None:
    """Return the enum of this file that a value is, None for anything else."""
    own = f"{folder.module.name}."
    if not isinstance(value, Ref) or not value.dotted.startswith(own):
        return None
    scope = folder.class_of(value.dotted[len(own) :])
    return scope if scope is not None and is_enum(folder, scope) else None


def is_enum(folder: Worth, scope: Scope, depth: int = 0) -> bool:
    """Return whether a class of this file is an enum."""
    bases = getattr(scope.node, "bases", ())
    if not bases or depth > BASES_MAX:
        return False
    names = (one for base in bases for one in folder.module.names(base, folder.top()))
    return any(one.startswith("enum.") and one.endswith("Enum") for one in names) or any(
        is_enum(folder, one, depth + 1) for one in local_bases(folder, scope)
    )


def members_of(folder: Worth, scope: Scope, depth: int = 0) -> Table:
    """Return the members of an enum: each name, and what its value may be."""
    return Table(
        [
            ([name], folder.values(one.value, folder.module.place_of(one), depth))
            for name, bindings in scope.names.items()
            for one in bindings
            if one.kind == "assign" and isinstance(one.value, _ast.expr) and name[:1] != "_"
        ]
    )


def made_of(folder: Worth, scope: Scope, args: list[list[Any]]) -> list[Any]:
    """Return the members that a call of an enum gives."""
    members = [one for _, there in members_of(folder, scope).pairs for one in there]
    wanted = [one for one in args[0] if is_plain(one)] if args else []
    return [one for one in members if not wanted or (is_plain(one) and one in wanted)]


def walked(folder: Worth, value: Any) -> Any:
    """Return what a loop over a value goes through: the members of an enum, else the value."""
    scope = enum_of(folder, value)
    if scope is None:
        return value
    return Items([there for _, there in members_of(folder, scope).pairs])
