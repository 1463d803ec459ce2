"""The names under which a project knows the things that a rule speaks of.

A class that inherits `Event` is an event, too, and so is what `from shop import Event as E` calls
E. Which files a run over a whole tree must parse is told by their bytes: those that hold one of the
rule's own words, and those that hold a name which such a file derives from one.

What merely holds an instance (`last: Event`, `def latest() -> Event`) is a name of another kind:
it matters where something is asked of the instance, and no other thing is derived from it.
"""

from __future__ import annotations

import _ast
from _blake2 import blake2b

from failtrack_guard.code.nodes import children
from failtrack_guard.code.spelling import is_named, speaking, standing, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from failtrack_guard.code.exports import Exports
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding

    # Name -> the names of what it is, or is a kind of; the names of what it holds.
    Mentions = Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    Matters = Callable[[bytes, bytes], bool]

# Calls whose result is what their arguments name, or is made of it.
_CALLS_THAT_MAKE = frozenset(
    {"NewType", "TypeVar", "TypeAliasType", "partial", "type", "getattr", "with_metaclass"}
    | {"make_dataclass", "new_class", "namedtuple", "NamedTuple", "staticmethod", "classmethod"}
)
# Calls that give back what they are given, a copy of it, or a part.
_CALLS_THAT_PASS = frozenset(
    {"cast", "copy", "deepcopy", "replace", "next", "iter", "list", "tuple", "dict", "set"}
    | {"frozenset", "sorted", "deque", "MappingProxyType"}
)
# In an annotation: what is named beside it is itself meant, not an instance of it.
_OF_ITSELF = frozenset({"type", "Type", "TypeAlias", "TypeForm"})


class Vocabulary:
    """Words that grow until no file derives another name from them.

    Args:
        words: The rule's own words.
        context: Texts as `standing` takes them, one of which a file must hold that holds one of
            the own words in another case only, or nothing but names of what holds an instance.
        alone: Those of the own words from which nothing is derived.
    """

    def __init__(
        self, words: Iterable[str], context: Iterable[bytes] = (), alone: Iterable[str] = ()
    ) -> None:
        self.alone = frozenset(alone)
        self.own = frozenset(words)
        self.words = set(self.own)
        self.holders: set[str] = set()
        self.context = tuple(context)
        self._mentions: list[Mentions] = []

    def learn(self, mentions: Mentions) -> None:
        """Take in what the names of one file are derived from; see `mentions_of`."""
        if mentions:
            self._mentions.append(mentions)

    def settle(self) -> Matters | None:
        """Let the words and the holders grow from all that was learnt.

        Returns:
            What tells of a file whether it speaks of those that are new, None without any.
        """
        words, holders = self.words - self.alone, self.holders
        known, held = frozenset(words), frozenset(holders)
        is_growing = True
        while is_growing:
            is_growing = False
            for mentions in self._mentions:
                for name, (is_like, holds) in mentions.items():
                    if name in words:
                        continue
                    if not words.isdisjoint(is_like):
                        words.add(name)
                        is_growing = True
                    elif name not in holders and not (
                        words.isdisjoint(holds)
                        and holders.isdisjoint(holds)
                        and holders.isdisjoint(is_like)
                    ):
                        holders.add(name)
                        is_growing = True
        self.words |= words
        new, new_holders = words - known, holders - held - words
        return self._finder_of(new, new_holders) if new or new_holders else None

    def close(self) -> None:
        """Let go of what was learnt; the words stay."""
        self._mentions.clear()

    def stamp(self) -> bytes:
        """Return a digest of the words."""
        told = "\0".join((*sorted(self.words), "", *sorted(self.holders)))
        return blake2b(told.encode(), digest_size=8).digest()

    def finder(self) -> Matters:
        """Return a function that tells whether a file matters by its bytes and lowered bytes."""
        speaks = self._finder_of(self.words, self.holders)
        # What nothing is known of may be a thing of the rule by its name alone: `event.type`.
        guessed = [
            (own.lower().encode(), [word.encode() for word in sorted(words_of(own))])
            for own in sorted(self.own if self.context else ())
        ]
        has_context = standing(self.context)

        def matters(content: bytes, lowered: bytes) -> bool:
            return speaks(content, lowered) or (
                has_context(lowered)
                and any(
                    own in lowered and any(is_named(word, content, lowered) for word in words)
                    for own, words in guessed
                )
            )

        return matters

    def _finder_of(self, words: Iterable[str], holders: Iterable[str]) -> Matters:
        """Return a function that tells whether a file speaks of some of the words and holders."""
        speaks, holds = speaking(words), speaking(holders)
        has_context = standing(self.context)
        needs_none = not self.context

        def matters(content: bytes, lowered: bytes) -> bool:
            return speaks(content) or ((needs_none or has_context(lowered)) and holds(content))

        return matters


def mentions_of(module: Module, exports: Exports) -> Mentions:
    """Return the names that a file offers to others -> the words that they are derived from.

    Names of the module, of its classes and of what methods bind on `self`: imports, aliases,
    values, classes with their bases, functions with what they return. More than are really
    related, never fewer.

    Args:
        module: The file.
        exports: What others learn of it: whatever they are told to be one thing is related.
    """
    seen = module.seen
    found: dict[str, _Parts] = {}
    for scope in (seen.module, *seen.classes):
        for names in (scope.names, scope.attributes):
            for name, bindings in names.items():
                parts = found.setdefault(name, _Parts())
                for binding in bindings:
                    parts.take(binding)
    for known in (exports.names, exports.classes, exports.aliases):
        for qualname, meant in known.items():
            found.setdefault(_last(qualname), _Parts()).is_like.update(map(_last, meant))
    for qualname, meant in exports.values.items():
        found.setdefault(_last(qualname), _Parts()).holds.update(map(_last, meant))
    return {name: told for name, parts in found.items() if any(told := parts.beside(name))}


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


class _Parts:
    """The words that one name is derived from.

    Attributes:
        is_like: It is one of these, or a kind of it.
        holds: It holds an instance of one of these, or gives one.
    """

    __slots__ = ("holds", "is_like")

    def __init__(self) -> None:
        self.is_like: set[str] = set()
        self.holds: set[str] = set()

    def beside(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return both without the name itself."""
        return tuple(self.is_like - {name}), tuple(self.holds - self.is_like - {name})

    def take(self, binding: Binding) -> None:
        """Add what a binding derives its name from."""
        value = binding.value
        if isinstance(value, str):  # an import
            self.is_like.add(_last(value))
        elif isinstance(value, _ast.ClassDef):
            for base in (*value.bases, *(keyword.value for keyword in value.keywords)):
                self.is_like |= words_in(base)
        elif isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
            if value.returns is not None:
                self._take_annotation(value.returns)
        elif isinstance(value, _ast.AST):
            self._take_value(value)
        if binding.annotation is not None:
            self._take_annotation(binding.annotation)
            if isinstance(value, _ast.Constant):  # `X: TypeAlias = "Event"`
                self.is_like |= words_in(value)

    def _take_annotation(self, annotation: _ast.expr) -> None:
        words = words_in(annotation)
        (self.holds if words.isdisjoint(_OF_ITSELF) else self.is_like).update(words)

    def _take_value(self, value: _ast.AST) -> None:
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, _ast.Name):
                self.is_like.add(one.id)
            elif isinstance(one, _ast.Attribute):
                self.is_like.add(one.attr)
            elif isinstance(one, _ast.Lambda):
                self.is_like |= words_in(one)
            elif isinstance(one, _ast.Call):
                arguments = (*one.args, *(keyword.value for keyword in one.keywords))
                name = getattr(one.func, "attr", getattr(one.func, "id", ""))
                if name in _CALLS_THAT_MAKE:
                    # What is given to a `partial` beside the callable makes it nothing else.
                    for part in (one.func, *arguments[: 1 if name == "partial" else None]):
                        self.is_like |= words_in(part)
                else:
                    self.holds |= words_in(one.func)
                    if name in _CALLS_THAT_PASS:
                        waiting += arguments
            else:
                waiting += children(one)


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
            waiting += children(one)
    return words


def _identifiers(text: str) -> list[str]:
    """Return the identifiers in a quoted annotation."""
    kept = "".join(char if char.isalnum() or char == "_" else " " for char in text)
    return [word for word in kept.split() if word.isidentifier()]
