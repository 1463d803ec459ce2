"""Patterns of paths against the files of a project: rules that match nothing, or never win."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.codeowners import CodeOwners, Rule, rules_from_map
from pytest_failtrack.policy.conflicts import Conflict
from pytest_failtrack.policy.scope import frozen_paths

FILES_MAX = 20_000
# Tables of patterns, of which the last that matches wins.
MAPS = ("owners", "components")


@frozen
class Standing:
    """What becomes of one rule among the others.

    Args:
        rule: The rule.
        files: How many files it matches.
        winner: The later rule that takes all of them away, None when it wins one.
    """

    rule: Rule
    files: int
    winner: Rule | None = None


def standings(rules: Sequence[Rule], files: Sequence[str]) -> list[Standing]:
    """Return how many files each rule of a section matches, and whether it ever wins.

    Args:
        rules: The rules of one section; the last that matches a file wins.
        files: Files relative to the root.
    """
    files = files[:FILES_MAX]
    matched = [0] * len(rules)
    wins = [0] * len(rules)
    taken_by: list[int] = [-1] * len(rules)
    for file in files:
        found = [n for n, one in enumerate(rules) if one.regex.match(file)]
        for n in found:
            matched[n] += 1
            taken_by[n] = found[-1]
        if found:
            wins[found[-1]] += 1
    return [
        Standing(one, matched[n], rules[taken_by[n]] if matched[n] and not wins[n] else None)
        for n, one in enumerate(rules)
    ]


def shadow_conflicts(
    table: Mapping[str, Any], files: Sequence[str], codeowners: CodeOwners
) -> list[Conflict]:
    """Return the rules about paths that never apply to a file of the project.

    Args:
        table: `[tool.failtrack]`; parts of it that are invalid are left out.
        files: Files of the project, relative to its root.
        codeowners: CODEOWNERS, which is asked before `[tool.failtrack.owners]`.
    """
    if not files:
        return []
    found = [one for name in MAPS for one in _of_map(name, table.get(name, {}), files)]
    found += _under_codeowners(table.get("owners", {}), files, codeowners)
    found += _of_frozen(table, files)
    return found


def _of_map(name: str, table: Mapping[str, Any], files: Sequence[str]) -> Iterator[Conflict]:
    (rules,) = rules_from_map({key: str(value) for key, value in table.items()}).sections
    for one in standings(rules, files):
        where = f"tool.failtrack.{name}"
        if one.winner is not None and one.winner.owners != one.rule.owners:
            yield Conflict(
                (f"{where}.{one.rule.pattern!r}", f"{where}.{one.winner.pattern!r}"),
                f"{where}: {one.rule.pattern!r} = {one.rule.owners[0]!r} never rules: "
                f"{one.winner.pattern!r} = {one.winner.owners[0]!r} comes later and matches all "
                "of its files",
                "put the narrower pattern last",
            )
        elif not one.files and _is_path(one.rule.pattern, table):
            yield Conflict(
                (f"{where}.{one.rule.pattern!r}",),
                f"{where}: {one.rule.pattern!r} matches no file",
                "correct or remove it",
                is_contradiction=False,
            )


def _is_path(pattern: str, table: Mapping[str, Any]) -> bool:
    """Whether a key is meant as a path: owners may also be listed by the name of a component."""
    return any(char in pattern for char in "/*.")


def _under_codeowners(
    table: Mapping[str, Any], files: Sequence[str], codeowners: CodeOwners
) -> Iterator[Conflict]:
    (rules,) = rules_from_map({key: str(value) for key, value in table.items()}).sections
    for rule in rules:
        matched = [file for file in files[:FILES_MAX] if rule.regex.match(file)]
        told = [codeowners.owners_of(file) for file in matched]
        if told and all(told) and not any(rule.owners[0] in people for people in told):
            where = f"tool.failtrack.owners.{rule.pattern!r}"
            yield Conflict(
                (where, "CODEOWNERS"),
                f"{where} = {rule.owners[0]!r} never rules: CODEOWNERS is asked first and names "
                f"{told[0][0]} for all of its files",
                "change CODEOWNERS, or remove it",
            )


def _of_frozen(table: Mapping[str, Any], files: Sequence[str]) -> Iterator[Conflict]:
    try:
        entries = frozen_paths(table.get("frozen", ()))
    except ConfigError:
        return
    for number, one in enumerate(entries):
        where = f"tool.failtrack.frozen[{number}]"
        whole = frozen_paths([{"path": one.path, "since": one.since}])[0]
        matched = [file for file in files[:FILES_MAX] if whole.holds(file)]
        if not matched:
            yield Conflict(
                (f"{where}.path",),
                f"{where}: {one.path} matches no file",
                "correct or remove it",
                is_contradiction=False,
            )
        elif not any(map(one.holds, matched)):
            yield Conflict(
                (f"{where}.path", f"{where}.except"),
                f"{where}: {one.path} is frozen, and `except` allows a change of each of its files",
                "narrow `except`, or remove the entry",
            )


def write_conflicts(table: Mapping[str, Any], written: Mapping[str, str]) -> list[Conflict]:
    """Return the frozen paths under which failtrack itself writes at every run.

    Args:
        table: `[tool.failtrack]`.
        written: Name of a setting to a file in its folder, relative to the root.
    """
    try:
        entries = frozen_paths(table.get("frozen", ()))
    except ConfigError:
        return []
    return [
        Conflict(
            (f"tool.failtrack.frozen[{number}].path", f"tool.failtrack.{name}"),
            f"tool.failtrack.frozen[{number}]: {one.path} is frozen, and every run writes to "
            f"{file.rpartition('/')[0]} ({name}) below it",
            "leave it out with `except`",
        )
        for number, one in enumerate(entries)
        for name, file in written.items()
        if one.holds(file)
    ]


def unmatched_rules(codeowners: CodeOwners, files: Sequence[str]) -> list[str]:
    """Return the patterns of CODEOWNERS that match no file."""
    return [
        one.rule.pattern
        for section in codeowners.sections
        for one in standings(section, files)
        if not one.files and not one.rule.is_exclusion
    ]
