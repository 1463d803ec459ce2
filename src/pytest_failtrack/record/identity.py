"""The id of a failure: derived, so that the same failure has one id on every road (C-27)."""

from __future__ import annotations

import json
import uuid

from pytest_failtrack.observe.observation import Observation

# uuid5(NAMESPACE_URL, "https://pytest-failtrack.readthedocs.io/failure-id"), fixed for ever: a
# change of it would give every failure that is already in evidence a second id.
FAILURE_NAMESPACE = uuid.UUID("1a16efb5-95c1-5e89-9146-e814f0c96c69")

# C-27 says "failure or error", which is what JUnit XML says too, so that a failure which comes
# by two roads has one id. An error of teardown can follow one of setup in the same attempt.
KIND_BY_PHASE = {"call": "failure", "command": "failure", "teardown": "error in teardown"}
KIND_BY_OUTCOME = {"debt": "debt", "expired": "debt", "flaky": "flaky"}


def failure_id(
    build: str,
    leg: str,
    what: str,
    kind: str,
    build_attempt: int = 1,
    attempt: int = 1,
    position: int = 0,
) -> str:
    """Return the id of a failure: a UUIDv5 that the same failure gets on every road (C-27).

    Args:
        build: Build id.
        leg: Leg of the matrix, ``.
        what: Node id of the test or collector, or the command.
        kind: What `kind_of` says: `failure` or `error`, by phase.
        build_attempt: Attempt of the build, from 1.
        attempt: Attempt of the test in its session, from 1.
        position: Place among equals, from 0.
    """
    # JSON, since no choice of separator keeps two lists of names apart for certain.
    name = json.dumps([build, leg, what, kind, build_attempt, attempt, position])
    return str(uuid.uuid5(FAILURE_NAMESPACE, name))


def kind_of(observation: Observation) -> str:
    """Return the word for the kind of a failure in its id, by outcome and phase."""
    by_outcome = KIND_BY_OUTCOME.get(observation.outcome)
    if by_outcome is not None:
        return f"{by_outcome}:{observation.subject}" if observation.subject else by_outcome
    return KIND_BY_PHASE.get(observation.when, "error")


class Told:
    """Failures that were told before: what a second kind of source tells is left out (C-27).

    Two files of one kind are two legs of a matrix or two attempts, and both count.
    """

    def __init__(self) -> None:
        self._sources: dict[object, str] = {}

    def is_first(self, observation: Observation, signature_hash: str) -> bool:
        """Return whether no other kind of source has told of this failure."""
        identity = (*place_of(observation), signature_hash)
        return self._sources.setdefault(identity, observation.source) == observation.source


def place_of(observation: Observation) -> tuple[object, ...]:
    """Return what two kinds of sources tell alike of one failure, beside its signature."""
    kind = kind_of(observation)
    return observation.nodeid, kind, observation.attempt, observation.position
