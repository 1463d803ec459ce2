"""Logs of GitHub Actions, GitLab CI, Jenkins and plain commands as observations.

A log of pytest gives one observation a test. Any other log gives one: its first true error line,
by the table of `error_lines.toml`, with the command that printed it. It is an observation of a
command, for that is what a CI runs, and has the signature that `failtrack run` would have given it.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe import from_log
from pytest_failtrack.observe.from_command import (
    NODEID_MAX_CHARS,
    TAIL_MAX_CHARS,
    TAIL_MAX_LINES,
    observe_command,
)
from pytest_failtrack.observe.from_go import GoEvents, may_be_event
from pytest_failtrack.observe.from_jobs import job_name
from pytest_failtrack.observe.from_log import Candidate, ErrorFinder
from pytest_failtrack.observe.from_pytest_log import observe_pytest_log
from pytest_failtrack.observe.logs.ci_lines import Part, parts_of
from pytest_failtrack.observe.logs.cited import with_own_paths
from pytest_failtrack.observe.logs.error_lines import is_hint
from pytest_failtrack.observe.maker import Maker, numbered
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.source import STANDARD_LIBRARY

FRAMES_LINES = 400
# So many lines after the error line are kept; they name the rest of it.
AFTER_LINES = TAIL_MAX_LINES // 2
_FRAME = lazily(r'[ \t|+]{0,20}File "(?P<file>[^"\n]{1,500})", line (?P<line>\d{1,7})')
# Code of others, wherever the checkout lies.
_FOREIGN = lazily(
    r"/(?:site|dist)-packages/|/lib(?:64)?/python\d|^<|/(?:\.venv|venv|\.tox|\.nox|node_modules)/"
    rf"|{STANDARD_LIBRARY}"
)
_CODE = lazily(r"(?:src|lib|tests?)/")
# That a step failed, and no more: whoever says it did not see why.
_ONLY_THAT = lazily(
    r"(?:Error: |ERROR: )?(?:Process completed with exit code|script returned exit code"
    r"|Job failed(?:$|: (?:command terminated with )?exit )"
    r"|The process '.{1,300}' failed with exit code|Bash exited with code"
    r"|🚨 Error: The command exited with|user command error: exit status"
    r"|Exited with code exit status|The command \"[^\"]{1,300}\" exited with)"
)


def observe_log(
    text: str,
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    exit_status: int | None = None,
    saw_passed: Callable[[str, str], None] | None = None,
    saw_no_end: Callable[[], None] | None = None,
) -> list[Observation]:
    """Return what failed in a log; nothing when the log says nothing of a failure.

    Args:
        text: The log, of any service or command, with or without times and escapes.
        source: What it is called in messages, and the name of its command when it shows none.
        root: The project's root, absolute.
        redact: The redactor.
        exit_status: How the command ended, where somebody knows it; 0 is a success, whatever
            the log says, and any other a failure, even a silent one. Of a log of many steps it is
            the status of the one that failed.
        saw_passed: Receives node id and time of each test that events of `go test -json` in the
            log say to have passed, where it is not the log of another job.
        saw_no_end: Called where nothing failed as far as one sees, and nobody says that it all went
            well: neither `exit_status` nor the service.
    """
    if exit_status == 0:
        return []
    maker = Maker(root, redact, source)
    parts = parts_of(text)
    failed = [one for one in parts if not (one.is_green or one.has_succeeded)]
    found: list[Observation] = []
    if exit_status is None or len(parts) > 1:
        for part in failed:
            found += _of_part(part, maker, None, saw_passed)
    if exit_status is not None and not found:
        # One of its steps ended so, and none says it of itself.
        found = _of_part((failed or parts)[-1], maker, exit_status, saw_passed)
    if not found and failed and saw_no_end is not None:
        saw_no_end()
    return numbered(found)


def _of_part(
    part: Part,
    maker: Maker,
    exit_status: int | None,
    saw_passed: Callable[[str, str], None] | None,
) -> list[Observation]:
    # A status of 1 says no more than that it failed; what the log tells may say how.
    is_vague = exit_status is None or (exit_status == 1 and (part.exit_status or 0) > 1)
    status = part.exit_status if is_vague else exit_status
    told = {"job": job_name(part.job), "step": part.step}
    tests = observe_pytest_log(part.lines, maker) or _of_go(
        part, maker, None if part.job else saw_passed
    )
    if tests:
        return [replaced(one, **told) for one in tests]
    best = _error(part)
    has_failed = bool(status) or part.has_failed
    if best is not None and not has_failed and best.rank == 1 and is_hint(best.line):
        best = None  # nobody says that the command failed
    if status is None and best is None and not has_failed:
        return []
    if best is not None and _ONLY_THAT.match(best.line):
        best = None
    end = part.command_before(best.number if best else len(part.lines))
    name = f"{part.job} / {part.step}" if part.job else end or os.path.basename(maker.source)
    one = observe_command(
        (name,),
        1 if status is None else status,
        tail=from_log.tail(
            "\n".join(_around(best, part)[-10 * TAIL_MAX_LINES :]),
            max_lines=10 * TAIL_MAX_LINES,
            max_chars=10 * TAIL_MAX_CHARS,
        ),
        error_line=best.text if best else None,
        redact=maker.redact,
        is_truncated=len(part.lines) > TAIL_MAX_LINES,
        places=maker.places,
    )
    file, line = _place(best, part, maker)
    nodeid = maker.redact(name)[:NODEID_MAX_CHARS]
    return [replaced(one, nodeid=nodeid, file=file, line=line, exit_status=status, **told)]


def _around(best: Candidate | None, part: Part) -> list[str]:
    """Return the lines whose end is kept: those up to a little after the error line.

    What services do after a failed command (caches, artifacts, containers) would push it out.
    """
    if best is None or best.rank < 2:
        return list(part.lines)
    return list(part.lines[: best.number + AFTER_LINES])


def _of_go(
    part: Part, maker: Maker, saw_passed: Callable[[str, str], None] | None
) -> list[Observation]:
    """Return the failures that events of `go test -json` in a log tell of."""
    events = GoEvents()
    if not any(map(may_be_event, part.lines)):
        return []
    for line in part.lines:
        events.feed(line)
    return events.observations(maker, saw_passed) if events.is_any else []


def _place(best: Candidate | None, part: Part, maker: Maker) -> tuple[str, int | None]:
    """Return where an error line says that it lies, or the traceback above it."""
    if best is None:
        return "", None
    named = from_log.location(with_own_paths(best.text, maker.places))
    found = [named] if named else _frames_above(best, part)
    places = [(maker.places.place(file), file, line) for file, line in found]
    own = [one for one in places if not _FOREIGN.search(one[1].replace("\\", "/"))] or places
    if not own:
        return "", None
    known, file, line = own[-1]
    is_absolute = file.startswith("/") or file[1:3] in (":\\", ":/")
    if not is_absolute or maker.places.exists(known.file) or _CODE.match(known.file):
        return known.file, line
    # How deep the checkout lies on a machine that nobody knows differs from run to run.
    return known.file.rpartition("/")[2], line


def _frames_above(best: Candidate, part: Part) -> list[tuple[str, int]]:
    """Return file and line of the frames of the traceback that ends with an error line."""
    above = list(part.lines[max(0, best.number - FRAMES_LINES) : best.number])
    start = max(
        (at for at, one in enumerate(above) if "(most recent call last)" in one), default=-1
    )
    if start < 0 or best.line not in above[-1]:
        return []
    return [
        (found["file"], int(found["line"]))
        for found in map(_FRAME.match, above[start:])
        if found is not None
    ]


def _error(part: Part) -> Candidate | None:
    """Return the error line, its number counted in the lines of the part."""
    finder = ErrorFinder()
    for start in range(0, len(part.lines), 500):
        finder.feed("\n".join(part.lines[start : start + 500]) + "\n")
    return finder.finish()
