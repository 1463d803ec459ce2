"""`failtrack record ID resolve`: what ended a failure."""

from __future__ import annotations

import re

import click

from pytest_failtrack.cli.record.desk import Desk, acting
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.policy.git import first_line, git
from pytest_failtrack.record.analysis import unanswered
from pytest_failtrack.record.lifecycle import require_allowed, resolved

TYPES = ("FIX", "ARCHITECTURE_CHANGE", "GOVERNANCE_UPDATE", "PREVENTION_ADDED")
NONE = "none"
_SHA = re.compile(r"[0-9a-f]{7,64}")
_PR = re.compile(r"(?:.*/(?:pull|pulls|merge_requests)/|[#!])?(\d{1,12})/?")


@click.command(
    "resolve",
    epilog="Example: failtrack record 0b9c7d1e resolve --type FIX --description 'read both names'",
)
@click.option(
    "--type",
    "kind",
    required=True,
    type=click.Choice(TYPES, case_sensitive=False),
    metavar="TYPE",
    help=f"One of {', '.join(TYPES)}.",
)
@click.option("--description", required=True, metavar="TEXT", help="What was done.")
@click.option("--commit", metavar="SHA", help="Commit of it, or `none` [default: HEAD].")
@click.option("--pr", metavar="N", help="Pull request of it [default: the CI's].")
@acting
@click.pass_obj
def command(
    word: str,
    kind: str,
    description: str,
    commit: str | None,
    pr: str | None,
    by: str | None,
    note: str,
    as_json: bool,
    dir_: str | None,
    state: str | None,
    history: str | None,
) -> None:
    """Say what ended the failure: an INVESTIGATING record becomes RESOLVED.

    Its root cause analysis must be complete (`rca`).
    """
    desk = Desk.of(word, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    was = desk.status
    require_allowed(was, "RESOLVED", desk.failure_id)
    missing = unanswered(desk.record)
    if desk.record["root_cause"]["analysis_status"] != "COMPLETE":
        lacks = f"; it lacks {'; '.join(missing)}" if missing else ""
        raise InputError(
            f"the analysis of record {desk.word} is not complete{lacks}: "
            f"`failtrack record {desk.word} rca`",
            slug="lifecycle",
        )
    description = desk.redacted(description)
    if not description.strip():
        raise InputError("--description is empty: say what was done")
    sha = commit_of(desk.settings, commit)
    number = pr_of(pr if pr is not None else desk.settings.pr)
    kind = kind.upper()
    desk.change(
        lambda record: resolved(
            record,
            kind=kind,
            description=description,
            by=desk.by,
            at=desk.now,
            commit=sha,
            pr=number,
        ),
        action="resolve",
    )
    told = [f"by {kind}"]
    told += [f"commit {sha[:12]}{'' if commit else ' (HEAD)'}"] if sha else []
    told += [f"pull request {number}"] if number else []
    desk.tell("resolve", was, ", ".join(told), resolution=desk.record["resolution"])


def commit_of(settings: Settings, word: str | None) -> str:
    """Return the SHA that a word names, that of HEAD for None, `` for `none`.

    Raises:
        InputError: git does not know the word, and it is no SHA either.
    """
    if word is None:
        return settings.commit
    name = word.strip()
    if not name or name.lower() == NONE:
        return ""
    told = (
        ""
        if name.startswith("-")
        else git(settings.root, "rev-parse", "-q", "--verify", f"{name}^0")
    )
    sha = first_line(told) or name.lower()
    if not _SHA.fullmatch(sha):
        raise InputError(f"--commit {word!r} is no commit that git knows here, and no SHA")
    return sha


def pr_of(word: str) -> str:
    """Return the number of a pull request, from `7`, `#7`, `!7` or its address.

    Raises:
        InputError: It is none of these.
    """
    if not word.strip():
        return ""
    found = _PR.fullmatch(word.strip())
    if found is None:
        raise InputError(f"--pr {word!r} is no number of a pull request")
    return found[1]
