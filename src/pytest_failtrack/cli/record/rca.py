"""`failtrack record ID rca`: the five questions, asked in an editor as `git commit` asks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.cli.evidence.reading import Document
from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.cli.record.investigate import begin
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import FailtrackError, InputError
from pytest_failtrack.observe.journal import prepare_state
from pytest_failtrack.record.analysis import analysed, unanswered
from pytest_failtrack.record.analysis_page import EARLIER_SHOWN, page, read_page

FOLDER = "rca"
PAGE_MAX_BYTES = 500_000


@click.command("rca", epilog="Example: failtrack record 0b9c7d1e rca --print > rca.md")
@click.option("--file", "source", metavar="FILE", help="Read the answers from FILE; - is stdin.")
@click.option("--print", "is_printed", is_flag=True, help="Print the page, and change nothing.")
@acting
@click.pass_obj
def command(
    word: str,
    source: str | None,
    is_printed: bool,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Answer the five questions of the root cause analysis, on a page filled in from the record.

    The page opens in $VISUAL or $EDITOR. Its answers go to root_cause, prevention and learning. Not
    all need be there at once: the analysis is COMPLETE when they are. A page that cannot be stored
    is kept, and the next `rca` goes on with it. The analysis of an OPEN record begins with it.
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    assessed = [one.more["impact"] for one in desk.changes() if one.more.get("impact")]
    made = page(desk.record, _earlier(desk), impact=str(assessed[-1]) if assessed else "")
    if is_printed:
        click.echo(made, nl=False)
        return
    if source is not None:
        store(desk, _given(source))
        return
    draft = Draft(desk.settings, desk.failure_id)
    text = draft.edited(made)
    if text is None:
        draft.forget()
        desk.tell("rca", desk.status, "nothing was changed: the page is as it was", changed=False)
        return
    try:
        store(desk, text)
    except FailtrackError as error:
        raise type(error)(
            f"{error.message}\nYour page is kept in {draft.path}; correct it with "
            f"`failtrack record {desk.word} rca`",
            slug=error.slug,
        ) from error
    draft.forget()


def store(desk: Desk, text: str) -> None:
    """Write the answers of a page into the record.

    Raises:
        InputError: The page cannot be read, or its answers are not enough for the status.
    """
    answers = read_page(desk.redacted(text))
    was = desk.status
    if not answers:
        desk.tell("rca", was, "nothing was changed: the page is empty", changed=False)
        return
    if was == "OPEN":
        begin(desk)
    impact: dict[str, Any] = {"impact": answers["impact"]} if answers.get("impact") else {}
    is_changed = desk.change(lambda record: analysed(record, answers), action="rca", **impact)
    missing = unanswered(desk.record)
    analysis = desk.record["root_cause"]["analysis_status"]
    said = f"analysis {analysis}" + (f", unanswered: {'; '.join(missing)}" if missing else "")
    if not is_changed:
        said = f"nothing was changed; {said}"
    desk.tell("rca", was, said, changed=is_changed, analysis_status=analysis, unanswered=missing)


class Draft:
    """The page of one record while a person writes it: a file of the local state.

    Args:
        settings: Where the state lies.
        failure_id: Id of the record.
    """

    def __init__(self, settings: Settings, failure_id: str) -> None:
        self._state_dir = settings.state_dir
        self.path = settings.state_dir / FOLDER / f"{failure_id}.md"

    def edited(self, made: str) -> str | None:
        """Let a person edit the page, or the one that was kept; None when they changed nothing.

        Raises:
            InputError: There is no editor, or it failed; what was written is kept.
        """
        _require_editor()
        is_kept = self.path.exists()
        try:
            if is_kept:
                click.echo(f"going on with the page that was kept in {self.path}", err=True)
            else:
                prepare_state(self._state_dir)
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(made, encoding="utf-8", newline="\n")
        except OSError as error:
            raise InputError(f"the page cannot be written to {self.path}: {error}") from error
        try:
            click.edit(filename=str(self.path))
        except click.ClickException as error:
            if not is_kept and _read(self.path) == made:
                self.forget()
            raise InputError(f"{error.message}; nothing was changed", slug="rca") from error
        text = _read(self.path)
        return None if text == made else text

    def forget(self) -> None:
        """Remove the page."""
        self.path.unlink(missing_ok=True)


def _require_editor() -> None:
    if os.environ.get("VISUAL") or os.environ.get("EDITOR") or sys.stdin.isatty():
        return
    raise InputError(
        "there is no terminal and no $EDITOR: use --print, fill in the page, and give it as --file",
        slug="rca",
    )


def _given(source: str) -> str:
    if source == "-":
        data = sys.stdin.buffer.read(PAGE_MAX_BYTES + 1)
        return _text(data, "standard input")
    return _read(Path(source))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(PAGE_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", slug="rca") from error
    return _text(data, str(path))


def _text(data: bytes, name: str) -> str:
    if len(data) > PAGE_MAX_BYTES:
        raise InputError(f"{name} is longer than {PAGE_MAX_BYTES:,} bytes", slug="rca")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no UTF-8 at byte {error.start}", slug="rca") from None


def _earlier(desk: Desk) -> list[Document]:
    """Return the newest earlier records that can be read."""
    ids = desk.record["repetition_tracking"]["previous_occurrence_ids"][:EARLIER_SHOWN]
    return desk.evidence.records(ids) if ids else []
