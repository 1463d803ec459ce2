"""The plugin's door into pytest: options, ini keys and markers; asleep until it is switched on.

Nothing else is imported here: a run that is not tracked pays for this file alone. Nobody imports
this file.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

# option and ini key `failtrack_<name>`: help
OPTIONS = {
    "dir": "folder of the evidence files (default: governance/events/failures)",
    "state": "folder of local state: journals and index (default: .failtrack)",
    "job": "job name in signatures (default: what the CI says)",
    "step": "step name in signatures",
    "workflow": "workflow name in signatures (default: what the CI says)",
    "build": "build id (default: the CI's run id, else a fresh local one)",
    "leg": "leg of a CI matrix (default: Python version and platform)",
    "history": "history index or database (default: the index in the state folder)",
}
MARKERS = (
    "failtrack_debt(owner=None, ticket=None, until=None, reason=None): who pays back a skip or "
    "xfail, where that is planned, and until which day (YYYY-MM-DD) it is accepted.",
    "component(name): the part of the product that a test belongs to.",
    "requirement(*ids): the requirements that a test proves.",
)
ON = {"1", "true", "yes", "on"}


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Make the hooks known with which others extend us, so that they may stand in a conftest."""
    from pytest_failtrack import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--failtrack` and the words that go with it."""
    group = parser.getgroup("failtrack", "failtrack: root causes instead of failures")
    group.addoption(
        "--failtrack",
        action="store_true",
        default=False,
        help="record failures, name their causes, and say whether they are new (also FAILTRACK=1, "
        "or the ini key `failtrack`)",
    )
    parser.addini("failtrack", "switch failtrack on", type="bool", default=False)
    for name, text in OPTIONS.items():
        metavar = "DIR" if name in ("dir", "state") else name.upper()
        group.addoption(f"--failtrack-{name}", metavar=metavar, default=None, help=text)
        parser.addini(f"failtrack_{name}", text, default="")
    parser.addini(
        "failtrack_patterns",
        "what the fixture pattern_guard finds fails the test (default: it is a warning)",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, tracked or not, so that `--strict-markers` knows them."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Wake the tracking of this process, before the first conftest can fail."""
    if not is_enabled(early_config):
        return (yield)
    from pytest_failtrack.tracking.plain_imports import import_plainly

    early_config.add_cleanup(import_plainly())
    from pytest_failtrack.record.loading import gc_paused

    with gc_paused():
        from pytest_failtrack.tracking.start import start

        tracker = start(early_config, tuple(OPTIONS))
    try:
        return (yield)
    except BaseException as error:
        if tracker is not None:
            tracker.saw_session_error(error, "import")
        raise


def is_enabled(config: pytest.Config) -> bool:
    """Return whether this run is tracked: by option, addopts, `FAILTRACK=1` or ini key."""
    if getattr(config.known_args_namespace, "failtrack", False):
        return True
    if os.environ.get("FAILTRACK", "").strip().lower() in ON:
        return True
    return bool(config.getini("failtrack"))


@pytest.fixture
def pattern_guard(request: pytest.FixtureRequest) -> Any:
    """Hold values to PV-001, PV-002 and PV-003: `pattern_guard.check_event_type(event.type)`.

    Also `check_content_ref(value)` and `check_halt_guard(service)`. A broken pattern is a warning,
    with the ini key `failtrack_patterns` a failure.
    """
    from pytest_failtrack.pattern_guard import PatternGuard

    config = request.config
    return PatternGuard(str(config.rootpath), fails=config.getini("failtrack_patterns"))
