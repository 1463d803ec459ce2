"""`failtrack guard`: the door to failtrack-guard, and from its report to records."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from typing import TYPE_CHECKING, Any

import click

from pytest_failtrack.cli.conclusion import show_conclusion
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import ConfigError, EvidenceError, InputError
from pytest_failtrack.observe.clock import now_text

if TYPE_CHECKING:
    from pytest_failtrack.config import Settings
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.from_guard import GuardReport
    from pytest_failtrack.pipeline import Conclusion, RunSeen

COMMAND = "failtrack-guard check"


class Forward(click.Command):
    """A command whose arguments are another program's, to the letter."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments as they are, `--help` and `--` among them."""
        ctx.params = {"arguments": tuple(args)}
        return []


class GuardGroup(click.Group):
    """The commands of failtrack-guard, and our own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of both, theirs first."""
        return [*_forwarded(), *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one of ours, else one that is forwarded."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        if cmd_name not in _forwarded():
            return None

        def call(arguments: tuple[str, ...]) -> None:
            click.get_current_context().exit(forward([cmd_name, *arguments]))

        sentence = f"Call `failtrack-guard {cmd_name}`; its --help says more."
        return Forward(cmd_name, callback=call, help=sentence, add_help_option=False)


@click.group(name="guard", cls=GuardGroup)
def command() -> None:
    """Run failtrack-guard, or record what it found.

    The arguments of every command but `record` and `suggest` are those of failtrack-guard.

    \b
    Example:
      failtrack guard check --output json --output-file guard.json src
      failtrack guard record guard.json
      failtrack guard suggest 0b9c7d1e
    """


@command.command(name="record")
@click.argument("report", metavar="REPORT.json")
@places
@click.option("--workflow", metavar="NAME", help="Workflow, as in signatures.")
@click.option("--job", metavar="NAME", help="Job, as in signatures.")
@click.option("--step", metavar="NAME", help="Step, as in signatures.")
@click.option("--build", metavar="ID", help="Build that the check is a part of.")
@click.option("--leg", metavar="NAME", help="Leg of the CI's matrix.")
def record(report: str, dir_: str | None, **options: str | None) -> None:
    """Turn a JSON report of failtrack-guard into records; - reads it from stdin.

    Every finding that neither a comment nor the baseline allows becomes a record of the phase
    AUTHORIZATION, and so do commits that bypassed the hook. The same report recorded twice gives
    the same records.

    \b
    Example:
      failtrack guard check --output json | failtrack guard record -
    """
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.from_guard import observe_report
    from pytest_failtrack.observe.redact import Redactor

    settings = settings_from(dir=dir_, **options)
    builtin = Redactor.of(settings.table)
    extensions = Extensions.of_command(settings.table, builtin)
    redact = builtin.followed_by(extensions.redact)
    text = _read(report)
    seen = observe_report(text, report, redact=redact)
    run = f"guard-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:12]}"
    conclusion = record_report(seen, run, settings, extensions)
    if seen.observations:
        show_conclusion(conclusion, settings, extensions)
    else:
        click.echo(f"failtrack: the report has nothing to record: {_found(seen)}")
    if not conclusion.is_written:
        raise EvidenceError("not every finding became a record; see above", slug="not-written")


@command.command(name="suggest")
@click.argument("failure", metavar="ID")
@places
@click.option("--json", "as_json", is_flag=True, help="Print the drafts as JSON.")
@click.option("--output", metavar="DIR", help="Write the files of the drafts to this folder.")
def suggest(
    failure: str,
    dir_: str | None,
    state: str | None,
    history: str | None,
    as_json: bool,
    output: str | None,
) -> None:
    """Draft what would have stopped the failure of a record before it was committed.

    That is the configuration of a shipped rule, a rule of the gate, or, when none of them would
    have seen it, a rule of the project's own, with the code that failed as its bad case. Without
    --output nothing is written, and a file that is there is never replaced.

    \b
    Example:
      failtrack guard suggest 0b9c7d1e --output rules
    """
    from pytest_failtrack.cli.evidence.reading import Evidence
    from pytest_failtrack.cli.suggested import lines_of, write_files
    from pytest_failtrack.cli.verify import record_of
    from pytest_failtrack.learning.suggestion import suggest as drafts_of

    settings = settings_from(dir=dir_, state=state, history=history)
    found = record_of(Evidence.of(settings), failure)
    drafts = drafts_of(settings, found, _known_rules())
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in drafts], indent=2))
    else:
        click.echo("\n".join(lines_of(drafts, shows_files=output is None)))
    if output is not None:
        write_files(drafts, output)


def _known_rules() -> tuple[str, ...]:
    """Return the ids of all rules, none when those that others bring cannot be loaded."""
    from failtrack_guard.errors import GuardError
    from failtrack_guard.rules import ids

    try:
        return ids()
    except GuardError:
        return ()


def forward(arguments: list[str]) -> int:
    """Run failtrack-guard in this process and return its exit status.

    Raises:
        ConfigError: A library that it needs is not installed.
    """
    try:
        from failtrack_guard.main import main

        return main(arguments)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("failtrack_guard."):
            raise
        raise ConfigError(
            f"failtrack-guard {arguments[0]} needs {error.name}, which is not installed; "
            "install it with: pip install 'pytest-failtrack[guard]'",
            slug="guard-extra",
        ) from None


def record_report(
    report: GuardReport, run: str, settings: Settings, extensions: Extensions
) -> Conclusion:
    """Pass what a report says through the stages: records, then the run document.

    Args:
        report: What it says.
        run: Name of the run; the same report has the same one.
        settings: Settings of the run.
        extensions: The hooks of others.
    """
    from pytest_failtrack import pipeline, run_document

    seen = _seen(report, run, settings)
    conclusion = pipeline.conclude(seen, settings, extensions)
    _, problem = run_document.write_run(seen, conclusion, settings)
    if problem:
        click.echo(f"failtrack: {problem}", err=True)
    return conclusion


def _seen(report: GuardReport, run: str, settings: Settings) -> RunSeen:
    from pytest_failtrack.pipeline import RunSeen

    at = report.created_at or now_text()
    told: dict[str, Any] = settings.told
    return RunSeen(
        start={
            "source": "command",
            "settings": told,
            "command": COMMAND,
            "started_at": at,
            "python": platform.python_version(),
            "platform": sys.platform,
            "root": str(settings.root),
            "evidence": settings.told_evidence,
            "run": run,
        },
        drafts=[one.to_dict() for one in report.observations],
        counts={"failed": len(report.observations)} if report.observations else {},
        exit_status=int(bool(report.observations)),
        finished_at=at,
        problems=list(settings.warnings),
    )


def _forwarded() -> tuple[str, ...]:
    """Return the names of failtrack-guard's commands."""
    from failtrack_guard.arguments import NAMES

    return NAMES


def _found(report: GuardReport) -> str:
    files = "file" if report.files == 1 else "files"
    return f"{report.files:,} {files}, no findings"


def _read(report: str) -> str:
    try:
        if report == "-":
            return sys.stdin.buffer.read().decode("utf-8-sig")
        with open(report, encoding="utf-8-sig") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{report}: cannot be read ({reason}); name an existing file") from None
    except UnicodeDecodeError:
        raise InputError(f"{report}: not UTF-8; write it again with failtrack-guard") from None
