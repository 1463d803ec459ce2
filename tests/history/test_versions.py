"""Two versions of one record: which one stays, in the files and in a shared history (C-11)."""

from __future__ import annotations

import copy
import itertools
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from record_samples import NOW, content, record

from pytest_failtrack.history.postgres import PostgresDatabase
from pytest_failtrack.history.shared import documents_of, share_changes, share_lives, share_records
from pytest_failtrack.history.versions import Outcome, decided
from pytest_failtrack.record.change import differences, make_change


def assigned(version, owner, minutes):
    """Return a version in which another person owns the record."""
    before, events = version
    after = copy.deepcopy(before)
    after["metadata"]["owner"] = owner
    old, new = differences(before, after)
    at = NOW + timedelta(minutes=minutes)
    one = make_change(before["failure_id"], action="assign", by="ada", at=at, before=old, after=new)
    return after, (*events, one)


FIRST = (record(), ())
SECOND = assigned(FIRST, "@db", 1)
THIRD = assigned(SECOND, "@web", 2)
OTHER = assigned(FIRST, "@other", 3)
# Its events came, and the record that they belong to did not.
BEHIND = (FIRST[0], THIRD[1])
ANOTHER = (record(nodeid="t.py::test_another"), SECOND[1])


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        (FIRST, FIRST, Outcome.STAYS),
        (FIRST, SECOND, Outcome.TAKEN),
        (SECOND, FIRST, Outcome.STAYS),
        (FIRST, THIRD, Outcome.TAKEN),
        (THIRD, SECOND, Outcome.STAYS),
        (SECOND, OTHER, Outcome.BOTH),
        (OTHER, SECOND, Outcome.BOTH),
        (BEHIND, THIRD, Outcome.TAKEN),
        (THIRD, BEHIND, Outcome.STAYS),
        ((SECOND[0], THIRD[1]), BEHIND, Outcome.BOTH),
        (SECOND, ANOTHER, Outcome.CAPTURED),
    ],
    ids=[
        *("the same", "changed there", "changed here", "changed twice", "changed once more here"),
        *("both, one", "both, the other", "events came before", "events came alone"),
        *("neither shows them", "captured"),
    ],
)
def test_who_knows_more_stays(ours, theirs, outcome):
    assert decided(*ours, *theirs) is outcome


@pytest.fixture
def database(postgres_url):
    with closing(PostgresDatabase(postgres_url, "o/r")) as held:
        yield held


def put(database, version):
    data, events = version
    return share_lives(database, [(content(data), data, events)])


def kept(database):
    """Return the document, what its columns say, and the number of events."""
    name = FIRST[0]["failure_id"]
    (columns,) = database.rows("select owner from records")
    ((events,),) = database.rows("select count(*) from changes")
    return documents_of(database, [name])[name], columns[0], events


class TestAShared:
    @pytest.mark.parametrize(
        "order",
        list(itertools.permutations(range(3))),
        ids=["".join(map(str, one)) for one in itertools.permutations(range(3))],
    )
    def test_ends_with_the_one_that_knows_most_in_whatever_order_they_come(self, database, order):
        """Issue 5: nothing lost, nothing doubled, however many write."""
        versions = (FIRST, SECOND, THIRD)

        new = [put(database, versions[one]) for one in (*order, *order)]

        assert new == [1, 0, 0, 0, 0, 0]
        assert kept(database) == (content(THIRD[0]), "@web", 2)

    def test_is_brought_up_where_only_the_events_had_come(self, database):
        share_records(database, [(content(FIRST[0]), FIRST[0])])
        share_changes(database, THIRD[1])
        assert kept(database) == (content(FIRST[0]), "", 2)

        put(database, THIRD)
        put(database, FIRST)

        assert kept(database) == (content(THIRD[0]), "@web", 2)

    def test_keeps_what_is_there_where_both_were_changed(self, database):
        put(database, SECOND)

        put(database, OTHER)
        put(database, OTHER)

        assert kept(database) == (content(SECOND[0]), "@db", 2)  # the events of both are kept

    def test_of_many_writers_at_once_ends_the_same(self, database, postgres_url):
        def write(version):
            with closing(PostgresDatabase(postgres_url, "o/r")) as own:
                for _ in range(5):
                    put(own, version)

        threads = [
            threading.Thread(target=write, args=(one,)) for one in (FIRST, THIRD, SECOND, THIRD)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert kept(database) == (content(THIRD[0]), "@web", 2)

    def test_is_changed_whole_or_not_at_all(self, database, monkeypatch):
        from pytest_failtrack.history import shared

        class Killed(BaseException):
            pass

        def killed(*_):
            raise Killed

        put(database, FIRST)
        with monkeypatch.context() as patched:
            patched.setattr(shared, "store_changes", killed)
            with pytest.raises(Killed):
                share_lives(database, [(content(THIRD[0]), *THIRD)])
        assert kept(database) == (content(FIRST[0]), "", 0)

        put(database, THIRD)

        assert kept(database) == (content(THIRD[0]), "@web", 2)
