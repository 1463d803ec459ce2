"""The check of `failtrack doctor` about what the shared history does not have yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from pytest_failtrack.cli.checks.checkup import Checkup, Remark, fine, warning
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history.evidence import record_names
from pytest_failtrack.history.kept import open_shared
from pytest_failtrack.sinks.wording import count

SUFFIX = ".json"


def shared(checkup: Checkup) -> Iterator[Remark]:
    """Everything that is in the evidence here is in the shared history, where there is one."""
    settings = checkup.settings
    if not settings.is_shared:
        return
    catch_up = f"failtrack ingest {checkup.shown(settings.evidence_dir.parent)}"
    try:
        records, runs = missing(checkup)
    except StoreError as error:
        yield warning(
            f"{error.message}; nothing is lost meanwhile: all is in the evidence",
            f"{catch_up}, when it answers again",
        )
        return
    except EvidenceError:
        return  # a folder cannot be listed: the check `evidence` says so
    if records or runs:
        are = "is" if records + runs == 1 else "are"
        yield warning(
            f"{count(records, 'record')} and {count(runs, 'run')} {are} not in the shared history",
            catch_up,
        )
    else:
        yield fine("it has everything that is in the evidence here")


def missing(checkup: Checkup) -> tuple[int, int]:
    """Return how many records and run documents the shared history does not have.

    Raises:
        StoreError: It does not answer, or cannot be used.
        EvidenceError: A folder of the evidence cannot be listed.
    """
    from pytest_failtrack.history.shared import missing_records, missing_runs

    settings = checkup.settings
    ids = [name.removesuffix(SUFFIX) for name in record_names(settings.evidence_dir)]
    names = record_names(settings.runs_dir)
    with closing(open_shared(settings.history, settings.repository)) as database:
        return len(missing_records(database, ids)), len(missing_runs(database, names))
