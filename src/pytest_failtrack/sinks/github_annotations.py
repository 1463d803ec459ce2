"""Annotations of GitHub Actions: one `::error` command for each of the first causes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from pytest_failtrack.policy.digest import Cause, Digest
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.plain import plain

# Of the annotations of one step only ten errors are kept, of one job fifty:
# https://docs.github.com/rest/checks/runs and https://github.com/orgs/community/discussions/26680
ERRORS_MAX_PER_STEP = 10
# Checks API: title 255 characters, message 64 KB.
TITLE_MAX_CHARS = 255
MESSAGE_MAX_BYTES = 64 * 1024
NAMES_MAX = 5
LINE_MAX_CHARS = 500

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def commands(digest: Digest, *, max_errors: int = ERRORS_MAX_PER_STEP) -> list[str]:
    """Return at most `max_errors` workflow commands, the most important cause first."""
    causes = digest.failure_causes
    shown = causes[:max_errors]
    left_out = len(causes) - len(shown)
    return [_command(cause, left_out if cause is shown[-1] else 0) for cause in shown]


class GithubAnnotationsSink:
    """Writes the commands to the job's log.

    Args:
        stream: The log; must stand at the start of a line.
    """

    name = "github-annotations"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def send(self, digest: Digest) -> None:
        """Write one line for each annotation, in ASCII-safe encoding where the stream asks."""
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        for line in commands(digest):
            safe = line.encode(encoding, "backslashreplace").decode(encoding)
            self._stream.write(f"{safe}\n")
        self._stream.flush()


def sink_for(environ: Mapping[str, str], stream: TextIO) -> GithubAnnotationsSink | None:
    """Return the sink in a job of GitHub Actions."""
    if environ.get("GITHUB_ACTIONS") != "true":
        return None
    return GithubAnnotationsSink(stream)


def _command(cause: Cause, left_out: int) -> str:
    properties = {}
    if cause.file:
        properties["file"] = plain(cause.file)
        if cause.line:
            properties["line"] = str(cause.line)
    title = f"{wording.tag(cause)} {cause.cause_id} ({wording.size(cause)})"
    properties["title"] = plain(title)[:TITLE_MAX_CHARS]
    written = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::error {written}::{_escaped(_message(cause, left_out), _DATA)}"


def _message(cause: Cause, left_out: int) -> str:
    names = list(cause.nodeids[:NAMES_MAX])
    if len(cause.nodeids) > NAMES_MAX:
        names.append(f"{len(cause.nodeids) - NAMES_MAX:,} more tests")
    lines = [
        cause.headline,
        wording.since(cause),
        wording.escalation(cause),
        wording.retry(cause),
        f"{wording.kind(cause)}, {cause.severity}, {wording.owner(cause)}",
        wording.meaning(cause),
        *names,
        f"and {wording.count(left_out, 'more cause')}: failtrack list" if left_out else "",
    ]
    text = "\n".join(plain(line)[:LINE_MAX_CHARS] for line in lines if line)
    return text.encode()[:MESSAGE_MAX_BYTES].decode(errors="ignore")


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
