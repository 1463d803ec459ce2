"""Writes archives: each beside, read back whole, and renamed into the place of the older one."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.archive.archives import (
    MEMBERS_MAX,
    PART_MAX_BYTES,
    Archive,
    Entry,
    file_name,
    member_bytes,
    place_of,
    write_members,
)
from pytest_failtrack.history.archive.packed import Shelf
from pytest_failtrack.history.archive.spool import Item, Spool
from pytest_failtrack.history.files import refused, remove_if_there, rename_over


def plan(
    folder: str, shelf: Shelf, items: Sequence[Item]
) -> Iterator[tuple[str, Archive | None, list[Item]]]:
    """Yield each archive that is to be written, what it is made from, and what is new in it."""
    parts: dict[str, list[Item]] = {}
    new: dict[int, list[Item]] = {}
    for item in items:
        found = shelf.find(item.entry.name)
        if found is not None:
            parts.setdefault(found[0].path, []).append(item)
        else:
            new.setdefault(item.year, []).append(item)
    archives = {one.path: one for one in shelf.archives}
    for year, wanted in new.items():
        part = max([1, *(place[1] for place in _places(shelf) if place[0] == year)])
        path = os.path.join(folder, file_name(year, part))
        room, count = _room(archives.get(path))
        for item in sorted(wanted, key=lambda one: one.entry.name):
            size = member_bytes(item.entry)
            if count >= MEMBERS_MAX or (size > room and count):
                part += 1
                path = os.path.join(folder, file_name(year, part))
                room, count = _room(None)
            room -= size
            count += 1
            parts.setdefault(path, []).append(item)
    for path, wanted in sorted(parts.items()):
        yield path, archives.get(path), sorted(wanted, key=lambda one: one.entry.name)


def _places(shelf: Shelf) -> Iterator[tuple[int, int]]:
    for one in shelf.archives:
        place = place_of(os.path.basename(one.path))
        if place is not None:
            yield place


def _room(archive: Archive | None) -> tuple[int, int]:
    """Return how many bytes more a part takes, and how many members it has."""
    if archive is None:
        return PART_MAX_BYTES, 0
    return PART_MAX_BYTES - archive.stamp.size, archive.count


def write_part(path: str, old: Archive | None, items: Sequence[Item], spool: Spool) -> None:
    """Write an archive beside, read it back whole, and put it in the place of the old one."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.urandom(6).hex()}.tmp")
    try:
        with open(temporary, "xb") as file:
            if old is None:
                written = write_members(file, _spooled(items, spool))
            else:
                with open(old.path, "rb") as source:
                    written = write_members(file, _merged(old, source, items, spool))
            file.flush()
            os.fsync(file.fileno())
        _read_back(temporary, path, written)
        rename_over(temporary, path)
        _flush_folder(folder)
    except OSError as error:
        raise refused("write", path, error) from error
    finally:
        remove_if_there(temporary)


def _spooled(items: Iterable[Item], spool: Spool) -> Iterator[tuple[Entry, bytes]]:
    for item in items:
        yield item.entry, spool.packed(item.entry)


def _merged(
    old: Archive, source: IO[bytes], items: Sequence[Item], spool: Spool
) -> Iterator[tuple[Entry, bytes]]:
    replaced = {one.entry.name for one in items}
    kept = (one for one in old.entries() if one.name not in replaced)
    before = ((one, old.copied(one, source)) for one in kept)
    yield from heapq.merge(before, _spooled(items, spool), key=lambda one: one[0].name)


def _read_back(temporary: str, path: str, written: Sequence[Entry]) -> None:
    archive = Archive(temporary)
    if list(archive.entries()) != list(written):
        raise EvidenceError(f"{path} was not written as it should be; nothing was removed")
    for _, content in archive.read_many(written):
        if isinstance(content, EvidenceError):
            raise content


def _flush_folder(folder: str) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
