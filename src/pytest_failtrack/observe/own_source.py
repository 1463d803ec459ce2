"""The source of the project's own frames, where `--tb` leaves it out of what pytest prints.

A failure is one thing however it is printed: what is read off the lines that were running (see
`classify/shown.py`) must not depend on `--tb=no`, `line` or `native`.
"""

from __future__ import annotations

import ast
import linecache
import textwrap
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, TracebackType

from pytest_failtrack.observe.from_pytest import WALK_MAX
from pytest_failtrack.observe.source import Place

FRAMES_MAX = 10
LINES_MAX = 60
"""So many lines of a function are shown, the last ones."""


def source_text(traceback: TracebackType | None, place: Callable[[str], Place]) -> str:
    """Return the project's frames as `--tb=auto` prints them, `` where there is no source.

    The first frame and the last one with their function up to the line, those between with their
    statement.

    Args:
        traceback: Of the exception.
        place: Tells where a file lies.
    """
    frames: list[tuple[Place, int, CodeType]] = []
    is_last_own = False
    for _ in range(WALK_MAX):
        if traceback is None:
            break
        code = traceback.tb_frame.f_code
        where = place(code.co_filename)
        is_last_own = where.is_project
        if where.is_project:
            frames.append((where, traceback.tb_lineno or 0, code))
        traceback = traceback.tb_next
    parts = []
    kept = [*frames[:1], *frames[1:][-FRAMES_MAX:]]
    for number, (where, line, code) in enumerate(kept):
        is_end = number == 0 or (number == len(kept) - 1 and is_last_own)
        above, statement = _shown(code, line)
        if not statement:
            continue
        if is_end:
            marked = ["> " + statement[0][2:], *statement[1:]]
            parts.append("\n".join([*above, *marked, "", f"{where.file}:{line}: "]))
        else:
            said = textwrap.dedent("\n".join(statement))
            head = f"{where.file}:{line}: in {code.co_name}\n"
            parts.append(head + textwrap.indent(said, "    "))
    return "\n".join(parts)


def _shown(code: CodeType, line: int) -> tuple[list[str], list[str]]:
    """Return the lines of a function above the statement that was running, and the statement."""
    first = code.co_firstlineno
    lines = [one.rstrip("\n") for one in linecache.getlines(code.co_filename)]
    if not 0 < first <= line <= len(lines) or line - first > 1_000:
        return [], []
    start, end = _statement(code.co_filename, first, line)
    dedented = textwrap.dedent("\n".join(lines[first - 1 : end])).split("\n")
    own = [f"    {one}" if one else "" for one in dedented]
    return own[: start - first][-LINES_MAX:], own[start - first :]


def _statement(filename: str, first: int, line: int) -> tuple[int, int]:
    """Return the first and the last line of the statement that a line is part of, from 1."""
    found = (line, line)
    for start, end in _statements(filename):
        if first <= start <= line <= end:
            found = (start, end)
    return found


@lru_cache(maxsize=8)
def _statements(filename: str) -> tuple[tuple[int, int], ...]:
    """Return where the statements of a file begin and end, of blocks their heads, outer first."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = node.end_lineno or node.lineno
            found.append((node.lineno, min(end, body[0].lineno - 1) if body else end))
    return tuple(found)
