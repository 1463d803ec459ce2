"""What a new version of the normalization makes of failures that an older one signed (C-6)."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from signature_samples import failure, raised

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.cli.signature import command
from pytest_failtrack.history.aliases import aliases_path, read_aliases, shared_content
from pytest_failtrack.history.store import History
from pytest_failtrack.record.build import RunFacts, build_record, to_json
from pytest_failtrack.record.repeat import Earlier
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.signature.migrate import Change, migration, token_today
from pytest_failtrack.signature.signature import Signature, sign

PLACE = " @ src/shop/orders.py:build_order"
KIND = Classification(
    category="ARCHITECTURE",
    subcategory="ARCHITECTURE_DRIFT",
    failure_type="test_failure",
    severity="HIGH",
    confidence=0.9,
    match_type="catalog",
    catalog_entry_id="",
    is_retryable=False,
    recovery_mode="",
    recovery_suggestion="",
    reasons=(),
)


def sha(token: str) -> str:
    return hashlib.sha256(f"Tests::pytest::{token}".encode()).hexdigest()[:12]


def old_record(message: str, old_line: str, type_: str = "ValueError", **changes: Any) -> Any:
    """Return a record as version 1 wrote it."""
    observation = failure(raised(type_, message), timestamp="2026-11-20T10:00:00Z", **changes)
    token = f"{old_line}{PLACE}"
    signature = Signature("CI", "Tests", "pytest", token, sha(token), 1)
    return build_record(observation, signature, KIND, run=RunFacts(build_id="7"))


ONE = old_record("bad magic b'\\xd0a'", "ValueError: bad magic b'\\xd0a'")
OTHER = old_record("bad magic b'\\xcfb'", "ValueError: bad magic b'\\xcfb'", nodeid="t.py::u")
SAME = old_record("no order 7", "ValueError: no order <num>")
LOST = old_record("no order 7", "ValueError: something else")
NEW = f"ValueError: bad magic b'<bytes>'{PLACE}"


class TestMigration:
    def test_signatures_that_become_one_are_a_merge(self) -> None:
        found = migration([ONE, OTHER])

        assert list(found.merges) == [sha(NEW)]
        assert {one.old for one in found.merges[sha(NEW)]} == {
            ONE["signature"]["hash"],
            OTHER["signature"]["hash"],
        }
        assert found.splits == {}
        assert len(found.aliases) == 2

    def test_a_signature_that_stays_needs_no_alias(self) -> None:
        found = migration([SAME, SAME])

        hash_ = SAME["signature"]["hash"]
        assert found.changes == (Change(hash_, hash_, SAME["signature"]["token"], 2),)
        assert found.aliases == ()

    def test_a_record_whose_text_is_lost_stays_as_it_is(self) -> None:
        assert migration([LOST]).unknown == 1

    def test_a_record_of_this_version_is_left_alone(self) -> None:
        today = json.loads(json.dumps(ONE))
        today["signature"]["version"] = 2

        found = migration([today])

        assert (found.changes, found.current) == ((), 1)

    @pytest.mark.parametrize("token", ["no-stack", "stacks-off"])
    def test_what_has_no_token_stays(self, token: str) -> None:
        record = json.loads(json.dumps(ONE))
        record["signature"]["token"] = token

        assert token_today(record) == token

    def test_it_gives_what_this_version_signs(self) -> None:
        observation = failure(raised("ValueError", "bad magic b'\\xd0a'"))

        assert token_today(ONE) == sign(observation, workflow="", job="", step="").token


class TestCommand:
    @pytest.fixture
    def evidence_dir(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "events/failures"
        folder.mkdir(parents=True)
        for record in (ONE, OTHER):
            (folder / f"{record['failure_id']}.json").write_bytes(to_json(record))
        return folder

    def test_shows_before_it_writes(self, evidence_dir: Path) -> None:
        done = CliRunner().invoke(command, ["migrate", "--dir", str(evidence_dir)])

        assert done.exit_code == 0, done.output
        assert f"-> {sha(NEW)}  {NEW}" in done.output
        assert "nothing was written" in done.output
        assert not aliases_path(evidence_dir).exists()

    def test_what_it_writes_is_known_to_history(self, evidence_dir: Path, tmp_path: Path) -> None:
        """C-6, C-8: histories still match."""
        done = CliRunner().invoke(command, ["migrate", "--write", "--dir", str(evidence_dir)])

        assert "2 aliases written" in done.output
        assert len(read_aliases(aliases_path(evidence_dir))) == 2
        candidate = Earlier(
            failure_id="",
            build_id="8",
            timestamp=parse_time("2026-11-21T10:00:00Z"),
            category="UNKNOWN",
            subcategory="UNKNOWN_ROOT_CAUSE",
            component="",
            file_path="",
            hash=sha(NEW),
        )
        with History(tmp_path / "history.sqlite") as history:
            history.sync(evidence_dir)
            found = history.earlier_for([candidate], since=parse_time("2026-11-01T10:00:00Z"))
            assert history.problems == ()
        assert {one.hash for one in found[sha(NEW)]} == {
            ONE["signature"]["hash"],
            OTHER["signature"]["hash"],
        }

    def test_what_it_writes_is_shared_too(
        self, evidence_dir: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The shared history knows the old digits as the index does."""
        from pytest_failtrack.history.postgres import PostgresDatabase
        from pytest_failtrack.history.shared import share_records

        monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
        monkeypatch.setenv("FAILTRACK_REPOSITORY", "shop")
        with closing(PostgresDatabase(postgres_url, "shop")) as database:
            share_records(database, [(to_json(one), one) for one in (ONE, OTHER)])

            done = CliRunner().invoke(command, ["migrate", "--write", "--dir", str(evidence_dir)])

            assert done.exit_code == 0, done.output
            assert shared_content(database) == aliases_path(evidence_dir).read_bytes()
            pairs = database.rows("select hash from aliases where alias = ?", (sha(NEW),))
        assert {name for (name,) in pairs} == {
            ONE["signature"]["hash"],
            OTHER["signature"]["hash"],
        }

    def test_a_program_is_answered_in_json(self, evidence_dir: Path) -> None:
        done = CliRunner().invoke(command, ["migrate", "--json", "--dir", str(evidence_dir)])

        assert len(json.loads(done.output)["merges"][sha(NEW)]) == 2

    def test_a_damaged_file_is_named_and_history_goes_on(
        self, evidence_dir: Path, tmp_path: Path
    ) -> None:
        aliases_path(evidence_dir).write_text('{"format": "other"}')

        with History(tmp_path / "history.sqlite") as history:
            history.sync(evidence_dir)

            assert history.count() == 2
            assert "no list of aliases" in history.problems[0]
