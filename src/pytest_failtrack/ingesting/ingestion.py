"""Failures that other tools have seen become records, as if we had seen them ourselves.

`cli/ingest.py` and programs ask. Reading is `observe/files.py`, all else is the spine: what is
written here is one run of a build for each job that the files tell of. Reading the same files
twice writes the same documents once (C-27).
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_failtrack.config import Settings, load
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.history import evidence
from pytest_failtrack.history.destination import Destination, LocalDestination
from pytest_failtrack.history.kept import kept_open, open_shared
from pytest_failtrack.history.store import History
from pytest_failtrack.ingesting.arrivals import Arrivals
from pytest_failtrack.ingesting.arrived import Arrived, Origin
from pytest_failtrack.ingesting.dead_journals import Journals
from pytest_failtrack.observe.clock import now_text
from pytest_failtrack.observe.files import Found, Passed, read_all
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.pytest_ends import NO_TESTS_COLLECTED
from pytest_failtrack.observe.reading import Wanted
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.open_history import index_path
from pytest_failtrack.pipeline import Conclusion, RunSeen, conclude
from pytest_failtrack.record.identity import Told, place_of
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.run_document import document_id_of, write_run
from pytest_failtrack.signature.signature import sign

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.policy.digest import Digest

SOURCE = "report"
Job = tuple[str, str, str]
TIMED = frozenset({"junit", "reportlog", "json-report", "go-test"})
"""Sources that tell when they were written."""


@frozen
class IngestedRun:
    """What the failures of one job came to.

    Args:
        conclusion: Its digest and the ids of its records.
        document: The run document, None when it could not be written.
        problem: Why it could not, else ``.
    """

    conclusion: Conclusion
    document: Path | None
    problem: str = ""

    @property
    def digest(self) -> Digest:
        """What the terminal and the sinks receive."""
        return self.conclusion.digest


@frozen
class Ingested:
    """What came of some files.

    Args:
        runs: One a job that reports and logs tell of, at least one when such a file could be read.
        found: What was read, and what could not be.
        arrived: What became of the evidence and the journals of other jobs.
    """

    runs: tuple[IngestedRun, ...]
    found: Found
    arrived: Arrived = Arrived()

    @property
    def new_records(self) -> int:
        """Number of records that were not there before."""
        return (
            sum(one.digest.records for one in self.runs)
            + self.arrived.records.new
            + self.arrived.recovered_records
        )

    @property
    def is_written(self) -> bool:
        """Whether everything that could be read lies in the evidence."""
        runs = all(one.document and one.conclusion.is_written for one in self.runs)
        return runs and self.arrived.is_written


@kept_open()
def ingest(
    paths: Sequence[str | os.PathLike[str]],
    *,
    settings: Settings | None = None,
    extensions: Extensions | None = None,
    coverage_min_percent: float | None = None,
    exit_status: int | None = None,
    phase: str = "",
    tell: Callable[[int, int], None] | None = None,
) -> Ingested:
    """Read reports, logs, evidence, and folders and archives of them, into the evidence here.

    Records and run documents of other jobs are verified and copied, journals of dead runs are
    recovered, and the failures in reports and logs are recorded. A failure that
    `pytest --failtrack` has recorded of the same build and leg is not recorded again.

    Args:
        paths: What to read; `-` is the standard input.
        settings: Settings of the project; those of the current folder by default.
        extensions: The hooks of others; those of a command by default.
        coverage_min_percent: Least coverage, 0 to 100, for coverage reports.
        exit_status: How the command of a plain log ended.
        phase: Phase of the build, in capitals; by default what each failure shows (C-7).
        tell: Receives how many files are done, and how many there are.

    Returns:
        What came in; what could not be read is named in `found.unread`.

    Raises:
        ConfigError: The configuration cannot be used.
    """
    from pytest_failtrack.extensions import Extensions

    settings = settings or load()
    builtin = Redactor.of(settings.table)
    extensions = extensions or Extensions.of_command(settings.table, builtin)
    redact = builtin.followed_by(extensions.redact)
    wanted = Wanted(str(settings.root), redact, coverage_min_percent, exit_status)
    arrivals = Arrivals(destination_of(settings), Journals(settings, extensions))
    named = [os.fspath(one) for one in paths]
    found = read_all(
        named, wanted, lambda: sys.stdin.buffer.read(), arrivals, tell, keeps_passed=True
    )
    arrived, refused = arrivals.finish()
    found = replaced(found, unread=found.unread | refused)
    if not found.read_files:
        return Ingested((), found, arrived)
    runs = [
        _recorded(job, seen, found, place, extensions, phase, is_whole=is_known or not found.lacks)
        for place, part, is_known in _by_origin(found, arrived, settings)
        for job, seen in _by_job(part, place).items()
    ]
    return Ingested(tuple(runs), found, arrived)


def destination_of(settings: Settings) -> Destination:
    """Return where evidence of other jobs goes: here, and into the shared history behind it."""
    local = LocalDestination(settings, lambda: History(index_path(settings)))
    if not settings.is_shared:
        return local
    from pytest_failtrack.history.shared_destination import SharedDestination

    return SharedDestination(
        local,
        lambda: open_shared(settings.history, settings.repository),
        settings.evidence_dir,
        settings.runs_dir,
    )


def _recorded(
    job: Job,
    told_of: _Told,
    found: Found,
    settings: Settings,
    extensions: Extensions,
    phase: str,
    *,
    is_whole: bool,
) -> IngestedRun:
    observations = told_of.failures
    failing = {one.nodeid for one in observations}
    passed = {one.nodeid: one.timestamp for one in told_of.passed if one.nodeid not in failing}
    settings = replaced(settings, workflow=job[0], job=job[1], step=job[2])
    told = settings.told | ({"phase": phase} if phase else {})
    times = sorted({*(one.timestamp for one in observations), *passed.values()} - {""})
    now = now_text()
    kinds = [one.outcome for one in observations]
    is_empty = found.has_no_test and not observations
    has_failed = any(one not in ("flaky", "rerun") for one in kinds)
    seen = RunSeen(
        start={
            "source": SOURCE,
            "run": _digest_of(found.digest, settings.build, settings.leg, *job),
            "settings": told,
            "command": f"failtrack ingest {' '.join(found.read_files)}"[:1_000],
            "started_at": times[0] if times else now,
            "python": platform.python_version(),
            "platform": sys.platform,
        },
        drafts=[one.to_dict() for one in observations],
        passed=tuple(passed),
        counts={
            "failed": kinds.count("failed") + kinds.count("xpassed"),
            "errors": kinds.count("error"),
            "crashed": kinds.count("crashed"),
            "rerun": kinds.count("rerun") + kinds.count("flaky"),
        },
        collected=len(failing) + len(passed),
        exit_status=NO_TESTS_COLLECTED if is_empty else int(has_failed),
        finished_at=times[-1] if times else now,
        # What is missing or cut may be what failed: such a run is never taken for a green one.
        ended="finished" if is_whole else "died",
        problems=settings.warnings,
    )
    before = set(evidence.record_names(settings.evidence_dir))
    conclusion = conclude(seen, settings, extensions)
    new = {f"{one}.json" for one, _ in conclusion.records} - before
    conclusion = replaced(conclusion, digest=replaced(conclusion.digest, records=len(new)))
    path, problem = _written_before(seen, conclusion, settings), ""
    if path is None:
        # Who named them is told by the command; the document says that they are missing in it.
        path, problem = write_run(replaced(seen, problems=found.lacks), conclusion, settings)
    return IngestedRun(conclusion, path, problem)


def _written_before(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> Path | None:
    """Return the document of the same run; a second reading has nothing to add to it."""
    path = settings.runs_dir / f"{document_id_of(seen)}.json"
    run = evidence.read_run(path)
    ids = [one for one, _ in conclusion.records]
    is_same = isinstance(run, dict) and run["records"] == ids and run["ended"] == seen.ended
    return path if is_same else None


def _by_origin(
    found: Found, arrived: Arrived, settings: Settings
) -> Iterator[tuple[Settings, Found, bool]]:
    """Yield what was read, parted by the tracked runs that came beside it, and the rest.

    With it stands whether a tracked run came, whose own document says whether it is complete.
    """
    times: dict[str, set[str]] = {name: set() for name, _ in found.observed}
    for name, one in found.observed:
        times[name].update(_times((one,)))
    for test in found.passed:
        times.setdefault(test.file, set()).add(test.timestamp)
    origins = {name: _origin_of(name, said, arrived.origins) for name, said in times.items()}
    for origin in dict.fromkeys(origins[name] for name, _ in found.observed):
        if origin is not None:
            yield replaced(settings, **dict(origin.told)), _part_of(found, origins, origin), True
    # That nothing failed is told of a build that somebody names; else its evidence tells it.
    left = _part_of(found, origins, None)
    has_green = left.passed or left.incomplete or not found.observed
    if left.observed or (has_green and (settings.build or not arrived.documents)):
        yield replaced(settings, build=settings.build or _build_of(left, settings)), left, False


def _part_of(found: Found, origins: Mapping[str, Origin | None], origin: Origin | None) -> Found:
    return replaced(
        found,
        observed=tuple(one for one in found.observed if origins[one[0]] == origin),
        passed=tuple(one for one in found.passed if origins[one.file] == origin),
    )


def _origin_of(
    name: str,
    times: Iterable[str],
    origins: Mapping[str, Sequence[Origin]],
) -> Origin | None:
    """Return the only tracked run that a report can be of: beside it, and while it was written."""
    moments = sorted(one.timestamp() for one in _moments(times))
    if not origins or not moments:
        return None
    for home in _homes(name):
        near = [
            one
            for one in origins.get(home, ())
            if one.started <= moments[0] and moments[-1] <= one.ended
        ]
        if near:
            return near[0] if len({one.told for one in near}) == 1 else None
    return None


def _homes(name: str) -> Iterator[str]:
    """Yield the archives and folders that a file lies in, the innermost first."""
    path, mark, _ = name.rpartition("!")
    while mark:
        yield path
        name, (path, mark, _) = path, path.rpartition("!")
    folder = name.replace(os.sep, "/")
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        yield folder
    yield "."


@frozen
class _Told:
    """What files tell of one job."""

    failures: list[Observation]
    passed: Sequence[Passed] = ()


def _by_job(found: Found, settings: Settings) -> dict[Job, _Told]:
    """Return what is told of each job and step; a failure that two kinds of sources tell is one.

    Tests that passed are told by reports, and those name no job.
    """
    ours = (settings.workflow, settings.job, settings.step)
    jobs: dict[Job, _Told] = {}
    if found.passed or not found.observed:
        jobs[ours] = _Told([], found.passed)
    sources: dict[object, set[str]] = {}
    for _, one in found.observed:
        sources.setdefault(place_of(one), set()).add(one.source)
    told = Told()
    for _, one in found.observed:
        workflow, job, step = (
            said or given
            for said, given in zip((one.workflow, one.job, one.step), ours, strict=True)
        )
        # Signed here only where it matters: the spine signs every one.
        if len(sources[place_of(one)]) > 1:
            hash_ = sign(one, workflow=workflow, job=job, step=step).hash
            if not told.is_first(one, hash_):
                continue
        jobs.setdefault((workflow, job, step), _Told([])).failures.append(one)
    return jobs


def _build_of(found: Found, settings: Settings) -> str:
    """Return the build of reports that nobody named one for.

    That of the tracked run in which they were written, when their times say that it was one;
    else one made of what they hold, so that reading them twice makes one build.
    """
    times = {*_times(one for _, one in found.observed), *(one.timestamp for one in found.passed)}
    moments = sorted(_moments(times))
    for run in _runs_since(moments[0], settings) if moments else ():
        if run["source"] == "pytest" and run["finished_at"]:
            started, ended = parse_time(run["started_at"]), parse_time(run["finished_at"])
            # JUnit XML tells the moment of the suite alone, some writers without fractions.
            if started.replace(microsecond=0) <= moments[0] and moments[-1] <= ended:
                return str(run["build_id"])
    return f"report-{_digest_of(found.digest)}"


def _runs_since(moment: datetime, settings: Settings) -> Iterator[dict[str, Any]]:
    """Yield the run documents that were written after a moment; packed ones have no time."""
    for name in evidence.record_names(settings.runs_dir):
        path = settings.runs_dir / name
        if not path.exists() or path.stat().st_mtime >= moment.timestamp():
            found = evidence.read_run(path)
            if isinstance(found, dict):
                yield found


def _times(observations: Iterable[Observation]) -> Iterator[str]:
    """Yield the times of those whose source tells when it was written."""
    for one in observations:
        if one.source in TIMED:
            yield one.timestamp


def _moments(texts: Iterable[str]) -> Iterator[datetime]:
    for text in texts:
        try:
            yield parse_time(text)
        except ValueError:
            continue


def _digest_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "backslashreplace")).hexdigest()[:16]
