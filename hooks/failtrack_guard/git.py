"""What git knows: which files commits touched, and which commit brought a line."""

from __future__ import annotations

import os

from failtrack_guard.errors import GuardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
        is_mended: Whether that is gone by the end of the range.
    """

    __slots__ = ("author", "commit", "findings", "is_mended", "subject")

    def __init__(
        self,
        commit: str,
        author: str,
        subject: str,
        findings: list[Finding],
        *,
        is_mended: bool = False,
    ) -> None:
        self.commit = commit
        self.author = author
        self.subject = subject
        self.findings = findings
        self.is_mended = is_mended


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


def bypasses(
    findings: Iterable[Finding],
    commits: str,
    root: str,
    renamed_by: Callable[[Finding], Iterable[str]],
) -> list[Bypass]:
    """Return the commits of a range that brought findings, the oldest first.

    They went past the hook where there is one; see `has_hook`.

    Args:
        findings: What was found in the files of the range.
        commits: The range.
        root: Folder of the project.
        renamed_by: Returns the commits that brought a finding by renaming its file, the latest
            first.
    """
    by_path: dict[str, list[Finding]] = {}
    for one in findings:
        by_path.setdefault(one.path, []).append(one)
    if not by_path:
        return []
    told = _git(root, "rev-list", "--reverse", commits.replace("...", ".."), "--").split()
    order = {commit: at for at, commit in enumerate(told)}
    found: dict[str, list[Finding]] = {}
    for path, ours in by_path.items():
        brought = _lines_of(commits, path, root)
        for one in ours:
            # A renamed file keeps its lines, which may be wrong only where they are now.
            by_line = brought.get(one.line, "")
            by_name = next(iter(renamed_by(one)), "")
            commit = max(by_line, by_name, key=lambda each: order.get(each, -1))
            if commit:
                found.setdefault(commit, []).append(one)
    made = []
    for commit in sorted(found, key=lambda one: order.get(one, 0)):
        made.append(Bypass(commit, *subject_of(commit, root), found[commit]))
    return made


def subject_of(commit: str, root: str) -> tuple[str, str]:
    """Return the author of a commit and the first line of its message."""
    told = _git(root, "show", "--no-patch", "--format=%an%x00%s", commit)
    author, _, subject = told.strip().partition("\0")
    return author, subject


def commits_of(commits: str, root: str, most: int) -> list[str]:
    """Return the ids of the latest commits of a range but its merges, the oldest first."""
    range_of_two = commits.replace("...", "..")
    told = _git(root, "rev-list", "--no-merges", f"--max-count={most}", range_of_two, "--")
    return told.split()[::-1]


def changes_of(commit: str, root: str) -> list[tuple[str, str]]:
    """Return the Python files that a commit changes: (path before, path after), empty for none."""
    told = _git(
        *(root, "diff-tree", "-r", "-M", "--root", "--no-commit-id", "--name-status", "-z"),
        *("--relative", commit),
    )
    words = iter(told.split("\0"))
    found = []
    for status in words:
        if status[:1] in ("R", "C"):
            old, new = next(words), next(words)
        elif status:
            path = next(words)
            old, new = path if status != "A" else "", path if status != "D" else ""
        else:
            continue
        if (new or old).endswith(".py"):
            found.append((old, new))
    return found


def renames_in(commits: str, root: str) -> list[tuple[str, str, str]]:
    """Return the renames of a range, the latest first: (commit, path before, path after).

    A path before that lies outside the folder is empty; what left the folder is not told.
    """
    told = _git(
        *(root, "log", "--topo-order", "--diff-filter=R", "-M", "--name-status", "-z"),
        *("--format=%H", commits.replace("...", ".."), "--"),
    )
    prefix = _prefix(root)
    words = iter(told.split("\0"))
    commit = ""
    found = []
    for word in words:
        if len(word) in (40, 64):
            commit = word
        elif word.startswith(("\nR", "R")):
            old, new = next(words), next(words)
            if new.startswith(prefix):
                inside = old[len(prefix) :] if old.startswith(prefix) else ""
                found.append((commit, inside, new[len(prefix) :]))
    return found


def contents_of(commit: str, paths: Sequence[str], root: str) -> dict[str, bytes]:
    """Return what files hold at a commit, by their path; those that it lacks are left out."""
    prefix = _prefix(root)
    asked = [one for one in paths if "\n" not in one]
    lines = "".join(f"{commit}:{prefix}{one}\n" for one in asked)
    told = _told(root, ("cat-file", "--batch"), lines.encode("utf-8", "surrogateescape"))
    found: dict[str, bytes] = {}
    at = 0
    for path in asked:
        end = told.index(b"\n", at)
        words = told[at:end].split(b" ")
        at = end + 1
        if words[-1] == b"missing" or len(words) != 3:
            continue
        size = int(words[2])
        if words[1] == b"blob":
            found[path] = told[at : at + size]
        at += size + 1
    return found


def has_hook_at(commit: str, root: str) -> bool:
    """Return whether one of our hooks was in the manifest at a commit, with today's settings."""
    manifest = _git(root, "show", f"{commit}:{MANIFEST}", may_fail=True)
    if not _names_hook(manifest.split("\n")):
        return False
    changed = _git(root, "diff", "--name-only", "--relative", commit, "--", "pyproject.toml")
    return not changed.strip()


def has_hook(root: str) -> bool:
    """Return whether the pre-commit manifest of the repository names one of our hooks."""
    top = _git(root, "rev-parse", "--show-toplevel").rstrip("\n")
    try:
        with open(os.path.join(top, MANIFEST), encoding="utf-8", errors="replace") as file:
            return _names_hook(file)
    except OSError:
        return False


def _prefix(root: str) -> str:
    """Return the path of a folder within its repository, with a slash at its end, if any."""
    return _git(root, "rev-parse", "--show-prefix").rstrip("\n")


def _names_hook(manifest: Iterable[str]) -> bool:
    return any(HOOK in line.partition("#")[0] for line in manifest)


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


def _git(root: str, *arguments: str, may_fail: bool = False) -> str:
    return _told(root, arguments, may_fail=may_fail).decode("utf-8", "surrogateescape")


def _told(
    root: str, arguments: Sequence[str], given: bytes = b"", *, may_fail: bool = False
) -> bytes:
    """Return what git prints, nothing when it may fail and does."""
    import subprocess

    try:
        done = subprocess.run(
            ["git", "-C", root, *arguments],
            input=given,
            capture_output=True,
            check=False,
            timeout=120,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GuardError(f"git could not be run ({error}); install it", slug="git") from None
    if done.returncode and may_fail:
        return b""
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[0]
        raise GuardError(
            f"git {arguments[0]} ended with {done.returncode}: {said}; check the range and, in CI, "
            "that the commits were fetched (fetch-depth: 0)",
            slug="git",
        )
    return done.stdout
