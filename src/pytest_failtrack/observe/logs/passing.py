"""Which test was running while a line of a log was printed, and whether it has passed.

`from_log.py` asks: what a test has printed that passes, or a whole class or binary of them, is no
error of the build.
"""

from __future__ import annotations

import re

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily


@frozen
class _Runner:
    """How a runner says that tests begin and end.

    Args:
        kind: Its name here.
        words: One of them stands in each line that begins one.
        begins: Such a line; `name` is the test, where it says so.
        ends: A line that ends one; `good` is there when it passed.
        within: It says so only within tests of this kind, `` for anywhere.
        is_whole: What begins after it ends with it.
    """

    kind: str
    words: tuple[str, ...]
    begins: re.Pattern[str]
    ends: re.Pattern[str]
    within: str = ""
    is_whole: bool = False


_GRADLE_ENDS = r"(?P<name>[\w.$]{1,200} > .{1,200}) (?:(?P<good>PASSED|SKIPPED)|FAILED)$"
_RUNNERS = (
    _Runner(
        "pytest",
        (".py::",),
        lazily(
            r"(?P<name>[\w./\\-]{1,300}\.py::\S{1,300})"
            r"(?!.{0,400}\b(?:PASSED|SKIPPED|FAILED|XFAIL|XPASS|ERROR)) "
        ),
        lazily(
            r".{0,400}?(?:(?P<good>PASSED|SKIPPED|XFAIL)|FAILED|ERROR|XPASS)"
            r"(?: {1,80}\[ {0,2}\d{1,3}%\])?$"
        ),
    ),
    _Runner(
        "go",
        ("=== ",),
        lazily(r"=== (?:RUN|CONT|NAME) {1,4}(?P<name>[^\s/]{1,300})"),
        lazily(r"--- (?:(?P<good>PASS|SKIP)|FAIL): (?P<name>[^\s/]{1,300})"),
    ),
    _Runner(
        "surefire",
        ("Running ",),
        lazily(r"(?:\[INFO\] )?Running (?P<name>[A-Za-z_][\w.$]{0,300})$"),
        lazily(
            r"(?:\[[A-Z]{4,7}\] )?Tests run: {1,4}\d{1,7}, {1,4}Failures: {1,4}"
            r"(?:(?P<good>0, {1,4}Errors: {1,4}0\b)|\d)"
            r"(?:.{0,200} in (?P<name>[\w.$]{1,300})$)?"
        ),
    ),
    # What all tests print, between the lines that say which of them has passed.
    _Runner(
        "task",
        ("> Task :", " PASSED", " SKIPPED"),
        lazily(r"> Task :[\w:-]{0,200}[tT]est\b|[\w.$]{1,200} > .{1,200} (?:PASSED|SKIPPED)$"),
        lazily(rf"> Task :|{_GRADLE_ENDS}".replace("(?P<name>", "(?:")),
    ),
    _Runner(
        "gradle",
        (" STANDARD_",),
        lazily(r"(?P<name>[\w.$]{1,200} > .{1,200}) STANDARD_(?:OUT|ERROR)$"),
        lazily(_GRADLE_ENDS),
    ),
    _Runner(
        "binary",
        ("running ",),
        lazily(r"running \d{1,7} tests?$"),
        lazily(r"test result: (?:(?P<good>ok)|FAILED)\."),
        is_whole=True,
    ),
    # The thread of a test bears its name.
    _Runner(
        "thread",
        ("thread '",),
        lazily(r"thread '(?P<name>[\w:]{1,300})' (?:\(\d{1,12}\) )?panicked at "),
        lazily(r"test (?P<name>[\w:]{1,300}).{0,40} \.\.\. (?:(?P<good>ok)|FAILED)$"),
        within="binary",
    ),
)
_BY_WORD = tuple((word, one) for one in _RUNNERS for word in one.words)
# Of more tests at once, the oldest is forgotten.
OPEN_MAX = 500


class Running:
    """The tests that are running, by what runners say of them."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], None] = {}
        self._kinds: set[str] = set()

    @property
    def current(self) -> tuple[str, str] | None:
        """The test that what is printed now belongs to, as far as one sees; None for none."""
        return next(reversed(self._open), None)

    def is_open(self, test: tuple[str, str] | None) -> bool:
        """Whether nobody knows yet how a test ends."""
        return test in self._open

    def take(self, line: str) -> frozenset[tuple[str, str]] | None:
        """Take a line and return the tests that pass with it.

        Args:
            line: A line without escapes and without what a CI puts before it.

        Returns:
            None when the line says nothing of tests.
        """
        passed: frozenset[tuple[str, str]] | None = None
        for one in _RUNNERS if self._kinds else ():
            ended = one.ends.match(line) if one.kind in self._kinds else None
            if ended is not None:
                passed = (passed or frozenset()) | self._end(one, ended)
        for word, one in _BY_WORD:
            begun = one.begins.match(line) if word in line else None
            if begun is not None and (not one.within or one.within in self._kinds):
                self._begin((one.kind, begun.groupdict().get("name") or ""))
                passed = passed or frozenset()
        return passed

    def _begin(self, test: tuple[str, str]) -> None:
        self._open.pop(test, None)
        self._open[test] = None
        self._kinds.add(test[0])
        if len(self._open) > OPEN_MAX:
            self._close([next(iter(self._open))])

    def _end(self, runner: _Runner, ended: re.Match[str]) -> frozenset[tuple[str, str]]:
        """End a test, by its name where the runner says it, and return what passed."""
        named = (runner.kind, ended.groupdict().get("name") or "")
        known = [one for one in self._open if one[0] == runner.kind]
        is_of_another = named[1] and named not in self._open and runner.kind != "surefire"
        if is_of_another or not known:
            return frozenset()
        test = named if named in self._open else known[-1]
        order = list(self._open)
        closed = order[order.index(test) :] if runner.is_whole else [test]
        self._close(closed)
        return frozenset(closed if ended["good"] else ())

    def _close(self, tests: list[tuple[str, str]]) -> None:
        for one in tests:
            del self._open[one]
        self._kinds = {kind for kind, _ in self._open}
