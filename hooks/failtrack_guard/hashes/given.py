"""Every place of a file where a name is given a value or a type."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import COMPREHENSIONS, FUNCTIONS
from failtrack_guard.hashes.type_comments import TypeComments

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Place
    from failtrack_guard.hashes.plain import Plain

_SETTERS = ("setattr", "__setattr__")
# Calls whose keywords belong to their first argument.
_FIRST_IS_MEANT = ("replace", "evolve", "partial", "partialmethod", "to_thread", "submit")
_FIELD_MAKERS = ("field", "Field", "ib", "attrib", "mapped_column", "PrivateAttr")

_WITHOUT_FIELDS = frozenset({"object", "NamedTuple", "ABC", "Protocol"})
_FIRST_IS_DEFAULT = ("Field", "PrivateAttr")


class Given:
    """A name, and what it is given at one place.

    Args:
        kind: `name` (a variable, attribute, parameter or field), `added` (to such a one), `item`
            (the value is a collection of which it gets the items), `entered` (the value is a call
            that `with` enters), `keyword`, `argument` (the annotation is judged elsewhere),
            `function` (the annotation is what it returns) or `return` (of such a function).
        name: The name.
        node: Where it stands in the text.
        place: Where its value stands.
        annotation: Its type, None without.
        value: Its value, None without.
        target: Expression of the object or function that the name belongs to.
        home: Where the annotation stands, None for `place`.
        owner: The function whose parameter or result it is, None for anything else.
    """

    __slots__ = (
        *("annotation", "home", "kind", "name", "node", "owner", "place", "target", "value"),
    )

    def __init__(
        self,
        kind: str,
        name: str,
        node: _ast.AST,
        place: Place,
        *,
        annotation: _ast.expr | None = None,
        value: _ast.expr | None = None,
        target: _ast.expr | None = None,
        home: Place | None = None,
        owner: _ast.AST | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        self.place = place
        self.annotation = annotation
        self.value = value
        self.target = target
        self.home = home or place
        self.owner = owner


def all_given(module: Module, plain: Plain, is_meant: Callable[[str], bool]) -> Iterator[Given]:
    """Yield what names are given in a file.

    Args:
        module: The file.
        plain: Finds the functions of the file.
        is_meant: Whether a name counts.
    """
    seen = module.seen
    comments = TypeComments(module)
    for node, place in seen.all(*_VISITORS):
        for one in _VISITORS[type(node)](node, place):
            if is_meant(one.name):
                _read_comment(comments, node, one)
                yield one
    is_taken = any(
        is_meant(name)
        for node, _ in seen.all(*FUNCTIONS, _ast.ClassDef)
        for name, _ in _positions(node, is_bound=False)
    )
    for node, place in seen.all(_ast.Call):
        assert isinstance(node, _ast.Call)
        for one in _arguments(node, place, plain):
            if is_meant(one.name):
                yield one
        if is_taken and node.args:
            for one in _positional(node, place, plain):
                if is_meant(one.name):
                    yield one
    yield from _returns(module, is_meant)


def _read_comment(comments: TypeComments, node: _ast.AST, given: Given) -> None:
    """Let a type comment stand for the annotation that is missing."""
    if given.annotation is not None:
        return
    if isinstance(node, _ast.Assign) and given.node in node.targets:
        given.annotation = comments.of_value(node)
    elif given.kind == "function":
        given.annotation = comments.of_result(node)
    elif isinstance(given.node, _ast.arg):
        given.annotation = comments.of_parameter(node, given.node, given.value)


def _returns(module: Module, is_meant: Callable[[str], bool]) -> Iterator[Given]:
    homes = {id(node): place for node, place in module.seen.all(*FUNCTIONS)}
    for node, place in module.seen.all(_ast.Return):
        assert isinstance(node, _ast.Return)
        function = place.scope.node
        if isinstance(function, FUNCTIONS) and node.value is not None and is_meant(function.name):
            yield Given(
                *("return", function.name, node, place),
                annotation=function.returns,
                value=node.value,
                home=homes[id(function)],
            )


# What one node gives.


def _targets(
    node: _ast.expr, value: _ast.expr | None, place: Place, kind: str = "name"
) -> Iterator[Given]:
    if isinstance(node, _ast.Name):
        yield Given(kind, node.id, node, place, value=value)
    elif isinstance(node, _ast.Attribute):
        yield Given(kind, node.attr, node, place, value=value, target=node.value)
    elif isinstance(node, _ast.Starred):
        yield from _targets(node.value, value, place, "item")
    elif isinstance(node, _ast.Subscript):
        name = _attribute_by_name(node)
        if name:
            yield Given(kind, name, node, place, value=value)
    elif isinstance(node, (_ast.Tuple, _ast.List)):
        if kind == "item" and isinstance(value, _ast.Call):
            for one, source in _iterated(node.elts, value):
                yield from _targets(one, source, place, "item")
            return
        for one, part in _unpacked(node.elts, value, kind):
            yield from _targets(one, part, place)


def _unpacked(
    targets: list[_ast.expr], value: _ast.expr | None, kind: str
) -> Iterator[tuple[_ast.expr, _ast.expr | None]]:
    """Yield the parts of a tuple of targets, each with its value where that can be seen."""
    if kind == "item" and isinstance(value, (_ast.Tuple, _ast.List, _ast.Set)):
        for row in value.elts:
            yield from _unpacked(targets, row, "name")
        return
    if kind == "entered" or value is None:
        return
    if kind == "item":
        value = _ast.Call(func=_ast.Name(id="next", ctx=_ast.Load()), args=[value], keywords=[])
    starred = [index for index, one in enumerate(targets) if isinstance(one, _ast.Starred)]
    before = starred[0] if starred else len(targets)
    after = len(targets) - before - 1
    if not isinstance(value, (_ast.Tuple, _ast.List)):
        for index, one in enumerate(targets[:before]):
            yield one, _picked(value, index)
        for one in targets[before : before + 1]:
            yield one, value
        for index in range(1, after + 1):
            yield targets[-index], _picked(value, -index)
        return
    if any(isinstance(one, _ast.Starred) for one in value.elts):
        return
    yield from zip(targets[:before], value.elts)  # noqa: B905 (the rest is starred)
    if len(value.elts) < len(targets) - 1:
        return
    for one in targets[before : before + 1]:
        yield one, _ast.List(elts=value.elts[before : len(value.elts) - after], ctx=_ast.Load())
    for index in range(1, after + 1):
        yield targets[-index], value.elts[-index]


def _picked(value: _ast.expr, index: int) -> _ast.expr:
    return _ast.Subscript(value=value, slice=_ast.Constant(value=index), ctx=_ast.Load())


def _attribute_by_name(node: _ast.Subscript) -> str:
    """Return the attribute that `order.__dict__["name"]` and `vars(order)["name"]` set, or ""."""
    key, table = node.slice, node.value
    if isinstance(table, _ast.Call):
        is_table = getattr(table.func, "id", "") in ("vars", "globals")
    else:
        is_table = isinstance(table, _ast.Attribute) and table.attr == "__dict__"
    is_name = is_table and isinstance(key, _ast.Constant) and isinstance(key.value, str)
    return str(key.value) if is_name and isinstance(key, _ast.Constant) else ""


def _iterated(targets: list[_ast.expr], call: _ast.Call) -> Iterator[tuple[_ast.expr, _ast.expr]]:
    """Yield the parts of a loop's tuple, each with the collection whose items it gets."""
    func = call.func
    called = func.attr if isinstance(func, _ast.Attribute) else getattr(func, "id", "")
    if called == "enumerate" and call.args and len(targets) == 2:
        yield targets[1], call.args[0]
    elif called == "zip":
        yield from zip(targets, call.args)  # noqa: B905 (there may be more of either)
    elif called == "items" and isinstance(func, _ast.Attribute) and len(targets) == 2:
        yield targets[0], func.value
        values = _ast.Attribute(value=func.value, attr="values", ctx=_ast.Load())
        yield targets[1], _ast.Call(func=values, args=[], keywords=[])


def _assign(node: _ast.Assign, place: Place) -> Iterator[Given]:
    value = _of_field(node.value)
    for target in node.targets:
        yield from _targets(target, value, place)
    if isinstance(node.value, _ast.Lambda) and isinstance(node.targets[0], _ast.Name):
        yield Given("return", node.targets[0].id, node, place, value=node.value.body)


def _ann_assign(node: _ast.AnnAssign, place: Place) -> Iterator[Given]:
    for one in _targets(node.target, _of_field(node.value), place):
        one.annotation = node.annotation
        yield one


def _aug_assign(node: _ast.AugAssign, place: Place) -> Iterator[Given]:
    yield from _targets(node.target, node.value, place, "added")


def _named(node: _ast.NamedExpr, place: Place) -> Iterator[Given]:
    yield from _targets(node.target, node.value, place)


def _for(node: _ast.For, place: Place) -> Iterator[Given]:
    yield from _targets(node.target, node.iter, place, "item")


def _comprehension(node: _ast.ListComp, place: Place) -> Iterator[Given]:
    for one in node.generators:
        yield from _targets(one.target, one.iter, place, "item")


def _with(node: _ast.With, place: Place) -> Iterator[Given]:
    for item in node.items:
        made = item.context_expr
        if item.optional_vars is None or not isinstance(made, _ast.Call):
            continue
        func = made.func
        called = func.attr if isinstance(func, _ast.Attribute) else getattr(func, "id", "")
        if called == "nullcontext" and made.args:
            yield from _targets(item.optional_vars, made.args[0], place)
        else:
            # A function behind `@contextmanager` is annotated as an iterator of what it gives.
            yield from _targets(item.optional_vars, made, place, "entered")


def _match(node: _ast.Match, place: Place) -> Iterator[Given]:
    """Yield what `case str() as name` and `case str(name)` give."""
    for one in walk(case.pattern for case in node.cases):
        kind = one.pattern if isinstance(one, _ast.MatchAs) else one
        named = one if kind is not one else None
        if isinstance(kind, _ast.MatchClass):
            named = named or (kind.patterns[0] if len(kind.patterns) == 1 else None)
            if isinstance(named, _ast.MatchAs) and named.name:
                value = _ast.Call(func=kind.cls, args=[], keywords=[])
                yield Given("name", named.name, named, place, value=value)


def _class(node: _ast.ClassDef, place: Place) -> Iterator[Given]:
    for keyword in node.keywords:
        if keyword.arg:
            yield Given("keyword", keyword.arg, keyword, place, value=keyword.value)


def _function(node: _ast.FunctionDef, place: Place) -> Iterator[Given]:
    yield from _parameters(node, place)
    returns = _bound_of(node, node.returns)
    yield Given("function", node.name, node, place, annotation=returns, owner=node)
    args = node.args.args
    if len(args) == 2 and any(
        isinstance(one, _ast.Attribute) and one.attr == "setter" for one in node.decorator_list
    ):
        yield Given("name", node.name, args[1], place, annotation=args[1].annotation, owner=node)


def _parameters(node: _ast.FunctionDef | _ast.Lambda, place: Place) -> Iterator[Given]:
    args = node.args
    plain = [*args.posonlyargs, *args.args]
    missing: list[_ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    pairs = [
        *zip(plain, [*missing, *args.defaults]),  # noqa: B905 (equal by construction)
        *zip(args.kwonlyargs, args.kw_defaults),  # noqa: B905 (equal by grammar)
        *((rest, None) for rest in (args.vararg, args.kwarg) if rest is not None),
    ]
    for arg, default in pairs:
        yield Given(
            *("name", arg.arg, arg, place),
            annotation=_bound_of(node, arg.annotation),
            value=default,
            owner=node,
        )


def _bound_of(node: _ast.AST, annotation: _ast.expr | None) -> _ast.expr | None:
    """Return `str` for the `T` of `def store[T: str](content_hash: T)`."""
    for one in getattr(node, "type_params", ()):
        if isinstance(annotation, _ast.Name) and annotation.id == one.name:
            bound = getattr(one, "bound", None)
            return bound.elts[0] if isinstance(bound, _ast.Tuple) and bound.elts else bound
    return annotation


def _of_field(value: _ast.expr | None) -> _ast.expr | None:
    """Return what a field gets by default: the `default` of `field(default="")`."""
    if not isinstance(value, _ast.Call):
        return value
    func = value.func
    called = func.attr if isinstance(func, _ast.Attribute) else getattr(func, "id", "")
    if called not in _FIELD_MAKERS:
        return value
    for keyword in value.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg in ("default_factory", "factory"):
            return _made_by(keyword.value)
    # `models.Field("title")` of Django says another thing than `Field("default")` of pydantic.
    is_first = called == "ib" or (called in _FIRST_IS_DEFAULT and isinstance(func, _ast.Name))
    return value.args[0] if value.args and is_first else None


def _made_by(factory: _ast.expr) -> _ast.expr:
    if isinstance(factory, _ast.Lambda):
        return factory.body
    return _ast.Call(
        func=factory,
        args=[],
        keywords=[],
        lineno=factory.lineno,
        col_offset=factory.col_offset,
        end_lineno=factory.end_lineno,
        end_col_offset=factory.end_col_offset,
    )


# What a call gives.


def _arguments(node: _ast.Call, place: Place, plain: Plain) -> Iterator[Given]:
    func = node.func
    called = func.attr if isinstance(func, _ast.Attribute) else getattr(func, "id", "")
    target = node.args[0] if called in _FIRST_IS_MEANT and node.args else func
    for keyword in node.keywords:
        if not keyword.arg:
            yield from _spread(keyword.value, place, target, plain)
        elif called == "create_model" and isinstance(keyword.value, _ast.Tuple):
            for annotation in keyword.value.elts[:1]:
                yield Given("name", keyword.arg, keyword, place, annotation=annotation)
        else:
            yield Given(
                *("keyword", keyword.arg, keyword, place), value=keyword.value, target=target
            )
    if called in _SETTERS and len(node.args) > 1:
        name = plain.module.text(node.args[-2], place)
        if name:
            owner = node.args[0] if len(node.args) > 2 else None
            yield Given(*("name", name, node, place), value=node.args[-1], target=owner)
    elif called in ("TypedDict", "NamedTuple", "make_dataclass") and len(node.args) > 1:
        yield from _made_fields(node.args[1], place)


def _spread(
    node: _ast.expr, place: Place, target: _ast.expr, plain: Plain, depth: int = 0
) -> Iterator[Given]:
    """Yield what `**{...}` gives, also through a name."""
    if depth > DEPTH_MAX:
        return
    for holder, there in _tables(node, place, plain):
        if isinstance(holder, _ast.Dict):
            for key, value in zip(holder.keys, holder.values):  # noqa: B905 (equal by grammar)
                if key is None:
                    yield from _spread(value, there, target, plain, depth + 1)
                elif isinstance(key, _ast.Constant) and isinstance(key.value, str):
                    yield Given("keyword", key.value, key, there, value=value, target=target)
        elif isinstance(holder, _ast.Call):
            for keyword in holder.keywords:
                if keyword.arg:
                    yield Given(
                        *("keyword", keyword.arg, keyword, there),
                        value=keyword.value,
                        target=target,
                    )


def _tables(node: _ast.expr, place: Place, plain: Plain) -> Iterator[tuple[_ast.expr, Place]]:
    """Yield the dictionaries that an expression may be, as they are written."""
    if isinstance(node, _ast.Name):
        for binding in plain.module.bindings(node.id, place):
            value = binding.value
            if isinstance(value, _ast.Dict) or _makes_dict(value):
                yield value, plain.module.place_of(binding)  # type: ignore[misc]
    elif isinstance(node, _ast.BinOp):
        yield from _tables(node.left, place, plain)
        yield from _tables(node.right, place, plain)
    elif isinstance(node, _ast.IfExp):
        yield from _tables(node.body, place, plain)
        yield from _tables(node.orelse, place, plain)
    elif isinstance(node, _ast.Dict) or _makes_dict(node):
        yield node, place


def _makes_dict(value: object) -> bool:
    return isinstance(value, _ast.Call) and getattr(value.func, "id", "") == "dict"


def _made_fields(node: _ast.expr, place: Place) -> Iterator[Given]:
    """Yield the fields of `TypedDict("T", {...})` and `NamedTuple("T", [(name, type)])`."""
    pairs: list[tuple[_ast.expr | None, _ast.expr]] = []
    if isinstance(node, _ast.Dict):
        pairs = [*zip(node.keys, node.values)]  # noqa: B905 (equal by grammar)
    elif isinstance(node, (_ast.List, _ast.Tuple)):
        pairs = [
            (one.elts[0], one.elts[1])
            for one in node.elts
            if isinstance(one, (_ast.Tuple, _ast.List)) and len(one.elts) > 1
        ]
    for name, annotation in pairs:
        if isinstance(name, _ast.Constant) and isinstance(name.value, str):
            yield Given("name", name.value, name, place, annotation=annotation)


def _positional(node: _ast.Call, place: Place, plain: Plain) -> Iterator[Given]:
    """Yield what the parameters of a function or class of this file are given by position."""
    for callee, there in plain.functions.named(node.func, place):
        is_bound = isinstance(node.func, _ast.Attribute)
        for (name, annotation), value in zip(  # noqa: B905 (there may be more of either)
            _positions(callee, is_bound=is_bound), node.args
        ):
            if isinstance(value, _ast.Starred):
                break
            yield Given(
                *("argument", name, value, place),
                annotation=annotation,
                value=value,
                target=node.func,
                home=there,
            )


def _positions(callee: _ast.AST, *, is_bound: bool) -> list[tuple[str, _ast.expr | None]]:
    """Return the parameters that a call gives by position: name and annotation."""
    if isinstance(callee, FUNCTIONS):
        args = [*callee.args.posonlyargs, *callee.args.args]
        if is_bound and args and args[0].arg in ("self", "cls"):
            args = args[1:]
        return [(arg.arg, arg.annotation) for arg in args]
    if not isinstance(callee, _ast.ClassDef):
        return []
    for statement in callee.body:
        if isinstance(statement, _ast.FunctionDef) and statement.name == "__init__":
            args = [*statement.args.posonlyargs, *statement.args.args]
            return [(arg.arg, arg.annotation) for arg in args[1:]]
    above = {last_name(base) for base in callee.bases}
    if callee.keywords or not above <= _WITHOUT_FIELDS:
        return []  # fields of a base come first
    return [
        (statement.target.id, statement.annotation)
        for statement in callee.body
        if isinstance(statement, _ast.AnnAssign) and isinstance(statement.target, _ast.Name)
    ]


_VISITORS: dict[type, Callable[..., Iterator[Given]]] = {
    _ast.Assign: _assign,
    _ast.AnnAssign: _ann_assign,
    _ast.AugAssign: _aug_assign,
    _ast.NamedExpr: _named,
    _ast.For: _for,
    _ast.AsyncFor: _for,
    **dict.fromkeys(COMPREHENSIONS, _comprehension),
    _ast.With: _with,
    _ast.AsyncWith: _with,
    _ast.Match: _match,
    _ast.ClassDef: _class,
    _ast.FunctionDef: _function,
    _ast.AsyncFunctionDef: _function,
    _ast.Lambda: _parameters,
}
