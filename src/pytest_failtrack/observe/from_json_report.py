"""The JSON of pytest-json-report as observations; `reading.py` asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_failtrack.observe.maker import (
    Maker,
    dicts_in,
    moment_of_epoch,
    numbered,
    outcome_of,
)
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.pytest_ends import (
    FAILED,
    NO_TESTS_COLLECTED,
    counted_failure,
    ended_failure,
)

SOURCE = "json-report"
COUNTED = ("failed", "error")
STAGES = ("setup", "call", "teardown")


def is_json_report(document: Any) -> bool:
    """Return whether a JSON document is one of pytest-json-report."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("summary"), dict)
        and ("exitcode" in document or "environment" in document)
        and (isinstance(document.get("tests"), list) or "collectors" in document)
    )


def observe_json_report(
    document: Mapping[str, Any],
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_tests: Callable[[bool], None] | None = None,
) -> list[Observation]:
    """Return the failures of a report: those of collectors, then those of tests.

    A report that says of itself that pytest failed, and shows no test that did, is a failure.

    Args:
        document: The report.
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        saw_tests: Receives whether a test ran; that none did where pytest ended because of it.
    """
    maker = Maker(root, redact, source, str(document.get("root") or ""))
    at = moment_of_epoch(document.get("created"))
    found = [*_collected(document, maker, at), *_tested(document, maker, at)]
    summary = document["summary"]
    counted = sum(summary[one] for one in COUNTED if isinstance(summary.get(one), int))
    status = document.get("exitcode")
    has_tests = next(dicts_in(document.get("tests")), None) is not None
    if saw_tests is not None and (has_tests or status == NO_TESTS_COLLECTED):
        saw_tests(has_tests)
    if counted and not found and status in (0, FAILED, None):
        ended: Observation | None = counted_failure(counted, "pytest", maker, SOURCE, at)
    else:
        ended = ended_failure(status, found, maker, SOURCE, at)
    return numbered([*found, *([ended] if ended else [])])


def _collected(document: Mapping[str, Any], maker: Maker, at: str) -> Iterator[Observation]:
    for one in dicts_in(document.get("collectors")):
        if one.get("outcome") == "failed":
            yield _observation(one, one, "collect", maker, at)


def _tested(document: Mapping[str, Any], maker: Maker, at: str) -> Iterator[Observation]:
    for test in dicts_in(document.get("tests")):
        for when in STAGES:
            stage = test.get(when)
            if isinstance(stage, dict) and stage.get("outcome") == "failed":
                yield _observation(test, stage, when, maker, at)


def _observation(
    test: Mapping[str, Any], stage: Mapping[str, Any], when: str, maker: Maker, at: str
) -> Observation:
    text = str(stage.get("longrepr") or "")
    crash = stage.get("crash")
    message = str(crash.get("message") or "") if isinstance(crash, dict) else ""
    nodeid = str(test.get("nodeid") or "")
    line = test.get("lineno")
    return maker.failure(
        source=SOURCE,
        when=when,
        nodeid=nodeid,
        outcome=outcome_of(when, text),
        text=text or message,
        exceptions=maker.python_or_text(text, message, when=when),
        captured={name: str(stage.get(name) or "") for name in ("stdout", "stderr")},
        file=nodeid.partition("::")[0],
        line=line + 1 if isinstance(line, int) else None,
        seconds=stage.get("duration", 0.0),
        timestamp=at,
    )
