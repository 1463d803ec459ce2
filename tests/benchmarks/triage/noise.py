"""What differs between the two runs of a fault and must not change what a triage says."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from pathlib import Path

TRACEBACKS = ("auto", "long", "short", "line", "native", "no")
FOLDERS = ("builds/{number}/0/group/{name}", "home/runner/work/{name}/{name}")
HOSTS = ("runner-{number}-project-concurrent-0", "fv-az{number}")
COLUMNS = ("80", "163")


@dataclass(frozen=True)
class Noise:
    """The circumstances of one run.

    Args:
        name: `a` or `b`.
        folder: Where the project lies, below the working folder.
        hash_seed: PYTHONHASHSEED.
        order_seed: Seed of the order of tests, `` for the order of the files.
        lines: How many lines are put at the top of each module.
        host: Name of the machine.
        columns: Width of the terminal.
        traceback: pytest's `--tb`.
        workers: Number of xdist workers, 0 for none.
    """

    name: str
    folder: str
    hash_seed: str
    order_seed: str
    lines: int
    host: str
    columns: str
    traceback: str
    workers: int


def noise_of(fault: str, project: str, at: int) -> Noise:
    """Return the circumstances of the first (0) or second (1) run of a fault."""
    dice = random.Random(f"{fault}:{at}")
    number = dice.randrange(1000, 99999)
    first = int.from_bytes(hashlib.sha256(fault.encode()).digest()[:2], "big")
    return Noise(
        name="ab"[at],
        folder=FOLDERS[at].format(number=number, name=project),
        hash_seed=str(dice.randrange(1, 4_000_000)),
        order_seed=str(number) if at else "",
        lines=dice.randrange(1, 30) if at else 0,
        host=HOSTS[at].format(number=number),
        columns=COLUMNS[at],
        traceback=TRACEBACKS[(first + at * (1 + first % 5)) % len(TRACEBACKS)],
        workers=2 if at and first % 4 == 1 else 0,
    )


def shift_lines(root: Path, lines: int) -> None:
    """Put lines at the top of every module below a folder; meaning and errors stay."""
    if not lines:
        return
    for path in root.rglob("*.py"):
        data = path.read_bytes()
        if data.startswith((b"\xef\xbb\xbf", b"#!")) or b"coding" in data[:200]:
            continue
        path.write_bytes(b"# moved\n" * lines + data)
