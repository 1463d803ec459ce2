"""Which files are evidence, told by the place they lie in or by how they begin, and how they lie.

A name is a path, or `ARCHIVE!MEMBER` for what is in an archive.
"""

from __future__ import annotations

import os

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.aliases import FORMAT, NAME
from pytest_failtrack.history.files import read_bytes
from pytest_failtrack.ingesting.dead_journals import is_journal
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.named_file import STDIN, File

HEAD_BYTES = 400
EVENTS = "governance/events"

RECORD, RUN, MATCH = "record", "run", "match"
CHANGES, ALIASES, JOURNAL = "changes", "aliases", "journal"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# `!` stands between an archive and what is in it.
_PLACES = {
    RECORD: lazily(rf"(?:.*[/!])?failures/{_UUID}[.]json"),
    RUN: lazily(r"(?:.*[/!])?runs/[A-Za-z0-9_-]{1,160}[.][0-9a-f]{8}[.]json"),
    MATCH: lazily(rf"(?:.*[/!])?matches/{_UUID}[.]json"),
    CHANGES: lazily(rf"(?:.*[/!])?changes/{_UUID}[.]jsonl"),
    ALIASES: lazily(rf"(?:.*[/!])?{NAME}"),
}
_BEGINNINGS = {
    RECORD: lazily(rb'\s*\{\s*"schema_version"\s*:\s*"[^"]{0,20}"\s*,\s*"failure_id"\s*:'),
    RUN: lazily(rb'\s*\{\s*"schema_version"\s*:\s*"[^"]{0,20}"\s*,\s*"document_id"\s*:'),
    ALIASES: lazily(rb'\s*\{\s*"format"\s*:\s*"' + FORMAT.encode() + b'"'),
}


def kind_by_place(name: str) -> str | None:
    """Return what a file of this name is, whatever it holds; None where only that says it."""
    path = name.replace(os.sep, "/")
    if path.endswith((".json", ".jsonl")):
        for kind, place in _PLACES.items():
            if place.fullmatch(path):
                return kind
    return JOURNAL if is_journal(path) else None


def kind_by_beginning(file: File) -> str | None:
    """Return what a file is by its first bytes, None when it is no evidence."""
    if not file.name.lower().endswith(".json") and file.name != STDIN:
        return None
    if isinstance(file.what, bytes):
        head = file.what[:HEAD_BYTES]
    else:
        try:
            with open(file.what, "rb", buffering=0) as opened:
                head = opened.read(HEAD_BYTES)
        except OSError:
            return None
    return next((kind for kind, begin in _BEGINNINGS.items() if begin.match(head)), None)


def content_of(file: File, most: int) -> bytes:
    """Return the content of a file.

    Raises:
        EvidenceError: It cannot be read, or is too large.
    """
    if isinstance(file.what, bytes):
        size, content = len(file.what), file.what
    else:
        try:
            size = os.path.getsize(file.what)
        except OSError:
            size = 0
        content = b"" if size > most else read_bytes(file.what)
        size = max(size, len(content))
    if size > most:
        raise EvidenceError(
            f"{file.name}: {size:,} bytes, and at most {most:,} are read of such a document",
            slug="evidence-size",
        )
    return content


def place_of(name: str) -> tuple[str, str]:
    """Return the folder above `failures` and `changes`, and the id that a file is named after."""
    folder = _folder(_folder(name))
    return folder, base_of(name).partition(".")[0]


def _folder(name: str) -> str:
    """Return the folder that a file or folder lies in; `ARCHIVE!` for the top of an archive."""
    start = name[: len(name) - len(base_of(name))]
    return start if start.endswith("!") else start[:-1]


def home_of(name: str) -> str:
    """Return what evidence lies in: an archive, or the folder that `governance` is in."""
    archive, mark, _ = name.rpartition("!")
    if mark:
        return archive
    folder = _folder(_folder(name)).replace(os.sep, "/")
    return folder.removesuffix(EVENTS).rstrip("/") or "."


def base_of(name: str) -> str:
    """Return the last part of a name."""
    return name[max(name.rfind("/"), name.rfind("!"), name.rfind(os.sep)) + 1 :]


def shown(name: str) -> str:
    """Return a name of which the last part is the file's own."""
    archive, mark, member = name.rpartition("!")
    return f"{archive}/{member}" if mark and "/" not in member else name


def is_run_name(name: str) -> bool:
    """Return whether a run document may be called so: the name leads to no other folder."""
    return _PLACES[RUN].fullmatch(f"runs/{name}") is not None
