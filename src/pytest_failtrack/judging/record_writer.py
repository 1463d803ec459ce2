"""Writes the records of a run, one a failure, once however often the run is told.

judgement.py asks, cause by cause.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import evidence
from pytest_failtrack.judging.assessment import Case
from pytest_failtrack.judging.groups import Group
from pytest_failtrack.policy.matrix import Matrix
from pytest_failtrack.policy.sla import deadline
from pytest_failtrack.record import build
from pytest_failtrack.record.digest import capture_digest
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.record.times import parse_time, time_text

POSITIONS_MAX = 1_000


class RecordWriter:
    """Writes records into an evidence folder.

    Args:
        folder: The folder.
        run: What all records of the run share.
        matrix: Escalation matrix, for the deadlines.
        is_report: The run is told by reports.
    """

    def __init__(
        self, folder: Path, run: build.RunFacts, matrix: Matrix, *, is_report: bool
    ) -> None:
        self.records: list[tuple[str, str]] = []
        self.unwritten: list[str] = []
        self._folder = folder
        self._run = run
        self._matrix = matrix
        self._is_report = is_report

    @property
    def problem(self) -> str:
        """How many records could not be written, and why the first one, ``."""
        if not self.unwritten:
            return ""
        what = f"{len(self.unwritten)} of {len(self.unwritten) + len(self.records)} records"
        return f"{what} were not written: {self.unwritten[0]}"

    def write(
        self, group: Group, case: Case, repetition: Repetition | None
    ) -> dict[str, Any] | None:
        """Write the record of a failure; return it, None where it could not be written.

        Args:
            group: Its cause, decided; its deadline is that of the first failure that is due.
            case: The failure.
            repetition: What history says of its signature.
        """
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
                repetition=repetition,
                assignment=assignment,
                tags=tags,
                cause_id=group.cause_id,
            )
            try:
                record = build.validate(record)
                is_new = evidence.write_record(
                    self._folder, build.to_json(record), record["failure_id"]
                )
            except FailtrackError as error:
                self.unwritten.append(str(error))
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
        for _, found in evidence.read_records(self._folder, [failure_id]):
            if isinstance(found, dict):
                return found
        return None
