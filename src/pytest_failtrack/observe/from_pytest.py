"""Observations from pytest: exceptions, reports and collectors become drafts.

A draft is an observation as plain JSON values. It rides on the report from the process that ran
the test to the one that reports it, so it holds nothing but texts, numbers, lists and dicts, is
bounded, and is redacted before it leaves this file.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import TracebackType
from typing import Any

from pytest_failtrack.observe.bounds import (
    CAPTURED_MAX_CHARS,
    EXCEPTIONS_MAX,
    MESSAGE_MAX_CHARS,
    TEXT_MAX_CHARS,
    Cut,
    encodable,
    frames_kept,
)
from pytest_failtrack.observe.clock import Clock
from pytest_failtrack.observe.compared import bounded
from pytest_failtrack.observe.held import held_exception
from pytest_failtrack.observe.redact import OVERLAP_CHARS, redact_and_cut, redact_nodeid
from pytest_failtrack.observe.redaction.echoes import asserted
from pytest_failtrack.observe.source import Sources

Draft = dict[str, Any]
Clean = Callable[[str], str]
Chain = list[tuple[BaseException, str]]

ASSERTION_TYPES = ("AssertionError", "Failed")
CAPTURED_NAMES = {"stdout": "stdout", "stderr": "stderr", "log": "log"}
# A traceback longer than this is a recursion; its middle says nothing.
WALK_MAX = 20_000
LINE_MAX = 4_000
# Marks of tests that other event loops than that of pytest-asyncio run.
_OTHER_LOOPS = ("trio", "anyio", "twisted", "tornado")
# Where not even a draft can be made, or what a test left of it cannot be read.
UNDESCRIBED = "failtrack could not describe this failure; pytest's own output has it"


class Drafter:
    """Makes drafts in one process.

    Args:
        sources: Answers what a source file is.
        clean: Redacts a text.
        worker: Name of the xdist worker, `` in a plain process.
        clock: Tells when something was seen; one of its own by default.
    """

    def __init__(
        self, sources: Sources, clean: Clean, worker: str = "", clock: Clock | None = None
    ) -> None:
        self.sources = sources
        self.clock = clock or Clock()
        self.clean = clean
        self.worker = worker
        self.must_clean_ids = True
        self._count = 0

    def failure(self, report: Any, error: BaseException | None, item: Any = None) -> Draft:
        """Return the draft of a failed test or collect report.

        Args:
            report: pytest's report; its texts are read, nothing in it is changed.
            error: What was raised, None when pytest judged by itself (a strict xfail passed).
            item: The test item, for its markers; None for collectors.
        """
        when = getattr(report, "when", None) or "collect"
        draft = self.blank("pytest", when, report.nodeid)
        draft["duration_seconds"] = _seconds(getattr(report, "duration", 0.0))
        cut = Cut(self.clean)
        text = _tail_of_longrepr(report, self.clean)
        if error is not None and not _shows_source(report):
            from pytest_failtrack.observe.own_source import source_text

            source = source_text(error.__traceback__, self.sources.place)
            text = f"{source}\n{_without_frames(text)}" if source else text
        chain = _chain(error) if error is not None else []
        if chain:
            draft["exceptions"] = self._exceptions(chain, cut, asserted(text))
            if item is not None:
                _tell_of_asyncio(draft["exceptions"][0], item)
        draft["text"] = cut(text, TEXT_MAX_CHARS, "tail")
        draft["captured"] = self._captured(report, cut)
        draft["outcome"] = "failed" if when == "call" else "error"
        if error is None and _says_xpass(report):
            draft["outcome"] = "xpassed"
        if item is not None:
            name = self.sources.name
            # A list sorts itself, whatever a test has put in the place of `sorted`.
            draft["markers"] = [*{name(mark.name) for mark in item.iter_markers()}]
            draft["markers"].sort()
            draft["component"] = self.clean(_component(item))
        draft["file"], draft["line"] = self._place(draft["exceptions"], report, chain)
        draft["is_truncated"] = cut.was_cut
        return draft

    def session_error(self, error: BaseException, when: str = "session") -> Draft:
        """Return the draft of an error outside of tests: a hook, a conftest, the command line."""
        draft = self.blank("pytest", when, "")
        cut = Cut(self.clean)
        chain = _chain(error)
        draft["exceptions"] = self._exceptions(chain, cut)
        if type_name(error) == "UsageError":
            _leave_out_parser(draft["exceptions"])
        draft["outcome"] = "error"
        draft["text"] = cut(_native_text(error), TEXT_MAX_CHARS, "tail")
        draft["file"], draft["line"] = self._place(draft["exceptions"], None, chain)
        draft["is_truncated"] = cut.was_cut
        return draft

    def blank(self, source: str, when: str, nodeid: str) -> Draft:
        """Return a draft with its identity and nothing else."""
        self._count += 1
        return {
            "id": f"{self.worker or 'main'}:{self._count}",
            "source": source,
            "when": when,
            "nodeid": encodable(self.clean_id(nodeid)),
            "outcome": "error",
            "exceptions": [],
            "worker": self.worker,
            "attempt": 1,
            "timestamp": self.clock.text(),
        }

    def clean_id(self, nodeid: str) -> str:
        """Return a node id redacted, if that has to be looked at (`must_clean_ids`)."""
        return redact_nodeid(self.clean, nodeid) if self.must_clean_ids else nodeid

    def _exceptions(self, chain: Chain, cut: Cut, line: str = "") -> list[Draft]:
        """Return the drafts of a chain of exceptions.

        Args:
            chain: The exceptions, what was raised last first.
            cut: What bounds their texts, and is told when they were too long.
            line: The line that asserts something of `settings.password`, ``: what the message shows
                of that has no name beside it.
        """
        return [
            {
                "type": self.sources.name(type_name(one)),
                "message": _message(one, cut, "" if at else line),
                "frames": self._frames(one.__traceback__),
                "link": link,
            }
            for at, (one, link) in enumerate(chain)
        ]

    def _frames(self, traceback: TracebackType | None) -> list[Draft]:
        walked: list[tuple[str, int, str]] = []
        while traceback is not None and len(walked) < WALK_MAX:
            code = traceback.tb_frame.f_code
            walked.append((code.co_filename, traceback.tb_lineno, code.co_name))
            traceback = traceback.tb_next
        return [
            {
                "file": known.file,
                "line": line or 0,
                "function": self.sources.name(function),
                "is_project": known.is_project,
                "is_test": known.is_test,
            }
            for known, line, function in frames_kept(walked, self.sources.place)
        ]

    def _place(self, exceptions: list[Draft], report: Any, chain: Chain) -> tuple[str, int | None]:
        for one, _ in chain:
            if isinstance(one, SyntaxError) and one.filename:
                return self.sources.place(one.filename).file, one.lineno
        examples = getattr(getattr(report, "longrepr", None), "reprlocation_lines", None)
        if examples:  # a doctest: the example that failed, not the docstring
            return self.sources.place(examples[0][0].path).file, examples[0][0].lineno
        frames = [frame for one in exceptions for frame in reversed(one["frames"])]
        for frame in frames:
            if frame["is_project"]:
                return frame["file"], frame["line"]
        location = getattr(report, "location", None)
        if location:
            line = location[1]
            file = redact_nodeid(self.clean, location[0].replace("\\", "/"))
            return file, None if line is None else line + 1
        nodeid = redact_nodeid(self.clean, getattr(report, "nodeid", ""))
        return nodeid.partition("::")[0], None

    def _captured(self, report: Any, cut: Cut) -> dict[str, str]:
        found: dict[str, str] = {}
        for title, content in getattr(report, "sections", ()):
            if not isinstance(title, str) or not isinstance(content, str):
                continue  # a plugin's own, which pytest could not print either
            name = CAPTURED_NAMES.get(title.split(" ")[1]) if title.startswith("Captured ") else ""
            if name and content:
                found[name] = cut(content, CAPTURED_MAX_CHARS, "tail")
        return found


def type_name(error: BaseException) -> str:
    """Return the qualified name of an exception's type; builtins and pytest's own are bare."""
    kind = type(error)
    module = kind.__module__ if isinstance(kind.__module__, str) else ""
    name = kind.__qualname__
    if module in ("builtins", "__main__") or module.startswith(("_pytest.", "pytest")):
        return name
    return f"{module}.{name}" if module else name


def _seconds(duration: Any) -> float:
    """Return a duration as a number that a record can hold; a plugin may have set anything."""
    try:
        seconds = round(float(duration), 6)
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return seconds if 0 <= seconds < math.inf else 0.0


def message_of(error: BaseException) -> str:
    """Return the text of an exception, or what went wrong when it was asked for it.

    Whatever a `__str__` raises ends here, `SystemExit` and `pytest.skip` too, as it does in the
    module traceback, which pytest prints from.
    """
    try:
        if isinstance(error, SyntaxError) and type(error).__str__ is SyntaxError.__str__:
            return str(error.msg)  # file and line are the place, not the message
        if type_name(error) == "UsageError":
            return _usage(error)
        text = str.__str__(str(error))  # a text, and no subclass with methods of its own
    except BaseException as broken:
        return f"<its __str__ raised {type(broken).__name__}>"
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list) and notes:
        text = "\n".join([text, *(note for note in notes if isinstance(note, str))])
    return text


def _message(error: BaseException, cut: Cut, line: str) -> str:
    """Return the bounded message of an exception, redacted as what follows a line of source."""
    message = message_of(error)
    if len(message) > MESSAGE_MAX_CHARS or not line:
        message = cut(bounded(message, cut.value), MESSAGE_MAX_CHARS, "both")
    if line and "assert " in message:
        message = cut.redact(f"{line}\n{message}").partition("\n")[2]
    return cut(message, MESSAGE_MAX_CHARS, "both") if line else message


def _tell_of_asyncio(exception: Draft, item: Any) -> None:
    """Say that a coroutine was not run although a plugin is there: pytest says that one is missing.

    One that has the mark is run by the plugin, and never comes here. The mark of another one says
    that this other one is missing.
    """
    if not exception["message"].startswith("async def functions are not natively supported"):
        return
    is_of_another = any(item.get_closest_marker(name) for name in _OTHER_LOOPS)
    if not is_of_another and item.config.pluginmanager.hasplugin("asyncio"):
        exception["message"] += "\npytest-asyncio is active: the test lacks its mark"


def _leave_out_parser(exceptions: list[Draft]) -> None:
    """Leave out where a command line was parsed, which is not where it is wrong."""
    for one in exceptions:
        if not any(frame["is_project"] for frame in one["frames"]):
            one["frames"] = []


def _usage(error: BaseException) -> str:
    """Return what pytest prints of a mistake in its command line, what is wrong first.

    The line begins with `pytest: `, also where pytest was called as a module.
    """
    said = "\n".join(str.__str__(str(one)) for one in error.args)
    usage, is_below, wrong = said.partition(": error: ")
    if not is_below or not usage.startswith("usage: "):
        return said
    usage, _, _ = usage.rpartition("\n")
    return f"pytest: error: {wrong.rstrip()}\n{usage}"


def _chain(error: BaseException) -> Chain:
    """Return an exception and what led to it, each with how it is linked to the one before."""
    if type(error).__qualname__ == "Collector.CollectError":
        # pytest's wrapper around what an import raised says nothing more.
        error = error.__cause__ or error.__context__ or error
    raised_in_example = getattr(error, "exc_info", None)
    if type(error).__qualname__ == "UnexpectedException" and isinstance(raised_in_example, tuple):
        error = raised_in_example[1] or error  # so does doctest's
    seen: set[int] = set()
    waiting: list[tuple[BaseException, str]] = [(error, "")]
    chain: Chain = []
    while waiting and len(seen) < EXCEPTIONS_MAX:
        one, link = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        chain.append((one, link))
        # Depth first: what caused an exception follows it at once, members of a group after that.
        members = getattr(one, "exceptions", None)
        if isinstance(members, tuple):
            found = [each for each in members if isinstance(each, BaseException)]
            waiting += [(each, "group") for each in reversed(found)]
        if one.__cause__ is not None:
            waiting.append((one.__cause__, "cause"))
        elif one.__context__ is not None and not one.__suppress_context__:
            waiting.append((one.__context__, "context"))
        elif (held := held_exception(one)) is not None:
            waiting.append((held, "cause"))
    return chain


def _tail_of_longrepr(report: Any, clean: Clean) -> str:
    """Return the last entries of what pytest will print, without rendering all of it.

    What is cut here is redacted here: the rest of a secret could not be told from other text.
    """
    longrepr = report.longrepr
    if longrepr is None:
        return ""
    if isinstance(longrepr, str):
        return longrepr
    traceback = getattr(longrepr, "reprtraceback", None)
    if traceback is None:
        if isinstance(longrepr, tuple):
            return str(longrepr[-1])
        text = getattr(longrepr, "longrepr", None)  # CollectErrorRepr
        return text if isinstance(text, str) else _safe_text(longrepr)
    parts: list[str] = []
    size = 0
    for entry in reversed(traceback.reprentries):
        place = getattr(entry, "reprfileloc", None)
        # Each line is bounded by itself: joining lines of 50 MB would copy them.
        lines = [
            line if len(line) <= LINE_MAX else _bounded_line(line, clean) for line in entry.lines
        ]
        if place is not None:
            message = _bounded_line(_first_line(place.message), clean)
            # As pytest prints it: under the source of a frame, above it in the short style.
            at = 0 if getattr(entry, "style", "") == "short" else len(lines)
            lines.insert(at, f"{place.path}:{place.lineno}: {message}")
        parts.append("\n".join(lines))
        size += len(parts[-1])
        if size > TEXT_MAX_CHARS:
            break
    return "\n".join(reversed(parts))


def _shows_source(report: Any) -> bool:
    """Whether what pytest will print of a traceback has places and their source."""
    traceback = getattr(report.longrepr, "reprtraceback", None)
    entries = getattr(traceback, "reprentries", None)
    return entries is None or any(getattr(one, "reprfileloc", None) for one in entries)


def _without_frames(text: str) -> str:
    """Return what Python's own traceback says under its last frame, another text as it is."""
    _, frame, rest = text.rpartition('\n  File "')
    lines = rest.split("\n")[1:]
    while lines and (lines[0].startswith("    ") or not lines[0].strip()):
        del lines[0]
    return "\n".join(lines) if frame and lines else text


def _bounded_line(line: str, clean: Clean) -> str:
    if len(line) <= LINE_MAX:
        return line
    return redact_and_cut(clean, line, LINE_MAX, "head")[0].replace("\n", " ")


def _first_line(text: str) -> str:
    return text[: LINE_MAX + 2 * OVERLAP_CHARS].partition("\n")[0]


def _safe_text(value: object) -> str:
    try:
        return str(value)
    except BaseException as broken:
        return f"<its text raised {type(broken).__name__}>"


def _native_text(error: BaseException) -> str:
    import traceback

    try:
        return "".join(traceback.format_exception(type(error), error, error.__traceback__))
    except BaseException:
        return f"{type_name(error)}: {message_of(error)}"


def _says_xpass(report: Any) -> bool:
    return isinstance(report.longrepr, str) and report.longrepr.startswith("[XPASS(strict)]")


def _component(item: Any) -> str:
    mark = item.get_closest_marker("component")
    return str(mark.args[0]) if mark is not None and mark.args else ""
