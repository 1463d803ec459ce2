"""The report as workflow commands of GitHub Actions, which become annotations of the change."""

from __future__ import annotations

import os

from failtrack_guard.about import BYPASSED, about
from failtrack_guard.report.report import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from failtrack_guard.report.report import Report

# Of the annotations of one step only ten of each level are kept:
# https://github.com/orgs/community/discussions/26680
PER_LEVEL_MAX = 10
# Checks API: title 255 characters, message 64 KB.
TITLE_MAX_CHARS = 255
MESSAGE_MAX_BYTES = 64 * 1024
LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "notice"}

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


class Annotation:
    """One annotation.

    Args:
        level: `error`, `warning` or `notice`.
        properties: `file`, `line`, `col`, `endLine`, `endColumn`, `title`.
        message: What it says.
    """

    __slots__ = ("level", "message", "properties")

    def __init__(self, level: str, properties: Mapping[str, str], message: str) -> None:
        self.level = level
        self.properties = properties
        self.message = message

    def command(self, left_out: int = 0) -> str:
        """Return the workflow command.

        Args:
            left_out: Number of further annotations of this level, which GitHub would not show.
        """
        message = self.message
        if left_out:
            message += f"\nand {left_out:,} more: run failtrack-guard check"
        message = message.encode("utf-8", "replace")[:MESSAGE_MAX_BYTES].decode("utf-8", "ignore")
        told = ",".join(
            f"{name}={_escaped(value, _PROPERTY)}" for name, value in self.properties.items()
        )
        return f"::{self.level} {told}::{_escaped(message, _DATA)}"


def render(report: Report, environ: Mapping[str, str] | None = None) -> str:
    """Return at most ten commands of each level; the last of a full level says how many are more.

    Args:
        report: What is told.
        environ: Environment of the job, which says where the checkout lies.
    """
    prefix = report.path_in(os.environ if environ is None else environ)
    by_level: dict[str, list[Annotation]] = {level: [] for level in LEVELS.values()}
    for one in _annotations(report, prefix):
        by_level[one.level].append(one)
    lines = []
    for level in by_level.values():
        shown = level[:PER_LEVEL_MAX]
        left_out = len(level) - len(shown)
        lines += [one.command(left_out if one is shown[-1] else 0) for one in shown]
    return "".join(f"{line}\n" for line in lines)


def _annotations(report: Report, prefix: str) -> Iterator[Annotation]:
    """Yield what is to be said, the most important of each level first."""
    for error in report.errors:
        yield Annotation("error", {"title": "failtrack-guard"}, str(error))
    for one in report.unreadable:
        place = {"file": prefix + one.path, **({"line": str(one.line)} if one.line else {})}
        yield Annotation("error", {**place, "title": "failtrack-guard"}, one.reason)
    for commit in report.bypassed:
        told = about(BYPASSED)
        title = {"title": f"{told.id} {told.name}"}
        yield Annotation(LEVELS[told.severity], title, f"{words_of(commit)}\n{told.remedy}")
    for finding in report.findings:
        told = about(finding.rule)
        line, _, end_line, end_column = finding.span
        properties = {
            "file": prefix + finding.path,
            "line": str(line),
            "endLine": str(end_line),
            "col": str(finding.column),
            "endColumn": str(end_column + 1),
            "title": f"{told.id} {told.name}"[:TITLE_MAX_CHARS],
        }
        if end_line != line:  # columns are for one line only
            del properties["col"], properties["endColumn"]
        yield Annotation(LEVELS[told.severity], properties, f"{finding.message}\n{told.remedy}")


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
