"""The examples do what they say: the quickstart as a user runs it, the pipelines as a CI does."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.cli.init import template

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
NEEDS_GROUP = "needs the test group of pyproject.toml"
BIN = sysconfig.get_path("scripts")
POSIX_ONLY = pytest.mark.skipif(
    os.name != "posix" or shutil.which("bash") is None, reason="the steps of a pipeline are bash"
)

# What the quickstart's README promises: the words of a headline, and how many tests have it.
QUICKSTART_CAUSES = {
    "KeyError: 'customer_id'": 12,
    "ConnectionRefusedError": 4,
    "assert <num> == <num>": 3,
    "cannot import name 'render_pdf'": 1,
}


def clean_environ(**more: str) -> dict[str, str]:
    """Return an environment that says nothing of the CI or the session that we run in."""
    inherited = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "VIRTUAL_ENV")
    environ = {name: os.environ[name] for name in inherited if name in os.environ}
    environ["PATH"] = f"{BIN}{os.pathsep}{environ.get('PATH', '')}"
    return environ | {"COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1", **more}


def run(*command: str, cwd: Path, environ: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command; return its exit status and all that it said."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean_environ() if environ is None else environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return done.returncode, done.stdout


def pytest_in(cwd: Path, *arguments: str) -> tuple[int, str]:
    """Run pytest without the plugins that happen to be installed here."""
    quiet = clean_environ(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    return run(
        sys.executable, "-m", "pytest", "-p", "failtrack", *arguments, cwd=cwd, environ=quiet
    )


def failtrack_in(cwd: Path, *arguments: str) -> tuple[int, str]:
    """Run the command as it is installed beside this Python."""
    code = "from pytest_failtrack.cli.main import main; main()"
    return run(sys.executable, "-c", code, *arguments, cwd=cwd)


@pytest.fixture
def quickstart(tmp_path: Path) -> Path:
    """A copy of the quickstart without the evidence of those who tried it."""
    leftovers = shutil.ignore_patterns("governance", ".failtrack", "__pycache__", ".*_cache")
    return Path(shutil.copytree(EXAMPLES / "quickstart", tmp_path / "quickstart", ignore=leftovers))


def run_documents(project: Path) -> list[dict[str, Any]]:
    """Return the run documents of a project, the oldest first."""
    paths = (project / "governance/events/runs").glob("*.json")
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return sorted(documents, key=lambda one: one["started_at"])


class TestTheQuickstart:
    @pytest.mark.parametrize("where", ["from outside", "from inside"])
    def test_shows_the_causes_that_its_readme_names(self, quickstart: Path, where: str) -> None:
        if where == "from outside":
            status, said = pytest_in(quickstart.parent, "--failtrack", "quickstart")
        else:
            status, said = pytest_in(quickstart, "--failtrack")

        assert status == 1, said
        (document,) = run_documents(quickstart)
        causes = [one for one in document["causes"] if not one["is_debt"]]
        found = {
            words: one["failures"]
            for words in QUICKSTART_CAUSES
            for one in causes
            if words in one["headline"]
        }
        assert found == QUICKSTART_CAUSES
        assert len(causes) == len(QUICKSTART_CAUSES)

    def test_writes_a_record_for_each_failure_and_each_bad_debt(self, quickstart: Path) -> None:
        pytest_in(quickstart, "--failtrack")

        records = list((quickstart / "governance/events/failures").glob("*.json"))
        (document,) = run_documents(quickstart)
        assert (document["debt"]["without_reason"], document["debt"]["expired"]) == (1, 1)
        assert len(records) == sum(QUICKSTART_CAUSES.values()) + 2

    def test_is_failed_by_the_gate_for_what_is_not_infrastructure(self, quickstart: Path) -> None:
        pytest_in(quickstart, "--failtrack")

        status, said = failtrack_in(quickstart, "gate", "--explain")

        assert status == 1, said
        assert re.search(r"^ *FAILED +new ", said, re.MULTILINE)
        assert re.search(r"^ *FAILED +expired_debt ", said, re.MULTILINE)

    def test_holds_nothing_new_the_second_time(self, quickstart: Path) -> None:
        pytest_in(quickstart, "--failtrack")
        pytest_in(quickstart, "--failtrack")

        first, second = run_documents(quickstart)
        assert {one["novelty"] for one in first["causes"]} == {"FIRST"}
        assert {one["novelty"] for one in second["causes"]} & {"FIRST", "NEW"} == set()

    def test_shows_eleven_failures_less_after_its_readmes_repair(self, quickstart: Path) -> None:
        """The readme promises that one line repairs twelve tests."""
        orders = quickstart / "src/shop/orders.py"
        orders.write_text(
            orders.read_text().replace('payload["customer_id"]', 'payload["customer"]')
        )

        _, said = pytest_in(quickstart, "--failtrack", "tests/test_orders.py")

        assert "13 passed" in said

    def test_without_the_option_leaves_no_trace(self, quickstart: Path) -> None:
        status, said = pytest_in(quickstart)

        assert status == 1
        assert "= failtrack =" not in said
        assert not (quickstart / "governance").exists()
        assert not (quickstart / ".failtrack").exists()


class TestTheCustomCatalog:
    README = (EXAMPLES / "custom-catalog/README.md").read_text(encoding="utf-8")

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        """A copy of the example, without what those left who tried it."""
        leftovers = shutil.ignore_patterns("events", ".failtrack", "__pycache__", ".*_cache")
        copy = tmp_path / "custom-catalog"
        return Path(shutil.copytree(EXAMPLES / "custom-catalog", copy, ignore=leftovers))

    def test_prints_what_its_readme_shows(self, project: Path) -> None:
        block = re.search(r"```console\n(.*?)```", self.README, re.DOTALL)
        assert block is not None
        calls = [one.partition("\n") for one in block[1].split("$ failtrack ")[1:]]

        for words, _, shown in calls:
            status, said = failtrack_in(project, *shlex.split(words))
            assert status == 0, said
            expected = shown.partition("  ...")[0].partition("$ ")[0]
            assert masked(said).startswith(masked(expected)), words
        assert len(calls) == 3

    def test_makes_of_a_failure_what_the_project_says_of_it(self, project: Path) -> None:
        status, said = pytest_in(project, "--failtrack")

        (document,) = run_documents(project)
        (cause,) = document["causes"]
        assert status == 1, said
        assert (cause["subcategory"], cause["is_retryable"]) == ("OTHER_EXTERNAL", True)


def masked(text: str) -> str:
    """Return a text without the number of entries, which grows with every version."""
    return re.sub(r"\d+ (of )?(\d+ )?entries", "N entries", text)


class TestTheTemplates:
    @pytest.mark.parametrize(
        ("name", "example"),
        [
            ("github.yml", "github-actions/.github/workflows/failtrack.yml"),
            ("basic_jobs.json", "github-actions/.github/signature-fixtures/basic_jobs.json"),
            ("gitlab.yml", "gitlab-ci/.gitlab-ci.failtrack.yml"),
        ],
    )
    def test_of_init_are_the_examples(self, name: str, example: str) -> None:
        assert template(name) == (EXAMPLES / example).read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("schema", "example"),
        [
            ("vendor.github-workflows", "github-actions/.github/workflows/failtrack.yml"),
            ("vendor.github-workflows", "github-actions/.github/workflows/failtrack-retry.yml"),
            ("vendor.gitlab-ci", "gitlab-ci/.gitlab-ci.failtrack.yml"),
            ("vendor.gitlab-ci", "gitlab-ci/.gitlab-ci.yml"),
        ],
    )
    def test_pass_the_published_schema(self, schema: str, example: str) -> None:
        pytest.importorskip("check_jsonschema", reason=NEEDS_GROUP)

        status, said = check_schema(schema, EXAMPLES / example)

        assert status == 0, said

    def test_a_wrong_workflow_does_not_pass(self, tmp_path: Path) -> None:
        pytest.importorskip("check_jsonschema", reason=NEEDS_GROUP)
        wrong = tmp_path / "wrong.yml"
        wrong.write_text(template("github.yml").replace("runs-on:", "runs_on:"), encoding="utf-8")

        status, _ = check_schema("vendor.github-workflows", wrong)

        assert status == 1

    def test_the_fixture_pair_is_checked(self) -> None:
        """S4-31."""
        status, said = failtrack_in(EXAMPLES / "github-actions", "signature", "check")

        assert status == 0, said


def check_schema(schema: str, path: Path) -> tuple[int, str]:
    """Validate a file against a schema that check-jsonschema brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    if schema == "vendor.gitlab-ci":
        command += ["--data-transform", "gitlab-ci"]
    return run(*command, cwd=path.parent)


TESTS_OF_A_SHOP = """\
import socket


def test_the_answer(): {answer}


def test_the_database():
    {database}
"""
RED = 'assert {"answer": 41}["result"] == 42'
GREEN = "assert True"
DOWN = (
    "held = socket.socket(); held.bind(('127.0.0.1', 0))\n"
    "    try:\n"
    "        socket.create_connection(held.getsockname(), timeout=5)\n"
    "    finally:\n"
    "        held.close()"
)


@POSIX_ONLY
class TestThePipelineOfGitHub:
    """The steps of the workflow, run by bash, with what GitHub does between them."""

    @pytest.fixture
    def workflow(self) -> dict[str, Any]:
        yaml = pytest.importorskip("yaml", reason=NEEDS_GROUP)
        return dict(yaml.safe_load(template("github.yml")))

    @pytest.fixture
    def ci(self, tmp_path: Path, workflow: dict[str, Any]) -> Runner:
        return Runner(tmp_path, workflow["jobs"])

    def test_a_green_build_passes(self, ci: Runner) -> None:
        assert ci.build("1", GREEN, GREEN) == 0, ci.said

    def test_a_red_build_fails_and_its_cause_is_known_in_the_next(self, ci: Runner) -> None:
        """History is carried by the cache alone: each build starts on empty runners."""
        assert ci.build("1", RED, GREEN) == 1, ci.said
        assert ci.novelties() == {"FIRST"}

        assert ci.build("2", RED, GREEN) == 1, ci.said
        assert ci.novelties() <= {"KNOWN", "REPEAT"}

    def test_a_cause_that_a_green_history_does_not_hold_is_new(self, ci: Runner) -> None:
        ci.build("1", GREEN, GREEN)

        assert ci.build("2", RED, GREEN) == 1, ci.said
        assert ci.novelties() == {"NEW"}

    def test_infrastructure_alone_ends_with_75_and_a_warning(self, ci: Runner) -> None:
        assert ci.build("1", GREEN, DOWN) == 75, ci.said
        assert "::warning title=failtrack::Only infrastructure failed" in ci.said

    def test_a_leg_that_handed_on_nothing_is_never_a_pass(self, ci: Runner) -> None:
        assert ci.build("1", GREEN, GREEN, lost=("3.13",)) == 3, ci.said
        assert "1 of 2 legs" in ci.said

    def test_no_leg_at_all_is_never_a_pass(self, ci: Runner) -> None:
        assert ci.build("1", GREEN, GREEN, lost=("3.10", "3.13")) == 3, ci.said

    def test_legs_hand_on_what_is_new_only(self, ci: Runner) -> None:
        ci.build("1", RED, GREEN)
        ci.build("2", GREEN, GREEN)

        builds = {document["build_id"] for document in ci.handed_on()}
        assert builds == {"2"}

    def test_a_pull_request_does_not_write_the_history(self, ci: Runner) -> None:
        ci.build("1", RED, GREEN, branch="7/merge")

        assert not ci.cache.exists()


@POSIX_ONLY
class TestThePipelineOfGitLab:
    """The scripts of the two jobs, run by bash on one leg, and the gate over what it left."""

    @pytest.fixture
    def jobs(self) -> dict[str, Any]:
        yaml = pytest.importorskip("yaml", reason=NEEDS_GROUP)
        return dict(yaml.safe_load(template("gitlab.yml")))

    @pytest.mark.parametrize(
        ("answer", "database", "leg_ends_with", "gate_ends_with"),
        [
            pytest.param(GREEN, GREEN, 0, 0, id="green"),
            pytest.param(RED, GREEN, 1, 1, id="red"),
            pytest.param(RED, DOWN, 1, 1, id="red, and infrastructure beside it"),
            pytest.param(GREEN, DOWN, 75, 75, id="infrastructure alone is retried"),
        ],
    )
    def test_a_leg_and_the_gate_end_with(
        self,
        jobs: dict[str, Any],
        tmp_path: Path,
        answer: str,
        database: str,
        leg_ends_with: int,
        gate_ends_with: int,
    ) -> None:
        text = TESTS_OF_A_SHOP.format(answer=answer, database=database)
        (tmp_path / "test_shop.py").write_text(text, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(template("tool-failtrack.toml"), encoding="utf-8")

        leg, gate = jobs["failtrack:tests"], jobs["failtrack:gate"]
        found = self.statuses(tmp_path, leg, {"CI_JOB_NAME": "failtrack:tests: [3.13]"})
        assert found == (leg_ends_with, 0)
        shutil.rmtree(tmp_path / "governance")  # the gate starts on another machine
        found = self.statuses(tmp_path, gate, {"CI_JOB_NAME": "failtrack:gate"})
        assert found == (gate_ends_with, 0)
        assert list((tmp_path / "governance/events/runs").glob("*.json"))

    def test_only_75_and_a_broken_runner_are_retried(self, jobs: dict[str, Any]) -> None:
        retry = jobs["failtrack:tests"]["retry"]

        assert retry["exit_codes"] == [75]
        assert "script_failure" not in retry["when"]

    def statuses(self, folder: Path, job: dict[str, Any], more: dict[str, str]) -> tuple[int, int]:
        """Run a job as GitLab does; return how its script and its after_script ended."""
        environ = clean_environ(GITLAB_CI="true", CI_PIPELINE_ID="77", **more)
        environ |= {"FAILTRACK": "1", "FAILTRACK_LEG": "py3.13", "CI_JOB_STAGE": "test"}
        environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p failtrack"}
        scripts = ("\n".join(job[name]) for name in ("script", "after_script"))
        done = [
            run("bash", "-eo", "pipefail", "-c", without_pip(one), cwd=folder, environ=environ)
            for one in scripts
        ]
        print(*(said for _, said in done))
        return done[0][0], done[1][0]


def without_pip(script: str) -> str:
    """Return the script with its installations only said: a test downloads nothing."""
    return script.replace("python -m pip install", "echo pip install")


class Runner:
    """What a CI does between the steps: empty machines, a cache, artifacts.

    Args:
        folder: Where machines and the cache are made.
        jobs: The jobs of the workflow.
    """

    LEGS = ("3.10", "3.13")

    def __init__(self, folder: Path, jobs: dict[str, Any]) -> None:
        self.folder = folder
        self.jobs = jobs
        self.cache = folder / "cache"
        self.artifacts = folder / "none"
        self.said = ""

    def build(
        self, build: str, answer: str, database: str, branch: str = "main", lost: Any = ()
    ) -> int:
        """Run all jobs of one build; return the exit status of the step that judges.

        Args:
            build: Id of the build.
            answer: Body of the first test.
            database: Body of the second test.
            branch: Name of the ref.
            lost: Pythons whose leg dies before it hands on its evidence.
        """
        self.said = ""
        self.artifacts = self.folder / build / "artifacts"
        self.artifacts.mkdir(parents=True)
        environ = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": build, "GITHUB_RUN_ATTEMPT": "1"}
        environ |= {"GITHUB_WORKFLOW": "tests", "GITHUB_REF_NAME": branch}
        for python in self.LEGS:
            self._leg(build, python, answer, database, environ, is_lost=python in lost)
        return self._gate(build, environ | {"GITHUB_JOB": "gate"}, is_default=branch == "main")

    def _leg(
        self,
        build: str,
        python: str,
        answer: str,
        database: str,
        environ: dict[str, str],
        *,
        is_lost: bool,
    ) -> None:
        leg = f"ubuntu-latest-py{python}"
        machine = self._machine(build, leg)
        (machine / "tests").mkdir()
        text = TESTS_OF_A_SHOP.format(answer=answer, database=database)
        (machine / "tests/test_shop.py").write_text(text, encoding="utf-8")
        environ = environ | {"GITHUB_JOB": "tests", "FAILTRACK": "1", "FAILTRACK_LEG": leg}
        environ["RUNNER_TEMP"] = str(self.folder / build)
        steps = steps_by_name(self.jobs["tests"])
        for script in (without_pip(steps["Install"]), steps["Test"], steps["Collect the evidence"]):
            self._step(script, machine, environ)
        if not is_lost:
            shutil.copytree(machine / "evidence", self.artifacts / f"failtrack-{leg}")

    def _gate(self, build: str, environ: dict[str, str], *, is_default: bool) -> int:
        machine = self._machine(build, "gate", has_history=False)
        steps = steps_by_name(self.jobs["gate"])
        shutil.copytree(EXAMPLES / "github-actions/.github", machine / ".github")
        checked = self._step(
            steps["Check that signatures are computed as before"], machine, environ
        )
        assert checked == 0, self.said
        if any(self.artifacts.iterdir()):
            shutil.copytree(self.artifacts, machine / "legs")
        status = self._step(steps["Judge"], machine, environ | {"LEGS": str(len(self.LEGS))})
        assert (machine / "verdict/status").read_text() == f"{status}\n"
        if is_default:
            self._restore(machine)
            assert self._step(steps["Add this run to it"], machine, environ) == 0, self.said
            shutil.rmtree(self.cache, ignore_errors=True)
            shutil.copytree(machine / "governance/events", self.cache)
        return status

    def _machine(self, build: str, name: str, *, has_history: bool = True) -> Path:
        machine = self.folder / build / name
        machine.mkdir(parents=True)
        text = template("tool-failtrack.toml") + "\n[tool.pytest.ini_options]\n"
        (machine / "pyproject.toml").write_text(text, encoding="utf-8")
        if has_history:
            self._restore(machine)
        return machine

    def _restore(self, machine: Path) -> None:
        if self.cache.exists():
            shutil.copytree(self.cache, machine / "governance/events")

    def _step(self, script: str, machine: Path, environ: dict[str, str]) -> int:
        whole = clean_environ(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_PLUGINS="")
        whole |= environ | {"PYTEST_ADDOPTS": "-p failtrack -p no:cacheprovider"}
        command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
        status, said = run(*command, cwd=machine, environ=whole)
        self.said += f"$ {script}\n{said}(exit status {status})\n"
        return status

    def handed_on(self) -> list[dict[str, Any]]:
        """Return the run documents that the legs of the last build handed on."""
        paths = self.artifacts.glob("*/runs/*.json")
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def novelties(self) -> set[str]:
        """Return what the legs of the last build said of their causes."""
        return {cause["novelty"] for run in self.handed_on() for cause in run["causes"]}


def steps_by_name(job: Mapping[str, Any]) -> dict[str, str]:
    """Return the scripts of a job by the names of their steps."""
    return {step["name"]: step["run"] for step in job["steps"] if "run" in step}
