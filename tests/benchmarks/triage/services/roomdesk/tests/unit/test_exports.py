import json
from pathlib import Path

from roomdesk import exports

BOOKINGS = Path(__file__).parents[1] / "data" / "bookings.csv"


def test_read_csv():
    bookings = exports.read_csv(BOOKINGS)
    assert [one.user for one in bookings] == ["ann", "bob", "cid"]
    assert bookings[1].end.hour == 11


def test_csv_there_and_back(tmp_path):
    bookings = exports.read_csv(BOOKINGS)
    assert exports.write_csv(tmp_path / "out.csv", bookings) == 3
    assert exports.read_csv(tmp_path / "out.csv") == bookings


def test_json_there_and_back(tmp_path):
    bookings = exports.read_csv(BOOKINGS)
    exports.write_json(tmp_path / "out.json", bookings)
    assert exports.read_json(tmp_path / "out.json") == bookings


def test_json_has_a_version_and_no_draft(tmp_path):
    exports.write_json(tmp_path / "out.json", [])
    assert json.loads((tmp_path / "out.json").read_text()) == {"version": 2, "bookings": []}
    assert [one.name for one in tmp_path.iterdir()] == ["out.json"]
