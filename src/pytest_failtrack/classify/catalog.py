"""The failure catalog: the entries of `catalog.toml` and the project's own, ready to be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pytest_failtrack.classify.built import load_built
from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.pattern import Pattern
from pytest_failtrack.classify.sieve import Sieve
from pytest_failtrack.classify.table import entry_from_table
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.literals import ALWAYS

CATALOG_FILE = Path(__file__).with_name("catalog.toml")


class TypeRule(NamedTuple):
    """An entry that speaks of a type of exception.

    Args:
        entry: The entry.
        pattern: What the message must hold as well; None when the type is enough.
        closeness: 3 exactly this type, 2 this name in its package, 1 this name anywhere.
    """

    entry: Entry
    pattern: Pattern | None
    closeness: int

    @property
    def literals(self) -> tuple[str, ...]:
        """What the sieve asks for."""
        return self.pattern.literals if self.pattern else ALWAYS


class PatternRule(NamedTuple):
    """An entry that speaks of a text.

    Args:
        entry: The entry.
        pattern: The pattern.
    """

    entry: Entry
    pattern: Pattern

    @property
    def literals(self) -> tuple[str, ...]:
        """What the sieve asks for."""
        return self.pattern.literals


class Catalog:
    """All entries, indexed by what they look at.

    Args:
        entries: The shipped ones first, then the project's own; ids are unique.
        project_packages: Names of the project's own top-level packages: a missing module of
            theirs is not a missing dependency.
    """

    def __init__(self, entries: Iterable[Entry], project_packages: Collection[str] = ()) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self.project_packages = frozenset(project_packages)
        self._types: dict[str, list[TypeRule]] = {}
        self._seen_types: dict[str, Sieve[TypeRule]] = {}
        self.process_entries: list[Entry] = []
        self.place_entries: list[Entry] = []
        rules: list[PatternRule] = []
        for entry in self.entries.values():
            self._index(entry)
            rules += (PatternRule(entry, one) for one in entry.patterns)
        self.patterns = Sieve(rules)
        self.extra_patterns = Sieve(rule for rule in rules if rule.entry.is_extra)

    def _index(self, entry: Entry) -> None:
        for name in entry.types:
            self._types.setdefault(name, []).append(TypeRule(entry, None, _closeness(name)))
        for pair in entry.pairs:
            for name in pair.types:
                rule = TypeRule(entry, pair.pattern, _closeness(name))
                self._types.setdefault(name, []).append(rule)
        if entry.exit_codes or entry.signals:
            self.process_entries.append(entry)
        elif not entry.has_way:
            self.place_entries.append(entry)

    def rules_for_type(self, type_name: str) -> Sieve[TypeRule]:
        """Return the rules that speak of a type, by its qualified name."""
        known = self._seen_types.get(type_name)
        if known is None:
            bare = type_name.rpartition(".")[2]
            package = type_name.partition(".")[0]
            names = (type_name, f"{package}.*.{bare}", f"*.{bare}")
            known = Sieve(rule for name in names for rule in self._types.get(name, ()))
            self._seen_types[type_name] = known
        return known


def load_catalog(
    extra: Sequence[Mapping[str, Any]] = (), *, project_packages: Collection[str] = ()
) -> Catalog:
    """Return the shipped catalog together with the project's own entries.

    Args:
        extra: Tables of entries, or whole documents `{"entry": [tables]}`. One with the id of a
            shipped entry changes the keys that it names.
        project_packages: Names of the project's own top-level packages.

    Raises:
        ConfigError: A table cannot be used; the message names the entry and the key.
    """
    own = _own_tables(extra)
    shipped = {one.id: one for one in load_built()}
    changed = [name for name in own if name in shipped]
    # What is written by hand is read only where it is changed: see `built`.
    tables = {table["id"]: table for table in read_shipped()} if changed else {}
    for name in changed:
        shipped[name] = entry_from_table({**tables[name], **own[name]}, compiles=True)
    entries = list(shipped.values())
    entries += [
        entry_from_table(table, is_extra=True, compiles=True)
        for name, table in own.items()
        if name not in shipped
    ]
    return Catalog(entries, project_packages)


def _own_tables(extra: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    own: dict[str, Mapping[str, Any]] = {}
    for table in _flat(extra):
        name = table.get("id")
        if not isinstance(name, str) or not name:
            raise ConfigError(
                f"catalog entry {dict(table)!r:.80}: key 'id' is missing; allowed is a name in"
                " lower case",
                slug="config-catalog",
            )
        if name in own:
            raise ConfigError(
                f"catalog entry {name!r}: key 'id' is given twice; allowed is once",
                slug="config-catalog",
            )
        own[name] = table
    return own


def find_project_packages(root: Path) -> frozenset[str]:
    """Return the names of the top-level modules and packages that lie in a project's folder.

    A folder is a package when it holds Python files; `src`, `lib` and `python` are looked into.
    """
    names: set[str] = set()
    for folder in (root, root / "src", root / "lib", root / "python"):
        try:
            children = list(folder.iterdir())
        except OSError:
            continue
        names.update(child.stem for child in children if child.suffix == ".py")
        names.update(child.name for child in children if _is_package(child))
    return frozenset(name for name in names if name.isidentifier())


def _is_package(folder: Path) -> bool:
    try:
        return folder.is_dir() and any(folder.glob("*.py"))
    except OSError:
        return False


def _flat(extra: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for table in extra:
        if not isinstance(table, Mapping):
            raise ConfigError(
                f"catalog: {table!r:.80} is no table; allowed is a list of tables with an id",
                slug="config-catalog",
            )
        if set(table) == {"entry"} and isinstance(table["entry"], list):
            yield from _flat(table["entry"])
        else:
            yield table


def read_shipped() -> list[dict[str, Any]]:
    """Return the tables of `catalog.toml`, as they are written."""
    from pytest_failtrack.toml import tomllib

    with CATALOG_FILE.open("rb") as file:
        tables: list[dict[str, Any]] = tomllib.load(file)["entry"]
    return tables


def _closeness(name: str) -> int:
    if name.startswith("*."):
        return 1
    return 2 if ".*." in name else 3
