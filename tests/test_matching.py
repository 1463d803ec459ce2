"""Errors that a program tells of: matched, kept, and what came of recovering (S2-44..48)."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import os
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import pytest_failtrack
from pytest_failtrack import (
    MatchResult,
    match_and_persist,
    match_and_persist_async,
    persist_failure_match,
    persist_failure_match_async,
    update_recovery_status,
    update_recovery_status_async,
)
from pytest_failtrack.config import load
from pytest_failtrack.history.matches import is_match_id, match_values, verify_match
from pytest_failtrack.match_desk import Desk
from pytest_failtrack.matching import _DESKS
from pytest_failtrack.open_history import open_history

UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, whose folder is the current one."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'p'\n")
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("FAILTRACK_", "GITHUB_", "CI")):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, root: Path) -> Any:
    """Both histories, one after the other."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
        request.getfixturevalue("monkeypatch").setenv("FAILTRACK_HISTORY", url)
        request.getfixturevalue("monkeypatch").setenv("FAILTRACK_REPOSITORY", "o/r")
    yield request.param
    _DESKS.close()


def rows(columns: str = "error_code") -> list[tuple[Any, ...]]:
    """Ask the history of the current folder, as a command would."""
    settings = load()
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        return history.ask(
            lambda one: one.rows(f"select {columns} from failure_matches order by created_at, id")
        )


def files(root: Path) -> list[Path]:
    return sorted((root / "governance/events/matches").glob("*"))


class TestNames:
    @pytest.mark.parametrize(
        ("function", "expected"),
        [
            (
                persist_failure_match,
                "run_id result error_code error_message tenant_id skill_id step_index context",
            ),
            (
                persist_failure_match_async,
                "run_id result error_code error_message tenant_id skill_id step_index context",
            ),
            (update_recovery_status, "failure_match_id succeeded"),
            (
                match_and_persist,
                "code_or_message run_id tenant_id skill_id step_index context error_message",
            ),
        ],
        ids=["S2-44", "S2-45", "S2-46", "S2-47"],
    )
    def test_take_what_the_source_says_in_its_order(self, function: Any, expected: str) -> None:
        found = inspect.signature(function).parameters

        assert list(found) == expected.split()
        optional = [one.name for one in found.values() if one.default is None]
        required = {"run_id", "result", "error_code", "code_or_message"}
        required |= {"failure_match_id", "succeeded"}
        assert optional == [one for one in found if one not in required]

    def test_the_result_is_a_public_dataclass(self) -> None:
        """S2-48"""
        names = {one.name for one in fields(MatchResult)}

        assert is_dataclass(MatchResult)
        assert names >= {
            *("match_type", "confidence", "category", "severity", "is_retryable"),
            *("recovery_mode", "recovery_suggestion", "catalog_entry_id", "failure_match_id"),
        }

    def test_importing_them_costs_a_sleeping_run_nothing(self) -> None:
        code = "import sys, pytest_failtrack; print('pytest_failtrack.matching' in sys.modules)"

        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

        assert done.stdout == "False\n"


class TestMatch:
    @pytest.mark.parametrize(
        ("code", "said", "entry", "how"),
        [
            ("disk-full", None, "disk-full", "exact"),
            ("requests.exceptions.ConnectTimeout", "timed out", "network-timeout", "exact"),
            ("ECONNREFUSED", None, "connection-refused", "regex"),
            ("503 Service Unavailable", None, "remote-server-error", "regex"),
            ("HTTP_429", None, "rate-limited", "similar"),
            ("RATE_LIMIT_EXCEEDED", None, "rate-limited", "similar"),
            ("HTTP_CUSTOM_ERROR", None, None, "unknown"),
            ("HTTP_CUSTOM_ERROR", "weird thing 5", None, "unknown"),
            ("KeyError: 'customer_id'", None, None, "unknown"),
            ("", None, None, "unknown"),
        ],
        ids=lambda one: str(one)[:30],
    )
    def test_says_which_entry_and_how(
        self, root: Path, code: str, said: str | None, entry: str | None, how: str
    ) -> None:
        """S2-19, S2-20: exact, regex, similar, unknown."""
        result = match_and_persist(code, "r1", error_message=said)

        assert (result.catalog_entry_id, result.match_type) == (entry, how)
        assert result.matched is (how != "unknown")
        assert (result.confidence == 0) is (how == "unknown")

    def test_a_code_spelled_out_is_less_sure(self, root: Path) -> None:
        """C-20: evidence lowers the confidence of the entry."""
        named, spelled = (match_and_persist(one, "r") for one in ("rate-limited", "HTTP_429"))

        assert spelled.confidence == pytest.approx(named.confidence - 0.1)

    def test_the_code_is_the_type_or_the_code(self, root: Path) -> None:
        """S2-17"""
        told = ["KeyError: 'x'", "HTTP_CUSTOM_ERROR", "it broke", "shop.errors.OutOfStock: none"]

        codes = [match_and_persist(one, "r").error_code for one in told]

        assert codes == ["KeyError", "HTTP_CUSTOM_ERROR", "unknown", "shop.errors.OutOfStock"]

    def test_an_assertion_is_never_retried(self, root: Path) -> None:
        """C-14"""
        assert not match_and_persist("AssertionError: connection refused", "r").is_retryable

    def test_an_entry_of_the_project_is_asked(self, root: Path) -> None:
        (root / "governance").mkdir()
        (root / "governance/catalog.toml").write_text(
            '[[entry]]\nid = "gizmo"\ntitle = "The gizmo is stuck"\npatterns = ["gizmo stuck"]\n'
            'subcategory = "OTHER_EXTERNAL"\nfailure_type = "infrastructure"\nconfidence = 0.8\n'
        )

        assert match_and_persist("GIZMO_STUCK", "r").catalog_entry_id == "gizmo"


class TestPersist:
    def test_fills_every_column(self, engine: str) -> None:
        """S2-14..33"""
        result = match_and_persist(
            *("HTTP_429", "run-1"),
            tenant_id="org-7",
            skill_id="mailer",
            step_index=3,
            context={"url": "https://example.org"},
            error_message="Too Many Requests",
        )

        ((found),) = rows(
            "id, run_id, tenant_id, error_code, error_message, catalog_entry_id, match_type,"
            " confidence_score, category, severity, recovery_mode, recovery_suggestion, skill_id,"
            " step_index, context"
        )
        assert found[0] == result.failure_match_id
        assert found[1:7] == (
            *("run-1", "org-7", "HTTP_429", "Too Many Requests", "rate-limited", "regex"),
        )
        assert found[7:12] == (
            *(result.confidence, "UNKNOWN", "HIGH", "RETRY_EXPONENTIAL"),
            result.recovery_suggestion,
        )
        assert found[12:14] == ("mailer", 3)
        assert json.loads(found[14]) == {"url": "https://example.org"}
        ((retryable, tried, helped, created, updated),) = rows(
            "is_retryable, recovery_attempted, recovery_succeeded, epoch(created_at),"
            " epoch(updated_at)"
        )
        assert (bool(retryable), bool(tried), bool(helped)) == (True, False, False)
        assert created == updated

    def test_keeps_what_others_say_of_an_error(self, engine: str) -> None:
        """S2-44: a result need not come from the catalog; S2-58: the words of the source."""
        said = MatchResult(
            match_type="exact", confidence=0.9, category="TRANSIENT", recovery_mode="RETRY_LIMITED"
        )

        kept = persist_failure_match("run-1", said, "HTTP_CUSTOM_ERROR")

        assert kept is not None
        assert is_match_id(kept)
        assert rows("id, error_code, category") == [(kept, "HTTP_CUSTOM_ERROR", "TRANSIENT")]

    def test_the_tenant_is_the_repository(self, engine: str) -> None:
        """C-27"""
        match_and_persist("HTTP_429", "run-1")

        assert rows("tenant_id") == [("o/r" if engine == "postgresql" else None,)]

    def test_each_occurrence_is_kept(self, engine: str) -> None:
        for _ in range(3):
            match_and_persist("HTTP_429", "run-1")

        assert len(rows()) == 3

    def test_nothing_is_lost_by_many_threads(self, engine: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            kept = set(
                pool.map(lambda n: match_and_persist(f"E_{n}", "r").failure_match_id, range(80))
            )

        assert {one for (one,) in rows("id")} == kept

    def test_beside_an_event_loop(self, engine: str) -> None:
        """S2-45"""

        async def program() -> tuple[Any, ...]:
            result = await match_and_persist_async("HTTP_429", "r")
            kept = await persist_failure_match_async("r", MatchResult(), "X")
            return result, kept, await update_recovery_status_async(str(kept), True)

        result, kept, is_known = asyncio.run(program())

        assert is_known
        assert {one for (one,) in rows("id")} == {result.failure_match_id, kept}

    def test_no_secret_is_kept(self, root: Path) -> None:
        match_and_persist(
            "HTTP_401 token=ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "run password=hunter22",
            skill_id="api_key=hunter22secret",
            context={"password": "hunter22", "deep": [{"token": "hunter22"}], "plain": "seen"},
            error_message="Authorization: Bearer abcdefghijklmnopqrstuvwxyz012345",
        )

        (file,) = files(root)
        text = file.read_text()
        assert not re.search("hunter22|ghp_abc|Bearer abcdef", text)
        assert json.loads(text)["context"]["plain"] == "seen"

    def test_what_is_long_or_strange_is_bounded(self, root: Path) -> None:
        cycle: dict[str, Any] = {}
        cycle["again"] = cycle
        result = match_and_persist(
            "x" * 1_000_000,
            "r\x00\ud800",
            context={
                "cycle": cycle,
                "nan": float("nan"),
                "huge": 10**400,
                "bytes": b"\xff",
                "set": {1},
                3: object,
                "many": {str(n): "y" * 50 for n in range(10_000)},
            },
        )

        (file,) = files(root)
        assert result.failure_match_id == file.stem
        assert file.stat().st_size < 20_000
        document = verify_match(file.read_bytes(), str(file))
        assert match_values(document, "")[1] == "r\\x00\\ud800"


class TestRecovery:
    @pytest.mark.parametrize("succeeded", [True, False])
    def test_of_a_match(self, engine: str, succeeded: bool) -> None:
        """S2-46"""
        kept = match_and_persist("HTTP_429", "run-1").failure_match_id

        assert update_recovery_status(str(kept), succeeded)

        ((tried, helped, later),) = rows(
            "recovery_attempted, recovery_succeeded, updated_at >= created_at"
        )
        assert (bool(tried), bool(helped), bool(later)) == (True, succeeded, True)

    def test_the_last_word_counts(self, engine: str) -> None:
        kept = str(match_and_persist("HTTP_429", "run-1").failure_match_id)

        assert [update_recovery_status(kept, one) for one in (True, False)] == [True, True]

        assert [bool(one) for (one,) in rows("recovery_succeeded")] == [False]

    @pytest.mark.parametrize("name", [UNKNOWN_ID, "", "../../etc/passwd", "x" * 36])
    def test_of_what_nobody_knows_is_false(self, engine: str, name: str) -> None:
        assert not update_recovery_status(name, True)

    def test_outlives_the_index(self, root: Path) -> None:
        """C-11: the index is made again from the evidence."""
        kept = match_and_persist("HTTP_429", "run-1").failure_match_id
        update_recovery_status(str(kept), True)
        before = rows("id, error_code, recovery_succeeded, created_at, updated_at, context")

        (root / ".failtrack/history.sqlite").unlink()

        assert rows("id, error_code, recovery_succeeded, created_at, updated_at, context") == before

    def test_another_machine_finds_it_in_the_shared_history(
        self, root: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = load({"history": postgres_url, "repository": "o/r"})
        here = Desk(settings)
        kept = here.persist("r", here.match("HTTP_429"), "HTTP_429")
        elsewhere = Desk(load({"history": postgres_url, "repository": "o/r", "dir": "elsewhere/f"}))

        assert elsewhere.update(str(kept), True)

        monkeypatch.setenv("FAILTRACK_HISTORY", postgres_url)
        assert rows("recovery_succeeded") == [(True,)]
        here.close()
        elsewhere.close()


class TestTrouble:
    def test_a_history_that_is_down_is_told_once(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setenv("FAILTRACK_HISTORY", "postgresql://nobody@127.0.0.1:1/none")
        with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING):
            warnings.simplefilter("always")
            results = [match_and_persist("HTTP_429", "r") for _ in range(3)]

        assert all(one.failure_match_id for one in results)
        assert len(files(root)) == 3
        assert len(warned) == len(caplog.records) == 1
        assert "`failtrack ingest` sends it later" in str(warned[0].message)

    def test_a_folder_that_cannot_be_written(self, root: Path, caplog: Any) -> None:
        (root / "governance").write_text("a file")
        with pytest.warns(RuntimeWarning, match="cannot write"):
            result = match_and_persist("HTTP_429", "r")

        assert (result.catalog_entry_id, result.failure_match_id) == ("rate-limited", None)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert persist_failure_match("r", MatchResult(), "X") is None

    def test_warnings_that_are_errors_stay_warnings(self, root: Path) -> None:
        """Nothing raises where an error is being handled."""
        (root / "governance").write_text("a file")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert match_and_persist("HTTP_429", "r").matched
            assert update_recovery_status(UNKNOWN_ID, True) is False

    @pytest.mark.parametrize(
        "given",
        [{"step_index": "three"}, {"step_index": 2**40}, {"context": 7}, {"run_id": None}],
        ids=str,
    )
    def test_arguments_that_are_none(self, root: Path, given: dict[str, Any]) -> None:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            result = match_and_persist("HTTP_429", **{"run_id": "r", **given})

        assert result.catalog_entry_id == "rate-limited"

    def test_a_configuration_that_is_wrong(self, root: Path) -> None:
        (root / "pyproject.toml").write_text("[tool.failtrack]\nnonsense = 1\n")

        with pytest.warns(RuntimeWarning, match="unknown key `nonsense`"):
            assert match_and_persist("HTTP_429", "r").failure_match_id is None

    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b"{}", b'{"schema_version": "9.0"}', b"\xff\xfe", b'{"a": NaN}'],
        ids=["empty", "cut", "list", "bare", "newer", "bytes", "nan"],
    )
    def test_a_file_that_is_no_match_is_left_out(self, root: Path, content: bytes) -> None:
        kept = match_and_persist("HTTP_429", "r").failure_match_id
        (root / f"governance/events/matches/{UNKNOWN_ID}.json").write_bytes(content)
        (root / "governance/events/matches/notes.txt").write_text("hello")

        assert rows("id") == [(kept,)]

    def test_a_match_that_is_gone_is_forgotten(self, root: Path) -> None:
        match_and_persist("HTTP_429", "r")
        assert len(rows()) == 1

        files(root)[0].unlink()

        assert rows() == []

    def test_the_child_of_a_fork_has_a_connection_of_its_own(
        self, root: Path, postgres_url: str
    ) -> None:
        code = (
            "import os, sys\n"
            "from pytest_failtrack import match_and_persist as told\n"
            "assert told('E_1', 'r').failure_match_id\n"
            "pid = os.fork()\n"
            "assert told('E_2', 'r').failure_match_id\n"
            "if pid == 0: sys.exit(0)\n"
            "assert os.waitpid(pid, 0)[1] == 0\n"
            "assert told('E_3', 'r').failure_match_id\n"
        )
        environ = {**os.environ, "FAILTRACK_HISTORY": postgres_url}

        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environ,
            capture_output=True,
            text=True,
        )

        assert (done.returncode, done.stderr) == (0, "")
        os.environ["FAILTRACK_HISTORY"] = postgres_url
        try:
            assert sorted(rows()) == [("E_1",), ("E_2",), ("E_2",), ("E_3",)]
        finally:
            del os.environ["FAILTRACK_HISTORY"]


class TestConfigure:
    def test_names_another_project(self, root: Path) -> None:
        other = root / "other"
        other.mkdir()
        (other / "pyproject.toml").write_text("")
        try:
            pytest_failtrack.configure(other, dir="kept/failures")
            match_and_persist("HTTP_429", "r")
        finally:
            _DESKS.use(None)

        assert len(list((other / "kept/matches").iterdir())) == 1
        assert files(root) == []
