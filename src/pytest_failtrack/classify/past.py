"""What earlier runs say about a failing test, and how that weighs; lookback.py asks.

A message seldom tells whether a test is flaky. That it passed on the very same commit does: then
the change is not what made it fail. That it failed there in the same way makes us surer.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pytest_failtrack.classify.classify import Classification, meaning_of
from pytest_failtrack.classify.recovery import suggestion_of
from pytest_failtrack.classify.taxonomy import Category, RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import (
    OPEN_UP_TO,
    because,
    is_failed_test,
    is_open,
    surer,
)
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.observe.observation import Observation

BOTH_WAYS = 0.1
"""Surer that a test is flaky by this when it both passed and failed on the commit before."""
FAILED_AGAIN = 0.1
"""Surer by this when it failed in the same way on the same commit before, and never passed."""
OTHER_ORDER = 0.55
"""How sure it is that the order matters when it passed on the same commit in another one."""
UP_AND_DOWN = 0.55
"""How sure it is that a test is flaky which failed, passed and failed again, build after build."""
TURNS_MIN = 2
"""Of a test that turned from passing to failing this often, and once more each time, we say so."""
OTHERS_MIN = 5
"""Where so many other tests passed on the commit and fail now, it is hardly each by chance."""
COMMIT_CHARS = 7

ORDER_SUGGESTION = "Run the test alone, then {after}; reset what they share in a fixture."
GENERIC = Subcategory.QA_FALSE_NEGATIVE.value
LOCAL_BUILD = "local-"


@frozen
class Sighting:
    """An earlier run on the same commit, as far as it speaks of one test.

    Args:
        build_id: Its build.
        at: When it started, aware.
        is_this_build: It is another attempt or leg of the build that is judged.
        place: Its workflow, job and leg in words, `` for those of the run that is judged.
        order: Options that repeat its order, `` for the order of files.
        workers: Workers that shared its tests, None for none.
        collected: Tests that it collected.
    """

    build_id: str
    at: datetime
    is_this_build: bool = False
    place: str = ""
    order: str = ""
    workers: int | None = None
    collected: int = 0


@frozen
class Past:
    """What earlier runs say of one test.

    Args:
        commit: The commit under test, `` when it is not known.
        here: The run that is judged.
        passed: Runs on this commit in which the test passed, the newest first.
        failed: Runs on this commit in which it failed with this signature, the newest first.
        others: How many other tests that fail now passed on this commit.
        turns: How often it passed and failed the next time, in recent builds of one place.
        builds: The recent builds that this was counted over.
        is_edited: The commit alone is not what was tested, then and now: files are edited.
    """

    commit: str
    here: Sighting
    passed: Sequence[Sighting] = ()
    failed: Sequence[Sighting] = ()
    others: int = 0
    turns: int = 0
    builds: int = 0
    is_edited: bool = False


def weighed_by_commit(
    classification: Classification,
    observation: Observation,
    past: Past,
    as_flaky: Callable[[], Classification],
) -> tuple[Classification, bool]:
    """Return a classification after earlier runs of the same commit had their say.

    Args:
        classification: What the catalog says.
        observation: The failure.
        past: What earlier runs say of its test.
        as_flaky: Returns what the catalog says of it as a flaky test.

    Returns:
        The classification, and whether it is settled: the change under test did not do it.
    """
    if not _is_failing_test(observation):
        return classification, False
    passed = [one for one in past.passed if not one.place]
    failed = [one for one in past.failed if not one.place]
    if passed and _may_be_flaky(classification):
        return _flaky(classification, observation, past, passed, failed, as_flaky()), True
    if passed:
        return because(classification, _passed(past, passed[0]) + "."), False
    if failed and is_open(classification, observation):
        reason = f"It failed in the same way on {_commit(past)} {_when(past, failed[0])}."
        classification = surer(classification, FAILED_AGAIN, reason)
    if past.passed:
        elsewhere = f"It passed on {_commit(past)} {_when(past, past.passed[0])}"
        classification = because(classification, f"{elsewhere}, {past.passed[0].place}.")
    return classification, False


def weighed_by_turns(
    classification: Classification,
    observation: Observation,
    past: Past,
    as_flaky: Callable[[], Classification],
) -> Classification:
    """Return a classification after recent builds had their say: passed, failed, passed, failed.

    The code may have been mended and broken again in between, so that it moves only what is less
    sure than that.
    """
    if past.turns < TURNS_MIN or not _is_failing_test(observation):
        return classification
    reason = (
        f"In the last {past.builds} builds it failed {past.turns} times after it had passed: this"
        " looks flaky."
    )
    if not _may_be_flaky(classification) or classification.confidence >= UP_AND_DOWN:
        return because(classification, reason)
    flaky = as_flaky()
    return _moved(classification, flaky, reason, min(UP_AND_DOWN, flaky.confidence))


def with_order(
    classification: Classification, observation: Observation, past: Past
) -> Classification:
    """Return a classification that says how to repeat the order in which a test failed."""
    order = past.here.order
    is_said = any(order in one for one in classification.reasons)
    if not order or is_said or not _is_failing_test(observation):
        return classification
    if classification.category == Category.INFRA.value:
        return classification
    reason = f"Tests ran in random order: `pytest {order}` repeats it."
    return replaced(classification, reasons=(*classification.reasons, reason))


def ago(span: timedelta) -> str:
    """Return `2 hours ago`."""
    seconds = max(int(span.total_seconds()), 0)
    for name, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        number = seconds // length
        if number:
            return f"{number:,} {name} ago" if number == 1 else f"{number:,} {name}s ago"
    return "a moment ago"


def _is_failing_test(observation: Observation) -> bool:
    return is_failed_test(observation) and "::" in observation.nodeid


def _may_be_flaky(classification: Classification) -> bool:
    return (
        classification.category != Category.INFRA.value
        and classification.confidence <= OPEN_UP_TO
        and classification.failure_type.endswith("test_failure")
    )


def _flaky(
    classification: Classification,
    observation: Observation,
    past: Past,
    passed: Sequence[Sighting],
    failed: Sequence[Sighting],
    flaky: Classification,
) -> Classification:
    alike = next((one for one in passed if _is_like(one, past.here)), None)
    if alike is None and flaky.subcategory == GENERIC:
        return _order_matters(classification, observation, past, passed[0])
    best = alike or passed[0]
    reason = f"{_passed(past, best)}, so the change is not what made it fail."
    if past.others >= OTHERS_MIN:
        reason += f" So did {past.others:,} other tests that fail now: look at what they share."
    if not failed:
        return _moved(classification, flaky, reason, flaky.confidence)
    reason += f" It failed in the same way {_when(past, failed[0])}."
    return _moved(classification, flaky, reason, min(flaky.confidence + BOTH_WAYS, 0.95))


def _order_matters(
    classification: Classification, observation: Observation, past: Past, passed: Sighting
) -> Classification:
    here, after = past.here, "after the one before it"
    reason = f"{_passed(past, passed)}, {_difference(passed, here)}."
    if observation.after:
        reason += f" {observation.after} ran right before it."
        after = f"`pytest {shlex.join([observation.after, observation.nodeid])}`"
    if here.order:
        reason += f" `pytest {here.order}` repeats the order in which it failed."
    mode = RecoveryMode.FIX_TEST
    moved = replaced(
        classification,
        category=Category.INTEGRATION.value,
        subcategory=Subcategory.INTEGRATION_DEPENDENCY_ORDER.value,
        recovery_mode=mode.value,
        recovery_suggestion=suggestion_of(mode, ORDER_SUGGESTION.format(after=after)),
    )
    return _moved(classification, moved, reason, OTHER_ORDER)


def _difference(passed: Sighting, here: Sighting) -> str:
    """Return what is known to have been another order, in words."""
    if passed.collected != here.collected:
        tests = "1 test" if passed.collected == 1 else f"{passed.collected:,} tests"
        return f"in a run of {tests} instead of {here.collected:,}: it may depend on the others"
    if passed.workers != here.workers:
        shown = [
            f"{one} workers" if one else "one process" for one in (passed.workers, here.workers)
        ]
        return f"in {shown[0]} instead of {shown[1]}: what runs beside it may matter"
    return "in another order: it may depend on what ran before it, or on random values"


def _is_like(one: Sighting, other: Sighting) -> bool:
    """Return whether tests ran in the same order; one alone has none, whatever the seed."""
    if (one.workers, one.collected) != (other.workers, other.collected):
        return False
    return one.order == other.order or one.collected == 1


def _moved(
    classification: Classification, to: Classification, reason: str, confidence: float
) -> Classification:
    """Return a classification of another kind; it still is a failure, as severe as before."""
    meaning = meaning_of(to.subcategory)
    moved = because(classification, reason)
    return replaced(
        moved,
        reasons=(*moved.reasons, meaning) if meaning else moved.reasons,
        category=to.category,
        subcategory=to.subcategory,
        confidence=round(confidence, 2),
        match_type="similar" if moved.match_type == "unknown" else moved.match_type,
        recovery_mode=to.recovery_mode,
        recovery_suggestion=to.recovery_suggestion,
        best_guess="",
    )


def _passed(past: Past, sighting: Sighting) -> str:
    return f"It passed on {_commit(past)} {_when(past, sighting)}"


def _commit(past: Past) -> str:
    return "the same files" if past.is_edited else f"the same commit {past.commit[:COMMIT_CHARS]}"


def _when(past: Past, sighting: Sighting) -> str:
    if sighting.is_this_build:
        build = "in another run of this build"
    elif sighting.build_id.startswith(LOCAL_BUILD):
        build = "in an earlier run"
    else:
        build = f"in build {sighting.build_id}"
    return f"{build}, {ago(past.here.at - sighting.at)}"
