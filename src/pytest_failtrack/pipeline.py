"""The spine: observations in, records and a digest out. The first file to read.

    observe -> signature -> classify -> record -> history -> policy -> sinks

A door (the plugin, a command) says what was seen in a run; `conclude` passes it through the
stages in their order and writes the evidence (judgement.py); run_document.py writes what the run
was; recovery.py does both for runs that died. Stages never call each other backwards: what one
needs from its right (earlier occurrences, owners, the time) is fetched here and given to it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pytest_failtrack.config import Settings, load
from pytest_failtrack.errors import ConfigError, FailtrackError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.debt import DebtItem
    from pytest_failtrack.observe.observation import Observation

Draft = dict[str, Any]

# What a test is that passes in spite of its xfail mark (S0-16); one that is strict fails the run.
UNEXPECTED_PASS = {
    "subcategory": "QA_FALSE_POSITIVE",
    "failure_type": "test_debt",
    "recovery_mode": "FIX_TEST",
    "recovery_suggestion": "Remove the xfail mark if the defect is gone; if it is not, the test no "
    "longer proves it.",
    "reasons": ["The test is marked as expected to fail, and it passed."],
}

SCOPE_SECONDS_MAX = 5.0
"""So long may git take to say what changed under frozen paths; the gate waits longer for it."""

_LASTING = frozenset({"failed", "error", "crashed"})

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


@frozen
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
        not_run: How many of them were not run, because the run was stopped early.
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
    not_run: int = 0
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

    def passing(self) -> set[str]:
        """Return the node ids that are in order now.

        Tests that passed, and files, classes and folders of which a test ran or was skipped,
        whatever became of it: they could be collected, and what is imported before them could be
        imported. Of a command that succeeded, the command.
        """
        from pytest_failtrack.observe.collectors import containers_of

        failing = [one["nodeid"] for one in self.drafts]
        found = containers_of((*self.passed, *failing, *(item.nodeid for item in self.debt)))
        found.update(self.passed)
        if self.start.get("source") == "command" and self.exit_status == 0:
            found.add(self.start["command"])
        return found.difference(failing)


@frozen
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
    # A run in which nothing failed and nothing was skipped does without all that follows.
    is_plain = not seen.drafts and not seen.debt
    observations = [] if is_plain else list(observations_of(seen, settings, now))
    if not observations:
        problems = [*seen.problems, *extensions.problems]
        scope = _changed_in_scope(seen, settings, now, problems)
        digest = digest_of(seen, settings, (), 0, problems)
        again = _passing_again(seen, settings)
        return Conclusion(replaced(digest, scope=scope, passing_again=again))
    from pytest_failtrack.judging.judgement import Judge

    judge = Judge(settings, seen, extensions, now)
    judge.judge(observations)
    causes = judge.causes()
    problems = [*seen.problems, *judge.problems, *extensions.problems]
    scope = _changed_in_scope(seen, settings, now, problems)
    digest = digest_of(seen, settings, causes, len(judge.records), problems)
    digest = replaced(
        digest,
        scope=scope,
        gate_folder=_gate_folder(settings) if causes else "",
        passing_again=_passing_again(seen, settings),
        is_written=judge.is_written,
    )
    return Conclusion(digest, judge.records, judge.reopened, judge.is_written)


def _changed_in_scope(
    seen: RunSeen, settings: Settings, now: datetime, problems: list[str]
) -> tuple[str, ...]:
    """Return which files changed under a frozen path, one sentence each (S0-26).

    Asked of runs in this checkout alone, and only where something is frozen. What git cannot say
    is left to the gate and the doctor.
    """
    frozen_entries = settings.table.get("frozen")
    is_here = seen.start.get("source", "pytest") in ("pytest", "command") and seen.ended != "died"
    if not frozen_entries or not is_here:
        return ()
    from pytest_failtrack.policy.scope import frozen_paths, scope_report

    try:
        paths = frozen_paths(frozen_entries)
    except ConfigError as error:
        problems.append(f"{error}; what is frozen was not looked at")
        return ()
    found = scope_report(settings.root, paths, now, settings.base_branch, SCOPE_SECONDS_MAX)
    return tuple(one.sentence for one in found.changes)


def _passing_again(seen: RunSeen, settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return id and headline of causes whose tests pass for the first time since they failed.

    The headline goes on with its place.

    Asked of the local index alone, by runs of pytest that came to their end.
    """
    ran = seen.passed or seen.drafts or seen.debt
    is_asked = ran and seen.start.get("source") == "pytest" and seen.ended != "died"
    if not is_asked or settings.is_shared:
        return ()
    from pytest_failtrack.open_history import has_history, open_history

    if not has_history(settings):
        return ()
    from pytest_failtrack.history.columns import lane
    from pytest_failtrack.history.questions.open_causes import passing_again
    from pytest_failtrack.signature.signature import NO_NAME

    passed = seen.passing()
    here = lane(
        settings.branch, settings.workflow or NO_NAME, settings.job or NO_NAME, settings.leg
    )
    try:
        with open_history(settings) as history:
            found = history.ask(lambda one: passing_again(one, passed, here), is_recent=True)
    except FailtrackError:
        return ()  # who needs the history says that it cannot be asked
    return tuple((name, " in ".join(filter(None, token.rsplit(" @ ", 1)))) for name, token in found)


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


# -- observe ---------------------------------------------------------------------------------


def observations_of(seen: RunSeen, settings: Settings, now: datetime) -> Iterator[Observation]:
    """Yield the observations of a run: failures with their final outcome, then findings of debt.

    A failed attempt of a test that passed later becomes `flaky`; failures that are equal in
    test, kind and attempt get their position (C-27).
    """
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.record.identity import kind_of

    passed: set[str] = set()
    if any(one["outcome"] == "rerun" for one in seen.drafts):
        # A call may pass, and what comes after it fail in every attempt.
        failed = {one["nodeid"] for one in seen.drafts if one["outcome"] in _LASTING}
        passed = set(seen.passed) - failed
    positions: Counter[tuple[Any, ...]] = Counter()
    for draft in seen.drafts:
        try:
            observation = Observation.from_dict(draft)
        except (AttributeError, KeyError, TypeError, ValueError):
            observation = Observation.from_dict(_unreadable(draft, now))
        if observation.outcome == "rerun" and observation.nodeid in passed:
            observation = replaced(observation, outcome="flaky")
        # What the id is made of, or two failures would get one.
        place = (observation.nodeid, kind_of(observation), observation.attempt)
        if positions[place]:
            observation = replaced(observation, position=positions[place])
        positions[place] += 1
        yield observation
    yield from debt_findings(seen.debt, settings, now)


def _unreadable(draft: Mapping[str, Any], now: datetime) -> Draft:
    """Return what is left of a failure when a test had tampered with what we describe it by."""
    from pytest_failtrack.observe.from_pytest import UNDESCRIBED

    kept = {name: str(draft.get(name, "")) for name in ("source", "when", "nodeid", "outcome")}
    timestamp = draft.get("timestamp")
    return {
        **kept,
        "file": kept["nodeid"].partition("::")[0],
        "text": UNDESCRIBED,
        "timestamp": timestamp if isinstance(timestamp, str) else now.isoformat(),
    }


def debt_findings(
    items: Iterable[DebtItem], settings: Settings, now: datetime
) -> Iterator[Observation]:
    """Yield one observation for each item of debt that is expired, unmapped or without a reason,
    and for each unexpected pass."""
    from pytest_failtrack.observe.debt import UNMAPPED, WITHOUT_REASON
    from pytest_failtrack.observe.observation import Observation

    rules = settings.table.get("debt", {})
    needs_reason = rules.get("require_reason", True)
    timestamp = now.isoformat(timespec="milliseconds")
    positions: Counter[tuple[str, str]] = Counter()
    for item in items:
        if item.kind == UNMAPPED:
            yield unmapped_finding(item, timestamp)
            continue
        if item.kind in WITHOUT_REASON:
            continue
        expired = item.is_expired(now.date())
        is_passed = item.kind == "xpass" and not expired
        if not expired and not is_passed and (item.has_reason or not needs_reason):
            continue
        if expired:
            what = f"{item.kind} expired on {item.until}"
        elif is_passed:
            what = "xpass: passed although it is expected to fail"
        else:
            what = f"{item.kind} without a reason"
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
            told=UNEXPECTED_PASS if is_passed else {},
        )
        positions[item.nodeid, item.kind] += 1


def unmapped_finding(item: DebtItem, timestamp: str) -> Observation:
    """Return the observation of a test that lacks the marks that the project asks for (S0-18)."""
    from pytest_failtrack.observe.observation import Observation

    who = f"{item.count} tests here lack" if item.count > 1 else "this test lacks"
    return Observation(
        source="pytest",
        when="setup",
        nodeid=item.nodeid,
        outcome="debt",
        file=item.file,
        line=item.line,
        text=f"unmapped: no mark {item.reason}",
        timestamp=timestamp,
        subject=item.kind,
        told={
            "subcategory": "QA_UNMAPPED",
            "failure_type": "test_debt",
            "recovery_mode": "FIX_TEST",
            "recovery_suggestion": "Say with a mark what the test belongs to or proves, or exclude "
            "its path in [tool.failtrack.mapping].",
            "reasons": [f"The project asks for marks, and {who} {item.reason}."],
        },
    )


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
        not_run=seen.not_run,
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


def _gate_folder(settings: Settings) -> str:
    """Return the folder that the gate must be given here, `` where it finds the evidence itself.

    pytest may have been given a folder with a configuration of its own, or a place that no other
    command knows of.
    """
    try:
        found = load().evidence_dir
    except (ConfigError, OSError):
        return ""  # the gate says what is wrong
    return "" if found == settings.evidence_dir else _shown(settings.evidence_dir)


def _lacks_reason(item: DebtItem) -> bool:
    from pytest_failtrack.observe.debt import WITHOUT_REASON

    return item.kind not in WITHOUT_REASON and not item.has_reason


def _shown(path: Path) -> str:
    """Return a path as a person at the prompt would type it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive on Windows
        return str(path)
    return str(path) if relative.startswith("..") else relative.replace(os.sep, "/")
