"""The end of what a command printed, as a part of a sentence."""

from __future__ import annotations

import os
from pathlib import Path

TAIL_LINES = 6
TAIL_MAX_CHARS = 600


def tail(output: str, tree: Path | str) -> str:
    """Return the end of what a command printed, as one line without the name of the folder."""
    text = output.replace(f"{tree}{os.sep}", "").replace(str(tree), ".")
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip(" =-_\t")]
    shown = " | ".join(lines[-TAIL_LINES:])
    return f"...{shown[-TAIL_MAX_CHARS:]}" if len(shown) > TAIL_MAX_CHARS else shown or "nothing"
