"""Why an entry of the catalog won and others that match did not, in sentences for people."""

from __future__ import annotations

from pytest_failtrack.classify import match as matching
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.entry import REACHES
from pytest_failtrack.classify.match import Match, Verdict, every_match, find_match, reach_of
from pytest_failtrack.frozen import frozen

EVIDENCE = {
    matching.RANK_PAIR: "the type of an exception together with its text",
    matching.RANK_PROCESS: "the way the process ended",
    matching.RANK_TYPE: "the type of an exception",
    matching.RANK_PATTERN: "a text",
    matching.RANK_PLACE: "nothing but the place",
}
"""What each kind of evidence is called, the strongest first."""

_CLOSENESS = {
    3: "exactly this type",
    2: "this name in its package",
    1: "this name in any package",
    0: "no type",
}


@frozen
class Loser:
    """An entry that matches and did not win.

    Args:
        match: The match.
        why: The reason, as a sentence.
    """

    match: Match
    why: str


def losers_of(question: Question) -> tuple[Verdict, tuple[Loser, ...]]:
    """Return the verdict about an observation, and the entries that lost, the strongest first."""
    verdict = find_match(question)
    winner = verdict.match
    return verdict, tuple(
        Loser(one, _why_lost(one, winner, verdict))
        for one in every_match(question, verdict)
        if winner is None or one.entry.id != winner.entry.id
    )


def _why_lost(loser: Match, winner: Match | None, verdict: Verdict) -> str:
    entry = loser.entry
    if verdict.is_assertion and entry.is_infra:
        return "An assertion failed, and nothing about infrastructure wins over one."
    if loser.subject is not None:
        reach = reach_of(verdict.subjects, loser.subject.position)
        if REACHES.index(reach) > REACHES.index(entry.reach):
            return f"It looks no deeper into a chain of exceptions than `{entry.reach}`."
    if winner is None:
        return "The rules about exception groups keep it from winning."
    if winner.entry.is_infra and not entry.is_infra and winner.subject is not loser.subject:
        return "What the surroundings did is the cause of what was raised after it."
    return _weaker(loser, winner)


def _weaker(loser: Match, winner: Match) -> str:
    """Return the first point of `Match.strength` in which the loser is behind."""
    if winner.entry.is_extra and not loser.entry.is_extra:
        return "An entry of the project wins over the shipped ones."
    if loser.rank != winner.rank:
        return (
            f"Its evidence is {EVIDENCE[loser.rank]}; that of {winner.entry.id} is"
            f" {EVIDENCE[winner.rank]}, which says more."
        )
    if loser.closeness != winner.closeness:
        return (
            f"It names {_CLOSENESS[loser.closeness]}; {winner.entry.id} names"
            f" {_CLOSENESS[winner.closeness]}."
        )
    if loser.strength[4] < winner.strength[4]:
        return "It only tells that something failed, not what."
    if winner.is_in_error_line and not loser.is_in_error_line:
        return "It is not the error line that it matches, only what stands around it."
    mine, others = loser.entry.conditions, winner.entry.conditions
    if mine != others:
        return f"{winner.entry.id} names more conditions ({others} against {mine})."
    if loser.entry.confidence != winner.entry.confidence:
        return (
            f"{winner.entry.id} is surer"
            f" ({winner.entry.confidence:.2f} against {loser.entry.confidence:.2f})."
        )
    return f"It says as much as {winner.entry.id}, which comes first in the catalog."
