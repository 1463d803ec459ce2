"""A little project in which something failed, was fixed, and has to be proven prevented."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.cli.main import main
from pytest_failtrack.config import Settings, load
from pytest_failtrack.history import evidence
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.prevention.prove import Proof, prove
from pytest_failtrack.record import build
from pytest_failtrack.signature.signature import Signature

FAILED_AT = "2025-03-01T10:00:00Z"
BEFORE = "2025-02-01T10:00:00Z"
AFTER = "2025-03-02T10:00:00Z"
NOW = datetime(2025, 3, 3, 10, tzinfo=timezone.utc)
TEST = "tests/test_orders.py::test_both_spellings"
BROKEN = """\
    def build_order(payload):
        return {"customer": payload["customer_id"]}
"""
FIXED = """\
    def build_order(payload):
        return {"customer": payload.get("customer_id") or payload["customerId"]}
"""
TESTS = """\
    from shop.orders import build_order


    def test_both_spellings():
        assert build_order({"customerId": 7}) == {"customer": 7}
"""
# Turned around: from what is right to what was wrong.
PATCH = """\
    --- a/src/shop/orders.py
    +++ b/src/shop/orders.py
    @@ -1,2 +1,2 @@
     def build_order(payload):
    -    return {"customer": payload.get("customer_id") or payload["customerId"]}
    +    return {"customer": payload["customer_id"]}
"""
# Variables in which a CI, or the one who runs these tests, could speak to the commands.
SPOKEN_BY_CI = (
    "GITHUB_",
    "CI",
    "GITLAB",
    "BUILD",
    "FAILTRACK_",
    "PYTEST_ADDOPTS",
    "GIT_",
    "COLUMNS",
)
CLASSIFICATION = Classification(
    category="INTEGRATION",
    subcategory="INTEGRATION_DATA_MISMATCH",
    failure_type="integration_test_failure",
    severity="HIGH",
    confidence=0.8,
    match_type="exact",
    catalog_entry_id="data-mismatch",
    is_retryable=False,
    recovery_mode="FIX_CODE",
    recovery_suggestion="Compare the payload with the contract.",
    reasons=("A key is missing.",),
)


def make_record(*, when: str = "call", **changes: Any) -> dict[str, Any]:
    """Return a valid record, RESOLVED and with everything that PREVENTED demands.

    Args:
        when: Phase in which it failed.
        changes: Other values, by block.
    """
    observation = Observation(
        source="pytest",
        when=when,
        nodeid="tests/test_orders.py::test_order",
        outcome="failed",
        exceptions=(
            Raised(
                "KeyError",
                "'customer_id'",
                (
                    Frame("tests/test_orders.py", 7, "test_order", is_project=True),
                    Frame("src/shop/orders.py", 2, "build_order", is_project=True),
                ),
            ),
        ),
        file="tests/test_orders.py",
        line=7,
        text="E   KeyError: 'customer_id'",
        timestamp=FAILED_AT,
    )
    record = build.build_record(
        observation,
        Signature("CI", "tests", "pytest", "KeyError", "9c41d07be2a5"),
        CLASSIFICATION,
        run=build.RunFacts(build_id="4711"),
        assignment=build.Assignment(owner="@shop-team"),
    )
    blocks: dict[str, Mapping[str, Any]] = {
        "root_cause": {
            "analysis_status": "COMPLETE",
            "root_cause_summary": "The partner spells the key in two ways.",
            "why_not_prevented": "The contract had one of them.",
        },
        "resolution": {
            "resolution_type": "FIX",
            "resolution_description": "Both spellings are read.",
            "resolution_timestamp": AFTER,
            "resolved_by": "ana",
        },
        "prevention": {
            "prevention_measures": ["a test of both spellings"],
            "test_additions": [TEST],
            "documentation_updates": ["docs/orders.md"],
        },
        "learning": {"lessons_learned": ["A contract names every spelling."]},
    }
    record["status"] = "RESOLVED"
    for name, block in (*blocks.items(), *changes.items()):
        record[name] = {**record[name], **block} if isinstance(block, Mapping) else block
    return record


@dataclass
class Result:
    """What a command came to."""

    code: int
    out: str
    err: str


class Shop:
    """The project, fixed, tested and documented; every test spoils what it is about.

    Args:
        root: Its folder.
        monkeypatch: Moves into it, away from what a CI says.
        capfd: Takes what commands print.
    """

    def __init__(
        self,
        root: Path,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._monkeypatch = monkeypatch
        self._capfd = capfd
        for name in list(os.environ):
            if name.startswith(SPOKEN_BY_CI):
                monkeypatch.delenv(name)
        # pytest in pytest: the plugins of this environment have no part in it.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        monkeypatch.chdir(root)
        self.configure("")
        self.write("src/shop/__init__.py", "")
        self.write("src/shop/orders.py", BROKEN)
        self.write("tests/test_orders.py", TESTS)
        self.write("docs/orders.md", "Orders.\n")
        self.write(".gitignore", ".failtrack/\n__pycache__/\n")
        self.record = make_record()

    @property
    def failure_id(self) -> str:
        """Id of the record."""
        return str(self.record["failure_id"])

    def configure(self, table: str) -> None:
        """Write the configuration, with a table of ours."""
        head = '[tool.pytest.ini_options]\npythonpath = ["src"]\n\n'
        self.write("pyproject.toml", head + textwrap.dedent(table))

    def fixed(self) -> Shop:
        """Fix, document and store the known-bad case, in a repository."""
        self.git("init", "-q", "-b", "main", ".")
        self.commit(BEFORE)
        self.fix()
        self.commit(AFTER)
        return self

    def fix(self) -> None:
        """Fix and document what failed, and store the known-bad case."""
        self.write("src/shop/orders.py", FIXED)
        self.write("docs/orders.md", "Orders. Both spellings are read.\n")
        self.known_bad("case.patch", PATCH)
        self.store()

    def store(self) -> None:
        """Write the record as it is."""
        folder = self.root / "governance/events/failures"
        folder.mkdir(parents=True, exist_ok=True)
        content = build.to_json(build.validate(self.record))
        (folder / f"{self.failure_id}.json").write_bytes(content)

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project; the text is dedented."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def known_bad(self, name: str, text: str) -> Path:
        """Store a known-bad case."""
        return self.write(f"governance/events/known-bad/{self.failure_id}/{name}", text)

    def git(self, *words: str, **environ: str) -> str:
        """Call git."""
        names = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "ana"), ("EMAIL", "ana@shop.example"))
        }
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env={**os.environ, **names, **environ},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def commit(self, at: str) -> None:
        """Commit everything at a time of day."""
        self.git("add", "-A")
        dates = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        self.git("commit", "-q", "--allow-empty", "-m", "work", **dates)

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return load(root=self.root, environ={})

    def prove(self, **prevention: Any) -> Proof:
        """Verify the record, with other values in its prevention."""
        record = {**self.record, "prevention": {**self.record["prevention"], **prevention}}
        return prove(self.settings, record, now=NOW)

    def step(self, name: str, **prevention: Any) -> tuple[bool, str]:
        """Return what one step comes to."""
        steps = {one.name: one for one in self.prove(**prevention).steps}
        return steps[name].ok, steps[name].sentence

    def run(self, *arguments: str) -> Result:
        """Call `failtrack ARGUMENTS` and return what it came to."""
        self._monkeypatch.setattr(sys, "argv", ["failtrack", *arguments])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as exited:
            main()
        out, err = self._capfd.readouterr()
        return Result(int(exited.value.code or 0), out, err)

    def tree(self) -> dict[str, str]:
        """Return every file with its content, what git keeps for itself left out."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and ".git/" not in path.as_posix()
        }

    def records(self) -> list[dict[str, Any]]:
        """Return the records that lie in the evidence."""
        found = evidence.read_records(self.settings.evidence_dir)
        return [one for _, one in found if isinstance(one, dict)]


def as_json(text: str) -> Any:
    """Return what a command printed with --json."""
    return json.loads(text)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size in bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    kind = resource.RLIMIT_FSIZE
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)
