"""Aliases: a failure keeps its name when the normalization changes."""

from __future__ import annotations

import pytest

from pytest_failtrack.errors import InputError
from pytest_failtrack.signature.alias import Alias, AliasTable
from pytest_failtrack.signature.signature import Signature

V1, OTHER_V1, V2, V3 = "a" * 12, "b" * 12, "c" * 12, "d" * 12
TABLE = AliasTable((Alias(V1, V2, 2), Alias(OTHER_V1, V2, 2), Alias(V2, V3, 3)))


def signature(hash_: str, version: int = 1) -> Signature:
    return Signature("CI", "Tests", "pytest", "boom", hash_, version)


class TestTable:
    @pytest.mark.parametrize("hash_", [V1, OTHER_V1, V2, V3])
    def test_every_older_hash_leads_to_the_newest(self, hash_: str) -> None:
        assert TABLE.current(hash_) == V3

    def test_a_hash_that_never_changed_is_its_own(self) -> None:
        assert TABLE.current("e" * 12) == "e" * 12
        assert TABLE.older("e" * 12) == ()

    def test_all_older_hashes_are_known(self) -> None:
        assert TABLE.older(V3) == (V1, OTHER_V1, V2)

    def test_two_hashes_of_one_failure_are_the_same(self) -> None:
        assert TABLE.is_same(V1, V2)
        assert not TABLE.is_same(V1, "e" * 12)

    def test_a_signature_receives_its_older_hashes(self) -> None:
        assert TABLE.applied_to(signature(V3, 3)).aliases == (V1, OTHER_V1, V2)

    def test_where_two_versions_renamed_a_hash_the_newer_one_counts(self) -> None:
        table = AliasTable((Alias(V1, V3, 3), Alias(V1, V2, 2)))

        assert table.current(V1) == V3

    def test_a_circle_ends(self) -> None:
        table = AliasTable((Alias(V1, V2, 2), Alias(V2, V1, 3)))

        assert table.current(V1) in (V1, V2)
        assert table.older(V1) == (V2,)


class TestChange:
    def test_a_failure_signed_by_two_versions_is_a_pair(self) -> None:
        table = AliasTable().with_change(signature(V1, 1), signature(V2, 2))

        assert table.aliases == (Alias(V1, V2, 2),)

    def test_an_unchanged_hash_needs_none(self) -> None:
        assert AliasTable().with_change(signature(V1, 1), signature(V1, 2)) == AliasTable()

    def test_the_same_change_is_kept_once(self) -> None:
        table = AliasTable().with_change(signature(V1, 1), signature(V2, 2))

        assert table.with_change(signature(V1, 1), signature(V2, 2)) == table

    def test_an_older_version_is_no_change(self) -> None:
        with pytest.raises(InputError, match="version 1 is not newer than 2"):
            AliasTable().with_change(signature(V1, 2), signature(V2, 1))


class TestDocument:
    def test_a_pair_comes_back_as_it_was_written(self) -> None:
        assert Alias.from_dict(Alias(V1, V2, 2).to_dict()) == Alias(V1, V2, 2)

    @pytest.mark.parametrize(
        "change",
        [{"old": "xyz"}, {"new": None}, {"new": "A" * 12}, {"version": 0}, {"version": True}],
        ids=str,
    )
    def test_what_is_no_pair_is_refused(self, change: dict[str, object]) -> None:
        with pytest.raises(InputError, match=repr(next(iter(change)))):
            Alias.from_dict({"old": V1, "new": V2, "version": 2, **change})
