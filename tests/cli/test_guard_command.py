"""`failtrack guard`: its arguments are failtrack-guard's, and its report becomes records."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from failtrack_guard.finding import Finding
from failtrack_guard.git import Bypass
from failtrack_guard.reading import Unreadable
from failtrack_guard.report.json_report import document_of
from failtrack_guard.report.report import Report
from failtrack_guard.settings import from_table
from pytest_failtrack.cli.main import main
from pytest_failtrack.record.validator import shipped_text

SPOKEN_BY_CI = ("GITHUB_", "CI", "GITLAB", "BUILD", "FAILTRACK_", "RUNNER_")
GUARD = """
[tool.failtrack.guard.PV-003]
guard = "shop.halt.HaltGuard"
"""
LAYERS = """
[[tool.failtrack.guard.VAL-3.layers]]
name = "domain"
modules = ["shop.domain"]
may-import = []

[[tool.failtrack.guard.VAL-3.layers]]
name = "api"
modules = ["shop.api"]
may-import = ["domain"]
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def failtrack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `failtrack guard ...` in a project; returns exit code, output, errors."""
    import os

    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith(SPOKEN_BY_CI):
            monkeypatch.delenv(name)
    (tmp_path / "pyproject.toml").write_text(GUARD)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/orders.py").write_text("class OrderService:\n    pass\n")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["failtrack", "guard", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


def finding(rule: str = "PV-003", line: int = 1) -> Finding:
    span = (line, 6, line, 18)
    return Finding(rule, "shop/orders.py", span, "OrderService has no HaltGuard")


def report(root: Path, *findings: Finding, **changes: Any) -> dict[str, Any]:
    settings = from_table({"PV-003": {"guard": "shop.halt.HaltGuard"}}, root=str(root))
    given = {"files": 3, "created_at": "2026-11-21T10:00:00Z", **changes}
    return document_of(Report(settings, findings, **given))


def write(root: Path, document: Any) -> str:
    (root / "guard.json").write_text(json.dumps(document))
    return "guard.json"


def records(root: Path) -> list[dict[str, Any]]:
    folder = root / "governance/events/failures"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def runs(root: Path) -> list[dict[str, Any]]:
    folder = root / "governance/events/runs"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


class TestForwarding:
    def test_arguments_status_and_output_are_the_guards(self, failtrack: Run) -> None:
        code, out, _ = failtrack("check", "--select", "PV-003", "shop")

        assert code == 1
        assert out.startswith("shop/orders.py:1:7: PV-003 ")
        assert failtrack("check", "--ignore=PV-003")[0] == 0

    def test_options_that_are_ours_elsewhere_are_the_guards_here(self, failtrack: Run) -> None:
        code, out, _ = failtrack("check", "--help")

        assert (code, out.partition(" [")[0]) == (0, "Usage: failtrack-guard check")
        assert failtrack("check", "--dir", "x")[0] == 2
        assert failtrack("check", "--", "--select")[2].startswith("failtrack-guard: --select: no")

    def test_its_commands_are_listed(self, failtrack: Run) -> None:
        code, out, _ = failtrack("--help")

        assert code == 0
        for name in ("check", "fix", "explain", "rules", "baseline", "record"):
            assert f"\n  {name} " in out

    def test_a_command_that_nobody_knows_is_wrong_usage(self, failtrack: Run) -> None:
        code, _, err = failtrack("chek")

        assert code == 2
        assert "No such command 'chek'" in err

    def test_a_missing_library_is_named_with_its_extra(
        self, failtrack: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(arguments: list[str]) -> int:
            raise ModuleNotFoundError("No module named 'libcst'", name="libcst")

        monkeypatch.setattr("failtrack_guard.main.main", fail)

        code, _, err = failtrack("fix")

        assert code == 2
        assert "needs libcst" in err
        assert "pip install 'pytest-failtrack[guard]'" in err


class TestRecord:
    def test_a_finding_becomes_a_record(self, failtrack: Run, tmp_path: Path) -> None:
        """S0-10, S1-34, C-7."""
        path = write(tmp_path, report(tmp_path, finding()))

        code, _, err = failtrack("record", path, "--build", "77", "--job", "guard")

        (record,) = records(tmp_path)
        jsonschema.validate(record, json.loads(shipped_text("record")))
        assert code == 0
        assert "OrderService has no HaltGuard" in err
        assert (record["category"], record["subcategory"]) == ("ARCHITECTURE", "ARCHITECTURE_DRIFT")
        assert (record["severity"], record["build_id"]) == ("CRITICAL", "77")
        assert record["context"] == {
            "phase": "AUTHORIZATION",
            "component": None,
            "file_path": "shop/orders.py",
            "line_number": 1,
        }
        assert record["timestamp"] == "2026-11-21T10:00:00Z"
        kind = record["classification"]
        assert (kind["failure_type"], kind["confidence"]) == ("build_error", 1.0)
        assert kind["recovery_mode"] == "FIX_CODE"
        assert not kind["is_retryable"]
        assert record["metadata"]["tags"][:2] == ["guard", "PV-003"]
        assert record["test"]["nodeid"] == "failtrack-guard check --select PV-003 shop/orders.py"
        assert record["signature"]["token"] == (
            "PV-003: OrderService has no HaltGuard @ shop/orders.py:<module>"
        )

    def test_and_the_run_a_run_document(self, failtrack: Run, tmp_path: Path) -> None:
        path = write(tmp_path, report(tmp_path, finding(), finding(line=7)))

        failtrack("record", path, "--build", "77")

        (run,) = runs(tmp_path)
        jsonschema.validate(run, json.loads(shipped_text("run")))
        assert (run["exit_status"], run["failures"], len(run["records"])) == (1, 2, 2)
        assert run["command"] == "failtrack-guard check"

    def test_twice_the_same_is_once(self, failtrack: Run, tmp_path: Path) -> None:
        """C-27."""
        path = write(tmp_path, report(tmp_path, finding(), finding(line=7), finding("FT-E1")))

        codes = [failtrack("record", path)[0] for _ in range(2)]

        assert codes == [0, 0]
        assert (len(records(tmp_path)), len(runs(tmp_path))) == (3, 1)

    def test_every_kind_keeps_its_category(self, failtrack: Run, tmp_path: Path) -> None:
        """S0-19, S0-39, S0-40."""
        path = write(
            tmp_path,
            report(
                tmp_path,
                *(finding("FT-E1"), finding("FT-E2"), finding("FT-E3"), finding("FT-D1")),
                bypassed=[Bypass("0123abc", "Ada", "Ship it", [finding()])],
                unreadable=[Unreadable("a.py", "cannot be parsed by Python 3.10", 3)],
            ),
        )

        failtrack("record", path)

        kinds = {one["metadata"]["tags"][1]: one["subcategory"] for one in records(tmp_path)}
        assert kinds == {
            "FT-E1": "GOVERNANCE_EXCEPTION_EXPIRED",
            "FT-E2": "GOVERNANCE_CHECKLIST_INCOMPLETE",
            "FT-E3": "GOVERNANCE_ENFORCEMENT_GAP",
            "FT-D1": "QA_TEST_DEBT",
            "FT-B1": "GOVERNANCE_ENFORCEMENT_GAP",
            "unreadable": "ARCHITECTURE_INCORRECT",
        }
        assert {one["context"]["phase"] for one in records(tmp_path)} == {"AUTHORIZATION"}

    def test_from_a_violation_to_its_record(self, failtrack: Run, tmp_path: Path) -> None:
        """S0-10: implementation that left the architecture."""
        (tmp_path / "pyproject.toml").write_text(LAYERS)
        (tmp_path / "shop/domain.py").write_text("import shop.api\n")

        code, _, _ = failtrack("check", "--output", "json", "--output-file", "guard.json", ".")
        failtrack("record", "guard.json")

        (record,) = records(tmp_path)
        assert code == 1
        assert record["subcategory"] == "ARCHITECTURE_DRIFT"
        assert record["test"]["nodeid"] == "failtrack-guard check --select VAL-3 shop/domain.py"

    def test_from_boundaries_that_contradict_to_their_record(
        self, failtrack: Run, tmp_path: Path
    ) -> None:
        """S0-11."""
        (tmp_path / "pyproject.toml").write_text(LAYERS + LAYERS.partition("\n\n")[0])

        code, _, _ = failtrack("check", "--output", "json", "--output-file", "guard.json")
        failtrack("record", "guard.json")

        (record,) = records(tmp_path)
        assert code == 2
        assert record["subcategory"] == "ARCHITECTURE_CONFLICT"
        assert record["context"]["phase"] == "AUTHORIZATION"

    def test_a_kind_that_does_not_exist_is_a_problem_and_still_a_record(
        self, failtrack: Run, tmp_path: Path
    ) -> None:
        document = report(tmp_path, finding())
        document["findings"][0]["subcategory"] = "ARCHITECTURE_WRONG"

        code, _, err = failtrack("record", write(tmp_path, document))

        assert code == 0
        assert [one["context"]["phase"] for one in records(tmp_path)] == ["AUTHORIZATION"]
        assert "of its kind is left out: subcategory: 'ARCHITECTURE_WRONG'" in " ".join(err.split())

    def test_nothing_found_is_a_green_run(self, failtrack: Run, tmp_path: Path) -> None:
        code, out, _ = failtrack("record", write(tmp_path, report(tmp_path)))

        assert (code, out) == (
            0,
            "failtrack: the report has nothing to record: 3 files, no findings\n",
        )
        assert records(tmp_path) == []
        assert [run["exit_status"] for run in runs(tmp_path)] == [0]

    def test_a_report_can_come_from_stdin(
        self, failtrack: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = json.dumps(report(tmp_path, finding()))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

        assert failtrack("record", "-")[0] == 0
        assert len(records(tmp_path)) == 1

    @pytest.mark.parametrize("content", ["{", "[]", None, b"\xff"])
    def test_what_is_no_report_is_wrong_usage(
        self, content: str | bytes | None, failtrack: Run, tmp_path: Path
    ) -> None:
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / "guard.json").write_bytes(data)

        code, _, err = failtrack("record", "guard.json")

        assert code == 2
        assert err.startswith("failtrack: guard.json: ")
        assert records(tmp_path) == []

    def test_evidence_that_cannot_be_written_is_said(self, failtrack: Run, tmp_path: Path) -> None:
        (tmp_path / "governance").write_text("in the way")

        code, _, err = failtrack("record", write(tmp_path, report(tmp_path, finding())))

        assert code == 3
        assert "not-written" in err
