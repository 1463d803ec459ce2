"""The same test on the same commit, passed and failed, in real runs: C-20, C-31, S1-116."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from project import Outcome, Project

from pytest_failtrack.classify.blame import blame_of_record

TEST = """
import os

def test_total():
    assert 3 == int(os.environ.get("TOTAL", "3"))

def test_other():
    assert "OTHER" not in os.environ
"""
NODEID = "tests/test_shop.py::test_total"
CI = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.example",
    "GITHUB_REPOSITORY": "shop/shop",
    "GITHUB_WORKFLOW": "CI",
    "GITHUB_JOB": "tests",
    "GITHUB_SHA": "3f2a91c0d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0",
    "GITHUB_REF_NAME": "main",
}
RED = {"TOTAL": "4"}


@pytest.fixture
def shop(plain_project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that is committed as it stands."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    plain_project.write("tests/test_shop.py", TEST)
    plain_project.write("shop.py", "TAX = 19\n")
    git(plain_project, "init", "-q", "-b", "main")
    git(plain_project, "add", "-A")
    git(plain_project, "commit", "-q", "-m", "one")
    return plain_project


def git(project: Project, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(
        ["git", "-C", str(project.folder), *identity, *words], check=True, capture_output=True
    )


def run(project: Project, *args: str, **variables: str) -> Outcome:
    """Run pytest, a moment after whatever was written before it."""
    time.sleep(0.02)
    return project.pytest(*args, env=variables)


def in_ci(project: Project, build: int, *args: str, **variables: str) -> Outcome:
    return run(project, *args, **(CI | {"GITHUB_RUN_ID": str(build)} | variables))


def kind(record: dict[str, Any]) -> tuple[str, float]:
    return record["subcategory"], record["classification"]["confidence"]


def reason(record: dict[str, Any]) -> str:
    """Return the reason that evidence added to the message."""
    return str(record["classification"]["reasons"][1])


def newest(outcome: Outcome) -> dict[str, Any]:
    return outcome.records[-1]


class TestAtTheDesk:
    def test_what_passed_before_without_an_edit_in_between_is_flaky(self, shop: Project) -> None:
        run(shop)

        record = run(shop, **RED).record

        assert kind(record) == ("QA_FALSE_NEGATIVE", 0.6)
        assert reason(record).startswith("It passed on the same commit ")
        assert "in an earlier run, a moment ago, so the change is not" in reason(record)

    @pytest.mark.parametrize("name", ["shop.py", "tests/conftest.py", "rates.py"])
    def test_what_was_edited_since_says_nothing(self, shop: Project, name: str) -> None:
        """A commit does not say what stands in an edited work tree."""
        run(shop)
        time.sleep(0.02)
        shop.write(name, "TAX = 7\n")

        record = run(shop, **RED).record

        assert "same commit" not in " ".join(record["classification"]["reasons"])

    def test_an_edit_that_was_there_then_does_not_matter(self, shop: Project) -> None:
        shop.write("shop.py", "TAX = 7\n")
        run(shop)

        assert kind(run(shop, **RED).record) == ("QA_FALSE_NEGATIVE", 0.6)

    def test_an_edit_that_was_taken_back_since_matters(self, shop: Project) -> None:
        shop.write("shop.py", "TAX = 7\n")
        run(shop)
        time.sleep(0.02)
        git(shop, "checkout", "-q", "shop.py")

        assert kind(run(shop, **RED).record) == ("ARCHITECTURE_DRIFT", 0.4)

    def test_another_commit_says_nothing(self, shop: Project) -> None:
        run(shop)
        git(shop, "commit", "-q", "--allow-empty", "-m", "two")

        assert kind(run(shop, **RED).record)[0] == "ARCHITECTURE_DRIFT"

    def test_what_fails_again_in_the_same_way_is_no_chance(self, shop: Project) -> None:
        first = kind(run(shop, **RED).record)

        record = newest(run(shop, **RED))

        assert (first[1], kind(record)) == (0.4, ("ARCHITECTURE_DRIFT", 0.5))
        assert "It failed in the same way on the same commit" in reason(record)

    def test_what_failed_and_passed_and_fails_is_flaky_for_sure(self, shop: Project) -> None:
        run(shop, **RED)
        run(shop)

        assert kind(newest(run(shop, **RED))) == ("QA_FALSE_NEGATIVE", 0.7)

    def test_it_is_known_though_another_test_of_the_file_failed(self, shop: Project) -> None:
        run(shop, OTHER="1")

        records = run(shop, OTHER="1", **RED).records
        now = [one for one in records if one["test"]["nodeid"] == NODEID]

        assert [kind(one)[0] for one in now] == ["QA_FALSE_NEGATIVE"]

    def test_a_run_of_another_test_of_the_file_says_nothing(self, shop: Project) -> None:
        run(shop, "tests/test_shop.py::test_other")

        record = run(shop, NODEID, **RED).record

        assert "same commit" not in " ".join(record["classification"]["reasons"])

    def test_the_gate_counts_it_all_the_same(self, shop: Project) -> None:
        """C-33: a test that failed in the end has failed, whatever it did before."""
        run(shop)
        run(shop, **RED)

        assert shop.failtrack("gate").exit_status == 1


class TestInCi:
    def test_the_build_in_which_it_passed_is_named(self, shop: Project) -> None:
        in_ci(shop, 512)
        shop.write("build/stamp.py", "made = 'by the build'\n")

        record = in_ci(shop, 513, **RED).record

        assert kind(record) == ("QA_FALSE_NEGATIVE", 0.6)
        assert "passed on the same commit 3f2a91c in build 512, a moment ago" in reason(record)

    def test_another_attempt_of_the_build_is_called_so(self, shop: Project) -> None:
        in_ci(shop, 512, **RED)
        green = in_ci(shop, 512, GITHUB_RUN_ATTEMPT="2")
        assert green.exit_status == 0

        record = newest(in_ci(shop, 512, GITHUB_RUN_ATTEMPT="3", **RED))

        assert kind(record) == ("QA_FALSE_NEGATIVE", 0.7)
        assert "in another run of this build" in reason(record)

    def test_another_leg_moves_nothing_and_is_told(self, shop: Project) -> None:
        in_ci(shop, 512, "--failtrack-job=tests", TOX_ENV_NAME="windows")

        record = in_ci(shop, 512, **RED).record

        assert kind(record)[0] == "ARCHITECTURE_DRIFT"
        assert "in another run of this build, a moment ago, in leg " in reason(record)
        assert "-windows" in reason(record)

    def test_infrastructure_stays_infrastructure(self, shop: Project) -> None:
        shop.write(
            "tests/test_shop.py",
            """
            import os, socket

            def test_total():
                if "TOTAL" in os.environ:
                    with socket.socket() as free:
                        free.bind(("127.0.0.1", 0))
                        port = free.getsockname()[1]
                    socket.create_connection(("127.0.0.1", port))
            """,
        )
        in_ci(shop, 512)

        record = in_ci(shop, 513, **RED).record

        assert record["category"] == "INFRA"
        assert "It passed on the same commit 3f2a91c in build 512" in reason(record)

    def test_up_and_down_over_commits_is_flaky(self, shop: Project) -> None:
        for build, total in enumerate("43434", start=1):
            outcome = in_ci(shop, build, GITHUB_SHA=f"{build}" * 40, TOTAL=total)

        record = newest(outcome)

        assert kind(record) == ("QA_FALSE_NEGATIVE", 0.55)
        assert "In the last 5 builds it failed 2 times after it had passed" in reason(record)

    def test_up_and_down_at_the_desk_is_somebody_at_work(self, shop: Project) -> None:
        for at, total in enumerate("43434"):
            shop.write("shop.py", f"TAX = {at}\n")
            outcome = run(shop, TOTAL=total)

        assert "after it had passed" not in " ".join(newest(outcome)["classification"]["reasons"])


class TestInOneRun:
    """Flaky verdict from reruns in a run."""

    def test_what_passed_when_it_was_run_again_is_flaky(self, plain_project: Project) -> None:
        pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed")
        plain_project.plugins = ("rerunfailures",)
        plain_project.write(
            "test_shop.py",
            """
            import itertools

            count = itertools.count()

            def test_total():
                assert next(count) > 0
            """,
        )

        record = plain_project.pytest("--reruns=2").record

        assert record["test"]["outcome"] == "flaky"
        assert kind(record) == ("QA_FALSE_NEGATIVE", 0.6)
        assert blame_of_record(record) == "flaky"
        assert record["classification"]["reasons"][0] == (
            "The test failed and passed when it was run again, without any change."
        )

    def test_triage_says_so_of_the_retries_of_surefire(self, plain_project: Project) -> None:
        problem = """message="expected 1" type="java.lang.AssertionError"><stackTrace>
            java.lang.AssertionError: expected 1
            \tat com.shop.TotalTest.total(TotalTest.java:10)</stackTrace>"""
        plain_project.write(
            "report.xml",
            f"""
            <testsuite name="com.shop.TotalTest" tests="2">
              <testcase name="total" classname="com.shop.TotalTest">
                <flakyFailure {problem}</flakyFailure>
              </testcase>
              <testcase name="tax" classname="com.shop.TotalTest">
                <failure message="expected 2" type="java.lang.AssertionError">x</failure>
                <rerunFailure {problem}</rerunFailure>
              </testcase>
            </testsuite>
            """,
        )

        found = json.loads(plain_project.failtrack("triage", "--json", "report.xml").stdout)

        assert [(one["nodeid"], one["outcome"], one["blame"]) for one in found["failures"]] == [
            ("com.shop.TotalTest::total", "flaky", "flaky"),
            ("com.shop.TotalTest::tax", "rerun", "product"),
            ("com.shop.TotalTest::tax", "failed", "product"),
        ]


class TestOrder:
    def test_a_random_one_is_kept_and_told(self, shop: Project) -> None:
        pytest.importorskip("pytest_randomly", reason="pytest-randomly is not installed")
        shuffled = Project(shop.folder, plugins=["pytest_randomly"])

        outcome = shuffled.run(random_command(shuffled, 7), env=RED)

        assert outcome.run["environment"]["order"] == "--randomly-seed=7"
        assert outcome.record["classification"]["reasons"][-1] == (
            "Tests ran in random order: `pytest --randomly-seed=7` repeats it."
        )

    def test_in_which_it_passed_and_failed_names_both(self, shop: Project) -> None:
        pytest.importorskip("pytest_randomly", reason="pytest-randomly is not installed")
        shuffled = Project(shop.folder, plugins=["pytest_randomly"])
        time.sleep(0.02)
        shuffled.run(random_command(shuffled, 3))

        record = shuffled.run(random_command(shuffled, 7), env=RED).record

        assert kind(record) == ("INTEGRATION_DEPENDENCY_ORDER", 0.55)
        assert "`pytest --randomly-seed=7` repeats the order in which it failed" in reason(record)

    def test_matters_to_what_passes_alone_and_fails_after_another(self, shop: Project) -> None:
        shop.write(
            "tests/test_shop.py",
            """
            cart = []

            def test_other():
                cart.append(1)

            def test_total():
                assert cart == []
            """,
        )
        alone = run(shop, NODEID)

        record = run(shop).record

        assert alone.exit_status == 0
        assert kind(record) == ("INTEGRATION_DEPENDENCY_ORDER", 0.55)
        assert "in a run of 1 test instead of 2: it may depend on the others" in reason(record)
        assert "tests/test_shop.py::test_other ran right before it" in reason(record)

    @pytest.mark.parametrize(
        ("plugin", "options"),
        [("pytest_rerunfailures", ("--reruns", "2")), ("xdist", ("-n", "1"))],
        ids=["reruns", "worker"],
    )
    def test_names_what_ran_before_in_the_same_process(
        self, shop: Project, plugin: str, options: tuple[str, ...]
    ) -> None:
        """A test that is run again ran before itself; that says nothing of the order."""
        pytest.importorskip(plugin, reason=f"{plugin} is not installed")
        shop.write(
            "tests/test_shop.py",
            """
            cart = []

            def test_first(): pass

            def test_other():
                cart.append(1)

            def test_total():
                assert cart == []

            def test_wrong():
                assert cart == 3
            """,
        )
        plugged = Project(shop.folder, plugins=[plugin])
        run(plugged, *options, NODEID)

        (record,) = (
            one
            for one in run(plugged, *options).records
            if one["test"]["nodeid"] == NODEID and one["test"]["outcome"] == "failed"
        )

        assert "tests/test_shop.py::test_other ran right before it" in reason(record)

    def test_of_workers_is_nobodys(self, shop: Project) -> None:
        pytest.importorskip("xdist", reason="pytest-xdist is not installed")
        shared = Project(shop.folder, "xdist")

        assert run(shared).run["environment"]["workers"] == 2


class TestWhatIsBroken:
    @pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"x" * 99])
    def test_an_index_that_cannot_be_used_costs_no_evidence(
        self, shop: Project, content: bytes
    ) -> None:
        run(shop)
        index = shop.folder / ".failtrack/history.sqlite"
        index.parent.mkdir(exist_ok=True)
        index.write_bytes(content)

        assert kind(run(shop, **RED).record) == ("QA_FALSE_NEGATIVE", 0.6)

    def test_without_git_a_dirty_tree_cannot_be_told(self, shop: Project, tmp_path: Path) -> None:
        run(shop)
        empty = tmp_path / "empty"
        empty.mkdir()

        record = run(shop, PATH=str(empty), **RED).record

        assert kind(record) == ("ARCHITECTURE_DRIFT", 0.4)


def random_command(project: Project, seed: int) -> list[str]:
    """Return the command of a run in random order."""
    words = ["-p", "failtrack", "-p", "randomly", "-p", "no:cacheprovider", "--failtrack"]
    return [sys.executable, "-m", "pytest", *words, f"--randomly-seed={seed}"]
