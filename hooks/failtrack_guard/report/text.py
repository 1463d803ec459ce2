"""The report for people: each finding with its line of code and the way out, then a summary."""

from __future__ import annotations

from failtrack_guard.about import BYPASSED, about
from failtrack_guard.report.report import plural, words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from failtrack_guard.finding import Finding
    from failtrack_guard.report.report import Report
    from failtrack_guard.suppress import Suppression

CODE_MAX = 100  # characters of a line of code that are shown
LEAD = 40  # of a longer line, how many of them stand before the finding
TAB = "    "
BOLD, RED, YELLOW, BLUE = "1", "31", "33", "34"
COLORS = {"CRITICAL": RED, "HIGH": RED, "MEDIUM": YELLOW, "LOW": BLUE}


class Style:
    """How text is written.

    Args:
        has_color: Whether escape sequences may be used.
        is_ascii: Whether other characters than ASCII must be written as escapes.
    """

    __slots__ = ("has_color", "is_ascii")

    def __init__(self, *, has_color: bool = False, is_ascii: bool = False) -> None:
        self.has_color = has_color
        self.is_ascii = is_ascii

    @classmethod
    def of(cls, stream: TextIO, environ: Mapping[str, str]) -> Style:
        """Return what suits a stream; NO_COLOR and FORCE_COLOR have the first word."""
        if environ.get("NO_COLOR"):
            has_color = False
        elif environ.get("FORCE_COLOR"):
            has_color = environ["FORCE_COLOR"] != "0"
        else:
            has_color = stream.isatty() and environ.get("TERM") != "dumb"
        encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
        return cls(has_color=has_color, is_ascii=not encoding.startswith("utf"))

    def paint(self, text: str, *codes: str) -> str:
        """Return text in colors, or as it is."""
        return f"\033[{';'.join(codes)}m{text}\033[0m" if self.has_color and text else text

    def plain(self, text: str) -> str:
        """Return text that moves no cursor and that the stream can write."""
        if text.isascii() and text.isprintable():
            return text
        return "".join(map(self.char, text))

    def char(self, char: str) -> str:
        """Return one character as it is shown."""
        if char == "\t":
            return TAB
        if char.isprintable() and (char.isascii() or not self.is_ascii):
            return char
        return char.encode("unicode-escape").decode("ascii")


def render(report: Report, style: Style | None = None) -> str:
    """Return the report as text for a terminal or a log.

    Args:
        report: What is told.
        style: How; without colors by default.
    """
    style = style or Style()
    lines: list[str] = []
    for finding in report.findings:
        lines += _finding(finding, report, style)
    for one in report.bypassed:
        lines.append(f"{style.paint(BYPASSED, BOLD, YELLOW)} {style.plain(words_of(one))}")
        lines.append(f"  {style.paint('help:', BOLD)} {about(BYPASSED).remedy}")
    for error in (*report.unreadable, *report.errors):
        lines.append(f"{style.paint('error:', BOLD, RED)} {style.plain(str(error))}")
    if report.lists_suppressions:
        lines += _suppressions(report, style)
    lines += _summary(report, style)
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding, report: Report, style: Style) -> Iterator[str]:
    told = about(finding.rule)
    place = style.paint(f"{style.plain(finding.path)}:{finding.line}:{finding.column}:", BOLD)
    rule = style.paint(finding.rule, BOLD, COLORS[told.severity])
    yield f"{place} {rule} {style.plain(finding.message)}"
    line = report.sources.line(finding.path, finding.line)
    if line.strip():
        number = str(finding.line)
        code, caret = _code(line, finding.span, style)
        bar = style.paint("|", BLUE)
        yield f"{style.paint(number, BLUE)} {bar} {code}"
        yield f"{' ' * len(number)} {bar} {style.paint(caret, BOLD, COLORS[told.severity])}"
    yield f"  {style.paint('help:', BOLD)} {style.plain(told.remedy)}"


def _code(line: str, span: tuple[int, int, int, int], style: Style) -> tuple[str, str]:
    """Return a line of code and the line that points into it, both cut to the same part."""
    first, start, last, end = span
    stop = end if last == first else len(line)
    begin = len(line) - len(line.lstrip())
    if len(line.rstrip()) - begin > CODE_MAX and start - begin > LEAD:
        begin = start - LEAD
    head = "..." if line[:begin].strip() else ""
    shown = line[begin : begin + CODE_MAX]
    tail = "..." if line[begin + CODE_MAX :].strip() else ""
    before = _width(shown[: max(start - begin, 0)], style)
    marked = _width(shown[max(start - begin, 0) : max(stop - begin, 0)].rstrip(), style)
    code = head + style.plain(shown.rstrip()) + tail
    return code, " " * (len(head) + before) + "^" * max(marked, 1)


def _width(text: str, style: Style) -> int:
    """Return how many columns of a terminal a text takes."""
    shown = style.plain(text)
    if shown.isascii():
        return len(shown)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in shown
    )


def _suppressions(report: Report, style: Style) -> Iterator[str]:
    yield style.paint(f"{plural(len(report.suppressions), 'suppression')}:", BOLD)
    for one in report.suppressions:
        yield f"  {style.plain(one.path)}:{one.line}: {style.plain(_told(one))}"


def _told(one: Suppression) -> str:
    rules = ", ".join(one.rules)
    if one.problem:
        named = f" ({rules})" if rules else ""
        return f"{one.state}{named}: it {one.problem}"
    until = f" until {one.until}" if one.until else ""
    return f"{one.state}: {rules}{until} {one.justification}".rstrip()


def _summary(report: Report, style: Style) -> Iterator[str]:
    counts = report.counts()
    total = len(report.findings)
    if total:
        by_rule = ", ".join(f"{count:,} {rule}" for rule, count in counts.items())
        files = plural(len({one.path for one in report.findings}), "file")
        yield style.paint(f"{plural(total, 'finding')} in {files}: {by_rule}", BOLD, RED)
    notes = [
        "" if total else "no findings",
        f"{plural(report.files, 'file')} checked",
        _if(len(report.unreadable), "{} unreadable"),
        _if(len(report.suppressed), "{} suppressed"),
        _if(len(report.known), "{} known to the baseline"),
    ]
    yield ", ".join(one for one in notes if one)
    safe = sum(1 for one in report.findings if one.fix and one.fix.is_safe)
    unsafe = sum(1 for one in report.findings if one.fix and not one.fix.is_safe)
    if safe:
        yield f"{safe:,} can be put right by `failtrack-guard fix`"
    if unsafe:
        yield f"{unsafe:,} can be put right by `failtrack-guard fix --unsafe-fixes`; look at them"
    if report.gone:
        are = "entry is" if len(report.gone) == 1 else "entries are"
        yield (
            f"{len(report.gone):,} baseline {are} no longer found: "
            "`failtrack-guard baseline --update` takes note, so that they stay away"
        )


def _if(count: int, text: str) -> str:
    return text.format(f"{count:,}") if count else ""
