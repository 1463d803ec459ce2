"""Signatures: the formula of C-6 to the letter."""

from __future__ import annotations

import hashlib
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signature_samples import failure, raised, silent

from pytest_failtrack.signature.signature import (
    SIGNATURE_VERSION,
    Entry,
    Signature,
    sign,
    signature_hash,
)

TOKEN = "ValueError: boom @ src/shop/orders.py:build_order"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


class TestHash:
    def test_one_job_is_the_vector_of_the_source(self) -> None:
        """S4-05, S4-28, C-6."""
        found = signature_hash([Entry("Tests", "pytest", "ValueError: boom")])

        assert found == sha("Tests::pytest::ValueError: boom") == "710948db01ff"

    def test_entries_are_sorted_and_joined(self) -> None:
        entries = [Entry("b", "s", "t"), Entry("a", "s", "u"), Entry("a", "s", "t")]

        hashes = {signature_hash(order) for order in permutations(entries)}

        assert hashes == {sha("a::s::t|a::s::u|b::s::t")}

    def test_equal_entries_count_once(self) -> None:
        assert signature_hash([Entry("a", "s", "t")] * 3) == sha("a::s::t")

    @pytest.mark.parametrize(
        ("entry", "text"),
        [
            (Entry("", "pytest", "boom"), "?::pytest::boom"),
            (Entry("Tests", "", "boom"), "Tests::no-step::boom"),
            (Entry("Tests", "pytest", ""), "Tests::pytest::no-stack"),
            (Entry(), "?::no-step::no-stack"),
        ],
    )
    def test_what_is_missing_has_a_fixed_name(self, entry: Entry, text: str) -> None:
        """S4-17, S4-48."""
        assert entry.text == text
        assert signature_hash([entry]) == sha(text)

    def test_text_beyond_ascii_is_utf8(self) -> None:
        assert signature_hash([Entry("Prüfung", "s", "t")]) == sha("Prüfung::s::t")

    def test_lone_surrogates_are_written_out(self) -> None:
        assert signature_hash([Entry("\udce9", "s", "t")]) == sha(r"\udce9::s::t")

    def test_separators_in_a_name_stay(self) -> None:
        assert signature_hash([Entry("a|b::c", "s", "t")]) == sha("a|b::c::s::t")

    @given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5), st.randoms())
    def test_any_order_of_any_entries_is_one_hash(self, texts, random) -> None:  # type: ignore[no-untyped-def]
        entries = [Entry(*text) for text in texts]

        found = signature_hash(random.sample(entries, len(entries)))

        assert found == signature_hash(entries)
        assert len(found) == 12
        assert set(found) <= set("0123456789abcdef")


class TestSign:
    def test_a_single_failure_is_the_formula_over_one_entry(self) -> None:
        found = sign(failure(raised()), workflow="CI", job="Tests", step="pytest")

        assert found == Signature(
            workflow="CI",
            job="Tests",
            step="pytest",
            token=TOKEN,
            hash=sha(f"Tests::pytest::{TOKEN}"),
            version=2,
            aliases=(),
        )
        assert found.key == f"CI|{found.hash}"

    def test_a_signature_names_what_was_missing(self) -> None:
        found = sign(silent(), workflow="", job="", step="")

        assert (found.job, found.step, found.token) == ("?", "no-step", "no-stack")
        assert found.hash == sha("?::no-step::no-stack")
        assert found.key == f"?|{found.hash}"

    def test_two_workflows_with_one_cause_share_the_hash_and_not_the_key(self) -> None:
        one = sign(failure(raised()), workflow="CI", job="Tests", step="pytest")
        other = sign(failure(raised()), workflow="Nightly", job="Tests", step="pytest")

        assert one.hash == other.hash
        assert one.key != other.key

    def test_without_tokens_all_failures_of_a_step_are_one(self) -> None:
        """S4-12."""
        one = sign(failure(raised()), workflow="w", job="j", step="s", tokens_enabled=False)
        other = sign(silent(), workflow="w", job="j", step="s", tokens_enabled=False)

        assert one == other
        assert one.hash == sha("j::s::stacks-off")

    def test_the_token_has_the_length_that_was_asked_for(self) -> None:
        """S4-13."""
        found = sign(failure(raised()), workflow="w", job="j", step="s", token_max_chars=49)

        assert found.token == TOKEN
        assert (
            len(sign(failure(raised()), workflow="", job="", step="", token_max_chars=40).token)
            <= 40
        )

    def test_the_version_is_a_field_and_never_part_of_the_hash(self) -> None:
        assert SIGNATURE_VERSION == 2
        assert sign(failure(raised()), workflow="", job="j", step="s").hash == sha(f"j::s::{TOKEN}")

    def test_a_failure_that_a_new_version_renamed_is_known_by_its_old_hash(self) -> None:
        """C-6: a change of version writes aliases old to new."""
        bytes_ = failure(raised("ValueError", r"bad magic b'\xd0\xcf'"))
        old = r"ValueError: bad magic b'\xd0\xcf' @ src/shop/orders.py:build_order"

        found = sign(bytes_, workflow="", job="j", step="s")

        assert found.token == "ValueError: bad magic b'<bytes>' @ src/shop/orders.py:build_order"
        assert found.aliases == (sha(f"j::s::{old}"),)
        assert found.is_known_as(sha(f"j::s::{old}"))

    def test_without_tokens_there_are_no_aliases(self) -> None:
        bytes_ = failure(raised("ValueError", r"bad magic b'\xd0\xcf'"))

        assert sign(bytes_, workflow="", job="", step="", tokens_enabled=False).aliases == ()

    def test_a_signature_can_be_computed_again_from_its_own_fields(self) -> None:
        found = sign(failure(raised()), workflow="\udce9", job="\udce9", step="s")

        assert signature_hash([Entry(found.job, found.step, found.token)]) == found.hash
        assert found.key.encode("utf-8")

    def test_it_is_known_by_its_hash_and_by_older_ones(self) -> None:
        found = Signature("w", "j", "s", "t", "a" * 12, aliases=("b" * 12,))

        assert [found.is_known_as(one * 12) for one in "abc"] == [True, True, False]
