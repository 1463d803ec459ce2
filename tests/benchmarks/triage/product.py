"""Every call into failtrack that the scorer makes; its names are known here alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pytest_failtrack.classify.catalog import find_project_packages, load_catalog
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.config import load
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.judging.triage import triage
from pytest_failtrack.observe.from_log import first_error_line
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.observe.reading import Wanted, read_content
from pytest_failtrack.signature.cluster import clusters
from pytest_failtrack.signature.kind import failure_of
from pytest_failtrack.signature.signature import Signature, sign
from pytest_failtrack.signature.token import NO_STACK

PHASES = {"collect": "COMPILATION", "import": "COMPILATION"}


class Answer(NamedTuple):
    """What failtrack says of one failure.

    Args:
        signature: Twelve hex digits.
        token: What they stand for.
        category: The category.
        subcategory: The subcategory.
        entry: The catalog entry that matched.
    """

    signature: str
    token: str
    category: str
    subcategory: str
    entry: str


class Triage:
    """failtrack, as it judges failures of one project.

    Args:
        root: Folder of the project; its packages are its own.
    """

    def __init__(self, root: Path | None = None) -> None:
        packages = find_project_packages(root) if root else ()
        self.catalog = load_catalog(project_packages=packages)
        self._settings = load(root=root, cwd=root, table={}) if root else load(table={})
        self._extensions = Extensions.of_command()

    def answers(self, run: Sequence[Observation]) -> list[Answer]:
        """Return signatures and classes of the failures of a run, as `failtrack triage` does."""
        found = triage([("run", one) for one in run], self._settings, self._extensions).failures
        kinds = {id(one.observation): one.classification for one in found}
        return [self._with_kind(one, kinds[id(one)]) for one in run]

    def _with_kind(self, observation: Observation, kind: Classification) -> Answer:
        signature = signed(observation)
        return Answer(
            signature.hash, signature.token, kind.category, kind.subcategory, kind.catalog_entry_id
        )

    def answer(self, observation: Observation) -> Answer:
        """Return signature and class of a failure by itself; the speed is measured with it."""
        phase = PHASES.get(observation.when, "TESTING")
        return self._with_kind(observation, classify(observation, self.catalog, phase=phase))


def signed(observation: Observation) -> Signature:
    """Return the signature of a failure; all failures are of one job."""
    return sign(observation, workflow="ci", job="tests", step="run")


def read_observation(data: Mapping[str, Any]) -> Observation:
    """Return an observation as the plugin saw it."""
    return Observation.from_dict(data)


def observe_log(text: str) -> Observation | None:
    """Return the first failure of a log, as `failtrack triage --exit-status 1` reads it."""
    wanted = Wanted("/nowhere", str, None, 1)
    return next(iter(read_content(text.encode(), "build.log", wanted)), None)


def error_line(text: str, seen: Observation | None) -> str | None:
    """Return the first error line that a log was read to have, None for a silent failure."""
    if seen is not None and seen.source == "command":
        return seen.text.partition("\n")[0] or None
    return first_error_line(text)


def shown_line(seen: Observation | None) -> str | None:
    """Return the error line that `failtrack triage --json` prints, None for a silent failure."""
    if seen is None:
        return None
    found = triage([("build.log", seen)], settings_from(), Extensions.of_command())
    line = found.failures[0].error_line
    return None if line in ("", NO_STACK) else line


def causes_of(observations: Sequence[Observation]) -> list[str]:
    """Return the cause of each failure."""
    failures = [failure_of(one, signed(one)) for one in observations]
    causes = {hash_: each.id for each in clusters(failures) for hash_ in each.hashes}
    return [causes[one.hash] for one in failures]
