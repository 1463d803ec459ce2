"""What a module hands on: layers that are reached through modules outside all layers."""

from __future__ import annotations

from collections import deque

from failtrack_guard.boundaries.facts import PlainFacts, facts_of
from failtrack_guard.boundaries.glance import Imports, absolute, text_of
from failtrack_guard.boundaries.reaching import PARAMS
from failtrack_guard.boundaries.values import UNKNOWN
from failtrack_guard.reading import Unreadable, parse, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from failtrack_guard.boundaries.facts import Facts
    from failtrack_guard.boundaries.glance import Statement
    from failtrack_guard.boundaries.layers import Boundaries
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project

ALIASES_MAX = 8  # names for one function that are followed
HOPS_MAX = 200  # names that are followed for one answer


class Reach:
    """Follows imports through the modules of a project that lie outside all layers.

    Args:
        project: Its files.
        boundaries: Its layers.
    """

    def __init__(self, project: Project, boundaries: Boundaries) -> None:
        self.project = project
        self.boundaries = boundaries
        self._facts: dict[str, Facts | None] = {}
        self._touched: dict[tuple[str, bool], tuple[frozenset[str], tuple[str, ...]]] = {}
        self._stepped: dict[tuple[str, bool], tuple[dict[str, str], tuple[str, ...]]] = {}
        self._mentioned: dict[str, tuple[str, ...]] = {}
        self._layers: dict[tuple[str, bool], frozenset[str]] = {}
        self._modules: dict[str, str] = {}
        self._packages: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, Imports | None] = {}
        self._maybe_run: dict[str, tuple[str, ...]] = {}
        self._runs: dict[str, dict[str, str]] = {}

    def module_of(self, dotted: str) -> str:
        """Return the module of the project that begins a dotted name, empty for none."""
        found = self._modules.get(dotted)
        if found is None:
            found = self._modules[dotted] = self.project.split(dotted)[0]
        return found

    def packages(self, module: str, importer: str) -> tuple[str, ...]:
        """Return the packages that are imported with a module, the innermost first.

        Args:
            module: Its dotted name.
            importer: What imports it; the packages around that are imported already.
        """
        around = self._packages.get(module)
        if around is None:
            parts = module.split(".")
            names = [".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
            around = tuple(one for one in names if self.module_of(one) == one)
            self._packages[module] = around
        return tuple(one for one in around if not _is_around(one, importer))

    def _with_packages(self, names: Iterable[str], importer: str) -> Iterator[str]:
        """Yield the modules of some names, and the packages that are imported with each.

        Not those that hold layers: who asks may lie in them.
        """
        for dotted in names:
            module = self.module_of(dotted)
            if module:
                yield module
                for one in self.packages(module, importer):
                    if not self.boundaries.is_above(one):
                        yield one

    def starred(self, package: str, *, is_sure: bool) -> Iterator[str]:
        """Yield the modules in a package that are imported with everything of it.

        Args:
            package: Its dotted name.
            is_sure: Whether its `__all__` is read, and not every string that may stand in it.
        """
        file = self.project.file_of(package) or ""
        if not file.endswith("__init__.py"):
            return
        imports = None if is_sure else self._imports(package)
        names: Iterable[str] = ()
        if imports is not None:
            names = imports.strings()
        elif (facts := self.facts(package)) is not None:
            names = [one for one in facts.public or () if one not in facts.names]
        for name in names:
            if self.module_of(f"{package}.{name}") == f"{package}.{name}":
                yield f"{package}.{name}"

    # Whether it is worth a look.

    def is_closed(self, module: str, allowed: frozenset[str]) -> bool:
        """Return whether a module reaches no layers but some, in any way; never wrongly so.

        Told from texts without parsing where they are plain, or where they say enough.
        """
        return self._around(module, is_whole=False) <= allowed and (
            self._around(module, is_whole=True) <= allowed
        )

    def _around(self, module: str, *, is_whole: bool) -> frozenset[str]:
        """Return the layers that a module reaches.

        Args:
            module: Its dotted name.
            is_whole: Whether in any way, or only by what looks like an import statement.
        """
        key = (module, is_whole)
        found = self._layers.get(key)
        if found is None:
            found = self._layers[key] = frozenset(self._layers_around(module, is_whole=is_whole))
        return found

    def _layers_around(self, module: str, *, is_whole: bool) -> Iterator[str]:
        waiting, seen = [module], {module}
        while waiting:
            layers, inner = self._touches(waiting.pop(), is_whole=is_whole)
            yield from layers
            more = [one for one in inner if one not in seen]
            seen.update(more)
            waiting += more

    def _touches(self, module: str, *, is_whole: bool) -> tuple[frozenset[str], tuple[str, ...]]:
        """Return the layers and other modules that a module mentions, or gets in another way."""
        is_whole = is_whole and not self.is_plain(module)  # else statements are all there is
        key = (module, is_whole)
        found = self._touched.get(key)
        if found is None:
            layers: set[str] = set()
            inner: dict[str, None] = {}
            for dotted in {*self._gets(module)} if is_whole else self.mentions(module):
                layer = self.boundaries.layer_of(dotted)
                if layer:
                    layers.add(layer)
                    continue
                if self.boundaries.is_above(dotted):
                    layers.update(self.boundaries.layers)
                inner.update(dict.fromkeys(self._with_packages([dotted], module)))
            inner.update(dict.fromkeys(self.starred(module, is_sure=False)))
            found = self._touched[key] = frozenset(layers), tuple(inner)
        return found

    def _gets(self, module: str) -> Iterator[str]:
        """Yield the dotted names that a module gets in any way."""
        facts = self.facts(module)
        if facts is not None:
            yield from facts.all
            # What a lazy table holds may be completed where it is used.
            yield from (one for texts in facts.tables.values() for one in texts)

    def _named(self, module: str, some: Iterable[Statement]) -> Iterator[str]:
        """Yield the dotted names that statements of a module import."""
        file = self.project.file_of(module) or ""
        for one in some:
            base = absolute(one.level, one.module, file, module)
            if not one.names or "*" in one.names:
                yield base
                if one.names:
                    yield from self.starred(base, is_sure=False)
            else:
                yield from (f"{base}.{name}" for name in one.names)

    def _imports(self, module: str) -> Imports | None:
        """Return what the text of a module tells, None when only a parser can read it."""
        if module not in self._texts:
            file = self.project.file_of(module) or ""
            try:
                text = text_of(read_bytes(file, file))
            except Unreadable:
                text = ""
            self._texts[module] = Imports(text) if text is not None else None
        return self._texts[module]

    def mentions(self, module: str) -> tuple[str, ...]:
        """Return the dotted names which import statements of a module seem to name."""
        found = self._mentioned.get(module)
        if found is None:
            imports = self._imports(module)
            some = imports.statements if imports is not None else ()
            found = self._mentioned[module] = tuple({*self._named(module, some)})
        return found

    def is_plain(self, module: str) -> bool:
        """Return whether a module imports by statements alone."""
        imports = self._imports(module)
        return imports is not None and imports.is_plain

    def aliased(self, dotted: str) -> str:
        """Return the function that imports which a name of the project stands for, or nothing."""
        for _ in range(ALIASES_MAX):
            if dotted in PARAMS:
                return dotted
            module = self.module_of(dotted)
            named = self._named_in(module, dotted[len(module) + 1 :]) if module else ""
            if not named:
                return ""
            dotted = named
        return ""

    def _named_in(self, module: str, name: str) -> str:
        """Return what a name of a module outside all layers is imported or assigned from."""
        if not name or "." in name:
            return ""
        imports = self._imports(module)
        if imports is None or not imports.is_plain:
            facts = self.facts(module)
            return next(iter(facts.names.get(name, ())), "") if facts is not None else ""
        file = self.project.file_of(module) or ""
        for one in imports.statements:
            if name in one.names:
                return f"{absolute(one.level, one.module, file, module)}.{name}"
        return ""

    def has_alias(self, module: str) -> bool:
        """Return whether a module hands on a function that imports."""
        if self.is_plain(module):
            return False
        facts = self.facts(module)
        return facts is not None and any(
            one in PARAMS for some in facts.names.values() for one in some
        )

    # What is surely so.

    def facts(self, module: str) -> Facts | None:
        """Return what a module of the project reaches, None when it cannot be read."""
        if module not in self._facts:
            parsed = self.parsed(module)
            if parsed is None:
                self._facts[module] = None
            elif self.is_plain(module):
                self._facts[module] = PlainFacts(parsed).facts
            else:
                self._facts[module] = facts_of(parsed, self.boundaries)
        return self._facts[module]

    def parsed(self, module: str) -> Module | None:
        """Return a module of the project, None when it cannot be read."""
        file = self.project.file_of(module)
        if not file:
            return None
        try:
            return parse(read_bytes(file, file), file, module)
        except Unreadable:  # said when that file itself is checked
            return None

    def found(
        self, layer: str, importer: str, dotted: str, *, is_star: bool = False, runs: bool = True
    ) -> tuple[str, str] | None:
        """Return what of a forbidden layer is reached through a name outside all layers.

        Args:
            layer: Layer of the importing module.
            importer: That module.
            dotted: What it imports.
            is_star: Whether it imports everything from there.
            runs: Whether the import is run, and not only read by type checkers.

        Returns:
            The forbidden thing, and the module through which it is reached; None when nothing is.
        """
        return _Search(self, layer, importer).find(dotted, is_star=is_star, runs=runs)

    def runs(self, module: str) -> dict[str, str]:
        """Return the layers that are imported with a module -> what of them; not through layers."""
        found = self._runs.get(module)
        while found is None:
            reached = self._spread(module)
            # Texts say too much: what leads somewhere is looked at, until nothing else does.
            unsure = {
                name for _, way in reached.values() for name in way if name not in self._facts
            }
            for name in unsure:
                self.facts(name)
            if not unsure:
                found = self._runs[module] = {layer: what for layer, (what, _) in reached.items()}
        return found

    def _spread(self, module: str) -> dict[str, tuple[str, list[str]]]:
        """Follow what imports run, as far as it is known.

        Returns:
            Each layer that is reached -> what of it, and the modules on the way there.
        """
        found: dict[str, tuple[str, list[str]]] = {}
        before = {module: ""}
        waiting = deque(before)
        while waiting:
            name = waiting.popleft()
            layers, inner = self._steps(name)
            for layer, what in layers.items():
                if layer not in found:
                    found[layer] = what, [*_way_to(name, before)]
            for one in inner:
                if one not in before:
                    before[one] = name
                    waiting.append(one)
        return found

    def _steps(self, module: str) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return what an import of a module imports, or may import as long as it is not parsed.

        Returns:
            Layers -> what of them, and the modules outside all layers.
        """
        names, is_sure = self._run_by(module), module in self._facts
        found = self._stepped.get((module, is_sure))
        if found is None:
            layers: dict[str, str] = {}
            inner: dict[str, None] = {}
            for dotted in names:
                for one in self._expanded(module, dotted):
                    layer = self.boundaries.layer_of(one)
                    if layer:
                        layers.setdefault(layer, one)
                    else:
                        inner.update(dict.fromkeys(self._with_packages([one], module)))
            outer = tuple(one for one in inner if not _is_around(one, module))
            found = self._stepped[module, is_sure] = layers, outer
        return found

    def _run_by(self, module: str) -> Iterable[str]:
        """Return the names that an import of a module imports, or may import; see `_steps`."""
        if module not in self._facts:
            named = self._maybe_run.get(module)
            if named is None and (imports := self._imports(module)) is not None:
                some = imports.run()
                if some is not None:
                    named = self._maybe_run[module] = tuple(self._named(module, some))
            if named is not None:
                return named
        facts = self.facts(module)
        if facts is None:
            return ()
        stars = (one for one in facts.stars if one in facts.runs)
        inner = (one for star in stars for one in self.starred(star, is_sure=True))
        return [*facts.runs, *inner]

    def _expanded(self, importer: str, dotted: str) -> Iterator[str]:
        """Yield a name, and what it stands for in a package around the importer."""
        yield dotted
        module = self.module_of(dotted)
        if module and module != dotted and _is_around(module, importer):
            facts = self.facts(module)
            rest = dotted[len(module) + 1 :].split(".")
            if facts is not None:
                for name in facts.names.get(rest[0], ()):
                    yield ".".join([name, *rest[1:]])


class _Search:
    """One question; see `Reach.found`."""

    def __init__(self, reach: Reach, layer: str, importer: str) -> None:
        self.reach = reach
        self.layer = layer
        self.importer = importer
        self.seen: set[tuple[str, bool]] = set()

    def find(self, dotted: str, *, is_star: bool, runs: bool) -> tuple[str, str] | None:
        module = self.reach.module_of(dotted)
        if not module or self._is_done(dotted, is_star):
            return None
        for one in (module, *self.reach.packages(module, self.importer)):
            if not _is_around(one, self.importer):
                hit = self._by_import(one, runs)
                if hit:
                    return hit, one
        hit = self._by_name(module, dotted, is_star)
        return (hit, module) if hit else None

    def _is_done(self, dotted: str, is_star: bool) -> bool:
        key = (dotted, is_star)
        if key in self.seen or len(self.seen) > HOPS_MAX:
            return True
        self.seen.add(key)
        return bool(self.reach.boundaries.layer_of(dotted))

    def _forbidden(self, dotted: str) -> bool:
        return UNKNOWN not in dotted.split(".")[0] and bool(
            self.reach.boundaries.forbidden(self.layer, dotted)
        )

    def _by_import(self, module: str, runs: bool) -> str:
        """Return what of a forbidden layer the import of a module brings with it."""
        if runs:
            for dotted in self.reach.runs(module).values():
                if self._forbidden(dotted):
                    return dotted
        if self.reach.boundaries.is_root(module):
            facts = self.reach.facts(module)
            for dotted in facts.all if facts is not None else ():
                if self._forbidden(dotted):
                    return dotted
                inner = self.reach.module_of(dotted)
                if (
                    inner
                    and self.reach.boundaries.is_root(inner)
                    and not self._is_done(dotted, False)
                ):
                    hit = self._by_import(inner, runs)
                    if hit:
                        return hit
        return ""

    def _by_name(self, module: str, dotted: str, is_star: bool) -> str:
        """Return what of a forbidden layer a name, or every public name, of a module stands for."""
        facts = self.reach.facts(module)
        if facts is None:
            return ""
        if dotted != module:
            name, _, rest = dotted[len(module) + 1 :].partition(".")
            offers = [*self._offers(module, facts, name)]
            return self._first([f"{one}.{rest}" if rest else one for one in offers])
        if not is_star:
            return ""
        for name in facts.public if facts.public is not None else facts.names:
            if facts.public is not None or not name.startswith("_"):
                hit = self._first([f"{module}.{name}", *self._offers(module, facts, name)])
                if hit:
                    return hit
        return ""

    def _first(self, names: Iterable[str]) -> str:
        for name in names:
            if self._forbidden(name):
                return name
            found = self.find(name, is_star=False, runs=True)
            if found:
                return found[0]
        return ""

    def _offers(self, module: str, facts: Facts, name: str) -> Iterator[str]:
        """Yield what a name of a module may stand for, or bring with it when it is used."""
        if name in facts.names:
            yield from facts.names[name]
            yield from facts.within.get(name, ())
            return
        yield from (f"{star}.{name}" for star in facts.stars)
        lazy = facts.within.get("__getattr__", [])
        if name in facts.tables:
            yield from self._tabled(module, facts, name, lazy)
            return
        alike = [one for one in lazy if one.rpartition(".")[2] == name]
        yield from alike or lazy

    def _tabled(self, module: str, facts: Facts, name: str, lazy: list[str]) -> Iterator[str]:
        """Yield those of the modules of a lazy `__getattr__` that the table names for a name."""
        ends = [text.lstrip(".").replace(":", ".") for text in facts.tables[name]]
        for one in lazy:
            if any(
                f".{one}".endswith(f".{end}") or f"{end}.".startswith(f"{one}.")
                for end in ends
                if end
            ):
                yield one


def _is_around(package: str, module: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _way_to(module: str, before: dict[str, str]) -> Iterator[str]:
    """Yield a module, and those by which it was reached."""
    while module:
        yield module
        module = before[module]
