"""The job summary of GitHub Actions: the digest is appended to `$GITHUB_STEP_SUMMARY`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.sinks import markdown

# A step whose summary is larger is refused as a whole.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
SUMMARY_MAX_BYTES = 1024 * 1024


class GithubSummarySink:
    """Appends to the summary of the step.

    Args:
        path: The file that `$GITHUB_STEP_SUMMARY` names; it may hold text of others already.
        max_bytes: The destination's limit for the whole file.
    """

    name = "github-summary"

    def __init__(self, path: Path, max_bytes: int = SUMMARY_MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes

    def send(self, digest: Digest) -> None:
        """Append as much of the digest as fits.

        Raises:
            OSError: The file cannot be written, or has no room left even for the headline.
        """
        try:
            taken = self._path.stat().st_size
        except FileNotFoundError:
            taken = 0
        room = self._max_bytes - taken - 1
        text = markdown.render(digest, max_bytes=room)
        if not text:
            raise OSError(f"{taken:,} of {self._max_bytes:,} bytes of the summary are taken")
        with self._path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f"\n{text}" if taken else text)


def sink_for(environ: Mapping[str, str]) -> GithubSummarySink | None:
    """Return the sink in a job of GitHub Actions."""
    path = environ.get("GITHUB_STEP_SUMMARY")
    return GithubSummarySink(Path(path)) if path else None
