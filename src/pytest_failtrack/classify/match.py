"""Which entries of the catalog match an observation, and which of them wins; `classify` calls it.

The order, strongest first:

1. what somebody said about the project: its own entries, before the shipped ones;
2. a type together with a text; the way a process ended; a type; a text;
3. the place where it failed, and other conditions without evidence.

Among equals the closer type, then the entry with more conditions, then the innermost cause wins.
Along a chain of exceptions a symptom of the infrastructure wins over whatever was raised because
of it, unless the last exception is a failing assertion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_failtrack.classify.catalog import Catalog, PatternRule
from pytest_failtrack.classify.entry import REACHES, Entry
from pytest_failtrack.classify.facts import (
    Subject,
    owner_of_missing_module,
    printed_text,
    raised_in_text,
    signal_of,
    subject_of,
)
from pytest_failtrack.observe.observation import Observation, Raised

RANK_PAIR = 5
RANK_PROCESS = 4
RANK_TYPE = 3
RANK_PATTERN = 2
RANK_PLACE = 1


class Match(NamedTuple):
    """An entry that matches.

    Args:
        entry: The entry.
        rank: Kind of evidence, one of the `RANK_...` numbers.
        closeness: 3 exactly the type, 2 its name in its package, 1 its name anywhere, 0 no type.
        subject: The exception that matches, None when it is none.
    """

    entry: Entry
    rank: int
    closeness: int = 0
    subject: Subject | None = None

    @property
    def strength(self) -> tuple[bool, bool, int, int, int, float]:
        """Sort key: the greater wins."""
        return (
            self.rank > RANK_PLACE,
            self.entry.is_extra,
            self.rank,
            self.closeness,
            self.entry.conditions,
            self.entry.confidence,
        )


class Question(NamedTuple):
    """An observation with everything that conditions ask for."""

    observation: Observation
    catalog: Catalog
    phase: str = "TESTING"
    component: str = ""


class Verdict(NamedTuple):
    """The winner.

    Args:
        match: The match that wins; None when nothing matches.
        subjects: The exceptions that were looked at.
        is_assertion: A failing assertion was seen.
    """

    match: Match | None
    subjects: tuple[Subject, ...]
    is_assertion: bool


def find_match(question: Question) -> Verdict:
    """Return the entry that says most about an observation."""
    observation = question.observation
    chain, text = observation.exceptions, ""
    if not chain:
        text = printed_text(observation)
        chain = raised_in_text(text)
    subjects = tuple(subject_of(raised, position) for position, raised in enumerate(chain))
    winners = [_best_of_branch(question, branch) for branch in _branches(subjects)]
    best, is_assertion = _of_branches(winners)
    rivals = [best] if best else []
    if text:
        printed = list(_of_text(question, text))
        is_assertion = is_assertion or any(one.entry.is_assertion for one in printed)
        rivals += printed
    rivals += _of_process(question)
    if is_assertion:
        rivals = [one for one in rivals if not one.entry.is_infra]
    if not rivals:
        rivals = list(_of_place(question, subjects, is_assertion))
    return Verdict(_strongest(rivals), subjects, is_assertion)


def _branches(subjects: tuple[Subject, ...]) -> list[list[Subject]]:
    """Return the members of an exception group each with its own chain, or the one chain."""
    branches: list[list[Subject]] = [[]]
    for subject in subjects:
        if subject.raised.link == "group":
            branches.append([])
        branches[-1].append(subject)
    return branches[1:] if len(branches) > 1 else branches


def _of_branches(winners: list[tuple[Match | None, bool]]) -> tuple[Match | None, bool]:
    """Return the match of a group: about infrastructure only when all of its members are."""
    is_assertion = any(one[1] for one in winners)
    matches = [one[0] for one in winners]
    if not all(one and one.entry.is_infra for one in matches):
        matches = [one for one in matches if one and not one.entry.is_infra]
    return _strongest([one for one in matches if one]), is_assertion


def _best_of_branch(question: Question, branch: list[Subject]) -> tuple[Match | None, bool]:
    """Return the best match along one chain, and whether it is a failing assertion."""
    if not branch:
        return None, False
    head = _of_exception(question, branch[0], "head")
    if any(one.entry.is_assertion for one in head):
        return _strongest([one for one in head if not one.entry.is_infra]), True
    bests = [_strongest(head)]
    reach = "head"
    for subject in branch[1:]:
        reach = max(reach, subject.raised.link or "cause", key=REACHES.index)
        bests.append(_strongest(_of_exception(question, subject, reach)))
    found = [one for one in bests if one]
    symptoms = [one for one in found if one.entry.is_infra]
    return _strongest(symptoms or found), False


def _of_exception(question: Question, subject: Subject, reach: str) -> list[Match]:
    """Return the matches of one exception, which is `reach` deep in its chain."""
    raised, catalog = subject.raised, question.catalog
    found = []
    for entry, pattern, closeness in catalog.rules_for_type(raised.type):
        if pattern and not pattern.is_in(raised.message, subject.lowered):
            continue
        if _may_match(question, entry, subject, reach):
            rank = RANK_PAIR if pattern else RANK_TYPE
            found.append(Match(entry, rank, closeness, subject))
    if any(one.entry.is_assertion for one in found):
        return found
    rules = catalog.extra_patterns if found else _all_patterns(catalog)
    for entry, _ in _patterns_in(rules, raised.message, subject.lowered):
        if _may_match(question, entry, subject, reach):
            found.append(Match(entry, RANK_PATTERN, 0, subject))
    return found


def _may_match(question: Question, entry: Entry, subject: Subject, reach: str) -> bool:
    if REACHES.index(reach) > REACHES.index(entry.reach):
        return False
    if subject.is_simulated and entry.is_infra:
        return False
    return _holds(question, entry, subject) and not any(
        one.is_in(subject.raised.message, subject.lowered) for one in entry.excluded
    )


def _of_text(question: Question, text: str) -> Iterator[Match]:
    """Yield the matches of what a command or pytest printed."""
    lowered = text.lower()
    for entry, _ in _patterns_in(_all_patterns(question.catalog), text, lowered):
        is_excluded = any(one.is_in(text, lowered) for one in entry.excluded)
        if not is_excluded and _holds(question, entry, None):
            yield Match(entry, RANK_PATTERN)


def _of_process(question: Question) -> Iterator[Match]:
    """Yield the matches of the way in which a process ended."""
    observation = question.observation
    signal = signal_of(observation)
    if not signal and observation.exit_status is None:
        return
    for entry in question.catalog.process_entries:
        is_named = signal in entry.signals or observation.exit_status in entry.exit_codes
        if is_named and _holds(question, entry, None):
            yield Match(entry, RANK_PROCESS)


def _of_place(
    question: Question, subjects: tuple[Subject, ...], is_assertion: bool
) -> Iterator[Match]:
    """Yield the entries whose conditions alone hold."""
    head = subjects[0] if subjects else None
    for entry in question.catalog.place_entries:
        if not (is_assertion and entry.is_infra) and _holds(question, entry, head):
            yield Match(entry, RANK_PLACE, 0, head)


def _all_patterns(catalog: Catalog) -> list[PatternRule]:
    return catalog.extra_patterns + catalog.shipped_patterns


def _patterns_in(rules: Iterable[PatternRule], text: str, lowered: str) -> Iterator[PatternRule]:
    for rule in rules:
        if rule.pattern.literal in lowered and rule.pattern.is_in(text, lowered):
            yield rule


def _holds(question: Question, entry: Entry, subject: Subject | None) -> bool:
    """Whether every condition of an entry holds."""
    observation = question.observation
    if observation.outcome not in entry.outcomes:
        return False
    if entry.when:
        if observation.when not in entry.when:
            return False
    elif observation.when == "session" and not entry.is_infra and not entry.is_extra:
        # What goes wrong in the session is no test's: only entries that name it speak of it.
        return False
    if entry.phases and question.phase not in entry.phases:
        return False
    if entry.components and question.component not in entry.components:
        return False
    if entry.markers and entry.markers.isdisjoint(observation.markers):
        return False
    if entry.tools and entry.tools.isdisjoint(_words(observation)):
        return False
    return _holds_for_frames(question, entry, subject)


def _holds_for_frames(question: Question, entry: Entry, subject: Subject | None) -> bool:
    if entry.frames and (subject.place if subject else "none") not in entry.frames:
        return False
    if entry.raised_in and not (subject and subject.innermost.endswith(entry.raised_in)):
        return False
    if entry.missing_module:
        raised = subject.raised if subject else Raised("", "")
        packages = question.catalog.project_packages
        return owner_of_missing_module(raised, question.observation, packages) == (
            entry.missing_module
        )
    return True


def _words(observation: Observation) -> set[str]:
    """Return the words of a command line, programs without their folder."""
    if observation.source != "command":
        return set()
    words = observation.nodeid.split()
    return {word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe") for word in words}


def _strongest(matches: list[Match]) -> Match | None:
    """Return the strongest match; of equals the last, which is the innermost."""
    best: Match | None = None
    for one in matches:
        if best is None or one.strength >= best.strength:
            best = one
    return best
