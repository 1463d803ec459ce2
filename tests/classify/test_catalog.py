"""The catalog: its shipped entries, what a project adds, and which mistakes are refused how."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.built import BUILT_FILE, built_text, load_built
from pytest_failtrack.classify.catalog import (
    Catalog,
    find_project_packages,
    load_catalog,
    read_shipped,
)
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import (
    load_examples,
    observation_of,
    problem_with_examples,
)
from pytest_failtrack.classify.recovery import NEVER_RETRIED
from pytest_failtrack.classify.table import entry_from_table
from pytest_failtrack.classify.taxonomy import FailureType, Subcategory
from pytest_failtrack.errors import ConfigError

CATALOG = load_catalog()
EXAMPLES = load_examples()
OWN_ENTRY = {
    "id": "stock-closed",
    "title": "The warehouse is closed for its inventory",
    "patterns": ["warehouse \\w{1,20} is closed"],
    "subcategory": "OTHER_EXTERNAL",
    "failure_type": "warehouse",
    "confidence": 0.8,
}
CLOSED = {"type": "ValueError", "message": "warehouse north is closed", "place": "project"}


class TestShippedEntries:
    def test_each_has_an_example_and_a_counter_example(self):
        assert list(EXAMPLES) == list(CATALOG.entries)

    @pytest.mark.parametrize("entry_id", EXAMPLES)
    def test_the_example_is_won_and_the_counter_example_is_not_matched(self, entry_id):
        assert problem_with_examples(CATALOG, entry_id, EXAMPLES[entry_id]) == ""

    def test_what_a_run_loads_is_what_is_written(self):
        written = [entry_from_table(table) for table in read_shipped()]
        assert BUILT_FILE.read_text(encoding="utf-8") == built_text(written), (
            "run scripts/built-json"
        )
        assert built_text(load_built()) == built_text(written)

    def test_every_subcategory_that_evidence_can_show_has_one(self):
        """S0-6..54: what is missing here is said by people, by the guard, or by the gate."""
        seen = {one.subcategory for one in CATALOG.entries.values()}
        assert sorted(one.value for one in Subcategory if one.value not in seen) == [
            "GOVERNANCE_INTERPRETATION",
            "OTHER_NOVEL",
            "SCOPE_AMBIGUOUS",
        ]

    def test_there_are_enough_of_them(self):
        assert len(CATALOG.entries) >= 200

    @pytest.mark.parametrize("entry", CATALOG.entries.values(), ids=lambda one: one.id)
    def test_each_says_what_happened_in_words_and_where_to_go(self, entry):
        assert entry.title[0].isupper() or entry.title.startswith(
            ("npm", "cargo", "conda", "git", "pytest")
        )
        assert not entry.title.endswith(".")
        assert entry.failure_type in [one.value for one in FailureType]
        assert not (entry.is_retryable and entry.failure_type in NEVER_RETRIED)

    def test_no_entry_about_the_code_is_called_infrastructure(self):
        """S1-116: the distinction is made once, by failure type and category together."""
        divided = [
            one.id
            for one in CATALOG.entries.values()
            if one.is_infra and one.failure_type in ("test_failure", "generator_drift")
        ]
        assert divided == ["encoding-of-the-locale", "exception-in-library"]


class TestExamplesCanFail:
    def test_an_example_that_another_entry_wins_is_named(self):
        examples = {**EXAMPLES["disk-full"], "example": EXAMPLES["dns-failed"]["example"]}
        problem = problem_with_examples(CATALOG, "disk-full", examples)
        assert problem == "the example of disk-full is won by dns-failed"

    def test_a_counter_example_that_matches_is_named(self):
        example = EXAMPLES["disk-full"]["example"]
        problem = problem_with_examples(
            CATALOG, "disk-full", {"example": example, "counter_example": example}
        )
        assert problem == "the counter-example of disk-full is matched by it"


class TestEntriesOfTheProject:
    def test_an_entry_of_the_project_wins_over_the_shipped_ones(self):
        catalog = load_catalog([OWN_ENTRY])
        answer = classify(observation_of(CLOSED), catalog)
        assert answer.catalog_entry_id == "stock-closed"
        assert answer.failure_type == "warehouse"
        assert classify(observation_of(CLOSED), CATALOG).catalog_entry_id == "exception-in-project"

    def test_it_wins_by_its_text_even_where_a_shipped_one_knows_the_type(self):
        catalog = load_catalog([OWN_ENTRY])
        observation = observation_of({**CLOSED, "type": "KeyError"})
        assert classify(observation, catalog).catalog_entry_id == "stock-closed"

    def test_an_entry_without_evidence_stays_behind_those_that_have_some(self):
        everywhere = {
            **{key: value for key, value in OWN_ENTRY.items() if key != "patterns"},
            "when": ["call"],
        }
        catalog = load_catalog([everywhere])
        refused = observation_of(EXAMPLES["connection-refused"]["example"])
        assert classify(refused, catalog).catalog_entry_id == "connection-refused"
        plain = observation_of({"type": "ValueError", "place": "project"})
        assert classify(plain, catalog).catalog_entry_id == "stock-closed"

    def test_the_id_of_a_shipped_entry_changes_the_keys_that_are_named(self):
        catalog = load_catalog([{"id": "disk-full", "severity": "CRITICAL", "confidence": 0.5}])
        answer = classify(observation_of(EXAMPLES["disk-full"]["example"]), catalog)
        assert (answer.catalog_entry_id, answer.severity) == ("disk-full", "CRITICAL")
        assert answer.confidence == 0.5
        assert len(catalog.entries) == len(CATALOG.entries)

    def test_a_whole_document_is_understood_as_its_entries(self):
        catalog = load_catalog([{"entry": [OWN_ENTRY]}])
        assert "stock-closed" in catalog.entries

    def test_its_own_examples_can_be_checked(self):
        table = {**OWN_ENTRY, "example": CLOSED, "counter_example": {"text": "open"}}
        entry = load_catalog([table]).entries["stock-closed"]
        examples = {"example": entry.example, "counter_example": entry.counter_example}
        assert problem_with_examples(load_catalog([table]), "stock-closed", examples) == ""

    def test_conditions_restrict_it(self):
        table = {**OWN_ENTRY, "components": ["stock"], "markers": ["slow"], "phases": ["TESTING"]}
        catalog = load_catalog([table])
        observation = observation_of({**CLOSED, "markers": ["slow"]})
        unmarked = observation_of(CLOSED)

        def won(what, **told):
            return classify(what, catalog, **told).catalog_entry_id == "stock-closed"

        assert won(observation, component="stock")
        assert not won(observation, component="orders")
        assert not won(unmarked, component="stock")
        assert not won(observation, component="stock", phase="INTEGRATION")

    def test_a_command_is_recognized_by_a_word_of_it(self):
        catalog = load_catalog([{**OWN_ENTRY, "tools": ["stockctl"]}])
        text = "warehouse north is closed"
        ours = observation_of({"command": "/opt/bin/stockctl sync", "text": text})
        other = observation_of({"command": "cat stockctl.log", "text": text})
        assert classify(ours, catalog).catalog_entry_id == "stock-closed"
        assert classify(other, catalog).catalog_entry_id == ""


class TestMistakesOfTheProject:
    @pytest.mark.parametrize(
        ("change", "key", "allowed"),
        [
            ({"subcategory": "QA_FLAKY"}, "subcategory", "QA_FALSE_NEGATIVE"),
            ({"confidence": 3}, "confidence", "a number over 0 and up to 1"),
            ({"confidence": True}, "confidence", "a number"),
            ({"failure_type": "Test Failure"}, "failure_type", "lower case"),
            ({"severity": "P1"}, "severity", "CRITICAL, HIGH, MEDIUM, LOW"),
            ({"patterns": "closed"}, "patterns", "a list of strings"),
            ({"patterns": []}, "patterns", "at least one string"),
            ({"patterns": ["a(b"]}, "patterns", "a regular expression"),
            ({"excluded": ["[a"]}, "excluded", "a regular expression"),
            ({"pairs": [{"type": "A"}]}, "pairs", "types = [...], pattern"),
            ({"pairs": [{"types": ["A"], "pattern": "("}]}, "pairs", "a regular expression"),
            ({"exit_codes": ["1"]}, "exit_codes", "whole numbers"),
            ({"when": ["calling"]}, "when", "call, collect"),
            ({"outcomes": ["red"]}, "outcomes", "crashed"),
            ({"frames": ["src"]}, "frames", "project"),
            ({"reach": "deep"}, "reach", "head, cause, context"),
            ({"missing_module": "ours"}, "missing_module", "third_party"),
            ({"retryable": "yes"}, "retryable", "true or false"),
            ({"recovery_mode": "REBOOT"}, "recovery_mode", "RETRY_EXPONENTIAL"),
            ({"patern": ["a"]}, "patern", "an unknown key"),
            ({"title": ""}, "title", "it is required"),
            ({"retryable": True, "failure_type": "test_failure"}, "retryable", "never retried"),
        ],
        ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
    )
    def test_a_mistake_names_the_entry_the_key_and_what_is_allowed(self, change, key, allowed):
        with pytest.raises(ConfigError) as caught:
            load_catalog([{**OWN_ENTRY, **change}])
        message = str(caught.value)
        assert "'stock-closed'" in message
        assert f"{key!r}" in message
        assert allowed in message
        assert caught.value.slug == "config-catalog"

    def test_an_entry_without_an_id_is_refused(self):
        with pytest.raises(ConfigError, match="'id' is missing"):
            load_catalog([{"title": "x"}])

    def test_an_id_given_twice_is_refused(self):
        with pytest.raises(ConfigError, match="'stock-closed': key 'id' is given twice"):
            load_catalog([OWN_ENTRY, OWN_ENTRY])

    def test_a_mistake_in_a_changed_shipped_entry_is_refused_too(self):
        with pytest.raises(ConfigError, match="'disk-full': key 'patterns'"):
            load_catalog([{"id": "disk-full", "patterns": ["("]}])

    def test_what_is_no_table_is_refused(self):
        with pytest.raises(ConfigError, match="is no table"):
            load_catalog(["catalog.toml"])


class TestTypesOfExceptions:
    @pytest.mark.parametrize(
        ("listed", "raised", "closeness"),
        [
            ("KeyError", "KeyError", [3]),
            ("KeyError", "shop.KeyError", []),
            ("shop.errors.Closed", "shop.errors.Closed", [3]),
            ("shop.*.Closed", "shop.errors.Closed", [2]),
            ("shop.*.Closed", "shop.Closed", [2]),
            ("shop.*.Closed", "bank.errors.Closed", []),
            ("*.Closed", "bank.errors.Closed", [1]),
            ("*.Closed", "Closed", [1]),
            ("*.Closed", "bank.errors.NotClosed", []),
        ],
    )
    def test_a_type_is_named_exactly_in_its_package_or_anywhere(self, listed, raised, closeness):
        table = {key: value for key, value in OWN_ENTRY.items() if key != "patterns"}
        own = load_catalog([{**table, "types": [listed]}]).entries["stock-closed"]
        rules = Catalog([own]).rules_for_type(raised).rules
        assert [rule.closeness for rule in rules] == closeness


class TestProjectPackages:
    def test_packages_and_modules_at_the_top_and_below_src_are_found(self, tmp_path):
        for path in ("src/shop/__init__.py", "src/tool.py", "tests/test_a.py", "setup.py"):
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        (tmp_path / "docs").mkdir()
        assert find_project_packages(tmp_path) == {"setup", "shop", "src", "tests", "tool"}

    def test_a_folder_that_cannot_be_read_has_none(self, tmp_path):
        assert find_project_packages(tmp_path / "nowhere") == frozenset()

    def test_a_missing_package_of_the_project_is_no_missing_dependency(self):
        table = {"type": "ModuleNotFoundError", "message": "No module named 'shop'"}
        observation = observation_of({**table, "when": "collect", "place": "test"})
        known = load_catalog(project_packages=["shop"])
        assert classify(observation, known).subcategory == "ARCHITECTURE_INCOMPLETE"
        assert classify(observation, CATALOG).subcategory == "INFRA_DEPENDENCY"
