"""What calls of a file give to event classes, emitters and keywords; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.code.nodes import last_name
from failtrack_guard.code.spelling import words_of
from failtrack_guard.events.event_strings import TYPE, EventStrings, chain_of
from failtrack_guard.events.passing import Passed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from failtrack_guard.code.scopes import Place
    from failtrack_guard.events.event_strings import Ask
    from failtrack_guard.events.passing import Given, Keyword
    from failtrack_guard.finding import Finding

# Functions that call another one: position of that among their arguments.
_CALLERS = {
    "functools.partial": 0,
    "functools.partialmethod": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
}
_CALLER_WORDS = ("partial", "to_thread", "run_sync", "map(", "starmap", "Thread", "Timer")
_CALLER_METHODS = {
    "submit": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "add_task": 0,
    "run_in_executor": 1,
    "call_later": 1,
    "call_at": 1,
}
# Functions and methods that call another one with a list of arguments: positions of both.
_LIST_CALLERS = {"threading.Timer": (1, 2), "threading.Thread": (1, 3)}
_LIST_METHODS = {"apply": (0, 1), "apply_async": (0, 1)}
# Beginnings of what calls what it is given with what follows that.
_CALLBACKS = (
    *("on_", "call_", "defer", "spawn", "start_soon", "run_", "after"),
    *("add_callback", "add_done_callback", "add_task"),
)
# Methods of a task that call it, with the same arguments.
_SENDERS = (".delay", ".s", ".si", ".signature", ".__call__")
# Makers of an event beside its constructor, with the same keywords.
_MAKERS = (".construct", ".model_construct")
# Methods of queries, whose keywords are those of the project's own tables.
_QUERIES = frozenset({"filter_by", "values", "having", "on_conflict_do_update"})
_MAPS = frozenset({"map", "imap", "imap_unordered", "map_async"})
_COPIES = frozenset({"dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"})
# What the owner of an emitter may be called beside the words of its class.
_BUSES = frozenset({"bus", "event", "publisher", "emitter", "dispatcher"})
# Methods whose keywords are texts to fill in, or keys of a dict.
_FILLERS = frozenset({"format", "substitute", "safe_substitute", "update", "setdefault", "labels"})
_LOGGERS = ("logging.", "structlog.", "loguru.")


class EventCalls(EventStrings):
    """The calls of one file under the eyes of PV-001."""

    def _call(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        if not node.args and not node.keywords:
            return
        args = [*self.passing.positional(node.args, place)]
        keywords = [*self.passing.keywords(node.keywords, place)]
        passed = Passed(args, keywords, place)
        yield from self._given_to(node, place, passed)
        yield from self._through(node.func, place, passed)

    if TYPE_CHECKING:  # what `EventWrappers` adds

        def _through(
            self, func: _ast.expr, place: Place, passed: Passed, depth: int = 0
        ) -> Iterator[Finding]: ...

    def _holds_raw(self, passed: Passed) -> bool:
        """Return whether one of the arguments is a raw string."""
        return any(one is not None and self.raw(*one[:2]) for one in passed.args) or any(
            self.raw(*one[:2]) for _, one in passed.keywords
        )

    def _given_to(self, node: _ast.Call, place: Place, passed: Passed) -> Iterator[Finding]:
        """Yield what a call would show if it were given some arguments.

        Args:
            node: The call.
            place: Where it stands.
            passed: The arguments.
        """
        if not (yield from self._forwarded(node, place, passed)):
            yield from self._called(node.func, place, passed)
        yield from self._set_attribute(node, place, passed)
        yield from self._copied(node, place, passed)

    def _called(self, func: _ast.expr, place: Place, passed: Passed) -> Iterator[Finding]:
        """Yield what a call gives to an event class, an emitter, or a keyword of the name."""
        args, keywords, home = passed.args, passed.keywords, passed.home
        told = [(key, given) for key, given in keywords if self.raw(*given[:2])]
        if not told and not any(one is not None and self.raw(*one[:2]) for one in args[:2]):
            return
        names = self._names(func, place)
        names += tuple(one.rpartition(".")[0] for one in names if one.endswith(_SENDERS))
        is_bound, classes = self._made(func, names)
        shown = _shown(func)
        first = self._first(func, args, place, is_bound=is_bound)
        if first is not None:
            asks: Ask = ("any", ("makes", classes), self._asks_emitter(names, first))
            guess = self._guess(func, first, place)
            if guess is not None:
                asks = (*asks, guess)
            if classes or names or guess is not None:
                yield from self._raw(first, home, f"is given to {shown}", asks=asks)
        for key, given in told:
            found = self._asks_keyword((key, given), func, names, classes, place)
            if found is not None:
                verb = f"is given as {key} to {shown}"
                yield from self._raw(given, home, verb, asks=found)

    def _asks_emitter(self, names: tuple[str, ...], given: Given) -> Ask:
        """Return on which condition one of some names is an emitter that is given a string."""
        if not any("*" in one for one in self.emitters):
            return ("is-any", names, self.emitters)
        values = tuple(one.value for one in self.raw(*given[:2]) if one.value is not None)
        return ("emits", names, values)

    def _guess(self, func: _ast.expr, first: Given, place: Place) -> Ask | None:
        """Return on which condition `self.bus.publish("x")` is meant although nobody types `bus`.

        It is called like an emitter, its owner is called like the emitter's class, and the string
        is one of the enum's. None for never.
        """
        if not isinstance(func, _ast.Attribute):
            return None
        words: set[str] = set()
        for one in self.emitters:
            owner, _, method = one.rpartition(".")
            owner = owner.rpartition(".")[2]
            if method == func.attr and (owner == "*" or owner[:1].isupper()):
                words |= {*words_of(owner), *_BUSES}
        return self._asks_guess(func.value, words, first[:2], place)

    def _first(
        self, func: _ast.expr, args: list[Given | None], place: Place, *, is_bound: bool
    ) -> Given | None:
        """Return the first argument beside the instance of a method called through its class."""
        first = args[0] if args else None
        second = args[1] if len(args) > 1 else None
        if not is_bound:
            return second
        if first is None or second is None or self.raw(*first[:2]):
            return first
        return second if self._is_unbound(func, first, place) else first

    def _asks_keyword(
        self,
        keyword: Keyword,
        func: _ast.expr,
        names: tuple[str, ...],
        classes: tuple[str, ...],
        place: Place,
    ) -> Ask | None:
        """Return on which condition a keyword is the type of an event; None for never."""
        key, given = keyword
        if key in self.names:
            return self._asks_own(key, func, names, place)
        if not names and not classes:
            return None
        takes = ("any", ("is-any", classes, self.events), self._asks_emitter(names, given))
        return takes if key == TYPE else ("all", takes, ("first-named", (*names, *classes), key))

    def _made(self, func: _ast.expr, names: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Return whether the instance is no argument of a call, and the classes that it makes."""
        if not isinstance(func, _ast.Attribute) or func.attr not in ("__init__", "__new__"):
            makers = tuple(one.rpartition(".")[0] for one in names if one.endswith(_MAKERS))
            return True, (*names, *makers)
        classes = tuple(
            one.rpartition(".")[0] for one in names if one.endswith((".__init__", ".__new__"))
        )
        is_super = isinstance(func.value, _ast.Call)
        return is_super and func.attr == "__init__", classes

    def _is_unbound(self, func: _ast.expr, first: Given, place: Place) -> bool:
        """Return whether a method is called through its class, the instance as an argument."""
        if not isinstance(func, _ast.Attribute) or not isinstance(
            func.value, (_ast.Name, _ast.Attribute)
        ):
            return False
        names = self.module.names(func.value, place)
        return any(name.rpartition(".")[2][:1].isupper() for name in names) and bool(
            self.module.types(*first[:2]) or isinstance(first[0], _ast.Name)
        )

    def _asks_own(
        self, key: str, func: _ast.expr, names: tuple[str, ...], place: Place
    ) -> Ask | None:
        """Return the condition on which a keyword of the name is ours; None for never."""
        if isinstance(func, _ast.Attribute) and func.attr in _FILLERS:
            return None
        if any(name.startswith(_LOGGERS) for name in names) or "builtins.dict" in names:
            return None
        if isinstance(func, _ast.Attribute) and _is_logger(func.value):
            # A class of the project may be called so, too; what a logger takes, it takes as `**`.
            return ("named", names, key) if names else None
        if not isinstance(func, _ast.Attribute):
            return ("own", names) if names else ()
        if func.attr in _QUERIES:
            return ()
        classes = self.module.types(func.value, place)
        if classes and not isinstance(func.value, _ast.Call):
            return ("own", tuple(f"{one}.{func.attr}" for one in classes))
        for one in chain_of(func.value):
            if isinstance(one, _ast.Call):
                names = self._names(one.func, place)
        return ("own", names) if names else ()

    def _forwarded(
        self, node: _ast.Call, place: Place, passed: Passed
    ) -> Generator[Finding, None, bool]:
        """Yield what goes through `partial`, `submit`, `map` and the like; return whether it is."""
        args, home = passed.args, passed.home
        func = node.func
        names = self.module.names(func, place) if self._says(*_CALLER_WORDS) else ()
        offset = next((_CALLERS[name] for name in names if name in _CALLERS), None)
        if offset is None and isinstance(func, _ast.Attribute):
            offset = _CALLER_METHODS.get(func.attr)
        if offset is not None:
            target = args[offset] if len(args) > offset else None
            if target is None or isinstance(target[0], _ast.Constant):
                return False
            rest = Passed(args[offset + 1 :], passed.keywords, home)
            yield from self._called(target[0], place, rest)
            return True
        is_map = "builtins.map" in names or getattr(func, "attr", "") in _MAPS
        if is_map and len(args) == 2 and args[0] and args[1]:
            for inner, there in self.module.elements(*args[1][:2]):
                each = Passed([(inner, there, inner)], [], home)
                yield from self._called(args[0][0], place, each)
        elif "itertools.starmap" in names and len(args) == 2 and args[0] and args[1]:
            for row, there in self.module.elements(*args[1][:2]):
                if isinstance(row, (_ast.Tuple, _ast.List)):
                    each = Passed([*self.passing.positional(row.elts, there)], [], home)
                    yield from self._called(args[0][0], place, each)
        else:
            yield from self._called_later(node, place, names, passed)
        return False

    def _called_later(
        self,
        node: _ast.Call,
        place: Place,
        names: tuple[str, ...],
        passed: Passed,
    ) -> Iterator[Finding]:
        """Yield what goes through `Thread(target=f, args=("x",))`, `Timer` and callbacks."""
        args, home = passed.args, passed.home
        func = node.func
        places = next((_LIST_CALLERS[one] for one in names if one in _LIST_CALLERS), None)
        if places is None and isinstance(func, _ast.Attribute):
            places = _LIST_METHODS.get(func.attr)
        target: Given | None = None
        listed: Given | None = None
        if places is not None:
            target = args[places[0]] if len(args) > places[0] else None
            listed = args[places[1]] if len(args) > places[1] else None
        for key, given in passed.keywords:
            if key in ("target", "function"):
                target = given
            elif key == "args":
                listed = given
            elif key == "kwargs" and target is not None:
                told: list[Keyword] = [
                    (inner, (one, there, self.passing.at(one, given[0])))
                    for inner, one, there in self.passing.pairs(given[0], place)
                ]
                yield from self._called(target[0], place, Passed([], told, home))
        if target is not None and listed is not None:
            items: list[Given | None] = [
                (inner, there, self.passing.at(inner, listed[2]))  # type: ignore[arg-type]
                for inner, there in self.module.elements(*listed[:2])
            ]
            yield from self._called(target[0], place, Passed(items, [], home))
        elif len(args) > 1 and isinstance(func, (_ast.Attribute, _ast.Name)):
            yield from self._called_back(func, place, passed)

    def _called_back(
        self, func: _ast.Attribute | _ast.Name, place: Place, passed: Passed
    ) -> Iterator[Finding]:
        """Yield a raw string that follows an emitter among the arguments of some call.

        Whoever is given both calls the one with the other when it is called like that, or when the
        string is one of the enum's.
        """
        args = passed.args
        for one, after in zip(args, args[1:]):  # noqa: B905, RUF007 (one less)
            if one is None or after is None or not isinstance(one[0], (_ast.Name, _ast.Attribute)):
                continue
            texts = self.raw(*after[:2])
            names = self._names(one[0], one[1]) if texts else ()
            called = self._names(func, place) if names else ()
            if not names or any(name.startswith("builtins.") for name in called):
                continue
            if isinstance(func, _ast.Attribute) and _is_logger(func.value):
                continue
            asks = self._asks_emitter(names, after)
            name = func.attr if isinstance(func, _ast.Attribute) else func.id
            if not name.startswith(_CALLBACKS) and "atexit.register" not in called:
                if self._words.isdisjoint(one.rpartition(".")[2] for one in names):
                    continue
                values = tuple(text.value for text in texts if text.value is not None)
                asks = ("all", asks, ("member", values))
            yield from self._raw(after, passed.home, f"is given to {_shown(one[0])}", asks=asks)

    def _set_attribute(self, node: _ast.Call, place: Place, passed: Passed) -> Iterator[Finding]:
        """Yield `setattr(event, "type", "x")`, also of `object`."""
        name = last_name(node.func)
        if name not in ("setattr", "__setattr__") or len(passed.args) != 3:
            return
        holder, attribute, value = passed.args
        if holder is None or attribute is None or value is None:
            return
        key = self.module.text(*attribute[:2])
        asks = self._asks_attribute(key or "", holder[0], place)
        if asks is not None:
            yield from self._raw(value, passed.home, f"is assigned to {key}", asks=asks)

    def _copied(self, node: _ast.Call, place: Place, passed: Passed) -> Iterator[Finding]:
        """Yield `replace(event, type="x")`, `event._replace(...)`, `model_copy(update=...)`."""
        args, keywords = passed.args, passed.keywords
        holder: _ast.expr | None = None
        name = getattr(node.func, "attr", "")
        if isinstance(node.func, _ast.Attribute) and name in ("_replace", "model_copy", "copy"):
            holder = node.func.value
        elif (
            args
            and keywords
            and args[0] is not None
            and self._says("replace", "evolve")
            and not _COPIES.isdisjoint(self.module.names(node.func, place))
        ):
            holder = args[0][0]
        if holder is None:
            return
        given = [one for one in keywords if name != "_replace" or one[0] == TYPE]
        if name == "copy":
            given = []
        for key, (value, there, _) in keywords:
            if key == "update":
                given += [
                    (inner, (one, home, self.passing.at(one, value)))
                    for inner, one, home in self.passing.pairs(value, there)
                ]
        for key, one in given:
            asks = self._asks_attribute(key, holder, place)
            if asks is not None:
                yield from self._raw(one, passed.home, f"is given as {key}", asks=asks)


def _is_logger(node: _ast.expr) -> bool:
    for one in chain_of(node):
        name = last_name(one).lower().lstrip("_")
        if name in ("log", "logger", "logging", "getlogger", "get_logger", "structlog"):
            return True
        if name.endswith(("_log", "_logger")):
            return True
    return False


def _shown(func: _ast.expr) -> str:
    """Return how a called function is written."""
    parts: list[str] = []
    for one in chain_of(func):
        if isinstance(one, _ast.Attribute):
            parts.append(one.attr)
        elif isinstance(one, _ast.Name):
            parts.append(one.id)
        elif isinstance(one, _ast.Call):
            parts.append("()")
    return ".".join(reversed(parts)).replace(".()", "()") + "()"
