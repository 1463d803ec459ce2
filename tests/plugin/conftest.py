"""Fixtures: a project whose tests run plain, in xdist workers, or in both."""

from __future__ import annotations

from pathlib import Path

import pytest
from project import Project


@pytest.fixture(params=["plain", "xdist"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A project whose tests run plain and in two xdist workers."""
    if request.param == "xdist":
        pytest.importorskip("xdist", reason="pytest-xdist is not installed here")
    return Project(tmp_path, request.param)


@pytest.fixture
def plain_project(tmp_path: Path) -> Project:
    """A project whose tests run in one process."""
    return Project(tmp_path)


@pytest.fixture
def xdist_project(tmp_path: Path) -> Project:
    """A project whose tests run in two xdist workers."""
    pytest.importorskip("xdist", reason="pytest-xdist is not installed here")
    return Project(tmp_path, "xdist")
