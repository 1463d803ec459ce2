"""Journals of dead runs that came from elsewhere, recovered without touching where they lie.

`arrivals.py` hands them over file by file. They are copied into a folder of their own and read as
those of this machine are (dead_run.py), but nothing that they say names a place here: what they
write goes into the evidence folder of this project.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.config import TOLD_OF_RUN, Settings
from pytest_failtrack.errors import EvidenceError, FailtrackError, InputError
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import evidence
from pytest_failtrack.history.files import read_bytes
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe import journals
from pytest_failtrack.observe.journal import MAIN
from pytest_failtrack.observe.named_file import File
from pytest_failtrack.pipeline import Conclusion, RunSeen, conclude, digest_of
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_run
from pytest_failtrack.recovering import dead_run, recovery
from pytest_failtrack.run_document import document_id_of, run_document, write_run

JOURNAL_MAX_BYTES = 64 * 1024 * 1024
RUNS_MAX = 10_000
STATE = "journals"

_JOURNAL = lazily(
    rf"(?P<run>(?:.*[/!])?{STATE}/(?!\.)[A-Za-z0-9_.-]{{1,120}})/"
    r"(?P<process>main|gw[0-9]{1,5})\.(?P<kind>jsonl|slot)"
)
_TEXTS = ("command", "python", "platform", "pytest", "order")
_SOURCES = ("pytest", "command", "report")
_COUNTS = ("build_attempt", "attempt")
_TEXT_MAX_CHARS = 4_000


def is_journal(path: str) -> bool:
    """Return whether a file is a part of a journal by its place; parts of a path end with `/`."""
    return path.endswith((".jsonl", ".slot")) and _JOURNAL.fullmatch(path) is not None


def is_state_folder(path: str) -> bool:
    """Return whether a hidden folder holds journals, or is that of the journals of one."""
    return os.path.basename(path).startswith(".") and os.path.isdir(os.path.join(path, STATE))


class Journals:
    """The journals that were found.

    Args:
        settings: Where evidence goes.
        extensions: The hooks of others.
    """

    def __init__(self, settings: Settings, extensions: Extensions) -> None:
        self.problems: list[str] = []
        self.read_runs = 0
        self.new_records = 0
        self._settings = settings
        self._extensions = extensions
        self._own = os.path.realpath(settings.state_dir / STATE)
        self._is_own_asked = False
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._copies: dict[str, Path] = {}

    def take(self, file: File) -> None:
        """Copy one file of a journal.

        Raises:
            EvidenceError: It is too large, there are too many, or it cannot be copied.
        """
        found = _JOURNAL.fullmatch(file.name.replace(os.sep, "/"))
        assert found is not None, file.name
        run = found["run"]
        if isinstance(file.what, str):
            if os.path.realpath(os.path.dirname(os.path.dirname(file.what))) == self._own:
                self._is_own_asked = True
                return
            lock = Path(file.what).with_suffix(".lock")
            if lock.exists() and journals.is_alive(Path(file.what)):
                self.problems.append(f"{run}: this run is alive; ingest it again when it is over")
                return
        content, mtime = _content(file)
        try:
            folder = self._copies.get(run) or self._make(run)
            path = folder / f"{found['process']}.{found['kind']}"
            path.write_bytes(content)
            os.utime(path, (mtime, mtime))
        except (OSError, OverflowError, ValueError) as error:
            raise EvidenceError(f"{file.name}: cannot be copied: {error}") from None

    def recovered(self, refused: dict[str, InputError]) -> Iterator[Conclusion]:
        """Yield what comes of each dead run; what cannot be used goes to `refused`, by its name."""
        try:
            if self._is_own_asked:
                for one in recovery.recover(
                    self._settings, self._extensions, tell=self.problems.append
                ):
                    self.read_runs += 1
                    self.new_records += len(one.records)
                    yield one
            for run, folder in self._copies.items():
                try:
                    conclusion = self._recover(folder)
                except FailtrackError as error:
                    refused[run] = InputError(f"{run}: {error.message}", slug=error.slug)
                except Exception as error:  # a journal may say anything
                    refused[run] = InputError(
                        f"{run}: the journal of this run cannot be used: "
                        f"{type(error).__name__}: {error}",
                        slug="journal",
                    )
                else:
                    if conclusion is not None:
                        yield conclusion
        finally:
            if self._temporary is not None:
                self._temporary.cleanup()
                self._temporary = None
            self._copies.clear()

    def _make(self, run: str) -> Path:
        if len(self._copies) >= RUNS_MAX:
            raise EvidenceError(f"{run}: more than {RUNS_MAX:,} dead runs at once")
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="failtrack-")
        # The folder's own name is the run's, and its ids are made of it.
        folder = Path(self._temporary.name, str(len(self._copies)), run.rpartition("/")[2])
        folder.mkdir(parents=True)
        self._copies[run] = folder
        return folder

    def _recover(self, folder: Path) -> Conclusion | None:
        processes = journals.read_run(folder)
        main = next((one for one in processes if one.process == MAIN), None)
        dead_run.refuse_foreign(folder, processes)
        if main is not None and main.end is not None:
            return None  # everything was written before it could be tidied away
        if not any(one.start or one.entries for one in processes):
            return None  # it died before it began
        self.read_runs += 1
        for one in processes:
            one.start = _without_places(one.start)
        start = main.start if main is not None else {}
        settings = dead_run.settings_of_start(self._settings, start)
        seen = dead_run.seen_of_journals(folder, processes)
        _require_document(seen, settings)
        if self._is_recorded(seen, settings):
            return None
        before = set(evidence.record_names(settings.evidence_dir))
        conclusion = conclude(seen, settings, self._extensions)
        self.new_records += sum(f"{one}.json" not in before for one, _ in conclusion.records)
        if not _is_written_alike(seen, conclusion, settings):
            path, problem = write_run(seen, conclusion, settings)
            if path is None:
                self.problems.append(problem)
                return replaced(conclusion, is_written=False)
        return conclusion

    def _is_recorded(self, seen: RunSeen, settings: Settings) -> bool:
        """Return whether the run itself, or an earlier recovery of it, has told all of this."""
        there = evidence.read_run(settings.runs_dir / f"{document_id_of(seen)}.json")
        if not isinstance(there, dict) or seen.ended != "died":
            return False
        return there["ended"] == "died" or recovery.is_told_already(seen, settings)


def _without_places(start: Mapping[str, Any]) -> dict[str, Any]:
    """Return a start mark of a run elsewhere: what it says of itself, and no place or parent.

    What is not of the kind that it should be is left out.
    """
    if not start:
        return {}
    given = start.get("settings")
    told = given if isinstance(given, dict) else {}
    settings: dict[str, Any] = {
        name: told[name][:_TEXT_MAX_CHARS]
        for name in TOLD_OF_RUN
        if isinstance(told.get(name), str)
    }
    settings |= {name: told[name] for name in _COUNTS if _is_count(told.get(name))}
    if isinstance(told.get("phase"), str):
        settings["phase"] = told["phase"]
    kept: dict[str, Any] = {"settings": settings, "version": start.get("version")}
    kept |= {
        name: start[name][:_TEXT_MAX_CHARS] for name in _TEXTS if isinstance(start.get(name), str)
    }
    if _is_count(start.get("workers")):
        kept["workers"] = start["workers"]
    if start.get("source") in _SOURCES:
        kept["source"] = start["source"]
    try:
        parse_time(start["started_at"])
        kept["started_at"] = start["started_at"]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        pass  # then it is the last sign of life
    return kept


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000


def _require_document(seen: RunSeen, settings: Settings) -> None:
    """Refuse a run of which no valid document could be made, before anything is written.

    Raises:
        EvidenceError: The field is named.
    """
    empty = Conclusion(digest_of(seen, settings, (), 0, ()))
    verify_run(run_document(seen, empty, settings), "its journal")


def _is_written_alike(seen: RunSeen, conclusion: Conclusion, settings: Settings) -> bool:
    there = evidence.read_run(settings.runs_dir / f"{document_id_of(seen)}.json")
    ids = [one for one, _ in conclusion.records]
    return isinstance(there, dict) and there["records"] == ids


def _content(file: File) -> tuple[bytes, float]:
    """Return the content of a file and when it was written.

    Raises:
        EvidenceError: It cannot be read, or is too large.
    """
    if isinstance(file.what, bytes):
        content, mtime = file.what, file.mtime
    else:
        try:
            status = os.stat(file.what)
        except OSError as error:
            raise EvidenceError(f"{file.name}: cannot be read: {error.strerror}") from None
        mtime = status.st_mtime
        if status.st_size > JOURNAL_MAX_BYTES:
            raise EvidenceError(f"{file.name}: {status.st_size:,} bytes are too many of a journal")
        content = read_bytes(file.what)
    if len(content) > JOURNAL_MAX_BYTES:
        raise EvidenceError(f"{file.name}: {len(content):,} bytes are too many of a journal")
    return content, mtime
