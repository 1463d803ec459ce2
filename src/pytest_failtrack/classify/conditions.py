"""Whether the conditions of a catalog entry hold for an observation; `match` calls it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pytest_failtrack.classify.catalog import Catalog
from pytest_failtrack.classify.entry import FAILING_OUTCOMES, Entry
from pytest_failtrack.classify.facts import Subject, error_line_of, owner_of_missing_module
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation, Raised

# Not a part of a path, a package or an option.
_WORD = lazily(r"(?<![\w./\\-])[a-z]{2,40}(?![\w/\\-]|\.\w)")


class Question(NamedTuple):
    """An observation with everything that conditions ask for."""

    observation: Observation
    catalog: Catalog
    phase: str = "TESTING"
    component: str = ""


def holds(question: Question, entry: Entry, subject: Subject | None) -> bool:
    """Whether every condition of an entry holds."""
    observation = question.observation
    if observation.outcome not in entry.outcomes:
        return False
    if entry.when:
        if observation.when not in entry.when:
            return False
    elif observation.when == "session" and _is_of_tests(entry):
        # What goes wrong in the session is no test's: only entries that name it speak of it.
        return False
    if entry.phases and question.phase not in entry.phases:
        return False
    if entry.components and question.component not in entry.components:
        return False
    if entry.markers and entry.markers.isdisjoint(observation.markers):
        return False
    if entry.tools and entry.tools.isdisjoint(_words(observation)):
        return False
    if entry.words and entry.words.isdisjoint(_words_of(error_line_of(observation))):
        return False
    return _holds_for_frames(question, entry, subject)


def _is_of_tests(entry: Entry) -> bool:
    return (
        not entry.is_infra
        and not entry.is_extra
        and not entry.outcomes.isdisjoint(FAILING_OUTCOMES)
    )


def _holds_for_frames(question: Question, entry: Entry, subject: Subject | None) -> bool:
    if entry.frames and (subject is None or _place(entry, subject) not in entry.frames):
        return False
    if entry.through and not (subject and subject.passes_through(entry.through)):
        return False
    if entry.raised_in and not (subject and subject.innermost.endswith(entry.raised_in)):
        return False
    if entry.missing_module:
        raised = subject.raised if subject else Raised("", "")
        packages = question.catalog.project_packages
        return owner_of_missing_module(raised, question.observation, packages) == (
            entry.missing_module
        )
    return True


def _place(entry: Entry, subject: Subject) -> str:
    """Return where an exception left the code, as an entry is to see it.

    Where nothing but the place speaks, what the test's own callback raised is up to the project,
    which called it and let the exception pass.
    """
    return "project" if subject.is_callback and not entry.has_way else subject.place


@lru_cache(maxsize=1)  # each entry with words asks about one line
def _words_of(line: str) -> frozenset[str]:
    return frozenset(_WORD.findall(line.lower()))


def _words(observation: Observation) -> set[str]:
    """Return the words of a command line, programs without their folder."""
    if observation.source != "command":
        return set()
    words = observation.nodeid.split()
    return {word.replace("\\", "/").rpartition("/")[2].removesuffix(".exe") for word in words}
