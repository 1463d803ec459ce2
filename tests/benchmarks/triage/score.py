"""Prints how well failtrack triages the failures that generate.py observed, and the build logs.

    python tests/benchmarks/triage/score.py [--part dev|held-out] [--per-fault] [--cache DIR]

`--per-fault` lists what was misjudged of the dev part. It never lists the held-out part: whoever
improves failtrack must not know it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import metrics
from fault import PARTS, Label, read_faults
from generate import default_cache
from log import Log, read_logs
from product import (
    Answer,
    Triage,
    causes_of,
    error_line,
    observe_log,
    read_observation,
    shown_line,
)
from projects import PROJECTS, source_of

from pytest_failtrack.observe.observation import Observation

GROUPED = 2_000
NOTHING = Answer("nothing", "nothing observed", "nothing", "nothing", "")


@dataclass
class Case:
    """A fault or a log, and what failtrack says of its failures.

    Args:
        label: What it should say.
        runs: The failures of the two runs; of a log at most one in each.
        answers: What it says of each.
        causes: The cause of each.
        lines: Of a log, for both variants: the true first error line, and what was found.
        shown: Of a log, for both variants: what `failtrack triage` prints.
    """

    label: Label
    runs: tuple[list[Observation], list[Observation]]
    answers: tuple[list[Answer], list[Answer]]
    causes: list[str] = field(default_factory=list)
    lines: list[tuple[str | None, str | None]] = field(default_factory=list)
    shown: list[str | None] = field(default_factory=list)

    @property
    def observations(self) -> list[Observation]:
        """The failures of both runs."""
        return [*self.runs[0], *self.runs[1]]

    @property
    def all_answers(self) -> list[Answer]:
        """The answers of both runs."""
        return [*self.answers[0], *self.answers[1]]

    @property
    def is_silent(self) -> bool:
        """Whether it is a log that says nothing of what went wrong."""
        return bool(self.lines) and all(true is None for true, _ in self.lines)

    @property
    def category(self) -> str:
        """What most failures are said to be."""
        return metrics.majority(one.category for one in self.all_answers)

    @property
    def subcategory(self) -> str:
        """What most failures are said to be, in detail."""
        return metrics.majority(one.subcategory for one in self.all_answers)

    @property
    def pairs(self) -> list[tuple[Answer, Answer]]:
        """The answers for the failures that came up in both runs."""
        names = [[_identity(one) for one in run] for run in self.runs]
        second = dict(zip(names[1], self.answers[1], strict=True))
        both = zip(names[0], self.answers[0], strict=True)
        return [(answer, second[name]) for name, answer in both if name in second]


def _identity(one: Observation) -> tuple[object, ...]:
    if one.source != "pytest":
        return ()
    return (one.nodeid, one.when, one.attempt, one.position)


# -- what is judged --------------------------------------------------------------------------


def test_cases(cache: Path, part: str) -> list[Case]:
    """Return the faults of a part that were run, with the answers."""
    triages = {name: Triage(source_of(cache, project)) for name, project in PROJECTS.items()}
    cases = []
    for fault in read_faults(part):
        file = cache / "tests" / f"{fault.label.id.replace('/', '--')}.json"
        if not file.exists():
            continue
        first, second = (
            [read_observation(one) for one in run] for run in json.loads(file.read_text())["runs"]
        )
        triage = triages[fault.project]
        answers = (triage.answers(first), triage.answers(second))
        cases.append(Case(fault.label, (first, second), answers))
    return _with_causes(cases)


def log_cases(part: str) -> list[Case]:
    """Return the logs of a part, with the answers."""
    triage = Triage()
    return _with_causes([_log_case(log, triage) for log in read_logs(part)])


def _log_case(log: Log, triage: Triage) -> Case:
    case = Case(log.label, ([], []), ([], []))
    for at in (0, 1):
        text, true_line = log.variant(at)
        seen = observe_log(text)
        if seen is None:
            case.answers[at].append(NOTHING)
        else:
            case.runs[at].append(seen)
            case.answers[at].append(triage.answer(seen))
        case.lines.append((true_line, error_line(text, seen)))
        case.shown.append(shown_line(seen))
    return case


def _with_causes(cases: list[Case]) -> list[Case]:
    found = iter(causes_of([one for case in cases for one in case.observations]))
    for case in cases:
        case.causes = list(islice(found, len(case.observations)))
    return cases


# -- figures ---------------------------------------------------------------------------------


def figures(tests: Sequence[Case], logs: Sequence[Case]) -> list[tuple[str, str, str]]:
    """Return the rows of the table: figure, what was reached, goal."""
    rows = []
    if tests:
        rows += [("tests: faults / records", _sizes(tests), "")]
        rows += _grouping(tests, "tests")
    if logs:
        rows += [("logs: logs / variants", _sizes(logs), "")]
        # Silent failures share a signature by design: they say nothing that would tell them apart.
        rows += _grouping([case for case in logs if not case.is_silent], "logs")
        lines = [one for case in logs for one in case.lines]
        exact = sum(true == found for true, found in lines) / len(lines)
        rows.append(("logs: first error line exact", f"{exact:.3f}", ">= 0.95"))
        shown = [one for case in logs for one in case.shown]
        printed = sum(true == one for (true, _), one in zip(lines, shown, strict=True)) / len(lines)
        rows.append(("logs: the same, as `failtrack triage` prints it", f"{printed:.3f}", ""))
    rows += _classes(tests, logs)
    return rows


def _sizes(cases: Sequence[Case]) -> str:
    return f"{len(cases)} / {sum(len(case.all_answers) for case in cases)}"


def _grouping(cases: Sequence[Case], what: str) -> list[tuple[str, str, str]]:
    is_tests = what == "tests"
    pairs = {
        case.label.id: [(a.signature, b.signature) for a, b in case.pairs]
        for case in cases
        if case.pairs
    }
    by_record, by_fault = metrics.stability(pairs)
    faults = [case.label.id for case in cases for _ in case.observations]
    signatures = [one.signature for case in cases for one in case.all_answers if one is not NOTHING]
    causes = [cause for case in cases for cause in case.causes]
    sharing, wrong = metrics.collisions(faults, signatures)
    f1, equal = metrics.b_cubed(faults, causes), metrics.b_cubed(faults, causes, by_fault=True)
    rand = metrics.adjusted_rand(faults, causes)
    return [
        (
            f"{what}: signature identical, by record / by fault",
            f"{by_record:.3f} / {by_fault:.3f}",
            ">= 0.995 / >= 0.99" if is_tests else ">= 0.99",
        ),
        (
            f"{what}: faults sharing a signature / wrong pairs",
            f"{sharing:.3f} / {wrong:.3f}",
            "<= 0.08 / <= 0.025" if is_tests else "<= 0.02",
        ),
        (
            f"{what}: causes B-cubed F1 / equal weights / adjusted Rand",
            f"{f1:.3f} / {equal:.3f} / {rand:.3f}",
            ">= 0.86 / >= 0.90 / >= 0.80" if is_tests else ">= 0.97",
        ),
    ]


def _classes(tests: Sequence[Case], logs: Sequence[Case]) -> list[tuple[str, str, str]]:
    both = [*tests, *logs]
    truth, said = [case.label.category for case in both], [case.category for case in both]
    # Among what is accepted none is wrong, so the one that was said stands for the truth.
    true_details = [
        case.subcategory if is_accepted(case) else case.label.subcategories[0] for case in both
    ]
    category = (metrics.macro_f1(truth, said), (0.85, 0.85, 0.75))
    detail = (metrics.macro_f1(true_details, [case.subcategory for case in both]), (0.8, 0.8, 0.6))
    rows = []
    for name, right, (macro, goals) in (
        ("category", is_right, category),
        ("subcategory accepted", is_accepted, detail),
    ):
        shares = [_share(right(case) for case in cases) for cases in (tests, logs)]
        rows.append(
            (
                f"{name} by fault, tests / logs; macro-F1",
                f"{shares[0]} / {shares[1]}; {macro:.3f}",
                ">= {:.2f} / >= {:.2f}; >= {:.2f}".format(*goals),
            )
        )
    return rows


def is_right(case: Case) -> bool:
    """Whether the category is the true one."""
    return case.category == case.label.category


def is_accepted(case: Case) -> bool:
    """Whether the subcategory is one of those accepted."""
    return case.subcategory in case.label.subcategories


def _share(values: Iterable[bool]) -> str:
    found = list(values)
    return f"{sum(found) / len(found):.3f}" if found else "-"


def speed(observations: Sequence[Observation]) -> list[tuple[str, str, str]]:
    """Return the rows on speed: CPU time of this process, the best of three rounds."""
    triage = Triage()
    judged = min(_cpu_seconds(lambda: [triage.answer(one) for one in observations]) for _ in "123")
    many = list(islice(cycle(observations), GROUPED))
    grouped = min(_cpu_seconds(lambda: causes_of(many)) for _ in "123")
    rate = f"{len(observations) / judged:,.0f}/s"
    return [
        ("speed: token + signature + class", rate, ">= 10,000/s"),
        (f"speed: {GROUPED:,} failures signed and grouped", f"{grouped:.2f} s", "<= 0.5 s"),
    ]


def _cpu_seconds(work: object) -> float:
    start = time.process_time()
    assert callable(work)
    work()
    return time.process_time() - start


# -- what was misjudged ----------------------------------------------------------------------


def misjudged(cases: Sequence[Case]) -> list[str]:
    """Return lines about what was misjudged, by why."""
    return [
        *_section("signature differs between the runs", _unstable(cases)),
        *_section("signature shared with another fault", _colliding(cases)),
        *_section("one fault, several causes", _split(cases)),
        *_section("one cause, several faults", _joined(cases)),
        *_section("category or subcategory", _wrong_class(cases)),
        *_section("first error line", _wrong_line(cases)),
    ]


def _section(title: str, lines: Sequence[str]) -> list[str]:
    count = sum(not line.startswith(" ") for line in lines)
    return ["", f"## {title}: {count}", *lines] if lines else []


def _unstable(cases: Sequence[Case]) -> list[str]:
    return [
        f"{case.label.id}: {a.token!r} then {b.token!r}"
        for case in cases
        for a, b in case.pairs
        if a.signature != b.signature
    ]


def _colliding(cases: Sequence[Case]) -> list[str]:
    owners: dict[str, set[str]] = {}
    for case in (case for case in cases if not case.is_silent):
        for one in case.all_answers:
            owners.setdefault(one.token, set()).add(case.label.id)
    return [
        f"{token!r}: {', '.join(sorted(names))}"
        for token, names in sorted(owners.items())
        if len(names) > 1
    ]


def _split(cases: Sequence[Case]) -> list[str]:
    lines = []
    for case in cases:
        answers = [one for one in case.all_answers if one is not NOTHING]
        first = {cause: one.token for one, cause in zip(answers, case.causes, strict=True)}
        if len(first) > 1:
            lines.append(f"{case.label.id}: {len(first)} causes of {len(answers)} failures")
            lines += [f"    {token}" for token in sorted(first.values())[:6]]
    return lines


def _joined(cases: Sequence[Case]) -> list[str]:
    owners: dict[str, set[str]] = {}
    for case in (case for case in cases if not case.is_silent):
        for cause in case.causes:
            owners.setdefault(cause, set()).add(case.label.id)
    return [", ".join(sorted(names)) for _, names in sorted(owners.items()) if len(names) > 1]


def _wrong_class(cases: Sequence[Case]) -> list[str]:
    return [
        f"{case.label.id}: {case.subcategory} by {case.all_answers[0].entry or 'no entry'},"
        f" not {case.label.category} ({', '.join(case.label.subcategories)});"
        f" {case.all_answers[0].token!r:.160}"
        for case in cases
        if not (is_right(case) and is_accepted(case))
    ]


def _wrong_line(cases: Sequence[Case]) -> list[str]:
    return [
        f"{case.label.id}: {found!r} instead of {true!r}"
        for case in cases
        for true, found in case.lines
        if true != found
    ]


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--part", choices=PARTS, default="dev")
    parser.add_argument("--per-fault", action="store_true", help="list misjudged faults of dev")
    parser.add_argument("--no-speed", action="store_true", help="leave the speed out")
    options = parser.parse_args()
    if options.per_fault and options.part != "dev":
        parser.error("--per-fault is for the dev part alone; the held-out part stays unseen")
    metrics.check()
    tests, logs = test_cases(options.cache, options.part), log_cases(options.part)
    rows = figures(tests, logs)
    if tests and not options.no_speed:
        rows += speed([one for case in tests for one in case.observations])
    print(f"| figure ({options.part}) | reached | goal |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    if options.per_fault:
        print("\n".join(misjudged([*tests, *logs])))


if __name__ == "__main__":
    main()
