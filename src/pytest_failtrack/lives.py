"""One door to the life of a record, wherever it lives: in files, or in a shared history.

In a shared history the database has the word; a copy that lies here is brought up to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history import changes
from pytest_failtrack.history.evidence import edited_record
from pytest_failtrack.history.files import write_beside
from pytest_failtrack.history.kept import is_worth_asking, note_unanswered, open_shared
from pytest_failtrack.record.change import Change, change_of, differences, make_change
from pytest_failtrack.record.reviews import signatures

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase

Tell = Callable[[str], None]


def change_record(
    settings: Settings,
    failure_id: str,
    edit: changes.Edit,
    *,
    action: str,
    by: str,
    at: datetime,
    note: str = "",
    is_of_run: bool = False,
    **more: Any,
) -> bool:
    """Change a record and tell of it in its own history.

    Args:
        settings: Settings of the project.
        failure_id: Id of the record.
        edit: Takes the record and returns it changed, or raises; capture blocks stay.
        action: One word for what is done.
        by: Who.
        at: When, aware.
        note: What they say about it.
        is_of_run: A run does it, which waits for no history twice: where the shared one does not
            answer, the record that lies here changes, and `failtrack ingest` sends that.
        more: What else belongs to this kind of event, as JSON values.

    Returns:
        Whether anything changed; without a change there is no event.

    Raises:
        EvidenceError: The record or its history cannot be read or written; nothing is changed.
        StoreError: The shared history cannot be used; nothing is changed.
        InputError: `edit` refused.
    """

    def change_here() -> bool:
        return changes.change_record(
            settings, failure_id, edit, action=action, by=by, at=at, note=note, **more
        )

    if not settings.is_shared:
        return change_here()
    if is_of_run and not is_worth_asking(settings.history):
        return change_here()
    from pytest_failtrack.history.shared import change_shared
    from pytest_failtrack.record.build import to_json
    from pytest_failtrack.record.verify import verify_record

    made: list[tuple[bytes, Change]] = []

    def edit_content(content: bytes) -> tuple[bytes, Mapping[str, Any], Change] | None:
        before = verify_record(content, failure_id)
        after = edited_record(before, edit, failure_id)
        if after is None:
            return None
        old, new = differences(before, after)
        event = make_change(
            failure_id, action=action, by=by, at=at, before=old, after=new, note=note, more=more
        )
        made.append((to_json(after), event))
        return made[-1][0], after, event

    try:
        with _shared(settings) as database:
            is_changed = change_shared(database, failure_id, edit_content)
    except StoreError:
        if is_of_run and not is_worth_asking(settings.history):
            return change_here()
        raise
    if is_changed:
        _bring_up(settings, failure_id, *made[-1])
    return is_changed


def append_event(
    settings: Settings,
    failure_id: str,
    *,
    action: str,
    by: str,
    at: datetime,
    note: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **more: Any,
) -> bool:
    """Tell of something in a record's own history that changes no field of it.

    Returns:
        Whether it is new.

    Raises:
        EvidenceError: It cannot be written.
        StoreError: The shared history cannot be used.
    """
    if not settings.is_shared:
        return changes.append_event(
            settings,
            failure_id,
            action=action,
            by=by,
            at=at,
            note=note,
            before=before,
            after=after,
            **more,
        )
    from pytest_failtrack.history.shared import share_changes

    event = make_change(
        failure_id, action=action, by=by, at=at, before=before, after=after, note=note, more=more
    )
    with _shared(settings) as database:
        return share_changes(database, [event]) == 1


def append_changes(settings: Settings, events: Sequence[Change]) -> int:
    """Tell of several things that belong together; in a shared history of all of them or none.

    Returns:
        How many are new.

    Raises:
        EvidenceError: They cannot be written.
        StoreError: The shared history cannot be used.
    """
    if not settings.is_shared:
        folder = changes.changes_dir(settings)
        return sum(changes.append_change(folder, one) for one in events)
    from pytest_failtrack.history.shared import share_changes

    with _shared(settings) as database:
        return share_changes(database, events)


def read_changes(settings: Settings, failure_id: str, *, tell: Tell | None = None) -> list[Change]:
    """Return the events of a record, the oldest first.

    Args:
        settings: Settings of the project.
        failure_id: Id of the record.
        tell: Is told one sentence for each event that cannot be used.

    Raises:
        EvidenceError: They cannot be read.
        StoreError: The shared history cannot be used.
    """
    if not settings.is_shared:
        return changes.read_changes(settings, failure_id, tell=tell)
    return _shared_changes(settings, [failure_id]).get(failure_id, [])


def signed_reviews(
    settings: Settings, own: Collection[str], earlier: Iterable[str]
) -> tuple[str, ...]:
    """Return the reviews of S0-127 that are signed on one of the records of a cause, sorted.

    Args:
        settings: Settings of the project.
        own: Ids of its records in the build that asks; there may be thousands.
        earlier: Ids of its records in earlier builds.

    Raises:
        EvidenceError: The events of a record cannot be read.
        StoreError: The shared history cannot be used.
    """
    if settings.is_shared and is_worth_asking(settings.history):
        found = _shared_changes(settings, (*own, *earlier))
    else:
        changed = set(own).intersection(changes.changed_ids(settings))
        found = {one: changes.read_changes(settings, one) for one in (*changed, *earlier)}
    return tuple(sorted({name for events in found.values() for name in signatures(events)}))


def _shared_changes(settings: Settings, ids: Iterable[str]) -> dict[str, list[Change]]:
    """Return the events of records in the shared history by their ids, the oldest first."""
    sql = (
        "select failure_id, document from changes where tenant_id = ?"
        " and failure_id in ({marks}) order by at, event_id"
    )
    found: dict[str, list[Change]] = {}
    with _shared(settings) as database:
        for failure_id, text in database.rows_among(sql, ids):
            found.setdefault(failure_id, []).append(change_of(json.loads(text), failure_id))
    return found


def _bring_up(settings: Settings, failure_id: str, content: bytes, event: Change) -> None:
    """Write what became of a record over the copy that lies here, where one does."""
    folder = settings.evidence_dir
    if not (folder / f"{failure_id}.json").exists():
        return
    try:
        write_beside(str(folder), f"{failure_id}.json", content)
        changes.append_change(changes.changes_dir(settings), event)
    except EvidenceError:
        pass  # the database has it; a copy that stays behind is only a copy


@contextmanager
def _shared(settings: Settings) -> Iterator[PostgresDatabase]:
    try:
        with closing(open_shared(settings.history, settings.repository)) as database:
            yield database
    except StoreError as error:
        note_unanswered(settings.history, error, is_by_key=True)
        raise
