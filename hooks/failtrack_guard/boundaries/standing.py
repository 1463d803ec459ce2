"""Whether a place of a text stands within a function, told without parsing it.

Says no where it is not sure: what stands in a function is not run by an import of the module, so
a wrong yes would lose something, and a wrong no costs only a look.
"""

from __future__ import annotations

import re

# The head of a function up to its colon, in which no default or annotation is hard to read.
_HEAD = re.compile(
    r"def[ \t]+\w+[ \t]*\((?:[^()\"'#\\]|\([^()\"'#\\]*\)|\"[^\"\\\n()]*\"|'[^'\\\n()]*')*\)"
    r"[^:()\"'#\\\n]*:"
)
_TRIPLE = ('"""', "'''")


def is_in_function(text: str, position: int) -> bool:
    """Return whether what stands at a position is surely run only by a call of a function.

    Args:
        text: A whole file, with `\\n` as the only line end.
        position: Where a statement or a word begins.
    """
    if "\f" in text:
        return False
    line = text.rfind("\n", 0, position) + 1
    depth = _depth(text, line)
    head = line
    while depth:
        head = text.rfind("def ", 0, head)
        if head < 0:
            return False
        start = text.rfind("\n", 0, head) + 1
        outer = _depth(text, start)
        if outer >= depth or text[start + outer : head].rstrip() not in ("", "async"):
            continue
        if _ends(text, head, line, outer):
            depth = outer  # only what stands further out may still be around it
            continue
        return _is_whole(text, start, head, position)
    return False


def _depth(text: str, line: int) -> int:
    """Return the width of the indentation of a line."""
    end = line
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return end - line


def _ends(text: str, head: int, line: int, outer: int) -> bool:
    """Return whether a block ends before a line: another one is not indented more than its head."""
    body = text.find("\n", head) + 1
    lower = re.compile(rf"^[ \t]{{0,{outer}}}[^\s#)\]}}]", re.MULTILINE)
    return body < line and lower.search(text, body, line) is not None


def _is_whole(text: str, start: int, head: int, position: int) -> bool:
    """Return whether a head is one indeed, not part of a string, and ends before a position."""
    if text[max(start - 2, 0) : start] == "\\\n":
        return False
    match = _HEAD.match(text, head, position)
    return match is not None and not any(text.count(one, head, position) % 2 for one in _TRIPLE)
