"""Frozen scope: what changed under a path after the day or tag from which it may not (S0-26).

[[tool.failtrack.frozen]]
path = "src/api/**"
since = "v1.2"                 a tag or commit, or a day: 2026-10-01
until = 2026-12-31             optional: the last day of the freeze
except = ["src/api/docs/"]     optional
reason = "contract of the partners"
owner = "@api-team"
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.policy.authors import person_of
from pytest_failtrack.policy.codeowners import CodeOwners, rules_from_map
from pytest_failtrack.policy.git import NAMES, asked, first_line
from pytest_failtrack.policy.read import Reader

SECONDS_MAX = 20.0
COMMITS_MAX = 500
DAY = lazily(r"\d{4}-\d\d-\d\d")
LOG_FORMAT = "%x01%h%x02%aE"


@frozen
class FrozenPath:
    """A path that may not change.

    Args:
        path: Pattern, as in CODEOWNERS.
        since: Tag or commit, or the day, as it was written.
        begins: The moment from which it is frozen; None where `since` is a tag or commit.
        until: The last day of the freeze; None for ever.
        exceptions: Patterns below it that may change.
        reason: Why, ``.
        owner: Who may lift it, ``.
    """

    path: str
    since: str
    begins: datetime | None = None
    until: date | None = None
    exceptions: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""

    def is_in_force(self, now: datetime) -> bool:
        """Return whether it has begun and has not ended."""
        has_begun = self.begins is None or self.begins <= now
        return has_begun and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        """Return whether its last day is past."""
        return self.until is not None and self.until < now.astimezone(timezone.utc).date()

    def holds(self, file: str) -> bool:
        """Return whether a file, relative to the root, may not change."""
        return bool(self._frozen.owners_of(file)) and not self._excepted.owners_of(file)

    @cached_property
    def _frozen(self) -> CodeOwners:
        return rules_from_map({self.path: "frozen"})

    @cached_property
    def _excepted(self) -> CodeOwners:
        return rules_from_map(dict.fromkeys(self.exceptions, "excepted"))

    @property
    def literal(self) -> str:
        """The part of the pattern without wildcards, for git to look in; `.` for everywhere."""
        body = self.path.strip("/")
        if "/" not in body and not self.path.startswith("/"):
            return "."
        parts = body.split("/")
        count = next((n for n, one in enumerate(parts) if set(one) & set("*?")), len(parts))
        return "/".join(parts[:count]) or "."


@frozen
class ScopeChange:
    """A file that is not as it was when it was frozen.

    Args:
        frozen: What froze it.
        file: The file, relative to the root.
        commit: The newest commit that touched it since, shortened; `` for an edit that is not
            committed, or where it is not known.
        author: Who wrote that commit, ``.
        is_committed: False for an edit that is not committed.
    """

    frozen: FrozenPath
    file: str
    commit: str = ""
    author: str = ""
    is_committed: bool = True

    @property
    def headline(self) -> str:
        """What happened, in words that are the same whatever commit it was."""
        return f"{self.file} changed; {self.frozen.path} is frozen since {self.frozen.since}"

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        by = f" in {self.commit}" if self.commit else "" if self.is_committed else ", not committed"
        if self.author:
            by += f" by {self.author}"
        why = f" ({self.frozen.reason})" if self.frozen.reason else ""
        since = self.frozen.since
        return f"{self.file} changed{by}; {self.frozen.path} is frozen since {since}{why}"


@frozen
class ScopeReport:
    """What git says of the frozen paths.

    Args:
        changes: Files that changed, in the order of the configuration.
        unchecked: Why some of it could not be checked, one sentence each.
        checked: How many frozen paths were held against the history.
    """

    changes: tuple[ScopeChange, ...] = ()
    unchecked: tuple[str, ...] = ()
    checked: int = 0

    def named(self, most: int) -> list[str]:
        """Return the changes in sentences, the first ones by name and the others counted."""
        more = len(self.changes) - most
        sentences = [one.sentence for one in self.changes[:most]]
        return [*sentences, f"{more:,} more"] if more > 0 else sentences


def frozen_paths(entries: Sequence[Any] = ()) -> tuple[FrozenPath, ...]:
    """Return what `[[tool.failtrack.frozen]]` lists.

    Raises:
        ConfigError: A key or value is not allowed; the message names the entry and the key.
    """
    return tuple(_entry(f"tool.failtrack.frozen[{n}]", one) for n, one in enumerate(entries))


def scope_report(
    root: Path,
    frozen: Iterable[FrozenPath],
    now: datetime,
    base_branch: str = "main",
    seconds_max: float = SECONDS_MAX,
) -> ScopeReport:
    """Return what changed under frozen paths: committed since they are frozen, or edited now.

    A file counts when it differs from what was frozen: a change that was taken back does not.

    Args:
        root: Folder that paths are relative to.
        frozen: What is frozen; what has not begun or is over is left out.
        now: This moment, aware.
        base_branch: Branch whose state counts as frozen beside that of this branch.
        seconds_max: How long git may take in all.
    """
    due = [one for one in frozen if one.is_in_force(now)]
    if not due:
        return ScopeReport()
    asker = _Asker(root, seconds_max)
    if asker.ask("rev-parse", "-q", "--verify", "HEAD^0") is None:
        why = f"git says nothing of {root}: what is frozen could not be checked"
        return ScopeReport(unchecked=(why,))
    changes: list[ScopeChange] = []
    unchecked: list[str] = []
    for one in due:
        states = _states(asker, one, base_branch)
        files = _changed(asker, one, states) if states else None
        if files is None:
            unchecked.append(_why_not(asker, one, bool(states)))
            continue
        changes += _described(asker, one, states[0], files)
    return ScopeReport(tuple(changes), tuple(unchecked), len(due) - len(unchecked))


class _Asker:
    """Asks git, for some seconds in all."""

    def __init__(self, root: Path, seconds: float) -> None:
        self._root = root
        self.seconds = seconds
        self._until = time.monotonic() + seconds
        self.is_late = False

    def ask(self, *words: str) -> str | None:
        left = self._until - time.monotonic()
        if left <= 0:
            self.is_late = True
            return None
        return asked(self._root, *words, timeout_seconds=left)

    def commit(self, name: str) -> str:
        return first_line(self.ask("rev-parse", "-q", "--verify", f"{name}^0") or "")


def _states(asker: _Asker, one: FrozenPath, base_branch: str) -> list[str]:
    """Return the commits of which each shows the frozen state; none when it is not known.

    What this branch had, and what the branch had that it is merged from or into: a branch may be
    behind, or have taken over what was there before the freeze.
    """
    if one.begins is None:
        named = asker.commit(one.since)
        fork = first_line(asker.ask("merge-base", named, "HEAD") or "") if named else ""
        return [fork, named] if fork else []
    here = _at(asker, one.begins, "HEAD")
    if not here:
        return []
    base = asker.commit(f"origin/{base_branch}") or asker.commit(base_branch)
    there = _at(asker, one.begins, base) if base else ""
    return [here, there] if there else [here]


def _at(asker: _Asker, moment: datetime, commit: str) -> str:
    """Return the commit that was the newest of a branch at a moment."""
    before = (moment - timedelta(seconds=1)).isoformat()
    told = asker.ask("rev-list", "-1", "--first-parent", f"--before={before}", commit, "--")
    return first_line(told or "")


def _changed(asker: _Asker, one: FrozenPath, states: Iterable[str]) -> set[str] | None:
    """Return the frozen files that differ from each of the states, None when git cannot say."""
    found: set[str] | None = None
    for state in dict.fromkeys(states):
        told = asker.ask(*_names("diff", state), *_in(one))
        if told is None:
            return None
        files = {file for file in told.split("\0") if file and one.holds(file)}
        found = files if found is None else found & files
    return (found or set()) | _untracked(asker, one)


def _untracked(asker: _Asker, one: FrozenPath) -> set[str]:
    told = asker.ask("ls-files", "--others", "--exclude-standard", "-z", *_in(one)) or ""
    return {file for file in told.split("\0") if file and one.holds(file)}


def _described(
    asker: _Asker, one: FrozenPath, state: str, files: Iterable[str]
) -> Iterable[ScopeChange]:
    """Return the change of each file with the commit that made it, or as an edit."""
    ordered = sorted(files)
    if not ordered:
        return []
    edited = set((asker.ask(*_names("diff", "HEAD"), *_in(one)) or "").split("\0"))
    edited |= _untracked(asker, one)
    commits = _commits(asker, one, state)
    return [
        ScopeChange(one, file, is_committed=False)
        if file in edited and file not in commits
        else ScopeChange(one, file, *commits.get(file, ("", "")))
        for file in ordered
    ]


def _commits(asker: _Asker, one: FrozenPath, state: str) -> Mapping[str, tuple[str, str]]:
    """Return the newest commit since a state that touched each file, and its author."""
    form = (f"--format={LOG_FORMAT}", f"--max-count={COMMITS_MAX}", "--no-merges")
    told = asker.ask(*_names("log", *form, f"{state}..HEAD"), *_in(one)) or ""
    found: dict[str, tuple[str, str]] = {}
    for commit in told.split("\x01")[1:]:
        head, *paths = commit.split("\0")
        name, _, email = head.partition("\x02")
        for path in paths:
            if path := path.lstrip("\n"):
                found.setdefault(path, (name, person_of(email.strip())))
    return found


def _names(command: str, *words: str) -> tuple[str, ...]:
    return (command, *NAMES, *words)


def _in(one: FrozenPath) -> tuple[str, str]:
    return ("--", "." if one.literal == "." else f":(literal){one.literal}")


def _why_not(asker: _Asker, one: FrozenPath, has_state: bool) -> str:
    what = f"{one.path} could not be checked"
    if asker.is_late or has_state:
        return f"{what}: git took longer than {asker.seconds:g} seconds, or failed"
    if (asker.ask("rev-parse", "--is-shallow-repository") or "").strip() == "true":
        return f"{what}: this clone is shallow; fetch the whole history (`fetch-depth: 0`)"
    if one.begins is None:
        return f"{what}: git knows no tag or commit {one.since!r}; fetch the tags, or correct it"
    return f"{what}: no commit here is older than {one.since}, so nothing was there to be frozen"


def _entry(name: str, table: Any) -> FrozenPath:
    where = Reader(name, table)
    where.only("path", "since", "until", "except", "reason", "owner")
    path = where.text("path", allow_empty=False)
    since, begins = _since(where)
    return FrozenPath(
        path=path,
        since=since,
        begins=begins,
        until=_day(where, "until"),
        exceptions=where.words("except"),
        reason=where.text("reason"),
        owner=where.text("owner"),
    )


def _since(where: Reader) -> tuple[str, datetime | None]:
    value = where.values().get("since")
    moment = _moment(value)
    if moment is not None:
        return str(value), moment
    if not isinstance(value, str) or not value.strip() or value.startswith("-"):
        where.refuse("since", "a day such as 2026-10-01, or the name of a tag")
    return str(value), None


def _day(where: Reader, key: str) -> date | None:
    if key not in where:
        return None
    moment = _moment(where.values()[key])
    if moment is None:
        where.refuse(key, "a day such as 2026-12-31")
    return moment.date() if moment else None


def _moment(value: Any) -> datetime | None:
    """Return the moment that a day or time stands for, in UTC where it says nothing else."""
    if isinstance(value, str):
        if not DAY.match(value):
            return None  # newer versions of Python would take a tag such as `20261001` for one
        try:
            value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
        except ValueError:
            return None
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
