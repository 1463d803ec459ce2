"""The source that pytest prints of a failure: the line that a frame was running, and those above.

testdata.py, otherwise.py and surroundings.py read it: a type and a place do not say what a line
wanted.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Frame

LINES_MAX = 400
SHOWN_MAX_CHARS = 100

_PLACE = lazily(r"\S[^\n]{0,400}:\d{1,7}: in \S")


def source_of(text: str, frame: Frame) -> tuple[str, list[str]]:
    """Return the statement that a frame was running, and the lines of its function above it.

    The statement is one stripped line, `` when the text does not show it; the lines above keep
    their indentation.
    """
    lines = text.splitlines()
    place = f"{frame.file}:{frame.line}:"
    for at, line in enumerate(lines[:LINES_MAX]):
        if not line.startswith(place):
            continue
        if line[len(place) :].startswith(" in "):
            return _short_source(lines, at), []
        start = next((n for n in range(at - 1, -1, -1) if lines[n].startswith(">")), -1)
        if start >= 0:
            return _statement(lines[start:], ">"), _block(lines[:start])
    return "", []


def _short_source(lines: Sequence[str], at: int) -> str:
    """Return the statement of a place of `--tb=short`.

    pytest prints the place above its source; as we keep it, it stands below, and ends the text.
    """
    last = next((one for one in reversed(lines) if one.strip()), "")
    if not _PLACE.match(last):
        return _statement(lines[at + 1 :], "")
    above = next((n for n in range(at - 1, -1, -1) if _PLACE.match(lines[n])), -1)
    return _statement(lines[above + 1 : at], "")


def brief(statement: str) -> str:
    """Return a statement as it is quoted in a reason."""
    if len(statement) <= SHOWN_MAX_CHARS:
        return statement
    return statement[: SHOWN_MAX_CHARS - 3] + "..."


def _statement(lines: Sequence[str], mark: str) -> str:
    """Return the first line and those that go on with it, without carets."""
    if not lines or not lines[0].removeprefix(mark).strip():
        return ""
    parts = [lines[0].removeprefix(mark).strip()]
    for line in lines[1:]:
        if not line.startswith("    ") or line.strip(" ^~") == "":
            break
        parts.append(line.strip())
    return " ".join(parts)


def _block(lines: Sequence[str]) -> list[str]:
    """Return the last lines that are indented source: those of one function."""
    found: list[str] = []
    for line in reversed(lines):
        if line and not line.startswith("    "):
            break
        found.insert(0, line)
    return found
