"""Whether the documentation that a record names has changed since it failed (S0-151).

`prove.py` asks. git says when a file was changed last; without git the file's own time does.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path

from pytest_failtrack.policy.git import asked, first_line
from pytest_failtrack.record.times import parse_time

GIT_SECONDS = 30.0


def problem_with(root: Path, entry: str, since: datetime) -> tuple[str, str]:
    """Return what is wrong about one entry of the documentation, and by what that was judged.

    Args:
        root: Folder that paths are relative to.
        entry: A path, which `: words` may follow.
        since: When the failure was seen, aware.

    Returns:
        A clause, `` when the path exists and has changed; `git`, `mtime` or ``.
    """
    path, problem = _path_of(root, entry)
    if path is None:
        return problem, ""
    name = path.relative_to(root).as_posix()
    by_git = _changed_by_git(root, name)
    if by_git is None:
        at, how = _mtime(path), "mtime"
    elif isinstance(by_git, str):
        return f"{name} {by_git}", "git"
    else:
        at, how = by_git, "git"
    if at <= since:
        return (
            f"{name} has not changed since the failure was seen ({_day(since)}): its last change is"
            f" of {_day(at)}",
            how,
        )
    return "", how


def all_problems(root: Path, entries: Iterable[str], since: datetime) -> tuple[list[str], set[str]]:
    """Return what is wrong about the entries, and by what they were judged."""
    found = [problem_with(root, one, since) for one in entries]
    return [problem for problem, _ in found if problem], {how for _, how in found if how}


def _path_of(root: Path, entry: str) -> tuple[Path | None, str]:
    text = entry.strip()
    if "://" in text:
        return None, f"{text} is an address; name a file of the repository"
    for one in dict.fromkeys((text, text.partition("#")[0], text.partition(": ")[0])):
        path = Path(os.path.normpath(root / one)) if one.strip() else root
        try:
            is_there = path.exists()
        except (OSError, ValueError):  # too long, or with a NUL
            is_there = False
        if is_there:
            is_inside = path.is_relative_to(root) and path != root
            return (path, "") if is_inside else (None, f"{text} lies outside of the repository")
    return None, f"there is no {text}"


def _changed_by_git(root: Path, name: str) -> datetime | str | None:
    """Return when git knows that a path changed, why it cannot say, None without git."""
    words = ("status", "--porcelain", "--untracked-files=all", "--ignored=no", "--", name)
    dirty = asked(root, *words, timeout_seconds=GIT_SECONDS)
    if dirty is None:
        return None
    if dirty.strip():
        return _mtime(root / name)
    log = ("log", "-1", "--format=%cI %P", "--", name)
    said = first_line(asked(root, *log, timeout_seconds=GIT_SECONDS) or "")
    if not said:
        return None  # ignored by git, or no commit yet
    moment, _, parents = said.partition(" ")
    shallow = first_line(asked(root, "rev-parse", "--is-shallow-repository") or "")
    if not parents and shallow == "true":
        return "was changed before the part of the history that was fetched: fetch all of it"
    return parse_time(moment)


def _mtime(path: Path) -> datetime:
    newest = path.stat().st_mtime
    if path.is_dir():
        for folder, _, files in os.walk(path):
            times = (os.stat(os.path.join(folder, one)).st_mtime for one in files)
            newest = max(newest, *times, 0.0)
    return datetime.fromtimestamp(newest, timezone.utc)


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%MZ")
