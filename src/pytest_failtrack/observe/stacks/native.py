"""Tracebacks as Python itself prints them, exception groups in their boxes included.

Asked by `python.py` for JUnit files and logs, since pytest prints groups, and with
`--tb=native` everything, in this style.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_failtrack.lazily import lazily

# The mark of a member of a group, until the chain is put in its order.
BOX_MEMBER = "member"
MESSAGE_MAX_LINES = 200
DEPTH_MAX = 20

_FRAME = lazily(
    r'\s*File "(?P<file>[^"\n]{1,500})", line (?P<line>\d{1,7})(?:, in (?P<function>.{1,200}))?$'
)
_RAISED = lazily(
    r"(?P<type>[A-Za-z_][\w]*(?:\.(?:[A-Za-z_]\w*|<locals>))*)(?:: (?P<message>.*)|:?)$"
)
_BAR = lazily(r"\s{0,400}\| ?")
_MEMBER = lazily(r"\s{0,400}\+[-+]+ [\d.]{1,9} -+\s*$")
_CLOSED = lazily(r"\s{0,400}\+-{10,}\s*$")


@dataclass
class Draft:
    """One exception that is being read.

    Args:
        type: Qualified name.
        message: Its text, unbounded and as it was printed.
        frames: File, line and function, innermost last.
        link: How the exception that follows it in the observation's order comes from it.
        place: File and line of source that cannot be parsed.
    """

    type: str = ""
    message: str = ""
    frames: list[tuple[str, int, str]] = field(default_factory=list)
    link: str = ""
    place: tuple[str, int] | None = None


def native_traceback(lines: Sequence[str], at: int, depth: int = 0) -> tuple[list[Draft], int]:
    """Read one traceback, with the members of its group.

    Args:
        lines: The whole text.
        at: Line of the heading `Traceback (most recent call last):`.
        depth: Number of groups around it.

    Returns:
        The exceptions, a group before its members; and the line after them.
    """
    gutter = _bar_of(lines, at + 1) or len(lines[at]) - len(lines[at].lstrip())
    draft, at = _one(lines, at + 1, gutter)
    found = [draft] if draft.type else []
    while at < len(lines) and depth < DEPTH_MAX and _MEMBER.match(lines[at]):
        at += 1
        if at < len(lines) and "(most recent call last):" in lines[at]:
            inner, at = native_traceback(lines, at, depth + 1)
        else:
            member, at = _one(lines, at, _bar_of(lines, at))
            inner = [member] if member.type else []
        for one in inner[:1]:
            one.link = BOX_MEMBER
        found += inner
        at = _after_links(lines, at)
    if at < len(lines) and _CLOSED.match(lines[at]):
        at += 1
    return found, at


def _one(lines: Sequence[str], at: int, gutter: int) -> tuple[Draft, int]:
    """Read the frames, the type and the message of one exception."""
    draft = Draft()
    while at < len(lines):
        line = lines[at][gutter:] if gutter else lines[at]
        frame = _FRAME.match(line)
        if frame and frame["function"]:
            draft.frames.append((frame["file"], int(frame["line"]), frame["function"]))
        elif frame:
            draft.place = (frame["file"], int(frame["line"]))
        elif line.strip() and not line[:1].isspace():
            break
        at += 1
    if at >= len(lines):
        return draft, at
    raised = _RAISED.match((lines[at][gutter:] if gutter else lines[at]).rstrip())
    if raised is None:
        return draft, at
    draft.type = raised["type"]
    said = [raised["message"] or ""]
    at += 1
    while at < len(lines) and len(said) < MESSAGE_MAX_LINES and _goes_on(lines[at], gutter):
        said.append(lines[at][gutter:] if gutter else lines[at])
        at += 1
    draft.message = "\n".join(said).rstrip()
    return draft, at


def _goes_on(line: str, gutter: int) -> bool:
    """Whether a line still belongs to the message above it."""
    if _MEMBER.match(line) or _CLOSED.match(line) or "(most recent call last):" in line:
        return False
    if line[:gutter].strip() == "|":
        return bool(line[gutter:].strip())
    return not line[:gutter].strip() and bool(line.strip())


def _bar_of(lines: Sequence[str], at: int) -> int:
    """Return the width of what stands left of a boxed traceback, 0 for one that is not boxed."""
    found = _BAR.match(lines[at]) if at < len(lines) else None
    return found.end() if found else 0


def _after_links(lines: Sequence[str], at: int) -> int:
    """Pass over what is told of a member's own causes: the flat chain cannot hold it."""
    while at < len(lines) and not _MEMBER.match(lines[at]) and not _CLOSED.match(lines[at]):
        if not lines[at].strip().startswith("|"):
            break
        at += 1
    return at
