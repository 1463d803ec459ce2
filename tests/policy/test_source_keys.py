"""The key names of the matrix's own YAML (S1-160), accepted as tables."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.matrix import load_matrix

# S1-77..89, word for word.
THE_YAML: dict[str, Any] = {
    "failure_detection": {
        "categorization": {
            "generator_drift": "backend_dev, frontend_dev",
            "security_scan": "security_specialist",
            "test_failure": "code_author, qa_analyst",
            "infrastructure": "devops_specialist",
            "build_error": "code_author",
            "performance": "domain_specialist",
        },
        "notification_routing": {
            "immediate": ["security_secrets", "infrastructure_critical", "generator_drift"],
            "standard": ["test_failures", "build_errors", "security_standard"],
            "investigation": ["performance_regression", "complex_integration"],
        },
    },
    "auto_retry_policy": {
        "infrastructure_failures": {
            "max_attempts": 3,
            "backoff": "exponential",
            "conditions": ["container_startup", "external_api_timeout", "network_connectivity"],
        },
        "never_retry": [
            "secret_detection",
            "security_vulnerabilities",
            "test_failures",
            "generator_drift",
            "build_errors",
        ],
        "conditional_retry": {
            "database_connectivity": {"condition": "other_jobs_succeeding", "max_attempts": 2},
            "performance_regression": {
                "condition": "infrastructure_metrics_normal",
                "max_attempts": 1,
            },
        },
    },
}


def test_the_shipped_matrix_is_what_the_yaml_says() -> None:
    """S1-77..89: importing it changes nothing."""
    assert load_matrix(THE_YAML) == load_matrix()


def test_a_value_under_a_name_of_the_yaml_changes_the_types_it_stands_for() -> None:
    routing = {"notification_routing": {"immediate": ["test_failures"]}}

    matrix = load_matrix({"failure_detection": routing})

    assert {matrix.policy(name).tier for name in ("test_failure", "database_test_failure")} == {
        "immediate"
    }


def test_the_more_specific_name_wins() -> None:
    routing = {"investigation": ["complex_integration"], "immediate": ["test_failures"]}

    matrix = load_matrix({"failure_detection": {"notification_routing": routing}})

    assert matrix.policy("integration_test_failure").tier == "investigation"


def test_types_wins_over_the_names_of_the_yaml() -> None:
    matrix = load_matrix(
        {
            "failure_detection": {"categorization": {"build_error": ["qa_analyst"]}},
            "types": {"build_error": {"primary": "build_owner"}},
        }
    )

    assert matrix.policy("build_error").primary == "build_owner"


def test_a_type_of_the_project_may_be_named() -> None:
    matrix = load_matrix(
        {
            "auto_retry_policy": {
                "conditional_retry": {"gpu_lost": {"condition": "quota_left", "max_attempts": 4}}
            },
            "types": {"gpu_lost": {"sla_hours": 2}},
        }
    )

    assert matrix.policy("gpu_lost").retry.max_attempts == 4


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"failure_detection": {"routing": {}}}, "unknown key 'routing'; allowed are categori"),
        ({"failure_detection": {"categorization": {"typo": ["x"]}}}, "'typo' is not allowed"),
        (
            {"failure_detection": {"categorization": {"build_error": ["a", "b", "c"]}}},
            "one role, or a primary and a secondary",
        ),
        ({"failure_detection": {"notification_routing": {"later": []}}}, "unknown key 'later'"),
        ({"auto_retry_policy": {"never_retry": ["typo"]}}, "never_retry: 'typo' is not allowed"),
        ({"auto_retry_policy": {"never_retry": "x"}}, "a list of texts"),
        (
            {"auto_retry_policy": {"conditional_retry": {"build_error": {}}}},
            "build_error.condition",
        ),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_matrix(table)

    assert sentence in str(caught.value)
