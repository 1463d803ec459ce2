"""The gate: which evidence has which verdict, and what no rule can lift."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from gate_cases import (
    BUILD,
    MATRIX,
    NOW,
    Document,
    a_case,
    a_record,
    a_run,
    debt,
    debt_census,
    infra,
    rule,
    verdict_on,
)

from pytest_failtrack.policy.case import make_case
from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.policy.gate import judge
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.verdict import Verdict
from pytest_failtrack.record.reviews import REQUIRED_REVIEWS

ALLOW_EVERYTHING = {
    "new": "any",
    "repeats": "any",
    "known": "any",
    "third_occurrence": "any",
    "expired_debt": "any",
    "empty_runs": "any",
    "allow_infra": True,
}


class TestTheDefaultPolicy:
    """C-33: what counts when a project states no rule at all."""

    @pytest.mark.parametrize(
        ("records", "exit_code"),
        [
            pytest.param([], 0, id="nothing failed"),
            pytest.param([a_record(novelty="NEW")], 1, id="a new cause"),
            pytest.param([a_record(novelty="FIRST")], 1, id="a cause without any history"),
            pytest.param([a_record(novelty="REPEAT", occurrence=2)], 1, id="a repeat"),
            pytest.param([a_record(novelty="KNOWN")], 1, id="a cause open on the base branch"),
            pytest.param([infra()], 75, id="infrastructure alone"),
            pytest.param([infra(), a_record()], 1, id="infrastructure beside a failure"),
            pytest.param([a_record(outcome="flaky")], 0, id="a flaky test"),
            pytest.param([debt()], 0, id="debt without a reason"),
            pytest.param([debt(outcome="expired")], 1, id="expired debt"),
            pytest.param([infra(), debt(), a_record("x", outcome="flaky")], 75, id="asides"),
            pytest.param([infra(), debt(outcome="expired")], 1, id="infra and expired debt"),
        ],
    )
    def test_exit_code_by_what_was_recorded(
        self, records: list[dict[str, Any]], exit_code: int
    ) -> None:
        verdict = verdict_on(a_case(*records))

        assert verdict.exit_code == exit_code

    def test_a_new_cause_is_named_first(self) -> None:
        case = a_case(
            a_record("old", novelty="KNOWN", severity="CRITICAL"),
            a_record("again", novelty="REPEAT", occurrence=2),
            a_record("fresh", novelty="NEW", severity="LOW"),
        )

        verdict = verdict_on(case)

        assert [one.novelty for one in verdict.counted] == ["NEW", "REPEAT", "KNOWN"]
        assert verdict.headline == "FAILED  1 new cause, 1 repeat, 1 known cause"

    def test_forty_tests_with_one_cause_are_one_cause(self) -> None:
        records = [a_record("tax", nodeid=f"tests/test_tax.py::test_{n}") for n in range(40)]

        verdict = verdict_on(a_case(*records), {"new": 1})

        assert (verdict.exit_code, verdict.counted[0].tests) == (0, 40)

    def test_infrastructure_needs_category_and_failure_type(self) -> None:
        """The category can be edited during a record's life; alone it turns no 1 into 75."""
        edited = a_record(category="INFRA", subcategory="INFRA_NETWORK")

        assert verdict_on(a_case(edited)).exit_code == 1

    def test_a_cause_is_infrastructure_only_when_each_of_its_failures_is(self) -> None:
        case = a_case(infra("x", nodeid="t.py::a"), a_record("x", nodeid="t.py::b"))

        assert verdict_on(case).exit_code == 1

    def test_a_rerun_counts_unless_its_test_passed_in_the_end(self) -> None:
        rerun = a_record("x", outcome="rerun", nodeid="t.py::a")
        passed = a_record("y", outcome="flaky", nodeid="t.py::a", attempt=2)

        assert verdict_on(a_case(rerun)).exit_code == 1
        assert verdict_on(a_case(rerun, passed)).exit_code == 0


class TestPrecedence:
    """One row for each pair of lines of the table in `policy/gate.py`."""

    @pytest.mark.parametrize(
        ("records", "broken", "is_complete", "exit_code"),
        [
            pytest.param([], ["x.json is truncated"], True, 3, id="broken beats a pass"),
            pytest.param([infra()], ["x.json is truncated"], True, 3, id="broken beats 75"),
            pytest.param([a_record()], ["x.json is truncated"], True, 3, id="broken beats 1"),
            pytest.param([a_record()], [], False, 1, id="1 beats incomplete"),
            pytest.param([infra()], [], False, 3, id="incomplete beats 75"),
            pytest.param([], [], False, 3, id="incomplete beats a pass"),
            pytest.param([infra()], [], True, 75, id="75 beats a pass"),
        ],
    )
    def test_the_stronger_line_wins(
        self,
        records: list[dict[str, Any]],
        broken: list[str],
        is_complete: bool,
        exit_code: int,
    ) -> None:
        case = a_case(*records, broken=broken, is_complete=is_complete, ended="died")

        assert verdict_on(case).exit_code == exit_code

    def test_a_failure_beside_incomplete_evidence_is_reported_all_the_same(self) -> None:
        verdict = verdict_on(a_case(a_record(), broken=["x.json is truncated"]))

        assert verdict.headline == "INCOMPLETE  x.json is truncated  (1 new cause beside it)"
        assert not rule(verdict, "new").passed

    def test_a_build_without_a_run_document_is_no_pass(self) -> None:
        verdict = verdict_on(make_case(BUILD, [], []))

        assert (verdict.exit_code, rule(verdict, "evidence").saw) == (
            3,
            "no run document of build build-7",
        )


class TestTheNeverList:
    """S1-40..43: what no other rule can lift."""

    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            pytest.param(
                a_record(failure_type="secret_detected"), "secret_detected (S1-40)", id="S1-40"
            ),
            pytest.param(
                a_record(failure_type="generator_drift"), "generator_drift (S1-41)", id="S1-41"
            ),
            pytest.param(
                a_record(failure_type="critical_vulnerability"),
                "critical_vulnerability (S1-42)",
                id="S1-42",
            ),
            pytest.param(
                a_record(failure_type="security_vulnerability", severity="CRITICAL"),
                "critical_vulnerability (S1-42)",
                id="C-3",
            ),
            pytest.param(
                a_record(failure_type="authentication_change"),
                "authentication_change (S1-43)",
                id="S1-43 by type",
            ),
            pytest.param(
                a_record(file="src/auth/token.py"),
                "authentication_change (S1-43)",
                id="S1-43 by place",
            ),
            pytest.param(
                a_record(nodeid="tests/login/test_token.py::test_it"),
                "authentication_change (S1-43)",
                id="S1-43 by test",
            ),
            pytest.param(
                a_record(markers=("oauth",)), "authentication_change (S1-43)", id="S1-43 by marker"
            ),
            pytest.param(
                a_record(failure_type="generator_drift", outcome="flaky"),
                "generator_drift (S1-41)",
                id="S1-87 not by another attempt",
            ),
            pytest.param(
                infra(failure_type="secret_detected"),
                "secret_detected (S1-40)",
                id="C-5 not by its category",
            ),
            pytest.param(
                infra(file="src/auth/token.py"),
                "authentication_change (S1-43)",
                id="S1-43 not as infrastructure",
            ),
        ],
    )
    def test_no_rule_lifts_it(self, record: dict[str, Any], reason: str) -> None:
        auth = {"paths": ["src/auth/", "tests/login/**"], "markers": ["oauth"]}

        verdict = verdict_on(a_case(record), ALLOW_EVERYTHING, auth)

        assert verdict.exit_code == 1
        assert rule(verdict, "never_list").saw == reason
        assert verdict.never == ((verdict.counted[0].cause_id, reason),)

    def test_the_same_rules_let_an_ordinary_failure_pass(self) -> None:
        auth = {"paths": ["src/auth/", "tests/login/**"], "markers": ["oauth"]}

        verdict = verdict_on(a_case(a_record(), infra()), ALLOW_EVERYTHING, auth)

        assert verdict.exit_code == 0

    def test_a_vulnerability_below_critical_can_be_allowed(self) -> None:
        """C-3: HIGH and below, with the security role's approval."""
        record = a_record(failure_type="security_vulnerability", severity="HIGH")

        assert verdict_on(a_case(record), ALLOW_EVERYTHING).exit_code == 0

    def test_another_attempt_of_the_build_does_not_lift_it(self) -> None:
        """S1-87: a secret that is gone in the second attempt of one commit is still a secret."""
        secret = a_record(failure_type="secret_detected")
        runs = [a_run([secret], build_attempt=1), a_run([], build_attempt=2)]

        verdict = verdict_on(make_case(BUILD, runs, [secret]))

        assert verdict.exit_code == 1


class TestRuns:
    def test_a_later_attempt_replaces_an_earlier_one_of_the_same_job_and_leg(self) -> None:
        red = a_record()
        runs = [a_run([red], build_attempt=1), a_run([], build_attempt=2)]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 0

    @pytest.mark.parametrize(
        "again",
        [
            pytest.param({"source": "command", "command": "pip --version"}, id="another command"),
            pytest.param({"command": "pytest -k till"}, id="chosen tests"),
            pytest.param({"source": "report", "command": "failtrack ingest a.xml"}, id="a report"),
        ],
    )
    def test_a_later_attempt_at_something_else_replaces_nothing_that_is_red(
        self, again: Document
    ) -> None:
        red = a_record()
        first = a_run([red], build_attempt=1, command="pytest -q")

        verdict = verdict_on(make_case(BUILD, [first, a_run([], build_attempt=2, **again)], [red]))

        assert verdict.exit_code == 1
        assert verdict.counted[0].evidence.endswith(
            "It failed in attempt 1, and no later attempt ran it again."
        )

    def test_what_differs_from_attempt_to_attempt_makes_no_other_command(self) -> None:
        red = a_record()
        runs = [
            a_run([red], build_attempt=1, command="pytest --junitxml=/tmp/a1/report-1.xml"),
            a_run([], build_attempt=2, command="pytest --junitxml=/tmp/b2/report-2.xml"),
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 0

    @pytest.mark.parametrize(
        ("commands", "again", "exit_code"),
        [
            pytest.param(["pytest", "pytest"], ["pytest"], 1, id="one of two services"),
            pytest.param(["pytest", "pytest"], ["pytest", "pytest"], 0, id="both services"),
            pytest.param(["pytest --group 1", "pytest --group 2"], ["pytest --group 2"], 1, id="b"),
            pytest.param(["pytest --group 1", "pytest --group 2"], ["pytest --group 1"], 0, id="a"),
            pytest.param(["make -C /a/b", "make -C /a/c"], ["make -C /a/c"], 1, id="folders"),
            pytest.param(["pytest"], ["pytest", "pytest"], 0, id="stopped at the first"),
        ],
    )
    def test_of_runs_that_look_alike_the_red_one_must_have_been_run_again(
        self, commands: list[str], again: list[str], exit_code: int
    ) -> None:
        red = a_record()
        runs = [
            a_run([red] if at == 0 else [], f"first-{at}", command=command)
            for at, command in enumerate(commands)
        ]
        runs += [
            a_run([], f"then-{at}", command=command, build_attempt=2)
            for at, command in enumerate(again)
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == exit_code

    @pytest.mark.parametrize(
        ("totals", "changes"),
        [
            pytest.param({"passed": 9, "deselected": 1}, {}, id="deselected by PYTEST_ADDOPTS"),
            pytest.param({"passed": 9, "skipped": 1}, {}, id="skipped for want of something"),
            pytest.param({"passed": 9, "collected": 9}, {}, id="not collected"),
            pytest.param({"passed": 9, "errors": 1}, {"exit_status": 1}, id="broken before it"),
            pytest.param({"passed": 4}, {"exit_status": 1, "not_run": 6}, id="stopped before it"),
            pytest.param({"errors": 1}, {"exit_status": 2}, id="broken while collecting"),
        ],
    )
    def test_an_attempt_in_which_less_tests_ran_replaces_nothing(
        self, totals: dict[str, int], changes: Document
    ) -> None:
        red, infra = a_record(), a_record("net", category="INFRA", subcategory="INFRA_NETWORK")
        found = [infra] if changes else []
        last = a_run(found, build_attempt=2, totals=totals, **changes)

        verdict = verdict_on(make_case(BUILD, [a_run([red]), last], [red, *found]))

        assert verdict.exit_code == 1

    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param({"exit_status": 4, "totals": {}}, id="before it collected"),
            pytest.param({"exit_status": 2, "totals": {"deselected": 3}}, id="while it collected"),
            pytest.param({"exit_status": 3, "internal_errors": 1}, id="internal error"),
            pytest.param({"is_complete": False, "exit_status": None, "ended": "died"}, id="died"),
        ],
    )
    def test_an_attempt_that_broke_off_had_not_left_out_tests_yet(self, broken: Document) -> None:
        """`pytest -m "not slow"` leaves out the same tests in every attempt that comes so far."""
        red = a_record()
        runs = [
            a_run([red], command="pytest -m unit", **broken),
            a_run(
                [],
                command="pytest -m unit",
                build_attempt=2,
                totals={"passed": 19, "deselected": 5},
            ),
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 0

    def test_a_test_that_failed_in_its_subtests_is_one(self) -> None:
        red = a_record()
        runs = [
            a_run([red], totals={"collected": 10, "passed": 9, "failed": 6}),
            a_run([], totals={"collected": 10, "passed": 10}, build_attempt=2),
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 0

    def test_a_report_without_tests_replaces_none_in_which_tests_failed(self) -> None:
        red = a_record("x")
        junit = {"source": "command", "command": "junit.xml"}
        runs = [
            a_run([red], build_attempt=1, totals={"collected": 10, "failed": 1}, **junit),
            a_run([], build_attempt=2, totals={"collected": 0}, **junit),
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 1

    @pytest.mark.parametrize("source", ["command", "report"])
    def test_a_command_that_succeeds_again_replaces_one_that_failed(self, source: str) -> None:
        """Of `make`, and of a log, nobody knows how many tests ran: the failure itself counts."""
        red, totals = a_record(), {"collected": 0, "passed": 0}
        runs = [
            a_run([red], command="make", source=source, totals={**totals, "failed": 1}),
            a_run([], command="make", source=source, totals=totals, build_attempt=2),
        ]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 0

    def test_of_chosen_tests_those_that_passed_are_made_good(self) -> None:
        """`pytest --lf` in a second attempt runs what failed, and nothing else."""
        red, other = a_record("tax"), a_record("till")
        nodeids = [one["test"]["nodeid"] for one in (red, other)]
        assert nodeids[0] != nodeids[1]
        first = a_run([red, other], build_attempt=1, command="pytest -q")

        def verdict(*passed: str) -> Verdict:
            outcomes = dict.fromkeys(passed, "passed")
            last = a_run([], build_attempt=2, command="pytest -q --lf", outcomes=outcomes)
            return verdict_on(make_case(BUILD, [first, last], [red, other]))

        assert verdict(nodeids[0]).exit_code == 1
        assert len(verdict(nodeids[0]).counted) == 1
        assert verdict(*nodeids).exit_code == 0

    def test_a_green_run_that_is_not_run_again_harms_nothing(self) -> None:
        runs = [
            a_run([], build_attempt=1, command="pytest -q"),
            a_run([], build_attempt=2, source="command", command="make docs"),
        ]

        assert verdict_on(make_case(BUILD, runs, [])).exit_code == 0

    def test_an_attempt_of_another_leg_replaces_nothing(self) -> None:
        red = a_record(leg="py310")
        runs = [a_run([red], leg="py310"), a_run([], leg="py312", build_attempt=2)]

        assert verdict_on(make_case(BUILD, runs, [red])).exit_code == 1

    def test_one_red_leg_of_many_fails_the_build(self) -> None:
        red = a_record(leg="py312")
        runs = [a_run([], leg="py310"), a_run([red], leg="py312"), a_run([], leg="py313")]

        verdict = verdict_on(make_case(BUILD, runs, [red]))

        assert (verdict.exit_code, verdict.runs, verdict.records) == (1, 3, 1)

    @pytest.mark.parametrize(("outcome", "status"), [("debt", 1), ("expired", 6), ("flaky", 7)])
    def test_debt_and_flaky_tests_do_not_explain_why_a_run_was_red(
        self, outcome: str, status: int
    ) -> None:
        """`--max-warnings`, `--fail-on-flaky` or a hook ended it so."""
        verdict = verdict_on(a_case(a_record(outcome=outcome), exit_status=status))

        assert verdict.exit_code != 0
        saw = f"tests ended with {status} and no record explains it"
        assert rule(verdict, "complete_runs").saw == saw

    @pytest.mark.parametrize(
        ("run", "exit_code", "name"),
        [
            pytest.param({"exit_status": 1}, 3, "complete_runs", id="red without a record"),
            pytest.param({"exit_status": None}, 3, "complete_runs", id="status not known"),
            pytest.param({"is_complete": False}, 3, "complete_runs", id="died"),
            pytest.param({"exit_status": 5}, 1, "empty_runs", id="nothing collected"),
            pytest.param({"lost_workers": 1}, 1, "healthy_runs", id="a worker died, exit 0"),
            pytest.param({"lost_workers": ["gw0"]}, 1, "healthy_runs", id="a named worker died"),
            pytest.param({"internal_errors": 1}, 1, "healthy_runs", id="internal error, exit 0"),
            pytest.param(
                {"exit_status": 5, "internal_errors": 1}, 1, "healthy_runs", id="and exit 5"
            ),
        ],
    )
    def test_a_run_that_is_not_green_does_not_pass(
        self, run: dict[str, Any], exit_code: int, name: str
    ) -> None:
        verdict = verdict_on(a_case(**run))

        assert (verdict.exit_code, rule(verdict, name).passed) == (exit_code, False)

    def test_a_dead_worker_whose_test_has_a_record_is_judged_by_the_record(self) -> None:
        verdict = verdict_on(a_case(infra(), lost_workers=1, exit_status=1))

        assert verdict.exit_code == 75

    @pytest.mark.parametrize(
        ("required", "exit_code"),
        [
            pytest.param(["tests"], 0, id="a job"),
            pytest.param(["tests/py310"], 0, id="a leg"),
            pytest.param(["tests/py3*", "te*"], 0, id="patterns"),
            pytest.param(["tests/py313"], 3, id="a leg that is missing"),
            pytest.param(["tests/dead"], 3, id="a leg that died"),
            pytest.param(["lint"], 3, id="a job that is missing"),
        ],
    )
    def test_required_runs_are_present_and_complete(
        self, required: list[str], exit_code: int
    ) -> None:
        dead = a_run([], leg="dead", is_complete=False)
        runs = [a_run([], leg="py310"), *([dead] if "tests/dead" in required else [])]

        verdict = verdict_on(make_case(BUILD, runs, []), {"required_runs": required})

        assert verdict.exit_code == exit_code
        assert rule(verdict, "required_runs").passed is (exit_code == 0)


class TestRules:
    @pytest.mark.parametrize(
        ("gate", "records", "exit_code"),
        [
            pytest.param({"new": 1}, [a_record("a")], 0, id="as many new ones as allowed"),
            pytest.param({"new": 1}, [a_record("a"), a_record("b")], 1, id="one too many"),
            pytest.param({"new": 1}, [a_record("a", novelty="FIRST")], 0, id="FIRST is new"),
            pytest.param({"known": "any"}, [a_record(novelty="KNOWN")], 0, id="known allowed"),
            pytest.param({"known": "any"}, [a_record(novelty="NEW")], 1, id="but not new"),
            pytest.param(
                {"repeats": 1}, [a_record(novelty="REPEAT", occurrence=2)], 0, id="second time"
            ),
            pytest.param(
                {"repeats": 1},
                [a_record(novelty="REPEAT", occurrence=3)],
                1,
                id="S0-127 third time",
            ),
            pytest.param(
                {"new": "any", "max_severity": "MEDIUM"}, [a_record(severity="HIGH")], 1, id="HIGH"
            ),
            pytest.param(
                {"new": "any", "max_severity": "MEDIUM"},
                [a_record(severity="MEDIUM")],
                0,
                id="MEDIUM",
            ),
            pytest.param({"allow_infra": True}, [infra()], 0, id="C-33 infrastructure allowed"),
            pytest.param({"flaky": 0}, [a_record(outcome="flaky")], 1, id="flaky forbidden"),
            pytest.param({"debt_without_reason": 0}, [debt()], 1, id="debt needs a reason"),
            pytest.param({"expired_debt": 1}, [debt(outcome="expired")], 0, id="one may expire"),
            pytest.param(
                {"known": "any", "overdue": 0},
                [a_record(novelty="KNOWN", due="2026-11-21T11:59:59Z")],
                1,
                id="S0-102 past its deadline",
            ),
            pytest.param(
                {"known": "any", "overdue": 0},
                [a_record(novelty="KNOWN", due="2026-11-21T12:00:00Z")],
                0,
                id="at its deadline",
            ),
        ],
    )
    def test_a_rule_holds_or_fails(
        self, gate: dict[str, Any], records: list[dict[str, Any]], exit_code: int
    ) -> None:
        assert verdict_on(a_case(*records), gate).exit_code == exit_code

    def test_third_occurrence_passes_once_its_three_reviews_are_signed(self) -> None:
        """S0-127: governance review, precondition review, prevention verification."""
        record = a_record(novelty="REPEAT", occurrence=3)
        name = record["failure_id"]

        codes = [
            verdict_on(
                a_case(record, signed={name: REQUIRED_REVIEWS[:count]}), {"repeats": "any"}
            ).exit_code
            for count in range(4)
        ]

        assert codes == [1, 1, 1, 0]

    def test_what_is_not_signed_is_named_with_the_command_that_signs_it(self) -> None:
        """S0-127"""
        record = a_record(novelty="REPEAT", occurrence=4)
        name = record["failure_id"]

        verdict = verdict_on(a_case(record, signed={name: ["governance review"]}))

        assert rule(verdict, "third_occurrence").saw == (
            "1 cause without precondition review, prevention verification; sign with "
            f"`failtrack record {name} sign precondition-review prevention-verification`"
        )

    def test_one_record_of_a_cause_is_signed_for_all_of_them(self) -> None:
        """S0-127: forty tests with one cause are reviewed once."""
        records = [
            a_record(novelty="REPEAT", occurrence=3, nodeid=f"tests/test_tax.py::test_{n}")
            for n in range(3)
        ]
        signed = {
            one["failure_id"]: [review]
            for one, review in zip(records, REQUIRED_REVIEWS, strict=True)
        }

        assert verdict_on(a_case(*records, signed=signed), {"repeats": "any"}).exit_code == 0

    def test_what_prevention_says_is_no_signature(self) -> None:
        """S0-127: an analysis fills these in; a review is somebody's word."""
        record = a_record(novelty="REPEAT", occurrence=3)
        for block in ("governance_updates", "precondition_updates", "prevention_measures"):
            record["prevention"][block] = ["something"]

        assert verdict_on(a_case(record), {"repeats": "any"}).exit_code == 1

    @pytest.mark.parametrize(
        ("gate", "exit_code", "saw"),
        [
            pytest.param({}, 0, "3 items", id="reported, not counted"),
            pytest.param({"max_debt": 3}, 0, "3 items", id="within the budget"),
            pytest.param({"max_debt": 2}, 1, "3 items", id="over the budget"),
            pytest.param(
                {"max_debt": "ratchet", "debt_baseline": 2}, 1, "3 items", id="ratchet: grown"
            ),
            pytest.param(
                {"max_debt": "ratchet", "debt_baseline": 3}, 0, "3 items", id="ratchet: the same"
            ),
            pytest.param(
                {"max_debt": "ratchet", "debt_baseline": 5},
                0,
                "3 items: set debt_baseline = 3",
                id="ratchet: shrunk",
            ),
        ],
    )
    def test_debt_budget(self, gate: dict[str, Any], exit_code: int, saw: str) -> None:
        case = a_case(debt=debt_census("slow", "flaky on Windows", "needs a licence"))

        verdict = verdict_on(case, gate)

        assert (verdict.exit_code, rule(verdict, "max_debt").saw) == (exit_code, saw)

    def test_debt_that_two_legs_show_counts_once(self) -> None:
        census = debt_census("slow", "needs a licence")
        runs = [a_run([], leg="py310", debt=census), a_run([], leg="py312", debt=census)]

        verdict = verdict_on(make_case(BUILD, runs, []), {"max_debt": 2})

        assert verdict.exit_code == 0

    def test_an_item_that_stands_for_many_counts_as_many(self) -> None:
        """Two hundred tests that `-k` deselected are one item with a count."""
        census = debt_census("slow")
        census["items"][0]["count"] = census["counts"]["skip"] = 200
        runs = [a_run([], leg="py310", debt=census), a_run([], leg="py312", debt=census)]

        verdict = verdict_on(make_case(BUILD, runs, []))

        assert rule(verdict, "max_debt").saw == "200 items"

    def test_expired_debt_that_only_the_census_counts_fails_too(self) -> None:
        assert verdict_on(a_case(debt=debt_census("x", expired=1))).exit_code == 1


class TestRulesOfOthers:
    def judged(self, answer: Mapping[str, Any]) -> tuple[int, Sequence[Digest]]:
        given: list[Digest] = []

        def ask(digests: Sequence[Digest]) -> Iterable[Mapping[str, Any]]:
            given.extend(digests)
            return [answer]

        case = make_case(BUILD, [a_run([], leg="a"), a_run([], leg="b")], [])
        return judge(case, gate_rules(), MATRIX, NOW, ask).exit_code, given

    @pytest.mark.parametrize(
        ("answer", "exit_code"),
        [
            pytest.param({"name": "size", "passed": True, "saw": "", "limit": ""}, 0, id="holds"),
            pytest.param({"name": "size", "passed": False, "saw": "", "limit": ""}, 1, id="fails"),
            pytest.param({"name": "size", "passed": "yes"}, 1, id="no clear answer"),
            pytest.param({}, 1, id="no answer at all"),
        ],
    )
    def test_they_can_close_the_gate(self, answer: dict[str, Any], exit_code: int) -> None:
        assert self.judged(answer)[0] == exit_code

    def test_they_are_given_one_digest_a_run(self) -> None:
        digests = self.judged({"name": "size", "passed": True})[1]

        assert [(one.job, one.leg) for one in digests] == [("tests", "a"), ("tests", "b")]

    def test_they_cannot_open_the_gate(self) -> None:
        verdict = judge(
            a_case(a_record()), gate_rules(), MATRIX, NOW, lambda _: [{"name": "x", "passed": True}]
        )

        assert verdict.exit_code == 1
