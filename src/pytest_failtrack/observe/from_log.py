"""What a build log says went wrong: its first true error line, and its tail.

Asked by `from_command.py` for the output of a command, and for logs that somebody hands in. A log
that names no error has none: nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pytest_failtrack.observe.logs import shapes as shape
from pytest_failtrack.observe.logs.error_lines import FEW_NEEDLES, LONG_LOG_CHARS, NEEDLES, rank_of
from pytest_failtrack.observe.logs.line import LINE_MAX_CHARS, cleaned, last_state, shown
from pytest_failtrack.observe.logs.passing import Running
from pytest_failtrack.observe.logs.reached import is_unreached, says_reached

DETAIL_MAX_LINES = 3
# After an error of its own, what may still overrule it stands within so many lines.
WAITING_LINES = 200
# What a line announces stands within so many lines.
HEADING_LINES = 4
_TRACEBACK = "Traceback (most recent call last)"
_UNTIL_EMPTY = -1


@dataclass
class Candidate:
    """An error line that was found.

    Args:
        line: The line, without escapes, timestamps and marks of the CI.
        rank: 3 for an error of its own, 2 for a general one, 1 for a consequence.
        number: Number of the line in its stream, from 1.
        detail: What the lines after it say of it, if it announces them.
        is_bare: It is a type without a message; the next line says it.
        test: Kind and name of the test that was running when it was printed, None for none.
        before: The best line before that test, which stays where the test passes.
        is_unreached: It says that a service did not answer.
        has_answered: That service has answered since.
    """

    line: str
    rank: int
    number: int
    detail: tuple[str, ...] = ()
    is_bare: bool = False
    test: tuple[str, str] | None = None
    before: Candidate | None = None
    is_unreached: bool = False
    has_answered: bool = False

    @property
    def is_heading(self) -> bool:
        """It only announces what the next lines say."""
        return self.rank < 3 and self.line.endswith((":", "!"))

    @property
    def text(self) -> str:
        """The line, and its detail in lines of their own."""
        return "\n".join((self.line, *self.detail))


class ErrorFinder:
    """Looks for the error line in output that arrives in pieces, in bounded memory.

    Args:
        clock: Gives each candidate its place among those of other streams.
    """

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self.best: Candidate | None = None
        self._reached: Candidate | None = None
        self._clock = clock
        self._lines = 0
        self._chars = 0
        self._partial = ""
        self._traceback_indent: int | None = None
        self._is_chained = False
        self._raised: Candidate | None = None
        self._is_heading = self._is_soft_heading = False
        self._open: Candidate | None = None
        self._title = ""
        self._is_unparsed = False
        self._previous = ""
        self._step = ""
        self._warned: dict[object, str] = {}
        self._told: int | None = None
        self._is_ignored = False
        self._running = Running()
        self._is_announced = False
        self._heading = ""
        self._offered_at = 0

    def feed(self, text: str) -> None:
        """Take the next piece of output; a line may be spread over many pieces."""
        text = self._partial + text
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        # A line longer than this says all it has to say at its beginning.
        self._partial = text[end:] if len(text) - end <= 2 * LINE_MAX_CHARS else ""
        whole = text[:end] if self._partial or end == len(text) else text
        if self._is_satisfied or not whole:
            return
        needles = NEEDLES if self._chars < LONG_LOG_CHARS else FEW_NEEDLES
        self._chars += len(whole)
        if not self._is_busy and not _holds(whole, needles):
            self._lines += whole.count("\n")
            self._previous = whole.rstrip().rpartition("\n")[2][:LINE_MAX_CHARS]
            return
        for line in re.split(r"[\r\n]", whole):
            self._lines += 1
            if self._is_busy or _may_title(line) or _holds(line, needles):
                self._take(line)
            elif line and not line.isspace():
                self._previous = line[:LINE_MAX_CHARS]

    def finish(self) -> Candidate | None:
        """Return the best candidate after the last piece."""
        if self._partial:
            partial, self._partial = self._partial, ""
            self.feed(partial + "\n")
        missed = self._reached
        if missed is not None and (self.best is None or self.best.rank < missed.rank):
            return missed
        return self.best

    @property
    def is_waiting(self) -> bool:
        """Whether the best line is that of a service that did not answer."""
        best = self.best
        if best is None or not best.is_unreached:
            return False
        return self._lines <= self._offered_at + WAITING_LINES

    def reached(self) -> None:
        """Take note that the service answers now: what else went wrong counts before that."""
        if self.is_waiting:
            self._reached = self._reached or self.best
            while self.best is not None and self.best.is_unreached:
                self.best.has_answered = True
                self.best = self.best.before
            self._open, self._step = None, ""

    @property
    def _is_busy(self) -> bool:
        return (
            self._traceback_indent is not None
            or self._is_heading
            or self._is_soft_heading
            or self._is_chained
            or self._told is not None
            or self._open is not None
            or self._is_announced
            or self._is_unparsed
            or self.is_waiting
            or bool(self._step)
        )

    @property
    def _is_satisfied(self) -> bool:
        # The exception that follows from the first one is printed after it, within a few lines.
        return (
            self.best is not None
            and self.best.rank == 3
            and not self._is_busy
            and not self._running.is_open(self.best.test)
            and self._lines > self._offered_at + WAITING_LINES
        )

    @property
    def _above(self) -> int:
        return self.best.rank if self.best is not None else 0

    def _take(self, raw: str) -> None:
        if not raw or raw.isspace():
            if self._told == _UNTIL_EMPTY:
                self._told = None
            return
        line, is_marked = cleaned(raw)
        if not line or shape.NEVER.match(line) or self._is_told(line):
            return
        if self.best is not None and shape.WAS_IGNORED.match(line):
            self.best = None
            return
        if self.is_waiting and says_reached(line):
            self.reached()
        passed = self._running.take(line)
        if passed:
            self._forget(passed)
        previous, self._previous = self._previous, raw[: 2 * LINE_MAX_CHARS]
        stripped = line.strip()
        if shape.RULE_PLACE.match(line):
            rule = cleaned(previous)[0].strip()
            if shape.RULE_CODE.match(rule):
                self._offer(rule, 3)
        elif shape.WAS.match(line):
            expected = cleaned(previous)[0]
            if shape.EXPECTED.match(expected):
                self._offer(expected, 2)
        if self._open is not None:
            self._detail(line.strip(" │|"))
        if self._is_unparsed and shape.SOURCE.match(stripped):
            return
        self._is_unparsed = shape.UNPARSED.match(stripped) is not None
        title = shape.TITLE.match(stripped)
        if title:
            self._title = title["title"] or title["gradle"] or title["dart"]
        if self._is_heading:
            if shape.ANNOUNCES_MANY.match(stripped) or not any(map(str.isalnum, stripped)):
                return  # a heading under a heading, or a ruler
            self._is_heading = False
            if not (_TRACEBACK in line or stripped.startswith("# ")):
                self._offer_step(stripped)
                return
        if self._step and self._in_step(stripped):
            return
        if self._traceback_indent is not None and self._in_traceback(line):
            return
        if _TRACEBACK in line and f"{_TRACEBACK}::" not in line:  # powershell quotes it
            head = line.partition(_TRACEBACK)[0]
            # In the cell of a table, it stands as far to the right as what follows it.
            self._traceback_indent = len(head if head.endswith("| ") else _margin(head))
            self._is_ignored = shape.IGNORED.match(cleaned(previous)[0]) is not None
            return
        if shape.CHAINED.match(stripped):
            self._is_chained = True
            return
        if shape.HEADINGS.match(stripped):
            self._is_heading = True
            return
        rank = rank_of(stripped, is_marked=is_marked, above=self._above)
        if "arn" in stripped or "WARN" in stripped or stripped.startswith("w: "):
            self._take_warning(stripped)
        if self._is_soft_heading:
            rank = rank or int(not (title or shape.NOTHING.match(stripped)))
        self._is_soft_heading = shape.SOFT_HEADINGS.match(stripped) is not None
        self._offer(stripped, rank)
        if self._open is not None and self._open is self.best and shape.BARE.match(line):
            self._open.is_bare = not self._open.detail

    def _take_warning(self, line: str) -> None:
        """Take a line that warns, or says that warnings are errors here."""
        for said, warning in shape.AS_ERRORS:
            if warning not in self._warned and warning.match(line):
                self._warned[warning] = line
            elif warning in self._warned and said.match(line):
                self._offer(self._warned[warning], 3)
                break

    def _in_step(self, line: str) -> bool:
        """Take a line under a step that failed and return whether it is its cause."""
        is_cause = line.startswith("> ") or shape.STARTUP.match(self._step) is not None
        if not is_cause or shape.ELSEWHERE.match(line):
            self._step = ""
            return False
        if self.best is not None and shape.STEPS.match(self.best.line):
            self.best = self.best.before
        self._offer_step(line)
        return True

    def _offer_step(self, line: str) -> None:
        """Take a line that a heading announces; where it only names a step, its cause follows."""
        is_step = shape.STEPS.match(line) is not None
        self._offer(line, 2 if is_step else 3)
        self._step = line if is_step else ""

    def _in_traceback(self, line: str) -> bool:
        """Take a line of a traceback and return whether it was one."""
        assert self._traceback_indent is not None
        indent = len(_margin(line))
        if indent > self._traceback_indent:
            return True
        self._traceback_indent = None
        raised = shape.RAISED.match(line.strip(" |+"))
        if not raised:
            return False
        was_chained, self._is_chained = self._is_chained, False
        if was_chained and self._raised is not None and self.best is self._raised:
            # The first of a chain is why, the last is what was raised.
            self.best = self._raised.before
        is_little = self._is_ignored or raised["said"].partition(":")[0] == "SystemExit"
        self._offer(raised["said"], 1 if is_little else 3)
        self._raised = self.best
        return True

    def _is_told(self, line: str) -> bool:
        """Whether a line is what a passing test, or nobody knows which, has written itself."""
        if self._told is not None:
            if self._told == _UNTIL_EMPTY or len(_margin(line)) > self._told:
                return True
            self._told = None
        if "console." in line and shape.CONSOLE.match(line):
            self._told = len(_margin(line))
            return True
        if line.startswith(("stderr | ", "stdout | ")):
            self._told = _UNTIL_EMPTY
            return True
        return False

    def _forget(self, passed: frozenset[tuple[str, str]]) -> None:
        """Give up what tests have printed that passed."""
        before, kept = self.best, []
        while before is not None:
            if before.test not in passed:
                kept.append(before)
            before = before.before
        best = kept[0] if kept else None
        if best is not self.best:
            self.best, self._open, self._step = best, None, ""
        for one, earlier in zip(kept, [*kept[1:], None], strict=False):
            one.before = earlier

    def _offer(self, line: str, rank: int) -> None:
        if self._is_announced and shape.CONCRETE.match(line):
            rank = max(rank, 2)
        if rank == 2 and shape.ANNOUNCES_MANY.match(line):
            rank = 1
        self._is_announced = line[-1:] in "d.:!" and shape.ANNOUNCES.match(line) is not None
        if rank and self._heading and _said(line) == _said(self._heading):
            line = self._heading  # said again at the end; the first time, a list was beneath
        elif line.endswith(":") and len(line) > 12:
            self._heading = line[:LINE_MAX_CHARS]
        if rank and (self.best is None or rank > self.best.rank or self._is_under(rank)):
            number = self._clock() if self._clock else self._lines
            said = shown(line)
            test, before = self._running.current, self.best
            if before is not None and before.test == test:
                before = before.before  # if the one goes, so does the other
            self.best = self._open = Candidate(said, rank, number, test=test, before=before)
            self.best.is_unreached = is_unreached(said)
            self._offered_at = self._lines
            if self._title and shape.SAYS_LITTLE.match(said):
                self.best.detail = (self._title,)

    def _is_under(self, rank: int) -> bool:
        """Whether the best line only announced, and this one is what it announced."""
        best = self.best
        is_near = self._lines - self._offered_at <= HEADING_LINES
        return best is not None and best.is_heading and is_near and rank == best.rank

    def _detail(self, line: str) -> None:
        """Take the line after the best one, when that announces it or this one goes on with it."""
        best = self._open
        assert best is not None
        if not any(one.isalnum() for one in line):
            return
        says = best.detail[-1] if best.detail else best.line
        is_more = len(best.detail) < DETAIL_MAX_LINES and not shape.COMMAND.match(line)
        is_npm = best.line.startswith("npm ")
        if is_more and is_npm:
            is_more = shape.OPENS.match(best.line) is not None and shape.NPM.match(line) is not None
            line = shape.NPM.sub("", line, count=1)
        elif is_more and shape.LISTS.match(best.line):
            pass
        elif is_more:
            is_more = says.endswith(":") or shape.GOES_ON.match(line) is not None
            is_more = is_more or (best.is_bare and not best.detail)
            is_more = is_more or (line.startswith("> ") and shape.TASK.match(best.line) is not None)
        if not is_more:
            self._open = None
        elif line:
            kept = line if line.startswith("--> ") else line.strip(" ╰├─▶>│|")
            best.detail = (*best.detail, kept[:LINE_MAX_CHARS])


def _holds(text: str, needles: Iterable[str]) -> bool:
    """Whether a text holds a word without which no line of it says anything."""
    lowered = "\n" + text.lower()
    return any(needle in lowered for needle in needles)


def _may_title(line: str) -> bool:
    """Whether a line may be a heading, or what a runner calls a test."""
    return line.endswith(":") or shape.BEGINS_TITLE.match(line) is not None


def _said(line: str) -> str:
    """Return what a line says, without its level and its last mark."""
    return shape.LEVEL.sub("", line, count=1).rstrip(".:! ").lower()


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" |+"))]


def first_error_line(text: str) -> str | None:
    """Return the first line of a log that says what went wrong, None when none does.

    A line that says what to fix wins over one that only says that something failed.

    Args:
        text: A log, with or without escapes, timestamps and marks of a CI.
    """
    finder = ErrorFinder()
    for piece in _pieces(text):
        finder.feed(piece)
    best = finder.finish()
    return best.line if best else None


def tail(text: str, max_lines: int = 40, max_chars: int = 4_000) -> str:
    """Return the last lines of a log as a terminal would show them.

    Args:
        text: A log; escapes are taken out, of a progress bar its last state is kept.
        max_lines: How many lines at most.
        max_chars: How many characters at most; the first line kept may be cut.
    """
    end = text[-(max_chars * 8) :]
    lines = [kept for line in end.split("\n") if (kept := last_state(line).rstrip())]
    return "\n".join(lines[-max_lines:])[-max_chars:]


def location(line: str) -> tuple[str, int] | None:
    """Return file and line number that an error line begins with, None when it names none."""
    for one in line.split("\n")[: 1 + DETAIL_MAX_LINES]:
        found = shape.LOCATION.match(one.removeprefix("--> ").strip())
        if found and (one is line or one == line.partition("\n")[0] or one.startswith("--> ")):
            return found["file"], int(found["line"])
    return None


def _pieces(text: str, size: int = 65_536) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
