"""The catalog of a project with its examples: what every `failtrack catalog` command asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_failtrack.classify.catalog import Catalog, find_project_packages, load_catalog
from pytest_failtrack.classify.own import own_documents
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.matrix import load_matrix


@frozen
class Shelf:
    """The catalog of a project with the examples that belong to it.

    Args:
        catalog: All entries.
        examples: `example` and `counter_example` of each entry, by its id.
        own: Ids of entries that the project added or changed.
        changed: Those of them that ship with us.
    """

    catalog: Catalog
    examples: Mapping[str, Mapping[str, Any]]
    own: frozenset[str]
    changed: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, documents: Iterable[Any] | None = None) -> Shelf:
        """Return the shelf of a project.

        Args:
            settings: Settings of the project.
            documents: Documents in place of what is configured.

        Raises:
            ConfigError: An entry of the project cannot be used.
        """
        from pytest_failtrack.classify.examples import load_examples

        if documents is None:
            documents = own_documents(settings.table.get("catalog", ()), settings.root)
        documents = list(documents)
        packages = find_project_packages(settings.root)
        catalog = load_catalog(documents, project_packages=packages)
        shipped = load_examples()
        examples: dict[str, Mapping[str, Any]] = dict(shipped)
        own = {one["id"]: one for one in _tables(documents)}
        for name, table in own.items():
            kept = {key: table[key] for key in ("example", "counter_example") if key in table}
            examples[name] = {**examples.get(name, {}), **kept}
        return cls(catalog, examples, frozenset(own), frozenset(own) & frozenset(shipped))

    def origin(self, entry_id: str) -> str:
        """Return who an entry comes from: `shipped`, `changed` by the project, or `project`."""
        if entry_id in self.changed:
            return "changed"
        return "project" if entry_id in self.own else "shipped"


def _tables(documents: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for one in documents:
        if set(one) == {"entry"}:
            yield from _tables(one["entry"])
        else:
            yield one


def refusals_of(shelf: Shelf, settings: Settings) -> dict[str, str]:
    """Return why the failure types of the project's entries cannot be named, by entry id.

    Raises:
        ConfigError: The matrix of the project cannot be used.
    """
    matrix = load_matrix(settings.table)
    found = {}
    for name in sorted(shelf.own & frozenset(shelf.catalog.entries)):
        refusal = matrix.refusal_of(shelf.catalog.entries[name].failure_type)
        if refusal:
            found[name] = f"{name}: {refusal}"
    return found


def problems_of(shelf: Shelf) -> dict[str, str]:
    """Return what is wrong about examples, as a sentence by entry id.

    Raises:
        ConfigError: An example cannot be read as an observation.
    """
    from pytest_failtrack.classify.catalog import Catalog
    from pytest_failtrack.classify.examples import PROJECT, problem_with_examples

    # Examples speak of the shop, whatever project asks about them.
    packages = {*shelf.catalog.project_packages, PROJECT}
    catalog = Catalog(shelf.catalog.entries.values(), packages)
    found = {}
    for name, table in shelf.examples.items():
        try:
            problem = problem_with_examples(catalog, name, table)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"catalog entry {name!r}: its example cannot be used"
                f" ({type(error).__name__}: {error}); `failtrack catalog show disk-full --json`"
                " prints one",
                slug="config-catalog",
            ) from None
        if problem:
            found[name] = problem
    return found
