"""What a build log says went wrong: its first true error line, and its tail.

Asked by `from_command.py` for the output of a command, and for logs that somebody hands in. A log
that names no error has none: nothing is made up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.error_lines import FEW_NEEDLES, LONG_LOG_CHARS, NEEDLES, rank_of
from pytest_failtrack.observe.log_line import LINE_MAX_CHARS, cleaned, last_state, shown
from pytest_failtrack.observe.passing import Running
from pytest_failtrack.observe.reached import is_unreached, says_reached

_NEVER = lazily(
    r"##\[(?:group|section|command|warning|debug|notice)\]|::(?:group|warning|debug|notice)\b"
)
# make goes on after it.
_WAS_IGNORED = lazily(r"g?make(?:\[\d{1,4}\])?: (?:\[[^\]]{1,300}\] )?Error \d{1,5} \(ignored\)")
# What it says stands in its next line, and it says nothing itself.
_HEADINGS = lazily(
    r"\* What went wrong:$|Warning, treated as error:$|Error Message:$|error during build:$"
    r"|Error: Turbopack build failed with \d{1,6} errors?:$"
    r"|(?:[A-Z]\w{0,60}::){0,4}[A-Z]\w{1,60}Error:$"  # rspec
    r"|(?:[A-Z]\w{0,60}::){1,4}[A-Z]\w{1,60}(?:NotFound|Invalid):$"
    r"|configure: error: in [`'].{1,300}:$|ERROR: .{1,200} exit code \d{1,5}, output:$"
    r"|Error in \w[\w.:$]{0,100}\(.{0,200}\) ?: ?$"  # R
    r"|\w{0,40}Error: The following error originated from your "  # cypress
    r"|[\w.]{1,100}MultipleCompilationErrorsException: startup failed:$"  # jenkins
    r"|===> Compiling \S{1,300} failed$|Aborting batchmode due to failure:$"
)
# The same, for want of anything better.
_SOFT_HEADINGS = lazily(
    r"(?i:errors?|failures?|failed|violations|problems|failed checks|findings"
    r"|the following tests failed"
    r"|[1-9]\d{0,5} (?:issue|error|problem|violation)\(?s?\)? found):$"
)
_NOTHING = lazily(r"(?i:[-*• ]{0,4}(?:none|nothing|no|n/a|0)\b)|[\w ]{1,40}:$|\W{0,200}$")
# A line that is an error, and says in the lines after it which.
_OPENS = lazily(
    r"npm (?:ERR!|error) (?:code |ERESOLVE |`npm ci` can only |engine Unsupported |notsup Unsupp)"
)
_GOES_ON = lazily(r"-->|on \S{1,200} line \d{1,7}|Caused by:|[╰├]─")
_TASK = lazily(r"(?:> )?(?:Execution failed for task |A problem occurred |Could not )")
# What gradle says of a step before it says of its cause, and where the cause only points elsewhere.
_STEPS = lazily(
    r"(?:> )?(?:Execution failed for |A problem occurred |Could not determine the dependencies"
    r"|Could not resolve all |A failure occurred while executing |A build operation failed"
    r"|An exception occurred applying plugin|Failed to transform |startup failed:$"
    r"|Could not compile (?:build|settings|initialization) )"
)
# Its cause is no step of its own, and has no mark.
_STARTUP = lazily(r"(?:> )?startup failed:$")
_ELSEWHERE = lazily(
    r"> (?:There were failing |Compilation (?:failed|error)[;.] |Lint found |Analysis failed "
    r"|\w{1,30} failed with exit |Process '.{1,300}' finished with |Run with --|Get more help)"
)
# Where warnings are errors, the first of them says what went wrong: how each tool says so, and how
# it warns.
_AS_ERRORS = tuple(
    (lazily(rf".{{0,200}}(?:{said})"), lazily(warning))
    for said, warning in (
        (r"\(with warnings treated as errors\)", r"[^\s:]{1,300}(?::\d{1,7})?: WARNING: \S"),
        (r"Aborted with \d+ .{0,40}in '?strict'? mode", r"WARNING +-  ?\S"),
        (r"e: warnings found and -Werror", r"w: \S"),
        (r"warnings found and -Werror", r"[^\s:]{1,300}\.java:\d{1,7}: warning: \S"),
        (r"too many warnings \(maximum", r"\d+:\d+ {1,8}warning {1,8}\S"),
        (r"No warnings can be incurred under ", r"\[warn\] \S{1,300}:\d{1,7}"),
        (r"%Error: Exiting due to \d+ warning", r"%Warning-\w{1,40}: \S"),
        (r"failed due to warnings while using the --warnings-as-errors", r"warning: \S"),
    )
)
# Lines after which their list is told.
_LISTS = lazily(
    r"Your requirements could not|Undefined symbols for|# npm audit|Found \d+ known|Failure$"
    r"|ERROR in |Failed example:|.{1,300}: Failure$|Author identity|Your lock file does not"
    r"|(?:Database|Compilation|Runtime|Parsing) Error in "
)
# What a runner calls a test, before or instead of a traceback; the assertions that need it.
_TITLE = lazily(
    r"(?:● (?!Console)|(?:FAIL|ERROR): (?=\w+ \()|--- FAIL: |\d{1,4}\) |Failed (?=\S+ \[)|✘ "
    r"|✖ (?!\d))"
    r"(?P<title>\S.{0,200}?)(?: [\[(][\d.]{1,12} ?m?s[\])]| ─{2,200})?$"
    r"|(?P<gradle>[\w.$]{1,200} > .{1,200}) FAILED$"
    r"|\+\d{1,6}(?: ~\d{1,6})? -\d{1,6}: (?P<dart>.{1,200}) \[E\]$"
)
_BEGINS_TITLE = lazily(r"(?:.{0,40}[Z\]] {1,4})?\s{0,12}(?:\d{1,4}\) |\+\d{1,6}[ ~])")
_SAYS_LITTLE = lazily(
    r"expect\(|Failed asserting|Failure/Error|Assert(?:ion(?:Failed)?Error|\.)|Assertion"
    r"|(?:\w{1,60}\.){1,8}Assertion|Error:\s{2,40}Not|Error: Timed out|Expected: "
)
_NPM = lazily(r"npm (?:ERR!|error) ?")
DETAIL_MAX_LINES = 3
# After an error of its own, what may still overrule it stands within so many lines.
WAITING_LINES = 200
# What a line announces stands within so many lines.
HEADING_LINES = 4
_TRACEBACK = "Traceback (most recent call last)"
# What was raised instead counts; what was raised out of another one only passes it on.
_CHAINED = lazily(r"During handling of the above exception")
_RAISED = lazily(r"(?:\+ |\| )*(?P<said>[A-Za-z_][\w.]{0,200}(?::(?: .*)?)?)$")
_LOCATION = lazily(
    r"(?:\[ERROR\] )?(?P<file>(?:[A-Za-z]:[\\/])?[^\s:()\[\]'\"]{1,300}\.\w{1,8})"
    r"(?::\[|[:(])(?P<line>\d{1,7})(?:[:,.]\d+)*[\])]?(?:[:\s]|$)"
)


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
        if not line or _NEVER.match(line) or self._is_told(line):
            return
        if self.best is not None and _WAS_IGNORED.match(line):
            self.best = None
            return
        if self.is_waiting and says_reached(line):
            self.reached()
        passed = self._running.take(line)
        if passed:
            self._forget(passed)
        previous, self._previous = self._previous, raw[: 2 * LINE_MAX_CHARS]
        stripped = line.strip()
        if _RULE_PLACE.match(line):
            rule = cleaned(previous)[0].strip()
            if _RULE_CODE.match(rule):
                self._offer(rule, 3)
        elif _WAS.match(line):
            expected = cleaned(previous)[0]
            if _EXPECTED.match(expected):
                self._offer(expected, 2)
        if self._open is not None:
            self._detail(line.strip(" │|"))
        if self._is_unparsed and _SOURCE.match(stripped):
            return
        self._is_unparsed = _UNPARSED.match(stripped) is not None
        title = _TITLE.match(stripped)
        if title:
            self._title = title["title"] or title["gradle"] or title["dart"]
        if self._is_heading:
            if _ANNOUNCES_MANY.match(stripped) or not any(map(str.isalnum, stripped)):
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
            self._is_ignored = _IGNORED.match(cleaned(previous)[0]) is not None
            return
        if _CHAINED.match(stripped):
            self._is_chained = True
            return
        if _HEADINGS.match(stripped):
            self._is_heading = True
            return
        rank = rank_of(stripped, is_marked=is_marked, above=self._above)
        if "arn" in stripped or "WARN" in stripped or stripped.startswith("w: "):
            self._take_warning(stripped)
        if self._is_soft_heading:
            rank = rank or int(not (title or _NOTHING.match(stripped)))
        self._is_soft_heading = _SOFT_HEADINGS.match(stripped) is not None
        self._offer(stripped, rank)
        if self._open is not None and self._open is self.best and _BARE.match(line):
            self._open.is_bare = not self._open.detail

    def _take_warning(self, line: str) -> None:
        """Take a line that warns, or says that warnings are errors here."""
        for said, warning in _AS_ERRORS:
            if warning not in self._warned and warning.match(line):
                self._warned[warning] = line
            elif warning in self._warned and said.match(line):
                self._offer(self._warned[warning], 3)
                break

    def _in_step(self, line: str) -> bool:
        """Take a line under a step that failed and return whether it is its cause."""
        is_cause = line.startswith("> ") or _STARTUP.match(self._step) is not None
        if not is_cause or _ELSEWHERE.match(line):
            self._step = ""
            return False
        if self.best is not None and _STEPS.match(self.best.line):
            self.best = self.best.before
        self._offer_step(line)
        return True

    def _offer_step(self, line: str) -> None:
        """Take a line that a heading announces; where it only names a step, its cause follows."""
        is_step = _STEPS.match(line) is not None
        self._offer(line, 2 if is_step else 3)
        self._step = line if is_step else ""

    def _in_traceback(self, line: str) -> bool:
        """Take a line of a traceback and return whether it was one."""
        assert self._traceback_indent is not None
        indent = len(_margin(line))
        if indent > self._traceback_indent:
            return True
        self._traceback_indent = None
        raised = _RAISED.match(line.strip(" |+"))
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
        if "console." in line and _CONSOLE.match(line):
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
        if self._is_announced and _CONCRETE.match(line):
            rank = max(rank, 2)
        if rank == 2 and _ANNOUNCES_MANY.match(line):
            rank = 1
        self._is_announced = line[-1:] in "d.:!" and _ANNOUNCES.match(line) is not None
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
            if self._title and _SAYS_LITTLE.match(said):
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
        is_more = len(best.detail) < DETAIL_MAX_LINES and not _COMMAND.match(line)
        is_npm = best.line.startswith("npm ")
        if is_more and is_npm:
            is_more = _OPENS.match(best.line) is not None and _NPM.match(line) is not None
            line = _NPM.sub("", line, count=1)
        elif is_more and _LISTS.match(best.line):
            pass
        elif is_more:
            is_more = says.endswith(":") or _GOES_ON.match(line) is not None
            is_more = is_more or (best.is_bare and not best.detail)
            is_more = is_more or (line.startswith("> ") and _TASK.match(best.line) is not None)
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
    return line.endswith(":") or _BEGINS_TITLE.match(line) is not None


def _said(line: str) -> str:
    """Return what a line says, without its level and its last mark."""
    return _LEVEL.sub("", line, count=1).rstrip(".:! ").lower()


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" |+"))]


_COMMAND = lazily(
    r"[$+] |\[command\]|make(?:\[\d+\])?: \*\*\*|##\[|\[ERROR\]|Traceback \(|Post job cleanup"
    r"|Cleaning up |\[Pipeline\]|Finished: |(?:ERROR: )?Job failed|Uploading |Running after_script"
    r"|Saving cache|section_|Build step |(?:Error: )?Process completed|🚨 Error: The command exited"
    r"|Exited with code |The command \"[^\"]{1,300}\" (?:exited|failed)|Done\. Your build exited"
)
_LEVEL = lazily(r"(?i:(?:error|fatal|failure|failed)\b[:!]? {1,4})")
# Only announces; the line after it says what, where that has a place or a value.
_ANNOUNCES = lazily(
    r"(?i:(?:[\w'-]{1,30} ){0,4}(?:errors?|failures?|problems?|violations?|issues?)"
    r"(?: (?:was|were|has been|have been))? (?:encountered|found|detected|reported|occurred)[.:!]?$"
    r"|.{1,120}\bfailed (?:because of|with) (?:the following )?"
    r"(?:errors?|problems?|violations?)[.:]?$)"
)
_ANNOUNCES_MANY = lazily(
    r"(?i:.{1,120}\bfailed with [1-9]\d{0,5} (?:errors?|problems?)[.:]?$"
    r"|.{0,20}\bthe following tests? failed:?$)"
    r"|\./\S{1,300}\.\w{1,8}:\d{1,7}:\d{1,5}$"  # the place, above what is wrong there
)
_CONCRETE = lazily(
    r"[\w./\\-]{1,200}\.\w{1,8}(?:::?\S{1,100})?: \S"
    r"|.{0,200}\b(?:is|are|was|must|does|do|expected|got|cannot|can't|could|should) "
    r"\S.{0,200}['\"\d]"
)
# As poetry prints an exception: the type, and under it the message.
_BARE = lazily(r" {2}[A-Z]\w{1,60}(?:Error|Exception)$")
# What pytest shows of source that cannot be parsed, before it says so.
_UNPARSED = lazily(r"E {3,}File \"")
_SOURCE = lazily(r"E {4,}\S")
# ruff and checkov name the rule first, then the place.
_RULE_PLACE = lazily(r" *--> |\s{0,9}FAILED for resource: ")
_RULE_CODE = lazily(
    r"[A-Z]{1,5}\d{3,4} (?:\[\*\] )?\S|Check: \S"
    r"|(?!warn|note|help|info|hint)[a-z][a-z-]{2,40}(?:\[[\w-]{1,60}\])?: \S"
)
# What a test has written to the console is shown under a heading, whether it fails or not.
_CONSOLE = lazily(r"\s{0,12}console\.(?:error|warn|log|info|debug|trace)(?: \S{1,300}:\d+)?$")
_UNTIL_EMPTY = -1
# The traceback after it was of no consequence.
_IGNORED = lazily(r"\s{0,12}(?:Exception ignored |--- Logging error ---)")
# Frameworks of assertions say what they expected, and in the next line what it was.
_EXPECTED = lazily(r"\s{0,12}(?:\[\w{1,10}\] )?[Ee]xpected ?:? \S")
_WAS = lazily(r"\s{0,14}(?:\[\w{1,10}\] )?(?:[Aa]ctual|But was|[Gg]ot|[Rr]eceived|[Ff]ound) ?:")


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
        found = _LOCATION.match(one.removeprefix("--> ").strip())
        if found and (one is line or one == line.partition("\n")[0] or one.startswith("--> ")):
            return found["file"], int(found["line"])
    return None


def _pieces(text: str, size: int = 65_536) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]
