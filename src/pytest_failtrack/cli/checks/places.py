"""Checks of `failtrack doctor` about what is there: folders, documents, index, git, plugins."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from pytest_failtrack.cli.checks.checkup import Checkup, Remark, fine, problem, shortened, warning
from pytest_failtrack.errors import EvidenceError, StoreError
from pytest_failtrack.history.database import open_database
from pytest_failtrack.history.evidence import read_records, read_runs, record_names
from pytest_failtrack.observe.journals import dead_runs, orphaned_runs
from pytest_failtrack.open_history import index_path
from pytest_failtrack.policy.git import asked, first_line
from pytest_failtrack.sinks.wording import count

NAMED_MAX = 5
PACKAGE = "pytest_failtrack"
# Where pytest and a project can name a plugin.
INI_FILES = ("pytest.ini", "pytest.toml", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
PLUGIN_FILES = (*INI_FILES, "conftest.py", "tests/conftest.py")
LOADED_AGAIN = re.compile(
    r"-p[ =]*pytest_failtrack\.plugin\b"
    r"|pytest_plugins\b[^\n=]{0,80}=[^\])]{0,2000}?pytest_failtrack\.plugin\b"
)
COMMENT = re.compile(r"(?m)(?:^|\s)[#;].*$")
SWITCHED_OFF = re.compile(r"-p[ =]*no:failtrack\b")
OFF = {"", "0", "false"}
REBUILT = ("store-corrupt", "store-older")


def evidence(checkup: Checkup) -> Iterator[Remark]:
    """The evidence can be written, and everything in it can be read."""
    settings = checkup.settings
    refused = False
    for folder in (settings.evidence_dir, settings.runs_dir):
        if reason := _unwritable(folder):
            refused = True
            yield problem(
                f"{checkup.shown(folder)} cannot be written: {reason}",
                "correct its permissions, or name another folder with `dir`",
            )
    if refused:
        return
    try:
        records, runs, remarks = _documents(checkup)
    except EvidenceError as error:
        yield problem(error.message)
        return
    yield from shortened(remarks, NAMED_MAX, "more documents are like that")
    if not records and not runs and not remarks:
        yield warning(
            f"{checkup.shown(settings.evidence_dir)} holds nothing yet", "pytest --failtrack"
        )
    elif not remarks:
        yield fine(f"{count(records, 'record')}, {count(runs, 'run')}, all readable")


def journals(checkup: Checkup) -> Iterator[Remark]:
    """No run died without a record of it."""
    state_dir = checkup.settings.state_dir
    dead = list(dead_runs(state_dir)) if state_dir.is_dir() else []
    orphans = orphaned_runs(state_dir) if state_dir.is_dir() else []
    if dead:
        yield warning(
            f"{count(len(dead), 'run')} died and {'is' if len(dead) == 1 else 'are'} not "
            f"recorded yet: {', '.join(one.name for one in dead[:NAMED_MAX])}",
            "failtrack recover",
        )
    for folder in orphans:
        yield warning(
            f"{folder.name} has lost its controller, and workers of it still run",
            "failtrack recover, when they are gone",
        )
    if not dead and not orphans:
        yield fine("no dead run waits")


def state(checkup: Checkup) -> Iterator[Remark]:
    """The local state can be written, and nobody committed it."""
    folder = checkup.settings.state_dir
    shown = checkup.shown(folder)
    if reason := _unwritable(folder):
        yield problem(
            f"{shown} cannot be written: {reason}; a run that dies leaves no trace then",
            "correct its permissions, or name another folder with `state`",
        )
        return
    if folder.is_relative_to(checkup.root) and asked(checkup.root, "ls-files", "--", shown):
        yield problem(
            f"{shown} is committed, and it belongs to one machine", f"git rm -r --cached {shown}"
        )
        return
    yield fine(f"{shown} can be written")


def index(checkup: Checkup) -> Iterator[Remark]:
    """The history index can be read, and is that of this version."""
    path = index_path(checkup.settings)
    if not path.exists():
        yield fine("none yet; it is made from the evidence when it is needed")
        return
    try:
        database = open_database(str(path))
    except StoreError as error:
        yield _unusable(error, checkup.shown(path))
        return
    try:
        ((held,),) = database.rows("select count(*) from records")
        ((unusable,),) = database.rows(
            "select count(*) from unusable where path like ?", ("records/%",)
        )
        there = len(record_names(checkup.settings.evidence_dir))
    except StoreError as error:
        yield _unusable(error, checkup.shown(path))
        return
    except EvidenceError:
        there = held + unusable  # a folder cannot be listed: the check `evidence` says so
    finally:
        database.close()
    behind = abs(there - held - unusable)
    note = f"; {behind:,} behind the evidence, which the next run makes up for" if behind else ""
    yield fine(f"{checkup.shown(path)}: {count(held, 'record')}{note}")


def git(checkup: Checkup) -> Iterator[Remark]:
    """git is there, and knows the history that owners and changes are looked up in."""
    root = checkup.root
    without = "authors, changes and frozen paths are not looked up"
    if asked(root, "--version") is None:
        yield warning(f"git cannot be called: {without}", "install git")
        return
    if asked(root, "rev-parse", "-q", "--verify", "HEAD^0") is None:
        yield warning(f"{root} is no checkout with a commit: {without}")
        return
    is_shallow = first_line(asked(root, "rev-parse", "--is-shallow-repository") or "") == "true"
    if is_shallow:
        yield warning(
            "this clone is shallow: what changed and who changed it is known for its newest "
            "commits alone",
            "fetch the whole history (`fetch-depth: 0`)",
        )
    base = checkup.settings.base_branch
    known = [
        asked(root, "rev-parse", "-q", "--verify", f"{one}^0")
        for one in (f"origin/{base}", base)
        if not base.startswith("-")
    ]
    if not any(known):
        yield warning(
            f"the base branch {base} is not known here, so every commit counts as this change's",
            f"git fetch origin {base}, or set `base_branch`",
        )
    elif not is_shallow:
        yield fine(f"the history is there, and the base branch {base}")


def guard(checkup: Checkup) -> Iterator[Remark]:
    """The library that the guard needs is there where the project configures the guard."""
    if has_module("libcst"):
        yield fine("libcst is installed")
    elif checkup.table.get("guard"):
        yield warning(
            "[tool.failtrack.guard] is there, and libcst is not: failtrack guard cannot run here",
            "pip install 'pytest-failtrack[guard]'",
        )
    else:
        yield fine("not used; its extra is not installed")


def plugin(checkup: Checkup) -> Iterator[Remark]:
    """pytest loads the plugin, and loads it once."""
    yield from _entry_points(plugin_entry_points())
    if checkup.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "").lower() not in OFF:
        yield warning(
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD is set: pytest loads failtrack only when it is named",
            "pytest -p failtrack --failtrack",
        )
    said = {name: _text(checkup.root / name) for name in PLUGIN_FILES}
    said["PYTEST_ADDOPTS"] = checkup.environ.get("PYTEST_ADDOPTS", "")
    said["PYTEST_PLUGINS"] = f"pytest_plugins = {checkup.environ.get('PYTEST_PLUGINS', '')}"
    for name, text in said.items():
        if LOADED_AGAIN.search(text):
            yield problem(
                f"{name} names pytest_failtrack.plugin, which is installed under the name "
                "failtrack: pytest refuses to load one plugin under two names",
                "remove it there, or write `-p failtrack`",
            )
        if SWITCHED_OFF.search(text):
            yield problem(f"{name} switches the plugin off: -p no:failtrack", "remove it")


def has_module(name: str) -> bool:
    """Return whether a module can be imported."""
    return find_spec(name) is not None


def plugin_entry_points() -> list[tuple[str, str]]:
    """Return name and distribution of each entry point by which pytest would load the plugin."""
    return [
        (one.name, f"{one.dist.name} {one.dist.version}" if one.dist is not None else "?")
        for one in metadata.entry_points(group="pytest11")
        if one.value.partition(":")[0].partition(".")[0] == PACKAGE
    ]


def _entry_points(found: list[tuple[str, str]]) -> Iterator[Remark]:
    pytest_version = metadata.version("pytest")
    if not found:
        yield problem(
            "pytest does not find the plugin: the package is importable and not installed",
            "pip install pytest-failtrack",
        )
    elif len(found) > 1:
        named = ", ".join(f"{name} of {where}" for name, where in found)
        yield problem(
            f"the plugin is installed more than once: {named}",
            "uninstall pytest-failtrack until pip finds none, then install it again",
        )
    else:
        yield fine(f"{found[0][1]}, pytest {pytest_version}")


def _documents(checkup: Checkup) -> tuple[int, int, list[Remark]]:
    """Return how many records and runs there are, and what is wrong with which."""
    settings = checkup.settings
    remarks: list[Remark] = []
    ids: set[str] = set()
    runs = 0
    for path, found in read_records(settings.evidence_dir):
        ids.add(path.stem)
        if isinstance(found, EvidenceError):
            remarks.append(problem(found.message, "restore it from git or from the CI's artifact"))
        elif not found["metadata"]["owner"]:
            remarks.append(problem(f"{checkup.shown(path)} has no owner", "give it one"))
    for path, run in read_runs(settings.runs_dir):
        runs += 1
        if isinstance(run, EvidenceError):
            remarks.append(problem(run.message, "restore it from git or from the CI's artifact"))
            continue
        missing = [one for one in run["records"] if one not in ids]
        if missing:
            remarks.append(
                problem(
                    f"{checkup.shown(path)} lists {count(len(missing), 'record')} that "
                    f"{'is' if len(missing) == 1 else 'are'} missing, {missing[0]}.json first",
                    "restore it from git or from the CI's artifact",
                )
            )
    # An archive that cannot be read is met twice.
    return len(ids), runs, list(dict.fromkeys(remarks))


def _unusable(error: StoreError, shown: str) -> Remark:
    if error.slug in REBUILT:
        return warning(f"{error.message}; it is made anew from the evidence at the next run")
    return problem(f"{error.message}; histories are read without it", f"move {shown} away")


def _unwritable(folder: Path) -> str:
    """Return why nothing can be written into a folder, or made in the first one above it."""
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    if not folder.is_dir():
        return f"{folder} is no folder"
    try:
        handle, name = tempfile.mkstemp(prefix=".doctor-", suffix=".tmp", dir=folder)
        os.close(handle)
        os.unlink(name)
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def _text(path: Path) -> str:
    try:
        return COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
