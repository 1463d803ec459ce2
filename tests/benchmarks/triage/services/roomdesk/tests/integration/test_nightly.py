import json
import subprocess
import sys

import pytest
from roomdesk import dates
from roomdesk.exports import read_json
from roomdesk.models import Room
from roomdesk.store import Store


@pytest.fixture
def site(tmp_path):
    """A folder with a database of two rooms and the settings of it."""
    store = Store(tmp_path / "rooms.db")
    store.add_room(Room("red", 4, 500))
    store.add_room(Room("blue", 12, 1250))
    start, end = dates.parse("2031-03-03T09:00:00Z"), dates.parse("2031-03-03T10:00:00Z")
    store.add_booking("red", "ann", start, end)
    store.close()
    values = {"database": str(tmp_path / "rooms.db"), "export_dir": str(tmp_path / "out" / "json")}
    (tmp_path / "settings.json").write_text(json.dumps(values))
    return tmp_path


def nightly(*arguments):
    command = [sys.executable, "-m", "roomdesk.nightly", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_every_room_is_exported(site):
    done = nightly(site / "settings.json")
    assert (done.returncode, done.stdout) == (0, "exported 2 rooms\n"), done.stderr
    assert sorted(one.name for one in (site / "out" / "json").iterdir()) == [
        "blue.json",
        "red.json",
    ]


def test_export_can_be_read(site):
    assert nightly(site / "settings.json").returncode == 0
    assert [one.user for one in read_json(site / "out" / "json" / "red.json")] == ["ann"]


def test_missing_settings(site):
    done = nightly(site / "none.json")
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr
