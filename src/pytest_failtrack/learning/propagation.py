"""Whether other repositories should hear of a failure, and how far that has come (S0-154, S0-155).

`cli/propagate.py` asks. Answers and steps are events of the record; what they come to is in the
record's `learning.propagation_required` and `propagation_status`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.change import Change

CHECK, STEP, STATUS, EXPORT = (
    *("propagation-check", "propagation-step"),
    *("propagation-status", "propagation-export"),
)
SHARE = "failtrack propagate"

# S0-154: name, question. A failure is propagated when all four are answered with yes.
QUESTIONS = {
    "not-specific": "Is the failure not specific to this project or failure mode?",
    "likely-elsewhere": "Is it likely to occur in other repositories?",
    "generalizable": "Can its prevention be generalized?",
    "governance": "Does the governance update apply broadly?",
}
# S0-155: name, what is done.
STEPS = {
    "identify": "identify the repositories that it concerns",
    "plan": "plan the propagation",
    "canon": "update the governance canon, if applicable",
    "notify": "notify the owners of these repositories",
    "assist": "assist with the implementation",
    "verify": "verify that they have it",
    "complete": "set propagation_status to COMPLETE",
}
# The steps that may not apply to a failure.
OPTIONAL = ("canon",)
STATUSES = ("IN_PROGRESS", "COMPLETE")


@frozen
class Mark:
    """A step that was done.

    Args:
        by: Who.
        at: When.
        note: What they said about it.
        applies: False when it does not apply to the failure.
    """

    by: str
    at: datetime
    note: str = ""
    applies: bool = True


@frozen
class Propagation:
    """How far the propagation of one record has come.

    Args:
        answers: Answers by name of the question; one that is missing was not answered.
        done: The steps that were done, by name.
        required: Whether it is propagated; None until the questions are answered.
        status: PENDING, IN_PROGRESS or COMPLETE; None while nothing is propagated.
    """

    answers: Mapping[str, bool]
    done: Mapping[str, Mark]
    required: bool | None
    status: str | None

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Names of the questions that have no answer."""
        return tuple(name for name in QUESTIONS if name not in self.answers)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the steps before the last one that are not done."""
        return tuple(name for name in STEPS if name not in self.done and name != "complete")

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "required": self.required,
            "status": self.status,
            "answers": {name: self.answers.get(name) for name in QUESTIONS},
            "steps": [
                {
                    "name": name,
                    "what": what,
                    "done": name in self.done,
                    "applies": self.done[name].applies if name in self.done else True,
                    "by": self.done[name].by if name in self.done else None,
                    "at": self.done[name].at.isoformat() if name in self.done else None,
                    "note": self.done[name].note if name in self.done else "",
                }
                for name, what in STEPS.items()
            ],
        }


def propagation_of(record: Mapping[str, Any], changes: Iterable[Change]) -> Propagation:
    """Return how far the propagation of a record has come.

    Args:
        record: The whole record.
        changes: Its events, the oldest first.
    """
    answers: dict[str, bool] = {}
    done: dict[str, Mark] = {}
    for one in changes:
        if one.action == CHECK and isinstance(given := one.more.get("answers"), Mapping):
            answers |= {
                name: said
                for name, said in given.items()
                if name in QUESTIONS and isinstance(said, bool)
            }
        elif one.action == STEP and one.more.get("step") in STEPS:
            applies = one.more.get("applies") is not False
            done[str(one.more["step"])] = Mark(one.by, one.at, one.note, applies)
        elif one.action == STATUS and one.after.get("learning.propagation_status") == "COMPLETE":
            done["complete"] = Mark(one.by, one.at, one.note)
    learning = record["learning"]
    status = learning["propagation_status"]
    if status != "COMPLETE":
        done.pop("complete", None)
    return Propagation(answers, done, learning["propagation_required"], status)


def answered(record: Mapping[str, Any], answers: Mapping[str, bool]) -> dict[str, Any]:
    """Return a copy of a record with what the four answers come to (S0-93, S0-94).

    Args:
        record: The whole record.
        answers: An answer to each question.

    Raises:
        InputError: A question has no answer.
    """
    missing = [name for name in QUESTIONS if name not in answers]
    if missing:
        raise InputError(
            f"{', '.join(missing)}: no answer yet; give --answer {missing[0]}=yes or =no",
            slug="propagation",
        )
    copied = copy.deepcopy(dict(record))
    learning = copied["learning"]
    required = all(answers[name] for name in QUESTIONS)
    learning["propagation_required"] = required
    if required:
        learning["propagation_status"] = learning["propagation_status"] or "PENDING"
    elif learning["propagation_status"] == "PENDING":
        learning["propagation_status"] = None
    return copied


def with_status(record: Mapping[str, Any], found: Propagation, status: str) -> dict[str, Any]:
    """Return a copy of a record whose propagation is IN_PROGRESS or COMPLETE (S0-94).

    Args:
        record: The whole record.
        found: How far it has come.
        status: The status to set.

    Raises:
        InputError: It is not to be propagated, or a step is missing before it is COMPLETE.
    """
    if record["learning"]["propagation_required"] is not True:
        why = (
            "it was decided that other repositories need not hear of it"
            if record["learning"]["propagation_required"] is False
            else "the four questions are not answered"
        )
        raise InputError(f"{why}; see `{SHARE} ID --check`", slug="propagation")
    if status == "COMPLETE" and found.missing:
        raise InputError(
            f"not COMPLETE before {', '.join(found.missing)}: mark what is done with"
            f" `{SHARE} ID --step {found.missing[0]}`",
            slug="propagation",
        )
    copied = copy.deepcopy(dict(record))
    copied["learning"]["propagation_status"] = status
    return copied


def parse_answer(text: str) -> tuple[str, bool]:
    """Return the question and the answer of `NAME=yes`.

    Raises:
        InputError: It is no answer to one of the questions.
    """
    name, equals, said = text.partition("=")
    name, word = name.strip(), said.strip().lower()
    if not equals or name not in QUESTIONS or word not in ("yes", "no", "y", "n"):
        raise InputError(
            f"{text!r} is no answer; write NAME=yes or NAME=no with one of {', '.join(QUESTIONS)}",
            slug="propagation",
        )
    return name, word in ("yes", "y")


def require_optional(step: str) -> None:
    """Refuse that a step does not apply, unless it is one that may not.

    Raises:
        InputError: It always applies.
    """
    if step not in OPTIONAL:
        raise InputError(
            f"{step} always applies; only {', '.join(OPTIONAL)} may not", slug="propagation"
        )
