"""The events of `go test -json` as observations; `reading.py`, `from_ci_log.py` and `run` ask.

Events of packages that are tested at once are mixed, so each is kept with its test until the test
has passed. A package that does not compile, a test that never ended and one that failed only since
a part of it did are told by what the events leave out.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.from_command import observe_command
from pytest_failtrack.observe.from_log import first_error_line
from pytest_failtrack.observe.maker import Maker, moment, numbered
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.observe.stacks.go import RACE, TIMED_OUT, go_exception
from pytest_failtrack.observe.stacks.other_languages import stack_exceptions

SOURCE = "go-test"
ACTIONS = frozenset(
    {"start", "run", "pause", "cont", "pass", "bench", "fail", "output", "skip", "attr"}
    | {"artifacts", "build-output", "build-fail"}
)
HELD_MAX_CHARS = 64 * 1024
"""Of the output of a test its beginning and its end are held, each of at most so much."""

_FRAME = lazily(r"\s*(?:=== (?:RUN|PAUSE|CONT|NAME|ATTR) |--- (?:FAIL|PASS|SKIP|BENCH): )")
_SUM = lazily(r"(?:FAIL|ok  )\t(?P<package>\S{1,500})(?:\s(?P<rest>.*))?$|(?:FAIL|PASS)$")
_STATUS = lazily(r"exit status (?P<status>\d{1,10})$|signal: (?P<signal>[a-z ]{1,40})")
_PANIC = lazily(r"(?:panic|fatal error): ", re.MULTILINE)
_RUNNING = lazily(r"^\s{1,4}(?P<test>\S{1,500}) \((?P<time>[\dhms.]{1,20})\)$", re.MULTILINE)
_TIME = lazily(r"(?P<number>\d{1,9}(?:\.\d{1,9})?)(?P<unit>h|ms|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_BUILD = lazily(r"# (?:\[(?P<vet>\S{1,500})\]|(?P<package>\S{1,500})(?: \[[^\]]{1,500}\])?)$")
# Neither a frame of a goroutine, nor what the test binary says of itself.
_TELLS = lazily(
    r"(?!\s|\[?[Gg]oroutine \d|created by |coverage: |testing: warning: |\S{1,500}\)$)(?=.*\w.*\w)"
)
_SIGNALS = {"killed": "SIGKILL", "terminated": "SIGTERM", "aborted": "SIGABRT", "quit": "SIGQUIT"}


def is_event(document: Any) -> bool:
    """Return whether a JSON document is an event of `go test -json`."""
    return (
        isinstance(document, dict)
        and document.get("Action") in ACTIONS
        and any(isinstance(document.get(one), str) for one in ("Package", "ImportPath", "Test"))
    )


def may_be_event(line: str) -> bool:
    """Return whether a line looks like an event; most lines of a log do not."""
    return line.startswith('{"') and '"Action":' in line


def event_in(line: str) -> dict[str, Any] | None:
    """Return the event that a line holds, None when it holds none."""
    if not may_be_event(line):
        return None
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return document if is_event(document) else None


def observe_go(
    lines: Iterable[str | dict[str, Any]],
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_passed: Callable[[str, str], None] | None = None,
    saw_gap: Callable[[str], None] | None = None,
) -> list[Observation]:
    """Return the failures that events tell of, in the order in which packages were tested.

    Args:
        lines: Events, parsed or one a line; what is none is what `go` said beside them.
        source: What they are called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        saw_passed: Receives node id and time of each test that passed.
        saw_gap: Receives the sentence on events that end before all packages do.
    """
    events = GoEvents()
    for line in lines:
        if isinstance(line, str):
            events.feed(line)
        else:
            events.see(line)
    unended = events.unended
    if unended and saw_gap is not None:
        saw_gap(
            f"{source}: ends before {redact(unended[0][:300])}"
            f"{f' and {len(unended) - 1:,} more' if len(unended) > 1 else ''} did: was `go test` "
            "killed? Run it again"
        )
    return events.observations(Maker(root, redact, source), saw_passed)


class _Said:
    """What a test or package printed, its two ends."""

    def __init__(self) -> None:
        self._head: list[str] = []
        self._tail: deque[str] = deque()
        self._head_chars = self._tail_chars = 0
        self.is_cut = False

    def add(self, text: str) -> None:
        if self._head_chars < HELD_MAX_CHARS:
            self._head.append(text)
            self._head_chars += len(text)
            return
        self._tail.append(text)
        self._tail_chars += len(text)
        while self._tail_chars > HELD_MAX_CHARS and len(self._tail) > 1:
            self._tail_chars -= len(self._tail.popleft())
            self.is_cut = True

    @property
    def text(self) -> str:
        return "".join((*self._head, *self._tail))


class _Test:
    """One test of a package, or the package itself."""

    def __init__(self) -> None:
        self.end = ""
        self.said = _Said()
        self.errors = _Said()
        self.is_unbuilt = False
        self.seconds: object = 0.0
        self.at = ""

    def take(self, action: str, event: Mapping[str, Any]) -> None:
        text = event.get("Output")
        if action == "output" and isinstance(text, str):
            kind = event.get("OutputType")
            total = _SUM.match(text.rstrip("\n"))
            self.is_unbuilt = self.is_unbuilt or (total is not None and _is_unbuilt(total))
            if kind == "frame" or total or _FRAME.match(text):
                return
            if isinstance(kind, str) and kind.startswith("error"):
                self.errors.add(text)
            self.said.add(text)
        elif action in ("pass", "fail", "skip", "bench"):
            self.end = action
            self.seconds = event.get("Elapsed", 0.0)
            if action != "fail":
                self.said, self.errors = _Said(), _Said()  # nobody asks any more
        self.at = str(event.get("Time") or "") or self.at

    @property
    def text(self) -> str:
        return self.said.text.strip("\n")

    @property
    def has_died(self) -> bool:
        """Whether the process ended within it."""
        text = self.said.text
        return _PANIC.search(text) is not None or _STATUS.search(text) is not None


class _Package:
    """One run of the tests of a package."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.own = _Test()
        self.build = ""
        self.tests: dict[str, _Test] = {}

    def see(self, action: str, event: Mapping[str, Any]) -> None:
        name = event.get("Test")
        if isinstance(name, str) and name:
            test = self.tests.get(name)
            if test is None:
                test = self.tests[name] = _Test()
            if test.end != "fail":  # of `-count 2`, a later pass does not undo it
                test.take(action, event)
            return
        self.own.take(action, event)
        self.build = str(event.get("FailedBuild") or "") or self.build

    def failed(self) -> dict[str, _Test]:
        """Return the tests that are failures of their own, by name."""
        found = {name: one for name, one in self.tests.items() if one.end == "fail"}
        parts: dict[str, list[str]] = {}
        for name in found:
            for at, char in enumerate(name):
                if char == "/" and name[:at] in found:
                    parts.setdefault(name[:at], []).append(name)
        for name in sorted(parts, key=lambda one: -one.count("/")):
            test = found[name]
            has_panicked = _PANIC.search(test.said.text) is not None
            silent = [one for one in parts[name] if has_panicked and not _text_of(found, one)]
            if silent:
                # What a part panicked with is printed after the end of all that it is part of.
                found[silent[-1]] = found.pop(name)
            elif not (test.has_died or test.errors.text or RACE in test.said.text):
                del found[name]
        for name, one in self.tests.items():
            if not one.end and one.has_died:
                found[_longest_running(one.text, self.tests) or name] = one
        if not found and self.own.end in ("fail", ""):
            running = [name for name, one in self.tests.items() if not one.end]
            found = {name: self.tests[name] for name in running[-1:]}
        return found


def _text_of(found: Mapping[str, _Test], name: str) -> str:
    """Return what a test printed; one that was left out counts as if it had said something."""
    return found[name].text if name in found else "-"


def _is_unbuilt(total: re.Match[str]) -> bool:
    """Whether the line that sums a package up says that its tests could not be built."""
    return (total["rest"] or "") in ("[build failed]", "[setup failed]")


def _longest_running(text: str, tests: Mapping[str, object]) -> str:
    """Return the test that a timeout found running for the longest time, ``."""
    if TIMED_OUT not in text:
        return ""
    head = text.partition("\ngoroutine ")[0]
    running = [one for one in _RUNNING.finditer(head) if one["test"] in tests]
    return max(running, key=lambda one: _seconds(one["time"]))["test"] if running else ""


def _seconds(text: str) -> float:
    return sum(float(one["number"]) * _UNITS[one["unit"]] for one in _TIME.finditer(text))


class GoEvents:
    """Takes events one at a time; of tests that passed it holds little more than the name."""

    def __init__(self) -> None:
        self.is_any = False
        self._runs: list[_Package] = []
        self._open: dict[str, _Package] = {}
        self._builds: dict[str, _Said] = {}
        self._failed_builds: list[str] = []
        self._at = ""
        self._beside: _Said | None = None

    def feed(self, line: str) -> bool:
        """Take a line, and return whether it held an event."""
        event = event_in(line)
        if event is None:
            self._take_beside(line.rstrip("\r\n"))
            return False
        self.see(event)
        return True

    def see(self, event: Mapping[str, Any]) -> None:
        """Take an event."""
        self.is_any = True
        action = event["Action"]
        self._at = str(event.get("Time") or "") or self._at
        if action.startswith("build-"):
            key = str(event.get("ImportPath") or "")
            build = self._builds.setdefault(key, _Said())
            build.add(str(event.get("Output") or ""))
            if action == "build-fail":
                self._failed_builds.append(key)
            return
        name = str(event.get("Package") or "")
        package = self._open.get(name)
        # Whoever runs failed tests again appends the events of another run.
        if package is None or (package.own.end and (action == "start" or event.get("Test"))):
            package = self._open[name] = _Package(name)
            self._runs.append(package)
        package.see(action, event)

    def _take_beside(self, line: str) -> None:
        """Take what `go` printed past the events: what did not compile, before Go 1.24."""
        head = _BUILD.match(line)
        if head:
            name = head["package"] or head["vet"]
            self._beside = self._builds.setdefault(name, _Said())
        total = _SUM.match(line)
        if total:
            if _is_unbuilt(total):
                package = _Package(total["package"])
                package.own.end, package.own.is_unbuilt = "fail", True
                self._runs.append(package)
        elif self._beside is not None and line:
            self._beside.add(f"{line}\n")

    @property
    def tests(self) -> int:
        """Number of tests that were told of."""
        return len({(one.name, name) for one in self._runs for name in one.tests})

    @property
    def unended(self) -> list[str]:
        """Names of the packages of which no event says how they ended.

        What `test2json` writes names no package, and its last event nothing at all.
        """
        return [one.name for one in self._runs if one.name and not one.own.end]

    def observations(
        self, maker: Maker, saw_passed: Callable[[str, str], None] | None = None
    ) -> list[Observation]:
        """Return the failures; those of a test that passed in a later run of it are flaky."""
        last: dict[tuple[str, str], str] = {}
        for package in self._runs:
            last |= {(package.name, name): one.end for name, one in package.tests.items()}
        seen: dict[tuple[str, str], int] = {}
        found: list[Observation] = []
        built: set[str] = set()
        ends = {one.name: one for one in self._runs}
        for package in self._runs:
            for name, test in package.failed().items():
                key = (package.name, name)
                attempt = seen[key] = seen.get(key, 0) + 1
                one = _of_test(package.name, name, test, maker)
                if ends[package.name] is not package and key in last:
                    is_later = name in ends[package.name].tests
                    outcome = "flaky" if last[key] == "pass" else "rerun" if is_later else ""
                    one = replaced(one, outcome=outcome) if outcome else one
                found.append(replaced(one, attempt=attempt) if attempt > 1 else one)
            if package.own.end == "fail" and not any(
                one.end in ("fail", "") for one in package.tests.values()
            ):
                found += self._of_package(package, built, maker)
        found += self._of_builds(built, maker)
        if saw_passed is not None:
            times = {name: moment(one.own.at) if one.own.at else "" for name, one in ends.items()}
            for key, end in last.items():
                if end == "pass":
                    saw_passed(maker.clean_nodeid(_nodeid(*key)), times[key[0]])
        return numbered(found)

    def _of_package(
        self, package: _Package, built: set[str], maker: Maker
    ) -> Iterator[Observation]:
        """Yield why a package failed in which no test did; one that is not built once for all."""
        key = package.build if package.build in self._builds else package.name
        said = self._builds.get(key) or (_Said() if package.own.is_unbuilt else None)
        if said is None:
            yield _of_test(package.name, "", package.own, maker)
        elif key not in built:
            built.add(key)
            yield _of_build(key, said, package.own.at, maker)

    def _of_builds(self, built: set[str], maker: Maker) -> Iterator[Observation]:
        """Yield the builds that failed and that no package named as why it failed."""
        told = {_import_path(one) for one in built}
        for key in self._failed_builds:
            if _import_path(key) not in told:
                told.add(_import_path(key))
                yield _of_build(key, self._builds[key], self._at, maker)


def _import_path(key: str) -> str:
    """Return the package of a build: `a/b` of `a/b [a/b.test]`, the same with its tests."""
    return key.partition(" ")[0]


def _nodeid(package: str, test: str) -> str:
    return f"{package}::{test}" if package and test else package or test


def _of_test(package: str, name: str, test: _Test, maker: Maker) -> Observation:
    text = test.text
    status = _STATUS.search(text) if test.has_died and not _PANIC.search(text) else None
    said = text
    if test.errors.text and not (test.has_died or RACE in text):
        said = test.errors.text  # without what it only logged
    elif status and not name:
        said = text[: status.start()].strip("\n")
    exceptions: tuple[Raised, ...] = ()
    if not name:
        exceptions = _of_outside(said, status[0] if status else "", package, maker)
    elif not status:
        exceptions = stack_exceptions(said, "", "", maker.places, name, package)
    where = next((one.frames[-1] for one in exceptions if one.frames), None)
    signal = (status["signal"] or "") if status else ""
    return maker.failure(
        source=SOURCE,
        when="call",
        nodeid=_nodeid(package, name) or "?",
        outcome="crashed" if signal or (status and name) else "failed",
        text=text,
        exceptions=exceptions,
        file=where.file if where else "",
        line=where.line if where else None,
        seconds=test.seconds,
        timestamp=test.at,
        exit_status=int(status["status"]) if status and status["status"] else None,
        signal=_SIGNALS.get(signal, f"signal {signal}") if signal else "",
    )


def _of_outside(said: str, end: str, package: str, maker: Maker) -> tuple[Raised, ...]:
    """Return what a package failed with outside of its tests: in `TestMain`, by a leak check."""
    lines = [line.strip() for line in said.splitlines()]
    shown = go_exception(lines, maker.places, package)
    if shown is not None:
        return (shown,)
    telling = [line for line in said.splitlines() if _TELLS.match(line)]
    last = first_error_line("\n".join(telling)) or next(reversed(telling), "") or end
    return (Raised("Failure", last.strip()),) if last else ()


def _of_build(key: str, said: _Said, at: str, maker: Maker) -> Observation:
    """Return the failure to build a package: that of the command that `go test` stands for."""
    text = said.text
    heads = [one for line in text.splitlines() if (one := _BUILD.match(line))]
    package = next((one["package"] for one in heads if one["package"]), _import_path(key))
    is_vet = any(one["vet"] for one in heads)
    body = "\n".join(line for line in text.splitlines() if not _BUILD.match(line))
    return observe_command(
        ("go", "vet" if is_vet else "build", package),
        1,
        tail=body,
        error_line=first_error_line(body),
        redact=maker.redact,
        timestamp=moment(at),
        is_truncated=said.is_cut,
        places=maker.places,
    )
