"""Root cause analysis: the five questions of S0-115..119, and their answers in a record.

A person answers them on a page (analysis_page.py); the answers go into `root_cause`, `prevention`
and `learning`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.lifecycle import require_allowed
from pytest_failtrack.record.profile import unmet

ENVIRONMENT = "environment: "
WHAT_HAPPENED = "\n\nWhat happened: "
IMPACT = "\n\nImpact: "


@frozen
class Section:
    """One part of the page.

    Args:
        key: Its name in the answers.
        question: Number of the question that it belongs to, from 1.
        title: Its heading.
        hint: What belongs there; it stands in a comment.
        is_list: Each `- ` is one entry.
        is_required: The analysis is not complete without it.
    """

    key: str
    question: int
    title: str
    hint: str
    is_list: bool = False
    is_required: bool = False


QUESTIONS = (
    "What happened",
    "Why did it happen",
    "Why was it not prevented",
    "How is it prevented from happening again",
    "What do we learn",
)
SECTIONS = (
    Section(
        "what_happened",
        1,
        "Sequence and symptoms",
        "The exact sequence of the failure, error messages, symptoms.",
        is_required=True,
    ),
    Section(
        "impact", 1, "Impact and consequences", "Who was held up, and by what?", is_required=True
    ),
    Section(
        "root_cause",
        2,
        "Root cause",
        "The root cause, not only the proximate one. The first line is shown in lists.",
        is_required=True,
    ),
    Section("factors", 2, "Contributing factors", "One a line.", is_list=True),
    Section("environment", 2, "Environmental factors", "Keep those that mattered.", is_list=True),
    Section(
        "why_not_prevented",
        3,
        "The gap",
        "Which precondition should have caught it, why did it pass,\n"
        "and which gap is that: architecture, QA or governance?",
        is_required=True,
    ),
    Section(
        "prevention_measures",
        4,
        "Measures",
        "The immediate fix first.",
        is_list=True,
    ),
    Section(
        "precondition_updates",
        4,
        "Preconditions strengthened",
        "What catches it now: guard:FT012, test:tests/test_tax.py::test_total, command:NAME.",
        is_list=True,
    ),
    Section(
        "governance_updates", 4, "Governance updates", "Files that were changed.", is_list=True
    ),
    Section(
        "test_additions",
        4,
        "Tests added",
        "Node ids, such as tests/test_tax.py::test_total.",
        is_list=True,
    ),
    Section(
        "documentation_updates",
        4,
        "Documentation updates",
        "Files that were changed.",
        is_list=True,
    ),
    Section("lessons_learned", 5, "Lessons", "One a line.", is_list=True, is_required=True),
    Section("governance_implications", 5, "Governance implications", "Rules to add or clear up."),
    Section(
        "fm_evolution_implications",
        5,
        "FM evolution needs",
        "What the way of working itself needs; may stay empty.",
    ),
)
_PREVENTION = tuple(one.key for one in SECTIONS if one.question == 4)
_LEARNING = tuple(one.key for one in SECTIONS if one.question == 5)

Answers = Mapping[str, "str | list[str]"]


def analysed(record: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    """Return a copy of a record with the answers in it.

    The analysis is COMPLETE once all five questions are answered, else IN_PROGRESS.

    Args:
        record: The whole record, not OPEN.
        answers: Answers by section; what is left out stays as it is.

    Raises:
        InputError: The record is OPEN, or its status demands an answer that is taken away.
    """
    status, failure_id = str(record.get("status")), str(record.get("failure_id", ""))
    if status == "OPEN":
        require_allowed(status, "RESOLVED", failure_id)
    values = {**answers_of(record), **answers}
    copied = copy.deepcopy(dict(record))
    cause, learning = copied["root_cause"], copied["learning"]
    cause["root_cause_summary"] = _summary(values) or None
    environment = [ENVIRONMENT + one for one in values["environment"]]
    cause["contributing_factors"] = [*values["factors"], *environment]
    cause["why_not_prevented"] = values["why_not_prevented"] or None
    for key in _PREVENTION:
        copied["prevention"][key] = list(values[key])
    for key in _LEARNING:
        value = values[key]
        learning[key] = list(value) if isinstance(value, list) else value or None
    cause["analysis_status"] = "IN_PROGRESS" if unanswered(copied) else "COMPLETE"
    missing = unmet(copied, status)
    if missing:
        names = ", ".join(map(str, missing))
        raise InputError(
            f"record {failure_id} is {status}, which demands {names}; unanswered: "
            f"{'; '.join(unanswered(copied)) or 'nothing'}",
            slug="rca",
        )
    return copied


def unanswered(record: Mapping[str, Any]) -> list[str]:
    """Return what a complete analysis still lacks, in the words of the page."""
    known = answers_of(record)
    missing = [
        f"{one.question}. {one.title}" for one in SECTIONS if one.is_required and not known[one.key]
    ]
    if not any(known[key] for key in _PREVENTION):
        missing.append("4. Measures, preconditions, governance, tests or documentation")
    return sorted(missing)


def impact_of(record: Mapping[str, Any]) -> str:
    """Return the impact that an analysis tells, ``."""
    return str(answers_of(record)["impact"])


def answers_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that a record holds, by section."""
    cause = record["root_cause"]
    root, happened, impact = parts_of_summary(cause["root_cause_summary"] or "")
    factors = cause["contributing_factors"]
    environment = [one.removeprefix(ENVIRONMENT) for one in factors if one.startswith(ENVIRONMENT)]
    known: dict[str, Any] = {
        "what_happened": happened,
        "impact": impact,
        "root_cause": root,
        "factors": [one for one in factors if not one.startswith(ENVIRONMENT)],
        "environment": environment,
        "why_not_prevented": cause["why_not_prevented"] or "",
    }
    known |= {key: list(record["prevention"][key]) for key in _PREVENTION}
    for key in _LEARNING:
        value = record["learning"][key]
        known[key] = list(value) if isinstance(value, list) else value or ""
    return known


def parts_of_summary(summary: str) -> tuple[str, str, str]:
    """Return root cause, what happened and impact, which one field of the record holds."""
    rest, _, impact = f"\n\n{summary}".partition(IMPACT)
    root, _, happened = rest.partition(WHAT_HAPPENED)
    return root.strip(), happened.strip(), impact.strip()


def _summary(values: Mapping[str, Any]) -> str:
    text = values["root_cause"]
    if values["what_happened"]:
        text += WHAT_HAPPENED + values["what_happened"]
    if values["impact"]:
        text += IMPACT + values["impact"]
    return str(text).strip()
