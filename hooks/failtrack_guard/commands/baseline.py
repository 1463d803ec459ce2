"""`failtrack-guard baseline`: compares with what is known, and takes note of what is left."""

from __future__ import annotations

from failtrack_guard.commands.check import status_of, tell
from failtrack_guard.errors import say
from failtrack_guard.judging import judge, report_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments
    from failtrack_guard.baseline import Entry
    from failtrack_guard.judging import Judged


def run(arguments: Arguments) -> int:
    """Print the comparison, or write the baseline with `--update`."""
    judged = judge(arguments)
    report = report_on(judged)
    if not arguments.has("--update"):
        tell(report)
        return status_of(report)
    from failtrack_guard import baseline
    from failtrack_guard.about import OWN

    if report.unreadable:
        tell(report)
        return 2
    old = baseline.load(judged.baseline_file)
    found = [one for one in (*report.findings, *report.known) if one.rule not in OWN]
    try:
        new = baseline.updated(
            found,
            old,
            report.sources,
            judged.scope(),
            allow_growth=arguments.has("--allow-growth"),
        )
    except baseline.GrowthError as error:
        # What is gone is taken off all the same.
        if baseline.text_of(error.entries) != baseline.text_of(old):
            _write(judged, old, error.entries)
        raise
    _write(judged, old, new)
    return 0


def _write(judged: Judged, old: list[Entry], new: list[Entry]) -> None:
    from failtrack_guard import baseline
    from failtrack_guard.report.report import plural

    baseline.write(judged.baseline_file, new)
    name = judged.settings.values["baseline"]
    say(f"{name}: {plural(len(new), 'known finding')}, {len(old):,} before")
