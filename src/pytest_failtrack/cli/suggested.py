"""Drafts of what would have stopped a failure, as a person reads them; `cli/guard.py` asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pytest_failtrack.errors import InputError
from pytest_failtrack.history.files import create_beside
from pytest_failtrack.learning.suggestion import Suggestion
from pytest_failtrack.sinks.plain import plain

NOTHING = (
    "nothing can be drafted: the record names no place in the project's code, and no rule that is"
    " shipped is about it"
)


def lines_of(drafts: Sequence[Suggestion], *, shows_files: bool) -> Iterator[str]:
    """Yield drafts as lines that can be pasted: everything but their content is a comment."""
    if not drafts:
        yield f"# {NOTHING}"
    for number, one in enumerate(drafts, 1):
        if number > 1:
            yield ""
        yield f"# {number}. {plain(one.title)}"
        yield f"#    {plain(one.why)}"
        if one.toml:
            yield ""
            yield from one.toml.splitlines()
            yield ""
        for path, text in one.files.items():
            if shows_files:
                yield from ("", f"# ---- {path}", *text.splitlines(), "")
        for sentence in one.next:
            yield f"#    next: {plain(sentence)}"
        if one.precondition:
            yield f"#    then name it in prevention.precondition_updates: {one.precondition}"


def write_files(drafts: Sequence[Suggestion], output: str) -> None:
    """Write the files of drafts below a folder, each whole or not at all.

    Raises:
        InputError: A file is there already; then nothing more is written.
        EvidenceError: A file cannot be written; then nothing more is written.
    """
    files = {Path(output, path): text for one in drafts for path, text in one.files.items()}
    for path in files:
        if path.exists():
            raise _is_there(path)
    for path, text in files.items():
        # Another may have made it since the look.
        if not create_beside(str(path.parent), path.name, text.encode("utf-8", "backslashreplace")):
            raise _is_there(path)
        click.echo(f"failtrack: wrote {path}", err=True)
    if not files:
        click.echo("failtrack: no draft has a file of its own: nothing was written", err=True)


def _is_there(path: Path) -> InputError:
    return InputError(f"{path} is there already; move it away, or name another folder")
