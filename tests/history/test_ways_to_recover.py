"""Ways to recover: what was tried is counted, and makes a confidence that holds (S2-92, S2-93)."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from pytest_failtrack.history.database import MEMORY, Database, open_database
from pytest_failtrack.history.matches import store_matches
from pytest_failtrack.history.recovery import (
    PRIOR_ATTEMPTS,
    WINDOW_DAYS,
    Tried,
    candidates_for,
    case_named,
    confidence_of,
    pending,
    posterior,
    refreshed,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    url = MEMORY if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with closing(open_database(url, "o/r")) as held:
        yield held


def match(**changes: Any) -> dict[str, Any]:
    """Return a match that nobody has tried to recover from."""
    at = changes.pop("at", NOW).isoformat().replace("+00:00", "Z")
    return {
        "schema_version": "1.0",
        "failure_match_id": str(uuid.uuid4()),
        "run_id": "r",
        "tenant_id": None,
        "error_code": "HTTP_429",
        "error_message": "Too Many Requests",
        "catalog_entry_id": "rate-limited",
        "match_type": "regex",
        "confidence_score": 0.7,
        "category": "UNKNOWN",
        "severity": "HIGH",
        "is_retryable": True,
        "recovery_mode": "RETRY_EXPONENTIAL",
        "recovery_suggestion": "Wait.",
        "recovery_attempted": False,
        "recovery_succeeded": False,
        "skill_id": None,
        "step_index": None,
        "context": {},
        "created_at": at,
        "updated_at": at,
        **changes,
    }


def tried(succeeded: bool = True, **changes: Any) -> dict[str, Any]:
    return match(recovery_attempted=True, recovery_succeeded=succeeded, **changes)


class TestConfidence:
    def test_is_what_the_catalog_says_before_anything_was_tried(self) -> None:
        assert confidence_of(0.7, (0, 0), (0, 0)) == pytest.approx(0.7)

    def test_the_first_word_weighs_four_attempts(self) -> None:
        assert posterior(0.5, 4, 4) == pytest.approx(0.75)
        assert PRIOR_ATTEMPTS == 4

    def test_what_was_tried_rules_in_the_end(self) -> None:
        assert confidence_of(0.9, (0, 1_000), (0, 0)) < 0.01

    @pytest.mark.parametrize("said", [0.0, 1.0])
    def test_nothing_is_certain_that_nobody_has_tried(self, said: float) -> None:
        assert 0 < confidence_of(said, (0, 0), (0, 0)) < 1

    def test_each_success_raises_it_and_each_failure_lowers_it(self) -> None:
        chance = random.Random(1)
        for _ in range(500):
            own = (successes := chance.randrange(20), successes + chance.randrange(20))
            elsewhere = (chance.randrange(20), 20 + chance.randrange(50))
            said = chance.random()

            now = confidence_of(said, own, elsewhere)

            better = confidence_of(said, (own[0] + 1, own[1] + 1), elsewhere)
            assert confidence_of(said, (own[0], own[1] + 1), elsewhere) < now < better


class TestCalibration:
    """Of the recoveries that are said to help in 70 of 100 cases, 70 of 100 do (S2-93)."""

    def buckets(
        self, true_share: Any, said: float, say: Any = confidence_of, errors: int = 400
    ) -> dict[int, Any]:
        """Simulate outcomes; return (mean of what was said, share that helped, number) by tenth.

        Args:
            true_share: Makes the share in which a way helps for one error, from a generator.
            said: What the catalog says of every error.
            say: What makes a confidence of that and of the counts.
            errors: Number of kinds of errors; each is tried up to 30 times.
        """
        chance = random.Random(7)
        shares = [true_share(chance) for _ in range(errors)]
        counts = [[0, 0] for _ in range(errors)]
        total = [0, 0]
        seen: dict[int, list[tuple[float, bool]]] = {}
        for _ in range(errors * 15):
            which = chance.randrange(errors)
            own = counts[which]
            elsewhere = (total[0] - own[0], total[1] - own[1])
            sure = say(said, (own[0], own[1]), elsewhere)
            helped = chance.random() < shares[which]
            seen.setdefault(min(int(sure * 10), 9), []).append((sure, helped))
            own[0] += helped
            own[1] += 1
            total[0] += helped
            total[1] += 1
        return {
            tenth: (
                sum(sure for sure, _ in held) / len(held),
                sum(helped for _, helped in held) / len(held),
                len(held),
            )
            for tenth, held in seen.items()
            if len(held) >= 100
        }

    def test_where_the_catalog_is_right(self) -> None:
        found = self.buckets(lambda chance: chance.betavariate(4 * 0.7, 4 * 0.3), said=0.7)

        assert len(found) >= 5
        for said, observed, number in found.values():
            assert observed == pytest.approx(said, abs=0.08), number

    @pytest.mark.parametrize("said", [0.1, 0.95])
    def test_where_the_catalog_is_wrong(self, said: float) -> None:
        """What helped elsewhere corrects it after few attempts."""
        found = self.buckets(lambda chance: chance.betavariate(4 * 0.5, 4 * 0.5), said=said)

        assert len(found) >= 5
        for sure, observed, number in found.values():
            assert observed == pytest.approx(sure, abs=0.08), number

    def test_the_check_sees_a_confidence_that_does_not_hold(self) -> None:
        """The catalog's word alone, and the bare share, both miss by far."""
        words = (lambda said, own, rest: said, lambda said, own, rest: own[0] / max(own[1], 1))
        for say in words:
            found = self.buckets(lambda chance: chance.betavariate(2, 2), said=0.95, say=say)

            assert max(abs(sure - observed) for sure, observed, _ in found.values()) > 0.2


class TestCandidates:
    def test_the_likeliest_way_comes_first(self) -> None:
        known = [
            Tried("HTTP_429", "UNKNOWN", "rate-limited", "RETRY_EXPONENTIAL", 10, 1, 0.7),
            Tried("HTTP_429", "UNKNOWN", "", "ROLLBACK", 10, 9, 0.5),
        ]

        found = candidates_for(
            known, error_code="HTTP_429", entry="rate-limited", mode="RETRY_EXPONENTIAL", said=0.7
        )

        assert [(one.recovery_mode, one.attempts, one.successes) for one in found] == [
            ("ROLLBACK", 10, 9),
            ("RETRY_EXPONENTIAL", 10, 1),
        ]
        assert [one.is_catalogs for one in found] == [False, True]

    def test_what_helped_for_others_is_no_candidate(self) -> None:
        known = [Tried("KeyError", "UNKNOWN", "", "ROLLBACK", 10, 9, 0.5)]

        found = candidates_for(known, error_code="X", entry="", mode="INVESTIGATE", said=0)

        assert [one.recovery_mode for one in found] == ["INVESTIGATE"]

    def test_errors_without_a_code_are_not_alike(self) -> None:
        known = [Tried("unknown", "UNKNOWN", "", "ROLLBACK", 10, 9, 0.5)]

        assert candidates_for(known, error_code="unknown", entry="", mode="", said=0) == []


class TestTable:
    def test_counts_what_was_tried(self, database: Database) -> None:
        """S2-92"""
        many = [tried(True), tried(True), tried(False), match(), match(recovery_mode=None)]
        store_matches(database, [*many, tried(True, error_code="OTHER", catalog_entry_id=None)])

        refreshed(database, NOW)

        sql = (
            "select tenant_id, error_code, category, catalog_entry_id, recovery_mode, attempts,"
            " successes, epoch(updated_at) from recovery_candidates order by error_code"
        )
        at = NOW.timestamp()
        assert database.rows(sql) == [
            (
                database.tenant,
                *("HTTP_429", "UNKNOWN", "rate-limited", "RETRY_EXPONENTIAL"),
                3,
                2,
                at,
            ),
            (database.tenant, *("OTHER", "UNKNOWN", "", "RETRY_EXPONENTIAL"), 1, 1, at),
        ]

    def test_its_confidence_is_that_of_a_suggestion(self, database: Database) -> None:
        store_matches(database, [tried(True), tried(False), tried(True, error_code="OTHER")])

        known = refreshed(database, NOW)

        ((kept,),) = database.rows(
            "select confidence from recovery_candidates where error_code = 'OTHER'"
        )
        other = next(one for one in known if one.error_code == "OTHER")
        assert kept == pytest.approx(confidence_of(other.said, (1, 1), (1, 2)), abs=1e-4)

    def test_made_again_it_is_the_same(self, database: Database) -> None:
        store_matches(database, [tried(True)])

        assert refreshed(database, NOW) == refreshed(database, NOW)
        assert database.rows("select count(*) from recovery_candidates") == [(1,)]

    def test_what_was_tried_long_ago_fades(self, database: Database) -> None:
        store_matches(database, [tried(True, at=NOW - timedelta(days=WINDOW_DAYS + 1))])

        assert refreshed(database, NOW) == []

    def test_another_repository_is_not_ours(self, postgres_url: str) -> None:
        with (
            closing(open_database(postgres_url, "o/r")) as ours,
            closing(open_database(postgres_url, "o/other")) as theirs,
        ):
            store_matches(theirs, [tried(True), match()])

            assert refreshed(ours, NOW) == []
            assert pending(ours, since=NOW - timedelta(days=1), limit=9) == (0, [])
            assert len(refreshed(theirs, NOW)) == 1


class TestPending:
    def test_is_what_nobody_has_tried(self, database: Database) -> None:
        """S2-39"""
        waiting = match()
        others = [tried(error_code="B"), match(recovery_mode=None), match(recovery_mode="NONE")]
        store_matches(database, [waiting, *others])

        number, found = pending(database, since=NOW - timedelta(days=1), limit=9)

        assert (number, [one.id for one, _ in found]) == (1, [waiting["failure_match_id"]])

    def test_what_is_alike_waits_once(self, database: Database) -> None:
        newest = match()
        older = [match(at=NOW - timedelta(minutes=n + 1)) for n in range(4)]
        store_matches(database, [*older, newest, match(error_code="OTHER")])

        number, found = pending(database, since=NOW - timedelta(days=1), limit=9)

        assert number == 2
        assert {(one.error_code, times) for one, times in found} == {("HTTP_429", 5), ("OTHER", 1)}
        assert newest["failure_match_id"] in {one.id for one, _ in found}

    def test_until_its_newest_match_was_tried(self, database: Database) -> None:
        hour = timedelta(hours=1)
        store_matches(database, [match(at=NOW - 3 * hour), tried(at=NOW - 2 * hour)])
        assert pending(database, since=NOW - timedelta(days=1), limit=9) == (0, [])

        store_matches(database, [match(at=NOW - hour)])
        number, found = pending(database, since=NOW - timedelta(days=1), limit=9)
        assert (number, [times for _, times in found]) == (1, [2])

    def test_only_so_many_and_so_far_back(self, database: Database) -> None:
        store_matches(
            database,
            [match(error_code=f"E{n}", at=NOW - timedelta(hours=n)) for n in range(48)],
        )

        number, found = pending(database, since=NOW - timedelta(hours=23.5), limit=3)

        assert (number, [one.error_code for one, _ in found]) == (24, ["E0", "E1", "E2"])

    def test_a_match_is_found_by_its_id(self, database: Database) -> None:
        kept = match()
        store_matches(database, [kept])

        found = case_named(database, kept["failure_match_id"])

        assert found is not None
        assert (found.error_code, found.is_retryable, found.is_tried) == ("HTTP_429", True, False)
        assert found.created_at == pytest.approx(NOW.timestamp())
        assert case_named(database, str(uuid.uuid4())) is None
        assert case_named(database, "0123456789ab") is None
