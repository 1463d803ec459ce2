"""GitHub's list of the jobs of a run as observations: failed jobs and their first failing step.

`gh api repos/OWNER/NAME/actions/runs/ID/jobs` writes it. It says nothing about why a job failed;
its log does (`from_ci_log.py`).

Source: S4-03.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.maker import Maker, numbered
from pytest_failtrack.observe.observation import Observation

SOURCE = "jobs"
NAMED_MAX = 5
# A job that was skipped did not fail; one that was stopped did not either, and says nothing.
FAILED = {"failure": "failed", "timed_out": "crashed", "startup_failure": "error"}
SAID = {
    "timed_out": "The job ran longer than its time limit and was cancelled.",
    "startup_failure": "The job could not be started.",
}
# A list in which no job ended like this tells nothing of the run.
RESULTS = frozenset({"success", "neutral", *FAILED})
STOPPED = frozenset({"cancelled", "action_required", "stale"})
# What the runner did to a job that exceeded its time.
_STEP_FAILED = frozenset({"failure", "timed_out", "cancelled"})
_LEG = lazily(r"^(?P<job>.+?) \([^()]{1,300}\)$")


def is_job_list(document: Any) -> bool:
    """Return whether a JSON document is a list of jobs, or several pages of one."""
    pages = document if isinstance(document, list) else [document]
    return bool(pages) and all(
        isinstance(page, dict)
        and isinstance(page.get("jobs"), list)
        and all(isinstance(job, dict) and "conclusion" in job for job in page["jobs"])
        for page in pages
    )


def observe_jobs(
    document: Any,
    source: str,
    *,
    root: str,
    redact: Callable[[str], str],
    saw_gap: Callable[[str], None] | None = None,
    saw_open: Callable[[str], None] | None = None,
) -> list[Observation]:
    """Return one observation for each failed job, with its first failing step.

    Args:
        document: One page of the jobs API, or a list of pages (`gh api --paginate --slurp`).
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
        saw_gap: Receives the sentence on a list that counts more jobs than it names, on one in
            which no job has ended with a result, and on jobs that were stopped though none failed.
        saw_open: Receives the sentence on jobs that have not ended.
    """
    maker = Maker(root, redact, source)
    pages = document if isinstance(document, list) else [document]
    all_jobs = _distinct(job for page in pages for job in page["jobs"])
    jobs = _of_last_attempt(all_jobs)
    counted = max((_count(page.get("total_count")) for page in pages), default=0)
    ids = (at if one.get("id") is None else str(one["id"]) for at, one in enumerate(all_jobs))
    named = len(set(ids))
    if counted > named and saw_gap is not None:
        saw_gap(
            f"{source}: names {named:,} of {counted:,} jobs; write all pages with "
            "`gh api --paginate`"
        )
    if saw_gap is not None and not any(str(one["conclusion"]) in RESULTS for one in jobs):
        saw_gap(
            f"{source}: no job of the list has ended with a result; write the list again when "
            "the run has ended"
        )
    ends = {str(one["conclusion"]) for one in jobs}
    stopped = [one for one in jobs if str(one["conclusion"]) in STOPPED]
    # Where one failed, the others of its matrix are cancelled as a rule.
    if stopped and saw_gap is not None and ends & RESULTS and not ends & set(FAILED):
        saw_gap(
            f"{source}: no job failed, and these did not come to their end: "
            f"{_names(stopped, redact)}; run them again"
        )
    waiting = [one for one in jobs if one["conclusion"] is None]
    if waiting and saw_open is not None:
        saw_open(
            f"{source}: of jobs without a result yet nothing is known: {_names(waiting, redact)}; "
            "write the list again when they have ended"
        )
    return numbered(_observations(jobs, maker))


def _names(jobs: Sequence[Mapping[str, Any]], redact: Callable[[str], str]) -> str:
    names = ", ".join(redact(str(one.get("name") or "?")) for one in jobs[:NAMED_MAX])
    more = f" and {len(jobs) - NAMED_MAX:,} more" if len(jobs) > NAMED_MAX else ""
    return names + more


def _of_last_attempt(jobs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the jobs without those that were started again: `filter=all` lists every attempt.

    Jobs of one name are told from each other by nothing: as many must have been started again.
    One that was skipped or cancelled the second time has not run again.
    """
    attempts: dict[tuple[str, str], dict[int, list[Mapping[str, Any]]]] = {}
    for job in jobs:
        place = str(job.get("run_id")), str(job.get("name"))
        attempt = _count(job.get("run_attempt"))
        attempts.setdefault(place, {}).setdefault(attempt, []).append(job)
    gone: set[int] = set()
    for by_attempt in attempts.values():
        most = 0
        for attempt in sorted(by_attempt, reverse=True):
            here = by_attempt[attempt]
            if most and most >= len(here):
                gone.update(map(id, here))
            ran = [one for one in here if one["conclusion"] is None or one["conclusion"] in RESULTS]
            most = max(most, len(ran))
    return [job for job in jobs if id(job) not in gone]


def _distinct(jobs: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the jobs without those that another page has named as well, with the same end."""
    found: list[Mapping[str, Any]] = []
    seen: set[tuple[str, str]] = set()
    for job in jobs:
        key = (str(job.get("id")), str(job["conclusion"]))
        if job.get("id") is None or key not in seen:
            found.append(job)
        seen.add(key)
    return found


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def job_name(name: str) -> str:
    """Return the name of a job without the leg of its matrix: `Tests (3.11)` is `Tests`."""
    found = _LEG.match(name)
    return found["job"] if found else name


def first_failing_step(job: Mapping[str, Any]) -> str:
    """Return the name of the first step that failed, `` when none did."""
    steps = [one for one in job.get("steps") or () if isinstance(one, dict)]
    steps.sort(key=lambda one: one["number"] if isinstance(one.get("number"), int) else 0)
    for wanted in (_STEP_FAILED - {"cancelled"}, _STEP_FAILED):
        for one in steps:
            if one.get("conclusion") in wanted:
                return str(one.get("name") or "")
    return ""


def _observations(jobs: Iterable[Mapping[str, Any]], maker: Maker) -> Iterator[Observation]:
    for job in jobs:
        outcome = FAILED.get(str(job.get("conclusion")))
        if outcome is not None:
            yield _observation(job, outcome, maker)


def _observation(job: Mapping[str, Any], outcome: str, maker: Maker) -> Observation:
    name, step = str(job.get("name") or "?"), first_failing_step(job)
    attempt = job.get("run_attempt")
    return maker.failure(
        source=SOURCE,
        when="command",
        nodeid=f"{name} / {step}" if step else name,
        outcome=outcome,
        text=SAID.get(str(job.get("conclusion")), ""),
        timestamp=str(job.get("completed_at") or ""),
        attempt=attempt if isinstance(attempt, int) and attempt > 0 else 1,
        workflow=str(job.get("workflow_name") or ""),
        job=job_name(name),
        step=step,
    )
