"""What calls of a file give to event classes, emitters and keywords; for PV-001."""

from __future__ import annotations

import _ast

from failtrack_guard.events.event_strings import TYPE, EventStrings, chain_of, words_of

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
_CALLER_WORDS = ("partial", "to_thread", "map", "Thread")
_CALLER_METHODS = {
    "submit": 0,
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "add_task": 0,
    "run_in_executor": 1,
    "call_later": 1,
    "call_at": 1,
}
_COPIES = frozenset({"dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve"})
# What the owner of an emitter may be called beside the words of its class.
_BUSES = frozenset({"bus", "event", "publisher", "emitter", "dispatcher"})
# Methods whose keywords are texts to fill in, or keys of a dict.
_FILLERS = frozenset({"format", "substitute", "safe_substitute", "update", "setdefault", "labels"})
_LOGGERS = ("logging.", "structlog.", "loguru.")


class EventCalls(EventStrings):
    """The calls of one file under the eyes of PV-001."""

    def _call(self, node: _ast.Call, place: Place) -> Iterator[Finding]:
        args = [*self.passing.positional(node.args, place)]
        keywords = [*self.passing.keywords(node.keywords, place)]
        if not (yield from self._forwarded(node, place, args, keywords)):
            yield from self._called(node.func, place, args, keywords)
        yield from self._set_attribute(node, place, args)
        yield from self._copied(node, place, args, keywords)

    def _called(
        self,
        func: _ast.expr,
        place: Place,
        args: list[Given | None],
        keywords: list[Keyword],
    ) -> Iterator[Finding]:
        """Yield what a call gives to an event class, an emitter, or a keyword of the name."""
        told = [(key, given) for key, given in keywords if self.raw(*given[:2])]
        if not told and not any(one is not None and self.raw(*one[:2]) for one in args[:2]):
            return
        names = self._names(func, place)
        is_bound, classes = self._made(func, names)
        shown = _shown(func)
        first = self._first(func, args, place, is_bound=is_bound)
        if first is not None:
            asks: Ask = ("any", ("makes", classes), ("is-any", names, self.emitters))
            guess = self._guess(func, first, place)
            if guess is not None:
                asks = (*asks, guess)
            if classes or names or guess is not None:
                yield from self._raw(first, place, f"is given to {shown}", asks=asks)
        for key, given in told:
            found = self._asks_keyword(key, func, names, classes, place)
            if found is not None:
                verb = f"is given as {key} to {shown}"
                yield from self._raw(given, place, verb, asks=found)

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
        key: str,
        func: _ast.expr,
        names: tuple[str, ...],
        classes: tuple[str, ...],
        place: Place,
    ) -> Ask | None:
        """Return on which condition a keyword is the type of an event; None for never."""
        if key in self.names:
            return self._asks_own(func, names, place)
        if not names and not classes:
            return None
        takes = ("any", ("is-any", classes, self.events), ("is-any", names, self.emitters))
        return takes if key == TYPE else ("all", takes, ("first-named", (*names, *classes), key))

    def _made(self, func: _ast.expr, names: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
        """Return whether the instance is no argument of a call, and the classes that it makes."""
        if not isinstance(func, _ast.Attribute) or func.attr not in ("__init__", "__new__"):
            return True, names
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

    def _asks_own(self, func: _ast.expr, names: tuple[str, ...], place: Place) -> Ask | None:
        """Return the condition on which a keyword of the name is ours; None for never."""
        if isinstance(func, _ast.Attribute) and (func.attr in _FILLERS or _is_logger(func.value)):
            return None
        if any(name.startswith(_LOGGERS) for name in names) or "builtins.dict" in names:
            return None
        is_result = isinstance(func, _ast.Attribute) and any(
            isinstance(one, _ast.Call) and not self._is_construction(one, place)
            for one in chain_of(func.value)
        )
        return () if not names or is_result else ("own", names)

    def _is_construction(self, node: _ast.Call, place: Place) -> bool:
        return any(
            name.rpartition(".")[2][:1].isupper() for name in self.module.names(node.func, place)
        )

    def _forwarded(
        self, node: _ast.Call, place: Place, args: list[Given | None], keywords: list[Keyword]
    ) -> Generator[Finding, None, bool]:
        """Yield what goes through `partial`, `submit`, `map` and the like; return whether it is."""
        func = node.func
        names = self.module.names(func, place) if self._says(*_CALLER_WORDS) else ()
        offset = next((_CALLERS[name] for name in names if name in _CALLERS), None)
        if offset is None and isinstance(func, _ast.Attribute):
            offset = _CALLER_METHODS.get(func.attr)
        if offset is not None:
            target = args[offset] if len(args) > offset else None
            if target is None or isinstance(target[0], _ast.Constant):
                return False
            yield from self._called(target[0], place, args[offset + 1 :], keywords)
            return True
        if "builtins.map" in names and len(args) == 2 and args[0] and args[1]:
            for inner, there in self.module.elements(*args[1][:2]):
                yield from self._called(args[0][0], place, [(inner, there, inner)], [])
        elif "itertools.starmap" in names and len(args) == 2 and args[0] and args[1]:
            for row, there in self.module.elements(*args[1][:2]):
                if isinstance(row, (_ast.Tuple, _ast.List)):
                    given = [*self.passing.positional(row.elts, there)]
                    yield from self._called(args[0][0], place, given, [])
        elif "threading.Thread" in names:
            told = dict(keywords)
            if "target" in told and "args" in told:
                passed: list[Given | None] = [
                    (inner, there, inner)
                    for inner, there in self.module.elements(*told["args"][:2])
                ]
                yield from self._called(told["target"][0], place, passed, [])
        return False

    def _set_attribute(
        self, node: _ast.Call, place: Place, args: list[Given | None]
    ) -> Iterator[Finding]:
        """Yield `setattr(event, "type", "x")`, also of `object`."""
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in ("setattr", "__setattr__") or len(args) != 3:
            return
        holder, attribute, value = args
        if holder is None or attribute is None or value is None:
            return
        key = self.module.text(*attribute[:2])
        asks = self._asks_attribute(key or "", holder[0], place)
        if asks is not None:
            yield from self._raw(value, place, f"is assigned to {key}", asks=asks)

    def _copied(
        self, node: _ast.Call, place: Place, args: list[Given | None], keywords: list[Keyword]
    ) -> Iterator[Finding]:
        """Yield `replace(event, type="x")`, `event._replace(...)`, `model_copy(update=...)`."""
        holder: _ast.expr | None = None
        name = getattr(node.func, "attr", "")
        if isinstance(node.func, _ast.Attribute) and name in ("_replace", "model_copy"):
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
        for key, (value, there, _) in keywords:
            if key == "update":
                given += [
                    (inner, (one, home, self.passing.at(one, value)))
                    for inner, one, home in self.passing.pairs(value, there)
                ]
        for key, one in given:
            asks = self._asks_attribute(key, holder, place)
            if asks is not None:
                yield from self._raw(one, place, f"is given as {key}", asks=asks)


def _is_logger(node: _ast.expr) -> bool:
    for one in chain_of(node):
        name = getattr(one, "attr", getattr(one, "id", "")).lower().lstrip("_")
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
