"""Options of rules that are lists of tables: what must be in a table, and of which kind."""

from __future__ import annotations

from failtrack_guard.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def checked(
    where: str, tables: Iterable[Mapping[str, Any]], needed: Iterable[str], other: Iterable[str]
) -> list[dict[str, tuple[str, ...]]]:
    """Return tables whose values are lists of texts; a single text is a list of one.

    Args:
        where: Rule and option, for messages: `FT-S1.pairs`.
        tables: What the configuration says.
        needed: Keys that each table must have.
        other: Keys that it may have.

    Raises:
        ConfigError: A key is missing or unknown, or a value is neither a text nor texts.
    """
    needed, other = tuple(needed), tuple(other)
    found = []
    for number, table in enumerate(tables, 1):
        place = f"tool.failtrack.guard.{where}: table {number}"
        for key in needed:
            if key not in table:
                raise ConfigError(f"{place} has no {key}; it needs {', '.join(needed)}")
        values = {}
        for key, value in table.items():
            if key not in (*needed, *other):
                known = ", ".join((*needed, *other))
                raise ConfigError(f"{place}: {key} is no key; the keys are {known}")
            texts = [value] if isinstance(value, str) else value
            if not isinstance(texts, (list, tuple)) or not texts:
                raise ConfigError(f"{place}: {key} is {value!r}; it must be a text, or some")
            if not all(isinstance(one, str) and one for one in texts):
                raise ConfigError(f"{place}: {key} is {value!r}; it must be a text, or some")
            values[key] = tuple(texts)
        found.append({**dict.fromkeys(other, ()), **values})
    return found
