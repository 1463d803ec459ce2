"""The JSON lines of pytest-reportlog as observations; `reading.py` asks.

A report there is what pytest serializes for xdist, so a failure has its traceback in entries. They
are put together again as pytest prints them, and read by the one reader of tracebacks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.maker import Maker, moment_of_epoch, numbered, outcome_of
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.pytest_ends import NO_TESTS_COLLECTED, ended_failure

SOURCE = "reportlog"
END = "SessionFinish"
REPORTS = frozenset({"TestReport", "CollectReport", "SubTestReport", "SubtestReport"})
CAPTURED = {"stdout": "stdout", "stderr": "stderr", "log": "log"}


def observe_reportlog(
    text: str,
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_gap: Callable[[str], None] | None = None,
    saw_tests: Callable[[bool], None] | None = None,
) -> list[Observation]:
    """Return the failures of a report log, in its order.

    A session that ended badly and shows no failure that explains it is a failure of its own.
    A failed attempt that was run again is `rerun`, and `flaky` where a later one passed.

    Args:
        text: JSON lines; the last one may be cut, as a killed run leaves it.
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        saw_gap: Receives the sentence on a log that ends before its session does.
        saw_tests: Receives whether a test ran; that none did where a session ended because of it.

    Raises:
        InputError: A line within it is no JSON.
    """
    maker = Maker(root, redact, source)
    found: list[Observation] = []
    passed: set[str] = set()
    attempts: dict[str, int] = {}
    has_ended = is_empty = has_tests = False
    for report in _reports(text, source):
        has_ended = report["$report_type"] == END
        if has_ended:
            is_empty = is_empty or report.get("exitstatus") == NO_TESTS_COLLECTED
            ended = ended_failure(report.get("exitstatus"), found, maker, SOURCE)
            found += [ended] if ended else []
            continue
        nodeid, outcome = str(report.get("nodeid", "")), report.get("outcome")
        has_tests = has_tests or (bool(nodeid) and report["$report_type"] == "TestReport")
        when = str(report.get("when") or "collect")
        if when == "call" and outcome == "passed":
            passed.add(nodeid)
        if outcome in ("failed", "rerun"):
            one = _observation(report, when, maker)
            attempt = attempts.get(nodeid, 0) + 1
            if outcome == "rerun":
                attempts[nodeid] = attempt
                one = replaced(one, outcome="rerun")
            found.append(replaced(one, attempt=attempt) if attempt > 1 else one)
    if not has_ended and saw_gap is not None:
        saw_gap(
            f"{source}: ends before its session does (no SessionFinish): was pytest killed? Run it "
            "again, or hand in the log instead"
        )
    if saw_tests is not None and (has_tests or is_empty):
        saw_tests(has_tests)
    # The node id of an observation is redacted, and so must be what it is compared with.
    clean = {maker.failure(source="", when="", nodeid=one, outcome="").nodeid for one in passed}
    return numbered(
        replaced(one, outcome="flaky") if one.outcome == "rerun" and one.nodeid in clean else one
        for one in found
    )


def _reports(text: str, source: str) -> Iterator[Mapping[str, Any]]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            document = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return  # the run was killed while it wrote
            raise InputError(
                f"{source}: line {number} is no JSON ({error}); write it again with "
                "`pytest --report-log FILE`",
                slug="not-json",
            ) from None
        if isinstance(document, dict) and document.get("$report_type") in REPORTS | {END}:
            yield document


def _observation(report: Mapping[str, Any], when: str, maker: Maker) -> Observation:
    text = longrepr_text(report.get("longrepr"))
    location = report.get("location")
    place = location if isinstance(location, list) and len(location) == 3 else ["", None, ""]
    nodeid = str(report.get("nodeid", ""))
    return maker.failure(
        source=SOURCE,
        when=when,
        nodeid=nodeid,
        outcome=outcome_of(when, text),
        text=text,
        exceptions=maker.python_or_text(text, crash_message(report.get("longrepr")), when=when),
        captured=captured_of(report.get("sections")),
        file=str(place[0] or nodeid.partition("::")[0]),
        line=place[1] + 1 if isinstance(place[1], int) else None,
        seconds=report.get("duration", 0.0),
        timestamp=moment_of_epoch(report.get("stop")),
        worker=str(report.get("worker_id") or ""),
    )


def longrepr_text(longrepr: Any) -> str:
    """Return a serialized representation as pytest prints it, `` for none."""
    if isinstance(longrepr, str):
        return longrepr
    if isinstance(longrepr, list):  # a skip: path, line, reason
        return str(longrepr[-1]) if longrepr else ""
    if not isinstance(longrepr, dict):
        return ""
    if isinstance(longrepr.get("longrepr"), str):
        return str(longrepr["longrepr"])
    chain = longrepr.get("chain") or [[longrepr.get("reprtraceback"), None, None]]
    parts = []
    for link in chain:
        if isinstance(link, list) and link and isinstance(link[0], dict):
            parts.append(_traceback_text(link[0]))
            if len(link) > 2 and isinstance(link[2], str):
                parts.append(f"\n{link[2]}\n")
    return "\n".join(parts)


def crash_message(longrepr: Any) -> str:
    """Return the message beside a serialized traceback, ``."""
    crash = longrepr.get("reprcrash") if isinstance(longrepr, dict) else None
    return str(crash.get("message") or "") if isinstance(crash, dict) else ""


def captured_of(sections: Any) -> dict[str, str]:
    """Return captured output by name, from pytest's pairs of title and text."""
    found: dict[str, str] = {}
    for section in sections if isinstance(sections, list) else ():
        if isinstance(section, list) and len(section) == 2 and isinstance(section[1], str):
            words = str(section[0]).split()
            if words[:1] == ["Captured"] and len(words) > 1 and words[1] in CAPTURED:
                found[words[1]] = section[1]
    return found


def _traceback_text(traceback: Mapping[str, Any]) -> str:
    shown: list[str] = []
    for entry in traceback.get("reprentries") or ():
        data = entry.get("data") if isinstance(entry, dict) else None
        if not isinstance(data, dict):
            continue
        lines = [str(one).rstrip("\n") for one in data.get("lines") or ()]
        place = data.get("reprfileloc")
        where = ""
        if isinstance(place, dict):
            where = f"{place.get('path')}:{place.get('lineno')}: {place.get('message') or ''}"
        is_short = data.get("style") == "short"
        shown += [where, *lines] if is_short and where else [*lines, "", where]
    if isinstance(traceback.get("extraline"), str):
        shown.append(str(traceback["extraline"]))
    return "\n".join(shown)
