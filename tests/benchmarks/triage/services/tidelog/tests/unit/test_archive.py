import gzip
import os
from unittest.mock import patch

import pytest
from support import assert_levels, series
from tidelog import archive


def test_round_trip(tmp_path):
    path = archive.write_csv(tmp_path / "hus.csv", series(400, 410))
    assert archive.read_csv(path) == series(400, 410)


def test_head_of_the_file(tmp_path):
    path = archive.write_csv(tmp_path / "hus.csv", series(400))
    assert path.read_text().splitlines()[0] == "station;at;level_cm;quality"


def test_half_a_file_is_never_seen(tmp_path):
    path = archive.write_csv(tmp_path / "hus.csv", series(400))
    full = patch.object(os, "replace", side_effect=OSError(28, "No space left on device"))
    with full, pytest.raises(OSError, match="No space left"):
        archive.write_csv(path, series(1, 2, 3))
    assert_levels(archive.read_csv(path), 400)


def test_compress(tmp_path):
    path = tmp_path / "hus.csv"
    path.write_text("station;at\n")
    assert gzip.decompress(archive.compress(path).read_bytes()) == b"station;at\n"
    assert not path.exists()


class TestSpool:
    def test_drain(self, spool_path):
        spool = archive.Spool(spool_path)
        spool.append("first")
        spool.append("second")
        assert spool.drain() == ["first", "second"]
        assert spool.drain() == []

    def test_survives(self, spool_path):
        archive.Spool(spool_path).append("first")
        assert archive.Spool(spool_path).drain() == ["first"]
