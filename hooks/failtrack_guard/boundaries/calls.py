"""What calls return: of functions of the file, of known functions, and of methods of values."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.classes import enum_of, made_of
from failtrack_guard.boundaries.functions import FUNCTIONS
from failtrack_guard.boundaries.members import Members
from failtrack_guard.boundaries.paths import path_method
from failtrack_guard.boundaries.strings import text_method
from failtrack_guard.boundaries.values import (
    Bound,
    File,
    Items,
    Local,
    Ref,
    Table,
    attempt,
    elements,
    has_text,
    is_modules,
    plain_product,
    texts_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.code.scopes import Place

CALLS_MAX = 200  # calls in one file that are worked out for their own arguments
_OF_STR = "builtins.str."
_GETTERS = frozenset({"get", "pop", "setdefault", "__getitem__"})


class Calls(Members):
    """What the calls of one file return."""

    def call(self, node: _ast.Call, place: Place, depth: int) -> list[Any]:
        found: list[Any] = []
        if isinstance(node.func, _ast.Attribute):
            for base in self.values(node.func.value, place, depth):
                found += self._method(base, node.func.attr, node, place, depth)
        for func in self.values(node.func, place, depth):
            found += self.result(func, *self.arguments(node, place, depth), depth)
        return found

    def arguments(
        self, node: _ast.Call, place: Place, depth: int = 0
    ) -> tuple[list[list[Any]], dict[str, list[Any]]]:
        """Return the values of the arguments of a call, also of a literal `*` or `**`."""
        args: list[list[Any]] = []
        for one in node.args:
            if isinstance(one, _ast.Starred):
                holders = self.values(one.value, place, depth)
                if not holders:
                    break
                args += elements(holders[0])
            else:
                args.append(self.values(one, place, depth))
        keywords: dict[str, list[Any]] = {}
        for keyword in node.keywords:
            there = self.values(keyword.value, place, depth)
            if keyword.arg:
                keywords[keyword.arg] = there
            else:
                for table in there:
                    for keys, value in table.pairs if isinstance(table, Table) else ():
                        keywords.update({key: value for key in keys if isinstance(key, str)})
        return args, keywords

    def result(
        self, func: Any, args: list[list[Any]], keywords: dict[str, list[Any]], depth: int = 0
    ) -> list[Any]:
        """Return what a call may return."""
        if isinstance(func, Bound):
            return self.result(func.func, [*func.args, *args], {**func.keywords, **keywords}, depth)
        if isinstance(func, Local):
            given = [[], *args] if func.is_bound else args
            return self._called(func.node, given, keywords, depth)
        if not isinstance(func, Ref):
            return []
        if func.dotted.startswith(_OF_STR) and args:
            name = func.dotted[len(_OF_STR) :]
            return [
                one
                for text in texts_in(args[0])
                for one in text_method(text, name, args[1:], keywords)
            ]
        if func.dotted.startswith(f"{self.module.name}."):
            enum = enum_of(self, func)
            if enum is not None:
                return made_of(self, enum, args)
            # An instance has the attributes of its class.
            return [func] if self.class_of(func.dotted[len(self.module.name) + 1 :]) else []
        known = FUNCTIONS.get(func.dotted)
        return known(self, args, keywords) if known is not None else []

    def _called(
        self,
        node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
        args: list[list[Any]],
        keywords: dict[str, list[Any]],
        depth: int,
    ) -> list[Any]:
        """Return what a function of this file returns for some arguments."""
        given = given_to(node, args, keywords)
        told = {(id(node), name): values for name, values in given.items() if values}
        self._calls_told += any(map(has_text, told.values()))
        if not any(map(has_text, told.values())) or self._calls_told > CALLS_MAX:
            return self.returned(node, depth)
        return self._as_told(told, lambda: self.returned(node, depth))

    def returned(self, node: _ast.AST, depth: int) -> list[Any]:
        """Return what a function or lambda of this file returns."""
        if isinstance(node, _ast.Lambda):
            scope = self._scope_of(node)
            if scope is None:
                return []
            return self.values(node.body, scope, depth)
        return [
            one
            for value, place in self._returns_of(node)
            for one in self.values(value, place, depth)
        ]

    def _method(self, base: Any, name: str, node: _ast.Call, place: Place, depth: int) -> list[Any]:
        args, keywords = self.arguments(node, place, depth)
        if isinstance(base, str):
            return text_method(base, name, args, keywords)
        if isinstance(base, bytes) and name == "decode":
            found = [attempt(base.decode, *one) for one in plain_product(args)]
            return [one for one in found if isinstance(one, str)]
        if isinstance(base, Table):
            return self._table_method(base, name, args)
        if isinstance(base, Items):
            return self.item(base, []) if name in ("pop", "popleft") else []
        if isinstance(base, File):
            return path_method(base, name, args)
        if isinstance(base, Ref) and name in ("__getattribute__", "__getattr__"):
            names = texts_in(args[0]) if args else []
            return [one for text in names for one in self.member(base, text)]
        if is_modules(base):
            if name == "copy":
                return [base]
            return self.item(base, args[0]) if name in _GETTERS and args else []
        if isinstance(base, Ref) and base.dotted.endswith(".__dict__") and name in _GETTERS:
            return self.item(base, args[0]) if args else []
        return []

    def _table_method(self, base: Table, name: str, args: list[list[Any]]) -> list[Any]:
        if name in _GETTERS and args:
            return [*self.item(base, args[0]), *(one for more in args[1:] for one in more)]
        if name == "items":
            return [Items([[Items([keys, there])] for keys, there in base.pairs])]
        if name == "keys":
            return [Items([keys for keys, _ in base.pairs])]
        if name == "values":
            return [Items([there for _, there in base.pairs])]
        return [base] if name == "copy" else []


def given_to(
    node: _ast.FunctionDef | _ast.AsyncFunctionDef | _ast.Lambda,
    args: list[list[Any]],
    keywords: dict[str, list[Any]],
) -> dict[str, list[Any]]:
    """Return what the parameters of a function are in a call of it."""
    plain = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    named = {*plain, *(one.arg for one in node.args.kwonlyargs)}
    found = dict(zip(plain, args))  # noqa: B905 (as many as are given)
    if node.args.vararg is not None:
        found[node.args.vararg.arg] = [Items(args[len(plain) :])]
    found.update({name: given for name, given in keywords.items() if name in named})
    rest = [([name], given) for name, given in keywords.items() if name not in named]
    if node.args.kwarg is not None and rest:
        found[node.args.kwarg.arg] = [Table(rest)]
    return found
