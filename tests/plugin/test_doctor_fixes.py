"""S0-15, S0-17: a fix that touched only the test shows that the test was the fault."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest
from project import Outcome, Project

CODE = "def total(items): return sum(items)\n"
WRONG = "import shop\ndef test_total(): assert shop.total([1, 2]) == 4\n"
RIGHT = "import shop\ndef test_total(): assert shop.total([1, 2]) == 3\n"
BROKEN = "import shop\ndef test_total(): assert shop.totals([1, 2]) == 3\n"


class Repository:
    """A project under git, tested at each commit."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.git("init", "-q", "-b", "main")
        project.write(".gitignore", "__pycache__/\n")

    def git(self, *words: str) -> None:
        """Run git."""
        identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
        environ = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        subprocess.run(
            ["git", "-C", str(self.project.folder), *identity, *words],
            check=True,
            capture_output=True,
            env={**environ, "GIT_CONFIG_GLOBAL": os.devnull},
        )

    def tested(self, **files: str) -> Outcome:
        """Commit files, by their names without `.py`, and run the tests."""
        for name, text in files.items():
            self.project.write(f"{name}.py", text)
        self.git("add", "--", *[f"{name}.py" for name in files])
        self.git("commit", "-q", "-m", "change")
        return self.project.pytest()

    def doctor(self, *words: str) -> Outcome:
        """Call the command."""
        return self.project.failtrack("doctor", *words, env={"COLUMNS": "200"})


@pytest.fixture
def repository(plain_project: Project) -> Repository:
    """A project whose only test asserts what is wrong."""
    made = Repository(plain_project)
    failed = made.tested(shop=CODE, test_shop=WRONG)
    assert failed.exit_status == 1
    return made


def kind(record: dict[str, Any]) -> tuple[str, str]:
    return record["category"], record["subcategory"]


class TestAFixOfTheTest:
    def test_is_told(self, repository: Repository) -> None:
        before = repository.doctor()
        assert "ok       fixes" in before.stdout

        assert repository.tested(test_shop=RIGHT).exit_status == 0
        outcome = repository.doctor()

        assert outcome.exit_status == 0
        assert "test_shop.py::test_total passed at " in outcome.stdout
        assert "after a change of tests alone: QA_ASSERTION_INCORRECT, not ARCH" in outcome.stdout

    def test_is_noted_on_the_record_once(self, repository: Repository) -> None:
        repository.tested(test_shop=RIGHT)

        repository.doctor("--record")
        outcome = repository.doctor("--record")

        assert "ok       fixes" in outcome.stdout
        assert kind(outcome.record) == ("QA", "QA_ASSERTION_INCORRECT")
        (factor,) = outcome.record["root_cause"]["contributing_factors"]
        assert "after a change of tests alone; it was taken for ARCHITECTURE_DRIFT" in factor
        assert outcome.record["status"] == "OPEN"
        assert "fixed-by-test" in outcome.record["metadata"]["tags"]

    def test_the_evidence_stays_as_it_was_captured(self, repository: Repository) -> None:
        repository.tested(test_shop=RIGHT)
        repository.doctor("--record")

        (failed, *_) = repository.project.runs()
        outcome = repository.project.failtrack("gate", "--build", failed["build_id"])

        assert "INCOMPLETE" not in outcome.stdout

    def test_of_a_test_that_could_not_do_its_work_is_a_false_negative(
        self, plain_project: Project
    ) -> None:
        repository = Repository(plain_project)
        repository.tested(shop=CODE, test_shop=BROKEN)
        repository.tested(test_shop=RIGHT)

        outcome = repository.doctor("--record")

        assert kind(outcome.record) == ("QA", "QA_FALSE_NEGATIVE")


class TestAnotherFix:
    def test_of_the_code_says_nothing(self, repository: Repository) -> None:
        repository.tested(shop="def total(items): return sum(items) + 1\n")

        outcome = repository.doctor("--record")

        assert "ok       fixes" in outcome.stdout
        assert outcome.record["subcategory"] == "ARCHITECTURE_DRIFT"

    def test_of_both_says_nothing(self, repository: Repository) -> None:
        repository.tested(shop=CODE + "\n", test_shop=RIGHT)

        assert "ok       fixes" in repository.doctor().stdout

    def test_of_another_test_says_nothing(self, repository: Repository) -> None:
        """It passed by itself, then: that is flaky, not fixed."""
        repository.project.write("shop.py", CODE.replace("sum(items)", "4"))
        repository.tested(test_other="def test_other(): pass\n")

        assert "ok       fixes" in repository.doctor().stdout

    def test_without_git_nothing_is_said(self, repository: Repository) -> None:
        repository.tested(test_shop=RIGHT)

        outcome = repository.project.failtrack("doctor", env={"PATH": ""})

        assert "ok       fixes" in outcome.stdout
