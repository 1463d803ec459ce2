"""Readings as files, and the spool that keeps telegrams while the database is away."""

import csv
import os
import subprocess
from pathlib import Path

from .models import Reading

FIELDS = ("station", "at", "level_cm", "quality")


def write_csv(path, readings):
    """Write readings to a file, at once or not at all."""
    path = Path(path)
    part = path.with_suffix(".part")
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, FIELDS, delimiter=";")
        writer.writeheader()
        writer.writerows(one.to_dict() for one in readings)
    os.replace(part, path)
    return path


def read_csv(path):
    with Path(path).open(newline="", encoding="utf-8") as file:
        return [Reading.from_dict(row) for row in csv.DictReader(file, delimiter=";")]


def compress(path):
    """Compress a file with gzip and return the new file."""
    subprocess.run(["gzip", "--force", str(path)], check=True, capture_output=True)
    return Path(f"{path}.gz")


class Spool:
    def __init__(self, path):
        self._path = Path(path)

    def append(self, line):
        with self._path.open("a", encoding="ascii") as file:
            file.write(line + "\n")

    def drain(self):
        """Return all lines and forget them."""
        if not self._path.exists():
            return []
        lines = self._path.read_text(encoding="ascii").splitlines()
        self._path.unlink()
        return lines
