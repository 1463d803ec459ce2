"""The job summary of GitHub Actions."""

from __future__ import annotations

from pathlib import Path

import pytest
from digests import SHOP, many

from pytest_failtrack.sinks import markdown
from pytest_failtrack.sinks.github_summary import (
    SUMMARY_MAX_BYTES,
    GithubSummarySink,
    sink_for,
)


def test_writes_the_digest_as_markdown(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"

    GithubSummarySink(path).send(SHOP)

    assert path.read_text(encoding="utf-8") == markdown.render(SHOP)


def test_appends_to_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("# Build\n", encoding="utf-8")

    GithubSummarySink(path).send(SHOP)

    assert path.read_text(encoding="utf-8") == "# Build\n\n" + markdown.render(SHOP)


def test_limit_is_a_mebibyte() -> None:
    assert SUMMARY_MAX_BYTES == 1_048_576


@pytest.mark.parametrize("taken", [0, 5_000, 15_000])
def test_whole_file_stays_within_the_limit(tmp_path: Path, taken: int) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * taken)

    GithubSummarySink(path, max_bytes=20_000).send(many(500))

    assert taken < path.stat().st_size <= 20_000
    assert "more: <code>failtrack list</code>" in path.read_text(encoding="utf-8")


def test_full_summary_is_an_error_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * 990)

    with pytest.raises(OSError, match="990 of 1,000 bytes of the summary are taken"):
        GithubSummarySink(path, max_bytes=1_000).send(SHOP)

    assert path.stat().st_size == 990


@pytest.mark.parametrize("environ", [{}, {"GITHUB_STEP_SUMMARY": ""}])
def test_is_absent_outside_of_a_job(environ: dict[str, str]) -> None:
    assert sink_for(environ) is None


def test_is_there_in_a_job(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    sink = sink_for({"GITHUB_STEP_SUMMARY": str(path)})

    assert sink is not None
    sink.send(SHOP)
    assert path.exists()
