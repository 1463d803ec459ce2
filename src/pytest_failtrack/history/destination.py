"""Where documents of other machines go: the local evidence folder, or a shared history.

`arrivals.py` asks, with documents that were verified. Whatever is put in twice, by whomever, is
there once: a process that is killed is run again, and many may put in the same at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history import changes
from pytest_failtrack.history.aliases import CONTRADICT, add_aliases, aliases_path
from pytest_failtrack.history.archive.packed import archive_folder
from pytest_failtrack.history.edit_lock import editing
from pytest_failtrack.history.evidence import read_bytes
from pytest_failtrack.history.files import create_beside, write_beside
from pytest_failtrack.history.matches import matches_dir, verify_match
from pytest_failtrack.history.run_file import file_name
from pytest_failtrack.history.versions import Outcome, decided
from pytest_failtrack.record.change import Change, line_of
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_record, verify_run
from pytest_failtrack.signature.alias import Alias

if TYPE_CHECKING:
    from pytest_failtrack.history.store import History

T = TypeVar("T")

FINISHED = ("died", "interrupted", "finished")


class Incoming(NamedTuple):
    """A verified document that came from elsewhere.

    Args:
        content: The bytes of its file.
        data: What they say.
        source: Where it was read, for sentences.
        changes: Of a record, the events that came beside it.
    """

    content: bytes
    data: dict[str, Any]
    source: str = ""
    changes: tuple[Change, ...] = ()


class Added(NamedTuple):
    """What became of some documents.

    Args:
        new: How many were not there before.
        updated: How many took the place of an older or damaged one.
        kept: One sentence for each that is there in another version, which stays.
        shared: How many were not in the shared history before.
        failed: Why documents could not be put in, one sentence each.
    """

    new: int = 0
    updated: int = 0
    kept: tuple[str, ...] = ()
    shared: int = 0
    failed: tuple[str, ...] = ()

    def plus(self, other: Added) -> Added:
        """Return the sum."""
        return Added(
            self.new + other.new,
            self.updated + other.updated,
            self.kept + other.kept,
            self.shared + other.shared,
            self.failed + other.failed,
        )


class Destination(Protocol):
    """Takes documents in; each call may be repeated.

    What fails for one document is told in `failed`; the others go in.
    """

    def add_records(self, records: Sequence[Incoming]) -> Added:
        """Put records in, each with its events."""

    def add_runs(self, runs: Sequence[Incoming]) -> Added:
        """Put run documents in."""

    def add_matches(self, matches: Sequence[Incoming]) -> Added:
        """Put matches in."""

    def add_changes(self, events: Sequence[Change]) -> Added:
        """Put events in that came without their record."""

    def add_aliases(self, aliases: Sequence[Alias], source: str) -> Added:
        """Put aliases in beside those that are there; pairs are counted.

        Raises:
            EvidenceError: They contradict what is there; nothing of them is in.
        """

    def close(self) -> tuple[tuple[str, ...], bool]:
        """Finish; return what went wrong beside, and whether everything is where it belongs."""


class LocalDestination:
    """The evidence folder of this project, and the index over it.

    Args:
        places: Where the evidence lies.
        history: Opens the index, which learns of what is new; None for none.
    """

    def __init__(
        self, places: changes.Places, history: Callable[[], History] | None = None
    ) -> None:
        self._places = places
        self._evidence = os.fspath(places.evidence_dir)
        self._runs = os.fspath(places.evidence_dir.parent / "runs")
        self._matches = os.fspath(matches_dir(places.evidence_dir))
        self._changes = changes.changes_dir(places)
        self._open = history
        self._history: History | None = None
        self._problems: list[str] = []

    def add_records(self, records: Sequence[Incoming]) -> Added:
        """Put records in, each with its events."""
        added, written = Added(), []
        for one in records:
            came = _tried(self._add_record, one)
            if came.new or came.updated:
                written.append(one.data)
            added = added.plus(came)
        self._index(written)
        return added

    def add_runs(self, runs: Sequence[Incoming]) -> Added:
        """Put run documents in; of two about one run the one that knows more stays."""
        return _sum(_tried(self._add_run, one) for one in runs)

    def add_matches(self, matches: Sequence[Incoming]) -> Added:
        """Put matches in; of two states of one the later stays."""
        return _sum(_tried(self._add_match, one) for one in matches)

    def add_changes(self, events: Sequence[Change]) -> Added:
        """Put events in that came without their record."""
        return _sum(_tried(self._add_change, one) for one in events)

    def add_aliases(self, aliases: Sequence[Alias], source: str) -> Added:
        """Put aliases in beside those that are there; pairs are counted."""
        try:
            return Added(new=add_aliases(aliases_path(self._evidence), aliases, source))
        except EvidenceError as error:
            if error.slug == CONTRADICT:
                raise
            return Added(failed=(error.message,))

    def close(self) -> tuple[tuple[str, ...], bool]:
        """Close the index; return what went wrong with it, which loses no document."""
        if self._history is not None:
            try:
                self._history.sync(self._evidence, self._runs)
                self._problems.extend(self._history.problems)
            except (StoreError, EvidenceError) as error:
                self._problems.append(f"the history index cannot be used: {error.message}")
            self._history.close()
            self._history = None
        return tuple(dict.fromkeys(self._problems)), True

    # -- records -----------------------------------------------------------------------------

    def _add_record(self, one: Incoming) -> Added:
        name = f"{one.data['failure_id']}.json"
        there = _created_or_there(self._evidence, name, one.content)
        if there not in (None, one.content):
            return self._resolve(one, name)
        added = Added(new=int(there is None))
        self._merge(one)
        return added

    def _merge(self, one: Incoming) -> None:
        """Append the events that are not there; nothing is opened when none is new."""
        if one.changes:
            failure_id = one.data["failure_id"]
            known = {event.event_id for event in changes.read_changes(self._changes, failure_id)}
            for event in one.changes:
                if event.event_id not in known:
                    changes.append_change(self._changes, event)

    def _resolve(self, one: Incoming, name: str) -> Added:
        """Decide between two versions of a record; the events of both sides are kept.

        The record is written first: who is killed before the events are there decides alike again.
        """
        failure_id = one.data["failure_id"]
        folder = os.fspath(self._changes)
        with changes.alone_with_changes(folder, failure_id) as file:
            changes.finish_interrupted(self._places, failure_id, file)
            added = self._decided(one, name, failure_id)
            if added.updated:
                write_beside(self._evidence, name, one.content)
            for event in one.changes:
                file.append(event.event_id, line_of(event))
        return added

    def _decided(self, one: Incoming, name: str, failure_id: str) -> Added:
        try:
            content = _content(self._evidence, name) or b""
            ours = verify_record(content, os.path.join(self._evidence, name))
        except EvidenceError:
            return Added(updated=1)  # ours is damaged
        here = changes.read_changes(self._changes, failure_id)
        outcome = decided(ours, here, one.data, one.changes)
        if outcome is Outcome.CAPTURED:
            return Added(
                kept=(
                    f"{one.source}: what was captured of {failure_id} is not what is captured "
                    "here; the record that is here stays",
                )
            )
        if outcome is Outcome.BOTH:
            return Added(
                kept=(
                    f"{one.source}: record {failure_id} was changed here as well as there; the one "
                    "that is here stays, with the changes of both in its history",
                )
            )
        return Added(updated=int(outcome is Outcome.TAKEN))

    # -- runs --------------------------------------------------------------------------------

    def _add_run(self, one: Incoming) -> Added:
        name = file_name(one.data)
        there = _created_or_there(self._runs, name, one.content)
        if there is None:
            self._index(())
            return Added(new=1)
        if there == one.content:
            return Added()
        try:
            ours = verify_run(there, os.path.join(self._runs, name))
        except EvidenceError:
            ours = {}
        if not ours or _knows_more(one.data, ours):
            with editing(self._runs):
                write_beside(self._runs, name, one.content)
            self._index(())
            return Added(updated=1)
        if _knows_more(ours, one.data) or _says_the_same(ours, one.data):
            return Added()
        return Added(
            kept=(
                f"{one.source}: the run {one.data['document_id']} is here with other failures; "
                "the document that is here stays",
            )
        )

    def _add_change(self, one: Change) -> Added:
        return Added(int(changes.append_change(self._changes, one)))

    def _add_match(self, one: Incoming) -> Added:
        name = f"{one.data['failure_match_id']}.json"
        there = _created_or_there(self._matches, name, one.content)
        if there is None:
            return Added(new=1)
        if there == one.content:
            return Added()
        try:
            ours = verify_match(there, name)
        except EvidenceError:
            ours = {}
        if ours and parse_time(ours["updated_at"]) >= parse_time(one.data["updated_at"]):
            return Added()
        with editing(self._matches):
            write_beside(self._matches, name, one.content)
        return Added(updated=1)

    # -- index -------------------------------------------------------------------------------

    def _index(self, records: Iterable[dict[str, Any]]) -> None:
        """Tell the index of records that were written; without it the next run reads them."""
        if self._open is None:
            return
        try:
            if self._history is None:
                self._history = self._open()
                self._history.sync(self._evidence, self._runs)
            self._history.add(records)
        except (StoreError, EvidenceError) as error:
            self._problems.append(
                f"the history index cannot be used: {error.message}; the next run reads what is new"
            )
            self._open = None


def _tried(add: Callable[[T], Added], one: T) -> Added:
    try:
        return add(one)
    except EvidenceError as error:
        return Added(failed=(error.message,))


def _sum(parts: Iterable[Added]) -> Added:
    added = Added()
    for one in parts:
        added = added.plus(one)
    return added


def _created_or_there(folder: str, name: str, content: bytes) -> bytes | None:
    """Write a document that is not there and return None, or return what is there.

    Raises:
        EvidenceError: It cannot be read or written.
    """
    there = _content(folder, name)
    if there is None and not create_beside(folder, name, content):
        return _content(folder, name) or b""  # somebody else was faster
    return there


def _content(folder: str, name: str) -> bytes | None:
    """Return what is there of a document, None when nothing is.

    Raises:
        EvidenceError: It is there and cannot be read.
    """
    path = os.path.join(folder, name)
    if not os.path.lexists(path) and not os.path.isdir(archive_folder(folder)):
        return None  # as with all that is new
    try:
        return read_bytes(path)
    except EvidenceError as error:
        if error.slug == "evidence-missing":
            return None
        raise


def _knows_more(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether a document tells all that another tells of the same run, and more."""
    if one["started_at"] != other["started_at"] or not set(one["records"]) >= set(other["records"]):
        return False
    ends = FINISHED.index(one["ended"]), FINISHED.index(other["ended"])
    return ends[0] > ends[1] or (ends[0] == ends[1] and len(one["records"]) > len(other["records"]))


def _says_the_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return sorted(one["records"]) == sorted(other["records"])
