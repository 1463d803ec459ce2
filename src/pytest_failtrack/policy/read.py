"""Reading one table of the configuration: each value checked, each error naming what is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_failtrack.errors import ConfigError


class Reader:
    """A table of the configuration with the name under which the user wrote it.

    Args:
        name: Dotted name, such as `tool.failtrack.gate`.
        table: What stands there; anything but a table is refused.

    Raises:
        ConfigError: `table` is not a table.
    """

    def __init__(self, name: str, table: object) -> None:
        if not isinstance(table, Mapping):
            raise ConfigError(f"{name}: {table!r} is not allowed; it must be a table")
        self.name = name
        self._table: Mapping[str, Any] = table

    def __contains__(self, key: object) -> bool:
        return key in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def only(self, *allowed: str) -> None:
        """Refuse any other key."""
        for key in self._table:
            if key not in allowed:
                raise ConfigError(
                    f"{self.name}: unknown key {key!r}; allowed are {', '.join(allowed)}"
                )

    def table(self, key: str) -> Reader:
        """Return a sub-table, an empty one when it is absent."""
        return Reader(f"{self.name}.{key}", self._table.get(key, {}))

    def tables(self, key: str) -> dict[str, dict[str, Any]]:
        """Return the sub-tables of a sub-table by name."""
        inner = self.table(key)
        return {name: inner.table(name).values() for name in inner}

    def table_or_word(self, key: str, word_key: str) -> Reader:
        """Return a sub-table, or one made of a plain word: `"never"` is `{class = "never"}`."""
        value = self._table.get(key, {})
        if isinstance(value, str):
            return Reader(f"{self.name}.{key}", {word_key: value})
        if not isinstance(value, Mapping):
            self.refuse(key, "a word or a table")
        return Reader(f"{self.name}.{key}", value)

    def text(self, key: str, *, allow_empty: bool = True) -> str:
        """Return a text, `` when it is absent."""
        value = self._table.get(key, "")
        if not isinstance(value, str) or not (value.strip() or allow_empty):
            self.refuse(key, "a text" if allow_empty else "a text that is not empty")
        return str(value)

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        """Return one of the allowed words; absent is refused unless there is a default."""
        value = self._table.get(key, default)
        if value not in allowed:
            self.refuse(key, "one of " + ", ".join(repr(word) for word in allowed))
        return str(value)

    def choices(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of allowed words, empty when it is absent."""
        values = self.words(key)
        for value in values:
            if value not in allowed:
                self.refuse(key, "a list of " + ", ".join(repr(word) for word in allowed))
        return values

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty when it is absent."""
        value = self._table.get(key, [])
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(one, str) and one.strip() for one in value
        ):
            self.refuse(key, "a list of texts")
        return tuple(value)

    def words_or_text(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; one text is split at its commas."""
        value = self._table.get(key)
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return self.words(key)

    def values(self) -> dict[str, Any]:
        """Return the table as it was written."""
        return dict(self._table)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "true or false")
        return bool(value)

    def is_word(self, key: str, word: str) -> bool:
        """Return whether a value is exactly this word."""
        return bool(self._table.get(key) == word)

    def count(self, key: str, default: int, *, at_least: int = 0, otherwise: str = "") -> int:
        """Return a whole number; `otherwise` says in the error what else would be allowed."""
        value = self._table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            self.refuse(key, f"a whole number of {at_least} or more{otherwise}")
        return int(value)

    def hours(self, key: str) -> float | None:
        """Return a positive number of hours, None when it is absent."""
        value = self._table.get(key)
        if value is None:
            return None
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 < value < float("inf"):
            self.refuse(key, "a number of hours above 0")
        return float(value)

    def refuse(self, key: str, allowed: str) -> None:
        """Raise the error about one value.

        Raises:
            ConfigError: Always.
        """
        if key not in self._table:
            raise ConfigError(f"{self.name}.{key} is missing; it must be {allowed}")
        raise ConfigError(
            f"{self.name}.{key}: {self._table[key]!r} is not allowed; it must be {allowed}"
        )
