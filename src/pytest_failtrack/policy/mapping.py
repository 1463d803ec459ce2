"""Mapping: which marks a project asks of every test, so that it traces to something (S0-18).

[tool.failtrack.mapping]
require = ["component", "requirement"]       each of them
require_any = ["story", "requirement"]       one of them is enough
exclude = ["tests/smoke/"]                   nothing is asked there
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.codeowners import CodeOwners, rules_from_map
from pytest_failtrack.policy.read import Reader

COMPONENT = "component"
# Marks of ours that say something only with a name: `@pytest.mark.component("orders")`.
NAMING = (COMPONENT, "requirement")


@frozen
class MappingRules:
    """What a project asks of every test.

    Args:
        require: Names of marks that a test needs, each of them.
        require_any: Names of marks of which a test needs one.
        exclude: Patterns of files where nothing is asked.
        components: `[tool.failtrack.components]`: a file that it names has its component.
    """

    require: tuple[str, ...] = ()
    require_any: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    components: Mapping[str, str] | None = None

    @property
    def is_on(self) -> bool:
        """Whether anything is asked."""
        return bool(self.require or self.require_any)

    @cached_property
    def _excluded(self) -> CodeOwners:
        return rules_from_map(dict.fromkeys(self.exclude, "excluded"))

    @cached_property
    def _components(self) -> CodeOwners:
        return rules_from_map(self.components or {})

    def missing(self, file: str, has: Callable[[str], bool]) -> tuple[str, ...]:
        """Return what a test lacks, in words, none for a test that traces to what is asked.

        Args:
            file: File of the test, relative to the root.
            has: Returns whether the test has a mark, and one that names something where it must.
        """
        if self.exclude and self._excluded.owners_of(file):
            return ()

        def says(name: str) -> bool:
            return has(name) or (name == COMPONENT and bool(self._components.owners_of(file)))

        lacks = [name for name in self.require if not says(name)]
        if self.require_any and not any(says(name) for name in self.require_any):
            lacks.append(" or ".join(self.require_any))
        return tuple(lacks)


def mapping_rules(table: Mapping[str, Any] | None = None) -> MappingRules:
    """Return what `[tool.failtrack.mapping]` asks; nothing when it is absent.

    Args:
        table: `[tool.failtrack]`, of which `mapping` and `components` are read.

    Raises:
        ConfigError: A key or value is not allowed.
    """
    given = table or {}
    where = Reader("tool.failtrack.mapping", given.get("mapping", {}))
    where.only("require", "require_any", "exclude")
    return MappingRules(
        require=_names(where, "require"),
        require_any=_names(where, "require_any"),
        exclude=where.words("exclude"),
        components=given.get("components", {}),
    )


def _names(where: Reader, key: str) -> tuple[str, ...]:
    names = where.words(key)
    if not all(name.isidentifier() for name in names):
        where.refuse(key, "a list of names of marks, such as ['component', 'requirement']")
    return names
