"""Writes a fixed file over the old one: in one step, and only over what was judged."""

from __future__ import annotations

import contextlib
import os
import stat

from failtrack_guard.errors import GuardError


def write_over(file: str, judged: bytes, content: bytes, shown: str) -> None:
    """Replace the content of a file; a link is written through, the mode stays.

    Args:
        file: The file.
        judged: What it held when it was judged.
        content: What it holds afterwards.
        shown: Its path in messages.

    Raises:
        GuardError: It changed since, may not be written, or the disk refuses.
    """
    if content == judged:
        return
    try:
        target = os.path.realpath(file)
        status = os.stat(target)
        if not status.st_mode & 0o222:
            raise GuardError(
                f"{shown} is not fixed: it is write-protected; allow writing and run fix again",
                slug="fix-protected",
            )
        with open(target, "rb") as held:
            if held.read() != judged:
                raise GuardError(
                    f"{shown} is not fixed: it changed while it was judged; run fix again",
                    slug="fix-changed",
                )
        _replace(target, content, status)
    except OSError as error:
        raise GuardError(
            f"{shown} is not fixed: it cannot be written ({error.strerror or error}); see to the "
            "rights of the file and its folder, and run fix again",
            slug="fix-write",
        ) from None


def _replace(target: str, content: bytes, status: os.stat_result) -> None:
    """Write a file beside another one, as its owner's and with its mode, and rename it."""
    beside = f"{target}.{os.getpid()}.failtrack"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
        if hasattr(os, "chown"):
            with contextlib.suppress(OSError):  # only root may give a file away
                os.chown(beside, status.st_uid, status.st_gid)
        os.chmod(beside, stat.S_IMODE(status.st_mode))
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
