"""What could have stopped a failure before it was committed: drafts from a record (S0-129, S0-162).

`cli/guard.py` asks. A draft is the configuration of a rule that is shipped with failtrack-guard, a
rule of the gate, or, when none of them would have seen it, the skeleton of a rule of the project's
own (`rule_draft.py`). A draft can be used as it is, and wants to be read before.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.frozen import as_dict, frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.learning.rule_draft import draft_rule, modules_of_frames, package_of

GUARD_TABLE = "tool.failtrack.guard"
GATE_TABLE = "tool.failtrack.gate"
SEARCHED_FILES_MAX = 5_000
SEARCHED_BYTES_MAX = 1024**2
_PARTLY = lazily(r"partially initialized module '([\w.]+)'")
_MIGRATION = lazily(r"(?:^|/)(?:migrations|alembic)/(?:[\w.-]+/)*[\w.-]+\.py$")
_HIDDEN = (".", "build", "dist", "node_modules", "venv", "site-packages", "__pycache__")


@frozen
class Suggestion:
    """One draft.

    Args:
        kind: `guard` (configuration of a rule), `gate` (a rule of the gate), `rule` (a rule of the
            project's own), `catalog` (an entry of the catalog) or `known` (it is there already).
        title: What it is, in one line.
        why: Why it would have stopped the failure.
        toml: What to add to pyproject.toml, ``.
        files: Files to add, by path.
        precondition: What to name in `prevention.precondition_updates` then, ``.
        next: What to do, one sentence each.
    """

    kind: str
    title: str
    why: str
    toml: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    precondition: str = ""
    next: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {**as_dict(self), "files": dict(self.files), "next": list(self.next)}


def suggest(
    settings: Settings, record: Mapping[str, Any], known_rules: Iterable[str] = ()
) -> tuple[Suggestion, ...]:
    """Return drafts of what would have stopped the failure of a record, the best first.

    Args:
        settings: Settings of the project.
        record: The whole record.
        known_rules: Ids of the guard's rules, shipped and brought; a rule of the project's own
            gets another id.
    """
    found = [one for way in _WAYS for one in way(settings, record)]
    if not any(one.kind in ("guard", "known") for one in found):
        found += _own_rule(settings, record, known_rules)
    return tuple(found) + tuple(_catalog(record))


def _found_by_guard(_settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A finding of the guard: the rule is there, and was not asked in time."""
    tags = record["metadata"]["tags"]
    if "guard" not in tags:
        return
    rule = next((one for one in tags if re.fullmatch(r"[A-Z][A-Z0-9]*-[A-Z]*[0-9]+", one)), "")
    if rule:
        yield Suggestion(
            "known",
            f"{rule} has found it already",
            "the rule runs in CI; as a hook it stops the commit",
            precondition=f"guard:{rule}",
            next=(
                "add the hook failtrack-guard to .pre-commit-config.yaml, and run"
                " `failtrack-guard check --commit-range` in CI: it tells who went around it",
            ),
        )


def _event_types(settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A raw string where a member of the enum of event types is due: PV-001."""
    found = re.search(r"is not a valid (\w*Event\w*)|\b(\w*EventType)\b", _told(record))
    if found:
        name = found[1] or found[2]
        yield _configured(
            "PV-001",
            {"enum": _dotted(settings, record, name)},
            f"the failure speaks of {name}; the rule finds each event type that is a plain string",
        )


def _hashes(settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A plain string where a hash of the project's own type is due: PV-002."""
    found = re.search(r"\b(\w*(?:ContentRef|HashRef|ContentHash))\b", _told(record))
    if found:
        yield _configured(
            "PV-002",
            {"type": _dotted(settings, record, found[1])},
            f"the failure speaks of {found[1]}; the rule finds each hash that is a plain string",
        )


def _halts(settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A service that a halt does not stop: PV-003."""
    found = re.search(r"\b(\w*HaltGuard|\w*KillSwitch|halt_guard|kill_switch)\b", _told(record))
    if found:
        name = "".join(f"{part[0].upper()}{part[1:]}" for part in found[1].split("_") if part)
        yield _configured(
            "PV-003",
            {"guard": _dotted(settings, record, name)},
            f"the failure speaks of {found[1]}; the rule finds each service that is not given one",
        )


def _boundaries(settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """Modules that import each other in a circle: VAL-3."""
    found = _PARTLY.search(_told(record))
    if not found:
        return
    chain = [one for one in modules_of_frames(settings.root, record) if "." in one]
    chain = [*dict.fromkeys([found[1], *chain])]
    if len(chain) < 2:
        return
    layers = []
    for index, module in enumerate(chain):
        allowed = [_layer(chain[index + 1])] if index + 1 < len(chain) else []
        layers.append({"name": _layer(module), "modules": [module], "may-import": allowed})
    text = "\n\n".join(_toml(f"[{GUARD_TABLE}.VAL-3.layers]", one) for one in layers)
    yield Suggestion(
        "guard",
        "layers for VAL-3",
        f"{chain[-1]} imports {chain[0]}, which needs it: with these layers the rule finds the"
        " import that closes the circle",
        toml=text,
        precondition="guard:VAL-3",
        next=("join the layers with those that the project has, and name them in its words",),
    )


def _debt(_settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """Test debt: FT-D1, FT-D2, and what the gate counts."""
    if record["test"]["outcome"] == "expired":
        why = "debt past its day is found on the developer's machine, before CI closes the gate"
        yield _configured("FT-D2", {}, why)
        yield _gate({"expired_debt": 0}, "no build passes with debt that is past its day")
    elif record["subcategory"] == "QA_TEST_DEBT":
        why = "every skip and xfail says why, and until when"
        yield _configured("FT-D1", {"require-expiry": True}, why)
        yield _gate({"debt_without_reason": 0}, "no build passes with debt that gives no reason")


def _generated(_settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A generated file that lags behind its sources: FT-G1."""
    path = record["context"]["file_path"]
    if record["classification"]["failure_type"] == "generator_drift" and path:
        text = _toml(
            f"[{GUARD_TABLE}.FT-G1.files]", {"generated": path, "sources": ["NAME/THE/SOURCES.*"]}
        )
        yield Suggestion(
            "guard",
            "the table of a generated file for FT-G1",
            "a commit that changes the sources without the generated file is refused",
            toml=text,
            precondition="guard:FT-G1",
            next=("name the sources and the generated file as they are called",),
        )


def _migrations(_settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """A migration: FT-M1 wants its way back."""
    path = record["context"]["file_path"] or ""
    if _MIGRATION.search(path):
        yield _configured(
            "FT-M1",
            {"paths": [f"{path.rpartition('/')[0]}/*.py"]},
            "the failure lies in a migration; the rule finds one that cannot be taken back",
        )


def _of_the_gate(_settings: Settings, record: Mapping[str, Any]) -> Iterator[Suggestion]:
    """What no source shows: the gate counts it."""
    test, occurrence = record["test"], record["escalation"]["occurrence"]
    if test["outcome"] == "flaky":
        yield _gate({"flaky": 0}, "no build passes with a test that only passed when run again")
    elif test["outcome"] == "crashed" or test["when"] == "session":
        job = record["signature"]["job"]
        if job not in ("", "?"):
            yield _gate(
                {"required_runs": [job]}, f"no build passes without a complete run of {job}"
            )
    if occurrence > 1:
        yield _gate(
            {"repeats": 0},
            f"it has come {occurrence} times; no build passes with a failure that had ended",
        )


def _own_rule(
    settings: Settings, record: Mapping[str, Any], known_rules: Iterable[str]
) -> Iterator[Suggestion]:
    draft = draft_rule(settings.root, record, known_rules)
    if draft is not None:
        yield Suggestion(
            "rule",
            f"a rule of the project's own, {draft.rule_id}",
            draft.why,
            files=draft.files,
            precondition=f"guard:{draft.rule_id}",
            next=(
                "narrow `look` until it flags what is wrong, and nothing else",
                f"install it beside the guard: pip install -e {draft.folder}",
                "see it in `failtrack-guard rules`, then in `failtrack-guard check`",
            ),
        )


def _catalog(record: Mapping[str, Any]) -> Iterator[Suggestion]:
    if record["classification"]["catalog_entry_id"] is None:
        name = f"own-{record['signature']['hash']}"
        yield Suggestion(
            "catalog",
            "an entry of the catalog, so that the next one is recognized",
            "no entry knows this failure",
            next=(f"failtrack catalog add {name} --record {record['failure_id']} --dry-run",),
        )


_WAYS: tuple[Callable[[Settings, Mapping[str, Any]], Iterator[Suggestion]], ...] = (
    _found_by_guard,
    _event_types,
    _hashes,
    _halts,
    _boundaries,
    _debt,
    _generated,
    _migrations,
    _of_the_gate,
)


def _configured(rule: str, table: Mapping[str, Any], why: str) -> Suggestion:
    return Suggestion(
        "guard",
        f"the configuration of {rule}",
        why,
        toml=_toml(f"{GUARD_TABLE}.{rule}", table),
        precondition=f"guard:{rule}",
        next=(f"`failtrack-guard explain {rule}` says what else it can be told",),
    )


def _gate(table: Mapping[str, Any], why: str) -> Suggestion:
    return Suggestion("gate", "a rule of the gate", why, toml=_toml(GATE_TABLE, table))


def _toml(name: str, table: Mapping[str, Any]) -> str:
    # A JSON string, list or number is one of TOML, too.
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    return "\n".join([f"[{name}]", *lines])


def _told(record: Mapping[str, Any]) -> str:
    described = record["failure_description"]
    return "\n".join(str(described[name] or "") for name in ("error_message", "details"))


def _layer(module: str) -> str:
    return module.partition(".")[2] or module


def _dotted(settings: Settings, record: Mapping[str, Any], name: str) -> str:
    """Return the dotted name of a class of the project, with a `*` where it is not known."""
    pattern = re.compile(rf"^class {re.escape(name)}\b".encode(), re.MULTILINE)
    for path in _sources(settings.root):
        try:
            content = path.read_bytes()
        except OSError:
            continue
        if pattern.search(content):
            return f"{_module(settings.root, path)}.{name}"
    return f"{package_of(settings.root, record)}.*.{name}"


def _sources(root: Path) -> Iterator[Path]:
    """Yield the Python files of a project, in order; those of tests come last."""
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(one for one in folders if not one.startswith(_HIDDEN))
        for name in sorted(files):
            path = Path(folder, name)
            if name.endswith(".py") and path.stat().st_size <= SEARCHED_BYTES_MAX:
                found.append(path)
        if len(found) > SEARCHED_FILES_MAX:
            break
    yield from sorted(found, key=lambda path: "test" in path.relative_to(root).as_posix())


def _module(root: Path, path: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    parts = parts[1:] if parts[0] in ("src", "lib") else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
