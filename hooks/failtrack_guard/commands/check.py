"""`failtrack-guard check`: says what breaks the rules."""

from __future__ import annotations

import os
import sys

from failtrack_guard.errors import GuardError, OutputError, say
from failtrack_guard.judging import judge, report_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments
    from failtrack_guard.judging import Judged
    from failtrack_guard.report.report import Report


def run(arguments: Arguments) -> int:
    """Judge what the arguments name and print what is to be said of it."""
    form = arguments.text("--output") or "text"
    file = arguments.text("--output-file")
    try:
        return _checked(arguments, form, file)
    except OutputError:
        raise
    except GuardError as error:
        if form != "text":
            # For programs, too, a run that could not be made is no silence.
            from failtrack_guard.report.report import Report

            _hand_over(rendered(Report(None, errors=[error]), form), file)
        raise


def _checked(arguments: Arguments, form: str, file: str) -> int:
    judged = judge(arguments)
    if judged.is_everything:
        _warn(judged)
    if form == "text" and judged.is_clean and not file:
        count = len(judged.result.files)
        say(f"no findings, {count:,} file{'' if count == 1 else 's'} checked")
        return 0
    report = report_on(judged, uses_baseline=not arguments.has("--no-baseline"))
    report.lists_suppressions = arguments.has("--suppressions")
    if file or form != "text":
        _hand_over(rendered(report, form), file)
    if file or form == "text":
        tell(report)
    return status_of(report)


def _warn(judged: Judged) -> None:
    """Say which names of the configuration are nowhere: what looks clean may not be."""
    from failtrack_guard.nowhere import nowhere

    names = nowhere(judged.engine)
    if names:
        print(
            f"failtrack-guard: warning: {', '.join(names)}: there is no such name in this project; "
            f"correct {judged.settings.source}, or nothing is found by it",
            file=sys.stderr,
        )


def status_of(report: Report) -> int:
    """Return the exit status that a report deserves."""
    if report.unreadable or report.errors:
        return 2
    # What a later commit put right is told, and is no reason to write history anew.
    is_open = any(not one.is_mended for one in report.bypassed)
    return 1 if report.findings or is_open else 0


def tell(report: Report) -> None:
    """Print a report as text."""
    from failtrack_guard.report import text

    say(text.render(report, text.Style.of(sys.stdout, os.environ)), end="")


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


def _hand_over(content: str, path: str) -> None:
    """Write a report to a file, to standard output when none is named."""
    if not path:
        encoding = sys.stdout.encoding or "utf-8"
        say(content.encode(encoding, "backslashreplace").decode(encoding), end="")
        return
    from failtrack_guard.cache import write_beside

    written = content.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "wb") as special:  # a device or a pipe is written to, never replaced
                special.write(written)
        else:
            write_beside(os.path.realpath(path), written)
    except OSError as error:
        raise GuardError(
            f"--output-file {path} cannot be written ({error.strerror}); check folder and "
            "permissions",
            slug="output",
        ) from None
