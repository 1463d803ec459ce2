"""Building records: identity, blocks, size and cost of import."""

from __future__ import annotations

import subprocess
import sys
import uuid
from dataclasses import replace

import pytest
from record_samples import CLASSIFICATION, NOW, OBSERVATION, RUN, content, record

from pytest_failtrack.observe.bounds import (
    CAPTURED_MAX_CHARS,
    FRAMES_MAX,
    MESSAGE_MAX_CHARS,
    TEXT_MAX_CHARS,
)
from pytest_failtrack.observe.observation import Frame, Raised
from pytest_failtrack.record.build import (
    Assignment,
    build_record,
    failure_id,
    failure_id_of,
    kind_of,
    to_json,
    validate,
)
from pytest_failtrack.record.identity import FAILURE_NAMESPACE
from pytest_failtrack.record.loading import models
from pytest_failtrack.record.repeat import Repetition
from pytest_failtrack.signature.signature import sign

SIGNATURE = sign(OBSERVATION, workflow="CI", job="Tests", step="pytest")


class TestFailureId:
    def test_is_frozen(self):
        """C-27: a change of this id would give every failure in evidence a second one."""
        assert (
            failure_id("100", "py3.11", "tests/test_a.py::test_b", "failure")
            == "6d642c4e-7bff-5aad-8f13-1d13bb889773"
        )

    def test_is_a_uuid_of_the_documented_namespace(self):
        """S0-55"""
        made = uuid.UUID(failure_id("100", "", "test", "failure"))

        assert made.version == 5
        assert (
            uuid.uuid5(uuid.NAMESPACE_URL, "https://pytest-failtrack.readthedocs.io/failure-id")
            == FAILURE_NAMESPACE
        )

    @pytest.mark.parametrize(
        "other",
        [
            ("101", "leg", "test", "failure", 1, 1, 0),
            ("100", "other", "test", "failure", 1, 1, 0),
            ("100", "leg", "test2", "failure", 1, 1, 0),
            ("100", "leg", "test", "error", 1, 1, 0),
            ("100", "leg", "test", "failure", 2, 1, 0),
            ("100", "leg", "test", "failure", 1, 2, 0),
            ("100", "leg", "test", "failure", 1, 1, 1),
            ("100", "legtest", "", "failure", 1, 1, 0),
        ],
        ids=["build", "leg", "test", "kind", "build attempt", "attempt", "position", "borders"],
    )
    def test_differs_where_the_failure_differs(self, other):
        assert failure_id("100", "leg", "test", "failure", 1, 1, 0) != failure_id(*other)

    def test_does_not_depend_on_worker_place_or_signature(self):
        """C-27: scheduling and a new version of the normalization change no id."""
        moved = replace(OBSERVATION, worker="gw3", line=7, exceptions=(), timestamp="2027-01-01")

        assert failure_id_of(OBSERVATION, RUN) == failure_id_of(moved, RUN)

    def test_takes_a_node_id_that_is_no_unicode(self):
        odd = replace(OBSERVATION, nodeid="tests/test_a.py::test[\udc80\x00]")

        assert uuid.UUID(failure_id_of(odd, RUN))

    @pytest.mark.parametrize(
        ("when", "outcome", "kind"),
        [
            ("call", "failed", "failure"),
            ("command", "failed", "failure"),
            ("setup", "error", "error"),
            ("collect", "error", "error"),
            ("import", "error", "error"),
            ("session", "error", "error"),
            ("teardown", "error", "error in teardown"),
            ("call", "debt", "debt"),
            ("collect", "expired", "debt"),
            ("call", "flaky", "flaky"),
        ],
    )
    def test_kind_is_failure_or_error_by_phase(self, when, outcome, kind):
        """C-27; call and teardown of one test are two failures of it."""
        assert kind_of(replace(OBSERVATION, when=when, outcome=outcome)) == kind


class TestRecord:
    def test_has_all_keys_even_where_nothing_is_known(self):
        """C-9, S0-55..99"""
        bare = replace(
            OBSERVATION, exceptions=(), text="", captured={}, file="", line=None, markers=()
        )

        made = build_record(bare, SIGNATURE, CLASSIFICATION, run=RUN)

        schema = models().record.model_json_schema()
        assert list(made) == list(schema["properties"])
        for name, definition in schema["properties"].items():
            if "$ref" in definition and isinstance(made[name], dict):
                block = schema["$defs"][definition["$ref"].rpartition("/")[2]]
                assert list(made[name]) == list(block["properties"])
        validate(made)

    def test_is_open_and_pending_when_it_is_captured(self):
        """S0-111, S0-159"""
        made = record()

        assert made["status"] == "OPEN"
        assert made["root_cause"]["analysis_status"] == "PENDING"

    def test_carries_what_the_stages_say(self):
        repetition = Repetition(
            is_repeat=True,
            previous_occurrence_ids=("00000000-0000-5000-8000-000000000001",),
            repeat_count=1,
            days_since_last_occurrence=12,
            novelty="REPEAT",
            occurrence=2,
        )
        assignment = Assignment(
            severity="CRITICAL",
            owner="@shop-team",
            sla_resolution_target="2026-11-22T14:10:00Z",
            sla_source="failure_type",
            tier=1,
            notify=("build_owner",),
        )

        made = build_record(
            OBSERVATION,
            SIGNATURE,
            CLASSIFICATION,
            run=RUN,
            component="orders",
            repetition=repetition,
            assignment=assignment,
            tags=("leg:3.11", "slow"),
        )

        assert made["severity"] == "CRITICAL"
        assert made["context"] == {
            "phase": "TESTING",
            "component": "orders",
            "file_path": "src/shop/orders.py",
            "line_number": 88,
        }
        assert made["repetition_tracking"] == {
            "is_repeat": True,
            "previous_occurrence_ids": ["00000000-0000-5000-8000-000000000001"],
            "repeat_count": 1,
            "days_since_last_occurrence": 12,
        }
        assert made["metadata"] == {
            "reporter": "pytest-failtrack 0.1.0",
            "owner": "@shop-team",
            "priority": "P0",
            "sla_resolution_target": "2026-11-22T14:10:00Z",
            "tags": ["slow", "leg:3.11"],
        }
        assert made["escalation"] == {
            "occurrence": 2,
            "novelty": "REPEAT",
            "tier": 1,
            "notify": ["build_owner"],
            "sla_source": "failure_type",
        }
        validate(made)

    @pytest.mark.parametrize(
        ("severity", "priority"),
        [("CRITICAL", "P0"), ("HIGH", "P1"), ("MEDIUM", "P2"), ("LOW", "P3")],
    )
    def test_priority_follows_severity(self, severity, priority):
        """S0-97, C-13"""
        made = record(classification=replace(CLASSIFICATION, severity=severity))

        assert made["metadata"]["priority"] == priority

    def test_time_becomes_utc_with_z(self):
        """S0-57"""
        observed = replace(OBSERVATION, timestamp="2026-11-21T16:10:00+02:00")

        made = build_record(observed, SIGNATURE, CLASSIFICATION, run=RUN)

        assert made["timestamp"] == "2026-11-21T14:10:00Z"

    def test_survives_text_that_utf8_cannot_hold(self):
        odd = "caf\u00e9 \udc80 \x00"
        made = record(
            text=odd,
            nodeid=f"tests/test_a.py::test[{odd}]",
            exceptions=(Raised("ValueError", odd),),
            captured={"stdout": odd},
        )

        written = content(made)

        assert "caf\u00e9 \\udc80 \\x00".encode() in written.replace(b"\\\\", b"\\")


class TestSize:
    def test_a_heavy_failure_is_below_six_kilobytes(self):
        """Issue 2: 20 frames and a large diff, at most 6 kB a record on average."""
        frames = tuple(
            Frame(f"src/shop/sub/module_{i}.py", 100 + i, f"function_{i}", True)
            for i in range(FRAMES_MAX)
        )
        made = record(
            exceptions=(Raised("AssertionError", "d" * MESSAGE_MAX_CHARS, frames),),
            text="t" * TEXT_MAX_CHARS,
            captured=dict.fromkeys(("stdout", "stderr", "log"), "c" * CAPTURED_MAX_CHARS),
            is_truncated=True,
        )

        assert len(content(made)) <= 6_000

    def test_one_space_of_indentation_puts_each_value_on_its_line(self):
        written = content(record()).decode()

        assert '\n "failure_id": "' in written
        assert written.endswith("}\n")


class TestImport:
    def test_writing_and_reading_a_record_needs_no_pydantic(self):
        """Design, section 2: its import alone is a quarter of what pytest needs for one test."""
        code = (
            "import sys\n"
            "import pytest_failtrack.record.build, pytest_failtrack.record.digest\n"
            "import pytest_failtrack.history.evidence, pytest_failtrack.history.store\n"
            "heavy = {'pydantic', 'sqlite3', 'click', 'libcst'} & set(sys.modules)\n"
            "assert not heavy, heavy\n"
            "from pytest_failtrack.record.validator import validator\n"
            "validator('record'), validator('run')\n"
            "assert 'pydantic_core' in sys.modules\n"
            "assert 'pydantic' not in sys.modules\n"
        )

        subprocess.run([sys.executable, "-c", code], check=True)

    def test_models_are_built_with_the_collector_paused_and_leave_no_trace(self):
        """Design, section 2."""
        code = (
            "import gc, os\n"
            "from pytest_failtrack.record.loading import models\n"
            "before = gc.get_stats()[2]['collections'], dict(os.environ)\n"
            "models()\n"
            "assert gc.isenabled()\n"
            "assert (gc.get_stats()[2]['collections'], dict(os.environ)) == before\n"
        )

        subprocess.run([sys.executable, "-c", code], check=True)

    def test_models_are_built_once(self):
        assert models() is models()


def test_what_is_written_is_what_was_validated():
    made = record(at=NOW)

    import json

    assert json.loads(to_json(validate(made))) == made
