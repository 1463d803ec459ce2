"""`failtrack-guard check`: says what breaks the rules."""

from __future__ import annotations

import os
import sys

from failtrack_guard.judging import judge, report_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments
    from failtrack_guard.report.report import Report


def run(arguments: Arguments) -> int:
    """Judge what the arguments name and print what is to be said of it."""
    form = arguments.text("--output") or "text"
    judged = judge(arguments)
    if form == "text" and judged.is_clean and not arguments.has("--output-file"):
        count = len(judged.result.files)
        print(f"no findings, {count:,} file{'' if count == 1 else 's'} checked")
        return 0
    report = report_on(judged, uses_baseline=not arguments.has("--no-baseline"))
    report.lists_suppressions = arguments.has("--suppressions")
    file = arguments.text("--output-file")
    if file:
        _write(file, rendered(report, form))
        tell(report)
    elif form == "text":
        tell(report)
    else:
        sys.stdout.write(rendered(report, form))
    return status_of(report)


def status_of(report: Report) -> int:
    """Return the exit status that a report deserves."""
    if report.unreadable or report.errors:
        return 2
    return 1 if report.findings or report.bypassed else 0


def tell(report: Report) -> None:
    """Print a report as text."""
    from failtrack_guard.report import text

    sys.stdout.write(text.render(report, text.Style.of(sys.stdout, os.environ)))


def rendered(report: Report, form: str) -> str:
    """Return a report in one of the formats of `--output`."""
    if form == "json":
        from failtrack_guard.report import json_report

        return json_report.render(report)
    if form == "sarif":
        from failtrack_guard.report import sarif

        return sarif.render(report)
    if form == "github":
        from failtrack_guard.report import github

        return github.render(report)
    from failtrack_guard.report import text

    return text.render(report)


def _write(path: str, content: str) -> None:
    from failtrack_guard.cache import write_beside
    from failtrack_guard.errors import GuardError

    try:
        write_beside(path, content.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise GuardError(
            f"--output-file {path} cannot be written ({error.strerror}); check folder and "
            "permissions",
            slug="output",
        ) from None
