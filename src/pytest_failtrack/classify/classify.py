"""What kind of failure an observation is, how sure that is, and what to do next."""

from __future__ import annotations

from pytest_failtrack.classify import match as matching
from pytest_failtrack.classify.blame import Blame, blame_of
from pytest_failtrack.classify.catalog import Catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.facts import Subject
from pytest_failtrack.classify.match import Match, Verdict, find_match
from pytest_failtrack.classify.recovery import is_retryable, recovery_of, suggestion_of
from pytest_failtrack.classify.severity import severity_of
from pytest_failtrack.classify.taxonomy import (
    MEANINGS,
    Category,
    FailureType,
    RecoveryMode,
    Subcategory,
)
from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.observation import Observation, Raised

CONFIDENCE_THRESHOLD = 0.3
"""Under it the subcategory is UNKNOWN_ROOT_CAUSE, and the guess is kept beside it (C-20)."""

CONTEXT_PENALTY = 0.1
"""Off the confidence when an exception was only being handled, and caused nothing for certain."""

DATABASE_MARKERS = frozenset({"database", "database_test", "db", "migration", "migrations"})
"""Markers of tests whose failures are the database specialist's (S1-12)."""

TEST_PHASES = frozenset({"setup", "call", "teardown", "collect"})

MATCH_TYPES = {
    matching.RANK_PAIR: "exact",
    matching.RANK_PROCESS: "exact",
    matching.RANK_TYPE: "exact",
    matching.RANK_PATTERN: "regex",
    matching.RANK_PLACE: "similar",
}
"""How the words of S2-20 follow from the evidence; a type by its bare name is `similar` too."""

_MEANINGS = {
    one.value: f"{one.value} means: {MEANINGS[one]}."
    for one in (Subcategory.QA_FALSE_POSITIVE, Subcategory.QA_FALSE_NEGATIVE)
}
_OF_TEST = FailureType.TEST_FAILURE.value
_OF_INTEGRATION_TEST = FailureType.INTEGRATION_TEST_FAILURE.value
_OF_DATABASE_TEST = FailureType.DATABASE_TEST_FAILURE.value


@frozen
class Classification:
    """The answer; category and the like are plain strings equal to the enums' values.

    Args:
        category: One of the seven categories.
        subcategory: One of the 36 subcategories.
        failure_type: A shipped failure type, or one of the project's.
        severity: CRITICAL, HIGH, MEDIUM or LOW.
        confidence: 0 to 1.
        match_type: `exact`, `regex`, `similar` or `unknown`.
        catalog_entry_id: The entry that matched, `` for none.
        is_retryable: Another attempt could be allowed; the matrix says how often.
        recovery_mode: What to do next.
        recovery_suggestion: The same as a sentence.
        reasons: Why, in sentences.
        best_guess: The subcategory that was not sure enough, ``.
        evidence: What evidence beyond the message says, ``; it is among the reasons.
    """

    category: str
    subcategory: str
    failure_type: str
    severity: str
    confidence: float
    match_type: str
    catalog_entry_id: str
    is_retryable: bool
    recovery_mode: str
    recovery_suggestion: str
    reasons: tuple[str, ...]
    best_guess: str = ""
    evidence: str = ""

    @property
    def blame(self) -> Blame:
        """Where the failure lies: `infra`, `product`, `test`, `flaky` or `unknown` (S1-116)."""
        return blame_of(self.category, self.subcategory, self.recovery_mode, self.catalog_entry_id)


def classify(
    observation: Observation, catalog: Catalog, *, phase: str = "TESTING", component: str = ""
) -> Classification:
    """Return what kind of failure an observation is.

    Args:
        observation: What was seen.
        catalog: What is known about failures.
        phase: Phase of the build (C-7): AUTHORIZATION, COMPILATION, TESTING, INTEGRATION or
            DEPLOYMENT.
        component: Component that the test or command belongs to, ``.
    """
    verdict = find_match(Question(observation, catalog, phase, component))
    best = verdict.match
    if best is None:
        return _unknown(observation, verdict, phase)
    confidence = _confidence(best, verdict)
    if confidence < CONFIDENCE_THRESHOLD:
        return _unknown(observation, verdict, phase, confidence)
    entry = best.entry
    # What an assertion shows of the infrastructure says why it failed, and excuses it from nothing.
    declared = _OF_TEST if verdict.is_assertion and entry.is_infra else entry.failure_type
    failure_type, type_reason = _failure_type(declared, observation, phase)
    severity, severity_reason = severity_of(observation, failure_type, entry.subcategory)
    retryable = is_retryable(entry.is_retryable, failure_type, is_assertion=verdict.is_assertion)
    mode = recovery_of(entry.recovery_mode, failure_type, retryable=retryable)
    reasons = [_sentence(entry.title), *_evidence(best, verdict), type_reason]
    reasons.append("" if entry.severity else f"{severity.value}: {severity_reason}.")
    return Classification(
        category=entry.category,
        subcategory=entry.subcategory,
        failure_type=failure_type,
        severity=entry.severity or severity.value,
        confidence=confidence,
        match_type=_match_type(best),
        catalog_entry_id=entry.id,
        is_retryable=retryable,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode, entry.recovery_suggestion),
        reasons=tuple(one for one in [*reasons, meaning_of(entry.subcategory)] if one),
    )


def _unknown(
    observation: Observation, verdict: Verdict, phase: str, confidence: float = 0.0
) -> Classification:
    """Return the answer for a failure that shows too little."""
    guess = verdict.match.entry if verdict.match else None
    is_test = observation.when in TEST_PHASES and observation.outcome != "crashed"
    declared = FailureType.TEST_FAILURE if is_test else FailureType.UNKNOWN
    failure_type, type_reason = _failure_type(declared.value, observation, phase)
    subcategory = Subcategory.UNKNOWN_ROOT_CAUSE.value
    severity, severity_reason = severity_of(observation, failure_type, subcategory)
    reasons = ["No entry of the catalog speaks of this failure."]
    if guess:
        reasons = [
            _sentence(guess.title),
            f"That is too unsure ({confidence:.2f} is under {CONFIDENCE_THRESHOLD}) to call it"
            f" {guess.subcategory}.",
        ]
    reasons += [type_reason, f"{severity.value}: {severity_reason}."]
    return Classification(
        category=Category.UNKNOWN.value,
        subcategory=subcategory,
        failure_type=failure_type,
        severity=severity.value,
        confidence=confidence,
        match_type="unknown",
        catalog_entry_id=guess.id if guess else "",
        is_retryable=False,
        recovery_mode=RecoveryMode.INVESTIGATE.value,
        recovery_suggestion=suggestion_of(RecoveryMode.INVESTIGATE),
        reasons=tuple(one for one in reasons if one),
        best_guess=guess.subcategory if guess else "",
    )


def _confidence(best: Match, verdict: Verdict) -> float:
    confidence = best.entry.confidence
    if best.subject and _is_in_context(best.subject, verdict.subjects):
        confidence -= CONTEXT_PENALTY
    return round(max(confidence, 0.0), 2)


def _is_in_context(subject: Subject, subjects: tuple[Subject, ...]) -> bool:
    """Whether an exception was merely being handled when the next one was raised."""
    for one in subjects[subject.position : 0 : -1]:
        if one.raised.link == "group":
            return False
        if one.raised.link == "context":
            return True
    return False


def _failure_type(declared: str, observation: Observation, phase: str) -> tuple[str, str]:
    """Return the failure type after markers and phase had their say; the more specific wins."""
    if declared not in (_OF_TEST, _OF_INTEGRATION_TEST):
        return declared, ""
    marker = next((one for one in observation.markers if one in DATABASE_MARKERS), "")
    if marker:
        return _OF_DATABASE_TEST, f"The marker {marker} makes it a {_OF_DATABASE_TEST}."
    if phase == "INTEGRATION":
        return _OF_INTEGRATION_TEST, f"The test is an integration test: {_OF_INTEGRATION_TEST}."
    return declared, ""


def _match_type(best: Match) -> str:
    if best.rank == matching.RANK_TYPE and best.closeness == 1:
        return "similar"
    return MATCH_TYPES[best.rank]


def _evidence(best: Match, verdict: Verdict) -> list[str]:
    """Return sentences about what was seen."""
    subject = best.subject
    if subject is None:
        return []
    raised = subject.raised
    said = {
        matching.RANK_PAIR: "Its type and message say so",
        matching.RANK_TYPE: "Its type says so",
        matching.RANK_PATTERN: "Its message says so",
    }.get(best.rank, "Nothing but the place says so")
    if subject.remark and best.rank == matching.RANK_PAIR and _asks_for(best.entry, subject.remark):
        said = "Its type and the lines that led to it say so"
    sentences = [_sentence(f"{said}: {_brief(raised.type, raised.message)}")]
    if subject.position:
        last = verdict.subjects[0].raised.type
        how = "was being handled when" if raised.link == "context" else "caused"
        tail = f"{last} was raised" if raised.link == "context" else last
        sentences.append(f"{raised.type} {how} {tail}.")
    if subject.is_simulated:
        sentences.append("It was raised by a mock or by hand, not by the system.")
    if raised.frames:
        sentences.append(_place(raised))
    return sentences


def _asks_for(entry: Entry, remark: str) -> bool:
    """Whether an entry asks for a remark of `origin.py`, and not only for type and message."""
    return any(remark[1:-1] in pair.pattern.text for pair in entry.pairs)


def _place(raised: Raised) -> str:
    """Return where an exception was raised, and which line of the project led there."""
    innermost = raised.frames[-1]
    own = raised.own_frame or innermost
    sentence = f"It was raised in {innermost.file}:{innermost.line}"
    if own is not innermost:
        sentence += f", on the way from {own.file}:{own.line}"
    return f"{sentence}."


def _brief(type_name: str, message: str) -> str:
    first = message.strip().partition("\n")[0]
    shown = first if len(first) <= 120 else first[:117] + "..."
    return f"{type_name}: {shown}" if shown else type_name


def _sentence(title: str) -> str:
    return title if title.endswith(".") else f"{title}."


def meaning_of(subcategory: str) -> str:
    """Return what a name means that common use has the other way round (C-12), else ``."""
    return _MEANINGS.get(subcategory, "")
