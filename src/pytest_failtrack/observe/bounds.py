"""How much is kept of one failure, so that a record is some kilobytes whatever was raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_failtrack.observe.compared import PART_MAX_CHARS
from pytest_failtrack.observe.redact import redact_and_cut
from pytest_failtrack.observe.source import Place

MESSAGE_MAX_CHARS = 2_000
TEXT_MAX_CHARS = 2_400
CAPTURED_MAX_CHARS = 800
FRAMES_MAX = 12
EXCEPTIONS_MAX = 8


class Cut:
    """Redacts and bounds texts, and remembers whether anything was cut.

    Args:
        redact: The redactor.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self.redact = redact
        self.was_cut = False

    def value(self, text: str) -> str:
        """Return one of two compared values, on one line."""
        return " ".join(self(text, PART_MAX_CHARS, "both").splitlines())

    def __call__(self, text: str, max_chars: int, keep: str) -> str:
        """Return a text of at most some characters; see `redact_and_cut`."""
        kept, was_cut = redact_and_cut(self.redact, text, max_chars, keep)
        self.was_cut = self.was_cut or was_cut
        return encodable(kept)


def encodable(text: str) -> str:
    """Return a text that UTF-8 can write: lone surrogates, which xdist cannot send, as escapes."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def frames_kept(
    walked: Sequence[tuple[str, int, str]], place: Callable[[str], Place]
) -> list[tuple[Place, int, str]]:
    """Return the frames that are kept of a stack, with what is known of their files.

    At most `FRAMES_MAX` of the deepest, and beyond them the deepest of the project and of its
    product code, however deep the stack; those of the machinery never.

    Args:
        walked: File, line and function of each frame, innermost last.
        place: Says what a file is.
    """
    kept: list[tuple[Place, int, str]] = []
    wanted = {"project", "own"}
    for file, line, function in reversed(walked):
        known = place(file)
        if known.is_machinery:
            continue
        kinds = set()
        if known.is_project:
            kinds = {"project"} if known.is_test else {"project", "own"}
        if len(kept) < FRAMES_MAX or kinds & wanted:
            kept.append((known, line, function))
            wanted -= kinds
        elif not wanted:
            break
    kept.reverse()
    return kept
