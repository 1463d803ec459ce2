"""Which kind of failure an observation is, and why: the precedence, told as a specification."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import Catalog, load_catalog
from pytest_failtrack.classify.classify import CONFIDENCE_THRESHOLD, classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.observe.observation import Observation, Raised

CATALOG = load_catalog()
REFUSED = {
    "type": "ConnectionRefusedError",
    "message": "[Errno 111] Connection refused",
    "raised_in": "python/python3.12/socket.py",
}


def answer(table, **told):
    return classify(observation_of(table), CATALOG, **told)


def grouped(*members: Raised, head: Raised | None = None) -> Observation:
    group = Raised("ExceptionGroup", f"{len(members)} sub-exceptions")
    head = (head,) if head else ()
    if head:
        group = replace(group, link="cause")
    linked = tuple(replace(one, link="group") for one in members)
    blank = observation_of({"type": "ExceptionGroup"})
    return replace(blank, exceptions=(*head, group, *linked))


class TestSubcategories:
    @pytest.mark.parametrize(
        ("row", "table", "subcategory"),
        [
            (
                "S0-7",
                {"type": "ModuleNotFoundError", "message": "No module named 'shop.x'"},
                "ARCHITECTURE_INCOMPLETE",
            ),
            (
                "S0-7",
                {
                    "type": "AttributeError",
                    "message": "module 'shop.tax' has no attribute 'rate'",
                    "place": "test",
                },
                "ARCHITECTURE_INCOMPLETE",
            ),
            ("S0-10", {"text": "openapi.json is out of date"}, "INTEGRATION_API_MISMATCH"),
            ("S0-16", {"outcome": "xpassed"}, "QA_FALSE_POSITIVE"),
            ("S0-17", {"outcome": "flaky", "type": "AssertionError"}, "QA_FALSE_NEGATIVE"),
            ("S0-19", {"outcome": "debt"}, "QA_TEST_DEBT"),
            ("S0-25", {"type": "NotImplementedError"}, "SCOPE_INCOMPLETE"),
            ("S0-29", {"command": "foo", "exit_status": 127}, "INFRA_ENVIRONMENT"),
            (
                "S0-30",
                {"type": "ModuleNotFoundError", "message": "No module named 'requests'"},
                "INFRA_DEPENDENCY",
            ),
            (
                "S0-31",
                {"type": "ValueError", "when": "session", "place": "third_party"},
                "INFRA_TOOLING",
            ),
            ("S0-32", {"type": "MemoryError"}, "INFRA_RESOURCE"),
            ("S0-32", {"outcome": "crashed", "signal": "SIGKILL"}, "INFRA_RESOURCE"),
            ("S0-32", {"command": "make", "exit_status": 137}, "INFRA_RESOURCE"),
            (
                "S0-32",
                {
                    "outcome": "crashed",
                    "worker": "gw0",
                    "text": "worker 'gw0' crashed while running 'x'",
                },
                "INFRA_RESOURCE",
            ),
            ("S0-33", REFUSED, "INFRA_NETWORK"),
            (
                "S0-34",
                {
                    "type": "httpx.HTTPStatusError",
                    "message": "Client error '403 Forbidden' for url 'https://api.example.com/'",
                },
                "INFRA_CREDENTIALS",
            ),
            (
                "S0-39",
                {"command": "gitleaks", "text": "leaks found: 1"},
                "GOVERNANCE_ENFORCEMENT_GAP",
            ),
            ("S0-40", {"outcome": "expired"}, "GOVERNANCE_EXCEPTION_EXPIRED"),
            (
                "S0-44",
                {"type": "TypeError", "message": "f() missing 1 required positional argument: 'a'"},
                "INTEGRATION_API_MISMATCH",
            ),
            ("S0-45", {"type": "json.decoder.JSONDecodeError"}, "INTEGRATION_DATA_MISMATCH"),
            (
                "S0-45",
                {"type": "KeyError", "message": "'customer_id'", "place": "project"},
                "INTEGRATION_DATA_MISMATCH",
            ),
            ("S0-46", {"type": "TimeoutError"}, "INTEGRATION_TIMING"),
            ("S0-46", {"type": "asyncio.exceptions.CancelledError"}, "INTEGRATION_TIMING"),
            ("S0-31", {"outcome": "crashed", "signal": "SIGSEGV"}, "INFRA_TOOLING"),
            (
                "S0-17",
                {"type": "Failed", "message": "ScopeMismatch: You tried", "when": "setup"},
                "QA_FALSE_NEGATIVE",
            ),
            (
                "S0-47",
                {"type": "alembic.util.exc.CommandError", "message": "Multiple heads"},
                "INTEGRATION_DEPENDENCY_ORDER",
            ),
            (
                "S0-48",
                {"type": "shop.Error", "message": "order 7 was paid before", "place": "project"},
                "INTEGRATION_STATE_MISMATCH",
            ),
            ("S0-51", {"outcome": "crashed"}, "UNKNOWN_ROOT_CAUSE"),
            (
                "S0-52",
                {"outcome": "flaky", "type": "requests.exceptions.ConnectionError"},
                "OTHER_TRANSIENT",
            ),
            (
                "S0-53",
                {
                    "type": "requests.exceptions.HTTPError",
                    "message": "502 Server Error: Bad Gateway for url: https://api.example.com/",
                },
                "OTHER_EXTERNAL",
            ),
        ],
    )
    def test_a_row_of_the_schema_is_recognized(self, row, table, subcategory):
        """S0-7..54, S0-157."""
        assert answer(table).subcategory == subcategory

    def test_a_failing_assertion_is_drift_just_over_the_threshold(self):
        """C-31."""
        found = answer({"type": "AssertionError", "message": "assert 101 == 100"})
        assert (found.category, found.subcategory) == ("ARCHITECTURE", "ARCHITECTURE_DRIFT")
        assert (found.failure_type, found.confidence) == ("test_failure", 0.4)
        assert (found.severity, found.is_retryable) == ("HIGH", False)

    def test_an_exception_out_of_the_projects_code_is_drift(self):
        """C-31."""
        found = answer({"type": "ZeroDivisionError", "place": "project"})
        assert (found.subcategory, found.failure_type) == ("ARCHITECTURE_DRIFT", "test_failure")
        assert (found.confidence, found.match_type) == (0.4, "similar")

    def test_secrets_and_vulnerabilities_are_governance_and_never_infrastructure(self):
        """C-5."""
        critical = answer({"command": "npm audit", "text": "2 critical severity vulnerabilities"})
        assert (critical.category, critical.failure_type) == (
            "GOVERNANCE",
            "critical_vulnerability",
        )
        assert critical.severity == "CRITICAL"

    def test_what_a_generator_makes_otherwise_is_an_api_that_does_not_fit(self):
        """C-5."""
        text = "error: the client differs from what shop.yaml generates; commit the generated one"
        drift = answer({"command": "make check", "text": text})
        assert (drift.category, drift.subcategory, drift.failure_type) == (
            "INTEGRATION",
            "INTEGRATION_API_MISMATCH",
            "generator_drift",
        )

    def test_a_performance_regression_is_unknown_until_somebody_analysed_it(self):
        """C-5."""
        found = answer({"type": "PerformanceRegression", "message": "mean +40%"})
        assert (found.subcategory, found.failure_type) == (
            "UNKNOWN_ROOT_CAUSE",
            "performance_regression",
        )


class TestInfrastructureAgainstCode:
    """S1-116: infrastructure or code, said with reasons, and never wrongly lenient."""

    def test_a_connection_that_was_refused_explains_the_error_raised_from_it(self):
        found = answer({"type": "RuntimeError", "message": "could not load", "because": REFUSED})
        assert (found.category, found.subcategory) == ("INFRA", "INFRA_NETWORK")
        assert (found.is_retryable, found.recovery_mode) == (True, "RETRY_EXPONENTIAL")
        assert "ConnectionRefusedError caused RuntimeError." in found.reasons

    def test_it_explains_it_less_surely_when_it_was_only_being_handled(self):
        because = {**REFUSED, "link": "context"}
        found = answer({"type": "RuntimeError", "place": "project", "because": because})
        assert (found.subcategory, found.confidence) == ("INFRA_NETWORK", 0.8)
        assert "ConnectionRefusedError was being handled when RuntimeError was raised." in (
            found.reasons
        )

    @pytest.mark.parametrize(
        ("mistake", "link", "is_infra"),
        [
            ("NameError", "context", False),
            ("TypeError", "context", False),
            ("KeyError", "context", False),
            ("UnboundLocalError", "context", True),
            ("NameError", "cause", True),
            ("AttributeError", "context", True),  # `finally: connection.close()`
        ],
    )
    def test_a_mistake_in_a_handler_is_not_excused_by_what_was_handled(
        self, mistake, link, is_infra
    ):
        because = {**REFUSED, "link": link}
        found = answer({"type": mistake, "place": "project", "because": because})
        assert (found.category == "INFRA") is is_infra

    def test_an_import_that_was_tried_first_does_not_explain_what_came_after(self):
        tried = {
            "type": "ModuleNotFoundError",
            "message": "No module named 'ujson'",
            "link": "context",
        }
        found = answer({"type": "ValueError", "place": "project", "because": tried})
        assert found.catalog_entry_id == "exception-in-project"

    def test_a_failing_assertion_is_never_infrastructure_whatever_it_talks_about(self):
        """C-14."""
        found = answer({"type": "AssertionError", "message": "No space left on device"})
        assert (found.failure_type, found.is_retryable) == ("test_failure", False)

    @pytest.mark.parametrize("link", ["cause", "context"])
    def test_a_failing_assertion_is_no_infrastructure_even_from_a_lost_connection(self, link):
        """C-14."""
        found = answer({"type": "AssertionError", "because": {**REFUSED, "link": link}})
        assert (found.failure_type, found.is_retryable) == ("test_failure", False)

    def test_a_shown_exception_is_the_cause_of_an_assertion_that_wanted_none(self):
        """C-14: also one of the infrastructure, which excuses a failing assertion from nothing."""
        shown = "[ConnectionRefusedError(111, 'Connection refused')]"
        found = answer({"type": "AssertionError", "message": f"assert {shown} == []"})
        expected = answer({"type": "AssertionError", "message": f"assert [] == {shown}"})

        assert (found.subcategory, found.failure_type) == ("INFRA_NETWORK", "test_failure")
        assert not found.is_retryable
        assert expected.subcategory == "ARCHITECTURE_DRIFT"

    def test_a_child_that_was_killed_is_the_cause_of_an_assertion(self):
        told = (
            "assert -9 == 0\n +  where -9 = CompletedProcess(args=['a'], returncode=-9).returncode"
        )
        found = answer({"type": "AssertionError", "message": told})

        assert (found.subcategory, found.failure_type) == ("INFRA_RESOURCE", "test_failure")
        assert not found.is_retryable

    def test_a_failing_assertion_is_what_it_was_raised_from(self):
        cause = {"type": "TypeError", "message": "f() missing 1 required positional argument: 'a'"}
        table = {"type": "AssertionError", "message": "assert not TypeError(...)"}
        found = answer({**table, "place": "test", "because": cause})
        assert found.catalog_entry_id == "signature-mismatch"
        assert not found.is_retryable
        handled = answer({**table, "place": "test", "because": {**cause, "link": "context"}})
        assert handled.catalog_entry_id == "assertion-failed"

    def test_a_type_of_the_project_says_nothing_about_a_library_of_that_name(self):
        table = {"type": "shop.errors.ValidationError", "message": "2 is too few"}
        assert answer({**table, "place": "project"}).catalog_entry_id == "exception-in-project"
        assert answer(table).catalog_entry_id == "data-invalid"

    def test_what_a_mock_raises_says_nothing_about_the_network(self):
        table = {**REFUSED, "raised_in": "unittest/mock.py", "place": "project"}
        assert answer(table).catalog_entry_id == "exception-in-project"

    def test_what_the_test_raises_by_hand_says_nothing_about_the_network(self):
        by_hand = {"type": "ConnectionRefusedError", "message": "no stock", "place": "test"}
        client = {"type": "requests.exceptions.ConnectionError", "message": "x", "place": "project"}
        assert answer(by_hand).failure_type == "test_failure"
        assert answer(client).failure_type == "test_failure"

    def test_permission_denied_by_the_projects_own_rules_is_no_broken_environment(self):
        own = {"type": "PermissionError", "message": "guests may not order", "place": "project"}
        system = {**own, "message": "[Errno 13] Permission denied: '/var/lib/shop'"}
        assert answer(own).category == "ARCHITECTURE"
        assert answer(system).category == "INFRA"

    def test_an_answer_of_the_projects_own_server_is_not_another_systems_fault(self):
        table = {"type": "httpx.HTTPStatusError"}
        for url in ("http://testserver/", "http://localhost:80/", "http://127.0.0.1:8000/a"):
            message = f"Client error '401 Unauthorized' for url '{url}'"
            found = answer({**table, "message": message})
            assert (found.category, found.failure_type) == ("INTEGRATION", "test_failure")

    def test_a_command_that_shows_failed_tests_is_not_excused_by_the_network_in_its_output(self):
        text = "ConnectionRefusedError: [Errno 111] Connection refused\n"
        text += "=== short test summary info ===\nFAILED tests/test_a.py::test_b - assert 1 == 2"
        found = answer({"command": "tox", "exit_status": 1, "text": text})
        assert (found.failure_type, found.category) == ("test_failure", "ARCHITECTURE")

    def test_a_printed_traceback_counts_like_an_exception(self):
        text = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"
        found = answer({"command": "python tool.py", "exit_status": 1, "text": text})
        assert (found.subcategory, found.match_type) == ("INFRA_DEPENDENCY", "exact")

    def test_a_printed_traceback_says_where_a_key_was_missing(self):
        above = 'Traceback (most recent call last):\n  File "/ci/run.py", line 3, in <module>\n'
        of_system = '  File "<frozen os>", line 679, in __getitem__\n'
        table = {"command": "python run.py", "exit_status": 1}
        text = f"{above}KeyError: 'PORT'"
        assert answer({**table, "text": text}).catalog_entry_id == "key-missing"
        text = f"{above}{of_system}KeyError: 'PORT'"
        assert answer({**table, "text": text}).catalog_entry_id == "environment-variable-missing"

    def test_a_hook_of_the_project_that_fails_is_no_fault_of_the_tools(self):
        ours = answer({"type": "KeyError", "when": "session", "outcome": "error", "place": "test"})
        theirs = answer(
            {"type": "KeyError", "when": "session", "outcome": "error", "place": "third_party"}
        )
        assert (ours.category, ours.failure_type) == ("ARCHITECTURE", "build_error")
        assert (theirs.category, theirs.subcategory) == ("INFRA", "INFRA_TOOLING")
        assert (ours.severity, theirs.severity) == ("CRITICAL", "CRITICAL")


class TestGroups:
    VALUE = Raised(
        "ValueError", "x", observation_of({"type": "x", "place": "project"}).exceptions[0].frames
    )
    LOST = Raised("ConnectionRefusedError", "[Errno 111] Connection refused")
    WRONG = Raised("AssertionError", "assert 1 == 2")
    KEY = Raised("KeyError", "'a'", VALUE.frames)

    def test_a_group_is_infrastructure_when_all_of_its_members_are(self):
        found = classify(grouped(self.LOST, self.LOST), CATALOG)
        assert found.subcategory == "INFRA_NETWORK"

    def test_one_member_that_is_not_decides(self):
        found = classify(grouped(self.LOST, self.KEY), CATALOG)
        assert found.subcategory == "INTEGRATION_DATA_MISMATCH"

    def test_a_member_that_nobody_knows_is_not_excused_by_its_neighbour(self):
        found = classify(grouped(self.VALUE, self.LOST), CATALOG)
        assert found.category != "INFRA"
        assert not found.is_retryable

    def test_the_place_of_a_group_is_that_of_its_first_member(self):
        member = {"type": "IndexError", "message": "7", "place": "project", "link": "group"}
        table = {"type": "ExceptionGroup", "message": "jobs", "place": "test", "because": member}
        assert answer(table).catalog_entry_id == "exception-in-project"

    def test_a_failing_assertion_among_them_is_a_failing_assertion(self):
        found = classify(grouped(self.LOST, self.WRONG), CATALOG)
        assert (found.failure_type, found.is_retryable) == ("test_failure", False)

    def test_an_assertion_raised_from_a_group_is_a_failing_assertion(self):
        found = classify(grouped(self.LOST, head=self.WRONG), CATALOG)
        assert (found.failure_type, found.is_retryable) == ("test_failure", False)


class TestPrecedence:
    def test_type_with_text_wins_over_the_type_alone(self):
        generic = {"type": "sqlite3.OperationalError", "message": "near 'x': syntax error"}
        special = {"type": "sqlite3.OperationalError", "message": "database is locked"}
        assert answer(generic).catalog_entry_id == "database-error"
        assert answer(special).catalog_entry_id == "database-contention"

    def test_a_type_wins_over_a_text(self):
        table = {
            "type": "socket.gaierror",
            "message": "[Errno -2] Connection refused, said a joker",
        }
        assert answer(table).catalog_entry_id == "dns-failed"

    def test_a_text_wins_over_the_place(self):
        table = {
            "type": "ValueError",
            "message": "Event: No space left on device",
            "place": "project",
        }
        assert answer(table).catalog_entry_id == "disk-full"
        assert answer(table).match_type == "regex"

    def test_how_the_process_ended_wins_over_what_it_printed(self):
        table = {"command": "make", "exit_status": 137, "text": "Connection refused"}
        assert answer(table).catalog_entry_id == "killed"

    def test_the_database_goes_before_the_network(self):
        """C-14."""
        table = {
            "type": "redis.exceptions.ConnectionError",
            "message": "Error 111",
            "because": REFUSED,
        }
        found = answer(table)
        assert found.failure_type == "database_connectivity"
        assert found.recovery_mode == "RETRY_LIMITED"

    def test_a_database_is_recognized_by_the_driver_on_the_way(self):
        """C-14."""
        found = answer({**REFUSED, "raised_in": "asyncpg/connect_utils.py"})
        assert found.failure_type == "database_connectivity"

    def test_of_two_equals_the_one_that_was_raised_last_names_the_failure(self):
        because = {"type": "asyncio.exceptions.CancelledError"}
        found = answer({"type": "TimeoutError", "because": because})
        assert found.catalog_entry_id == "async-timeout"

    @pytest.mark.parametrize(
        ("table", "match_type"),
        [
            ({"type": "MemoryError"}, "exact"),
            ({"type": "OSError", "message": "[Errno 28] x"}, "exact"),
            ({"command": "x", "exit_status": 127}, "exact"),
            ({"type": "shop.ValidationError"}, "similar"),
            ({"command": "x", "text": "npm ERR! code ERESOLVE"}, "regex"),
            ({"type": "ValueError", "place": "project"}, "similar"),
            ({"type": "ValueError"}, "similar"),
            ({"text": "it failed"}, "unknown"),
        ],
    )
    def test_the_kind_of_match_is_named(self, table, match_type):
        """S2-20."""
        assert answer(table).match_type == match_type


class TestFailureType:
    ASSERTION = {"type": "AssertionError", "message": "assert 1 == 2"}

    def test_an_assertion_in_an_integration_test_is_an_integration_test_failure(self):
        assert (
            answer(self.ASSERTION, phase="INTEGRATION").failure_type == "integration_test_failure"
        )

    @pytest.mark.parametrize("phase", ["TESTING", "INTEGRATION"])
    def test_a_marker_about_databases_is_more_specific(self, phase):
        """C-14, S1-12."""
        table = {**self.ASSERTION, "markers": ["slow", "database"]}
        found = answer(table, phase=phase)
        assert found.failure_type == "database_test_failure"
        assert "The marker database makes it a database_test_failure." in found.reasons

    def test_infrastructure_stays_infrastructure_in_an_integration_test(self):
        assert answer(REFUSED, phase="INTEGRATION").failure_type == "infrastructure"

    def test_an_unknown_failure_of_an_integration_test_keeps_its_owner(self):
        assert answer({"type": "ValueError"}, phase="INTEGRATION").failure_type == (
            "integration_test_failure"
        )


class TestUnknown:
    def test_what_no_entry_knows_is_an_unknown_root_cause(self):
        """S0-51."""
        found = answer({"command": "./do", "exit_status": 1, "text": "it did not work"})
        assert (found.category, found.subcategory) == ("UNKNOWN", "UNKNOWN_ROOT_CAUSE")
        assert (found.confidence, found.match_type) == (0.0, "unknown")
        assert (found.failure_type, found.recovery_mode) == ("unknown", "INVESTIGATE")
        assert (found.catalog_entry_id, found.best_guess) == ("", "")

    def test_under_the_threshold_the_guess_is_kept_beside_unknown(self):
        """C-20."""
        found = answer({"type": "ValueError", "place": "third_party"})
        assert found.confidence < CONFIDENCE_THRESHOLD
        assert found.subcategory == "UNKNOWN_ROOT_CAUSE"
        assert found.best_guess == "INFRA_DEPENDENCY"
        assert found.failure_type == "test_failure"
        assert any("too unsure (0.25 is under 0.3)" in one for one in found.reasons)

    def test_at_the_threshold_it_is_believed(self):
        """C-20."""
        table = {"id": "exception-in-library", "confidence": 0.3}
        observation = observation_of({"type": "ValueError", "place": "third_party"})
        assert classify(observation, load_catalog([table])).subcategory == "INFRA_DEPENDENCY"

    def test_an_empty_catalog_knows_nothing(self):
        found = classify(observation_of(REFUSED), Catalog([]))
        assert found.subcategory == "UNKNOWN_ROOT_CAUSE"

    def test_an_observation_of_nothing_is_answered(self):
        assert classify(Observation("log", "", "", ""), CATALOG).subcategory == "UNKNOWN_ROOT_CAUSE"


class TestReasons:
    def test_they_are_sentences_that_begin_with_what_happened(self):
        """S2-26."""
        reasons = answer(REFUSED).reasons
        assert reasons[0] == "A server refused the connection."
        assert all(one[0].isupper() and one.endswith(".") for one in reasons)

    def test_they_name_the_line_that_raised_and_the_projects_own_line(self):
        table = {"type": "MemoryError", "place": "project", "raised_in": "numpy/core.py"}
        sentence = "It was raised in numpy/core.py:100, on the way from src/shop/orders.py:88."
        assert sentence in answer(table).reasons

    @pytest.mark.parametrize(
        ("outcome", "sentence"),
        [
            ("xpassed", "QA_FALSE_POSITIVE means: test passes when it should fail."),
            ("flaky", "QA_FALSE_NEGATIVE means: test fails when it should pass."),
        ],
    )
    def test_the_two_names_that_people_confuse_come_with_their_meaning(self, outcome, sentence):
        """C-12."""
        assert sentence in answer({"outcome": outcome}).reasons

    def test_a_long_message_is_cut(self):
        found = answer({"type": "MemoryError", "message": "x" * 5_000})
        assert max(len(one) for one in found.reasons) < 200

    def test_what_to_do_next_is_always_said(self):
        """S2-26, S0-162."""
        assert answer({"type": "ValueError", "place": "project"}).recovery_suggestion
        assert answer({"text": "?"}).recovery_suggestion


class TestInterruptedRuns:
    @pytest.mark.parametrize("kind", ["KeyboardInterrupt", "Exit"])
    def test_an_interrupted_run_is_no_critical_failure(self, kind):
        found = answer({"type": kind, "when": "session", "outcome": "interrupted"})
        assert found.catalog_entry_id in ("stopped-from-outside", "stopped-by-suite")
        assert found.severity == "MEDIUM"


class TestTheErrorLine:
    """What a reader of output took for the error line says more than what stands around it."""

    def of(self, line, *around, status=1):
        return classify(
            replace(
                observation_of({"command": "make ci", "exit_status": status, "text": line}),
                captured={"output": "\n".join([*around, line])},
            ),
            CATALOG,
        )

    def test_wins_over_a_warning_above_it(self):
        answer = self.of(
            "src/orders.cpp:12:5: error: invalid conversion from 'int' to 'char*'",
            "warning: retry of the cache: Connection refused",
        )
        assert answer.catalog_entry_id == "compiler-error"

    def test_does_not_win_where_it_only_says_that_something_failed(self):
        answer = self.of("make: *** [Makefile:3: all] Error 1", "cc1plus: No space left on device")
        assert answer.catalog_entry_id == "disk-full"

    def test_says_what_tests_failed_on_that_a_command_ran(self):
        refused = "E   ConnectionRefusedError: [Errno 111] Connection refused"
        answer = self.of(refused, "=== short test summary info ===")
        assert answer.subcategory == "INFRA_NETWORK"
        assert not answer.is_retryable

    def test_says_nothing_about_other_tests_that_failed_on_an_assertion(self):
        refused = "E   ConnectionRefusedError: [Errno 111] Connection refused"
        answer = self.of(refused, "FAILED test_a.py::t - assert 1 == 2", "= 2 FAILURES =")
        assert answer.subcategory == "ARCHITECTURE_DRIFT"

    def test_says_more_than_the_signal_that_followed(self):
        line = "FATAL ERROR: Reached heap limit - JavaScript heap out of memory"
        assert self.of(line, status=134).subcategory == "INFRA_RESOURCE"

    def test_without_one_the_name_of_the_tool_says_nothing(self):
        assert self.of("ERROR: the shelf is empty").catalog_entry_id == ""
        told = answer({"command": "pip install x", "exit_status": 1, "text": "ERROR: no shelf"})
        assert told.catalog_entry_id == "tool-installs"
        silent = answer({"command": "pip install x", "exit_status": 1})
        assert silent.catalog_entry_id == ""

    def test_a_signal_says_more_than_a_line_that_names_no_surroundings(self):
        assert self.of("ERROR: total is 3", status=139).catalog_entry_id == "native-crash"
