"""How a process that pytest runs in begins to be tracked: the session itself or an xdist worker."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import pytest

from pytest_failtrack import config as configuration
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.extensions import Extensions
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.tracking.tracker import Tracker

PLUGIN_NAME = "failtrack-session"


def start(config: pytest.Config, names: Sequence[str]) -> Tracker | None:
    """Begin to track this process; never raises.

    Args:
        config: pytest's configuration, before conftests are loaded.
        names: Names of the options that are also settings.

    Returns:
        The tracker, None when even that could not be made.
    """
    try:
        return _start(config, names)
    except Exception as error:
        if os.environ.get("FAILTRACK_DEBUG"):
            raise
        print(
            f"failtrack: this run is not tracked: {type(error).__name__}: {error}", file=sys.stderr
        )
        return None


def _start(config: pytest.Config, names: Sequence[str]) -> Tracker:
    known = config.known_args_namespace
    options = {name: getattr(known, f"failtrack_{name}", None) or "" for name in names}
    ini = {name: str(config.getini(f"failtrack_{name}")) for name in names}
    cwd = config.invocation_params.dir
    problem = ""
    try:
        settings = configuration.load(options, ini=ini, root=config.rootpath, cwd=cwd)
    except ConfigError as error:
        problem = f"{error}; the defaults are used, and `failtrack gate` will refuse (exit 2)"
        settings = configuration.load(options, ini=ini, root=config.rootpath, cwd=cwd, table={})
    problems: list[str] = []
    builtin = Redactor.of(settings.table)
    extensions = Extensions(config.pluginmanager.hook, problems, builtin, config.rootpath)
    extensions.load(config.pluginmanager)
    clean = builtin.followed_by(extensions.redact)
    settings = settings.redacted(clean)
    worker = _worker_id()
    tracker = Tracker(settings, clean, worker, problems)
    tracker.problem(problem)
    if worker:
        from pytest_failtrack.tracking.worker import WorkerStart

        config.pluginmanager.register(WorkerStart(tracker, extensions), PLUGIN_NAME)
    else:
        from pytest_failtrack.tracking.session import Session

        session = Session(tracker, config, extensions)
        config.pluginmanager.register(session, PLUGIN_NAME)
        config.add_cleanup(session.on_cleanup)
    return tracker


def _worker_id() -> str:
    """Return the id of the xdist worker that this process is, `` for none."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        from pytest_failtrack.tracking.worker import is_worker

        return worker if is_worker() else ""
    return ""
