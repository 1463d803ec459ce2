"""A shared history that does not answer is waited for once a run, however much there is to say."""

from __future__ import annotations

import time

import pytest
from project import Project
from test_repeats import resolve_all

from pytest_failtrack.history.postgres import CONNECT_TIMEOUT_SECONDS
from unsteady import door_to

TESTS = 20
ENDED = f"""
    import pytest

    @pytest.mark.parametrize("number", range({TESTS}))
    def test_ended(number):
        raise KeyError("customer_id")
"""


@pytest.fixture
def ended(plain_project: Project) -> Project:
    """A project with 20 records that are RESOLVED, and recur."""
    plain_project.write("test_ended.py", ENDED)
    first = plain_project.pytest(env={"FAILTRACK_BUILD": "1"})
    assert len(first.records) == TESTS
    resolve_all(plain_project)
    return plain_project


def test_records_that_recur_wait_once(ended: Project) -> None:
    """A server that drops packets: what is asked of it gets no answer at all."""
    with door_to(None) as door:
        began = time.monotonic()
        run = ended.pytest(env={"FAILTRACK_BUILD": "2", "FAILTRACK_HISTORY": door.url})
        seconds = time.monotonic() - began

    assert run.exit_status == 1
    assert len(run.records) == 2 * TESTS
    assert door.connections == 1
    assert seconds < 3 * CONNECT_TIMEOUT_SECONDS
    assert run.text.count("cannot be used") == 1, run.text
    assert "FAILTRACK_DEBUG" not in run.text
