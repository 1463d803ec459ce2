"""Authors: who touched which file in the commit range under test."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.policy.git import NAMES, but, first_line, git

COMMITS_MAX = 500

# 49699333+octocat@users.noreply.github.com, octocat@users.noreply.github.com,
# 1234-octocat@users.noreply.gitlab.com
NOREPLY = lazily(
    r"(?:(?:\d+\+)?(?P<github>[^@+]+)@users\.noreply\.github\.com"
    r"|(?:\d+-)?(?P<gitlab>[^@]+)@users\.noreply\.gitlab\.com)",
    re.IGNORECASE,
)
# Commits made by the web interface carry the service, not a person, as committer.
SERVICES = {"noreply@github.com", "noreply@gitlab.com"}

LOG_FORMAT = "%x01%aE%x02%cE"


@frozen
class CommitRange:
    """Who changed what between the base and the tested commit.

    Args:
        authors: Author of the newest commit that touched a path, by path.
        committers: Committer of the newest commit that touched a path, by path.
        sole_author: The author when one person alone wrote the range, else ``.
        sole_committer: The committer when one person alone committed it, else ``.
    """

    authors: Mapping[str, str] = field(default_factory=dict)
    committers: Mapping[str, str] = field(default_factory=dict)
    sole_author: str = ""
    sole_committer: str = ""

    def author_of(self, path: str) -> str:
        """Return who wrote the change of a path, else the only author there is, else ``."""
        return self.authors.get(path) or self.sole_author

    def committer_of(self, path: str) -> str:
        """Return who committed the change of a path, else the only committer, else ``."""
        return self.committers.get(path) or self.sole_committer


def commit_range(
    root: Path, base_branch: str = "main", own: Sequence[str] = (), *, is_edited: bool = True
) -> CommitRange:
    """Return who changed what since the base branch; an empty range when git cannot say.

    On the base branch itself the range is its newest commit. What is edited and not committed is
    of whoever git would name as the author now. Paths are relative to `root`.

    Args:
        root: Folder that paths in records are relative to.
        base_branch: Branch that changes are merged to; looked for at `origin` first.
        own: Paths below the root that tracked runs write, which nobody edits.
        is_edited: Somebody edits this checkout. In CI nobody does: what a job generates is
            nobody's.
    """
    if base_branch.startswith("-"):  # git would read it as an option
        return CommitRange()
    base = first_line(git(root, "rev-parse", "-q", "--verify", f"origin/{base_branch}^0"))
    base = base or first_line(git(root, "rev-parse", "-q", "--verify", f"{base_branch}^0"))
    log = _log(root, own, f"{base}..HEAD") if base else ""
    # The newest commit says who touched its files; that they broke the rest would be a guess.
    newest = parse_log(log or _log(root, own, "-1", "HEAD"))
    found = newest if log else replaced(newest, sole_author="", sole_committer="")
    return _with_edits(root, found, own) if is_edited else found


def _with_edits(root: Path, found: CommitRange, own: Sequence[str]) -> CommitRange:
    """Return a range with what is edited and not committed: whose checkout it is wrote that.

    That who edits a file broke what fails elsewhere would be a guess: an edit makes nobody the
    only author.
    """
    edited = edited_files(root, own)
    me = person_of(first_line(git(root, "config", "user.email"))) if edited else ""
    if not me:
        return found
    mine = dict.fromkeys(edited, me)
    return CommitRange(
        {**found.authors, **mine},
        {**found.committers, **mine},
        found.sole_author if found.sole_author == me else "",
        found.sole_committer if found.sole_committer == me else "",
    )


def changed_files(
    root: Path, base_branch: str = "main", own: Sequence[str] = ()
) -> tuple[frozenset[str], bool]:
    """Return which files differ from the base branch, and whether that is the whole difference.

    Committed or not, but for what is ignored; paths are relative to `root`. On the base branch
    itself, with nothing edited, they are those of its newest commit, which is not the whole: what
    fails may have failed before. No files when git cannot say.

    Args:
        root: Folder that paths are relative to.
        base_branch: Branch that changes are merged to; looked for at `origin` first.
        own: Paths below the root that tracked runs write, which are no change.
    """
    if base_branch.startswith("-") or not git(root, "rev-parse", "-q", "--verify", "HEAD^0"):
        return frozenset(), False
    files = set(edited_files(root, own))
    base = first_line(git(root, "rev-parse", "-q", "--verify", f"origin/{base_branch}^0"))
    base = base or first_line(git(root, "rev-parse", "-q", "--verify", f"{base_branch}^0"))
    committed = parse_log(_log(root, own, f"{base}..HEAD")).authors if base else {}
    files.update(committed)
    if files:
        return frozenset(files), bool(committed)
    # A commit without a parent, as in a shallow clone, seems to change every file.
    has_parent = git(root, "rev-parse", "-q", "--verify", "HEAD~1^0")
    newest = parse_log(_log(root, own, "-1", "HEAD")).authors if has_parent else {}
    return frozenset(newest), False


def edited_files(root: Path, own: Sequence[str] = ()) -> frozenset[str]:
    """Return which files differ from the commit, added ones too, but for what is ignored.

    Args:
        root: Folder that paths are relative to.
        own: Paths below the root that tracked runs write.
    """
    edited = git(root, "diff", *NAMES, "HEAD", "--", *but(own))
    added = git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", *but(own))
    return frozenset(path for path in (edited + added).split("\0") if path)


def tracked_files(root: Path, own: Sequence[str] = ()) -> frozenset[str]:
    """Return which files git knows below a folder, relative to it; none when it cannot say.

    Args:
        root: The folder.
        own: Paths below it that tracked runs write; they are left out.
    """
    return frozenset(one for one in git(root, "ls-files", "-z", "--", *but(own)).split("\0") if one)


def parse_log(text: str) -> CommitRange:
    """Return the range that the output of `git log` in our format describes, newest first."""
    authors: dict[str, str] = {}
    committers: dict[str, str] = {}
    everyone: tuple[set[str], set[str]] = (set(), set())
    for commit in text.split("\x01")[1:]:
        head, *paths = commit.split("\0")
        author, committer = (person_of(email.strip()) for email in head.split("\x02")[:2])
        committer = committer or author
        everyone[0].add(author)
        everyone[1].add(committer)
        for path in paths:
            path = path.lstrip("\n")
            if path:
                authors.setdefault(path, author)
                committers.setdefault(path, committer)
    return CommitRange(authors, committers, *(_only(people) for people in everyone))


def person_of(email: str) -> str:
    """Return `@login` for a no-reply address, `` for the service itself, else the address."""
    if email.lower() in SERVICES:
        return ""
    found = NOREPLY.fullmatch(email)
    return f"@{found['github'] or found['gitlab']}" if found else email


def _only(people: set[str]) -> str:
    return next(iter(people)) if len(people) == 1 else ""


def _log(root: Path, own: Sequence[str], *revisions: str) -> str:
    return git(
        root,
        "log",
        "--no-merges",
        f"--max-count={COMMITS_MAX}",
        f"--format={LOG_FORMAT}",
        *NAMES,
        *revisions,
        "--",
        *but(own),
    )
