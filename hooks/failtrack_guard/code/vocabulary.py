"""The names under which a project knows the things that a rule speaks of.

A class that inherits `Event` is an event, too, and so is what `from shop import Event as E` calls
E. Which files a run over a whole tree must parse is told by their bytes: those that hold one of the
rule's own words, and those that hold a name which such a file derives from one.

What merely holds an instance (`last: Event`, `def latest() -> Event`) adds no name: there would be
no end to them. A file that asks something of an instance is known by how that is written (`.type`).
"""

from __future__ import annotations

import _ast
from _blake2 import blake2b

from failtrack_guard.code.nodes import children, last_name
from failtrack_guard.code.spelling import is_named, speaking, standing, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from failtrack_guard.code.exports import Exports
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Binding

    # Name -> the names of what it is, or is a kind of.
    Mentions = Mapping[str, tuple[str, ...]]

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
        alone: Those of them from which nothing is derived.
        asked: Texts as `standing` takes them; a file that holds one matters without any word.
        guessed: The same of a file that holds one of the own words in another case only.
    """

    def __init__(
        self,
        words: Iterable[str],
        alone: Iterable[str] = (),
        asked: Iterable[bytes] = (),
        guessed: Iterable[bytes] = (),
    ) -> None:
        self.own = frozenset(words)
        self.words = set(self.own)
        self._alone = frozenset(alone)
        self._is_asked = standing(asked)
        self._is_guessed = standing(guessed)
        self._mentions: list[Mentions] = []

    def learn(self, mentions: Mentions) -> None:
        """Take in what the names of one file are derived from; see `mentions_of`."""
        if mentions:
            self._mentions.append(mentions)

    def settle(self) -> frozenset[str]:
        """Let the words grow from all that was learnt; return those that are new."""
        words = self.words - self._alone
        before = frozenset(words)
        is_growing = True
        while is_growing:
            is_growing = False
            for mentions in self._mentions:
                for name, parts in mentions.items():
                    if name not in words and not words.isdisjoint(parts):
                        words.add(name)
                        is_growing = True
        self.words |= words
        return frozenset(words - before)

    def close(self) -> None:
        """Let go of what was learnt; the words stay."""
        self._mentions.clear()

    def stamp(self) -> bytes:
        """Return a digest of the words."""
        return blake2b("\0".join(sorted(self.words)).encode(), digest_size=8).digest()

    def finder(self) -> Callable[[bytes, bytes], bool]:
        """Return a function that tells whether a file matters by its bytes and lowered bytes."""
        speaks = speaking(self.words)
        # What nothing is known of may be a thing of the rule by its name alone: `event.__class__`.
        own = [(one.lower().encode(), words_of(one)) for one in sorted(self.own)]
        told = [(whole, [word.encode() for word in sorted(words)]) for whole, words in own]

        def matters(content: bytes, lowered: bytes) -> bool:
            return (
                speaks(content)
                or self._is_asked(content)
                or (
                    self._is_guessed(content)
                    and any(
                        whole in lowered and any(is_named(word, content, lowered) for word in words)
                        for whole, words in told
                    )
                )
            )

        return matters


def mentions_of(module: Module, exports: Exports) -> Mentions:
    """Return the names that a file offers to others -> the words that they are derived from.

    Names of the module, of its classes and of what methods bind on `self`: imports, aliases,
    values, classes with their bases, functions that return a class. More than are really related,
    never fewer.

    Args:
        module: The file.
        exports: What others learn of it: whatever they are told to be one thing is related.
    """
    seen = module.seen
    found: dict[str, set[str]] = {}
    for scope in (seen.module, *seen.classes):
        for names in (scope.names, scope.attributes):
            for name, bindings in names.items():
                parts = found.setdefault(name, set())
                for binding in bindings:
                    parts |= _parts(binding)
    for known in (exports.names, exports.classes, exports.aliases):
        for qualname, meant in known.items():
            found.setdefault(_last(qualname), set()).update(map(_last, meant))
    return {name: tuple(parts - {name}) for name, parts in found.items() if parts - {name}}


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _parts(binding: Binding) -> set[str]:
    """Return the words that a binding derives a name from."""
    value, annotation = binding.value, binding.annotation
    parts: set[str] = set()
    if isinstance(value, str):  # an import
        parts.add(_last(value))
    elif isinstance(value, _ast.ClassDef):
        for base in (*value.bases, *(keyword.value for keyword in value.keywords)):
            parts |= words_in(base)
    elif isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        annotation = value.returns
    elif isinstance(value, _ast.AST):
        parts |= _parts_of_value(value)
    if annotation is not None:
        words = words_in(annotation)
        if not words.isdisjoint(_OF_ITSELF):
            parts |= words
            if isinstance(value, _ast.Constant):  # `X: TypeAlias = "Event"`
                parts |= words_in(value)
    return parts


def _parts_of_value(value: _ast.AST) -> set[str]:
    parts: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, _ast.Name):
            parts.add(one.id)
        elif isinstance(one, _ast.Attribute):
            parts.add(one.attr)
        elif isinstance(one, _ast.Lambda):
            parts |= words_in(one)
        elif isinstance(one, _ast.Call):
            name = last_name(one.func)
            arguments = (*one.args, *(keyword.value for keyword in one.keywords))
            if name in _CALLS_THAT_PASS:
                waiting += arguments
            elif name in _CALLS_THAT_MAKE:
                # What is given to a `partial` beside the callable makes it nothing else.
                for argument in arguments[: 1 if name == "partial" else None]:
                    parts |= words_in(argument)
        else:
            waiting += children(one)
    return parts


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
