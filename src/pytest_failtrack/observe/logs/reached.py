"""Services that are waited for: what a log says while they do not answer, and when they do.

A line about a connection that was refused is no error where the next lines tell that the service is
up: the loop that waited for it printed that.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

_UNREACHED = lazily(
    r"\brefused\b|could not connect|(?:failed|unable) to connect|can'?t connect|could not reach"
    r"|connection (?:reset|timed out|closed|failed|error)|no response|unreachable|is unavailable"
    r"|not (?:yet )?(?:ready|available|up|running|reachable|responding)|(?:is|still) starting"
    r"|econnre(?:fused|set)|server closed the connection",
    re.IGNORECASE,
)
_REACHED = lazily(
    r"(?:(?:\bis|\bare|\bnow|:) (?:now |already )?"
    r"(?:up|ready|healthy|available|reachable|alive|online|responding)\b"
    r"(?! (?:to date|for review|to be))"
    r"|\baccepting connections\b|\bready to accept connections\b"
    r"|\bconnect(?:ed|ion) (?:to .{1,80}(?:succeeded|established|successful)|succeeded|established)"
    r"|\bsuccessfully connected\b"
    r"|\"status\": ?\"(?:ok|up|healthy|pass|green|yellow)\")",
    re.IGNORECASE,
)
# The same words in a sentence that says nothing of it.
_NOT_YET = lazily(
    r"\b(?:wait(?:s|ed|ing)?(?!-)|until|till|whether|if|when|once|unless|check\w*|ensure|sure|verify\w*|not|never"
    r"|no longer|rejecting|nothing|please|should|must)\b|n't\b|\?",
    re.IGNORECASE,
)
_WORDS = (
    *(" up", "ready", "healthy", "availab", "reachable", "alive", "online", "respond"),
    *("accepting", "onnect", '"status"'),
)
LINE_MAX_CHARS = 300


def is_unreached(line: str) -> bool:
    """Return whether a line says that a service did not answer."""
    return _UNREACHED.search(line) is not None


def says_reached(text: str) -> bool:
    """Return whether a line of a text says that a service answers now.

    Args:
        text: One line or many; lines of more than 300 characters are no such sentences.
    """
    if not any(word in text for word in _WORDS):
        return False
    return any(
        _REACHED.search(line) is not None and _NOT_YET.search(line) is None
        for line in re.split(r"[\r\n]", text)
        if len(line) <= LINE_MAX_CHARS
    )
