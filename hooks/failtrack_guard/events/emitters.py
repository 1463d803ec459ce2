"""Whether a call that is named like an emitter is one, when a pattern names it; for PV-001."""

from __future__ import annotations

from failtrack_guard.code.project import matches
from failtrack_guard.code.spelling import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from failtrack_guard.code.exports import Exports
    from failtrack_guard.code.project import Project

# What a first parameter that nobody annotates is called when it holds the type of an event.
_KINDS = frozenset({"kind", "type"})
# Annotations that say no more than none; of an event's type, `str` is what is to be found.
_ANYTHING = ("typing.Any", "builtins.object", "builtins.str")
# Modules whose names say of no value what it can do: `typing.Any`, `builtins.getattr`.
_NEUTRAL = ("typing.", "typing_extensions.", "collections.abc.", "abc.", "builtins.")


def defined(dotted: str, project: Project) -> Iterator[tuple[str, Exports, str]]:
    """Yield the functions of the project that a name may mean.

    With its dotted name, what its module offers, and its name there. A method is that of the class,
    of its bases, or of the class that the owner is an instance of.
    """
    owner, _, method = dotted.rpartition(".")
    names = [*project.ancestry(dotted)]
    for one in (owner, *project.instances(owner)):
        names += [f"{base}.{method}" for base in project.ancestry(one)]
    for name in dict.fromkeys(names):
        module, rest = project.split(name)
        exports = project.exports(module) if module and rest else None
        if exports is not None:
            yield name, exports, ".".join(rest)


class Emitters:
    """The functions and methods that a project calls its emitters.

    Args:
        options: Those of PV-001.
        project: The other files.
        is_own: Tells whether a name is of the project, not of a library.
    """

    def __init__(
        self, options: Mapping[str, Any], project: Project, is_own: Callable[[str], bool]
    ) -> None:
        self.project = project
        self.is_own = is_own
        emitters: tuple[str, ...] = options["emitters"]
        self.exact = tuple(one for one in emitters if "*" not in one)
        self.patterns = tuple(one for one in emitters if "*" in one)
        # Those that say whose method is meant.
        self.owned = tuple(one for one in self.patterns if "*" not in one.split(".")[-2:])
        self.names = options["names"]
        self.classes = (options["enum"], *options["events"])

    def take(self, names: tuple[str, ...], is_member: bool) -> bool:
        """Return whether one of some names is an emitter that a string is wrongly given to.

        Args:
            names: What is called, each of the names that it may have.
            is_member: Whether the string is one of the enum's.
        """
        if any(self.project.is_a(one, self.exact) for one in names):
            return True
        if not self.patterns:
            return False
        meant = [one for one in names if self.project.is_a(one, self.patterns)]
        is_foreign = len(meant) < len(names) and any(map(self._is_foreign, names))
        return any(self._takes(one, is_member, is_foreign) for one in meant)

    def _takes(self, dotted: str, is_member: bool, is_foreign: bool) -> bool:
        is_known = False
        for name, exports, qualname in defined(dotted, self.project):
            first = exports.first.get(qualname, exports.first.get(f"{qualname}.__init__"))
            first = exports.fields.get(qualname) if first is None else first
            if first is not None:
                is_known = True
                if self._is_type(first) or any(matches(name, one) for one in self.owned):
                    return True
        if is_known or not is_member or self._is_foreign(dotted):
            return is_member
        return not is_foreign and not self._is_of_library(dotted)

    def _is_type(self, first: tuple[str, ...]) -> bool:
        """Return whether a first parameter, its name and classes, is there for events."""
        name, *classes = (one for one in first if not one.startswith(("-", *_ANYTHING)))
        if name in self.names:
            return True
        if not classes:
            return name in _KINDS or (not name.startswith("*") and "event" in words_of(name))
        return any(
            self.project.is_a(one, self.classes)
            for name in classes
            for one in (name, *self.project.aliases(name))
        )

    def _is_of_library(self, dotted: str) -> bool:
        """Return whether a name, or what its first parts name, is or holds a thing of a library."""
        parts = dotted.split(".")
        for length in range(len(parts), 1, -1):
            name = ".".join(parts[:length])
            if not self.project.split(name)[1]:
                break  # a module
            held = (name, *self.project.instances(name))
            if any(self._is_foreign(one) for each in held for one in self.project.origins(each)):
                return True
        return False

    def _is_foreign(self, dotted: str) -> bool:
        return not dotted.startswith(_NEUTRAL) and not self.is_own(dotted)
