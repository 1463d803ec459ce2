"""The in-flight slot: which test or collector runs now, in a file that outlives the process.

A memory-mapped page a process. A write is a copy into the page and costs a fraction of a
microsecond; the page belongs to the kernel, so it is still there after SIGKILL. Two banks are
written in turn and one byte flips between them, so a death in the middle of a write leaves the
entry before it.
"""

from __future__ import annotations

import mmap
import os
import weakref
from pathlib import Path

from pytest_failtrack.frozen import frozen

SLOT_BYTES = 4096
BANK_BYTES = 2040
MAGIC = b"FTS2"
ACTIVE = 4  # offset of the byte that says which bank holds
FIRST_BANK = 8
HEAD_BYTES = 4  # phase, two bytes of length, attempt
STARTS = (FIRST_BANK, FIRST_BANK + BANK_BYTES)
TEXT_BYTES = BANK_BYTES - HEAD_BYTES
ATTEMPT_MAX = 255

PHASES = ("idle", "collect", "setup", "call", "teardown", "session")
IDLE, COLLECT, SETUP, CALL, TEARDOWN, SESSION = range(len(PHASES))
# Phases in which a process does what the suite asks of it.
BUSY = ("collect", "setup", "call", "teardown")


@frozen
class InFlight:
    """What a process was doing.

    Args:
        nodeid: Redacted node id of the test or collector, `` when none was running.
        when: One of `PHASES`.
        attempt: Attempt of the test, from 1.
    """

    nodeid: str
    when: str
    attempt: int = 1


IDLE_SLOT = InFlight("", "idle")


class Slot:
    """The slot of this process; every write replaces what stood before.

    A forked child shares the page: it stays out, or it would say that its parent does what it
    does.

    Args:
        path: File to create; it is exactly one page.

    Raises:
        OSError: The file cannot be created or mapped.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            # Written, not truncated to size: a hole on a full disk would be a SIGBUS later.
            if os.write(descriptor, MAGIC + bytes(SLOT_BYTES - len(MAGIC))) < SLOT_BYTES:
                raise OSError("only a part of a page could be written")
            self._page: mmap.mmap | bytearray = mmap.mmap(descriptor, SLOT_BYTES)
        finally:
            os.close(descriptor)
        self._bank = 0
        self._start = FIRST_BANK
        _leave_in_children(self)

    def enter(self, nodeid: str, phase: int, attempt: int = 1) -> None:
        """Say that a test or collector begins a phase.

        Args:
            nodeid: Its redacted node id; cut to what fits.
            phase: One of the constants of this module.
            attempt: Attempt of the test, from 1.
        """
        text = nodeid.encode("utf-8", "backslashreplace")[:TEXT_BYTES]
        self._bank = bank = self._bank ^ 1
        self._start = start = STARTS[bank]
        size = len(text)
        page = self._page
        attempt = attempt if attempt < ATTEMPT_MAX else ATTEMPT_MAX
        head = bytes((phase, size & 0xFF, size >> 8, attempt))
        page[start : start + HEAD_BYTES + size] = head + text
        page[ACTIVE] = bank

    def phase(self, phase: int) -> None:
        """Say that the test that is in the slot entered another phase."""
        self._page[self._start] = phase

    def leave(self) -> None:
        """Write to nowhere from now on: this process is a forked child."""
        self._page = bytearray(SLOT_BYTES)

    def close(self, *, keep: bool = False) -> None:
        """Unmap the page and remove the file, unless it is to be kept."""
        if not isinstance(self._page, bytearray):
            self._page.close()
        if not keep:
            self.path.unlink(missing_ok=True)


def read_slot(path: Path) -> InFlight:
    """Return what the process of this slot was doing when it last wrote.

    A file that is missing, short or foreign reads as idle: a slot is a hint, never a reason to
    fail.
    """
    try:
        page = path.read_bytes()
    except OSError:
        return IDLE_SLOT
    if len(page) < SLOT_BYTES or page[:4] != MAGIC or page[ACTIVE] > 1:
        return IDLE_SLOT
    start = STARTS[page[ACTIVE]]
    phase = page[start]
    size = page[start + 1] | page[start + 2] << 8
    if phase >= len(PHASES) or size > TEXT_BYTES:
        return IDLE_SLOT
    if phase in (IDLE, SESSION):
        return InFlight("", PHASES[phase])
    first = start + HEAD_BYTES
    text = page[first : first + size].decode("utf-8", "replace")
    return InFlight(text, PHASES[phase], page[start + 3])


def _leave_in_children(slot: Slot) -> None:
    """Make forked children stay out of a slot, at no cost for its writes."""
    if not hasattr(os, "register_at_fork"):
        return  # Windows does not fork
    reference = weakref.ref(slot)

    def leave() -> None:
        held = reference()
        if held is not None:
            held.leave()

    os.register_at_fork(after_in_child=leave)
