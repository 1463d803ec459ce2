"""Tracebacks of Python as text become exceptions: pytest's long and short style, native ones.

What the plugin reads off live exceptions, JUnit files, reports and logs hold as text. Both must
come to the same exceptions, so that one failure has one signature on every road; what a text does
not show (the exception that a result holds) is missing here.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.bounds import EXCEPTIONS_MAX, frames_kept
from pytest_failtrack.observe.observation import Frame, Raised
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.stacks.native import BOX_MEMBER, Draft, native_traceback

TEXT_MAX_CHARS = 400_000

CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"
_LINKS = {CAUSE: "cause", CONTEXT: "context"}
_SHORT_PLACE = lazily(r"(?P<file>\S[^\n]{0,500}?):(?P<line>\d{1,7}): in (?P<function>\S.{0,200})$")
_LONG_PLACE = lazily(
    r"(?P<file>[^\s>:][^\n]{0,500}?|[A-Za-z]:[^\n]{1,500}?):(?P<line>\d{1,7}):"
    r"(?: (?P<type>[\w.<>]{1,200}))?\s*$"
)
_MARKED = lazily(r"E(?P<indent> {1,200})(?P<text>.*)$|E$")
_DEF = lazily(r">?\s*(?:async\s+)?def\s+(?P<name>\w{1,200})")
_RAISED = lazily(
    r"(?P<type>[A-Za-z_][\w]*(?:\.(?:[A-Za-z_]\w*|<locals>))*)(?:: (?P<message>.*)|:?)$"
)
_HEADING = "(most recent call last):"
_FIXTURE = lazily(r"fixture '[^'\n]{1,200}' not found$|recursive dependency involving fixture ")
_FILE = lazily(r'\s*File "(?P<file>[^"\n]{1,500})", line (?P<line>\d{1,7})')
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")
_DOCTEST = lazily(
    r"(?P<file>\S.{0,400}):(?P<line>\d{1,7}): (?P<type>DocTestFailure|UnexpectedException)$"
)


def exceptions_of(text: str, places: Places) -> tuple[Raised, ...]:
    """Return the chain that a printed traceback shows, what was raised last first.

    Args:
        text: What pytest, unittest or Python itself printed about one failure.
        places: Answers what the files are that it names.

    Returns:
        At most `EXCEPTIONS_MAX` exceptions, those raised last; none when the text holds no
        traceback and no line that pytest marked with `E`.
    """
    return tuple(
        Raised(one.type, one.message, _frames(one.frames, places), one.link)
        for one in _chain(drafts(text))[:EXCEPTIONS_MAX]
    )


def syntax_place(text: str, places: Places) -> tuple[str, int] | None:
    """Return the file that could not be parsed and the line there, None for other failures."""
    last = drafts(text)[-1:]
    if not last or last[0].type not in _SYNTAX or last[0].place is None:
        return None
    file, line = last[0].place
    return places.place(file).file, line


def doctest_place(text: str, places: Places) -> tuple[str, int] | None:
    """Return the place of a failed doctest, None for other failures."""
    lines = text.rstrip().splitlines()
    found = _DOCTEST.match(lines[-1]) if lines else None
    return (places.place(found["file"]).file, int(found["line"])) if found else None


def _frames(walked: Sequence[tuple[str, int, str]], places: Places) -> tuple[Frame, ...]:
    return tuple(
        Frame(known.file, line, places.clean(function), known.is_project, known.is_test)
        for known, line, function in frames_kept(walked, places.place)
    )


def drafts(text: str) -> list[Draft]:
    """Return the exceptions of a text in the order printed; groups with their members behind."""
    reader = _Reader()
    lines = text[:TEXT_MAX_CHARS].splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.rstrip().endswith(_HEADING):
            found, at = native_traceback(lines, at)
            reader.native(found)
            continue
        reader.take(line)
        at += 1
    return reader.finish()


def _chain(printed: list[Draft]) -> list[Draft]:
    """Return what was printed in the order of observations: last raised first.

    The link of each says how the next one printed followed from it, and so it is its own.
    """
    members: list[Draft] = [one for one in printed if one.link == BOX_MEMBER]
    chain = [one for one in printed if one.link != BOX_MEMBER]
    chain.reverse()
    for one in members:
        one.link = "group"
    return [*chain[:1], *members, *chain[1:]] if members else chain


class _Reader:
    """Reads pytest's own styles, a line at a time."""

    def __init__(self) -> None:
        self.found: list[Draft] = []
        self._draft = Draft()
        self._said: list[str] = []
        self._indent = 0
        self._function = ""
        self._source: list[str] = []

    def take(self, line: str) -> None:
        stripped = line.strip()
        if stripped in _LINKS:
            self._end()
            if self.found:
                self.found[-1].link = _LINKS[stripped]
            return
        marked = _MARKED.match(line)
        if marked:
            self._mark(marked["indent"] or "", marked["text"] or "")
            return
        place = _SHORT_PLACE.match(line)
        if place:
            if self._said:
                self._end()
            self._frame(place["file"], int(place["line"]), place["function"])
            return
        place = _LONG_PLACE.match(line)
        if place:
            self._frame(place["file"], int(place["line"]), self._function or self._guess())
            if self._said or place["type"]:
                self._end(place["type"] or "")
            return
        self._source.append(line)
        definition = _DEF.match(line)
        if definition and not self._function:
            self._function = definition["name"]

    def native(self, found: list[Draft]) -> None:
        """Take what a native traceback came to."""
        self._end()
        self.found += found

    def finish(self) -> list[Draft]:
        self._end()
        return self.found

    def _mark(self, indent: str, text: str) -> None:
        if not self._said:
            self._indent = len(indent)
        self._said.append(indent[self._indent :] + text)

    def _frame(self, file: str, line: int, function: str) -> None:
        self._draft.frames.append((file, line, function))
        self._function = ""
        self._source = []

    def _guess(self) -> str:
        """Return the name of code that has no `def`: a comprehension, a lambda, a module."""
        shown = next((one for one in reversed(self._source) if one.startswith(">")), "")
        if "lambda" in shown:
            return "<lambda>"
        return "<listcomp>" if " for " in shown else "<module>"

    def _end(self, type_: str = "") -> None:
        said, self._said = self._said, []
        draft, self._draft = self._draft, Draft()
        self._function = ""
        self._source = []
        if not said:
            return
        draft.type, draft.message = said_of(said, type_)
        if draft.type in _SYNTAX:
            draft.place = _place_in(said)
        self.found.append(draft)


def said_of(said: Sequence[str], type_: str = "") -> tuple[str, str]:
    """Return type and message of an exception from the lines that pytest marks with `E`.

    Args:
        said: The lines, without their mark and indentation.
        type_: The bare type that stands beside the place, `` when it is not known.
    """
    first = said[0]
    if first.startswith("assert ") or first == "assert":
        return "AssertionError", "\n".join(said)
    if _FIXTURE.match(first):
        return "FixtureLookupError", "\n".join(said)
    for at, line in enumerate(said):
        raised = _RAISED.match(line)
        if raised and _is_type(raised["type"], type_, has_message=raised["message"] is not None):
            if raised["type"] in _SYNTAX:
                return raised["type"], raised["message"] or ""
            if at:
                break
            rest = [raised["message"] or "", *said[at + 1 :]]
            return raised["type"], "\n".join(rest).rstrip("\n")
        if not _FILE.match(said[0]):
            break  # only what cannot be parsed shows its source before its type
    return type_ or "AssertionError", "\n".join(said)


def _is_type(name: str, bare: str, *, has_message: bool) -> bool:
    """Whether a word that stands where a type would stand is one."""
    last = name.rpartition(".")[2]
    if bare:
        return last == bare.rpartition(".")[2]
    return "." in name or last[:1].isupper() or (has_message and last.lower().endswith("error"))


def _place_in(said: Sequence[str]) -> tuple[str, int] | None:
    found = next((one for one in map(_FILE.match, said) if one), None)
    return (found["file"], int(found["line"])) if found else None
