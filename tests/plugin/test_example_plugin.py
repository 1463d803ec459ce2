"""`examples/plugin`: installed as a stranger installs it, every hook of it seen at work."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from project import Outcome, Project

from pytest_failtrack import hookspecs
from pytest_failtrack.classify.amend import FIELDS
from pytest_failtrack.extensions import HOOKS, PREFIX
from pytest_failtrack.policy.digest import Digest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/plugin"
CUSTOMER = "CUST-204417"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distribution in it, installed by pip without a network."""
    for needed in ("pip", "hatchling"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"the example is built and installed with {needed}")
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLE, folder / "source")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-index", "--no-build-isolation", "--no-compile"]
    done = subprocess.run(
        [*command, "--target", str(folder / "site"), str(folder / "source")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture
def environ(site: Path, tmp_path: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(site), "SHOP_DASHBOARD": str(tmp_path / "dashboard.jsonl")}


def sell(project: Project, service: str, environ: dict[str, str]) -> Outcome:
    """Run a shop in which one service fails with a code that only the plugin knows."""
    project.write("pytest.ini", "[pytest]\npythonpath = src\n")
    for package in ("shop", "shop/payment"):
        project.write(f"src/{package}/__init__.py", "")
    project.write(
        f"src/shop/{service}.py",
        f"""
        def reserve():
            print("reserving for {CUSTOMER}")
            raise RuntimeError("SHOP-4711: no answer while selling to {CUSTOMER}")
        """,
    )
    project.write(
        "test_shop.py",
        f"""
        import pytest
        from shop.{service.replace("/", ".")} import reserve

        @pytest.mark.parametrize("customer", ["{CUSTOMER}"])
        def test_sells(customer):
            reserve()
        """,
    )
    return project.pytest(env=environ)


def test_classifies_names_the_owner_redacts_and_reports(
    project: Project, environ: dict[str, str], tmp_path: Path
) -> None:
    """A distribution that uses every hook, plain and in workers."""
    outcome = sell(project, "stock", environ)

    record = outcome.record
    assert outcome.exit_status == 1
    assert outcome.run["problems"] == []

    classification = record["classification"]
    assert (record["category"], record["subcategory"]) == ("INFRA", "INFRA_NETWORK")
    assert classification["failure_type"] == "infrastructure"
    assert classification["is_retryable"] is True
    assert classification["recovery_suggestion"].startswith("Look at the status page")
    assert classification["reasons"] == ["SHOP-4711: the stock service did not answer in time."]

    assert record["metadata"]["owner"] == "@logistics-team"
    assert "owner @logistics-team" in outcome.stdout

    assert "selling to [redacted:customer]" in record["failure_description"]["error_message"]
    assert record["test"]["nodeid"] == "test_shop.py::test_sells[[redacted:customer]]"

    assert "shop: 1 failures for @logistics-team" in outcome.stdout
    (line,) = (tmp_path / "dashboard.jsonl").read_text(encoding="utf-8").splitlines()
    said = json.loads(line)
    assert (said["build"], said["failures"]) == (record["build_id"], 1)
    assert list(said["causes"]) == [record["test"]["cause_id"]]


def test_lets_no_customer_number_reach_the_disk(project: Project, environ: dict[str, str]) -> None:
    sell(project, "stock", environ)

    written = [
        path
        for folder in ("governance", ".failtrack")
        for path in (project.folder / folder).rglob("*")
        if path.is_file()
    ]
    assert len(written) >= 3
    assert [path for path in written if CUSTOMER.encode() in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("service", "exit_code", "line"),
    [
        ("stock", 75, "ok      payment"),
        ("payment/card", 1, "FAILED  payment"),
    ],
)
def test_adds_a_rule_to_the_gate(
    plain_project: Project, environ: dict[str, str], service: str, exit_code: int, line: str
) -> None:
    """The network alone ends with 75; where money is moved, the plugin's rule closes the gate."""
    sell(plain_project, service, environ)

    verdict = plain_project.failtrack("gate", "--explain", env=environ)

    assert verdict.exit_status == exit_code, verdict.text
    assert line in verdict.stdout


def test_without_it_the_gate_knows_no_such_rule(
    plain_project: Project, environ: dict[str, str]
) -> None:
    sell(plain_project, "payment/card", environ)

    verdict = plain_project.failtrack("gate", "--explain")

    assert verdict.exit_status == 75, verdict.text
    assert "payment  " not in verdict.stdout


def test_speaks_for_a_command_as_well(plain_project: Project, environ: dict[str, str]) -> None:
    """`failtrack run` asks the same distribution."""
    script = plain_project.write(
        "import_customers.py", f"raise SystemExit('ERROR: {CUSTOMER} is in no country')"
    )

    outcome = plain_project.failtrack("run", "--", sys.executable, script.name, env=environ)

    assert outcome.exit_status == 1
    assert "[redacted:customer] is in no country" in json.dumps(outcome.record)
    assert CUSTOMER not in json.dumps([outcome.records, outcome.runs])
    assert CUSTOMER in outcome.stderr  # what the command prints is its own
    assert "shop: 1 failures for" in outcome.stdout


def test_uses_every_hook_that_exists() -> None:
    source = (EXAMPLE / "src/failtrack_shop/hooks.py").read_text(encoding="utf-8")

    assert [name for name in HOOKS if f"\ndef {PREFIX}{name}(" not in source] == []


class TestTheDocumentation:
    PAGE = (ROOT / "docs/extending.md").read_text(encoding="utf-8")

    def test_has_every_hook_with_its_arguments(self) -> None:
        documented = re.findall(r"^\| `(pytest_failtrack_\w+\(.*?\))` \|", self.PAGE, re.MULTILINE)

        functions = [getattr(hookspecs, PREFIX + name) for name in HOOKS]
        signatures = [", ".join(inspect.signature(one).parameters) for one in functions]
        assert documented == [
            f"{PREFIX}{name}({arguments})"
            for name, arguments in zip(HOOKS, signatures, strict=True)
        ]
        assert sorted(HOOKS) == sorted(
            name.removeprefix(PREFIX) for name in vars(hookspecs) if name.startswith(PREFIX)
        )

    def test_has_every_field_that_a_classification_may_say(self) -> None:
        table = self.PAGE.partition("## What a classification may say")[2].partition("\n## ")[0]

        assert set(FIELDS) - set(re.findall(r"`(\w+)`", table)) == set()

    def test_shows_a_conftest_that_works(self, plain_project: Project) -> None:
        (text,) = re.findall(r"```python\n# conftest.py\n(.*?)```", self.PAGE, re.DOTALL)
        plain_project.write("conftest.py", text)
        plain_project.write("pytest.ini", "[pytest]\nmarkers = payment\n")
        plain_project.write(
            "test_pays.py",
            f"""
            import pytest

            @pytest.mark.payment
            def test_pays():
                raise RuntimeError("refused for {CUSTOMER}")
            """,
        )

        outcome = plain_project.pytest()

        assert outcome.record["metadata"]["owner"] == "@payment-team"
        assert outcome.record["failure_description"]["error_message"].endswith(
            "refused for [redacted:customer]"
        )
        assert outcome.run["problems"] == []

    def test_shows_a_rule_that_works(self) -> None:
        (text,) = re.findall(r"```python\n(def .*?)```", self.PAGE, re.DOTALL)
        rules: dict[str, Any] = {}
        exec(text, rules)

        assert rules["pytest_failtrack_gate_rule"]([Digest("1")]) == {
            "name": "payment",
            "passed": True,
            "saw": "no failure in payment code",
            "limit": "none",
        }
