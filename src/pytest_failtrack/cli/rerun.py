"""`failtrack rerun`: pytest on the tests of one cause, nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.causes import is_test
from pytest_failtrack.cli.evidence.finding import Found, find
from pytest_failtrack.cli.evidence.occurrences import occurrences, records_of
from pytest_failtrack.cli.evidence.reading import Document, Evidence, report_problems
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.build import NODEID_MAX_CHARS
from pytest_failtrack.sinks.plain import plain
from pytest_failtrack.sinks.wording import count

NAMED_MAX = 5
# Windows takes 32,767 characters in a command line, Linux 128 KiB in one argument.
COMMAND_MAX_CHARS = 30_000
# pytest reads `@file` only from 8.2 on. This does what `python -m pytest ARGS` does, in every
# version, with as many arguments as there are.
LAUNCHER = (
    "import json, os, runpy, sys; "
    "sys.path[0] = os.getcwd(); "
    "sys.argv[1:] = json.load(open(sys.argv[1], encoding='ascii')); "
    "runpy.run_module('pytest', run_name='__main__', alter_sys=True)"
)

_REDACTED = re.compile(r"\[redacted:[^\]]*\]")
# xdist's `--dist loadgroup` writes the group behind the node id.
_GROUP = re.compile(r"@[^\]@/]*\Z")


@frozen
class Selection:
    """What pytest will be asked to run.

    Args:
        arguments: Node ids, in the order in which they were recorded.
        remarks: Sentences about node ids that could not be taken as they are.
    """

    arguments: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@click.command(
    "rerun",
    epilog="Example: failtrack rerun 9c41d07be2a5 -- -x --pdb",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("cause")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED, metavar="[-- PYTEST ARGS...]")
@click.option("--build", metavar="ID", help="Its tests in this build [default: the newest].")
@places
@click.pass_context
def command(
    context: click.Context,
    cause: str,
    pytest_args: tuple[str, ...],
    build: str | None,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Run pytest on the tests of CAUSE, nothing else; the exit code is pytest's own.

    CAUSE is the id that `failtrack list` prints, or the first 4 characters of it or more.
    """
    settings = settings_from(dir=dir_, state=state, history=history, build=build)
    evidence = Evidence.of(settings)
    found = find(evidence, cause)
    report_problems(evidence)
    chosen = selection(nodeids_of(evidence, found, build), settings.root)
    for remark in chosen.remarks:
        click.echo(f"failtrack: {plain(remark)}", err=True)
    if not chosen.arguments:
        raise InputError(f"cause {found.cause_id} has no test left that pytest could run")
    tests = count(len(chosen.arguments), "test")
    click.echo(f"failtrack: running {tests} of cause {found.cause_id}", err=True)
    context.exit(run_pytest([*pytest_args, *chosen.arguments], settings.root))


def nodeids_of(evidence: Evidence, found: Found, build: str | None = None) -> list[str]:
    """Return the node ids of a cause in one build, without doubles.

    Raises:
        InputError: The cause was not seen in that build, or none of its failures is a test's.
    """
    if found.record is not None:
        records, nodeids = [found.record], []
    else:
        seen = {one.build_id: one for one in occurrences(evidence, found)}
        if build is not None and build not in seen:
            raise InputError(f"cause {found.cause_id} was not seen in build {build!r}")
        chosen = seen[build or list(seen)[-1]]
        records, nodeids = records_of(evidence, chosen), list(chosen.cause.nodeids)
    others = {one["test"]["nodeid"] for one in records if not is_test(one)}
    names = [*nodeids, *(one["test"]["nodeid"] for one in records)]
    tests = [name for name in dict.fromkeys(names) if name and name not in others]
    if not tests:
        raise InputError(_no_test(found, records))
    return tests


def selection(nodeids: Iterable[str], root: Path) -> Selection:
    """Return the arguments for pytest: the node ids, or what is nearest to them.

    A node id that was redacted or cut cannot be given back to pytest: its test function runs
    with all of its parameters instead. A file that is gone is left out. Both are said.
    """
    arguments: dict[str, None] = {}
    inexact: dict[str, None] = {}
    gone: dict[str, None] = {}
    for nodeid in nodeids:
        name = _without_group(nodeid)
        if _REDACTED.search(name) or len(name) >= NODEID_MAX_CHARS:
            name = _function_of(name)
            inexact[name] = None
        file = name.partition("::")[0]
        if _REDACTED.search(file) or not _exists(root / file):
            gone[file] = None
            inexact.pop(name, None)
            continue
        # An argument must not look like an option or like pytest's `@file`.
        arguments[f"./{name}" if name[0] in "-@" else name] = None
    remarks = [
        *_remark("all parameters run, since ids were redacted or cut", list(inexact)),
        *_remark("not run, since the file is not there", list(gone)),
    ]
    return Selection(tuple(arguments), tuple(remarks))


def run_pytest(arguments: Sequence[str], root: Path) -> int:
    """Run `python -m pytest ARGUMENTS` in the root and return its exit code.

    A signal that ended it is returned as 128 + its number. Ctrl-C is left to pytest, which
    gets it too and ends with its own summary.
    """
    with ExitStack() as stack:
        line = [sys.executable, "-m", "pytest", *arguments]
        if sum(len(one) + 3 for one in line) > COMMAND_MAX_CHARS:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="failtrack-"))
            listed = Path(folder, "arguments.json")
            listed.write_text(json.dumps(list(arguments)), encoding="ascii")
            line = [sys.executable, "-c", LAUNCHER, str(listed)]
        process = subprocess.Popen(line, cwd=root)
        while True:
            try:
                code = process.wait()
            except KeyboardInterrupt:
                continue
            return 128 - code if code < 0 else code


def _no_test(found: Found, records: Iterable[Document]) -> str:
    commands = [one["test"]["nodeid"] for one in records if one["test"]["when"] == "command"]
    if commands:
        return (
            f"cause {found.cause_id} is no test but the command `{plain(commands[0])}`; "
            "run it again with `failtrack run -- COMMAND`"
        )
    return (
        f"cause {found.cause_id} belongs to the whole run, not to a test: "
        "there is nothing to select; run pytest again"
    )


def _without_group(nodeid: str) -> str:
    file, colons, rest = nodeid.partition("::")
    return f"{file}{colons}{_GROUP.sub('', rest)}"


def _function_of(nodeid: str) -> str:
    """Return the node id without its parameters, and without a name that is not whole."""
    file, _, rest = nodeid.partition("::")
    kept, _, parameters = rest.partition("[")
    if parameters.startswith("redacted:") or not parameters:
        kept = kept.rpartition("::")[0]
    return f"{file}::{kept}" if kept else file


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def _remark(what: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - NAMED_MAX:,} more" if len(names) > NAMED_MAX else ""
    return [f"{what}: {', '.join(names[:NAMED_MAX])}{more}"]
