"""A plugin that tells what became of each test; `preconditions.py` copies it beside a pytest run.

It is loaded by the project's own Python, which need not have us installed: the standard library
alone is imported, and no test's outcome is changed.
"""

import json
import os
import sys
from typing import Any

TEXT_MAX_CHARS = 300


def _tell(**event: Any) -> None:
    with open(os.environ["FAILTRACK_OUTCOMES"], "a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")


def pytest_sessionstart() -> None:
    """Tell that pytest could start."""
    _tell(nodeid="", when="session", outcome="started")


def pytest_itemcollected(item: Any) -> None:
    """Tell that a test is there."""
    _tell(nodeid=item.nodeid, when="found", outcome="found")


def pytest_collectreport(report: Any) -> None:
    """Tell what could not be collected."""
    if report.failed:
        text = str(report.longrepr)
        _tell(nodeid=report.nodeid, when="collect", outcome="failed", text=_last_line(text))


def pytest_runtest_logreport(report: Any) -> None:
    """Tell what became of one phase of a test."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(getattr(crash, "message", "")).partition("\n")[0]
    _tell(
        nodeid=report.nodeid,
        when=report.when,
        outcome=report.outcome,
        is_xfail=hasattr(report, "wasxfail"),
        text=text[:TEXT_MAX_CHARS],
    )


def pytest_sessionfinish() -> None:
    """Tell which modules came from the tree, although its copy holds them."""
    tree = os.environ.get("FAILTRACK_TREE", "")
    copy = os.environ.get("FAILTRACK_COPY", "")
    if not tree or not copy:
        return
    found = set()
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.startswith(tree + os.sep):
            path = file[len(tree) + 1 :]
            if not file.startswith(copy + os.sep) and os.path.exists(os.path.join(copy, path)):
                found.add(path)
    if found:
        _tell(nodeid="", when="foreign", outcome="found", text=sorted(found)[0])


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("E ")] or lines[-1:]
    return (told[-1].removeprefix("E ").strip() if told else "")[:TEXT_MAX_CHARS]
