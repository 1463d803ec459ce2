"""Reads and parses one file; whatever is wrong with it becomes one clear sentence."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _ast

    from failtrack_guard.code.module import Module

BYTES_MAX = 32 * 1024 * 1024
# Python 3.10 makes trees as deep as the stack goes, and further. A level of one takes two
# characters at least, and 80 bytes of stack; the usual stack has room for 100,000 levels.
CHECKS_DEPTH = sys.version_info >= (3, 11)
CHECKED_MIN_CHARS = 100_000
LEVEL_BYTES = 64


class Unreadable(Exception):
    """A file that cannot be judged.

    Args:
        path: Path as it is shown.
        reason: What is wrong with it, in words.
        line: Line of it, 0 when there is none.
    """

    def __init__(self, path: str, reason: str, line: int = 0) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.line = line


def read_bytes(file: str, shown: str) -> bytes:
    """Return the content of a regular file.

    Raises:
        Unreadable: It is gone, a folder, a device, too large, or may not be read.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            status = os.fstat(descriptor)
            if status.st_mode & 0o170000 != 0o100000:
                raise Unreadable(shown, "is not a regular file")
            if status.st_size > BYTES_MAX:
                raise Unreadable(shown, f"is larger than {BYTES_MAX // 2**20} MiB; exclude it")
            parts = []
            while part := os.read(descriptor, max(65_536, status.st_size + 1)):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Unreadable(shown, f"cannot be read ({error.strerror or error})") from None


def read_module(file: str, shown: str, name: str) -> Module:
    """Read and parse a file.

    Args:
        file: Where it lies.
        shown: Path in messages, with forward slashes.
        name: Dotted module name, empty for none.

    Raises:
        Unreadable: It cannot be read, decoded or parsed.
    """
    return parse(read_bytes(file, shown), shown, name)


def parse(content: bytes, shown: str, name: str) -> Module:
    """Parse the content of a file; see `read_module`."""
    from failtrack_guard.code.module import Module

    source = decoded(content, shown)
    tree = parsed(source, shown)
    is_package = os.path.basename(shown) == "__init__.py"
    return Module(shown, name, is_package=is_package, source=source, tree=tree)


def parsed(source: str, shown: str) -> _ast.Module:
    """Return the syntax tree of a text.

    Raises:
        Unreadable: It is no Python that this interpreter reads, or nested too deeply.
    """
    version = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    try:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a file's own escapes deserve is not our business
            return _compiled(source, shown)
    except SyntaxError as error:
        raise Unreadable(
            shown,
            f"cannot be parsed by {version}: {error.msg}; correct it, or run the guard with the "
            "Python that the file is written for",
            error.lineno or 0,
        ) from None
    except ValueError as error:
        raise Unreadable(shown, f"cannot be parsed: {error}") from None
    except (RecursionError, MemoryError):
        raise Unreadable(
            shown, f"is nested too deeply to be parsed by {version}; exclude it"
        ) from None


def _compiled(source: str, shown: str) -> _ast.Module:
    """Return the syntax tree of a text, with more room for it where that helps."""
    from failtrack_guard.code.nodes import ONLY_AST

    def compiled() -> _ast.Module:
        tree: _ast.Module = compile(source, shown, "exec", ONLY_AST, dont_inherit=True)
        return tree

    if len(source) < CHECKED_MIN_CHARS and not CHECKS_DEPTH:
        return compiled()
    from failtrack_guard import deep

    if CHECKS_DEPTH:
        return deep.called(compiled)
    return deep.with_room(compiled, max(deep.STACK_BYTES, len(source) * LEVEL_BYTES))


def decoded(content: bytes, shown: str) -> str:
    """Return the text of a file: UTF-8, with or without a mark, or what its first lines declare.

    Raises:
        Unreadable: The bytes are not what they are declared to be.
    """
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise Unreadable(shown, "holds a NUL byte, which no Python source may", line)
    encoding = declared_encoding(content)
    try:
        if encoding in ("utf-8", "utf8", "utf-8-sig"):
            return content.decode("utf-8-sig")
        return content.decode(encoding)
    except LookupError:
        raise Unreadable(shown, f"declares the unknown encoding {encoding!r}", 1) from None
    except (UnicodeDecodeError, UnicodeError) as error:
        start = getattr(error, "start", 0)
        line = content.count(b"\n", 0, start) + 1
        raise Unreadable(
            shown, f"is not {encoding}: byte {content[start : start + 1]!r}", line
        ) from None


def declared_encoding(content: bytes) -> str:
    """Return the encoding that the first two lines declare (PEP 263), `utf-8` without one."""
    if content.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    head = content[:400].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n", 2)[:2]
    for line in head:
        if b"coding" not in line:
            if line.strip() and not line.lstrip().startswith(b"#"):
                break
            continue
        import re

        match = re.match(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if match:
            return match[1].decode("ascii", "replace").lower().replace("_", "-")
    return "utf-8"
