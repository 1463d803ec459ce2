"""`ci_failures_snapshot.json`: the open causes, for dashboards and monitoring (S4-22, C-26).

A run brings it up to what it saw: it asks about its own causes, and about those that it may have
healed. `failtrack snapshot` makes it anew from the whole evidence.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.open_history import open_history

if TYPE_CHECKING:
    from pytest_failtrack.history.database import Database
    from pytest_failtrack.history.questions.open_causes import OpenCause
    from pytest_failtrack.pipeline import Conclusion, RunSeen

NAME = "ci_failures_snapshot.json"
TITLE_MAX_CHARS = 300
# What a run looks at: beyond it, `failtrack snapshot` is exact.
HEALING_LOOKED_AT_MAX = 200
PRIOR_MAX_BYTES = 20_000_000
# Where more records are open, a run does not make the first snapshot: that would take seconds.
FIRST_MAX_RECORDS = 50_000

Entry = dict[str, Any]


def snapshot_path(settings: Settings) -> Path:
    """Return where the snapshot lies: beside the folder of the records."""
    return settings.evidence_dir.parent / NAME


def write_snapshot(settings: Settings, path: Path | None = None) -> list[Entry]:
    """Make the snapshot anew from the whole evidence, and return it.

    Args:
        settings: Where the evidence lies.
        path: Where it is written; its own place by default.

    Raises:
        FailtrackError: The evidence cannot be read, or the snapshot not be written.
    """
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        entries = history.ask(lambda database: _all_entries(database, settings))
    _write(path or snapshot_path(settings), entries)
    return entries


def update_snapshot(run: Path, seen: RunSeen, conclusion: Conclusion, settings: Settings) -> str:
    """Bring the snapshot up to what a run saw; return what went wrong, ``.

    Args:
        run: Its run document.
        seen: The run.
        conclusion: What came out of it.
        settings: Where the evidence lies.
    """
    path = snapshot_path(settings)
    prior = _read(path)
    hashes = {
        one
        for cause in conclusion.digest.failure_causes
        for one in cause.signatures or (cause.cause_id,)
    }
    if prior == [] and not hashes:
        return ""  # nothing was open, and nothing is
    try:
        with open_history(settings) as history:
            entries = history.ask(
                lambda database: _after(database, run, settings, seen, prior, hashes),
                is_recent=True,
            )
        if entries is not None and entries != prior:
            _write(path, entries)
    except (FailtrackError, OSError, ValueError) as error:
        reason = error.message if isinstance(error, FailtrackError) else error
        return f"{NAME} was not brought up to date: {reason}"
    return ""


def _after(
    database: Database,
    run: Path,
    settings: Settings,
    seen: RunSeen,
    prior: list[Entry] | None,
    hashes: Collection[str],
) -> list[Entry] | None:
    from pytest_failtrack.history.questions.open_causes import has_more_open_than
    from pytest_failtrack.history.rows import RECORDS, RUNS, Folder
    from pytest_failtrack.history.scan import note_own

    if database.name == "sqlite":
        _add_run(database, run)
        for kind, folder in ((RECORDS, settings.evidence_dir), (RUNS, run.parent)):
            note_own(database, Folder(kind, str(folder)))
    if prior is None:
        if has_more_open_than(database, FIRST_MAX_RECORDS):
            return None
        return _all_entries(database, settings)
    return _updated(database, settings, seen, prior, hashes)


def _add_run(database: Database, run: Path) -> None:
    """Put the run document into the index, so that its passes count; no sync reads it again."""
    from pytest_failtrack.history.evidence import read_bytes
    from pytest_failtrack.history.rows import RUNS, Document, Stamp

    status = run.stat()
    stamp = Stamp(status.st_size, status.st_mtime_ns)
    with database.transaction():
        RUNS.store(database, [Document(run.name, stamp, json.loads(read_bytes(run)))])


def _all_entries(database: Database, settings: Settings) -> list[Entry]:
    from pytest_failtrack.history.questions.open_causes import failing_now, open_causes

    causes = open_causes(database)
    failing = failing_now(database)
    until = _healed_before(settings)
    return _sorted(
        entry_of(one, is_healing=(one.hash, one.workflow) not in failing)
        for one in causes
        if (one.hash, one.workflow) in failing or one.last_at >= until
    )


def _updated(
    database: Database,
    settings: Settings,
    seen: RunSeen,
    prior: list[Entry],
    hashes: Collection[str],
) -> list[Entry]:
    from pytest_failtrack.history.questions.open_causes import open_causes, still_open

    kept = [one for one in prior if one["hash"] not in hashes]
    if not hashes:
        # Of a green run the evidence was not read again: all that can have changed are its passes.
        return _without_healed(database, settings, seen, kept)
    held = still_open(database, [one["hash"] for one in kept]) if kept else set()
    kept = [one for one in kept if one["hash"] in held]
    before = {one["key"]: one for one in prior}
    failed = [
        _continued(before.get(one.key), entry_of(one)) for one in open_causes(database, hashes)
    ]
    return _sorted([*failed, *_without_healed(database, settings, seen, kept)])


def _continued(before: Entry | None, now: Entry) -> Entry:
    """Return an entry with what an earlier one knew of records that were not read again."""
    if before is None:
        return now
    for name in ("tests", "failures", "occurrences"):
        known = before.get(name)
        if isinstance(known, int) and known > now[name]:
            now[name] = known
    stamps = before.get("timestamps")
    first = stamps.get("created_at") if isinstance(stamps, Mapping) else None
    if isinstance(first, str) and first < now["timestamps"]["created_at"]:
        now["timestamps"]["created_at"] = first
    return now


def _without_healed(
    database: Database, settings: Settings, seen: RunSeen, entries: list[Entry]
) -> list[Entry]:
    """Return the entries without those whose tests all pass, and have not failed for a while."""
    from pytest_failtrack.history.questions.open_causes import not_passed_since

    if not entries or not seen.passed:
        return entries
    until = _time_text(_healed_before(settings))
    names = set(seen.passed)
    looked_at = 0
    kept = []
    for one in entries:
        # A cause heals with its last test: as long as the one that it names fails, it does not.
        if one.get("test") in names and looked_at < HEALING_LOOKED_AT_MAX:
            looked_at += 1
            failing = not_passed_since(database, one["hash"], one["workflow"])
            if not failing and one["last_seen"] < until:
                continue
            named = min(failing)[0] if failing else one["test"]
            one = {**one, "test": named, "is_healing": not failing}
        kept.append(one)
    return kept


def entry_of(cause: OpenCause, *, is_healing: bool = False) -> Entry:
    """Return one element of the array.

    Keys: `number` of its issue (null until there is one), `key` and `hash` of the signature,
    `cause_id`, `title`, `workflow`, `status`, `severity`, `category`, `subcategory`,
    `failure_type`, `component`, `owner`, `test` (one of its tests), `tests`, `failures`,
    `occurrences` (builds), `last_seen`, `timestamps` {created_at, updated_at, due_at},
    `is_healing` (its tests pass again).
    """
    return {
        "number": None,
        "key": cause.key,
        "hash": cause.hash,
        "cause_id": cause.cause_id or cause.hash,
        "title": cause.token[:TITLE_MAX_CHARS],
        "workflow": cause.workflow,
        "status": "INVESTIGATING" if cause.is_investigated else "OPEN",
        "severity": cause.severity,
        "category": cause.category,
        "subcategory": cause.subcategory,
        "failure_type": cause.failure_type,
        "component": cause.component or None,
        "owner": cause.owner or None,
        "test": cause.nodeid or None,
        "tests": cause.tests,
        "failures": cause.failures,
        "occurrences": cause.occurrences,
        "last_seen": _time_text(cause.last_at),
        "timestamps": {
            "created_at": _time_text(cause.first_at),
            "updated_at": _time_text(cause.last_at),
            "due_at": _time_text(cause.due_at) if cause.due_at else None,
        },
        "is_healing": is_healing,
    }


def _sorted(entries: Iterable[Entry]) -> list[Entry]:
    newest_first = sorted(entries, key=lambda one: str(one["key"]))
    newest_first.sort(key=lambda one: str(one["last_seen"]), reverse=True)
    order = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
    return sorted(newest_first, key=lambda one: order.index(one["severity"]))


def _healed_before(settings: Settings) -> datetime:
    hours = settings.auto_heal_inactivity_hours
    return datetime.now(timezone.utc) - timedelta(hours=hours)


def _read(path: Path) -> list[Entry] | None:
    """Return the snapshot that is there; None when there is none that can be continued."""
    try:
        if path.stat().st_size > PRIOR_MAX_BYTES:
            return None
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, list) and all(map(_is_entry, data)) else None


def _is_entry(one: object) -> bool:
    if not isinstance(one, Mapping):
        return False
    texts = ("key", "hash", "workflow", "last_seen")
    has_texts = all(isinstance(one.get(name), str) for name in texts)
    return has_texts and one.get("severity") in ("CRITICAL", "HIGH", "MEDIUM", "LOW")


def _write(path: Path, entries: list[Entry]) -> None:
    from pytest_failtrack.history.files import write_output

    # A line each, for grep and diff. ASCII escapes: a message may hold lone surrogates, which
    # UTF-8 cannot write.
    lines = "\n" + ",\n".join(map(json.dumps, entries)) + "\n" if entries else ""
    write_output(path, f"[{lines}]\n".encode("ascii"))


def _time_text(moment: datetime) -> str:
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
