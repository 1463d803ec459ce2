"""What failtrack-guard reports, as observations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.errors import InputError
from pytest_failtrack.observe.from_guard import GuardReport, observe_report
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.signature.token import token_of

AT = "2026-11-21T10:00:00Z"
GOLD = Path(__file__).parent.parent / "gold/guard_report.json"
FINDING: dict[str, Any] = {
    "id": "PV-001-0123456789abcdef",
    "rule": "PV-001",
    "name": "raw-event-type",
    "severity": "CRITICAL",
    "category": "ARCHITECTURE",
    "subcategory": "ARCHITECTURE_DRIFT",
    "path": "src/shop/my orders.py",
    "line": 12,
    "column": 5,
    "end_line": 12,
    "end_column": 9,
    "symbol": "OrderService.place",
    "message": "'order.placed' is a raw string where EventType is due",
    "remedy": "use the member of the enum",
    "about": "An event type is a raw string.",
    "fingerprint": "0123456789abcdef",
    "fixable": "safe",
    "suppressed": None,
    "baseline": None,
}


def document(*findings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "kind": "failtrack-guard-report",
        "schema_version": "1.0",
        "created_at": AT,
        "rules": ["PV-001", "VAL-3"],
        "findings": [{**FINDING, **one} for one in findings],
        "bypassed": [],
        "errors": [],
        "totals": {"files": 3},
        **changes,
    }


def observed(*findings: dict[str, Any], **changes: Any) -> GuardReport:
    text = json.dumps(document(*findings, **changes))
    return observe_report(text, "guard.json", redact=Redactor({}))


def only(*findings: dict[str, Any], **changes: Any) -> Observation:
    (one,) = observed(*findings, **changes).observations
    return one


class TestFindings:
    def test_a_finding_is_an_observation(self) -> None:
        assert only({}) == Observation(
            source="guard",
            when="command",
            nodeid="failtrack-guard check --select PV-001 'src/shop/my orders.py'",
            outcome="failed",
            exceptions=(
                Raised(
                    "PV-001",
                    "'order.placed' is a raw string where EventType is due",
                    (Frame("src/shop/my orders.py", 12, "OrderService.place", is_project=True),),
                ),
            ),
            file="src/shop/my orders.py",
            line=12,
            text=(
                "src/shop/my orders.py:12: PV-001 'order.placed' is a raw string where EventType "
                "is due\nhelp: use the member of the enum\nAn event type is a raw string."
            ),
            timestamp=AT,
            markers=("guard", "PV-001"),
            told={
                "category": "ARCHITECTURE",
                "subcategory": "ARCHITECTURE_DRIFT",
                "failure_type": "build_error",
                "recovery_mode": "FIX_CODE",
                "reasons": [
                    "Failtrack-guard found it: PV-001.",
                    "An event type is a raw string.",
                ],
                "severity": "CRITICAL",
                "recovery_suggestion": "Use the member of the enum.",
            },
        )

    def test_its_token_stays_when_lines_move(self) -> None:
        tokens = {token_of(only({"line": line})) for line in (12, 700)}

        assert tokens == {
            "PV-001: 'order.placed' is a raw string where EventType is due"
            " @ src/shop/my orders.py:OrderService.place"
        }

    def test_what_is_allowed_or_known_is_no_failure(self) -> None:
        seen = observed({"suppressed": {"reason": "x"}}, {"baseline": "known"}, {"baseline": "new"})

        assert len(seen.observations) == 1

    def test_a_secret_in_code_does_not_get_through(self) -> None:
        secret = "ghp_" + "a1B2" * 9
        seen = only({"message": f"{secret!r} is a raw string", "symbol": secret})

        assert secret not in seen.to_json()
        assert "redacted" in seen.exceptions[0].message

    def test_a_long_message_is_cut(self) -> None:
        seen = only({"message": "x" * 10_000})

        assert len(seen.exceptions[0].message) <= 2_000
        assert seen.is_truncated

    @pytest.mark.parametrize(
        ("subcategory", "failure_type", "mode"),
        [
            ("ARCHITECTURE_DRIFT", "build_error", "FIX_CODE"),
            ("QA_TEST_DEBT", "test_debt", "FIX_TEST"),
            ("GOVERNANCE_EXCEPTION_EXPIRED", "build_error", "FIX_CONFIGURATION"),
        ],
    )
    def test_its_kind_is_what_the_guard_says(
        self, subcategory: str, failure_type: str, mode: str
    ) -> None:
        """S0-10, S0-19, S0-40, S1-34."""
        category = subcategory.partition("_")[0]

        told = only({"category": category, "subcategory": subcategory}).told

        assert told["subcategory"] == subcategory
        assert (told["failure_type"], told["recovery_mode"]) == (failure_type, mode)

    def test_one_about_a_suppression_is_seen_again_by_all_rules(self) -> None:
        seen = only({"rule": "FT-E1", "path": "a.py"})

        assert seen.nodeid == "failtrack-guard check a.py"


class TestTheRest:
    def test_a_bypassed_hook_is_a_gap_of_enforcement(self) -> None:
        """S0-39."""
        seen = only(
            bypassed=[
                {
                    "rule": "FT-B1",
                    "severity": "MEDIUM",
                    "category": "GOVERNANCE",
                    "subcategory": "GOVERNANCE_ENFORCEMENT_GAP",
                    "commit": "0123abc",
                    "subject": "Ship it",
                    "message": "commit 0123abc was made past the hook",
                    "remedy": "run `pre-commit install`",
                    "about": "A commit holds what the hook would have refused.",
                    "findings": [],
                }
            ]
        )

        assert seen.nodeid == "failtrack-guard check --commit-range '0123abc^..0123abc'"
        assert seen.told["subcategory"] == "GOVERNANCE_ENFORCEMENT_GAP"
        assert (seen.file, seen.line) == ("", None)
        assert token_of(seen).startswith("FT-B1: commit ")

    @pytest.mark.parametrize("subcategory", ["ARCHITECTURE_INCORRECT", "INFRA_ENVIRONMENT"])
    def test_a_file_that_could_not_be_judged_is_a_failure(self, subcategory: str) -> None:
        error = {
            "kind": "unreadable",
            "category": subcategory.partition("_")[0],
            "subcategory": subcategory,
            "path": "a.py",
            "line": 3,
            "message": "cannot be parsed",
        }

        seen = only(errors=[error])

        assert seen.nodeid == "failtrack-guard check a.py"
        assert (seen.file, seen.line, seen.text) == (
            "a.py",
            3,
            "a.py:3: unreadable cannot be parsed",
        )
        assert seen.told["subcategory"] == subcategory

    def test_rules_that_contradict_are_a_conflict(self) -> None:
        """S0-11."""
        error = {
            "kind": "architecture-conflict",
            "category": "ARCHITECTURE",
            "subcategory": "ARCHITECTURE_CONFLICT",
            "path": None,
            "line": None,
            "message": "two layers hold shop.domain",
        }

        seen = only(errors=[error])

        assert seen.nodeid == "failtrack-guard check"
        assert seen.told["subcategory"] == "ARCHITECTURE_CONFLICT"

    def test_a_clean_report_says_how_much_was_looked_at(self) -> None:
        assert observed() == GuardReport((), AT, ("PV-001", "VAL-3"), 3)

    def test_what_the_guard_writes_is_what_is_read(self) -> None:
        """The gold file of the guard's own tests: both sides hold on to it."""
        text = GOLD.read_text(encoding="utf-8")

        seen = observe_report(text, "guard.json", redact=Redactor({}))

        assert [one.markers[1] for one in seen.observations] == [
            *("FT-E1", "PV-002", "PV-003", "PV-002", "PV-002", "FT-B1", "unreadable"),
        ]


class TestWhatCannotBeUsed:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ("[]", "no report of failtrack-guard"),
            ('{"runs": []}', "no report of failtrack-guard"),
            (json.dumps(document(schema_version="2.0")), "a report of version 2.0"),
            (json.dumps(document(schema_version=None)), "a report of version None"),
            (json.dumps(document(findings=[{}])), "lacks what its version promises"),
            (json.dumps(document(findings=[1])), "lacks what its version promises"),
            (json.dumps(document(findings=None)), "lacks what its version promises"),
            (json.dumps(document({"line": "3"})), "line is '3'"),
            (json.dumps(document({"path": None})), "path is None"),
            (json.dumps(document(created_at="yesterday")), "lacks what its version promises"),
            (json.dumps(document(totals={})), "lacks what its version promises"),
        ],
    )
    def test_is_refused_with_what_to_do(self, text: str, words: str) -> None:
        with pytest.raises(InputError, match=r"^guard\.json: ") as caught:
            observe_report(text, "guard.json", redact=str)

        assert words in str(caught.value)

    def test_a_later_minor_version_is_read(self) -> None:
        assert observed(schema_version="1.7", more=1).files == 3
