"""`failtrack report`: the daily, weekly and monthly report, the standup and the scorecard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.questions.guarded import guarded_classes
from pytest_failtrack.cli.questions.moments import moment_of
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.files import write_output
from pytest_failtrack.policy.reports.document import KINDS, Report
from pytest_failtrack.sinks import html_page, report_json, report_markdown
from pytest_failtrack.summaries.reports import report

RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "md": report_markdown.render,
    "json": report_json.render,
    "html": html_page.render,
}
FORMAT_BY_SUFFIX = {".md": "md", ".json": "json", ".html": "html", ".htm": "html"}
HELP = {
    "daily": "SLA by failure type and team, new causes, what is overdue.",
    "weekly": "Totals, categories, severities, repeats, MTTR, prevention, governance.",
    "monthly": "Trends, effectiveness, priorities and recommendations.",
    "standup": "What is overdue without a plan, and clusters of similar failures.",
    "scorecard": "The seven signs of success, with figures.",
}


def _kinds(command: Callable[..., None]) -> Callable[..., None]:
    for name in reversed(KINDS):
        command = click.option(f"--{name}", "kind", flag_value=name, help=HELP[name])(command)
    return command


@click.command(
    "report", epilog="Example: failtrack report --weekly --format html --output week.html"
)
@_kinds
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(RENDERERS)),
    help="Format [default: as the output's name ends, else md].",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option(
    "--output",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write [default: standard output].",
)
@click.option(
    "--since",
    metavar="WHEN",
    help="Start of the period: 12h, 14d, 2w ago, or a date (2026-11-01), UTC.",
)
@click.option("--until", metavar="WHEN", help="End of the period, in the same words.")
@places
def command(
    kind: str | None,
    format_: str | None,
    as_json: bool,
    output: Path | None,
    since: str | None,
    until: str | None,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Write a report over the records: for a meeting, a chat, a dashboard or a mail.

    Every report is compared with the period of the same length before. The HTML page holds
    everything in one file: it needs no network and no script.
    """
    if kind is None:
        raise InputError(f"say which report: {', '.join(f'--{one}' for one in KINDS)}")
    if as_json and format_ not in (None, "json"):
        raise InputError(f"--json and --format {format_} contradict each other")
    settings = settings_from(dir=dir_, state=state, history=history)
    now = datetime.now(timezone.utc)
    made = report(
        kind,
        settings,
        since=moment_of(since, now) if since else None,
        until=moment_of(until, now) if until else None,
        now=now,
        guarded=guarded_classes(settings.root) if kind == "monthly" else (),
    )
    name = "json" if as_json else format_ or _by_suffix(output)
    text = RENDERERS[name](made)
    for problem in made.problems:
        click.echo(f"failtrack: {problem}", err=True)
    if output is None:
        click.echo(text, nl=False)
        return
    write_output(output, text.encode("utf-8", "backslashreplace"))
    click.echo(f"failtrack: wrote {shown_path(output.absolute(), settings.root)}", err=True)


def _by_suffix(output: Path | None) -> str:
    return FORMAT_BY_SUFFIX.get(output.suffix.lower(), "md") if output else "md"
