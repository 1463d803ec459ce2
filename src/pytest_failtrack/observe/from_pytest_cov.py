"""Coverage under the threshold of pytest-cov, as its plugin knows it at the end of a run (S0-14).

session.py asks, and hands over the plugin: nothing of coverage is imported here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation

# One file of the report on the terminal: name, statements, missing ones, and what follows.
ROW = lazily(r"^(?P<name>\S.*?)\s+\d+\s+(?P<missing>\d+)\s+(?:\d+\s+\d+\s+)?\d+(?:\.\d+)?%", re.M)
TOTAL = "TOTAL"


def observe_shortfall(plugin: Any, root: str, redact: Callable[[str], str]) -> list[Observation]:
    """Return one observation when pytest-cov fails the run for its coverage, else none.

    Args:
        plugin: The plugin `_cov`; None where pytest-cov is not at work.
        root: The project's root, absolute.
        redact: The redactor.
    """
    options = getattr(plugin, "options", None)
    total = getattr(plugin, "cov_total", None)
    threshold = getattr(options, "cov_fail_under", None)
    if total is None or not threshold:
        return []
    if not _is_under(float(total), float(threshold), getattr(options, "cov_precision", None)):
        return []
    from pytest_failtrack.observe.from_coverage import Covered, observe_coverage

    covered = Covered(float(total), _missing(plugin))
    return observe_coverage(
        covered, "pytest-cov", root=root, redact=redact, threshold_percent=float(threshold)
    )


def _is_under(total: float, threshold: float, precision: int | None) -> bool:
    """Return what coverage itself would: 99.9 is no 100, else it is rounded as it is shown."""
    if threshold == 100 and total != 100:
        return True
    return (total if precision is None else round(total, precision)) < threshold


def _missing(plugin: Any) -> dict[str, int]:
    """Return the missing lines by file, as far as the report for the terminal tells them."""
    report: Any = getattr(plugin, "cov_report", None)
    text: str = report.getvalue() if report is not None else ""
    return {
        found["name"].replace("\\", "/"): int(found["missing"])
        for found in ROW.finditer(text)
        if found["name"] != TOTAL
    }
