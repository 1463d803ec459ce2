"""Reading evidence: every refusal names the file, the field and the reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_samples import content, record, run_document

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.verify import verify_record, verify_run

RECORD = record()
NAME = f"{RECORD['failure_id']}.json"
CONTENT = content(RECORD)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refusal(data, source=NAME):
    with pytest.raises(EvidenceError) as raised:
        verify_record(data, source)
    return raised.value.slug, raised.value.message


def read_or_refused(data):
    try:
        verify_record(data, NAME)
    except EvidenceError as error:
        return "refused with its name" if NAME in error.message else error.message
    return "read"


class TestRecord:
    def test_that_was_written_is_read(self):
        assert verify_record(CONTENT, f"/some/where/{NAME}") == RECORD

    def test_of_a_newer_minor_version_is_read_with_its_fields(self):
        """Design, section 4."""
        newer = RECORD | {"schema_version": "1.12", "novel": True}

        assert verify_record(newer, NAME) == newer

    def test_of_another_major_version_is_refused_with_both_numbers(self):
        assert refusal(RECORD | {"schema_version": "2.1"}) == (
            "evidence-version",
            f"{NAME} has schema version 2.1, and this failtrack reads 1.x; "
            "use the version of failtrack that wrote it",
        )

    @pytest.mark.parametrize("version", [1, "1", "one", None, "1.0\n", ["1.0"], "1." + "9" * 5_000])
    def test_of_a_foreign_version_is_refused(self, version):
        slug, message = refusal(RECORD | {"schema_version": version})

        assert slug in ("evidence-version", "evidence-invalid")
        assert message.startswith(f"{NAME}: schema_version is ")

    def test_that_was_renamed_is_refused(self):
        """S0-137"""
        slug, message = refusal(CONTENT, "00000000-0000-5000-8000-000000000001.json")

        assert slug == "evidence-tampered"
        assert RECORD["failure_id"] in message

    def test_with_a_wrong_field_names_it_and_what_it_is(self):
        wrong = RECORD | {"severity": "HORRIBLE", "status": "CLOSED"}

        slug, message = refusal(wrong)

        assert slug == "evidence-invalid"
        assert message.startswith(f"{NAME}: severity is 'HORRIBLE': ")
        assert message.endswith("(and 1 more)")

    @pytest.mark.parametrize("length", [1, 100, len(CONTENT) // 2, len(CONTENT) - 3])
    def test_that_was_cut_off_is_called_truncated(self, length):
        assert refusal(CONTENT[:length]) == (
            "evidence-truncated",
            f"{NAME} is truncated: it ends after {length} bytes, in the middle of the document",
        )

    @pytest.mark.parametrize(
        ("data", "slug"),
        [
            (b"", "evidence-truncated"),
            (b" \n", "evidence-truncated"),
            (b"\xff\xfe{}", "evidence-unreadable"),
            (b"[]", "evidence-unreadable"),
            (b"{'a': 1}", "evidence-unreadable"),
            (b"<<<<<<< HEAD\n{}\n=======\n{}", "evidence-unreadable"),
            (b"{}", "evidence-invalid"),
            (b"[" * 100_000, "evidence-unreadable"),
            (CONTENT.replace(b"0.6", b"NaN"), "evidence-unreadable"),
            (CONTENT.replace(b"0.6", b"9" * 5_000), "evidence-unreadable"),
            (CONTENT.replace(b"loading", b"\\ud800"), "evidence-unreadable"),
        ],
        ids=["empty", "blank", "utf-16", "list", "quotes", "merge", "{}", "deep", "nan", "huge",
             "surrogate"],
    )  # fmt: skip
    def test_that_is_none_is_refused_with_its_name(self, data, slug):
        assert refusal(data)[0] == slug
        assert NAME in refusal(data)[1]

    @given(st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, data):
        with pytest.raises(EvidenceError):
            verify_record(data, NAME)

    @given(st.data())
    def test_a_damaged_file_is_read_or_refused(self, data):
        at = data.draw(st.integers(0, len(CONTENT) - 1))
        damaged = bytearray(CONTENT)
        damaged[at] = data.draw(st.integers(0, 255))

        assert read_or_refused(bytes(damaged)) in ("read", "refused with its name")

    @given(st.sampled_from(sorted(RECORD)), JSON)
    def test_any_value_in_any_field_is_read_or_refused(self, field, value):
        answer = read_or_refused(RECORD | {field: value})

        assert answer in ("read", "refused with its name")


class TestRun:
    def test_that_was_written_is_read(self):
        document = run_document()

        assert verify_run(json.dumps(document).encode(), "100.0123abcd.json") == document

    def test_of_another_major_version_is_refused(self):
        with pytest.raises(EvidenceError, match=r"has schema version 3\.0"):
            verify_run(run_document(schema_version="3.0"), "run.json")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("started_at", "2026-99-99T10:00:00Z"),
            ("finished_at", "2026-02-30T10:00:00Z"),
            ("failures", 2**31),
            ("exit_status", 2**63),
            ("build_attempt", 10**400),
        ],
    )
    def test_that_no_index_could_hold_is_refused(self, name, value):
        """Issue 5: a bad document never gets through; this one would stop every reader."""
        with pytest.raises(EvidenceError) as raised:
            verify_run(run_document(**{name: value}), "run.json")

        assert name in raised.value.message
