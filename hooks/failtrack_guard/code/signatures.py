"""What a class is given when it is made, followed through constructors to those of its bases.

Told by plain values, which the cache can hold:

- a parameter: its kind (`/` by position alone, empty for both, `=` by name alone, `*`, `**`), its
  name, and the dotted names of the classes that it is annotated with; the kind `?` is no parameter
  but what a constructor hands to that of its base by itself, from somewhere else;
- a call of a base's constructor: the dotted names of the class, none for `super()`; what stands at
  its positions and what is given by name, each with its kind (empty, a name, `*` or `**` for all
  that the own constructor was given so, `*?` or `**?` for some of it) and the names of the own
  parameters that it may come from, `?` for something else that may be anything;
- a constructor: `__init__` or `__new__`, its parameters and such calls;
- a class: its constructors, its fields as parameters, and whether a decorator makes them such.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Parameter = tuple[str, str, tuple[str, ...]]
    Parameters = tuple[Parameter, ...]
    # What `__init__` takes, what `__new__` takes, and which fields heirs have.
    Taken = tuple[Parameters, Parameters, Parameters]

NOTHING: Taken = ((), (), ())
NO_CONSTRUCTOR: tuple[Any, ...] = ((), (), False)
_BY_POSITION = ("/", "")
_BY_NAME = ("", "=")


class Signatures:
    """What classes take, base by base.

    Args:
        find: Returns the classes that a dotted name may be, each with the names of its bases.
        is_model: Whether heirs of a class so named take their fields as parameters.
    """

    def __init__(
        self,
        find: Callable[[str], Iterable[tuple[Any, tuple[str, ...]]]],
        is_model: Callable[[str], bool],
    ) -> None:
        self._find = find
        self._is_model = is_model
        self._known: dict[str, Taken] = {}

    def classes(self, own: tuple[Any, ...], bases: tuple[str, ...]) -> tuple[str, ...]:
        """Return the dotted names of all classes that a class takes instances of."""
        self._follow([*bases, *_targets(own)])
        init, new, _ = self._of(own, bases)
        return tuple(name for one in (*init, *new) for name in one[2])

    def _follow(self, waiting: list[str]) -> None:
        """Find out what classes take, each after those that it inherits; no chain is too long."""
        begun: set[str] = set()
        while waiting:
            name = waiting[-1]
            found = [] if name in self._known else [*self._find(name)]
            if found and name not in begun:
                begun.add(name)
                for own, bases in found:
                    above = (*bases, *_targets(own))
                    waiting += [one for one in above if one not in begun]
                continue
            waiting.pop()
            if name not in self._known:
                self._known[name] = _merged_all([self._of(own, bases) for own, bases in found])

    def _named(self, name: str) -> Taken:
        return self._known.get(name, NOTHING)  # nothing of a class that inherits itself

    def _of(self, own: tuple[Any, ...], bases: tuple[str, ...]) -> Taken:
        init, new, fields = _merged_all([self._named(one) for one in bases])
        constructors, own_fields, is_made = own
        inits = [one for one in constructors if one[0] == "__init__"]
        news = [one for one in constructors if one[0] == "__new__"]
        either = _merged([init, new])
        if news:
            new = _merged([self._with_bases(one, new) for one in news])
        if inits:
            init = _merged([self._with_bases(one, either) for one in inits])
            new = new if news else ()
        if own_fields and (is_made or any(self._has_model_in(one) for one in bases)):
            told = {one[1] for one in own_fields}
            fields = (*(one for one in fields if one[1] not in told), *own_fields)
            if inits:
                init = (*init, *(("=", *one[1:]) for one in fields))
            else:
                init = (*fields, *(("=", *one[1:]) for one in init if one[1] not in told))
        return init, new, fields

    def _has_model_in(self, name: str) -> bool:
        waiting = [name]
        seen: set[str] = set()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if self._is_model(one):
                return True
            waiting += [base for _, bases in self._find(one) for base in bases]
        return False

    def _with_bases(self, constructor: tuple[Any, ...], above: Parameters) -> Parameters:
        """Return the parameters of a constructor, with what those of the bases make of them."""
        _, parameters, calls = constructor
        found = []
        for targets, positions, keywords in calls:
            named = [self._named(one) for one in targets if [*self._find(one)]]
            # What calls a class from outside the project may reach all bases.
            there = _merged([part for one in named for part in one[:2]]) if named else above
            found.append(_handed(parameters, positions, keywords, there))
        return _merged(found) if found else tuple(parameters)


def _targets(own: tuple[Any, ...]) -> list[str]:
    """Return the classes that the constructors of a class call by name."""
    return [name for _, _, calls in own[0] for call in calls for name in call[0]]


def _merged_all(many: list[Taken]) -> Taken:
    return (
        _merged([one[0] for one in many]),
        _merged([one[1] for one in many]),
        _merged([one[2] for one in many]),
    )


def _merged(many: list[Parameters]) -> Parameters:
    """Return parameters that take what any of several lists of them take."""
    told: list[Parameters] = []
    for one in many:
        if one and one not in told:
            told.append(one)
    if len(told) < 2:
        return told[0] if told else ()
    rows = [[one for one in parameters if one[0] in _BY_POSITION] for parameters in told]
    found: list[Parameter] = []
    for index in range(max(map(len, rows))):
        classes = [name for row in rows for one in row[index : index + 1] for name in one[2]]
        found.append(("/", "", tuple(dict.fromkeys(classes))))
    for kind, name, taken in (one for parameters in told for one in parameters):
        if kind != "/":
            found.append((kind or "=", name, taken))
    return tuple(dict.fromkeys(found))


def _handed(
    parameters: Parameters,
    positions: tuple[tuple[str, tuple[str, ...]], ...],
    keywords: tuple[tuple[str, tuple[str, ...]], ...],
    above: Parameters,
) -> Parameters:
    """Return the parameters of a constructor, with what one call makes of them.

    Args:
        parameters: Its own.
        positions: What the call gives by position.
        keywords: What it gives by name.
        above: The parameters of what is called.
    """
    fed: dict[str, list[str]] = {"?": [name for one in above if one[0] == "?" for name in one[2]]}

    def give(source: tuple[str, ...], taking: Iterable[Parameter]) -> None:
        classes = [name for one in taking for name in one[2]]
        for name in source:
            fed.setdefault(name, []).extend(classes)

    free = [one for one in above if one[0] in _BY_POSITION]
    rest = [one for one in above if one[0] == "*"]
    behind: list[Parameter] = []
    filled: set[str] = set()
    is_open = False
    for kind, source in positions:
        if kind == "*" and not is_open:
            behind += [*(("/", "", one[2]) for one in free), *rest]
        elif kind or is_open:
            give(source, [*free, *rest])
        elif free:
            taking = free.pop(0)
            filled.add(taking[1])
            give(source, [taking])
        else:
            give(source, rest)
        is_open = is_open or bool(kind)
    filled.update(kind for kind, _ in keywords)
    named = [one for one in above if one[0] in _BY_NAME]
    others = [one for one in above if one[0] == "**"]
    left = [one for one in named if one[1] not in filled]
    for kind, source in keywords:
        if kind == "**":
            behind += [*(("=", *one[1:]) for one in left), *others]
        elif kind == "**?":
            give(source, [*left, *others])
        else:
            give(source, [one for one in named if one[1] == kind] or others)
    own = [(kind, name, (*classes, *fed.get(name, ()))) for kind, name, classes in parameters]
    found = [one for one in (*own, *behind) if one[0] in _BY_POSITION]
    found += [one for one in (*own, *behind) if one[0] not in _BY_POSITION]
    return (*found, ("?", "", tuple(fed["?"])))
