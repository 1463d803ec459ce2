"""The terminal section: what a person reads first after a run; called by the plugin and `run`."""

from __future__ import annotations

import codecs
import os
import shlex
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from pytest_failtrack.policy.digest import Cause, Digest
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.plain import cut, cut_start, display_width, plain

MAX_CAUSES = 10
MAX_PROBLEMS = 10
MAX_EXPIRED = 3
MAX_AGAIN = 5
WIDTH_MIN = 30
TAG_WIDTH = 8
GAP = "  "
DETAIL_GAP = "    "
# Under this room for it, a cause's headline goes to a line of its own.
HEADLINE_ROOM_MIN = 24
NEXT_STEP = "next: failtrack gate --explain"
MEND_AND_REPEAT = "next: mend what follows and run again; the evidence is not complete"
NO_HISTORY = "no history was found: new and repeat can be told from the next run on"

BOLD = "1"
SIGNING = ": failtrack record "
TAG_COLORS = {
    "NEW": "1;31",
    "FIRST": "1;31",
    "REPEAT": "1;35",
    "KNOWN": "33",
    "INFRA": "36",
    "FLAKY": "33",
    "DEBT": "34",
    "SCOPE": "33",
    "PASSES": "32",
}


def render(
    digest: Digest, *, width: int, color: bool, unicode: bool, max_causes: int = MAX_CAUSES
) -> list[str]:
    """Return the lines of the section, without line ends.

    Args:
        digest: What the run comes to.
        width: Columns of the terminal; under 30 it is drawn for 30.
        color: ANSI colours are added; the text stays the same.
        unicode: The stream takes UTF-8; otherwise every line is ASCII.
        max_causes: Causes that are shown; the others are counted.

    Returns:
        One line for a run without failures, debt, flaky tests or problems; a titled section
        for a run with failures.
    """
    page = _Page(max(width, WIDTH_MIN), color, unicode)
    causes = digest.failure_causes
    if causes:
        page.title("failtrack")
        page.wrapped(wording.headline(digest), style=BOLD)
        page.blank()
        page.causes(causes[:max_causes])
        if len(causes) > max_causes:
            page.entry("", f"{len(causes) - max_causes:,} more: failtrack list")
        _epilogue(page, digest)
    else:
        debt = wording.debt(digest.debt)
        page.wrapped(f"failtrack: {wording.quiet(digest)}" + (f"  debt {debt}" if debt else ""))
        _passing_again(page, digest)
        page.entry("FLAKY", wording.flaky(digest))
        _expired(page, digest)
        page.entry("SCOPE", wording.scope(digest))
    _problems(page, digest.problems)
    return page.lines


def cause_lines(
    causes: Sequence[Cause], *, width: int, color: bool, unicode: bool, details: bool = True
) -> list[str]:
    """Return the lines of some causes alone, as `failtrack list` and `show` print them."""
    page = _Page(max(width, WIDTH_MIN), color, unicode)
    page.causes(causes, details=details)
    return page.lines


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether colours are wanted, by the rules that pytest itself follows.

    `PY_COLORS` decides when it is 0 or 1; then a NO_COLOR that is not empty forbids, then a
    FORCE_COLOR that is not empty demands; else a terminal that is not dumb gets them.
    """
    if environ.get("PY_COLORS") in ("0", "1"):
        return environ["PY_COLORS"] == "1"
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return _is_terminal(stream) and environ.get("TERM") != "dumb"


def takes_unicode(stream: TextIO) -> bool:
    """Return whether the stream's encoding can write every character (UTF-8, UTF-16, UTF-32)."""
    encoding = getattr(stream, "encoding", None)
    try:
        return codecs.lookup(encoding or "ascii").name.startswith("utf-")
    except LookupError:
        return False


class TerminalSink:
    """The terminal as a sink, for those who have no terminal reporter of their own.

    Args:
        stream: Where the section is written.
        width: Columns.
        environ: Environment, for the colour rules.
    """

    name = "terminal"

    def __init__(self, stream: TextIO, width: int, environ: Mapping[str, str] = os.environ) -> None:
        self._stream = stream
        self._width = width
        self._environ = environ

    def send(self, digest: Digest) -> None:
        """Write the section."""
        lines = render(
            digest,
            width=self._width,
            color=wants_color(self._stream, self._environ),
            unicode=takes_unicode(self._stream),
        )
        self._stream.write("\n".join(lines) + "\n")
        self._stream.flush()


class _Page:
    """Lines that are being laid out for one width."""

    def __init__(self, width: int, color: bool, unicode: bool) -> None:
        self.width = width
        self.color = color
        self.unicode = unicode
        self.lines: list[str] = []

    def title(self, text: str) -> None:
        self.lines.append(f" {text} ".center(self.width, "="))

    def blank(self) -> None:
        self.lines.append("")

    def safe(self, text: str) -> str:
        return plain(text, unicode=self.unicode)

    def wrapped(self, text: str, *, indent: str = "", style: str = "") -> None:
        found = textwrap.wrap(
            self.safe(text), self.width, subsequent_indent=indent, break_on_hyphens=False
        )
        self.lines += [self.styled(cut(line, self.width), style) for line in found]

    def entry(self, tag: str, text: str) -> None:
        """Add `TAG     text`, wrapped beside the tag; nothing when there is no text."""
        if not text:
            return
        room = self.width - TAG_WIDTH
        wrapped = textwrap.wrap(self.safe(text), room, break_on_hyphens=False) or [""]
        for index, line in enumerate(wrapped):
            self.lines.append(self.tagged("" if index else tag) + cut(line, room))

    def tagged(self, tag: str) -> str:
        return self.styled(tag, TAG_COLORS.get(tag, "")) + " " * (TAG_WIDTH - len(tag))

    def styled(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and style and text else text

    def causes(self, causes: Sequence[Cause], *, details: bool = True) -> None:
        headlines = [self.safe(one.headline) for one in causes]
        sizes = [wording.size(one) for one in causes]
        size_width = max(map(len, sizes), default=0)
        id_width = max((len(one.cause_id) for one in causes), default=0)
        room = self.width - TAG_WIDTH - id_width - size_width - 2 * len(GAP)
        column = min(room, max(map(display_width, headlines), default=0))
        for cause, head, size in zip(causes, headlines, sizes, strict=True):
            start = self.tagged(wording.tag(cause)) + cause.cause_id.ljust(id_width) + GAP
            if room >= HEADLINE_ROOM_MIN:
                head = cut(head, column)
                padding = " " * (column - display_width(head))
                self.lines.append(f"{start}{head}{padding}{GAP}{size:>{size_width}}")
            else:
                self.lines.append(f"{start}{size}")
                self.detail([cut(head, self.width - TAG_WIDTH)])
            if details:
                self.details(cause)

    def details(self, cause: Cause) -> None:
        room = self.width - TAG_WIDTH
        where = cut_start(self.safe(wording.place(cause)), room)
        self.detail([where, wording.since(cause), wording.owner(cause)])
        self.detail([wording.together(cause)])
        self.detail([wording.retry(cause)])
        due = f"due {wording.moment(cause.due)}" if cause.due else ""
        self.detail([wording.blame(cause), wording.kind(cause), cause.severity, due])
        self.detail([cause.evidence])
        said, _, command = wording.escalation(cause).partition(SIGNING)
        self.detail([said])
        if command:  # on one line, however long: it is there to be copied
            self.lines.append(" " * TAG_WIDTH + self.safe(f"{SIGNING}{command}".lstrip(": ")))
        self.detail([wording.meaning(cause)])

    def detail(self, parts: Iterable[str]) -> None:
        """Add parts under a cause, as many on a line as fit; a part too long for one is wrapped."""
        indent = " " * TAG_WIDTH
        room = self.width - TAG_WIDTH
        line = ""
        for part in filter(None, map(self.safe, parts)):
            joined = f"{line}{DETAIL_GAP}{part}" if line else part
            if display_width(joined) <= room:
                line = joined
                continue
            if line:
                self.lines.append(indent + line)
            *full, line = textwrap.wrap(part, room, break_on_hyphens=False)
            self.lines += [indent + cut(one, room) for one in full]
        if line:
            self.lines.append(indent + cut(line, room))


def _passing_again(page: _Page, digest: Digest) -> None:
    """Name the causes that ended with this run; their records stay open until they have healed."""
    for cause_id, headline in digest.passing_again[:MAX_AGAIN]:
        line = f"{cause_id}{GAP}{page.safe(headline)}".rstrip()
        page.lines.append(page.tagged("PASSES") + cut(line, page.width - TAG_WIDTH))
    more = len(digest.passing_again) - MAX_AGAIN
    if more > 0:
        page.entry("", f"{more:,} more pass again")


def _epilogue(page: _Page, digest: Digest) -> None:
    _passing_again(page, digest)
    page.entry("FLAKY", wording.flaky(digest))
    page.entry("DEBT", wording.debt(digest.debt))
    _expired(page, digest)
    page.entry("SCOPE", wording.scope(digest))
    if all(one.novelty == "FIRST" for one in digest.failure_causes):
        page.wrapped(NO_HISTORY)
    if digest.stopped:
        page.wrapped(f"the run was {digest.stopped}")
    if not digest.is_complete:
        page.wrapped("the run did not come to its own end: what followed was not seen")
    records = f"records {page.safe(digest.evidence_dir)} ({digest.records:,} new)"
    if not digest.is_written:
        page.wrapped(records)
        page.wrapped(MEND_AND_REPEAT)
        return
    if digest.gate_folder:
        page.wrapped(records)
        # In one piece, for it is copied.
        page.lines.append(f"{NEXT_STEP} {shlex.quote(page.safe(digest.gate_folder))}")
        return
    together = f"{records}{DETAIL_GAP} {NEXT_STEP}"
    if digest.evidence_dir and display_width(together) <= page.width:
        page.lines.append(together)
        return
    if digest.evidence_dir:
        page.wrapped(records)
    page.wrapped(NEXT_STEP)


def _expired(page: _Page, digest: Digest) -> None:
    """Name the debt whose date is past: it fails the gate (C-33), so people must find it."""
    due = [one for one in digest.causes if one.subcategory == "GOVERNANCE_EXCEPTION_EXPIRED"]
    for cause in due[:MAX_EXPIRED]:
        where = cut_start(page.safe(wording.place(cause)), page.width - TAG_WIDTH)
        page.detail([cause.headline, where])
    if len(due) > MAX_EXPIRED:
        page.detail([f"{len(due) - MAX_EXPIRED:,} more expired: failtrack list"])


def _problems(page: _Page, problems: Sequence[str]) -> None:
    distinct = list(dict.fromkeys(problems))
    for problem in distinct[:MAX_PROBLEMS]:
        page.wrapped(f"failtrack itself: {problem}", indent="  ")
    if len(distinct) > MAX_PROBLEMS:
        page.wrapped(f"failtrack itself: {len(distinct) - MAX_PROBLEMS:,} more problems")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # not a file, or closed already
        return False
