"""Untrusted text made safe to show: one line, no escapes, a known width (for every sink)."""

from __future__ import annotations

import re
import unicodedata

from pytest_failtrack.lazily import lazily

# CSI, OSC and DCS strings with their ends, then any other escape of two characters.
_ANSI = lazily(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -~]?"
)
# What GitHub (`::cmd::`, `##[cmd]`), Azure (`##vso[`) and TeamCity take from a log as a command.
_LOG_COMMAND = lazily(r"^(\s*):(?=:)|#(?=#\w*\[)", re.MULTILINE)
_SPACE = lazily(r"\s+")
# Joiners of emoji and of Persian words; every other format character (bidi, tags) is escaped.
_KEPT_FORMAT = "\u200c\u200d"
_ESCAPED_KINDS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def plain(text: str, *, unicode: bool = True) -> str:
    """Return the text as one harmless line.

    Args:
        text: Anything: a message with colours, line ends, bidi marks, lone surrogates, NUL.
        unicode: False for streams that take ASCII alone.

    Returns:
        Text without ANSI sequences; runs of white space are one space; characters that could
        move, reverse or hide other text are written as `\\u202e`; what a CI system would take
        from a log as a command is broken up.
    """
    if not (text.isascii() and text.isprintable()):
        text = _visible(_SPACE.sub(" ", _ANSI.sub("", text)), unicode)
    return _disarmed(text.strip())


def plain_lines(text: str, *, unicode: bool = True, max_lines: int = 40) -> list[str]:
    """Return the lines of a longer text, each harmless, with their indentation.

    Args:
        text: Details of a failure.
        unicode: False for streams that take ASCII alone.
        max_lines: The first half and the last half are kept, and the cut is named.
    """
    lines = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > max_lines:
        head = max_lines // 2
        left_out = len(lines) - max_lines
        lines = [
            *lines[:head],
            f"... {left_out:,} more lines ...",
            *lines[len(lines) - (max_lines - head) :],
        ]
    shown = (_visible(line.expandtabs(4), unicode).rstrip() for line in lines)
    return [_disarmed(line) for line in shown]


def display_width(text: str) -> int:
    """Return the number of terminal cells that the text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def cut(text: str, width: int) -> str:
    """Return the text, its end replaced with `...` when it takes more than `width` cells."""
    if display_width(text) <= width:
        return text
    return _head(text, width - 3) + "..." if width > 3 else _head(text, width)


def cut_start(text: str, width: int) -> str:
    """Return the text, its start replaced with `...`: for places, whose end says more."""
    if display_width(text) <= width:
        return text
    if width <= 3:
        return _head(text[::-1], width)[::-1]
    return "..." + _head(text[::-1], width - 3)[::-1]


def _visible(text: str, unicode: bool) -> str:
    if not text.isprintable():
        text = "".join(map(_escaped, text))
    if not unicode and not text.isascii():
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    return text


def _escaped(char: str) -> str:
    if char in _KEPT_FORMAT or unicodedata.category(char) not in _ESCAPED_KINDS:
        return char
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")


def _looks_like_command(text: str) -> bool:
    return "::" in text or "##" in text


def _disarmed(line: str) -> str:
    return _LOG_COMMAND.sub(r"\g<0> ", line) if _looks_like_command(line) else line


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _head(text: str, width: int) -> str:
    used = 0
    for index, char in enumerate(text):
        used += _cells(char)
        if used > width:
            return text[:index]
    return text
