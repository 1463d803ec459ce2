"""Observations out of what files say: redacted, bounded, each with its place among equals.

Every reader of a file (`from_junit.py`, `from_reportlog.py`, ...) makes its observations here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.bounds import (
    CAPTURED_MAX_CHARS,
    FRAMES_MAX,
    MESSAGE_MAX_CHARS,
    TEXT_MAX_CHARS,
    Cut,
    encodable,
)
from pytest_failtrack.observe.compared import bounded
from pytest_failtrack.observe.logs.line import last_state
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.redact import redact_nodeid
from pytest_failtrack.observe.stacks.python import (
    doctest_place,
    exceptions_of,
    said_of,
    syntax_place,
)

NODEID_MAX_CHARS = 2_000
XPASS = "[XPASS(strict)]"
_SAID_ON = re.compile(r"failed on (?:setup|teardown) with \"", re.ASCII)
_MISMATCH = re.compile(
    r"import file mismatch:\nimported module '(?P<name>[^'\n]{1,300})' has this __file__ attribute:"
    r"\n  (?P<has>[^\n]{1,500})\n[^\n]{1,200}\n  (?P<wants>[^\n]{1,500})"
)
_CRASH = re.compile(
    r"worker '(?P<worker>[^'\n]{1,40})' crashed while running '(?P<nodeid>[^\n]{1,2000})'$"
)
_SECONDS_MAX = 10_000_000.0


class Maker:
    """Makes the observations of one file.

    Args:
        root: The project's root, absolute.
        redact: The redactor; nothing of the file goes past it.
        source: What the file is called in messages.
        foreign_root: Folder that the file itself calls its root, ``.
    """

    def __init__(
        self, root: str, redact: Callable[[str], str], source: str, foreign_root: str = ""
    ) -> None:
        self.redact = redact
        self.source = source
        self._names: dict[str, str] = {}
        self.places = Places(root, lambda name: redact_nodeid(redact, name), foreign_root)

    def python(self, text: str, message: str = "", type_: str = "") -> tuple[Raised, ...]:
        """Return the exceptions of a failed Python test.

        Args:
            text: What was printed about it.
            message: What stands beside it as its message, ``.
            type_: Type that stands beside it, ``.
        """
        if text.startswith(XPASS) or message.startswith(XPASS):
            return ()
        found = exceptions_of(text or message, self.places)
        # Without any frame (`--tb=line`) the message beside it is the longer one.
        if found and (not message or any(one.frames for one in found)):
            return found
        doctest = doctest_place(text, self.places)
        if doctest is not None:
            return (Raised(text.rstrip().rpartition(": ")[2], ""),)
        said = _SAID_ON.split(message)[-1] if _SAID_ON.search(message) else message
        return _from_message(said or text, type_) or found

    def python_or_text(
        self, text: str, message: str = "", type_: str = "", when: str = "call"
    ) -> tuple[Raised, ...]:
        """Return the same, or what was said at all, where no exception is shown.

        Args:
            text: What was printed about it.
            message: What stands beside it as its message, ``.
            type_: Type that stands beside it, ``.
            when: Phase; what a collector says is an error of its own.
        """
        found = self.python(text, message, type_)
        said = (text if when == "collect" else message or text).strip()
        if found or not said or said.startswith(XPASS):
            return found
        if when != "collect":
            return (Raised("Failure", said),)
        mismatch = _MISMATCH.match(said)
        if mismatch:  # pytest tells in other words what it caught
            told = f"('{mismatch['name']}', '{mismatch['has']}', PosixPath('{mismatch['wants']}'))"
            return (Raised("ImportPathMismatchError", told),)
        return (Raised("Collector.CollectError", said),)

    def failure(
        self,
        *,
        source: str,
        when: str,
        nodeid: str,
        outcome: str,
        text: str = "",
        exceptions: Iterable[Raised] = (),
        captured: Mapping[str, str] | None = None,
        file: str = "",
        line: int | None = None,
        seconds: object = 0.0,
        timestamp: str = "",
        told: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Observation:
        """Return one observation, redacted and bounded.

        Args:
            source: Kind of the file: `junit`, `reportlog`, ...
            when: Phase.
            nodeid: Node id or command, not yet redacted.
            outcome: As in `Observation`.
            text: What was printed about it.
            exceptions: The chain.
            captured: Captured output by name.
            file: Where it shows, when no frame says so.
            line: Line there.
            seconds: Duration, however the file writes it.
            timestamp: ISO 8601; this moment by default.
            told: What the source says of the kind of failure.
            **more: Further fields of the observation, as they are.
        """
        crash = (
            _CRASH.match(text.partition("\n")[0].rstrip()) if text.startswith("worker '") else None
        )
        if crash:  # what xdist says of a process that died; it saw nothing of the phase
            when, outcome, exceptions = "call", "crashed", ()
            nodeid, more["worker"] = crash["nodeid"], crash["worker"]
            file = nodeid.partition("::")[0]
        cut = Cut(self.redact)
        raised = tuple(
            replaced(
                one,
                type=cut(one.type, 300, "tail"),
                message=cut(bounded(one.message, cut.value), MESSAGE_MAX_CHARS, "both"),
                frames=tuple(map(self._frame, one.frames[-FRAMES_MAX - 2 :])),
            )
            for one in exceptions
        )
        named = syntax_place(text, self.places) or doctest_place(text, self.places)
        where = named or _deepest(raised) or (self.places.place(file).file if file else "", line)
        said = {
            name: cut(shown(value), CAPTURED_MAX_CHARS, "tail")
            for name, value in (captured or {}).items()
            if value.strip()
        }
        return Observation(
            source=source,
            when=when,
            nodeid=self.clean_nodeid(nodeid),
            outcome=outcome,
            exceptions=raised,
            file=where[0],
            line=where[1],
            text=cut(text, TEXT_MAX_CHARS, "tail"),
            captured=said,
            duration_seconds=seconds_of(seconds),
            timestamp=moment(timestamp),
            told=dict(told or {}),
            is_truncated=cut.was_cut,
            **{name: self._plain(value) for name, value in more.items()},
        )

    def clean_nodeid(self, nodeid: str) -> str:
        """Return a node id as observations have it, redacted and bounded."""
        return encodable(redact_nodeid(self.redact, nodeid[:NODEID_MAX_CHARS]))

    def _frame(self, frame: Frame) -> Frame:
        """Return a frame with its names redacted, each name looked at once."""
        file, function = self._name(frame.file), self._name(frame.function)
        if (file, function) == (frame.file, frame.function):
            return frame
        return replaced(frame, file=file, function=function)

    def _name(self, name: str) -> str:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = encodable(redact_nodeid(self.redact, name[:500]))
        return known

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return encodable(self.redact(value[:NODEID_MAX_CHARS]))
        return value


def outcome_of(when: str, text: str) -> str:
    """Return the outcome of what failed in a phase, by what pytest says about it."""
    if text.startswith(XPASS):
        return "xpassed"
    return "failed" if when == "call" else "error"


def dicts_in(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a JSON list; what is none, or no list, holds nothing."""
    for one in value if isinstance(value, list) else ():
        if isinstance(one, dict):
            yield one


def numbered(observations: Iterable[Observation]) -> list[Observation]:
    """Return the observations, equals in test, phase and attempt with their position (C-27).

    A collector that fails twice in the same way (each worker collects, and so does the collector
    of doctests) is one failure.
    """
    positions: Counter[tuple[str, str, int, str]] = Counter()
    collected: set[object] = set()
    found = []
    for one in observations:
        if one.when == "collect":
            said = tuple((each.type, each.message) for each in one.exceptions) or one.text
            if (one.nodeid, said) in collected:
                continue
            collected.add((one.nodeid, said))
        place = (one.nodeid, one.when, one.attempt, one.subject)
        found.append(replaced(one, position=positions[place]) if positions[place] else one)
        positions[place] += 1
    return found


def seconds_of(value: object) -> float:
    """Return a duration as a number; `1,234.5` and what is no number at all are understood."""
    try:
        seconds = float(str(value).replace(",", "") if isinstance(value, str) else value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return 0.0
    return round(seconds, 6) if 0 <= seconds <= _SECONDS_MAX else 0.0


def moment(text: str) -> str:
    """Return a time as ISO 8601 in UTC; this moment for one that cannot be read.

    Args:
        text: ISO 8601; without a zone it is taken as UTC.
    """
    try:
        at = datetime.fromisoformat(_trimmed(text))
    except ValueError:
        at = datetime.now(timezone.utc)
    at = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def _trimmed(text: str) -> str:
    """Return a time as Python 3.10 reads it: `+00:00` for `Z`, six digits of a second."""
    found = re.match(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(.*)$", text.strip())
    if not found:
        return text.strip()
    part = f".{(found[2] + '000000')[:6]}" if found[2] else ""
    zone = "+00:00" if found[3] in ("Z", "z") else found[3]
    return f"{found[1]}{part}{zone}"


def moment_of_epoch(value: object) -> str:
    """Return seconds since 1970 as ISO 8601, `` for what is no number."""
    try:
        return datetime.fromtimestamp(float(value), timezone.utc).isoformat()  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def shown(text: str) -> str:
    """Return output as a terminal would have left it: no escapes, last state of progress bars."""
    if "\x1b" not in text and "\r" not in text and text.isprintable():
        return text
    return "\n".join(last_state(line) for line in text.split("\n"))


def _deepest(raised: Iterable[Raised]) -> tuple[str, int | None] | None:
    for one in raised:
        for frame in reversed(one.frames):
            if frame.is_project:
                return frame.file, frame.line
    return None


def _from_message(said: str, type_: str) -> tuple[Raised, ...]:
    """Return what a bare message tells of an exception, none when it names no type."""
    lines = said.rstrip("\n").splitlines()
    if type_ and not said.startswith(f"{type_}:"):
        return (Raised(type_, said.rstrip("\n")),)
    if not lines:
        return ()
    name, message = said_of(lines)
    is_told = lines[0].startswith((name, "assert ")) or name == "FixtureLookupError"
    return (Raised(name, message),) if is_told else ()
