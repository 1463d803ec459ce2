"""The spine: observations in, records and a digest out. The first file to read.

    observe -> signature -> classify -> record -> history -> policy -> sinks

A door (the plugin, a command) says what was seen in a run; `conclude` passes it through the
stages in their order and writes the evidence; `write_run` writes the run document; `recover` does
both for runs that died. Stages never call each other backwards: what one needs from its right
(earlier occurrences, owners, the time) is fetched here and given to it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, FailtrackError
from pytest_failtrack.observe import journal as journals
from pytest_failtrack.observe.debt import DebtItem
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions

Draft = dict[str, Any]

RUN_SCHEMA_VERSION = "1.0"
TOTALS = (
    "collected",
    "passed",
    "failed",
    "errors",
    "skipped",
    "xfailed",
    "xpassed",
    "rerun",
    "flaky",
    "deselected",
    "crashed",
)
DEBT_ITEMS_MAX = 2_000


@dataclass
class RunSeen:
    """What was seen of one run, finished or dead.

    Args:
        start: The facts of the start mark: source, settings, command, versions, `run`,
            `started_at`.
        drafts: Observations as plain values, in the order seen.
        debt: Items of test debt.
        passed: Node ids of tests whose call passed.
        counts: Reports by outcome: `failed`, `errors`, `skipped`, `xfailed`, `rerun`, `crashed`.
        collected: Number of collected tests.
        exit_status: Exit status, None while it is not known.
        finished_at: When it ended, ISO 8601, UTC.
        ended: `finished`, `interrupted` or `died`.
        signal: Signal that ended the process, where somebody saw it.
        lost_workers: Number of workers that died.
        internal_errors: Number of internal errors of pytest.
        problems: What went wrong inside failtrack.
    """

    start: Mapping[str, Any]
    drafts: Sequence[Draft] = ()
    debt: Sequence[DebtItem] = ()
    passed: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    collected: int = 0
    exit_status: int | None = None
    finished_at: str = ""
    ended: str = "finished"
    signal: str = ""
    lost_workers: int = 0
    internal_errors: int = 0
    problems: Sequence[str] = ()

    @property
    def build_id(self) -> str:
        """The build: the CI's or the user's, else one made of this run."""
        return self.start["settings"].get("build") or f"local-{self.start['run']}"


@dataclass
class Conclusion:
    """What came out of a run.

    Args:
        digest: For the terminal, the gate and the sinks.
        records: (failure id, digest over its capture blocks) of every record of the run.
        reopened: Records that were set back to OPEN.
        is_written: Every record is in the evidence folder.
    """

    digest: Digest
    records: list[tuple[str, str]] = field(default_factory=list)
    reopened: list[dict[str, str]] = field(default_factory=list)
    is_written: bool = True


def conclude(
    seen: RunSeen, settings: Settings, extensions: Extensions, *, now: datetime | None = None
) -> Conclusion:
    """Turn what was seen into evidence and return what it comes to.

    Running it twice over the same run writes the same files once (C-27).

    Args:
        seen: The run.
        settings: Settings of the run.
        extensions: The hooks of others.
        now: This moment, aware; the clock's by default.

    Returns:
        The conclusion; a folder that cannot be written shows as a problem in its digest.
    """
    now = now or datetime.now(timezone.utc)
    observations = list(observations_of(seen, settings, now))
    if not observations:
        problems = [*seen.problems, *extensions.problems]
        return Conclusion(digest_of(seen, settings, (), 0, problems))
    from pytest_failtrack.judgement import Judge

    judge = Judge(settings, seen, extensions, now)
    judge.judge(observations)
    causes = judge.causes()
    problems = [*seen.problems, *judge.problems, *extensions.problems]
    digest = digest_of(seen, settings, causes, len(judge.records), problems)
    return Conclusion(digest, judge.records, judge.reopened, judge.is_written)


def write_run(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> tuple[Path | None, str]:
    """Write the run document, in place of an earlier one of the same run.

    Returns:
        Its path and ``; or None and what went wrong.
    """
    from pytest_failtrack.history import evidence

    try:
        path = evidence.write_run(settings.runs_dir, run_document(seen, conclusion, settings))
    except (FailtrackError, OSError, ValueError) as error:
        return None, f"the run document was not written: {error}"
    _tell_parent(seen, settings, path)
    return path, ""


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
        lock = journals.FileLock(folder / "recover.lock")
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


def deliver(digest: Digest, settings: Settings, extensions: Extensions, stream: TextIO) -> None:
    """Send the digest to every sink and to the hooks of others.

    Args:
        digest: What the run comes to.
        settings: Settings of the run.
        extensions: The hooks of others.
        stream: Where workflow commands of the CI are written.
    """
    from pytest_failtrack.sinks import sink

    file = settings.table.get("digest_file")
    outlets = sink.Outlets(os.environ, stream, settings.root / file if file else None)
    for sentence in sink.deliver(sink.sinks_for(outlets), digest):
        stream.write(f"failtrack: {sentence}\n")
    before = len(extensions.problems)
    extensions.digest(digest)
    for sentence in extensions.problems[before:]:  # too late for the section above
        stream.write(f"failtrack: {sentence}\n")


def describe_recovery(conclusion: Conclusion) -> str:
    """Return the sentence about a dead run that was recovered."""
    digest = conclusion.digest
    crashed = [one for one in digest.causes if not one.is_debt]
    named = next((nodeid for one in crashed for nodeid in one.nodeids if nodeid), "")
    what = f"{len(conclusion.records)} records"
    why = "could not write its evidence" if digest.is_complete else "died"
    return f"recovered an earlier run that {why} (build {digest.build_id}): {what}" + (
        f", first {named}" if named else ""
    )


# -- observe ---------------------------------------------------------------------------------


def observations_of(seen: RunSeen, settings: Settings, now: datetime) -> Iterator[Observation]:
    """Yield the observations of a run: failures with their final outcome, then findings of debt.

    A failed attempt of a test that passed later becomes `flaky`; failures that are equal in
    test, phase and attempt get their position (C-27).
    """
    passed = set(seen.passed) if any(one["outcome"] == "rerun" for one in seen.drafts) else set()
    positions: Counter[tuple[Any, ...]] = Counter()
    for draft in seen.drafts:
        observation = Observation.from_dict(draft)
        changes: dict[str, Any] = {}
        if observation.outcome == "rerun" and observation.nodeid in passed:
            changes["outcome"] = "flaky"
        kind = "call" if observation.when == "call" else "other"
        place = (observation.nodeid, kind, observation.when, observation.attempt)
        if positions[place]:
            changes["position"] = positions[place]
        positions[place] += 1
        yield dataclasses.replace(observation, **changes) if changes else observation
    yield from debt_findings(seen.debt, settings, now)


def debt_findings(
    items: Iterable[DebtItem], settings: Settings, now: datetime
) -> Iterator[Observation]:
    """Yield one observation for each item of debt that is expired or gives no reason."""
    rules = settings.table.get("debt", {})
    needs_reason = rules.get("require_reason", True)
    timestamp = now.isoformat(timespec="milliseconds")
    positions: Counter[tuple[str, str]] = Counter()
    for item in items:
        if item.kind in ("deselected", "ignored", "empty_parametrize"):
            continue  # nobody is asked for a reason there
        expired = item.is_expired(now.date())
        if not expired and (item.has_reason or not needs_reason):
            continue
        what = (
            f"{item.kind} expired on {item.until}" if expired else f"{item.kind} without a reason"
        )
        owed = f" (owner {item.owner})" if item.owner else ""
        yield Observation(
            source="pytest",
            when="setup",
            nodeid=item.nodeid,
            outcome="expired" if expired else "debt",
            file=item.file,
            line=item.line,
            text=f"{what}: {item.reason}{owed}" if item.reason else what + owed,
            timestamp=timestamp,
            subject=item.kind,
            position=positions[item.nodeid, item.kind],
        )
        positions[item.nodeid, item.kind] += 1


# -- the run document ------------------------------------------------------------------------


def digest_of(
    seen: RunSeen,
    settings: Settings,
    causes: tuple[Cause, ...],
    records: int,
    problems: Iterable[str],
) -> Digest:
    """Return the digest of a run from its causes."""
    start = seen.start["settings"]
    today = datetime.now(timezone.utc).date()
    debt = DebtSummary(
        counts=dict(sum((Counter({one.kind: one.count}) for one in seen.debt), Counter())),
        without_reason=sum(_lacks_reason(one) for one in seen.debt),
        expired=sum(one.is_expired(today) for one in seen.debt),
    )
    return Digest(
        build_id=seen.build_id,
        workflow=start.get("workflow", ""),
        job=start.get("job", ""),
        step=start.get("step", ""),
        leg=start.get("leg", ""),
        run_url=start.get("run_url", ""),
        commit=start.get("commit", ""),
        branch=start.get("branch", ""),
        exit_status=seen.exit_status,
        is_complete=seen.ended == "finished",
        totals=totals_of(seen, causes),
        causes=causes,
        debt=debt,
        records=records,
        evidence_dir=_shown(settings.evidence_dir),
        problems=tuple(dict.fromkeys(problems)),
    )


def totals_of(seen: RunSeen, causes: Iterable[Cause]) -> dict[str, int]:
    """Return the counts of the run document."""
    counts = Counter(seen.counts)
    counts["passed"] = len(seen.passed) - counts["xpassed"]
    counts["collected"] = seen.collected
    counts["deselected"] = sum(one.count for one in seen.debt if one.kind == "deselected")
    counts["flaky"] = len({one for cause in causes if cause.is_flaky for one in cause.nodeids})
    return {name: counts[name] for name in TOTALS}


def run_document(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> dict[str, Any]:
    """Return the run document as plain JSON values; no model is needed for a green run."""
    from pytest_failtrack import __version__
    from pytest_failtrack.history.evidence import slug_of
    from pytest_failtrack.record.digest import combined_digest
    from pytest_failtrack.sinks.json_digest import cause_to_json, debt_to_json

    start, digest = seen.start, conclusion.digest
    told = start["settings"]
    items = [asdict(one) for one in seen.debt[:DEBT_ITEMS_MAX]]
    return {
        "schema_version": RUN_SCHEMA_VERSION,
        "document_id": f"{slug_of(seen.build_id)}.{_tail_of(seen)}",
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
        "failures": len(conclusion.records),
        "files": _counts_by_file(seen),
        "outcomes": _outcomes_of_open(seen, settings),
        "causes": [cause_to_json(one) for one in digest.causes],
        "debt": {**debt_to_json(digest.debt), "items": items},
        "records": [one for one, _ in conclusion.records],
        "records_digest": combined_digest(conclusion.records),
        "lost_workers": seen.lost_workers,
        "internal_errors": seen.internal_errors,
        "reopened": conclusion.reopened,
        "environment": environment_of(seen),
        "generator": f"pytest-failtrack {__version__}",
        "problems": list(dict.fromkeys([*digest.problems, *seen.problems])),
    }


def _tail_of(seen: RunSeen) -> str:
    """Return what tells the run documents of a build apart."""
    return hashlib.sha256(str(seen.start["run"]).encode()).hexdigest()[:8]


def environment_of(seen: RunSeen) -> dict[str, Any]:
    """Return the environment block of a run document."""
    told = seen.start["settings"]
    names = ("run_url", "commit", "branch", "pr", "leg", "build_attempt", "repository")
    versions = {name: seen.start.get(name) or None for name in ("python", "platform", "pytest")}
    return versions | {name: told.get(name) or None for name in names}


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
    index = settings.state_dir / "history.sqlite"
    if not index.exists():
        return {}
    from pytest_failtrack.history.store import History

    try:
        with History(index) as history:
            waiting = set(history.open_nodeids())
    except FailtrackError:
        return {}
    outcomes = {nodeid: "passed" for nodeid in seen.passed if nodeid in waiting}
    for draft in seen.drafts:
        if draft["nodeid"] in waiting:
            outcomes[draft["nodeid"]] = draft["outcome"]
    return outcomes


def _tell_parent(seen: RunSeen, settings: Settings, path: Path) -> None:
    """Leave a note for the `failtrack run` that started this run, so that it records nothing."""
    parent = seen.start.get("parent")
    if not parent:
        return
    import json

    folder = settings.state_dir / "parents" / str(parent)
    note = {"run_documents": [path.stem], "exit_status": seen.exit_status, "ended": seen.ended}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{path.stem}.json").write_text(json.dumps(note), encoding="utf-8")
    except OSError:
        pass  # the parent then records the command as well: twice is better than not at all


# -- dead runs -------------------------------------------------------------------------------


def _recover_run(
    folder: Path,
    settings: Settings,
    extensions: Extensions | None,
    exit_status: int | None,
    signal: str,
    parent: str,
) -> Conclusion | None:
    from pytest_failtrack import recovery

    processes = journals.read_run(folder)
    main = next((one for one in processes if one.process == journals.MAIN), None)
    start = main.start if main is not None else {}
    if parent and start.get("parent") != parent:
        return None
    recovery.refuse_foreign(folder, processes)
    if main is not None and main.end is not None:
        journals.remove_run(folder)  # everything was written before it could be tidied away
        return None
    if not start and not any(one.entries for one in processes):
        journals.remove_run(folder)  # it died before it began
        return None
    from pytest_failtrack.extensions import Extensions

    recovery.note_death(folder, exit_status, signal)
    told = recovery.settings_of_start(settings, start)
    seen = recovery.seen_of_journals(folder, processes, exit_status, signal)
    if seen.ended == "died" and _is_told_already(seen, told):
        journals.remove_run(folder)  # it died between its last word and the end mark
        return None
    conclusion = conclude(seen, told, extensions or Extensions.of_command())
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
    journals.remove_run(folder)
    return conclusion


def _is_told_already(seen: RunSeen, settings: Settings) -> bool:
    """Whether the run wrote its document, with all that its journal holds, before it died."""
    from pytest_failtrack.history import evidence

    tail = _tail_of(seen)
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
    from pytest_failtrack.history.files import remove_unfinished

    remove_unfinished(settings.runs_dir, {path.name})
    ids = {one for one, _ in conclusion.records} | {
        one["failure_id"] for one in conclusion.reopened
    }
    remove_unfinished(settings.evidence_dir, {f"{one}.json" for one in ids})


def _lacks_reason(item: DebtItem) -> bool:
    return item.kind not in ("deselected", "ignored", "empty_parametrize") and not item.has_reason


def _shown(path: Path) -> str:
    """Return a path as a person at the prompt would type it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return str(path) if relative.startswith("..") else relative.replace(os.sep, "/")
