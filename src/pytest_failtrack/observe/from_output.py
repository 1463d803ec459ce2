"""What failed where a report says no more than that it did: the test's output tells it.

`from_junit.py` asks, for runners of any program: ctest, Bazel and their like know an exit status,
and write down what was printed.
"""

from __future__ import annotations

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.from_command import signal_name
from pytest_failtrack.observe.from_log import ErrorFinder
from pytest_failtrack.observe.observation import Raised
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.stacks.other_languages import stack_exceptions
from pytest_failtrack.observe.stacks.python import exceptions_of

BELOW_MAX_LINES = 60
_ENDED = lazily(
    r"(?i)(?:(?:test )?(?:failed|failure|error)|(?:subprocess|child) aborted|"
    r"(?:exited|failed) with (?:error|exit|return)?[ -]?(?:code|status):? (?P<status>\d{1,10})|"
    r"(?:exception: )?(?P<signal>segfault|illegal|numerical|bus error)|"
    r"(?P<timeout>(?:test )?time(?:d )?out))[.!]?$"
)
_SIGNALS = {
    "segfault": "SIGSEGV",
    "illegal": "SIGILL",
    "numerical": "SIGFPE",
    "bus error": "SIGBUS",
    "aborted": "SIGABRT",
}
_TERMINATED = lazily(
    r"terminate called after throwing an instance of '(?P<type>[^'\n]{1,300})'"
    r"(?:\s{1,40}what\(\):\s{1,8}(?P<message>[^\n]{0,2000}))?"
)


def says_how_it_ended(message: str) -> bool:
    """Return whether a message says that a test ended badly, and nothing of why."""
    return not message.strip() or _ENDED.match(message.strip()) is not None


def told_by_output(
    message: str, output: str, places: Places, test: str, package: str
) -> tuple[tuple[Raised, ...], str]:
    """Return the exceptions that a test's output shows, and the signal that ended its process.

    Args:
        message: What the report says; see `says_how_it_ended`.
        output: What the test printed.
        places: Answers what the files are.
        test: Name of the test.
        package: Its package or class.

    Returns:
        Neither where nothing says more than that it failed. The signal is `` for a process that
        ended by itself, and for one that said why it aborted.
    """
    ended = _ENDED.match(message.strip())
    if ended and ended["timeout"]:
        return (Raised("TimeoutError", message.strip()),), ""
    if ended and ended["signal"]:
        return (), _SIGNALS[ended["signal"].lower()]
    found = _raised(output, places, test, package)
    if found or ended is None:
        return found, ""
    if "aborted" in message.lower():
        return (), _SIGNALS["aborted"]
    return (), signal_name(int(ended["status"])) if ended["status"] else ""


def _raised(output: str, places: Places, test: str, package: str) -> tuple[Raised, ...]:
    if "Traceback (most recent call last)" in output or "\nE   " in output:
        found = exceptions_of(output, places)
        if found:
            return found
    terminated = _TERMINATED.search(output)
    if terminated:
        return (Raised(terminated["type"], terminated["message"] or ""),)
    finder = ErrorFinder()
    finder.feed(f"{output}\n")
    best = finder.finish()
    if best is None:
        return ()
    below = output[max(output.find(best.line), 0) :].splitlines()[:BELOW_MAX_LINES]
    has_frames = best.line in below[:1] and any(one.lstrip().startswith("at ") for one in below)
    said = "\n".join(below) if has_frames else best.text
    return stack_exceptions(said, "", "", places, test, package)
