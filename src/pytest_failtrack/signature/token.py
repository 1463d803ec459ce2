"""The token of a failure: one normalized line that says what failed, and where (C-32).

Called by `signature.py`, and by the pipeline for the line that people are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.compared import without_long_values
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.signature.cause import GROUPS, Matter, chosen_of, matter, short_name
from pytest_failtrack.signature.errorline import error_line
from pytest_failtrack.signature.normalize import LINE_MAX_CHARS, is_versioned, normalize, one_line
from pytest_failtrack.signature.place import place_of, place_text
from pytest_failtrack.signature.rows import NORMALIZATION_VERSION

__all__ = [
    "NO_STACK",
    "TOKEN_MAX_CHARS",
    "fitted",
    "headline",
    "is_silent",
    "place_of",
    "token_of",
    "tokens_of",
]

NO_STACK = "no-stack"
TOKEN_MAX_CHARS = 160
WHERE_MAX = 3
CHOSEN_MAX_LINES = 4

_DOCTEST = frozenset({"DocTestFailure", "MultipleDoctestFailures", "UnexpectedException"})
_FINDINGS = frozenset({"debt", "expired"})
# The first line announces, the lines after it say it.
_ANNOUNCES = lazily(r":$|\bvalidation errors? for \S{1,200}$|^Regex pattern did not match\.?$")
# argparse says it below the usage, and pytest says after it what it had read.
_USAGE_SAYS = lazily(
    r"^(?P<program>[^\s:][^\n:]{0,100}): error: "
    r"(?P<said>.{1,1000}(?:\n(?!\s{1,8}(?:inifile|rootdir): ).{1,1000}){0,3})",
    re.MULTILINE,
)
# What unittest lists in the order of a set says nothing that would last.
_UNORDERED = ("Items in the first set", "Items in the second set", "Element counts were not equal")
_WHERE = lazily(r"^\s{0,8}\+\s{1,40}(?:where|and) (?P<rest>.{1,1000})$", re.MULTILINE)
_CALLED = lazily(
    r"<(?:bound|built-in) method (?:[\w.]{1,200}\.)?(?P<method>\w{1,100})"
    r"|<(?:built-in )?function (?:[\w.<>]{1,200}\.)?(?P<function>\w{1,100})"
    r"|[^\n]*?(?P<name>[A-Za-z_]\w{0,100})$"
)
_FIXTURE = lazily(r"fixture '(?P<a>[^'\n]{1,200})' not found|^\('(?P<b>[^'\n]{1,200})',")
_DOCTEST_RAISED = lazily(r"UNEXPECTED EXCEPTION: (?P<line>.{1,1000})")
_DOCTEST_GOT = lazily(
    r"^Expected(?: nothing|:\s{1,40}(?P<expected>\S.{0,400}))\n(?:.{0,400}\n){0,40}?"
    r"Got(?: nothing|:\s{1,40}(?P<got>\S.{0,400}))",
    re.MULTILINE,
)

# Where a file lies is long, and what it is called stands at its end.
_DEEP = lazily(
    r"(?<![\w/.:~-])/(?:home|tmp|root|Users|private|var|opt|usr|srv|mnt|builds|__w|github|workspace)"
    r"(?:/[^/\s'\":,;()]{1,128}){2,64}(?=(?:/[^/\s'\":,;()]{1,128}){2})"
)
# Where Python found the module of `cannot import name 'a' from 'b' (/home/ci/b.py)`.
_OF_FILE = lazily(r"(?<=['\"]) \((?:[A-Za-z]:)?[\\/][^()]{1,1024}\)\Z")


class Said(NamedTuple):
    """What a failure says, before it is normalized.

    Args:
        line: The line; of a group its type.
        members: Lines of a group's members.
    """

    line: str
    members: tuple[str, ...] = ()


def token_of(observation: Observation, max_chars: int = TOKEN_MAX_CHARS) -> str:
    """Return the token that tells this failure from others and is the same in the next run.

    Args:
        observation: The failure.
        max_chars: Longest token (S4-13). A line that is too long is cut, its place is not; only a
            place that would leave the line less than a quarter is cut, and then from the left.

    Returns:
        `<line> @ <file>:<function>`, `<line>` when no place is known, `no-stack` when the failure
        shows nothing at all. A name of the fallback is never cut.
    """
    return tokens_of(observation, max_chars)[0]


def tokens_of(observation: Observation, max_chars: int = TOKEN_MAX_CHARS) -> tuple[str, ...]:
    """Return the token, then those of older versions of the normalization that differ (C-6).

    Args:
        observation: The failure.
        max_chars: Longest token (S4-13).
    """
    said = _said(observation, _outlined(observation.exceptions))
    line = _normalized(said, NORMALIZATION_VERSION)
    if not line:
        return (NO_STACK,)
    place = place_text(observation)
    tokens = [fitted(line, place, max_chars)]
    if any(is_versioned(one[:LINE_MAX_CHARS]) for one in (said.line, *said.members)):
        for version in range(NORMALIZATION_VERSION - 1, 0, -1):
            tokens.append(fitted(_normalized(said, version), place, max_chars))
    return tuple(dict.fromkeys(tokens))


def headline(
    observation: Observation, others: Iterable[Observation] = (), max_chars: int = TOKEN_MAX_CHARS
) -> str:
    """Return the line that a failure shows, for people: its numbers and names as they are.

    Args:
        observation: The failure.
        others: Further failures of its cause. Where one of them says something else, the line is
            normalized: what is left is what they share.
        max_chars: Longest line.
    """
    if is_silent(observation):
        return _end_of_command(observation)[:max_chars].rstrip()
    said = _said(observation, observation.exceptions)
    if all(_said(one, one.exceptions) == said for one in others):
        line = _OF_FILE.sub("", one_line(_shown(said)[:LINE_MAX_CHARS]))
        if not line.startswith("assert "):  # of two paths that differ nothing is left out
            line = _DEEP.sub("...", line)
    else:
        line = _normalized(said, NORMALIZATION_VERSION)
    return line[:max_chars].rstrip() or "no error named"


def _shown(said: Said) -> str:
    """Return what a failure says as one line; of a group its type and its members."""
    if not said.members:
        return said.line
    return said.line + "[" + "; ".join(sorted(set(said.members))) + "]"


def is_silent(observation: Observation) -> bool:
    """Whether this is a command that failed and named no error."""
    is_command = observation.source == "command" and observation.when == "command"
    return is_command and not observation.text.strip()


def _end_of_command(observation: Observation) -> str:
    """Return how a command ended that named no error; the end comes first, for lines are cut."""
    how = "failed"
    if observation.signal:
        how = f"ended by {observation.signal}"
    elif observation.exit_status is not None:
        how = f"exit status {observation.exit_status}"
    return f"{how}, no error named: {observation.nodeid}"


def _outlined(chain: tuple[Raised, ...]) -> tuple[Raised, ...]:
    """Return exceptions without the long values of their comparisons, which people are shown."""
    messages = [without_long_values(one.message) for one in chain]
    if all(kept is one.message for one, kept in zip(chain, messages, strict=True)):
        return chain
    return tuple(
        one if kept is one.message else Raised(one.type, kept, one.frames, one.link)
        for one, kept in zip(chain, messages, strict=True)
    )


def fitted(line: str, place: str, max_chars: int) -> str:
    """Return a normalized line and its place as a token; see `token_of` for what is cut."""
    if not place:
        return line[:max_chars].rstrip() or NO_STACK
    suffix = f" @ {place}"
    least = min(len(line), max_chars // 4)
    if least + len(suffix) > max_chars:
        room = max_chars - least - len(" @ ...")
        suffix = f" @ ...{place[-room:]}" if room > 0 else ""
    return line[: max_chars - len(suffix)].rstrip() + suffix or NO_STACK


def _normalized(said: Said, version: int) -> str:
    """Return the normalized line; of a group its type and the distinct lines of its members."""
    line = normalize(said.line, version)
    if not said.members:
        return line
    return line + "[" + "; ".join(sorted({normalize(one, version) for one in said.members})) + "]"


def _said(observation: Observation, chain: tuple[Raised, ...]) -> Said:
    """Return what a failure with these exceptions says; its line is `` when it shows nothing."""
    chosen = chosen_of(observation) if chain is observation.exceptions else matter(chain)
    if chosen is not None and chosen.members and observation.outcome not in _FINDINGS:
        return Said(short_name(chosen.raised.type), tuple(map(_shape, chosen.members)))
    return Said(_line(observation, chosen))


def _line(observation: Observation, chosen: Matter | None) -> str:
    if observation.outcome in _FINDINGS:
        return _finding(observation)
    if chosen is not None:
        return _raised_line(chosen.raised, observation)
    if observation.outcome == "xpassed":
        reason = _first_line(observation.text).removeprefix("[XPASS(strict)]").strip()
        return f"XPASS(strict): {reason}" if reason else "XPASS(strict)"
    if _has_crashed(observation):
        return _crash(observation)
    said = printed_line(observation)
    if is_chosen(observation):
        said = _chosen_line(observation.text)
    return said or (f"ended by {observation.signal}" if observation.signal else "")


def printed_line(observation: Observation) -> str:
    """Return the line of an observation's text that says what went wrong, `` when none does."""
    if is_chosen(observation):
        return _first_line(observation.text.partition("\n")[0])
    said = error_line(observation.text)
    if not said and observation.source == "pytest" and observation.when == "collect":
        # What is reported in place of an exception, as by pytest-xdist, is nothing but its words.
        said = observation.text.strip().partition("\n")[0].strip()
    return said


def is_chosen(observation: Observation) -> bool:
    """Whether the text is the line that was chosen from a command's output, with its detail."""
    if observation.source != "command":
        return False
    text = observation.text.strip()
    return observation.when == "command" or text.startswith(error_line(text))


def _chosen_line(text: str) -> str:
    """Return the error line of a command with its detail, but where that is in the place."""
    head = text[: 2 * LINE_MAX_CHARS].split("\n", CHOSEN_MAX_LINES)[:CHOSEN_MAX_LINES]
    lines = [line.strip() for line in head if line.strip()]
    return " ".join(line for line in lines if not line.startswith("--> "))


def _finding(observation: Observation) -> str:
    named = f"{observation.outcome} {observation.subject}".strip()
    return _first_line(observation.text) or named


def _has_crashed(observation: Observation) -> bool:
    """Whether a process died under a test, also one that was run again or passed afterwards."""
    is_again = observation.outcome in ("rerun", "flaky")
    is_known = bool(observation.signal) or observation.exit_status is not None
    return observation.outcome == "crashed" or (is_again and is_known)


def _crash(observation: Observation) -> str:
    """Return how the process ended; what it printed last is left out, for it died anywhere."""
    if observation.signal:
        return f"crashed {observation.signal}"
    if observation.exit_status is not None:
        return f"crashed exit status {observation.exit_status}"
    return "crashed"


def _raised_line(raised: Raised, observation: Observation) -> str:
    name = short_name(raised.type)
    if name in GROUPS:
        return name
    if name == "FixtureLookupError":
        return _fixture(raised, observation) or _shape(raised)
    if name == "CollectError":
        return error_line(raised.message) or _shape(raised)
    if name == "UsageError":
        return _usage(raised) or _shape(raised)
    if name in _DOCTEST:
        return f"{name}: {_doctest(observation.text) or _first_line(raised.message)}"
    return _shape(raised)


def _usage(raised: Raised) -> str:
    """Return what is wrong with a command line as its program prints it, `` when it says so at
    once; of pytest it is one line, however pytest was called."""
    head = raised.message[: 4 * LINE_MAX_CHARS]
    found = _USAGE_SAYS.search(head) if "usage: " in head else None
    if found is None:
        return ""
    program = "pytest" if raised.type == "UsageError" else found["program"]
    return f"{program}: error: {_first_line(found['said'])}"


def _shape(raised: Raised) -> str:
    """Return type and message as one line; a rewritten assertion without its type."""
    name = short_name(raised.type)
    line = _first_line(raised.message)
    if not line:
        return name
    if name == "AssertionError" and line.startswith("assert "):
        return line + _where(raised.message)
    return f"{name}: {line}"


def _first_line(message: str) -> str:
    """Return the first line that is not blank, with what it announces."""
    head = message[: 2 * LINE_MAX_CHARS].split("\n", 12)
    lines = [line.strip() for line in head if line.strip()]
    if not lines:
        return ""
    if _ANNOUNCES.search(lines[0]) and not lines[0].startswith(_UNORDERED):
        return " ".join(lines[:3])
    return lines[0]


def _where(message: str) -> str:
    """Return the names of what an assertion compared (`where total`), for its values are masked."""
    if "where" not in message:
        return ""
    names: list[str] = []
    for found in _WHERE.finditer(message[: 2 * LINE_MAX_CHARS]):
        called = _called(found["rest"].partition(" = ")[2])
        if called and called not in names:
            names.append(called)
    return f" where {', '.join(names[:WHERE_MAX])}" if names else ""


def _called(expression: str) -> str:
    """Return the name of what was called or read, `` when its repr does not show one."""
    if not expression.startswith(("<bound method ", "<built-in ", "<function ")):
        expression = expression.partition("(")[0]
    found = _CALLED.match(expression)
    return next((name for name in found.groups() if name), "") if found else ""


def _fixture(raised: Raised, observation: Observation) -> str:
    for text in (raised.message, observation.text):
        found = _FIXTURE.search(text)
        if found:
            return f"fixture '{found['a'] or found['b']}' not found"
    return ""


def _doctest(text: str) -> str:
    raised = _DOCTEST_RAISED.search(text)
    if raised:
        return raised["line"]
    found = _DOCTEST_GOT.search(text)
    if not found:
        return ""
    return f"expected {found['expected'] or 'nothing'} got {found['got'] or 'nothing'}"
