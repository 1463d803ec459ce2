"""Evidence of other jobs, taken out of folders and archives: documents, changes and journals.

`ingestion.py` asks, while `observe/files.py` walks through what was named. Documents are told by
the folders they lie in, or by how they begin; each is verified before it goes to its destination
(history/destination.py), byte for byte. Journals of dead runs are recovered when all is read, by
when it is known which of them are recorded already (dead_journals.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, NamedTuple

from pytest_failtrack.dead_journals import Journals, is_journal, is_state_folder
from pytest_failtrack.errors import EvidenceError, FailtrackError, InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.destination import Added, Destination, Incoming, run_file_name
from pytest_failtrack.history.files import read_bytes
from pytest_failtrack.history.matches import verify_match
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.files import STDIN, File
from pytest_failtrack.pipeline import Conclusion
from pytest_failtrack.record.change import LINE_MAX_BYTES, Change, change_of
from pytest_failtrack.record.times import parse_time
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
HEAD_BYTES = 400
EVENTS = "governance/events"

RECORD, RUN, MATCH = "record", "run", "match"
CHANGES, JOURNAL = "changes", "journal"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# `!` stands between an archive and what is in it.
_PLACES = {
    RECORD: lazily(rf"(?:.*[/!])?failures/{_UUID}[.]json"),
    RUN: lazily(r"(?:.*[/!])?runs/[A-Za-z0-9_-]{1,160}[.][0-9a-f]{8}[.]json"),
    MATCH: lazily(rf"(?:.*[/!])?matches/{_UUID}[.]json"),
    CHANGES: lazily(rf"(?:.*[/!])?changes/{_UUID}[.]jsonl"),
}
_BEGINNINGS = {
    RECORD: lazily(rb'\s*\{\s*"schema_version"\s*:\s*"[^"]{0,20}"\s*,\s*"failure_id"\s*:'),
    RUN: lazily(rb'\s*\{\s*"schema_version"\s*:\s*"[^"]{0,20}"\s*,\s*"document_id"\s*:'),
}


class Origin(NamedTuple):
    """A tracked run whose document came in: reports that were written during it are its own.

    Args:
        home: Folder or archive that its evidence lies in.
        started: When it began, seconds since 1970, a whole number: reports are no more precise.
        ended: When it ended.
        told: Its build, leg, attempt, workflow, job and step, as settings name them.
    """

    home: str
    started: float
    ended: float
    told: tuple[tuple[str, Any], ...]


@frozen
class Arrived:
    """What became of the evidence in what was named.

    Args:
        documents: Number of records, run documents and files of changes that could be read.
        journals: Number of dead runs whose journals could be read.
        records: What became of the records.
        runs: What became of the run documents.
        matches: What became of matches that programs kept.
        changes: What became of the events that came without their record.
        recovered: What came of the journals of dead runs.
        problems: What could not be written, and what went wrong beside that.
        is_written: Everything that could be read is where it belongs.
        kept: A sentence for each document that is here in another version, which stays.
        there: Number of records and run documents that were here already.
        recovered_records: Number of new records that the journals of dead runs came to.
        origins: The tracked runs among the run documents, by where they lie.
    """

    documents: int = 0
    journals: int = 0
    records: Added = Added()
    runs: Added = Added()
    matches: Added = Added()
    changes: Added = Added()
    recovered: tuple[Conclusion, ...] = ()
    problems: tuple[str, ...] = ()
    is_written: bool = True
    kept: tuple[str, ...] = ()
    there: int = 0
    recovered_records: int = 0
    origins: Mapping[str, Sequence[Origin]] = field(default_factory=dict)


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
        self._sums = {kind: Added() for kind in (RECORD, RUN, MATCH, CHANGES)}
        self._there = 0
        self._origins: dict[str, list[Origin]] = {}
        self._unwritten: dict[str, tuple[str, int]] = {}
        self._failures = 0

    def wants(self, name: str) -> bool:
        """Return whether a file of this name is evidence by its place, whatever it holds."""
        return is_state_folder(name) or _kind_by_place(name) is not None

    def is_first(self, name: str) -> bool:
        """Return whether it is changes: they are known before the records that they belong to."""
        return os.path.basename(name) == CHANGES or _kind_by_place(name) == CHANGES

    def take(self, file: File) -> bool:
        """Return whether a file is evidence; it is verified and handed on.

        Raises:
            InputError: It is, and cannot be used.
        """
        kind = _kind_by_place(file.name) or _kind_by_beginning(file)
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
        content = _content(file, RECORD_MAX_BYTES)
        data = verify_record(content, _shown(file.name))
        home, _ = _place_of(file.name)
        held = self._held.get((home, data["failure_id"]))
        events = () if held is None else tuple(_events(held, {}))
        self._records.append(Incoming(content, data, file.name, events))
        self._grow(len(content))

    def _take_run(self, file: File) -> None:
        content = _content(file, DOCUMENT_MAX_BYTES)
        data = verify_run(content, file.name)
        name = run_file_name(data)
        if not _PLACES[RUN].fullmatch(f"runs/{name}"):
            raise EvidenceError(
                f"{file.name}: document_id is no name of a file", slug="evidence-invalid"
            )
        if _kind_by_place(file.name) == RUN and _base(file.name) != name:
            raise EvidenceError(
                f"{file.name}: document_id is {data['document_id']}, so the file would be named "
                f"{name}; it was renamed, or its id was changed",
                slug="evidence-tampered",
            )
        self._runs.append(Incoming(content, data, file.name))
        if data["source"] == "pytest" and data["finished_at"]:
            home = _home_of(file.name)
            self._origins.setdefault(home, []).append(_origin(home, data))
        self._grow(len(content))

    def _take_match(self, file: File) -> None:
        content = _content(file, RECORD_MAX_BYTES)
        data = verify_match(content, _shown(file.name))
        self._matches.append(Incoming(content, data, file.name))
        self._grow(len(content))

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
        self._held[_place_of(file.name)] = file

    def _add_changes(self, files: dict[tuple[str, str], File]) -> None:
        """Hand on all events, those of records too: what is there already changes nothing."""
        for place, file in list(files.items()):
            del self._held[place]
            events = list(_events(file, self._refused))
            if events:
                self._note(CHANGES, self._destination.add_changes(events))


def _events(file: File, refused: dict[str, InputError]) -> Iterator[Change]:
    """Yield the events in a file of changes; the first line that is none goes to `refused`."""
    failure_id = _base(file.name).partition(".")[0]
    try:
        lines = _content(file, DOCUMENT_MAX_BYTES).split(b"\n")
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


def _kind_by_place(name: str) -> str | None:
    path = name.replace(os.sep, "/")
    if path.endswith((".json", ".jsonl")):
        for kind, place in _PLACES.items():
            if place.fullmatch(path):
                return kind
    return JOURNAL if is_journal(path) else None


def _kind_by_beginning(file: File) -> str | None:
    if not file.name.lower().endswith(".json") and file.name != STDIN:
        return None
    if isinstance(file.what, bytes):
        head = file.what[:HEAD_BYTES]
    else:
        try:
            with open(file.what, "rb", buffering=0) as opened:
                head = opened.read(HEAD_BYTES)
        except OSError:
            return None
    return next((kind for kind, begin in _BEGINNINGS.items() if begin.match(head)), None)


def _content(file: File, most: int) -> bytes:
    """Return the content of a file.

    Raises:
        EvidenceError: It cannot be read, or is too large.
    """
    if isinstance(file.what, bytes):
        size, content = len(file.what), file.what
    else:
        try:
            size = os.path.getsize(file.what)
        except OSError:
            size = 0
        content = b"" if size > most else read_bytes(file.what)
        size = max(size, len(content))
    if size > most:
        raise EvidenceError(
            f"{file.name}: {size:,} bytes, and at most {most:,} are read of such a document",
            slug="evidence-size",
        )
    return content


def _place_of(name: str) -> tuple[str, str]:
    """Return the folder above `failures` and `changes`, and the id that a file is named after."""
    folder = _folder(_folder(name))
    return folder, _base(name).partition(".")[0]


def _folder(name: str) -> str:
    """Return the folder that a file or folder lies in; `ARCHIVE!` for the top of an archive."""
    start = name[: len(name) - len(_base(name))]
    return start if start.endswith("!") else start[:-1]


def _home_of(name: str) -> str:
    """Return what evidence lies in: an archive, or the folder that `governance` is in."""
    archive, mark, _ = name.rpartition("!")
    if mark:
        return archive
    folder = _folder(_folder(name)).replace(os.sep, "/")
    return folder.removesuffix(EVENTS).rstrip("/") or "."


def _origin(home: str, run: Mapping[str, Any]) -> Origin:
    names = ("build_attempt", "leg", "workflow", "job", "step")
    told = {"build": run["build_id"]} | {name: run[name] or "" for name in names}
    started, ended = parse_time(run["started_at"]), parse_time(run["finished_at"])
    return Origin(home, float(int(started.timestamp())), ended.timestamp(), tuple(told.items()))


def _base(name: str) -> str:
    return name[max(name.rfind("/"), name.rfind("!"), name.rfind(os.sep)) + 1 :]


def _shown(name: str) -> str:
    """Return a name of which the last part is the file's own."""
    archive, mark, member = name.rpartition("!")
    return f"{archive}/{member}" if mark and "/" not in member else name
