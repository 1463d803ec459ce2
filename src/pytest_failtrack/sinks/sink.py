"""What a sink is, which ones there are, and how a digest is delivered to them (by the pipeline)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Protocol, TextIO

from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.sinks.plain import plain

PROBLEM_MAX_CHARS = 300


class Sink(Protocol):
    """One destination of digests; it formats, sends, and knows its destination's limits."""

    @property
    def name(self) -> str:
        """The word by which people know it, such as `github-summary`."""

    def send(self, digest: Digest) -> None:
        """Bring the digest to the destination; whatever it raises is reported by `deliver`."""


@frozen
class Outlets:
    """What sinks are made from.

    Args:
        environ: Environment variables; the CI says in them what it takes.
        stream: Where workflow commands are written; each line must begin at a line's start.
        digest_file: Setting `digest_file`: path of the JSON digest, None when none is wanted.
    """

    environ: Mapping[str, str]
    stream: TextIO
    digest_file: Path | None = None


def _json_digest(outlets: Outlets) -> Sink | None:
    if outlets.digest_file is None:
        return None
    from pytest_failtrack.sinks import json_digest

    return json_digest.sink_for(outlets.digest_file)


def _github_summary(outlets: Outlets) -> Sink | None:
    if "GITHUB_STEP_SUMMARY" not in outlets.environ:
        return None
    from pytest_failtrack.sinks import github_summary

    return github_summary.sink_for(outlets.environ)


def _github_annotations(outlets: Outlets) -> Sink | None:
    if "GITHUB_ACTIONS" not in outlets.environ:
        return None
    from pytest_failtrack.sinks import github_annotations

    return github_annotations.sink_for(outlets.environ, outlets.stream)


# name: makes the sink, or None where its destination is absent; a sink is imported when it is made
SINKS: Mapping[str, Callable[[Outlets], Sink | None]] = {
    "json-digest": _json_digest,
    "github-summary": _github_summary,
    "github-annotations": _github_annotations,
}


def sinks_for(outlets: Outlets) -> tuple[Sink, ...]:
    """Return the sinks whose destinations exist, in the order of the table."""
    made = (make(outlets) for make in SINKS.values())
    return tuple(sink for sink in made if sink is not None)


def deliver(sinks: Iterable[Sink], digest: Digest) -> tuple[str, ...]:
    """Send the digest to every sink; one that fails does not stop the others.

    Args:
        sinks: Destinations, in the order in which they are tried.
        digest: What the run comes to.

    Returns:
        One sentence for each sink that failed, for `Digest.problems` and the terminal.
    """
    problems = []
    for sink in sinks:
        try:
            sink.send(digest)
        # A sink can be a third party's and fail in any way; tracking must go on.
        except Exception as error:
            what = plain(f"{type(error).__name__}: {_message_of(error)}")[:PROBLEM_MAX_CHARS]
            problems.append(f"the sink {sink.name} failed and was left out: {what}")
    return tuple(problems)


def _message_of(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # a broken __str__ must not hide the sink's name
        return "(its message cannot be read)"
