"""`[tool.failtrack.guard]`: read, checked, and turned into rules that are ready to run.

`active.py` reads it through a memory.
"""

from __future__ import annotations

import os
import re
import sys

from failtrack_guard.active import Active, Settings, files_of
from failtrack_guard.errors import ConfigError
from failtrack_guard.presets import preset_tables
from failtrack_guard.rule import Rule
from failtrack_guard.rules import RULES, ids, rule_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TABLE = "[tool.failtrack.guard]"
# Key of the table: kind and default. Each is documented in docs/guard.md.
KEYS: dict[str, tuple[str, Any]] = {
    "select": ("texts", None),
    "ignore": ("texts", ()),
    "preset": ("text", ""),
    "package": ("text", ""),
    "src": ("texts", None),
    "exclude": ("globs", ()),
    "per-file-ignores": ("table", {}),
    "baseline": ("text", ".failtrack-guard-baseline.json"),
    "cache": ("text", ".failtrack/guard"),
    "require-reason": ("flag", True),
    "require-until": ("flag", False),
}
_KIND_WORDS = {
    "text": "a string",
    "texts": "a list of strings",
    "dotted": 'a dotted name such as "shop.events.Event"',
    "dotteds": 'a list of dotted names such as ["shop.events.Event"]',
    "pattern": "a regular expression",
    "flag": "true or false",
    "count": "a whole number from 0",
    "globs": "a list of path patterns",
    "table": "a table",
    "tables": "a list of tables",
}


def load(
    root: str,
    file: str = "",
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
) -> Settings:
    """Read the settings of a project.

    Args:
        root: Folder of the project.
        file: TOML file to read instead of `pyproject.toml`.
        select: Rules that run instead of those that the file says.
        ignore: Rules that do not run, either.
        exclude: Path patterns that are left out, too.

    Raises:
        ConfigError: The file is unreadable, or a value in it cannot be used.
    """
    source = file or os.path.join(root, "pyproject.toml")
    document = _read_toml(source) if file or os.path.isfile(source) else {}
    tool = document.get("tool", {})
    failtrack = tool.get("failtrack", {}) if isinstance(tool, dict) else {}
    table = failtrack.get("guard", {}) if isinstance(failtrack, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{source}: tool.failtrack.guard is no table; write {TABLE}")
    table = dict(table)
    if select:
        table["select"] = [*select]
    for key, more in (("ignore", ignore), ("exclude", exclude)):
        if more:
            table[key] = [*table.get(key, ()), *more]
    return from_table(table, root=root, source=source if document else "")


def from_table(table: Mapping[str, Any], *, root: str, source: str = "") -> Settings:
    """Return the settings that a table says.

    Args:
        table: `[tool.failtrack.guard]`.
        root: Folder of the project.
        source: File that the table comes from, for messages.

    Raises:
        ConfigError: A key or a value cannot be used.
    """
    where = source or "the guard's settings"
    values: dict[str, Any] = {}
    for key, (kind, default) in KEYS.items():
        values[key] = _checked(where, key, kind, table[key]) if key in table else default
    all_ids = ids()
    tables = {key: table[key] for key in table if key not in KEYS}
    for key in tables:
        if key not in all_ids:
            raise ConfigError(
                f"{where}: tool.failtrack.guard.{key} is no key; the keys are "
                f"{', '.join(KEYS)}, and a table for each rule: {', '.join(all_ids)}"
            )
    base = preset_tables(values["preset"], values["package"], where)
    for known in (*(values["select"] or ()), *values["ignore"]):
        if known not in all_ids:
            raise ConfigError(
                f"{where}: {known!r} is no rule; the rules are {', '.join(all_ids)}", slug="rule"
            )
    for pattern, given in values["per-file-ignores"].items():
        if not _are_texts(given) or not set(given) <= set(all_ids):
            raise ConfigError(
                f"{where}: tool.failtrack.guard.per-file-ignores says {given!r} for {pattern!r}; "
                f"it must be a list of rules: {', '.join(all_ids)}",
                slug="rule",
            )
    active = []
    for rule_id in all_ids:
        if rule_id not in tables and not _may_run(rule_id, values):
            continue  # nothing is said of it that could be wrong
        own = {**base.get(rule_id, {}), **_table_of(where, rule_id, tables.get(rule_id, {}))}
        rule = _rule(where, rule_id, own)
        if _runs(where, rule, values, has_table=rule_id in tables):
            rule.prepare()
            looks_over = type(rule).over is not Rule.over
            needles, words = rule.needles(), rule.words()
            told = (rule_id, dict(rule.options), needles, words, looks_over, rule.watches())
            active.append(Active(*told, rule.places(), rule))
    files = files_of(type(one.rule) for one in active if one.id not in RULES)
    told_of = sorted((one.id, sorted(one.options.items())) for one in active)
    stamp = repr((told_of, values, files))
    return Settings(os.path.abspath(root), values, tuple(active), source, stamp, files)


def _may_run(rule_id: str, values: Mapping[str, Any]) -> bool:
    selected = values["select"]
    return rule_id not in values["ignore"] and (selected is None or rule_id in selected)


def _runs(where: str, rule: Rule, values: Mapping[str, Any], *, has_table: bool) -> bool:
    """Return whether a rule runs.

    Raises:
        ConfigError: It is wanted, and an option that it cannot do without is missing.
    """
    selected = values["select"]
    if rule.id in values["ignore"]:
        return False
    missing = [name for name in rule.NEEDS if not rule.options[name]]
    is_selected = selected is not None and rule.id in selected
    if missing and (has_table or is_selected):
        said = f"{TABLE[:-1]}.{rule.id}] does not say its {' and '.join(missing)}; add it, or"
        raise ConfigError(
            f"{where}: {said} remove the table"
            if has_table
            else f"{where}: {rule.id} is selected, and {said} take the rule out of select",
            slug="rule-options",
        )
    return not missing if selected is None else is_selected


def _table_of(where: str, rule_id: str, table: Any) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: tool.failtrack.guard.{rule_id} is {table!r}, no table")
    return table


def _rule(where: str, rule_id: str, table: Mapping[str, Any]) -> Rule:
    found = rule_class(rule_id)
    for key in table:
        if key not in found.OPTIONS:
            known = ", ".join(found.OPTIONS) or "it has none"
            raise ConfigError(
                f"{where}: tool.failtrack.guard.{rule_id}.{key} is no option; those of {rule_id}: "
                f"{known}"
            )
    options = {
        name: _checked(where, f"{rule_id}.{name}", option.kind, table[name])
        if name in table
        else option.default
        for name, option in found.OPTIONS.items()
    }
    return found(options)


def _checked(where: str, key: str, kind: str, value: Any) -> Any:
    """Return a value in the form that rules expect, or raise what is wrong with it."""
    is_right = {
        "text": lambda: isinstance(value, str),
        "dotted": lambda: isinstance(value, str) and _is_dotted(value),
        "pattern": lambda: isinstance(value, str),
        "flag": lambda: isinstance(value, bool),
        "count": lambda: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "texts": lambda: _are_texts(value),
        "globs": lambda: _are_texts(value),
        "dotteds": lambda: _are_texts(value) and all(_is_dotted(one) for one in value),
        "table": lambda: isinstance(value, dict),
        "tables": lambda: isinstance(value, list) and all(isinstance(one, dict) for one in value),
    }[kind]()
    if not is_right:
        raise ConfigError(
            f"{where}: tool.failtrack.guard.{key} is {value!r}; it must be {_KIND_WORDS[kind]}"
        )
    if kind == "pattern":
        try:
            re.compile(value)
        except re.error as error:
            raise ConfigError(
                f"{where}: tool.failtrack.guard.{key} is {value!r}, no regular expression ({error})"
            ) from None
    if kind in ("texts", "globs", "dotteds"):
        return tuple(value)
    return value


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_dotted(value: str) -> bool:
    parts = value.split(".")
    return value.count("*") <= 1 and all(part.isidentifier() or part == "*" for part in parts)


def _read_toml(path: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no TOML: {error}; correct it") from None
