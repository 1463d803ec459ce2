"""What all commands of `failtrack record` share: the record, who acts, and how it is told."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

import click

from pytest_failtrack.cli.evidence.reading import Document, Evidence
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.cli.verify import record_of
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.changes import Edit
from pytest_failtrack.lives import append_event, change_record, read_changes
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.policy.authors import person_of
from pytest_failtrack.policy.git import first_line, git
from pytest_failtrack.record.change import Change
from pytest_failtrack.record.text import clean
from pytest_failtrack.sinks.plain import plain

F = TypeVar("F", bound=Callable[..., Any])

FULL_ID_CHARS = 36
SHOWN_ID_CHARS = 8
# Accounts that a CI says it acts for.
ACTOR_VARIABLES = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CIRCLE_USERNAME")


def acting(command: F) -> F:
    """Add the options of every command that changes a record: who, why, and where it lies."""
    command = places(command)
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(
        command
    )
    command = click.option("--note", metavar="TEXT", default="", help="What to remember of it.")(
        command
    )
    return click.option(
        "--by", metavar="NAME", help="Who does it [default: the CI's account, else git's user]."
    )(command)


class Desk:
    """One record on the desk of somebody.

    Args:
        settings: Settings of the project.
        evidence: What the record is read from.
        record: The record.
        by: Who acts.
        note: What they say about it, redacted.
        as_json: Answers are for programs.
        now: A fixed moment instead of this one, aware.
    """

    def __init__(
        self,
        settings: Settings,
        evidence: Evidence,
        record: Document,
        by: str,
        note: str = "",
        as_json: bool = False,
        now: datetime | None = None,
    ) -> None:
        self.settings = settings
        self.evidence = evidence
        self.record = record
        self.by = by
        self.as_json = as_json
        self._now = now
        self._redact = Redactor.of(settings.table)
        self.note = self.redacted(note)

    @classmethod
    def of(
        cls,
        word: str,
        *,
        dir_: str | None,
        state: str | None,
        history: str | None,
        by: str | None = None,
        note: str = "",
        as_json: bool = False,
    ) -> Desk:
        """Return the desk with the record that a word names.

        Raises:
            InputError: The word names no record, or several.
            EvidenceError: The record cannot be read.
        """
        settings = settings_from(dir=dir_, state=state, history=history)
        evidence = Evidence.of(settings)
        record = found(evidence, word)
        return cls(settings, evidence, record, by or actor(settings), note, as_json)

    @property
    def failure_id(self) -> str:
        """Id of the record."""
        return str(self.record["failure_id"])

    @property
    def word(self) -> str:
        """The beginning of the id, as one would type it."""
        return self.failure_id[:SHOWN_ID_CHARS]

    @property
    def now(self) -> datetime:
        """This moment: a person may write for an hour before something changes."""
        return self._now or datetime.now(timezone.utc)

    @property
    def status(self) -> str:
        """Its status."""
        return str(self.record["status"])

    def redacted(self, text: str) -> str:
        """Return what a person typed without secrets, as text that a file can hold."""
        return self._redact(clean(text))

    def change(self, edit: Edit, *, action: str, note: str = "", **more: Any) -> bool:
        """Change the record, and read it again; see `change_record`."""
        is_changed = change_record(
            self.settings,
            self.failure_id,
            edit,
            action=action,
            by=self.by,
            at=self.now,
            note=note or self.note,
            **more,
        )
        if is_changed:
            self.record = by_id(self.evidence, self.failure_id)
        return is_changed

    def event(self, *, action: str, note: str = "", **more: Any) -> bool:
        """Append an event that changes no field; see `append_event`."""
        return append_event(
            self.settings,
            self.failure_id,
            action=action,
            by=self.by,
            at=self.now,
            note=note or self.note,
            **more,
        )

    def changes(self, tell: Callable[[str], None] | None = None) -> list[Change]:
        """Return the events of the record, the oldest first."""
        return read_changes(self.settings, self.failure_id, tell=tell)

    def tell(self, action: str, was: str, sentence: str, **more: Any) -> None:
        """Print what was done.

        Args:
            action: The word for it.
            was: Status before.
            sentence: The same for people.
            more: What else programs want to know.
        """
        if self.as_json:
            answer = {
                "failure_id": self.failure_id,
                "action": action,
                "by": self.by,
                "was": was,
                "status": self.status,
                **more,
            }
            click.echo(json.dumps(answer, indent=2))
            return
        screen = Screen.of_stdout()
        shown = plain(sentence, unicode=screen.unicode)
        way = self.status if was == self.status else f"{was} -> {self.status}"
        lines = [f"{self.word}  {way}  {shown}"]
        following = next_step(self.record)
        if following:
            lines.append(f"next: failtrack record {self.word} {following}")
        screen.write(lines)


def next_step(record: Mapping[str, Any]) -> str:
    """Return the command that leads on, `` when the record is PREVENTED."""
    status = record["status"]
    if status == "INVESTIGATING":
        is_complete = record["root_cause"]["analysis_status"] == "COMPLETE"
        return "resolve --type FIX --description '...'" if is_complete else "rca"
    return {"OPEN": "investigate", "RESOLVED": "prevent"}.get(status, "")


def found(evidence: Evidence, word: str) -> Document:
    """Return the one record that a word names.

    Raises:
        InputError: It names nothing, or several.
        EvidenceError: The record cannot be read.
    """
    name = word.strip().lower()
    if len(name) == FULL_ID_CHARS:
        # Nothing but this record is read where nothing has to be looked for.
        told = len(evidence.problems)
        if records := evidence.records([name]):
            return records[0]
        del evidence.problems[told:]
    return record_of(evidence, word)


def by_id(evidence: Evidence, failure_id: str) -> Document:
    """Return the record of an id.

    Raises:
        EvidenceError: It cannot be read.
    """
    records = evidence.records([failure_id])
    if not records:
        raise EvidenceError(evidence.problems[-1])
    return records[0]


def actor(settings: Settings) -> str:
    """Return who is acting: the account that a CI names, else git's user, else the login."""
    for name in ACTOR_VARIABLES:
        if value := os.environ.get(name, "").strip():
            return f"@{value}" if name.startswith("GIT") else value
    email = first_line(git(settings.root, "config", "user.email"))
    account = person_of(email) if email else ""
    if account.startswith("@"):
        return account
    name = first_line(git(settings.root, "config", "user.name"))
    if name:
        return name
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
