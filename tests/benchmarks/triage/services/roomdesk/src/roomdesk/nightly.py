"""The nightly export, a process of its own: python -m roomdesk.nightly SETTINGS."""

import sys
from pathlib import Path

from . import exports, settings
from .store import Store


def main(arguments):
    """Write one JSON file for each room and return the exit code."""
    options = settings.load(arguments[0])
    target = Path(options.export_dir)
    target.mkdir(parents=True, exist_ok=True)
    store = Store(options.database)
    for room in store.rooms():
        exports.write_json(target / f"{room.name}.json", store.bookings(room.name))
    store.close()
    print(f"exported {len(list(target.glob('*.json')))} rooms")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
