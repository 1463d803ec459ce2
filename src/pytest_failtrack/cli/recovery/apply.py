"""`failtrack recovery apply`: recover from a failure as the retry policy says, and mark it."""

from __future__ import annotations

import json
import subprocess
import time

import click

from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.record.desk import actor
from pytest_failtrack.cli.recovery.mark import mark
from pytest_failtrack.cli.recovery.subject import (
    Subject,
    as_json,
    named,
    retry_json,
    retry_words,
)
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.match_desk import Desk
from pytest_failtrack.policy.retry import INFRA_NORMAL, OTHER_JOBS_OK, RetryDecision
from pytest_failtrack.sinks.plain import plain

RETRIES = ("RETRY_EXPONENTIAL", "RETRY_LIMITED")
EXIT_REFUSED = 1
EXIT_NOT_FOUND = 127
EXIT_NOT_EXECUTABLE = 126


@click.command(
    "apply",
    context_settings={"ignore_unknown_options": True},
    epilog="Example: failtrack recovery apply 9c41d07be2a5 -- curl -sf https://db.example/health",
)
@click.argument("what", metavar="ID")
@click.argument("argv", metavar="[-- CMD...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--other-jobs-ok", is_flag=True, help="A lost database may be retried.")
@click.option("--infra-normal", is_flag=True, help="Lost speed may be measured again.")
@click.option(
    "--retry-delay",
    type=click.FloatRange(0, 86_400),
    metavar="SECONDS",
    help="Pause before the second try, exactly [default: by the settings].",
)
@click.option("--json", "wants_json", is_flag=True, help="Print the plan as JSON; runs nothing.")
@places
def command(
    what: str,
    argv: tuple[str, ...],
    other_jobs_ok: bool,
    infra_normal: bool,
    retry_delay: float | None,
    wants_json: bool,
    dir_: str | None,
    **options: str | None,
) -> None:
    """Say what the retry policy allows for a failure; with a CMD, run it so and mark the outcome.

    Without a CMD nothing is run: the plan is printed. With one, a failure that may be retried is
    tried as often and as slowly as the matrix says, until the CMD ends with 0. A CMD that carries
    out another recovery, such as a rollback, is run once. The outcome is marked, as by
    `failtrack recovery mark`.

    \b
    Exit codes:
        0       the plan allows it, or the CMD succeeded
        1       the matrix forbids to try again; nothing was run
        other   that of the last CMD
    """
    if wants_json and argv:
        raise InputError("--json prints the plan and runs nothing: leave the command out")
    settings = settings_from(dir=dir_, **options)
    desk = Desk(settings, actor(settings))
    subject = named(settings, desk, what)
    held = [OTHER_JOBS_OK] * other_jobs_ok + [INFRA_NORMAL] * infra_normal
    decision = subject.decide(settings, tuple(held))
    is_retry = subject.recovery_mode in RETRIES
    pauses = _pauses(decision, settings, retry_delay) if is_retry else []
    if wants_json:
        document = {
            **as_json(subject),
            "retry": retry_json(decision),
            "pauses_seconds": pauses,
        }
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{subject.recovery_mode}: {plain(subject.recovery_suggestion)}")
        click.echo(f"retry: {retry_words(decision)}{_told(pauses)}")
    context = click.get_current_context()
    if not argv:
        context.exit(0 if decision.is_allowed or not is_retry else EXIT_REFUSED)
    if is_retry and not decision.is_allowed:
        click.echo("failtrack: the command was not run", err=True)
        context.exit(EXIT_REFUSED)
    context.exit(_recover(subject, argv, pauses, settings, desk))


def _recover(
    subject: Subject, argv: tuple[str, ...], pauses: list[float], settings: Settings, desk: Desk
) -> int:
    """Run a command until it succeeds or the pauses are used up; mark the outcome."""
    assert subject.case is not None
    tries = (0.0, *pauses)
    code = 0
    for number, pause in enumerate(tries, 1):
        if pause:
            click.echo(f"failtrack: try {number} of {len(tries)} in {pause:g} s", err=True)
            time.sleep(pause)
        code = _run(argv)
        if code == 0 or code in (EXIT_NOT_FOUND, EXIT_NOT_EXECUTABLE):
            break
    if code in (EXIT_NOT_FOUND, EXIT_NOT_EXECUTABLE):
        return code  # that says nothing about the recovery
    mark(settings, desk, subject.case.id, succeeded=code == 0)
    word = "succeeded" if code == 0 else "failed"
    click.echo(f"failtrack: recovery {word} on try {number}, which is marked", err=True)
    return code


def _run(argv: tuple[str, ...]) -> int:
    try:
        code = subprocess.run(argv).returncode
    except FileNotFoundError:
        click.echo(f"failtrack: {argv[0]}: not found", err=True)
        return EXIT_NOT_FOUND
    except OSError as error:
        click.echo(f"failtrack: {argv[0]}: {error.strerror}", err=True)
        return EXIT_NOT_EXECUTABLE
    return code if code >= 0 else 128 - code


def _pauses(decision: RetryDecision, settings: Settings, delay: float | None) -> list[float]:
    """Return the pauses between the tries that the matrix allows."""
    base = float(settings.retry_delay_seconds) if delay is None else delay
    longest = float(settings.retry_max_delay_seconds)
    longest = max(longest, base)
    return [
        decision.pause_seconds(number, base, longest) for number in range(1, decision.max_attempts)
    ]


def _told(pauses: list[float]) -> str:
    shown = ", ".join(f"{one:g}" for one in pauses)
    return f" of {shown} s" if shown else ""
