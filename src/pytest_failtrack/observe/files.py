"""What a command line names, file by file: folders and archives are opened, nothing is unpacked.

Artifacts of CI come as archives and folders in which reports lie among other things. What was
named must be readable; what merely lies beside it is left alone when it is no report. How an
archive is looked into is archive_members.py.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.archive_members import members_of
from pytest_failtrack.observe.named_file import (
    ENDINGS,
    NO_TAKER,
    STDIN,
    File,
    Progress,
    Taker,
    called,
    is_pipe,
    may_be_report,
    read_pipe,
    stream_of,
)
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import Wanted, read

NAMED_MAX = 3
# What lies beside reports and is none: said only of a file that was named.
_NO_REPORT = frozenset({"unknown-kind", "binary", "empty", "not-junit", "archive", "shape"})


@frozen
class Passed:
    """A test that a report says to have passed.

    Args:
        file: Name of the report.
        nodeid: The test.
        timestamp: When, as the report says it, ``.
    """

    file: str
    nodeid: str
    timestamp: str = ""


@frozen
class Found:
    """What all files hold.

    Args:
        observed: Name of the file and failure, in the order read.
        unread: Files that could not be read, with the reason.
        files: Names of all files, read or not, without those that were passed over.
        passed_over: Number of files in folders and archives that are no reports.
        digest: SHA-256 over the content of the files that were read, whatever they are called.
        passed: The tests that passed; none where nobody asked for them.
        without_end: Names of the logs that show no failure and do not say how their command ended.
        incomplete: Reports that show less than there was, with the sentence that says so.
        under_way: Sentences on what reports say to be under way still.
        has_no_test: Reports of tests were read, and there is no test in any, skipped or not.
    """

    observed: tuple[tuple[str, Observation], ...]
    unread: dict[str, InputError]
    files: tuple[str, ...]
    passed_over: int = 0
    digest: str = ""
    passed: tuple[Passed, ...] = ()
    without_end: tuple[str, ...] = ()
    incomplete: Mapping[str, str] = field(default_factory=dict)
    under_way: tuple[str, ...] = ()
    has_no_test: bool = False

    @property
    def read_files(self) -> tuple[str, ...]:
        """Names of the files that could be read."""
        return tuple(one for one in self.files if one not in self.unread)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Sentences on what was named and could not be read, or not to its end."""
        return (*(one.message for one in self.unread.values()), *self.incomplete.values())

    @property
    def doubt(self) -> str:
        """The sentence on logs of which nobody knows whether their command failed, `` for none."""
        if not self.without_end:
            return ""
        names = ", ".join(map(called, self.without_end[:NAMED_MAX]))
        more = len(self.without_end) - NAMED_MAX
        return (
            f"nothing was recognised in {names}{f' and {more:,} more' if more > 0 else ''} as a "
            "failure; a log does not say how its command ended: give `--exit-status N`"
        )


def read_all(
    named: Iterable[str],
    wanted: Wanted,
    stdin: Callable[[], bytes],
    taker: Taker = NO_TAKER,
    tell: Callable[[int, int], None] | None = None,
    *,
    keeps_passed: bool = False,
) -> Found:
    """Return the failures of everything that was named; what cannot be read is told, not raised.

    Args:
        named: Paths of files, folders and archives, and `-` for the standard input.
        wanted: What the readers are told.
        stdin: Returns the standard input.
        taker: Takes what is no report.
        tell: Receives how many files are done, and how many there are as far as is known.
        keeps_passed: Tests that passed are wanted as well.
    """
    passed: list[Passed] = []
    observed: list[tuple[str, Observation]] = []
    unread: dict[str, InputError] = {}
    files: dict[str, None] = {}
    without_end: dict[str, None] = {}
    incomplete: dict[str, str] = {}
    under_way: list[str] = []
    tests: list[bool] = []
    passed_over = 0
    digests = []
    outers: Iterable[File] = _files_of(named, stdin, unread, taker)
    progress = Progress(tell)
    if tell is not None:
        outers = list(outers)
        progress.expect(len(outers))
    for outer in outers:
        try:
            for file in members_of(outer, taker, unread, progress):
                progress.step()
                try:
                    if taker.take(file):
                        continue
                    told: list[tuple[str, str]] = []
                    if keeps_passed:
                        wanted = replaced(wanted, saw_passed=lambda *one, to=told: to.append(one))
                    silent: list[bool] = []
                    gaps: list[str] = []
                    wanted = replaced(
                        wanted,
                        saw_no_end=lambda to=silent: to.append(True),
                        saw_gap=gaps.append,
                        saw_open=under_way.append,
                        saw_tests=tests.append,
                    )
                    failures = read(file.what, wanted, source=called(file.name))
                    if gaps:
                        incomplete[file.name] = gaps[0]
                    without_end.update(dict.fromkeys([file.name] if silent else []))
                    passed += (Passed(file.name, *one) for one in told)
                except InputError as error:
                    if not file.is_named and error.slug in _NO_REPORT:
                        passed_over += 1
                        continue
                    unread[file.name], failures = error, []
                else:
                    digests.append(_digest_of(file.what))
                files[file.name] = None
                observed += [(file.name, _of_job(one, file.job)) for one in failures]
        except InputError as error:
            files[outer.name], unread[outer.name] = None, error
    digest = hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
    names = dict.fromkeys([*files, *unread])
    return Found(
        tuple(observed),
        unread,
        tuple(names),
        passed_over,
        digest,
        tuple(passed),
        tuple(without_end),
        incomplete,
        tuple(under_way),
        bool(tests) and not any(tests) and not passed,
    )


def _digest_of(what: str | bytes) -> str:
    digest = hashlib.sha256()
    with stream_of(what) as stream:
        while part := stream.read(1024 * 1024):
            digest.update(part)
    return digest.hexdigest()


def _files_of(
    named: Iterable[str], stdin: Callable[[], bytes], unread: dict[str, InputError], taker: Taker
) -> Iterator[File]:
    """Yield what was named, folders file by file."""
    for name in named:
        if name == STDIN:
            yield File(name, stdin(), is_named=True)
        elif is_pipe(name):
            try:
                yield File(name, read_pipe(name), is_named=True)
            except InputError as error:
                unread[name] = error
        elif os.path.isdir(name):
            is_empty = True
            for path in _below(name, taker):
                is_empty = False
                yield File(path, path, is_named=False)
            if is_empty:
                unread[name] = InputError(
                    f"{name}: a folder without reports; files that end with "
                    f"{', '.join(ENDINGS[:6])} and archives are looked for",
                    slug="folder",
                )
        else:
            yield File(name, name, is_named=True)


def _below(folder: str, taker: Taker) -> Iterator[str]:
    """Yield the files below a folder that may be of use; links that lead out of it are not."""
    home = os.path.realpath(folder)
    for parent, folders, names in os.walk(folder):
        shown = [
            one
            for one in folders
            if not one.startswith(".") or taker.wants(os.path.join(parent, one))
        ]
        folders[:] = sorted(shown, key=lambda one: (not taker.is_first(one), one))
        is_hidden = f"{os.sep}." in parent[len(folder) :]
        for name in sorted(names):
            path = os.path.join(parent, name)
            if (is_hidden or not may_be_report(name)) and not taker.wants(path):
                continue
            if os.path.islink(path) and not _lies_in(os.path.realpath(path), home):
                continue
            if os.path.isfile(path):
                yield path


def _lies_in(path: str, home: str) -> bool:
    return path.startswith(home.rstrip(os.sep) + os.sep)


def _of_job(observation: Observation, job: str) -> Observation:
    return replaced(observation, job=job) if job and not observation.job else observation
