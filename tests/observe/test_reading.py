"""The door for files: kinds by content, errors that say what to do, and no content that harms."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from reading_kit import ROOT, observed, only, sample

from pytest_failtrack.errors import InputError
from pytest_failtrack.observe.from_observations import OUTCOMES, PHASES, schema_text
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.observe.reading import REPORT_MAX_BYTES, Wanted, kind_of, read
from pytest_failtrack.signature.token import token_of

GUARD = Path(__file__).parent.parent / "gold/guard_report.json"
TRACEBACK = "tests/test_a.py:3: in test_b\n    f()\nsrc/a.py:2: in f\n    x\nE   KeyError: 'x'"
JSON_REPORT: dict[str, Any] = {
    "created": 1763719200.5,
    "duration": 0.1,
    "exitcode": 1,
    "root": "/home/ci/checkout",
    "environment": {},
    "summary": {"failed": 1, "total": 1},
    "collectors": [
        {"nodeid": "", "outcome": "passed", "result": []},
        {"nodeid": "tests/test_c.py", "outcome": "failed", "longrepr": "E   SyntaxError: x"},
    ],
    "tests": [
        {
            "nodeid": "tests/test_a.py::test_b",
            "lineno": 1,
            "outcome": "failed",
            "setup": {"duration": 0.1, "outcome": "passed"},
            "call": {
                "duration": 0.5,
                "outcome": "failed",
                "crash": {"path": "/home/ci/checkout/src/a.py", "lineno": 2, "message": "KeyError"},
                "stdout": "said",
                "longrepr": TRACEBACK.replace("src/a.py", "/home/ci/checkout/src/a.py"),
            },
        }
    ],
}
ENTRY: dict[str, Any] = {
    "type": "ReprEntry",
    "data": {
        "lines": ["    def test_b():", ">       f()", "E       KeyError: 'x'"],
        "reprfileloc": {"path": "tests/test_a.py", "lineno": 3, "message": "KeyError"},
        "style": "long",
    },
}


def report(outcome: str, when: str = "call", **more: Any) -> dict[str, Any]:
    """Return a line of a report log."""
    failed = {
        "reprcrash": {"path": "/x/tests/test_a.py", "lineno": 3, "message": "KeyError: 'x'"},
        "reprtraceback": {"reprentries": [ENTRY], "extraline": None, "style": "long"},
        "sections": [],
    }
    return {
        "nodeid": "tests/test_a.py::test_b",
        "location": ["tests/test_a.py", 1, "test_b"],
        "outcome": outcome,
        "longrepr": None if outcome == "passed" else failed,
        "when": when,
        "sections": [["Captured stdout call", "said"]],
        "duration": 0.25,
        "stop": 1763719200.5,
        "$report_type": "TestReport",
        **more,
    }


def lines(*documents: Any) -> str:
    """Return JSON lines."""
    return "".join(json.dumps(one) + "\n" for one in documents)


START = {"pytest_version": "9.0.0", "$report_type": "SessionStart"}


class TestReportLog:
    def test_a_failure_is_what_pytest_printed(self) -> None:
        one = only(lines(START, report("passed", "setup"), report("failed")))

        assert (one.source, one.nodeid, one.when, one.outcome) == (
            "reportlog",
            "tests/test_a.py::test_b",
            "call",
            "failed",
        )
        assert token_of(one) == "KeyError: 'x' @ tests/test_a.py:test_b"
        assert one.captured == {"stdout": "said"}
        assert (one.duration_seconds, one.timestamp[:19]) == (0.25, "2025-11-21T10:00:00")

    def test_a_rerun_that_passed_is_flaky(self) -> None:
        one = only(lines(START, report("rerun"), report("passed")))

        assert (one.outcome, one.attempt) == ("flaky", 1)

    def test_attempts_are_counted(self) -> None:
        found = observed(lines(START, report("rerun"), report("rerun"), report("failed")))

        assert [(one.outcome, one.attempt) for one in found] == [
            ("rerun", 1),
            ("rerun", 2),
            ("failed", 3),
        ]

    def test_a_collector_fails_by_its_text(self) -> None:
        told = {
            "nodeid": "tests/test_a.py",
            "outcome": "failed",
            "longrepr": {"longrepr": "E   ImportError: x"},
            "$report_type": "CollectReport",
        }

        one = only(lines(START, told))

        assert (one.when, one.outcome, one.exceptions[0].type) == (
            "collect",
            "error",
            "ImportError",
        )

    def test_a_last_line_that_is_cut_is_left_out(self) -> None:
        assert len(observed(lines(START, report("failed")) + '{"nodeid": "te')) == 1

    def test_another_line_that_is_cut_is_an_error(self) -> None:
        with pytest.raises(InputError, match="given: line 2 is no JSON"):
            observed(lines(START) + '{"nodeid": "te\n' + lines(report("failed")))


class TestJsonReport:
    def test_tests_and_collectors_that_failed(self) -> None:
        collected, tested = observed(json.dumps(JSON_REPORT))

        assert (collected.nodeid, collected.when) == ("tests/test_c.py", "collect")
        assert token_of(tested) == "KeyError: 'x' @ src/a.py:f"
        assert (tested.source, tested.captured) == ("json-report", {"stdout": "said"})


JOBS: dict[str, Any] = {
    "total_count": 3,
    "jobs": [
        {
            "name": "Tests (3.11, ubuntu-latest)",
            "workflow_name": "CI",
            "conclusion": "failure",
            "status": "completed",
            "run_attempt": 2,
            "completed_at": "2026-11-21T10:00:00Z",
            "steps": [
                {"name": "Post job", "number": 9, "conclusion": "failure"},
                {"name": "Set up job", "number": 1, "conclusion": "success"},
                {"name": "Lint", "number": 2, "conclusion": "skipped"},
                {"name": "Run pytest", "number": 3, "conclusion": "failure"},
            ],
        },
        {"name": "Docker", "conclusion": "success", "steps": []},
        {"name": "Docs", "conclusion": "cancelled", "steps": []},
        {
            "name": "Slow",
            "conclusion": "timed_out",
            "steps": [{"name": "x", "conclusion": "cancelled"}],
        },
        {"name": "Waits", "conclusion": None, "steps": None},
    ],
}


class TestJobs:
    def test_failed_jobs_and_their_first_failing_step(self) -> None:
        """S4-03: enumerates failed jobs and the first failing step."""
        found = observed(json.dumps(JOBS))

        assert [(one.job, one.step, one.outcome) for one in found] == [
            ("Tests", "Run pytest", "failed"),
            ("Slow", "x", "crashed"),
        ]
        assert found[0].nodeid == "Tests (3.11, ubuntu-latest) / Run pytest"
        assert (found[0].workflow, found[0].attempt) == ("CI", 2)
        assert token_of(found[0]) == "no-stack"

    def test_pages_are_read_together(self) -> None:
        assert len(observed(json.dumps([JOBS, JOBS]))) == 4

    @pytest.mark.parametrize("indent", [None, 2], ids=["short", "indented"])
    @pytest.mark.parametrize("between", ["", "\n", "\n\n"], ids=["glued", "line", "empty line"])
    def test_so_are_pages_that_stand_one_after_another(
        self, between: str, indent: int | None
    ) -> None:
        """`gh api --paginate` without `--slurp` writes them so."""
        page = json.dumps(JOBS, indent=indent)

        assert len(observed(page + between + page + "\n")) == 4

    def test_pages_that_are_longer_than_what_tells_the_kind(self) -> None:
        page = json.dumps({"jobs": JOBS["jobs"], "note": "x" * 70_000})

        assert len(observed(page + page)) == 4

    @pytest.mark.parametrize("between", ["", "\n"], ids=["glued", "line"])
    def test_a_last_page_that_is_cut_is_told(self, between: str) -> None:
        gaps: list[str] = []
        page = json.dumps(JOBS)

        found = observed(page + between + page[:100], saw_gap=gaps.append)

        assert (len(found), len(gaps)) == (2, 1)
        assert gaps[0].startswith("given: its last page is cut")

    def test_other_documents_in_a_row_are_no_pages(self) -> None:
        with pytest.raises(InputError, match="begins like JSON and is none"):
            observed(json.dumps(JOBS) + '{"other": 1}')


def result(**changes: Any) -> dict[str, Any]:
    """Return a result of a scanner."""
    return {
        "ruleId": "R1",
        "level": "error",
        "message": {"text": "SQL is made of text"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "src/shop/db%20x.py"},
                    "region": {"startLine": 7},
                }
            }
        ],
        **changes,
    }


def sarif(*results: dict[str, Any], tool: str = "scan", **rule: Any) -> str:
    """Return a SARIF log with one rule."""
    driver = {"name": tool, "rules": [{"id": "R1", **rule}]}
    run = {"tool": {"driver": driver}, "results": list(results)}
    return json.dumps({"version": "2.1.0", "runs": [run]})


class TestSarif:
    def test_a_result_is_a_failure_at_its_place(self) -> None:
        one = only(sarif(result()))

        assert (one.source, one.nodeid, one.file, one.line) == (
            "sarif",
            "scan R1 src/shop/db x.py",
            "src/shop/db x.py",
            7,
        )
        assert token_of(one) == "R1: SQL is made of text @ src/shop/db x.py:<module>"

    @pytest.mark.parametrize(
        "changes",
        [
            {"level": "note"},
            {"level": "none"},
            {"kind": "pass"},
            {"kind": "informational"},
            {"baselineState": "absent"},
            {"suppressions": [{"kind": "inSource"}]},
            {"suppressions": [{"kind": "external", "status": "accepted"}]},
        ],
        ids=str,
    )
    def test_what_is_no_failure(self, changes: dict[str, Any]) -> None:
        assert observed(sarif(result(**changes))) == []

    def test_a_suppression_that_was_refused_counts_for_nothing(self) -> None:
        assert len(observed(sarif(result(suppressions=[{"status": "rejected"}])))) == 1

    def test_the_level_may_stand_with_the_rule(self) -> None:
        plain = result()
        del plain["level"]

        assert observed(sarif(plain, defaultConfiguration={"level": "note"})) == []
        assert len(observed(sarif(plain))) == 1

    @pytest.mark.parametrize(
        ("tool", "rule", "failure_type", "severity"),
        [
            ("gitleaks", {}, "secret_detected", "CRITICAL"),
            ("semgrep", {"name": "hardcoded-password"}, "secret_detected", "CRITICAL"),
            (
                "trivy",
                {"properties": {"security-severity": "9.8"}},
                "critical_vulnerability",
                "CRITICAL",
            ),
            (
                "trivy",
                {"properties": {"security-severity": "7.0"}},
                "security_vulnerability",
                "HIGH",
            ),
            (
                "trivy",
                {"properties": {"security-severity": "0.0"}},
                "security_vulnerability",
                "LOW",
            ),
            ("codeql", {"properties": {"tags": ["security"]}}, "security_vulnerability", "HIGH"),
            ("ruff", {}, "build_error", "HIGH"),
        ],
    )
    def test_says_of_what_kind_it_is(
        self, tool: str, rule: dict[str, Any], failure_type: str, severity: str
    ) -> None:
        """C-5: secrets and vulnerabilities are gaps in enforcement, never infrastructure."""
        told = only(sarif(result(), tool=tool, **rule)).told

        assert (told["failure_type"], told["severity"]) == (failure_type, severity)
        if tool != "ruff":
            assert told["subcategory"] == "GOVERNANCE_ENFORCEMENT_GAP"

    def test_the_secret_itself_is_redacted(self) -> None:
        secret = "ghp_" + "a1B2" * 9

        assert secret not in only(sarif(result(message={"text": f"found {secret}"}))).to_json()


COVERAGE = json.dumps(
    {
        "meta": {"format": 3},
        "files": {"src/a.py": {"summary": {"missing_lines": 3}}},
        "totals": {"percent_covered": 81.25},
    }
)
COBERTURA = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.8125" version="7.6"><packages><package><classes>
<class name="a.py" filename="src/a.py"><methods><method><lines><line number="1" hits="0"/></lines>
</method></methods><lines><line number="1" hits="0"/><line number="2" hits="3"/></lines></class>
</classes></package></packages></coverage>"""


class TestCoverage:
    @pytest.mark.parametrize(
        ("report", "missing"), [(COVERAGE, "3 lines"), (COBERTURA, "1 line")], ids=["json", "xml"]
    )
    def test_under_the_threshold_it_is_a_failure(self, report: str, missing: str) -> None:
        """S0-14: QA_COVERAGE_INCOMPLETE."""
        one = only(report, coverage_min_percent=90.0)

        assert one.told["subcategory"] == "QA_COVERAGE_INCOMPLETE"
        assert one.text.splitlines() == [
            "error: coverage 81.2 % is under 90 %",
            f"  {missing} missing in src/a.py",
        ]

    @pytest.mark.parametrize("report", [COVERAGE, COBERTURA])
    def test_over_it_there_is_none(self, report: str) -> None:
        assert observed(report, coverage_min_percent=81.25) == []

    def test_without_a_threshold_nothing_can_be_said(self) -> None:
        with pytest.raises(InputError, match=r"81.2 % are covered; .* --coverage-min PERCENT"):
            observed(COVERAGE)

    def test_a_document_without_a_rate_is_an_error(self) -> None:
        with pytest.raises(InputError, match="without a line-rate"):
            observed("<coverage/>", coverage_min_percent=1)


FULL = Observation(
    source="mine",
    when="call",
    nodeid="t::x",
    outcome="failed",
    exceptions=(Raised("KeyError", "'x'", (Frame("src/a.py", 1, "f", True),)),),
    file="src/a.py",
    line=1,
    timestamp="2026-11-21T10:00:00.000+00:00",
    told={"severity": "LOW"},
)


class TestObservations:
    def test_come_back_as_they_were_written(self) -> None:
        assert observed(FULL.to_json() + "\n" + FULL.to_json()) != []
        assert only(FULL.to_json()) == FULL
        assert only(json.dumps([FULL.to_dict()])) == FULL

    def test_a_journal_holds_them_between_its_marks(self) -> None:
        journal = lines(
            {"mark": "start"}, {"observation": FULL.to_dict()}, {"debt": []}, {"mark": "end"}
        )

        assert only(journal) == FULL

    def test_what_is_left_out_has_its_default(self) -> None:
        small = {"source": "mine", "when": "command", "nodeid": "make", "outcome": "failed"}

        one = only(json.dumps(small))

        assert (one.nodeid, one.attempt, one.exceptions) == ("make", 1, ())
        assert one.timestamp

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"outcome": "bad"}, "outcome is none of failed, error"),
            ({"when": "later"}, "when is none of collect"),
            ({"nodeid": 3}, "nodeid is no text"),
            ({"attempt": 0}, "attempt is no number from 1"),
            ({"line": "3"}, "line is no whole number"),
            ({"captured": []}, "captured is no object"),
            ({"exceptions": [{"type": "x"}]}, "message is missing"),
            ({"exceptions": 3}, "'int' object"),
        ],
        ids=str,
    )
    def test_one_that_is_none_is_named(self, changes: dict[str, Any], said: str) -> None:
        with pytest.raises(InputError, match=f"given: observation 1: .*{said}"):
            observed(json.dumps({**FULL.to_dict(), **changes}))

    def test_are_redacted_and_bounded(self) -> None:
        secret = "ghp_" + "a1B2" * 9
        one = only(json.dumps({**FULL.to_dict(), "text": secret + "x" * 100_000, "nodeid": secret}))

        assert secret not in one.to_json()
        assert len(one.to_json()) < 10_000


class TestSchema:
    SCHEMA = json.loads(schema_text())

    def test_names_every_field(self) -> None:
        assert list(self.SCHEMA["properties"]) == list(Observation.__dataclass_fields__)
        assert list(self.SCHEMA["$defs"]["Frame"]["properties"]) == list(Frame.__dataclass_fields__)
        assert list(self.SCHEMA["$defs"]["Raised"]["properties"]) == list(
            Raised.__dataclass_fields__
        )
        assert tuple(self.SCHEMA["properties"]["outcome"]["enum"]) == OUTCOMES
        assert tuple(self.SCHEMA["properties"]["when"]["enum"]) == PHASES

    @pytest.mark.parametrize(
        "content",
        [
            sample("pytest.xml"),
            sample("surefire.xml"),
            sample("go.xml"),
            sample("pytest.log"),
            sample("cargo.log"),
            json.dumps(JOBS),
            json.dumps(JSON_REPORT),
            lines(START, report("failed")),
            sarif(result()),
            FULL.to_json(),
            GUARD.read_text(encoding="utf-8"),
        ],
        ids=[
            *("pytest", "surefire", "go", "pytest-log", "cargo-log", "jobs", "json-report"),
            *("reportlog", "sarif", "observation", "guard"),
        ],
    )
    def test_accepts_what_readers_make(self, content: str) -> None:
        found = observed(content)
        validator = Draft202012Validator(self.SCHEMA)

        assert found
        for one in found:
            validator.validate(json.loads(one.to_json()))

    def test_refuses_what_is_none(self) -> None:
        assert not Draft202012Validator(self.SCHEMA).is_valid({"source": "x"})


class TestKinds:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"<testsuites/>", "junit"),
            (b"\xef\xbb\xbf\n <?xml version='1.0'?><!-- x --><ns:testsuite/>", "junit"),
            (COBERTURA.encode(), "cobertura"),
            (b'{\n "jobs": []}', "json"),
            (b'[{"jobs": []}]', "json"),
            (b'{"a": 1}\n{"a": 2}\n', "json-lines"),
            (b'{"a": 1}\n', "json"),
            (b"[Pipeline] Start\n", "log"),
            (b"[2026-11-21] x\n", "log"),
            (b"<stdin>:1: error\n", "log"),
            (b"{ not JSON\n", "log"),
            (b"\x1b[31merror\n", "log"),
        ],
    )
    def test_are_told_by_content(self, content: bytes, kind: str) -> None:
        assert kind_of(content) == kind

    def test_the_name_says_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "report.log"
        path.write_text(sample("pytest.xml"), encoding="utf-8")

        (one,) = read(path, Wanted(ROOT, str))

        assert one.source == "junit"

    def test_the_guard_is_among_them(self) -> None:
        assert {one.source for one in observed(GUARD.read_text(encoding="utf-8"))} == {"guard"}


class TestErrors:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "the file is empty; did the step that writes it run"),
            (b" \n ", "the file is empty"),
            (gzip.compress(b"x", mtime=0), "a gzip archive; unpack it"),
            (b"PK\x03\x04xxxx", "a zip archive; unpack it"),
            (b"\x7fELF" + b"\x00" * 1_000, "not a text"),
            (b'{"summary": {"x": 1}, "te', "begins like JSON and is none .* was its writer killed"),
            (
                b'{"hello": 1, "world": 2}',
                "no known kind, with the keys 'hello', 'world'; known are",
            ),
            (b"[]", "."),
            (b'{"failure_id": "x"}', "failtrack show"),
            (b"<html><body>log in</body></html>", "a web page"),
            (b"<TestRun xmlns='x'/>", "trx2junit"),
            (b"<?xml version='1.0'?><project/>", "the root element is <project>"),
        ],
    )
    def test_say_what_and_what_next(self, content: bytes, said: str) -> None:
        if content == b"[]":
            assert observed(content) == []  # a list of no observations
            return
        with pytest.raises(InputError, match=f"given: .*{said}"):
            observed(content)

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"nosuch.xml: cannot be read"):
            read(tmp_path / "nosuch.xml", Wanted(ROOT, str))

    def test_a_folder_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"a folder; name its files"):
            read(tmp_path, Wanted(ROOT, str))

    def test_a_report_that_is_too_large_is_not_read(self) -> None:
        content = b'<testsuite><testcase name="' + b"x" * REPORT_MAX_BYTES + b'"/></testsuite>'

        with pytest.raises(InputError, match=r"bytes, and at most .* of a report are read"):
            observed(content)

    def test_of_a_log_that_is_too_large_both_ends_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "big.log"
        with path.open("wb") as file:
            for _ in range(REPORT_MAX_BYTES // 1_000_000 + 10):
                file.write((b"checking" * 12_499 + b"\n") * 10)
            file.write(b"\nerror: no space left\n")

        (one,) = read(path, Wanted(ROOT, str))

        assert one.text == "error: no space left"

    @pytest.mark.parametrize(
        "content",
        [
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"runs": [' + b"[" * 100_000,
            b'{"version": "2.1.0", "runs": [1, null, {"results": [1, {"locations": 3}]}]}',
            b'{"jobs": [{"conclusion": "failure", "steps": 3}]}',
            b'{"jobs": [{"conclusion": "failure", "steps": [{"number": "x", "conclusion": []}]}]}',
            b'{"summary": {}, "exitcode": 1, "tests": [1, {"call": 3}], "collectors": {}}',
            b'{"totals": {"percent_covered": "x"}, "files": 3}',
            b'{"$report_type": "TestReport", "outcome": "failed", "longrepr": {"chain": [[1]]}}',
            b'{"$report_type": "TestReport", "outcome": "failed", "longrepr": {"chain": 1}}',
            b'{"runs": [{"tool": 3, "results": [{"message": {"arguments": 3}}]}], "version": "2."}',
        ],
        ids=range(11),
    )
    def test_a_wrong_shape_is_an_error_and_no_crash(self, content: bytes) -> None:
        assert all(isinstance(one, Observation) for one in observed_or_refused(content))


def observed_or_refused(content: bytes) -> list[Observation]:
    """Return what a file holds, nothing when it is refused with a reason."""
    try:
        return observed(content, coverage_min_percent=50)
    except InputError as error:
        reason = str(error)
    assert reason
    return []


SEEDS = [
    *(sample(name).encode() for name in ("pytest.xml", "surefire.xml", "go.xml", "pytest.log")),
    *(json.dumps(one).encode() for one in (JOBS, JSON_REPORT, FULL.to_dict())),
    *(one.encode() for one in (sarif(result()), COVERAGE, COBERTURA)),
    lines(START, report("failed"), report("rerun")).encode(),
]


@pytest.mark.parametrize("seed", range(len(SEEDS)))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(60):
        data = bytearray(SEEDS[seed])
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(data) + 1)
            if dice.random() < 0.4:
                del data[at : at + dice.randint(1, 60)]
            elif dice.random() < 0.5:
                data[at:at] = dice.choice(SEEDS)[: dice.randint(1, 300)]
            else:
                begin = data.find(b'"', at)
                end = data.find(b'"', begin + 1)
                if 0 <= begin < end:
                    data[begin : end + 1] = dice.choice((b"null", b"[]", b"{}", b"-1", b"true"))
        found = observed_or_refused(bytes(data) or b"x")
        assert [Observation.from_dict(json.loads(one.to_json())) for one in found] == found
