"""Recovery: the journals of dead runs become records and run documents.

Called by every door: the next `pytest --failtrack`, `failtrack run`, `gate` and `recover`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, FailtrackError
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.history import evidence
from pytest_failtrack.history.files import remove_unfinished
from pytest_failtrack.observe import journals
from pytest_failtrack.observe.journal import MAIN, FileLock, remove_run
from pytest_failtrack.pipeline import Conclusion, RunSeen, conclude
from pytest_failtrack.recovering import dead_run
from pytest_failtrack.run_document import tail_of, write_run
from pytest_failtrack.sinks.wording import count


def recover(
    settings: Settings,
    extensions: Extensions | None = None,
    *,
    exit_status: int | None = None,
    signal: str = "",
    parent: str = "",
    tell: Callable[[str], None] | None = None,
) -> list[Conclusion]:
    """Turn the journals of dead runs into records and run documents.

    Args:
        settings: Where state and evidence lie; what a dead run's own start mark says wins.
        extensions: The hooks of others; those of a command by default.
        exit_status: Status of the process, where a parent saw it.
        signal: Signal that ended it, where a parent saw it.
        parent: Only runs that this parent started.
        tell: Receives a sentence about each run that could not be recovered; its journals are
            kept for the next time.

    Returns:
        One conclusion a run that was recovered.
    """
    found = []
    for folder in list(journals.dead_runs(settings.state_dir)):
        lock = FileLock(folder / "recover.lock")
        try:
            if not lock.acquire():
                continue  # somebody else recovers it now
        except OSError:
            continue
        try:
            conclusion = _recover_run(folder, settings, extensions, exit_status, signal, parent)
            if conclusion is not None:
                found.append(conclusion)
        except FailtrackError as error:
            (tell or _ignored)(error.message)
        except Exception as error:  # one broken run does not keep others from their records
            (tell or _ignored)(
                f"the dead run in {folder} cannot be recovered and is kept: "
                f"{type(error).__name__}: {error}"
            )
        finally:
            lock.release()
    return found


def _ignored(_sentence: str) -> None:
    """Take a sentence that nobody asked for."""


def describe_recovery(conclusion: Conclusion) -> str:
    """Return the sentence about a dead run that was recovered."""
    digest = conclusion.digest
    crashed = [one for one in digest.causes if not one.is_debt]
    named = next((nodeid for one in crashed for nodeid in one.nodeids if nodeid), "")
    what = count(len(conclusion.records), "record")
    why = "could not write its evidence" if digest.is_complete else "died"
    return f"recovered an earlier run that {why} (build {digest.build_id}): {what}" + (
        f", first {named}" if named else ""
    )


def _recover_run(
    folder: Path,
    settings: Settings,
    extensions: Extensions | None,
    exit_status: int | None,
    signal: str,
    parent: str,
) -> Conclusion | None:
    processes = journals.read_run(folder)
    main = next((one for one in processes if one.process == MAIN), None)
    start = main.start if main is not None else {}
    if parent and start.get("parent") != parent:
        return None
    dead_run.refuse_foreign(folder, processes)
    if main is not None and main.end is not None:
        remove_run(folder)  # everything was written before it could be tidied away
        return None
    if not processes:
        remove_run(folder)  # it died before it began
        return None
    dead_run.note_death(folder, exit_status, signal)
    told = dead_run.settings_of_start(settings, start)
    seen = dead_run.seen_of_journals(folder, processes, exit_status, signal)
    if seen.ended == "died" and is_told_already(seen, told):
        remove_run(folder)  # it died between its last word and the end mark
        return None
    conclusion = conclude(seen, told, extensions or Extensions.of_command(settings.table))
    path, problem = write_run(seen, conclusion, told)
    problem = problem or next(
        (one for one in conclusion.digest.problems if "not written" in one), "no reason is known"
    )
    if path is None or not conclusion.is_written:
        raise EvidenceError(
            f"the dead run in {folder} was not recovered and is kept: {problem}",
            slug="recover-write",
        )
    _remove_unfinished(path, conclusion, told)
    remove_run(folder)
    return conclusion


def is_told_already(seen: RunSeen, settings: Settings) -> bool:
    """Return whether the run wrote its document, with all of its journal, before it died."""
    tail = tail_of(seen)
    for path, document in evidence.read_runs(settings.runs_dir, seen.build_id):
        if path.stem.endswith(tail) and isinstance(document, dict) and document["ended"] != "died":
            written = evidence.read_records(settings.evidence_dir, document["records"])
            told = [record for _, record in written if isinstance(record, dict)]
            failures = [one for one in told if one["test"]["outcome"] not in ("debt", "expired")]
            journaled = [one for one in seen.drafts if not one["id"].startswith("death:")]
            return len(told) == document["failures"] and len(failures) >= len(journaled)
    return False


def _remove_unfinished(path: Path, conclusion: Conclusion, settings: Settings) -> None:
    """Remove what the dead run had begun to write of the files that are written now."""
    remove_unfinished(settings.runs_dir, {path.name})
    ids = {one for one, _ in conclusion.records} | {
        one["failure_id"] for one in conclusion.reopened
    }
    remove_unfinished(settings.evidence_dir, {f"{one}.json" for one in ids})
