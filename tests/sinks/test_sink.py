"""What holds for every sink: failing, slow or offline, the others and the run go on."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from digests import SHOP

from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.sinks.sink import SINKS, Outlets, Sink, deliver, sinks_for
from pytest_failtrack.sinks.terminal import TerminalSink

IN_GITHUB = {"GITHUB_ACTIONS": "true"}


class RecordingSink:
    """A sink that keeps what it got."""

    name = "recording"

    def __init__(self) -> None:
        self.got: list[Digest] = []

    def send(self, digest: Digest) -> None:
        self.got.append(digest)


class FailingSink:
    """A sink that fails as it is told."""

    name = "failing"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def send(self, digest: Digest) -> None:
        raise self._error


class Unspeakable(Exception):
    """An exception whose text cannot be read."""

    def __str__(self) -> str:
        raise RuntimeError


class TestDeliver:
    def test_brings_the_digest_to_every_sink(self) -> None:
        first, second = RecordingSink(), RecordingSink()

        problems = deliver([first, second], SHOP)

        assert (first.got, second.got, problems) == ([SHOP], [SHOP], ())

    def test_sink_that_fails_is_reported_and_stops_no_other(self) -> None:
        recording = RecordingSink()

        problems = deliver([FailingSink(OSError("no route to host")), recording], SHOP)

        assert recording.got == [SHOP]
        assert problems == ("the sink failing failed and was left out: OSError: no route to host",)

    def test_problem_is_one_bounded_harmless_line(self) -> None:
        (problem,) = deliver([FailingSink(ValueError("a\n\x1b[31mb" * 10_000))], SHOP)

        assert len(problem) < 400
        assert "\n" not in problem
        assert "\x1b" not in problem

    def test_exception_without_a_readable_text_is_reported(self) -> None:
        (problem,) = deliver([FailingSink(Unspeakable())], SHOP)

        assert "Unspeakable" in problem

    def test_interruption_is_not_swallowed(self) -> None:
        with pytest.raises(KeyboardInterrupt):
            deliver([FailingSink(KeyboardInterrupt())], SHOP)


class TestTable:
    def test_makes_the_sinks_whose_destinations_exist(self, tmp_path: Path) -> None:
        environ = {**IN_GITHUB, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        outlets = Outlets(environ, io.StringIO(), tmp_path / "digest.json")

        assert [sink.name for sink in sinks_for(outlets)] == list(SINKS)

    def test_makes_none_on_a_plain_machine(self) -> None:
        assert sinks_for(Outlets({}, io.StringIO())) == ()


class BrokenStream(io.StringIO):
    """A stream whose reader went away."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def unreachable_sinks(folder: Path) -> dict[str, Sink]:
    """Return every sink with a destination that cannot be reached."""
    in_the_way = folder / "file"
    in_the_way.write_text("")
    broken = BrokenStream()
    environ = {**IN_GITHUB, "GITHUB_STEP_SUMMARY": str(in_the_way / "summary.md")}
    outlets = Outlets(environ, broken, in_the_way / "digest.json")
    sinks = {sink.name: sink for sink in sinks_for(outlets)}
    return {**sinks, "terminal": TerminalSink(broken, 80, {})}


@pytest.mark.parametrize("name", [*SINKS, "terminal"])
def test_sink_whose_destination_is_gone_is_reported(name: str, tmp_path: Path) -> None:
    """The suite for every sink: its failure is a sentence with its name."""
    sink = unreachable_sinks(tmp_path)[name]

    (problem,) = deliver([sink], SHOP)

    assert problem.startswith(f"the sink {name} failed and was left out: ")


def working_sinks(folder: Path) -> dict[str, tuple[Sink, Callable[[], str]]]:
    """Return every sink with a way to read what arrived."""
    stream, screen = io.StringIO(), io.StringIO()
    summary, file = folder / "summary.md", folder / "digest.json"
    outlets = Outlets({**IN_GITHUB, "GITHUB_STEP_SUMMARY": str(summary)}, stream, file)
    read: dict[str, Callable[[], str]] = {
        "github-summary": lambda: summary.read_text(encoding="utf-8"),
        "github-annotations": stream.getvalue,
        "json-digest": lambda: file.read_text(encoding="ascii"),
    }
    sinks = {sink.name: (sink, read[sink.name]) for sink in sinks_for(outlets)}
    return {**sinks, "terminal": (TerminalSink(screen, 80, {}), screen.getvalue)}


@pytest.mark.parametrize("name", [*SINKS, "terminal"])
def test_sink_names_every_cause(name: str, tmp_path: Path) -> None:
    sink, read = working_sinks(tmp_path)[name]

    assert deliver([sink], SHOP) == ()

    assert all(cause.cause_id in read() for cause in SHOP.causes)
