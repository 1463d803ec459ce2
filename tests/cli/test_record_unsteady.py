"""`failtrack record` over a database that falls silent, or goes away, at any moment of its change.

Issue 5: nothing is half-written, and one sentence says what is so (real PostgreSQL).
"""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from evidence_folder import Project, Result, make_record

from pytest_failtrack.history import kept, postgres
from pytest_failtrack.history.changes import read_changes
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import share_records
from pytest_failtrack.record import build
from unsteady import CUT_AFTER, CUT_BEFORE, SILENT_AFTER, SILENT_BEFORE, door_to

RECORD = make_record("tests/test_orders.py::test_a")
OTHER = make_record("tests/test_orders.py::test_b")
NAME = RECORD["failure_id"]
# What the command says to the server, in this order.
MOMENTS = ("for update", "update records", "update documents", "insert into changes", "commit\0")
MODES = {
    "cut-before": CUT_BEFORE,
    "cut-after": CUT_AFTER,
    "silent-before": SILENT_BEFORE,
    "silent-after": SILENT_AFTER,
}
ANSWER_SECONDS = 1.0
MAY_BE_IN = "which may be in: look before you repeat it"


class Shared:
    """A project whose only record is in a shared history and, as a copy, here."""

    def __init__(self, project: Project, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.project = project
        self.url = url
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
        project.add_records(RECORD)
        content = build.to_json(build.validate(RECORD))
        with closing(PostgresDatabase(url, "shop")) as database:
            share_records(database, [(content, RECORD)])

    def assign(self, owner: str, url: str = "") -> Result:
        """Give the record to somebody."""
        return self.run("record", NAME, "assign", owner, "--by", "ada", url=url)

    def run(self, *words: str, url: str = "") -> Result:
        """Call a command; by another URL of the history, if one is given."""
        kept._UNANSWERED.clear()
        self._monkeypatch.setattr(postgres, "ANSWER_SECONDS", ANSWER_SECONDS if url else 40)
        self._monkeypatch.setenv("FAILTRACK_HISTORY", url or self.url)
        return self.project.run(*words)

    def linked(self) -> int:
        """How many events tell of a link."""
        with psycopg.connect(self.url) as connection:
            sql = "select count(*) from changes where action = 'link'"
            ((number,),) = connection.execute(sql).fetchall()
        return int(number)

    def owners(self) -> tuple[object, ...]:
        """Whose it is: by its column, its document, and the last of its events."""
        with psycopg.connect(self.url) as connection:
            ((column,),) = connection.execute("select owner from records").fetchall()
            ((document,),) = connection.execute("select document from documents").fetchall()
            rows = connection.execute("select document from changes order by at").fetchall()
        events = [json.loads(one)["to"]["metadata.owner"] for (one,) in rows]
        told = json.loads(document)["metadata"]["owner"]
        return column or None, told, events[-1] if events else None

    def here(self) -> tuple[object, ...]:
        """The same of the copy."""
        path = Path(self.project.evidence_dir, f"{NAME}.json")
        told = json.loads(path.read_text(encoding="utf-8"))["metadata"]["owner"]
        changes = read_changes(self.project.evidence_dir.parent / "changes", NAME)
        return told, changes[-1].after["metadata.owner"] if changes else None


@pytest.fixture
def shared(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    postgres_url: str,
) -> Shared:
    return Shared(Project(tmp_path, monkeypatch, capfd), postgres_url, monkeypatch)


def settled(shared: Shared) -> tuple[object, ...]:
    """Return whose the record is when the server is done with what it was sent."""
    found = shared.owners()
    for _ in range(50):
        time.sleep(0.02)
        before, found = found, shared.owners()
        if found == before:
            break
    return found


@pytest.mark.parametrize("name", sorted(MODES))
def test_a_change_is_whole_or_not_at_all(shared: Shared, name: str) -> None:
    assert shared.assign("@first").code == 0
    owner = "@first"
    for number, moment in enumerate(MOMENTS):
        with door_to(shared.url) as door:
            door.at(moment, MODES[name])
            result = shared.assign(f"@number-{number}", door.url)
            assert door.is_reached

        is_ending = moment == MOMENTS[-1]
        is_in = is_ending and name.endswith("after")
        owner = f"@number-{number}" if is_in else owner
        assert result.code != 0
        assert result.out == ""
        assert len(result.err.splitlines()) == 1, result.err
        reason = "it has not answered for" if "silent" in name else "the connection was lost"
        assert f" cannot be used: {reason}" in result.err
        assert (MAY_BE_IN in result.err) == is_ending
        assert settled(shared) == (owner, owner, owner)
        assert shared.here() == ("@first", "@first")

    assert shared.assign("@last").code == 0
    assert settled(shared) == ("@last",) * 3
    assert shared.here() == ("@last", "@last")


def test_a_server_that_is_only_slow_is_waited_for(shared: Shared) -> None:
    """The time is that of one answer, not of the command."""
    with door_to(shared.url) as door:
        door.delay = 0.1
        began = time.monotonic()
        result = shared.assign("@slow", door.url)

    assert time.monotonic() - began > ANSWER_SECONDS
    assert (result.code, result.err) == (0, "")
    assert shared.owners() == ("@slow",) * 3


@pytest.mark.parametrize("times", [1, 2])
def test_a_link_is_told_by_both_records_or_by_none(shared: Shared, times: int) -> None:
    with closing(PostgresDatabase(shared.url, "shop")) as database:
        content = build.to_json(build.validate(OTHER))
        share_records(database, [(content, OTHER)])
    words = ("record", NAME, "link", "caused-by", OTHER["failure_id"], "--by", "ada")

    with door_to(shared.url) as door:
        door.at("commit\0", CUT_BEFORE, times)
        shared.run(*words, url=door.url)
    linked = shared.linked()

    assert linked in (0, 2)
    assert shared.run(*words).code == 0
    assert shared.linked() == 2


def test_who_names_a_time_of_their_own_is_not_cut(
    shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{shared.url}&options=-c%20statement_timeout%3D20s"
    monkeypatch.setattr(postgres, "ANSWER_SECONDS", 0.2)
    with closing(PostgresDatabase(url, "shop")) as database:
        assert database.rows("select 1 from pg_sleep(1)") == [(1,)]
