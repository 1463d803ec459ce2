"""The layers of a project: which modules belong to which, and what each may import."""

from __future__ import annotations

import re

from failtrack_guard.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

# Where layers are drawn, for messages.
WHERE = "[[tool.failtrack.guard.VAL-3.layers]] in pyproject.toml, or in the file of --config"
KEYS = ("name", "modules", "may-import")
CONFLICT = "architecture-conflict"
# In patterns of texts: any part of a dotted name, and what a string may be continued after.
NAME = r"\w*"
OPEN = r"[\"'{%$]"


class Layer:
    """One layer.

    Args:
        name: Its name.
        modules: Dotted prefixes of its modules.
        allowed: Names of the layers that it may import, itself among them.
    """

    __slots__ = ("allowed", "modules", "name")

    def __init__(self, name: str, modules: tuple[str, ...], allowed: frozenset[str]) -> None:
        self.name = name
        self.modules = modules
        self.allowed = allowed


class Boundaries:
    """What may import what.

    Args:
        layers: The layers, free of contradictions; see `from_options`.
        roots: Composition roots, which may import everything.
    """

    def __init__(self, layers: tuple[Layer, ...], roots: tuple[str, ...]) -> None:
        self.layers = {one.name: one for one in layers}
        self.roots = roots
        self._prefixes = {
            prefix: one.name for one in layers for prefix in one.modules if "*" not in prefix
        }
        self._patterns = [
            (prefix, one.name) for one in layers for prefix in one.modules if "*" in prefix
        ]
        self._above = {
            prefix[:end]
            for prefix in self._prefixes
            for end in range(len(prefix))
            if prefix[end] == "."
        }
        self._known: dict[str, str] = {}
        self._leading: dict[str, re.Pattern[str]] = {}

    def layer_of(self, dotted: str) -> str:
        """Return the layer of a module or of what is in it, empty for none; the longest prefix."""
        found = self._known.get(dotted)
        if found is None:
            found = self._known[dotted] = self._find(dotted)
        return found

    def _find(self, dotted: str) -> str:
        name = dotted
        while name:
            if name in self._prefixes:
                return self._prefixes[name]
            for pattern, layer in self._patterns:
                if _matches(name, pattern):
                    return layer
            name = name.rpartition(".")[0]
        return ""

    def forbidden(self, layer: str, dotted: str) -> str:
        """Return the layer of a module which another layer may not import, empty when it may.

        Args:
            layer: Name of the layer that imports.
            dotted: What it imports.
        """
        other = self.layer_of(dotted)
        return other if other and other not in self.layers[layer].allowed else ""

    def may_name_forbidden(self, layer: str, text: str) -> bool:
        """Return whether a string in a text begins as a module which a layer may not import."""
        allowed = self.layers[layer].allowed
        return any(
            f"{quote}{prefix.partition('*')[0]}" in text
            for name, other in self.layers.items()
            if name not in allowed
            for prefix in other.modules
            for quote in ("'", '"')
        )

    def may_lead_on(self, layer: str, text: str) -> bool:
        """Return whether strings in a text may become the name of a module a layer may not import.

        One begins as a package around it, as its last part, with dots that climb, or as code.
        """
        found = self._leading.get(layer)
        if found is None:
            found = self._leading[layer] = self._leading_to_others(layer)
        return found.search(text) is not None

    def _leading_to_others(self, layer: str) -> re.Pattern[str]:
        """Return what a string begins with that may name a module which a layer may not import."""
        allowed = self.layers[layer].allowed
        starts = {r"\.\.", "import ", "from ", "__import__"}
        for name, other in self.layers.items():
            if name not in allowed:
                for prefix in other.modules:
                    parts = [re.escape(one.strip("*")) or NAME for one in prefix.split(".")]
                    starts |= {_beginning(parts), rf"{parts[-1]}(?!\w)"}
        return re.compile(f"[\"'](?:{'|'.join(sorted(starts))})")

    def below(self, dotted: str) -> set[str]:
        """Return the names within a package that lead to layers."""
        return {
            prefix[len(dotted) + 1 :].partition(".")[0]
            for prefix in self._prefixes
            if prefix.startswith(f"{dotted}.")
        }

    def has_prefix(self, dotted: str) -> bool:
        """Return whether a layer is drawn around exactly this module."""
        return dotted in self._prefixes

    def judges(self, module_name: str) -> bool:
        """Return whether a module lies in a layer from which something is kept away."""
        layer = self.layer_of(module_name)
        return bool(layer) and len(self.layers[layer].allowed) < len(self.layers)

    def is_above(self, dotted: str) -> bool:
        """Return whether a package holds a layer, so that a layer can be reached through it."""
        if dotted in self._above:
            return True
        starts = [pattern.partition("*")[0] for pattern, _ in self._patterns]
        return any(f"{dotted}.".startswith(one) or one.startswith(f"{dotted}.") for one in starts)

    def is_root(self, dotted: str) -> bool:
        """Return whether a module is a composition root, or lies in one that is a package."""
        if self.layer_of(dotted):
            return False
        return any(
            dotted == root or (not self.is_above(root) and dotted.startswith(f"{root}."))
            for root in self.roots
        )


def from_options(layers: Iterable[Mapping[str, Any]], roots: tuple[str, ...]) -> Boundaries:
    """Return the boundaries that a configuration draws.

    Args:
        layers: Tables with `name`, `modules` and `may-import`.
        roots: Dotted modules.

    Raises:
        ConfigError: A table cannot be read, or two rules contradict (S0-11).
    """
    found = tuple(_layer(table) for table in layers)
    _check_names(found)
    _check_overlaps(found)
    _check_roots(found, roots)
    return Boundaries(found, roots)


def _layer(table: Mapping[str, Any]) -> Layer:
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise ConfigError(f'{WHERE}: a layer has no name: {dict(table)!r}; add name = "domain"')
    for key in table:
        if key not in KEYS:
            raise ConfigError(
                f"{WHERE}: layer {name!r} has the unknown key {key!r}; there are: {', '.join(KEYS)}"
            )
    if not table.get("modules"):
        raise ConfigError(
            f"{WHERE}: the layer {name!r} does not say its modules; add the dotted names of its "
            f'packages, as in modules = ["shop.{name}"], or remove its table'
        )
    modules = _texts(name, "modules", table["modules"])
    if not modules or not all(_is_dotted(one) for one in modules):
        raise ConfigError(
            f"{WHERE}: modules of layer {name!r} is {table['modules']!r}; it must be a list of "
            f'dotted names such as ["shop.{name}"]'
        )
    allowed = _texts(name, "may-import", table.get("may-import", []))
    return Layer(name, modules, frozenset({name, *allowed}))


def _matches(dotted: str, pattern: str) -> bool:
    if "*" not in pattern:
        return dotted == pattern
    from failtrack_guard.code.project import matches

    return matches(dotted, pattern)


def _texts(name: str, key: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise ConfigError(
            f"{WHERE}: {key} of layer {name!r} is {value!r}; it must be a list of strings"
        )
    return tuple(value)


def _is_dotted(value: str) -> bool:
    parts = value.split(".")
    return value.count("*") <= 1 and all(part.isidentifier() or part == "*" for part in parts)


def _conflict(message: str) -> ConfigError:
    return ConfigError(f"{WHERE}: ARCHITECTURE_CONFLICT: {message}", slug=CONFLICT)


def _check_names(layers: tuple[Layer, ...]) -> None:
    names = [one.name for one in layers]
    for layer in layers:
        if names.count(layer.name) > 1:
            raise _conflict(
                f"the layer {layer.name!r} is drawn {names.count(layer.name)} times; keep one table"
            )
        for other in sorted(layer.allowed):
            if other not in names:
                raise _conflict(
                    f"the layer {layer.name!r} may import {other!r}, and there is no such layer; "
                    f"the layers are {', '.join(names)}"
                )


def _check_overlaps(layers: tuple[Layer, ...]) -> None:
    for index, one in enumerate(layers):
        for other in layers[index + 1 :]:
            shared = _shared(one.modules, other.modules)
            if shared and not _are_alike(one, other, layers):
                raise _conflict(
                    f"{shared} belongs to the layer {one.name!r} and to {other.name!r}, which may "
                    "not import the same, or are not open to the same layers; take it out of one"
                )


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Return a prefix which lies within a prefix of the other layer, empty without one."""
    for left in one:
        for right in other:
            if f"{left}.".startswith(f"{right}."):
                return left
            if f"{right}.".startswith(f"{left}."):
                return right
    return ""


def _are_alike(one: Layer, other: Layer, layers: tuple[Layer, ...]) -> bool:
    """Return whether it makes no difference to which of two layers a module belongs."""
    pair = {one.name, other.name}
    return one.allowed - pair == other.allowed - pair and all(
        (one.name in layer.allowed) == (other.name in layer.allowed) for layer in layers
    )


def _check_roots(layers: tuple[Layer, ...], roots: tuple[str, ...]) -> None:
    for root in roots:
        for layer in layers:
            for prefix in layer.modules:
                if f"{root}.".startswith(f"{prefix}.") or _matches(root, prefix):
                    raise _conflict(
                        f"the root {root} may import everything, and as a part of the layer "
                        f"{layer.name!r} it may not; move it out of {prefix}, or off the roots"
                    )


def module_of_path(path: str, boundaries: Boundaries) -> str:
    """Return the module of a layer that a path leads to, empty when it leads to none.

    Args:
        path: With forward slashes; one from `values.HERE` begins at the source root, of any other
            the source root is unknown.
        boundaries: Where layers lie.
    """
    from failtrack_guard.boundaries.values import UNKNOWN

    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        return ""
    parts[-1] = parts[-1].removesuffix(".pyc").removesuffix(".py")
    starts = [1] if parts[0].strip(UNKNOWN) == "" and path[0] == "/" else range(len(parts))
    for start in starts:
        dotted = ".".join(part for part in parts[start:] if part != "__init__")
        layer = boundaries.layer_of(dotted)
        # One name alone, somewhere in a path, proves nothing.
        if layer and (start <= 1 or not boundaries.has_prefix(parts[start])):
            return dotted
    return ""


def _beginning(parts: list[str]) -> str:
    """Return a pattern of what may be continued to a dotted name or a path, or continues it."""
    pattern = parts[-1]
    for one in reversed(parts[:-1]):
        pattern = rf"{one}(?:{OPEN}|[./](?:{OPEN}|{pattern}))"
    return pattern
