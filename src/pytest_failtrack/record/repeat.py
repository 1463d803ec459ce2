"""Whether a failure was there before (C-8, C-34): a pure function of it and earlier occurrences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.record.similar import similarity

REPEAT_WINDOW_DAYS = 90
SIMILARITY_THRESHOLD = 0.8
# One id a build, the newest first; `repeat_count` counts them all.
PREVIOUS_IDS_MAX = 20

ENDED_STATUSES = ("RESOLVED", "PREVENTED")

Novelty = Literal["FIRST", "NEW", "KNOWN", "REPEAT"]


@frozen
class Earlier:
    """What is known of one failure: an earlier one, or the one that is asked about.

    Args:
        failure_id: Id of its record, `` for one that has no record yet.
        build_id: Build in which it occurred.
        timestamp: When, aware, UTC.
        category: Its category.
        subcategory: Its subcategory.
        component: Affected component, `` when it is not known.
        file_path: File where it showed, ``.
        hash: The 12 hex digits of its signature.
        aliases: Digits that it had, or will have, under other versions of normalization.
        token: Stack token, ``.
        status: `OPEN`, `INVESTIGATING`, `RESOLVED`, `PREVENTED`.
        branch: Branch of its run, ``.
        ended: Why an open record is not failing any more: `healed` (its issue was closed),
            `passed` (its test passed later on the same branch), `` while it is failing.
        nodeid: Node id of its test, ``.
        cause_id: 12 hex digits of the cause that it was shown under, `` when it is not known.
        unlisted: Further builds in which its signature was seen and of which nothing else is said.
        ended_alike: `RESOLVED` or `PREVENTED` when a record of its signature is, which need not
            be listed.
    """

    failure_id: str
    build_id: str
    timestamp: datetime
    category: str
    subcategory: str
    component: str
    file_path: str
    hash: str
    aliases: tuple[str, ...] = ()
    token: str = ""
    status: str = "OPEN"
    branch: str = ""
    ended: str = ""
    nodeid: str = ""
    cause_id: str = ""
    unlisted: int = 0
    ended_alike: str = ""

    @property
    def is_failing(self) -> bool:
        """Whether it is open and nothing says that it ended."""
        return self.status not in ENDED_STATUSES and not self.ended

    @property
    def hashes(self) -> frozenset[str]:
        """Its signature under every version of normalization that is known."""
        return frozenset((self.hash, *self.aliases))


@frozen
class Repetition:
    """What history says of one failure.

    Args:
        is_repeat: It occurred in another build within the window, and is not merely KNOWN.
        previous_occurrence_ids: One record for each earlier build, the newest first, at most
            `PREVIOUS_IDS_MAX`.
        repeat_count: Distinct earlier builds within the window; for KNOWN too, where it is
            information and escalates nothing.
        days_since_last_occurrence: Whole days, None when there was none.
        novelty: `FIRST`, `NEW`, `KNOWN` or `REPEAT` (C-34).
        occurrence: 1 for the first build, 2 for the second within the window, ...; 1 for what is
            KNOWN, so that a branch does not escalate what the base branch brought in.
        reopens: Signatures whose records recur that are RESOLVED or PREVENTED, whatever their
            age (S0-110).
        reopened_from: Status of the newest of them, `` when there is none.
        reasons: Why, one sentence each.
    """

    is_repeat: bool = False
    previous_occurrence_ids: tuple[str, ...] = ()
    repeat_count: int = 0
    days_since_last_occurrence: int | None = None
    novelty: Novelty = "FIRST"
    occurrence: int = 1
    reopens: tuple[str, ...] = ()
    reopened_from: str = ""
    reasons: tuple[str, ...] = ()


def find_repetition(
    candidate: Earlier,
    earlier: Iterable[Earlier],
    *,
    now: datetime,
    window_days: int = REPEAT_WINDOW_DAYS,
    has_history: bool = True,
    base_branch: str = "main",
    branch: str = "",
    threshold: float = SIMILARITY_THRESHOLD,
) -> Repetition:
    """Return what earlier occurrences say of a failure.

    Args:
        candidate: The failure that is asked about; its own build never counts.
        earlier: Failures that may be the same, in any order, from any build.
        now: Moment of the question, aware.
        window_days: Days in which a recurrence is a repeat, the last one included (S0-123).
        has_history: Any history was found; without it nothing can be said.
        base_branch: Branch that changes are merged to.
        branch: Branch of this run; where it is `` or the base branch, nothing is KNOWN.
        threshold: Least similarity of two tokens for one cause (S0-121).

    Source: decisions C-8 and C-34; S0-86..89, S0-110, S0-120..128.
    """
    if not has_history:
        return Repetition(novelty="FIRST", reasons=("no history was found",))
    same = _same_failures(candidate, earlier, threshold)
    if not same:
        return Repetition(novelty="NEW", reasons=("history does not hold it",))
    since = now - timedelta(days=window_days)
    recent = [one for one in same if one.timestamp >= since]
    ended = [
        (one.hash, status) for one in same if (status := _end_of(one)) and _is_equal(candidate, one)
    ]
    found = Repetition(
        previous_occurrence_ids=_one_a_build(recent),
        repeat_count=len({one.build_id for one in recent}) + sum(one.unlisted for one in recent),
        days_since_last_occurrence=max((now - same[0].timestamp).days, 0),
        reopens=tuple(dict(ended)),
        reopened_from=ended[0][1] if ended else "",
        reasons=_reasons(candidate, same, recent, window_days),
    )
    return _named(found, recent, base_branch=base_branch, branch=branch)


def is_similar_component(one: Earlier, other: Earlier) -> bool:
    """Return whether two failures are in the same component or area (S0-122).

    Components are alike when they are equal or one lies inside of the other; where one has no
    component, the same file or the same folder below the root decides.
    """
    if one.component and other.component:
        return _is_inside(one.component, other.component)
    if not one.file_path or not other.file_path:
        return not one.file_path and not other.file_path and one.component == other.component
    if one.file_path == other.file_path:
        return True
    folder = one.file_path.rpartition("/")[0]
    return bool(folder) and folder == other.file_path.rpartition("/")[0]


def _end_of(one: Earlier) -> str:
    return one.status if one.status in ENDED_STATUSES else one.ended_alike


def _same_failures(
    candidate: Earlier, earlier: Iterable[Earlier], threshold: float
) -> list[Earlier]:
    """Return the earlier failures that are the same one, the newest first."""
    seen: dict[str, bool] = {}
    same = []
    for one in earlier:
        if one.build_id == candidate.build_id:
            continue
        if _is_equal(candidate, one) or _is_alike(candidate, one, threshold, seen):
            same.append(one)
    same.sort(key=lambda one: (one.timestamp, one.failure_id), reverse=True)
    return same


def _is_equal(candidate: Earlier, one: Earlier) -> bool:
    if candidate.hash == one.hash:
        return True
    if not candidate.aliases and not one.aliases:
        return False
    return not candidate.hashes.isdisjoint(one.hashes)


def _is_alike(candidate: Earlier, one: Earlier, threshold: float, seen: dict[str, bool]) -> bool:
    if candidate.category != one.category or candidate.subcategory != one.subcategory:
        return False
    if not candidate.token or not one.token or not is_similar_component(candidate, one):
        return False
    # The same token comes again with each of its failures; it is compared once.
    answer = seen.get(one.token)
    if answer is None:
        answer = seen[one.token] = similarity(candidate.token, one.token) >= threshold
    return answer


def _is_inside(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return long == short or (long.startswith(short) and long[len(short)] in "/.:")


def _one_a_build(recent: Sequence[Earlier]) -> tuple[str, ...]:
    by_build: dict[str, str] = {}
    for one in recent:
        by_build.setdefault(one.build_id, one.failure_id)
    return tuple(by_build.values())[:PREVIOUS_IDS_MAX]


def _reasons(
    candidate: Earlier, same: Sequence[Earlier], recent: Sequence[Earlier], window_days: int
) -> tuple[str, ...]:
    last = same[0]
    equal = next((one for one in same if _is_equal(candidate, one)), None)
    reasons = []
    if equal is None:
        reasons.append(f"a similar cause was seen before ({last.failure_id})")
    elif equal.hash == candidate.hash:
        reasons.append("an equal signature was seen before")
    else:
        reasons.append(f"the signature {equal.hash} is an alias of it")
    was, is_now = last.category, candidate.category
    if (was, last.subcategory) != (is_now, candidate.subcategory):
        reasons.append(
            f"its category changed: it was {was} / {last.subcategory}, "
            f"it is {is_now} / {candidate.subcategory}"
        )
    if not recent:
        reasons.append(f"it was not seen in the last {window_days} days")
    return tuple(reasons)


def _named(
    found: Repetition, recent: Sequence[Earlier], *, base_branch: str, branch: str
) -> Repetition:
    """Return the same with its word: KNOWN, REPEAT or NEW."""
    if branch and branch != base_branch:
        known = next((one for one in recent if one.branch == base_branch and one.is_failing), None)
        if known is not None:
            reason = f"{known.failure_id} is open on {base_branch}, where it is failing already"
            return replaced(found, novelty="KNOWN", reasons=(*found.reasons, reason))
    if recent:
        return replaced(found, novelty="REPEAT", is_repeat=True, occurrence=found.repeat_count + 1)
    if found.reopens:
        # It had ended and is back: the word is REPEAT, but outside of the window it does not
        # count as one (C-8).
        return replaced(found, novelty="REPEAT")
    return replaced(found, novelty="NEW")
