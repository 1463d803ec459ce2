"""The changes of records in the history, on both engines: S0-109..114 as rows that can be asked."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest
from record_samples import NOW, content, record, with_status

from pytest_failtrack.history.archive.pack import pack
from pytest_failtrack.history.changes import append_event, change_record, changes_dir, read_changes
from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import (
    change_shared,
    documents_of,
    share_changes,
    share_records,
)
from pytest_failtrack.history.store import History

CHANGES = (
    "select action, actor, epoch(at), before, after from changes where tenant_id = ? order by at"
)


@pytest.fixture
def places(tmp_path):
    return SimpleNamespace(evidence_dir=tmp_path / "events" / "failures")


@pytest.fixture
def made(places):
    data = record()
    write_record(places.evidence_dir, content(data), data["failure_id"])
    return data


def investigated(data):
    data["root_cause"]["analysis_status"] = "IN_PROGRESS"
    data["metadata"]["owner"] = "ada"
    data["status"] = "INVESTIGATING"
    return data


def asked(history):
    return history.ask(lambda one: one.rows(CHANGES, (one.tenant,)))


def test_changes_are_read_when_a_question_is_asked(places, made, tmp_path):
    name = made["failure_id"]
    with History(tmp_path / "index.sqlite") as history:
        history.sync(places.evidence_dir)
        assert asked(history) == []

        change_record(places, name, investigated, action="investigate", by="ada", at=NOW)
        later = NOW + timedelta(hours=1)
        append_event(places, name, action="sign", by="bob", at=later, note="seen")
        history.sync(places.evidence_dir)

        first, second = asked(history)
        assert first[:3] == ("investigate", "ada", NOW.timestamp())
        assert '"status":"OPEN"' in first[3]
        assert '"status":"INVESTIGATING"' in first[4]
        assert second[:2] == ("sign", "bob")
        assert asked(history) == [first, second]


def test_a_recovery_shows_in_the_match(places, made, tmp_path):
    """S2-27, S2-28: they survive an index that is made anew."""
    append_event(
        places,
        made["failure_id"],
        action="recovery",
        by="ada",
        at=NOW,
        after={"recovery_succeeded": True},
    )
    with History(tmp_path / "index.sqlite") as history:
        history.sync(places.evidence_dir)
        sql = "select id, recovery_attempted, recovery_succeeded from failure_matches"
        assert history.ask(lambda one: one.rows(sql)) == [(made["failure_id"], 1, 1)]


def test_a_shared_record_is_changed_where_it_lives(places, made, postgres_url):
    name = made["failure_id"]
    change_record(places, name, investigated, action="investigate", by="ada", at=NOW)
    (event,) = read_changes(changes_dir(places), name)
    new = (places.evidence_dir / f"{name}.json").read_bytes()
    with closing(PostgresDatabase(postgres_url, "o/r")) as database:
        share_records(database, [(content(made), made)])

        assert not change_shared(database, name, lambda _: None)
        assert change_shared(database, name, lambda _: (new, investigated(made), event))

        assert documents_of(database, [name]) == {name: new}
        assert database.rows("select status, owner from records") == [("INVESTIGATING", "ada")]
        assert share_changes(database, [event]) == 0
        assert len(database.rows(CHANGES, ("o/r",))) == 1


def test_what_was_packed_before_it_was_asked_for_is_read(places, tmp_path):
    data = with_status(record(at=NOW - timedelta(days=400)), "RESOLVED")
    name = data["failure_id"]
    write_record(places.evidence_dir, content(data), name)
    with History(tmp_path / "index.sqlite") as history:
        append_event(places, name, action="sign", by="bob", at=NOW - timedelta(days=390))
        history.sync(places.evidence_dir)
        assert len(asked(history)) == 1

        append_event(places, name, action="sign", by="ada", at=NOW - timedelta(days=389))
        pack(places.evidence_dir, before=NOW + timedelta(days=400))
        assert not (changes_dir(places) / f"{name}.jsonl").exists()
        history.sync(places.evidence_dir)

        assert [row[1] for row in asked(history)] == ["bob", "ada"]
