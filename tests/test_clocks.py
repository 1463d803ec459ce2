"""Clocks that disagree by more than a bound are recorded and shown (S3-82)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from pytest_failtrack.clocks import note_clocks
from pytest_failtrack.history.performance import events_since
from pytest_failtrack.history.store import History
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.skew import BOUND, Skew, ahead_of, moments_of_ci

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
LATER = NOW + timedelta(hours=2, minutes=5)


def seen(at: datetime | str, source: str = "junit") -> Observation:
    text = at if isinstance(at, str) else at.isoformat()
    return Observation(source=source, when="call", nodeid="t", outcome="failed", timestamp=text)


class TestSkew:
    def test_is_what_happened_after_it_was_heard_of(self) -> None:
        assert ahead_of([("junit", LATER)], NOW) == [Skew("junit", LATER, NOW)]
        assert Skew("junit", LATER, NOW).seconds == 7_500

    @pytest.mark.parametrize(
        "moment",
        [NOW, NOW + BOUND, NOW - timedelta(days=400)],
        ids=["now", "within the bound", "long ago"],
    )
    def test_is_not_what_was_heard_of_late(self, moment: datetime) -> None:
        assert ahead_of([("junit", moment)], NOW) == []

    def test_of_each_clock_the_worst_counts(self) -> None:
        said = [("a", LATER), ("a", LATER + timedelta(hours=1)), ("b", LATER), ("c", NOW)]

        found = ahead_of(said, NOW)

        assert [(one.source, one.seconds) for one in found] == [("a", 11_100), ("b", 7_500)]


class TestMomentsOfCi:
    def test_of_gitlab(self) -> None:
        environ = {"CI_JOB_STARTED_AT": "2026-11-22T12:00:00Z", "CI_PIPELINE_CREATED_AT": "soon"}

        assert list(moments_of_ci(environ)) == [("CI_JOB_STARTED_AT", NOW)]

    def test_of_the_event_of_github(self, tmp_path: Path) -> None:
        event = {
            "pull_request": {"updated_at": "2026-11-22T12:00:00Z"},
            "repository": {"pushed_at": NOW.timestamp()},
            "workflow_run": None,
        }
        (tmp_path / "event.json").write_text(json.dumps(event))

        found = dict(moments_of_ci({"GITHUB_EVENT_PATH": str(tmp_path / "event.json")}))

        assert found == {
            "GITHUB_EVENT_PATH pull_request.updated_at": NOW,
            "GITHUB_EVENT_PATH repository.pushed_at": NOW,
        }

    @pytest.mark.parametrize(
        "content",
        ["", "{", "[]", "7", '{"repository": []}', '{"repository": {"pushed_at": 1e400}}'],
    )
    def test_of_an_event_that_is_none(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "event.json").write_text(content)

        assert list(moments_of_ci({"GITHUB_EVENT_PATH": str(tmp_path / "event.json")})) == []

    def test_of_an_event_that_is_not_there(self, tmp_path: Path) -> None:
        assert list(moments_of_ci({"GITHUB_EVENT_PATH": str(tmp_path)})) == []


class TestEvents:
    @pytest.fixture(params=["sqlite", "postgresql"])
    def history(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
        shared = request.param == "postgresql"
        url = request.getfixturevalue("postgres_url") if shared else ""
        with History(tmp_path / "h.sqlite", shared=url, tenant="o/r" if shared else "") as held:
            yield held

    def test_are_kept_and_told(self, history: History) -> None:
        told = note_clocks(history, [seen(LATER)], is_shared=False, environ={}, now=NOW)

        ((event),) = history.ask(lambda one: events_since(one, NOW - timedelta(days=1)))
        assert (event.kind, event.at) == ("clock-skew", NOW)
        assert (event.detail["source"], event.detail["seconds"]) == ("junit", 7_500)
        assert told == [
            "clocks disagree: junit says 2026-11-22T14:05:00Z, 2 h 5 min ahead of the clock of "
            "this machine; the order of occurrences and deadlines follow what each said"
        ]

    def test_of_clocks_that_agree_there_are_none(self, history: History) -> None:
        observations = [seen(NOW), seen("nonsense"), seen("")]

        assert note_clocks(history, observations, is_shared=False, environ={}, now=NOW) == []
        assert history.ask(lambda one: events_since(one, NOW - timedelta(days=1))) == []

    def test_the_clock_of_a_shared_history_is_asked(
        self, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with History(tmp_path / "h.sqlite", shared=postgres_url, tenant="o/r") as history:
            assert note_clocks(history, [], is_shared=True, environ={}) == []

            monkeypatch.setattr("pytest_failtrack.clocks.BOUND", timedelta(seconds=-3_600))
            ((told),) = note_clocks(history, [], is_shared=True, environ={})

        assert told.startswith("clocks disagree: database says")

    def test_a_history_that_is_down_ends_nothing(self, tmp_path: Path) -> None:
        url = "postgresql://nobody@127.0.0.1:1/none"
        (tmp_path / "h").write_text("no index")
        with History(tmp_path / "h" / "x.sqlite", shared=url, tenant="o/r") as history:
            told = note_clocks(history, [seen(LATER)], is_shared=True, environ={}, now=NOW)

        assert len(told) == 1
