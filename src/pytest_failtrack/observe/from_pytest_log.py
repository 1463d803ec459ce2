"""The failures that a log of pytest shows, one observation a test; `from_ci_log.py` asks.

The sections FAILURES and ERRORS hold the tracebacks, the short test summary the node ids. A log has
both, or one of them (`--tb=no`, `-r N`); either is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.maker import Maker, outcome_of
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.observe.pytest_ends import counted_failure
from pytest_failtrack.observe.stacks.python import drafts

SOURCE = "log"
FAILURES_MAX = 20_000

_RULE = lazily(r"={2,} (?P<title>\S.*?) ={2,}$")
_HEADER = lazily(r"_+ (?P<name>\S.*?) _+$")
_CAPTURED = lazily(r"-{2,} Captured (?P<name>stdout|stderr|log) (?:setup|call|teardown) -{2,}$")
_REMARK = lazily(r"-{5,} \S.* -{5,}$|-+ generated \S.* -+$")
DASHES_MAX = 20
_SUMMARY = lazily(r"(?P<word>FAILED|ERROR|SUBFAIL(?:ED)?\([^\n]{0,200}\)|SUBFAIL) (?P<rest>\S.*)$")
_END = lazily(r"={2,} .{1,300} in \d{1,7}(?:\.\d{1,3})?s\b.{0,40} ={2,}$")
_COUNTED = lazily(r"\b(\d{1,7}) (?:failed|errors?)\b")
_WORKER = lazily(r"\[(?P<worker>gw\d{1,4})\] \S{1,40} -- Python ")
_COLLECTING = "ERROR collecting "
_AT_PHASE = lazily(r"ERROR at (?P<when>setup|teardown) of (?P<name>.+)$")
_SUBTEST = lazily(r"(?P<name>.+?) (?:\[[^\]]*\] )?\([^()]*\)$|(?P<named>.+?) \[[^\]]*\]$")


@dataclass
class Section:
    """What stands below one header of FAILURES or ERRORS."""

    name: str
    when: str
    lines: list[str] = field(default_factory=list)
    captured: dict[str, list[str]] = field(default_factory=dict)
    worker: str = ""


def observe_pytest_log(lines: Sequence[str], maker: Maker) -> list[Observation]:
    """Return the failed tests and collectors of all runs of pytest in a log.

    Args:
        lines: The log without times and escapes.
        maker: Makes observations.
    """
    found: list[Observation] = []
    for run in _runs(lines):
        sections, told = _read(run)
        summary = _Summary(told)
        found += (_of_section(one, summary, maker) for one in sections)
        # With `--tb=line` a failed call has no section; what broke before and after it has one.
        shown = {one.when == "call" for one in sections}
        rest = (one for one in told if (one[0] != "ERROR") not in shown)
        found += (_of_summary(word, said, maker) for word, said in rest)
        if not (sections or told):
            found += _of_end(run, maker)
    return found[:FAILURES_MAX]


def _of_end(lines: Sequence[str], maker: Maker) -> Iterator[Observation]:
    """Yield the failure of a run that counts failed tests at its end, and names none (`-rN`)."""
    if not any("= test session starts =" in line for line in lines):
        return
    ended = next(
        (line for line in reversed(lines) if line.startswith("=") and _END.match(line)), ""
    )
    if ended and (failed := sum(int(number) for number in _COUNTED.findall(ended))):
        yield counted_failure(failed, "pytest", maker, SOURCE)


def _runs(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the lines of each run of pytest; one without a header is a run as well."""
    starts = [at for at, line in enumerate(lines) if "= test session starts =" in line] or [0]
    starts[0] = 0
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start:end]


def _read(lines: Sequence[str]) -> tuple[list[Section], list[tuple[str, str]]]:
    """Return the sections of a run, and the lines of its summary: word and rest."""
    sections: list[Section] = []
    summary: list[tuple[str, str]] = []
    title = ""
    target: list[str] | None = None
    for line in lines:
        rule = _RULE.match(line) if line.startswith("==") and len(line) > 20 else None
        if rule:
            title, target = rule["title"], None
            continue
        if title == "short test summary info":
            told = _SUMMARY.match(line)
            if told:
                summary.append((told["word"], told["rest"]))
            continue
        if title not in ("FAILURES", "ERRORS"):
            continue
        header = _HEADER.match(line) if line.startswith("_") else None
        if header and header["name"].strip("_ "):
            sections.append(_section(header["name"]))
            target = sections[-1].lines
            continue
        captured = _CAPTURED.match(line) if line.startswith("-") else None
        if captured and sections:
            target = sections[-1].captured.setdefault(captured["name"], [])
        elif line.startswith("-") and _REMARK.match(line):
            target = None  # where a report was written to, and the like
        elif target is not None:
            worker = _WORKER.match(line)
            if worker and not target:
                sections[-1].worker = worker["worker"]
            else:
                target.append(line)
    return sections, summary


def _section(name: str) -> Section:
    if name.startswith(_COLLECTING):
        return Section(name.removeprefix(_COLLECTING), "collect")
    phase = _AT_PHASE.match(name)
    if phase:
        return Section(phase["name"], phase["when"])
    return Section(name.removeprefix("[doctest] "), "call")


class _Summary:
    """What the short test summary says of each test, by the name in the header of its section.

    Args:
        told: Its lines: word and rest, such as `tests/test_a.py::TestX::test_y - KeyError: 'x'`.
    """

    def __init__(self, told: Sequence[tuple[str, str]]) -> None:
        self._nodeids: dict[str, list[str]] = {}
        self._said: dict[str, str] = {}
        for _, rest in told:
            path, _, names = rest.partition("::")
            # Parameters may hold a dash, too; nobody names a test with many of them.
            at = 0
            for _ in range(DASHES_MAX):
                at = names.find(" - ", at + 1)
                name = names if at < 0 else names[:at]
                nodeid = f"{path}::{name}"
                self._nodeids.setdefault(_as_header(name), []).append(nodeid)
                if at < 0:
                    break
                self._said.setdefault(nodeid, names[at + 3 :])

    def nodeids(self, name: str) -> list[str]:
        """Return the node ids of tests that a header calls `TestX.test_y`."""
        return self._nodeids.get(_as_header(name), [])

    def said(self, nodeid: str) -> str:
        """Return what is said of a test, `` when nothing is."""
        return self._said.get(nodeid, "")


def _as_header(name: str) -> str:
    """Return the name of a test as the header of its section says it: dots between classes."""
    return name.replace("::", ".")


def _of_section(section: Section, summary: _Summary, maker: Maker) -> Observation:
    text = "\n".join(section.lines).strip("\n")
    nodeid = _nodeid(section, summary, text, maker)
    return maker.failure(
        source=SOURCE,
        when=section.when,
        nodeid=nodeid,
        outcome=outcome_of(section.when, text),
        text=text,
        exceptions=maker.python(text)
        or _said_beside(nodeid, summary, text, maker)
        or maker.python_or_text(text, when=section.when),
        captured={name: "\n".join(lines) for name, lines in section.captured.items()},
        file=nodeid.partition("::")[0] if "." in nodeid.partition("::")[0] else "",
        worker=section.worker,
    )


def _said_beside(nodeid: str, summary: _Summary, text: str, maker: Maker) -> tuple[Raised, ...]:
    """Return what the summary says of a failure that shows no traceback (`pytrace=False`)."""
    said = summary.said(nodeid)
    if not said or text.startswith("[XPASS"):
        return ()
    found = maker.python("", said)
    # The summary is cut to the width of the terminal, the section is not.
    return tuple(replaced(one, message=text) for one in found) if text else found


def _of_summary(word: str, rest: str, maker: Maker) -> Observation:
    """Return a failure of which the log shows the summary alone."""
    nodeid, dash, message = rest.partition(" - ")
    # A dash within parameters belongs to them.
    while dash and nodeid.count("[") > nodeid.count("]"):
        more, dash, message = message.partition(" - ")
        nodeid = f"{nodeid} - {more}"
    is_collector = word == "ERROR" and "::" not in nodeid
    when = "collect" if is_collector else "setup" if word == "ERROR" else "call"
    return maker.failure(
        source=SOURCE,
        when=when,
        nodeid=nodeid,
        outcome=outcome_of(when, message),
        text=message,
        exceptions=maker.python("", message),
        file=nodeid.partition("::")[0],
    )


def _nodeid(section: Section, summary: _Summary, text: str, maker: Maker) -> str:
    """Return the node id of a section's test, which pytest writes only in the summary."""
    if section.when == "collect":
        return section.name
    names = [section.name]
    subtest = _SUBTEST.match(section.name)
    if subtest:
        names.append(subtest["name"] or subtest["named"])
    first = _first_file(text, maker)
    for name in names:
        fitting = summary.nodeids(name)
        if fitting:
            beside = [one for one in fitting if one.partition("::")[0] == first]
            return (beside or fitting)[0]
    head, bracket, parameters = names[-1].partition("[")
    shown = head.replace(".", "::") + bracket + parameters
    return f"{first}::{shown}" if first else shown


def _first_file(text: str, maker: Maker) -> str:
    """Return the first test file that a traceback goes through, ``."""
    for one in drafts(text)[-1:]:
        for file, _, _ in one.frames:
            known = maker.places.place(file)
            if known.is_test:
                return known.file
    return ""
