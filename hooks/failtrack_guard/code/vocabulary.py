"""The names under which a project knows the things that a rule speaks of.

A class that inherits `Event` is an event, too, and so is what `from shop import Event as E` calls
E. Which files a run over a whole tree must parse is told by their bytes: those that hold one of the
rule's own words, and those that hold a name which such a file derives from one.
"""

from __future__ import annotations

import _ast
from _blake2 import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding

    Mentions = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]

# Calls whose result is what their arguments name, or a class made of it.
_CALLS_THAT_NAME = frozenset(
    {"NewType", "TypeVar", "TypeAliasType", "partial", "type", "getattr", "with_metaclass"}
    | {"make_dataclass", "new_class", "namedtuple", "NamedTuple", "staticmethod", "classmethod"}
)
# Calls whose result may be an instance of what their arguments name.
_CALLS_THAT_PASS = frozenset(
    {"cast", "copy", "deepcopy", "replace", "next", "iter", "list", "tuple"}
)


# Expressions whose value may be that of a part of them.
_SEEN_THROUGH = (
    *(_ast.Subscript, _ast.BinOp, _ast.IfExp, _ast.BoolOp, _ast.NamedExpr),
    *(_ast.Tuple, _ast.List, _ast.Await),
)


class Vocabulary:
    """Words that grow until no file derives another name from them.

    Strong words name the things themselves: classes, functions. Weak ones name values of theirs;
    a file that holds no more than a weak word matters only if it does with the value what the rule
    looks for.

    Args:
        words: The rule's own words.
        context: Lower-case byte strings, one of which such a file must hold, too.
    """

    def __init__(self, words: Iterable[str], context: tuple[bytes, ...] = ()) -> None:
        self.own = frozenset(words)
        self.strong = set(self.own)
        self.weak: set[str] = set()
        self.context = context
        self._mentions: list[Mentions] = []

    def learn(self, mentions: Mentions) -> None:
        """Take in what the names of one file are derived from; see `mentions_of`."""
        if mentions:
            self._mentions.append(mentions)

    def settle(self) -> bool:
        """Let the words grow from all that was learnt; return whether one is new."""
        strong, weak = self.strong, self.weak
        count = len(strong) + len(weak)
        is_growing = True
        while is_growing:
            is_growing = False
            for mentions in self._mentions:
                for name, (same, around) in mentions.items():
                    if name in strong:
                        continue
                    if not strong.isdisjoint(same):
                        strong.add(name)
                        is_growing = True
                    elif name not in weak and not (
                        weak.isdisjoint(same)
                        and strong.isdisjoint(around)
                        and weak.isdisjoint(around)
                    ):
                        weak.add(name)
                        is_growing = True
        return len(strong) + len(weak) > count

    def stamp(self) -> bytes:
        """Return a digest of the words."""
        told = "\0".join([*sorted(self.strong), "", *sorted(self.weak)])
        return blake2b(told.encode(), digest_size=8).digest()

    def finder(self) -> Callable[[bytes, bytes], bool]:
        """Return a function that tells whether a file matters by its bytes and lowered bytes."""
        strong = [word.encode() for word in sorted(self.strong)]
        weak = [word.encode() for word in sorted(self.weak - self.strong)]
        # What nothing is known of may be a thing of the rule by its name alone: `event.type`.
        guessed = [word.lower().encode() for word in sorted(self.own)]
        context = self.context

        def matters(content: bytes, lowered: bytes) -> bool:
            if any(map(content.__contains__, strong)):
                return True
            if context and not any(map(lowered.__contains__, context)):
                return False
            return any(map(content.__contains__, weak)) or (
                bool(context) and any(map(lowered.__contains__, guessed))
            )

        return matters


def mentions_of(module: Module) -> Mentions:
    """Return the names that a file offers to others -> the words that they are derived from.

    The first words are those that the name is another name, or a class, of; the second those that
    its value may be made by. Names of the module, of its classes and of what methods bind on
    `self`. More than are really related, never fewer.
    """
    seen = module.seen
    found: dict[str, tuple[set[str], set[str]]] = {}
    for scope in (seen.module, *seen.classes):
        for names in (scope.names, scope.attributes):
            for name, bindings in names.items():
                same, around = found.setdefault(name, (set(), set()))
                for binding in bindings:
                    _take(binding, same, around)
                same.discard(name)
                around.discard(name)
    return {
        name: (tuple(same), tuple(around))
        for name, (same, around) in found.items()
        if same or around
    }


def _take(binding: Binding, same: set[str], around: set[str]) -> None:
    """Add the words that a binding derives a name from."""
    value = binding.value
    if isinstance(value, str):  # an import
        same.add(value.rpartition(".")[2])
    elif isinstance(value, _ast.ClassDef):
        for base in (*value.bases, *(keyword.value for keyword in value.keywords)):
            same |= words_in(base)
    elif isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        if value.returns is not None:
            around |= words_in(value.returns)
    elif isinstance(value, _ast.AST):
        _take_value(value, same, around)
    if binding.annotation is not None:
        around |= words_in(binding.annotation)


def _take_value(value: _ast.AST, same: set[str], around: set[str]) -> None:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _ast.Name):
            same.add(one.id)
        elif isinstance(one, _ast.Attribute):
            same.add(one.attr)
        elif isinstance(one, _ast.Call):
            name = getattr(one.func, "attr", getattr(one.func, "id", ""))
            if name in _CALLS_THAT_NAME:
                for argument in (*one.args, *(keyword.value for keyword in one.keywords)):
                    same |= words_in(argument)
            else:
                around |= words_in(one.func)
                if name in _CALLS_THAT_PASS:
                    for argument in one.args:
                        around |= words_in(argument)
        elif isinstance(one, _SEEN_THROUGH):
            waiting += _children(one)
        elif isinstance(one, _ast.Constant):
            if isinstance(one.value, str) and len(one.value) < 200:
                same.update(_identifiers(one.value))
        else:  # displays and comprehensions: of values, at most
            around |= words_in(one)


def _children(node: _ast.AST) -> Iterator[_ast.AST]:
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            yield from (one for one in value if isinstance(one, _ast.AST))
        elif isinstance(value, _ast.AST):
            yield value


def words_in(node: _ast.AST) -> set[str]:
    """Return the names, attributes and words of short strings in an expression."""
    words: set[str] = set()
    waiting: list[_ast.AST] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _ast.Name):
            words.add(one.id)
        elif isinstance(one, _ast.Attribute):
            words.add(one.attr)
            waiting.append(one.value)
        elif isinstance(one, _ast.Constant):
            if isinstance(one.value, str) and len(one.value) < 200:
                words.update(_identifiers(one.value))
        else:
            waiting += _children(one)
    return words


def _identifiers(text: str) -> list[str]:
    """Return the identifiers in a quoted annotation."""
    kept = "".join(char if char.isalnum() or char == "_" else " " for char in text)
    return [word for word in kept.split() if word.isidentifier()]
