"""The stages between observation and digest, for a run that has failures; called by pipeline.py.

One judge a run. What all failures of one cause share (history, owner, escalation) is looked up
once a cause; what is a failure's own (class, deadline, record) once a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_failtrack import __version__
from pytest_failtrack.assessment import Assessor, Case
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import evidence
from pytest_failtrack.history.store import History
from pytest_failtrack.lives import change_record, signed_reviews
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.open_history import open_history
from pytest_failtrack.policy.digest import CAUSE_NOVELTIES, Cause, count_tests
from pytest_failtrack.policy.escalate import Escalation, escalate
from pytest_failtrack.policy.matrix import SEVERITIES, load_matrix
from pytest_failtrack.policy.owners import Owners
from pytest_failtrack.policy.retry import retry_policy
from pytest_failtrack.policy.sla import deadline
from pytest_failtrack.record import build
from pytest_failtrack.record.digest import capture_digest
from pytest_failtrack.record.lifecycle import reopened
from pytest_failtrack.record.repeat import Earlier, Repetition, find_repetition
from pytest_failtrack.record.times import parse_time, time_text
from pytest_failtrack.signature.token import headline, place_of

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.pipeline import RunSeen

POSITIONS_MAX = 1_000
INDEX_BATCH = 1_000
# Signatures of nothing but these outcomes are causes of their own.
NOT_GROUPED = frozenset({"debt", "expired", "flaky"})


class Group:
    """The failures of one cause.

    Args:
        cause_id: 12 hex digits that last.
        members: Its failures by signature; the signature of most failures comes first.
        repetitions: What history says of each signature.
        why: Why its signatures belong together, `` when it has one.
    """

    def __init__(
        self,
        cause_id: str,
        members: Iterable[list[Case]],
        repetitions: Mapping[str, Repetition],
        why: str = "",
    ) -> None:
        self.cause_id = cause_id
        self.why = why
        parts = sorted(members, key=lambda part: (-len(part), part[0].signature.hash))
        self.cases = [case for part in parts for case in part]
        self.signatures = tuple(sorted(part[0].signature.hash for part in parts))
        self.repetition = combined([repetitions.get(one, Repetition()) for one in self.signatures])
        self.escalation: Escalation | None = None
        self.owner = ""
        self.secondary = ""
        self.due: datetime | None = None
        self.sla_source = ""


class Judge:
    """Judges the failures of one run and writes their records.

    Args:
        settings: Settings of the run.
        seen: The run.
        extensions: The hooks of others.
        now: This moment, aware.
    """

    def __init__(
        self, settings: Settings, seen: RunSeen, extensions: Extensions, now: datetime
    ) -> None:
        self.settings = settings
        self.extensions = extensions
        self.now = now
        self.problems: list[str] = []
        self.records: list[tuple[str, str]] = []
        self.reopened: list[dict[str, str]] = []
        self.is_written = True
        self._unwritten: list[str] = []
        self._table = settings.table
        self._by_signature: dict[str, list[Case]] = {}
        self._repetitions: dict[str, Repetition] = {}
        self._known: list[tuple[str, str, str]] = []
        self._groups: list[Group] = []
        self._run = _run_facts(seen)
        self._is_report = seen.start.get("source") == "report"
        self._assessor = Assessor(settings, seen, extensions, now, self.problems)
        self._matrix = self._assessor.configured(lambda: load_matrix(self._table), load_matrix)
        owners = self._table.get("owners", {})
        self._owners = self._assessor.configured(
            lambda: Owners.of_project(settings.root, self._matrix, owners, settings.base_branch),
            lambda: Owners.of_project(settings.root, self._matrix, {}, settings.base_branch),
        )

    def judge(self, observations: Iterable[Observation]) -> None:
        """Take every observation through signature, class, history, policy and record."""
        seen = [self._in_attempt(one) for one in observations]
        try:
            with open_history(self.settings) as history:
                history.sync(self.settings.evidence_dir)
                self._assessor.lookback.look(history, seen)
                self._sort(seen)
                self._look_back(history)
                self._group()
                self._write_records(history)
                self._note_clocks(history, seen)
                self.problems.extend(history.problems)
        except FailtrackError as error:
            self._index_is_unusable(error)
            if not self.records and not self._unwritten:
                self._sort(seen)
                self._group()
                self._write_records(None)
        if self._unwritten:
            what = f"{len(self._unwritten)} of {len(self._unwritten) + len(self.records)} records"
            self.problems.append(f"{what} were not written: {self._unwritten[0]}")

    def causes(self) -> tuple[Cause, ...]:
        """Return the causes, the most important first, findings of debt last."""
        causes = [self._cause(group) for group in self._groups]
        return tuple(sorted(causes, key=_importance))

    def _sort(self, observations: Iterable[Observation]) -> None:
        """Make a case of every observation, once."""
        if self._by_signature:
            return
        by_signature: dict[str, list[Case]] = {}
        for observation in observations:
            case = self._assessor.case_of(observation)
            by_signature.setdefault(case.signature.hash, []).append(case)
        self._by_signature = by_signature

    def _in_attempt(self, observation: Observation) -> Observation:
        """Return a failure with its attempt counted on from earlier runs of the same command."""
        earlier = self.settings.attempt - 1
        if not earlier or observation.outcome in ("debt", "expired"):
            return observation
        return replaced(observation, attempt=observation.attempt + earlier)

    # -- history and policy ----------------------------------------------------------------

    def _look_back(self, history: History) -> None:
        settings = self.settings
        has_history = history.has_any(other_than=self._run.build_id)
        candidates = {
            digits: self._as_earlier(cases[0]) for digits, cases in self._by_signature.items()
        }
        since = self.now - timedelta(days=settings.repeat_window_days)
        earlier = (
            history.earlier_for(candidates.values(), since=since, base_branch=settings.base_branch)
            if has_history
            else {}
        )
        for digits, candidate in candidates.items():
            self._repetitions[digits] = find_repetition(
                candidate,
                earlier.get(digits, ()),
                now=self.now,
                window_days=settings.repeat_window_days,
                has_history=has_history,
                base_branch=settings.base_branch,
                branch=settings.branch,
            )

        seen = {one.failure_id: one for found in earlier.values() for one in found}
        # What an older version signed is known by the hash of today.
        today = {old: one for one in candidates.values() for old in one.aliases}
        for one in seen.values():
            for name in one.aliases:
                if name in candidates:
                    today[one.hash] = candidates[name]
        self._known = [
            (
                one.cause_id or one.hash,
                today.get(one.hash, one).hash,
                today.get(one.hash, one).token,
            )
            for one in sorted(seen.values(), key=lambda one: (one.timestamp, one.failure_id))
        ]

    def _group(self) -> None:
        """Lay signatures that have one cause together; debt and flaky tests keep to themselves."""
        from pytest_failtrack.signature.cluster import clusters, failure_of, known_clusters

        alone = {
            digits: cases
            for digits, cases in self._by_signature.items()
            if all(case.observation.outcome in NOT_GROUPED for case in cases)
        }
        failures = [
            failure_of(case.observation, case.signature)
            for digits, cases in self._by_signature.items()
            if digits not in alone
            for case in _telling(cases)
        ]
        made = clusters(failures, known_clusters(self._known)) if failures else []
        told = self._repetitions
        self._groups = [Group(digits, [cases], told) for digits, cases in alone.items()]
        for one in made:
            members = [self._by_signature[digits] for digits in one.hashes]
            self._groups.append(Group(one.id, members, told, one.why if len(members) > 1 else ""))

    def _as_earlier(self, case: Case) -> Earlier:
        observation, classification = case.observation, case.classification
        return Earlier(
            failure_id="",
            build_id=self._run.build_id,
            timestamp=self.now,
            category=classification.category,
            subcategory=classification.subcategory,
            component=case.component,
            file_path=observation.file,
            hash=case.signature.hash,
            aliases=case.signature.aliases,
            token=case.signature.token,
            branch=self.settings.branch,
            nodeid=observation.nodeid,
        )

    def _decide(self, group: Group) -> None:
        first = group.cases[0]
        kind = first.classification
        is_debt = first.observation.outcome in ("debt", "expired")
        occurrence = 1 if group.repetition.novelty == "KNOWN" else group.repetition.occurrence
        severity = _severest(case.classification.severity for case in group.cases)
        group.escalation = escalate(
            1 if is_debt else occurrence, kind.failure_type, severity, self._matrix
        )
        named = self.extensions.owner(first.observation, kind.failure_type)
        place = place_of(first.observation)
        file = place.file if place is not None else first.observation.file
        assignment = self._owners.owner_of(file, kind.failure_type, first.component)
        group.owner = named or assignment.owner
        group.secondary = assignment.secondary

    # -- record ----------------------------------------------------------------------------

    def _write_records(self, history: History | None) -> None:
        """Write the record of every case, and tell the index some at a time."""
        written: list[dict[str, Any]] = []
        for group in self._groups:
            self._decide(group)
            for case in group.cases:
                record = self._record(group, case)
                if record is not None and history is not None:
                    written.append(record)
                if len(written) == INDEX_BATCH:
                    self._add(history, written)
        self._add(history, written)
        if history is not None:
            self._reopen(history)

    def _add(self, history: History | None, written: list[dict[str, Any]]) -> None:
        """Add records to the index, and forget them; evidence is written whatever becomes of it."""
        if history is not None and written:
            try:
                history.add(written)
            except FailtrackError as error:
                self._index_is_unusable(error)
        written.clear()

    def _note_clocks(self, history: History, seen: Iterable[Observation]) -> None:
        from pytest_failtrack.clocks import note_clocks

        self.problems += note_clocks(history, seen, is_shared=self.settings.is_shared)

    def _index_is_unusable(self, error: FailtrackError) -> None:
        self._problem_once(f"the history index cannot be used: {error}")

    def _record(self, group: Group, case: Case) -> dict[str, Any] | None:
        kind = case.classification
        opened = parse_time(case.observation.timestamp)
        limit = deadline(kind.failure_type, kind.severity, opened, self._matrix)
        if group.due is None or limit.due < group.due:
            group.due, group.sla_source = limit.due, limit.source
        assert group.escalation is not None
        assignment = build.Assignment(
            owner=group.owner,
            sla_resolution_target=time_text(limit.due),
            sla_source=limit.source,
            tier=group.escalation.tier,
            notify=group.escalation.notify,
        )
        tags = [f"leg:{self._run.leg}"] if self._run.leg else []
        if case.observation.worker:
            tags.append(f"worker:{case.observation.worker}")
        for _ in range(POSITIONS_MAX):
            record = build.build_record(
                case.observation,
                case.signature,
                kind,
                run=self._run,
                phase=case.phase,
                component=case.component,
                repetition=self._repetitions.get(case.signature.hash),
                assignment=assignment,
                tags=tags,
                cause_id=group.cause_id,
            )
            try:
                record = build.validate(record)
                is_new = evidence.write_record(
                    self.settings.evidence_dir, build.to_json(record), record["failure_id"]
                )
            except FailtrackError as error:
                self.is_written = False
                self._unwritten.append(str(error))
                return None
            if is_new:
                break
            there = self._on_disk(record["failure_id"])
            if there is None or self._is_same(there, record):
                record = there or record
                break
            # The same test failed in another way in an earlier run of this build.
            case.observation = replaced(case.observation, position=case.observation.position + 1)
        case.record_id = record["failure_id"]
        self.records.append((record["failure_id"], capture_digest(record)))
        return record

    def _is_same(self, there: dict[str, Any], record: dict[str, Any]) -> bool:
        """Whether a record that has the id of another tells of the same failure.

        What a report tells may come from another job than the one that collects it.
        """
        name = "token" if self._is_report else "hash"
        return bool(there["signature"][name] == record["signature"][name])

    def _on_disk(self, failure_id: str) -> dict[str, Any] | None:
        for _, found in evidence.read_records(self.settings.evidence_dir, [failure_id]):
            if isinstance(found, dict):
                return found
        return None

    def _reopen(self, history: History) -> None:
        recur = {name for group in self._groups for name in group.repetition.reopens}
        for failure_id, status in history.ended_records(recur):
            try:
                change_record(
                    self.settings,
                    failure_id,
                    lambda record: reopened(
                        record,
                        by=self._run.reporter,
                        build_id=self._run.build_id,
                        at=self.now,
                    ),
                    action="reopen",
                    by=self._run.reporter,
                    at=self.now,
                    note=f"recurred in build {self._run.build_id}",
                    build_id=self._run.build_id,
                )
            except FailtrackError as error:
                self._problem_once(f"{failure_id} was not reopened: {error}")
                continue
            self.reopened.append({"failure_id": failure_id, "from": status, "to": "OPEN"})

    def _problem_once(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)

    # -- digest ----------------------------------------------------------------------------

    def _signed(self, group: Group) -> tuple[str, ...]:
        """Return the reviews that are signed, where its occurrence asks for them (S0-127)."""
        if group.escalation is None or not group.escalation.reviews:
            return ()
        told = [self._repetitions.get(one, Repetition()) for one in group.signatures]
        earlier = dict.fromkeys(name for one in told for name in one.previous_occurrence_ids)
        try:
            own = [case.record_id for case in group.cases if case.record_id]
            return signed_reviews(self.settings, own, earlier)
        except FailtrackError as error:
            self._problem_once(f"whether reviews are signed is not known: {error}")
            return ()

    def _cause(self, group: Group) -> Cause:
        first = group.cases[0]
        kind = first.classification
        place = place_of(first.observation)
        retry = retry_policy(kind.failure_type, self._matrix)
        nodeids = tuple(dict.fromkeys(case.observation.nodeid for case in group.cases))
        outcomes = {case.observation.outcome for case in group.cases}
        is_retryable = retry.is_allowed and kind.is_retryable
        is_debt = outcomes <= {"debt", "expired"}
        return Cause(
            cause_id=group.cause_id,
            key=f"{first.signature.workflow}|{group.cause_id}",
            signatures=group.signatures,
            why=group.why,
            headline=first.observation.text if is_debt else headline(first.observation),
            novelty=group.repetition.novelty,
            occurrence=group.repetition.occurrence,
            category=kind.category,
            subcategory=kind.subcategory,
            failure_type=kind.failure_type,
            severity=_severest(case.classification.severity for case in group.cases),
            phase=first.phase,
            days_since_last=group.repetition.days_since_last_occurrence,
            reopened_from=group.repetition.reopened_from,
            is_retryable=is_retryable,
            recovery=kind.recovery_suggestion,
            retry=retry.words if is_retryable else "",
            owner=group.owner,
            secondary=group.secondary,
            file=place.file if place is not None else first.observation.file,
            line=place.line if place is not None else first.observation.line,
            function=place.function if place is not None else "",
            due=group.due,
            sla_source=group.sla_source,
            tier=group.escalation.tier if group.escalation else 0,
            notify=group.escalation.notify if group.escalation else (),
            failures=len(group.cases),
            tests=count_tests(nodeids),
            nodeids=nodeids,
            record_ids=tuple(case.record_id for case in group.cases if case.record_id),
            is_flaky=outcomes == {"flaky"},
            is_debt=is_debt,
            blame=kind.blame,
            evidence=kind.evidence,
            signed=self._signed(group),
            is_infra_type=self._matrix.is_infrastructure(kind.category, kind.failure_type),
        )


def _run_facts(seen: RunSeen) -> build.RunFacts:
    told: Mapping[str, Any] = seen.start["settings"]
    return build.RunFacts(
        build_id=seen.build_id,
        reporter=f"pytest-failtrack {__version__}",
        leg=told.get("leg", ""),
        build_attempt=told.get("build_attempt", 1),
        run_url=told.get("run_url", ""),
        commit=told.get("commit", ""),
        branch=told.get("branch", ""),
        pr=told.get("pr", ""),
        python=seen.start.get("python", ""),
        platform=seen.start.get("platform", ""),
        pytest=seen.start.get("pytest", ""),
    )


def combined(repetitions: Sequence[Repetition]) -> Repetition:
    """Return what history says of a cause from what it says of each of its signatures.

    The word is that of the first in `CAUSE_NOVELTIES`: a signature that is new never hides behind
    one that is known on the base branch.

    Args:
        repetitions: One a signature, at least one.
    """
    first = min(repetitions, key=lambda one: (CAUSE_NOVELTIES.index(one.novelty), -one.occurrence))
    if len(repetitions) == 1:
        return first
    reopens = dict.fromkeys(name for one in repetitions for name in one.reopens)
    reopened_from = next((one.reopened_from for one in repetitions if one.reopened_from), "")
    return replaced(first, reopens=tuple(reopens), reopened_from=reopened_from)


def _telling(cases: Sequence[Case]) -> Iterator[Case]:
    """Yield the failures of one signature that tell of its cause: one test, and every fixture."""
    yield min(cases, key=lambda case: (case.observation.nodeid, case.observation.when))
    for case in cases:
        if case.observation.when in ("setup", "teardown"):
            yield case


def _severest(severities: Iterable[str]) -> str:
    return min(severities, key=SEVERITIES.index)


def _importance(cause: Cause) -> tuple[Any, ...]:
    """Order: failures before flaky tests before debt, new first, infrastructure last, then size."""
    novelty = {"NEW": 0, "FIRST": 0, "REPEAT": 1, "KNOWN": 2}.get(cause.novelty, 3)
    return (
        cause.is_debt,
        cause.is_flaky,
        cause.is_infra,
        novelty,
        SEVERITIES.index(cause.severity),
        -cause.failures,
        cause.cause_id,
    )
