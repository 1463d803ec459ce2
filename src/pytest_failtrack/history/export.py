"""Copies evidence into another folder, byte for byte, from wherever it is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.aliases import NAME, aliases_path, parsed_aliases
from pytest_failtrack.history.archive.archives import CHANGES, FAILURES, MATCHES, RUNS, SUFFIXES
from pytest_failtrack.history.archive.packed import joined, packed_events, shelf_beside
from pytest_failtrack.history.evidence import read_bytes, record_names
from pytest_failtrack.history.files import names_in, refused, write_beside
from pytest_failtrack.history.matches import verify_match
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_record, verify_run

ALIASES = "aliases"
KINDS = (RUNS, FAILURES, CHANGES, MATCHES, ALIASES)
# When a record, a run, a match was: the first of these that it has.
_TIMES = ("timestamp", "finished_at", "started_at", "updated_at")


class Documents(Protocol):
    """Whoever keeps evidence: files and archives, or a database."""

    @property
    def problems(self) -> list[str]:
        """What could not be read, one sentence each, once all documents were asked for."""

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, file name and content of each document.

        Kinds come in the order of `KINDS`: which records are wanted, their runs say.
        """


class LocalDocuments:
    """The evidence of a folder, packed or not.

    Args:
        evidence_dir: Folder of the records; runs, changes, matches and archives lie beside it.
    """

    def __init__(self, evidence_dir: Path) -> None:
        self.problems: list[str] = []
        home = evidence_dir.parent
        self._folders = {**{kind: home / kind for kind in KINDS}, FAILURES: evidence_dir}

    def documents(self) -> Iterator[tuple[str, str, bytes]]:
        """Yield kind, file name and content of each document that can be used."""
        shelf = shelf_beside(self._folders[FAILURES])
        if shelf is not None:
            self.problems += [error.message for _, error in shelf.unusable()]
        yield from self._verified(RUNS, verify_run)
        yield from self._verified(FAILURES, verify_record)
        yield from self._changes()
        yield from self._verified(MATCHES, verify_match)
        yield from self._aliases()

    def _verified(
        self, kind: str, verify: Callable[[bytes, str], object]
    ) -> Iterator[tuple[str, str, bytes]]:
        folder = self._folders[kind]
        for name in record_names(folder):
            path = str(folder / name)
            try:
                content = read_bytes(path)
                verify(content, path)
            except EvidenceError as error:
                self.problems.append(error.message)
                continue
            yield kind, name, content

    def _aliases(self) -> Iterator[tuple[str, str, bytes]]:
        path = aliases_path(self._folders[FAILURES])
        try:
            if path.exists():
                content = read_bytes(path)
                parsed_aliases(content, str(path))
                yield ALIASES, path.name, content
        except EvidenceError as error:
            self.problems.append(error.message)

    def _changes(self) -> Iterator[tuple[str, str, bytes]]:
        folder = self._folders[CHANGES]
        names = {name for name in names_in(str(folder)) if _is_name(CHANGES, name)}
        shelf = shelf_beside(folder)
        packed = set(shelf.names(CHANGES)) if shelf is not None else set()
        for name in sorted(names | packed):
            try:
                outside = (folder / name).read_bytes() if name in names else b""
                yield (
                    CHANGES,
                    name,
                    joined(packed_events(folder, name.removesuffix(".jsonl")), outside),
                )
            except OSError as error:
                self.problems.append(refused("read", str(folder / name), error).message)
            except EvidenceError as error:
                self.problems.append(error.message)


@frozen
class Wanted:
    """Which documents are exported; all by default.

    Args:
        build: Only those of this build, `` for every build.
        since: Only runs that ended, records that were made, and matches that were changed from
            then on; aware. Records of such a run come with it.
    """

    build: str = ""
    since: datetime | None = None

    def takes(self, document: dict[str, Any]) -> bool:
        """Return whether a run, a record or a match is wanted for itself."""
        if self.build and document.get("build_id", document.get("run_id")) != self.build:
            return False
        at = next(document[one] for one in _TIMES if document.get(one))
        return self.since is None or parse_time(str(at)) >= self.since


@frozen
class Exported:
    """What was copied.

    Args:
        counts: Number of documents that lie in the folder now, by kind.
        written: Number of those that were written, the others were there.
        replaced: Number of other files that they were written over.
        differing: Files that hold something else and were left.
        problems: What could not be exported, one sentence each.
    """

    counts: dict[str, int]
    written: int
    replaced: int
    differing: tuple[str, ...]
    problems: tuple[str, ...]


def export(
    source: Documents,
    output: str | os.PathLike[str],
    wanted: Wanted | None = None,
    *,
    overwrite: bool = False,
) -> Exported:
    """Copy documents to `runs`, `failures`, `changes` and `matches` below a folder.

    The aliases of signatures, one file, lie beside these.

    Args:
        source: Where they are kept.
        output: The folder, made when it is not there.
        wanted: Which ones.
        overwrite: Write over files that hold something else.

    Raises:
        EvidenceError: Something cannot be written.
    """
    root = os.fspath(output)
    counts = dict.fromkeys(KINDS, 0)
    written = replaced = 0
    differing: list[str] = []
    odd: list[str] = []
    for kind, name, content in _chosen(source, wanted or Wanted()):
        if not _is_name(kind, name):
            odd.append(f"{kind}/{name!r} is no name of a document")
            continue
        folder = root if kind == ALIASES else os.path.join(root, kind)
        there = _there(os.path.join(folder, name))
        if there != content:
            if there is not None and not overwrite:
                differing.append(os.path.join(folder, name))
                continue
            write_beside(folder, name, content)
            written += 1
            replaced += there is not None
        counts[kind] += 1
    return Exported(counts, written, replaced, tuple(differing), (*source.problems, *odd))


def _chosen(source: Documents, wanted: Wanted) -> Iterator[tuple[str, str, bytes]]:
    """Yield the wanted documents: of a run its records, of a record its changes; all aliases."""
    if wanted == Wanted():
        yield from source.documents()
        return
    ids: set[str] = set()
    for kind, name, content in source.documents():
        stem = name.partition(".")[0]
        if kind == ALIASES:
            is_wanted = True
        elif kind == CHANGES:
            is_wanted = stem in ids
        else:
            document = json.loads(content)
            is_wanted = wanted.takes(document) or (kind == FAILURES and stem in ids)
            if is_wanted and kind in (RUNS, FAILURES):
                ids |= {stem} if kind == FAILURES else set(document["records"])
        if is_wanted:
            yield kind, name, content


def _there(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise refused("read", path, error) from error


def _is_name(kind: str, name: str) -> bool:
    """Whether a document of this kind may be called so: the name leads to no other folder."""
    if kind == ALIASES:
        return name == NAME
    suffix = SUFFIXES.get(kind)
    is_plain = name.isprintable() and not name.startswith(".") and not {"/", "\\", ":"} & {*name}
    return suffix is not None and name.endswith(suffix) and is_plain
