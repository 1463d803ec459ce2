"""What the history answers, beside a computation in plain Python over the same records."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta, timezone
from statistics import mean, median
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_failtrack.errors import InputError
from pytest_failtrack.history.columns import (
    CHANGE_COLUMNS,
    RECORD_COLUMNS,
    RUN_COLUMNS,
    placeholders,
)
from pytest_failtrack.history.database import MEMORY, Database, open_database
from pytest_failtrack.history.questions import (
    causes,
    flaky,
    listing,
    owners,
    repeats,
    resolution,
    response,
    slow,
    totals,
)
from pytest_failtrack.history.questions.filter import TEXT_COLUMNS, Filter
from pytest_failtrack.history.questions.group import GROUPS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=timezone.utc)
START = NOW - timedelta(days=30)
DAY = 86_400.0
DEFAULTS: dict[str, Any] = dict.fromkeys(RECORD_COLUMNS, "") | {
    **dict.fromkeys(("size", "mtime_ns", "due_at", "healed_at", "resolved_at")),
    **dict.fromkeys(("measures", "governance_updates", "preconditions", "test_additions"), 0),
    **dict.fromkeys(("is_retryable", "is_repeat", "is_healed"), False),
    "build_attempt": 1,
    "attempt": 1,
    "occurrence": 1,
    "tier": 0,
    "duration_seconds": 0.5,
    "confidence": 0.5,
    "status": "OPEN",
    "outcome": "failed",
    "workflow": "CI",
    "novelty": "NEW",
}
Rows = list[dict[str, Any]]


def at(days: float) -> float:
    """Return so many days after START, in seconds since 1970."""
    return START.timestamp() + days * DAY


def moment(days: float) -> datetime:
    return datetime.fromtimestamp(at(days), timezone.utc)


def record(number: int, **changes: Any) -> dict[str, Any]:
    made = DEFAULTS | {"failure_id": str(UUID(int=number)), "occurred_at": at(1)} | changes
    made["hash"] = made["hash"] or made["cause_id"]
    return made


OPENED: list[Database] = []


@pytest.fixture(autouse=True)
def closes_what_it_opened():
    """Close the histories of a test: a connection that is forgotten warns later, elsewhere."""
    yield
    while OPENED:
        OPENED.pop().close()


def opened(
    records: Rows,
    runs: Rows = (),
    passes: Rows = (),
    changes: Rows = (),  # type: ignore[assignment]
) -> Database:
    """Return a history in memory that holds some rows."""
    database = open_database(MEMORY)
    OPENED.append(database)
    empty = dict.fromkeys(RUN_COLUMNS, "") | dict.fromkeys(RUN_COLUMNS[15:], 0)
    for table, columns, rows in (
        ("records", RECORD_COLUMNS, records),
        ("runs", RUN_COLUMNS, [empty | {"size": 1, "mtime_ns": 1} | one for one in runs]),
        ("passes", ("tenant_id", "name", "nodeid", "lane", "passed_at"), passes),
        ("changes", CHANGE_COLUMNS, changes),
    ):
        database.run_many(
            f"insert into {table} ({', '.join(columns)}) values ({placeholders(columns)})",
            ([one.get(name, "") for name in columns] for one in rows),
        )
    return database


def event(record_: dict[str, Any], action: str, when: float, before: str = "", after: str = ""):
    place = f"{record_['failure_id']}{action}{when}{before}"
    return {
        "event_id": place,
        "failure_id": record_["failure_id"],
        "at": when,
        "actor": "ada",
        "action": action,
        "before": before or "{}",
        "after": after or "{}",
        "document": "{}",
    }


def is_open(one: dict[str, Any]) -> bool:
    return one["status"] in ("OPEN", "INVESTIGATING") and not one["is_healed"]


def cause_of(one: dict[str, Any]) -> tuple[str, str]:
    return one["workflow"], one["cause_id"] or one["hash"]


@st.composite
def histories(draw: st.DrawFn) -> Rows:
    """Draw a few records of a few causes, in every state of life."""
    made = []
    for number in range(draw(st.integers(1, 14))):
        occurred = draw(st.integers(0, 28)) + draw(st.sampled_from((0.0, 0.25, 0.9)))
        status = draw(st.sampled_from(("OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED")))
        healed = draw(st.sampled_from((False, False, True)))
        ended = at(occurred + draw(st.sampled_from((-1.0, 0.1, 2.5, 3.0))))
        cause = draw(st.sampled_from("abc"))
        made.append(
            record(
                number,
                occurred_at=at(occurred),
                cause_id=draw(st.sampled_from((cause, ""))),
                hash=cause,
                workflow=draw(st.sampled_from(("CI", "nightly"))),
                build_id=draw(st.sampled_from(("1", "2", "local-3"))),
                nodeid=draw(st.sampled_from(("", "t.py::A_%", "t.py::a_x"))),
                category=draw(st.sampled_from(("QA", "INFRA"))),
                subcategory=draw(st.sampled_from(("QA_TEST_DEBT", "INFRA_NETWORK"))),
                failure_type=draw(st.sampled_from(("test_failure", "unknown"))),
                outcome=draw(st.sampled_from(("failed", "flaky", "debt", "error"))),
                owner=draw(st.sampled_from(("", "@a", "@b"))),
                lane=draw(st.sampled_from(("main", "dev"))),
                novelty=draw(st.sampled_from(("NEW", "KNOWN", "REPEAT"))),
                is_repeat=draw(st.booleans()),
                occurrence=draw(st.integers(1, 4)),
                tier=draw(st.integers(0, 2)),
                preconditions=draw(st.sampled_from((0, 0, 0, 1))),
                duration_seconds=draw(st.sampled_from((0.5, 2.0))),
                status=status,
                is_healed=healed,
                healed_at=ended if healed else None,
                resolved_at=ended if status in ("RESOLVED", "PREVENTED") else None,
                due_at=draw(st.sampled_from((None, at(occurred + 1), at(occurred + 40)))),
            )
        )
    return made


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    some = st.sampled_from
    return Filter(
        since=draw(some((None, moment(5)))),
        until=draw(some((None, moment(20)))),
        category=draw(some(((), ("QA",), ("QA", "INFRA")))),
        owner=draw(some(((), ("",), ("@*",), ("", "@b")))),
        test=draw(some(((), ("A_",), ("t.py*%",)))),
        tier=draw(some(((), (1, 2)))),
        is_repeat=draw(some((None, True, False))),
        is_open=draw(some((None, True, False))),
        is_overdue=draw(some((None, None, True, False))),
        is_debt=draw(some((None, False, True))),
        occurrence_min=draw(some((None, 2))),
        now=NOW,
    )


def matches(one: dict[str, Any], wanted: Filter, *, in_window: bool = True) -> bool:
    """Say again, in Python, what a filter says."""
    if in_window and wanted.since and one["occurred_at"] < wanted.since.timestamp():
        return False
    if in_window and wanted.until and one["occurred_at"] >= wanted.until.timestamp():
        return False
    if wanted.owner and not any(
        one["owner"].startswith("@") if owner == "@*" else one["owner"] == owner
        for owner in wanted.owner
    ):
        return False
    found = {"A_": "a_" in one["nodeid"].lower(), "t.py*%": one["nodeid"] == "t.py::A_%"}
    is_late = is_open(one) and one["due_at"] is not None and one["due_at"] < NOW.timestamp()
    return (
        (not wanted.category or one["category"] in wanted.category)
        and all(found[name] for name in wanted.test)
        and (not wanted.tier or one["tier"] in wanted.tier)
        and wanted.is_repeat in (None, one["is_repeat"])
        and wanted.is_open in (None, is_open(one))
        and wanted.is_overdue in (None, is_late)
        and wanted.is_debt in (None, one["outcome"] == "debt")
        and one["occurrence"] >= (wanted.occurrence_min or 0)
    )


def text_day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).date().isoformat()


def text_week(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, timezone.utc).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def ended_at(one: dict[str, Any]) -> tuple[str, float | None]:
    if one["status"] in ("RESOLVED", "PREVENTED") and one["resolved_at"] is not None:
        return "resolved", one["resolved_at"]
    if one["is_healed"]:
        return "healed", one["healed_at"]
    return "open", None


def incidents(records: Rows) -> dict[tuple[Any, ...], Rows]:
    found: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for one in records:
        way, ended = ended_at(one)
        day = None if ended is None else text_day(ended)
        found[cause_of(one), one["failure_type"], one["owner"], way, day].append(one)
    return found


def in_window(seconds: float, wanted: Filter) -> bool:
    return (wanted.since is None or seconds >= wanted.since.timestamp()) and (
        wanted.until is None or seconds < wanted.until.timestamp()
    )


checked = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


class TestFilter:
    @checked
    @given(histories(), filters())
    def test_finds_what_python_finds(self, records: Rows, wanted: Filter) -> None:
        """Filters for everything in a record."""
        found = listing.newest_records(opened(records), wanted, limit=99)

        expected = [one["failure_id"] for one in records if matches(one, wanted)]
        assert sorted(one.texts["failure_id"] for one in found) == sorted(expected)
        moments = [one.occurred_at for one in found]
        assert moments == sorted(moments, reverse=True)
        assert listing.count_records(opened(records), wanted) == len(expected)

    @pytest.mark.parametrize("name", sorted(TEXT_COLUMNS))
    def test_of_each_text_finds_its_column(self, name: str) -> None:
        column = TEXT_COLUMNS[name]
        value = str(UUID(int=7 << 120)) if column == "failure_id" else "the value"
        database = opened([record(1), record(2, **{column: value})])

        assert listing.count_records(database, Filter(**{name: (value,)})) == 1
        assert listing.count_records(database, Filter(**{name: (value[:5] + "*",)})) == 1
        assert listing.count_records(database, Filter(**{name: ("no such",)})) == 0

    def test_knows_repositories(self) -> None:
        database = opened([record(1), record(2, tenant_id="o/r"), record(3, tenant_id="o/s")])

        counts = [
            listing.count_records(database, Filter(tenant=names))
            for names in ((), ("o/r",), ("o/r", "o/s"), ("*",))
        ]

        assert counts == [1, 1, 2, 3]

    @pytest.mark.parametrize(
        ("bound", "count"),
        [
            ({"confidence_min": 0.7}, 1),
            ({"confidence_max": 0.5}, 1),
            ({"duration_min": 3.0}, 1),
            ({"has_preconditions": True}, 1),
            ({"has_measures": False}, 1),
            ({"is_retryable": True}, 1),
            ({"is_healed": False}, 2),
        ],
        ids=lambda one: str(one),
    )
    def test_of_figures_and_flags(self, bound: dict[str, Any], count: int) -> None:
        other = record(
            2, confidence=0.9, duration_seconds=4.0, preconditions=1, measures=2, is_retryable=True
        )
        database = opened([record(1), other])

        assert listing.count_records(database, Filter(**bound)) == count

    def test_of_nothing_is_empty(self) -> None:
        assert Filter().is_empty
        assert Filter(now=NOW).is_empty
        assert not Filter(is_open=False).is_empty


class TestTotals:
    @checked
    @given(histories(), filters(), st.sampled_from(("category", "owner", "day", "week", "open")))
    def test_count_by_a_column_and_by_time(self, records: Rows, wanted: Filter, by: str) -> None:
        keys = {
            "category": lambda one: one["category"],
            "owner": lambda one: one["owner"],
            "day": lambda one: text_day(one["occurred_at"]),
            "week": lambda one: text_week(one["occurred_at"]),
            "open": lambda one: "yes" if is_open(one) else "no",
        }
        groups: dict[str, Rows] = defaultdict(list)
        for one in records:
            if matches(one, wanted):
                groups[keys[by](one)].append(one)

        found = totals.totals(opened(records), wanted, [by])

        assert {one.key: one for one in found} == {
            (name,): totals.Total(
                (name,),
                len(rows),
                len({cause_of(one) for one in rows}),
                len({one["build_id"] for one in rows}),
                sum(map(is_open, rows)),
                sum(one["is_repeat"] for one in rows),
            )
            for name, rows in groups.items()
        }

    @checked
    @given(histories(), filters())
    def test_summary(self, records: Rows, wanted: Filter) -> None:
        rows = [one for one in records if matches(one, wanted)]

        found = totals.summary(opened(records), wanted)

        assert (found.records, found.open) == (len(rows), sum(map(is_open, rows)))
        assert found.causes == len({cause_of(one) for one in rows})
        assert found.repeats == sum(one["is_repeat"] for one in rows)
        late = replaced_filter(wanted, is_overdue=True)
        expected = sum(matches(one, late) for one in rows) if wanted.is_overdue is not False else 0
        assert found.overdue == expected

    @checked
    @given(histories())
    def test_trend_has_no_gaps(self, records: Rows) -> None:
        found = totals.trend(opened(records), Filter(now=NOW), "day")

        counts = Counter(text_day(one["occurred_at"]) for one in records)
        assert {one.start.isoformat(): one.records for one in found if one.records} == counts
        days = [one.start for one in found]
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))]

    def test_trend_counts_runs(self) -> None:
        runs = [
            {"name": "1", "started_at": at(0), "finished_at": at(0) + 600, "failed": 2,
             "collected": 10, "branch": "main"},
            {"name": "2", "started_at": at(40), "finished_at": None, "branch": "main"},
            {"name": "3", "started_at": at(40), "finished_at": None, "branch": "dev"},
        ]  # fmt: skip

        first, *between, last = totals.trend(
            opened([], runs), Filter(branch=("main",), category=("QA",)), "month"
        )

        assert (first.runs, first.failing_runs, first.collected) == (1, 1, 10)
        assert (first.start, first.run_minutes) == (date(2026, 10, 1), 10.0)
        assert [one.start.month for one in between] == [11]
        assert (last.runs, last.failing_runs) == (1, 0)

    @pytest.mark.parametrize("name", sorted(GROUPS))
    def test_every_column_can_be_counted_by(self, name: str) -> None:
        database = opened(
            [record(1, due_at=at(2)), record(2, status="RESOLVED", resolved_at=at(3))]
        )
        wanted = Filter(now=NOW)

        assert sum(one.records for one in totals.totals(database, wanted, [name])) == 2
        assert sum(one.due for one in resolution.deadlines(database, wanted, [name])) == 1
        ended = resolution.time_to_resolution(database, wanted, [name])
        assert sum(one.resolved for one in ended) == 1
        assert sum(one.records for one in response.accuracy(database, wanted, [name])) == 2
        assert (
            sum(one.records for one in response.response_times(database, wanted, [name]).triage)
            == 2
        )
        assert sum(one.records for one in repeats.repeat_rate(database, wanted, [name])) == 2

    def test_unknown_column_is_refused(self) -> None:
        with pytest.raises(InputError, match="'colour' is no column"):
            totals.totals(opened([]), Filter(), ["colour"])


def replaced_filter(wanted: Filter, **changes: Any) -> Filter:
    from pytest_failtrack.frozen import replaced

    return replaced(wanted, **changes)


class TestCauses:
    @checked
    @given(histories(), filters())
    def test_common_ones_come_by_builds(self, records: Rows, wanted: Filter) -> None:
        """S0-136: most common."""
        groups: dict[tuple[str, str], Rows] = defaultdict(list)
        for one in records:
            if matches(one, wanted):
                groups[cause_of(one)].append(one)

        answer = causes.common_causes(opened(records), wanted)

        found = answer.causes
        assert {(one.cause.workflow, one.cause.cause_id): one.builds for one in found} == {
            name: len({one["build_id"] for one in rows}) for name, rows in groups.items()
        }
        first = causes.common_causes(opened(records), wanted, limit=1)
        assert (first.causes, first.all_causes) == (found[:1], len(found))
        ranks = [(one.builds, one.records) for one in found]
        assert ranks == sorted(ranks, reverse=True)

    def test_common_one_is_described_by_its_newest_record(self) -> None:
        old = record(1, cause_id="a", occurred_at=at(1), severity="LOW")
        new = record(2, cause_id="a", occurred_at=at(2), severity="HIGH", owner="@a")

        (found,) = causes.common_causes(opened([old, new]), Filter(until=moment(1.5))).causes

        assert (found.records, found.cause.severity, found.cause.owner) == (1, "HIGH", "@a")

    def test_cost_is_a_share_of_the_run_and_open_time(self) -> None:
        """S0-136: most costly; two causes of a run of 60 minutes pay for 30 minutes each."""
        place = {"build_id": "1", "workflow": "CI", "job": "tests", "leg": ""}
        records = [
            record(1, cause_id="a", **place),
            record(2, cause_id="a", **place, nodeid="t"),
            record(3, cause_id="b", **place, category="QA",
                   status="RESOLVED", resolved_at=at(1) + 7_200),
            record(4, cause_id="c", **place, outcome="debt"),
        ]  # fmt: skip
        run = {**place, "name": "r", "started_at": at(1) - 60, "finished_at": at(1) + 3_540,
               "failed": 3}  # fmt: skip
        passed = {**place, "build_id": "2", "name": "s", "started_at": at(1),
                  "finished_at": at(1.5)}  # fmt: skip
        wanted = Filter(now=moment(2), category=("", "QA"))

        one, other = causes.costly_causes(opened(records, [run, passed]), wanted).causes

        assert (one.cause.cause_id, one.ci_minutes, one.open_minutes) == ("a", 30.0, 1_440.0)
        assert (other.cause.cause_id, other.ci_minutes, other.open_minutes) == ("b", 30.0, 120.0)
        assert other.cost_minutes == 150.0
        left = causes.costly_causes(
            opened(records, [run]), Filter(now=moment(2), category=("QA",), since=moment(0.5))
        )
        assert left.causes == (other,)
        assert left.minutes == 150.0
        first = causes.costly_causes(opened(records, [run, passed]), wanted, limit=1)
        assert (first.causes, first.minutes) == ((one,), 1_620.0)

    @checked
    @given(histories(), filters())
    def test_open_time_counts_once(self, records: Rows, wanted: Filter) -> None:
        wanted = replaced_filter(wanted, is_debt=False)
        end = min(NOW.timestamp(), wanted.until.timestamp() if wanted.until else 1e12)
        spans: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for key, rows in incidents([one for one in records if matches(one, wanted)]).items():
            closes = [ended_at(one)[1] for one in rows]
            stop = min(end, max(one for one in closes if one is not None)) if closes[0] else end
            spans[key[0]].append((min(one["occurred_at"] for one in rows), stop))

        found = causes.costly_causes(opened(records), wanted).causes

        assert {(one.cause.workflow, one.cause.cause_id): one.open_minutes for one in found} == {
            name: pytest.approx(covered(listed) / 60) for name, listed in spans.items()
        }

    @checked
    @given(histories(), filters())
    def test_preventable_is_what_a_rule_or_a_precondition_is_for(
        self, records: Rows, wanted: Filter
    ) -> None:
        """S0-136: most preventable."""
        named = {cause_of(one) for one in records if one["preconditions"]}
        rows = [one for one in records if matches(one, wanted)]
        some = [
            one for one in rows
            if one["subcategory"] == "INFRA_NETWORK" or cause_of(one) in named
        ]  # fmt: skip

        found = causes.preventable_causes(opened(records), wanted, {"INFRA_NETWORK"})

        assert (found.records, found.preventable_records) == (len(rows), len(some))
        assert found.all_causes == len({cause_of(one) for one in rows})
        assert found.preventable_causes == len({cause_of(one) for one in some})
        assert {(one.cause.workflow, one.cause.cause_id): one.records for one in found.causes} == (
            Counter(map(cause_of, some))
        )

    def test_nothing_is_preventable_without_classes(self) -> None:
        found = causes.preventable_causes(opened([record(1)]), Filter(), ())

        assert (found.causes, found.records, found.preventable_records) == ((), 1, 0)

    def test_together_are_those_that_share_builds(self) -> None:
        """S1-153: co-occurrence in one build."""
        builds = {"a": "1234", "b": "123", "c": "4"}
        records = [
            record(number, cause_id=cause, build_id=build)
            for number, (cause, build) in enumerate(
                (cause, build) for cause, some in builds.items() for build in some
            )
        ]

        (pair,) = causes.causes_together(opened(records), Filter())

        assert (pair.one.cause_id, pair.other.cause_id, pair.builds) == ("a", "b", 3)
        assert (pair.share, pair.lift) == (0.75, 1.0)


def covered(spans: list[tuple[float, float]]) -> float:
    """Return how long at least one of some spans lasts."""
    total, reach = 0.0, float("-inf")
    for start, stop in sorted(spans):
        total += max(0.0, stop - max(start, reach))
        reach = max(reach, stop)
    return total


class TestResolution:
    @checked
    @given(histories(), filters(), st.sampled_from(("", "owner", "failure_type", "week")))
    def test_mttr_without_and_with_healed(self, records: Rows, wanted: Filter, by: str) -> None:
        """C-10, S1-154."""
        kept = [
            one for one in records
            if matches(one, wanted, in_window=False)
            and ended_at(one)[1] is not None and in_window(ended_at(one)[1], wanted)
        ]  # fmt: skip
        times: dict[tuple[str, ...], list[tuple[str, float]]] = defaultdict(list)
        for (_, kind, owner, way, _), rows in incidents(kept).items():
            ended = max(ended_at(one)[1] for one in rows)
            hours = max(0.0, ended - min(one["occurred_at"] for one in rows)) / 3_600
            key = {"": (), "owner": (owner,), "failure_type": (kind,),
                   "week": (text_week(ended),)}[by]  # fmt: skip
            times[key].append((way, hours))

        found = resolution.time_to_resolution(opened(records), wanted, [by] if by else [])

        assert {one.key: one.with_healed for one in found if one.with_healed} == {
            key: len(listed) for key, listed in times.items()
        }
        for one in found:
            resolved = [hours for way, hours in times[one.key] if way == "resolved"]
            everything = [hours for _, hours in times[one.key]]
            assert one.resolved == len(resolved)
            assert one.mean_hours == (pytest.approx(mean(resolved)) if resolved else None)
            assert one.median_hours == (pytest.approx(median(resolved)) if resolved else None)
            assert one.longest_hours == (pytest.approx(max(resolved)) if resolved else None)
            if everything:
                assert one.mean_hours_with_healed == pytest.approx(mean(everything))
                assert one.median_hours_with_healed == pytest.approx(median(everything))

    @checked
    @given(histories(), filters(), st.sampled_from(("", "owner", "failure_type", "day")))
    def test_deadlines(self, records: Rows, wanted: Filter, by: str) -> None:
        """S1-148, S1-155: hit rate by failure type and team."""
        expected: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        kept = [one for one in records if matches(one, wanted, in_window=False)]
        for (_, kind, owner, _, _), rows in incidents(kept).items():
            due = min((one["due_at"] for one in rows if one["due_at"] is not None), default=None)
            if due is None or not in_window(due, wanted):
                continue
            ends = [ended_at(one)[1] for one in rows]
            ended = None if ends[0] is None else max(ends)
            key = {"": (), "owner": (owner,), "failure_type": (kind,), "day": (text_day(due),)}[by]
            state = "hit" if ended is not None and ended <= due else "missed"
            if ended is None and due >= NOW.timestamp():
                state = "running"
            expected[key][state] += 1
            expected[key]["overdue"] += ended is None and state == "missed"

        found = resolution.deadlines(opened(records), wanted, [by] if by else [])

        for one in found:
            assert one.due == one.hit + one.missed + one.running
            states = {"hit": one.hit, "missed": one.missed, "running": one.running}
            assert +Counter({**states, "overdue": one.overdue}) == +expected[one.key]
        assert sum(one.due for one in found) == sum(
            sum(states.values()) - states["overdue"] for states in expected.values()
        )

    def test_hit_rate_leaves_out_what_still_has_time(self) -> None:
        found = resolution.Deadlines((), due=4, hit=1, missed=2, overdue=1, late_hours=1.0)

        assert (found.running, found.hit_rate) == (1, pytest.approx(1 / 3))
        assert resolution.Deadlines((), 1, 0, 0, 0, None).hit_rate is None

    @checked
    @given(histories(), filters())
    def test_owners(self, records: Rows, wanted: Filter) -> None:
        groups = incidents([one for one in records if matches(one, wanted)])
        still_open = {key: rows for key, rows in groups.items() if key[3] == "open"}

        found = {one.owner: one for one in owners.owner_load(opened(records), wanted)}

        assert {name: one.open for name, one in found.items() if one.open} == Counter(
            key[2] for key in still_open
        )
        late: Counter[str] = Counter()
        for key, rows in still_open.items():
            dues = [one["due_at"] for one in rows if one["due_at"] is not None]
            late[key[2]] += bool(dues) and min(dues) < NOW.timestamp()
        assert {name: one.overdue for name, one in found.items() if one.overdue} == +late
        assert sum(one.open_records for one in found.values()) == sum(map(len, still_open.values()))


class TestFlaky:
    @checked
    @given(
        histories(),
        st.lists(
            st.tuples(
                st.sampled_from(("t.py::A_%", "t.py::a_x")),
                st.sampled_from(("main", "dev")),
                st.integers(0, 28),
                st.sampled_from(("1.json", "local-1.json")),
            ),
            unique=True,
            max_size=12,
        ),
    )
    def test_flips_are_passes_before_failures_of_one_place(
        self, records: Rows, passed: list[tuple[str, str, int, str]]
    ) -> None:
        told: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
        tests: dict[str, Counter[str]] = defaultdict(Counter)
        seen: dict[tuple[str, str, str], Rows] = defaultdict(list)
        for one in records:
            if one["nodeid"] and one["outcome"] != "debt":
                seen[one["nodeid"], one["lane"], one["build_id"]].append(one)
        for (nodeid, lane, build), rows in seen.items():
            failed = any(one["outcome"] != "flaky" for one in rows)
            tests[nodeid]["flaky"] += any(one["outcome"] == "flaky" for one in rows)
            tests[nodeid]["builds"] += 1
            if failed and not build.startswith("local-"):
                told[nodeid, lane].append((max(one["occurred_at"] for one in rows), 1))
        for nodeid, lane, days, name in passed:
            if not name.startswith("local-"):
                told[nodeid, lane].append((at(days), 0))
        for (nodeid, _), listed in told.items():
            marks = [mark for _, mark in sorted(listed)]
            pairs = itertools.pairwise(marks)
            tests[nodeid]["flips"] += sum(pair == (0, 1) for pair in pairs)
        rows_of_passes = [
            {"nodeid": nodeid, "lane": lane, "passed_at": at(days), "name": name}
            for nodeid, lane, days, name in passed
        ]

        found = flaky.flaky_tests(opened(records, [], rows_of_passes), Filter(), flips_min=1)

        assert {one.nodeid: (one.flaky, one.flips, one.builds) for one in found} == {
            name: (one["flaky"], one["flips"], one["builds"])
            for name, one in tests.items()
            if one["builds"] and (one["flaky"] or one["flips"])
        }

    def test_share_is_of_the_failures_of_tests(self) -> None:
        records = [record(1, nodeid="a", outcome="flaky"), record(2, nodeid="b"),
                   record(3, nodeid="c", outcome="debt"), record(4)]  # fmt: skip

        found = flaky.flaky_share(opened(records), Filter())

        assert (found.records, found.flaky_records, found.share) == (2, 1, 0.5)

    @pytest.mark.parametrize(
        ("outcomes", "is_flaky"),
        [
            (("rerun", "failed"), False),
            (("rerun", "rerun", "error"), False),
            (("rerun",), False),
            (("rerun", "flaky"), True),
            (("flaky",), True),
        ],
        ids=lambda one: " ".join(one) if isinstance(one, tuple) else str(one),
    )
    def test_only_what_passed_on_another_attempt_is_flaky(
        self, outcomes: tuple[str, ...], is_flaky: bool
    ) -> None:
        records = [
            record(number, nodeid="a", outcome=one) for number, one in enumerate(outcomes, 1)
        ]
        database = opened(records)

        found = [(one.flaky, one.failures) for one in flaky.flaky_tests(database, Filter())]

        assert found == ([(1, 0)] if is_flaky else [])
        share = flaky.flaky_share(database, Filter())
        assert (share.tests, share.flaky_tests) == (1, int(is_flaky))

    def test_slow_tests_come_by_their_longest_failure(self) -> None:
        records = [
            record(1, nodeid="a", duration_seconds=1.0),
            record(2, nodeid="a", duration_seconds=9.0),
            record(3, nodeid="b", duration_seconds=6.0),
        ]

        one, other = slow.slow_tests(opened(records), Filter())

        assert (one.nodeid, one.mean_seconds, one.longest_seconds) == ("a", 5.0, 9.0)
        assert (other.nodeid, other.total_seconds) == ("b", 6.0)

    def test_long_runs(self) -> None:
        runs = [
            {"name": "1", "started_at": at(0), "finished_at": at(0) + 600, "leg": "a"},
            {"name": "2", "started_at": at(0), "finished_at": at(0) + 1_200, "leg": "b"},
            {"name": "3", "started_at": at(0), "finished_at": None},
        ]

        found = slow.long_runs(opened([], runs), Filter())

        assert [(one.name, one.minutes) for one in found] == [("2", 20.0), ("1", 10.0)]
        assert [one.name for one in slow.long_runs(opened([], runs), Filter(leg=("a",)))] == ["1"]


class TestRepeats:
    @checked
    @given(histories(), filters())
    def test_rate_counts_a_cause_once_a_build(self, records: Rows, wanted: Filter) -> None:
        """S0-128: learn from first, prevent second, never have third."""
        seen: dict[Any, Rows] = defaultdict(list)
        for one in records:
            if matches(one, wanted):
                seen[cause_of(one), one["build_id"]].append(one)
        again = [rows for rows in seen.values() if any(one["is_repeat"] for one in rows)]
        times = Counter(max(one["occurrence"] for one in rows) for rows in seen.values())

        (found,) = repeats.repeat_rate(opened(records), wanted)

        assert (found.occurrences, found.repeats) == (len(seen), len(again))
        assert found.repeat_records == sum(map(len, again))
        assert (found.first, found.second) == (times[1], times[2])
        assert found.third == times[3] + times[4]
        assert found.repeat_rate == (len(again) / len(seen) if seen else None)


class TestResponse:
    def test_triage_is_the_first_change_of_status(self) -> None:
        """S1-97: triage within 15 minutes."""
        records = [record(number, occurred_at=at(29)) for number in range(4)]
        records[3]["status"] = "PREVENTED"
        changes = [
            event(records[0], "assign", at(29) + 60),
            event(records[0], "investigate", at(29) + 600),
            event(records[0], "resolve", at(29) + 700),
            event(records[1], "investigate", at(29) + 1_800),
        ]

        times = response.response_times(opened(records, [], [], changes), Filter(now=NOW))

        (found,) = times.triage

        assert (found.records, found.answered) == (4, 2)
        assert (found.mean_minutes, found.median_minutes, found.longest_minutes) == (20, 20, 30)
        # The third is open and still waits; the fourth has ended and nobody said how.
        assert (found.in_time, found.late, found.rate) == (1, 2, pytest.approx(1 / 3))

    def test_acknowledged_is_who_was_assigned_or_investigates(self) -> None:
        """S1-117: a critical security finding is answered within an hour."""
        secret = record(1, occurred_at=at(29), failure_type="secret_detected")
        other = record(2, occurred_at=at(29), failure_type="test_failure")
        changes = [
            event(secret, "assign", at(29) + 1_200),
            event(secret, "investigate", at(29) + 3_000),
        ]
        database = opened([secret, other], [], [], changes)

        found = response.response_times(database, Filter(now=NOW), ["failure_type"])

        assert [(one.key, one.in_time, one.late) for one in found.acknowledgement] == [
            (("secret_detected",), 1, 0),
            (("test_failure",), 0, 1),
        ]
        (only,) = response.response_times(
            database, Filter(now=NOW, failure_type=("secret_detected",), since=moment(28))
        ).acknowledgement
        assert (only.records, only.median_minutes) == (1, 20)

    def test_accuracy_counts_records_that_were_corrected(self) -> None:
        """S1-151: reclassified / total, reassigned / total."""
        records = [record(number, owner="@b", category="QA") for number in range(4)]
        moved = ('{"metadata.owner":"@a"}', '{"metadata.owner":"@b"}')
        changes = [
            event(records[0], "reclassify", at(2)),
            event(records[0], "reclassify", at(3)),
            event(records[1], "assign", at(2), *moved),
            event(records[2], "assign", at(2), '{"metadata.owner":null}', moved[1]),
            event(records[3], "assign", at(2), '{"metadata.owner":""}', moved[1]),
        ]
        database = opened(records, [], [], changes)

        (found,) = response.accuracy(database, Filter(now=NOW))

        assert (found.records, found.reclassified, found.reassigned) == (4, 1, 1)
        assert (found.categorization, found.routing) == (0.75, 0.75)
        (load,) = owners.owner_load(database, Filter(now=NOW))
        assert (load.owner, load.reassigned) == ("@b", 1)

    def test_of_no_history_says_nothing(self) -> None:
        times = response.response_times(opened([]), Filter(now=NOW))

        (found,) = times.triage
        assert times.acknowledgement == times.triage
        assert (found.records, found.mean_minutes, found.rate) == (0, None, None)
        assert response.accuracy(opened([]), Filter(now=NOW))[0].routing is None
