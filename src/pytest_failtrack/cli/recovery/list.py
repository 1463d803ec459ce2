"""`failtrack recovery list`: what nobody has tried to recover from yet."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import click

from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.questions.asking import asked
from pytest_failtrack.cli.recovery.subject import first_line
from pytest_failtrack.frozen import as_dict
from pytest_failtrack.history.recovery import Case, pending, refreshed
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.wording import count

SHOWN = 20
LINE_MAX_CHARS = 160


@click.command("list", epilog="Example: failtrack recovery list --days 7 --json")
@click.option(
    "--days",
    type=click.IntRange(1, 36_500),
    default=14,
    show_default=True,
    help="How far back is looked.",
)
@click.option("--limit", type=click.IntRange(1), default=SHOWN, show_default=True, help="At most.")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON for programs.")
@places
def command(
    days: int, limit: int, wants_json: bool, dir_: str | None, **options: str | None
) -> None:
    """List failures and errors whose recovery is pending, the newest first.

    Pending is what the catalog suggests a recovery for and nobody has tried since it came last;
    what is alike is listed once. Records that are resolved do not wait.
    """
    settings = settings_from(dir=dir_, **options)
    now = datetime.now(timezone.utc)
    since = now - timedelta(days=days)
    refresh, (number, cases) = asked(
        settings,
        lambda database: (refreshed(database, now), pending(database, since=since, limit=limit)),
    )
    if wants_json:
        click.echo(json.dumps({"pending": number, "matches": [_as_json(*one) for one in cases]}))
        return
    attempts = sum(one.attempts for one in refresh)
    helped = sum(one.successes for one in refresh)
    lines = [f"{count(number, 'recovery', 'recoveries')} pending in {count(days, 'day')}"]
    if attempts:
        lines[0] += f"; {helped:,} of {count(attempts, 'attempt')} helped"
    for one, times in cases:
        lines += _lines(one, times)
    if number > len(cases):
        lines.append(f"{number - len(cases):,} more: --limit")
    write(lines)


def _lines(one: Case, times: int) -> list[str]:
    when = datetime.fromtimestamp(one.created_at, timezone.utc).strftime("%Y-%m-%d %H:%MZ")
    said = first_line(one.error_code, one.error_message)
    return [
        f"{one.id}  {one.recovery_mode}  {count(times, 'time')}, last {when}",
        f"  {cut(plain(said), LINE_MAX_CHARS)}",
        f"  {plain(one.recovery_suggestion)}",
    ]


def _as_json(one: Case, times: int) -> dict[str, object]:
    moment = datetime.fromtimestamp(one.created_at, timezone.utc)
    return {
        **{name: value if value != "" else None for name, value in as_dict(one).items()},
        "times": times,
        "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
