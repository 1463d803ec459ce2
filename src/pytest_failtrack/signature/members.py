"""Order of sets and dictionaries: members of `{...}` in a message are sorted; for `normalize.py`.

The order of a set follows PYTHONHASHSEED, that of a dictionary may follow a set. Lists and tuples
keep theirs here; where they hold names alone, the row `rows.NAMES` sorts them.
Text that is not balanced is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_failtrack.lazily import lazily

ELLIPSIS = "..."
_CLOSING = {"{": "}", "[": "]", "(": ")"}
_VIEW = lazily(r"dict_(?:keys|values|items)\($")
_STOP = lazily(r"""[{}\[\](),'"]""")
_QUOTED = {
    "'": lazily(r"'(?:[^'\\]|\\.)*'"),
    '"': lazily(r'"(?:[^"\\]|\\.)*"'),
}
_QUOTE_PREFIX = lazily(r"(?:^|[^A-Za-z0-9])[bBrRuUfF]{0,2}$")


@dataclass
class _Open:
    """A bracket that is still open."""

    bracket: str
    is_unordered: bool
    members: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def sort_members(text: str, *, is_cut: bool = False) -> str:
    """Return the text with the members of its set and dict literals sorted, nested ones first.

    Equal members become one. A literal that was shortened by a repr (`{'a', 'b'...'z'}`) shows
    members by chance, and one that is open where the text ends or was shortened as well: their
    members are left out (`{...}`).

    Args:
        text: One line, already masked, so that addresses and numbers do not decide the order.
        is_cut: The text was longer; what is open at its end was cut.
    """
    stack = [_Open("", False)]
    unquotable: set[str] = set()
    position = 0
    while found := _STOP.search(text, position):
        start, mark = found.start(), found[0]
        stack[-1].text.append(text[position:start])
        position = start + 1
        if mark in _QUOTED:
            literal = _quoted(text, start, mark, len(stack) > 1, unquotable)
            stack[-1].text.append(literal)
            position = start + len(literal)
        elif mark in _CLOSING:
            is_view = mark == "[" and _VIEW.search(text, max(0, start - 16), start) is not None
            stack.append(_Open(mark, mark == "{" or is_view))
        elif mark == ",":
            _end_member(stack[-1])
        else:
            _close(stack, mark)
    stack[-1].text.append(text[position:])
    return _unwind(stack, is_cut)


def _quoted(text: str, start: int, mark: str, is_inside: bool, unquotable: set[str]) -> str:
    """Return the quoted literal that starts here, or the mark alone when it is an apostrophe."""
    if not is_inside or mark in unquotable:
        return mark
    if _QUOTE_PREFIX.search(text, max(0, start - 3), start) is None:
        return mark
    literal = _QUOTED[mark].match(text, start)
    if literal is None:
        # Nothing closes it up to the end, so nothing closes a later one: keeps the scan linear.
        unquotable.add(mark)
        return mark
    return literal[0]


def _end_member(one: _Open) -> None:
    if one.is_unordered:
        one.members.append("".join(one.text).strip())
        one.text.clear()
    else:
        one.text.append(",")


def _close(stack: list[_Open], mark: str) -> None:
    one = stack[-1]
    if len(stack) == 1 or _CLOSING[one.bracket] != mark:
        one.text.append(mark)
        return
    stack.pop()
    stack[-1].text.append(one.bracket + _inner(one) + mark)


def _inner(one: _Open) -> str:
    """Return what stands between the brackets."""
    if not one.is_unordered:
        return "".join(one.text)
    members = [*one.members, "".join(one.text).strip()]
    if any(ELLIPSIS in member for member in members):
        return ELLIPSIS
    return ", ".join(sorted(set(members))) if len(members) > 1 else "".join(one.text)


def _unwind(stack: list[_Open], is_cut: bool) -> str:
    """Return the whole text; brackets that were never closed stand as they were."""
    while len(stack) > 1:
        one = stack.pop()
        members = [*one.members, "".join(one.text)]
        rest = ", ".join(member.strip() for member in members) if one.members else members[0]
        if one.is_unordered and (is_cut or ELLIPSIS in rest):
            rest = ELLIPSIS
        stack[-1].text.append(one.bracket + rest)
    return "".join(stack[0].text)
