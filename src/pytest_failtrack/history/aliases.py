"""Aliases beside the evidence: hashes that a new version of the normalization gave (C-6).

Written by `failtrack signature migrate --write`, read by the index. They are a file of their own,
for what was captured of a failure, its signature included, is never edited.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.files import write_beside
from pytest_failtrack.history.rows import ALIASES_IN
from pytest_failtrack.signature.alias import Alias

FORMAT = "failtrack-signature-aliases"
NAME = "signature-aliases.json"
STATE = "aliases"


def aliases_path(evidence_dir: str | os.PathLike[str]) -> Path:
    """Return where the aliases of an evidence folder lie: beside it."""
    return Path(evidence_dir).parent / NAME


def read_aliases(path: Path) -> list[Alias]:
    """Return the aliases of a file, none where there is no file.

    Raises:
        EvidenceError: It cannot be read, or holds something else.
    """
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise EvidenceError(f"{path}: cannot be read ({error}); write it anew") from None
    try:
        if document["format"] != FORMAT:
            raise KeyError("format")
        return [Alias.from_dict(one) for one in document["aliases"]]
    except (KeyError, TypeError, AttributeError, InputError) as error:
        raise EvidenceError(f"{path}: no list of aliases ({error}); write it anew") from None


def write_aliases(path: Path, aliases: Iterable[Alias]) -> None:
    """Write aliases, each once, in place of an older file.

    Raises:
        EvidenceError: The file cannot be written.
    """
    pairs = [one.to_dict() for one in dict.fromkeys(aliases)]
    document = {"format": FORMAT, "format_version": 1, "aliases": pairs}
    write_beside(str(path.parent), path.name, json.dumps(document, indent=1).encode() + b"\n")


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
    pairs = [(database.tenant, one.new, one.old) for one in read_aliases(path)]
    with database.transaction():
        database.run_many(
            ALIASES_IN,
            pairs,
        )
        database.run_many(
            "insert into state (name, value) values (?, ?)"
            " on conflict (name) do update set value = excluded.value",
            [(STATE, stamp)],
        )
