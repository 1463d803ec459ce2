"""The door for people: `failtrack COMMAND`; turns errors into messages and exit codes.

A command is one file in this package and one line in `COMMANDS`; it is imported when it is called.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

import click

from pytest_failtrack.errors import (
    ConfigError,
    EvidenceError,
    FailtrackError,
    InputError,
    OutputError,
    StoreError,
)
from pytest_failtrack.history.kept import kept_open

# name: one sentence for `failtrack --help`
COMMANDS = {
    "run": "Run any build or test command and record its failure.",
    "gate": "Turn records and run documents into a verdict and an exit code.",
    "show": "Show one cause or one record.",
    "list": "List the causes or records of a run, or the records that a filter finds.",
    "stats": "Count failures by any column, or rank their causes.",
    "trends": "Show runs, failures and causes by day, week or month.",
    "flaky": "List the tests that pass and fail without a reason.",
    "slowest": "List the failing tests, or the runs, that took longest.",
    "owners": "List the owners with what they have open and overdue.",
    "sla": "Show how many deadlines were met, and how fast failures were answered.",
    "mttr": "Show the time to resolution.",
    "record": "Show one record's life, and move it: assign, analyse, resolve, prevent.",
    "verify": "Verify that a failure is proven to be prevented.",
    "rerun": "Run pytest on the tests of one cause, nothing else.",
    "guard": "Run failtrack-guard, or record what it found.",
    "doctor": "Check the installation, the configuration and what lies on disk.",
    "triage": "Say what the failures in reports and logs are; nothing is stored.",
    "ingest": "Record the failures in reports and logs of other tools.",
    "aggregate": "Write candidates for the catalog from what it did not know.",
    "recovery": "Suggest how to recover, try it, and say whether it helped.",
    "recover": "Turn the journals of dead runs into records.",
    "history": "Pack and rebuild what is kept of earlier runs; look after a shared history.",
    "export": "Copy evidence into a folder, byte for byte.",
    "report": "Write the daily, weekly or monthly report, the standup or the scorecard.",
    "analytics": "Write four files of aggregates over the whole history.",
    "snapshot": "Write the open causes as JSON, for dashboards and monitoring.",
    "catalog": "List, show, test, extend and question the failure catalog.",
    "signature": "Compute or check failure signatures.",
    "schema": "Print the JSON Schema of a record, a run document or an observation.",
    "validate": "Check that files are records or run documents.",
    "propagate": "Bring what was learned of a failure to other repositories.",
    "docs": "Write pages that are made of rules and records.",
    "init": "Write the configuration block and a CI workflow.",
}

EXIT_PASSED = 0
EXIT_GATE_FAILED = 1
EXIT_USAGE = 2
EXIT_EVIDENCE = 3
EXIT_UNAVAILABLE = 69
EXIT_INTERNAL = 70
EXIT_INFRA_ONLY = 75
EXIT_INTERRUPTED = 130

EXIT_BY_ERROR = {
    ConfigError: EXIT_USAGE,
    InputError: EXIT_USAGE,
    OutputError: EXIT_USAGE,
    EvidenceError: EXIT_EVIDENCE,
    StoreError: EXIT_UNAVAILABLE,
}


class LazyGroup(click.Group):
    """A group that imports a command's file when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command `command` of the file `cli/<name>.py`."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pytest_failtrack.cli.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pytest-failtrack")
def cli() -> None:
    """Explain red test and build runs: what broke, whether it is new, and whose it is."""


def exit_code(error: FailtrackError) -> int:
    """Return the exit code of an error that was raised on purpose."""
    for kind, code in EXIT_BY_ERROR.items():
        if isinstance(error, kind):
            return code
    return EXIT_INTERNAL


def main() -> None:
    """Run the command line and exit; the entry point of the console script."""
    try:
        with kept_open(), _guarded_output():
            result = cli.main(standalone_mode=False)
        code = result if isinstance(result, int) else EXIT_PASSED
    except click.exceptions.Abort:
        code = EXIT_INTERRUPTED
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = EXIT_USAGE
    except FailtrackError as error:
        _complain(str(error))
        code = exit_code(error)
    except BrokenPipeError:
        # The reader went away (`failtrack list | head`); nothing is left to say to it.
        _drop(sys.stdout)
        code = EXIT_PASSED
    except Exception as error:
        if os.environ.get("FAILTRACK_DEBUG"):
            raise
        # Not by click: in its own checkout it may be click that is broken.
        _complain(
            f"internal error: {type(error).__name__}: {error}. "
            "Set FAILTRACK_DEBUG=1 for the traceback and report it. [internal]"
        )
        code = EXIT_INTERNAL
    sys.exit(code)


class _Output:
    """Standard output; that it cannot be written is an error of its own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text.

        Raises:
            OutputError: It cannot be written.
            BrokenPipeError: Nobody reads it any more.
        """
        with _told():
            return self._stream.write(text)

    def flush(self) -> None:
        """Write what still waits; see `write`."""
        with _told():
            self._stream.flush()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"standard output cannot be written ({error.strerror}); make room, or send it elsewhere"
        ) from None


@contextmanager
def _guarded_output() -> Iterator[None]:
    """Let an output that cannot be written be told from everything else that can go wrong."""
    stream = sys.stdout
    if stream is None:  # closed by whoever called us
        yield
        return
    output = sys.stdout = cast("TextIO", _Output(stream))
    try:
        yield
        output.flush()  # when the interpreter ends, nobody could answer
    except OutputError:
        _drop(stream)
        raise
    finally:
        if sys.stdout is output:  # click puts its own in the place of a closed pipe
            sys.stdout = stream


def _complain(sentence: str) -> None:
    """Print an error; where nobody can read it, the exit status has to do."""
    if sys.stderr is None:
        return
    try:
        print(f"failtrack: {sentence}", file=sys.stderr, flush=True)
    except OSError:
        _drop(sys.stderr)


def _drop(stream: TextIO) -> None:
    """Let what is still to be printed go nowhere, quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
