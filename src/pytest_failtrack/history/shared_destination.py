"""Documents go into the evidence here and into the shared history, which may be down meanwhile."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history.aliases import share_aliases
from pytest_failtrack.history.changes import FOLDER, read_changes
from pytest_failtrack.history.destination import Added, Destination, Incoming
from pytest_failtrack.history.evidence import read_bytes
from pytest_failtrack.history.matches import store_matches
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.run_file import file_name
from pytest_failtrack.history.shared import LivedFile, share_changes, share_lives, share_runs
from pytest_failtrack.record.change import Change
from pytest_failtrack.signature.alias import Alias

T = TypeVar("T")

OF_ONE_DOCUMENT = (StoreError.default_slug, "store-time")
"""Slugs of errors that may be about what one document says; others are about the history."""


class SharedDestination:
    """A shared history behind the evidence here.

    What stays here of two versions is what is shared. A history that does not answer is told of
    once, when all is done; reading the same again then catches up.

    Args:
        local: Takes the documents first.
        connect: Opens the shared history.
        evidence_dir: Folder of the records here.
        runs_dir: Folder of the run documents here.
    """

    def __init__(
        self,
        local: Destination,
        connect: Callable[[], PostgresDatabase],
        evidence_dir: str | os.PathLike[str],
        runs_dir: str | os.PathLike[str],
    ) -> None:
        self._local = local
        self._connect = connect
        self._evidence = os.fspath(evidence_dir)
        self._runs = os.fspath(runs_dir)
        self._changes = os.path.join(os.path.dirname(self._evidence), FOLDER)
        self._database: PostgresDatabase | None = None
        self._unshared = 0
        self._problems: list[str] = []
        self._is_down = False

    def add_records(self, records: Sequence[Incoming]) -> Added:
        """Put records in, each with its events."""
        added = self._local.add_records(records)
        return added._replace(shared=self._share(list(records), self._share_records))

    def add_runs(self, runs: Sequence[Incoming]) -> Added:
        """Put run documents in."""
        added = self._local.add_runs(runs)
        return added._replace(shared=self._share(list(runs), self._share_runs))

    def add_matches(self, matches: Sequence[Incoming]) -> Added:
        """Put matches in."""
        added = self._local.add_matches(matches)
        self._share(list(matches), self._share_matches)
        return added

    def add_changes(self, events: Sequence[Change]) -> Added:
        """Put events in that came without their record."""
        added = self._local.add_changes(events)
        return added._replace(shared=self._share(list(events), self._share_changes))

    def add_aliases(self, aliases: Sequence[Alias], source: str) -> Added:
        """Put aliases in beside those that are there; pairs are counted."""
        added = self._local.add_aliases(aliases, source)

        def share(database: PostgresDatabase, held: list[Sequence[Alias]]) -> int:
            return sum(share_aliases(database, one, source) for one in held)

        return added._replace(shared=self._share([aliases], share))

    def close(self) -> tuple[tuple[str, ...], bool]:
        """Finish; return what went wrong, and whether the shared history took everything."""
        problems, is_whole = self._local.close()
        if self._database is not None:
            self._database.close()
            self._database = None
        if self._unshared:
            self._problems.append(
                f"not in the shared history, and in the evidence here: {self._unshared:,}; ingest "
                "them again when it takes them"
            )
        return (*problems, *self._problems), is_whole and not self._unshared

    def _share(self, held: list[T], share: Callable[[PostgresDatabase, list[T]], int]) -> int:
        """Return how many were new; a batch that is refused is handed over one by one."""
        if not held:
            return 0
        if self._is_down:
            self._unshared += len(held)
            return 0
        try:
            if self._database is None:
                self._database = self._connect()
            return share(self._database, held)
        except StoreError as error:
            if error.slug not in OF_ONE_DOCUMENT:
                self._is_down = True
            elif len(held) > 1:
                return sum(self._share([one], share) for one in held)
            self._unshared += len(held)
            if error.message not in self._problems:
                self._problems.append(error.message)
            return 0

    def _share_records(self, database: PostgresDatabase, records: list[Incoming]) -> int:
        return share_lives(database, (self._lived(one) for one in records))

    def _lived(self, one: Incoming) -> LivedFile:
        """Return a record as it is here now, with its events from here and from there."""
        failure_id = one.data["failure_id"]
        content, data = _kept(self._evidence, f"{failure_id}.json", one)
        try:
            here = read_changes(self._changes, failure_id)
        except EvidenceError:
            here = []
        events = {event.event_id: event for event in (*here, *one.changes)}
        return content, data, tuple(events.values())

    def _share_runs(self, database: PostgresDatabase, runs: list[Incoming]) -> int:
        names = [file_name(one.data) for one in runs]
        kept = (
            (name, *_kept(self._runs, name, one)) for name, one in zip(names, runs, strict=True)
        )
        return share_runs(database, kept)

    def _share_matches(self, database: PostgresDatabase, matches: list[Incoming]) -> int:
        return store_matches(database, [one.data for one in matches])

    def _share_changes(self, database: PostgresDatabase, events: list[Change]) -> int:
        return share_changes(database, events)


def _kept(folder: str, name: str, one: Incoming) -> tuple[bytes, dict[str, Any]]:
    """Return a document as it is here now: of two versions the one that stayed."""
    try:
        content = read_bytes(os.path.join(folder, name))
        return content, one.data if content == one.content else json.loads(content)
    except (EvidenceError, ValueError):
        return one.content, one.data
