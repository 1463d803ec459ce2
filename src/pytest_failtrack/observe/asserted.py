"""The exception that an assertion shows in the value that it wanted to be empty.

A worker, a batch or a command keeps what went wrong in a list, and the test asserts that the list
is empty: `assert [('charge', HTTPError('401 Unauthorized'))] == []`. What failed is that exception,
and so it is with what a child process printed: `assert done.returncode == 0, done.stderr`.
It is read off the message, so that every source of failures has it; `held.py` finds live ones.
"""

from __future__ import annotations

import ast
import re

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.death import signal_name
from pytest_failtrack.observe.observation import Raised

READ_MAX_CHARS = 4_000
"""So much of a message is looked at."""

_WANTS_NOTHING = lazily(
    r"assert (?:not \S[^\n]*"
    r"|[^\n]* (?:==|is) (?:\[\]|\(\)|\{\}|''|0|None|False|set\(\)|frozenset\(\))"
    r"|False|None)(?:\n|$)"
    r"|[^\n]* (?:!=|is not) (?:\[\]|\(\)|\{\}|''|0|None|set\(\))(?: : [^\n]*)?(?:\n|$)"
)
_EXPECTS_ONE = lazily(r"\b(?:isinstance|issubclass|raises|type)\(")
_SHOWN = lazily(
    r"(?<![\w.])(?P<type>(?:[A-Za-z_]\w{0,60}\.){0,6}"
    r"(?:[A-Z]\w{0,60}(?:Error|Exception|Timeout|Exceeded|Expired|Failure|Refused|Denied)"
    r"|gaierror|herror))"
    r"\((?P<args>(?:[^()'\"\n]|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"){0,600})\)"
)
_TRACEBACK = "Traceback (most recent call last):"
# As the message that the test gave, in what a process left, or where nothing was wanted.
_PRINTED = lazily(r"\s{0,20}" + re.escape(_TRACEBACK))
_LEFT = lazily(r"\b(?:stderr|stdout|output|err|out)=b?['\"]" + re.escape(_TRACEBACK))
_RAISED = lazily(
    r"(?P<type>(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60})(?:: (?P<said>[^\n]{0,400}))?$"
)
# The end of a traceback in a repr whose middle was left out.
_REPR_END = lazily(
    r"\\n {4}(?:[^\\\n]|\\[^n\n]){1,200}\\n(?:[ ~^]{1,200}\\n)?"
    r"(?P<type>(?:[A-Za-z_]\w{0,60}\.){0,6}[A-Z]\w{0,60}(?:Error|Exception|Timeout|Expired))"
    r"(?:: (?P<said>(?:[^\\\n]|\\[^n\n]){0,400}))?\\n['\"]"
)
_DIED = lazily(
    r"(?:\breturncode=|\A\n?assert |\bdiff: |\A)-(?P<number>[1-9]|1[0-5])(?P<zero> [!=]= 0)?\b"
)


def with_shown(chain: tuple[Raised, ...]) -> tuple[Raised, ...]:
    """Return exceptions with the one that a single failing assertion shows as its cause.

    Args:
        chain: As an observation holds it, the outermost first.
    """
    if not _is_lone_assertion(chain):
        return chain
    shown = shown_exception(chain[0].message) or printed_exception(chain[0].message)
    return chain if shown is None else (*chain, shown)


def with_death(chain: tuple[Raised, ...]) -> tuple[Raised, ...]:
    """Return exceptions with what a child process died of, where a single assertion shows that.

    `returncode=-9`, or a status of -9 where 0 was wanted, is put as the standard library puts it.

    Args:
        chain: As an observation holds it, the outermost first.
    """
    if not _is_lone_assertion(chain) or not _may_tell_death(chain[0].message):
        return chain
    for found in _DIED.finditer(chain[0].message[:READ_MAX_CHARS]):
        if found["zero"] or found[0].startswith("returncode"):
            name = signal_name(-int(found["number"]))
            said = f"died with <Signals.{name}: {found['number']}>"
            return (*chain, Raised("subprocess.CalledProcessError", said, (), "cause"))
    return chain


def _is_lone_assertion(chain: tuple[Raised, ...]) -> bool:
    return len(chain) == 1 and chain[0].type.rpartition(".")[2] == "AssertionError"


def _may_tell_death(message: str) -> bool:
    """Whether the pattern may be found: it is slow in a long diff, which hardly ever holds one."""
    begins = message.lstrip("\n").startswith(("assert -", "-"))
    return begins or "returncode=-" in message or "diff: -" in message


def shown_exception(message: str) -> Raised | None:
    """Return the exception in the value of an assertion that wanted none, None for none.

    Args:
        message: Text of an AssertionError. What it shows counts where it wanted an empty value,
            None, 0 or no truth, and not where it asked about the exception itself.
    """
    if "(" not in message or not _WANTS_NOTHING.match(message):
        return None
    text = message[:READ_MAX_CHARS]
    if _EXPECTS_ONE.search(text):
        return None
    found = _SHOWN.search(text)
    if found is None:
        return None
    said = _message(found["args"], is_key=found["type"].endswith("KeyError"))
    return Raised(found["type"], said, (), "cause")


def printed_exception(message: str) -> Raised | None:
    """Return what ends the one traceback that an assertion shows, None for none.

    Args:
        message: Text of an AssertionError. A traceback counts that is the test's own message, that
            a process left (`stderr='Traceback ...`), or that stands where nothing was wanted; not
            one that the test compares with another.
    """
    text = message[:READ_MAX_CHARS]
    if _TRACEBACK not in text and "\\n    " not in text:
        return None  # nearly always
    if message.count(_TRACEBACK) > 1:
        return None
    left = _LEFT.search(text)
    if left or _TRACEBACK not in text:
        return _in_repr(text[left.end() :] if left else text, is_whole=left is not None)
    if _PRINTED.match(text):
        return _last_line(text.partition(_TRACEBACK)[2].split("\n")[1:])
    return _in_repr(text, is_whole=True) if _WANTS_NOTHING.match(text) else None


def _in_repr(text: str, *, is_whole: bool) -> Raised | None:
    """Return what ends a traceback in the repr of a text, or of a process that has printed it."""
    if is_whole:
        lines = text.partition("\n")[0].split("\\n")
        found = _last_line([_unescaped(one) for one in lines[1:]])
        if found is not None:
            return found
    ended = _REPR_END.search(text) if is_whole or "CompletedProcess(" in text else None
    if ended is None:
        return None
    return Raised(ended["type"], _unescaped(ended["said"] or ""), (), "cause")


def _unescaped(text: str) -> str:
    return text.replace("\\'", "'").replace('\\"', '"')


def _last_line(lines: list[str]) -> Raised | None:
    """Return what the first line says that is not indented as the frames above it are."""
    margin = len(lines[0]) - len(lines[0].lstrip()) - 2 if lines else 0
    for line in lines:
        said = line[max(margin, 0) :].rstrip()
        if said and not said.startswith((" ", "\t")):
            found = _RAISED.match(said)
            return Raised(found["type"], found["said"] or "", (), "cause") if found else None
    return None


def _message(arguments: str, *, is_key: bool) -> str:
    """Return what an exception with these arguments says, as `str()` does."""
    try:
        values: tuple[object, ...] = (
            ast.literal_eval(f"({arguments},)") if arguments.strip() else ()
        )
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return arguments
    if len(values) >= 2 and isinstance(values[0], int) and isinstance(values[1], str):
        named = f": {values[2]!r}" if len(values) > 2 else ""
        return f"[Errno {values[0]}] {values[1]}{named}"
    if len(values) == 1:
        return repr(values[0]) if is_key else str(values[0])
    return ", ".join(map(str, values))
