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
    from collections.abc import Iterable, Mapping

    from failtrack_guard.module import Module
    from failtrack_guard.scopes import Binding


class Vocabulary:
    """Words that grow until no file derives another name from them.

    Args:
        words: The rule's own words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = set(words)
        self._mentions: list[Mapping[str, tuple[str, ...]]] = []

    def learn(self, mentions: Mapping[str, tuple[str, ...]]) -> None:
        """Take in what the names of one file are derived from; see `mentions_of`."""
        if mentions:
            self._mentions.append(mentions)

    def settle(self) -> set[str]:
        """Let the words grow from all that was learnt, and return those that are new."""
        words = self.words
        before = set(words)
        is_growing = True
        while is_growing:
            is_growing = False
            for mentions in self._mentions:
                for name, parts in mentions.items():
                    if name not in words and not words.isdisjoint(parts):
                        words.add(name)
                        is_growing = True
        return words - before

    def needles(self) -> tuple[bytes, ...]:
        """Return the words as they are looked for in the bytes of a file."""
        return tuple(sorted(word.encode() for word in self.words))

    def stamp(self) -> bytes:
        """Return a digest of the words."""
        return blake2b(b"\0".join(self.needles()), digest_size=8).digest()


def mentions_of(module: Module) -> dict[str, tuple[str, ...]]:
    """Return the names that a file offers to others -> the words that they are derived from.

    Names of the module and of its classes: imports, aliases, classes with their bases, functions
    with what they return. More than are really related, never fewer.
    """
    seen = module.seen
    found: dict[str, set[str]] = {}
    for scope in (seen.module, *seen.classes):
        _take(scope.names, found)
        _take(scope.attributes, found)
    return {name: tuple(parts) for name, parts in found.items() if parts}


def _take(names: Mapping[str, list[Binding]], found: dict[str, set[str]]) -> None:
    for name, bindings in names.items():
        for binding in bindings:
            parts = _parts(binding)
            parts.discard(name)
            if parts:
                found.setdefault(name, set()).update(parts)


def _parts(binding: Binding) -> set[str]:
    value = binding.value
    if isinstance(value, str):  # an import
        return {value.rpartition(".")[2]}
    parts: set[str] = set()
    if isinstance(value, _ast.ClassDef):
        for base in (*value.bases, *(keyword.value for keyword in value.keywords)):
            parts |= words_in(base)
    elif isinstance(value, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        if value.returns is not None:
            parts |= words_in(value.returns)
    elif isinstance(value, _ast.AST):
        parts |= words_in(value)
    if binding.annotation is not None:
        parts |= words_in(binding.annotation)
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
            for field in one._fields:
                value = getattr(one, field, None)
                if isinstance(value, list):
                    waiting += [each for each in value if isinstance(each, _ast.AST)]
                elif isinstance(value, _ast.AST):
                    waiting.append(value)
    return words


def _identifiers(text: str) -> list[str]:
    """Return the identifiers in a quoted annotation."""
    kept = "".join(char if char.isalnum() or char == "_" else " " for char in text)
    return [word for word in kept.split() if word.isidentifier()]
