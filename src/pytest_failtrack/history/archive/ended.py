"""Finds the evidence that may be packed: what ended, and to which nothing happened for a while."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.archives import (
    CHANGES,
    FAILURES,
    MATCHES,
    MEMBER_MAX_BYTES,
    RUNS,
    SUFFIXES,
    FileStamp,
    is_member,
    place_of,
)
from pytest_failtrack.history.archive.moved import Progress
from pytest_failtrack.history.archive.packed import Shelf, joined
from pytest_failtrack.history.archive.spool import Item, Spool
from pytest_failtrack.history.evidence import file_names
from pytest_failtrack.history.files import names_in, refused
from pytest_failtrack.history.matches import verify_match
from pytest_failtrack.record.lifecycle import REOPENED_TAG
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_record, verify_run


class Ended:
    """What may go of the evidence beside a shelf; it is put into the spool as it is found.

    Args:
        evidence_dir: Folder of the records, an absolute path.
        shelf: What is packed already.
        spool: Takes what may go.
        before: When the last of it must have happened; aware.
    """

    def __init__(self, evidence_dir: str, shelf: Shelf, spool: Spool, before: datetime) -> None:
        self.items: list[Item] = []
        self.there: list[Item] = []  # packed already, by somebody who was stopped
        self.problems: list[str] = []
        self._evidence_dir = evidence_dir
        home = os.path.dirname(evidence_dir)
        self._runs_dir = os.path.join(home, RUNS)
        self._changes_dir = os.path.join(home, CHANGES)
        self._matches_dir = os.path.join(home, MATCHES)
        self._shelf = shelf
        self._spool = spool
        self._before = before
        self._left: set[str] = set()
        self._going: set[str] = set()

    def look(self, progress: Progress) -> None:
        """Look at everything that lies outside."""
        records = file_names(self._evidence_dir)
        runs = file_names(self._runs_dir)
        changes = set(names_in(self._changes_dir))
        matches = file_names(self._matches_dir)
        total = len(records) + len(runs) + len(matches)
        for number, name in enumerate(records, 1):
            failure_id = name.removesuffix(SUFFIXES[FAILURES])
            is_going = self._take_record(failure_id, changes)
            (self._going if is_going else self._left).add(failure_id)
            progress(number, total)
        for name in sorted(changes):
            self._take_late_changes(name, changes)
        for number, name in enumerate(runs, len(records) + 1):
            self._take_run(name)
            progress(number, total)
        for number, name in enumerate(matches, len(records) + len(runs) + 1):
            self._take_match(name)
            progress(number, total)

    def _take_record(self, failure_id: str, changes: set[str]) -> bool:
        name, events_name = f"{failure_id}.json", f"{failure_id}.jsonl"
        if not is_member(f"{FAILURES}/{name}") or f".{events_name}.intent" in changes:
            return False  # an intent: somebody is about to change the record
        path = os.path.join(self._evidence_dir, name)
        try:
            content, stamp = _read(path)
            if not _may_have_ended(content):
                return False
            record = verify_record(content, path)
            events, events_stamp = b"", None
            if events_name in changes:
                events, events_stamp = _read(os.path.join(self._changes_dir, events_name))
            if not self._is_over(record, events):
                return False
            year = parse_time(record["timestamp"]).year
            if events_stamp is not None:
                self._add_changes(events_name, events, events_stamp, year)
            self._add(f"{FAILURES}/{name}", path, content, stamp, year)
        except EvidenceError as error:
            self.problems.append(error.message)
            return False
        except ValueError as error:
            self.problems.append(f"{path}: {error}")
            return False
        return True

    def _take_late_changes(self, name: str, changes: set[str]) -> None:
        """Take events that were appended to a record which is packed and stayed so."""
        failure_id = name.removesuffix(SUFFIXES[CHANGES])
        if not is_member(f"{CHANGES}/{name}") or failure_id in self._left | self._going:
            return
        found = self._shelf.find(f"{FAILURES}/{failure_id}.json")
        if found is None or f".{name}.intent" in changes:
            return
        try:
            events, stamp = _read(os.path.join(self._changes_dir, name))
            if all(one < self._before for one in _moments(events)):
                place = place_of(os.path.basename(found[0].path))
                assert place is not None
                self._add_changes(name, events, stamp, place[0])
        except EvidenceError as error:
            self.problems.append(error.message)

    def _take_run(self, name: str) -> None:
        if not is_member(f"{RUNS}/{name}"):
            return
        path = os.path.join(self._runs_dir, name)
        try:
            content, stamp = _read(path)
            run = verify_run(content, path)
            ended = parse_time(run["finished_at"] or run["started_at"])
            if ended < self._before and all(map(self._is_packed, run["records"])):
                year = parse_time(run["started_at"]).year
                self._add(f"{RUNS}/{name}", path, content, stamp, year)
        except EvidenceError as error:
            self.problems.append(error.message)
        except ValueError as error:
            self.problems.append(f"{path}: {error}")

    def _take_match(self, name: str) -> None:
        if not is_member(f"{MATCHES}/{name}"):
            return
        path = os.path.join(self._matches_dir, name)
        try:
            content, stamp = _read(path)
            match = verify_match(content, path)
            if parse_time(match["updated_at"]) < self._before:
                year = parse_time(match["created_at"]).year
                self._add(f"{MATCHES}/{name}", path, content, stamp, year)
        except EvidenceError as error:
            self.problems.append(error.message)

    def _is_packed(self, failure_id: str) -> bool:
        if failure_id in self._left:
            return False
        member = f"{FAILURES}/{failure_id}.json"
        return failure_id in self._going or self._shelf.find(member) is not None

    def _is_over(self, record: Mapping[str, Any], events: bytes) -> bool:
        """Whether a record ended, and nothing happened to it since the moment."""
        resolution = record["resolution"]
        is_healed = record["status"] == "OPEN" and resolution.get("healed_at")
        if is_healed and REOPENED_TAG in record["metadata"]["tags"]:
            return False
        if not is_healed and record["status"] not in ("RESOLVED", "PREVENTED"):
            return False
        times = (
            record["timestamp"],
            resolution["resolution_timestamp"],
            resolution.get("healed_at"),
        )
        moments = [*(parse_time(one) for one in times if one), *_moments(events)]
        return max(moments) < self._before

    def _add_changes(self, name: str, events: bytes, stamp: FileStamp, year: int) -> None:
        member = f"{CHANGES}/{name}"
        found = self._shelf.find(member)
        packed = found[0].read(found[1]) if found is not None else b""
        content = joined(packed, events)
        path = os.path.join(self._changes_dir, name)
        self._add(member, path, content, stamp, year)

    def _add(self, member: str, path: str, content: bytes, stamp: FileStamp, year: int) -> None:
        if len(content) > MEMBER_MAX_BYTES:
            raise EvidenceError(f"{path} is larger than {MEMBER_MAX_BYTES:,} bytes and stays")
        found = self._shelf.find(member)
        if found is not None and found[0].read(found[1]) == content:
            self.there.append(Item(found[1], path, stamp, year))
            return
        self.items.append(Item(self._spool.add(member, content), path, stamp, year))


def _may_have_ended(content: bytes) -> bool:
    """Whether it is worth to check a record: it does not say that it is being worked on."""
    try:
        record = json.loads(content)
        healed = record["resolution"].get("healed_at")
        return record["status"] in ("RESOLVED", "PREVENTED") or bool(healed)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return True  # the check says what is wrong with it


def _moments(events: bytes) -> Iterator[datetime]:
    for line in events.split(b"\n"):
        try:
            yield parse_time(json.loads(line)["at"])
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            continue


def _read(path: str) -> tuple[bytes, FileStamp]:
    try:
        with open(path, "rb", buffering=0) as file:
            stamp = FileStamp.of(os.fstat(file.fileno()))
            return file.read(), stamp
    except OSError as error:
        raise refused("read", path, error) from error
