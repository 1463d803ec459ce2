"""JUnit XML of any test runner as observations; `reading.py` asks.

What runners agree on is little: cases with a name, and `failure` or `error` within. Everything else
is taken as it comes: one root or the other, nested suites, no attributes, counts that are wrong,
several failures in a case, output of a case or of a whole suite. Counts are believed in two things
alone: a suite that counts failures and shows none has failed, and one that counts tests and shows
no case is incomplete. One that shows fewer cases than tests is fine: pytest counts subtests and
errors of a teardown, Catch2 counts assertions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.from_output import says_how_it_ended, told_by_output
from pytest_failtrack.observe.maker import XPASS, Maker, moment, numbered
from pytest_failtrack.observe.nodeids import other_nodeid, python_nodeid
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.observe.pytest_ends import counted_text
from pytest_failtrack.observe.stacks.other_languages import is_type, stack_exceptions
from pytest_failtrack.observe.xml_events import Event, events

SOURCE = "junit"
ROOTS = frozenset({"testsuites", "testsuite"})
# Maven Surefire and cargo-nextest: attempts of a case that passed, or failed, in the end.
FLAKY = frozenset({"flakyFailure", "flakyError"})
RERUN = frozenset({"rerunFailure", "rerunError"})
FAILED = frozenset({"failure", "error"})
PROBLEMS = FAILED | FLAKY | RERUN
COUNTED = "counted"
# What some runners say of a case in place of an element.
SAYS_FAILED = frozenset({"failed", "fail", "failure", "error", "errored", "broken"})
OUTPUT = {"system-out": "stdout", "system-err": "stderr"}
NAME_MAX_CHARS = 2_000

_MARK = lazily(r"(?:=== |--- )[A-Z]{3,5}\b|(?:FAIL|PASS)$|exit status \d")
_TITLE = lazily(r"(?P<place>\S{1,300}\.[cm]?[jt]sx?:\d{1,7}:\d{1,7}) \S")
_SHOWN_SOURCE = lazily(r"\s{0,200}(?:>\s{0,10})?\d{0,7}\s{1,20}\|(?:\s|$)")
_PHASES = (
    ("failed on setup with ", "setup"),
    ("failed on teardown with ", "teardown"),
    ("test setup failure", "setup"),
    ("test teardown failure", "teardown"),
    ("collection failure", "collect"),
)


@dataclass
class Problem:
    """A `failure`, `error` or attempt within a case."""

    tag: str
    message: str = ""
    type: str = ""
    text: str = ""
    captured: dict[str, str] = field(default_factory=dict)


@dataclass
class Suite:
    """An open `testsuite`."""

    name: str = ""
    file: str = ""
    timestamp: str = ""
    hostname: str = ""
    has_retries: bool = False
    counted: int = 0
    shown: int = 0
    tests: int = 0
    left_out: int = 0
    tests_shown: int = 0
    has_nameless: bool = False
    problems: list[Problem] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    failed: set[tuple[str, str]] = field(default_factory=set)
    passed: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Case:
    """A `testcase`."""

    name: str
    classname: str
    file: str
    line: str
    time: str
    status: str = ""
    problems: list[Problem] = field(default_factory=list)
    captured: dict[str, str] = field(default_factory=dict)
    is_skipped: bool = False


def observe_junit(
    data: bytes,
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_passed: Callable[[str, str], None] | None = None,
    saw_gap: Callable[[str], None] | None = None,
    saw_tests: Callable[[bool], None] | None = None,
) -> list[Observation]:
    """Return the failures of a JUnit XML document, in its order.

    A case that failed and passed in a later attempt is `flaky` where the document says so: by
    `flakyFailure`, or, in documents of the JVM, by equal cases of which the last one passed.

    Args:
        data: The document.
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        saw_passed: Receives node id and time of each test that passed, and never failed.
        saw_gap: Receives the sentence on a document with a case that nothing is told of: pytest
            writes one for the test in which it was interrupted. Also the sentence on one that
            counts tests and shows none.
        saw_tests: Receives whether it shows or counts a test, skipped ones too; that it does not
            only where it is pytest's: runners that leave out what passed, and linters, write such.

    Raises:
        InputError: It is no JUnit XML, or cannot be read to its end.
    """
    maker = Maker(root, redact, source)
    found: list[Observation] = []
    suites = _suites(data, source, keeps_passed=saw_passed is not None)
    if saw_gap is not None and any(suite.has_nameless for suite in suites):
        saw_gap(
            f"{source}: holds a case without a name and a result: was its run interrupted? Run it "
            "again, or hand in the log instead"
        )
    hollow = next((suite for suite in suites if _is_hollow(suite)), None)
    if saw_gap is not None and hollow is not None:
        of = f" of {redact(hollow.name[:300])}" if hollow.name else ""
        saw_gap(
            f"{source}: counts {hollow.tests:,} test{'s' * (hollow.tests != 1)}{of} and shows "
            "none; was its writer killed? Run it again, or hand in the log instead"
        )
    has_tests = any(one.tests or one.left_out or one.tests_shown or one.shown for one in suites)
    if saw_tests is not None and (has_tests or any(one.name == "pytest" for one in suites)):
        saw_tests(has_tests)
    for suite in suites:
        found += _of_suite(suite, maker)
        if saw_passed is not None:
            at = moment(suite.timestamp) if suite.timestamp else ""
            for nodeid in _passed(suite, maker):
                saw_passed(nodeid, at)
    return numbered(found)


def _suites(data: bytes, source: str, *, keeps_passed: bool) -> list[Suite]:
    """Return every suite that holds cases or problems of its own, inner ones first."""
    done: list[Suite] = []
    reader = _Reader(done, keeps_passed)
    for event in events(data, source):
        if event.kind == "again":  # the document had to be mended: what was read is read anew
            done.clear()
            reader = _Reader(done, keeps_passed)
        elif event.kind == "start":
            if not reader.has_root and event.tag not in ROOTS:
                raise InputError(
                    f"{source}: the root element is <{event.tag[:40]}>; JUnit XML begins with "
                    "<testsuites> or <testsuite>",
                    slug="not-junit",
                )
            reader.start(event)
        else:
            reader.end(event)
    return done


class _Reader:
    """Keeps track of what is open."""

    def __init__(self, done: list[Suite], keeps_passed: bool) -> None:
        self.has_root = False
        self._keeps_passed = keeps_passed
        self._done = done
        self._suites: list[Suite] = []
        self._case: Case | None = None
        self._problem: Problem | None = None

    def start(self, event: Event) -> None:
        self.has_root = True
        given = event.attributes.get
        if event.tag in ROOTS:
            outer = self._suites[-1] if self._suites else Suite()
            self._suites.append(
                Suite(
                    name=given("name", ""),
                    file=given("file", "") or given("filepath", "") or outer.file,
                    timestamp=given("timestamp", "") or outer.timestamp,
                    hostname=given("hostname", ""),
                    # Gradle writes these; others repeat a name for each row of a test's data.
                    has_retries=bool(given("hostname", "") and given("skipped", ""))
                    and not given("ignored", ""),
                    counted=_number(given("failures", "")) + _number(given("errors", "")),
                    tests=_number(given("tests", "")),
                    left_out=_number(given("skipped", "")) + _number(given("disabled", "")),
                )
            )
        elif event.tag == "testcase":
            self._case = Case(
                name=given("name", ""),
                classname=given("classname", "") or given("class", ""),
                file=given("file", ""),
                line=given("line", "") or given("lineno", ""),
                time=given("time", "") or given("duration", ""),
                status=(given("status", "") or given("result", "")).strip().lower(),
            )
        elif event.tag in PROBLEMS and self._problem is None:
            self._problem = Problem(event.tag, given("message", ""), given("type", ""))
            holder = self._case or (self._suites[-1] if self._suites else None)
            if holder is not None:
                holder.problems.append(self._problem)
            if self._suites:
                self._suites[-1].shown += 1
        elif event.tag == "skipped" and self._case is not None:
            self._case.is_skipped = True

    def end(self, event: Event) -> None:
        problem = self._problem
        if event.tag in ROOTS:
            suite = self._suites.pop()
            if suite.counted and not suite.shown:
                said = Problem(COUNTED, text=counted_text(suite.counted))
                suite.problems.append(said)
                suite.shown = 1
            if self._suites:
                self._suites[-1].shown += suite.shown
                self._suites[-1].tests_shown += suite.tests_shown
            self._done.append(suite)
        elif event.tag == "testcase":
            self._keep(self._case)
            self._case = None
        elif problem is not None and event.tag == "stackTrace":
            problem.text = event.text
        elif event.tag in OUTPUT:
            holder = problem or self._case or (self._suites[-1] if self._suites else None)
            if holder is not None and event.text.strip():
                name = OUTPUT[event.tag]
                holder.captured[name] = (holder.captured.get(name, "") + event.text)[-200_000:]
        elif problem is not None and event.tag == problem.tag:
            problem.text = problem.text or event.text
            self._problem = None

    def _keep(self, case: Case | None) -> None:
        """Keep a case that failed, or that may be another attempt of one that did."""
        suite = self._suites[-1] if self._suites else None
        if case is None or suite is None:
            return
        suite.tests_shown += 1
        if case.status in SAYS_FAILED and not case.problems and not case.is_skipped:
            case.problems.append(Problem("failure", f"its report says: {case.status}"))
            suite.shown += 1
        if not (case.name or case.classname or case.problems or case.is_skipped):
            suite.has_nameless = True
        elif case.problems:
            suite.cases.append(case)
            suite.failed.add((case.classname, case.name))
        elif (case.classname, case.name) in suite.failed:
            suite.cases.append(case)
        elif self._keeps_passed and case.name and not case.is_skipped:
            suite.passed.append((case.classname, case.name, case.file))


def _is_hollow(suite: Suite) -> bool:
    """Whether a suite counts tests that were not skipped, and shows neither one nor a failure."""
    return suite.tests > suite.left_out and not suite.tests_shown and not suite.shown


def _of_suite(suite: Suite, maker: Maker) -> Iterator[Observation]:
    passed_later, wholes = _passed_later(suite), _wholes(suite)
    for at, case in enumerate(suite.cases):
        if (case.classname, case.name) in wholes and not any(map(_says_more, case.problems)):
            continue  # it failed only since a part of it did
        yield from _of_case(case, suite, maker, is_flaky=at in passed_later)
    for problem in suite.problems:
        yield _observation(
            problem,
            Case("", "", suite.file, "", ""),
            suite,
            maker,
            nodeid=suite.name or "testsuite" * (problem.tag == COUNTED),
        )


def _passed(suite: Suite, maker: Maker) -> Iterator[str]:
    """Yield the node ids of the cases that passed and did not fail in another attempt."""
    for classname, name, file in suite.passed:
        if (classname, name) not in suite.failed:
            yield maker.clean_nodeid(_nodeids(classname, name, file, suite, maker)[0])


def _wholes(suite: Suite) -> set[tuple[str, str]]:
    """Return the class and name of what failed parts belong to: `TestA` of `TestA/part`."""
    return {
        (classname, name[:at])
        for classname, name in suite.failed
        for at, char in enumerate(name[:NAME_MAX_CHARS])
        if char == "/"
    }


def _says_more(problem: Problem) -> bool:
    """Whether a failure of Go says anything but that it failed."""
    lines = filter(None, map(str.strip, problem.text.splitlines()))
    return not says_how_it_ended(problem.message) or not all(map(_MARK.match, lines))


def _passed_later(suite: Suite) -> set[int]:
    """Return the failed cases that are attempts of a case that passed (Gradle's test-retry)."""
    by_name: dict[tuple[str, str], list[int]] = {}
    for at, case in enumerate(suite.cases if suite.has_retries else ()):
        if case.classname and case.classname == suite.name:
            by_name.setdefault((case.classname, case.name), []).append(at)
    found: set[int] = set()
    for places in by_name.values():
        *before, last = places
        is_repaired = not suite.cases[last].problems and not suite.cases[last].is_skipped
        if before and is_repaired and all(suite.cases[one].problems for one in before):
            found.update(before)
    return found


def _of_case(case: Case, suite: Suite, maker: Maker, *, is_flaky: bool) -> Iterator[Observation]:
    attempts = [one for one in case.problems if one.tag in FLAKY | RERUN]
    finals = [one for one in case.problems if one.tag in FAILED]
    if not attempts:
        for problem in finals:
            one = _observation(problem, case, suite, maker)
            yield replaced(one, outcome="flaky") if is_flaky else one
        return
    # Surefire writes the first failure as `failure`, and what followed as `rerunFailure`.
    every = [*finals, *attempts]
    for at, problem in enumerate(every, start=1):
        one = _observation(problem, case, suite, maker)
        is_last = bool(finals) and at == len(every)
        outcome = one.outcome if is_last else "rerun" if finals else "flaky"
        yield replaced(one, outcome=outcome, attempt=at)


def _observation(
    problem: Problem, case: Case, suite: Suite, maker: Maker, nodeid: str = ""
) -> Observation:
    text, is_suite = problem.text.strip("\n"), bool(nodeid)
    python, file = "", _file(case.file, suite, maker)
    if not nodeid:
        nodeid, python = _nodeids(case.classname, case.name, case.file, suite, maker)
    when = _phase(problem, is_suite=is_suite)
    outcome = "failed" if when == "call" else "error"
    captured = problem.captured or case.captured or suite.captured
    exceptions: tuple[Raised, ...] = ()
    signal, output = "", ""
    if not text.strip() and says_how_it_ended(problem.message) and not is_type(problem.type):
        # Of an output that several failures share nobody knows whose it is.
        is_own = problem.captured or case.captured or len(suite.cases) == 1
        output = "\n".join(captured.values()) if is_own else ""
        exceptions, signal = told_by_output(
            problem.message, output, maker.places, case.name, case.classname
        )
    if signal:
        outcome, text = "crashed", problem.message
    elif exceptions:
        is_told = exceptions[0].message == problem.message.strip()
        text = problem.message if is_told else output.strip("\n")
    elif python or _is_python(text or problem.message):
        exceptions = maker.python_or_text(text, problem.message, problem.type, when)
        if text.startswith(XPASS):
            outcome = "xpassed"
    else:
        said, message = _untitled(text, problem.message)
        exceptions = stack_exceptions(
            said, message, problem.type, maker.places, case.name, case.classname
        )
    line = int(case.line) if case.line.isdigit() else None
    return maker.failure(
        source=SOURCE,
        when=when,
        nodeid=nodeid or "?",
        outcome=outcome,
        text=text or problem.message,
        exceptions=exceptions,
        captured=captured,
        signal=signal,
        file=file or python.partition("::")[0],
        line=line + 1 if line is not None and python else line,
        seconds=case.time,
        timestamp=suite.timestamp,
    )


def _untitled(text: str, message: str) -> tuple[str, str]:
    """Return text and message of a failure without its title, which Playwright gives as message.

    The error stands in the text, below the title, and the source around its place below that.
    """
    title = _TITLE.match(message)
    lines = text.strip().splitlines()
    if title is None or len(lines) < 2 or title["place"] not in lines[0]:
        return text, message
    return "\n".join(line for line in lines[1:] if not _SHOWN_SOURCE.match(line)).strip(), ""


def _nodeids(classname: str, name: str, file: str, suite: Suite, maker: Maker) -> tuple[str, str]:
    """Return the node id of a case, and the same where it is one of pytest's, else ``."""
    file = _file(file, suite, maker)
    # Where the class is the name, it is a program's: CTest knows nothing but that.
    is_program = bool(classname) and classname == name and not file
    python = "" if is_program else python_nodeid(classname, name, file, maker.places)
    return python or other_nodeid(classname, name, file, suite.name), python


def _file(file: str, suite: Suite, maker: Maker) -> str:
    """Return the file of a case where the document names it."""
    file = file or suite.file
    if file.startswith("/") or file[1:2] == ":":  # of the machine that ran it
        return maker.places.place(file).file
    return file


def _phase(problem: Problem, *, is_suite: bool) -> str:
    if is_suite and problem.tag != COUNTED:
        return "session"
    message = problem.message
    return next((phase for words, phase in _PHASES if message.startswith(words)), "call")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _is_python(text: str) -> bool:
    return "Traceback (most recent call last)" in text or "\nE   " in f"\n{text}"
