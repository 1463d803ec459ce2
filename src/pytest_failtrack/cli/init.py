"""`failtrack init`: writes configuration, a CI workflow and the guard's hook; shows them first."""

from __future__ import annotations

import difflib
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from pytest_failtrack import __version__
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.signature.signature import Entry, signature_hash
from pytest_failtrack.toml import tomllib

TEMPLATES = "pytest_failtrack.cli"

# CI: (file in the project, template)
WORKFLOWS: dict[str, tuple[tuple[str, str], ...]] = {
    "github": (
        (".github/workflows/failtrack.yml", "github.yml"),
        (".github/signature-fixtures/basic_jobs.json", "basic_jobs.json"),
    ),
    "gitlab": ((".gitlab-ci.failtrack.yml", "gitlab.yml"),),
    "none": (),
}
PRE_COMMIT = ".pre-commit-config.yaml"
HASH_FILE = ".github/signature-fixtures/basic_hash.txt"

# What the user has left to do, by CI.
NEXT = {
    "github": "make the job `gate` a required check of the default branch",
    "gitlab": "add `include: [{local: .gitlab-ci.failtrack.yml}]` to .gitlab-ci.yml",
    "none": "run `failtrack gate --explain` after the tests of your CI; "
    "`failtrack init --ci github`, or gitlab, writes a workflow",
}

IGNORED = ".failtrack/"
IGNORED_ALREADY = {".failtrack", ".failtrack/", "/.failtrack", "/.failtrack/"}

EXIT_WRITTEN = 0
EXIT_DECLINED = 1
EXIT_UNASKED = 2


@frozen
class Change:
    """One file that is to be written.

    Args:
        path: Where, from the project's root.
        before: Its text now; None where there is no such file.
        after: Its text afterwards.
    """

    path: str
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{self.path}",
            f"b/{self.path}",
        )
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in lines
        )


@click.command(
    "init",
    epilog="Example: failtrack init --ci github --yes",
    short_help="Write the configuration block and a CI workflow.",
)
@click.option(
    "--ci",
    type=click.Choice(list(WORKFLOWS)),
    help="CI to write a workflow for [default: the one whose files are there, else none].",
)
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--diff", "only_diff", is_flag=True, help="Show the diff and write nothing.")
@click.option("--force", is_flag=True, help="Replace workflow files that were changed by hand.")
@click.argument("project", type=click.Path(exists=True, file_okay=False), default=".")
def command(ci: str | None, yes: bool, only_diff: bool, force: bool, project: str) -> int:
    """Write the `[tool.failtrack]` block, a CI workflow and a .gitignore line into PROJECT, and
    the guard's hook where pre-commit is used.

    The diff is shown first. Without a terminal nothing is written unless --yes is given
    (exit 2); an answer of "no" ends with 1.
    """
    root = Path(project)
    ci = ci or detected_ci(root)
    changes = planned(root, ci, force=force)
    if not changes:
        click.echo("Everything is in place: nothing to write.")
        return EXIT_WRITTEN
    for change in changes:
        click.echo(change.diff, nl=False)
    if only_diff:
        return EXIT_WRITTEN
    if not yes and not is_asked_by_a_person():
        click.echo("\nNothing was written: --yes writes it without asking.", err=True)
        return EXIT_UNASKED
    if not yes and not click.confirm(f"\nWrite {_count(len(changes))}?"):
        click.echo("Nothing was written.", err=True)
        return EXIT_DECLINED
    for change in changes:
        write(root, change)
    click.echo(f"\nWrote {', '.join(change.path for change in changes)}.")
    click.echo(f"Next: name your owners in pyproject.toml; {NEXT[ci]}.")
    click.echo("Evidence goes to governance/events: commit it, or add it to .gitignore.")
    return EXIT_WRITTEN


def is_asked_by_a_person() -> bool:
    """Return True where somebody can answer a question."""
    return sys.stdin.isatty()


def detected_ci(root: Path) -> str:
    """Return the CI whose files lie in the project, else `none`."""
    if (root / ".gitlab-ci.yml").exists():
        return "gitlab"
    if (root / ".github").is_dir():
        return "github"
    return "none"


def planned(root: Path, ci: str, *, force: bool = False) -> list[Change]:
    """Return what has to be written so that the project is set up; empty when it is.

    Args:
        root: Root of the project.
        ci: A key of `WORKFLOWS`.
        force: Files that exist with another text are replaced.

    Raises:
        InputError: pyproject.toml cannot be read, or a file exists with another text.
    """
    changes = [_pyproject(root), _gitignore(root), _pre_commit(root)]
    for path, text in _workflow_files(ci):
        changes.append(_new_file(root, path, text, force=force))
    return [change for change in changes if change is not None and change.before != change.after]


def write(root: Path, change: Change) -> None:
    """Write one file as it was shown; line ends are part of its text."""
    target = root / change.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(change.after.encode("utf-8"))


def template(name: str) -> str:
    """Return the text of a file in `cli/templates`."""
    return (files(TEMPLATES) / "templates" / name).read_text(encoding="utf-8")


def _pyproject(root: Path) -> Change | None:
    before = _text(root / "pyproject.toml")
    tool = _parsed(before or "").get("tool", {})
    if "failtrack" in tool:
        return None
    after = _appended(before or "", template("tool-failtrack.toml"))
    _parsed(after)
    return Change("pyproject.toml", before, after)


def _gitignore(root: Path) -> Change | None:
    before = _text(root / ".gitignore")
    lines = {line.strip() for line in (before or "").splitlines()}
    if lines & IGNORED_ALREADY:
        return None
    return Change(".gitignore", before, _appended(before or "", f"{IGNORED}\n", blank_line=False))


def _pre_commit(root: Path) -> Change | None:
    """Add the guard's hook where pre-commit is used and its repositories are listed last."""
    before = _text(root / PRE_COMMIT)
    if before is None or "failtrack-guard" in before:
        return None
    keys = re.findall(r"^([\w-]+):(.*)$", before, re.MULTILINE)
    items = re.findall(r"^( *)- +repo:", before, re.MULTILINE)
    if not keys or keys[-1][0] != "repos" or keys[-1][1].strip() or len(set(items)) != 1:
        return None
    entry = template("pre-commit-entry.yaml").replace("{version}", __version__)
    indented = "".join(f"{items[0]}{line}\n" for line in entry.splitlines())
    return Change(PRE_COMMIT, before, _appended(before, indented, blank_line=False))


def _workflow_files(ci: str) -> list[tuple[str, str]]:
    result = [(path, template(name)) for path, name in WORKFLOWS[ci]]
    if ci == "github":
        # Computed, never copied: the pair holds what this version computes (S4-31).
        entry = Entry(job="Tests", step="pytest", stack="ValueError: boom")
        result.append((HASH_FILE, f"{signature_hash([entry])}\n"))
    return result


def _new_file(root: Path, path: str, text: str, *, force: bool) -> Change:
    before = _text(root / path)
    if before is not None and not force and before.replace("\r\n", "\n") != text:
        raise InputError(
            f"{root / path} exists and differs from what would be written; "
            "look at it with --diff --force, then keep yours or replace it with --force"
        )
    return Change(path, before, text)


def _text(path: Path) -> str | None:
    """Return a file's text with its own line ends, or None where there is no file."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from error


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            f"pyproject.toml is not valid TOML, or a block cannot be added to it: {error}"
        ) from error


def _appended(text: str, addition: str, *, blank_line: bool = True) -> str:
    """Return the text with an addition at its end, in the line ends that it has."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    if text.strip() and blank_line:
        text += newline
    return text + addition.replace("\n", newline)


def _count(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
