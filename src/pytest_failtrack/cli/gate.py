"""`failtrack gate`: turns the evidence of one build into a verdict and an exit code."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.cli.evidence.collect import collect, collect_below
from pytest_failtrack.cli.evidence.still_running import still_running
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.changes import changes_dir
from pytest_failtrack.policy.case import Case
from pytest_failtrack.policy.digest import MEND_FIRST, Cause
from pytest_failtrack.policy.gate import judge
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.scope import frozen_paths, scope_report
from pytest_failtrack.policy.verdict import RuleOutcome, Verdict, count_of
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.wording import blame, kind, moment, owner, place, size, together

CAUSES_SHOWN = 20
HEADLINE_WIDTH = 60

HELP = """Turn the evidence of one build into a verdict and an exit code.

Without DIR, the evidence of this checkout is read. Each DIR may be an evidence folder, its
parent, a checkout, or a folder of downloaded artifacts: all runs of the build below it are
judged together. Nothing is run again.

\b
    $ failtrack gate artifacts/ --explain

\b
Exit codes:
    0   passed
    1   a rule failed
    2   wrong usage or configuration
    3   records are missing, unreadable, changed or incomplete
    75  infrastructure failures only: try again, or mend first what no retry helps
"""


@click.command("gate", help=HELP)
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
@places
@click.option("--build", metavar="ID", help="Build to judge [default: the CI's, else the newest].")
@click.option("--explain", is_flag=True, help="Say for each rule what it saw and what it allows.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
@click.pass_context
def command(
    context: click.Context,
    folders: tuple[Path, ...],
    dir_: str | None,
    state: str | None,
    history: str | None,
    build: str | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Judge one build."""
    settings = settings_from(dir=dir_, state=state, history=history, build=build)
    rules = gate_rules(settings.table.get("gate"), settings.table.get("auth"))
    matrix = load_matrix(settings.table)
    frozen = frozen_paths(settings.table.get("frozen", ()))
    extensions = Extensions.of_command(settings.table)
    unrecovered = _recover(settings, extensions)
    case = _case(settings, folders)
    running = still_running(settings.state_dir, case.build_id)
    case = replaced(case, broken=(*case.broken, *unrecovered, *running))
    extra = extensions.gate_rules if extensions.has("gate_rule") else None
    now = datetime.now(timezone.utc)
    scope = scope_report(settings.root, frozen, now, settings.base_branch) if frozen else None
    verdict = judge(case, rules, matrix, now, extra, scope)
    if as_json:
        _print([json.dumps(to_json(verdict), indent=2)])
    else:
        _print(render(verdict, explain=explain))
    _print((f"failtrack: {plain(sentence)}" for sentence in extensions.problems), err=True)
    context.exit(verdict.exit_code)


def _print(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines; that nobody reads them to the end (`| head`) is no part of the verdict."""
    try:
        for line in lines:
            click.echo(line, err=err)
    except BrokenPipeError:
        # What waits to be printed would fail once more when the interpreter ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, (sys.stderr if err else sys.stdout).fileno())
        os.close(nowhere)


def _recover(settings: Settings, extensions: Extensions) -> list[str]:
    """Turn what dead runs left behind into evidence; return why some of it is still missing."""
    unrecovered: list[str] = []
    if settings.state_dir.is_dir():
        from pytest_failtrack.observe.journals import orphaned_runs
        from pytest_failtrack.recovering import recovery

        recovery.recover(settings, extensions, tell=unrecovered.append)
        unrecovered += [
            f"the run {folder.name} has lost its controller, but workers of it still run; "
            "judge again when they are gone"
            for folder in orphaned_runs(settings.state_dir)
        ]
    return unrecovered


def _case(settings: Settings, folders: Sequence[Path]) -> Case:
    try:
        # A person signs in a checkout, wherever the artifacts of the build were put.
        changes = [changes_dir(settings)]
        if folders:
            return collect_below(folders, settings.build, changes=changes)
        if settings.is_shared and settings.build:
            return _shared_case(settings, changes)
        return collect(settings.evidence_dir, settings.runs_dir, settings.build, changes=changes)
    except EvidenceError as error:
        return Case(settings.build, broken=(error.message,))


def _shared_case(settings: Settings, changes: Sequence[Path]) -> Case:
    """Return the case of a build out of a shared history: all its jobs, and what lies here.

    Raises:
        EvidenceError: The history holds nothing of the build, and neither does this folder.
    """
    from pytest_failtrack.cli.history.shared import shared_database
    from pytest_failtrack.history.export import export
    from pytest_failtrack.history.shared_documents import SharedDocuments

    with tempfile.TemporaryDirectory(prefix="failtrack-gate-") as folder:
        try:
            with shared_database(settings) as database:
                export(SharedDocuments(database, settings.build), folder)
        except StoreError as error:
            # Fail closed: other jobs of the build may have failed.
            return Case(settings.build, broken=(error.message,))
        local = [one for one in (settings.evidence_dir, settings.runs_dir) if one.is_dir()]
        changes = [*changes, Path(folder, "changes")]
        return collect_below([Path(folder), *local], settings.build, changes=changes)


def render(verdict: Verdict, *, explain: bool = False) -> Iterator[str]:
    """Yield the lines for people: the verdict first, causes next, new ones before others."""
    yield f"gate: {plain(verdict.headline)}"
    yield from _cause_lines(verdict, explain)
    failed = [one for one in verdict.rules if not one.passed]
    if explain:
        yield from _explained(verdict)
    elif failed:
        for outcome in failed:
            allowed = f"; allowed {plain(outcome.limit)}" if outcome.limit else ""
            yield f"  rule {plain(outcome.name)}: saw {plain(outcome.saw)}{allowed}"
    runs, records = count_of(verdict.runs, "run"), count_of(verdict.records, "record")
    build = f"build {plain(verdict.build_id)}" if verdict.build_id else "no build"
    yield f"  {build}: {runs}, {records}; exit code {verdict.exit_code}"


def _cause_lines(verdict: Verdict, explain: bool) -> Iterator[str]:
    never = dict(verdict.never)
    failing = {cause_id for one in verdict.rules if not one.passed for cause_id in one.causes}
    counted = len(verdict.counted)
    shown = [*verdict.counted, *verdict.uncounted]
    for index, cause in enumerate(shown[:CAUSES_SHOWN]):
        is_counted = index < counted
        tag = cause.novelty if is_counted else _tag(cause)
        head = cut(plain(cause.headline), HEADLINE_WIDTH)
        yield f"  {tag:<7} {cause.cause_id}  {head}  {size(cause)}"
        reason = never.get(cause.cause_id, "")
        yield " " * 10 + "  ".join(_details(cause, reason, is_counted, cause.cause_id in failing))
        for line in _reasons(cause) if explain else ():
            yield " " * 10 + plain(line)
    if len(shown) > CAUSES_SHOWN:
        more = count_of(len(shown) - CAUSES_SHOWN, "more cause")
        yield f"  ... {more} (`failtrack list`)"


def _details(cause: Cause, never: str, is_counted: bool, is_failing: bool) -> Iterator[str]:
    """Yield the place, the owner, the deadline, and what the gate makes of a cause."""
    if cause.file:
        yield plain(place(cause))
    yield plain(owner(cause))
    if cause.due is not None:
        yield f"due {moment(cause.due)}"
    if never:
        yield f"never lifted: {never}"
    elif is_failing and _tag(cause) == "INFRA" and not is_counted:
        yield "a retry is asked for" if cause.is_retryable else MEND_FIRST
    elif not is_failing:
        yield "allowed" if is_counted else "not counted"


def _reasons(cause: Cause) -> Iterator[str]:
    """Yield why a cause is what it is, in the words of the section after a run."""
    yield "  ".join(filter(None, (blame(cause), kind(cause), cause.severity)))
    yield from filter(None, (together(cause), cause.evidence))


def _tag(cause: Cause) -> str:
    """Return what a cause that does not count is taken for."""
    if cause.is_debt:
        return "DEBT"
    return "FLAKY" if cause.is_flaky else "INFRA"


def _explained(verdict: Verdict) -> Iterator[str]:
    width = max(len(one.name) for one in verdict.rules)
    for one in verdict.rules:
        answer = "ok    " if one.passed else "FAILED"
        allowed = f"  (allowed: {plain(one.limit)})" if one.limit else ""
        yield f"  {answer}  {plain(one.name):<{width}}  {plain(one.saw)}{allowed}"


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Return the verdict for programs; keys are added in later versions, never changed.

    `exit_code` and `passed`; `headline`; `build_id`; `runs` and `records` judged; `rules`, each
    with `name`, `passed`, `saw`, `limit`, `causes`, `exit_code` (what it asks for when it does
    not hold); `counted` and `uncounted` causes, new ones first.
    """
    never = dict(verdict.never)
    return {
        "format": "failtrack-verdict",
        "format_version": 1,
        "build_id": verdict.build_id,
        "passed": verdict.passed,
        "exit_code": verdict.exit_code,
        "headline": verdict.headline,
        "runs": verdict.runs,
        "records": verdict.records,
        "rules": [_rule_to_json(one) for one in verdict.rules],
        "counted": [_cause_to_json(one, never) for one in verdict.counted],
        "uncounted": [_cause_to_json(one, never) for one in verdict.uncounted],
    }


def _rule_to_json(outcome: RuleOutcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "passed": outcome.passed,
        "saw": outcome.saw,
        "limit": outcome.limit,
        "causes": list(outcome.causes),
        "exit_code": outcome.exit_code,
    }


def _cause_to_json(cause: Cause, never: dict[str, str]) -> dict[str, Any]:
    return {
        "cause_id": cause.cause_id,
        "key": cause.key,
        "headline": cause.headline,
        "novelty": cause.novelty,
        "occurrence": cause.occurrence,
        "tier": cause.tier,
        "category": cause.category,
        "subcategory": cause.subcategory,
        "failure_type": cause.failure_type,
        "severity": cause.severity,
        "owner": cause.owner,
        "file": cause.file,
        "line": cause.line,
        "due": cause.due.isoformat().replace("+00:00", "Z") if cause.due else None,
        "failures": cause.failures,
        "tests": cause.tests,
        "is_flaky": cause.is_flaky,
        "is_debt": cause.is_debt,
        "never": never.get(cause.cause_id, ""),
        "record_ids": list(cause.record_ids),
        "signatures": list(cause.signatures),
        "why": cause.why,
        "blame": cause.blame,
        "evidence": cause.evidence,
    }
