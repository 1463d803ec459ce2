"""A run, or a command, asks a shared history by one connection, and closes it (real PostgreSQL)."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from project import Outcome, Project

from pytest_failtrack.history.aliases import NAME, add_aliases
from pytest_failtrack.signature.alias import Alias

psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")

COUNTING = """
    import atexit, json, os
    import psycopg

    opened = []
    connect = psycopg.Connection.connect.__func__

    def counted(kind, *args, **options):
        opened.append(connect(kind, *args, **options))
        return opened[-1]

    def tell():
        with open(os.environ["COUNTED"], "w") as file:
            json.dump([one.closed for one in opened], file)

    psycopg.Connection.connect = classmethod(counted)
    atexit.register(tell)
"""
GREEN = "def test_a(): pass\n"
RED = """
    def test_a():
        assert 1 == 2

    def test_b():
        raise KeyError("customer_id")
"""
ANALYSIS = """
    # 1. What happened
    The export failed.
    ## Impact and consequences
    No orders for an hour.
    # 2. Why did it happen
    A column was renamed.
    # 3. Why was it not prevented
    There is no contract.
    # 4. How is it prevented from happening again
    - both names are read
    ## Tests added
    - tests/test_orders.py::test_columns
    # 5. What do we learn
    - names are a contract
"""
CLOSED_ONCE = [True]


class Shared:
    """A project with a shared history, and how often a process connected to it."""

    def __init__(self, project: Project, url: str) -> None:
        self.project = project
        self._file = project.write("counted.json", "[]")
        self._environ = {
            "FAILTRACK_HISTORY": url,
            "FAILTRACK_REPOSITORY": "shop",
            "COUNTED": str(self._file),
            "PYTHONPATH": str(project.folder),
        }
        project.write("counting.py", COUNTING)
        project.write("pyproject.toml", '[tool.failtrack]\nrepository = "shop"\n')

    def pytest(self, *words: str, build: str) -> Outcome:
        """Run the tests."""
        environ = self._environ | {"FAILTRACK_BUILD": build}
        return self.project.pytest("-p", "counting", *words, env=environ)

    def failtrack(self, *words: str) -> Outcome:
        """Run a command."""
        main = "import counting; from pytest_failtrack.cli.main import main; main()"
        return self.project.run([sys.executable, "-c", main, *words], env=self._environ)

    @property
    def connections(self) -> list[bool]:
        """Whether each connection of the last process was closed when it ended."""
        found: list[bool] = json.loads(Path(self._file).read_text())
        return found


@pytest.fixture
def shared(plain_project: Project, postgres_url: str) -> Shared:
    return Shared(plain_project, postgres_url)


def test_a_green_run(shared: Shared) -> None:
    shared.project.write("test_shop.py", GREEN)

    outcome = shared.pytest(build="1")

    assert (outcome.exit_status, shared.connections) == (0, CLOSED_ONCE), outcome.text


def test_a_run_that_fails_and_reopens(shared: Shared) -> None:
    """The judge, the reopened record, the run document and the snapshot are of one connection."""
    shared.project.write("test_shop.py", RED)
    first = shared.pytest(build="1")
    assert shared.connections == CLOSED_ONCE, first.text
    shared.project.write("rca.md", ANALYSIS)
    fixed = ("--type", "FIX", "--description", "mended", "--commit", "none")
    for words in (("rca", "--file", "rca.md"), ("resolve", *fixed)):
        ended = shared.failtrack("record", first.records[0]["failure_id"], *words, "--by", "ada")
        assert (ended.exit_status, shared.connections) == (0, CLOSED_ONCE), ended.text

    again = shared.pytest(build="2")

    assert shared.connections == CLOSED_ONCE, again.text
    assert [one["from"] for one in again.runs[-1]["reopened"]] == ["RESOLVED"]
    assert "failtrack itself" not in again.text


def test_a_run_whose_reviews_are_signed(shared: Shared) -> None:
    """S0-127: who signed is in the shared history, and is asked there."""
    shared.project.write("test_shop.py", GREEN.replace("pass", "raise ValueError"))
    for build in ("1", "2", "3"):
        run = shared.pytest(build=build)
    third = run.records[-1]["failure_id"]
    items = ("governance-review", "precondition-review", "prevention-verification")
    signed = shared.failtrack("record", third, "sign", *items, "--by", "ada")

    fourth = shared.pytest(build="4")

    assert "verification are due" in " ".join(run.text.split())
    assert (signed.exit_status, shared.connections) == (0, CLOSED_ONCE), signed.text
    assert "its reviews are signed" in " ".join(fourth.text.split()), fourth.text


def test_a_run_that_knows_a_failure_by_an_alias_which_lies_here(
    shared: Shared, tmp_path: Path, postgres_url: str
) -> None:
    """C-6: `signature migrate --write` may have been called before the history was shared."""
    shared.project.write("test_shop.py", GREEN.replace("pass", "raise ValueError"))
    other = shared.pytest(build="0").record
    with psycopg.connect(postgres_url) as connection:
        connection.execute("delete from records; delete from causes; delete from record_keys")
    shutil.rmtree(shared.project.folder / "governance")
    shared.project.write("test_shop.py", GREEN.replace("pass", "raise KeyError('customer_id')"))
    first = shared.pytest(build="1").record
    pair = Alias(first["signature"]["hash"], other["signature"]["hash"], 2)
    add_aliases(shared.project.folder / "governance/events" / NAME, [pair])
    shared.project.write("test_shop.py", GREEN.replace("pass", "raise ValueError"))

    second = shared.pytest(build="2")

    assert shared.connections == CLOSED_ONCE
    assert "REPEAT" in second.stdout, second.text
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("select alias, hash from aliases where tenant_id = 'shop'")
        assert (pair.new, pair.old) in rows.fetchall()


COMMANDS = (
    ("list",),
    ("list", "--since", "1d"),
    ("stats",),
    ("record", "ID", "assign", "@shop"),
    ("record", "ID", "show"),
    ("gate", "--build", "1"),
    ("doctor",),
    ("ingest", "governance/events"),
    ("snapshot",),
    ("run", "--", sys.executable, "-c", "1/0"),
)


def test_commands(shared: Shared) -> None:
    shared.project.write("test_shop.py", RED)
    failure_id = shared.pytest(build="1").records[0]["failure_id"]

    found = {}
    for words in COMMANDS:
        outcome = shared.failtrack(*(failure_id if one == "ID" else one for one in words))
        found[words] = (shared.connections, outcome.exit_status in (0, 1))

    assert found == dict.fromkeys(COMMANDS, (CLOSED_ONCE, True))
