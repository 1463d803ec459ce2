"""The check of `failtrack doctor` about what the shared history does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from pytest_failtrack.cli.checks.checkup import Checkup, Remark, fine, problem, warning
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history.aliases import REMEDY, aliases_path, missing_aliases
from pytest_failtrack.history.changes import changed_ids, read_changes
from pytest_failtrack.history.evidence import record_names
from pytest_failtrack.history.kept import open_shared
from pytest_failtrack.history.matches import is_match_id, matches_dir
from pytest_failtrack.sinks.wording import count

if TYPE_CHECKING:
    from pytest_failtrack.history.postgres import PostgresDatabase

SUFFIX = ".json"
MANY = {"match": "matches", "change of a record": "changes of records", "alias": "aliases"}


def shared(checkup: Checkup) -> Iterator[Remark]:
    """Everything that is in the evidence here is in the shared history, where there is one."""
    settings = checkup.settings
    if not settings.is_shared:
        return
    catch_up = f"failtrack ingest {checkup.shown(settings.evidence_dir.parent)}"
    try:
        with closing(open_shared(settings.history, settings.repository)) as database:
            found = missing(checkup, database)
            try:
                found["alias"] = len(missing_aliases(database, aliases_path(settings.evidence_dir)))
            except EvidenceError as error:
                yield problem(error.message, REMEDY)
    except StoreError as error:
        yield warning(
            f"{error.message}; nothing is lost meanwhile: all is in the evidence",
            f"{catch_up}, when it answers again",
        )
        return
    except EvidenceError:
        return  # a folder cannot be listed: the check `evidence` says so
    counted = [count(number, one, MANY.get(one, "")) for one, number in found.items() if number]
    if counted:
        are = "is" if sum(found.values()) == 1 else "are"
        listed = " and ".join([one for one in (", ".join(counted[:-1]), counted[-1]) if one])
        yield warning(f"{listed} {are} not in the shared history", catch_up)
    elif "alias" in found:
        yield fine("it has everything that is in the evidence here")


def missing(checkup: Checkup, database: PostgresDatabase) -> dict[str, int]:
    """Return how many documents and events the shared history does not have, by their kind.

    Raises:
        StoreError: It does not answer, or cannot be used.
        EvidenceError: A folder of the evidence cannot be listed.
    """
    from pytest_failtrack.history.shared import (
        missing_changes,
        missing_matches,
        missing_records,
        missing_runs,
    )

    settings = checkup.settings
    ids = [name.removesuffix(SUFFIX) for name in record_names(settings.evidence_dir)]
    names = record_names(settings.runs_dir)
    kept = (name.removesuffix(SUFFIX) for name in record_names(matches_dir(settings.evidence_dir)))
    events = {
        event.event_id
        for failure_id in changed_ids(settings)
        for event in read_changes(settings, failure_id, tell=lambda _: None)
    }
    return {
        "record": len(missing_records(database, ids)),
        "run": len(missing_runs(database, names)),
        "match": len(missing_matches(database, [one for one in kept if is_match_id(one)])),
        "change of a record": len(missing_changes(database, sorted(events))),
    }
