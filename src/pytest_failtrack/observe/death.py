"""The death of a process as a draft: what was in flight, in which phase, and how it ended."""

from __future__ import annotations

import signal as signals
from collections.abc import Mapping
from typing import Any

from pytest_failtrack.observe.slot import BUSY, InFlight


def draft_of_death(
    who: str,
    in_flight: InFlight,
    at: str,
    *,
    worker: str = "",
    exit_status: int | None = None,
    signal: str = "",
) -> dict[str, Any]:
    """Return the draft of a process that died.

    Args:
        who: What died, for people: `the process`, `worker gw0`.
        in_flight: What its slot says.
        at: When it was seen, ISO 8601, UTC.
        worker: xdist worker id, ``.
        exit_status: Its status where a parent saw it, negative for a signal.
        signal: Name of the signal, where only that is known.
    """
    is_busy = in_flight.when in BUSY
    nodeid = in_flight.nodeid if is_busy else ""
    when = in_flight.when if is_busy else "session"
    signal = signal or signal_name(exit_status)
    if signal:
        how = f"ended by {signal}"
    elif exit_status is not None:
        how = f"ended with exit status {exit_status}"
    else:
        how = "ended in a way that nobody saw"
    where = f"in {when} of {nodeid}" if nodeid else "outside of any test"
    return {
        "id": f"death:{worker or 'main'}",
        "source": "pytest",
        "when": when,
        "nodeid": nodeid,
        "outcome": "crashed",
        "exceptions": [],
        "file": nodeid.partition("::")[0],
        "text": f"{who} {how} {where}",
        "worker": worker,
        "attempt": in_flight.attempt,
        "exit_status": exit_status,
        "signal": signal,
        "timestamp": at,
    }


def draft_of_recorder(start: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the draft of a command whose recorder died while it ran.

    Args:
        start: The start mark of its journal.
        at: When that was last written, ISO 8601, UTC.
    """
    command = str(start.get("command", ""))
    return {
        "id": "death:main",
        "source": "command",
        "when": "command",
        "nodeid": command,
        "outcome": "failed",
        "exceptions": [],
        "text": f"failtrack run came to its end before {command or 'the command'} did",
        "timestamp": at,
    }


def signal_name(status: int | None) -> str:
    """Return the name of the signal in a negative status, `` when there is none."""
    if status is None or status >= 0:
        return ""
    try:
        return signals.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
