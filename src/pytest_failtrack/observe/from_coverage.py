"""Coverage reports (coverage.py's JSON, Cobertura XML) against a threshold; `reading.py` asks.

Under the threshold there is one failure, QA_COVERAGE_INCOMPLETE, which names the files that miss
most. Source: S0-14.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.maker import Maker
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.xml_events import events

SOURCE = "coverage"
FILES_SHOWN = 10


@frozen
class Covered:
    """What a report says.

    Args:
        percent: Share that is covered, 0 to 100.
        missing: Missing lines by file.
    """

    percent: float
    missing: Mapping[str, int]


def is_coverage(document: Any) -> bool:
    """Return whether a JSON document is one of `coverage json`."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("totals"), dict)
        and "percent_covered" in document["totals"]
    )


def read_json(document: Mapping[str, Any]) -> Covered:
    """Return what a report of `coverage json` says."""
    missing = {}
    files = document.get("files")
    for name, one in (files if isinstance(files, dict) else {}).items():
        summary = one.get("summary") if isinstance(one, dict) else None
        lines = summary.get("missing_lines") if isinstance(summary, dict) else None
        if isinstance(lines, int) and lines > 0:
            missing[str(name).replace("\\", "/")] = lines
    return Covered(float(document["totals"]["percent_covered"]), missing)


def read_cobertura(data: bytes, source: str) -> Covered:
    """Return what a Cobertura document says.

    Raises:
        InputError: It cannot be read, or does not say how much is covered.
    """
    rate: str | None = None
    missing: dict[str, int] = {}
    file = ""
    depth_of_methods = 0
    for event in events(data, source):
        if event.kind == "again":
            rate, missing = None, {}
        elif event.kind == "start":
            if event.tag == "coverage":
                rate = event.attributes.get("line-rate")
            elif event.tag == "class":
                file = event.attributes.get("filename", "").replace("\\", "/")
            elif event.tag == "methods":
                depth_of_methods += 1  # its lines are told again below the class
            elif event.tag == "line" and file and not depth_of_methods:
                missing[file] = missing.get(file, 0) + int(event.attributes.get("hits") == "0")
        elif event.tag == "methods":
            depth_of_methods -= 1
    try:
        return Covered(100 * float(rate or ""), missing)
    except ValueError:
        raise InputError(
            f"{source}: a coverage document without a line-rate; write it with `coverage xml`",
            slug="coverage",
        ) from None


def observe_coverage(
    covered: Covered,
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    threshold_percent: float | None,
) -> list[Observation]:
    """Return one observation when less is covered than the threshold asks for, else none.

    Args:
        covered: What the report says.
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        threshold_percent: 0 to 100; None when nobody named one.

    Raises:
        InputError: Nobody named a threshold.
    """
    if threshold_percent is None:
        raise InputError(
            f"{source}: {covered.percent:.1f} % are covered; name the least that is wanted with "
            "--coverage-min PERCENT",
            slug="coverage-min",
        )
    if covered.percent >= threshold_percent:
        return []
    missed = [one for one in covered.missing.items() if one[1]]
    worst = sorted(missed, key=lambda one: (-one[1], one[0]))
    said = f"coverage {covered.percent:.1f} % is under {threshold_percent:g} %"
    shown = [
        f"  {lines:,} {'line' if lines == 1 else 'lines'} missing in {name}"
        for name, lines in worst[:FILES_SHOWN]
    ]
    more = len(worst) - FILES_SHOWN
    if more > 0:
        shown.append(
            "  1 more file misses lines" if more == 1 else f"  {more:,} more files miss lines"
        )
    maker = Maker(root, redact, source)
    return [
        maker.failure(
            source=SOURCE,
            when="command",
            nodeid="coverage",
            outcome="failed",
            # The error of it first: the token is made of this line.
            text="\n".join([f"error: {said}", *shown]),
            told={
                "category": "QA",
                "subcategory": "QA_COVERAGE_INCOMPLETE",
                "failure_type": "test_failure",
                "recovery_mode": "FIX_TEST",
                "recovery_suggestion": "Test what is named first: it misses most.",
                "reasons": [f"{said[:1].upper()}{said[1:]}."],
            },
        )
    ]
