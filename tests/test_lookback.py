"""What earlier runs say: the run that is judged is never one of them."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pytest_failtrack.config import load
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.judging.lookback import Lookback
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.pipeline import RunSeen, conclude
from pytest_failtrack.run_document import write_run

NOW = datetime(2026, 11, 21, 10, tzinfo=timezone.utc)


class Asked:
    """A history that keeps what it is asked."""

    but = ""

    def runs_of(self, _revision: str, *, but: str) -> list[Any]:
        self.but = but
        return []

    def turns_of(self, *_: object, **__: object) -> dict[str, Any]:
        return {}


def test_a_document_that_the_run_has_written_before_is_left_out(tmp_path: Path) -> None:
    """C-27: a run that is recovered or ingested once more finds its own document there."""
    settings = load({"build": "812", "commit": "3f2a91c"}, root=tmp_path, environ={}, table={})
    start = {"run": "one", "settings": settings.told, "started_at": NOW.isoformat()}
    seen = RunSeen(start=start, finished_at=NOW.isoformat())
    path, problem = write_run(seen, conclude(seen, settings, Extensions.of_command()), settings)
    assert path is not None, problem
    history = Asked()

    failing = Observation("pytest", "call", "test_shop.py::test_total", "failed")
    Lookback(settings, seen, NOW).look(history, [failing])  # type: ignore[arg-type]

    assert history.but == path.name
