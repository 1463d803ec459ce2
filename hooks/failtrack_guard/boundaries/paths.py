"""What paths become: by their attributes and methods, and by functions of paths."""

from __future__ import annotations

import posixpath

from failtrack_guard.boundaries.values import (
    RESOURCES,
    UNKNOWN,
    File,
    Items,
    first,
    module_names,
    product,
    texts_in,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from failtrack_guard.boundaries.worth import Worth


def normal_path(text: str) -> str:
    """Return a path in its normal form, with forward slashes."""
    return posixpath.normpath(text.replace("\\", "/"))


def paths_of(values: Iterable[Any]) -> list[str]:
    """Return the paths among some values: strings, and what stands for a path."""
    found = []
    for one in values:
        if isinstance(one, File):
            found.append(one.path)
        elif isinstance(one, str):
            found.append(normal_path(one))
    return found


def part_of_path(base: File, name: str) -> list[Any]:
    """Return what an attribute of a path is."""
    if name == "parent":
        return [File(posixpath.dirname(base.path))]
    if name == "parents":
        above = posixpath.dirname(base.path)
        found = []
        while above not in ("", "/"):
            found.append([File(above)])
            above = posixpath.dirname(above)
        return [Items(found)]
    if name == "parts":
        return [Items([[one] for one in base.path.split("/")])]
    if name in ("name", "stem"):
        tail = posixpath.basename(base.path)
        return [tail if name == "name" else posixpath.splitext(tail)[0]]
    return []


def path_method(base: File, name: str, args: list[list[Any]]) -> list[Any]:
    """Return what a method of a path returns."""
    if name in ("resolve", "absolute", "expanduser", "__enter__", "open"):
        return [base]
    if name in ("as_posix", "__str__", "__fspath__"):
        return [base.path]
    if name in ("read", "read_text", "read_bytes"):
        return [File(base.path, is_text=True)]
    if name in ("joinpath", "with_name", "__truediv__"):
        start = posixpath.dirname(base.path) if name == "with_name" else base.path
        ways = product([texts_in(one) for one in args])
        return [File(normal_path(posixpath.join(start, *one))) for one in ways if one]
    if name == "with_suffix":
        return [base]
    return []


# Functions whose results are known; see `functions.FUNCTIONS`.


def join_path(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `os.path.join` returns."""
    ways = product([paths_of(one) or [UNKNOWN] for one in args])
    return [posixpath.join(*one) for one in ways if one]


def path(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return the path that `Path` makes of its parts."""
    return [File(normal_path(one)) for one in texts_in(join_path(folder, args, keywords))]


def folder_of(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `os.path.dirname` returns."""
    return [posixpath.dirname(one) for one in paths_of(first(args))]


def normal(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return what `os.path.abspath` and the like return."""
    return [*paths_of(first(args))]


def opened(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return the file that `open` opens."""
    return [File(one) for one in paths_of(first(args))]


def resources(folder: Worth, args: list[list[Any]], keywords: dict[str, list[Any]]) -> list[Any]:
    """Return the folder that `importlib.resources.files` gives."""
    anchors = first(args) or keywords.get("anchor", []) or keywords.get("package", [])
    return [File(f"{RESOURCES}/{one.replace('.', '/')}") for one in module_names(anchors)]
