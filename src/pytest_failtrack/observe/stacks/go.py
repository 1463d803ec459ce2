"""What a failed test of Go prints, as an exception: a panic, a data race, or `x_test.go:9: text`.

Asked by `other_languages.py`, so that JUnit XML and the events of `go test -json` (from_go.py)
tell of one failure in the same words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, pairwise

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.bounds import FRAMES_MAX
from pytest_failtrack.observe.observation import Frame, Raised
from pytest_failtrack.observe.places import Places

SAID_MAX_LINES = 40
RACE = "WARNING: DATA RACE"
TIMED_OUT = "test timed out after"

_SAID = lazily(
    r"(?P<file>[\w./-]{1,300}_test\.go|[\w./-]{1,300}\.go):(?P<line>\d{1,7}): ?(?P<said>.*)$"
)
_PANIC = lazily(
    r"(?P<type>panic|fatal error): (?P<said>.{1,1000}?)(?: \[recovered(?:, repanicked)?\])?$"
)
_TESTIFY = lazily(r"Error:\s{1,40}(?P<said>\S.{0,400})$")
_ACCESS = lazily(r"(?:previous )?(?:atomic )?(?:read|write) at 0x", re.IGNORECASE)
_HOME = lazily(r"(?P<home>.{0,300}/src/)(?:testing/testing|runtime/\w{1,40})\.go:\d")
_MARK = lazily(r"(?:=== |--- )[A-Z]{3,5}[: ]|={10,}$|exit status \d|FAIL$")


def go_exception(lines: Sequence[str], places: Places, package: str = "") -> Raised | None:
    """Return what a test of Go failed with, None for what is none of Go's.

    Args:
        lines: What it printed, each line without the blanks around it.
        places: Answers what the files are.
        package: Import path of the test's package, ``.
    """
    if RACE in lines:
        frames = _racing(lines, places)
        if frames:
            return Raised("DATA RACE", "race detected during execution of test", frames)
    place: Frame | None = None
    said: list[str] = []
    for at, line in enumerate(lines):
        panic = _PANIC.match(line)
        if panic and any(".go:" in one or one.startswith("goroutine ") for one in lines):
            return Raised(panic["type"], panic["said"], _panicked(lines, places))
        if place is None:
            found = _SAID.match(line)
            if found:
                file = _file_of(found["file"], places, package)
                place = Frame(file, int(found["line"]), "", True, file.endswith("_test.go"))
                said = [found["said"].strip(), *_continued(lines[at + 1 :])]
            continue
        told = _TESTIFY.match(line)
        if told and not said[0]:
            said = [told["said"]]
    message = "\n".join(said).strip()
    return Raised("Failed", message, (place,)) if place is not None and message else None


def _continued(lines: Sequence[str]) -> list[str]:
    """Return the lines of a message below its first one."""
    found: list[str] = []
    for line in lines[:SAID_MAX_LINES]:
        if _SAID.match(line) or _MARK.match(line) or _TESTIFY.match(line):
            break
        found.append(line)
    return found


def _file_of(file: str, places: Places, package: str) -> str:
    """Return the file that a test names; without its folder, that is the one of its package."""
    known = places.place(file).file
    if "/" in file or not package:
        return known
    parts = package.split("/")
    ends = ("/".join((*parts[at:], file)) for at in range(len(parts)))
    return next((one for one in ends if places.exists(one)), known)


def _panicked(lines: Sequence[str], places: Places) -> tuple[Frame, ...]:
    """Return the frames of a panic; those of the test, where it took too long."""
    blocks, home = _goroutines(lines), _home_of(lines)
    if not blocks:
        return ()
    if any(TIMED_OUT in one for one in lines):
        frames = (_frames(one, places, home) for one in blocks if _runs_a_test(one))
        return next((one for one in frames if any(each.is_project for each in one)), ())
    # Above the call of `panic` stands what was deferred, the test runner's own among it.
    called = [at for at, one in enumerate(blocks[0]) if one.startswith("panic(")]
    return _frames(blocks[0][called[-1] + 2 if called else 0 :], places, home)


def _runs_a_test(block: Sequence[str]) -> bool:
    return any(one.startswith("testing.tRunner(") for one in block)


def _goroutines(lines: Sequence[str]) -> list[Sequence[str]]:
    """Return the lines of each goroutine below its head."""
    return [
        _until_blank(lines[at + 1 :])
        for at, line in enumerate(lines)
        if line.startswith("goroutine ") and line.endswith(":")
    ]


def _racing(lines: Sequence[str], places: Places) -> tuple[Frame, ...]:
    """Return the frames of one side of a race; always the same one, whichever came first."""
    home = _home_of(lines)
    accesses = islice((at for at, line in enumerate(lines) if _ACCESS.match(line)), 2)
    sides = [_frames(_until_blank(lines[at + 1 :]), places, home) for at in accesses]
    known = [one for one in sides if one]
    return min(known, key=lambda one: [(each.file, each.function) for each in one], default=())


def _until_blank(lines: Sequence[str]) -> Sequence[str]:
    return lines[: next((at for at, one in enumerate(lines) if not one), len(lines))]


def _home_of(lines: Sequence[str]) -> str:
    """Return the folder of Go's own code, with which every stack of a test begins; ``."""
    found = filter(None, map(_HOME.match, lines))
    return next((one["home"] for one in found), "")


def _frames(lines: Sequence[str], places: Places, home: str) -> tuple[Frame, ...]:
    """Return the frames of a goroutine; a line names the function, the next one its file."""
    found = []
    for above, line in pairwise(lines):
        file, colon, rest = line.partition(".go:")
        if not colon or not above.endswith(")") or above.startswith("created by "):
            continue
        name = above.rpartition("(")[0]
        package, _, function = name.rpartition("/")[2].partition(".")
        known = places.place(f"{file}.go")
        is_own = bool(function) and not _is_library(f"{file}.go", home)
        number = rest.partition(" ")[0]
        is_test = is_own and known.file.endswith("_test.go")
        line_number = int(number) if number.isdigit() else 0
        found.append(Frame(known.file, line_number, function or package, is_own, is_test))
    return tuple(reversed(found[:FRAMES_MAX]))


def _is_library(file: str, home: str) -> bool:
    """Whether a file is Go's own, wherever it is installed, or of a module of others."""
    path = file.replace("\\", "/")
    if (home and path.startswith(home)) or path == "_testmain.go":
        return True
    return any(one in path for one in ("/pkg/mod/", "/vendor/", "/go/src/", "/usr/local/go/", "@v"))
