"""Evidence of other jobs, taken out of folders and archives: documents, changes and journals.

`ingestion.py` asks, while `observe/files.py` walks through what was named. What is evidence says
evidence_files.py; each document is verified before it goes to its destination
(history/destination.py), byte for byte. Journals of dead runs are recovered when all is read, by
when it is known which of them are recorded already (dead_journals.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from pytest_failtrack.errors import EvidenceError, FailtrackError, InputError
from pytest_failtrack.history.aliases import parsed_aliases
from pytest_failtrack.history.destination import Added, Destination, Incoming
from pytest_failtrack.history.matches import verify_match
from pytest_failtrack.history.run_file import file_name
from pytest_failtrack.ingesting.arrived import Arrived, Origin
from pytest_failtrack.ingesting.dead_journals import Journals, is_state_folder
from pytest_failtrack.ingesting.evidence_files import (
    ALIASES,
    CHANGES,
    JOURNAL,
    MATCH,
    RECORD,
    RUN,
    base_of,
    content_of,
    home_of,
    is_run_name,
    kind_by_beginning,
    kind_by_place,
    place_of,
    shown,
)
from pytest_failtrack.observe.named_file import File
from pytest_failtrack.record.change import LINE_MAX_BYTES, Change, change_of
from pytest_failtrack.record.verify import parse, verify_record, verify_run

RECORD_MAX_BYTES = 4 * 1024 * 1024
DOCUMENT_MAX_BYTES = 64 * 1024 * 1024
"""Largest run document, and largest file of changes or journal."""
HELD_MAX_BYTES = 256 * 1024 * 1024
"""Most bytes of changes out of one archive, which are kept until its records are read."""
EVENTS_MAX = 10_000
"""Most events of one record that are read."""
BATCH = 500
BATCH_MAX_BYTES = 16 * 1024 * 1024
SENTENCES_MAX = 1_000
"""Most sentences of a kind that are kept; what they are about is counted all the same."""


class Arrivals:
    """Takes evidence and hands it on in batches.

    Args:
        destination: Where it goes.
        journals: Takes the journals of dead runs.
    """

    def __init__(self, destination: Destination, journals: Journals) -> None:
        self._destination = destination
        self._journals = journals
        self._held: dict[tuple[str, str], File] = {}
        self._held_bytes = 0
        self._archive = ""
        self._refused: dict[str, InputError] = {}
        self._records: list[Incoming] = []
        self._runs: list[Incoming] = []
        self._matches: list[Incoming] = []
        self._size = 0
        self._documents = 0
        self._sums = {kind: Added() for kind in (RECORD, RUN, MATCH, CHANGES, ALIASES)}
        self._there = 0
        self._origins: dict[str, list[Origin]] = {}
        self._unwritten: dict[str, tuple[str, int]] = {}
        self._failures = 0

    def wants(self, name: str) -> bool:
        """Return whether a file of this name is evidence by its place, whatever it holds."""
        return is_state_folder(name) or kind_by_place(name) is not None

    def is_first(self, name: str) -> bool:
        """Return whether it is changes: they are known before the records that they belong to."""
        return os.path.basename(name) == CHANGES or kind_by_place(name) == CHANGES

    def take(self, file: File) -> bool:
        """Return whether a file is evidence; it is verified and handed on.

        Raises:
            InputError: It is, and cannot be used.
        """
        kind = kind_by_place(file.name) or kind_by_beginning(file)
        if kind is None:
            return False
        self._enter(file)
        try:
            if kind == JOURNAL:
                self._journals.take(file)
            elif kind == CHANGES:
                self._hold(file)
            elif kind == RECORD:
                self._take_record(file)
            elif kind == MATCH:
                self._take_match(file)
            elif kind == ALIASES:
                self._take_aliases(file)
            else:
                self._take_run(file)
        except FailtrackError as error:
            raise InputError(error.message, slug=error.slug) from None
        self._documents += kind != JOURNAL
        return True

    def finish(self) -> tuple[Arrived, dict[str, InputError]]:
        """Hand on what is left, and return what became of everything, and what was refused."""
        self._flush()
        self._add_changes(self._held)
        recovered = tuple(self._journals.recovered(self._refused))
        closing, is_whole = self._destination.close()
        sums = self._sums
        kept = [one for added in sums.values() for one in added.kept]
        return (
            Arrived(
                documents=self._documents,
                journals=self._journals.read_runs,
                records=sums[RECORD],
                runs=sums[RUN],
                matches=sums[MATCH],
                changes=sums[CHANGES],
                aliases=sums[ALIASES],
                recovered=recovered,
                problems=tuple(dict.fromkeys([*self._told(), *self._journals.problems, *closing])),
                is_written=is_whole
                and not self._failures
                and all(one.is_written for one in recovered),
                kept=tuple(kept),
                there=self._there,
                recovered_records=self._journals.new_records,
                origins=self._origins,
            ),
            self._refused,
        )

    # -- documents ---------------------------------------------------------------------------

    def _take_record(self, file: File) -> None:
        content = content_of(file, RECORD_MAX_BYTES)
        data = verify_record(content, shown(file.name))
        home, _ = place_of(file.name)
        held = self._held.get((home, data["failure_id"]))
        events = () if held is None else tuple(_events(held, {}))
        self._records.append(Incoming(content, data, file.name, events))
        self._grow(len(content))

    def _take_run(self, file: File) -> None:
        content = content_of(file, DOCUMENT_MAX_BYTES)
        data = verify_run(content, file.name)
        name = file_name(data)
        if not is_run_name(name):
            raise EvidenceError(
                f"{file.name}: document_id is no name of a file", slug="evidence-invalid"
            )
        if kind_by_place(file.name) == RUN and base_of(file.name) != name:
            raise EvidenceError(
                f"{file.name}: document_id is {data['document_id']}, so the file would be named "
                f"{name}; it was renamed, or its id was changed",
                slug="evidence-tampered",
            )
        self._runs.append(Incoming(content, data, file.name))
        if data["source"] == "pytest" and data["finished_at"]:
            home = home_of(file.name)
            self._origins.setdefault(home, []).append(Origin.of(home, data))
        self._grow(len(content))

    def _take_match(self, file: File) -> None:
        content = content_of(file, RECORD_MAX_BYTES)
        data = verify_match(content, shown(file.name))
        self._matches.append(Incoming(content, data, file.name))
        self._grow(len(content))

    def _take_aliases(self, file: File) -> None:
        aliases = parsed_aliases(content_of(file, DOCUMENT_MAX_BYTES), shown(file.name))
        self._note(ALIASES, self._destination.add_aliases(aliases, file.name))

    def _grow(self, size: int) -> None:
        self._size += size
        count = len(self._records) + len(self._runs) + len(self._matches)
        if count >= BATCH or self._size >= BATCH_MAX_BYTES:
            self._flush()

    def _flush(self) -> None:
        records, self._records = self._records, []
        runs, self._runs = self._runs, []
        matches, self._matches = self._matches, []
        self._size = 0
        self._add(RECORD, records)
        self._add(RUN, runs)
        self._add(MATCH, matches)

    def _add(self, kind: str, documents: list[Incoming]) -> None:
        if not documents:
            return
        add = {
            RECORD: self._destination.add_records,
            RUN: self._destination.add_runs,
            MATCH: self._destination.add_matches,
        }
        added = add[kind](documents)
        there = len(documents) - added.new - added.updated
        self._there += there - len(added.kept) - len(added.failed)
        self._note(kind, added)

    def _note(self, kind: str, added: Added) -> None:
        before = self._sums[kind]
        room = max(SENTENCES_MAX - len(before.kept), 0)
        self._sums[kind] = before.plus(added._replace(kept=added.kept[:room], failed=()))
        self._failures += len(added.failed)
        for sentence in added.failed:
            # A full disk is told once, not for each document.
            reason = sentence.rpartition(": ")[2]
            first, count = self._unwritten.get(reason, (sentence, 0))
            self._unwritten[reason] = first, count + 1

    def _told(self) -> Iterator[str]:
        """Yield why documents could not be written, one sentence a reason."""
        for first, count in self._unwritten.values():
            yield first if count == 1 else f"{first}; {count - 1:,} more for the same reason"

    # -- changes -----------------------------------------------------------------------------

    def _enter(self, file: File) -> None:
        """Hand on what an archive held when the next one begins."""
        archive = file.name.partition("!")[0] if isinstance(file.what, bytes) else ""
        if archive != self._archive:
            self._archive = archive
            held = {place: one for place, one in self._held.items() if isinstance(one.what, bytes)}
            if held:
                self._flush()
                self._add_changes(held)
                self._held_bytes = 0

    def _hold(self, file: File) -> None:
        if isinstance(file.what, bytes):
            self._held_bytes += len(file.what)
            if self._held_bytes > HELD_MAX_BYTES:
                raise EvidenceError(
                    f"{file.name}: more than {HELD_MAX_BYTES:,} bytes of changes in one archive; "
                    "unpack it and hand in the folder",
                    slug="archive-size",
                )
        self._held[place_of(file.name)] = file

    def _add_changes(self, files: dict[tuple[str, str], File]) -> None:
        """Hand on all events, those of records too: what is there already changes nothing."""
        for place, file in list(files.items()):
            del self._held[place]
            events = list(_events(file, self._refused))
            if events:
                self._note(CHANGES, self._destination.add_changes(events))


def _events(file: File, refused: dict[str, InputError]) -> Iterator[Change]:
    """Yield the events in a file of changes; the first line that is none goes to `refused`."""
    failure_id = base_of(file.name).partition(".")[0]
    try:
        lines = content_of(file, DOCUMENT_MAX_BYTES).split(b"\n")
    except EvidenceError as error:
        refused[file.name] = InputError(error.message, slug=error.slug)
        return
    seen = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{file.name}, line {number}"
        try:
            if seen >= EVENTS_MAX or len(line) > LINE_MAX_BYTES:
                raise EvidenceError(f"{where}: longer than any history of a record")
            change = change_of(parse(line, where), where)
            if change.failure_id != failure_id:
                raise EvidenceError(f"{where}: an event of record {change.failure_id[:40]}")
        except EvidenceError as error:
            refused.setdefault(file.name, InputError(error.message, slug="event-invalid"))
            if seen >= EVENTS_MAX:
                return
            continue
        seen += 1
        yield change
