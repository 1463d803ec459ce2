"""What rules may ask about other files: where a name comes from, what a class inherits."""

from __future__ import annotations

import os

from failtrack_guard.code.signatures import NO_CONSTRUCTOR
from failtrack_guard.reading import Unreadable, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from typing import Any

    from failtrack_guard.code.exports import Exports
    from failtrack_guard.code.vocabulary import Vocabulary
    from failtrack_guard.discover import Folders
    from failtrack_guard.roots import Roots

EXPORTS_KEPT = 500  # of other modules; what is asked for again is unpacked again
HOPS_MAX = 30  # re-exports and bases that are followed


class Project:
    """The files that a run may look into.

    Args:
        root: Folder of the configuration, absolute.
        folders: What lies in its folders.
        roots: Its source roots.
        exports_of_file: Reads what a file offers, given its path and module name.
    """

    def __init__(
        self,
        root: str,
        folders: Folders,
        roots: Roots,
        exports_of_file: Callable[[str, str], Exports | None],
    ) -> None:
        self.root = root
        self.folders = folders
        # Paths of all files that the commit or range at hand changes, None when not known.
        self.changed: frozenset[str] | None = None
        self._today = ""
        self._exports_of_file = exports_of_file
        self.roots = roots
        self._exports: dict[str, Exports | None] = {}
        # Of a run over a whole tree: the files that it looked at, and all names in them that are
        # derived from those of a rule.
        self.looked_over: Container[str] = ()
        self.vocabularies: tuple[Vocabulary, ...] = ()
        self._answers: dict[tuple[Any, ...], bool] = {}
        self._instances: dict[str, tuple[str, ...]] = {}
        self._concrete: dict[str, tuple[str, ...]] = {}
        self._meanings: dict[tuple[str, ...], tuple[str, ...]] = {}

    @property
    def today(self) -> str:
        """Day of the run in UTC, `YYYY-MM-DD`."""
        if not self._today:
            import time

            self._today = time.strftime("%Y-%m-%d", time.gmtime())
        return self._today

    @today.setter
    def today(self, day: str) -> None:
        self._today = day

    def file_of(self, dotted: str) -> str | None:
        """Return the file of a module or package of this project, None when it is not one."""
        return self.roots.file_of(dotted)

    def know(self, dotted: str, exports: Exports) -> None:
        """Note what a module offers, so that it is not read again."""
        self._exports[dotted] = exports

    def exports(self, dotted: str) -> Exports | None:
        """Return what a module of this project offers, None for any other name."""
        if dotted in self._exports:
            found = self._exports.pop(dotted)
        else:
            path = self.file_of(dotted)
            if not path:
                return None
            found = self._exports_of_file(path, dotted)
            if len(self._exports) >= EXPORTS_KEPT:
                del self._exports[next(iter(self._exports))]
        self._exports[dotted] = found  # the last one again
        return found

    def split(self, dotted: str) -> tuple[str, list[str]]:
        """Return the longest module of this project that begins a dotted name, and the rest."""
        parts = dotted.split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if self.file_of(name):
                return name, parts[length:]
        return "", parts

    def origins(self, dotted: str) -> tuple[str, ...]:
        """Return the names under which a thing was first defined, re-exports followed.

        `shop.events.Event` for `shop.Event` when `shop/__init__.py` imports it from there.
        """
        found: list[str] = []
        waiting = [dotted]
        for _ in range(HOPS_MAX):
            if not waiting:
                break
            name = waiting.pop()
            module, rest = self.split(name)
            exports = self.exports(module) if module and rest else None
            next_names: list[str] = []
            if exports is not None:
                own = f"{module}.{rest[0]}"
                named = exports.names.get(rest[0])
                if named is None:
                    named = tuple(f"{star}.{rest[0]}" for star in exports.stars)
                next_names = [".".join([one, *rest[1:]]) for one in named if one != own]
            if name not in found:
                found.append(name)
                waiting += next_names
        return tuple(found)

    def would_circle(self, path: str, dotted: str) -> bool:
        """Return whether a file that imports a thing anew would be imported by its module, too.

        Args:
            path: The file, as it is shown.
            dotted: The thing, where it is defined.
        """
        module = self.module_of_path(path)
        origins = self.origins(dotted)
        there = self.split(origins[-1])[0]
        if not module or not there or module == there:
            return False
        if not self.reaches(there, module):
            return False
        exports = self.exports(module)
        known = exports.imports if exports is not None else ()
        return all({*origins}.isdisjoint(self.origins(one)) for one in known)

    def module_of_path(self, path: str) -> str:
        """Return the module of a path as it is shown, empty when it belongs to no source root."""
        return self.roots.module_name(os.path.join(self.root, *path.split("/")))

    def concrete(self, pattern: str) -> tuple[str, ...]:
        """Return the dotted names, where they are defined, that a name with `*` means here.

        Args:
            pattern: A dotted name; one without `*` is returned as it is.
        """
        if "*" not in pattern:
            return (pattern,)
        found = self._concrete.get(pattern)
        if found is None:
            found = self._concrete[pattern] = tuple(sorted(self._defined(pattern)))
        return found

    def importable(self, pattern: str, path: str) -> str:
        """Return where the one thing that a name means is defined, for a file to import it from.

        Args:
            pattern: A dotted name, maybe with `*`.
            path: The file, as it is shown.

        Returns:
            The dotted name, empty when there are several or the import would go in a circle.
        """
        found = self.concrete(pattern)
        return found[0] if len(found) == 1 and not self.would_circle(path, found[0]) else ""

    def _defined(self, pattern: str) -> Iterator[str]:
        before, _, last = pattern.rpartition(".")
        package = before.partition("*")[0].strip(".").replace(".", os.sep)
        for folder in self.roots.folders:
            top = os.path.join(folder, package)
            if not os.path.isdir(top):
                continue
            for file in self.folders.files_in([top]):
                module = self.roots.module_name(file)
                dotted = f"{module}.{last}"
                if matches(dotted, pattern) and self._mentions(file, last.encode()):
                    exports = self.exports(module)
                    if exports is not None and exports.names.get(last) == (dotted,):
                        yield dotted

    def _mentions(self, file: str, word: bytes) -> bool:
        try:
            return word in read_bytes(file, file)
        except Unreadable:  # said when that file itself is checked
            return False

    def bases(self, dotted: str) -> tuple[str, ...]:
        """Return the dotted names of the bases of a class of this project."""
        module, rest = self.split(dotted)
        exports = self.exports(module) if module and rest else None
        return exports.classes.get(".".join(rest), ()) if exports is not None else ()

    def has_methods(self, dotted: str) -> bool:
        """Return whether the body of a class of this project defines functions."""
        module, rest = self.split(dotted)
        exports = self.exports(module) if module and rest else None
        prefix = ".".join([*rest, ""])
        return exports is not None and any(one.startswith(prefix) for one in exports.first)

    def is_unfinished(self, bases: Iterable[str], own: Iterable[str]) -> bool:
        """Return whether a class leaves out a method that one of its bases wants to be defined.

        Args:
            bases: Dotted names of its bases.
            own: What its body defines.
        """
        defined = {*own}
        wanted: set[str] = set()
        for name in {one for base in bases for one in self.ancestry(base)}:
            module, rest = self.split(name)
            exports = self.exports(module) if module and rest else None
            if exports is not None:
                missing = exports.abstract.get(".".join(rest), ())
                prefix = ".".join([*rest, ""])
                named = {
                    one[len(prefix) :]
                    for one in (*exports.first, *exports.values, *exports.texts)
                    if one.startswith(prefix)
                }
                wanted.update(missing)
                defined |= named.difference(missing)
        return not wanted <= defined

    def is_text(self, dotted: str) -> bool:
        """Return whether a thing of this project holds, or returns, a string written there."""
        for origin in self.origins(dotted):
            module, rest = self.split(origin)
            exports = self.exports(module) if module and rest else None
            if exports is not None and ".".join(rest) in exports.texts:
                return True
        return False

    def aliases(self, dotted: str) -> tuple[str, ...]:
        """Return the dotted names of what a type alias of this project is made of."""
        module, rest = self.split(dotted)
        exports = self.exports(module) if module and len(rest) == 1 else None
        return exports.aliases.get(rest[0], ()) if exports is not None else ()

    def ancestry(self, dotted: str) -> Iterator[str]:
        """Yield a name, where it comes from, and all that a class of this name inherits."""
        seen: set[str] = set()
        waiting = [dotted]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for origin in self.origins(name):
                yield origin
                waiting += [base for base in self.bases(origin) if base not in seen]

    def instances(self, dotted: str, depth: int = 0) -> tuple[str, ...]:
        """Return the classes of which a variable, attribute or result of a function is an instance.

        `shop.bus.Bus` for `shop.app.App.bus` when the class `App` or one of its bases says so.
        """
        if depth > HOPS_MAX:
            return ()
        known = self._instances.get(dotted)
        if known is not None:
            return known
        self._instances[dotted] = ()  # of what is asked about meanwhile, there is nothing more
        found: list[str] = []
        for origin in self.origins(dotted):
            module, rest = self.split(origin)
            exports = self.exports(module) if module and rest else None
            if exports is None:
                continue
            own = exports.values.get(".".join(rest))
            if own is None and len(rest) > 1:
                own = self._attribute(origin, depth)
            for one in own or ():
                if one not in found and one != dotted:
                    found += [one, *self.instances(one, depth + 1)]
        self._instances[dotted] = tuple(found)
        return self._instances[dotted]

    def _attribute(self, dotted: str, depth: int) -> tuple[str, ...]:
        owner, _, name = dotted.rpartition(".")
        for holder in (owner, *self.instances(owner, depth + 1)):
            for base in self.ancestry(holder):
                module, rest = self.split(base)
                exports = self.exports(module) if module and rest else None
                own = exports.values.get(".".join([*rest, name])) if exports is not None else None
                if own:
                    return own
        return ()

    def members(self, dotted: str) -> dict[str, str] | None:
        """Return the members of an enum with their strings; None for what is no class here."""
        for origin in self.origins(dotted):
            module, rest = self.split(origin)
            exports = self.exports(module) if module and rest else None
            if exports is not None and ".".join(rest) in exports.classes:
                return exports.members.get(".".join(rest), {})
        return None

    def reaches(self, start: str, goal: str) -> bool:
        """Return whether a module imports another one when it is imported itself."""
        waiting = [start]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name == goal:
                return True
            exports = self.exports(name) if name not in seen else None
            seen.add(name)
            if exports is not None:
                waiting += [self.split(one)[0] for one in exports.imports]
        return False

    def made(self, dotted: str) -> list[tuple[Any, tuple[str, ...]]]:
        """Return what the classes of a name say of what they take, and their bases.

        See `signatures`.
        """
        found: list[tuple[Any, tuple[str, ...]]] = []
        for origin in self.origins(dotted):
            module, rest = self.split(origin)
            exports = self.exports(module) if module and rest else None
            qualname = ".".join(rest)
            if exports is not None and qualname in exports.classes:
                bases = exports.classes[qualname]
                told = exports.takes.get(qualname, (NO_CONSTRUCTOR,))
                found += [(own, bases) for own in told]
        return found

    def _meant(self, wanted: tuple[str, ...]) -> tuple[str, ...]:
        """Return names with those under which the things were first defined."""
        meant = self._meanings.get(wanted)
        if meant is None:
            origins = (one for name in wanted for one in self.origins(name) if "*" not in name)
            meant = self._meanings[wanted] = tuple(dict.fromkeys((*wanted, *origins)))
        return meant

    def _is_stranger(self, dotted: str, wanted: tuple[str, ...]) -> bool:
        """Return whether the words of a whole tree tell that a name is none of some things."""
        if not self.vocabularies:
            return False
        last = _last(dotted)
        unheard = [one for one in self.vocabularies if last not in one.words]
        if not any(one.own.issuperset(map(_last, wanted)) for one in unheard):
            return False
        file = self.file_of(self.split(dotted)[0])
        return file is None or file in self.looked_over

    def is_a(self, dotted: str, wanted: Iterable[str]) -> bool:
        """Return whether a name is one of some things, or a class that inherits one of them.

        Args:
            dotted: Dotted name of a class, function or method.
            wanted: Dotted names, in each of which one part may be `*` (any number of parts).
        """
        given = tuple(wanted)
        if self._is_stranger(dotted, given):
            return False
        wanted = self._meant(given)
        if any(matches(one, pattern) for one in self.ancestry(dotted) for pattern in wanted):
            return True
        owner, dot, member = dotted.rpartition(".")
        above = tuple(
            one.rpartition(".")[0] for one in wanted if dot and one.rpartition(".")[2] == member
        )
        # A method of a subclass is the method of its base, and that of a value its class's.
        return bool(above) and (
            any(
                self.is_a(base, above)
                for origin in self.origins(owner)
                for base in self.bases(origin)
            )
            or any(self.is_a(one, above) for one in self.instances(owner))
        )

    def holds(self, question: tuple[Any, ...]) -> bool:
        """Answer a question that several rules ask.

        `("is", dotted, wanted)`: see `is_a`; `("is-any", dotted names, wanted)`: one of them is;
        `("of", dotted names, wanted)`: an instance of one of these classes, or what one of these
        names holds or returns, is an instance of one of them;
        `("not", question)`, `("any", question...)`, `("all", question...)`.
        """
        answer = self._answers.get(question)
        if answer is None:
            answer = self._answers[question] = self._holds(question)
        return answer

    def _holds(self, question: tuple[Any, ...]) -> bool:
        kind = question[0]
        if kind == "of":
            return any(
                self.is_a(one, question[2])
                for name in question[1]
                for one in (name, *self.instances(name))
            )
        if kind == "is":
            return self.is_a(question[1], question[2])
        if kind == "is-any":
            return any(self.is_a(one, question[2]) for one in question[1])
        if kind == "not":
            return not self.holds(question[1])
        if kind == "any":
            return any(self.holds(one) for one in question[1:])
        if kind == "all":
            return all(self.holds(one) for one in question[1:])
        raise ValueError(f"no such question: {question!r}")


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def matches(dotted: str, pattern: str) -> bool:
    """Return whether a dotted name is what a pattern means; `*` stands for any parts, also none."""
    if "*" not in pattern:
        return dotted == pattern
    before, _, after = pattern.partition("*")
    if before == "" and dotted == after.lstrip("."):
        return True
    if not dotted.startswith(before) or not dotted.endswith(after):
        return False
    if len(dotted) >= len(before) + len(after):
        return True
    # `shop.*.Event` is also `shop.Event`.
    return dotted == before.rstrip(".") + after
