"""What functions of a file do with the strings that the file itself calls them with; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.scopes import FUNCTIONS, Place
from failtrack_guard.code.taking import is_dataclass
from failtrack_guard.events.event_comparisons import COMPARED, EventComparisons
from failtrack_guard.events.passing import Passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Scope
    from failtrack_guard.events.event_strings import Ask
    from failtrack_guard.events.passing import Given, Keyword
    from failtrack_guard.finding import Finding
    from failtrack_guard.rule import Rule

THROUGH_MAX = 4  # functions that call each other, through which a string is followed
_USES = (_ast.Call, _ast.Compare, _ast.Assign, _ast.AnnAssign)


class Handed:
    """What a function of the file is called with.

    Args:
        function: The function or lambda.
        named: Its parameters with what they are given.
        rest: What its `*args` is given: name and arguments.
        more: What its `**kwargs` is given: name and keywords.
        kept: What a constructor keeps on `self`; the function is the class then.
    """

    __slots__ = ("function", "kept", "more", "named", "rest")

    def __init__(
        self,
        function: _ast.AST,
        named: dict[str, Given],
        rest: tuple[str, list[Given | None]],
        more: tuple[str, list[Keyword]],
        kept: dict[str, Given] | None = None,
    ) -> None:
        self.function = function
        self.kept = kept or {}
        self.named = named
        self.rest = rest
        self.more = more

    @property
    def key(self) -> tuple[int, ...]:
        """Which function was given what."""
        given = [*self.named.values(), *self.rest[1], *(one for _, one in self.more[1])]
        return (id(self.function), *(id(one and one[0]) for one in given))


class EventWrappers(EventComparisons):
    """The functions and classes of one file that hand a parameter on, under the eyes of PV-001."""

    _functions: dict[str, list[tuple[_ast.AST, Place]]] | None = None
    _classes_here: dict[str, tuple[_ast.ClassDef, Place]] | None = None
    # The functions, with what they were given, through which the string at hand went already.
    _followed: set[tuple[int, ...]]
    _within: dict[int, dict[str, list[tuple[_ast.AST, Place]]]] | None = None

    def __init__(self, rule: Rule, module: Module) -> None:
        super().__init__(rule, module)
        self._followed = set()

    def _through(
        self, func: _ast.expr, place: Place, passed: Passed, depth: int = 0
    ) -> Iterator[Finding]:
        """Yield the raw strings that a function of this file turns into the type of an event.

        Args:
            func: What is called.
            place: Where that stands.
            passed: What it is called with.
            depth: How many functions it went through.
        """
        if depth > THROUGH_MAX or not self._holds_raw(passed):
            return
        home = passed.home
        if not depth:
            self._followed.clear()
        names = self._own_names(func, place)
        for function, there in self._own_functions(func, names, place):
            is_bound = self._is_bound(function, there, func, place)
            handed = _handed(function, passed, skips_first=is_bound)
            if handed.key in self._followed:
                continue
            self._followed.add(handed.key)
            yield from self._taken(function, there, handed, home)
            for one in self._used(handed, home, depth):
                # What else the function does with it would be done with the member.
                one.needs = (*one.needs[:4], False)
                yield one
        for name in names:
            if name in self._local_classes and not self._defined(name):
                yield from self._filled(*self._local_classes[name], passed)

    def _own_names(self, func: _ast.expr, place: Place) -> list[str]:
        """Return the qualified names, in this file, of what an expression may mean."""
        prefix = f"{self.module.name}."
        return [one[len(prefix) :] for one in self._names(func, place) if one.startswith(prefix)]

    def _own_functions(
        self, func: _ast.expr, names: list[str], place: Place
    ) -> Iterator[tuple[_ast.AST, Place]]:
        """Yield the functions of this file that a call means."""
        if isinstance(func, _ast.Name):
            for binding in self.module.bindings(func.id, place):
                if isinstance(binding.value, _ast.Lambda) and binding.kind == "assign":
                    yield binding.value, self.module.place_of(binding)
        elif isinstance(func, _ast.Lambda):
            yield func, place
        seen: set[int] = set()
        for name in names:
            for node, there in self._defined(name):
                if id(node) not in seen:
                    seen.add(id(node))
                    yield node, there

    def _defined(self, qualname: str, depth: int = 0) -> list[tuple[_ast.AST, Place]]:
        """Return the functions of a name, a class's constructor, or those of its bases here."""
        found = self._local_functions.get(qualname)
        if found is not None or depth > THROUGH_MAX:
            return found or []
        owner, _, method = qualname.rpartition(".")
        if qualname in self._local_classes:
            return self._defined(f"{qualname}.__init__", depth + 1)
        if owner not in self._local_classes:
            return []
        node, place = self._local_classes[owner]
        for base in node.bases:
            for name in self._own_names(base, place):
                inherited = self._defined(f"{name}.{method}", depth + 1)
                if inherited:
                    return inherited
        return []

    @property
    def _local_functions(self) -> dict[str, list[tuple[_ast.AST, Place]]]:
        """Qualified name -> functions of this name."""
        if self._functions is None:
            self._functions = {}
            for node, place in self.module.seen.all(*FUNCTIONS):
                self._functions.setdefault(_qualname(node, place), []).append((node, place))
        return self._functions

    @property
    def _local_classes(self) -> dict[str, tuple[_ast.ClassDef, Place]]:
        """Qualified name -> class."""
        if self._classes_here is None:
            self._classes_here = {
                _qualname(node, place): (node, place)
                for node, place in self.module.seen.all(_ast.ClassDef)
                if isinstance(node, _ast.ClassDef)
            }
        return self._classes_here

    def _is_bound(self, node: _ast.AST, there: Place, func: _ast.expr, place: Place) -> bool:
        """Return whether a call gives the first parameter of a function by itself."""
        if there.scope.kind != "class":
            return False
        decorators = {
            name
            for one in getattr(node, "decorator_list", ())
            for name in self.module.names(one, there)
        }
        if "builtins.staticmethod" in decorators:
            return False
        if "builtins.classmethod" in decorators or not isinstance(func, _ast.Attribute):
            return True
        if isinstance(func.value, _ast.Name) and func.attr != "__init__":
            bindings = self.module.bindings(func.value.id, place)
            return not any(isinstance(one.value, _ast.ClassDef) for one in bindings)
        return True

    # What it is declared to take.

    def _taken(
        self, function: _ast.AST, place: Place, handed: Handed, home: Place
    ) -> Iterator[Finding]:
        """Yield a raw string for a parameter of the name, or one that is annotated with the enum.

        What is given by a keyword of the name is found for itself.
        """
        args: _ast.arguments = function.args  # type: ignore[attr-defined]
        for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs):
            given = handed.named.get(arg.arg)
            if given is None or not self.raw(*given[:2]):
                continue
            asks = self._asks_declared(arg.arg, arg.annotation, place)
            if asks is not None and not self._is_converted(arg.arg, function, place):
                name = getattr(function, "name", "a function")
                verb = f"is given as {arg.arg} to {name}()"
                yield from self._raw(given, home, verb, asks=asks)

    def _asks_declared(self, name: str, annotation: _ast.expr | None, place: Place) -> Ask | None:
        """Return on which condition a parameter or field is the type of an event."""
        if name in self.names:
            return ()
        return None if annotation is None else self._asks_annotated(annotation, place)

    def _filled(self, node: _ast.ClassDef, place: Place, passed: Passed) -> Iterator[Finding]:
        """Yield a raw string for a field of a class of this file that is annotated so."""
        fields = self._fields(node)
        told: dict[str, Given | None] = {
            key: one for key, one in passed.keywords if key not in self.names
        }
        if not node.bases and is_dataclass(self.module, node, place):
            told.update(_paired([*fields], passed.args))
        for field, one in told.items():
            if one is not None and field in fields and self.raw(*one[:2]):
                asks = self._asks_declared(field, fields[field], place)
                if asks is not None:
                    verb = f"is given as {field} to {node.name}()"
                    yield from self._raw(one, passed.home, verb, asks=asks)

    def _fields(self, node: _ast.ClassDef) -> dict[str, _ast.expr]:
        return {
            one.target.id: one.annotation
            for one in node.body
            if isinstance(one, _ast.AnnAssign) and isinstance(one.target, _ast.Name)
        }

    # What it does with that.

    def _used(self, handed: Handed, home: Place, depth: int) -> Iterator[Finding]:
        names = {
            *(key for key, one in handed.named.items() if self.raw(*one[:2])),
            *(f".{one}" for one in handed.kept),
            *(one for one, given in (handed.rest, handed.more) if given),
        }
        uses = self._uses(handed.function)
        found = {id(use[0]): use for name in names for use in uses.get(name, ())}
        for node, place in found.values():
            if isinstance(node, _ast.Call):
                yield from self._used_by_call(node, place, handed, home, depth)
            elif isinstance(node, _ast.Compare):
                yield from self._used_by_comparison(node, place, handed, home)
            elif isinstance(node, (_ast.Assign, _ast.AnnAssign)) and node.value is not None:
                given = self._parameter(node.value, place, handed)
                targets = node.targets if isinstance(node, _ast.Assign) else [node.target]
                for target in targets if given is not None else ():
                    if isinstance(target, _ast.Attribute) and given is not None:
                        yield from self._used_later(target, given, handed, place, home, depth)
                        asks = self._asks_attribute(target.attr, target.value, place)
                        if asks is not None:
                            verb = f"becomes the {target.attr}"
                            yield from self._raw(given, home, verb, asks=asks)

    def _used_later(
        self,
        target: _ast.Attribute,
        given: Given,
        handed: Handed,
        place: Place,
        home: Place,
        depth: int,
    ) -> Iterator[Finding]:
        """Yield what methods do with what the constructor keeps as `self.name`."""
        owner = place.scope.parent
        is_init = getattr(handed.function, "name", "") == "__init__"
        if is_init and owner is not None and getattr(target.value, "id", "") == "self":
            kept = Handed(owner.node, {}, ("", []), ("", []), {target.attr: given})
            yield from self._used(kept, home, depth + 1)

    def _uses(self, function: _ast.AST) -> dict[str, list[tuple[_ast.AST, Place]]]:
        """Return what a function, or class, does with a name, or with an attribute of `self`.

        Attributes are written with a dot before them.
        """
        if self._within is None:
            self._within = {}
            for node, place in self.module.seen.all(*_USES):
                for name in _handled(node):
                    scope: Scope | None = place.scope
                    while scope is not None and scope.kind != "module":
                        uses = self._within.setdefault(id(scope.node), {})
                        uses.setdefault(name, []).append((node, place))
                        scope = scope.parent
        return self._within.get(id(function), {})

    def _parameter(self, node: _ast.expr, place: Place, handed: Handed) -> Given | None:
        """Return what a name was given when it is a parameter of the function and unchanged."""
        if isinstance(node, _ast.Attribute) and node.attr in handed.kept:
            return handed.kept[node.attr] if getattr(node.value, "id", "") == "self" else None
        if not isinstance(node, _ast.Name) or node.id not in handed.named:
            return None
        given = handed.named[node.id]
        if not self._is_parameter(node.id, place, handed) or not self.raw(*given[:2]):
            return None
        return given

    def _is_parameter(self, name: str, place: Place, handed: Handed) -> bool:
        return any(
            one.kind in ("param", "other") and one.scope.node is handed.function
            for one in self.module.bindings(name, place)
        ) and not self._is_converted(name, handed.function, place)

    def _used_by_call(
        self, node: _ast.Call, place: Place, handed: Handed, home: Place, depth: int
    ) -> Iterator[Finding]:
        """Yield what a call in a function would show if the strings stood there."""
        is_new = False
        args: list[Given | None] = []
        for one in node.args:
            given = self._parameter(one, place, handed)
            if given is not None:
                args.append(given)
                is_new = True
            elif (
                isinstance(one, _ast.Starred)
                and isinstance(one.value, _ast.Name)
                and one.value.id == handed.rest[0]
                and self._is_parameter(one.value.id, place, handed)
            ):
                args += handed.rest[1]
                is_new = True
            else:
                # What stands there itself is found there.
                args += [
                    None if inner is None or self.raw(*inner[:2]) else inner
                    for inner in self.passing.positional([one], place)
                ]
        keywords: list[Keyword] = []
        for keyword in node.keywords:
            given = self._parameter(keyword.value, place, handed)
            if given is not None and keyword.arg is not None:
                keywords.append((keyword.arg, given))
            elif (
                keyword.arg is None
                and isinstance(keyword.value, _ast.Name)
                and keyword.value.id == handed.more[0]
                and self._is_parameter(keyword.value.id, place, handed)
            ):
                keywords += handed.more[1]
        if is_new or keywords:
            passed = Passed(args, keywords, home)
            yield from self._given_to(node, place, passed)
            yield from self._through(node.func, place, passed, depth + 1)

    def _used_by_comparison(
        self, node: _ast.Compare, place: Place, handed: Handed, home: Place
    ) -> Iterator[Finding]:
        if len(node.ops) != 1 or not isinstance(node.ops[0], (_ast.Eq, _ast.NotEq)):
            return
        for one, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
            given = self._parameter(one, place, handed)
            if given is not None:
                asks, _ = self._subject(other, place, given=given[:2])
                if asks is not None:
                    yield from self._raw(given, home, COMPARED, asks=asks, suffix=None)


def _qualname(node: _ast.AST, place: Place) -> str:
    """Return the name of a function or class within its file."""
    name: str = node.name  # type: ignore[attr-defined]
    outer = place.scope.qualname
    return f"{outer}.{name}" if outer else name


def _handled(node: _ast.AST) -> Iterator[str]:
    """Yield the names, and attributes of `self`, that a call, comparison or assignment handles."""
    parts: list[_ast.expr | None] = []
    if isinstance(node, _ast.Call):
        parts += [one.value if isinstance(one, _ast.Starred) else one for one in node.args]
        parts += [one.value for one in node.keywords]
    elif isinstance(node, _ast.Compare):
        parts += [node.left, *node.comparators]
    elif isinstance(node, (_ast.Assign, _ast.AnnAssign)):
        parts.append(node.value)
    for one in parts:
        if isinstance(one, _ast.Name):
            yield one.id
        elif isinstance(one, _ast.Attribute) and getattr(one.value, "id", "") == "self":
            yield f".{one.attr}"


def _handed(function: _ast.AST, passed: Passed, *, skips_first: bool) -> Handed:
    """Return which parameters of a function get what."""
    args = passed.args
    taken: _ast.arguments = function.args  # type: ignore[attr-defined]
    plain = [one.arg for one in (*taken.posonlyargs, *taken.args)][1 if skips_first else 0 :]
    named = {key: one for key, one in _paired(plain, args).items() if one is not None}
    known = {*plain, *(one.arg for one in taken.kwonlyargs)}
    more: list[Keyword] = []
    for key, given in passed.keywords:
        if key in known:
            named[key] = given
        else:
            more.append((key, given))
    return Handed(
        function,
        named,
        (taken.vararg.arg, args[len(plain) :]) if taken.vararg else ("", []),
        (taken.kwarg.arg, more) if taken.kwarg else ("", []),
    )


def _paired(names: list[str], args: list[Given | None]) -> dict[str, Given | None]:
    """Return names with what they are given in their order, as far as that is known."""
    known = args[: args.index(None)] if None in args else args
    return dict(zip(names, known))  # noqa: B905 (either may be longer)
