"""What type and message leave open and the place tells: who made what an exception is about.

One and the same `KeyError` is data that arrived without a field, or a table of the project's own
that nobody filled. What is found is a remark in brackets after the message, for which entries of
the catalog ask like for any other text; only a few types are looked at. Without the line of source
that pytest shows, nothing is said of keys and kinds of values.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable

from pytest_failtrack.classify.shown import source_of
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation, Raised

OF_OWN_STATE = "[of its own state]"
MADE_BY_ITSELF = "[made by itself]"
FROM_ITSELF = "[imports from itself]"
BEHIND_THE_TEST = "[failed behind the test]"
MISSPELLED = "[misspelled]"
WORDED_OTHERWISE = "[worded otherwise]"
AFTER_WAITING = "[after waiting]"
OF_A_LIBRARY = "[of a library]"

MISTAKES = frozenset(
    {
        *("AttributeError", "IndexError", "KeyError", "NameError", "RecursionError", "TypeError"),
        *("UnboundLocalError", "ZeroDivisionError"),
    }
)
"""Types of which nobody raises one on purpose, and which say nothing of the surroundings."""
SMALL_WORDS = frozenset(
    {
        *("a", "an", "and", "are", "as", "at", "but", "by", "for", "has", "have", "in", "is", "it"),
        *("its", "of", "on", "so", "that", "the", "there", "this", "to", "was", "were", "which"),
        *("while", "with"),
    }
)
ALIKE = 0.75
"""How much of two names must be the same for one to be the other one misspelled."""

_FOREIGN = lazily(
    r"(?:answers?|args|bod(?:y|ies)|conf(?:ig)?|data|docs?|documents?|env(?:iron)?|events?|forms?|"
    r"headers?|json|kwargs|lines?|messages?|meta|options?|params?|payloads?|records?|repl(?:y|ies)|"
    r"requests?|responses?|rows?|settings?|tokens?)$",
    re.IGNORECASE,
)
_RAISES = lazily(r"\s{0,40}raise KeyError\b")
_OWN_LITERAL = lazily(r"\b(?:self|cls)\.(\w{1,60})\[[\"']([^\"'\n]{1,80})[\"']\]")
_OWN_TABLE = lazily(r"(?<!\w)(_?[A-Z][A-Z0-9_]{1,60})\[")
_FIELD_READ = lazily(r"[a-z)\]]\[[\"']([^\"'\n]{1,80})[\"']\]")
_FIELD = lazily(r"\w\[[\"']|\.get\(|\bjson\b|\bcsv\b|\brow\b|\benviron\b|\bargv\b")
_ITSELF = lazily(r"\((?:from )?([^()\n]{1,400})\)\s{0,3}$")
_NO_ATTRIBUTE = lazily(r"^'(\w{1,20})' object has no attribute '(\w{1,60})'")
_EXPECTED = lazily(r"Expected regex: (.{1,400})\n\s{0,8}Actual message: (.{1,400})")
_WORD = lazily(r"[^\W_]+")
_POLLS = lazily(
    r"^ {4,40}(?:for|while) [^\n]{1,200}:\n(?: {4,60}[^\n]{0,200}\n){0,8}?"
    r" {8,60}[^\n]{0,60}\bsleep\(",
    re.MULTILINE,
)
_NOTHING_YET = lazily(r"^assert (?:False|None|0|\[\]|\{\}|''|set\(\)|not )")


def remark_on(raised: Raised, position: int, observation: Observation) -> str:
    """Return what the place tells of an exception, in brackets; `` for nothing."""
    ask = ASKED.get(raised.type.rpartition(".")[2])
    return ask(raised, position, observation) if ask else ""


def _on_key(raised: Raised, position: int, observation: Observation) -> str:
    frame = raised.own_frame
    if frame is None or frame.is_test:
        return ""
    statement, _ = source_of(observation.text, frame)
    if _RAISES.match(statement):
        return OF_OWN_STATE
    key = raised.message.strip("'\"")
    for found in _OWN_LITERAL.finditer(statement):
        if found[2] == key and not _FOREIGN.search(found[1]):
            return OF_OWN_STATE
    if any(found[1] == key for found in _FIELD_READ.finditer(statement)):
        return ""  # what was read from elsewhere lacks it, whatever else the line looks up
    tables = [found[1] for found in _OWN_TABLE.finditer(statement)]
    return OF_OWN_STATE if tables and not any(map(_FOREIGN.search, tables)) else ""


def _on_kinds(raised: Raised, position: int, observation: Observation) -> str:
    own = [one for one in raised.frames if one.is_project or one.is_test]
    if not own or own[-1].is_test or not own[0].is_test:
        return ""
    is_text = "bytes" in raised.message and "str" in raised.message
    if len({one.file for one in own if not one.is_test}) > 1 and not is_text:
        return ""  # text and bytes meet nowhere but in code: no format of data knows both
    statement, _ = source_of(observation.text, own[-1])
    return "" if not statement or _FIELD.search(statement) else MADE_BY_ITSELF


def _on_import(raised: Raised, position: int, observation: Observation) -> str:
    frame = raised.own_frame
    if frame is None or "partially initialized" not in raised.message:
        return ""
    found = _ITSELF.search(raised.message)
    path = found[1].replace("\\", "/") if found else ""
    return FROM_ITSELF if f"/{path}".endswith(f"/{frame.file}") else ""


def _on_warning(raised: Raised, position: int, observation: Observation) -> str:
    behind = observation.exceptions[position + 1 : position + 2]
    if not behind or behind[0].link == "group" or behind[0].type not in MISTAKES:
        return ""
    frame = behind[0].own_frame
    return BEHIND_THE_TEST if frame is not None and not frame.is_test else ""


def _on_deprecation(raised: Raised, position: int, observation: Observation) -> str:
    # Who warns stands in the innermost frame; the project's own line is the one that is warned.
    warns = raised.frames[-1] if raised.own_frame is not None else None
    return OF_A_LIBRARY if warns and not (warns.is_project or warns.is_test) else ""


def _on_attribute(raised: Raised, position: int, observation: Observation) -> str:
    frame = raised.own_frame
    found = _NO_ATTRIBUTE.search(raised.message)
    if found is None or frame is None or not frame.is_test:
        return ""
    kind = getattr(builtins, found[1], None)
    if not isinstance(kind, type) or f".{found[2]}(" not in observation.text:
        return ""
    from difflib import get_close_matches

    return MISSPELLED if get_close_matches(found[2], dir(kind), 1, ALIKE) else ""


def _on_assertion(raised: Raised, position: int, observation: Observation) -> str:
    if position:
        return ""
    if raised.message.startswith("Regex pattern did not match"):
        if "re.escape()" in raised.message:
            return ""
        return WORDED_OTHERWISE if _is_worded_otherwise(raised.message) else ""
    text = observation.text
    end = text.find("\nE  ")
    at = text.find("sleep(", 0, max(end, 0))
    if at < 0 or not raised.message.startswith("assert "):
        return ""
    is_early = _NOTHING_YET.search(raised.message) or _POLLS.search(text[:end])
    return AFTER_WAITING if is_early else ""


def _is_worded_otherwise(message: str) -> bool:
    """Whether message and regex differ in nothing but case, punctuation and small words."""
    found = _EXPECTED.search(message)
    if found is None:
        return False
    sides = [_WORD.findall(side.lower()) for side in found.groups()]
    wanted, came = ([word for word in side if word not in SMALL_WORDS] for side in sides)
    if len(wanted) < 2:
        return False
    size = len(wanted)
    return any(came[at : at + size] == wanted for at in range(len(came) - size + 1))


ASKED: dict[str, Callable[[Raised, int, Observation], str]] = {
    "KeyError": _on_key,
    "TypeError": _on_kinds,
    "ImportError": _on_import,
    "AttributeError": _on_attribute,
    "AssertionError": _on_assertion,
    "DeprecationWarning": _on_deprecation,
    "PendingDeprecationWarning": _on_deprecation,
    "FutureWarning": _on_deprecation,
    "PytestUnraisableExceptionWarning": _on_warning,
    "PytestUnhandledThreadExceptionWarning": _on_warning,
}
"""Who is asked about a type, by the last part of its name."""
