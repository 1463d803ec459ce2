"""The short name of an error, by which errors of one kind are counted (S2-17)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pytest_failtrack.lazily import lazily

UNKNOWN = "unknown"

_TYPE = lazily(r"([A-Za-z_][\w.]*)(?::|$|\()")
_TOOL = lazily(
    r"\b(?:error(?:\[|:? | )|ERR! code |warning )?"
    r"((?:[A-Z]{1,6}-?\d{2,5})|(?:E[A-Z]{4,20})|(?:ERR_[A-Z_]{3,40}))\b"
)


def error_code_of(record: Mapping[str, Any]) -> str:
    """Return the type of the exception, the code of the tool, or how the test ended.

    Args:
        record: A whole record.
    """
    message = record["failure_description"]["error_message"].lstrip()
    return code_in(message) or str(record["test"]["outcome"]) or UNKNOWN


@lru_cache(maxsize=4096)
def code_in(message: str) -> str:
    """Return the code that a message starts with or holds, `` when it has none."""
    line = message.partition("\n")[0]
    if line.startswith("assert"):
        return "AssertionError"
    found = _TYPE.match(line)
    if found and _is_type(found[1]):
        return found[1]
    tool = _TOOL.search(line)
    return tool[1] if tool else ""


def _is_type(name: str) -> bool:
    """Whether a word is the name of an exception: `KeyError`, `shop.errors.OutOfStock`."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper() and any(one.islower() for one in last)
