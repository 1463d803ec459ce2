"""Fixes as replacements of text, for formats that carry them; sarif.py asks."""

from __future__ import annotations

import os
import re

from failtrack_guard.errors import GuardError
from failtrack_guard.reading import Unreadable, decoded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.finding import Finding
    from failtrack_guard.report.report import Report

    Replacement = tuple[tuple[int, int, int, int], str]

# Each fix has libcst read its file anew, 0.3 ms a line: a report offers the first four seconds.
LINES_MAX = 12_000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_END = re.compile(r"\r\n|\r|\n")


class Fixes:
    """The fixes of the findings that count, as far as they can be made here and soon.

    Args:
        report: The report.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._wanted = {id(one) for one in report.findings if one.fix is not None}
        self._left = LINES_MAX

    def of(self, finding: Finding) -> list[Replacement]:
        """Return what a fix replaces, the imports that it needs among it; none without a fix.

        Returns:
            (line, column, end line, end column) as those of findings, and the new text.
        """
        settings = self._report.settings
        if settings is None or id(finding) not in self._wanted:
            return []
        path, sources = finding.path, self._report.sources
        lines = len(sources.lines(path))
        if lines > self._left:
            return []
        self._left -= lines
        from failtrack_guard.roots import Roots
        from failtrack_guard.surgery.surgeon import fixed

        content = sources.content(path)
        name = Roots(settings.sources).module_name(os.path.join(settings.root, path))
        try:
            project = self._report.project
            after = fixed(content, path, name, [finding], project=project).content
            return replacements(decoded(content, path), decoded(after, path))
        except Unreadable:
            return []
        except GuardError:  # libcst is missing, which is said where fixes are asked for
            self._left = 0
            return []


def replacements(before: str, after: str) -> list[Replacement]:
    """Return what turns one text into the other: a piece for each run of changed lines."""
    import difflib

    old, new = _LINE.findall(before), _LINE.findall(after)
    offsets = [0]
    for line in old:
        offsets.append(offsets[-1] + len(line))
    found: list[Replacement] = []
    for tag, start, end, new_start, new_end in difflib.SequenceMatcher(
        None, old, new
    ).get_opcodes():
        if tag == "equal":
            continue
        gone, come = before[offsets[start] : offsets[end]], "".join(new[new_start:new_end])
        head = _common(gone, come)
        head -= gone[:head].endswith("\r")  # no place lies within a line's end
        tail = _common(gone[head:][::-1], come[head:][::-1])
        tail -= gone[len(gone) - tail :].startswith("\n")
        first = _place(before, offsets[start] + head)
        last = _place(before, offsets[end] - tail)
        found.append(((*first, *last), come[head : len(come) - tail]))
    return found


def _place(text: str, offset: int) -> tuple[int, int]:
    lines = _END.split(text[:offset])
    return len(lines), len(lines[-1])


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    count = 0
    for char, other_char in zip(one, other):  # noqa: B905 the shorter one ends it
        if char != other_char:
            break
        count += 1
    return count
