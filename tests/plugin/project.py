"""A real project in a folder of its own, run by a real pytest; what it left behind, read back."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import inner

MODES = {"plain": (), "xdist": ("-n", "2")}
# Plugins that are installed beside us for single tests; each asks for them by name.
QUIET = ("-p", "no:randomly", "-p", "no:cacheprovider")


@dataclass
class Outcome:
    """What one run left behind.

    Args:
        exit_status: pytest's own.
        stdout: What it printed.
        stderr: What it printed as errors.
        records: Records, the oldest first.
        runs: Run documents, the oldest first.
    """

    exit_status: int
    stdout: str
    stderr: str
    records: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def record(self) -> dict[str, Any]:
        """The only record."""
        assert len(self.records) == 1, [self.brief(one) for one in self.records]
        return self.records[0]

    @property
    def run(self) -> dict[str, Any]:
        """The only run document."""
        assert len(self.runs) == 1, [one["document_id"] for one in self.runs]
        return self.runs[0]

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        """Node id, phase and outcome of every record that is no finding of debt, sorted."""
        return sorted(
            self.brief(one)
            for one in self.records
            if one["test"]["outcome"] not in ("debt", "expired")
        )

    @staticmethod
    def brief(record: dict[str, Any]) -> tuple[str, str, str]:
        """Return node id, phase and outcome of a record."""
        test = record["test"]
        return test["nodeid"], test["when"], test["outcome"]

    @property
    def causes(self) -> set[str]:
        """The causes of the records."""
        return {one["test"]["cause_id"] for one in self.records}

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return self.stdout + self.stderr


class Project:
    """A folder with tests, and pytest in it.

    Args:
        folder: Where it lies.
        mode: `plain` or `xdist`.
        plugins: Entry points of installed plugins that are loaded beside failtrack and what the
            mode needs; None for all that are installed, which takes four times as long to start.

    Runs are forked where that makes no difference (inner.py); a test of what is imported, or of
    the process itself, sets `is_fresh`.
    """

    def __init__(
        self, folder: Path, mode: str = "plain", plugins: Sequence[str] | None = ()
    ) -> None:
        self.folder = folder
        self.mode = mode
        self.plugins = plugins
        self.is_fresh = False
        self.write("pytest.ini", "[pytest]\n")

    @property
    def is_xdist(self) -> bool:
        """Whether tests run in workers."""
        return self.mode == "xdist"

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project; the text is dedented."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        # Python takes what it compiled for current when size and second are those of then.
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()
        return path

    def command(self, *args: str) -> list[str]:
        """Return the command line of a tracked run."""
        arguments = [*QUIET, "--failtrack", *MODES[self.mode], *args]
        if self.plugins is not None:
            named = ["failtrack", *(["xdist"] if self.is_xdist else []), *self.plugins]
            arguments = [*(word for name in named for word in ("-p", name)), *arguments]
        return [sys.executable, "-m", "pytest", *arguments]

    def environ(self, **variables: str) -> dict[str, str]:
        """Return an environment without a CI and without this run's own variables."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "FAILTRACK", "GITHUB_", "CI", "GITLAB_", "COV_"))
        }
        kept["FAILTRACK_DEBUG"] = "1"
        kept["PYTEST_DEBUG_TEMPROOT"] = os.environ["PYTEST_DEBUG_TEMPROOT"]
        if self.plugins is not None:
            kept["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return kept | variables

    def pytest(self, *args: str, env: dict[str, str] | None = None) -> Outcome:
        """Run pytest and return what it left behind."""
        return self.run(self.command(*args), env=env)

    def failtrack(self, *args: str, env: dict[str, str] | None = None) -> Outcome:
        """Run a failtrack command and return what lies there now."""
        return self.run([sys.executable, "-c", inner.FAILTRACK, *args], env=env)

    def run(self, command: Sequence[str], env: dict[str, str] | None = None) -> Outcome:
        """Run any command in the project and return what lies there now."""
        environ = self.environ(**(env or {}))
        run = inner.run_fresh if self.is_fresh else inner.run
        done = run(command, cwd=self.folder, env=environ, timeout=inner.HANGS_AFTER_SECONDS)
        stdout = done.stdout.decode("utf-8", "replace")
        stderr = done.stderr.decode("utf-8", "replace")
        return Outcome(done.returncode, stdout, stderr, self.records(), self.runs())

    def records(self) -> list[dict[str, Any]]:
        """Return the records that lie in the evidence folder."""
        found = _documents(self.folder / "governance/events/failures", "failure-record")
        return sorted(found, key=lambda one: (one["timestamp"], one["failure_id"]))

    def runs(self) -> list[dict[str, Any]]:
        """Return the run documents."""
        found = _documents(self.folder / "governance/events/runs", "run-document")
        return sorted(found, key=lambda one: (one["started_at"], one["document_id"]))


def _documents(folder: Path, schema: str) -> list[dict[str, Any]]:
    """Return the documents of a folder; each is held against the shipped JSON Schema."""
    paths = [path for path in folder.glob("*.json") if path.name.isascii()]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    check = _validator(schema)
    if check is not None:
        for document in found:
            check.validate(document)
    return found


@cache
def _validator(schema: str) -> Any:
    """Return an independent validator, None where jsonschema is not installed."""
    try:
        import jsonschema
    except ImportError:
        return None
    text = resources.files("pytest_failtrack.record").joinpath(f"{schema}.schema.json")
    return jsonschema.Draft202012Validator(json.loads(text.read_text(encoding="utf-8")))
