"""A run that died, or could not write its evidence: from its journals to what was seen of it.

`recovery.recover` calls it. The same journals give the same values, however often and by whomever
they are read, so that a recovery which is killed itself can be done again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytest_failtrack.config import DEFAULT_DIR, Settings
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe import journals
from pytest_failtrack.observe.death import draft_of_death, draft_of_recorder
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.journal import JOURNAL_VERSION, MAIN, SUFFIX, append
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.slot import BUSY, IDLE_SLOT, InFlight
from pytest_failtrack.pipeline import RunSeen
from pytest_failtrack.sinks.wording import count

Draft = dict[str, Any]

COUNTED = {"failed": "failed", "rerun": "rerun", "crashed": "crashed", "xpassed": "failed"}
# What comes after a phase that is over; after these nothing of the test is left.
NEXT_PHASE = {"setup": "teardown", "call": "teardown"}


def refuse_foreign(folder: Path, processes: Iterable[journals.ProcessJournal]) -> None:
    """Refuse the journals of a run that another version of failtrack wrote; they are kept.

    Raises:
        EvidenceError: Both versions are in the sentence.
    """
    for one in processes:
        if one.is_foreign:
            raise EvidenceError(
                f"{folder} holds a dead run's journal of version {one.start.get('version')!r}, and "
                f"this failtrack reads version {JOURNAL_VERSION}; it is kept: recover it "
                "with the failtrack that wrote it",
                slug="journal-version",
            )


def note_death(folder: Path, exit_status: int | None, signal: str) -> None:
    """Write down in the journal how its process ended: only its parent saw that, and only now."""
    if exit_status is None and not signal:
        return
    path = folder / f"{MAIN}{SUFFIX}"
    try:
        if journals.read_journal(path).death is None:
            append(path, {"mark": "death", "exit_status": exit_status, "signal": signal})
    except OSError:
        pass  # then the records say it, if this recovery is not killed as well


def settings_of_start(settings: Settings, start: Mapping[str, Any]) -> Settings:
    """Return settings as the dead run had them; a folder that the caller names wins."""
    names = Settings.__annotations__
    told = {name: value for name, value in start.get("settings", {}).items() if name in names}
    evidence = start.get("evidence")
    if evidence and settings.evidence_dir == settings.root / DEFAULT_DIR:
        told["evidence_dir"] = settings.root / evidence
    return replaced(settings, **told)


def seen_of_journals(
    folder: Path,
    processes: Sequence[journals.ProcessJournal],
    exit_status: int | None = None,
    signal: str = "",
) -> RunSeen:
    """Return what was seen of a run, with what was in flight at its death as its own failure.

    Args:
        folder: Folder of the run.
        processes: Its journals.
        exit_status: Status of the process, where a parent saw it.
        signal: Signal that ended it, where a parent saw it.
    """
    main = next((one for one in processes if one.process == MAIN), None)
    main = main or journals.ProcessJournal(MAIN)
    at = _last_sign_of_life(folder)
    problems = [
        f"{count(one.torn_lines, 'line')} of the journal of {one.process} could not be read"
        for one in processes
        if one.torn_lines
    ]
    if not main.start:
        problems.append("the journal has lost its beginning: build, job and command are unknown")
    drafts = _drafts(processes, problems)
    seen = RunSeen(
        start={"settings": {}, "started_at": at, **main.start, "run": folder.name},
        drafts=drafts,
        debt=_debt(main, problems),
        passed=list(dict.fromkeys(_passed(processes))),
        counts=Counter(COUNTED.get(one["outcome"], "errors") for one in drafts),
        exit_status=exit_status,
        finished_at=at,
        ended="died",
        signal=signal,
        problems=problems,
    )
    if main.over is not None:
        return _as_known(seen, main.over)
    if main.start.get("source") == "command":
        if main.start.get("is_running"):
            death = draft_of_recorder(main.start, at)
            return replaced(seen, drafts=[*drafts, death], counts=Counter({"failed": 1}))
        # The command was over when it was journaled: only its recorder died.
        status = drafts[0].get("exit_status") if drafts else exit_status
        return replaced(seen, ended="finished", exit_status=status)
    if main.death is not None and exit_status is None and not signal:
        exit_status, signal = main.death.get("exit_status"), main.death.get("signal", "")
        seen = replaced(seen, exit_status=exit_status, signal=signal)
    return _with_deaths(seen, [main, *(one for one in processes if one is not main)], at)


def _drafts(processes: Iterable[journals.ProcessJournal], problems: list[str]) -> list[Draft]:
    found: dict[str, Draft] = {}
    broken = 0
    for process in processes:
        for entry in process.entries:
            draft = entry.get("observation")
            if draft is None:
                continue
            try:
                Observation.from_dict(draft)
                found[draft["id"]] = draft  # a second line says that it was run again
            except (KeyError, TypeError, ValueError, AttributeError):
                broken += 1
    if broken:
        they = "entry of the journal is no observation"
        problems.append(count(broken, they, "entries of the journal are no observations"))
    return list(found.values())


def _debt(main: journals.ProcessJournal, problems: list[str]) -> list[DebtItem]:
    items = [entry["debt"] for entry in main.entries if "debt" in entry]
    try:
        return [DebtItem(**item) for item in items]
    except TypeError as error:
        problems.append(f"the debt in the journal cannot be read: {error}")
        return []


def _passed(processes: Iterable[journals.ProcessJournal]) -> Iterable[str]:
    """Yield the tests that passed when they were run again; others are not in journals."""
    for process in processes:
        for entry in process.entries:
            if isinstance(entry.get("passed"), str):
                yield entry["passed"]


def _as_known(seen: RunSeen, over: Mapping[str, Any]) -> RunSeen:
    """Return a run that came to its end as it was known there; only the writing failed."""
    return replaced(
        seen,
        passed=over.get("passed", ()),
        debt=[*seen.debt, *(DebtItem(**item) for item in over.get("left_out", ()))],
        counts=over.get("counts", {}),
        collected=over.get("collected", 0),
        exit_status=over.get("exit_status"),
        finished_at=over.get("finished_at", seen.finished_at),
        ended=over.get("ended", "died"),
        not_run=over.get("not_run", 0),
        lost_workers=over.get("lost_workers", 0),
        internal_errors=over.get("internal_errors", 0),
        problems=[*over.get("problems", ()), *seen.problems],
    )


def _with_deaths(seen: RunSeen, processes: Sequence[journals.ProcessJournal], at: str) -> RunSeen:
    main = processes[0]
    known = {draft["worker"] for draft in seen.drafts if draft["outcome"] == "crashed"}
    observed = {
        (one["nodeid"], one["when"], one.get("attempt", 1))
        for one in seen.drafts
        if not one.get("subject")  # a subtest that failed is not the end of its test
    }
    # A worker that the controller saw die is a failure already.
    alive = [one for one in processes if one.end is None and one.process not in known]
    in_flights = {one.process: _in_flight(one.in_flight, observed) for one in alive}
    busy = [name for name, one in in_flights.items() if one.when in BUSY] or [main.process]
    deaths = [
        draft_of_death(
            "the process" if name == MAIN else f"worker {name}",
            in_flights.get(name, IDLE_SLOT),
            at,
            worker="" if name == MAIN else name,
            exit_status=seen.exit_status,
            signal=seen.signal,
        )
        for name in busy
    ]
    # execnet interrupts a worker whose controller is gone; its death says that, with the test.
    echoes = {name for name in busy if name != MAIN}
    drafts = [
        one
        for one in seen.drafts
        if not (one["outcome"] == "interrupted" and one.get("worker") in echoes)
    ]
    counts = Counter(COUNTED.get(one["outcome"], "errors") for one in [*drafts, *deaths])
    return replaced(seen, drafts=[*drafts, *deaths], counts=counts)


def _in_flight(told: InFlight, observed: set[tuple[str, str, int]]) -> InFlight:
    """Return what really was in flight: not a phase whose failure is in the journal already."""
    when = told.when
    while (told.nodeid, when, told.attempt) in observed:
        if when not in NEXT_PHASE:
            return IDLE_SLOT
        when = NEXT_PHASE[when]
    return replaced(told, when=when)


def _last_sign_of_life(folder: Path) -> str:
    """Return when a journal or slot of the run was last written, ISO 8601, UTC."""
    moments = [0.0]
    for pattern in (f"*{SUFFIX}", "*.slot"):
        for path in folder.glob(pattern):
            try:
                moments.append(os.stat(path).st_mtime)
            except OSError:
                continue
    moment = datetime.fromtimestamp(max(moments), timezone.utc)
    return moment.isoformat(timespec="milliseconds")
