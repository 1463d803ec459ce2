"""A fuzz of evidence files: ingest never crashes, and never lets a bad document through (issue 5).

`FAILTRACK_FUZZ=5000 pytest tests/test_ingest_fuzz.py` tries more.
"""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent / "cli"))

from evidence_folder import make_record, make_run

from pytest_failtrack import ingest
from pytest_failtrack.config import Settings, load
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.history import aliases, changes, evidence, matches, run_file
from pytest_failtrack.observe.journal import MAIN, Journal
from pytest_failtrack.open_history import open_history
from pytest_failtrack.record import build
from pytest_failtrack.record.verify import verify_run
from pytest_failtrack.signature.alias import Alias

fuzz = settings(
    max_examples=int(os.environ.get("FAILTRACK_FUZZ", "60")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
AT = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
RUN = "20261121T100000-4711-abcdef"
OBSERVATION = {
    "id": "1",
    "source": "pytest",
    "when": "call",
    "nodeid": "t.py::t",
    "outcome": "failed",
    "text": "E   KeyError: 'x'",
    "worker": "",
    "attempt": 1,
    "timestamp": "2026-11-21T10:00:00.000+00:00",
}
TIMES = ["2026-99-99T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]
MATCH: dict[str, Any] = {
    "schema_version": "1.0",
    "failure_match_id": "9a1b5d2e-0c0f-4e43-8c8e-3f0a6d1f2b11",
    "run_id": "r",
    "tenant_id": None,
    "error_code": "HTTP_429",
    "error_message": "Too Many Requests",
    "catalog_entry_id": "rate-limited",
    "match_type": "regex",
    "confidence_score": 0.7,
    "category": "UNKNOWN",
    "severity": "HIGH",
    "is_retryable": True,
    "recovery_mode": "RETRY_EXPONENTIAL",
    "recovery_suggestion": "Wait.",
    "recovery_attempted": False,
    "recovery_succeeded": False,
    "skill_id": None,
    "step_index": None,
    "context": {},
    "created_at": "2026-11-21T10:00:00Z",
    "updated_at": "2026-11-21T10:00:00Z",
}
# What is likely to be found where something else was expected.
STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from(
        [
            10**400,
            1e308,
            -1,
            "",
            "..",
            "../../x",
            "\x00",
            "a" * 5_000,
            "\ud800",
            "é",
            [],
            {},
            [{}],
            *TIMES,
        ]
    ),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.lists(st.text(max_size=3), max_size=3),
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a record that was changed, its run, and a dead run."""
    root = tmp_path_factory.mktemp("sample")
    events = root / "governance" / "events"
    record = make_record("tests/test_a.py::test_a")
    evidence.write_record(
        events / "failures", build.to_json(build.validate(record)), record["failure_id"]
    )
    run_file.write_run(events / "runs", make_run([record], ()))
    places = replaced(load({}, table={}), root=root, evidence_dir=events / "failures")
    changes.change_record(
        places,
        record["failure_id"],
        lambda one: one | {"metadata": one["metadata"] | {"owner": "@db"}},
        action="assign",
        by="ada",
        at=AT,
    )
    matches.write_match(events / "matches", MATCH)
    aliases.add_aliases(
        events / aliases.NAME, [Alias("a" * 12, "b" * 12, 2), Alias("b" * 12, "c" * 12, 3)]
    )
    journal = Journal(root / ".failtrack" / "journals" / RUN, MAIN)
    told = {"build": "812", "job": "unit"}
    journal.start({"process": MAIN, "source": "pytest", "settings": told, "command": "pytest"})
    journal.write({"debt": {"kind": "skip", "nodeid": "a", "file": "a", "line": 1, "reason": ""}})
    journal.write({"observation": OBSERVATION})
    journal.write({"mark": "over", "counts": {"failed": 1}, "collected": 3, "exit_status": 1})
    journal.close()
    return root


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "CI", "GITLAB", "BUILD", "FAILTRACK_")):
            monkeypatch.delenv(name)


def files_of(sample: Path) -> list[Path]:
    return sorted(
        one.relative_to(sample)
        for one in sample.rglob("*")
        if one.is_file() and one.suffix in (".json", ".jsonl", ".slot")
    )


class Checked:
    """A project of its own for each example, in which everything that came in must be good."""

    def __enter__(self) -> Checked:
        self.root = Path(tempfile.mkdtemp(prefix="failtrack-fuzz-"))
        self.given = self.root / "given"
        self.home = self.root / "home"
        self.given.mkdir()
        self.home.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.root)

    @property
    def settings(self) -> Settings:
        return replaced(
            load({}, table={}),
            root=self.home,
            evidence_dir=self.home / "governance" / "events" / "failures",
            state_dir=self.home / ".failtrack",
        )

    def ingest(self, *paths: Path) -> None:
        """Take in what was given, and look at everything that is there then."""
        before = set(self.root.iterdir())
        ingest(paths or [self.given], settings=self.settings)
        assert set(self.root.iterdir()) == before
        assert {one.name for one in self.home.iterdir()} <= {"governance", ".failtrack"}
        events = self.home / "governance" / "events"
        for _, found in evidence.read_records(events / "failures"):
            assert not isinstance(found, EvidenceError), found
        for path in events.glob("runs/*"):
            verify_run(path.read_bytes(), str(path))
        for path in events.glob("changes/*.jsonl"):
            said: list[str] = []
            assert changes.read_changes(path.parent, path.stem, tell=said.append)
            assert said == []
        for path in events.glob("matches/*"):
            matches.verify_match(path.read_bytes(), str(path))
        aliases.read_aliases(events / aliases.NAME)
        with open_history(self.settings) as history:
            history.sync(self.settings.evidence_dir)
            history.ask(lambda database: database.rows("select count(*) from failure_matches"))
            assert history.problems == ()
        if events.exists():
            known = {"failures", "runs", "changes", "matches", "ci_failures_snapshot.json"}
            known.add(aliases.NAME)
            assert {one.name for one in events.iterdir()} <= known


def spoiled(data: st.DataObject, content: bytes) -> bytes:
    """Return bytes that were cut, doubled, or overwritten in places."""
    body = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        length = data.draw(st.integers(0, 40))
        way = data.draw(st.sampled_from(["cut", "drop", "write", "insert", "double"]))
        if way == "cut":
            del body[at:]
        elif way == "drop":
            del body[at : at + length]
        elif way == "write":
            body[at : at + length] = data.draw(st.binary(max_size=8))
        elif way == "insert":
            body[at:at] = data.draw(st.sampled_from([b"\x00", b"{", b'"', b"[" * 3_000, b"\n"]))
        else:
            body[at:at] = body[at : at + length]
    return bytes(body)


def paths_in(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(value, dict):
        for key, one in value.items():
            yield from paths_in(one, (*at, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from paths_in(one, (*at, number))


def altered(data: st.DataObject, document: Any) -> Any:
    """Return a document in which a value is another one, is gone, or has a neighbour."""
    for _ in range(data.draw(st.integers(1, 3))):
        places = [one for one in paths_in(document) if one]
        if not places:
            break
        *above, last = data.draw(st.sampled_from(places))
        place = document
        for key in above:
            place = place[key]
        if isinstance(place, list) or data.draw(st.booleans()):
            place[last] = copy.deepcopy(data.draw(STRANGE))
        elif data.draw(st.booleans()):
            del place[last]
        else:
            place[f"{last}-of-a-newer-version"] = copy.deepcopy(data.draw(STRANGE))
    return document


def dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


@fuzz
@given(data=st.data())
def test_bytes(sample: Path, data: st.DataObject) -> None:
    with Checked() as checked:
        for name in files_of(sample):
            content = (sample / name).read_bytes()
            if data.draw(st.booleans()):
                content = spoiled(data, content)
            target = checked.given / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        checked.ingest()
        checked.ingest()


@fuzz
@given(data=st.data())
def test_values(sample: Path, data: st.DataObject) -> None:
    """Whole JSON with something in it that should not be there."""
    with Checked() as checked:
        for name in files_of(sample):
            content = (sample / name).read_bytes()
            if name.suffix == ".json":
                content = dumped(altered(data, json.loads(content)))
            elif name.suffix == ".jsonl":
                lines = [json.loads(one) for one in content.splitlines() if one.strip()]
                content = b"".join(dumped(altered(data, one)) + b"\n" for one in lines)
            target = checked.given / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        checked.ingest()
        checked.ingest()


def as_zip(sample: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files_of(sample):
            archive.write(sample / name, name)
    return target.getvalue()


def as_tar(sample: Path) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.add(sample, ".")
    return target.getvalue()


MADE: dict[str, Callable[[Path], bytes]] = {
    "a.zip": as_zip,
    "a.tar": as_tar,
    "a.tar.gz": lambda sample: gzip.compress(as_tar(sample)),
}


@pytest.mark.parametrize("name", list(MADE))
@fuzz
@given(data=st.data())
def test_archives(sample: Path, name: str, data: st.DataObject) -> None:
    with Checked() as checked:
        path = checked.given / name
        path.write_bytes(spoiled(data, MADE[name](sample)))
        checked.ingest(path if data.draw(st.booleans()) else checked.given)


@fuzz
@given(content=st.binary(max_size=200), data=st.data())
def test_anything_under_our_names(sample: Path, content: bytes, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(files_of(sample)))
    with Checked() as checked:
        target = checked.given / name
        target.parent.mkdir(parents=True)
        target.write_bytes(content)
        checked.ingest()
