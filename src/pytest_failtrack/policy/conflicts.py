"""Rules of the project's own configuration that contradict each other (S0-37); `doctor` asks.

Each check is one small function in the table `CHECKS`. What depends on the project's files is in
shadows.py, what depends on its catalog in catalog_conflicts.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

from pytest_failtrack.classify.recovery import NEVER_RETRIED
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.mapping import mapping_rules
from pytest_failtrack.policy.matrix import NEVER_LIST, SEVERITIES, load_matrix
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.policy.scope import frozen_paths
from pytest_failtrack.policy.source_keys import ROUTES, SOURCE_NAMES

Table = Mapping[str, Any]
# What a table of a wrong form raises.
INVALID = (ConfigError, AttributeError, TypeError, LookupError, ValueError)


@frozen
class Conflict:
    """Two rules of which one takes back what the other says, or a rule that can never apply.

    Args:
        rules: Where they stand, as the user wrote them.
        sentence: What is wrong.
        advice: What to do next.
        is_contradiction: False for a rule that is merely without effect.
    """

    rules: tuple[str, ...]
    sentence: str
    advice: str
    is_contradiction: bool = True


def find_conflicts(table: Table) -> list[Conflict]:
    """Return the contradictions within `[tool.failtrack]`; its parts that are invalid are left out.

    Args:
        table: The whole table, as it was written.
    """
    return [one for check in CHECKS for one in _of(check, table)]


def _of(check: Callable[[Table], Iterable[Conflict]], table: Table) -> list[Conflict]:
    try:
        return list(check(table))
    except INVALID:
        return []  # no configuration at all: whoever reads it says so by name


# -- the list that nothing lifts --------------------------------------------------------------


def _never_list(table: Table) -> Iterator[Conflict]:
    """What S1-40..43 forbid for ever, granted in so many words."""
    for name, row in _stated_types(table):
        where = f"tool.failtrack.types.{name}"
        if name not in NEVER_LIST:
            continue
        rule = f"the never-list ({NEVER_LIST[name]})"
        kind = _class(row.get("override", "never"))
        if kind != "never":
            yield Conflict(
                (f"{where}.override", rule),
                f"{where}.override grants {kind!r} to what nothing may lift: {rule} names {name}",
                "remove the override",
            )
        if row.get("is_infrastructure"):
            yield Conflict(
                (f"{where}.is_infrastructure", rule),
                f"{where}.is_infrastructure would let {name} pass as infrastructure, and {rule} "
                "names it",
                "remove is_infrastructure",
            )


def _never_retried(table: Table) -> Iterator[Conflict]:
    """A retry for what is never retried: it would be taken back after classification."""
    for name, row in _stated_types(table):
        kind = _class(row.get("retry", "never"))
        if name in NEVER_RETRIED and kind != "never":
            yield Conflict(
                (f"tool.failtrack.types.{name}.retry", "failures that are never retried (S1-87)"),
                f"tool.failtrack.types.{name}.retry is {kind!r}, and failures of that type are "
                "never retried",
                'remove it, or say retry = "never"',
            )


def _infrastructure(table: Table) -> Iterator[Conflict]:
    """What may be taken for infrastructure asks for another try, or passes."""
    matrix = load_matrix(table)
    allow_infra = gate_rules(table.get("gate")).allow_infra
    for name, row in _stated_types(table):
        policy, where = matrix.policy(name), f"tool.failtrack.types.{name}"
        if not {"override", "is_infrastructure"} & set(row):
            continue
        if policy.is_infrastructure and policy.override.kind == "never":
            says = "allow_infra = true lets it pass" if allow_infra else "the gate asks for a retry"
            yield Conflict(
                (f"{where}.is_infrastructure", f"{where}.override"),
                f'{where} is infrastructure, so {says}, and override = "never" forbids that',
                "decide for one: is_infrastructure = false, or another override",
            )


# -- the two ways to write the matrix ---------------------------------------------------------


class _Answers:
    """What several tables say of the same failure types; a name for more types is another one."""

    def __init__(self, what: str, table: Table) -> None:
        self._what = what
        self._rows = dict(_stated_types(table))
        self._said: dict[tuple[str, ...], dict[str, str]] = {}

    def add(self, name: str, answer: str, place: str) -> None:
        types = SOURCE_NAMES.get(name, (name,))
        self._said.setdefault(types, {}).setdefault(answer, place)

    def conflicts(self, key: str) -> Iterator[Conflict]:
        """Yield each pair of different answers; `types.<name>.<key>` is one of them."""
        for types, answers in self._said.items():
            if len(types) == 1 and key in self._rows.get(types[0], {}):
                answer = str(_class(self._rows[types[0]][key]))
                answers.setdefault(answer, f"tool.failtrack.types.{types[0]}.{key}")
            for (first, place), (second, other) in combinations(answers.items(), 2):
                name = " and ".join(types)
                yield Conflict(
                    (place, other),
                    f"the {self._what} of {name} is {first!r} by {place} and {second!r} by {other}",
                    "remove one of the two",
                )


def _retry_policies(table: Table) -> Iterator[Conflict]:
    """One failure type with two answers to whether it is retried."""
    where = "tool.failtrack.auto_retry_policy"
    policy = table.get("auto_retry_policy", {})
    answers = _Answers("retry", table)
    if "infrastructure_failures" in policy:
        answers.add("infrastructure_failures", "automatic", f"{where}.infrastructure_failures")
    for name in policy.get("never_retry", ()):
        answers.add(name, "never", f"{where}.never_retry")
    for name in policy.get("conditional_retry", {}):
        answers.add(name, "conditional", f"{where}.conditional_retry.{name}")
    return answers.conflicts("retry")


def _routes(table: Table) -> Iterator[Conflict]:
    """One failure type on two routes."""
    where = "tool.failtrack.failure_detection.notification_routing"
    routing = table.get("failure_detection", {}).get("notification_routing", {})
    answers = _Answers("tier", table)
    for route in ROUTES:
        for name in routing.get(route, ()):
            answers.add(name, route, f"{where}.{route}")
    return answers.conflicts("tier")


def _categories(table: Table) -> Iterator[Conflict]:
    """One failure type with two owners."""
    where = "tool.failtrack.failure_detection.categorization"
    answers = _Answers("owner", table)
    for name, roles in table.get("failure_detection", {}).get("categorization", {}).items():
        first = (roles.split(",")[0] if isinstance(roles, str) else roles[0]).strip()
        answers.add(name, first, f"{where}.{name}")
    return answers.conflicts("primary")


# -- deadlines --------------------------------------------------------------------------------


def _deadlines(table: Table) -> Iterator[Conflict]:
    """A more severe failure that may take longer; a target that no severity leaves room for."""
    matrix = load_matrix(table)
    if "severity_sla_hours" in table:
        name = "tool.failtrack.severity_sla_hours"
        yield from _rising(name, matrix.severity_sla_hours, table["severity_sla_hours"])
    longest = max(matrix.severity_sla_hours.values())
    for name, row in _stated_types(table):
        where = f"tool.failtrack.types.{name}"
        stated = row.get("sla_hours_by_severity", {})
        yield from _rising(f"{where}.sla_hours_by_severity", stated, stated)
        if "sla_hours" in row and matrix.policy(name).sla_hours > longest:  # type: ignore[operator]
            yield Conflict(
                (f"{where}.sla_hours", "tool.failtrack.severity_sla_hours"),
                f"{where}.sla_hours = {row['sla_hours']:g} never rules: the earlier deadline does, "
                f"and no severity allows more than {longest:g} hours",
                "lower it, or leave it out",
                is_contradiction=False,
            )


def _rising(name: str, hours: Mapping[str, float], stated: Mapping[str, Any]) -> Iterator[Conflict]:
    order = [one for one in SEVERITIES if one in hours]
    for higher, lower in pairwise(order):
        if hours[higher] > hours[lower] and {higher, lower} & set(stated):
            yield Conflict(
                (f"{name}.{higher}", f"{name}.{lower}"),
                f"{name}: {higher} has {hours[higher]:g} hours and {lower}, which is less severe, "
                f"only {hours[lower]:g}",
                "give the more severe one the shorter time",
            )


# -- the gate ---------------------------------------------------------------------------------


def _gate(table: Table) -> Iterator[Conflict]:
    """A number that another rule never lets come about."""
    stated = table.get("gate", {})
    rules = gate_rules(stated)
    for key, value, outer, limit in (
        ("third_occurrence", rules.third_occurrence, "repeats", rules.repeats),
        ("debt_without_reason", rules.debt_without_reason, "max_debt", rules.max_debt),
        ("expired_debt", rules.expired_debt, "max_debt", rules.max_debt),
    ):
        if key in stated and limit is not None and (value is None or value > limit):
            yield Conflict(
                (f"tool.failtrack.gate.{key}", f"tool.failtrack.gate.{outer}"),
                f"tool.failtrack.gate.{key} lets {stated[key]!r} pass, and {outer}, which counts "
                f"the same ones, no more than {limit}",
                f"lower {key}, or raise {outer}",
            )
    if not table.get("debt", {}).get("require_reason", True) and (
        rules.debt_without_reason is not None
    ):
        yield Conflict(
            ("tool.failtrack.debt.require_reason", "tool.failtrack.gate.debt_without_reason"),
            "tool.failtrack.debt.require_reason = false asks nobody for a reason, and "
            f"tool.failtrack.gate.debt_without_reason fails at more than "
            f"{rules.debt_without_reason} without one",
            "remove one of the two",
        )


def _idle(table: Table) -> Iterator[Conflict]:
    """A rule of the gate about something that the project does not ask for."""
    gate = table.get("gate", {})
    needs = (
        ("unmapped", "tool.failtrack.mapping", mapping_rules(table).is_on),
        ("frozen_scope", "tool.failtrack.frozen", bool(table.get("frozen"))),
    )
    for key, needed, is_there in needs:
        if key in gate and not is_there:
            yield Conflict(
                (f"tool.failtrack.gate.{key}", needed),
                f"tool.failtrack.gate.{key} judges nothing: there is no {needed}",
                f"write [{needed}], or remove {key}",
                is_contradiction=False,
            )


# -- marks and frozen paths -------------------------------------------------------------------


def _marks(table: Table) -> Iterator[Conflict]:
    rules = mapping_rules(table)
    twice = [name for name in rules.require if name in rules.require_any]
    if twice:
        yield Conflict(
            ("tool.failtrack.mapping.require", "tool.failtrack.mapping.require_any"),
            f"tool.failtrack.mapping.require_any asks nothing: {', '.join(twice)} is required "
            "anyway",
            "leave it in one of the two",
            is_contradiction=False,
        )


def _freezes(table: Table) -> Iterator[Conflict]:
    """A freeze that ends before it begins, or a path that is frozen twice from two moments."""
    entries = frozen_paths(table.get("frozen", ()))
    for number, one in enumerate(entries):
        where = f"tool.failtrack.frozen[{number}]"
        if one.begins is not None and one.until is not None and one.until < one.begins.date():
            yield Conflict(
                (f"{where}.since", f"{where}.until"),
                f"{where}: {one.path} is frozen until {one.until}, and that is before {one.since}",
                "correct one of the two days",
            )
        for later, other in enumerate(entries[number + 1 :], number + 1):
            if (one.path, one.until) == (other.path, other.until) and one.since != other.since:
                yield Conflict(
                    (f"{where}.since", f"tool.failtrack.frozen[{later}].since"),
                    f"{one.path} is frozen since {one.since} by {where} and since {other.since} by "
                    f"tool.failtrack.frozen[{later}]",
                    "remove one of the two",
                )


CHECKS: tuple[Callable[[Table], Iterable[Conflict]], ...] = (
    _never_list,
    _never_retried,
    _infrastructure,
    _retry_policies,
    _routes,
    _categories,
    _deadlines,
    _gate,
    _idle,
    _marks,
    _freezes,
)


def _stated_types(table: Table) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from table.get("types", {}).items()


def _class(value: Any) -> Any:
    return value.get("class") if isinstance(value, Mapping) else value
