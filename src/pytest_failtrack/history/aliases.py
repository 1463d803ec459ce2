"""Aliases beside the evidence: hashes that a new version of the normalization gave (C-6).

Written by `failtrack signature migrate --write`, merged by `failtrack ingest`, read by the index; a
shared history has them in a table. They are a file of their own, for what was captured of a
failure, its signature included, is never edited.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.history.columns import Row
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.edit_lock import WAIT_SECONDS, held
from pytest_failtrack.history.files import read_bytes, write_beside
from pytest_failtrack.history.rows import ALIASES_IN
from pytest_failtrack.signature.alias import Alias

FORMAT = "failtrack-signature-aliases"
FORMAT_VERSION = 1
NAME = "signature-aliases.json"
STATE = "aliases"
CONTRADICT = "aliases-contradict"
LOCK = f".{NAME}.lock"
SHOWN_MAX = 6
_BROKEN = (LookupError, TypeError, ValueError, AttributeError, RecursionError, InputError)
REMEDY = "`failtrack signature migrate --write` where it comes from writes it anew"


def aliases_path(evidence_dir: str | os.PathLike[str]) -> Path:
    """Return where the aliases of an evidence folder lie: beside it."""
    return Path(evidence_dir).parent / NAME


def read_aliases(path: Path) -> list[Alias]:
    """Return the aliases of a file, none where there is no file.

    Raises:
        EvidenceError: It cannot be read, or holds something else.
    """
    try:
        content = read_bytes(str(path))
    except EvidenceError as error:
        if error.slug == "evidence-missing":
            return []
        raise
    return parsed_aliases(content, str(path))


def parsed_aliases(content: bytes, source: str) -> list[Alias]:
    """Return the aliases that a file holds.

    Args:
        content: Its bytes.
        source: What it is called in messages.

    Raises:
        EvidenceError: It holds something else, or contradicts itself.
    """
    try:
        document = json.loads(content)
        if document["format"] != FORMAT:
            raise KeyError("format")
        version = document.get("format_version")
        if version != FORMAT_VERSION:
            raise EvidenceError(
                f"{source}: a list of aliases of version {version!r}, and this failtrack reads "
                f"{FORMAT_VERSION}; install a newer pytest-failtrack",
                slug="aliases-version",
            )
        aliases = [Alias.from_dict(one) for one in document["aliases"]]
    except _BROKEN as error:
        raise EvidenceError(
            f"{source}: no list of aliases ({error}); {REMEDY}", slug="aliases-invalid"
        ) from None
    circle = _circle(_pairs(aliases))
    if circle:
        raise EvidenceError(f"{source}: leads in a circle, {circle}; {REMEDY}", slug=CONTRADICT)
    return aliases


def content_of(aliases: Iterable[Alias]) -> bytes:
    """Return the content of the file of some aliases: the same ones make the same bytes."""
    chosen = sorted(set(aliases), key=lambda one: (one.new, one.old, one.version))
    pairs = [one.to_dict() for one in chosen]
    document = {"format": FORMAT, "format_version": FORMAT_VERSION, "aliases": pairs}
    return json.dumps(document, indent=1).encode() + b"\n"


def add_aliases(path: Path, aliases: Iterable[Alias], source: str = "") -> int:
    """Put aliases into a file, beside those that are there; return how many are new.

    Args:
        path: The file, made when it is not there.
        aliases: What to add.
        source: Where they come from, for the message.

    Raises:
        EvidenceError: They contradict what is there (`CONTRADICT`; nothing is written),
            what is there cannot be used, or the file cannot be written.
    """
    folder = os.fspath(path.parent)
    if path.parent.is_dir():
        with held(folder, LOCK, WAIT_SECONDS):
            return _add(path, set(aliases), source)
    return _add(path, set(aliases), source)


def _add(path: Path, aliases: set[Alias], source: str) -> int:
    ours = set(read_aliases(path))
    new = aliases - ours
    if new:
        circle = _circle(_pairs(ours | new))
        if circle:
            raise _contradiction(source, str(path), circle)
        write_beside(str(path.parent), path.name, content_of(ours | new))
    return len(new)


def store_aliases(database: Database, evidence_dir: str) -> None:
    """Put the aliases into the index when their file changed: an older hash is found by the new.

    Raises:
        EvidenceError: The file cannot be used.
    """
    path = aliases_path(evidence_dir)
    try:
        found = path.stat()
    except OSError:
        return
    stamp = f"{found.st_mtime_ns}:{found.st_size}"
    if database.rows("select 1 from state where name = ? and value = ?", (STATE, stamp)):
        return
    rows = _rows(read_aliases(path), database.tenant)
    with database.transaction():
        database.run_many(ALIASES_IN, rows)
        database.run_many(
            "insert into state (name, value) values (?, ?)"
            " on conflict (name) do update set value = excluded.value",
            [(STATE, stamp)],
        )


def share_aliases(database: Database, aliases: Iterable[Alias], source: str = "") -> int:
    """Put aliases into a shared history, beside those that are there; return how many are new.

    The list itself is kept in `state`, and writers who meet wait for each other there; by the rows
    of `aliases` failures are found.

    Raises:
        EvidenceError: They contradict what is there; nothing of them is in.
        StoreError: The history did not take them.
    """
    name = _shared_name(database)
    theirs = set(aliases)
    with database.transaction():
        database.run(
            "insert into state (name, value) values (?, ?) on conflict (name) do nothing",
            (name, content_of(()).decode()),
        )
        ((value,),) = database.rows("select value from state where name = ? for update", (name,))
        ours = set(parsed_aliases(value.encode(), database.location))
        new = theirs - ours
        if new:
            circle = _circle(_pairs(ours | new))
            if circle:
                raise _contradiction(source, database.location, circle)
            database.run(
                "update state set value = ? where name = ?",
                (content_of(ours | new).decode(), name),
            )
            database.run_many(ALIASES_IN, _rows(new, database.tenant))
    return len(new)


def missing_aliases(database: Database, path: Path) -> set[Alias]:
    """Return the aliases of a file that a shared history does not have.

    Raises:
        EvidenceError: The file, or what is shared, is no list of aliases.
        StoreError: The history cannot be asked.
    """
    here = read_aliases(path)
    content = shared_content(database) if here else b""
    there = parsed_aliases(content, database.location) if content else []
    return set(here).difference(there)


def shared_content(database: Database) -> bytes:
    """Return the aliases of a shared history as the bytes of a file, b`` when there are none."""
    rows = database.rows("select value from state where name = ?", (_shared_name(database),))
    return str(rows[0][0]).encode() if rows else b""


def _shared_name(database: Database) -> str:
    return f"{STATE}/{database.tenant}"


def _rows(aliases: Iterable[Alias], tenant: str) -> list[Row]:
    """Return a row for each pair: the records have the older digits, and are asked for by new."""
    return sorted({(tenant, one.new, one.old) for one in aliases})


def _pairs(aliases: Iterable[Alias]) -> dict[str, set[str]]:
    later: dict[str, set[str]] = {}
    for one in aliases:
        later.setdefault(one.old, set()).add(one.new)
    return later


def _circle(later: dict[str, set[str]]) -> str:
    """Return how digits lead back to themselves, `` when none do."""
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter(later).prepare()
    except CycleError as error:
        # The library names whom one waits for, the later one first.
        steps = list(reversed(error.args[1]))
        if len(steps) > SHOWN_MAX:
            steps[SHOWN_MAX - 1 : -1] = ["..."]
        return " -> ".join(steps)
    return ""


def _contradiction(source: str, place: str, circle: str) -> EvidenceError:
    return EvidenceError(
        f"{source or 'the new aliases'}: contradicts {place}, with which it leads in a circle, "
        f"{circle}; nothing of it was taken: one of the two was changed by hand, and {REMEDY}",
        slug=CONTRADICT,
    )
