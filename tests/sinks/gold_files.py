"""Rendered output is compared with `tests/gold/`.

After a change that is meant: `FAILTRACK_UPDATE_GOLD=1 pytest tests/sinks`, then read the diff.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "gold"


def assert_gold(name: str, actual: str) -> None:
    """Hold the text against the gold file of that name, or write it when asked to."""
    path = FOLDER / name
    if os.environ.get("FAILTRACK_UPDATE_GOLD"):
        path.write_bytes(actual.encode())
    assert actual == path.read_bytes().decode()
