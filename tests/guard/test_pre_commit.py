"""The hooks as pre-commit runs them: the manifest, a scratch repository, and `try-repo`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from guard_project import HALT, SERVICE, GuardProject

from failtrack_guard.arguments import NAMES
from failtrack_guard.rules import IDS

yaml = pytest.importorskip("yaml", reason="needs the test group of pyproject.toml")

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"


def hooks() -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def test_the_manifest_has_one_hook_a_rule_and_the_others() -> None:
    """`failtrack-signature` is S4-29."""
    named = {f"failtrack-guard-{rule_id.lower()}" for rule_id in IDS}
    others = {"failtrack-guard", "failtrack-guard-fix", "failtrack-records", "failtrack-signature"}
    assert set(hooks()) == named | others


def test_every_entry_is_a_command_that_exists() -> None:
    from pytest_failtrack.cli.main import COMMANDS

    for hook in hooks().values():
        program, command = hook["entry"].split()[:2]
        assert command in (NAMES if program == "failtrack-guard" else COMMANDS), hook["id"]


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("pre_commit", reason="needs the dev group of pyproject.toml")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # The commands of this environment, and a store of pre-commit's own.
    environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])
    environ["PRE_COMMIT_HOME"] = str(folder.parent / "store")
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture
def repository(tmp_path: Path) -> GuardProject:
    """A git repository whose hooks are those of the manifest, run by this environment."""
    project = GuardProject(tmp_path / "repository", HALT)
    local = [{**hook, "language": "system"} for hook in hooks().values()]
    for hook in local:
        hook.pop("additional_dependencies", None)
    wanted = ("failtrack-guard", "failtrack-guard-pv-003", "failtrack-records")
    config = {"repos": [{"repo": "local", "hooks": [one for one in local if one["id"] in wanted]}]}
    project.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    project.write(".gitignore", ".failtrack/\n")
    project.git("init", "-q")
    return project


def test_a_commit_with_a_finding_is_stopped(repository: GuardProject) -> None:
    repository.write("orders.py", SERVICE)
    repository.git("add", ".")
    done = pre_commit(repository.folder, "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "orders.py:1:7: PV-003" in done.stdout
    repository.write("orders.py", "x = 1\n")
    repository.git("add", ".")
    assert pre_commit(repository.folder, "run").returncode == 0


def test_only_what_is_staged_is_judged(repository: GuardProject) -> None:
    repository.write("orders.py", SERVICE)
    repository.write("plain.py", "x = 1\n")
    repository.git("add", "plain.py", ".pre-commit-config.yaml", "pyproject.toml")
    assert pre_commit(repository.folder, "run").returncode == 0


def test_evidence_that_fits_no_schema_is_stopped(repository: GuardProject) -> None:
    repository.write("governance/events/failures/x.json", "{}")
    repository.git("add", ".")
    done = pre_commit(repository.folder, "run")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "schema_version is missing" in done.stdout


def test_many_files_are_one_run(repository: GuardProject) -> None:
    for number in range(300):
        repository.write(f"shop/with_a_long_name_{number:04}.py", SERVICE)
    repository.git("add", ".")
    done = pre_commit(repository.folder, "run", "failtrack-guard")
    assert "300 findings in 300 files" in done.stdout


def test_try_repo_installs_and_runs_the_hook(tmp_path: Path) -> None:
    """From this checkout as a user's pre-commit would do it, in an environment of its own."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git checkout")
    project = GuardProject(tmp_path / "repository", HALT)
    project.git("init", "-q")
    project.write("orders.py", SERVICE)
    project.git("add", ".")
    copy = tmp_path / "hooks"
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        if name.startswith(("src/", "hooks/")) or (name and "/" not in name):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy2(ROOT / name, copy / name)
    hooks_of = GuardProject(copy, (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    hooks_of.git("init", "-q")
    hooks_of.git("add", ".")
    hooks_of.git("commit", "-qm", "hooks")
    done = pre_commit(
        project.folder, "try-repo", str(copy), "failtrack-guard", "--files", "orders.py"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "orders.py:1:7: PV-003" in done.stdout, done.stdout + done.stderr
