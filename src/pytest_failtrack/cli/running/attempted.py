"""What came out of running a command once, as a value; run.py makes it, attempts.py reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_failtrack.frozen import frozen


@frozen
class Written:
    """A run document that tells of an attempt of the command.

    Args:
        evidence_dir: Folder of the records; the document lies in `runs` beside it.
        document: Its id.
    """

    evidence_dir: Path
    document: str


@frozen
class Attempted:
    """What came out of running the command once.

    Args:
        code: Exit code that passes its end on.
        returncode: As `subprocess` gives it.
        signals: Numbers of the signals that reached us meanwhile.
        written: What was written of it, by us or by tracked runs within it.
        telling: Of that, what says why it failed: what tracked runs within it wrote, here or
            elsewhere, where one of them failed.
        is_own: No run within it has recorded why it failed; we have.
        red_runs: How many runs within it have.
        is_interrupted: A tracked run within it was interrupted.
        output: The end of what it printed, with all that is secret.
        show: Tells terminal and sinks what it came to.
    """

    code: int
    returncode: int
    signals: tuple[int, ...] = ()
    written: tuple[Written, ...] = ()
    telling: tuple[Written, ...] = ()
    is_own: bool = False
    red_runs: int = 0
    is_interrupted: bool = False
    output: str = ""
    show: Callable[[], None] = lambda: None
