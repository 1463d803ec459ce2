"""Which failure it is and of what kind: signature and class; judgement.py and triage.py ask.

Nothing is written here. What earlier runs and changed files say is fetched for failures that it can
tell about.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from pytest_failtrack.classify.amend import amended
from pytest_failtrack.classify.catalog import find_project_packages, load_catalog
from pytest_failtrack.classify.changes import Changes, weighed
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.classify.complaint import weighed_by_complaint
from pytest_failtrack.classify.inside import weighed_by_server
from pytest_failtrack.classify.missing import weighed_by_package
from pytest_failtrack.classify.otherwise import weighed_by_expectation
from pytest_failtrack.classify.own import own_documents
from pytest_failtrack.classify.surroundings import weighed_by_environment
from pytest_failtrack.classify.testdata import weighed_by_data
from pytest_failtrack.classify.uninstalled import weighed_by_checkout
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import replaced
from pytest_failtrack.judging.lookback import Lookback
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.authors import changed_files, tracked_files
from pytest_failtrack.policy.codeowners import rules_from_map
from pytest_failtrack.policy.matrix import Matrix, load_matrix
from pytest_failtrack.signature.normalize import normalize
from pytest_failtrack.signature.signature import Signature, sign
from pytest_failtrack.signature.token import place_of

if TYPE_CHECKING:
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.pipeline import RunSeen

T = TypeVar("T")

PHASE_BY_WHEN = {  # C-7
    "collect": "COMPILATION",
    "import": "COMPILATION",
    "command": "COMPILATION",
}
PHASE_BY_SOURCE = {"guard": "AUTHORIZATION"}  # C-7


class Case:
    """One failure on its way through the stages."""

    def __init__(
        self,
        observation: Observation,
        signature: Signature,
        phase: str,
        component: str,
        classification: Classification,
    ) -> None:
        self.observation = observation
        self.signature = signature
        self.phase = phase
        self.component = component
        self.classification = classification
        self.record_id = ""


class Assessor:
    """Says of each failure of a run which one it is, and of what kind.

    Args:
        settings: Settings of the run.
        seen: The run.
        extensions: The hooks of others.
        now: This moment, aware.
        problems: Receives what is wrong about the configuration, each sentence once.
    """

    def __init__(
        self,
        settings: Settings,
        seen: RunSeen,
        extensions: Extensions,
        now: datetime,
        problems: list[str],
    ) -> None:
        self.settings = settings
        self.extensions = extensions
        self.lookback = Lookback(settings, seen, now)
        self._problems = problems
        self._table = settings.table
        self._told = seen.start["settings"]
        self._changes: Changes | None = None
        self._matrix: Matrix | None = None
        self._tracked = functools.cache(lambda: tracked_files(settings.root))
        packages = find_project_packages(settings.root)
        self._catalog = self.configured(
            lambda: load_catalog(
                own_documents(self._table.get("catalog", ()), settings.root),
                project_packages=packages,
            ),
            lambda: load_catalog(project_packages=packages),
        )
        self._components = rules_from_map(self._table.get("components", {}))
        auth = self._table.get("auth", {})
        self._auth_paths = rules_from_map(dict.fromkeys(auth.get("paths", ()), "auth"))
        self._auth_markers = frozenset(auth.get("markers", ()))
        self._integration = rules_from_map(
            dict.fromkeys(self._table.get("integration_paths", ()), "integration")
        )
        self._integration_markers = frozenset(
            self._table.get("integration_markers", ("integration",))
        )

    def configured(self, make: Callable[[], T], default: Callable[[], T]) -> T:
        """Return what the configuration makes, or the shipped data and a problem."""
        try:
            return make()
        except ConfigError as error:
            self._problem_once(f"{error}; the shipped data is used")
            return default()

    def case_of(self, observation: Observation) -> Case:
        """Return a failure with its signature and its class; nothing is looked up or written."""
        settings = self.settings
        signature = sign(
            observation,
            workflow=settings.workflow,
            job=settings.job,
            # A command that says nothing is told from others by what it is.
            step=settings.step or normalize(observation.step),
            tokens_enabled=settings.tokens_enabled,
            token_max_chars=settings.token_max_chars,
        )
        place = place_of(observation)
        file = place.file if place is not None else observation.file
        component = observation.component or _first(self._components.owners_of(file))
        phase = self._phase(observation)
        classification = classify(observation, self._catalog, phase=phase, component=component)
        classification = self._weighed(classification, observation, signature, phase, component)
        if observation.told:
            classification = self._as_told(observation, classification)
        classification = self._as_extended(observation, classification)
        if self._is_auth(observation, file):
            classification = replaced(
                classification,
                failure_type="authentication_change",
                is_retryable=False,
                reasons=(
                    *classification.reasons,
                    "Its path or marker is listed as authentication.",
                ),
            )
        return Case(observation, signature, phase, component, classification)

    def _weighed(
        self,
        classification: Classification,
        observation: Observation,
        signature: Signature,
        phase: str,
        component: str,
    ) -> Classification:
        """Return a classification after the evidence beyond the message: history, changed files."""

        def again(other: Observation) -> Classification:
            return classify(other, self._catalog, phase=phase, component=component)

        def as_flaky() -> Classification:
            return again(replaced(observation, outcome="flaky"))

        past, commit = self.lookback, self._told.get("commit", "")
        is_here = bool(commit) and commit == self.settings.commit
        classification = weighed_by_server(classification, observation, again)
        by_data = weighed_by_data(classification, observation)
        # Data that was good before and was not changed is not what is wrong.
        if by_data is classification or not (is_here and self._look_up_changes().is_code_alone):
            classification = by_data
        classification = weighed_by_expectation(classification, observation)
        classification = weighed_by_environment(classification, observation)
        classification = weighed_by_package(classification, observation)
        classification = weighed_by_complaint(classification, observation, again)
        classification = weighed_by_checkout(
            classification, observation, self.settings.root, self._tracked
        )
        weighing, is_settled = past.by_commit(classification, observation, signature, as_flaky)
        if not is_settled and is_here:
            weighing = weighed(weighing, observation, self._look_up_changes)
        return past.by_builds(weighing, observation, signature, as_flaky)

    def _look_up_changes(self) -> Changes:
        """Return what the commits under test changed; git is asked once, and only for a failure."""
        if self._changes is None:
            settings = self.settings
            found = changed_files(settings.root, settings.base_branch, settings.own_paths)
            self._changes = Changes(*found)
        return self._changes

    def _phase(self, observation: Observation) -> str:
        if observation.source in PHASE_BY_SOURCE:
            return PHASE_BY_SOURCE[observation.source]
        told = str(self._told.get("phase", "")).upper()
        if told:
            return told
        if observation.when in PHASE_BY_WHEN:
            return PHASE_BY_WHEN[observation.when]
        if self._integration_markers.intersection(observation.markers):
            return "INTEGRATION"
        if self._integration.owners_of(observation.nodeid.partition("::")[0]):
            return "INTEGRATION"
        return "TESTING"

    def _is_auth(self, observation: Observation, file: str) -> bool:
        if observation.outcome in ("debt", "expired"):
            return False
        if self._auth_markers.intersection(observation.markers):
            return True
        files = {file, observation.file, observation.nodeid.partition("::")[0]}
        return any(self._auth_paths.owners_of(each) for each in files if each)

    def _as_told(self, observation: Observation, classification: Classification) -> Classification:
        try:
            return amended(classification, observation.told, observation, self._refusal_of)
        except ValueError as error:
            self._problem_once(
                f"{observation.nodeid}: what it says of its kind is left out: {error}"
            )
            return classification

    def _as_extended(
        self, observation: Observation, classification: Classification
    ) -> Classification:
        told = self.extensions.classify(
            observation,
            lambda answer: amended(classification, answer, observation, self._refusal_of),
        )
        return told or classification

    def _refusal_of(self, failure_type: str) -> str:
        """Return why nobody can name a failure type; the matrix is read when somebody does."""
        if self._matrix is None:
            self._matrix = self.configured(lambda: load_matrix(self._table), load_matrix)
        return self._matrix.refusal_of(failure_type)

    def _problem_once(self, sentence: str) -> None:
        if sentence not in self._problems:
            self._problems.append(sentence)


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""
