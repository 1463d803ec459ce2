"""Every road by which a test run fails ends in a row of `failure_matches` (S2-82, S2-84)."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from project import Project

from pytest_failtrack.history.store import History

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BREAKS = """
    import os
    import pytest

    @pytest.fixture
    def broken():
        raise RuntimeError("setup broke")

    @pytest.fixture
    def broken_later():
        yield
        raise RuntimeError("teardown broke")

    {test}
"""
INTERNAL = """
    def pytest_collection_modifyitems():
        raise RuntimeError("a plugin broke")
"""
# Road: what the test module holds, further files, arguments, and `when` of the record.
ROADS: dict[str, tuple[str, dict[str, str], tuple[str, ...], set[str]]] = {
    "collect": ("def test_a(:\n", {}, (), {"collect"}),
    "import": ("import no_such_module_anywhere\n", {}, (), {"collect", "import"}),
    "setup": ("def test_a(broken): pass", {}, (), {"setup"}),
    "call": ("def test_a(): assert 1 == 2", {}, (), {"call"}),
    "teardown": ("def test_a(broken_later): pass", {}, (), {"teardown"}),
    "crash": ("def test_a(): os.abort()", {}, (), {"call"}),
    "internal error": ("def test_a(): pass", {"conftest.py": INTERNAL}, (), {"session"}),
    "usage error": ("def test_a(): pass", {}, ("no_such_file.py",), {"import", "session"}),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    """What names the history: nothing for the local index."""
    if request.param == "sqlite":
        return {}
    url = request.getfixturevalue("postgres_url")
    return {"FAILTRACK_HISTORY": url, "FAILTRACK_REPOSITORY": "o/r"}


def matches(project: Project, environ: dict[str, str]) -> list[tuple[Any, ...]]:
    """Return id, code, context and catalog entry of every row."""
    index = project.folder / ".failtrack/history.sqlite"
    shared, tenant = environ.get("FAILTRACK_HISTORY", ""), environ.get("FAILTRACK_REPOSITORY", "")
    with closing(History(index, shared=shared, tenant=tenant)) as history:
        history.sync(project.folder / "governance/events/failures")
        return history.ask(
            lambda one: one.rows(
                "select id, error_code, context, catalog_entry_id from failure_matches order by id"
            )
        )


@pytest.mark.parametrize("road", ROADS)
def test_every_road_is_kept(project: Project, environ: dict[str, str], road: str) -> None:
    """S2-82: collect, import, setup, call, teardown, crash, internal error, usage error."""
    test, files, arguments, when = ROADS[road]
    is_whole = road in ("collect", "import")
    project.write("test_it.py", test if is_whole else BREAKS.replace("{test}", test))
    for name, text in files.items():
        project.write(name, text)

    outcome = project.pytest(*arguments, env=environ)
    if road == "crash":
        outcome = project.failtrack("recover", env=environ)

    found = matches(project, environ)
    assert outcome.records, outcome.text
    assert [one[0] for one in found] == sorted(one["failure_id"] for one in outcome.records)
    assert all(one[1] for one in found)
    assert {json.loads(one[2])["when"] for one in found} <= when


def test_the_demo_matches_five_entries_and_more(project: Project, environ: dict[str, str]) -> None:
    """S2-84: distinct catalog entries in failure_matches."""
    shutil.copytree(
        EXAMPLES / "quickstart",
        project.folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("governance", ".failtrack", "__pycache__", "build"),
    )
    (project.folder / "pytest.ini").unlink()

    project.pytest(env=environ)

    assert len({one[3] for one in matches(project, environ)} - {None, ""}) >= 5
