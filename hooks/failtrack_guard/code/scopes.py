"""What the names of one file stand for: scopes, bindings, and which of them reach a use.

Built in one walk over the tree, without recursion, so that no nesting is too deep.
"""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import fields_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FUNCTIONS = (_ast.FunctionDef, _ast.AsyncFunctionDef)
COMPREHENSIONS = (_ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp)
# Statements whose lists of statements may be left out by a run: what they bind proves nothing
# about what comes after them.
_LISTS = ("body", "orelse", "finalbody")


class Block:
    """A list of statements that runs as a whole, and the one around it.

    Args:
        parent: The block that holds it, None for that of a module, class or function.
        loop: Whether it runs again and again.
    """

    __slots__ = ("loop", "parent")

    def __init__(self, parent: Block | None = None, *, loop: bool = False) -> None:
        self.parent = parent
        self.loop = loop

    def is_within(self, other: Block) -> bool:
        """Return whether this is the other block or lies in it."""
        block: Block | None = self
        while block is not None:
            if block is other:
                return True
            block = block.parent
        return False


class Binding:
    """One place where a name gets its value.

    Args:
        kind: `import` (value: dotted name), `class`, `function`, `assign` (value: the expression),
            `param` (value: its default), `module` (`import a.b`: value `a`), `item` (of a loop;
            value: what it runs over), `augment` (value: what is added), `star` or `other`
            (value: None, or for a part of what is unpacked: of what, its index, and whether it is
            a part of each item).
        value: See kind.
        annotation: Expression of an annotation, None without.
        order: Place in the walk, which is that of the text.
        block: Where it happens.
        scope: The scope in which the value is to be read.
    """

    __slots__ = ("annotation", "block", "kind", "order", "scope", "value")

    def __init__(
        self,
        kind: str,
        value: object,
        order: int,
        block: Block,
        scope: Scope,
        annotation: _ast.expr | None = None,
    ) -> None:
        self.kind = kind
        self.value = value
        self.order = order
        self.block = block
        self.scope = scope
        self.annotation = annotation


class Scope:
    """A module, class, function, lambda or comprehension, and the names that are bound in it.

    Args:
        kind: `module`, `class` or `function` (lambdas and comprehensions are functions, too).
        node: Its node.
        parent: The scope around it, None for the module.
        qualname: Dotted name within the module, empty for the module.
    """

    __slots__ = ("attributes", "declared", "inner", "kind", "names", "node", "parent", "qualname")

    def __init__(self, kind: str, node: _ast.AST, parent: Scope | None, qualname: str) -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.qualname = qualname
        self.names: dict[str, list[Binding]] = {}
        # Names that `global` or `nonlocal` send elsewhere.
        self.declared: dict[str, Scope] = {}
        # What methods of a class bind on `self`.
        self.attributes: dict[str, list[Binding]] = {}
        self.inner: list[Scope] = []
        if parent is not None:
            parent.inner.append(self)

    def bind(self, name: str, binding: Binding) -> None:
        """Note that a name is bound here, or where `global` sends it."""
        self.declared.get(name, self).names.setdefault(name, []).append(binding)

    @property
    def owner(self) -> Scope | None:
        """The class whose method this is, or in one of whose methods it lies; None elsewhere."""
        scope: Scope | None = self
        while scope is not None and scope.kind != "class":
            scope = scope.parent
        return scope


class Place:
    """Where a node stands: its scope, block, statement and turn in the walk."""

    __slots__ = ("block", "order", "scope", "statement")

    def __init__(self, scope: Scope, block: Block, order: int, statement: _ast.stmt) -> None:
        self.scope = scope
        self.block = block
        self.order = order
        self.statement = statement


class Seen:
    """The nodes of a file that rules ask for, by kind, each with its place."""

    __slots__ = ("by_type", "classes", "module", "stars")

    def __init__(self, module: Scope) -> None:
        self.module = module
        # The scopes of all classes, in the order of the text.
        self.classes: list[Scope] = []
        self.by_type: dict[type, list[tuple[_ast.AST, Place]]] = {}
        self.stars: list[str] = []

    def all(self, *types: type) -> Iterator[tuple[_ast.AST, Place]]:
        """Yield the nodes of these types with their places, type by type."""
        for one in types:
            yield from self.by_type.get(one, ())


# Node types that rules can ask for.
KEPT = frozenset(
    {
        *(_ast.Call, _ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef, _ast.Lambda),
        *(_ast.Assign, _ast.AnnAssign, _ast.AugAssign, _ast.NamedExpr, _ast.Compare, _ast.Match),
        *(_ast.Import, _ast.ImportFrom, _ast.Subscript, _ast.Attribute, _ast.Return, _ast.Assert),
        *(_ast.Try, _ast.With, _ast.AsyncWith, _ast.Expr, _ast.Dict, _ast.If),
        *(_ast.For, _ast.AsyncFor, *COMPREHENSIONS),
    }
)


def look(tree: _ast.Module, absolute: object) -> Seen:
    """Walk a tree once and return its scopes and the nodes that rules ask for.

    Args:
        tree: The parsed file.
        absolute: Function that turns (level, module or None) of a `from` import into a dotted name.
    """
    module = Scope("module", tree, None, "")
    seen = Seen(module)
    _Walk(seen, absolute).run(tree, module)
    return seen


class _Walk:
    """The walk: a stack of nodes still to visit, in the order of the text."""

    def __init__(self, seen: Seen, absolute: object) -> None:
        self.seen = seen
        self.absolute = absolute
        self.order = 0
        # Turn of the statement that is walked: what a statement binds, it has not bound yet in its
        # own expressions.
        self.since = 0
        self.stack: list[tuple[_ast.AST, Scope, Block, _ast.stmt]] = []

    def run(self, tree: _ast.Module, module: Scope) -> None:
        stack = self.stack
        by_type = self.seen.by_type
        top = Block()
        stack += [(node, module, top, node) for node in reversed(tree.body)]
        visitors = _VISITORS
        kept = KEPT
        while stack:
            node, scope, block, statement = stack.pop()
            self.order += 1
            if node is statement:
                self.since = self.order
            kind = type(node)
            if kind in kept:
                by_type.setdefault(kind, []).append(
                    (node, Place(scope, block, self.since, statement))
                )
            visit: Any = visitors.get(kind)
            if visit is not None:
                visit(self, node, scope, block, statement)
            else:
                self.children(node, scope, block, statement)

    def children(self, node: _ast.AST, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        """Put what a node holds on the stack, the first child on top."""
        pending = []
        for name in fields_of(node.__class__):
            value = getattr(node, name, None)
            if value.__class__ is list:
                for one in value:
                    if isinstance(one, _ast.AST):
                        pending.append((one, scope, block, statement))
            elif isinstance(value, _ast.AST):
                pending.append((value, scope, block, statement))
        pending.reverse()
        self.stack += pending

    def put(self, nodes: object, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        """Put nodes on the stack, the last one on top."""
        for node in nodes:  # type: ignore[attr-defined]
            if node is not None:
                self.stack.append((node, scope, block, statement))

    def statements(self, nodes: list[_ast.stmt], scope: Scope, block: Block) -> None:
        """Put a list of statements on the stack, each its own statement."""
        self.stack += [(node, scope, block, node) for node in reversed(nodes)]

    def bind(
        self,
        name: str,
        kind: str,
        value: object,
        scope: Scope,
        block: Block,
        annotation: _ast.expr | None = None,
    ) -> None:
        """Bind a name."""
        scope.bind(name, Binding(kind, value, self.order, block, scope, annotation))

    def target(
        self,
        node: _ast.expr,
        value: _ast.expr | None,
        scope: Scope,
        block: Block,
        annotation: _ast.expr | None = None,
    ) -> None:
        """Bind what an assignment binds: names, parts of tuples, attributes of `self`."""
        kind = "other" if value is None and annotation is None else "assign"
        if isinstance(node, _ast.Name):
            self.bind(node.id, kind, value, scope, block, annotation)
        elif isinstance(node, _ast.Attribute):
            if isinstance(node.value, _ast.Name) and node.value.id in ("self", "cls"):
                owner = scope.owner
                if owner is not None:
                    owner.attributes.setdefault(node.attr, []).append(
                        Binding(kind, value, self.order, block, scope, annotation)
                    )
        elif isinstance(node, (_ast.Tuple, _ast.List)):
            parts: list[_ast.expr | None] = [None] * len(node.elts)
            starred = any(isinstance(one, _ast.Starred) for one in node.elts)
            if (
                isinstance(value, (_ast.Tuple, _ast.List))
                and len(value.elts) == len(node.elts)
                and not starred
            ):
                parts = list(value.elts)
            is_whole = value is not None and not starred
            for index, (one, part) in enumerate(zip(node.elts, parts)):  # noqa: B905 (equal)
                if part is None and is_whole and isinstance(one, _ast.Name):
                    self.bind(one.id, "other", (value, index, False), scope, block)
                else:
                    self.target(one, part, scope, block)
        elif isinstance(node, _ast.Starred):
            self.target(node.value, None, scope, block)

    # Visitors: each binds what its node binds and puts the children on the stack.

    def assign(self, node: _ast.Assign, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for target in node.targets:
            self.target(target, node.value, scope, block)
        self.put((*reversed(node.targets), node.value), scope, block, statement)

    def ann_assign(
        self, node: _ast.AnnAssign, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        self.target(node.target, node.value, scope, block, node.annotation)
        self.put((node.value, node.annotation, node.target), scope, block, statement)

    def aug_assign(
        self, node: _ast.AugAssign, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        if isinstance(node.target, _ast.Name):
            self.bind(node.target.id, "augment", node.value, scope, block)
        else:
            self.target(node.target, None, scope, block)
        self.put((node.value, node.target), scope, block, statement)

    def item(self, node: _ast.expr, source: _ast.expr, scope: Scope, block: Block) -> None:
        """Bind what a loop binds."""
        if isinstance(node, _ast.Name):
            self.bind(node.id, "item", source, scope, block)
            return
        for index, one in enumerate(getattr(node, "elts", ())):
            if isinstance(one, _ast.Name):
                self.bind(one.id, "other", (source, index, True), scope, block)
            else:
                self.target(one, None, scope, block)

    def named(self, node: _ast.NamedExpr, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        holder = scope
        while isinstance(holder.node, COMPREHENSIONS) and holder.parent is not None:
            holder = holder.parent
        self.target(node.target, node.value, holder, block)
        self.put((node.value,), scope, block, statement)

    def type_alias(self, node: Any, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        self.target(node.name, node.value, scope, block)
        self.put((node.value,), scope, block, statement)

    def delete(self, node: _ast.Delete, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for target in node.targets:
            self.target(target, None, scope, block)
        self.children(node, scope, block, statement)

    def import_(self, node: _ast.Import, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for alias in node.names:
            if alias.asname:
                self.bind(alias.asname, "import", alias.name, scope, block)
            else:
                top = alias.name.partition(".")[0]
                self.bind(top, "module", top, scope, block)

    def import_from(
        self, node: _ast.ImportFrom, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        base = self.absolute(node.level, node.module)  # type: ignore[operator]
        for alias in node.names:
            if alias.name == "*":
                self.seen.stars.append(base)
            else:
                dotted = f"{base}.{alias.name}" if base else alias.name
                self.bind(alias.asname or alias.name, "import", dotted, scope, block)

    def class_(self, node: _ast.ClassDef, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        self.bind(node.name, "class", node, scope, block)
        qualname = f"{scope.qualname}.{node.name}" if scope.qualname else node.name
        inner = Scope("class", node, scope, qualname)
        self.seen.classes.append(inner)
        for one in getattr(node, "type_params", ()):
            bound = getattr(one, "bound", None)
            self.bind(one.name, "other" if bound is None else "assign", bound, inner, block)
        self.statements(node.body, inner, Block())
        self.put(
            (*reversed(getattr(node, "type_params", ())), *reversed(node.keywords)),
            *(scope, block, statement),
        )
        self.put((*reversed(node.bases), *reversed(node.decorator_list)), scope, block, statement)

    def function(
        self, node: _ast.FunctionDef, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        self.bind(node.name, "function", node, scope, block)
        qualname = f"{scope.qualname}.{node.name}" if scope.qualname else node.name
        inner = Scope("function", node, scope, qualname)
        body = Block()
        self.params(node.args, inner, body)
        self.statements(node.body, inner, body)
        self.put((node.returns, node.args), scope, block, statement)
        self.put(reversed(node.decorator_list), scope, block, statement)

    def lambda_(self, node: _ast.Lambda, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        inner = Scope("function", node, scope, f"{scope.qualname}.<lambda>".lstrip("."))
        body = Block()
        self.params(node.args, inner, body)
        self.put((node.body,), inner, body, statement)
        self.put((node.args,), scope, block, statement)

    def params(self, args: _ast.arguments, scope: Scope, block: Block) -> None:
        plain = [*args.posonlyargs, *args.args]
        defaults: list[_ast.expr | None] = [None] * (len(plain) - len(args.defaults))
        for arg, default in zip(plain, [*defaults, *args.defaults]):  # noqa: B905
            self.bind(arg.arg, "param", default, scope, block, arg.annotation)
        for arg, default in zip(args.kwonlyargs, args.kw_defaults):  # noqa: B905
            self.bind(arg.arg, "param", default, scope, block, arg.annotation)
        for rest in (args.vararg, args.kwarg):
            if rest is not None:
                self.bind(rest.arg, "other", None, scope, block)

    def comprehension(
        self, node: _ast.ListComp, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        inner = Scope("function", node, scope, scope.qualname)
        body = Block()
        for one in node.generators:
            self.item(one.target, one.iter, inner, body)
        if isinstance(node, _ast.DictComp):
            self.put((node.value, node.key), inner, body, statement)
        else:
            self.put((node.elt,), inner, body, statement)
        for generator in reversed(node.generators):
            self.put(reversed(generator.ifs), inner, body, statement)
            first = generator is node.generators[0]
            self.put((generator.iter,), scope if first else inner, block, statement)

    def for_(self, node: _ast.For, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        body = Block(block, loop=True)
        self.item(node.target, node.iter, scope, body)
        self.statements(node.orelse, scope, Block(block))
        self.statements(node.body, scope, body)
        self.put((node.target, node.iter), scope, block, statement)

    def while_(self, node: _ast.While, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        self.statements(node.orelse, scope, Block(block))
        self.statements(node.body, scope, Block(block, loop=True))
        self.put((node.test,), scope, block, statement)

    def if_(self, node: _ast.If, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        self.statements(node.orelse, scope, Block(block))
        self.statements(node.body, scope, Block(block))
        self.put((node.test,), scope, block, statement)

    def with_(self, node: _ast.With, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for item in node.items:
            if item.optional_vars is not None:
                self.target(item.optional_vars, item.context_expr, scope, block)
        # What a `with` holds runs, unless it raises.
        self.statements(node.body, scope, block)
        for item in reversed(node.items):
            self.put((item.optional_vars, item.context_expr), scope, block, statement)

    def try_(self, node: _ast.Try, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        self.statements(node.finalbody, scope, block)
        self.statements(node.orelse, scope, Block(block))
        for handler in reversed(node.handlers):
            inner = Block(block)
            self.statements(handler.body, scope, inner)
            if handler.name:
                self.bind(handler.name, "assign", None, scope, inner, handler.type)
            self.put((handler.type,), scope, block, statement)
        self.statements(node.body, scope, Block(block))

    def match(self, node: _ast.Match, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for case in reversed(node.cases):
            inner = Block(block)
            self.statements(case.body, scope, inner)
            self.put((case.guard, case.pattern), scope, inner, statement)
        self.put((node.subject,), scope, block, statement)

    def capture(self, node: _ast.MatchAs, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self.bind(name, "other", None, scope, block)
        self.children(node, scope, block, statement)

    def global_(self, node: _ast.Global, scope: Scope, block: Block, statement: _ast.stmt) -> None:
        for name in node.names:
            scope.declared[name] = self.seen.module

    def nonlocal_(
        self, node: _ast.Nonlocal, scope: Scope, block: Block, statement: _ast.stmt
    ) -> None:
        for name in node.names:
            outer = scope.parent
            while outer is not None and (outer.kind != "function" or name not in outer.names):
                outer = outer.parent
            if outer is not None:
                scope.declared[name] = outer


_VISITORS: dict[type, object] = {
    _ast.Assign: _Walk.assign,
    _ast.AnnAssign: _Walk.ann_assign,
    _ast.AugAssign: _Walk.aug_assign,
    _ast.NamedExpr: _Walk.named,
    _ast.Delete: _Walk.delete,
    _ast.Import: _Walk.import_,
    _ast.ImportFrom: _Walk.import_from,
    _ast.ClassDef: _Walk.class_,
    _ast.FunctionDef: _Walk.function,
    _ast.AsyncFunctionDef: _Walk.function,
    _ast.Lambda: _Walk.lambda_,
    _ast.ListComp: _Walk.comprehension,
    _ast.SetComp: _Walk.comprehension,
    _ast.DictComp: _Walk.comprehension,
    _ast.GeneratorExp: _Walk.comprehension,
    _ast.For: _Walk.for_,
    _ast.AsyncFor: _Walk.for_,
    _ast.While: _Walk.while_,
    _ast.If: _Walk.if_,
    _ast.With: _Walk.with_,
    _ast.AsyncWith: _Walk.with_,
    _ast.Try: _Walk.try_,
    _ast.Match: _Walk.match,
    _ast.MatchAs: _Walk.capture,
    _ast.MatchStar: _Walk.capture,
    _ast.MatchMapping: _Walk.capture,
    _ast.Global: _Walk.global_,
    _ast.Nonlocal: _Walk.nonlocal_,
}
if hasattr(_ast, "TryStar"):
    _VISITORS[_ast.TryStar] = _Walk.try_
if hasattr(_ast, "TypeAlias"):
    _VISITORS[_ast.TypeAlias] = _Walk.type_alias


def reaching(bindings: list[Binding], place: Place) -> list[Binding]:
    """Return the bindings of a name, in the scope of its use, that can reach the use.

    From the use backwards up to the first one that surely ran. One that comes later counts only
    when both lie in one loop, or when there is none before.

    Args:
        bindings: In the order of the text.
        place: Where the name is used.
    """
    found = []
    for binding in reversed(bindings):
        if binding.order >= place.order:
            if _share_loop(binding.block, place.block):
                found.append(binding)
            continue
        found.append(binding)
        if place.block.is_within(binding.block):
            return found
    return found or bindings


def _share_loop(one: Block, other: Block) -> bool:
    block: Block | None = one
    while block is not None:
        if block.loop and other.is_within(block):
            return True
        block = block.parent
    return False
