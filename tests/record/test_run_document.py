"""The run document's model, and the digest that ties a run to its records."""

from __future__ import annotations

import copy
import random

import pytest
from record_samples import record, run_document, with_status

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.build import to_json
from pytest_failtrack.record.digest import CAPTURE_BLOCKS, LIFECYCLE_BLOCKS
from pytest_failtrack.record.loading import models
from pytest_failtrack.record.run import records_digest
from pytest_failtrack.record.verify import verify_run


class TestRunDocument:
    def test_of_a_green_run_is_valid(self):
        assert verify_run(run_document(), "run.json") == run_document()

    def test_keeps_the_word_from_of_reopened_records(self):
        reopened = [{"failure_id": record()["failure_id"], "from": "RESOLVED", "to": "OPEN"}]

        document = models().run.model_validate(run_document(reopened=reopened))

        plain = document.model_dump(by_alias=True)
        assert verify_run(to_json(plain), "run.json")["reopened"] == reopened

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("ended", "vanished"),
            ("source", "junit"),
            ("records", ["not-an-id"]),
            ("totals", {}),
            ("build_attempt", 0),
            ("records_digest", "abc"),
            ("started_at", None),
        ],
    )
    def test_names_the_field_that_is_wrong(self, field, value):
        with pytest.raises(EvidenceError, match=rf"^run\.json: {field}"):
            verify_run(run_document(**{field: value}), "run.json")


class TestRecordsDigest:
    def test_knows_each_block_of_a_record_as_captured_or_lived(self):
        assert sorted(CAPTURE_BLOCKS + LIFECYCLE_BLOCKS) == sorted(record())

    def test_is_the_same_in_any_order(self):
        records = [record(nodeid=f"test_{i}") for i in range(20)]
        shuffled = random.Random(1).sample(records, 20)

        assert records_digest(records) == records_digest(shuffled)

    def test_is_not_touched_by_the_life_of_a_record(self):
        """Design, section 5."""
        made = record()
        lived = with_status(made, "PREVENTED")
        lived["severity"] = "LOW"
        lived["learning"]["lessons_learned"] = ["check the export"]

        assert records_digest([made]) == records_digest([lived])

    @pytest.mark.parametrize("block", CAPTURE_BLOCKS)
    def test_is_changed_by_an_edit_of_what_was_captured(self, block):
        made = record()
        tampered = copy.deepcopy(made)
        if isinstance(tampered[block], dict):
            tampered[block]["edited"] = True
        else:
            tampered[block] = "edited"

        assert records_digest([made]) != records_digest([tampered])

    def test_is_changed_by_a_record_that_is_missing_or_double(self):
        one, other = record(), record(nodeid="other")

        assert len({records_digest(held) for held in ([], [one], [one, other], [one, one])}) == 4
