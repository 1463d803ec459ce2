"""`failtrack run`: run any build or test command and record its failure.

The command comes first: it runs whatever is wrong on our side, and its output and its exit code
are its own. What we have to say is said on standard error when it is over.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from pytest_failtrack.cli.options import part_of, places, settings_from, signed_as
from pytest_failtrack.cli.running.attempted import Attempted
from pytest_failtrack.cli.running.begun import Begun
from pytest_failtrack.cli.running.child import run_child
from pytest_failtrack.cli.running.saying import say
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history.kept import let_go
from pytest_failtrack.observe.clock import now_text
from pytest_failtrack.observe.from_command import OutputWatch, exit_code
from pytest_failtrack.observe.go_watch import GoWatch
from pytest_failtrack.observe.journal import PARENT

if TYPE_CHECKING:
    from pytest_failtrack.cli.running.attempts import RetryAsked
    from pytest_failtrack.config import Settings

PHASES = ("authorization", "compilation", "testing", "integration", "deployment")
TEST_RUNNERS = {"pytest", "py.test", "tox", "nox", "ctest", "unittest", "jest", "vitest"}


def _finite(
    _context: click.Context, _parameter: click.Parameter, value: float | None
) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of seconds")
    return value


@click.command(
    "run",
    epilog="Example: failtrack run --phase compilation --job build -- make -j4 all",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("argv", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD...")
@click.option(
    "--phase",
    type=click.Choice(PHASES, case_sensitive=False),
    help="Phase of the build [default: testing for a test runner, else compilation].",
)
@signed_as
@part_of("the command is")
@click.option(
    "--retry-infra",
    is_flag=True,
    help="Run CMD again when nothing but the infrastructure failed: as often, as slowly and under "
    "the conditions that the matrix says. A failing assertion is never retried.",
)
@click.option(
    "--other-jobs-ok", is_flag=True, help="A lost database may be retried: other jobs succeed."
)
@click.option(
    "--infra-normal", is_flag=True, help="Lost speed may be measured again: the machine is healthy."
)
@click.option(
    "--retry-delay",
    type=click.FloatRange(min=0),
    callback=_finite,
    metavar="SECONDS",
    help="Pause before the first retry, exactly [default: about 4; retry_delay_seconds].",
)
@places
def command(
    argv: tuple[str, ...],
    phase: str | None,
    retry_infra: bool,
    other_jobs_ok: bool,
    infra_normal: bool,
    retry_delay: float | None,
    dir_: str | None,
    **options: str | None,
) -> None:
    """Run CMD; its output, its signals and its exit code pass through. A failure is recorded.

    The exit code is 128 + n when signal n ended it, 127 when it was not found, 126 when it cannot
    be executed. A `pytest --failtrack` within it records its failures itself, and they are not
    recorded twice; of a CMD that calls several tools, give each a `failtrack run` of its own.

    With --retry-infra every attempt is recorded, as attempt 1, 2, 3 of one build. The exit code is
    the last one's; what an attempt that succeeded got past counts as flaky.
    """
    told = (phase or phase_of(argv)).upper()
    retry = None
    if retry_infra:
        from pytest_failtrack.cli.running.attempts import RetryAsked
        from pytest_failtrack.policy.retry import INFRA_NORMAL, OTHER_JOBS_OK

        given = {OTHER_JOBS_OK: other_jobs_ok, INFRA_NORMAL: infra_normal}
        conditions = tuple(name for name, holds in given.items() if holds)
        retry = RetryAsked(conditions, retry_delay)
    elif other_jobs_ok or infra_normal or retry_delay is not None:
        raise click.UsageError(
            "--other-jobs-ok, --infra-normal and --retry-delay say how to retry: "
            "they need --retry-infra"
        )
    code = run(argv, phase=told, options={"dir": dir_, **options}, retry=retry)
    click.get_current_context().exit(code)


def phase_of(argv: Sequence[str]) -> str:
    """Return the phase of a command that nobody gave one: build commands compile (C-7)."""
    program = os.path.basename(argv[0]).removesuffix(".exe")
    module = argv[2] if len(argv) > 2 and argv[1] == "-m" else ""
    if "failtrack-guard" in (program, module.replace("_", "-")):
        return "authorization"
    if program == "failtrack" and {*argv[1:2]} & {"gate", "guard"}:
        return "authorization"
    is_test = TEST_RUNNERS & {program, module} or (program, *argv[1:2]) == ("go", "test")
    return "testing" if is_test else "compilation"


def run(
    argv: Sequence[str],
    *,
    phase: str,
    options: dict[str, str | None],
    retry: RetryAsked | None = None,
) -> int:
    """Run the command, record its failure and return the exit code.

    Args:
        argv: The command and its arguments.
        phase: Phase of the build, in capitals.
        options: Values given on the command line, by setting name.
        retry: How it may be run again; None runs it once.
    """
    settings, problem = _settings(options)
    given = {f"FAILTRACK_{name.upper()}": value for name, value in options.items() if value}
    if settings is None:
        done = _attempt(argv, phase, given, None, problem)
        done.show()
        return done.code
    # What runs within the command is of its build, or the gate would judge one without the other.
    settings = replaced(settings, build=settings.build or f"local-{_token()}")
    given["FAILTRACK_BUILD"] = settings.build
    if retry is None:
        done = _attempt(argv, phase, given, settings)
        done.show()
        return done.code
    from pytest_failtrack.cli.running.attempts import repeat

    def attempt(settings: Settings) -> Attempted:
        told = {"FAILTRACK_ATTEMPT": str(settings.attempt)}
        return _attempt(argv, phase, {**given, **told}, settings)

    return repeat(attempt, settings, retry)


def _token() -> str:
    """Return what no other run is called by."""
    return f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}-{os.urandom(4).hex()}"


def _attempt(
    argv: Sequence[str],
    phase: str,
    given: dict[str, str],
    settings: Settings | None,
    problem: str = "",
) -> Attempted:
    """Run the command once and record how it ended.

    Args:
        argv: The command and its arguments.
        phase: Phase of the build, in capitals.
        given: Variables that tell the command what we were told.
        settings: Settings, None when they cannot be used.
        problem: Why they cannot be used, ``.
    """
    token = _token()
    outer = os.environ.get(PARENT, "")
    environ = {**os.environ, **given, PARENT: token}
    if settings is not None:
        # Its notes must be found, wherever the command goes to.
        environ["FAILTRACK_STATE"] = str(settings.state_dir)
        if given.get("FAILTRACK_DIR"):
            environ["FAILTRACK_DIR"] = str(settings.evidence_dir)
    facts = {"started_at": now_text(), "run": token, "parent": outer, "phase": phase}
    begun = None if settings is None else Begun(settings, facts, argv[0])
    output, tests = OutputWatch(), GoWatch()

    def feed(stream: str, data: bytes) -> None:
        output.feed(stream, data)
        tests.feed(stream, data)

    let_go()
    ended = run_child(argv, environ, feed)
    if ended.problem:
        say(ended.problem)
        output.feed("stderr", f"{ended.problem}\n".encode())
    done = Attempted(exit_code(ended.returncode), ended.returncode, ended.signals)
    try:
        if settings is not None and begun is not None:
            from pytest_failtrack.cli.running.recording import Watched, record_attempt

            watched = Watched(argv, ended, output, tests)
            done = record_attempt(watched, settings, facts, begun)
    except Exception as error:  # tracking never changes how the command ends
        problem = f"{type(error).__name__}: {error}"
    if problem:
        say(f"the command was not recorded: {problem}")
    return done


def _settings(options: dict[str, str | None]) -> tuple[Settings | None, str]:
    try:
        return settings_from(**options), ""
    except ConfigError as error:
        return None, str(error)
