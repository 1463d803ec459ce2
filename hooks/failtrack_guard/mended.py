"""Commits of a range that went around the hook with what a later one put right.

At the end of the range nothing shows them any more, so the files that each commit touched are
judged as they were, with the settings of today and only where those were in force.
"""

from __future__ import annotations

import os

from failtrack_guard.git import Bypass, changes_of, commits_of, contents_of, has_hook_at, subject_of
from failtrack_guard.reading import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from failtrack_guard.baseline import Entry
    from failtrack_guard.finding import Finding

    Judge = Callable[[str, bytes], list[Finding]]

# Of a longer range, the latest commits; of a commit that touches more files, none.
COMMITS_MAX = 50
FILES_MAX = 200


class _Sides:
    """What the files of a commit showed before and after it, and show now."""

    def __init__(self) -> None:
        self.before: list[Finding] = []
        self.after: list[Finding] = []
        self.now: list[Finding] = []

    def brought(self) -> list[Finding]:
        """Return what the commit brought that is gone since."""
        rules = {one.rule for one in self.after}
        guilty = {
            rule
            for rule in rules
            if _count(self.before, rule) < _count(self.after, rule) > _count(self.now, rule)
        }
        old = {one.fingerprint for one in self.before}
        return [one for one in self.after if one.rule in guilty and one.fingerprint not in old]


def mended(
    commits: str,
    root: str,
    judge: Judge,
    *,
    is_judged: Callable[[str], bool],
    known: Collection[str] = (),
) -> list[Bypass]:
    """Return the commits that brought what is gone at the end of the range, the oldest first.

    Args:
        commits: The range.
        root: Folder of the project.
        judge: Returns what is found in a file, by its path as it is shown, if it held these bytes.
        is_judged: Whether a file, by that path, is judged at all.
        known: Ids of commits that are told anyway.
    """
    found = []
    for commit in commits_of(commits, root, COMMITS_MAX):
        if commit in known:
            continue
        changes = [one for one in changes_of(commit, root) if is_judged(one[1] or one[0])]
        if not 0 < len(changes) <= FILES_MAX or not has_hook_at(commit, root):
            continue
        brought = _sides(commit, changes, root, judge).brought()
        if brought:
            found.append(Bypass(commit, *subject_of(commit, root), brought, is_mended=True))
    return found


def _sides(commit: str, changes: Iterable[tuple[str, str]], root: str, judge: Judge) -> _Sides:
    sides = _Sides()
    olds = [old for old, _ in changes if old]
    news = [new for _, new in changes if new]
    before = contents_of(f"{commit}^", olds, root)
    after = contents_of(commit, news, root)
    for path, content in after.items():
        sides.after += _found(judge, path, content)
    if not sides.after:
        return sides
    for path, content in before.items():
        sides.before += _found(judge, path, content)
    for path in dict.fromkeys((*olds, *news)):
        try:
            with open(os.path.join(root, path), "rb") as file:
                sides.now += _found(judge, path, file.read())
        except OSError:  # removed since
            continue
    return sides


def entries_then(judge: Judge, path: str, content: bytes) -> tuple[list[Finding], list[Entry]]:
    """Return what is found in a file if it held these bytes, and the entry of each finding.

    Args:
        judge: Returns what is found.
        path: The file, as it is shown.
        content: What it held.
    """
    from failtrack_guard.baseline import entries_of
    from failtrack_guard.texts import Texts

    try:
        found = judge(path, content)
    except Unreadable:  # then there is nothing to say of it
        return [], []
    return found, entries_of(found, Texts.of({path: content}))


def _found(judge: Judge, path: str, content: bytes) -> list[Finding]:
    found, entries = entries_then(judge, path, content)
    for one, entry in zip(found, entries, strict=True):
        one.fingerprint = entry.fingerprint
    return found


def _count(findings: Iterable[Finding], rule: str) -> int:
    return sum(one.rule == rule for one in findings)
