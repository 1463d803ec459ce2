"""`failtrack aggregate`: what no entry knew becomes candidates for the catalog (S2-49..59)."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import Project

from inner import HANGS_AFTER_SECONDS
from pytest_failtrack import match_and_persist, update_recovery_status
from pytest_failtrack.aggregate import OUTPUT
from pytest_failtrack.matching import _DESKS

# S2-56, S2-57, and a ready entry for each.
DOCUMENT_KEYS = ["generated_at", "pattern_count", "patterns"]
PATTERN_KEYS = [
    *("signature", "primary_error_code", "total_occurrences", "suggested_category"),
    *("suggested_recovery", "examples", "catalog_entry"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def project(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Project]:
    made = Project(tmp_path, monkeypatch, capfd)
    if request.param == "postgresql":
        monkeypatch.setenv("FAILTRACK_HISTORY", request.getfixturevalue("postgres_url"))
    yield made
    _DESKS.close()


def tell(code: str, said: str = "", times: int = 1) -> list[str]:
    """Tell of an error as a program does; a number stands for `{}`."""
    results = (
        match_and_persist(code, f"run-{n}", error_message=said.replace("{}", str(n)))
        for n in range(times)
    )
    return [str(one.failure_match_id) for one in results]


def written(project: Project, *arguments: str) -> dict[str, Any]:
    result = project.run("aggregate", *arguments)
    assert result.code == 0, result.err
    document: dict[str, Any] = json.loads((project.root / OUTPUT).read_text())
    return document


class TestDocument:
    def test_has_the_keys_of_the_source(self, project: Project) -> None:
        """S2-55..58, with the source's own example."""
        ids = tell("HTTP_CUSTOM_ERROR", "shard {} is busy", 47)
        for one in ids[:10]:
            update_recovery_status(one, True)

        document = written(project)

        assert list(document) == DOCUMENT_KEYS
        ((only),) = document["patterns"]
        assert list(only) == PATTERN_KEYS
        assert document["pattern_count"] == 1
        assert only["primary_error_code"] == "HTTP_CUSTOM_ERROR"
        assert only["total_occurrences"] == 47
        assert (only["suggested_category"], only["suggested_recovery"]) == (
            *("TRANSIENT", "RETRY_EXPONENTIAL"),
        )
        assert {one["failure_match_id"] for one in only["examples"]} < set(ids)

    def test_of_nothing_is_written_too(self, project: Project) -> None:
        """S2-85: the file exists."""
        match_and_persist("HTTP_429", "r")

        assert written(project)["patterns"] == []

    def test_what_came_less_often_is_left_out(self, project: Project) -> None:
        """S2-52"""
        tell("CODE_RARE", "once", 4)
        tell("CODE_OFTEN", "again", 5)

        assert [one["primary_error_code"] for one in written(project)["patterns"]] == ["CODE_OFTEN"]
        assert written(project, "--min-occurrences", "4")["pattern_count"] == 2

    def test_printed_as_json_it_is_what_is_written(self, project: Project) -> None:
        """S2-53, S2-54"""
        tell("CODE_OFTEN", "again", 5)

        result = project.run("aggregate", "--json", "--output", "deep/down/patterns.json")

        assert result.code == 0
        assert json.loads(result.out) == json.loads(
            (project.root / "deep/down/patterns.json").read_text()
        )

    def test_failures_of_commands_and_errors_of_programs_are_one_pattern(
        self, project: Project
    ) -> None:
        for n in range(3):
            log = project.root / f"{n}.log"
            log.write_text(f"frobnicator error: gizmo {n} refuses to spin\n")
            given = ("--exit-status", "1", "--build", f"b{n}")
            assert project.run("ingest", log.name, *given).code == 0

        ((only),) = written(project, "--min-occurrences", "3")["patterns"]

        assert only["total_occurrences"] == 3
        assert "gizmo" in only["examples"][0]["error_message"]


class TestEntry:
    def test_is_taken_by_catalog_add_after_review(self, project: Project) -> None:
        tell("HTTP_CUSTOM_ERROR", "shard {} is temporarily unavailable", 5)
        tell("QUUX_FAILED", "flux {} is out of phase", 5)
        for one in written(project)["patterns"]:
            words = shlex.split(one["catalog_entry"]["command"])
            added = project.run(*words[1:])
            assert added.code == 0, added.err

        assert project.run("catalog", "test").code == 0
        _DESKS.close()  # a program reads the catalog once
        found = match_and_persist(
            "HTTP_CUSTOM_ERROR", "r", error_message="shard 99 is temporarily unavailable"
        )
        assert (found.catalog_entry_id, found.is_retryable) == ("http-custom-error", True)

    def test_once_taken_the_pattern_is_no_candidate_any_more(self, project: Project) -> None:
        tell("QUUX_FAILED", "flux {} is out of phase", 5)
        ((only),) = written(project)["patterns"]
        project.run(*shlex.split(only["catalog_entry"]["command"])[1:])

        assert written(project)["patterns"] == []


class TestCommand:
    def test_runs_as_a_module(self, project: Project) -> None:
        """S2-50"""
        tell("CODE_OFTEN", "again", 5)

        done = subprocess.run(
            [sys.executable, "-m", "pytest_failtrack.aggregate", "--days", "14", "--json"],
            capture_output=True,
            text=True,
        )

        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["pattern_count"] == 1

    def test_says_what_to_do(self, project: Project) -> None:
        tell("CODE_OFTEN", "again {}", 5)

        lines = project.run("aggregate").out.splitlines()

        assert lines[0] == f"5 errors in 14 days that no entry knew: 1 pattern, written to {OUTPUT}"
        assert lines[4].startswith("  failtrack catalog add --id code-often --title")

    @pytest.mark.parametrize(
        "given",
        [["--days", "0"], ["--min-occurrences", "0"], ["--days", "many"], ["--output", "."]],
        ids=" ".join,
    )
    def test_refuses_what_it_cannot_use(self, project: Project, given: list[str]) -> None:
        assert project.run("aggregate", *given).code == 2

    def test_an_output_that_cannot_be_written_is_an_error(self, project: Project) -> None:
        (project.root / "taken").write_text("")

        result = project.run("aggregate", "--output", "taken/patterns.json")

        assert result.code == 3
        assert "cannot write" in result.err

    @pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")
    def test_what_is_no_file_is_never_replaced(self, project: Project) -> None:
        (project.root / "kept.json").write_text("old")
        (project.root / "link.json").symlink_to("kept.json")
        os.mkfifo(project.root / "pipe")
        with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE, text=True) as reader:
            assert project.run("aggregate", "--output", "pipe").code == 0
            out, _ = reader.communicate(timeout=HANGS_AFTER_SECONDS)
        assert json.loads(out)["pattern_count"] == 0
        assert (project.root / "pipe").is_fifo()

        assert project.run("aggregate", "--output", "link.json").code == 0
        assert (project.root / "link.json").is_symlink()
        assert json.loads((project.root / "kept.json").read_text())["pattern_count"] == 0

    def test_interrupted_it_writes_nothing(self, project: Project) -> None:
        """S3-18: a range is asked about in batches, and can be interrupted between two."""
        code = (
            "import time, pytest_failtrack.history.questions.unknown as q\n"
            "from pytest_failtrack.cli import main\n"
            "import pytest_failtrack.aggregate as a\n"
            "def slow(*_):\n"
            "    print('asked', flush=True)\n"
            "    time.sleep(60)\n"
            "a.unknown_between = slow\n"
            "import sys; sys.argv = ['failtrack', 'aggregate']; main.main()\n"
        )
        tell("CODE_OFTEN", "again", 5)
        with subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "asked\n"
            time.sleep(0.1)
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=HANGS_AFTER_SECONDS)

        assert child.returncode == 130
        assert "stopped after 0 of 5 events; nothing was written" in err
        assert not (project.root / OUTPUT).exists()
