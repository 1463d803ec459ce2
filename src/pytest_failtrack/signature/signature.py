"""Signatures: twelve hex digits that name the cause of a failure (C-6); made by the pipeline.

The text that is hashed is frozen, to the letter:

    entry  job::step::stack       missing: ?, no-step, no-stack; tokens switched off: stacks-off
    text   entries, each once, sorted, joined with |, as UTF-8
    hash   SHA-256, the first 12 hex digits
    key    workflow|hash

Entries are joined without escaping, as the formula says: a `|` in a job's name stays one. Lone
surrogates, which UTF-8 cannot hold, are written as `\\udc80` before anything is sorted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.signature.rows import NORMALIZATION_VERSION
from pytest_failtrack.signature.token import NO_STACK, TOKEN_MAX_CHARS, tokens_of

SIGNATURE_VERSION = NORMALIZATION_VERSION
HASH_CHARS = 12
NO_NAME = "?"
NO_STEP = "no-step"
STACKS_OFF = "stacks-off"


@frozen
class Entry:
    """One failure of a job, as it enters the hash.

    Args:
        job: Name of the job, without the leg of its matrix; `` becomes `?`.
        step: First failing step; `` becomes `no-step`.
        stack: The token; `` becomes `no-stack`.
    """

    job: str = ""
    step: str = ""
    stack: str = ""

    @property
    def text(self) -> str:
        """The entry in the form that is hashed."""
        text = f"{self.job or NO_NAME}::{self.step or NO_STEP}::{self.stack or NO_STACK}"
        return _storable(text)


@frozen
class Signature:
    """The name of one failure.

    Args:
        workflow: Workflow, `?` when it is not known: a failure on a laptop has none, and then
            every such run shares one key.
        job: Job, or `?`.
        step: Step, or `no-step`.
        token: Token, or `no-stack`, or `stacks-off`.
        hash: 12 hex digits over job, step and token.
        version: Version of the token normalization; never part of the hash.
        aliases: Hashes of the same failure under older versions.
    """

    workflow: str
    job: str
    step: str
    token: str
    hash: str
    version: int = SIGNATURE_VERSION
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`workflow|hash`: one issue each."""
        return f"{self.workflow}|{self.hash}"

    def is_known_as(self, hash_: str) -> bool:
        """Whether the hash names this failure, now or under an older version."""
        return hash_ == self.hash or hash_ in self.aliases


def signature_hash(entries: Iterable[Entry]) -> str:
    """Return the 12 hex digits over a set of entries: one failure, a job's, or a whole run's.

    Args:
        entries: In any order; equal ones count once.
    """
    text = "|".join(sorted({entry.text for entry in entries}))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:HASH_CHARS]


def sign(
    observation: Observation,
    *,
    workflow: str,
    job: str,
    step: str,
    tokens_enabled: bool = True,
    token_max_chars: int = TOKEN_MAX_CHARS,
) -> Signature:
    """Return the signature of one failure.

    Args:
        observation: The failure.
        workflow: Workflow, `` when it is not known.
        job: Job, without the leg of its matrix.
        step: Step that ran it.
        tokens_enabled: False hashes `stacks-off` instead of the token (S4-12).
        token_max_chars: Longest token (S4-13).
    """
    tokens = tokens_of(observation, token_max_chars) if tokens_enabled else (STACKS_OFF,)
    entry = Entry(_storable(job) or NO_NAME, _storable(step) or NO_STEP, tokens[0])
    aliases = [signature_hash((Entry(entry.job, entry.step, old),)) for old in tokens[1:]]
    return Signature(
        workflow=_storable(workflow) or NO_NAME,
        job=entry.job,
        step=entry.step,
        token=entry.stack,
        hash=signature_hash((entry,)),
        aliases=tuple(sorted(aliases)),
    )


def _storable(text: str) -> str:
    """Return text that UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
