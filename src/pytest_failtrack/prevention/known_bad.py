"""The known-bad case of a record: the tree as it was when it failed, made in a copy (S0-150).

`prove.py` asks. What is stored lies in a folder named like the record:

    <known-bad>/<failure-id>/NAME.patch          applied to a copy of the tree; each is a case
    <known-bad>/<failure-id>/tree/PATH.bad       laid over it as PATH; all of them are one case

`.bad` keeps such a file away from pytest, from the guard and from every other tool. The user's
own tree is never changed.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.git import asked
from pytest_failtrack.prevention.bounded import run_bounded

PATCHES = (".patch", ".diff")
BAD = ".bad"
LAID_OVER = "tree"
# Paths begin with a/ and b/, unless `diff.noprefix` is set.
PREFIXES = ("-p1", "-p0")
GIT_SECONDS = 60.0
COPIED_FILES_MAX = 200_000
COPIED_BYTES_MAX = 2 * 1024**3
# What git ignores is copied where it lies among files that git knows, such as a made _version.py.
IGNORED_BYTES_MAX = 5 * 1024**2
# Without git: folders in which no project keeps what its tests need.
_NOT_COPIED = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules", ".tox", ".nox", ".venv", "venv"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
)


@frozen
class Case:
    """One way to make the tree bad.

    Args:
        name: Its name, as sentences tell it.
        patch: The patch, None when files are laid over.
        files: Path in the tree and the file that is laid over it.
    """

    name: str
    patch: Path | None = None
    files: tuple[tuple[str, Path], ...] = ()


def cases_in(folder: Path) -> tuple[Case, ...]:
    """Return the cases that are stored for a record, by name; none when there is no folder.

    Raises:
        InputError: What lies there is no known-bad case.
    """
    if not folder.is_dir():
        return ()
    patches = [
        Case(path.name, patch=path)
        for path in sorted(folder.iterdir())
        if path.suffix in PATCHES and path.is_file()
    ]
    laid = tuple(_laid_over(folder / LAID_OVER))
    return (*patches, *((Case(LAID_OVER, files=laid),) if laid else ()))


def _laid_over(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        name = path.relative_to(folder).as_posix()
        if path.suffix != BAD or path.is_symlink():
            raise InputError(
                f"{path}: a known-bad file is a plain file named like the one that it stands for,"
                f" with {BAD} behind it: {name}{BAD}; else pytest and the guard would find it",
                slug="known-bad",
            )
        yield name.removesuffix(BAD), path


@contextmanager
def copied(root: Path, left_out: Sequence[Path] = (), linked: Sequence[str] = ()) -> Iterator[Path]:
    """Give a copy of a tree that is gone afterwards.

    Args:
        root: The tree.
        left_out: Folders that are not copied.
        linked: Folders, relative to the root, that the copy has as links.

    Raises:
        InputError: It is too large, or cannot be copied.
    """
    with tempfile.TemporaryDirectory(prefix="failtrack-", ignore_cleanup_errors=True) as folder:
        # macOS: the temporary folder is a link, and node ids are relative to where it leads.
        copy = Path(os.path.realpath(folder), root.name or "tree")
        copy.mkdir()
        try:
            _copy(root, copy, left_out)
            for name in linked:
                if (root / name).exists() and not (copy / name).exists():
                    (copy / name).parent.mkdir(parents=True, exist_ok=True)
                    (copy / name).symlink_to(os.path.realpath(root / name))
        except (OSError, shutil.Error) as error:
            raise InputError(
                f"the tree cannot be copied to {copy}: {error}; is there room?", slug="known-bad"
            ) from error
        yield copy


def make_bad(case: Case, copy: Path) -> tuple[tuple[str, ...], str]:
    """Make a copy of the tree bad.

    Args:
        case: The known-bad case.
        copy: A copy of the tree, as `copied` gives it.

    Returns:
        The paths that differ now, and why the case cannot be made, as a sentence, ``.
    """
    if case.patch is not None:
        return _patched(case.patch, copy)
    for path, file in case.files:
        target = copy / path
        if not _is_inside(copy, target):
            return (), f"{case.name}/{path}{BAD} would be laid over what lies outside of the tree"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return tuple(path for path, _ in case.files), ""


def _patched(patch: Path, copy: Path) -> tuple[tuple[str, ...], str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # The copy is no repository, and git shall not look for one above it.
    environ |= {"GIT_CEILING_DIRECTORIES": str(copy.parent), "LC_ALL": "C"}
    said = ""
    for prefix in PREFIXES:
        apply = ("git", "apply", "--whitespace=nowarn", prefix)
        listed = run_bounded([*apply, "--numstat", "-z", str(patch)], copy, environ, GIT_SECONDS)
        if listed.status is None:
            return (), (
                f"git, which applies {patch.name}, {listed.problem}; install git, or store the bad"
                f" files themselves as {LAID_OVER}/PATH{BAD}"
            )
        done = run_bounded([*apply, str(patch)], copy, environ, GIT_SECONDS)
        if done.status == 0:
            return tuple(_paths(listed.output)), ""
        said = said or done.problem or _first_lines(done.output)
    return (), (
        f"{patch.name} does not apply to the tree as it is now ({said}); make it again from the"
        " present tree"
    )


def _paths(numstat: str) -> Iterator[str]:
    """Yield the paths of `--numstat -z`: a rename has an empty path, then the old and the new."""
    for entry in numstat.split("\0"):
        path = entry.rpartition("\t")[2]
        if path:
            yield path


def _first_lines(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines[:2]) or "git says no more"


def _copy(root: Path, copy: Path, left_out: Sequence[Path]) -> None:
    count = size = 0
    without = tuple(os.path.realpath(one) + os.sep for one in left_out)
    real = os.path.realpath(root)
    for name in _files_of(root):
        source = root / name
        if f"{real}{os.sep}{name}".startswith(without):
            continue
        try:
            told = source.lstat()
        except OSError:
            continue  # removed, and git was not told
        if not stat.S_ISREG(told.st_mode) and not stat.S_ISLNK(told.st_mode):
            continue
        count, size = count + 1, size + told.st_size
        if count > COPIED_FILES_MAX or size > COPIED_BYTES_MAX:
            raise InputError(
                f"{root} is too large to be copied for the known-bad case: more than"
                f" {COPIED_FILES_MAX:,} files or {COPIED_BYTES_MAX // 1024**3} GiB",
                slug="known-bad",
            )
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)


def _files_of(root: Path) -> Iterator[str]:
    """Yield the files that make up a tree, relative to it: those git knows, else all."""
    known = asked(
        *(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        timeout_seconds=GIT_SECONDS,
    )
    if known is None or not known.strip("\0"):
        yield from _walked(root, "")
        return
    names = dict.fromkeys(name for name in known.split("\0") if name)
    venvs = tuple(name.removesuffix("pyvenv.cfg") for name in names if name.endswith("/pyvenv.cfg"))
    for name in names:
        if name.startswith(venvs):
            continue  # one that git does not ignore
        if (root / name).is_dir() and not (root / name).is_symlink():  # another repository in it
            yield from _walked(root / name, name + "/")
        else:
            yield name
    ignored = asked(
        *(root, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"),
        timeout_seconds=GIT_SECONDS,
    )
    for name in (ignored or "").split("\0"):
        path = root / name
        is_alone = name and not name.endswith("/") and name not in names and path.is_file()
        if is_alone and path.stat().st_size <= IGNORED_BYTES_MAX:
            yield name


def _walked(root: Path, start: str) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        files += [one for one in folders if os.path.islink(os.path.join(folder, one))]
        folders[:] = sorted(
            one
            for one in folders
            if one not in _NOT_COPIED
            and not os.path.exists(os.path.join(folder, one, "pyvenv.cfg"))
        )
        inner = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in sorted(files):
            yield f"{start}{name}" if inner == "." else f"{start}{inner}/{name}"


def _is_inside(folder: Path, path: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
