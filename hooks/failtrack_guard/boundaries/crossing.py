"""The places of one file that reach a layer which the file's own layer may not import."""

from __future__ import annotations

import _ast

from failtrack_guard.boundaries.facts import is_typing_test
from failtrack_guard.boundaries.folding import Folder
from failtrack_guard.boundaries.glance import has_ways, is_outside
from failtrack_guard.boundaries.layers import module_of_path
from failtrack_guard.boundaries.live import BUILTIN, imported, live_in
from failtrack_guard.boundaries.reaching import LEADING
from failtrack_guard.boundaries.targets import (
    Target,
    chains,
    foreign_calls,
    from_statements,
    plain_chains,
)
from failtrack_guard.boundaries.values import UNKNOWN
from failtrack_guard.boundaries.ways import from_expressions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.boundaries.layers import Boundaries
    from failtrack_guard.boundaries.loaders import Loaders
    from failtrack_guard.boundaries.reach import Reach
    from failtrack_guard.code.module import Module


class Crossings:
    """What one file reaches.

    Args:
        module: The file.
        boundaries: The layers.
    """

    def __init__(self, module: Module, boundaries: Boundaries) -> None:
        self.module = module
        self.boundaries = boundaries
        self.layer = boundaries.layer_of(module.name)
        self._folder = Folder(module)
        # Statements and calls explain the attributes that follow from them.
        self._targets = [
            *from_statements(module, self._is_forbidden),
            *self._from_expressions(),
            *(one for one in self._foreign_calls() if self._crossed(one)),
        ]

    def _from_expressions(self) -> Iterator[Target]:
        if has_ways(self.module.source):
            live = live_in(self.module, self._is_leading, (*BUILTIN, *self._from_stars()))
            for target in from_expressions(self._folder, live):
                if self._has_module(target):
                    yield target
        else:
            live = live_in(self.module, self.boundaries.is_above, self._from_stars())
        if live.names:
            yield from chains(self._folder, live)

    def _from_stars(self) -> set[str]:
        """Return the names of layers that `from package import *` may bring."""
        return {name for base in self.module.seen.stars for name in self.boundaries.below(base)}

    def _foreign_calls(self) -> Iterator[Target]:
        may_name = self.boundaries.may_name_forbidden(self.layer, self.module.source)
        is_other = self._is_known if may_name else self._is_outer
        names = {*imported(self.module, is_other)}
        return foreign_calls(self._folder, names)

    def _is_outer(self, dotted: str) -> bool:
        return is_outside(dotted, self.boundaries)

    def _is_known(self, dotted: str) -> bool:
        """Return whether a name may come from this project."""
        return bool(self.boundaries.layer_of(dotted)) or self._is_outer(dotted)

    def _is_leading(self, dotted: str) -> bool:
        """Return whether a name leads to functions that import, or to a layer."""
        return dotted in LEADING or self.boundaries.is_above(dotted)

    def direct(self) -> Iterator[tuple[Target, str]]:
        """Yield what this file alone shows, each with the layer that it reaches."""
        for target in self._once():
            other = self._crossed(target)
            if other and not target.called:
                yield target, other

    def outside_names(self) -> tuple[str, ...]:
        """Return the names from outside all layers which may reach another one."""
        found: dict[str, None] = {}
        for target in self._targets:
            if target.called:
                found[target.called] = None
            elif self._is_outside(target):
                # Everything of a package may be more than what its text imports.
                is_all = target.is_star and self.boundaries.is_above(target.dotted)
                found[f"{target.dotted}.*" if is_all else target.dotted] = None
        return tuple(sorted(found))

    def indirect(self, reach: Reach) -> Iterator[tuple[Target, str, str]]:
        """Yield what is reached through modules outside all layers.

        Yields:
            The place, the thing of a forbidden layer, and the module through which it is reached.
        """
        done = [target.dotted for target in self._once()]
        told: set[tuple[int, str, str]] = set()
        for targets in (self._targets, self._outer_chains(reach, done)):
            for target in targets:
                hit = self._hit(target, reach, done)
                if hit is None:
                    continue
                done.append(target.dotted)
                what = (id(target.place.statement), self.boundaries.layer_of(hit[0]), hit[1])
                if what not in told:
                    told.add(what)
                    yield target, *hit

    def loaded(self, reach: Reach, loaders: Loaders) -> Iterator[tuple[Target, str, str]]:
        """Yield what functions of other files import because this file names it; see `indirect`."""
        if not loaders.may_matter_to(self.module.name):
            return
        done = [target.node for target in self._once()]
        for node, place, dotted, given in loaders.calls(self._folder):
            if node in done or reach.aliased(dotted):
                continue
            for hit in loaders.reached(dotted, given):
                if self._is_forbidden(hit) and UNKNOWN not in hit.split(".")[0]:
                    yield Target(hit, node, place, dotted), hit, dotted.rpartition(".")[0]
                    break

    def _hit(self, target: Target, reach: Reach, done: list[str]) -> tuple[str, str] | None:
        if target.called:
            return self._by_alias(target, reach)
        if not self._is_outside(target) or _is_covered(target, done):
            return None
        line: int = target.node.lineno  # type: ignore[attr-defined]
        return reach.found(
            *(self.layer, self.module.name, target.dotted),
            is_star=target.is_star,
            runs=not any(line in lines for lines in self._unrun()),
        )

    def _outer_chains(self, reach: Reach, done: list[str]) -> Iterator[Target]:
        """Yield the attributes of modules outside all layers which might reach one."""
        allowed = self.boundaries.layers[self.layer].allowed

        def is_open(target: Target) -> bool:
            module = reach.module_of(target.dotted)
            return bool(module) and not reach.is_closed(module, allowed)

        roots = {
            dotted
            for one in self._targets
            if self._is_outside(one) and not _is_covered(one, done) and is_open(one)
            for dotted in (one.dotted, one.dotted.partition(".")[0])
        }
        names = {*imported(self.module, lambda dotted: dotted in roots)}
        if names:
            yield from plain_chains(self._folder, names)

    def _by_alias(self, target: Target, reach: Reach) -> tuple[str, str] | None:
        """Return what a function reaches that another file says to be one that imports."""
        if not reach.aliased(target.called):
            return None
        return target.dotted, target.called.rpartition(".")[0]

    def _once(self) -> Iterator[Target]:
        """Yield what crosses, once for each place and layer, and each attribute chain once."""
        done: list[Target] = []
        for target in self._targets:
            if not self._crossed(target) or target.called:
                continue
            if not any(self._is_told(target, one) for one in done):
                done.append(target)
                yield target

    def _is_told(self, target: Target, other: Target) -> bool:
        """Return whether a finding would only say again what another one says."""
        goes_on = f"{target.dotted}.".startswith(f"{other.dotted}.")
        if target.way in ("attribute", "importlib.reload") and goes_on:
            return True
        if self._crossed(target) != self._crossed(other):
            return False
        return target.node is other.node or (
            _is_within(target.node, other.node)
            and (goes_on or f"{other.dotted}.".startswith(f"{target.dotted}."))
        )

    def _crossed(self, target: Target) -> str:
        return self.boundaries.forbidden(self.layer, target.dotted)

    def _has_module(self, target: Target) -> bool:
        """Turn the path of a module into its name; return whether there is one."""
        if target.is_path:
            if target.origin and module_of_path(target.origin, self.boundaries):
                return False
            target.dotted = module_of_path(target.dotted, self.boundaries)
        return bool(target.dotted)

    def _is_forbidden(self, dotted: str) -> bool:
        return bool(self.boundaries.forbidden(self.layer, dotted))

    def _is_outside(self, target: Target) -> bool:
        return UNKNOWN not in target.dotted and is_outside(target.dotted, self.boundaries)

    def _unrun(self) -> Iterator[range]:
        """Yield the lines that only type checkers read."""
        for node, _ in self.module.seen.all(_ast.If):
            assert isinstance(node, _ast.If)
            if is_typing_test(node.test):
                yield range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)


def _is_covered(target: Target, done: list[str]) -> bool:
    """Return whether a chain only goes on from something that is told already."""
    return any(target.dotted == one or target.dotted.startswith(f"{one}.") for one in done)


def _is_within(node: Any, other: Any) -> bool:
    """Return whether one node stands within another, both being expressions."""
    if isinstance(node, (_ast.alias, _ast.stmt)) or isinstance(other, (_ast.alias, _ast.stmt)):
        return False
    start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
    outer = (other.lineno, other.col_offset), (other.end_lineno, other.end_col_offset)
    return bool(outer[0] <= start and end <= outer[1])
