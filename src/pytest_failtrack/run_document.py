"""The run document: one file a run in `governance/events/runs`, green or red (design, section 5).

Made as plain values, since a green run loads no model; called by the doors when the exit status
of a run is known.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_failtrack import __version__
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.history import run_file
from pytest_failtrack.pipeline import Conclusion, RunSeen
from pytest_failtrack.record.digest import combined_digest, short_digests

if TYPE_CHECKING:
    from pytest_failtrack.policy.digest import Cause

RUN_SCHEMA_VERSION = "1.0"
DEBT_ITEMS_MAX = 2_000


def write_run(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> tuple[Path | None, str]:
    """Write the run document, in place of an earlier one of the same run.

    Returns:
        Its path and ``; or None and what went wrong.
    """
    try:
        path = run_file.write_run(settings.runs_dir, run_document(seen, conclusion, settings))
    except (FailtrackError, OSError, ValueError) as error:
        return None, f"the run document was not written: {error}"
    _tell_parent(seen, settings, path)
    problem = _shared(path, conclusion, settings)
    return path, problem or _snapshot(path, seen, conclusion, settings)


def _shared(path: Path, conclusion: Conclusion, settings: Settings) -> str:
    """Put a run document into the shared history, where there is one; return what went wrong."""
    if not settings.is_shared:
        return ""
    from pytest_failtrack.open_history import open_history

    try:
        with open_history(settings) as history:
            history.add_run(path)
            # What the records' road has told already is not told again.
            told = conclusion.digest.problems
            return next((one for one in history.problems if one not in told), "")
    except FailtrackError as error:
        return f"the run document was not shared: {error}"


def _snapshot(path: Path, seen: RunSeen, conclusion: Conclusion, settings: Settings) -> str:
    """Bring the snapshot of open causes up to date, where there is a history (C-26)."""
    from pytest_failtrack.open_history import has_history

    if not has_history(settings):
        return ""  # nothing can be open
    from pytest_failtrack.summaries.snapshot import update_snapshot

    return update_snapshot(path, seen, conclusion, settings)


def run_document(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> dict[str, Any]:
    """Return the run document as plain JSON values; no model is needed for a green run."""
    start, digest = seen.start, conclusion.digest
    told = start["settings"]
    items = [as_dict(one) for one in seen.debt[:DEBT_ITEMS_MAX]]
    return {
        "schema_version": RUN_SCHEMA_VERSION,
        "document_id": document_id_of(seen),
        "run_id": seen.build_id,
        "build_id": seen.build_id,
        "build_attempt": told.get("build_attempt", 1),
        "source": start.get("source", "pytest"),
        **{name: told.get(name) or None for name in ("workflow", "job", "step", "leg")},
        "started_at": start["started_at"],
        "finished_at": seen.finished_at or None,
        "exit_status": seen.exit_status,
        "is_complete": seen.ended == "finished",
        "ended": seen.ended,
        "signal": seen.signal or None,
        "command": start.get("command") or None,
        "totals": dict(digest.totals),
        "not_run": seen.not_run,
        "failures": len(conclusion.records),
        "files": _counts_by_file(seen),
        "outcomes": _outcomes_of_open(seen, settings),
        "causes": _causes(digest.causes),
        "debt": {**as_dict(digest.debt), "items": items},
        "records": [one for one, _ in conclusion.records],
        "record_digests": short_digests(conclusion.records),
        "records_digest": combined_digest(conclusion.records),
        "lost_workers": seen.lost_workers,
        "internal_errors": seen.internal_errors,
        "reopened": conclusion.reopened,
        "environment": environment_of(seen),
        "generator": f"pytest-failtrack {__version__}",
        "problems": list(dict.fromkeys([*digest.problems, *seen.problems])),
    }


def _causes(causes: Sequence[Cause]) -> list[dict[str, Any]]:
    if not causes:
        return []  # a green run needs no more than this
    from pytest_failtrack.sinks.json_digest import cause_to_json

    return [cause_to_json(one) for one in causes]


def document_id_of(seen: RunSeen) -> str:
    """Return the id of a run document, which is also its file's name without the suffix."""
    return f"{run_file.slug_of(seen.build_id)}.{tail_of(seen)}"


def tail_of(seen: RunSeen) -> str:
    """Return what tells the run documents of a build apart."""
    return hashlib.sha256(str(seen.start["run"]).encode()).hexdigest()[:8]


def environment_of(seen: RunSeen) -> dict[str, Any]:
    """Return the environment block of a run document."""
    told = seen.start["settings"]
    names = ("run_url", "commit", "branch", "pr", "leg", "build_attempt", "repository")
    process = ("python", "platform", "pytest", "order", "workers")
    facts = {name: seen.start.get(name) or None for name in process}
    return facts | {name: told.get(name) or None for name in names}


def _counts_by_file(seen: RunSeen) -> dict[str, dict[str, int]]:
    files: dict[str, Counter[str]] = {}
    for nodeid in seen.passed:
        files.setdefault(nodeid.partition("::")[0], Counter())["passed"] += 1
    for draft in seen.drafts:
        file = draft["nodeid"].partition("::")[0]
        if file:
            files.setdefault(file, Counter())[draft["outcome"]] += 1
    for item in seen.debt:
        files.setdefault(item.nodeid.partition("::")[0], Counter())[item.kind] += item.count
    return {file: dict(counts) for file, counts in sorted(files.items())}


def _outcomes_of_open(seen: RunSeen, settings: Settings) -> dict[str, str]:
    """Return the outcome of each test of this run that has an open record, for healing."""
    from pytest_failtrack.open_history import has_history, open_history

    if not has_history(settings):
        return {}
    try:
        with open_history(settings) as history:
            passing = seen.passing()
            waiting = history.open_nodeids({*passing, *(one["nodeid"] for one in seen.drafts)})
    except FailtrackError:
        return {}
    outcomes = dict.fromkeys(sorted(waiting & passing), "passed")
    for draft in seen.drafts:
        if draft["nodeid"] in waiting:
            outcomes[draft["nodeid"]] = draft["outcome"]
    return outcomes


def _tell_parent(seen: RunSeen, settings: Settings, path: Path) -> None:
    """Leave a note for the `failtrack run` that started this run, so that it records nothing."""
    parent = seen.start.get("parent")
    if not parent:
        return

    folder = settings.state_dir / "parents" / str(parent)
    note = {
        "run_documents": [path.stem],
        "exit_status": seen.exit_status,
        "ended": seen.ended,
        "evidence": str(settings.evidence_dir),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{path.stem}.json").write_text(json.dumps(note), encoding="utf-8")
    except OSError:
        pass  # the parent then records the command as well: twice is better than not at all
