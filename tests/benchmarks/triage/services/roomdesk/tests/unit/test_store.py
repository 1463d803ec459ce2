import pytest
from roomdesk import dates
from roomdesk.errors import NotFound
from roomdesk.models import Room
from roomdesk.store import Store

START, END = dates.parse("2031-03-03T09:00:00Z"), dates.parse("2031-03-03T10:00:00Z")


def test_rooms_by_name(store):
    assert store.rooms() == [Room("blue", 12, 1250), Room("red", 4, 500)]


def test_missing_room(store):
    with pytest.raises(NotFound, match="green"):
        store.room("green")


def test_booking_is_kept(store):
    kept = store.add_booking("red", "ann", START, END)
    assert store.booking(kept.id) == kept
    assert (kept.start, kept.end, kept.state) == (START, END, "held")


def test_cancelled_is_not_listed(store):
    kept = store.add_booking("red", "ann", START, END)
    store.set_state(kept.id, "cancelled")
    assert store.bookings("red") == []


def test_balance(store):
    store.add_entries(1, [("user:ann", 119), ("revenue", -100), ("tax", -19)])
    store.add_entries(2, [("user:ann", 1)])
    assert store.balance("user:ann") == 120
    assert store.balance("user:bob") == 0


def test_file_is_opened_again(tmp_path):
    first = Store(tmp_path / "rooms.db")
    first.add_room(Room("red", 4, 500))
    first.close()
    second = Store(tmp_path / "rooms.db")
    assert second.room("red").seats == 4
    second.close()
