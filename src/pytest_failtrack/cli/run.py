"""`failtrack run`: run any build or test command and record its failure.

The command comes first: it runs whatever is wrong on our side, and its output and its exit code
are its own. What we have to say is said on standard error when it is over.
"""

from __future__ import annotations

import math
import os
import platform
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pytest_failtrack.cli.options import part_of, places, settings_from, signed_as
from pytest_failtrack.cli.running.attempted import Attempted, Written
from pytest_failtrack.cli.running.child import Ended, run_child
from pytest_failtrack.cli.running.inner_runs import inner_runs, is_recorded_within, tell_outer
from pytest_failtrack.cli.running.saying import say
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.history.kept import let_go
from pytest_failtrack.observe.from_command import (
    OutputWatch,
    command_line,
    exit_code,
    observe_command,
    signal_name,
)
from pytest_failtrack.observe.go_watch import GoWatch
from pytest_failtrack.signature.token import is_silent

if TYPE_CHECKING:
    from pytest_failtrack.cli.running.attempts import RetryAsked
    from pytest_failtrack.config import Settings
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.pipeline import Conclusion

PHASES = ("authorization", "compilation", "testing", "integration", "deployment")
TEST_RUNNERS = {"pytest", "py.test", "tox", "nox", "ctest", "unittest", "jest", "vitest"}
PARENT = "FAILTRACK_PARENT"
COUNTED = {"crashed": "crashed", "error": "errors", "rerun": "rerun", "flaky": "rerun"}


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
    recorded twice.

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
    if retry is None or settings is None:
        done = _attempt(argv, phase, given, settings, problem)
        done.show()
        return done.code
    from pytest_failtrack.cli.running.attempts import repeat

    def attempt(settings: Settings) -> Attempted:
        told = {"FAILTRACK_BUILD": settings.build, "FAILTRACK_ATTEMPT": str(settings.attempt)}
        return _attempt(argv, phase, {**given, **told}, settings)

    return repeat(attempt, settings, retry)


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
    token = f"{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}-{os.urandom(4).hex()}"
    outer = os.environ.get(PARENT, "")
    environ = {**os.environ, **given, PARENT: token}
    if settings is not None:
        # Its notes must be found, wherever the command goes to.
        environ["FAILTRACK_STATE"] = str(settings.state_dir)
        if given.get("FAILTRACK_DIR"):
            environ["FAILTRACK_DIR"] = str(settings.evidence_dir)
    watch, tests = OutputWatch(), GoWatch()

    def feed(stream: str, data: bytes) -> None:
        watch.feed(stream, data)
        tests.feed(stream, data)

    started_at = _now()
    let_go()
    ended = run_child(argv, environ, feed)
    if ended.problem:
        say(ended.problem)
        watch.feed("stderr", f"{ended.problem}\n".encode())
    code = exit_code(ended.returncode)
    done = Attempted(code, ended.returncode, ended.signals)
    try:
        if settings is not None:
            facts = {"started_at": started_at, "run": token, "parent": outer, "phase": phase}
            done = _conclude(argv, ended, watch, tests, settings, facts)
    except Exception as error:  # tracking never changes how the command ends
        problem = f"{type(error).__name__}: {error}"
    if problem:
        say(f"the command was not recorded: {problem}")
    return done


@frozen
class CommandSeen:
    """What was seen of a command.

    Args:
        observations: Its failure, or those of the tests that it ran; none when it succeeded.
        passed: Node ids of its tests that passed.
        tests: How many tests it told of.
    """

    observations: tuple[Observation, ...] = ()
    passed: tuple[str, ...] = ()
    tests: int = 0


def record_command(
    command: CommandSeen,
    settings: Settings,
    facts: dict[str, str],
    extensions: Extensions,
    returncode: int,
) -> tuple[Conclusion, Path | None]:
    """Pass a command through the stages: journal, records, run document.

    Args:
        command: What was seen of it; of one that succeeded the run document alone is written.
        settings: Settings of the run.
        facts: `run` (unique), `started_at`, `command` (redacted), `phase`, `parent`.
        extensions: The hooks of others.
        returncode: As `subprocess` gives it.

    Returns:
        The conclusion, for the terminal and the sinks; what could not be written is among its
        problems. And the path of the run document, None when it was not written.
    """
    from pytest_failtrack import pipeline, run_document
    from pytest_failtrack.observe.journal import MAIN, Journal, prepare_state, remove_run

    told = settings.told | {"phase": facts["phase"]}
    start = {
        "source": "command",
        "settings": told,
        **{name: facts[name] for name in ("command", "parent", "started_at")},
        "python": platform.python_version(),
        "platform": sys.platform,
        "root": str(settings.root),
        "evidence": settings.told_evidence,
    }
    drafts = [
        {**one.to_dict(), "id": f"command:{facts['run']}:{number}"}
        for number, one in enumerate(command.observations)
    ]
    problems = list(settings.warnings)
    journal = None
    if drafts:
        # From here on the failure is kept, whatever becomes of us.
        try:
            prepare_state(settings.state_dir)
        except OSError as error:
            problems.append(f"the state folder cannot be made: {error}")
        journal = Journal(settings.state_dir / "journals" / facts["run"])
        journal.start({"process": MAIN, **start})
        for draft in drafts:
            journal.write({"observation": draft})
    seen = pipeline.RunSeen(
        start={**start, "run": facts["run"]},
        drafts=drafts,
        passed=command.passed,
        counts=Counter(map(_counted, command.observations)),
        collected=command.tests,
        exit_status=exit_code(returncode),
        finished_at=_now(),
        signal=signal_name(returncode),
        problems=problems,
    )
    conclusion = pipeline.conclude(seen, settings, extensions)
    path, problem = run_document.write_run(seen, conclusion, settings)
    if problem:
        say(problem)
    if journal is not None:
        is_safe = path is not None and conclusion.is_written
        if is_safe:
            journal.end({"exit_status": seen.exit_status})
        journal.close()
        if is_safe:
            remove_run(journal.folder)
    return conclusion, path


def _counted(observation: Observation) -> str:
    return COUNTED.get(observation.outcome, "failed")


def _settings(options: dict[str, str | None]) -> tuple[Settings | None, str]:
    try:
        return settings_from(**options), ""
    except ConfigError as error:
        return None, str(error)


def _conclude(
    argv: Sequence[str],
    ended: Ended,
    watch: OutputWatch,
    tests: GoWatch,
    settings: Settings,
    facts: dict[str, str],
) -> Attempted:
    """Find out who records the end of the command, and have it recorded once."""
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.journals import ORPHANS_WAIT_SECONDS, wait_for_orphans
    from pytest_failtrack.observe.redact import Redactor
    from pytest_failtrack.recovering import recovery

    extensions = Extensions.of_command()
    token, status = facts["run"], ended.returncode
    signal = signal_name(status)
    wait_for_orphans(settings.state_dir, ORPHANS_WAIT_SECONDS, token)
    recovered = recovery.recover(
        settings,
        extensions,
        exit_status=exit_code(status),
        signal=signal,
        parent=token,
        tell=say,
    )
    for one in recovered:
        say(recovery.describe_recovery(one))
    inner = inner_runs(settings.state_dir, token)
    tell_outer(settings.state_dir, token, facts["parent"])
    done = Attempted(
        exit_code(status),
        status,
        ended.signals,
        written=tuple(
            Written(Path(one.evidence or settings.evidence_dir), document)
            for one in inner
            for document in one.documents
        ),
        is_interrupted=any(one.ended == "interrupted" for one in inner),
    )
    if status != 0 and (recovered or is_recorded_within(inner)):
        return done
    redact = Redactor(os.environ, patterns=settings.table.get("redact", ())).followed_by(
        extensions.redact
    )
    facts = {**facts, "command": command_line(argv, redact)}
    seen = _tests_of(tests, settings, redact, facts["command"])
    if status == 0:
        seen = replaced(seen, observations=())
    elif all(one.outcome in ("flaky", "rerun") for one in seen.observations):
        # None of its tests says why it failed.
        failure = observe_command(
            argv,
            status,
            tail=watch.tail(),
            error_line=watch.error_line(),
            duration_seconds=ended.duration_seconds,
            redact=redact,
            is_truncated=watch.is_cut,
        )
        if is_silent(failure):
            failure = replaced(failure, step=failure.nodeid)
        seen = replaced(seen, observations=(*seen.observations, failure))
    conclusion, path = record_command(seen, settings, facts, extensions, status)
    own = () if path is None else (Written(settings.evidence_dir, path.stem),)
    done = replaced(done, written=(*done.written, *own))
    if status == 0:
        return done
    return replaced(
        done,
        is_own=True,
        output=watch.tail(),
        show=lambda: _show(conclusion, settings, extensions),
    )


def _tests_of(
    tests: GoWatch, settings: Settings, redact: Callable[[str], str], command: str
) -> CommandSeen:
    """Return what the command printed of its tests, where it printed events of `go test -json`."""
    events = tests.finish()
    if events is None:
        return CommandSeen()
    from pytest_failtrack.observe.maker import Maker

    passed: list[str] = []
    maker = Maker(str(settings.root), redact, command)
    found = events.observations(maker, lambda nodeid, _: passed.append(nodeid))
    return CommandSeen(tuple(found), tuple(passed), events.tests)


def _show(conclusion: Conclusion, settings: Settings, extensions: Extensions) -> None:
    try:
        show_conclusion(conclusion, settings, extensions)
    except Exception as error:  # tracking never changes how the command ends
        say(f"what failed was not shown: {type(error).__name__}: {error}")


def show_conclusion(
    conclusion: Conclusion, settings: Settings, extensions: Extensions, stream: TextIO | None = None
) -> None:
    """Tell the terminal, the sinks and the hooks of others what a run came to.

    Args:
        conclusion: Of the run.
        settings: Its settings.
        extensions: The hooks of others.
        stream: Where it is printed; standard error by default, since the output is the command's.
    """
    from pytest_failtrack import pipeline
    from pytest_failtrack.sinks.terminal import TerminalSink

    width = shutil.get_terminal_size().columns
    stream = stream or sys.stderr
    TerminalSink(stream, width).send(conclusion.digest)
    pipeline.deliver(conclusion.digest, settings, extensions, stream)


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")
