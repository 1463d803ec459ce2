"""Observations that somebody else wrote as JSON, one a line or a list; `reading.py` asks.

It is the way in for tools that no reader of ours knows. What they must look like is printed by
`failtrack schema observation`; a journal of our own has the same lines, each in an envelope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.bounds import (
    CAPTURED_MAX_CHARS,
    EXCEPTIONS_MAX,
    FRAMES_MAX,
    MESSAGE_MAX_CHARS,
    TEXT_MAX_CHARS,
    encodable,
)
from pytest_failtrack.observe.maker import moment, numbered
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.redact import redact_and_cut, redact_nodeid

SCHEMA_FILE = "observation.schema.json"
REQUIRED = ("source", "when", "nodeid", "outcome")
OUTCOMES = ("failed", "error", "crashed", "rerun", "flaky", "xpassed", "debt", "expired")
PHASES = ("collect", "setup", "call", "teardown", "import", "command", "session")
_TEXTS = (
    *("source", "when", "nodeid", "outcome", "file", "text", "worker", "timestamp", "signal"),
    *("component", "subject", "workflow", "job", "step", "after"),
)


def schema_text() -> str:
    """Return the JSON Schema of an observation, as it is shipped."""
    return Path(__file__).with_name(SCHEMA_FILE).read_text(encoding="utf-8")


def is_observation(document: Any) -> bool:
    """Return whether a JSON document is an observation, bare or as a journal's line holds it."""
    return isinstance(document, dict) and all(key in _bare(document) for key in REQUIRED)


def observe_observations(
    documents: Iterable[Any], source: str, *, redact: Callable[[str], str]
) -> list[Observation]:
    """Return the observations that documents hold, redacted and bounded once more.

    Args:
        documents: Parsed JSON; lines of a journal that hold no observation are passed over.
        source: What the file is called in messages.
        redact: The redactor.

    Raises:
        InputError: One of them is none, with its number and the field that is wrong.
    """
    found = []
    documents = list(documents)
    is_journal = any(isinstance(one, dict) and "mark" in one for one in documents)
    for number, document in enumerate(documents, start=1):
        if is_journal and not is_observation(document):
            continue
        try:
            found.append(_observation(_bare(document), redact))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"{source}: observation {number}: {_reason(error)}; "
                "`failtrack schema observation` prints what one looks like",
                slug="observation",
            ) from None
    return numbered(found) if all(one.position == 0 for one in found) else found


def _bare(document: Any) -> Any:
    if isinstance(document, dict) and isinstance(document.get("observation"), dict):
        return document["observation"]
    return document


def _observation(document: Mapping[str, Any], redact: Callable[[str], str]) -> Observation:
    _check(document)
    one = Observation.from_dict(document)

    def cut(text: str, max_chars: int, keep: str) -> str:
        return encodable(redact_and_cut(redact, text, max_chars, keep)[0])

    raised = tuple(
        replaced(
            each,
            type=cut(each.type, 300, "tail"),
            message=cut(each.message, MESSAGE_MAX_CHARS, "both"),
            frames=tuple(
                replaced(
                    frame,
                    file=cut(frame.file, 500, "tail"),
                    function=cut(frame.function, 300, "tail"),
                )
                for frame in each.frames[-FRAMES_MAX - 2 :]
            ),
        )
        for each in one.exceptions[:EXCEPTIONS_MAX]
    )
    texts = {name: cut(getattr(one, name), 500, "head") for name in _TEXTS}
    for name in ("nodeid", "after"):
        texts[name] = encodable(redact_nodeid(redact, getattr(one, name)[:2_000]))
    texts["text"] = cut(one.text, TEXT_MAX_CHARS, "tail")
    texts["timestamp"] = moment(one.timestamp)
    return replaced(
        one,
        **texts,
        exceptions=raised,
        captured={k: cut(v, CAPTURED_MAX_CHARS, "tail") for k, v in one.captured.items()},
        markers=tuple(cut(mark, 200, "head") for mark in one.markers),
        told={name: _told(value, cut) for name, value in one.told.items()},
    )


def _told(value: Any, cut: Callable[[str, int, str], str]) -> Any:
    """Return what a source says of a kind, its texts redacted; `amend.py` checks the rest."""
    if isinstance(value, str):
        return cut(value, 500, "head")
    if isinstance(value, list):
        return [cut(one, 500, "head") if isinstance(one, str) else one for one in value[:50]]
    return value


def _check(document: Mapping[str, Any]) -> None:
    """Raise ValueError, TypeError or KeyError for a field that is not what the schema says."""
    for name in REQUIRED:
        if not isinstance(document[name], str):
            raise TypeError(f"{name} is no text")
    if document["outcome"] not in OUTCOMES:
        raise ValueError(f"outcome is none of {', '.join(OUTCOMES)}")
    if document["when"] not in PHASES:
        raise ValueError(f"when is none of {', '.join(PHASES)}")
    for name in _TEXTS:
        if not isinstance(document.get(name, ""), str):
            raise TypeError(f"{name} is no text")
    for name, least in (("attempt", 1), ("position", 0)):
        value = document.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise TypeError(f"{name} is no number from {least}")
    for name in ("line", "exit_status"):
        value = document.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise TypeError(f"{name} is no whole number")
    if not isinstance(document.get("duration_seconds", 0.0), (int, float)):
        raise TypeError("duration_seconds is no number")
    for name in ("captured", "told"):
        if not isinstance(document.get(name, {}), dict):
            raise TypeError(f"{name} is no object")
    if not all(isinstance(one, str) for one in document.get("captured", {}).values()):
        raise TypeError("captured holds something else than texts")
    for raised in document.get("exceptions", ()):
        if not isinstance(raised["type"], str) or not isinstance(raised["message"], str):
            raise TypeError("an exception has a type or message that is no text")
        for frame in raised.get("frames", ()):
            if not isinstance(frame["file"], str) or not isinstance(frame["function"], str):
                raise TypeError("a frame has a file or function that is no text")
            if isinstance(frame["line"], bool) or not isinstance(frame["line"], int):
                raise TypeError("a frame has a line that is no whole number")


def _reason(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
