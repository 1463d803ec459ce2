"""Whether a package that an import misses lies in the checkout, off the path; assessment.py asks.

Then nothing was left out and nothing is to be downloaded: the project itself is not installed.
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import moved_to
from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation

OFF_THE_PATH = 0.85
"""How sure it is that the path is what is wrong when the package lies in the checkout."""

_ENTRIES = frozenset({"project-module-missing", "conftest-module-missing", "dependency-missing"})
# Of `a.b` that is missing Python found `a`; alone, the package itself was not found.
_MISSING = lazily(r"\bNo module named '?(\w{1,100})'?(?![\w.';])")
_ABOVE_MAX = 8


def weighed_by_checkout(
    classification: Classification,
    observation: Observation,
    root: Path,
    look_up_tracked: Callable[[], Collection[str]],
) -> Classification:
    """Return a classification that says that a package is not on the path, where it is there.

    Args:
        classification: What the catalog says.
        observation: The failure.
        root: Root of the project.
        look_up_tracked: Returns the files that git knows, relative to the root, none where it
            cannot say. What is not committed was really left out.
    """
    name = _missing_package(classification, observation)
    found = _folder_of(name, observation, root) if name else None
    if found is None:
        return classification
    folder, path = found
    tracked = look_up_tracked()
    if tracked and not any(one == path or one.startswith(f"{path}/") for one in tracked):
        return classification
    where = folder or "the project's root"
    reason = f"{path} is in the checkout, and {where} is not on Python's path."
    suggestion = (
        "Install the project (`pip install -e .`), or set"
        f' `pythonpath = ["{folder or "."}"]` in the configuration of pytest.'
    )
    kind, mode = Subcategory.INFRA_ENVIRONMENT, RecoveryMode.FIX_ENVIRONMENT
    moved = moved_to(kind, classification, mode, OFF_THE_PATH, reason, suggestion)
    return replaced(moved, failure_type="infrastructure", is_retryable=False)


def _missing_package(classification: Classification, observation: Observation) -> str:
    """Return the name of the package that an import did not find, `` for any other failure."""
    if classification.catalog_entry_id not in _ENTRIES:
        return ""
    texts = [one.message for one in observation.exceptions] or [observation.text]
    found = next(filter(None, map(_MISSING.search, texts)), None)
    return "" if found is None or found[1] in sys.stdlib_module_names else found[1]


def _folder_of(name: str, observation: Observation, root: Path) -> tuple[str, str] | None:
    """Return the folder that a package lies in, and its path, both relative to the root."""
    for folder in _folders(observation):
        path = posixpath.join(folder, name)
        try:
            if (root / path / "__init__.py").is_file():
                return folder, path
            if (root / f"{path}.py").is_file():
                return folder, f"{path}.py"
            # A folder of a project may be called like a library, one below src is a package.
            if folder.endswith("src") and any((root / path).glob("*.py")):
                return folder, path
        except OSError:
            continue
    return None


def _folders(observation: Observation) -> Iterator[str]:
    """Yield where projects keep packages, and what lies between the root and the test."""
    yield from ("src", "", "lib", "python")
    file = observation.nodeid.partition("::")[0] or observation.file
    folder = posixpath.dirname(file.replace("\\", "/"))
    if posixpath.isabs(folder) or ".." in folder.split("/"):
        return
    for _ in range(_ABOVE_MAX):
        if not folder:
            return
        yield folder
        yield f"{folder}/src"
        folder = posixpath.dirname(folder)
