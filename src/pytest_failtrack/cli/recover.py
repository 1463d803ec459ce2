"""`failtrack recover`: turns the journals of runs that died into records and run documents."""

from __future__ import annotations

import json

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.observe.from_command import signal_name
from pytest_failtrack.observe.journals import ORPHANS_WAIT_SECONDS, dead_runs, wait_for_orphans
from pytest_failtrack.pipeline import Conclusion
from pytest_failtrack.recovering import recovery

EXIT_LEFT = 3


@click.command(epilog="Example: failtrack recover && failtrack gate")
@places
@click.option(
    "--wait",
    "wait_seconds",
    type=click.FloatRange(min=0),
    default=ORPHANS_WAIT_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for xdist workers that outlive their controller.",
)
@click.option(
    "--exit-status",
    type=click.IntRange(0, 255),
    default=None,
    metavar="N",
    help="How the run that died ended, as its shell says: 143 is SIGTERM.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was recovered as JSON.")
@click.pass_context
def command(
    context: click.Context,
    dir_: str | None,
    state: str | None,
    history: str | None,
    wait_seconds: float,
    exit_status: int | None,
    as_json: bool,
) -> None:
    """Turn the journals of dead runs into records.

    A run is dead when it wrote no end mark and none of its processes is alive. What it had
    observed becomes records; the test or collector in flight is named. The next
    `pytest --failtrack`, `failtrack run` and `failtrack gate` do the same by themselves. What
    ended it only the shell knows: `pytest --failtrack || failtrack recover --exit-status $?`.

    Exit code 3: a run could not be recovered; its journals are kept.
    """
    settings = settings_from(dir=dir_, state=state, history=history)
    left = wait_for_orphans(settings.state_dir, wait_seconds)
    refused: list[str] = []
    dead = len(list(dead_runs(settings.state_dir))) if exit_status else 0
    if dead > 1:
        message = f"{dead} runs died, and nobody knows which of them ended with {exit_status}"
        click.echo(f"failtrack: {message}; --exit-status is left out", err=True)
    known = exit_status if dead == 1 else None
    signal = signal_name(known) if known else ""
    recovered = recovery.recover(settings, exit_status=known, signal=signal, tell=refused.append)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in recovered], indent=2))
    else:
        for one in recovered:
            click.echo(f"failtrack: {recovery.describe_recovery(one)}")
            for problem in one.digest.problems:
                click.echo(f"failtrack: {problem}", err=True)
        if not recovered and not refused and not left:
            click.echo("failtrack: no dead run was found")
    for sentence in refused:
        click.echo(f"failtrack: {sentence}", err=True)
    for folder in left:
        click.echo(
            f"failtrack: {folder.name} has lost its controller, but workers of it still run; "
            "call recover again when they are gone",
            err=True,
        )
    context.exit(EXIT_LEFT if refused or left else 0)


def _as_json(conclusion: Conclusion) -> dict[str, object]:
    return {
        "build_id": conclusion.digest.build_id,
        "records": [failure_id for failure_id, _ in conclusion.records],
        "is_written": conclusion.is_written,
        "problems": list(conclusion.digest.problems),
    }
