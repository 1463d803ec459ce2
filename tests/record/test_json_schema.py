"""The shipped JSON Schemas, held against the models by an independent validator."""

from __future__ import annotations

import copy
import json

import jsonschema
import pytest
from record_samples import record, run_document, with_status

from pytest_failtrack.classify.taxonomy import SUBCATEGORIES, Category
from pytest_failtrack.record.profile import DEMANDS
from pytest_failtrack.record.schema import fields, schema_of
from pytest_failtrack.record.validator import SCHEMA_FILES, shipped_text

STATUSES = ("OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED")


@pytest.fixture(scope="module")
def of_records():
    return jsonschema.Draft202012Validator(json.loads(shipped_text("record")))


@pytest.fixture(scope="module")
def of_runs():
    return jsonschema.Draft202012Validator(json.loads(shipped_text("run")))


@pytest.mark.parametrize("kind", list(SCHEMA_FILES))
class TestShippedFile:
    def test_is_what_the_models_say(self, kind):
        """Else: `python -m pytest_failtrack.record.schema`."""
        assert json.loads(shipped_text(kind)) == schema_of(kind)

    def test_is_a_schema_of_2020_12_with_its_id(self, kind):
        schema = json.loads(shipped_text(kind))

        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$id"].endswith(f"/schema/1/{SCHEMA_FILES[kind]}")

    def test_says_what_each_field_means(self, kind):
        schema = json.loads(shipped_text(kind))
        undescribed = [
            name for name, held in schema["properties"].items() if not held.get("description")
        ]
        for title, block in schema.get("$defs", {}).items():
            undescribed += [
                f"{title}.{name}"
                for name, held in block.get("properties", {}).items()
                if not held.get("description") and title != "Reopened"
            ]

        assert undescribed == []

    def test_has_no_meaning_for_a_field_that_is_not_there(self, kind):
        schema = json.loads(shipped_text(kind))
        known = set(schema["properties"])
        for block in schema.get("$defs", {}).values():
            known |= set(block.get("properties", ()))
        said = fields()[kind]
        spoken = set(said) | {
            name for held in said.values() if isinstance(held, dict) for name in held
        }

        assert spoken - known <= {"about"}


class TestRecords:
    @pytest.mark.parametrize("status", STATUSES)
    def test_accepts_each_status_with_what_it_demands(self, of_records, status):
        """C-9"""
        of_records.validate(with_status(record(), status))

    def test_accepts_unknown_fields(self, of_records):
        made = record() | {"schema_version": "1.3", "novel": 1}
        made["context"]["novel"] = 1

        of_records.validate(made)

    def test_rejects_each_key_that_is_missing(self, of_records):
        """C-9: all keys are always present."""
        made = record()
        for name, value in made.items():
            less = copy.deepcopy(made)
            del less[name]
            assert not of_records.is_valid(less), name
            for field in value if isinstance(value, dict) else ():
                less = copy.deepcopy(made)
                del less[name][field]
                assert not of_records.is_valid(less), f"{name}.{field}"

    @pytest.mark.parametrize("category", list(Category), ids=lambda one: one.value)
    def test_rejects_a_subcategory_of_another_category(self, of_records, category):
        """S0-59"""
        made = record()
        verdicts = {
            subcategory: of_records.is_valid(
                made | {"category": category.value, "subcategory": subcategory.value}
            )
            for members in SUBCATEGORIES.values()
            for subcategory in members
        }

        assert {one for one, is_valid in verdicts.items() if is_valid} == set(
            SUBCATEGORIES[category]
        )

    @pytest.mark.parametrize(
        ("status", "demand"),
        [(status, demand) for status, demands in DEMANDS.items() for demand in demands],
        ids=str,
    )
    @pytest.mark.parametrize("empty", [None, "", " ", []], ids=["null", "empty", "blank", "list"])
    def test_rejects_what_a_status_lacks(self, of_records, status, demand, empty):
        """C-9: the JSON Schema states what each status demands."""
        made = with_status(record(), status)
        made[demand.block][demand.field] = empty

        assert not of_records.is_valid(made)

    @pytest.mark.parametrize(
        ("block", "field", "value"),
        [
            ("context", "phase", "call"),
            ("metadata", "priority", "P4"),
            ("escalation", "tier", 3),
            ("escalation", "novelty", "OLD"),
            ("signature", "hash", "xyz"),
            ("repetition_tracking", "repeat_count", -1),
            ("classification", "confidence", 2),
        ],
    )
    def test_rejects_wrong_values(self, of_records, block, field, value):
        made = record()
        made[block][field] = value

        assert not of_records.is_valid(made)


class TestRuns:
    def test_accepts_a_green_run(self, of_runs):
        of_runs.validate(run_document())

    def test_rejects_each_key_that_is_missing(self, of_runs):
        for name in run_document():
            less = run_document()
            del less[name]
            assert not of_runs.is_valid(less), name

    def test_rejects_words_it_does_not_know(self, of_runs):
        assert not of_runs.is_valid(run_document(source="junit"))
        assert not of_runs.is_valid(run_document(ended="vanished"))
        assert not of_runs.is_valid(run_document(records_digest="abc"))
