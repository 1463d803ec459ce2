"""The line of a rewritten assertion that compares two values: `assert 'a' == 'b'`.

pytest cuts the two values to 30 characters, in the middle of whatever stands there, and with `-vv`
not at all. So a long value is no part of what is the same in the next run; `token.py` leaves it
out, and `from_pytest.py` shortens a line so long that its end would not be kept.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_failtrack.lazily import lazily

HEAD = "assert "
# pytest keeps 28 characters around `not in`, 30 around `==`; lists of 6, dictionaries of 4 members.
VALUE_MAX_CHARS = 28
MEMBERS_MAX = 4
NAME_MAX_CHARS = 12
LINE_MAX_CHARS = 1_000
PART_MAX_CHARS = 300

_OPERATOR = lazily(r" (?:[=!<>]=|<|>|not in) ")
_OPENING = lazily(r"[bBrRuUfF]{0,2}['\"]|[\[({]")
_CLOSING = {"[": "]", "(": ")", "{": "}"}
_NAME = lazily(r"<?[A-Za-z_][\w.]*")


def without_long_values(message: str) -> str:
    """Return the message with the long values of its comparison left out.

    Args:
        message: Text of an AssertionError; any other line than a comparison stays as it is.
    """
    if not message.startswith(HEAD):
        return message
    line, end, rest = message.partition("\n")
    parts = _parts(line)
    if parts is None:
        return message
    left, operator, right = parts
    return f"{HEAD}{_outline(left)}{operator}{_outline(right)}{end}{rest}"


def bounded(message: str, cut: Callable[[str], str]) -> str:
    """Return the message; a comparison too long to be kept whole keeps its operator.

    Args:
        message: Text of any exception.
        cut: Redacts and cuts one value; the cut must not run through a secret.
    """
    if not message.startswith(HEAD):
        return message
    size = message.find("\n")
    if (len(message) if size < 0 else size) <= LINE_MAX_CHARS:
        return message
    line, end, rest = message.partition("\n")
    parts = _parts(line)
    if parts is None:
        return message
    left, operator, right = parts
    return f"{HEAD}{cut(left)}{operator}{cut(right)}{end}{rest}"


def _parts(line: str) -> tuple[str, str, str] | None:
    """Return left value, operator and right value, None when nothing is compared."""
    found = _OPERATOR.search(line, len(HEAD))
    if found is None:
        return None
    return line[len(HEAD) : found.start()], found[0], line[found.end() :]


def _outline(value: str) -> str:
    """Return a short value as it is, and of a long one what kind it is."""
    is_short = len(value) <= VALUE_MAX_CHARS and value.count(", ") < MEMBERS_MAX
    if is_short and "..." not in value:
        return value
    opening = _OPENING.match(value)
    if opening is not None:
        # Which quote a repr takes depends on how much of the text it was given.
        mark = opening[0].replace('"', "'")
        return f"{mark}...{_CLOSING.get(mark, mark[-1])}"
    name = _NAME.match(value)
    return f"{name[0][:NAME_MAX_CHARS]}..." if name is not None else "..."
