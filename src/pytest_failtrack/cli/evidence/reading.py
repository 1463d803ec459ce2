"""What `list`, `show` and `rerun` read: the evidence, made into causes and a digest again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.cli.evidence.causes import cause_of_record, merged
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, InputError, StoreError
from pytest_failtrack.history.evidence import read_records, read_runs, record_names
from pytest_failtrack.policy.digest import Cause, DebtSummary, Digest
from pytest_failtrack.sinks.json_digest import cause_from_json
from pytest_failtrack.sinks.plain import plain

Document = Mapping[str, Any]

BUILDS_NAMED = 5
PROBLEMS_NAMED = 5


class Evidence:
    """The evidence of a project: reads no more of it than is asked for.

    Run documents say most of what people ask; records are read by id, as far as they are
    needed, so that a history of 100,000 of them costs a listing of their names.

    Args:
        evidence_dir: Folder of the records.
        runs_dir: Folder of the run documents.
        root: Folder that paths are shown relative to.
        build: The CI's or the user's build, `` when there is none.
    """

    def __init__(self, evidence_dir: Path, runs_dir: Path, root: Path, build: str = "") -> None:
        self.evidence_dir = evidence_dir
        self.runs_dir = runs_dir
        self.root = root
        self.build = build
        self.problems: list[str] = []

    @classmethod
    def of(cls, settings: Settings) -> Evidence:
        """Return the evidence that settings point to: files, or a shared history."""
        local = cls(settings.evidence_dir, settings.runs_dir, settings.root, settings.build)
        if not settings.is_shared:
            return local
        from pytest_failtrack.cli.evidence.shared import SharedEvidence
        from pytest_failtrack.history.kept import open_shared

        try:
            database = open_shared(settings.history, settings.repository)
        except StoreError as error:
            local.problems.append(f"{error.message}; the local evidence was read instead")
            return local
        context = click.get_current_context(silent=True)
        if context is not None:
            context.call_on_close(database.close)
        return SharedEvidence(database, settings)

    @property
    def place(self) -> str:
        """Where it lies, for messages."""
        return f"{self.evidence_dir} holds no records and {self.runs_dir} no run documents"

    def look_at(self, build: str | None) -> None:
        """Be ready to be asked of one build; None is the newest."""

    def look_for(self, prefix: str) -> None:
        """Be ready to be asked of a cause or record by the leading digits of its id."""

    @cached_property
    def runs(self) -> list[Document]:
        """All run documents that can be used, the oldest first."""
        return sorted(self._run_documents(), key=_moment_of_run)

    @cached_property
    def record_ids(self) -> list[str]:
        """The ids of all records."""
        return self._record_ids()

    @cached_property
    def loose_records(self) -> list[Document]:
        """The records that no run document names, the oldest first."""
        named = {one for run in self.runs for one in run["records"]}
        return self.records(one for one in self.record_ids if one not in named)

    def records(self, ids: Iterable[str] | None = None) -> list[Document]:
        """Return records, the oldest first; those that cannot be used become problems.

        Args:
            ids: Which ones; None for all.
        """
        return sorted(
            self._records(ids),
            key=lambda one: (one["timestamp"], one["failure_id"]),
        )

    def causes_of(self, run: Document) -> list[Cause]:
        """Return the causes that a run document lists; one that cannot be read is a problem."""
        causes = []
        for one in run["causes"]:
            try:
                causes.append(cause_from_json(one))
            except (KeyError, TypeError, ValueError) as error:
                what = f"a cause of run {run['document_id']} cannot be read: {error!r}"
                self.problems += [what] if what not in self.problems else []
        return causes

    def _run_documents(self) -> Iterable[Document]:
        return self._usable(read_runs(self.runs_dir))

    def _record_ids(self) -> list[str]:
        # By the names of their files.
        return [name.removesuffix(".json") for name in record_names(self.evidence_dir)]

    def _records(self, ids: Iterable[str] | None) -> Iterable[Document]:
        return self._usable(read_records(self.evidence_dir, ids))

    def _usable(self, found: Iterable[tuple[Path, Document | EvidenceError]]) -> Iterable[Document]:
        for _, one in found:
            if not isinstance(one, EvidenceError):
                yield one
            elif one.message not in self.problems:
                self.problems.append(one.message)


def load_digest(settings: Settings, build: str | None = None) -> Digest:
    """Return what one build comes to, of all its runs.

    Args:
        settings: Where the evidence lies, and the CI's build.
        build: Build id; by default the CI's if it has evidence, else the newest.

    Raises:
        EvidenceError: There is no evidence that can be used.
        InputError: The build that was asked for has none.
    """
    return digest_of(Evidence.of(settings), build)


def digest_of(evidence: Evidence, build: str | None = None) -> Digest:
    """Return the digest of one build; see `load_digest`."""
    build = chosen_build(evidence, build)
    runs = runs_of_build(evidence, build)
    runs = [run for run in runs if not is_recovered(run)]
    last: Document = runs[-1] if runs else {}
    environment = last.get("environment") or {}
    statuses = [run["exit_status"] for run in runs]
    return Digest(
        build_id=build,
        workflow=last.get("workflow") or "",
        job=_shared(runs, "job"),
        step=_shared(runs, "step"),
        leg=_shared(runs, "leg"),
        run_url=environment.get("run_url") or "",
        commit=environment.get("commit") or "",
        branch=environment.get("branch") or "",
        exit_status=next((one for one in statuses if one), statuses[-1] if statuses else None),
        is_complete=all(run["is_complete"] for run in runs),
        totals=_added(run["totals"] for run in runs),
        not_run=sum(run.get("not_run") or 0 for run in runs),
        causes=causes_of_build(evidence, build),
        debt=DebtSummary(
            counts=_added(run["debt"]["counts"] for run in runs),
            without_reason=sum(run["debt"]["without_reason"] for run in runs),
            expired=sum(run["debt"]["expired"] for run in runs),
        ),
        records=len(record_ids_of_build(evidence, build)),
        evidence_dir=shown_path(evidence.evidence_dir, evidence.root),
        problems=tuple(problem for run in runs for problem in run["problems"]),
    )


def chosen_build(evidence: Evidence, build: str | None = None) -> str:
    """Return the build that a command is about; see `load_digest`."""
    evidence.look_at(build)
    of_runs = {run["build_id"] for run in evidence.runs}
    for one in (build, evidence.build):
        if one and one in of_runs:
            return one
    known = known_builds(evidence)
    if not known:
        raise EvidenceError(_nothing(evidence), slug="evidence-none")
    if build and build not in known:
        newest = ", ".join(reversed(known[-BUILDS_NAMED:]))
        raise InputError(f"no run or record of build {build!r} was found; newest builds: {newest}")
    return build or (evidence.build if evidence.build in known else known[-1])


def known_builds(evidence: Evidence) -> list[str]:
    """Return build ids, the newest last; builds that have a run document come after the others."""
    seen = dict.fromkeys(str(one["build_id"]) for one in evidence.loose_records)
    for run in evidence.runs:
        seen.pop(run["build_id"], None)
        seen[run["build_id"]] = None
    return list(seen)


def runs_of_build(evidence: Evidence, build: str) -> list[Document]:
    """Return the runs of a build, without replaced attempts, the oldest first."""
    return newest_attempts(run for run in evidence.runs if run["build_id"] == build)


def causes_of_build(evidence: Evidence, build: str) -> tuple[Cause, ...]:
    """Return the causes of a build, the most important first."""
    runs = runs_of_build(evidence, build)
    listed = [one for run in runs for one in evidence.causes_of(run)]
    loose = (one for one in evidence.loose_records if one["build_id"] == build)
    return merged([*listed, *map(cause_of_record, loose)])


def record_ids_of_build(evidence: Evidence, build: str) -> list[str]:
    """Return the ids of a build's records; those of replaced attempts are left out."""
    ids = [one for run in runs_of_build(evidence, build) for one in run["records"]]
    ids += [one["failure_id"] for one in evidence.loose_records if one["build_id"] == build]
    return list(dict.fromkeys(ids))


def report_problems(evidence: Evidence) -> None:
    """Say on standard error which files could not be used; what could be was."""
    for problem in evidence.problems[:PROBLEMS_NAMED]:
        click.echo(f"failtrack: left out: {plain(problem)}", err=True)
    if len(evidence.problems) > PROBLEMS_NAMED:
        more = len(evidence.problems) - PROBLEMS_NAMED
        click.echo(f"failtrack: left out: {more:,} more; `failtrack gate` fails on them", err=True)


def newest_attempts(runs: Iterable[Document]) -> list[Document]:
    """Return the runs of one build without those that a later attempt of the same job replaces.

    Two runs of one job in the same attempt both count: unit tests, then integration tests.
    """
    found = list(runs)
    newest: dict[tuple[Any, ...], int] = {}
    for run in found:
        newest[_post(run)] = max(newest.get(_post(run), 0), run["build_attempt"])
    return [run for run in found if run["build_attempt"] == newest[_post(run)]]


def is_recovered(run: Document) -> bool:
    """Return whether a run was an attempt of a command that succeeded on a later one."""
    return bool((run.get("retry") or {}).get("recovery_succeeded"))


def shown_path(path: Path, root: Path) -> str:
    """Return a path as people write it: relative to the root where it lies under it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _nothing(evidence: Evidence) -> str:
    if evidence.problems:
        return f"nothing can be used of {evidence.evidence_dir}: {evidence.problems[0]}"
    return f"{evidence.place}; run `pytest --failtrack` first, or name the folder with --dir"


def _moment_of_run(run: Document) -> tuple[str, str]:
    return str(run["finished_at"] or run["started_at"]), str(run["document_id"])


def _post(run: Document) -> tuple[Any, ...]:
    return tuple(run[name] for name in ("workflow", "job", "step", "leg"))


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for name, number in one.items():
            total[name] = total.get(name, 0) + number
    return total


def _shared(runs: Sequence[Document], name: str) -> str:
    values = {run[name] or "" for run in runs}
    return str(values.pop()) if len(values) == 1 else ""
