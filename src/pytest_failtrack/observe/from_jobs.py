"""GitHub's list of the jobs of a run as observations: failed jobs and their first failing step.

`gh api repos/OWNER/NAME/actions/runs/ID/jobs` writes it. It says nothing about why a job failed;
its log does (`from_ci_log.py`).

Source: S4-03.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.maker import Maker, numbered
from pytest_failtrack.observe.observation import Observation

SOURCE = "jobs"
# A job that was cancelled or skipped did not fail.
FAILED = {"failure": "failed", "timed_out": "crashed", "startup_failure": "error"}
SAID = {
    "timed_out": "The job ran longer than its time limit and was cancelled.",
    "startup_failure": "The job could not be started.",
}
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
    document: Any, source: str, *, root: str, redact: Callable[[str], str]
) -> list[Observation]:
    """Return one observation for each failed job, with its first failing step.

    Args:
        document: One page of the jobs API, or a list of pages (`gh api --paginate --slurp`).
        source: What it is called in messages.
        root: The project's root, absolute.
        redact: The redactor.
    """
    maker = Maker(root, redact, source)
    return numbered(_observations(document, maker))


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


def _observations(document: Any, maker: Maker) -> Iterator[Observation]:
    for page in document if isinstance(document, list) else [document]:
        for job in page["jobs"]:
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
