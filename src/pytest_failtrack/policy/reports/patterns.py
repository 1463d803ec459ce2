"""What failures have in common: corrections, company, clusters (S1-37, S1-151 to S1-153)."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime

from pytest_failtrack.frozen import frozen
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.causes import causes_together
from pytest_failtrack.history.questions.open_causes import SEVERITIES, OpenCause
from pytest_failtrack.history.questions.response import Accuracy, accuracy
from pytest_failtrack.policy.reports.document import (
    CODE,
    COUNT,
    SHARE,
    Column,
    Figure,
    Section,
    Table,
)
from pytest_failtrack.policy.reports.period import Period
from pytest_failtrack.record.repeat import SIMILARITY_THRESHOLD
from pytest_failtrack.record.similar import Neighbours

CLUSTER_MIN = 3
"""Open causes that make a cluster."""
PAIRS_MAX = 10
NO_ACCURACY = Accuracy((), 0, 0, 0)


@frozen
class Cluster:
    """Several open causes that may be one problem.

    Args:
        why: What they share, in words.
        causes: The causes, the gravest first.
    """

    why: str
    causes: tuple[OpenCause, ...]

    @property
    def severity(self) -> str:
        """The highest severity among them."""
        return min((one.severity for one in self.causes), key=SEVERITIES.index)

    @property
    def tests(self) -> int:
        """Number of tests that fail, each counted once a cause."""
        return sum(one.tests for one in self.causes)

    @property
    def since(self) -> datetime:
        """First failure of any of them."""
        return min(one.first_at for one in self.causes)

    @property
    def owners(self) -> str:
        """Who they belong to."""
        return ", ".join(dict.fromkeys(one.owner for one in self.causes if one.owner))


def clusters(causes: Sequence[OpenCause]) -> list[Cluster]:
    """Return what points at a systemic issue: at least three open causes that are alike (S1-37).

    They are alike when their messages are similar, when one signature fails in several workflows,
    or when they lie in one component or file. What is in a cluster by its message is not shown
    again for its place.

    Args:
        causes: The open causes, the gravest first.
    """
    found = [Cluster(f"similar messages, such as {group[0].headline}", group)
             for group in _similar(causes)]  # fmt: skip
    taken = {one.key for cluster in found for one in cluster.causes}
    rest = [one for one in causes if one.key not in taken]
    for group in _grouped(rest, lambda one: one.hash):
        found.append(Cluster(f"one signature in {len(group)} workflows", group))
    for name, key in (("component", _component), ("file", _file)):
        taken = {one.key for cluster in found for one in cluster.causes}
        rest = [one for one in causes if one.key not in taken]
        for group in _grouped(rest, key):
            found.append(Cluster(f"{name} {key(group[0])}", group))
    return sorted(
        found, key=lambda one: (-len(one.causes), SEVERITIES.index(one.severity), one.why)
    )


def cluster_section(found: Sequence[Cluster]) -> Section:
    """Return the clusters as a section of the standup."""
    return Section(
        "clusters",
        "Clusters: several similar failures",
        text="Three or more open causes that are alike point at one problem behind them."
        if found
        else "",
        table=Table(
            (
                Column("why", "What they share", is_wide=True),
                Column("severity", "Severity"),
                Column("causes", "Causes", COUNT),
                Column("tests", "Tests", COUNT),
                Column("owners", "Owner"),
                Column("gravest", "Gravest", CODE),
            ),
            tuple(
                (one.why, one.severity, len(one.causes), one.tests, one.owners or None,
                 one.causes[0].hash)
                for one in found
            ),
        ),
        empty="No three open causes are alike.",
    )  # fmt: skip


def accuracy_of(database: Database, period: Period) -> Accuracy:
    """Return how often people corrected the class or the owner of a period's records."""
    return next(iter(accuracy(database, period.failures())), NO_ACCURACY)


def sorting(database: Database, period: Period) -> Section:
    """Return categorization accuracy and routing effectiveness (S1-151)."""
    now, before = accuracy_of(database, period), accuracy_of(database, period.before)
    return Section(
        "pattern_accuracy",
        "Categorization and routing",
        text="A record that nobody corrected counts as right.",
        figures=(
            Figure("categorization", "Kept their class", now.categorization, SHARE,
                   before.categorization, "up",
                   f"{now.reclassified:,} of {now.records:,} reclassified"),
            Figure("routing", "Kept their owner", now.routing, SHARE, before.routing, "up",
                   f"{now.reassigned:,} of {now.records:,} reassigned"),
        ),
    )  # fmt: skip


def together(database: Database, period: Period) -> Section:
    """Return causes that fail in the same builds (S1-153)."""
    found = causes_together(database, period.failures(), limit=PAIRS_MAX)
    return Section(
        "together",
        "Causes that come together",
        table=Table(
            (
                Column("one", "Cause", CODE),
                Column("one_headline", "What", is_wide=True),
                Column("other", "Cause", CODE),
                Column("other_headline", "What", is_wide=True),
                Column("builds", "Builds", COUNT),
                Column("share", "Together", SHARE),
            ),
            tuple(
                (one.one.cause_id, one.one.headline, one.other.cause_id, one.other.headline,
                 one.builds, one.share)
                for one in found
            ),
        ),
        empty="No two causes failed together in three builds or more.",
    )  # fmt: skip


def _similar(causes: Sequence[OpenCause]) -> list[tuple[OpenCause, ...]]:
    """Return groups of causes of one class whose messages are similar, directly or by others."""
    neighbours: dict[tuple[str, str], Neighbours] = {}
    for place, one in enumerate(causes):
        if one.token:
            kind = (one.category, one.subcategory)
            neighbours.setdefault(kind, Neighbours()).add(str(place), one.token)
    leader = list(range(len(causes)))

    def top(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for place, one in enumerate(causes):
        if not one.token:
            continue
        held = neighbours[one.category, one.subcategory]
        for other in held.near(one.token, SIMILARITY_THRESHOLD):
            first, second = sorted((top(place), top(int(other))))
            leader[second] = first
    return _grouped(list(enumerate(causes)), lambda one: top(one[0]), lambda one: one[1])


def _grouped(
    items: Iterable[object],
    key: Callable[..., Hashable],
    value: Callable[..., OpenCause] = lambda one: one,
) -> list[tuple[OpenCause, ...]]:
    groups: dict[Hashable, list[OpenCause]] = {}
    for one in items:
        name = key(one)
        if name != "":
            groups.setdefault(name, []).append(value(one))
    return [tuple(group) for group in groups.values() if len(group) >= CLUSTER_MIN]


def _component(cause: OpenCause) -> str:
    return cause.component


def _file(cause: OpenCause) -> str:
    return cause.file_path
