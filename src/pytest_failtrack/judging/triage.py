"""What failures of any source come to, without a history and without a trace on disk.

    observe -> signature -> classify -> policy

`cli/triage.py` asks. It is the part of the spine that needs nothing but the failures themselves:
each gets its signature, kind and retry, and all together get their causes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from pytest_failtrack.classify.beside import weighed_by_others
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.config import Settings
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.judging.assessment import Assessor
from pytest_failtrack.observe.observation import Frame, Observation
from pytest_failtrack.pipeline import RunSeen
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.retry import RetryPolicy, retry_policy
from pytest_failtrack.record.identity import Told
from pytest_failtrack.signature.cause import chosen_of, short_name
from pytest_failtrack.signature.cluster import clusters
from pytest_failtrack.signature.kind import failure_of
from pytest_failtrack.signature.signature import Signature
from pytest_failtrack.signature.token import headline, place_of, printed_line

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions

LINE_MAX_CHARS = 1_000


@frozen
class Triaged:
    """One failure and what can be said of it.

    Args:
        observation: The failure.
        signature: Its signature.
        cause_id: The cause that it belongs to.
        error_line: The first line that says what went wrong, as it was printed; `` when none does.
        headline: One line for people, as it was said; that of its cause is `CauseFound.headline`.
        classification: What kind of failure it is.
        retry: What the matrix says about trying again; not allowed where the failure itself
            rules it out.
        is_infra: It lies in the infrastructure, by category and by failure type.
        place: The project's own frame where it failed, None when no frame is known.
        file: The file that it was read from.
    """

    observation: Observation
    signature: Signature
    cause_id: str
    error_line: str
    headline: str
    classification: Classification
    retry: RetryPolicy
    is_infra: bool
    place: Frame | None
    file: str = ""


@frozen
class CauseFound:
    """Failures that belong together.

    Args:
        cause_id: 12 hex digits.
        members: Its failures, in the order seen.
        headline: One line for people: as they said it, and where they do not say the same,
            without what they differ in.
        why: Why they belong together, one sentence; `` for a single signature.
    """

    cause_id: str
    members: tuple[Triaged, ...]
    headline: str
    why: str = ""


@frozen
class Triage:
    """What all failures come to.

    Args:
        failures: Every failure, in the order seen.
        causes: The causes, those with most members first.
        problems: What went wrong in the configuration or in the hooks of others.
    """

    failures: tuple[Triaged, ...]
    causes: tuple[CauseFound, ...]
    problems: tuple[str, ...] = ()


def triage(
    observed: Sequence[tuple[str, Observation]],
    settings: Settings,
    extensions: Extensions,
    *,
    now: datetime | None = None,
) -> Triage:
    """Return what failures come to; nothing is stored, and no history is asked.

    A failure that two kinds of sources tell (a JUnit file and a log of the same run) is one.

    Args:
        observed: File and observation, in the order read.
        settings: Settings of the project. What an observation says itself of its workflow, job
            and step wins over them.
        extensions: The hooks of others.
        now: This moment, aware; the clock's by default.
    """
    assessors = _Assessors(settings, extensions, now or datetime.now(timezone.utc))
    told = Told()
    judged = ((file, assessors.failure(one)) for file, one in observed)
    cases = [
        (file, one) for file, one in judged if told.is_first(one.observation, one.signature.hash)
    ]
    cases = _weighed_by_run(cases)
    found = clusters([failure_of(one.observation, one.signature) for _, one in cases])
    ids = {hash_: one.id for one in found for hash_ in one.hashes}
    failures = tuple(
        replaced(one, cause_id=ids[one.signature.hash], file=file) for file, one in cases
    )
    members: dict[str, list[Triaged]] = {}
    for one in failures:
        members.setdefault(one.cause_id, []).append(one)
    causes = [
        CauseFound(
            each.id,
            tuple(members[each.id]),
            _headline(members[each.id]),
            each.why if len(each.hashes) > 1 else "",
        )
        for each in found
    ]
    causes.sort(key=lambda one: (-len(one.members), one.cause_id))
    return Triage(failures, tuple(causes), tuple(dict.fromkeys(assessors.problems)))


def _headline(members: Sequence[Triaged]) -> str:
    first, *others = (one.observation for one in members)
    return headline(first, others)


def _weighed_by_run(cases: Sequence[tuple[str, Triaged]]) -> list[tuple[str, Triaged]]:
    """Return the failures with the class that those beside them leave, each file by itself.

    A file in which a test fails twice in the same way holds several runs.
    """
    weighed = list(cases)
    by_file: dict[str, list[int]] = {}
    for at, (file, _) in enumerate(cases):
        by_file.setdefault(file, []).append(at)
    for places in by_file.values():
        run = [cases[at][1] for at in places]
        names = {_identity(one.observation) for one in run}
        judged = [(one.observation, one.classification) for one in run]
        kinds = weighed_by_others(judged, is_one_run=len(names) == len(run))
        for at, one, kind in zip(places, run, kinds, strict=True):
            weighed[at] = (cases[at][0], replaced(one, classification=kind))
    return weighed


def _identity(observation: Observation) -> tuple[object, ...]:
    one = observation
    return (one.nodeid, one.when, one.attempt, one.position, one.workflow, one.job, one.step)


def error_line_of(observation: Observation) -> str:
    """Return the first line that says what went wrong, as it was printed, `` when none does."""
    chosen = chosen_of(observation)
    if chosen is None:
        said = printed_line(observation) or observation.text.strip()
        return said.partition("\n")[0].strip()[:LINE_MAX_CHARS]
    name = short_name(chosen.raised.type)
    lines = [line.strip() for line in chosen.raised.message.splitlines() if line.strip()]
    if not lines:
        return name
    is_assertion = name == "AssertionError" and lines[0].startswith("assert ")
    return (lines[0] if is_assertion else f"{name}: {lines[0]}")[:LINE_MAX_CHARS]


class _Assessors:
    """The assessor of each job and step, the pipeline's own."""

    def __init__(self, settings: Settings, extensions: Extensions, now: datetime) -> None:
        self._settings = settings
        self._extensions = extensions
        self._now = now
        self._made: dict[tuple[str, str, str], Assessor] = {}
        self._told: list[str] = []
        self._matrix = load_matrix(settings.table)

    @property
    def problems(self) -> list[str]:
        return [*self._told, *self._extensions.problems]

    def failure(self, observation: Observation) -> Triaged:
        case = self._assessor_of(observation).case_of(observation)
        kind = case.classification
        policy = retry_policy(kind.failure_type, self._matrix)
        is_retryable = policy.is_allowed and kind.is_retryable
        return Triaged(
            observation=observation,
            signature=case.signature,
            cause_id="",
            error_line=error_line_of(observation),
            headline=headline(observation),
            classification=kind,
            retry=policy if is_retryable else RetryPolicy(is_allowed=False),
            is_infra=kind.category == "INFRA"
            and self._matrix.is_infrastructure(kind.category, kind.failure_type),
            place=place_of(observation),
        )

    def _assessor_of(self, observation: Observation) -> Assessor:
        given = self._settings
        told = (
            observation.workflow or given.workflow,
            observation.job or given.job,
            observation.step or given.step,
        )
        found = self._made.get(told)
        if found is None:
            workflow, job, step = told
            settings = replaced(given, workflow=workflow, job=job, step=step)
            seen = RunSeen(start={"settings": {}, "run": "triage"})
            found = Assessor(settings, seen, self._extensions, self._now, self._told)
            self._made[told] = found
        return found
