"""A package that is in the checkout and not on the path is not missing: C-31."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.classify.catalog import find_project_packages, load_catalog
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.uninstalled import weighed_by_checkout


def weigh(
    root: Path,
    *files: str,
    missing: str = "dotenv",
    tracked: tuple[str, ...] = (),
    **changes: Any,
) -> Classification:
    """Return the class of an import that fails in a checkout with these files."""
    for one in files:
        (root / one).parent.mkdir(parents=True, exist_ok=True)
        (root / one).touch()
    table = {"type": "ModuleNotFoundError", "message": f"No module named '{missing}'"}
    observation = observation_of({**table, "when": "collect", "place": "test", **changes})
    catalog = load_catalog(project_packages=find_project_packages(root))
    known = classify(observation, catalog, phase="COMPILATION")
    return weighed_by_checkout(known, observation, root, lambda: tracked)


class TestAPackageThatIsThere:
    @pytest.mark.parametrize(
        ("file", "path", "folder"),
        [
            pytest.param("src/dotenv/__init__.py", "src/dotenv", "src", id="src"),
            pytest.param("src/dotenv/main.py", "src/dotenv", "src", id="without-init"),
            pytest.param("dotenv/__init__.py", "dotenv", ".", id="flat"),
            pytest.param("dotenv.py", "dotenv.py", ".", id="module"),
            pytest.param("tests/dotenv.py", "tests/dotenv.py", "tests", id="beside-the-test"),
        ],
    )
    def test_is_a_matter_of_the_environment(
        self, tmp_path: Path, file: str, path: str, folder: str
    ) -> None:
        answer = weigh(tmp_path, file)

        assert (answer.subcategory, answer.failure_type) == ("INFRA_ENVIRONMENT", "infrastructure")
        assert (answer.is_retryable, answer.blame) == (False, "infra")
        assert answer.reasons[1].startswith(f"{path} is in the checkout, and ")
        assert "`pip install -e .`" in answer.recovery_suggestion
        assert f'`pythonpath = ["{folder}"]`' in answer.recovery_suggestion

    def test_in_a_folder_of_a_monorepo(self, tmp_path: Path) -> None:
        nodeid = "web/tests/test_a.py"
        answer = weigh(tmp_path, "web/src/dotenv/__init__.py", nodeid=nodeid)

        assert answer.reasons[1] == (
            "web/src/dotenv is in the checkout, and web/src is not on Python's path."
        )

    def test_is_said_of_a_command_too(self, tmp_path: Path) -> None:
        text = "ModuleNotFoundError: No module named 'dotenv'"
        (tmp_path / "src/dotenv").mkdir(parents=True)
        (tmp_path / "src/dotenv/__init__.py").touch()
        observation = observation_of({"command": "python -m app", "exit_status": 1, "text": text})
        catalog = load_catalog(project_packages=find_project_packages(tmp_path))
        known = classify(observation, catalog, phase="COMPILATION")

        answer = weighed_by_checkout(known, observation, tmp_path, tuple)

        assert answer.subcategory == "INFRA_ENVIRONMENT"

    def test_is_judged_by_what_git_knows(self, tmp_path: Path) -> None:
        files = ("src/dotenv/__init__.py", "README.md")

        assert weigh(tmp_path, *files, tracked=files).subcategory == "INFRA_ENVIRONMENT"
        left_out = weigh(tmp_path, *files, tracked=files[1:])
        assert left_out.subcategory == "ARCHITECTURE_INCOMPLETE"


class TestWhatStaysAsItIs:
    def test_a_module_that_its_package_lacks(self, tmp_path: Path) -> None:
        answer = weigh(tmp_path, "src/dotenv/__init__.py", missing="dotenv.parser")

        assert answer.subcategory == "ARCHITECTURE_INCOMPLETE"

    def test_a_module_whose_package_is_a_module(self, tmp_path: Path) -> None:
        message = "No module named 'dotenv.main'; 'dotenv' is not a package"
        answer = weigh(tmp_path, "src/dotenv.py", message=message)

        assert answer.subcategory == "ARCHITECTURE_INCOMPLETE"

    def test_a_package_of_others(self, tmp_path: Path) -> None:
        answer = weigh(tmp_path, "src/dotenv/__init__.py", missing="requests")

        assert answer.subcategory == "INFRA_DEPENDENCY"

    def test_a_folder_that_is_called_like_a_library(self, tmp_path: Path) -> None:
        answer = weigh(tmp_path, "docker/Dockerfile", missing="docker")

        assert answer.subcategory == "INFRA_DEPENDENCY"

    def test_another_failure(self, tmp_path: Path) -> None:
        message = "the plugin said: No module named 'dotenv'"
        answer = weigh(tmp_path, "src/dotenv/__init__.py", type="AssertionError", message=message)

        assert answer.subcategory != "INFRA_ENVIRONMENT"
