from datetime import datetime, timedelta, timezone

import pytest
from support import START, at
from tidelog.errors import InvalidReading
from tidelog.models import Alert, Quality, Reading, Severity, Station


@pytest.mark.parametrize("code", ["hus", "HU", "HUSUM", ""])
def test_station_code(code):
    with pytest.raises(ValueError, match="three or four capitals"):
        Station(code, "Husum")


def test_danger_is_above_warning():
    with pytest.raises(ValueError, match="above the warning level"):
        Station("HUS", "Husum", warn_cm=700, danger_cm=700)


def test_stations_share_nothing():
    first, second = Station("HUS", "Husum"), Station("CUX", "Cuxhaven")
    first.tags.append("harbour")
    assert second.tags == []


class TestReading:
    def test_round_trip(self):
        reading = Reading("HUS", START, 612, Quality.SUSPECT)
        assert Reading.from_dict(reading.to_dict()) == reading

    def test_as_data(self):
        expected = {
            "station": "HUS",
            "at": "2031-03-01T12:00:00Z",
            "level_cm": 612,
            "quality": "good",
        }
        assert Reading("HUS", START, 612).to_dict() == expected

    @pytest.mark.parametrize("level", [-501, 2001])
    def test_range(self, level):
        with pytest.raises(InvalidReading, match="out of range"):
            Reading("HUS", START, level)

    @pytest.mark.parametrize("level", [-500, 0, 2000])
    def test_ends_of_range(self, level):
        assert Reading("HUS", START, level).level_cm == level

    def test_local_time_is_refused(self):
        moment = datetime(2031, 3, 1, 13, tzinfo=timezone(timedelta(hours=1)))
        with pytest.raises(InvalidReading, match="must be in UTC"):
            Reading("HUS", moment, 600)

    def test_missing_fields(self):
        with pytest.raises(InvalidReading, match="missing fields: at, level_cm"):
            Reading.from_dict({"station": "HUS"})

    def test_order_is_that_of_time(self):
        late, early = Reading("HUS", at(5), 100), Reading("HUS", at(1), 200)
        assert sorted([late, early]) == [early, late]


def test_alert_as_data():
    alert = Alert("HUS", START, Severity.DANGER, "threshold", "high")
    assert alert.to_dict()["severity"] == "danger"
