"""Which entries of the catalog match an observation, and which of them wins; `classify` calls it.

The order, strongest first:

1. what somebody said about the project: its own entries, before the shipped ones;
2. a type together with a text; the way a process ended; a type; a text;
3. the place where it failed, and other conditions without evidence.

Among equals the closer type wins, then what the error line of a log itself says, then the entry
with more conditions; a text that only tells that something failed wins over no other. Along a
chain of exceptions a symptom of the infrastructure wins over whatever was raised because of it,
the innermost and the database's first (C-14); nothing about infrastructure wins over a failing
assertion, but for an exception that the asserted value itself shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_failtrack.classify.catalog import PatternRule
from pytest_failtrack.classify.conditions import Question, holds
from pytest_failtrack.classify.entry import REACHES, Entry
from pytest_failtrack.classify.facts import (
    Subject,
    error_line_of,
    is_own_judgement,
    printed_text,
    raised_in_text,
    signal_of,
    subject_of,
    with_printed_frames,
)
from pytest_failtrack.classify.sieve import Sieve
from pytest_failtrack.classify.taxonomy import FailureType
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.asserted import with_death, with_shown

RANK_PAIR = 5
RANK_PROCESS = 4
RANK_TYPE = 3
RANK_PATTERN = 2
RANK_PLACE = 1

TELLING = 0.5
"""Under this confidence a text only tells that something failed, as "make failed" does."""

SURE_CAUSE = 0.6
"""From this confidence on, what an assertion was raised from says more than the assertion."""

MISTAKES = frozenset({"NameError", "TypeError", "KeyError", "IndexError", "ZeroDivisionError"})
"""What only wrong code raises: that it was handling a failure of the network excuses nothing.

Not AttributeError and UnboundLocalError: `finally: connection.close()` raises them of a connection
that never came.
"""

CRASHES = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"})
"""Signals with which a process ends itself, whatever brought it to that."""

_ASSERTS = lazily(r"assert|\bexpect(?:\(|ed\b)", re.IGNORECASE)
DATABASE = FailureType.DATABASE_CONNECTIVITY.value


class Match(NamedTuple):
    """An entry that matches.

    Args:
        entry: The entry.
        rank: Kind of evidence, one of the `RANK_...` numbers.
        closeness: 3 exactly the type, 2 its name in its package, 1 its name anywhere, 0 no type.
        subject: The exception that matches, None when it is none.
        is_in_error_line: The error line of a command or log matches, not only what is around it.
    """

    entry: Entry
    rank: int
    closeness: int = 0
    subject: Subject | None = None
    is_in_error_line: bool = False

    @property
    def strength(self) -> tuple[bool, bool, int, int, bool, bool, int, float]:
        """Sort key: the greater wins."""
        is_telling = self.rank != RANK_PATTERN or self.entry.confidence >= TELLING
        return (
            self.rank > RANK_PLACE,
            self.entry.is_extra,
            self.rank,
            self.closeness,
            is_telling,
            is_telling and self.is_in_error_line,
            self.entry.conditions,
            self.entry.confidence,
        )


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
    chain, text, line = with_death(with_shown(observation.exceptions)), "", ""
    if not chain:
        text, line = printed_text(observation), error_line_of(observation)
        chain = raised_in_text(line) or raised_in_text(text)
        chain = tuple(with_printed_frames(one, text) for one in chain)
    subjects = tuple(
        subject_of(raised, position, observation) for position, raised in enumerate(chain)
    )
    best, is_assertion = _of_chain(question, subjects)
    rivals = [best] if best else []
    if text:
        printed = list(_of_text(question, text, line))
        is_assertion = is_assertion or any(one.entry.is_assertion for one in printed)
        rivals += printed
    rivals += _of_process(question)
    if any(one.entry.is_infra and one.is_in_error_line for one in rivals):
        # Why it ended says more than how: node aborts when its memory is used up.
        rivals = [one for one in rivals if one.rank != RANK_PROCESS or _is_from_outside(one.entry)]
    if is_assertion and not _blames_surroundings(rivals, text, line):
        is_shown = _is_shown(question, chain)
        rivals = [one for one in rivals if not one.entry.is_infra or (is_shown and one is best)]
    if not rivals:
        rivals = list(_of_place(question, subjects, is_assertion, is_silent=not line))
    return Verdict(_strongest(rivals), subjects, is_assertion)


def _is_from_outside(entry: Entry) -> bool:
    """Whether the surroundings ended a process, and not the process itself."""
    return entry.is_infra and entry.signals.isdisjoint(CRASHES)


def every_match(question: Question, verdict: Verdict) -> list[Match]:
    """Return all entries that match in any way, the strongest match of each, for explanations.

    Also those that the rules about chains and assertions keep from winning.
    """
    observation = question.observation
    found: list[Match] = []
    for subject in verdict.subjects:
        found += _of_exception(question, subject, REACHES[0])
    if not observation.exceptions:
        found += _of_text(question, printed_text(observation), error_line_of(observation))
    found += _of_process(question)
    is_silent = not error_line_of(observation)
    found += _of_place(question, verdict.subjects, is_assertion=False, is_silent=is_silent)
    best: dict[str, Match] = {}
    for one in found:
        known = best.get(one.entry.id)
        if known is None or one.strength > known.strength:
            best[one.entry.id] = one
    return sorted(best.values(), key=lambda one: one.strength, reverse=True)


def reach_of(subjects: tuple[Subject, ...], position: int) -> str:
    """Return how deep in its chain an exception is: `head`, `cause` or `context`."""
    reach = REACHES[0]
    for subject in subjects[1 : position + 1]:
        link = subject.raised.link or "cause"
        reach = REACHES[0] if link == "group" else max(reach, link, key=REACHES.index)
    return reach


def _of_chain(question: Question, subjects: tuple[Subject, ...]) -> tuple[Match | None, bool]:
    """Return the best match of all exceptions, and whether there is a failing assertion.

    The members of an exception group have a chain each, and the group is about infrastructure only
    when all of its members are.
    """
    chains: list[list[Subject]] = [[]]
    for subject in subjects:
        if subject.raised.link == "group":
            chains.append([])
        chains[-1].append(subject)
    trunk, *members = chains
    if not members:
        return _best_of_chain(question, trunk)
    winners = [_best_of_chain(question, one) for one in members]
    is_assertion = any(one[1] for one in winners) or _best_of_chain(question, trunk[:1])[1]
    matches = [match for match, _ in winners if match]
    is_all_infra = len(matches) == len(members) and all(one.entry.is_infra for one in matches)
    if is_assertion or not is_all_infra:
        matches = [one for one in matches if not one.entry.is_infra]
    return _strongest(matches), is_assertion


def _best_of_chain(question: Question, chain: list[Subject]) -> tuple[Match | None, bool]:
    """Return the best match along one chain, and whether it is a failing assertion."""
    if not chain:
        return None, False
    head = _of_exception(question, chain[0], "head")
    if any(one.entry.is_assertion for one in head):
        best = _strongest([one for one in head if not one.entry.is_infra])
        return _surer(best, _known_cause(question, chain)), True
    bests = [_strongest(head)]
    reach = "head"
    for subject in chain[1:]:
        reach = max(reach, subject.raised.link or "cause", key=REACHES.index)
        if reach == "context" and chain[0].raised.type in MISTAKES:
            break
        bests.append(_strongest(_of_exception(question, subject, reach)))
    found = [one for one in bests if one]
    return _strongest_symptom(found) or _strongest(found), False


def _is_shown(question: Question, chain: Sequence[object]) -> bool:
    """Whether the end of a chain was not raised, but is what an assertion shows."""
    return len(chain) > len(question.observation.exceptions) > 0


def _known_cause(question: Question, chain: list[Subject]) -> Match | None:
    """Return what an assertion was raised from, as `click.testing` and `raise ... from` tell.

    Infrastructure only counts where the asserted value shows its exception: who raises an
    assertion from one has judged it.
    """
    found: list[Match] = []
    for subject in chain[1:]:
        if subject.raised.link != "cause":
            break
        found += _of_exception(question, subject, "cause")
    is_shown = _is_shown(question, chain)
    return _strongest([one for one in found if is_shown or not one.entry.is_infra])


def _surer(assertion: Match | None, cause: Match | None) -> Match | None:
    """Return the cause of a failing assertion where it says more than that it failed."""
    if assertion is None or cause is None or assertion.entry.is_extra:
        return assertion or cause
    return cause if cause.entry.confidence >= SURE_CAUSE else assertion


def _strongest_symptom(found: list[Match]) -> Match | None:
    """Return the match that tells most about the infrastructure; of equals the innermost."""
    symptoms = [one for one in reversed(found) if one.entry.is_infra]
    of_database = [one for one in symptoms if one.entry.failure_type == DATABASE]
    return _strongest(of_database or symptoms)


def _of_exception(question: Question, subject: Subject, reach: str) -> list[Match]:
    """Return the matches of one exception, which is `reach` deep in its chain."""
    raised, catalog, lowered = subject.raised, question.catalog, subject.lowered
    found = []
    rules = catalog.rules_for_type(raised.type).candidates(lowered)
    is_own = bool(rules) and is_own_judgement(
        subject, question.observation, catalog.project_packages
    )
    for entry, pattern, closeness in rules:
        if pattern and not pattern.occurs(subject.said, lowered):
            continue
        if is_own and not (pattern or entry.is_assertion or entry.is_extra):
            continue
        if _may_match(question, entry, subject, reach):
            rank = RANK_PAIR if pattern else RANK_TYPE
            found.append(Match(entry, rank, closeness, subject))
    if any(one.entry.is_assertion for one in found):
        return found
    patterns = catalog.extra_patterns if found else catalog.patterns
    for entry in _entries_in(patterns, raised.message, lowered):
        if _may_match(question, entry, subject, reach):
            found.append(Match(entry, RANK_PATTERN, 0, subject))
    return found


def _may_match(question: Question, entry: Entry, subject: Subject, reach: str) -> bool:
    if REACHES.index(reach) > REACHES.index(entry.reach):
        return False
    if subject.is_simulated and entry.is_infra:
        return False
    return holds(question, entry, subject) and not any(
        one.is_in(subject.raised.message, subject.lowered) for one in entry.excluded
    )


def _blames_surroundings(rivals: list[Match], text: str, line: str) -> bool:
    """Whether tests that a command ran failed on the surroundings, and on nothing else.

    It is never retried all the same: nobody saw how each of the tests ended.
    """
    if not line or _ASSERTS.search(text):
        return False
    raised = [one for one in rivals if one.subject and one.subject.raised.message in line]
    said = [*raised, *(one for one in rivals if one.is_in_error_line)]
    best = _strongest([one for one in said if not one.entry.is_assertion])
    return best is not None and best.entry.is_infra


def _of_text(question: Question, text: str, line: str) -> Iterator[Match]:
    """Yield the matches of what a command or pytest printed, and among them of its error line."""
    in_line = {one.id for one in _entries_in(question.catalog.patterns, line, line.lower())}
    lowered = text.lower()
    for entry in _entries_in(question.catalog.patterns, text, lowered):
        is_excluded = any(one.is_in(text, lowered) for one in entry.excluded)
        if not is_excluded and holds(question, entry, None):
            yield Match(entry, RANK_PATTERN, is_in_error_line=entry.id in in_line)


def _of_process(question: Question) -> Iterator[Match]:
    """Yield the matches of the way in which a process ended."""
    observation = question.observation
    signal = signal_of(observation)
    if not signal and observation.exit_status is None:
        return
    # Exit statuses have their meaning by convention among programs, not inside of a suite.
    status = observation.exit_status if observation.source == "command" else None
    for entry in question.catalog.process_entries:
        is_named = signal in entry.signals or status in entry.exit_codes
        if is_named and holds(question, entry, None):
            yield Match(entry, RANK_PROCESS)


def _of_place(
    question: Question, subjects: tuple[Subject, ...], is_assertion: bool, *, is_silent: bool
) -> Iterator[Match]:
    """Yield the entries whose conditions alone hold.

    A command that ended without a word is not judged by its name.
    """
    head = _first_raised(subjects)
    for entry in question.catalog.place_entries:
        if is_silent and entry.tools and not entry.is_extra:
            continue
        if not (is_assertion and entry.is_infra) and holds(question, entry, head):
            yield Match(entry, RANK_PLACE, 0, head)


def _first_raised(subjects: tuple[Subject, ...]) -> Subject | None:
    """Return the exception whose place counts: of a group its first member that is none."""
    for subject in subjects:
        if subject.raised.link == "group" and not subject.raised.type.endswith("ExceptionGroup"):
            return subject
    return subjects[0] if subjects else None


def _entries_in(rules: Sieve[PatternRule], text: str, lowered: str) -> Iterator[Entry]:
    """Yield the entries one of whose patterns occurs in a text."""
    for entry, pattern in rules.candidates(lowered):
        if pattern.occurs(text, lowered):
            yield entry


def _strongest(matches: list[Match]) -> Match | None:
    """Return the strongest match; of equals the first."""
    if len(matches) < 2:
        return matches[0] if matches else None
    return max(matches, key=lambda one: one.strength)
