"""The hooks with which others extend failtrack, one sentence each.

An implementation is a plain function of one of these names, in a conftest.py (for pytest runs) or
in a module that a distribution names under the entry-point group `failtrack` (for pytest runs and
for every `failtrack` command). One that raises is reported once and changes nothing else. What may
be answered is checked in classify/amend.py and extensions.py; docs/extending.md describes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pytest_failtrack.observe.observation import Observation
    from pytest_failtrack.policy.digest import Digest

hookspec = pluggy.HookspecMarker("pytest")


@hookspec(firstresult=True)
def pytest_failtrack_classify(observation: Observation) -> Mapping[str, Any] | None:
    """Say what kind of failure this is, before the catalog is asked.

    Args:
        observation: The failure, redacted.

    Returns:
        Fields of a classification: `subcategory` (its category follows), `failure_type`,
        `severity`, `confidence` (0 to 1), `is_retryable`, `recovery_mode`,
        `recovery_suggestion`, `reasons`. Whoever names the kind (one of the first two) speaks for
        the rest as well. None to leave it to the next and to the catalog.
    """


@hookspec(firstresult=True)
def pytest_failtrack_owner(observation: Observation, failure_type: str) -> str | None:
    """Name the owner of a failure, before CODEOWNERS and the matrix are asked.

    Args:
        observation: The failure, redacted.
        failure_type: Its failure type.

    Returns:
        A handle such as `@shop-team`, one line of up to 200 characters, or None.
    """


@hookspec
def pytest_failtrack_redact(text: str) -> str | None:
    """Remove secrets of your own kind from a text, after the built-in rules and before any write.

    Args:
        text: A message, a traceback, captured output, a node id or a file name, bounded.

    Returns:
        The text without them, or None when there is nothing to change. A text is hidden as a
        whole when this raises or answers anything else.
    """


@hookspec
def pytest_failtrack_digest(digest: Digest) -> None:
    """Receive what the run came to, after the records are written.

    Args:
        digest: Causes, debt, totals: the same value that the terminal shows.
    """


@hookspec
def pytest_failtrack_gate_rule(digests: Sequence[Digest]) -> Mapping[str, Any] | None:
    """Judge one build by a rule of your own, beside those of the gate.

    Args:
        digests: One digest a run of the build.

    Returns:
        `name` (str), `passed` (bool), `saw` (str: what it looked at), and `limit` (str: what it
        allows); None when the rule has nothing to say. A rule that raises or gives no clear
        verdict has not passed.
    """
