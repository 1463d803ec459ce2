"""The model of a record: keys, enums, versions, and what each status demands."""

from __future__ import annotations

import copy
import json

import pytest
from record_samples import content, record, with_status

from pytest_failtrack.classify.taxonomy import SUBCATEGORIES, Category
from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.build import validate
from pytest_failtrack.record.profile import DEMANDS

STATUSES = ("OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED")


def paths(made):
    """Yield the path of each key of a record."""
    for name, value in made.items():
        yield (name,)
        if isinstance(value, dict):
            yield from ((name, field) for field in value)


def changed(made, path, value):
    """Return a copy with one value changed; `...` removes the key."""
    made = copy.deepcopy(made)
    held = made
    for name in path[:-1]:
        held = held[name]
    if value is ...:
        del held[path[-1]]
    else:
        held[path[-1]] = value
    return made


class TestKeys:
    @pytest.mark.parametrize("path", list(paths(record())), ids=".".join)
    def test_each_is_required(self, path):
        """C-9: all keys are always present."""
        with pytest.raises(EvidenceError, match=rf"{'.'.join(path)} is missing"):
            validate(changed(record(), path, ...))

    def test_unknown_ones_of_a_newer_version_are_kept(self):
        """Design, section 4."""
        made = record() | {"schema_version": "1.7", "novel": {"a": [1]}}
        made["context"]["also_novel"] = "kept"

        assert json.loads(content(made)) == made


class TestEnums:
    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("failure_id",), "not-a-uuid"),
            (("build_id",), ""),
            (("timestamp",), "yesterday"),
            (("timestamp",), "2026-02-30T10:00:00Z"),
            (("timestamp",), "2026-02-20T10:00:00+01:00"),
            (("category",), "OTHER"),
            (("subcategory",), "QA_OTHER"),
            (("severity",), "P0"),
            (("status",), "CLOSED"),
            (("context", "phase"), "call"),
            (("context", "line_number"), "12"),
            (("root_cause", "analysis_status"), "DONE"),
            (("resolution", "resolution_type"), "WORKAROUND"),
            (("repetition_tracking", "is_repeat"), "yes"),
            (("repetition_tracking", "repeat_count"), -1),
            (("repetition_tracking", "repeat_count"), True),
            (("learning", "propagation_status"), "SENT"),
            (("metadata", "priority"), "P4"),
            (("metadata", "tags"), "slow"),
            (("signature", "hash"), "9C41D07BE2A5"),
            (("classification", "confidence"), 1.5),
            (("classification", "confidence"), float("nan")),
            (("escalation", "novelty"), "OLD"),
            (("escalation", "tier"), 3),
            (("escalation", "occurrence"), 0),
            (("schema_version",), "2.0"),
        ],
        ids=lambda value: ".".join(value) if isinstance(value, tuple) else repr(value),
    )
    def test_wrong_values_are_refused_with_the_field_named(self, path, value):
        """S0-55..99"""
        with pytest.raises(EvidenceError, match=r"\.".join(path)):
            validate(changed(record(), path, value))

    @pytest.mark.parametrize("category", list(Category), ids=lambda one: one.value)
    def test_subcategories_belong_to_one_category(self, category):
        """S0-59, C-5: `OTHER_*` belong to UNKNOWN."""
        for owner, members in SUBCATEGORIES.items():
            for subcategory in members:
                made = record() | {"category": category.value, "subcategory": subcategory.value}
                if owner is category:
                    validate(made)
                else:
                    with pytest.raises(EvidenceError, match="belongs to category"):
                        validate(made)


class TestStatus:
    @pytest.mark.parametrize("status", STATUSES)
    def test_is_valid_with_what_it_demands(self, status):
        """C-9"""
        assert validate(with_status(record(), status))["status"] == status

    @pytest.mark.parametrize(
        ("status", "demand"),
        [(status, demand) for status, demands in DEMANDS.items() for demand in demands],
        ids=str,
    )
    @pytest.mark.parametrize("empty", [None, "", " ", []], ids=["null", "empty", "blank", "list"])
    def test_is_refused_without_it(self, status, demand, empty):
        """C-9, S0-112..114"""
        made = changed(with_status(record(), status), (demand.block, demand.field), empty)

        with pytest.raises(EvidenceError) as raised:
            validate(made)

        assert demand.field in str(raised.value)

    def test_resolved_is_refused_while_analysis_is_in_progress(self):
        """S0-113: root cause identified."""
        made = with_status(record(), "RESOLVED")
        made["root_cause"]["analysis_status"] = "IN_PROGRESS"

        with pytest.raises(
            EvidenceError, match=r"RESOLVED demands root_cause.analysis_status \(COMPLETE\)"
        ):
            validate(made)

    def test_open_may_hold_what_was_resolved_before(self):
        """S0-110: a reopened record keeps its resolution."""
        validate(with_status(record(), "PREVENTED") | {"status": "OPEN"})
