"""Shows what a run came to: asked by the commands that record failures themselves."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pytest_failtrack.config import Settings
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.pipeline import Conclusion


def show_conclusion(
    conclusion: Conclusion, settings: Settings, extensions: Extensions, stream: TextIO | None = None
) -> None:
    """Tell the terminal, the sinks and the hooks of others what a run came to.

    Args:
        conclusion: Of the run.
        settings: Its settings.
        extensions: The hooks of others.
        stream: Where it is printed; standard error by default, since the output is the command's.
    """
    from pytest_failtrack import pipeline
    from pytest_failtrack.sinks.terminal import TerminalSink

    width = shutil.get_terminal_size().columns
    stream = stream or sys.stderr
    TerminalSink(stream, width).send(conclusion.digest)
    pipeline.deliver(conclusion.digest, settings, extensions, stream)
