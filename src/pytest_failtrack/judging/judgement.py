"""The stages between observation and digest, for a run that has failures; called by pipeline.py.

One judge a run. What all failures of one cause share (history, owner, escalation) is looked up
once a cause; what is a failure's own (class, deadline, record) once a failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pytest_failtrack import __version__
from pytest_failtrack.classify.beside import weighed_by_others
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.store import History
from pytest_failtrack.judging.assessment import Assessor, Case
from pytest_failtrack.judging.groups import Group, cause_of, grouped, importance
from pytest_failtrack.judging.record_writer import RecordWriter
from pytest_failtrack.lives import change_record, signed_reviews
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.open_history import open_history
from pytest_failtrack.policy.digest import Cause
from pytest_failtrack.policy.escalate import escalate
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.owners import Owners
from pytest_failtrack.record import build
from pytest_failtrack.record.lifecycle import reopened
from pytest_failtrack.record.repeat import Earlier, Repetition, find_repetition
from pytest_failtrack.signature.token import place_of

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.pipeline import RunSeen

INDEX_BATCH = 1_000


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
        self.reopened: list[dict[str, str]] = []
        self._table = settings.table
        self._by_signature: dict[str, list[Case]] = {}
        self._repetitions: dict[str, Repetition] = {}
        self._known: list[tuple[str, str, str]] = []
        self._groups: list[Group] = []
        self._run = _run_facts(seen)
        self._assessor = Assessor(settings, seen, extensions, now, self.problems)
        self._matrix = self._assessor.configured(lambda: load_matrix(self._table), load_matrix)
        self._writer = RecordWriter(
            settings.evidence_dir,
            self._run,
            self._matrix,
            is_report=seen.start.get("source") == "report",
        )
        self._owners = self._assessor.configured(
            lambda: self._owners_by(self._table.get("owners", {})), lambda: self._owners_by({})
        )

    def _owners_by(self, table: Mapping[str, str]) -> Owners:
        one = self.settings
        return Owners.of_project(
            one.root,
            self._matrix,
            table,
            one.base_branch,
            one.own_paths,
            is_edited=not one.is_in_ci,
        )

    def judge(self, observations: Iterable[Observation]) -> None:
        """Take every observation through signature, class, history, policy and record."""
        seen = [self._in_attempt(one) for one in observations]
        try:
            with open_history(self.settings) as history:
                history.sync(self.settings.evidence_dir)
                history.share_aliases()
                self._assessor.lookback.look(history, seen)
                self._sort(seen)
                self._look_back(history)
                self._groups = grouped(self._by_signature, self._repetitions, self._known)
                self._write_records(history)
                self._note_clocks(history, seen)
                self.problems.extend(history.problems)
        except FailtrackError as error:
            self._index_is_unusable(error)
            if not self.records and self.is_written:
                self._sort(seen)
                self._groups = grouped(self._by_signature, self._repetitions, self._known)
                self._write_records(None)
        if self._writer.problem:
            self.problems.append(self._writer.problem)

    @property
    def records(self) -> list[tuple[str, str]]:
        """Failure id and digest over the capture blocks of each record."""
        return self._writer.records

    @property
    def is_written(self) -> bool:
        """Whether every record is in the evidence folder."""
        return not self._writer.unwritten

    def causes(self) -> tuple[Cause, ...]:
        """Return the causes, the most important first, findings of debt last."""
        causes = [cause_of(one, self._matrix, self._signed(one)) for one in self._groups]
        return tuple(sorted(causes, key=importance))

    def _sort(self, observations: Iterable[Observation]) -> None:
        """Make a case of every observation, once."""
        if self._by_signature:
            return
        cases = [self._assessor.case_of(observation) for observation in observations]
        kinds = weighed_by_others([(one.observation, one.classification) for one in cases])
        by_signature: dict[str, list[Case]] = {}
        for case, kind in zip(cases, kinds, strict=True):
            case.classification = kind
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
        is_known = group.repetition.novelty == "KNOWN"
        occurrence = 1 if is_known else group.repetition.occurrence
        severity = group.severity
        group.escalation = escalate(
            1 if is_debt else occurrence, kind.failure_type, severity, self._matrix
        )
        named = self.extensions.owner(first.observation, kind.failure_type)
        place = place_of(first.observation)
        file = place.file if place is not None else first.observation.file
        assignment = self._owners.owner_of(
            file, kind.failure_type, first.component, is_older=is_known
        )
        group.owner = named or assignment.owner
        group.secondary = assignment.secondary

    # -- record ----------------------------------------------------------------------------

    def _write_records(self, history: History | None) -> None:
        """Write the record of every case, and tell the index some at a time."""
        written: list[dict[str, Any]] = []
        for group in self._groups:
            self._decide(group)
            for case in group.cases:
                told = self._repetitions.get(case.signature.hash)
                record = self._writer.write(group, case, told)
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

    def _reopen(self, history: History) -> None:
        recur = {name for group in self._groups for name in group.repetition.reopens}
        refused: dict[str, list[str]] = {}
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
                    is_of_run=True,
                    build_id=self._run.build_id,
                )
            except FailtrackError as error:
                refused.setdefault(str(error), []).append(failure_id)
                continue
            self.reopened.append({"failure_id": failure_id, "from": status, "to": "OPEN"})
        for reason, (first, *rest) in refused.items():
            more = f" and {len(rest):,} more were" if rest else " was"
            self._problem_once(f"{first}{more} not reopened: {reason}")

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
