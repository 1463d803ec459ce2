"""History: what earlier runs say, from a local index over the evidence files or a shared database.

The index is a cache (C-11). Where it is damaged it is made anew, where it cannot be used it is made
in memory; where a shared database does not answer, the local index does. Either way the run goes on
and `problems` says so.

A green run asks for open tests alone, so what only failures need is imported where it is used.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history.database import MEMORY, Database, open_database
from pytest_failtrack.history.evidence import read_bytes
from pytest_failtrack.history.gate import QueryGate, QueryKind
from pytest_failtrack.history.kept import note_unanswered, open_shared, why_unanswered
from pytest_failtrack.history.rows import RECORDS, RUNS, Folder, add_documents
from pytest_failtrack.history.scan import sync_folder

if TYPE_CHECKING:
    from pytest_failtrack.history.past import PastRun
    from pytest_failtrack.history.postgres import PostgresDatabase
    from pytest_failtrack.record.repeat import Earlier

T = TypeVar("T")

PROBLEM_FILES_SHOWN = 3
# That of FR106; performance.py, which is imported where a question was slower, says more.
QUERY_LIMIT_SECONDS = 30.0
OPEN_MAX = 20_000
"""Where more records are open, each test of a run is looked up."""


class History:
    """What is known of earlier runs.

    Args:
        path: File of the index; None keeps it in memory.
        shared: `postgresql://` URL of a shared history, which is asked instead of the index.
        tenant: Slug of the repository in the shared history.
        gate: Whose turn it is, where threads of this process ask; None where none does.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        *,
        shared: str = "",
        tenant: str = "",
        gate: QueryGate | None = None,
    ) -> None:
        self._gate = gate
        self._path = MEMORY if path is None else os.fspath(path)
        silence = why_unanswered(shared)
        self._shared = "" if silence else shared
        self._tenant = tenant
        self._database: Database | None = None
        self._folders: list[Folder] = []
        self._notes: list[str] = [_stood_in(silence)] if silence else []
        self._is_anew = False
        self._seen: tuple[int, int] | None = None
        self._without_aliases: tuple[str, ...] = ()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, one sentence each, and files of the evidence that cannot be used."""
        return (*self._notes, *self._without_aliases, *self._with_database(_unusable))

    def sync(
        self,
        evidence_dir: str | os.PathLike[str],
        runs_dir: str | os.PathLike[str] | None = None,
    ) -> None:
        """Bring the index up to what lies in the folders; cheap when nothing changed.

        Args:
            evidence_dir: Folder of the records.
            runs_dir: Folder of the run documents; `runs` beside the records when None.

        Raises:
            StoreError: Not even an index in memory can be made.
            EvidenceError: A folder is there and cannot be listed.
        """
        evidence = Path(evidence_dir)
        runs = evidence.parent / "runs" if runs_dir is None else Path(runs_dir)
        self._folders = [Folder(RECORDS, str(evidence)), Folder(RUNS, str(runs))]
        self._with_database(self._sync_index)

    def share_aliases(self) -> None:
        """Put the aliases that lie beside the evidence into a shared history, before it is asked.

        An index reads them when it is synced. Without any nothing is asked, and with those that
        are there already one thing is. Aliases that cannot be shared are among the `problems`.
        """
        if not self._shared or not self._folders:
            return
        from pytest_failtrack.history.aliases import aliases_path

        path = aliases_path(self._folders[0].path)
        if path.exists():
            self._with_database(lambda database: self._share_aliases(database, path))

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Put records that were just written into the index, so that no sync reads them again."""
        if not self._folders:
            return
        held = list(records)
        self._with_database(lambda database: self._add(database, held))

    def add_run(self, path: str | os.PathLike[str]) -> None:
        """Put a run document that was just written into a shared history.

        An index reads it when it is synced.
        """
        self._with_database(lambda database: self._add_run(database, os.fspath(path)))

    def has_any(self, *, other_than: str = "") -> bool:
        """Return whether any history was found: a record or a run, green ones too (C-34).

        Args:
            other_than: Build that does not count: the one that is asking.
        """
        sql = (
            "select 1 where exists"
            " (select 1 from records where tenant_id = ? and build_id <> ?)"
            " or exists (select 1 from runs where tenant_id = ? and build_id <> ?)"
        )
        return bool(
            self._with_database(
                lambda one: one.rows(sql, (one.tenant, other_than, one.tenant, other_than))
            )
        )

    def earlier_for(
        self,
        candidates: Iterable[Earlier],
        *,
        since: datetime,
        threshold: float | None = None,
        base_branch: str = "main",
    ) -> dict[str, list[Earlier]]:
        """Return what `record.repeat.find_repetition` needs, for many failures at once.

        Args:
            candidates: The failures that are asked about, one a signature.
            since: Start of the window, aware; RESOLVED and PREVENTED records are found
                whatever their age.
            threshold: Least similarity of tokens; `SIMILARITY_THRESHOLD` by default.
            base_branch: Branch that changes are merged to.

        Returns:
            Earlier failures by the candidate's hash; of a cause that failed often in a build,
            one for each status.
        """
        from pytest_failtrack.history.lookup import earlier_failures
        from pytest_failtrack.record.repeat import SIMILARITY_THRESHOLD

        wanted = list(candidates)
        after = since.timestamp()
        least = SIMILARITY_THRESHOLD if threshold is None else threshold
        return self._with_database(
            lambda one: earlier_failures(one, wanted, after, least, base_branch)
        )

    def ended_records(self, hashes: Iterable[str]) -> list[tuple[str, str]]:
        """Return id and status of all records of some signatures that are RESOLVED or PREVENTED.

        Args:
            hashes: The signatures, 12 hex digits each.
        """
        from pytest_failtrack.history.lookup import ended_records

        wanted = sorted(set(hashes))
        return self._with_database(lambda one: ended_records(one, wanted)) if wanted else []

    def runs_of(self, revision: str, *, but: str = "") -> list[PastRun]:
        """Return the newest runs of a commit, the newest first.

        Args:
            revision: The commit.
            but: Name of a run document that is left out: that of the run that asks.
        """
        from pytest_failtrack.history.past import runs_of

        if not self._folders or not revision:
            return []
        return self._with_database(
            lambda one: runs_of(one, lambda name: self._run_content(one, name), revision, but=but)
        )

    def turns_of(
        self,
        nodeids: Collection[str],
        *,
        since: datetime,
        until: datetime,
        but: str,
        here: str,
    ) -> dict[str, tuple[int, int]]:
        """Return how often tests passed and then failed, and over how many builds.

        Args:
            nodeids: The tests; each of them fails now.
            since: Start of the window, aware.
            until: Start of the run that asks, aware.
            but: Build of the run that asks.
            here: Its lane.
        """
        from pytest_failtrack.history.past import turns_of

        start, end = since.timestamp(), until.timestamp()
        return self._with_database(
            lambda one: turns_of(one, nodeids, since=start, until=end, but=but, here=here)
        )

    def open_nodeids(self, among: Iterable[str]) -> frozenset[str]:
        """Return those of some tests that have an open record.

        Args:
            among: The tests of a run; their outcomes go into its document.
        """
        tests = set(among)
        return self._with_database(lambda one: frozenset(_open_among(one, tests)))

    def open_records(self) -> tuple[str, ...]:
        """Return the ids of the records that are OPEN or INVESTIGATING, the newest first."""
        sql = (
            "select failure_id from records where tenant_id = ?"
            " and status in ('OPEN', 'INVESTIGATING') order by occurred_at desc, failure_id"
        )
        return tuple(
            one for (one,) in self._with_database(lambda held: held.rows(sql, (held.tenant,)))
        )

    def count(self, table: str = "records") -> int:
        """Return the number of records, or of `runs`."""
        sql = f"select count(*) from {table} where tenant_id = ?"
        ((count,),) = self._with_database(lambda one: one.rows(sql, (one.tenant,)))
        return int(count)

    def ask(
        self,
        question: Callable[[Database], T],
        *,
        limit_seconds: float | None = QUERY_LIMIT_SECONDS,
        is_recent: bool = False,
    ) -> T:
        """Return what a function makes of the open history; see `history/questions`.

        Args:
            question: Asks with `Database.rows`; it is asked again where the history fails and
                another one stands in.
            limit_seconds: A question that takes longer is an operational event (FR106); None for
                one about a large range, which is asked in batches.
            is_recent: It is about what happens now: under extreme load such questions are
                answered before those about the past (S3-80).

        Raises:
            StoreError: Nothing can be asked.
        """

        return self._with_database(
            lambda one: self._measured(question, self._with_changes(one), limit_seconds),
            QueryKind.RECENT if is_recent else QueryKind.HISTORICAL,
        )

    def close(self) -> None:
        """Close the index."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _add(self, database: Database, records: Sequence[Mapping[str, Any]]) -> None:
        folder = self._folders[0]
        if database.name == "sqlite":
            return add_documents(database, folder, records)
        from pytest_failtrack.history.shared import share_records

        share_records(
            cast("PostgresDatabase", database),
            (
                (read_bytes(os.path.join(folder.path, f"{one['failure_id']}.json")), one)
                for one in records
            ),
        )
        return None

    def _share_aliases(self, database: Database, path: Path) -> None:
        from pytest_failtrack.history.aliases import missing_aliases, share_aliases

        if database.name == "sqlite":
            return
        try:
            if missing := missing_aliases(database, path):
                share_aliases(database, missing, str(path))
        except EvidenceError as error:
            self._without_aliases = (error.message,)
        except StoreError as error:
            if error.slug != "store-readonly":
                raise
            # Who may add records and no aliases has a history all the same.
            self._without_aliases = (f"{path} was not shared: {error.message}",)

    def _add_run(self, database: Database, path: str) -> None:
        if database.name == "sqlite":
            return
        from pytest_failtrack.history.shared import share_runs

        content = read_bytes(path)
        run = (os.path.basename(path), content, json.loads(content))
        share_runs(cast("PostgresDatabase", database), [run])

    def _run_content(self, database: Database, name: str) -> bytes:
        if database.name == "sqlite":
            return read_bytes(os.path.join(self._folders[1].path, name))
        from pytest_failtrack.history.shared import run_content

        return run_content(cast("PostgresDatabase", database), name)

    def _with_changes(self, database: Database) -> Database:
        """Return the history, its changes read: a test run does without them."""
        if database.name == "sqlite" and self._folders:
            from pytest_failtrack.history.changes_index import sync_changes
            from pytest_failtrack.history.matches import sync_matches

            beside = Path(self._folders[0].path).parent
            sync_matches(database, str(beside / "matches"))
            sync_changes(database, str(beside / "changes"))
        return database

    def _measured(
        self, question: Callable[[Database], T], database: Database, limit_seconds: float | None
    ) -> T:
        began = time.monotonic()
        is_timeout = False
        try:
            return question(database)
        except StoreError as error:
            is_timeout = error.slug == "store-slow"
            raise
        finally:
            seconds = time.monotonic() - began
            if is_timeout or (limit_seconds is not None and seconds > limit_seconds):
                from pytest_failtrack.history.performance import note_slow

                note_slow(database, question, seconds, is_timeout=is_timeout)

    def _sync_index(self, database: Database) -> None:
        if database.name == "sqlite":
            self._sync_folders(database)

    def _sync_folders(self, database: Database) -> None:
        from pytest_failtrack.history.aliases import store_aliases

        for folder in self._folders:
            sync_folder(database, folder)
        if self._folders:
            try:
                store_aliases(database, self._folders[0].path)
            except EvidenceError as error:
                self._without_aliases = (error.message,)

    def _with_database(
        self, work: Callable[[Database], T], kind: QueryKind = QueryKind.RECENT
    ) -> T:
        """Return what work comes to when its turn has come: that of a run, unless one says else."""
        if self._gate is None:
            return self._answer(work)
        return self._gate.ask(lambda: self._answer(work), kind, self)

    def _answer(self, work: Callable[[Database], T]) -> T:
        """Return what work comes to; on an index that fails, again on one made anew."""
        while True:
            try:
                if self._database is None:
                    self._database = self._opened()
                    if self._path == MEMORY or self._notes:
                        self._sync_index(self._database)
                return work(self._database)
            except StoreError as error:
                self._give_up_on(error)

    def _opened(self) -> Database:
        if self._shared:
            return open_shared(self._shared, self._tenant)
        # Before it is opened: should another process renew it now, the new one is not meant.
        self._seen = _identity(self._path)
        database = open_database(self._path)
        self._seen = self._seen or _identity(self._path)
        return database

    def _give_up_on(self, error: StoreError) -> None:
        """Turn to a new file, or to memory; raise when that was tried."""
        self.close()
        if self._shared:
            note_unanswered(self._shared, error)
            self._notes.append(_stood_in(why_unanswered(self._shared) or error.message))
            self._shared = ""
            return
        if self._path == MEMORY:
            raise error
        if not self._is_anew and self._made_anew(error):
            self._is_anew = True
            self._notes.append(f"{error.message}; it was made anew from the evidence")
            return
        self._notes.append(f"{error.message}; history was read from the evidence itself")
        self._path = MEMORY

    def _made_anew(self, error: StoreError) -> bool:
        """Make an index anew that is damaged or older; everything else is bypassed in memory."""
        if error.slug == "store-corrupt":
            return set_aside(self._path, self._seen)
        if error.slug != "store-older":
            return False
        from pytest_failtrack.history.sqlite import renew

        try:
            renew(self._path)
        except StoreError:
            return False
        return True


def _open_among(database: Database, tests: Collection[str]) -> Iterator[str]:
    # That a test passes says nothing of the marks that it lacks, or of an xfail mark.
    where = (
        "tenant_id = ? and status in ('OPEN', 'INVESTIGATING') and nodeid <> '' and not"
        " (outcome = 'debt' and subcategory in ('QA_UNMAPPED', 'QA_FALSE_POSITIVE'))"
    )
    sql = f"select distinct nodeid from records where {where}"
    counted = (
        "select count(*) from (select 1 from records where tenant_id = ?"
        " and status in ('OPEN', 'INVESTIGATING') limit ?) as found"
    )
    ((number,),) = database.rows(counted, (database.tenant, OPEN_MAX + 1))
    if number <= OPEN_MAX:
        yield from (one for (one,) in database.rows(sql, (database.tenant,)) if one in tests)
        return
    among = f"{sql} and nodeid in ({{marks}})"
    yield from (one for (one,) in database.rows_among(among, sorted(tests)))


def _stood_in(message: str) -> str:
    return (
        f"{message}; the local evidence was asked instead, and `failtrack ingest` sends what is"
        " missing"
    )


def set_aside(path: str, seen: tuple[int, int] | None = None) -> bool:
    """Move a damaged index out of the way; return whether it is.

    Processes that find it damaged at once take turns, and only the first one moves it: what lies
    there afterwards is the new one, which others fill already.

    Args:
        path: The index.
        seen: What `_identity` said of the damaged file; None to move whichever is there.
    """
    from pytest_failtrack.history.edit_lock import WAIT_SECONDS, held

    folder, name = os.path.split(os.path.abspath(path))
    # Where there are no locks one looks again all the same.
    with held(folder, f".{name}.lock", WAIT_SECONDS):
        if seen is not None and _identity(path) != seen:
            return True
        try:
            # First of all: beside a new index, SQLite would take it for that one's.
            if os.path.exists(f"{path}-journal"):
                os.unlink(f"{path}-journal")
            os.replace(path, f"{path}.broken")
        except OSError:
            return False
    return True


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a file from the one that takes its place, None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino)


def _unusable(database: Database) -> tuple[str, ...]:
    if database.name != "sqlite":
        return ()
    rows = database.rows("select reason from unusable order by path")
    shown = [str(reason) for (reason,) in rows[:PROBLEM_FILES_SHOWN]]
    if len(rows) > len(shown):
        shown.append(f"{len(rows) - len(shown)} more files of the evidence cannot be used")
    return tuple(shown)
