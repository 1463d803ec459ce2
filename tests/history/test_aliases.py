"""Aliases of signatures: merged, never written over (C-6)."""

from __future__ import annotations

import json
import multiprocessing
from contextlib import closing
from pathlib import Path

import pytest

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.history.aliases import (
    NAME,
    add_aliases,
    content_of,
    parsed_aliases,
    read_aliases,
    share_aliases,
    shared_content,
)
from pytest_failtrack.signature.alias import Alias

A, B, C, D = (letter * 12 for letter in "abcd")


def document(*pairs, **changes):
    aliases = [{"old": old, "new": new, "version": 2} for old, new in pairs]
    told = {"format": "failtrack-signature-aliases", "format_version": 1, "aliases": aliases}
    return json.dumps(told | changes).encode()


class TestTheFile:
    def test_is_the_same_in_whatever_order_it_was_filled(self, tmp_path: Path) -> None:
        pairs = [Alias(A, B, 2), Alias(C, B, 2), Alias(A, D, 2)]
        for name, order in (("one", pairs), ("two", pairs[::-1])):
            for pair in order:
                assert add_aliases(tmp_path / name, [pair]) == 1

        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
        assert set(read_aliases(tmp_path / "one")) == set(pairs)

    def test_keeps_what_is_there(self, tmp_path: Path) -> None:
        path = tmp_path / "aliases.json"
        add_aliases(path, [Alias(A, B, 2)])
        before = path.stat().st_ino

        assert add_aliases(path, [Alias(A, B, 2)]) == 0
        assert path.stat().st_ino == before
        assert add_aliases(path, [Alias(A, B, 2), Alias(A, C, 2)]) == 1  # one cause that split
        assert read_aliases(path) == [Alias(A, B, 2), Alias(A, C, 2)]

    def test_takes_no_contradiction(self, tmp_path: Path) -> None:
        path = tmp_path / "aliases.json"
        add_aliases(path, [Alias(A, B, 2), Alias(B, C, 3)])
        before = path.read_bytes()

        with pytest.raises(EvidenceError, match="signature migrate --write") as error:
            add_aliases(path, [Alias(D, B, 2), Alias(C, A, 2)], "theirs.json")

        assert f"theirs.json: contradicts {path}" in error.value.message
        assert f"{A} -> {B} -> {C} -> {A}" in error.value.message or (
            f"{C} -> {A} -> {B} -> {C}" in error.value.message
            or f"{B} -> {C} -> {A} -> {B}" in error.value.message
        )
        assert path.read_bytes() == before

    def test_a_long_circle_is_told_in_short(self, tmp_path: Path) -> None:
        names = [f"{number:012x}" for number in range(2_000)]
        pairs = zip(names, [*names[1:], names[0]], strict=True)

        with pytest.raises(EvidenceError, match=r" -> \.\.\. -> ") as error:
            parsed_aliases(document(*pairs), "theirs.json")

        assert len(error.value.message) < 300

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "no list of aliases"),
            (b"[]", "no list of aliases"),
            (b"{", "no list of aliases"),
            (b"\xff", "no list of aliases"),
            (b"[" * 100_000, "no list of aliases"),
            (document(format="other"), "no list of aliases"),
            (document(aliases=None), "no list of aliases"),
            (document(aliases=[None]), "no list of aliases"),
            (document(("short", B)), "write 12 hex digits"),
            (document((A, "\0" * 12)), "write 12 hex digits"),
            (document(format_version=2), "install a newer pytest-failtrack"),
            (document((A, A)), "leads in a circle"),
            (document((A, B), (B, A)), "leads in a circle"),
        ],
        ids=[
            *("empty", "a list", "cut off", "no text", "deep", "another format", "no pairs"),
            *("no pair", "no digits", "NUL", "a newer version", "to itself", "both ways"),
        ],
    )
    def test_that_cannot_be_used_is_named(self, content: bytes, said: str) -> None:
        with pytest.raises(EvidenceError, match=said) as error:
            parsed_aliases(content, "theirs.json")

        assert error.value.message.startswith("theirs.json: ")

    def test_of_many_writers_at_once_loses_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "aliases.json"
        processes = [
            multiprocessing.get_context("fork").Process(target=write_some, args=(path, number))
            for number in range(4)
        ]
        for one in processes:
            one.start()
        for one in processes:
            one.join()

        assert len(read_aliases(path)) == 4 * 15
        assert [one.name for one in tmp_path.iterdir()] == ["aliases.json"]


def write_some(path: Path, number: int) -> None:
    for one in range(15):
        add_aliases(path, [Alias(f"{number:06x}{one:06x}", B, 2)])


class TestAShared:
    @pytest.fixture
    def database(self, postgres_url):
        from pytest_failtrack.history.postgres import PostgresDatabase

        with closing(PostgresDatabase(postgres_url, "o/r")) as held:
            yield held

    def test_gives_back_the_bytes(self, database) -> None:
        pairs = [Alias(C, B, 2), Alias(A, B, 2), Alias(B, D, 3)]

        assert shared_content(database) == b""
        assert share_aliases(database, pairs) == 3
        assert share_aliases(database, pairs[:2]) == 0

        assert shared_content(database) == content_of(pairs)
        assert database.rows("select alias, hash from aliases order by 1, 2") == [
            (B, A),
            (B, C),
            (D, B),
        ]

    def test_takes_no_contradiction(self, database) -> None:
        share_aliases(database, [Alias(A, B, 2)])

        with pytest.raises(EvidenceError, match=r"theirs: contradicts postgresql://"):
            share_aliases(database, [Alias(C, D, 2), Alias(B, A, 2)], "theirs")

        assert shared_content(database) == content_of([Alias(A, B, 2)])

    def test_of_two_repositories_are_apart(self, database, postgres_url) -> None:
        from pytest_failtrack.history.postgres import PostgresDatabase

        share_aliases(database, [Alias(A, B, 2)])

        with closing(PostgresDatabase(postgres_url, "o/other")) as other:
            assert share_aliases(other, [Alias(B, A, 2)]) == 1


class TestARun:
    """What `failtrack signature migrate --write` found here is shared by the next run."""

    @pytest.fixture
    def asked(self, monkeypatch):
        """The statements that are sent."""
        from pytest_failtrack.history.postgres import PostgresDatabase

        found: list[str] = []
        rows = PostgresDatabase._rows

        def listed(self, sql, values):
            found.append(sql)
            return rows(self, sql, values)

        monkeypatch.setattr(PostgresDatabase, "_rows", listed)
        return found

    @pytest.fixture
    def history(self, postgres_url, tmp_path):
        from pytest_failtrack.history.store import History

        evidence = tmp_path / "events" / "failures"
        evidence.mkdir(parents=True)
        with History(None, shared=postgres_url, tenant="o/r") as held:
            held.sync(evidence)
            yield held

    def shared(self, history) -> bytes:
        return history.ask(shared_content)

    def test_shares_them_with_what_is_there(self, history, tmp_path) -> None:
        history.ask(lambda database: share_aliases(database, [Alias(A, B, 2)]))
        add_aliases(tmp_path / "events" / NAME, [Alias(C, B, 2)])

        history.share_aliases()

        assert self.shared(history) == content_of([Alias(A, B, 2), Alias(C, B, 2)])
        assert history.problems == ()

    def test_asks_nothing_without_any_and_once_where_all_are_there(
        self, history, tmp_path, asked
    ) -> None:
        history.share_aliases()
        assert asked == []
        add_aliases(tmp_path / "events" / NAME, [Alias(A, B, 2)])
        history.share_aliases()
        asked.clear()

        history.share_aliases()

        assert len(asked) == 1

    def test_goes_on_with_those_that_cannot_be_shared(self, history, tmp_path) -> None:
        history.ask(lambda database: share_aliases(database, [Alias(A, B, 2)]))
        path = tmp_path / "events" / NAME
        add_aliases(path, [Alias(B, A, 2)])

        history.share_aliases()

        assert self.shared(history) == content_of([Alias(A, B, 2)])
        (problem,) = history.problems
        assert problem.startswith(f"{path}: contradicts postgresql://")

    def test_goes_on_where_it_may_add_none(self, history, tmp_path) -> None:
        path = tmp_path / "events" / NAME
        add_aliases(path, [Alias(A, B, 2)])
        history.ask(lambda database: database.run("set default_transaction_read_only = on"))

        history.share_aliases()

        (problem,) = history.problems
        assert problem.startswith(f"{path} was not shared: the history postgresql://")
        assert self.shared(history) == b""
