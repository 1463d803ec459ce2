"""The first error line of a text: what a traceback, a compiler or a package manager says first.

Asked by `token.py` for observations that carry no exception (S4-04: "first exception or error
line"), such as those of commands, of JUnit files and of pytest's own collection reports.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

TEXT_MAX_CHARS = 20_000

_PYTEST_LINE = lazily(r"^E {3,}(\S.*)$", re.MULTILINE)
_TRACEBACK = "Traceback (most recent call last)"
_RAISED = lazily(r"^(?:[A-Za-z_][\w.]{0,200})(?:: \S.*)?$")
_RAISED_NAME = lazily(
    r"^[A-Za-z_][\w.]{0,200}(?:Error|Exception|Warning|Group|Interrupt|Exit|Failed|Timeout)\b"
)
_ERROR = lazily(
    r"(?i)\b(?:error|errors|fatal|exception|panic(?:ked)?|failed|failure|cannot|could not|can't|"
    r"unable to|undefined reference|no such file|not found|permission denied|killed|denied|"
    r"segmentation fault|out of memory|aborted|unresolved|eresolve|usage|"
    r"no solution found)\b|\bERR[!_]|^E: "
)
# They hold the words of an error and report none, or only that there was one.
_HARMLESS = lazily(
    r"(?i)\b(?:0 (?:errors?|failed|failures?)|no errors?|without errors?|error-free)\b"
    r"|-Werror|--fail|\+\+? "
)


def error_line(text: str) -> str:
    """Return the first line that names an error, `` when no line does.

    In the order of what says most: an exception in pytest's `E` lines, another `E` line, the
    exception under the first traceback, the first line with a word of error.

    Args:
        text: Plain output; more than `TEXT_MAX_CHARS` is cut.
    """
    text = text[:TEXT_MAX_CHARS]
    marked = _PYTEST_LINE.findall(text)
    for line in marked:
        if _RAISED_NAME.match(line) or line.startswith("assert "):
            return str(line).strip()
    if marked:
        return str(marked[0]).strip()
    return _under_traceback(text) or _first_with_error(text)


def _under_traceback(text: str) -> str:
    _, found, rest = text.partition(_TRACEBACK)
    if not found:
        return ""
    for line in rest.splitlines()[1:]:
        # Below frames the exception stands at the indentation of the heading, in logs at any.
        if _RAISED.match(line) or _RAISED_NAME.match(line.strip()):
            return line.strip()
    return ""


def _first_with_error(text: str) -> str:
    for line in text.splitlines():
        if _ERROR.search(line) and not _HARMLESS.search(line):
            return line.strip()
    return ""
