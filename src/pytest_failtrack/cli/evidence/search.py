"""Finding evidence files under folders: a checkout, an evidence folder, downloaded artifacts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.packed import FOLDER as ARCHIVES
from pytest_failtrack.history.archive.packed import home_of, shelf_in

DEPTH_MAX = 8
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "site-packages", "analytics", "matches"}

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
RECORD_FILE = re.compile(UUID + r"\.json")
RUN_FILE = re.compile(r".+\.[0-9a-f]{8}\.json")


@dataclass
class Files:
    """What lies under the folders: paths of run documents, and of records by id.

    Paths of records are plain text: a history has 100,000 of them, and most are only counted. What
    is packed has a path too, as if its archive were a folder.
    """

    runs: list[Path] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    """Why archives cannot be used, one sentence each."""

    def add_folder(self, folder: Path, names: Iterable[str]) -> None:
        """Sort the files of one folder into run documents and records."""
        is_runs = folder.name == "runs"
        start = str(folder)
        for name in sorted(names):
            if RECORD_FILE.fullmatch(name):
                path = os.path.join(start, name)
                self.records.setdefault(name.removesuffix(".json"), []).append(path)
            elif is_runs and RUN_FILE.fullmatch(name):
                self.runs.append(folder / name)

    def add_archives(self, folder: Path) -> None:
        """Add what is packed in a folder of archives, unless it lies outside beside them.

        To be called after the folders of the files.
        """
        shelf = shelf_in(os.path.abspath(folder))
        if shelf is None or not (shelf.archives or shelf.refusals):
            return
        home = str(folder.parent)
        self.refused += [error.message for _, error in shelf.refusals]
        outside = {str(path) for path in self.runs}
        for archive in shelf.archives:
            for name in archive.names("runs"):
                if os.path.join(home, *name.split("/")) not in outside:
                    self.runs.append(Path(archive.path_of(name)))
            for name in archive.names("failures"):
                paths = self.records.setdefault(name[len("failures/") : -len(".json")], [])
                if home not in map(home_of, paths):
                    paths.append(archive.path_of(name))


def files_in(folders: Iterable[Path]) -> Files:
    """Return what lies in folders, without those below; one that is not there holds nothing.

    Raises:
        EvidenceError: A folder is there and cannot be listed.
    """
    files = Files()
    asked = list(folders)
    for folder in asked:
        files.add_folder(folder, _names(folder))
    for beside in dict.fromkeys(folder.parent / ARCHIVES for folder in asked):
        files.add_archives(beside)
    return files


def files_below(folders: Sequence[Path]) -> Files:
    """Return everything that lies under folders; each folder counts once.

    Raises:
        EvidenceError: A folder is missing or cannot be listed.
    """
    files = Files()
    seen: set[Path] = set()
    archives = []
    for folder in folders:
        for start in _starts(folder):
            for found, names in _walk(start, seen):
                files.add_folder(found, names)
                if found.name == ARCHIVES:
                    archives.append(found)
    for one in archives:
        files.add_archives(one)
    return files


def _starts(folder: Path) -> list[Path]:
    """Return where to look: runs lie beside the evidence, so its folder alone is not enough."""
    folder = Path(os.path.abspath(folder))
    beside = folder.parent / "runs"
    is_evidence = any(RECORD_FILE.fullmatch(name) for name in _names(folder))
    if folder.is_dir() and folder.name == "runs":
        return [folder.parent]
    with_it = [one for one in (beside, folder.parent / ARCHIVES) if one.is_dir()]
    if with_it and (is_evidence or folder.name == "failures"):
        return [folder, *with_it]
    if not folder.is_dir():
        raise EvidenceError(
            f"{folder} is missing; no evidence was carried over to this place",
            slug="evidence-missing",
        )
    return [folder]


def _walk(start: Path, seen: set[Path]) -> Iterator[tuple[Path, list[str]]]:
    """Yield folders with their files, each folder once, hidden ones left out."""
    for path, folders, names in os.walk(start):
        here = Path(path)
        depth = len(here.relative_to(start).parts)
        folders[:] = sorted(
            name
            for name in folders
            if depth < DEPTH_MAX and name not in SKIPPED_FOLDERS and not name.startswith(".")
        )
        real = here.resolve()
        if real not in seen:
            seen.add(real)
            yield here, names


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise EvidenceError(f"cannot list {folder}: {error.strerror}", slug="evidence-list") from (
            error
        )
