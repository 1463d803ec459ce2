"""What git knows: which files commits touched, and which commit brought a line."""

from __future__ import annotations

import os

from failtrack_guard.errors import GuardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from failtrack_guard.finding import Finding

HOOK = "failtrack-guard"
MANIFEST = ".pre-commit-config.yaml"


class Bypass:
    """A commit that holds findings although the hook is in the manifest.

    Args:
        commit: Its full id.
        author: Name of its author.
        subject: First line of its message.
        findings: What it brought.
    """

    __slots__ = ("author", "commit", "findings", "subject")

    def __init__(self, commit: str, author: str, subject: str, findings: list[Finding]) -> None:
        self.commit = commit
        self.author = author
        self.subject = subject
        self.findings = findings


def changed_in(commits: str, root: str) -> frozenset[str]:
    """Return the paths, relative to a folder, that commits added, changed or deleted.

    Args:
        commits: A range such as `origin/main..HEAD`; with three dots, since they parted.
        root: Folder of the project.

    Raises:
        GuardError: It is no range, or git does not know it.
    """
    ends = [one for one in commits.split("..") if one.strip(".")]
    if ".." not in commits or commits.startswith("-") or not ends:
        raise GuardError(f"--commit-range is {commits!r}; write BASE..HEAD")
    return _names(_git(root, "diff", "--name-only", "-z", "--relative", commits, "--"))


def changed_now(root: str) -> frozenset[str] | None:
    """Return the paths that the commit at hand changes, None when no commit is being made.

    pre-commit says by its environment that it runs, and for which range when it is no commit.
    """
    start, end = os.environ.get("PRE_COMMIT_FROM_REF"), os.environ.get("PRE_COMMIT_TO_REF")
    if start and end:
        return changed_in(f"{start}...{end}", root)
    if os.environ.get("PRE_COMMIT") != "1":
        return None
    return _names(_git(root, "diff", "--cached", "--name-only", "-z", "--relative", "--"))


def bypasses(findings: Iterable[Finding], commits: str, root: str) -> list[Bypass]:
    """Return the commits of a range that brought findings past a hook, the oldest first.

    Nothing without the hook's id in the pre-commit manifest: then nothing was bypassed.

    Args:
        findings: What was found in the files of the range.
        commits: The range.
        root: Folder of the project.
    """
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        by_path.setdefault(one.path, []).append(one)
    if not by_path or not has_hook(root):
        return []
    found: dict[str, list[Finding]] = {}
    for path, ours in by_path.items():
        brought = _lines_of(commits, path, root)
        for one in ours:
            commit = brought.get(one.line)
            if commit:
                found.setdefault(commit, []).append(one)
    order = _git(root, "rev-list", "--reverse", commits.replace("...", ".."), "--").split()
    made = []
    for commit in sorted(found, key=lambda one: order.index(one) if one in order else 0):
        told = _git(root, "show", "--no-patch", "--format=%an%x00%s", commit)
        author, _, subject = told.strip().partition("\0")
        made.append(Bypass(commit, author, subject, found[commit]))
    return made


def has_hook(root: str) -> bool:
    """Return whether the pre-commit manifest of the repository names one of our hooks."""
    top = _git(root, "rev-parse", "--show-toplevel").rstrip("\n")
    try:
        with open(os.path.join(top, MANIFEST), encoding="utf-8", errors="replace") as file:
            return any(HOOK in line.partition("#")[0] for line in file)
    except OSError:
        return False


def _lines_of(commits: str, path: str, root: str) -> dict[int, str]:
    """Return line -> commit for the lines of a file that the range brought."""
    told = _git(root, "blame", "--porcelain", commits.replace("...", ".."), "--", path)
    lines: dict[int, str] = {}
    old: set[str] = set()
    commit = ""
    for text in told.split("\n"):
        words = text.split(" ")
        if len(words) >= 3 and len(words[0]) in (40, 64) and words[1].isdecimal():
            commit = words[0]
            lines[int(words[2])] = commit
        elif text == "boundary":
            old.add(commit)
    return {line: one for line, one in lines.items() if one not in old}


def _names(told: str) -> frozenset[str]:
    return frozenset(name for name in told.split("\0") if name)


def _git(root: str, *arguments: str) -> str:
    import subprocess

    try:
        done = subprocess.run(
            ["git", "-C", root, *arguments], capture_output=True, check=False, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GuardError(f"git could not be run ({error}); install it", slug="git") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise GuardError(
            f"git {arguments[0]} ended with {done.returncode}: {said}; check the range and, in CI, "
            "that the commits were fetched (fetch-depth: 0)",
            slug="git",
        )
    return done.stdout.decode("utf-8", "surrogateescape")
