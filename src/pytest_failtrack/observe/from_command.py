"""What a command said and how it ended, as an observation; `failtrack run` asks.

Output arrives in pieces while the command runs and is held in bounded memory: the best error line
so far, and the end of it.
"""

from __future__ import annotations

import codecs
import os
import re
import signal as signals
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe import death, from_log
from pytest_failtrack.observe.clock import now_text
from pytest_failtrack.observe.from_log import Candidate, ErrorFinder
from pytest_failtrack.observe.logs.cited import with_own_paths
from pytest_failtrack.observe.logs.reached import says_reached
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.redact import redact_and_cut, redact_command
from pytest_failtrack.observe.source import STANDARD_LIBRARY

if TYPE_CHECKING:
    from pytest_failtrack.observe.places import Places

TAIL_MAX_LINES = 40
TAIL_MAX_CHARS = 2_000
# Held while the command runs: enough to see a secret whole that the tail begins within.
TAIL_HELD_BYTES = 64 * 1024
NODEID_MAX_CHARS = 500
ERROR_LINE_MAX_CHARS = 1_000

NOT_EXECUTABLE = 126
NOT_FOUND = 127
# `128 + n` for signals that end processes by themselves. Others are words of programs: git's 129.
SHELL_SIGNALS = frozenset(
    {"INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "SEGV", "PIPE", "TERM", "XCPU"}
)
WINDOWS_CRASH = 0xC0000000

_FRAME = lazily(
    r'^[ \t|+]{0,20}File "(?P<file>[^"\n]{1,500})", line (?P<line>\d{1,7})', re.MULTILINE
)
_FOREIGN = lazily(rf"/(?:site|dist)-packages/|/lib(?:64)?/python\d|^<|{STANDARD_LIBRARY}")


class OutputWatch:
    """Reads along while a command's output passes; threads may feed different streams."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clock = 0
        self._streams: dict[str, tuple[codecs.IncrementalDecoder, ErrorFinder]] = {}
        self._held: deque[bytes] = deque()
        self._held_bytes = 0
        self._begun: dict[str, bytearray] = {}
        self.total_bytes = 0

    def feed(self, stream: str, data: bytes) -> None:
        """Take the next piece of a stream.

        Args:
            stream: `stdout`, `stderr` or whatever tells one from the other.
            data: Bytes as they were read; characters and lines may be cut anywhere.
        """
        with self._lock:
            self.total_bytes += len(data)
            self._hold(stream, data)
            decoder, finder = self._of(stream)
            text = decoder.decode(data)
            finder.feed(text)
            others = [one for _, one in self._streams.values() if one is not finder]
            if any(one.is_waiting for one in others) and says_reached(text):
                for one in others:
                    one.reached()

    def error_line(self) -> str | None:
        """Return the line that says what went wrong, with its detail; None when none did."""
        with self._lock:
            found: list[Candidate] = []
            for decoder, finder in self._streams.values():
                finder.feed(decoder.decode(b"", final=True))
                best = finder.finish()
                if best is not None:
                    found.append(best)
        if not found:
            return None
        return min(found, key=lambda one: (-one.rank, one.has_answered, one.number)).text

    def tail(self) -> str:
        """Return the end of the output as a terminal would show it, more of it than is kept."""
        with self._lock:
            held = b"".join(self._held) + b"\n".join(self._begun.values())
        text = held.decode("utf-8", "replace")
        return from_log.tail(text, max_lines=10 * TAIL_MAX_LINES, max_chars=10 * TAIL_MAX_CHARS)

    @property
    def is_cut(self) -> bool:
        """Whether the command printed more than is held."""
        return self.total_bytes > self._held_bytes + sum(map(len, self._begun.values()))

    def _of(self, stream: str) -> tuple[codecs.IncrementalDecoder, ErrorFinder]:
        if stream not in self._streams:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._streams[stream] = (decoder, ErrorFinder(self._tick))
        return self._streams[stream]

    def _tick(self) -> int:
        self._clock += 1
        return self._clock

    def _hold(self, stream: str, data: bytes) -> None:
        """Keep the lines that are whole now; two streams at once may cut each other's lines."""
        begun = self._begun.setdefault(stream, bytearray())
        end = data.rfind(b"\n") + 1
        if end:
            self._held.append((bytes(begun) + data[:end])[-TAIL_HELD_BYTES:])
            self._held_bytes += len(self._held[-1])
            begun.clear()
        begun += data[end:]
        if len(begun) > 2 * TAIL_HELD_BYTES:
            del begun[:-TAIL_HELD_BYTES]
        while self._held and self._held_bytes - len(self._held[0]) >= TAIL_HELD_BYTES:
            self._held_bytes -= len(self._held.popleft())


def observe_command(
    argv: Sequence[str],
    returncode: int,
    *,
    tail: str = "",
    error_line: str | None = None,
    duration_seconds: float = 0.0,
    redact: Callable[[str], str],
    timestamp: str = "",
    is_truncated: bool = False,
    places: Places | None = None,
) -> Observation:
    """Return the observation of a command that failed.

    Args:
        argv: The command and its arguments.
        returncode: As `subprocess` gives it: negative for the signal that ended the command.
        tail: End of its output.
        error_line: The line that says what went wrong, None when none does.
        duration_seconds: How long it ran.
        redact: The redactor; nothing of the arguments goes past it.
        timestamp: When it ended, ISO 8601, UTC; now by default.
        is_truncated: It printed more than `tail` holds.
        places: What the files of the project are; without it, paths stay as they were printed.

    Returns:
        `crashed` when a signal ended it, also where a shell says so with 128 + n, else `failed`.
        The text is the error line, `` for a silent failure; the tail is captured `output`.
    """
    line, line_is_cut = redact_and_cut(redact, error_line or "", ERROR_LINE_MAX_CHARS, "head")
    output = redact(tail)
    if places is not None:
        line, output = with_own_paths(line, places), with_own_paths(output, places)
    place = from_log.location(line) or _raised_at(output, line, places)
    shown = output.split("\n")[-TAIL_MAX_LINES:]
    text, tail_is_cut = redact_and_cut(str, "\n".join(shown), TAIL_MAX_CHARS, "tail")
    name = signal_name(returncode)
    return Observation(
        source="command",
        when="command",
        nodeid=command_line(argv, redact),
        outcome="crashed" if name or returncode >= WINDOWS_CRASH else "failed",
        file=place[0].replace("\\", "/") if place else "",
        line=place[1] if place else None,
        text=line,
        captured={"output": text} if text.strip() else {},
        duration_seconds=round(duration_seconds, 3),
        timestamp=timestamp or now_text(),
        exit_status=None if returncode < 0 else returncode,
        signal=name,
        is_truncated=is_truncated or line_is_cut or tail_is_cut,
    )


def _raised_at(output: str, line: str, places: Places | None) -> tuple[str, int] | None:
    """Return where the traceback above an error line ends: in code of one's own, if it has any."""
    if not line:
        return None
    traceback, found, _ = output.partition(line)
    traceback = traceback.rpartition("Traceback (most recent call last)")[2]
    frames = [(one["file"], int(one["line"])) for one in _FRAME.finditer(traceback)]
    if not found or not frames:
        return None
    own = [one for one in frames if not _FOREIGN.search(one[0].replace("\\", "/"))]
    file, number = (own or frames)[-1]
    return (places.own(file) if places else "") or _from_here(file), number


def _from_here(file: str) -> str:
    """Return a path relative to the working folder; of one elsewhere, its last two parts."""
    if not os.path.isabs(file):
        return file
    inside = file.startswith(os.getcwd() + os.sep)
    parts = os.path.relpath(file).split(os.sep) if inside else file.split(os.sep)[-2:]
    return "/".join(parts)


def command_line(argv: Sequence[str], redact: Callable[[str], str]) -> str:
    """Return a command as one would type it, on one line, redacted and bounded.

    Secrets are taken out of each argument and of the line: quoting can hide either from the
    redactor.
    """
    line = " ".join(redact_command(redact, argv).split())
    text, _ = redact_and_cut(str, line, NODEID_MAX_CHARS, "head")
    return " ".join(text.split())


def signal_name(returncode: int) -> str:
    """Return the name of the signal that a return code stands for, `` for none.

    Args:
        returncode: Negative as `subprocess` gives it, or 128 + n as a shell does.
    """
    if returncode < 0:
        return death.signal_name(returncode)
    try:
        name = signals.Signals(returncode - 128).name
    except ValueError:
        return ""
    return name if name.removeprefix("SIG") in SHELL_SIGNALS else ""


def exit_code(returncode: int) -> int:
    """Return the exit code that passes a return code on: 128 + n for a signal."""
    if returncode < 0:
        return 128 - returncode
    # Windows gives 32 bits, and what is above the half of them only as a negative number.
    return returncode - 2**32 if returncode >= 2**31 else returncode
