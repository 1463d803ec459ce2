import threading

import pytest
from support import START, assert_levels, assert_sorted_by_time, at, series
from tidelog.errors import DuplicateReading, UnknownStation
from tidelog.models import Alert, Quality, Reading, Severity, Station
from tidelog.storage import Storage


def test_stations(storage, husum):
    assert [one.code for one in storage.stations()] == ["CUX", "HUS"]
    assert storage.station("HUS") == husum


def test_station_is_changed(storage):
    storage.add_station(Station("HUS", "Husum harbour", warn_cm=600))
    assert storage.station("HUS").name == "Husum harbour"
    assert storage.station("HUS").warn_cm == 600


def test_unknown_station(storage):
    with pytest.raises(UnknownStation, match="no station XYZ"):
        storage.station("XYZ")


class TestReadings:
    def test_are_sorted(self, storage):
        storage.add_readings(reversed(series(400, 410, 420)))
        assert_levels(storage.readings("HUS"), 400, 410, 420)
        assert_sorted_by_time(storage.readings("HUS"))

    def test_interval_is_half_open(self, storage):
        storage.add_readings(series(400, 410, 420, 430))
        assert_levels(storage.readings("HUS", at(10), at(30)), 410, 420)

    def test_of_one_station(self, storage):
        storage.add_readings(series(400) + series(300, code="CUX"))
        assert_levels(storage.readings("CUX"), 300)

    def test_all_or_none(self, storage):
        storage.add_readings(series(400))
        with pytest.raises(DuplicateReading):
            storage.add_readings([Reading("HUS", at(60), 500), Reading("HUS", START, 401)])
        assert_levels(storage.readings("HUS"), 400)

    def test_of_unknown_station(self, storage):
        with pytest.raises(UnknownStation):
            storage.add_readings(series(400, code="XYZ"))

    def test_quality_is_kept(self, storage):
        reading = Reading("HUS", START, 999, Quality.SUSPECT)
        storage.add_readings([reading])
        assert storage.latest("HUS") == reading

    def test_latest_of_nothing(self, storage):
        assert storage.latest("CUX") is None

    def test_prune(self, storage):
        storage.add_readings(series(400, 410, 420))
        assert storage.prune(at(10)) == 1
        assert_levels(storage.readings("HUS"), 410, 420)

    def test_many_threads(self, storage):
        def work(number):
            for step in range(20):
                storage.add_readings([Reading("HUS", at(number * 100 + step), 400)])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(storage.readings("HUS")) == 80


def test_alert_is_stored_once(storage):
    alert = Alert("HUS", START, Severity.WARNING, "surge", "rises")
    assert storage.add_alert(alert) is True
    assert storage.add_alert(alert) is False
    assert storage.alerts("HUS") == [alert]


def test_alerts_by_severity(storage):
    for number, severity in enumerate(Severity):
        storage.add_alert(Alert("HUS", at(number), severity, "threshold", "text"))
    assert [one.severity for one in storage.alerts("HUS", Severity.WARNING)] == [2, 3]


def test_file_survives(tmp_path, husum):
    first = Storage(tmp_path / "tide.db")
    first.add_station(husum)
    first.close()
    second = Storage(tmp_path / "tide.db")
    assert second.stations() == [husum]
    second.close()
