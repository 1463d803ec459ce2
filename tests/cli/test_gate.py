"""`failtrack gate` as a CI calls it: over real evidence files, by its exit code and its output."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.ci import PROVIDERS
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.cli.main import main
from pytest_failtrack.history.evidence import write_record
from pytest_failtrack.history.run_file import write_run
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.digest import MEND_FIRST
from pytest_failtrack.record.build import RunFacts, build_record, to_json, validate
from pytest_failtrack.record.digest import capture_digest, records_digest
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.record.run import Totals
from pytest_failtrack.signature.signature import Signature

Gate = Callable[..., tuple[int, str, str]]

ZERO = dict.fromkeys(Totals.model_fields, 0)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty checkout that the process stands in; no CI is around it."""
    for name in ("FAILTRACK_BUILD", *(provider.marker for provider in PROVIDERS)):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gate(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Gate:
    """Return a function that runs the command and returns exit code, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["failtrack", "gate", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def a_failure(name: str = "tax", *, build: str = "7", leg: str = "", infra: bool = False,
              failure_type: str = "") -> dict[str, Any]:  # fmt: skip
    """Return the record of a failing test; of a lost database with `infra`."""
    digits = hashlib.sha256(name.encode()).hexdigest()[:12]
    kind = ("INFRA", "INFRA_NETWORK", "database_connectivity")
    kind = kind if infra else ("ARCHITECTURE", "ARCHITECTURE_DRIFT", "test_failure")
    return build_record(
        Observation(
            source="pytest",
            when="call",
            nodeid=f"tests/test_{name}.py::test_{name}",
            outcome="failed",
            file=f"src/shop/{name}.py",
            line=31,
            text=f"E   ValueError: {name}",
            timestamp="2026-11-21T11:00:00Z",
        ),
        Signature("CI", "tests", "pytest", name, digits, 1),
        Classification(*kind, "HIGH", 0.9, "catalog", "", False, "", "", ())
        if not failure_type
        else Classification(*kind[:2], failure_type, "HIGH", 0.9, "catalog", "", False, "", "", ()),
        run=RunFacts(build_id=build, leg=leg),
        repetition=Repetition(novelty="NEW"),
    )


def write(
    place: Path, *records: dict[str, Any], build: str = "7", leg: str = "", **changes: Any
) -> Path:
    """Write a run with its records as a checkout keeps them; return the run document's path."""
    for record in records:
        content = to_json(validate(record))
        write_record(place / "governance/events/failures", content, record["failure_id"])
    document = {
        "schema_version": "1.0",
        "document_id": f"run of {build} {leg}",
        "run_id": build,
        "build_id": build,
        "build_attempt": 1,
        "source": "pytest",
        "workflow": "CI",
        "job": "tests",
        "step": "pytest",
        "leg": leg,
        "started_at": "2026-11-21T11:00:00Z",
        "finished_at": "2026-11-21T11:01:00Z",
        "exit_status": 1 if records else 0,
        "is_complete": True,
        "ended": "finished",
        "signal": None,
        "command": "pytest --failtrack",
        "totals": ZERO,
        "failures": len(records),
        "files": {},
        "outcomes": {},
        "causes": [],
        "debt": {"counts": {}, "without_reason": 0, "expired": 0, "items": []},
        "records": [record["failure_id"] for record in records],
        "record_digests": [capture_digest(one)[:8] for one in records],
        "records_digest": records_digest(records),
        "lost_workers": 0,
        "internal_errors": 0,
        "reopened": [],
        "environment": {},
        "generator": "pytest-failtrack 0.1.0",
        "problems": [],
    }
    return write_run(place / "governance/events/runs", {**document, **changes})


def record_file(place: Path, record: dict[str, Any]) -> Path:
    return place / "governance/events/failures" / f"{record['failure_id']}.json"


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a document on the disk, as somebody with an editor would."""
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


class TestVerdict:
    def test_a_green_run_passes(self, project: Path, gate: Gate) -> None:
        write(project)

        code, out, _ = gate()

        assert (code, out.splitlines()[0]) == (0, "gate: PASSED  no failures")

    def test_a_new_cause_fails_and_is_named_in_the_first_lines(
        self, project: Path, gate: Gate
    ) -> None:
        write(project, a_failure("tax"), a_failure("orders"))

        code, out, _ = gate()

        assert code == 1
        lines = out.splitlines()
        assert lines[0] == "gate: FAILED  2 new causes"
        assert "src/shop/tax.py:31" in out
        assert lines[-1] == "  build 7: 1 run, 2 records; exit code 1"

    def test_the_explanation_says_where_a_cause_lies_and_why(
        self, project: Path, gate: Gate
    ) -> None:
        """S1-116: the verdict of infra, product, test or flaky with its reason, as after a run."""
        record = a_failure("tax")
        record["subcategory"], record["category"] = "QA_FALSE_NEGATIVE", "QA"
        said = "It passed on the same commit 3f2a91c in build 6, 2 hours ago."
        cause = {"cause_id": record["test"]["cause_id"], "evidence": said}
        write(project, record, causes=[cause])

        explained = gate("--explain")[1]
        (counted,) = json.loads(gate("--json")[1])["counted"]

        assert f"\n          flaky  QA / QA_FALSE_NEGATIVE  HIGH\n          {said}\n" in explained
        assert (counted["blame"], counted["evidence"]) == ("flaky", said)
        assert said not in gate()[1]

    @pytest.mark.parametrize(
        ("flags", "headline", "said"),
        [
            pytest.param((True,), "1 cause, try again", ["a retry is asked for"], id="one"),
            pytest.param((False,), f"1 cause, {MEND_FIRST}", [MEND_FIRST], id="none"),
            pytest.param(
                (True, False),
                f"2 causes, 1 of them {MEND_FIRST}",
                ["a retry is asked for", MEND_FIRST],
                id="one of two",
            ),
            pytest.param(
                (True, True), "2 causes, try again", ["a retry is asked for"] * 2, id="all"
            ),
        ],
    )
    def test_a_retry_is_asked_for_only_where_it_can_help(
        self,
        project: Path,
        gate: Gate,
        flags: tuple[bool, ...],
        headline: str,
        said: list[str],
    ) -> None:
        """The exit code stays 75 (C-33), and the words are those of the section after the run."""
        records = [a_failure(f"db{number}", infra=True) for number, _ in enumerate(flags)]
        for record, is_retryable in zip(records, flags, strict=True):
            record["classification"]["is_retryable"] = is_retryable
        write(project, *records)

        code, out, _ = gate("--explain")

        assert (code, out.splitlines()[0]) == (75, f"gate: INFRASTRUCTURE ONLY  {headline}")
        told = [line.rpartition("  ")[2] for line in out.splitlines() if "owner" in line]
        assert sorted(told) == sorted(said)
        limit = "0, else retry" if all(flags) else "0, else mend first"
        assert f"(allowed: {limit})" in out

    def test_what_the_matrix_never_retries_is_mended_first(self, project: Path, gate: Gate) -> None:
        record = a_failure("db", infra=True)
        record["classification"]["is_retryable"] = True
        write(project, record)
        (project / "pyproject.toml").write_text(
            '[tool.failtrack.types.database_connectivity]\nretry = { class = "never" }\n', "utf-8"
        )

        assert gate()[1].splitlines()[0].endswith(f"1 cause, {MEND_FIRST}")

    def test_rules_are_read_from_the_configuration(self, project: Path, gate: Gate) -> None:
        write(project, a_failure("db", infra=True), a_failure())
        (project / "pyproject.toml").write_text(
            "[tool.failtrack.gate]\nnew = 1\nallow_infra = true\n", encoding="utf-8"
        )

        assert gate()[0] == 0

    def test_nothing_in_the_configuration_lifts_a_secret(self, project: Path, gate: Gate) -> None:
        """S1-40."""
        write(project, a_failure("key", infra=True, failure_type="secret_detected"))
        (project / "pyproject.toml").write_text(
            '[tool.failtrack.gate]\nnew = "any"\nallow_infra = true\n', encoding="utf-8"
        )

        code, out, _ = gate()

        assert code == 1
        assert "never lifted: secret_detected (S1-40)" in out

    def test_a_path_listed_as_authentication_is_never_lifted(
        self, project: Path, gate: Gate
    ) -> None:
        """S1-43."""
        write(project, a_failure("tax"))
        (project / "pyproject.toml").write_text(
            '[tool.failtrack.gate]\nnew = "any"\n[tool.failtrack.auth]\npaths = ["src/shop/"]\n',
            encoding="utf-8",
        )

        assert gate()[0] == 1

    @pytest.mark.parametrize(
        "table", ["[tool.failtrack.gate]\nnews = 1\n", '[tool.failtrack.gate]\nnew = "few"\n']
    )
    def test_a_wrong_rule_is_a_usage_error(self, project: Path, gate: Gate, table: str) -> None:
        write(project)
        (project / "pyproject.toml").write_text(table, encoding="utf-8")

        code, _, err = gate()

        assert code == 2
        assert "tool.failtrack.gate" in err


class TestEvidence:
    """Whatever cannot be trusted ends with 3 and names the file; never with a pass."""

    def test_no_evidence_at_all(self, gate: Gate) -> None:
        code, out, _ = gate()

        assert code == 3
        assert "no run document was found" in out
        assert out.splitlines()[-1] == "  no build: 0 runs, 0 records; exit code 3"

    def test_a_record_that_is_gone(self, project: Path, gate: Gate) -> None:
        record = a_failure()
        write(project, record)
        record_file(project, record).unlink()

        code, out, _ = gate()

        assert code == 3
        assert f"{record['failure_id']}.json is missing" in out.splitlines()[0]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
    @pytest.mark.parametrize("kind", ["record", "run"])
    def test_a_pipe_in_place_of_a_document(self, project: Path, gate: Gate, kind: str) -> None:
        record = a_failure()
        run = write(project, record)
        path = record_file(project, record) if kind == "record" else run
        path.unlink()
        os.mkfifo(path)

        code, out, _ = gate()

        assert code == 3
        assert f"{path.name}: it is no regular file; remove it" in out

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
    def test_a_pipe_in_place_of_an_archive(self, project: Path, gate: Gate) -> None:
        write(project, a_failure())
        path = project / "governance/events/archive/evidence-2026.zip"
        path.parent.mkdir()
        os.mkfifo(path)

        code, out, _ = gate()

        assert code == 3
        assert f"{path.name}: it is no regular file; remove it" in out

    @pytest.mark.parametrize("other", [True, False], ids=["beside a failure", "alone"])
    @pytest.mark.parametrize("size", [0, 1, 500, -2])
    def test_a_record_that_is_cut_off(
        self, project: Path, gate: Gate, size: int, other: bool
    ) -> None:
        record = a_failure()
        write(project, record, *([a_failure("orders")] if other else []))
        path = record_file(project, record)
        path.write_bytes(path.read_bytes()[:size])

        code, out, _ = gate()

        assert code == 3
        assert path.name in out

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda r: r["classification"].update(failure_type="infrastructure"),
                         id="its type"),
            pytest.param(lambda r: r["test"].update(outcome="flaky"), id="its outcome"),
            pytest.param(lambda r: r["context"].update(file_path="x.py"), id="its place"),
            pytest.param(lambda r: r.update(build_id="6"), id="its build"),
        ],
    )  # fmt: skip
    def test_a_record_whose_capture_was_changed(
        self, project: Path, gate: Gate, change: Callable[[dict[str, Any]], object]
    ) -> None:
        record = a_failure()
        write(project, record)
        edit(record_file(project, record), change)

        code, out, _ = gate()

        assert code == 3
        assert f"{record['failure_id']}.json" in out.splitlines()[0]

    def test_of_many_records_the_changed_one_alone_is_named(
        self, project: Path, gate: Gate
    ) -> None:
        changed, *others = (a_failure(f"case{number}") for number in range(5))
        write(project, changed, *others)
        edit(record_file(project, changed), lambda one: one["test"].update(outcome="flaky"))

        code, out, _ = gate()

        assert code == 3
        first = out.splitlines()[0]
        assert f"{changed['failure_id']}.json was changed" in first
        assert not [one for one in others if one["failure_id"] in first]

    def test_an_edit_of_its_life_is_no_tampering(self, project: Path, gate: Gate) -> None:
        record = a_failure()
        write(project, record)
        edit(record_file(project, record), lambda one: one["metadata"].update(owner="@ann"))

        code, out, _ = gate()

        assert code == 1
        assert "owner @ann" in out

    def test_a_category_edited_to_infrastructure_does_not_turn_1_into_75(
        self, project: Path, gate: Gate
    ) -> None:
        record = a_failure()
        write(project, record)
        changes = {"category": "INFRA", "subcategory": "INFRA_NETWORK"}
        edit(record_file(project, record), lambda one: one.update(changes))

        assert gate()[0] == 1

    @pytest.mark.parametrize("version", ["2.0", "0.9", "x", None])
    def test_a_record_of_a_foreign_version(
        self, project: Path, gate: Gate, version: str | None
    ) -> None:
        record = a_failure()
        write(project, record)
        edit(record_file(project, record), lambda one: one.update(schema_version=version))

        code, out, _ = gate()

        assert code == 3
        assert f"{record['failure_id']}.json" in out

    def test_a_run_document_that_is_cut_off(self, project: Path, gate: Gate) -> None:
        path = write(project)
        path.write_bytes(path.read_bytes()[:700])

        code, out, _ = gate()

        assert code == 3
        assert path.name in out

    def test_a_newer_run_that_cannot_be_read_is_not_passed_over(
        self, project: Path, gate: Gate
    ) -> None:
        write(project, build="6")
        path = write(project, build="7", started_at="2026-11-21T12:00:00Z")
        path.write_bytes(path.read_bytes()[:-30])

        code, out, _ = gate()

        assert code == 3
        assert path.name in out

    def test_an_older_run_that_cannot_be_read_does_not_matter(
        self, project: Path, gate: Gate
    ) -> None:
        path = write(project, build="6", started_at="2026-11-20T12:00:00Z")
        path.write_bytes(path.read_bytes()[:-30])
        write(project, build="7")

        assert gate()[0] == 0

    def test_a_run_document_without_one_of_its_records(self, project: Path, gate: Gate) -> None:
        """A failure that was struck off the list is still there as a file."""
        record = a_failure()
        path = write(project, record)
        empty = {"records": [], "records_digest": records_digest([]), "exit_status": 0}
        edit(path, lambda document: document.update(empty))

        code, out, _ = gate()

        assert code == 3
        assert "is listed by no run document" in out

    @pytest.mark.parametrize("words", [(), ("--build", "7")])
    def test_a_run_whose_document_is_missing(
        self, project: Path, gate: Gate, words: tuple[str, ...]
    ) -> None:
        write(project, a_failure()).unlink()

        code, out, _ = gate(*words)

        assert code == 3
        assert "no run document" in out

    def test_a_run_that_died_is_incomplete(self, project: Path, gate: Gate) -> None:
        write(project, is_complete=False, ended="died", signal="SIGKILL", exit_status=None)

        code, out, _ = gate()

        assert (code, out.splitlines()[0]) == (3, "gate: INCOMPLETE  tests died (SIGKILL)")

    def test_a_record_of_another_build_is_none_of_ours(self, project: Path, gate: Gate) -> None:
        write(project, a_failure("old", build="6"), build="6", started_at="2026-11-20T12:00:00Z")
        write(project, build="7")

        assert gate()[0] == 0


class TestWhichBuild:
    def test_the_newest_by_default(self, project: Path, gate: Gate) -> None:
        write(project, a_failure(build="8"), build="8", started_at="2026-11-21T11:30:00Z")
        write(project, build="9", started_at="2026-11-21T11:20:00Z")

        assert gate()[0] == 1

    def test_the_one_that_was_asked_for(self, project: Path, gate: Gate) -> None:
        write(project, a_failure(build="8"), build="8")
        write(project, build="9")

        assert (gate("--build", "8")[0], gate("--build", "9")[0]) == (1, 0)

    def test_the_one_of_the_ci(
        self, project: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(project, a_failure(build="8"), build="8")
        write(project, build="9")
        monkeypatch.setenv("FAILTRACK_BUILD", "8")

        assert gate()[0] == 1

    def test_one_that_left_no_evidence(self, project: Path, gate: Gate) -> None:
        write(project)

        code, out, _ = gate("--build", "nope")

        assert code == 3
        assert "no run document of build nope" in out


class TestManyFolders:
    @pytest.fixture
    def artifacts(self, project: Path) -> Path:
        """Return a folder as `actions/download-artifact` leaves it: one folder a leg."""
        folder = project / "artifacts"
        write(folder / "evidence-py310", leg="py310")
        write(folder / "evidence-py312", a_failure(leg="py312"), leg="py312")
        return folder

    def test_the_legs_of_a_matrix_are_judged_together(self, artifacts: Path, gate: Gate) -> None:
        code, out, _ = gate(str(artifacts))

        assert code == 1
        assert "build 7: 2 runs, 1 record; exit code 1" in out

    def test_several_folders_may_be_named(self, artifacts: Path, gate: Gate) -> None:
        legs = [str(artifacts / "evidence-py310"), str(artifacts / "evidence-py312")]

        assert "2 runs" in gate(*legs)[1]
        assert "2 runs" in gate(*legs, str(artifacts))[1], "each run counts once"
        assert gate(legs[0])[0] == 0

    @pytest.mark.parametrize(
        "place",
        [
            pytest.param(".", id="a checkout"),
            pytest.param("governance/events", id="the parent of the evidence"),
            pytest.param("governance/events/failures", id="the evidence"),
            pytest.param("governance/events/failures/", id="with a slash"),
            pytest.param("governance/events/runs", id="the run documents"),
        ],
    )
    @pytest.mark.parametrize("is_red", [True, False])
    def test_what_a_folder_may_be(
        self, project: Path, gate: Gate, place: str, is_red: bool
    ) -> None:
        (project / "governance/events/failures").mkdir(parents=True)
        write(project, *([a_failure()] if is_red else []))

        assert gate(place)[0] == (1 if is_red else 0)

    def test_the_same_artifact_twice_counts_once(self, artifacts: Path, gate: Gate) -> None:
        shutil.copytree(artifacts / "evidence-py312", artifacts / "again")

        assert "build 7: 2 runs, 1 record" in gate(str(artifacts))[1]

    def test_two_versions_of_one_run_are_not_believed(self, artifacts: Path, gate: Gate) -> None:
        shutil.copytree(artifacts / "evidence-py310", artifacts / "again")
        (changed,) = (artifacts / "again/governance/events/runs").iterdir()
        edit(changed, lambda document: document.update(exit_status=5))

        code, out, _ = gate(str(artifacts))

        assert code == 3
        assert "two versions of one run" in out

    def test_a_leg_that_sent_nothing_is_missed_where_it_is_required(
        self, project: Path, artifacts: Path, gate: Gate
    ) -> None:
        shutil.rmtree(artifacts / "evidence-py312")
        (project / "pyproject.toml").write_text(
            '[tool.failtrack.gate]\nrequired_runs = ["tests/py310", "tests/py312"]\n',
            encoding="utf-8",
        )

        code, out, _ = gate(str(artifacts))

        assert code == 3
        assert "missing or incomplete: tests/py312" in out

    def test_a_folder_that_is_not_there(self, gate: Gate) -> None:
        code, out, _ = gate("no-such-folder")

        assert code == 3
        assert "no-such-folder is missing" in out

    def test_a_folder_that_is_not_there_beside_one_that_is_green(
        self, project: Path, gate: Gate
    ) -> None:
        write(project)

        assert gate(".", "no-such-folder")[0] == 3


class TestOutput:
    def test_explain_says_for_each_rule_what_it_saw_and_allows(
        self, project: Path, gate: Gate
    ) -> None:
        write(project, a_failure())

        out = gate("--explain")[1]

        lines = [line.split(maxsplit=2) for line in out.splitlines()]
        assert ["FAILED", "new", "1 new cause  (allowed: 0)"] in lines
        assert [
            "ok",
            "evidence",
            "1 record, all as written  (allowed: complete and unchanged)",
        ] in (lines)
        assert sum(line[0] in ("ok", "FAILED") for line in lines) == 19

    @pytest.mark.parametrize(
        "words", [(), ("--explain",), ("--json",)], ids=["plain", "explained", "json"]
    )
    @pytest.mark.parametrize("expected", [0, 1, 3])
    def test_a_reader_that_goes_away_changes_no_verdict(
        self, project: Path, words: tuple[str, ...], expected: int
    ) -> None:
        write(project, *([a_failure()] if expected else []))
        if expected == 3:
            shutil.rmtree(project / "governance/events/failures")
        reading, writing = os.pipe()
        os.close(reading)

        code = "from pytest_failtrack.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "gate", *words],
            check=False,
            stdout=writing,
            stderr=subprocess.PIPE,
        )

        os.close(writing)
        assert (done.returncode, done.stderr) == (expected, b"")

    def test_json_is_one_stable_object(self, project: Path, gate: Gate) -> None:
        write(project, a_failure())

        code, out, _ = gate("--json")

        verdict = json.loads(out)
        assert list(verdict) == [
            "format",
            "format_version",
            "build_id",
            "passed",
            "exit_code",
            "headline",
            "runs",
            "records",
            "rules",
            "counted",
            "uncounted",
        ]
        assert (code, verdict["exit_code"], verdict["passed"]) == (1, 1, False)
        assert verdict["counted"][0]["novelty"] == "NEW"
        assert list(verdict["rules"][0]) == [
            "name",
            "passed",
            "saw",
            "limit",
            "causes",
            "exit_code",
        ]

    def test_json_says_too_that_there_is_no_evidence(self, gate: Gate) -> None:
        code, out, _ = gate("--json")

        assert (code, json.loads(out)["exit_code"]) == (3, 3)

    @pytest.mark.parametrize(("number", "more"), [(21, "1 more cause"), (30, "10 more causes")])
    def test_many_causes_are_cut_and_the_cut_is_named(
        self, project: Path, gate: Gate, number: int, more: str
    ) -> None:
        write(project, *(a_failure(f"cause_{n}") for n in range(number)))

        out = gate()[1]

        assert f"... {more} (`failtrack list`)" in out

    def test_text_of_a_failure_cannot_command_the_terminal_or_the_ci(
        self, project: Path, gate: Gate
    ) -> None:
        record = a_failure()
        record["failure_description"]["summary"] = "\x1b[2Jx\n::error::y"
        write(project, record)

        out = gate()[1]

        assert "\x1b" not in out
        assert not any(line.startswith("::") for line in out.splitlines())


def test_dead_runs_are_recovered_before_the_verdict(
    project: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate must see what a killed run left in its journal."""
    (project / ".failtrack").mkdir()

    def recover(settings: Any, extensions: Any, tell: Any) -> list[Any]:
        write(project, a_failure())
        return []

    monkeypatch.setattr("pytest_failtrack.recovering.recovery.recover", recover)

    assert gate()[0] == 1
