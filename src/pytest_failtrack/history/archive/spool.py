"""Documents that wait for their archive: packed once, in a file, however many there are."""

from __future__ import annotations

import os
from typing import NamedTuple

from pytest_failtrack.history.archive.archives import Entry, FileStamp, deflated
from pytest_failtrack.history.files import refused, remove_if_there


class Item(NamedTuple):
    """A document that goes into an archive: its packed bytes wait in the spool."""

    entry: Entry
    path: str
    stamp: FileStamp
    year: int


class Spool:
    """Packed bytes that wait for their archive, in a file that goes when the packer ends."""

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, f".spool.{os.urandom(6).hex()}.tmp")

    def __enter__(self) -> Spool:
        try:
            self._file = open(self._path, "x+b")
        except OSError as error:
            raise refused("write", self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        remove_if_there(self._path)

    def add(self, name: str, content: bytes) -> Entry:
        """Put a document in; return where it lies."""
        entry, packed = deflated(name, content)
        try:
            offset = self._file.seek(0, os.SEEK_END)
            self._file.write(packed)
        except OSError as error:
            raise refused("write", self._path, error) from error
        return entry._replace(offset=offset)

    def packed(self, entry: Entry) -> bytes:
        """Return the packed bytes of a document."""
        self._file.seek(entry.offset)
        return self._file.read(entry.packed_size)
