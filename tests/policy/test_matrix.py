"""The escalation matrix: the rows of the source as data, and how a project changes them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.matrix import BUILT_FILE, NEVER_LIST, built_text, load_matrix

MATRIX = load_matrix()

TEST_TYPES = ("test_failure", "integration_test_failure", "database_test_failure")
EVERY_TYPE = (
    *TEST_TYPES,
    "generator_drift",
    "secret_detected",
    "critical_vulnerability",
    "security_vulnerability",
    "authentication_change",
    "infrastructure",
    "ci_runner",
    "database_connectivity",
    "build_error",
    "performance_regression",
    "test_debt",
    "unknown",
)


class TestTheSource:
    """Each row is a line of the requirement."""

    def test_what_a_run_loads_is_what_is_written(self) -> None:
        assert BUILT_FILE.read_text(encoding="utf-8") == built_text(), "run scripts/built-json"

    def test_every_failure_type_has_a_row(self) -> None:
        assert set(MATRIX.types) == set(EVERY_TYPE)

    @pytest.mark.parametrize(
        ("failure_type", "primary", "secondary"),
        [
            pytest.param("generator_drift", "backend_dev", "frontend_dev", id="S1-05 S1-06 S1-77"),
            pytest.param("test_failure", "code_author", "qa_analyst", id="S1-10 S1-79"),
            pytest.param("integration_test_failure", "backend_dev", "qa_analyst", id="S1-11"),
            pytest.param("database_test_failure", "database_specialist", "qa_analyst", id="S1-12"),
            pytest.param(
                "critical_vulnerability", "security_specialist", "code_author", id="S1-15"
            ),
            pytest.param(
                "security_vulnerability", "security_specialist", "code_author", id="S1-15 S1-78"
            ),
            pytest.param(
                "secret_detected", "security_specialist", "original_committer", id="S1-16"
            ),
            pytest.param("ci_runner", "devops_specialist", "", id="S1-18 S1-147"),
            pytest.param(
                "database_connectivity",
                "devops_specialist",
                "database_specialist",
                id="S1-19 S1-146",
            ),
            pytest.param("infrastructure", "devops_specialist", "", id="S1-80"),
            pytest.param("build_error", "code_author", "", id="S1-21 S1-81"),
            pytest.param(
                "performance_regression", "domain_specialist", "qa_analyst", id="S1-25 S1-82"
            ),
        ],
    )
    def test_owner(self, failure_type: str, primary: str, secondary: str) -> None:
        policy = MATRIX.policy(failure_type)

        assert (policy.primary, policy.secondary) == (primary, secondary)

    @pytest.mark.parametrize(
        ("failure_type", "severity", "hours", "hard_hours"),
        [
            pytest.param("generator_drift", "HIGH", 2, None, id="S1-08 S1-54 S1-142"),
            pytest.param("test_failure", "HIGH", 4, None, id="S1-10 S1-58"),
            pytest.param("integration_test_failure", "HIGH", 8, None, id="S1-11 S1-60"),
            pytest.param("database_test_failure", "HIGH", 4, 8, id="S1-12 S1-61 C-25"),
            pytest.param("critical_vulnerability", "CRITICAL", 24, None, id="S1-15 S1-145"),
            pytest.param("security_vulnerability", "HIGH", 24, None, id="S1-15 S1-59"),
            pytest.param("security_vulnerability", "MEDIUM", 168, None, id="S1-59 medium"),
            pytest.param("secret_detected", "CRITICAL", 1, None, id="S1-16 S1-55 S1-144"),
            pytest.param("ci_runner", "HIGH", 0.5, 1, id="S1-18 S1-56 S1-147 C-1"),
            pytest.param("database_connectivity", "HIGH", 0.5, 1, id="S1-19 S1-56 S1-146 C-1"),
            pytest.param("build_error", "HIGH", 2, None, id="S1-23 S1-57"),
            pytest.param("performance_regression", "HIGH", 24, None, id="S1-27 S1-62"),
        ],
    )
    def test_sla(
        self, failure_type: str, severity: str, hours: float, hard_hours: float | None
    ) -> None:
        policy = MATRIX.policy(failure_type)

        assert (policy.sla_for(severity), policy.sla_hard_hours) == (hours, hard_hours)

    @pytest.mark.parametrize(
        ("failure_type", "words"),
        [
            pytest.param("generator_drift", "existing API contracts", id="S1-07"),
            *(pytest.param(one, "verify test validity", id=f"S1-13 {one}") for one in TEST_TYPES),
            pytest.param("build_error", "new functional issues", id="S1-22"),
            pytest.param("performance_regression", "expectations are realistic", id="S1-26"),
        ],
    )
    def test_role_of_qa(self, failure_type: str, words: str) -> None:
        assert words in MATRIX.policy(failure_type).qa

    @pytest.mark.parametrize(
        ("failure_type", "kind", "words"),
        [
            pytest.param("generator_drift", "never", "real contract issues", id="S1-09 S1-41"),
            *(
                pytest.param(one, "conditional", "production hotfixes", id=f"S1-14 {one}")
                for one in TEST_TYPES
            ),
            pytest.param("secret_detected", "never", "cannot be bypassed", id="S1-17 S1-40"),
            pytest.param("critical_vulnerability", "never", "stays red", id="S1-42 C-3"),
            pytest.param("security_vulnerability", "approval", "security role", id="S1-17 C-3"),
            pytest.param("authentication_change", "never", "security critical", id="S1-43"),
            pytest.param("infrastructure", "approval", "fix in progress", id="S1-20 S1-44"),
            pytest.param("ci_runner", "approval", "fix in progress", id="S1-20 runner"),
            pytest.param("database_connectivity", "approval", "fix in progress", id="S1-20 db"),
            pytest.param("build_error", "approval", "rarely needed", id="S1-24"),
            pytest.param("performance_regression", "conditional", "under 20 %", id="S1-28 S1-46"),
        ],
    )
    def test_override(self, failure_type: str, kind: str, words: str) -> None:
        override = MATRIX.policy(failure_type).override

        assert override.kind == kind
        assert words in override.condition

    @pytest.mark.parametrize(
        ("failure_type", "tier"),
        [
            pytest.param("secret_detected", "immediate", id="S1-30 S1-83"),
            pytest.param("critical_vulnerability", "immediate", id="S1-30"),
            pytest.param("ci_runner", "immediate", id="S1-31 S1-83"),
            pytest.param("database_connectivity", "immediate", id="S1-31 S1-83 db"),
            pytest.param("generator_drift", "immediate", id="S1-32 S1-83 drift"),
            pytest.param("test_failure", "standard", id="S1-33 S1-84"),
            pytest.param("build_error", "standard", id="S1-34 S1-84"),
            pytest.param("security_vulnerability", "standard", id="S1-84"),
            pytest.param("performance_regression", "investigation", id="S1-85 C-4"),
            pytest.param("integration_test_failure", "investigation", id="S1-85 C-4 integration"),
        ],
    )
    def test_tier(self, failure_type: str, tier: str) -> None:
        assert MATRIX.policy(failure_type).tier == tier

    def test_severity_hours(self) -> None:
        """S0-102, S0-104, S0-106, S0-108."""
        assert MATRIX.severity_sla_hours == {"CRITICAL": 4, "HIGH": 24, "MEDIUM": 168, "LOW": 720}

    def test_every_role_that_a_type_names_is_listed(self) -> None:
        named = {role for one in MATRIX.types.values() for role in (one.primary, one.secondary)}

        assert named - {""} <= set(MATRIX.roles)

    def test_a_type_without_a_row_is_treated_as_unknown(self) -> None:
        assert MATRIX.policy("no_such_type") == MATRIX.policy("unknown")


class TestInfrastructure:
    @pytest.mark.parametrize(
        ("category", "failure_type", "is_infrastructure"),
        [
            ("INFRA", "infrastructure", True),
            ("INFRA", "ci_runner", True),
            ("INFRA", "database_connectivity", True),
            ("INFRA", "test_failure", False),
            ("INFRA", "secret_detected", False),
            ("INFRA", "no_such_type", False),
            ("ARCHITECTURE", "infrastructure", False),
        ],
    )
    def test_both_category_and_type_must_say_so(
        self, category: str, failure_type: str, is_infrastructure: bool
    ) -> None:
        assert MATRIX.is_infrastructure(category, failure_type) is is_infrastructure


class TestAProject:
    def test_overrides_one_value_of_a_shipped_type(self) -> None:
        matrix = load_matrix({"types": {"build_error": {"sla_hours": 6}}})

        assert matrix.policy("build_error").sla_hours == 6
        assert matrix.policy("build_error").qa == MATRIX.policy("build_error").qa

    def test_adds_a_type_which_starts_as_unknown(self) -> None:
        row = {"primary": "ml_lead", "sla_hours": 12, "override": "approval"}

        policy = load_matrix({"types": {"model_drift": row}}).policy("model_drift")

        assert (policy.primary, policy.sla_hours, policy.override.kind, policy.tier) == (
            "ml_lead",
            12,
            "approval",
            "standard",
        )

    def test_a_shorthand_leaves_no_condition_of_another_class_behind(self) -> None:
        matrix = load_matrix({"types": {"build_error": {"override": "never"}}})

        assert matrix.policy("build_error").override.condition == ""

    def test_a_new_target_drops_the_targets_that_were_made_for_the_old_one(self) -> None:
        changed = ("database_test_failure", "security_vulnerability")

        matrix = load_matrix({"types": {name: {"sla_hours": 20} for name in changed}})

        assert matrix.policy("database_test_failure").sla_hard_hours is None
        assert matrix.policy("security_vulnerability").sla_for("MEDIUM") == 20

    def test_names_who_stands_behind_a_role(self) -> None:
        matrix = load_matrix({"roles": {"devops_specialist": "@platform", "ml_lead": "@ml"}})

        assert matrix.role("devops_specialist").handle == "@platform"
        assert matrix.role("ml_lead").handle == "@ml"
        assert matrix.role("backend_dev").handle == ""

    def test_says_where_the_person_behind_a_role_is_looked_for(self) -> None:
        roles = {"code_author": {"handle": "@devs", "find": ["handle"]}}

        assert load_matrix({"roles": roles}).role("code_author").find == ("handle",)

    def test_sets_hours_of_one_severity(self) -> None:
        hours = load_matrix({"severity_sla_hours": {"CRITICAL": 1}}).severity_sla_hours

        assert hours == {**MATRIX.severity_sla_hours, "CRITICAL": 1}

    @pytest.mark.parametrize("failure_type", sorted(NEVER_LIST))
    @pytest.mark.parametrize(
        "change", [{"override": "allowed"}, {"override": {"class": "approval"}}]
    )
    def test_cannot_loosen_what_is_never_lifted(
        self, failure_type: str, change: dict[str, Any]
    ) -> None:
        with pytest.raises(ConfigError, match=NEVER_LIST[failure_type]):
            load_matrix({"types": {failure_type: change}})

    def test_cannot_declare_a_secret_to_be_infrastructure(self) -> None:
        with pytest.raises(ConfigError, match=r"is_infrastructure.*S1-40"):
            load_matrix({"types": {"secret_detected": {"is_infrastructure": True}}})

    @pytest.mark.parametrize(
        ("table", "sentence"),
        [
            ({"types": {"build_error": {"sla": 2}}}, "unknown key 'sla'; allowed are primary"),
            ({"types": {"build_error": {"sla_hours": 0}}}, "0 is not allowed; it must be a number"),
            ({"types": {"build_error": {"sla_hours": True}}}, "a number of hours above 0"),
            ({"types": {"build_error": {"sla_hours": float("nan")}}}, "above 0"),
            ({"types": {"build_error": {"sla_hard_hours": 1}}}, "1 is earlier than sla_hours"),
            ({"types": {"build_error": {"tier": "urgent"}}}, "'urgent' is not allowed; it must be"),
            ({"types": {"build_error": {"primary": ""}}}, "a text that is not empty"),
            ({"types": {"build_error": {"override": "maybe"}}}, "one of 'never', 'approval'"),
            ({"types": {"build_error": {"override": 3}}}, "a word or a table"),
            ({"types": {"build_error": {"retry": {"class": "automatic", "max_attempts": 0}}}},
             "retry.max_attempts: 0 is not allowed; it must be a whole number of 1 or more"),
            ({"types": {"build_error": 3}}, "tool.failtrack.types.build_error: 3 is not allowed"),
            ({"types": 3}, "it must be a table"),
            ({"roles": {"qa_analyst": 3}}, "a word or a table"),
            ({"roles": {"qa_analyst": {"find": ["blame"]}}}, "a list of 'author', 'committer'"),
            ({"severity_sla_hours": {"P0": 4}}, "unknown key 'P0'; allowed are CRITICAL, HIGH"),
            ({"severity_sla_hours": {"LOW": "1 month"}}, "severity_sla_hours.LOW: '1 month'"),
        ],
    )  # fmt: skip
    def test_is_told_what_is_wrong_and_what_is_allowed(
        self, table: dict[str, Any], sentence: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            load_matrix(table)

        assert sentence in str(caught.value)
