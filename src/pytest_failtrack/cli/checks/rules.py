"""Checks of `failtrack doctor` about what the project says: its configuration and CODEOWNERS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.changes import is_test_file
from pytest_failtrack.classify.own import own_documents
from pytest_failtrack.cli.checks.checkup import (
    PROBLEM,
    WARNING,
    Checkup,
    Remark,
    fine,
    problem,
    shortened,
    warning,
)
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.catalog_conflicts import catalog_conflicts
from pytest_failtrack.policy.codeowners import CodeOwners, rules_from_map
from pytest_failtrack.policy.conflicts import INVALID, Conflict, find_conflicts
from pytest_failtrack.policy.mapping import mapping_rules
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.owners import Owners
from pytest_failtrack.policy.read import Reader
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.scope import frozen_paths, scope_report
from pytest_failtrack.policy.shadows import shadow_conflicts, unmatched_rules, write_conflicts
from pytest_failtrack.sinks.wording import count

NAMED_MAX = 5
DEBT_KEYS = ("require_reason",)
CHANGES_MAX = 20


def configuration(checkup: Checkup) -> Iterator[Remark]:
    """Every part of `[tool.failtrack]` can be read, and says only what somebody reads."""
    table = checkup.table
    if checkup.error is not None:
        yield problem(checkup.error.message, "correct it; until then the defaults are used")
        return
    errors: dict[str, None] = {}
    for read in _PARTS:
        try:
            read(checkup)
        except ConfigError as error:
            errors[error.message] = None
        except (AttributeError, TypeError, ValueError) as error:
            errors[f"a table of [tool.failtrack] has the wrong form: {error}"] = None
    for message in errors:
        yield problem(message, "correct it: a run leaves that part out, and the gate ends with 2")
    warnings = [*checkup.settings.warnings, *_unread(table)]
    yield from map(warning, warnings)
    if errors or warnings:
        return
    where = "[tool.failtrack] of pyproject.toml"
    keys = count(len(table), "key")
    yield fine(f"{keys} in {where}" if table else f"nothing in {where}: the defaults hold")


def rules(checkup: Checkup) -> Iterator[Remark]:
    """No two rules contradict each other (S0-37)."""
    conflicts = list(_conflicts(checkup))
    yield from map(_remark_of, conflicts)
    if not conflicts:
        yield fine("no two rules contradict each other")


def scope(checkup: Checkup) -> Iterator[Remark]:
    """Nothing changed under a frozen path (S0-26)."""
    try:
        entries = frozen_paths(checkup.table.get("frozen", ()))
    except ConfigError:
        return
    settings, now = checkup.settings, checkup.now
    for one in entries:
        if one.is_over(now):
            yield warning(f"{one.path} was frozen until {one.until}", "remove the entry")
    report = scope_report(settings.root, entries, now, settings.base_branch)
    changes = [
        Remark(
            PROBLEM,
            one.sentence,
            "take it back, or ask " + (one.frozen.owner or "whoever froze it"),
            subcategory="SCOPE_NOT_FROZEN",
            file=one.file,
            rules=(f"tool.failtrack.frozen: {one.frozen.path}",),
            headline=one.headline,
        )
        for one in report.changes
    ]
    yield from shortened(changes, CHANGES_MAX, "more files changed under a frozen path")
    for sentence in report.unchecked:
        yield warning(sentence)
    if report.checked and not changes:
        paths = count(report.checked, "frozen path")
        yield fine(f"nothing changed under {paths}")
    elif not entries:
        yield fine("nothing is frozen")


def codeowners(checkup: Checkup) -> Iterator[Remark]:
    """CODEOWNERS can be read, each of its rules matches a file, and names somebody."""
    found = checkup.codeowners_files
    if not found:
        yield fine("no CODEOWNERS; owners come from [tool.failtrack.owners] and the commits")
        return
    for other in found[1:]:
        yield warning(f"{other} is never read, since {found[0]} comes first", "keep one of them")
    try:
        (checkup.root.resolve() / found[0]).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        yield warning(f"{found[0]} is no UTF-8", "save it as UTF-8")
    except OSError as error:
        yield problem(f"{found[0]} cannot be read: {error.strerror}", "correct its permissions")
        return
    held = checkup.codeowners
    remarks = [
        *(
            warning(f"{found[0]}: {one} matches no file", "correct or remove it")
            for one in unmatched_rules(held, checkup.ruled_files)
        ),
        *(
            warning(f"{found[0]}: {one!r} is no owner", "owners are @name, @org/team or an address")
            for one in _odd_owners(held)
        ),
    ]
    yield from shortened(remarks, NAMED_MAX, f"more lines of {found[0]} are like that")
    if not remarks:
        said = count(sum(map(len, held.sections)), "rule")
        yield fine(f"{found[0]}: {said}, each matches files")


def components(checkup: Checkup) -> Iterator[Remark]:
    """Every source file belongs to a component, once the project names components (S1-141)."""
    table = checkup.table.get("components", {})
    if not table:
        return
    held = rules_from_map({name: str(value) for name, value in table.items()})
    sources = [one for one in checkup.files if one.endswith(".py") and not is_test_file(one)]
    if not sources:
        return
    loose = [one for one in sources if not held.owners_of(one)]
    if loose:
        named = ", ".join(loose[:NAMED_MAX])
        yield warning(
            f"{len(loose):,} of {len(sources):,} source files belong to no component: {named}",
            "name their paths in [tool.failtrack.components]",
        )
    else:
        yield fine(f"{len(sources):,} source files belong to a component each")


def _conflicts(checkup: Checkup) -> Iterator[Conflict]:
    table, settings = checkup.table, checkup.settings
    yield from find_conflicts(table)
    try:
        documents = own_documents(table.get("catalog", ()), checkup.root)
        yield from catalog_conflicts(documents, load_matrix(table))
    except INVALID:
        pass  # `configuration` and `failtrack catalog test` name it
    yield from _shadows(checkup)
    written = {"dir": settings.evidence_dir, "state": settings.state_dir}
    probes = {
        name: f"{checkup.shown(folder)}/x.json"
        for name, folder in written.items()
        if folder.is_relative_to(checkup.root)
    }
    yield from write_conflicts(table, probes)
    for one, other in (("dir", "state"), ("state", "dir")):
        if written[one].is_relative_to(written[other]):
            yield Conflict(
                (f"tool.failtrack.{one}", f"tool.failtrack.{other}"),
                f"the folder {checkup.shown(written[one])} ({one}) lies in "
                f"{checkup.shown(written[other])} ({other}), which is never committed as a whole",
                "give each a folder of its own",
            )


def _shadows(checkup: Checkup) -> list[Conflict]:
    try:
        return shadow_conflicts(checkup.table, checkup.files, checkup.codeowners)
    except INVALID:
        return []


def _remark_of(conflict: Conflict) -> Remark:
    return Remark(
        PROBLEM if conflict.is_contradiction else WARNING,
        conflict.sentence,
        conflict.advice,
        subcategory="GOVERNANCE_RULE_CONFLICT" if conflict.is_contradiction else "",
        rules=conflict.rules,
    )


def _odd_owners(held: CodeOwners) -> list[str]:
    people = [one for section in held.sections for rule in section for one in rule.owners]
    return [one for one in dict.fromkeys(people) if "@" not in one]


def _table(checkup: Checkup, name: str) -> Any:
    return checkup.table.get(name, {})


def _unread(table: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each key of a table whose keys nobody else checks."""
    return [
        f"tool.failtrack.debt.{key} is read by no part of this version"
        for key in table.get("debt", {})
        if key not in DEBT_KEYS
    ]


def _texts(checkup: Checkup, name: str) -> None:
    where = Reader(f"tool.failtrack.{name}", _table(checkup, name))
    for key in where:
        where.text(key, allow_empty=False)


def _lists(checkup: Checkup) -> None:
    where = Reader("tool.failtrack", checkup.table)
    for key in ("integration_paths", "integration_markers", "redact"):
        where.words(key)


_PARTS: tuple[Callable[[Checkup], object], ...] = (
    lambda one: gate_rules(_table(one, "gate"), _table(one, "auth")),
    lambda one: load_matrix(one.table),
    lambda one: Owners(load_matrix(), _table(one, "owners")),
    lambda one: mapping_rules(one.table),
    lambda one: frozen_paths(one.table.get("frozen", ())),
    lambda one: _texts(one, "components"),
    lambda one: Reader("tool.failtrack.debt", _table(one, "debt")).flag("require_reason", True),
    _lists,
    lambda one: load_catalog(own_documents(one.table.get("catalog", ()), one.root)),
)
