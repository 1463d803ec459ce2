"""Whether a server that a test starts itself has failed behind its answer; assessment.py asks.

The client sees a connection that broke. What broke it is printed by the server's thread, and pytest
keeps it: then it is no matter of the network, and trying again does not help.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.facts import TRACEBACK, raised_in_text, with_printed_frames
from pytest_failtrack.classify.taxonomy import Category, Subcategory
from pytest_failtrack.classify.weighing import because, is_failed_test
from pytest_failtrack.frozen import replaced
from pytest_failtrack.observe.observation import Observation, Raised

ANSWERS = frozenset({"own-server-status", "remote-server-error"})
"""Entries which say that a server had a problem, and not which."""
NETWORK = Subcategory.INFRA_NETWORK.value


def weighed_by_server(
    classification: Classification,
    observation: Observation,
    again: Callable[[Observation], Classification],
) -> Classification:
    """Return what the catalog says of the exception in the test's own server, if there was one.

    Args:
        classification: What it says of the failure that the client saw.
        observation: The failure.
        again: Returns what it says of another observation.
    """
    is_answer = classification.catalog_entry_id in ANSWERS
    if not is_answer and classification.subcategory != NETWORK:
        return classification
    if not is_failed_test(observation):
        return classification
    behind = _behind(observation)
    if behind is None:
        return classification
    answer = again(replaced(observation, exceptions=(behind,), text="", captured={}))
    if answer.category in (Category.INFRA.value, Category.UNKNOWN.value):
        return classification
    seen = observation.exceptions[0].type if observation.exceptions else "the failure"
    name = behind.type.rpartition(".")[2]
    reason = f"{seen} is what a client saw: the server in this test failed with {name}."
    return because(answer, reason)


def _behind(observation: Observation) -> Raised | None:
    """Return the exception whose traceback was captured and whose last own frame is no test's."""
    for text in reversed(list(observation.captured.values())):
        for raised in raised_in_text(text):
            # Only the end of what was captured is kept, and the mark may stand before it.
            whole = text if TRACEBACK in text else f"{TRACEBACK}\n{text}"
            printed = with_printed_frames(raised, whole)
            own = [one for one in printed.frames if one.is_project]
            if own and not own[-1].is_test:
                return printed
    return None
