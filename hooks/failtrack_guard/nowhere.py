"""Names of the configuration that a project lacks: their rules look for what is not there.

`enum = "shop.evnts.EventType"` finds nothing, and looks like a clean tree. Told is only what is
sure: names whose first part is a package of the project, and whose last module neither defines nor
imports them.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.engine import Engine

_KINDS = ("dotted", "dotteds")


def nowhere(engine: Engine) -> list[str]:
    """Return the names that are nowhere, each after its rule and option.

    Costs a look at each module that is named; other files are not read.

    Args:
        engine: What judged the project.
    """
    return [
        f"{rule} {option} {name}"
        for rule, option, name in _named(engine)
        if _is_missing(engine, name) and _is_own_name(engine, rule, option, name)
    ]


def _named(engine: Engine) -> Iterator[tuple[str, str, str]]:
    """Yield what may be a dotted name: rule, option, name."""
    for active in engine.settings.active:
        for option, value in active.options.items():
            for one in (value,) if isinstance(value, str) else value or ():
                parts = one.split(".") if isinstance(one, str) else ()
                if len(parts) > 1 and all(part.isidentifier() for part in parts):
                    yield active.id, option, one


def _is_missing(engine: Engine, name: str) -> bool:
    parts = name.split(".")
    package = engine.roots.file_of(parts[0])
    if package is None or os.path.basename(package) != "__init__.py":
        return False
    module, rest = parts[0], parts[1:]
    for length in range(len(parts), 1, -1):
        file = engine.roots.file_of(".".join(parts[:length]))
        if file is not None:
            module, rest, package = ".".join(parts[:length]), parts[length:], file
            break
    return bool(rest) and not _holds(engine, package, module, rest[0])


def _holds(engine: Engine, file: str, module: str, name: str) -> bool:
    """Return whether a module may have a name."""
    try:
        with open(file, "rb") as read:
            if _has_word(read.read(), name.encode()):
                return True
        exports = engine.project.exports(module)
    except (OSError, RecursionError):  # nothing is sure of it
        return True
    if exports is None or exports.stars or "__getattr__" in exports.names:
        return True
    folder = os.path.dirname(file)  # of a package: compiled modules, and what a build makes
    is_package = os.path.basename(file) == "__init__.py"
    return is_package and any(one.startswith(f"{name}.") for one in os.listdir(folder))


def _has_word(content: bytes, word: bytes) -> bool:
    """Return whether bytes hold a word that is no part of another one."""
    at = content.find(word)
    while at >= 0:
        beside = content[at - 1 : at] + content[at + len(word) : at + len(word) + 1]
        if not any(one == 0x5F or chr(one).isalnum() for one in beside):
            return True
        at = content.find(word, at + 1)
    return False


def _is_own_name(engine: Engine, rule_id: str, option: str, name: str) -> bool:
    """Return whether an option holds dotted names, and the project itself wrote this one."""
    from failtrack_guard.presets import preset_tables
    from failtrack_guard.rules import rule_class

    if rule_class(rule_id).OPTIONS[option].kind not in _KINDS:
        return False
    values = engine.settings.values
    preset = preset_tables(values["preset"], values["package"], "").get(rule_id, {})
    return name not in preset.get(option, ())
