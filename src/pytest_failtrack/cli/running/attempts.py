"""Runs a command again when nothing but the infrastructure failed; `failtrack run` calls it.

What was recorded of an attempt decides, whoever recorded it: the command's own record, or those of
the tracked pytest runs within it. The policy is the matrix's (S1-86..89).
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_failtrack.cli.running.saying import say
from pytest_failtrack.cli.running.standard_input import StandardInput
from pytest_failtrack.errors import FailtrackError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.history import evidence, run_file
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.from_command import signal_name
from pytest_failtrack.observe.logs.tools import complaint_of
from pytest_failtrack.policy.matrix import Matrix, load_matrix
from pytest_failtrack.policy.retry import RetryDecision, decide_retry, failed_of
from pytest_failtrack.record.verify import verify_run
from pytest_failtrack.sinks.plain import plain

if TYPE_CHECKING:
    from pytest_failtrack.cli.running.attempted import Attempted, Written
    from pytest_failtrack.config import Settings

Document = dict[str, Any]

# Who sends one of these wants an end, not another attempt.
ENDINGS = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP")
KEYS = ("SIGINT", "SIGQUIT")
# Pauses differ by up to a fifth, so that jobs which failed at one moment do not return at one.
JITTER = 0.2
TICK_SECONDS = 0.05
SENTENCE_MAX_CHARS = 300
_RED_RUN = lazily(r"^=* ?\d{1,6} (?:.{0,200}, \d{1,6} )?(?:failed|errors?)\b.{0,200} in \d", re.M)
# What other runners of tests print of a failure.
_FAILED_BESIDE = lazily(
    r"^(?:FAILED \((?:failures|errors)=|Tests: +\d{1,6} failed|Test Files +\d{1,6} failed"
    r"|Tests: \d{1,6}, .{0,80}(?:Failures|Errors): [1-9]|\d{1,6} examples?, [1-9]\d{0,5} failures?"
    r"| {0,6}\d{1,6} failing$|--- FAIL: |test result: FAILED)",
    re.MULTILINE,
)
_FAILED_TESTS = lazily(
    rf"^(?:FAILED|ERROR) \S{{1,300}}\.py\b|{_RED_RUN.pattern}"
    r"|= (?:FAILURES|ERRORS|short test summary info) =",
    re.MULTILINE,
)


@frozen
class RetryAsked:
    """What the command line says of trying again.

    Args:
        conditions: Conditions of the matrix that are known to hold.
        delay_seconds: Pause before the first retry, exactly; None leaves it to the settings.
    """

    conditions: tuple[str, ...] = ()
    delay_seconds: float | None = None


def repeat(attempt: Callable[[Settings], Attempted], settings: Settings, asked: RetryAsked) -> int:
    """Run a command until it succeeds or must not be tried again; return its last exit code.

    Args:
        attempt: Runs the command once and records it.
        settings: Settings of the first attempt.
        asked: What the command line says.
    """
    series = _Series(settings, asked)
    with _Interruptions() as interruptions:
        while True:
            given = StandardInput()
            done = attempt(settings)
            following = None
            try:
                following, sentence = series.following(done, settings, given, interruptions)
            except Exception as error:  # it never changes how the command ends
                sentence = f"not retried: {type(error).__name__}: {error}"
            if following is None:
                done.show()
                if sentence:
                    _say(sentence)
                return done.code
            settings = following


class _Series:
    """The attempts that were made, and what is written of them."""

    def __init__(self, settings: Settings, asked: RetryAsked) -> None:
        self._settings = settings
        self._asked = asked
        self._matrix: Matrix | None = None
        self.attempts: list[tuple[Written, ...]] = []  # of attempts that another one followed
        self.most: int | None = None

    def following(
        self,
        done: Attempted,
        settings: Settings,
        given: StandardInput,
        interruptions: _Interruptions,
    ) -> tuple[Settings | None, str]:
        """Wait for the next attempt and return its settings; or None, and a sentence why."""
        if done.code == 0:
            return None, self.succeeded(done)
        reason = interruptions.reason or _end_asked_for(done)
        if not reason:
            decision = self.decide(done)
            reason = "" if decision.is_allowed else decision.reason
        if not reason and not given.rewind():
            reason = "it has read from a pipe, and what came through is gone"
        if not reason:
            pause = self.pause_seconds(decision)
            number = self.retries + 1
            _say(
                f"retry {number} of {self.most} in {_shown(pause)} s (attempt {number + 1}): "
                f"{decision.reason}"
            )
            interruptions.wait(pause)
            reason = interruptions.reason
        if reason:
            self.ended(done)
            return None, f"not retried: {reason}"
        return replaced(settings, attempt=self.retried(done, settings.attempt)), ""

    @property
    def retries(self) -> int:
        """Number of retries made."""
        return len(self.attempts)

    def decide(self, done: Attempted) -> RetryDecision:
        """Return whether an attempt that failed may be repeated."""
        try:
            return self._decided(done)
        except (FailtrackError, OSError) as error:
            return RetryDecision(False, reason=f"what failed cannot be read: {error}")

    def _decided(self, done: Attempted) -> RetryDecision:
        if reason := _failed_untracked(done):
            return RetryDecision(is_allowed=False, reason=reason)
        failures = [
            one
            for document, record in _records(done.telling)
            if not _is_recovered(document) and (one := failed_of(record))
        ]
        self._matrix = self._matrix or load_matrix(self._settings.table)
        decision = decide_retry(failures, self._matrix, self._asked.conditions)
        if not decision.is_allowed:
            return decision
        # No policy of any attempt may be exceeded.
        self.most = min(decision.max_attempts, self.most or decision.max_attempts)
        if self.retries < self.most:
            return decision
        made = "its only retry is" if self.most == 1 else f"all {self.most} retries are"
        return replaced(decision, is_allowed=False, reason=f"{made} used: {decision.reason}")

    def pause_seconds(self, decision: RetryDecision) -> float:
        """Return how long to wait before the next attempt."""
        base, longest = self._asked.delay_seconds, float(self._settings.retry_max_delay_seconds)
        if base is not None:
            return decision.pause_seconds(self.retries + 1, base, max(base, longest))
        base = float(self._settings.retry_delay_seconds)
        pause = decision.pause_seconds(self.retries + 1, base, longest)
        return min(pause * random.uniform(1 - JITTER, 1 + JITTER), longest)

    def retried(self, done: Attempted, attempt: int) -> int:
        """Note that an attempt is repeated; return the number that the next one begins with."""
        self.attempts.append(done.written)
        self._mark(self.retries, done.written, is_retried=True)
        made = [int(record["test"]["attempt"]) for _, record in _records(done.written)]
        return 1 + max([attempt, *made])

    def succeeded(self, done: Attempted) -> str:
        """Note that the command succeeded, in what was written of the attempts before."""
        if not self.attempts:
            return ""
        for number, written in enumerate(self.attempts, 1):
            self._mark(number, written, is_retried=True, has_succeeded=True)
        self._mark(self.retries + 1, done.written)
        before = "1 attempt" if self.retries == 1 else f"{self.retries} attempts"
        return (
            f"attempt {self.retries + 1} succeeded; the failures of {before} before it are kept "
            f"as flaky (build {self._settings.build})"
        )

    def ended(self, done: Attempted) -> None:
        """Note which attempt the last one was."""
        if self.attempts:
            self._mark(self.retries + 1, done.written)

    def _mark(
        self,
        number: int,
        written: Sequence[Written],
        *,
        is_retried: bool = False,
        has_succeeded: bool = False,
    ) -> None:
        """Write into run documents which attempt they are, and what became of it (S2-27, S2-28)."""
        retry = {
            "attempt": number,
            "recovery_attempted": is_retried,
            "recovery_succeeded": has_succeeded,
        }
        try:
            for folder, document in _documents(written):
                if _is_recovered(document):
                    continue  # a `failtrack run` within the command got past it
                changed = {**document, "retry": retry}
                if has_succeeded:
                    changed["causes"] = [
                        {**one, "is_flaky": not one.get("is_debt")} for one in document["causes"]
                    ]
                run_file.write_run(folder, changed)
        except (FailtrackError, OSError) as error:
            _say(f"that it was retried was not written down: {error}")


class _Interruptions:
    """Takes the signals that ask for an end while no command runs."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self.reason = ""

    def __enter__(self) -> _Interruptions:
        for name in ENDINGS:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) in (signal.SIG_IGN, None):
                continue
            try:
                self._before[number] = signal.signal(number, self._take)
            except (ValueError, OSError):  # not in the main thread
                continue
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, _frame: object) -> None:
        self.reason = f"interrupted by {signal.Signals(number).name}"

    def wait(self, seconds: float) -> None:
        """Wait, or until a signal asks for an end."""
        end = time.monotonic() + seconds
        while not self.reason and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, TICK_SECONDS))


def _failed_untracked(done: Attempted) -> str:
    """Return what failed of which no record tells, so that none says why; `` for nothing.

    The record of a command names one error; an assertion may hide behind it.
    """
    has_tests = _FAILED_TESTS.search(done.output) is not None
    if not done.is_own:
        has_tests = len(_RED_RUN.findall(done.output)) > done.red_runs
    if has_tests:
        return "tests failed in it that were not tracked; run them with pytest --failtrack"
    if not done.is_own and (_FAILED_BESIDE.search(done.output) or complaint_of(done.output)):
        return "something failed in it beside the tests that were tracked"
    return ""


def _end_asked_for(done: Attempted) -> str:
    """Return why an attempt must be the last one whatever failed, `` when nothing says so."""
    names = [signal.Signals(number).name for number in done.signals]
    ending = next((name for name in names if name in ENDINGS), "")
    if not ending and signal_name(done.returncode) in KEYS:
        ending = signal_name(done.returncode)
    if ending:
        return f"interrupted by {ending}"
    return "a test run within it was interrupted" if done.is_interrupted else ""


def _documents(written: Sequence[Written]) -> Iterator[tuple[Path, Document]]:
    """Yield each run document of an attempt with its folder.

    Raises:
        EvidenceError: One of them cannot be read.
    """
    for one in written:
        folder = one.evidence_dir.parent / "runs"
        path = folder / f"{one.document}.json"
        yield folder, verify_run(evidence.read_bytes(str(path)), str(path))


def _is_recovered(document: Document) -> bool:
    return bool((document.get("retry") or {}).get("recovery_succeeded"))


def _records(written: Sequence[Written]) -> Iterator[tuple[Document, Document]]:
    """Yield the run document and the record of each failure of an attempt.

    Raises:
        EvidenceError: One of them cannot be read.
    """
    for one, (_, document) in zip(written, _documents(written), strict=True):
        for _, record in evidence.read_records(one.evidence_dir, document["records"]):
            if not isinstance(record, dict):
                raise record
            yield document, record


def _shown(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 1 or not seconds else f"{seconds:.1f}"


def _say(sentence: str) -> None:
    text = plain(sentence)
    if len(text) > SENTENCE_MAX_CHARS:
        text = f"{text[: SENTENCE_MAX_CHARS - 3]}..."
    say(text)
