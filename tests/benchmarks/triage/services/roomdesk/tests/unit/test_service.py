from datetime import timedelta
from unittest import mock

import pytest
from roomdesk.errors import Conflict, Invalid
from roomdesk.service import Service


@pytest.fixture
def quiet(settings, store, now):
    """A service whose billing is a mock."""
    billing = mock.Mock()
    billing.charge.return_value = "R0001"
    service = Service(settings, store, billing, lambda: now)
    service.billing = billing
    yield service
    service.jobs.stop()


@pytest.mark.requirement("R1")
def test_taken_slot(quiet, now):
    start = now + timedelta(days=1)
    quiet.book("red", "ann", start, start + timedelta(hours=1))
    with pytest.raises(Conflict, match="taken"):
        quiet.book("red", "bob", start + timedelta(minutes=30), start + timedelta(hours=2))


def test_other_room_is_free(quiet, now):
    start = now + timedelta(days=1)
    quiet.book("red", "ann", start, start + timedelta(hours=1))
    assert quiet.book("blue", "bob", start, start + timedelta(hours=1)).room == "blue"


@pytest.mark.parametrize(("start", "end"), [(2, 1), (-1, 1), (24 * 91, 24 * 91 + 1)])
def test_wrong_times(quiet, now, start, end):
    with pytest.raises(Invalid):
        quiet.book("red", "ann", now + timedelta(hours=start), now + timedelta(hours=end))


@pytest.mark.requirement("R2")
def test_confirm_charges_once(quiet, now):
    start = now + timedelta(days=1)
    held = quiet.book("red", "ann", start, start + timedelta(hours=1))
    quiet.confirm(held.id)
    with pytest.raises(Conflict, match="confirmed"):
        quiet.confirm(held.id)
    quiet.jobs.wait()
    quiet.billing.charge.assert_called_once_with(held.id, "ann", 1190, "EUR")


def test_price_of_started_slot(quiet, now):
    start = now + timedelta(days=1)
    held = quiet.book("blue", "ann", start, start + timedelta(minutes=40))
    assert quiet.price(held) == 2500


def test_calendar_sees_new_booking(quiet, now):
    start = now + timedelta(days=1)
    assert quiet.calendar("red") == []
    quiet.book("red", "ann", start, start + timedelta(hours=1))
    assert [one.user for one in quiet.calendar("red")] == ["ann"]


def test_calendar_forgets_cancelled(quiet, now):
    start = now + timedelta(days=1)
    held = quiet.book("red", "ann", start, start + timedelta(hours=1))
    assert len(quiet.calendar("red")) == 1
    assert quiet.cancel(held.id) == 0
    assert quiet.calendar("red") == []
