"""The texts of a record: summary, details, error message and stack trace, each within a bound."""

from __future__ import annotations

from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.signature.cause import chosen_of
from pytest_failtrack.signature.token import printed_line

SUMMARY_MAX_CHARS = 300
ERROR_MESSAGE_MAX_CHARS = 500
DETAILS_MAX_CHARS = 1_700
CAPTURED_MIN_CHARS = 300
STACK_TRACE_MAX_CHARS = 1_000

WORDS_BY_WHEN = {
    "collect": "could not be collected",
    "import": "could not be imported",
    "setup": "failed in setup",
    "call": "failed",
    "teardown": "failed in teardown",
    "command": "failed",
    "session": "failed",
}
WORDS_BY_OUTCOME = {
    "crashed": "crashed the process",
    "flaky": "failed, then passed when it was run again",
    "rerun": "failed and was run again",
    "xpassed": "passed although it is marked as a strict xfail",
    "debt": "is test debt without a reason",
    "expired": "is test debt past its date",
}
WORDS_BY_SUBJECT = {
    "unmapped": "traces to nothing",
    "xpass": "passed although it is marked as an xfail",
}

LINKS = {
    "cause": "which was caused by",
    "context": "while handling",
    "group": "which holds",
}


def clean(text: str) -> str:
    """Return text that UTF-8, JSON and a database can hold: no NUL, no lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    # isascii is a flag of the string, the encoding a walk through it.
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def shortened(text: str, max_chars: int) -> str:
    """Return text with its middle left out, and the number of characters left out said."""
    if len(text) <= max_chars:
        return text
    mark = f"\n... {len(text) - max_chars} characters left out ...\n"
    tail = max((max_chars - len(mark)) // 2, 0)
    head = max(max_chars - len(mark) - tail, 0)
    return text[:head] + mark + text[len(text) - tail :]


def error_message_of(observation: Observation) -> str:
    """Return `Type: message` of the exception that matters, or the line that says an error.

    It is the exception that the signature speaks of; a group stands for its members.
    """
    chosen = chosen_of(observation)
    if chosen is not None:
        said = (_said(one) for one in chosen.members or (chosen.raised,))
        return clean(shortened("\n".join(said), ERROR_MESSAGE_MAX_CHARS))
    if observation.signal:
        return f"ended by {observation.signal}"
    line = printed_line(observation) or _last_line(observation.text)
    if not line and observation.exit_status is not None:
        return f"exit status {observation.exit_status}"
    return clean(shortened(line, ERROR_MESSAGE_MAX_CHARS))


def summary_of(observation: Observation) -> str:
    """Return one or two sentences: what failed, and with what (S0-62)."""
    what = observation.nodeid or "the session"
    when = observation.when if observation.nodeid else "session"  # no file that could be imported
    words = WORDS_BY_OUTCOME.get(observation.outcome) or WORDS_BY_WHEN.get(when, "failed")
    if observation.outcome == "debt" and observation.subject in WORDS_BY_SUBJECT:
        words = WORDS_BY_SUBJECT[observation.subject]
    elif observation.subject:
        words = f"{words} ({observation.subject})"
    if observation.signal:
        words = f"{words} with {observation.signal}"
    error = error_message_of(observation).partition("\n")[0]
    text = f"{what} {words}: {error}" if error else f"{what} {words}."
    return clean(_one_line(text, SUMMARY_MAX_CHARS))


def details_of(observation: Observation) -> str:
    """Return what was printed about the failure, then the tails of captured output (S0-63)."""
    captured = {name: text for name, text in observation.captured.items() if text.strip()}
    room = DETAILS_MAX_CHARS
    reserved = min(CAPTURED_MIN_CHARS * len(captured), sum(map(len, captured.values())))
    parts = [shortened(observation.text, room - reserved)]
    room -= len(parts[0])
    for index, (name, text) in enumerate(captured.items()):
        share = max(room // (len(captured) - index), 0)
        # The end of captured output is nearest to the failure.
        tail = text if len(text) <= share else "..." + text[len(text) - share :]
        parts.append(f"--- captured {name} ---\n{tail}")
        room -= len(tail)
    if observation.is_truncated:
        parts.insert(0, "(longer than its bound, cut)")
    return clean("\n".join(part for part in parts if part))


def stack_trace_of(observation: Observation) -> str:
    """Return the frames of each exception as `file:line in function` lines (S0-65)."""
    lines: list[str] = []
    for raised in observation.exceptions:
        if raised.link:
            lines.append(f"{LINKS.get(raised.link, raised.link)}:")
        lines += [f"  {one.file}:{one.line} in {one.function}" for one in raised.frames]
        message = _one_line(raised.message.partition("\n")[0], 160)
        lines.append(f"{raised.type}: {message}" if message else raised.type)
    return clean(shortened("\n".join(lines), STACK_TRACE_MAX_CHARS))


def _said(raised: Raised) -> str:
    return f"{raised.type}: {raised.message}" if raised.message else raised.type


def _one_line(text: str, max_chars: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= max_chars else line[: max_chars - 3] + "..."


def _last_line(text: str) -> str:
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
