"""What becomes of a command that has ended: who recorded its failure, else the record of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_failtrack import pipeline, run_document
from pytest_failtrack.cli.conclusion import show_conclusion
from pytest_failtrack.cli.running.attempted import Attempted, Written
from pytest_failtrack.cli.running.inner_runs import inner_runs, is_here, recorded, tell_outer
from pytest_failtrack.cli.running.saying import say
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.clock import now_text
from pytest_failtrack.observe.from_command import (
    command_line,
    exit_code,
    observe_command,
    signal_name,
)
from pytest_failtrack.observe.journals import ORPHANS_WAIT_SECONDS, wait_for_orphans
from pytest_failtrack.observe.logs.told_signal import told_signal
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.recovering import recovery
from pytest_failtrack.signature.token import is_silent

if TYPE_CHECKING:
    from pytest_failtrack.cli.running.begun import Begun
    from pytest_failtrack.cli.running.child import Ended
    from pytest_failtrack.config import Settings
    from pytest_failtrack.observe.from_command import OutputWatch
    from pytest_failtrack.observe.go_watch import GoWatch
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.pipeline import Conclusion

COUNTED = {"crashed": "crashed", "error": "errors", "rerun": "rerun", "flaky": "rerun"}

Facts = Mapping[str, str]
"""Of an attempt: `run` (unique), `started_at`, `phase`, `parent`, later `command` (redacted)."""


@frozen
class Watched:
    """A command that has ended, and what was heard of it.

    Args:
        argv: The command and its arguments.
        ended: How it ended.
        output: The end of what it printed, and the first error line.
        tests: The events of `go test -json` in what it printed.
    """

    argv: Sequence[str]
    ended: Ended
    output: OutputWatch
    tests: GoWatch


@frozen
class Seen:
    """What a command shows of itself.

    Args:
        observations: Its failure, or those of the tests that it ran; none when it succeeded.
        passed: Node ids of its tests that passed.
        tests: How many tests it told of.
    """

    observations: tuple[Observation, ...] = ()
    passed: tuple[str, ...] = ()
    tests: int = 0


def record_attempt(watched: Watched, settings: Settings, facts: Facts, begun: Begun) -> Attempted:
    """Find out who records the end of a command, and have it recorded once.

    Args:
        watched: The command.
        settings: Settings of the run.
        facts: Of the attempt.
        begun: Its journal, which is closed.
    """
    extensions = Extensions.of_command(settings.table)
    done, is_recorded = _recorded_within(watched, settings, extensions, facts)
    if is_recorded:
        begun.close(done.code, is_written=True)
        return replaced(done, is_own=False)
    redact = Redactor.of(settings.table).followed_by(extensions.redact)
    facts = {**facts, "command": command_line(watched.argv, redact)}
    seen = _seen(watched, settings, redact, facts["command"])
    returncode = watched.ended.returncode
    conclusion, path = _record(seen, settings, facts, extensions, returncode, begun)
    own = () if path is None else (Written(settings.evidence_dir, path.stem),)
    done = replaced(done, written=(*done.written, *own))
    if done.is_own:
        done = replaced(done, telling=done.written)
    if returncode == 0:
        return done
    return replaced(done, show=lambda: _show(conclusion, settings, extensions))


def _recorded_within(
    watched: Watched, settings: Settings, extensions: Extensions, facts: Facts
) -> tuple[Attempted, bool]:
    """Return what tracked runs within the command wrote, and whether its failure is among that.

    Those that died with it are recovered first.
    """
    ended = watched.ended
    token, code = facts["run"], exit_code(ended.returncode)
    wait_for_orphans(settings.state_dir, ORPHANS_WAIT_SECONDS, token)
    recovered = recovery.recover(
        settings,
        extensions,
        exit_status=code,
        # A shell or make in between ends with a status of its own.
        signal=signal_name(ended.returncode) or told_signal(watched.output.tail()),
        parent=token,
        tell=say,
    )
    for one in recovered:
        say(recovery.describe_recovery(one))
    inner = inner_runs(settings.state_dir, token)
    tell_outer(settings.state_dir, token, facts["parent"])
    done = Attempted(
        code,
        ended.returncode,
        ended.signals,
        written=tuple(
            Written(Path(one.evidence or settings.evidence_dir), document)
            for one in inner
            for document in one.documents
        ),
        is_interrupted=any(one.ended == "interrupted" for one in inner),
        output=watched.output.tail() if ended.returncode else "",
    )
    red = recorded(inner)
    done = replaced(done, is_own=not red, red_runs=len(red), telling=done.written)
    is_told = bool(recovered) or any(is_here(one, settings.evidence_dir) for one in red)
    return done, ended.returncode != 0 and is_told


def _seen(watched: Watched, settings: Settings, redact: Callable[[str], str], command: str) -> Seen:
    """Return the failures of its tests, where it told of them, else its own."""
    seen = _tests_of(watched.tests, settings, redact, command)
    if watched.ended.returncode == 0:
        return replaced(seen, observations=())
    if any(one.outcome not in ("flaky", "rerun") for one in seen.observations):
        return seen
    # None of its tests says why it failed.
    failure = observe_command(
        watched.argv,
        watched.ended.returncode,
        tail=watched.output.tail(),
        error_line=watched.output.error_line(),
        duration_seconds=watched.ended.duration_seconds,
        redact=redact,
        is_truncated=watched.output.is_cut,
        places=Places(str(settings.root), redact),
    )
    if is_silent(failure):
        failure = replaced(failure, step=failure.nodeid)
    return replaced(seen, observations=(*seen.observations, failure))


def _tests_of(
    tests: GoWatch, settings: Settings, redact: Callable[[str], str], command: str
) -> Seen:
    """Return what the command printed of its tests, where it printed events of `go test -json`."""
    events = tests.finish()
    if events is None:
        return Seen()
    from pytest_failtrack.observe.maker import Maker

    passed: list[str] = []
    maker = Maker(str(settings.root), redact, command)
    found = events.observations(maker, lambda nodeid, _: passed.append(nodeid))
    return Seen(tuple(found), tuple(passed), events.tests)


def _record(
    command: Seen,
    settings: Settings,
    facts: Facts,
    extensions: Extensions,
    returncode: int,
    begun: Begun,
) -> tuple[Conclusion, Path | None]:
    """Pass a command through the stages: journal, records, run document.

    Args:
        command: What was seen of it; of one that succeeded the run document alone is written.
        settings: Settings of the run.
        facts: Of the attempt, with its `command`.
        extensions: The hooks of others.
        returncode: As `subprocess` gives it.
        begun: Its journal, which is closed.

    Returns:
        The conclusion, for the terminal and the sinks; what could not be written is among its
        problems. And the path of the run document, None when it was not written.
    """
    drafts = [
        {**one.to_dict(), "id": f"command:{facts['run']}:{number}"}
        for number, one in enumerate(command.observations)
    ]
    problems = list(settings.warnings)
    if drafts and begun.problem:
        problems.append(begun.problem)
    begun.ended(facts["command"], drafts)
    seen = pipeline.RunSeen(
        start={**begun.start_mark(facts["command"]), "run": facts["run"]},
        drafts=drafts,
        passed=command.passed,
        counts=Counter(COUNTED.get(one.outcome, "failed") for one in command.observations),
        collected=command.tests,
        exit_status=exit_code(returncode),
        finished_at=now_text(),
        signal=signal_name(returncode),
        problems=problems,
    )
    conclusion = pipeline.conclude(seen, settings, extensions)
    path, problem = run_document.write_run(seen, conclusion, settings)
    if problem:
        say(problem)
    begun.close(exit_code(returncode), is_written=path is not None and conclusion.is_written)
    return conclusion, path


def _show(conclusion: Conclusion, settings: Settings, extensions: Extensions) -> None:
    try:
        show_conclusion(conclusion, settings, extensions)
    except Exception as error:  # tracking never changes how the command ends
        say(f"what failed was not shown: {type(error).__name__}: {error}")
