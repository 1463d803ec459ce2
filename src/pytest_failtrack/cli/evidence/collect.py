"""Reading the evidence of one build for `failtrack gate`, and saying what is wrong with it.

Nothing is believed that does not fit its run's digest.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pytest_failtrack.cli.evidence.search import Files, files_below, files_in
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.archive.packed import home_of
from pytest_failtrack.history.changes import FOLDER as CHANGES
from pytest_failtrack.history.changes import changed_ids, read_changes
from pytest_failtrack.history.evidence import read_bytes
from pytest_failtrack.policy.case import Case, make_case
from pytest_failtrack.record.digest import capture_digest, combined_digest, short_digests
from pytest_failtrack.record.reviews import DEMANDED_FROM, signatures
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.record.verify import verify_record, verify_run

FILES_NAMED_MAX = 5

BUILD_ID = re.compile(rb'"build_id"\s*:\s*"((?:[^"\\]|\\.)*)"')
STARTED_AT = re.compile(rb'"started_at"\s*:\s*"([^"]*)"')


@frozen
class Document:
    """A run document that could be read."""

    path: Path
    data: dict[str, Any]


@frozen
class Refused:
    """A run document that could not, and what its bytes still tell."""

    path: Path
    reason: str
    build_id: str
    started_at: str


def collect(
    evidence_dir: Path, runs_dir: Path, build: str = "", *, changes: Sequence[Path] = ()
) -> Case:
    """Return the case of a build out of the two folders in which a project keeps evidence.

    Args:
        evidence_dir: Folder of the records.
        runs_dir: Folder of the run documents.
        build: Build id; `` for the build of the newest run document.
        changes: Folders of changes to look in, beside those that lie beside the records.

    Raises:
        EvidenceError: There is no run document to judge.
    """
    places = (evidence_dir, runs_dir)
    return _case(files_in(places), places, build, changes)


def collect_below(
    folders: Sequence[Path], build: str = "", *, changes: Sequence[Path] = ()
) -> Case:
    """Return the case of a build out of everything that lies under folders.

    Args:
        folders: Evidence folders, their parents, checkouts, or folders of many artifacts.
        build: Build id; `` for the build of the newest run document.
        changes: Folders of changes to look in, beside those that lie beside the records.

    Raises:
        EvidenceError: A folder is missing, or holds no run document to judge.
    """
    return _case(files_below(folders), folders, build, changes)


def _case(files: Files, looked_in: Sequence[Path], build: str, changes: Sequence[Path]) -> Case:
    documents, refused = _read_runs(files.runs)
    chosen = build or _newest_build(documents)
    if not chosen:
        raise EvidenceError(_nothing(files, refused, looked_in), slug="evidence-none")
    ours = [one for one in documents if one.data["build_id"] == chosen]
    broken = [one.reason for one in refused if _may_matter(one, chosen, ours, bool(build))]
    broken += files.refused
    runs = _distinct(ours, broken)
    records: dict[str, dict[str, Any]] = {}
    for run in runs:
        records.update(_records_of(run, files, broken))
    if runs:
        broken.extend(_unlisted(files, documents, chosen))
    else:
        broken.append(
            f"no run document of build {chosen} lies in "
            + ", ".join(str(folder) for folder in looked_in)
        )
    signed = _signed(runs, records.values(), files, changes)
    return make_case(chosen, (run.data for run in runs), records.values(), broken, signed)


def _signed(
    runs: Iterable[Document],
    records: Iterable[dict[str, Any]],
    files: Files,
    changes: Iterable[Path],
) -> dict[str, frozenset[str]]:
    """Return the reviews that are signed, for records of a third occurrence and later (S0-127).

    They may be signed on the record, or on that of an earlier build: who signs in a checkout
    pushes it, and the next build has records of its own. What was signed on a record before this
    build reopened it does not count, even where the event of that did not come along.
    """
    demanding = [one for one in records if one["escalation"]["occurrence"] >= DEMANDED_FROM]
    if not demanding:
        return {}
    folders = dict.fromkeys((*changes, *_beside(files)))
    looked_in = [one for one in folders if one.parent.is_dir()]
    written = {one for folder in looked_in for one in changed_ids(folder)}
    reopened = {
        str(one.get("failure_id")): parse_time(run.data["started_at"])
        for run in runs
        for one in run.data.get("reopened") or ()
    }

    @cache
    def names_of(failure_id: str) -> frozenset[str]:
        events = [one for folder in looked_in for one in read_changes(folder, failure_id)]
        since = reopened.get(failure_id)
        counted = [one for one in events if since is None or one.at >= since]
        return frozenset(signatures(sorted(counted, key=lambda one: one.at)))

    signed: dict[str, frozenset[str]] = {}
    for record in demanding:
        earlier = record["repetition_tracking"]["previous_occurrence_ids"]
        own = [record["failure_id"]] if record["failure_id"] in written else []
        signed[record["failure_id"]] = frozenset().union(*map(names_of, (*own, *earlier)))
    return signed


def _beside(files: Files) -> Iterable[Path]:
    """Return where the changes of documents lie."""
    found = [path for paths in files.records.values() for path in paths]
    folders = dict.fromkeys(os.path.dirname(path) for path in (*map(str, files.runs), *found))
    return [Path(home_of(os.path.join(folder, "x")), CHANGES) for folder in folders]


def _read_runs(paths: Iterable[Path]) -> tuple[list[Document], list[Refused]]:
    documents: list[Document] = []
    refused: list[Refused] = []
    for path in paths:
        content = b""
        try:
            content = read_bytes(str(path))
            documents.append(Document(path, verify_run(content, str(path))))
        except EvidenceError as error:
            reason = error.message
            refused.append(
                Refused(path, reason, _said(BUILD_ID, content), _said(STARTED_AT, content))
            )
    return documents, refused


def _said(pattern: re.Pattern[bytes], content: bytes) -> str:
    """Return a value that broken JSON still tells, `` when it does not."""
    found = pattern.search(content)
    if found is None:
        return ""
    text = found[1].decode("utf-8", "replace")
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return ""


def _newest_build(documents: Sequence[Document]) -> str:
    if not documents:
        return ""
    newest = max(documents, key=lambda one: _moment(one.data))
    return str(newest.data["build_id"])


def _moment(run: dict[str, Any]) -> tuple[float, str]:
    return parse_time(run["started_at"]).timestamp(), str(run["document_id"])


def _nothing(files: Files, refused: Sequence[Refused], looked_in: Sequence[Path]) -> str:
    if refused or files.refused:
        return [*files.refused, *(one.reason for one in refused)][0]
    places = ", ".join(str(folder) for folder in looked_in)
    return (
        f"no run document was found in {places}; run `pytest --failtrack` first, or name the "
        "folder that holds the evidence"
    )


def _may_matter(one: Refused, build: str, ours: Sequence[Document], is_given: bool) -> bool:
    """Return whether a document that cannot be read could belong to the judged build.

    What says the name of another build does not, unless the build was to be the newest one and
    this could be newer.
    """
    if not one.build_id or one.build_id == build:
        return True
    if is_given:
        return False
    try:
        started = parse_time(one.started_at).timestamp()
    except ValueError:
        return True
    return started > max(_moment(document.data)[0] for document in ours)


def _distinct(documents: Sequence[Document], broken: list[str]) -> list[Document]:
    """Return each run once; the same run may lie in two artifacts, but must be the same."""
    by_id: dict[str, Document] = {}
    for one in documents:
        first = by_id.setdefault(one.data["document_id"], one)
        if first.data != one.data:
            broken.append(
                f"{first.path} and {one.path} are two versions of one run; remove the wrong one"
            )
    return list(by_id.values())


def _records_of(run: Document, files: Files, broken: list[str]) -> dict[str, dict[str, Any]]:
    """Return the records that a run lists; what is wrong with them goes to `broken`."""
    records: dict[str, dict[str, Any]] = {}
    paths: list[str] = []
    is_whole = True
    for record_id in run.data["records"]:
        path = _nearest(files.records.get(record_id, ()), run.path)
        try:
            if path is None:
                raise EvidenceError(f"{record_id}.json is missing; {run.path} lists it")
            records[record_id] = verify_record(read_bytes(path), path)
            paths.append(path)
        except EvidenceError as error:
            broken.append(error.message)
            is_whole = False
    digests = [(record_id, capture_digest(one)) for record_id, one in records.items()]
    if is_whole and combined_digest(digests) != run.data["records_digest"]:
        broken.append(_tampered(run, paths, short_digests(digests)))
    strangers = [one for one in records.values() if one["build_id"] != run.data["build_id"]]
    broken.extend(
        f"{one['failure_id']}.json is of build {one['build_id']}, and {run.path} lists it"
        for one in strangers
    )
    return records


def _nearest(paths: Sequence[str], run: Path) -> str | None:
    """Return the record beside the run document; the same id may lie in two artifacts."""
    if len(paths) > 1:
        home = home_of(str(run))
        beside = (path for path in paths if home_of(path) == home)
        return next(beside, paths[0])
    return paths[0] if paths else None


def _tampered(run: Document, paths: Sequence[str], found: Sequence[str]) -> str:
    """Return which records were changed; or, when none differs, that the run document was."""
    told = run.data.get("record_digests", ())
    if not len(paths) == len(told) == len(found):
        return f"{run.path} does not hold a digest for each of its records; it was changed"
    changed = [path for path, one, other in zip(paths, told, found, strict=True) if one != other]
    if not changed:
        return f"{run.path} was changed after the run: its digest of all records differs"
    names = ", ".join(changed[:FILES_NAMED_MAX])
    more = f" and {len(changed) - FILES_NAMED_MAX} more" if len(changed) > FILES_NAMED_MAX else ""
    were = "was" if len(changed) == 1 else "were"
    return f"{names}{more} {were} changed after the run: the digests in {run.path} differ"


def _unlisted(files: Files, documents: Sequence[Document], build: str) -> Iterator[str]:
    """Yield a sentence for each record of the build that no run document accounts for."""
    listed = {record_id for one in documents for record_id in one.data["records"]}
    for record_id, paths in files.records.items():
        if record_id in listed:
            continue
        for path in paths:
            if _said(BUILD_ID, read_bytes(path)) in ("", build):
                yield f"{path} is listed by no run document of build {build}"
