"""A pattern for what no entry of the catalog knows, proved before anybody sees it.

`failtrack catalog candidates` and `failtrack aggregate` ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.signature.normalize import normalize

PATTERN_MAX_CHARS = 160

_PLACEHOLDER = lazily(r"<[a-z][a-z -]{0,20}>")
_SPECIAL = lazily(r"[\\.^$*+?{}\[\]()|]")
_LETTERS = lazily(r"[A-Za-z]{4}")
_NUMBER = r"[\d.,:]{1,40}"
_OTHER = r".{1,200}"
_TYPED = lazily(r"(?P<type>[A-Za-z_][\w.]{0,200}(?:Error|Exception|Warning)): (?P<said>\S.*)")


def pattern_of(line: str) -> str:
    """Return a pattern of a line of which only what always stays is written out."""
    parts = []
    end = 0
    text = normalize(line)[:PATTERN_MAX_CHARS]
    for found in _PLACEHOLDER.finditer(text):
        parts.append(_escaped(text[end : found.start()]))
        parts.append(_NUMBER if found[0] == "<num>" else _OTHER)
        end = found.end()
    return "".join([*parts, _escaped(text[end:])])


def proved_pattern(lines: Sequence[str], examples: Sequence[str]) -> str:
    """Return the pattern of the last line if it matches every line, and nothing that is known.

    Args:
        lines: What failures of one cause said, the newest last.
        examples: What other entries are there for.

    Returns:
        The pattern; `` when there is none.
    """
    text = pattern_of(lines[-1])
    if not _LETTERS.search(_PLACEHOLDER.sub("", normalize(lines[-1]))):
        return ""  # next to nothing would match everything
    regex = re.compile(text, re.IGNORECASE | re.MULTILINE)
    if all(map(regex.search, lines)) and not any(map(regex.search, examples)):
        return text
    return ""


def typed_lines(lines: Sequence[str]) -> tuple[str, list[str]]:
    """Return the type of exception that lines begin with, `` when they do not all, and the rest."""
    typed = [_TYPED.match(one) for one in lines]
    name = typed[-1]["type"] if typed[-1] and all(typed) else ""
    return name, [
        one["said"] if one and name else line for one, line in zip(typed, lines, strict=True)
    ]


def example_texts(examples: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what the examples of entries say, as far as they have one."""
    return [_text_of(tables["example"]) for tables in examples if tables.get("example")]


def _escaped(text: str) -> str:
    """Return text as a pattern; `re.escape` escapes more than needs it, and is harder to read."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _text_of(table: Mapping[str, Any]) -> str:
    return "\n".join(str(table[key]) for key in ("message", "text", "output") if table.get(key))
