"""A shared history that takes in what lies in the evidence whenever it is synced, for tests."""

from __future__ import annotations

from pathlib import Path

from pytest_failtrack.history.evidence import read_records, read_runs
from pytest_failtrack.history.shared import share_records, share_runs
from pytest_failtrack.history.store import History


class SharedHistory(History):
    """What `failtrack ingest` makes of a folder, on every sync."""

    def sync(self, evidence_dir, runs_dir=None):
        super().sync(evidence_dir, runs_dir)
        folder = Path(evidence_dir)
        records = [(path.read_bytes(), one) for path, one in read_records(folder) if usable(one)]
        runs = [
            (path.name, path.read_bytes(), one)
            for path, one in read_runs(folder.parent / "runs")
            if usable(one)
        ]
        self.ask(lambda database: share_records(database, records))
        self.ask(lambda database: share_runs(database, runs))


def usable(found):
    return isinstance(found, dict)
